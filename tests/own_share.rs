//! A share of the resource's own: what it is told from, its tags, name and settings, and exclusive membership.

use crate::support::console::{BARE, ByHand, set};
use crate::support::faults::denial;
use crate::support::world::{MEMBER, MEMBER_2, OTHER_STACK, OUTSIDER, STACK, World, attached, own, with};
use local_cloud::Settings;
use local_cloud::fault::{FaultKind, FaultRule};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn tagged(properties: Value, tags: impl IntoIterator<Item = (String, String)>) -> Value {
    let tags: Vec<Value> = tags.into_iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    with(properties, "Tags", json!(tags))
}

fn numbered(prefix: &str, count: usize) -> BTreeMap<String, String> {
    (0..count).map(|number| (format!("{prefix}-{number}"), number.to_string())).collect()
}

/// The tags but for the provider's own.
fn of_the_template(world: &World, share: &str) -> BTreeMap<String, String> {
    let mut tags = world.look(share).tags;
    tags.retain(|key, _| !key.starts_with("license-manager-provider:"));
    tags
}

#[tokio::test(start_paused = true)]
async fn twins_by_name_are_never_touched() {
    let world = World::new();
    let licenses = world.license_configurations(2);
    let gone = world.share_by_hand(ByHand { name: "licenses", ..BARE }).await;
    world.cloud().remove_share_by_hand(&gone);
    let event = world.event_of(OTHER_STACK, "Create", None, "Share", own("licenses", &licenses, &[MEMBER]));
    let theirs = world.answer(&event).await.physical_id().to_owned();
    let by_hand = world.share_by_hand(ByHand { name: "licenses", ..BARE }).await;
    let before = (world.settled(&theirs).await, world.settled(&by_hand).await);
    let created = world.create("Share", own("licenses", &licenses[..1], &[MEMBER_2])).await;
    let share = created.physical_id().to_owned();
    assert!(![&gone, &theirs, &by_hand].contains(&&share));
    assert!(world.update(&share, "Share", own("licenses", &licenses, &[])).await.is_success());
    world.cloud().remove_share_by_hand(&share);
    let anew = world.update(&share, "Share", own("licenses", &licenses, &[MEMBER])).await;
    assert!(
        anew.is_success() && ![&gone, &theirs, &by_hand, &share].contains(&&anew.physical_id().to_owned())
    );
    assert!(world.delete(anew.physical_id(), "Share").await.is_success());
    assert_eq!((world.settled(&theirs).await, world.settled(&by_hand).await), before);
}

#[tokio::test(start_paused = true)]
async fn a_share_whose_arn_was_never_learnt_is_found_by_its_tag_behind_empty_and_short_pages() {
    let mut settings = Settings::default();
    (settings.pages.size, settings.pages.empty_first_page) = (1, true);
    let world = World::with(settings);
    let licenses = world.license_configurations(2);
    for _ in 0..3 {
        world.share_by_hand(ByHand { name: "licenses", ..BARE }).await;
    }
    world.cloud().add_fault(FaultRule::once("ram", "CreateResourceShare", FaultKind::LostAnswer));
    world.cloud().add_fault(FaultRule::once("ram", "CreateResourceShare", denial()));
    let created = world.create("Share", own("licenses", &licenses, &[MEMBER])).await;
    assert!(!created.is_success() && created.physical_id().contains("/none/"), "{}", created.bytes);
    let writes = world.written_since(0);
    assert_eq!(writes.iter().filter(|operation| *operation == "CreateResourceShare").count(), 3 + 2);
    assert_eq!(world.live_shares(), ["licenses"; 3]);
    assert!(world.delete(created.physical_id(), "Share").await.is_success());
    assert_eq!(world.live_shares(), ["licenses"; 3]);
}

