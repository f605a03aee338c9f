//! Requests that are old, late, or short of time.

use crate::support::scenes::Scene;
use crate::support::shape::shapes;
use crate::support::world::{Event, World, own};
use local_cloud::Settings;
use local_cloud::fault::{FaultKind, FaultRule};
use serde_json::json;
use std::time::Duration;
use tokio::time::Instant;

fn within(mut event: Event, seconds: u64) -> Event {
    event.json["ServiceTimeout"] = seconds.to_string().into();
    event
}

#[tokio::test(start_paused = true)]
async fn a_request_that_cloudformation_has_given_up_on_is_not_acted_upon() {
    for (timeout, age, acted) in
        [(30, 89, true), (30, 92, false), (3_600, 3_655, true), (3_600, 3_662, false)]
    {
        let world = World::new();
        let create = within(Scene::Create.set(&world).await, timeout);
        let before = shapes(&world);
        let mark = world.mark();
        tokio::time::advance(Duration::from_secs(age)).await;
        world.deliver(&create).await.unwrap();
        assert_eq!(world.s3.answer_to(&create.request_id).is_some(), acted, "{timeout} {age}");
        assert_eq!(world.operations_since(mark).is_empty(), !acted, "{timeout} {age}");
        if !acted {
            assert_eq!(shapes(&world), before);
        }
    }
}

/// An event that does not say when it was sent is never too old: only the record tells that its resource is gone. Lambda
/// keeps an event for six hours.
#[tokio::test(start_paused = true)]
async fn a_create_without_a_date_that_comes_again_hours_after_its_delete_makes_nothing() {
    let six_hours = Duration::from_secs(6 * 3600);
    for scene in [Scene::Create, Scene::Attach, Scene::Adopt] {
        let world = World::new();
        let undated = |mut event: Event| {
            event.json["ResponseURL"] = format!("http://127.0.0.1:4566/bucket/{}", event.request_id).into();
            world.s3.signed(&event.json);
            event
        };
        let create = undated(scene.set(&world).await);
        let before = shapes(&world);
        let created = world.answer(&create).await;
        assert!(created.is_success(), "{scene:?}: {}", created.reason());
        world.later().await;
        let delete = undated(world.event("Delete", Some(created.physical_id()), "Share", json!({})));
        assert!(world.answer(&delete).await.is_success(), "{scene:?}");
        let deleted_at = Instant::now();
        for after in [Duration::from_secs(600), six_hours] {
            tokio::time::advance(after.saturating_sub(deleted_at.elapsed())).await;
            world.records.drop_expired(world.clock.now());
            let mark = world.mark();
            world.deliver_anew(&create).await.unwrap();
            assert_eq!(world.written_since(mark), Vec::<String>::new(), "{scene:?} {after:?}");
            assert_eq!(shapes(&world), before, "{scene:?} {after:?}");
        }
        tokio::time::advance(2 * Duration::from_secs(3600)).await;
        world.records.drop_expired(world.clock.now());
        assert_eq!(world.records.all(), Vec::new(), "{scene:?}: nothing is kept for ever");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_comes_late_is_answered_at_once() {
    for (timeout, age) in [(30, 29), (30, 85), (3_600, 3_590), (3_600, 3_650)] {
        let world = World::new();
        let create = within(Scene::Create.set(&world).await, timeout);
        tokio::time::advance(Duration::from_secs(age)).await;
        let start = Instant::now();
        world.cloud().add_fault(FaultRule::always("ram", "*", FaultKind::Hang));
        world.deliver(&create).await.unwrap();
        assert!(start.elapsed() <= Duration::from_secs(6), "{timeout} {age}: {:?}", start.elapsed());
        let answer = world.s3.answer_to(&create.request_id).unwrap();
        assert!(!answer.is_success());
    }
}

#[tokio::test(start_paused = true)]
async fn a_small_service_timeout_is_kept() {
    for (timeout, latest) in [(1_u64, 6.0), (5, 6.0), (20, 10.5), (30, 10.5), (60, 40.5), (100, 80.5)] {
        let world = World::new();
        let create = within(Scene::Create.set(&world).await, timeout);
        world.cloud().add_fault(FaultRule::always("ram", "*", FaultKind::Hang));
        let start = Instant::now();
        world.deliver(&create).await.unwrap();
        let answer = world.s3.answer_to(&create.request_id).unwrap();
        assert!(!answer.is_success());
        assert!(start.elapsed().as_secs_f64() <= latest, "{timeout}: {:?}", start.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_small_service_timeout_is_enough_where_ram_is_quick() {
    let world = World::new();
    let create = within(Scene::Create.set(&world).await, 5);
    assert!(world.answer(&create).await.is_success());
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_comes_near_is_answered_with_what_was_not_done_and_nothing_is_left() {
    let mut settings = Settings::default();
    settings.ram.times.associate_resource = Duration::from_secs(150);
    for scene in [Scene::Create, Scene::Attach, Scene::Adopt] {
        let world = World::with(settings.clone());
        let create = scene.set(&world).await;
        // What was there before is old; what the request adds takes longer than the function may run.
        tokio::time::advance(Duration::from_secs(200)).await;
        let before = shapes(&world);
        let start = Instant::now();
        let answer = world.answer(&create).await;
        assert!(start.elapsed() < Duration::from_millis(118_500), "{scene:?}: {:?}", start.elapsed());
        assert!(!answer.is_success(), "{scene:?}");
        let license = create.json["ResourceProperties"]["LicenseConfigurationArns"][0].as_str().unwrap();
        assert!(answer.reason().contains(license), "{scene:?}: {}", answer.reason());
        tokio::time::advance(Duration::from_secs(60)).await;
        let deleted = world.delete(answer.physical_id(), "Share").await;
        assert!(deleted.is_success(), "{scene:?}: {}", deleted.reason());
        assert_eq!(shapes(&world), before, "{scene:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_request_is_answered_before_the_deadline_where_ram_hangs() {
    for scene in crate::support::scenes::SCENES {
        for operation in ["*", "GetResourceShareAssociations", "GetResourceShares", "AssociateResourceShare"]
        {
            let world = World::new();
            let event = scene.set(&world).await;
            let start = Instant::now();
            world.cloud().add_fault(FaultRule::always("ram", operation, FaultKind::Hang));
            world.deliver(&event).await.unwrap();
            assert!(world.s3.answer_to(&event.request_id).is_some(), "{scene:?} {operation}");
            assert!(start.elapsed() < Duration::from_secs(120), "{scene:?} {operation}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_that_ran_out_of_time_in_the_middle_leaves_nothing() {
    let world = World::new();
    let licenses = world.license_configurations(2);
    let principals: Vec<String> = (0..150).map(|n| format!("5{n:011}")).collect();
    let principals: Vec<&str> = principals.iter().map(String::as_str).collect();
    for account in &principals {
        assert!(world.cloud().add_account(&world.organization, None, account));
    }
    let properties = own("licenses", &licenses, &principals);
    world.cloud().add_fault(FaultRule::always("ram", "AssociateResourceShare", FaultKind::Hang));
    let answer = world.create("Share", properties).await;
    assert!(!answer.is_success());
    assert!(answer.reason().contains("adding 50 members"), "{}", answer.reason());
    assert_eq!(world.live_shares(), Vec::<String>::new());
    assert!(world.delete(answer.physical_id(), "Share").await.is_success());
}
