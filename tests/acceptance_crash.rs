//! An acceptance whose delivery dies at any point, or that is overtaken, ends as if nothing had happened.

use crate::support::acceptance::Foreign;
use crate::support::flows::succeeded;
use crate::support::points::{Points, Run};
use crate::support::world::{ACCOUNT, Event, World, with};
use serde_json::json;

struct Scene {
    world: World,
    share: Foreign,
    create: Event,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new();
        let share = world.invited().await;
        let create = world.acceptance_event("Create", None, share.listed());
        Self { world, share, create }
    }

    /// Delivers the Create to a process that stops at its `at`-th point.
    async fn die_at(&self, at: usize) -> String {
        let points = Points::dead_at(at);
        let process = self.world.process(&points, &[]);
        let run = points.until_stopped(self.world.deliver_to(&process, &self.create)).await;
        assert!(matches!(run, Run::Stopped), "at {at}: {run:?}");
        points.last()
    }
}

/// Where it makes a difference to stop a Create.
async fn stops() -> Vec<usize> {
    let (scene, points) = (Scene::new().await, Points::default());
    let process = scene.world.process(&points, &[]);
    scene.world.deliver_to(&process, &scene.create).await.unwrap();
    points.that_differ()
}

#[tokio::test(start_paused = true)]
async fn a_create_that_dies_anywhere_converges_when_it_comes_again_and_is_left_by_its_delete() {
    let stops = stops().await;
    assert!(stops.len() > 6, "{stops:?}");
    for at in stops {
        let scene = Scene::new().await;
        let point = scene.die_at(at).await;
        scene.world.deliver_anew(&scene.create).await.unwrap();
        let answer = succeeded(scene.world.s3.answer_to(&scene.create.request_id).unwrap());
        assert_eq!(answer.physical_id(), scene.share.id(), "{point}");
        assert_eq!(answer.attribute("AcceptedBy"), "Invitation", "{point}");
        succeeded(scene.world.delete_acceptance(&scene.share.id()).await);
        assert!(!scene.world.is_in(&scene.share, ACCOUNT), "{point}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_an_earlier_delivery_accepted_is_ours_also_where_ram_still_lists_it_as_pending() {
    let stops = stops().await;
    let scene = Scene::new().await;
    let before_the_end = stops[stops.len() - 2];
    scene.die_at(before_the_end).await;
    assert!(scene.world.is_in(&scene.share, ACCOUNT));
    scene.world.client.rewrite("ACCEPTED", "PENDING", 2);
    scene.world.deliver_anew(&scene.create).await.unwrap();
    succeeded(scene.world.s3.answer_to(&scene.create.request_id).unwrap());
    succeeded(scene.world.delete_acceptance(&scene.share.id()).await);
    assert!(!scene.world.is_in(&scene.share, ACCOUNT));
}

#[tokio::test(start_paused = true)]
async fn a_create_that_died_anywhere_is_undone_by_a_delete_with_an_invented_id() {
    for at in stops().await {
        let scene = Scene::new().await;
        let point = scene.die_at(at).await;
        succeeded(scene.world.delete_acceptance("licenses-Acceptance-1ABCDEF").await);
        // The Create comes again after the Delete.
        scene.world.deliver_anew(&scene.create).await.unwrap();
        assert!(!scene.world.is_in(&scene.share, ACCOUNT), "{point}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_that_is_overtaken_in_the_call_takes_back_what_it_accepted() {
    for at in stops().await {
        let scene = Scene::new().await;
        let points = Points::held_at(at);
        let process = scene.world.process(&points, &[]);
        let create = scene.world.deliver_to(&process, &scene.create);
        let meanwhile = async {
            tokio::time::sleep(std::time::Duration::from_secs(5)).await;
            succeeded(scene.world.delete_acceptance("licenses-Acceptance-1ABCDEF").await);
            points.release();
        };
        let (ended, ()) = tokio::join!(create, meanwhile);
        ended.unwrap();
        assert!(!scene.world.is_in(&scene.share, ACCOUNT), "{}", points.last());
    }
}

#[tokio::test(start_paused = true)]
async fn a_replacement_that_fails_after_it_accepted_leaves_the_new_share() {
    let world = World::new();
    let (first, second) = (world.invited().await, world.foreign_named("second").await);
    succeeded(world.create_acceptance(first.listed()).await);
    world.invite(&second).await;
    let unseen = first.licenses[0].replace("lic-", "lic-f");
    let updated = world
        .update_acceptance(
            &first.id(),
            with(second.properties(), "LicenseConfigurationArns", json!([unseen])),
        )
        .await;
    assert!(!updated.is_success(), "{}", updated.bytes);
    assert_eq!(updated.physical_id(), first.id());
    assert!(world.is_in(&first, ACCOUNT) && !world.is_in(&second, ACCOUNT));
}
