//! Answers of RAM that are lost, and requests that are delivered more than once.

use crate::support::points::{Points, Run};
use crate::support::scenes::{SCENES, Scene};
use crate::support::shape::{Shape, shapes};
use crate::support::world::{Event, World};
use futures_util::future::{join, join_all};
use local_cloud::Settings;
use local_cloud::fault::{FaultKind, FaultRule};
use serde_json::json;
use std::time::Duration;

const WRITES: [&str; 7] = [
    "CreateResourceShare",
    "AssociateResourceShare",
    "DisassociateResourceShare",
    "UpdateResourceShare",
    "DeleteResourceShare",
    "TagResource",
    "UntagResource",
];

async fn after(scene: Scene, prepare: impl FnOnce(&World)) -> (World, Event, Vec<Shape>) {
    let world = World::new();
    let event = scene.set(&world).await;
    prepare(&world);
    world.deliver(&event).await.unwrap();
    let found = shapes(&world);
    (world, event, found)
}

fn lost(operation: &str, from: u32, times: Option<u32>) -> FaultRule {
    FaultRule { after_calls: from, times, ..FaultRule::always("ram", operation, FaultKind::LostAnswer) }
}

/// The writes of a request to which nothing happens, and how often it makes each; and what is there afterwards.
async fn undisturbed(scene: Scene) -> (Vec<(&'static str, u32)>, Vec<Shape>) {
    let mut mark = 0;
    let (world, _, found) = after(scene, |world| mark = world.mark()).await;
    let called = world.operations_since(mark);
    let count = |name: &str| called.iter().map(|operation| u32::from(operation == name)).sum();
    let counted = WRITES.into_iter().map(|name| (name, count(name)));
    (counted.filter(|(_, times)| *times > 0).collect(), found)
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_lost_once_after_any_write_changes_nothing() {
    for scene in SCENES {
        let (writes, expected) = undisturbed(scene).await;
        for (operation, times) in writes {
            for nth in 0..times {
                let fault = |world: &World| world.cloud().add_fault(lost(operation, nth, Some(1)));
                let (world, event, found) = after(scene, fault).await;
                let answer = world.s3.answer_to(&event.request_id).unwrap();
                assert!(answer.is_success(), "{scene:?} {operation} {nth}: {}", answer.reason());
                assert_eq!(found, expected, "{scene:?} {operation} {nth}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_whose_answers_stay_lost_fails_and_leaves_nothing() {
    for scene in [Scene::Create, Scene::Attach, Scene::Adopt] {
        for (operation, _) in undisturbed(scene).await.0 {
            let mut before = Vec::new();
            let fault = |world: &World| {
                before = shapes(world);
                world.cloud().add_fault(lost(operation, 0, None));
            };
            let (world, event, _) = after(scene, fault).await;
            let answer = world.s3.answer_to(&event.request_id).unwrap();
            world.cloud().clear_faults();
            // RAM does not hang for ever: what it did not hear of in time is redelivered, or deleted.
            world.deliver_anew(&event).await.unwrap();
            assert_eq!(world.s3.answer_to(&event.request_id), Some(answer.clone()));
            if !answer.is_success() {
                let none = format!("license-config-share/none/{}", event.request_id);
                assert_eq!(answer.physical_id(), none, "{scene:?} {operation}");
                assert_eq!(shapes(&world), before, "{scene:?} {operation}, redelivered");
            }
            assert!(world.delete(answer.physical_id(), "Share").await.is_success());
            assert_eq!(shapes(&world), before, "{scene:?} {operation}, deleted");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_whose_answers_stay_lost_fails_and_its_delete_finds_what_it_made() {
    let world = World::new();
    let create = Scene::Create.set(&world).await;
    let before = shapes(&world);
    world.cloud().add_fault(lost("CreateResourceShare", 0, None));
    world.cloud().add_fault(FaultRule::always("ram", "GetResourceShares", FaultKind::Reset));
    let answer = world.answer(&create).await;
    assert!(!answer.is_success());
    assert_eq!(shapes(&world).len(), before.len() + 1, "nothing could be taken back");
    world.cloud().clear_faults();
    let deleted = world.delete(answer.physical_id(), "Share").await;
    assert!(deleted.is_success(), "{}", deleted.reason());
    assert_eq!(shapes(&world), before);
}

fn slow() -> Settings {
    let mut settings = Settings::default();
    let times = &mut settings.ram.times;
    times.share_pending = Duration::from_millis(700);
    times.associate_resource = Duration::from_millis(1_500);
    times.associate_account = Duration::from_secs(2);
    times.disassociate_resource = Duration::from_millis(2_500);
    settings
}

/// Two deliveries at once, the second `later`, each AWS call of the first taking `latency`.
async fn twice_at_once(scene: Scene, settings: &Settings, later: Duration, latency: Duration) {
    let reference = World::with(settings.clone());
    let event = scene.set(&reference).await;
    assert!(reference.answer(&event).await.is_success());
    let world = World::with(settings.clone());
    let event = scene.set(&world).await;
    let slow = FaultRule { times: Some(3), ..FaultRule::always("ram", "*", FaultKind::Latency(latency)) };
    world.cloud().add_fault(slow);
    let second = async {
        tokio::time::sleep(later).await;
        world.deliver_anew(&event).await.unwrap();
    };
    let (first, ()) = join(world.deliver(&event), second).await;
    first.unwrap();
    let answers: Vec<_> =
        world.s3.answers().into_iter().filter(|a| a.request_id == event.request_id).collect();
    assert_eq!(answers.len(), 2, "{scene:?} {later:?} {latency:?}");
    let answer = world.s3.answer_to(&event.request_id).unwrap();
    assert!(answer.is_success(), "{scene:?} {later:?} {latency:?}: {}", answer.reason());
    assert_eq!(shapes(&world), shapes(&reference), "{scene:?} {later:?} {latency:?}");
}

#[tokio::test(start_paused = true)]
async fn two_deliveries_at_once_make_one_share_and_one_answer() {
    for scene in SCENES {
        for later in [0, 400, 1_900] {
            for latency in [300] {
                let (later, latency) = (Duration::from_millis(later), Duration::from_millis(latency));
                twice_at_once(scene, &slow(), later, latency).await;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn two_deliveries_that_interleave_anywhere_make_one_share_and_one_answer() {
    for scene in [Scene::Create, Scene::Attach, Scene::SwapMembers] {
        for at in scene.points(&World::new()).await {
            let world = World::new();
            let event = scene.set(&world).await;
            let points = Points::held_at(at);
            let process = world.process(&points, &[]);
            let mut first = Box::pin(world.deliver_to(&process, &event));
            let run = points.until_stopped(&mut first).await;
            assert!(matches!(run, Run::Stopped), "{scene:?} has no point {at}: {run:?}");
            world.deliver_anew(&event).await.unwrap();
            let expected = shapes(&world);
            points.release();
            first.await.unwrap();
            assert!(world.s3.answer_to(&event.request_id).unwrap().is_success());
            assert_eq!(shapes(&world), expected, "{scene:?} held {} (point {at})", points.last());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn five_deliveries_at_once_make_one_share() {
    let world = World::with(slow());
    let event = Scene::Create.set(&world).await;
    let deliveries: Vec<_> = (0..5).map(|_| Box::pin(world.deliver_anew(&event))).collect();
    assert!(join_all(deliveries).await.into_iter().all(|result| result.is_ok()));
    assert!(world.s3.answer_to(&event.request_id).unwrap().is_success());
    assert_eq!(world.live_shares(), ["theirs", "licenses"]);
}

#[tokio::test(start_paused = true)]
async fn a_create_that_comes_again_after_its_answer_reads_and_writes_nothing() {
    let world = World::new();
    let create = Scene::Create.set(&world).await;
    let first = world.answer(&create).await;
    let expected = shapes(&world);
    let mark = world.mark();
    for _ in 0..2 {
        world.later().await;
        world.deliver_anew(&create).await.unwrap();
    }
    assert_eq!(world.s3.answers().len(), 3);
    assert_eq!(world.s3.answer_to(&create.request_id), Some(first));
    assert_eq!(shapes(&world), expected);
    assert!(world.operations_since(mark).iter().all(|operation| !WRITES.contains(&operation.as_str())));
}

#[tokio::test(start_paused = true)]
async fn a_create_that_comes_again_after_an_update_changes_nothing_and_is_silent() {
    let world = World::new();
    let create = Scene::AddMembers.set(&world).await;
    let update = create;
    let create_answer = world.s3.answers().remove(0);
    assert!(world.answer(&update).await.is_success());
    let expected = shapes(&world);
    let mut create = update.clone();
    create.request_id = create_answer.request_id.clone();
    create.json["RequestId"] = create_answer.request_id.clone().into();
    create.json["RequestType"] = "Create".into();
    create.json["ResourceProperties"] = update.json["OldResourceProperties"].clone();
    create.json.as_object_mut().unwrap().remove("PhysicalResourceId");
    let url = update.json["ResponseURL"].as_str().unwrap();
    create.json["ResponseURL"] = url.replace(&update.request_id, &create.request_id).into();
    world.s3.signed(&create.json);
    let answers = world.s3.answers().len();
    world.deliver_anew(&create).await.unwrap();
    assert_eq!(world.s3.answers().len(), answers);
    assert_eq!(shapes(&world), expected);
}

#[tokio::test(start_paused = true)]
async fn a_create_that_comes_again_after_its_delete_makes_nothing_and_is_silent() {
    for scene in [Scene::Create, Scene::Attach, Scene::Adopt] {
        let world = World::new();
        let create = scene.set(&world).await;
        let before = shapes(&world);
        let answer = world.answer(&create).await;
        assert!(world.delete(answer.physical_id(), "Share").await.is_success());
        let answers = world.s3.answers().len();
        world.later().await;
        world.deliver_anew(&create).await.unwrap();
        assert_eq!(world.s3.answers().len(), answers);
        assert_eq!(shapes(&world), before, "{scene:?}");
        tokio::time::advance(Duration::from_secs(3 * 60)).await;
        world.deliver_anew(&create).await.unwrap();
        assert_eq!(shapes(&world), before, "{scene:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_comes_again_after_the_same_logical_id_was_made_anew_deletes_nothing() {
    let world = World::new();
    let create = Scene::Create.set(&world).await;
    let first = world.answer(&create).await;
    world.later().await;
    let delete = world.event("Delete", Some(first.physical_id()), "Share", json!({}));
    assert!(world.answer(&delete).await.is_success());
    world.later().await;
    let again = world.create("Share", create.json["ResourceProperties"].clone()).await;
    assert!(again.is_success(), "{}", again.reason());
    let expected = shapes(&world);
    world.deliver_anew(&delete).await.unwrap();
    assert_eq!(shapes(&world), expected);
}
