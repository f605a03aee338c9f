//! What stays and what goes: Creates that fail, Deletes that unlink, and those that must not.

use crate::support::faulty_records::{RecordFault, RecordRule};
use crate::support::flows::succeeded;
use crate::support::link::{BUCKET, LINK_ID, TOPIC, link, searching};
use crate::support::points::Points;
use crate::support::refusals::without_trailer;
use crate::support::world::{ACCOUNT, MEMBER, MEMBER_2, OTHER_STACK, REGION, World, with};
use expect_test::expect;
use local_cloud::fault::{FaultKind, FaultRule};
use local_cloud::license_manager::{SettingsPatch, Unlink};
use local_cloud::organizations::RamSharing;
use serde_json::{Value, json};
use std::time::Duration;

fn unlinking(more: Value) -> Value {
    link(with(more, "OnDelete", json!("Unlink")))
}

/// Refuses an operation of a service from now on.
fn refuse(world: &World, service: &str, operation: &str) {
    let (code, message) = ("AccessDeniedException".to_owned(), "denied by a policy".to_owned());
    let kind = FaultKind::Error { status: 400, code, message };
    world.cloud().add_fault(FaultRule::always(service, operation, kind));
}

#[tokio::test(start_paused = true)]
async fn a_failed_create_names_what_cannot_be_taken_back() {
    let world = World::new();
    let organization = world.organization.clone();
    assert!(world.cloud().set_ram_sharing(&organization, RamSharing::Off));
    refuse(&world, "organizations", "RegisterDelegatedAdministrator");
    let all = with(searching(), "EnableRamSharing", json!(true));
    let all = with(all, "DelegatedAdministratorAccountId", json!(MEMBER));
    let created = world.create_link(unlinking(all)).await;
    assert!(!created.is_success());
    expect!["creating organization link (Link): registering delegated administrator 222233334444: Organizations refused RegisterDelegatedAdministrator, which needs organizations:RegisterDelegatedAdministrator: denied by a policy (AccessDeniedException). Allow the action in the role of the provider's function, and see that no service control policy denies it. What cannot be taken back stays: sharing with the organization in AWS RAM is on, License Manager is linked to the organization, cross-account inventory search is on, License Manager has its S3 bucket"].assert_eq(without_trailer(created.reason()));
    succeeded(world.delete_link(created.physical_id()).await);
    assert!(world.link_settings().integration && world.delegates().is_empty());
    world.never();
}

/// The process knows what it has written down, though it cannot read it any more.
#[tokio::test(start_paused = true)]
async fn what_stays_is_named_where_the_record_hangs_at_the_end() {
    let world = World::new();
    world.cloud().without_service_role(ACCOUNT);
    let hangs = RecordFault::Slow(Duration::from_secs(3_600));
    // The second begin is that of the claim to the link.
    let process =
        world.process(&Points::default(), &[RecordRule { from: 1, ..RecordRule::always("begin", hangs) }]);
    let event = world.link_event("Create", None, link(json!({})));
    world.deliver_to(&process, &event).await.unwrap();
    let created = world.s3.answer_to(&event.request_id).unwrap();
    expect!["creating the resource (Link): the time for this request ran out. Try again: what is done already stays done. This may have been done, and cannot be taken back: License Manager has trusted access, License Manager is linked to the organization, License Manager's service-linked role is there"].assert_eq(without_trailer(created.reason()));
    world.never();
}

/// The only thing that can come between the registration and the answer is the record.
#[tokio::test(start_paused = true)]
async fn a_delegated_administrator_that_a_failed_create_registered_is_taken_back() {
    let world = World::new();
    // The first end is that of the claim to the link.
    let rules = [RecordRule { from: 1, ..RecordRule::always("end", RecordFault::Fails) }];
    let process = world.process(&Points::default(), &rules);
    let event = world.link_event("Create", None, link(json!({ "DelegatedAdministratorAccountId": MEMBER })));
    world.deliver_to(&process, &event).await.unwrap();
    let created = world.s3.answer_to(&event.request_id).unwrap();
    assert!(!created.is_success());
    assert_eq!(world.delegates(), Vec::<String>::new());
    let written = world.written_since(0);
    assert_eq!(
        written,
        ["UpdateServiceSettings", "RegisterDelegatedAdministrator", "DeregisterDelegatedAdministrator"]
    );
    succeeded(world.delete_link(created.physical_id()).await);
    world.never();
}

