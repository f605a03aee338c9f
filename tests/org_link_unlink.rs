//! A Delete that unlinks while another stack begins to declare the link: that one has a whole link in the end.

use crate::support::faulty_records::{RecordFault, RecordRule};
use crate::support::flows::succeeded;
use crate::support::link::{LINK_ID, MANAGER, MANAGER_IN_MEMBERS, RAM, link};
use crate::support::points::{Points, Run};
use crate::support::queue::Line;
use crate::support::world::{Event, OTHER_STACK, World};
use serde_json::json;
use std::time::Duration;

/// A link of this stack with `OnDelete: Unlink`, and what comes next: its Delete, and the Create of another stack. What
/// AWS makes of false is the worst that it may make of it.
async fn linked() -> (Line, Event, Event) {
    let line = Line::new();
    let world = &line.world;
    succeeded(world.create_link(link(json!({ "OnDelete": "Unlink" }))).await);
    world.cloud().change_settings(|settings| {
        settings.license_manager.unlink_removes_access = true;
        settings.license_manager.link_gives_access = false;
    });
    world.later().await;
    let delete = world.link_event("Delete", Some(LINK_ID), json!({}));
    let create = world.link_event_of(OTHER_STACK, "Create", None, link(json!({})));
    (line, delete, create)
}

fn is_whole(world: &World, create: &Event, met: &str) {
    succeeded(world.s3.answer_to(&create.request_id).unwrap());
    assert!(world.link_settings().integration, "declared with success, and off: {met}");
    assert_eq!(world.trusted(), [MANAGER, MANAGER_IN_MEMBERS, RAM].map(str::to_owned).into(), "{met}");
}

#[tokio::test(start_paused = true)]
async fn trusted_access_that_went_with_the_link_is_repaired_for_the_other_stack() {
    let mut repaired = 0;
    for point in 0.. {
        let (line, delete, create) = linked().await;
        let world = &line.world;
        let points = Points::held_at(point);
        let slow = world.process(&points, &[]);
        let delivery = world.deliver_to(&slow, &delete);
        tokio::pin!(delivery);
        if matches!(points.until_stopped(&mut delivery).await, Run::Ended(_)) {
            break;
        }
        let met = format!("held at {point}, {}", points.last());
        let mark = world.mark();
        let release = async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            points.release();
        };
        let (deleted, created, ()) = tokio::join!(delivery, line.deliver(&create), release);
        deleted.and(created).unwrap();
        succeeded(world.s3.answer_to(&delete.request_id).unwrap());
        line.run().await;
        is_whole(world, &create, &met);
        repaired += usize::from(world.written_since(mark).contains(&"EnableAWSServiceAccess".to_owned()));
    }
    assert!(repaired > 0);
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_dies_after_it_switched_the_link_off_looks_again_when_it_comes_again() {
    let mut died_off = 0;
    for point in 0.. {
        let (line, delete, create) = linked().await;
        let world = &line.world;
        let points = Points::held_then_dead_at(point);
        let process = world.process(&points, &[]);
        let delivery = world.deliver_to(&process, &delete);
        tokio::pin!(delivery);
        if matches!(points.until_stopped(&mut delivery).await, Run::Ended(_)) {
            break;
        }
        let met = format!("held at {point}, {}", points.last());
        line.deliver(&create).await.unwrap();
        points.release();
        let died = matches!(points.until_stopped(&mut delivery).await, Run::Stopped);
        died_off += usize::from(died && !world.link_settings().integration);
        world.later().await;
        world.deliver_anew(&delete).await.unwrap();
        succeeded(world.s3.answer_to(&delete.request_id).unwrap());
        line.run().await;
        is_whole(world, &create, &met);
    }
    assert!(died_off > 0);
}

/// Without anybody else it is off in the end, wherever it died.
#[tokio::test(start_paused = true)]
async fn a_delete_that_dies_and_comes_again_with_nobody_else_leaves_the_link_off() {
    for point in 0.. {
        let (line, delete, _) = linked().await;
        let world = &line.world;
        let points = Points::dead_at(point);
        let process = world.process(&points, &[]);
        let ended = points.until_stopped(world.deliver_to(&process, &delete)).await;
        world.deliver_anew(&delete).await.unwrap();
        succeeded(world.s3.answer_to(&delete.request_id).unwrap());
        assert!(!world.link_settings().integration, "died at {point}, {}", points.last());
        world.never_but_unlinked(1);
        if matches!(ended, Run::Ended(_)) {
            break;
        }
    }
}

