//! Members of a share that is not the resource's own: what this resource added goes, everything else stays.

use crate::support::console::{BARE, ByHand, set};
use crate::support::s3::Answer;
use crate::support::world::{ACCOUNT, MEMBER, MEMBER_2, OTHER_STACK, REGION, World, attached, with};
use local_cloud::fault::{FaultKind, FaultRule};
use local_cloud::ram::FailAssociation;
use serde_json::{Value, json};

fn adopting(properties: Value) -> Value {
    with(properties, "AdoptExisting", json!(true))
}

fn denied(operation: &str) -> FaultRule {
    let (code, message) = ("AccessDeniedException".to_owned(), "denied by a policy".to_owned());
    FaultRule::once("ram", operation, FaultKind::Error { status: 403, code, message })
}

/// License Manager's own share, and what is called with it from here on.
fn license_manager_share(world: &World) -> String {
    world.cloud().create_license_manager_share(ACCOUNT, REGION)
}

#[tokio::test(start_paused = true)]
async fn license_managers_share_gets_members_and_nothing_else_is_done_to_it() {
    let world = World::new();
    let licenses = world.license_configurations(3);
    let share = license_manager_share(&world);
    let before = world.look(&share);
    let mark = world.mark();
    let created = world.create("Members", attached(&share, &licenses[..2], &[MEMBER])).await;
    assert!(created.is_success(), "{}", created.reason());
    assert!(created.physical_id().starts_with(&format!("{share}#")), "{}", created.physical_id());
    assert_eq!(created.attribute("ResourceShareArn"), share);
    let updated = world.update(created.physical_id(), "Members", attached(&share, &licenses[1..], &[])).await;
    assert!(updated.is_success(), "{}", updated.reason());
    assert_eq!(updated.physical_id(), created.physical_id());
    let organization = world.organization_arn();
    assert_eq!(world.members(&share), set([&organization, &licenses[1], &licenses[2]].map(String::as_str)));
    assert!(world.delete(created.physical_id(), "Members").await.is_success());
    assert_eq!(world.settled(&share).await, before);
    let allowed = ["AssociateResourceShare", "DisassociateResourceShare"];
    let written = world.written_since(mark);
    assert!(written.iter().all(|operation| allowed.contains(&operation.as_str())), "{written:?}");
}

#[tokio::test(start_paused = true)]
async fn members_on_no_record_are_refused_by_name_before_the_first_write() {
    let world = World::new();
    let licenses = world.license_configurations(3);
    let by_hand = ByHand { resources: &licenses[..2], principals: &[MEMBER], ..BARE };
    let share = world.share_by_hand(by_hand).await;
    let before = world.settled(&share).await;
    let mark = world.mark();
    let created = world.create("Members", attached(&share, &licenses, &[MEMBER, MEMBER_2])).await;
    assert!(!created.is_success());
    for named in [&licenses[0], &licenses[1], MEMBER] {
        assert!(created.reason().contains(named), "{}", created.reason());
    }
    assert!(
        !created.reason().contains(&licenses[2]) && !created.reason().contains(MEMBER_2),
        "{}",
        created.reason()
    );
    assert!(created.physical_id().starts_with("license-config-share/none/"), "{}", created.physical_id());
    let deleted = world.delete(created.physical_id(), "Members").await;
    assert!(deleted.is_success(), "{}", deleted.reason());
    assert_eq!(deleted.physical_id(), created.physical_id());
    assert_eq!(world.written_since(mark), Vec::<String>::new());
    assert_eq!(world.settled(&share).await, before);
}

#[tokio::test(start_paused = true)]
async fn an_update_that_names_a_member_on_no_record_is_refused_and_its_rollback_changes_nothing() {
    let world = World::new();
    let licenses = world.license_configurations(3);
    let share = world.share_by_hand(ByHand { resources: &licenses[..1], ..BARE }).await;
    let first = attached(&share, &licenses[1..2], &[]);
    let created = world.create("Members", first.clone()).await;
    let before = world.settled(&share).await;
    let mark = world.mark();
    let refused = world.update(created.physical_id(), "Members", attached(&share, &licenses, &[])).await;
    assert!(!refused.is_success() && refused.reason().contains(&licenses[0]), "{}", refused.bytes);
    assert_eq!(refused.physical_id(), created.physical_id());
    let back = world.update(created.physical_id(), "Members", first).await;
    assert!(back.is_success(), "{}", back.reason());
    assert_eq!(world.written_since(mark), Vec::<String>::new());
    assert_eq!(world.settled(&share).await, before);
}