/// Nobody is left to deregister, and the Delete must not fail for it.
#[tokio::test(start_paused = true)]
async fn a_delegated_administrator_that_has_left_the_organization_is_none_any_more() {
    let world = World::new();
    let event = world.link_event("Create", None, link(json!({ "DelegatedAdministratorAccountId": MEMBER })));
    succeeded(world.answer(&event).await);
    assert_eq!(world.delegates(), [MEMBER]);
    // CloudFormation never took the answer, and gives the Create up.
    assert!(world.cloud().leave_organization(MEMBER));
    let deleted = succeeded(world.delete_link("licenses-Link-1A2B3C4D5E6F7").await);
    assert_eq!(deleted.physical_id(), "licenses-Link-1A2B3C4D5E6F7");
    assert!(world.written_since(0).contains(&"DeregisterDelegatedAdministrator".to_owned()));
    world.never();
}

#[tokio::test(start_paused = true)]
async fn a_delegated_administrator_that_was_there_before_a_failed_create_stays() {
    let world = World::new();
    assert!(world.cloud().link_by_hand(ACCOUNT, REGION));
    world.delegate_by_hand(MEMBER).await;
    let rules = [RecordRule::always("end", RecordFault::Fails)];
    let process = world.process(&Points::default(), &rules);
    let properties = link(json!({ "DelegatedAdministratorAccountId": MEMBER, "SnsTopicArn": TOPIC }));
    let event = world.link_event("Create", None, properties);
    world.deliver_to(&process, &event).await.unwrap();
    let created = world.s3.answer_to(&event.request_id).unwrap();
    assert!(!created.is_success());
    succeeded(world.delete_link(created.physical_id()).await);
    assert_eq!(world.delegates(), [MEMBER]);
    world.never();
}

#[tokio::test(start_paused = true)]
async fn the_former_delegated_administrator_comes_back_where_the_new_one_is_refused_and_can_be_replaced_later()
 {
    let world = World::new();
    let delegate = |account: &str| link(json!({ "DelegatedAdministratorAccountId": account }));
    succeeded(world.create_link(delegate(MEMBER)).await);
    let (code, message) = ("AccessDeniedException".to_owned(), "denied by a policy".to_owned());
    let denied = FaultKind::Error { status: 400, code, message };
    world.cloud().add_fault(FaultRule::once("organizations", "RegisterDelegatedAdministrator", denied));
    let updated = world.update_link(delegate(MEMBER_2)).await;
    assert!(!updated.is_success());
    expect!["updating organization link (Link): registering delegated administrator 333344445555: Organizations refused RegisterDelegatedAdministrator, which needs organizations:RegisterDelegatedAdministrator: denied by a policy (AccessDeniedException). Allow the action in the role of the provider's function, and see that no service control policy denies it"].assert_eq(without_trailer(updated.reason()));
    assert_eq!((updated.physical_id(), world.delegates()), (LINK_ID, vec![MEMBER.to_owned()]));
    let mark = world.mark();
    succeeded(world.update_link(delegate(MEMBER)).await);
    assert_eq!(world.written_since(mark), Vec::<String>::new());
    succeeded(world.update_link(delegate(MEMBER_2)).await);
    assert_eq!(world.delegates(), [MEMBER_2]);
    world.never();
}

#[tokio::test(start_paused = true)]
async fn a_former_delegated_administrator_that_cannot_come_back_is_named() {
    let world = World::new();
    let delegate = |account: &str| link(json!({ "DelegatedAdministratorAccountId": account }));
    succeeded(world.create_link(delegate(MEMBER)).await);
    refuse(&world, "organizations", "RegisterDelegatedAdministrator");
    let updated = world.update_link(delegate(MEMBER_2)).await;
    expect!["updating organization link (Link): registering delegated administrator 333344445555: Organizations refused RegisterDelegatedAdministrator, which needs organizations:RegisterDelegatedAdministrator: denied by a policy (AccessDeniedException), and the former one, 222233334444, could not be registered again: Organizations refused RegisterDelegatedAdministrator, which needs organizations:RegisterDelegatedAdministrator: denied by a policy (AccessDeniedException). Register 222233334444 in AWS Organizations"].assert_eq(without_trailer(updated.reason()));
    world.cloud().clear_faults();
    succeeded(world.update_link(delegate(MEMBER)).await);
    assert_eq!(world.delegates(), [MEMBER]);
    world.never();
}