#[tokio::test(start_paused = true)]
async fn a_whole_life_goes_behind_empty_and_short_pages() {
    let mut settings = Settings::default();
    (settings.pages.size, settings.pages.empty_first_page) = (1, true);
    let world = World::with(settings);
    let licenses = world.license_configurations(3);
    let created = world.create("Share", own("licenses", &licenses[..2], &[MEMBER, MEMBER_2])).await;
    assert!(created.is_success(), "{}", created.reason());
    let updated =
        world.update(created.physical_id(), "Share", own("licenses", &licenses[1..], &[MEMBER_2])).await;
    assert!(updated.is_success(), "{}", updated.reason());
    assert_eq!(
        world.members(created.physical_id()),
        set([&licenses[1], &licenses[2], MEMBER_2].map(AsRef::as_ref))
    );
    assert!(world.delete(created.physical_id(), "Share").await.is_success());
    assert_eq!(world.live_shares(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn the_providers_tags_say_whose_a_share_is_and_which_request_made_it() {
    let world = World::new();
    let event = world.event("Create", None, "Share", own("licenses", &[], &[]));
    let created = world.answer(&event).await;
    let expected = |request: &str| {
        [("stack-id", STACK), ("logical-id", "Share"), ("request-id", request), ("origin", "made")]
            .map(|(key, value)| (format!("license-manager-provider:{key}"), value.to_owned()))
            .into()
    };
    assert_eq!(world.look(created.physical_id()).tags, expected(&event.request_id));
    assert!(world.update(created.physical_id(), "Share", own("renamed", &[], &[])).await.is_success());
    assert_eq!(world.look(created.physical_id()).tags, expected(&event.request_id));
}

#[tokio::test(start_paused = true)]
async fn template_tags_are_set_changed_and_removed_and_tags_of_others_stay() {
    let world = World::new();
    let properties = |tags: &[(&str, &str)]| {
        tagged(
            own("licenses", &[], &[]),
            tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())),
        )
    };
    let created = world.create("Share", properties(&[("a", "1"), ("b", "1"), ("c", "1")])).await;
    let share = created.physical_id();
    world.tag_by_hand(share, "theirs", "x").await;
    let updated = world.update(share, "Share", properties(&[("a", "1"), ("b", "2"), ("d", "")])).await;
    assert!(updated.is_success(), "{}", updated.reason());
    let expected = [("a", "1"), ("b", "2"), ("d", ""), ("theirs", "x")];
    let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(of_the_template(&world, share), BTreeMap::from(expected));
    assert!(world.update(share, "Share", properties(&[])).await.is_success());
    assert_eq!(of_the_template(&world, share), [("theirs".to_owned(), "x".to_owned())].into());
}

#[tokio::test(start_paused = true)]
async fn forty_six_tags_fit_and_can_all_be_exchanged_at_once() {
    let world = World::new();
    let first = tagged(own("licenses", &[], &[]), numbered("a", 46));
    let created = world.create("Share", first.clone()).await;
    assert!(created.is_success(), "{}", created.reason());
    assert_eq!(of_the_template(&world, created.physical_id()), numbered("a", 46));
    let second = tagged(own("licenses", &[], &[]), numbered("b", 46));
    let updated = world.update(created.physical_id(), "Share", second).await;
    assert!(updated.is_success(), "{}", updated.reason());
    assert_eq!(of_the_template(&world, created.physical_id()), numbered("b", 46));
    assert!(world.update(created.physical_id(), "Share", first).await.is_success());
    assert_eq!(of_the_template(&world, created.physical_id()), numbered("a", 46));
    let third = tagged(own("other", &[], &[]), numbered("c", 47));
    assert!(!world.create("Other", third).await.is_success());
}

#[tokio::test(start_paused = true)]
async fn external_principals_are_allowed_before_additions_and_forbidden_after_removals() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let inside = own("licenses", &licenses, &[MEMBER]);
    let created = world.create("Share", inside.clone()).await;
    let outside = with(own("licenses", &licenses, &[OUTSIDER]), "AllowExternalPrincipals", json!(true));
    let mark = world.mark();
    let updated = world.update(created.physical_id(), "Share", outside).await;
    assert!(updated.is_success(), "{}", updated.reason());
    assert_eq!(
        world.written_since(mark),
        ["UpdateResourceShare", "AssociateResourceShare", "DisassociateResourceShare"]
    );
    assert!(world.look(created.physical_id()).allow_external);
    let mark = world.mark();
    let back = world.update(created.physical_id(), "Share", inside).await;
    assert!(back.is_success(), "{}", back.reason());
    assert_eq!(
        world.written_since(mark),
        ["AssociateResourceShare", "DisassociateResourceShare", "UpdateResourceShare"]
    );
    assert!(!world.look(created.physical_id()).allow_external);
    assert!(
        world
            .writes_since(0)
            .iter()
            .filter(|call| call.operation == "CreateResourceShare")
            .all(|call| { call.input["allowExternalPrincipals"] == json!(false) })
    );
}

