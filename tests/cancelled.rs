//! Deletes with an id that CloudFormation invented, for Creates whose answers it never took, and shares that were kept
//! by DeletionPolicy Retain: CloudFormation sent no Delete for them.

use crate::support::faults::denial;
use crate::support::points::{Points, Run};
use crate::support::s3::{Answer, Put};
use crate::support::shape::{Shape, shapes};
use crate::support::world::{Event, MEMBER, MEMBER_2, World, attached, own};
use local_cloud::fault::FaultRule;
use local_cloud::ram::FailAssociation;
use serde_json::Value;
use std::time::Duration;

const INVENTED: &str = "licenses-Share-1ABCDEF";

async fn delete_invented(world: &World, properties: Value) -> Answer {
    world.later().await;
    let delete = world.event("Delete", Some(INVENTED), "Share", properties);
    let answer = world.answer(&delete).await;
    assert!(answer.is_success(), "{}", answer.reason());
    assert_eq!(answer.physical_id(), INVENTED);
    answer
}

/// A share that was kept: the stack has forgotten it.
async fn kept(world: &World, properties: &Value) -> Vec<Shape> {
    let created = world.create("Share", properties.clone()).await;
    assert!(created.is_success(), "{}", created.reason());
    world.later().await;
    shapes(world)
}

#[tokio::test(start_paused = true)]
async fn a_kept_share_survives_a_later_create_that_is_cancelled_anywhere() {
    for at in 0.. {
        let world = World::new();
        let licenses = world.license_configurations(2);
        let properties = own("licenses", &licenses, &[MEMBER]);
        let before = kept(&world, &properties).await;
        let create = world.event("Create", None, "Share", properties.clone());
        // CloudFormation gave up before it took the answer, also where the bucket has one.
        let points = Points::dead_at(at);
        let process = world.process(&points, &[]);
        if let Run::Ended(ended) = points.until_stopped(world.deliver_to(&process, &create)).await {
            ended.unwrap();
            assert!(at >= 10, "{at} points only");
            break;
        }
        // At the first points the Create has left no trace, and what CloudFormation sends is the same as for the kept
        // one: see the test below.
        if points.last().ends_with("record begin") || !has_begun(&world, &create).await {
            continue;
        }
        delete_invented(&world, properties).await;
        assert_eq!(shapes(&world), before, "cancelled {} (point {at})", points.last());
        world.deliver_anew(&create).await.unwrap();
        assert_eq!(shapes(&world), before, "cancelled {} (point {at}), delivered again", points.last());
    }
}

async fn has_begun(world: &World, create: &Event) -> bool {
    use crate::support::world::STACK;
    use provider::record::{RecordKey, Records};
    let record = world.records.get(&RecordKey::new(STACK, "Share")).await.unwrap().unwrap();
    record.newest.request_id == create.request_id
}

#[tokio::test(start_paused = true)]
async fn a_kept_share_survives_a_create_with_other_properties_that_never_came() {
    let world = World::new();
    let licenses = world.license_configurations(2);
    let before = kept(&world, &own("licenses", &licenses, &[MEMBER])).await;
    delete_invented(&world, own("licenses", &licenses, &[MEMBER_2])).await;
    assert_eq!(shapes(&world), before);
}

#[tokio::test(start_paused = true)]
async fn a_kept_share_survives_a_create_with_the_same_properties_that_never_came_hours_later() {
    let world = World::new();
    let licenses = world.license_configurations(2);
    let properties = own("licenses", &licenses, &[MEMBER]);
    let before = kept(&world, &properties).await;
    tokio::time::advance(Duration::from_secs(2 * 3600 + 1)).await;
    delete_invented(&world, properties).await;
    assert_eq!(shapes(&world), before);
}

#[tokio::test(start_paused = true)]
async fn a_kept_share_that_was_updated_survives_a_create_that_never_came() {
    let world = World::new();
    let licenses = world.license_configurations(2);
    let created = world.create("Share", own("licenses", &licenses[..1], &[MEMBER])).await;
    let properties = own("licenses", &licenses, &[MEMBER]);
    assert!(world.update(created.physical_id(), "Share", properties.clone()).await.is_success());
    let before = shapes(&world);
    delete_invented(&world, properties).await;
    assert_eq!(shapes(&world), before);
}

/// CloudFormation gives up on a clean-up that fails, and forgets the resource. The Delete had the id out of the Create's
/// answer: that Create is none whose answer was never taken.
#[tokio::test(start_paused = true)]
async fn a_share_that_could_not_be_deleted_survives_a_create_with_the_same_properties_that_never_came() {
    let world = World::new();
    let licenses = world.license_configurations(2);
    let properties = own("licenses", &licenses, &[MEMBER]);
    let created = world.create("Share", properties.clone()).await;
    let before = shapes(&world);
    world.cloud().add_fault(FaultRule::always("ram", "DeleteResourceShare", denial()));
    let deleted = world.delete(created.physical_id(), "Share").await;
    assert!(!deleted.is_success());
    world.cloud().clear_faults();
    assert_eq!(shapes(&world), before);
    delete_invented(&world, properties).await;
    assert_eq!(shapes(&world), before);
    assert!(world.delete(created.physical_id(), "Share").await.is_success());
    assert_eq!(shapes(&world), []);
}

