//! Adoption of a share by its name: taken over, given back as it was, never deleted.

use crate::support::console::{BARE, ByHand, set};
use crate::support::world::{ACCOUNT, MEMBER, MEMBER_2, OTHER_STACK, REGION, World, attached, own, with};
use local_cloud::fault::{FaultKind, FaultRule};
use local_cloud::ram::FailAssociation;
use serde_json::{Value, json};

fn adopting(properties: Value) -> Value {
    with(properties, "AdoptExisting", json!(true))
}

fn tagged(properties: Value, tags: &[(&str, &str)]) -> Value {
    let tags: Vec<Value> = tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    with(properties, "Tags", json!(tags))
}

/// A share by hand with two members and two tags.
async fn by_hand(world: &World, licenses: &[String]) -> String {
    let tags = [("team", "blue"), ("cost", "7")];
    let share = ByHand { resources: &licenses[..1], principals: &[MEMBER], tags: &tags, ..BARE };
    world.share_by_hand(share).await
}

/// What changes everything about it that can be changed.
fn everything(licenses: &[String]) -> Value {
    let properties = tagged(own("by-hand", licenses, &[MEMBER, MEMBER_2]), &[("team", "red"), ("new", "1")]);
    adopting(with(properties, "AllowExternalPrincipals", json!(true)))
}

#[tokio::test(start_paused = true)]
async fn an_adopted_share_is_given_back_exactly_as_it_was() {
    let world = World::new();
    let licenses = world.license_configurations(2);
    let share = by_hand(&world, &licenses).await;
    let before = world.settled(&share).await;
    let created = world.create("Share", everything(&licenses)).await;
    assert!(created.is_success(), "{}", created.reason());
    assert_eq!(created.physical_id(), share);
    assert!(created.attribute("Warnings").contains("adopted"), "{}", created.bytes);
    let taken = world.look(&share);
    assert!(taken.allow_external);
    assert_eq!(
        (taken.tags["team"].as_str(), taken.tags["cost"].as_str(), taken.tags["new"].as_str()),
        ("red", "7", "1")
    );
    let renamed = tagged(own("renamed", &licenses[1..], &[MEMBER_2]), &[("cost", "8")]);
    let updated = world.update(&share, "Share", adopting(renamed)).await;
    assert!(updated.is_success(), "{}", updated.reason());
    let taken = world.look(&share);
    assert_eq!((taken.name.as_str(), taken.allow_external), ("renamed", false));
    assert_eq!((taken.tags["team"].as_str(), taken.tags["cost"].as_str()), ("blue", "8"));
    assert!(!taken.tags.contains_key("new"));
    let again = world.update(&share, "Share", everything(&licenses)).await;
    assert!(again.is_success(), "{}", again.reason());
    let deleted = world.delete(&share, "Share").await;
    assert!(deleted.is_success(), "{}", deleted.reason());
    assert_eq!(world.settled(&share).await, before);
}