#[tokio::test(start_paused = true)]
async fn members_that_the_template_does_not_name_are_told_and_stay() {
    let world = World::new();
    let licenses = world.license_configurations(2);
    let properties = own("licenses", &licenses[..1], &[MEMBER]);
    let created = world.create("Share", properties.clone()).await;
    assert_eq!(created.attribute("UnmanagedMembersCount"), "0");
    world.add_by_hand(created.physical_id(), &[MEMBER_2, &licenses[1]]).await;
    let updated =
        world.update(created.physical_id(), "Share", with(properties, "Revision", json!("2"))).await;
    assert!(updated.is_success(), "{}", updated.reason());
    let unmanaged: Vec<&str> = updated.attribute("UnmanagedMembers").split(',').collect();
    assert_eq!(set(unmanaged), set([MEMBER_2, &licenses[1]]));
    assert_eq!(updated.attribute("UnmanagedMembersCount"), "2");
    assert_eq!(world.members(created.physical_id()).len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_member_by_hand_that_an_update_names_is_still_there_after_its_rollback() {
    for fails in [true, false] {
        let world = World::new();
        let licenses = world.license_configurations(1);
        let first = own("licenses", &licenses, &[MEMBER]);
        let created = world.create("Share", first.clone()).await;
        world.add_by_hand(created.physical_id(), &[MEMBER_2]).await;
        let before = world.settled(created.physical_id()).await;
        if fails {
            world.deny("UpdateResourceShare", 0);
        }
        let updated = world
            .update(created.physical_id(), "Share", own("renamed", &licenses, &[MEMBER, MEMBER_2]))
            .await;
        assert_eq!(updated.is_success(), !fails, "{}", updated.bytes);
        let back = world.update(created.physical_id(), "Share", first).await;
        assert!(back.is_success(), "{}", back.reason());
        assert_eq!(world.settled(created.physical_id()).await, before, "fails: {fails}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_member_by_hand_that_the_template_named_goes_when_the_template_drops_it() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let created = world.create("Share", own("licenses", &licenses, &[MEMBER])).await;
    world.add_by_hand(created.physical_id(), &[MEMBER_2]).await;
    for properties in [own("licenses", &licenses, &[MEMBER, MEMBER_2]), own("two", &licenses, &[MEMBER])] {
        let updated = world.update(created.physical_id(), "Share", properties).await;
        assert!(updated.is_success(), "{}", updated.reason());
    }
    assert_eq!(world.members(created.physical_id()), set([&licenses[0], MEMBER]));
}

#[tokio::test(start_paused = true)]
async fn a_member_that_another_resource_names_too_stays_when_this_one_drops_it() {
    let world = World::new();
    let licenses = world.license_configurations(2);
    let created = world.create("Share", own("licenses", &licenses, &[MEMBER])).await;
    let share = created.physical_id();
    let theirs = with(attached(share, &licenses[1..], &[]), "AdoptExisting", json!(true));
    let event = world.event_of(OTHER_STACK, "Create", None, "Members", theirs);
    assert!(world.answer(&event).await.is_success());
    let updated = world.update(share, "Share", own("licenses", &licenses[..1], &[MEMBER])).await;
    assert!(updated.is_success(), "{}", updated.reason());
    assert_eq!(world.members(share), set([&licenses[0], &licenses[1], MEMBER].map(AsRef::as_ref)));
    assert_eq!(updated.attribute("UnmanagedMembers"), licenses[1]);
}

#[tokio::test(start_paused = true)]
async fn exclusive_membership_removes_last_names_whom_and_spares_what_another_record_names() {
    let world = World::new();
    let licenses = world.license_configurations(4);
    let created = world.create("Share", own("licenses", &licenses[..1], &[MEMBER])).await;
    let share = created.physical_id().to_owned();
    let event =
        world.event_of(OTHER_STACK, "Create", None, "Members", attached(&share, &licenses[1..2], &[]));
    assert!(world.answer(&event).await.is_success());
    world.add_by_hand(&share, &[MEMBER_2, &licenses[2]]).await;
    world.later().await;
    let exclusive = with(own("licenses", &licenses[3..], &[MEMBER]), "ExclusiveMembership", json!(true));
    let mark = world.mark();
    let updated = world.update(&share, "Share", exclusive).await;
    assert!(updated.is_success(), "{}", updated.reason());
    assert_eq!(world.members(&share), set([&licenses[1], &licenses[3], MEMBER].map(AsRef::as_ref)));
    for named in [MEMBER_2, &licenses[2]] {
        assert!(updated.attribute("Warnings").contains(named), "{}", updated.bytes);
    }
    assert!(!updated.attribute("Warnings").contains(&licenses[0]), "{}", updated.bytes);
    assert_eq!(updated.attribute("UnmanagedMembers"), licenses[1]);
    let writes = world.writes_since(mark);
    let last = writes.last().unwrap();
    assert_eq!(last.operation, "DisassociateResourceShare");
    assert_eq!(last.input["principals"], json!([MEMBER_2]));
    assert_eq!(last.input["resourceArns"], json!([licenses[2]]));
    assert_eq!(writes.len(), 3, "{writes:?}");
}