#[tokio::test(start_paused = true)]
async fn a_link_is_switched_off_only_by_who_switched_it_on_and_was_told_to() {
    let world = World::new();
    succeeded(world.create_link(unlinking(json!({}))).await);
    let mark = world.mark();
    succeeded(world.delete_link(LINK_ID).await);
    assert_eq!(world.written_since(mark), ["UpdateServiceSettings"]);
    assert!(!world.link_settings().integration);
    assert_eq!(world.trusted().len(), 3);
    world.never_but_unlinked(1);
}

#[tokio::test(start_paused = true)]
async fn what_a_delete_does_is_what_the_properties_last_said() {
    let world = World::new();
    succeeded(world.create_link(link(json!({}))).await);
    succeeded(world.update_link(unlinking(json!({}))).await);
    succeeded(world.update_link(link(json!({ "OnDelete": "Retain" }))).await);
    succeeded(world.delete_link(LINK_ID).await);
    assert!(world.link_settings().integration);
    world.never();
    let world = World::new();
    succeeded(world.create_link(link(json!({}))).await);
    succeeded(world.update_link(unlinking(json!({}))).await);
    succeeded(world.delete_link(LINK_ID).await);
    assert!(!world.link_settings().integration);
    world.never_but_unlinked(1);
}

/// Properties of a Delete are not looked at, whatever they say.
#[tokio::test(start_paused = true)]
async fn a_delete_does_not_believe_its_properties() {
    let world = World::new();
    succeeded(world.create_link(link(json!({}))).await);
    for properties in [unlinking(json!({})), json!({ "OnDelete": ["x"] }), json!(7)] {
        world.later().await;
        let event = world.link_event("Delete", Some(LINK_ID), properties);
        succeeded(world.answer(&event).await);
    }
    assert!(world.link_settings().integration);
    world.never();
}

#[tokio::test(start_paused = true)]
async fn a_link_made_by_hand_outlives_a_stack_whose_sibling_fails() {
    let world = World::new();
    assert!(world.cloud().link_by_hand(ACCOUNT, REGION));
    let created = succeeded(world.create_link(unlinking(json!({ "SnsTopicArn": TOPIC }))).await);
    succeeded(world.update_link(unlinking(json!({}))).await);
    succeeded(world.delete_link(created.physical_id()).await);
    assert!(world.link_settings().integration);
    assert_eq!(world.trusted().len(), 3);
    world.never();
}

/// Half a link that was repaired was somebody else's before.
#[tokio::test(start_paused = true)]
async fn a_link_that_was_only_repaired_is_not_switched_off() {
    let world = World::new();
    let organization = world.organization.clone();
    assert!(world.cloud().link_by_hand(ACCOUNT, REGION));
    assert!(world.cloud().set_trusted_access(&organization, "license-manager.amazonaws.com", false));
    succeeded(world.create_link(unlinking(json!({}))).await);
    assert_eq!(world.updates_since(0).len(), 1);
    succeeded(world.delete_link(LINK_ID).await);
    assert!(world.link_settings().integration);
    world.never();
}

/// Only a Create proves it: an Update that switches on again what somebody switched off does not.
#[tokio::test(start_paused = true)]
async fn a_link_that_an_update_switched_on_is_not_switched_off() {
    let world = World::new();
    assert!(world.cloud().link_by_hand(ACCOUNT, REGION));
    succeeded(world.create_link(unlinking(json!({}))).await);
    let off = SettingsPatch { integration: Some(false), ..SettingsPatch::default() };
    world.cloud().set_service_settings(ACCOUNT, REGION, off);
    succeeded(world.update_link(unlinking(json!({ "Revision": "2" }))).await);
    assert!(world.link_settings().integration);
    succeeded(world.delete_link(LINK_ID).await);
    assert!(world.link_settings().integration);
    world.never();
}

#[tokio::test(start_paused = true)]
async fn a_create_that_failed_does_not_unlink() {
    let world = World::new();
    refuse(&world, "organizations", "RegisterDelegatedAdministrator");
    let properties = unlinking(json!({ "DelegatedAdministratorAccountId": MEMBER }));
    let created = world.create_link(properties.clone()).await;
    assert!(!created.is_success() && world.link_settings().integration);
    succeeded(world.delete_link(created.physical_id()).await);
    world.cloud().clear_faults();
    world.later().await;
    succeeded(world.create_link(properties).await);
    succeeded(world.delete_link(LINK_ID).await);
    assert!(world.link_settings().integration);
    world.never();
}

