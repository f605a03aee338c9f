//! A delivery that dies anywhere is delivered again by a new process, and nobody can tell.

use crate::support::points::{Points, Run};
use crate::support::scenes::{SCENES, Scene};
use crate::support::shape::{Shape, shapes};
use crate::support::world::{Event, STACK, World};
use local_cloud::Settings;
use provider::record::{RecordKey, Records};
use serde_json::Value;
use std::time::Duration;

/// What is there, and on record, after a request and after the Delete that follows it.
#[derive(Debug, PartialEq)]
struct End {
    answer: Value,
    shapes: Vec<Shape>,
    ledger: Value,
    after_delete: Vec<Shape>,
}

async fn end(world: &World, event: &Event) -> End {
    let answer = world.s3.answer_to(&event.request_id).expect("an answer");
    let key = RecordKey::new(STACK, "Share");
    let ledger = world.records.get(&key).await.unwrap().map(|record| record.ledger).unwrap_or_default();
    let shapes_now = shapes(world);
    let id = answer.physical_id().to_owned();
    if event.json["RequestType"] == "Update" && id != event.json["PhysicalResourceId"] {
        let old = event.json["PhysicalResourceId"].as_str().unwrap();
        assert!(world.delete(old, "Share").await.is_success());
    }
    assert!(world.delete(&id, "Share").await.is_success());
    End { answer: answer.json, shapes: shapes_now, ledger, after_delete: shapes(world) }
}

/// The points at which the delivery was stopped.
async fn survives_every_crash(scene: Scene, settings: &Settings, retry_after: Duration) -> usize {
    let world = World::with(settings.clone());
    let event = scene.set(&world).await;
    let whole = Points::default();
    world.deliver_to(&world.process(&whole, &[]), &event).await.unwrap();
    let expected = end(&world, &event).await;
    assert_eq!(expected.answer["Status"], "SUCCESS", "{scene:?}: {:?}", world.s3.answers());
    let places = whole.that_differ();
    for at in places.iter().copied() {
        let world = World::with(settings.clone());
        let event = scene.set(&world).await;
        let points = Points::dead_at(at);
        let process = world.process(&points, &[]);
        let run = points.until_stopped(world.deliver_to(&process, &event)).await;
        assert!(matches!(run, Run::Stopped), "{scene:?} has no point {at}");
        tokio::time::advance(retry_after).await;
        world.deliver_anew(&event).await.unwrap();
        let found = end(&world, &event).await;
        assert_eq!(found, expected, "{scene:?}, died {}, point {at}", points.last());
    }
    places.len()
}

fn slow() -> Settings {
    let mut settings = Settings::default();
    let times = &mut settings.ram.times;
    times.share_pending = Duration::from_millis(400);
    times.share_deleting = Duration::from_secs(3);
    times.associate_resource = Duration::from_millis(1_500);
    times.associate_account = Duration::from_secs(2);
    times.disassociate_resource = Duration::from_millis(2_500);
    times.disassociate_principal = Duration::from_secs(1);
    settings
}

/// Enough to meet every step; the others differ in the decision alone.
const SOME: [Scene; 4] = [Scene::Create, Scene::SwapMembers, Scene::ReplaceByAttachment, Scene::GiveBack];

async fn survive(scenes: &[Scene], settings: &Settings, retry_after: Duration) {
    for scene in scenes.iter().copied() {
        let points = survives_every_crash(scene, settings, retry_after).await;
        assert!(points >= 6, "{scene:?} has {points} points only");
    }
}

#[tokio::test(start_paused = true)]
async fn a_delivery_that_dies_anywhere_ends_as_if_it_had_not() {
    survive(&SCENES[..8], &Settings::default(), Duration::from_secs(60)).await;
}

#[tokio::test(start_paused = true)]
async fn a_delivery_that_dies_anywhere_ends_as_if_it_had_not_the_other_requests() {
    survive(&SCENES[8..], &Settings::default(), Duration::from_secs(60)).await;
}

#[tokio::test(start_paused = true)]
async fn a_delivery_that_dies_while_ram_is_at_work_ends_as_if_it_had_not() {
    survive(&SOME, &slow(), Duration::from_millis(100)).await;
}

#[tokio::test(start_paused = true)]
async fn a_delivery_that_dies_ends_as_if_it_had_not_where_tokens_are_forgotten_and_pages_are_empty() {
    let mut settings = slow();
    settings.ram.times.token_life = Duration::ZERO;
    settings.pages.empty_first_page = true;
    survive(&SOME, &settings, Duration::from_secs(60)).await;
}