#[tokio::test(start_paused = true)]
async fn adopted_members_are_never_removed() {
    let world = World::new();
    let licenses = world.license_configurations(3);
    let by_hand = ByHand { resources: &licenses[..2], principals: &[MEMBER], ..BARE };
    let share = world.share_by_hand(by_hand).await;
    let before = world.settled(&share).await;
    let all = adopting(attached(&share, &licenses, &[MEMBER]));
    let created = world.create("Members", all.clone()).await;
    assert!(created.is_success(), "{}", created.reason());
    let fewer = adopting(attached(&share, &licenses[1..], &[]));
    let updated = world.update(created.physical_id(), "Members", fewer).await;
    assert!(updated.is_success(), "{}", updated.reason());
    assert_eq!(
        world.members(&share),
        set([&licenses[0], &licenses[1], &licenses[2], MEMBER].map(AsRef::as_ref))
    );
    let again = world.update(created.physical_id(), "Members", all).await;
    assert!(again.is_success(), "{}", again.reason());
    assert!(world.delete(created.physical_id(), "Members").await.is_success());
    assert_eq!(world.settled(&share).await, before);
}

#[tokio::test(start_paused = true)]
async fn a_create_that_fails_half_way_removes_what_it_added_and_has_a_none_id() {
    let world = World::new();
    let licenses = world.license_configurations(3);
    let share =
        world.share_by_hand(ByHand { resources: &licenses[..1], principals: &[MEMBER], ..BARE }).await;
    let before = world.settled(&share).await;
    world.cloud().fail_association(FailAssociation::of(MEMBER_2, "no capacity"));
    let created = world.create("Members", adopting(attached(&share, &licenses, &[MEMBER, MEMBER_2]))).await;
    assert!(!created.is_success() && created.reason().contains("no capacity"), "{}", created.bytes);
    assert!(created.physical_id().starts_with("license-config-share/none/"), "{}", created.physical_id());
    assert_eq!(world.settled(&share).await, before);
    assert!(world.delete(created.physical_id(), "Members").await.is_success());
    assert_eq!(world.settled(&share).await, before);
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_taken_back_at_once_goes_with_the_delete_of_the_none_id() {
    let world = World::new();
    let licenses = world.license_configurations(2);
    let share = world.share_by_hand(BARE).await;
    let before = world.settled(&share).await;
    world.cloud().add_fault(denied("GetResourceShareAssociations"));
    world.cloud().change_settings(|s| s.ram.times.associate_resource = std::time::Duration::from_secs(1));
    world.cloud().fail_association(FailAssociation::of(MEMBER_2, "no capacity"));
    world.cloud().add_fault(denied("DisassociateResourceShare"));
    let created = world.create("Members", attached(&share, &licenses, &[MEMBER, MEMBER_2])).await;
    assert!(!created.is_success());
    assert_ne!(world.settled(&share).await, before, "the take-back was denied");
    assert!(!lets_go(&world), "others count on the members of a request that failed");
    let deleted = world.delete(created.physical_id(), "Members").await;
    assert!(deleted.is_success(), "{}", deleted.reason());
    assert_eq!(world.settled(&share).await, before);
}

/// Whether a record says that members are being let go of.
fn lets_go(world: &World) -> bool {
    world.records.all().iter().any(|(_, record)| record.ledger.to_string().contains("\"going\""))
}

#[tokio::test(start_paused = true)]
async fn what_a_success_could_not_remove_of_an_earlier_request_is_not_said_to_go() {
    let world = World::new();
    let licenses = world.license_configurations(2);
    let share = world.share_by_hand(BARE).await;
    let other = world.share_by_hand(ByHand { name: "other", ..BARE }).await;
    world.cloud().fail_association(FailAssociation::of(MEMBER_2, "no capacity"));
    world.cloud().add_fault(FaultRule { times: None, ..denied("DisassociateResourceShare") });
    let failed = world.create("Members", attached(&share, &licenses, &[MEMBER, MEMBER_2])).await;
    assert!(!failed.is_success());
    world.later().await;
    let created = world.create("Members", attached(&other, &licenses, &[MEMBER])).await;
    assert!(created.is_success(), "{}", created.reason());
    assert!(created.attribute("Warnings").contains("left is not removed yet"), "{}", created.bytes);
    assert!(!lets_go(&world));
    world.cloud().clear_faults();
    assert!(world.delete(created.physical_id(), "Members").await.is_success());
    assert_eq!(world.settled(&share).await.members.len(), 0);
    assert_eq!(world.settled(&other).await.members.len(), 0);
}

/// Two stacks: one adds `first` and `both`, the other `both` and `second`; deleted in this order.
async fn two_stacks(other_first: bool) {
    let world = World::new();
    let licenses = world.license_configurations(3);
    let share = world.share_by_hand(BARE).await;
    let one = world.create("Members", attached(&share, &licenses[..2], &[MEMBER])).await;
    let properties = adopting(attached(&share, &licenses[1..], &[MEMBER]));
    let event = world.event_of(OTHER_STACK, "Create", None, "Members", properties);
    let other = world.answer(&event).await;
    assert!(one.is_success() && other.is_success(), "{} {}", one.reason(), other.reason());
    assert_ne!(one.physical_id(), other.physical_id());
    let (stays, gone, id) = if other_first {
        (&licenses[..2], OTHER_STACK, other.physical_id())
    } else {
        (&licenses[1..], crate::support::world::STACK, one.physical_id())
    };
    world.later().await;
    let delete = world.event_of(gone, "Delete", Some(id), "Members", json!({}));
    assert!(world.answer(&delete).await.is_success());
    let expected = set(stays.iter().map(String::as_str).chain([MEMBER]));
    assert_eq!(world.members(&share), expected);
}

#[tokio::test(start_paused = true)]
async fn of_two_stacks_on_one_share_each_leaves_the_others_members_whichever_goes_first() {
    two_stacks(false).await;
    two_stacks(true).await;
}

/// The answers to two stacks that add the same members at the same time: each has added them.
async fn added_by_two(world: &World, properties: Value) -> (Answer, Answer) {
    let latency = FaultKind::Latency(std::time::Duration::from_millis(50));
    world.cloud().add_fault(FaultRule::always("ram", "*", latency));
    let one = world.event("Create", None, "Members", properties.clone());
    let two = world.event_of(OTHER_STACK, "Create", None, "Members", properties);
    let (one, two) = futures_util::join!(world.answer(&one), world.answer(&two));
    assert!(one.is_success() && two.is_success(), "{} {}", one.reason(), two.reason());
    (one, two)
}

#[tokio::test(start_paused = true)]
async fn a_member_that_two_stacks_add_at_the_same_time_goes_with_the_second() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let share = world.share_by_hand(BARE).await;
    let (one, two) = added_by_two(&world, attached(&share, &licenses, &[MEMBER])).await;
    assert!(world.delete(one.physical_id(), "Members").await.is_success());
    assert_eq!(world.members(&share), set([&licenses[0], MEMBER]));
    world.later().await;
    let delete = world.event_of(OTHER_STACK, "Delete", Some(two.physical_id()), "Members", json!({}));
    assert!(world.answer(&delete).await.is_success());
    assert_eq!(world.members(&share), set([]));
}