/// DynamoDB's index does not show yet who has just begun to declare the link.
#[tokio::test(start_paused = true)]
async fn an_index_that_trails_by_seconds_does_not_hide_the_other_stack() {
    for point in 0.. {
        let (line, delete, create) = linked().await;
        let world = &line.world;
        world.cloud().change_settings(|settings| settings.license_manager.link_gives_access = true);
        let points = Points::held_at(point);
        let trails = RecordFault::Trails(world.clock, Duration::from_secs(3));
        let slow = world.process(&points, &[RecordRule::always("by_object", trails)]);
        let delivery = world.deliver_to(&slow, &delete);
        tokio::pin!(delivery);
        if matches!(points.until_stopped(&mut delivery).await, Run::Ended(_)) {
            break;
        }
        let met = format!("held at {point}, {}", points.last());
        let release = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            points.release();
        };
        let (deleted, created, ()) = tokio::join!(delivery, line.deliver(&create), release);
        deleted.and(created).unwrap();
        succeeded(world.s3.answer_to(&delete.request_id).unwrap());
        line.run().await;
        is_whole(world, &create, &met);
    }
}

/// GetServiceSettings that trails UpdateServiceSettings by one look must not cost the other stack its link.
#[tokio::test(start_paused = true)]
async fn an_unlink_whose_read_trails_leaves_the_other_stack_a_link() {
    for point in 0.. {
        let line = Line::new();
        let world = &line.world;
        succeeded(world.create_link(link(json!({ "OnDelete": "Unlink" }))).await);
        world.later().await;
        let delete = world.link_event("Delete", Some(LINK_ID), json!({}));
        let create = world.link_event_of(OTHER_STACK, "Create", None, link(json!({})));
        world.client.rewrite("\"EnableIntegration\":false", "\"EnableIntegration\":true", 1);
        let points = Points::held_at(point);
        let started = tokio::time::Instant::now();
        let slow = world.process(&points, &[]);
        let delivery = world.deliver_to(&slow, &delete);
        tokio::pin!(delivery);
        if matches!(points.until_stopped(&mut delivery).await, Run::Ended(_)) {
            break;
        }
        // The other stack's own look comes too late then to be misled.
        if started.elapsed() >= Duration::from_secs(5) {
            world.client.rewrite_no_more();
        }
        let met = format!("held at {point}, {}", points.last());
        let release = async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            points.release();
        };
        let (deleted, created, ()) = tokio::join!(delivery, line.deliver(&create), release);
        deleted.and(created).unwrap();
        line.run().await;
        succeeded(world.s3.answer_to(&create.request_id).unwrap());
        assert!(world.link_settings().integration, "declared with success, and off: {met}");
    }
}

/// What begins to declare the link before the Delete has looked for the last time keeps it: it is not even switched off
/// for a moment.
#[tokio::test(start_paused = true)]
async fn an_unlink_that_finds_another_stack_before_it_begins_switches_nothing_off() {
    const LOOK: &str = "before record by_object";
    for point in 0.. {
        let (line, delete, create) = linked().await;
        let world = &line.world;
        let points = Points::held_at(point);
        let slow = world.process(&points, &[]);
        let delivery = world.deliver_to(&slow, &delete);
        tokio::pin!(delivery);
        if matches!(points.until_stopped(&mut delivery).await, Run::Ended(_)) {
            assert_eq!(points.count(LOOK), 3, "one for the plan, one before the switch, one after it");
            break;
        }
        let met = format!("held at {point}, {}", points.last());
        let looks = points.count(LOOK) - usize::from(points.last() == LOOK);
        line.deliver(&create).await.unwrap();
        points.release();
        delivery.await.unwrap();
        succeeded(world.s3.answer_to(&delete.request_id).unwrap());
        line.run().await;
        is_whole(world, &create, &met);
        if looks < 2 {
            assert_eq!(switched_off(world), 0, "{met}");
        }
    }
}

/// How often EnableIntegration=false was sent.
fn switched_off(world: &World) -> usize {
    let sent = world.updates_since(0).into_iter();
    sent.filter(|update| update["OrganizationConfiguration"]["EnableIntegration"] == json!(false)).count()
}

/// A Delete that has unlinked, and whose end cannot be recorded, is sent again: who has linked meanwhile is left alone.
#[tokio::test(start_paused = true)]
async fn a_delete_that_had_unlinked_and_comes_again_touches_nothing_of_another_stack_s_link() {
    let (line, delete, create) = linked().await;
    let world = &line.world;
    // The first `end` is that of the item which says that the unlinking has begun.
    let rule = RecordRule { operation: "end", from: 1, to: usize::MAX, fault: RecordFault::Fails };
    let process = world.process(&Points::default(), &[rule]);
    world.deliver_to(&process, &delete).await.unwrap();
    assert!(!world.s3.answer_to(&delete.request_id).unwrap().is_success());
    assert_eq!((world.link_settings().integration, switched_off(world)), (false, 1));
    line.deliver(&create).await.unwrap();
    line.run().await;
    is_whole(world, &create, "after the first Delete");
    let mark = world.mark();
    succeeded(world.delete_link(LINK_ID).await);
    assert_eq!(world.written_since(mark), Vec::<String>::new());
    is_whole(world, &create, "after both");
}