#[tokio::test(start_paused = true)]
async fn kept_members_of_an_existing_share_survive_a_later_create_that_is_cancelled() {
    let world = World::new();
    let licenses = world.license_configurations(3);
    let share = world.create("Other", own("theirs", &licenses[..1], &[])).await;
    let before = kept(&world, &attached(share.physical_id(), &licenses[1..2], &[])).await;
    let properties = attached(share.physical_id(), &licenses[1..], &[MEMBER]);
    let create = world.event("Create", None, "Share", properties.clone());
    world.s3.next([Put::Status(403)]);
    world.deliver(&create).await.unwrap_err();
    delete_invented(&world, properties).await;
    assert_eq!(shapes(&world), before);
}

#[tokio::test(start_paused = true)]
async fn kept_members_of_an_existing_share_survive_a_later_create_that_does_not_want_them_and_its_delete() {
    let world = World::new();
    let licenses = world.license_configurations(3);
    let share = world.create("Other", own("theirs", &licenses[..1], &[])).await;
    let before = kept(&world, &attached(share.physical_id(), &licenses[1..2], &[])).await;
    let again = world.create("Share", attached(share.physical_id(), &licenses[2..], &[MEMBER])).await;
    assert!(again.is_success(), "{}", again.reason());
    assert!(world.members(share.physical_id()).contains(&licenses[1]));
    assert!(world.delete(again.physical_id(), "Share").await.is_success());
    assert_eq!(shapes(&world), before);
}

#[tokio::test(start_paused = true)]
async fn kept_members_of_an_existing_share_survive_a_later_create_that_fails() {
    let world = World::new();
    let licenses = world.license_configurations(3);
    let share = world.create("Other", own("theirs", &licenses[..1], &[])).await;
    let before = kept(&world, &attached(share.physical_id(), &licenses[1..2], &[])).await;
    world.cloud().fail_association(FailAssociation::of(MEMBER, "RAM does not like it."));
    let failed = world.create("Share", attached(share.physical_id(), &licenses[1..], &[MEMBER])).await;
    assert!(!failed.is_success());
    assert_eq!(shapes(&world), before);
    assert!(world.delete(failed.physical_id(), "Share").await.is_success());
    assert_eq!(shapes(&world), before);
}

#[tokio::test(start_paused = true)]
async fn what_a_create_made_whose_answer_was_never_taken_goes_with_an_invented_id() {
    for in_between in [Duration::ZERO, Duration::from_secs(3_000)] {
        let world = World::new();
        let licenses = world.license_configurations(2);
        let properties = own("licenses", &licenses, &[MEMBER]);
        let create = world.event("Create", None, "Share", properties.clone());
        assert!(world.answer(&create).await.is_success());
        tokio::time::advance(in_between).await;
        delete_invented(&world, properties).await;
        assert_eq!(shapes(&world), []);
    }
}

#[tokio::test(start_paused = true)]
async fn the_none_id_of_a_failed_create_takes_nothing_of_an_older_one() {
    let world = World::new();
    let licenses = world.license_configurations(2);
    let properties = own("licenses", &licenses, &[MEMBER]);
    let before = kept(&world, &properties).await;
    let create = world.event("Create", None, "Share", own("licenses", &licenses, &["not an account"]));
    let failed = world.answer(&create).await;
    assert_eq!(failed.physical_id(), format!("license-config-share/none/{}", create.request_id));
    assert!(world.delete(failed.physical_id(), "Share").await.is_success());
    assert_eq!(shapes(&world), before);
}

#[tokio::test(start_paused = true)]
async fn a_delete_in_the_second_of_its_create_is_the_newer_one() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let properties = own("licenses", &licenses, &[MEMBER]);
    let create = world.event("Create", None, "Share", properties.clone());
    let delete = world.event("Delete", Some(INVENTED), "Share", properties);
    assert!(world.answer(&delete).await.is_success());
    world.deliver(&create).await.unwrap();
    assert_eq!(world.s3.answer_to(&create.request_id), None);
    assert_eq!(shapes(&world), []);
}

#[tokio::test(start_paused = true)]
async fn a_delete_with_the_id_of_another_resource_of_the_stack_takes_nothing() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let other = world.create("Other", own("others", &licenses, &[MEMBER])).await;
    let before = shapes(&world);
    assert!(world.delete(other.physical_id(), "Share").await.is_success());
    assert_eq!(shapes(&world), before);
}