/// Until it is rolled back or tried again, the resource counts on what its failed Update was going to let go of.
#[tokio::test(start_paused = true)]
async fn a_member_stays_that_a_failed_update_of_another_stack_was_going_to_leave() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let share = world.share_by_hand(BARE).await;
    let (one, two) = added_by_two(&world, attached(&share, &licenses, &[MEMBER])).await;
    world.later().await;
    world.cloud().fail_association(FailAssociation::of(MEMBER_2, "no capacity"));
    let failed = world.update(one.physical_id(), "Members", attached(&share, &licenses, &[MEMBER_2])).await;
    assert!(failed.reason().contains("no capacity"), "{}", failed.bytes);
    assert!(!lets_go(&world));
    let delete = world.event_of(OTHER_STACK, "Delete", Some(two.physical_id()), "Members", json!({}));
    assert!(world.answer(&delete).await.is_success());
    assert_eq!(world.members(&share), set([&licenses[0], MEMBER]));
}

#[tokio::test(start_paused = true)]
async fn two_resources_of_one_stack_on_one_share_are_told_apart() {
    let world = World::new();
    let licenses = world.license_configurations(2);
    let share = world.share_by_hand(BARE).await;
    let one = world.create("One", attached(&share, &licenses[..1], &[MEMBER])).await;
    let two = world.create("Two", attached(&share, &licenses[1..], &[MEMBER_2])).await;
    assert!(one.is_success() && two.is_success());
    assert_ne!(one.physical_id(), two.physical_id());
    assert!(world.delete(two.physical_id(), "One").await.is_success(), "an id that is not its own");
    assert_eq!(world.members(&share).len(), 4);
    assert!(world.delete(one.physical_id(), "One").await.is_success());
    assert_eq!(world.members(&share), set([&licenses[1], MEMBER_2]));
    assert!(world.delete(two.physical_id(), "Two").await.is_success());
    assert_eq!(world.members(&share), set([]));
}