#[tokio::test(start_paused = true)]
async fn a_link_that_another_stack_declares_is_left() {
    let world = World::new();
    succeeded(world.create_link(unlinking(json!({}))).await);
    let other = world.link_event_of(OTHER_STACK, "Create", None, link(json!({})));
    succeeded(world.answer(&other).await);
    succeeded(world.delete_link(LINK_ID).await);
    assert!(world.link_settings().integration);
    world.later().await;
    let gone = world.link_event_of(OTHER_STACK, "Delete", Some(LINK_ID), json!({}));
    succeeded(world.answer(&gone).await);
    assert!(world.link_settings().integration);
    world.never();
}

#[tokio::test(start_paused = true)]
async fn a_link_that_another_stack_declared_once_is_switched_off() {
    let world = World::new();
    succeeded(world.create_link(unlinking(json!({}))).await);
    let other = world.link_event_of(OTHER_STACK, "Create", None, unlinking(json!({})));
    succeeded(world.answer(&other).await);
    world.later().await;
    let gone = world.link_event_of(OTHER_STACK, "Delete", Some(LINK_ID), json!({}));
    succeeded(world.answer(&gone).await);
    assert!(world.link_settings().integration);
    succeeded(world.delete_link(LINK_ID).await);
    assert!(!world.link_settings().integration);
    world.never_but_unlinked(1);
}

/// CloudFormation lets nobody update a stack whose Delete failed: a failure that no other try mends would hold it for ever.
#[tokio::test(start_paused = true)]
async fn an_unlinking_that_aws_rules_out_leaves_the_link_and_one_that_it_puts_off_fails() {
    for (discovery, unlink) in [(false, Unlink::Refused), (true, Unlink::Accepted), (false, Unlink::Conflict)]
    {
        let world = World::new();
        let more = if discovery { searching() } else { json!({ "S3BucketArn": BUCKET }) };
        succeeded(world.create_link(unlinking(more)).await);
        world.cloud().change_settings(|settings| settings.license_manager.unlink = unlink);
        let deleted = world.delete_link(LINK_ID).await;
        assert_eq!(deleted.physical_id(), LINK_ID);
        assert!(world.link_settings().integration);
        if unlink != Unlink::Conflict {
            succeeded(deleted);
            continue;
        }
        expect!["deleting organization link (Link): switching off EnableIntegration: License Manager did not do UpdateServiceSettings in time: License Manager throttled UpdateServiceSettings: There was a conflict processing the request. Try your request again (ConflictException). Try again in a few minutes: what is done already stays done"].assert_eq(without_trailer(deleted.reason()));
        world.cloud().change_settings(|settings| settings.license_manager.unlink = Unlink::Accepted);
        succeeded(world.delete_link(LINK_ID).await);
        assert!(!world.link_settings().integration);
    }
}

#[tokio::test(start_paused = true)]
async fn an_unlinking_that_takes_more_with_it_is_not_undone_or_added_to() {
    let world = World::new();
    world.cloud().change_settings(|settings| {
        settings.license_manager.unlink_deletes_share = true;
        settings.license_manager.unlink_removes_access = true;
    });
    succeeded(world.create_link(unlinking(json!({}))).await);
    succeeded(world.delete_link(LINK_ID).await);
    assert!(!world.link_settings().integration);
    world.later().await;
    let again = succeeded(world.create_link(unlinking(json!({}))).await);
    assert_eq!(again.attribute("TrustedAccess"), "Enabled");
    world.never_but_unlinked(1);
}

/// The link is off already by the time of the Delete, or License Manager's role is gone.
#[tokio::test(start_paused = true)]
async fn a_delete_of_what_is_off_already_changes_nothing() {
    let world = World::new();
    succeeded(world.create_link(unlinking(json!({}))).await);
    let off = SettingsPatch { integration: Some(false), ..SettingsPatch::default() };
    world.cloud().set_service_settings(ACCOUNT, REGION, off);
    let mark = world.mark();
    succeeded(world.delete_link(LINK_ID).await);
    assert_eq!(world.operations_since(mark), ["GetServiceSettings"]);
    world.never();
}

#[tokio::test(start_paused = true)]
async fn a_delete_needs_no_organization_and_no_role() {
    let world = World::new();
    succeeded(world.create_link(unlinking(json!({}))).await);
    world.cloud().without_service_role(ACCOUNT);
    succeeded(world.delete_link(LINK_ID).await);
    world.never();
}
