//! Rollbacks: an Update back to properties that were in force never fails, and leaves what was there before.

use crate::support::console::{BARE, ByHand, Look, set};
use crate::support::s3::Answer;
use crate::support::world::{MEMBER, MEMBER_2, OTHER_STACK, OUTSIDER, STACK, World, attached, own, with};
use local_cloud::Settings;
use local_cloud::organizations::RamSharing;
use local_cloud::ram::{FailAssociation, FailedMember, LostMember};
use provider::protocol::RequestType;
use provider::record::{Ending, RecordKey, Records, Sent, Stamp};
use serde_json::{Value, json};
use std::time::UNIX_EPOCH;

fn external(properties: Value) -> Value {
    with(properties, "AllowExternalPrincipals", json!(true))
}

/// A rollback that must succeed, with a warning that names all these.
async fn rolled_back(world: &World, id: &str, properties: Value, named: &[&str]) -> Answer {
    let back = world.update(id, "Share", properties).await;
    assert!(back.is_success(), "{}", back.reason());
    for name in named {
        assert!(back.attribute("Warnings").contains(name), "{name}: {}", back.bytes);
    }
    back
}

#[tokio::test(start_paused = true)]
async fn a_license_configuration_that_was_deleted_meanwhile_is_left_out_and_named() {
    let world = World::new();
    let licenses = world.license_configurations(2);
    let first = own("licenses", &licenses, &[MEMBER]);
    let created = world.create("Share", first.clone()).await;
    let updated =
        world.update(created.physical_id(), "Share", own("licenses", &licenses[..1], &[MEMBER])).await;
    assert!(updated.is_success());
    world.cloud().delete_license_configuration(&licenses[1]);
    let back = rolled_back(&world, created.physical_id(), first, &[&licenses[1]]).await;
    assert_eq!(back.physical_id(), created.physical_id());
    assert_eq!(world.members(back.physical_id()), set([&licenses[0], MEMBER]));
}