#[tokio::test(start_paused = true)]
async fn an_adopted_share_that_is_replaced_is_given_back_by_the_delete_of_the_old_id() {
    for rolls_back in [true, false] {
        let world = World::new();
        let licenses = world.license_configurations(2);
        let organization = world.organization_arn();
        let share = by_hand(&world, &licenses).await;
        let before = world.settled(&share).await;
        let first = adopting(own("by-hand", &licenses, &[&organization]));
        assert_eq!(world.create("Share", first.clone()).await.physical_id(), share);
        let external = with(first.clone(), "AllowExternalPrincipals", json!(true));
        let retained = with(external, "RetainSharingOnAccountLeaveOrganization", json!(true));
        let updated = world.update(&share, "Share", retained).await;
        assert!(updated.is_success() && updated.physical_id() != share, "{}", updated.bytes);
        let last = if rolls_back {
            let back = world.update(updated.physical_id(), "Share", first).await;
            assert_eq!(back.physical_id(), share, "{}", back.bytes);
            assert!(world.delete(updated.physical_id(), "Share").await.is_success());
            assert_eq!(world.members(&share).len(), 4);
            share.clone()
        } else {
            assert!(world.delete(&share, "Share").await.is_success());
            assert_eq!(world.settled(&share).await, before);
            updated.physical_id().to_owned()
        };
        assert!(world.delete(&last, "Share").await.is_success());
        assert_eq!(world.settled(&share).await, before, "{rolls_back}");
        assert_eq!(world.live_shares(), ["by-hand"], "{rolls_back}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_that_fails_at_any_point_of_an_adoption_leaves_the_share_as_it_was() {
    let points =
        ["UpdateResourceShare", "TagResource", "AssociateResourceShare", "GetResourceShareAssociations"];
    for point in points {
        let world = World::new();
        let licenses = world.license_configurations(2);
        let share = by_hand(&world, &licenses).await;
        let before = world.settled(&share).await;
        let (code, message) = ("AccessDeniedException".to_owned(), "denied by a policy".to_owned());
        let kind = FaultKind::Error { status: 403, code, message };
        // The first two reads of members are the look before.
        let after_calls = if point.starts_with("Get") { 2 } else { 0 };
        world.cloud().add_fault(FaultRule { after_calls, ..FaultRule::once("ram", point, kind) });
        let created = world.create("Share", everything(&licenses)).await;
        assert!(
            !created.is_success() && created.reason().contains("denied by a policy"),
            "{point}: {}",
            created.bytes
        );
        assert!(created.physical_id().contains("/none/"), "{point}: {}", created.physical_id());
        assert_eq!(world.settled(&share).await, before, "{point}");
        assert!(world.delete(created.physical_id(), "Share").await.is_success(), "{point}");
        assert_eq!(world.settled(&share).await, before, "{point}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_member_that_ram_gives_up_on_while_adopting_leaves_no_trace() {
    let world = World::new();
    let licenses = world.license_configurations(2);
    let share = by_hand(&world, &licenses).await;
    let before = world.settled(&share).await;
    world.cloud().fail_association(FailAssociation::of(MEMBER_2, "no capacity"));
    let created = world.create("Share", everything(&licenses)).await;
    assert!(!created.is_success() && created.reason().contains("no capacity"), "{}", created.bytes);
    assert_eq!(world.settled(&share).await, before);
}

/// Refused, with this in the Reason, and nothing written.
async fn refused(world: &World, share: &str, properties: Value, because: &str) {
    let before = world.settled(share).await;
    let mark = world.mark();
    let created = world.create("Share", adopting(properties)).await;
    assert!(!created.is_success() && created.reason().contains(because), "{because}: {}", created.bytes);
    assert_eq!(world.written_since(mark), Vec::<String>::new(), "{because}");
    assert_eq!(world.settled(share).await, before, "{because}");
}

#[tokio::test(start_paused = true)]
async fn shares_that_somebody_else_owns_are_not_adopted() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let event = world.event_of(OTHER_STACK, "Create", None, "Share", own("theirs", &licenses, &[]));
    let theirs = world.answer(&event).await.physical_id().to_owned();
    refused(&world, &theirs, own("theirs", &licenses, &[]), OTHER_STACK).await;
    let lm = world.cloud().create_license_manager_share(ACCOUNT, REGION);
    let name = world.look(&lm).name;
    refused(&world, &lm, own(&name, &licenses, &[]), "License Manager's own").await;
    let kept = world.share_by_hand(ByHand { name: "kept", external: true, retain: true, ..BARE }).await;
    refused(&world, &kept, own("kept", &licenses, &[]), "RetainSharingOnAccountLeaveOrganization").await;
    let twin = world.share_by_hand(ByHand { name: "twin", ..BARE }).await;
    let other = world.share_by_hand(ByHand { name: "twin", ..BARE }).await;
    refused(&world, &twin, own("twin", &licenses, &[]), &other).await;
}

#[tokio::test(start_paused = true)]
async fn a_deleted_namesake_does_not_count_and_without_adoption_a_live_one_does_not_either() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let gone = world.share_by_hand(BARE).await;
    world.cloud().remove_share_by_hand(&gone);
    let live = world.share_by_hand(BARE).await;
    let before = world.settled(&live).await;
    let own_twin = world.create("Own", own("by-hand", &licenses, &[MEMBER])).await;
    assert!(own_twin.is_success() && own_twin.physical_id() != live && own_twin.physical_id() != gone);
    assert!(world.delete(own_twin.physical_id(), "Own").await.is_success());
    assert_eq!(world.settled(&live).await, before);
    let adopted = world.create("Share", adopting(own("by-hand", &licenses, &[MEMBER]))).await;
    assert_eq!(adopted.physical_id(), live, "{}", adopted.bytes);
}

#[tokio::test(start_paused = true)]
async fn without_a_share_of_the_name_adoption_makes_one_that_goes_with_the_stack() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let created = world.create("Share", adopting(own("new", &licenses, &[MEMBER]))).await;
    assert!(created.is_success(), "{}", created.reason());
    assert!(world.delete(created.physical_id(), "Share").await.is_success());
    assert_eq!(world.live_shares(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_renamed_logical_id_takes_the_share_over_and_deletes_it_at_last() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let properties = adopting(own("licenses", &licenses, &[MEMBER]));
    let old = world.create("Old", properties.clone()).await;
    let share = old.physical_id().to_owned();
    let new = world.create("New", properties).await;
    assert!(new.is_success(), "{}", new.reason());
    assert_eq!(new.physical_id(), share);
    assert!(world.delete(&share, "Old").await.is_success());
    assert_eq!(world.members(&share), set([&licenses[0], MEMBER]));
    assert!(world.delete(&share, "New").await.is_success());
    assert_eq!(world.live_shares(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_renamed_logical_id_that_is_rolled_back_leaves_the_share_to_the_old_one() {
    let world = World::new();
    let licenses = world.license_configurations(2);
    let old = world.create("Old", own("licenses", &licenses[..1], &[MEMBER])).await;
    let share = old.physical_id().to_owned();
    let before = world.settled(&share).await;
    let new = world.create("New", adopting(own("licenses", &licenses, &[MEMBER, MEMBER_2]))).await;
    assert!(new.is_success(), "{}", new.reason());
    assert!(world.delete(&share, "New").await.is_success());
    assert_eq!(world.settled(&share).await, before);
    assert!(world.delete(&share, "Old").await.is_success());
    assert_eq!(world.live_shares(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn members_that_a_renamed_logical_id_drops_go_with_the_old_one_or_at_its_next_update() {
    let world = World::new();
    let licenses = world.license_configurations(3);
    let old = world.create("Old", own("licenses", &licenses, &[MEMBER, MEMBER_2])).await;
    let share = old.physical_id().to_owned();
    let new = world.create("New", adopting(own("licenses", &licenses[..2], &[MEMBER]))).await;
    assert!(new.is_success(), "{}", new.reason());
    assert!(world.delete(&share, "Old").await.is_success());
    assert_eq!(world.members(&share), set([&licenses[0], &licenses[1], MEMBER].map(AsRef::as_ref)));
    let updated = world.update(&share, "New", adopting(own("licenses", &licenses[..1], &[MEMBER]))).await;
    assert!(updated.is_success(), "{}", updated.reason());
    assert_eq!(world.members(&share), set([&licenses[0], MEMBER]));
    assert!(world.delete(&share, "New").await.is_success());
    assert_eq!(world.live_shares(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_create_under_a_renamed_logical_id_that_fails_at_any_call_leaves_the_share_to_the_old_one() {
    let mut failures = 0;
    for after in 0..16 {
        let world = World::new();
        let licenses = world.license_configurations(3);
        let old = world.create("Old", own("licenses", &licenses[..2], &[MEMBER])).await;
        let share = old.physical_id().to_owned();
        let before = world.settled(&share).await;
        world.deny("*", after);
        let new = world.create("New", with(everything(&licenses[1..]), "Name", json!("licenses"))).await;
        world.cloud().clear_faults();
        failures += usize::from(!new.is_success());
        assert!(world.delete(new.physical_id(), "New").await.is_success(), "{after}");
        assert_eq!(world.settled(&share).await, before, "{after}");
        assert!(world.delete(&share, "Old").await.is_success(), "{after}");
        assert_eq!(world.live_shares(), Vec::<String>::new(), "{after}");
    }
    assert!((5..16).contains(&failures), "{failures}");
}

#[tokio::test(start_paused = true)]
async fn a_share_that_goes_from_hand_to_hand_ends_as_it_began() {
    for made in [true, false] {
        for updates in [true, false] {
            let world = World::new();
            let licenses = world.license_configurations(2);
            let by_hand = if made { None } else { Some(by_hand(&world, &licenses).await) };
            let first = adopting(own("by-hand", &licenses[..1], &[MEMBER]));
            let share = world.create("First", first.clone()).await.physical_id().to_owned();
            let before = world.settled(&share).await;
            for (old, new) in [("First", "Second"), ("Second", "Third"), ("Third", "Fourth")] {
                let taken = world.create(new, everything(&licenses)).await;
                assert_eq!(taken.physical_id(), share, "{new}: {}", taken.bytes);
                assert!(world.delete(&share, old).await.is_success(), "{old}");
                if updates {
                    assert!(
                        world.update(&share, new, everything(&licenses[..1])).await.is_success(),
                        "{new}"
                    );
                    assert!(world.update(&share, new, first.clone()).await.is_success(), "{new}");
                }
            }
            let deleted = world.delete(&share, "Fourth").await;
            assert!(deleted.is_success(), "{}", deleted.reason());
            match by_hand {
                None => assert_eq!(world.live_shares(), Vec::<String>::new(), "{updates}"),
                Some(share) => {
                    let mut expected = before;
                    expected.tags.retain(|key, _| !key.starts_with("license-manager-provider:"));
                    assert_eq!(world.settled(&share).await, expected, "{updates}");
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn exclusive_adoption_spares_what_another_record_names() {
    let world = World::new();
    let licenses = world.license_configurations(3);
    let share = world.share_by_hand(ByHand { resources: &licenses[..1], ..BARE }).await;
    let event =
        world.event_of(OTHER_STACK, "Create", None, "Members", attached(&share, &licenses[1..2], &[]));
    assert!(world.answer(&event).await.is_success());
    let exclusive = with(own("by-hand", &licenses[2..], &[MEMBER]), "ExclusiveMembership", json!(true));
    let created = world.create("Share", adopting(exclusive)).await;
    assert!(created.is_success(), "{}", created.reason());
    assert_eq!(world.members(&share), set([&licenses[1], &licenses[2], MEMBER].map(AsRef::as_ref)));
}

#[tokio::test(start_paused = true)]
async fn an_adopted_share_survives_a_renamed_logical_id_too() {
    let world = World::new();
    let licenses = world.license_configurations(2);
    let share = by_hand(&world, &licenses).await;
    let before = world.settled(&share).await;
    assert!(world.create("Old", everything(&licenses)).await.is_success());
    let new = world.create("New", everything(&licenses)).await;
    assert!(new.is_success(), "{}", new.reason());
    assert!(world.delete(&share, "Old").await.is_success());
    assert_eq!(world.members(&share).len(), 4);
    let deleted = world.delete(&share, "New").await;
    assert!(deleted.is_success(), "{}", deleted.reason());
    assert_eq!(world.settled(&share).await, before);
}

/// The table was replaced: an adopted share is told from a made one by nothing that is left.
#[tokio::test(start_paused = true)]
async fn an_adopted_share_survives_the_loss_of_its_record() {
    let world = World::new();
    let licenses = world.license_configurations(2);
    let share = by_hand(&world, &licenses).await;
    let adopts = adopting(own("by-hand", &licenses[..1], &[MEMBER]));
    assert!(world.create("Share", adopts.clone()).await.is_success());
    let emptied = world.process_on(std::sync::Arc::new(provider::record::MemoryRecords::new()));
    world.later().await;
    let update = world.event("Update", Some(&share), "Share", with(adopts, "Revision", json!("2")));
    world.deliver_to(&emptied, &update).await.unwrap();
    world.later().await;
    let delete = world.event("Delete", Some(&share), "Share", json!({}));
    world.deliver_to(&emptied, &delete).await.unwrap();
    assert_eq!(world.live_shares(), ["by-hand"]);
}