#[tokio::test(start_paused = true)]
async fn a_delete_whose_record_is_lost_removes_nothing_and_succeeds() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let share = world.share_by_hand(BARE).await;
    let created = world.create("Members", attached(&share, &licenses, &[MEMBER])).await;
    let mark = world.mark();
    let event = world.event_of(OTHER_STACK, "Delete", Some(created.physical_id()), "Members", json!({}));
    assert!(world.answer(&event).await.is_success());
    assert_eq!(world.written_since(mark), Vec::<String>::new());
    assert_eq!(world.members(&share).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_delete_asks_for_no_valid_properties() {
    for properties in
        [json!({}), json!("garbage"), json!(null), json!({"ResourceShareArn": 5, "Colour": [{}]})]
    {
        let world = World::new();
        let licenses = world.license_configurations(1);
        let share = world.share_by_hand(BARE).await;
        let created = world.create("Members", attached(&share, &licenses, &[MEMBER])).await;
        world.later().await;
        let mut event = world.event("Delete", Some(created.physical_id()), "Members", json!({}));
        event.json["ResourceProperties"] = properties.clone();
        let deleted = world.answer(&event).await;
        assert!(deleted.is_success(), "{properties}: {}", deleted.reason());
        assert_eq!(world.members(&share), set([]), "{properties}");
    }
}

/// While a replacement waits for its clean-up, the record holds two shares, and its object names the newer one alone.
#[tokio::test(start_paused = true)]
async fn a_member_stays_that_another_record_names_beside_a_newer_share() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let old = world.share_by_hand(BARE).await;
    let new = world.share_by_hand(ByHand { name: "new", ..BARE }).await;
    let adopts = |share: &str| with(attached(share, &licenses, &[]), "AdoptExisting", json!(true));
    let first = world.create("First", attached(&old, &licenses, &[])).await;
    let second = world.create("Second", adopts(&old)).await;
    assert!(world.update(second.physical_id(), "Second", adopts(&new)).await.is_success());
    assert!(world.delete(first.physical_id(), "First").await.is_success());
    assert_eq!(world.members(&old), licenses.iter().cloned().collect());
}

/// The first delivery dies while RAM is at work: the second one finds the member on its way and must see it arrive.
#[tokio::test(start_paused = true)]
async fn a_create_that_comes_again_waits_until_its_members_are_in() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let share = world.share_by_hand(BARE).await;
    let ten_seconds = std::time::Duration::from_secs(10);
    world.cloud().change_settings(|settings| settings.ram.times.associate_resource = ten_seconds);
    let create = world.event("Create", None, "Members", attached(&share, &licenses, &[]));
    tokio::time::timeout(std::time::Duration::from_secs(3), world.deliver(&create)).await.unwrap_err();
    let created = world.answer(&create).await;
    assert!(created.is_success(), "{}", created.reason());
    assert_eq!(world.look(&share).members[&licenses[0]], "ASSOCIATED");
}