#[tokio::test(start_paused = true)]
async fn accounts_that_left_or_were_closed_are_left_out_and_named() {
    for lost_member in [LostMember::Vanishes, LostMember::Fails] {
        for (closed, stays) in [(true, true), (true, false), (false, true), (false, false)] {
            let mut settings = Settings::default();
            settings.ram.lost_member = lost_member;
            let world = World::with(settings);
            let licenses = world.license_configurations(1);
            let first = own("licenses", &licenses, &[MEMBER, MEMBER_2]);
            let created = world.create("Share", first.clone()).await;
            let second = if stays {
                own("renamed", &licenses, &[MEMBER, MEMBER_2])
            } else {
                own("renamed", &licenses, &[MEMBER])
            };
            assert!(world.update(created.physical_id(), "Share", second).await.is_success());
            if closed {
                world.cloud().close_account(MEMBER_2);
            } else {
                assert!(world.cloud().leave_organization(MEMBER_2));
            }
            let back = rolled_back(&world, created.physical_id(), first, &[MEMBER_2]).await;
            assert_eq!(world.members(back.physical_id()), set([&licenses[0], MEMBER]));
            assert_eq!(world.live_shares(), ["licenses"]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_share_that_was_removed_by_hand_is_made_anew_without_what_cannot_be_had() {
    let world = World::new();
    let licenses = world.license_configurations(2);
    let first = own("licenses", &licenses, &[MEMBER, MEMBER_2]);
    let created = world.create("Share", first.clone()).await;
    assert!(
        world.update(created.physical_id(), "Share", own("renamed", &licenses, &[MEMBER])).await.is_success()
    );
    world.cloud().remove_share_by_hand(created.physical_id());
    world.cloud().delete_license_configuration(&licenses[1]);
    assert!(world.cloud().leave_organization(MEMBER_2));
    let back =
        rolled_back(&world, created.physical_id(), first, &[created.physical_id(), MEMBER_2, &licenses[1]])
            .await;
    assert_ne!(back.physical_id(), created.physical_id());
    assert_eq!(world.members(back.physical_id()), set([&licenses[0], MEMBER]));
    assert!(world.delete(created.physical_id(), "Share").await.is_success());
    assert_eq!(world.live_shares(), ["licenses"]);
    assert!(world.delete(back.physical_id(), "Share").await.is_success());
    assert_eq!(world.live_shares(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn an_attachment_whose_share_is_gone_is_rolled_back_with_a_warning() {
    let world = World::new();
    let licenses = world.license_configurations(2);
    let share = world.share_by_hand(BARE).await;
    let first = attached(&share, &licenses, &[]);
    let created = world.create("Share", first.clone()).await;
    assert!(
        world
            .update(created.physical_id(), "Share", attached(&share, &licenses[..1], &[]))
            .await
            .is_success()
    );
    world.cloud().purge_share(&share);
    let back = rolled_back(&world, created.physical_id(), first, &[&share]).await;
    assert_eq!(back.physical_id(), created.physical_id());
    assert!(world.delete(back.physical_id(), "Share").await.is_success());
}

#[tokio::test(start_paused = true)]
async fn a_member_that_ram_gives_up_on_is_left_out_and_named() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let first = own("licenses", &licenses, &[MEMBER, MEMBER_2]);
    let created = world.create("Share", first.clone()).await;
    assert!(
        world
            .update(created.physical_id(), "Share", own("licenses", &licenses, &[MEMBER]))
            .await
            .is_success()
    );
    world.cloud().fail_association(FailAssociation::of(MEMBER_2, "no capacity"));
    let back = rolled_back(&world, created.physical_id(), first, &[MEMBER_2, "no capacity"]).await;
    assert_eq!(world.members(back.physical_id()), set([&licenses[0], MEMBER]));
}

#[tokio::test(start_paused = true)]
async fn a_member_that_was_left_out_and_that_another_adds_later_is_the_others() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let share = world.share_by_hand(BARE).await;
    let first = attached(&share, &licenses, &[MEMBER, MEMBER_2]);
    let created = world.create("Share", first.clone()).await;
    assert!(
        world
            .update(created.physical_id(), "Share", attached(&share, &licenses, &[MEMBER]))
            .await
            .is_success()
    );
    world
        .cloud()
        .fail_association(FailAssociation { times: Some(1), ..FailAssociation::of(MEMBER_2, "no capacity") });
    rolled_back(&world, created.physical_id(), first, &[MEMBER_2]).await;
    world.add_by_hand(&share, &[MEMBER_2]).await;
    assert!(world.delete(created.physical_id(), "Share").await.is_success());
    assert_eq!(world.members(&share), set([MEMBER_2]));
}

#[tokio::test(start_paused = true)]
async fn external_principals_that_others_added_do_not_make_a_rollback_fail() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let first = own("licenses", &licenses, &[MEMBER]);
    let created = world.create("Share", first.clone()).await;
    assert!(world.update(created.physical_id(), "Share", external(first.clone())).await.is_success());
    world.add_by_hand(created.physical_id(), &[OUTSIDER]).await;
    rolled_back(&world, created.physical_id(), first, &["AllowExternalPrincipals"]).await;
    assert_eq!(world.members(created.physical_id()), set([&licenses[0], MEMBER, OUTSIDER]));
}

#[tokio::test(start_paused = true)]
async fn a_property_that_a_newer_version_knew_is_left_out_and_named() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let created = world.create("Share", own("licenses", &licenses, &[MEMBER])).await;
    let newer = with(own("licenses", &licenses, &[MEMBER, MEMBER_2]), "Colour", json!("blue"));
    let forward = world.update(created.physical_id(), "Share", newer.clone()).await;
    assert!(!forward.is_success() && forward.reason().contains("Colour"), "{}", forward.bytes);
    // The newer version answers it.
    world.later().await;
    let key = RecordKey::new(STACK, "Share");
    let sent = Sent::amz_date(world.clock.now().duration_since(UNIX_EPOCH).unwrap().as_secs());
    let stamp = Stamp { request_id: "newer".to_owned(), request_type: RequestType::Update, sent };
    world.records.begin(&key, &stamp, true).await.unwrap();
    let record = world.records.get(&key).await.unwrap().unwrap();
    let ending = Ending {
        answer: "{}".to_owned(),
        ledger: record.ledger,
        object: record.object,
        succeeded: Some(newer.clone()),
        tombstone_until: None,
    };
    world.records.end(&key, "newer", &ending).await.unwrap();
    rolled_back(&world, created.physical_id(), newer, &["Colour"]).await;
    assert_eq!(world.members(created.physical_id()).len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_refused_update_and_its_rollback_leave_the_share_as_it_was() {
    let world = World::new();
    let licenses = world.license_configurations(2);
    let first = own("licenses", &licenses, &[MEMBER]);
    let created = world.create("Share", first.clone()).await;
    let before = world.settled(created.physical_id()).await;
    world.cloud().delete_license_configuration(&licenses[1]);
    let without = Look { members: world.look(created.physical_id()).members, ..before };
    let mark = world.mark();
    let wanted = external(own("renamed", &licenses, &[MEMBER, MEMBER_2]));
    let refused = world.update(created.physical_id(), "Share", wanted).await;
    assert!(!refused.is_success() && refused.reason().contains(&licenses[1]), "{}", refused.bytes);
    assert_eq!(refused.physical_id(), created.physical_id());
    rolled_back(&world, created.physical_id(), first, &[&licenses[1]]).await;
    assert_eq!(world.written_since(mark), Vec::<String>::new());
    assert_eq!(world.settled(created.physical_id()).await, without);
}

#[tokio::test(start_paused = true)]
async fn an_update_whose_member_ram_gives_up_on_is_rolled_back_whatever_becomes_of_that_member() {
    for failed_member in [FailedMember::Leaves, FailedMember::Unknown] {
        let mut settings = Settings::default();
        settings.ram.failed_member = failed_member;
        let world = World::with(settings);
        let licenses = world.license_configurations(2);
        let share = world.share_by_hand(BARE).await;
        let first = attached(&share, &licenses[..1], &[MEMBER]);
        let created = world.create("Share", first.clone()).await;
        let before = world.settled(&share).await;
        world.cloud().fail_association(FailAssociation::of(MEMBER_2, "no capacity"));
        let failed =
            world.update(created.physical_id(), "Share", attached(&share, &licenses, &[MEMBER_2])).await;
        assert!(!failed.is_success() && failed.reason().contains("no capacity"), "{}", failed.bytes);
        rolled_back(&world, created.physical_id(), first, &[]).await;
        let mut after = world.settled(&share).await;
        if failed_member == FailedMember::Unknown {
            assert_eq!(after.members.remove(MEMBER_2).as_deref(), Some("FAILED"));
        }
        assert_eq!(after, before);
        let event =
            world.event_of(OTHER_STACK, "Create", None, "Share", attached(&share, &licenses[1..], &[]));
        assert!(world.answer(&event).await.is_success(), "nobody else is in the way");
    }
}

#[tokio::test(start_paused = true)]
async fn sharing_that_was_switched_off_meanwhile_leaves_the_organization_out() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let organization = world.organization_arn();
    let first = own("licenses", &licenses, &[&organization]);
    let created = world.create("Share", first.clone()).await;
    assert!(
        world.update(created.physical_id(), "Share", external(own("two", &licenses, &[]))).await.is_success()
    );
    let id = world.organization.clone();
    assert!(world.cloud().set_ram_sharing(&id, RamSharing::Off));
    rolled_back(&world, created.physical_id(), first, &[&organization, "AllowExternalPrincipals"]).await;
    assert_eq!(world.members(created.physical_id()), set([licenses[0].as_str()]));
    assert_eq!(world.live_shares(), ["licenses"]);
}

#[tokio::test(start_paused = true)]
async fn tags_of_others_that_leave_no_room_do_not_make_a_rollback_fail() {
    let world = World::new();
    let tags: Vec<Value> = (0..46).map(|n| json!({"Key": format!("a-{n}"), "Value": ""})).collect();
    let first = with(own("licenses", &[], &[]), "Tags", json!(tags));
    let created = world.create("Share", first.clone()).await;
    assert!(world.update(created.physical_id(), "Share", own("licenses", &[], &[])).await.is_success());
    for n in 0..10 {
        world.tag_by_hand(created.physical_id(), &format!("theirs-{n}"), "").await;
    }
    rolled_back(&world, created.physical_id(), first, &["Tags"]).await;
    assert!(world.look(created.physical_id()).tags.contains_key("theirs-9"));
}

#[tokio::test(start_paused = true)]
async fn invitations_beyond_the_quota_are_left_out_and_named() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let first = external(own("licenses", &licenses, &[MEMBER, OUTSIDER]));
    let created = world.create("Share", first.clone()).await;
    assert!(world.update(created.physical_id(), "Share", own("licenses", &licenses, &[])).await.is_success());
    world.cloud().change_settings(|settings| settings.ram.quotas.pending_invitations = 0);
    rolled_back(&world, created.physical_id(), first, &[OUTSIDER]).await;
    assert_eq!(world.members(created.physical_id()), set([&licenses[0], MEMBER]));
}

#[tokio::test(start_paused = true)]
async fn a_member_that_ram_will_not_let_go_is_named_and_does_not_make_a_rollback_fail() {
    let mut settings = Settings::default();
    settings.ram.disassociate_blocked_by = local_cloud::ram::BlockedBy::SettlingAndInvited;
    let world = World::with(settings);
    let licenses = world.license_configurations(2);
    let by_hand = ByHand { external: true, principals: &[OUTSIDER], ..BARE };
    let share = world.share_by_hand(by_hand).await;
    let first = attached(&share, &licenses[..1], &[]);
    let created = world.create("Share", first.clone()).await;
    let updated = world.update(created.physical_id(), "Share", attached(&share, &licenses, &[])).await;
    assert!(updated.is_success(), "{}", updated.reason());
    rolled_back(&world, created.physical_id(), first, &[&licenses[1]]).await;
}

#[tokio::test(start_paused = true)]
async fn a_member_that_never_leaves_is_named_and_does_not_make_a_rollback_fail() {
    let world = World::new();
    let first = own("licenses", &[], &[MEMBER]);
    let created = world.create("Share", first.clone()).await;
    let updated =
        world.update(created.physical_id(), "Share", own("licenses", &[], &[MEMBER, MEMBER_2])).await;
    assert!(updated.is_success(), "{}", updated.reason());
    let hours = std::time::Duration::from_secs(10_000);
    world.cloud().change_settings(|settings| settings.ram.times.disassociate_principal = hours);
    rolled_back(&world, created.physical_id(), first, &[MEMBER_2]).await;
}
