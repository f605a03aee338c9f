//! What the fourth review found: each of these must hold, and does not yet.

use crate::support::faulty_records::{RecordFault, RecordRule};
use crate::support::flows::succeeded;
use crate::support::link::{BUCKET, LINK_ID, TOPIC, link, of_link};
use crate::support::points::{Points, Run};
use crate::support::world::{ACCOUNT, MEMBER, MEMBER_2, OTHER_STACK, REGION, World, with};
use local_cloud::fault::{FaultKind, FaultRule};
use serde_json::json;
use std::time::Duration;

fn slow_updates(world: &World) {
    let latency = FaultKind::Latency(Duration::from_secs(5));
    world.cloud().add_fault(FaultRule::always("license-manager", "UpdateServiceSettings", latency));
}

/// AccountAlreadyRegisteredException says that somebody else did it: it is not this resource's to take away.
#[tokio::test(start_paused = true)]
async fn a_delegated_administrator_that_another_registered_meanwhile_is_not_this_resources() {
    let world = World::new();
    assert!(world.cloud().link_by_hand(ACCOUNT, REGION));
    slow_updates(&world);
    let delegate =
        |account: &str| link(json!({ "SnsTopicArn": TOPIC, "DelegatedAdministratorAccountId": account }));
    let meanwhile = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        world.delegate_by_hand(MEMBER).await;
    };
    let (created, ()) = tokio::join!(world.create_link(delegate(MEMBER)), meanwhile);
    succeeded(created);
    let updated = world.update_link(delegate(MEMBER_2)).await;
    assert_eq!(world.delegates(), [MEMBER], "it was another's, and was deregistered");
    assert!(!updated.is_success());
}

/// The Create finds the link on, has nothing to do, and is on no record until it ends.
#[tokio::test(start_paused = true)]
async fn a_delete_that_unlinks_while_another_stack_begins_to_declare_the_link_does_no_harm() {
    for point in 0..20 {
        let world = World::new();
        succeeded(world.create_link(link(json!({ "OnDelete": "Unlink" }))).await);
        world.later().await;
        let delete = world.link_event("Delete", Some(LINK_ID), json!({}));
        let create = world.link_event_of(OTHER_STACK, "Create", None, link(json!({})));
        let points = Points::held_at(point);
        let slow = world.process(&points, &[]);
        let delivery = world.deliver_to(&slow, &delete);
        tokio::pin!(delivery);
        if matches!(points.until_stopped(&mut delivery).await, Run::Ended(_)) {
            break;
        }
        let met = points.last().clone();
        let other = async {
            world.deliver_anew(&create).await.unwrap();
            points.release();
        };
        let (deleted, ()) = tokio::join!(delivery, other);
        deleted.unwrap();
        succeeded(world.s3.answer_to(&create.request_id).unwrap());
        assert!(world.link_settings().integration, "declared with success, and off: held {met}");
    }
}

/// IAM spreads a role unevenly: one read that sees it is no proof that the next call does.
#[tokio::test(start_paused = true)]
async fn a_core_role_that_one_call_more_does_not_see_yet_is_waited_for() {
    let world = World::new();
    world.cloud().without_service_role(ACCOUNT);
    let missing = FaultKind::Error {
        status: 400,
        code: "AccessDeniedException".to_owned(),
        message: "Service role not found. Consult setup procedures in Service User Guide".to_owned(),
    };
    world.cloud().add_fault(FaultRule::once("license-manager", "UpdateServiceSettings", missing));
    succeeded(world.create_link(link(json!({}))).await);
}

/// Trusted access may come half a minute after EnableIntegration=true: the second stack waits for the first.
#[tokio::test(start_paused = true)]
async fn two_stacks_at_once_repair_with_one_write_where_it_takes_its_time() {
    let world = World::new();
    let organization = world.organization.clone();
    assert!(world.cloud().link_by_hand(ACCOUNT, REGION));
    assert!(world.cloud().set_trusted_access(&organization, crate::support::link::MANAGER, false));
    world.cloud().change_settings(|settings| settings.license_manager.relink_repairs = false);
    let first = world.link_event("Create", None, link(json!({})));
    let second = world.link_event_of(OTHER_STACK, "Create", None, link(json!({})));
    let (one, two) = (world.new_process(), world.new_process());
    let (a, b) = tokio::join!(world.deliver_to(&one, &first), world.deliver_to(&two, &second));
    a.and(b).unwrap();
    assert_eq!(world.updates_since(0).len(), 1);
}

/// What the template exports must not be empty, also after a rollback that can do nothing.
#[tokio::test(start_paused = true)]
async fn a_rollback_without_the_share_names_it_when_it_can() {
    let world = World::new();
    let first = link(json!({ "WaitForResourceShare": "true" }));
    succeeded(world.create_link(first.clone()).await);
    succeeded(world.update_link(link(json!({ "Revision": "2" }))).await);
    world.cloud().without_service_role(ACCOUNT);
    let denied = FaultKind::Error {
        status: 403,
        code: "AccessDenied".to_owned(),
        message: "not authorized to perform: iam:CreateServiceLinkedRole".to_owned(),
    };
    world.cloud().add_fault(FaultRule::always("iam", "CreateServiceLinkedRole", denied));
    let back = world.update_link(first).await;
    println!("{}", back.json);
    let back = succeeded(back);
    assert_ne!(back.attribute("ResourceShareArn"), "");
}

/// Another Region's stack registers the same one at the same time, and keeps it: this one's record fails.
#[tokio::test(start_paused = true)]
async fn a_failed_create_does_not_take_back_what_another_region_registered() {
    let world = World::new();
    assert!(world.cloud().link_by_hand(ACCOUNT, REGION));
    let other = world.beside(ACCOUNT, "us-east-1");
    assert!(world.cloud().link_by_hand(ACCOUNT, "us-east-1"));
    slow_updates(&world);
    let properties = link(json!({ "SnsTopicArn": TOPIC, "DelegatedAdministratorAccountId": MEMBER }));
    let rules = [RecordRule::always("end", RecordFault::Fails)];
    let process = world.process(&Points::default(), &rules);
    let event = world.link_event("Create", None, properties);
    let others = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let delegate = link(json!({ "DelegatedAdministratorAccountId": MEMBER }));
        let create = of_link(other.event("Create", None, "Link", delegate));
        other.deliver(&create).await.unwrap();
        succeeded(world.s3.answer_to(&create.request_id).unwrap());
    };
    let (ours, ()) = tokio::join!(world.deliver_to(&process, &event), others);
    ours.unwrap();
    assert!(!world.s3.answer_to(&event.request_id).unwrap().is_success());
    assert_eq!(world.delegates(), [MEMBER], "the other Region's stack declares it with success");
}

/// One member that License Manager refuses now must not cost the rollback the others.
#[tokio::test(start_paused = true)]
async fn a_rollback_has_what_can_be_had_beside_a_topic_that_is_refused() {
    let world = World::new();
    let first = with(
        link(json!({ "SnsTopicArn": TOPIC.replace(REGION, "us-east-1") })),
        "S3BucketArn",
        json!(BUCKET),
    );
    succeeded(world.create_link(first.clone()).await);
    let second = link(json!({ "SnsTopicArn": TOPIC, "S3BucketArn": format!("{BUCKET}-2") }));
    succeeded(world.update_link(second).await);
    world.cloud().change_settings(|settings| settings.license_manager.checks_topic_place = true);
    succeeded(world.update_link(first).await);
    assert_eq!(world.link_settings().s3_bucket_arn.as_deref(), Some(BUCKET));
}
