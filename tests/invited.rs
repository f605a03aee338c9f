//! Changes while accounts have still to accept, and RAM refuses them or not.

use crate::support::console::{BARE, ByHand, set};
use crate::support::faults::associating;
use crate::support::world::{MEMBER, OUTSIDER, World, attached, own, with};
use local_cloud::Settings;
use local_cloud::fault::FaultRule;
use local_cloud::ram::BlockedBy;
use serde_json::{Value, json};
use std::time::Duration;

const ANOTHER: &str = "999900002222";

fn external(properties: Value) -> Value {
    with(properties, "AllowExternalPrincipals", json!(true))
}

fn world(blocked: BlockedBy) -> World {
    let mut settings = Settings::default();
    settings.ram.disassociate_blocked_by = blocked;
    settings.ram.delete_blocked_by = blocked;
    World::with(settings)
}

/// Accounts with a pending invitation, once for each.
fn pending(world: &World) -> Vec<String> {
    let cloud = world.cloud();
    let pending = cloud.invitations().iter().filter(|invitation| invitation.status.as_str() == "PENDING");
    pending.map(|invitation| invitation.receiver.clone()).collect()
}

const SWITCHES: [BlockedBy; 3] = [BlockedBy::Nothing, BlockedBy::Settling, BlockedBy::SettlingAndInvited];

#[tokio::test(start_paused = true)]
async fn an_update_and_a_delete_work_while_accounts_have_still_to_accept() {
    for blocked in SWITCHES {
        let world = world(blocked);
        let licenses = world.license_configurations(2);
        let first = external(own("licenses", &licenses, &[MEMBER, OUTSIDER, ANOTHER]));
        let created = world.create("Share", first).await;
        let share = created.physical_id().to_owned();
        let fewer = external(own("licenses", &licenses[..1], &[MEMBER, OUTSIDER]));
        let updated = world.update(&share, "Share", fewer).await;
        assert!(updated.is_success(), "{blocked:?}: {}", updated.reason());
        assert_eq!(updated.attribute("PendingAccounts"), OUTSIDER, "{blocked:?}");
        assert_eq!(world.members(&share), set([&licenses[0], MEMBER, OUTSIDER]), "{blocked:?}");
        assert_eq!(pending(&world), [OUTSIDER], "{blocked:?}");
        let deleted = world.delete(&share, "Share").await;
        assert!(deleted.is_success(), "{blocked:?}: {}", deleted.reason());
        assert_eq!(world.live_shares(), Vec::<String>::new(), "{blocked:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_attachment_changes_and_goes_while_accounts_it_invited_have_still_to_accept() {
    for blocked in SWITCHES {
        let world = world(blocked);
        let licenses = world.license_configurations(2);
        let share = world.share_by_hand(ByHand { external: true, ..BARE }).await;
        let created = world.create("Members", attached(&share, &licenses, &[OUTSIDER])).await;
        let updated = world
            .update(created.physical_id(), "Members", attached(&share, &licenses[..1], &[OUTSIDER]))
            .await;
        assert!(updated.is_success(), "{blocked:?}: {}", updated.reason());
        assert_eq!(pending(&world), [OUTSIDER], "{blocked:?}");
        assert!(world.delete(created.physical_id(), "Members").await.is_success(), "{blocked:?}");
        assert_eq!(world.members(&share), set([]), "{blocked:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn invitations_that_others_sent_are_not_withdrawn() {
    for blocked in SWITCHES {
        let world = world(blocked);
        let licenses = world.license_configurations(2);
        let by_hand = ByHand { external: true, principals: &[OUTSIDER], ..BARE };
        let share = world.share_by_hand(by_hand).await;
        let created = world.create("Members", attached(&share, &licenses, &[])).await;
        assert!(created.is_success(), "{blocked:?}: {}", created.reason());
        let refuses = blocked == BlockedBy::SettlingAndInvited;
        let updated =
            world.update(created.physical_id(), "Members", attached(&share, &licenses[..1], &[])).await;
        assert_eq!(updated.is_success(), !refuses, "{blocked:?}: {}", updated.bytes);
        assert_eq!(updated.reason().contains(OUTSIDER), refuses, "{}", updated.reason());
        let back = world.update(created.physical_id(), "Members", attached(&share, &licenses, &[])).await;
        assert!(back.is_success(), "{blocked:?}: {}", back.reason());
        let deleted = world.delete(created.physical_id(), "Members").await;
        assert_eq!(deleted.is_success(), !refuses, "{blocked:?}: {}", deleted.bytes);
        assert_eq!(deleted.reason().contains(OUTSIDER), refuses, "{}", deleted.reason());
        assert_eq!(pending(&world), [OUTSIDER], "{blocked:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_invitation_by_hand_to_an_own_share_outlives_an_update() {
    for blocked in [BlockedBy::Nothing, BlockedBy::Settling] {
        let world = world(blocked);
        let licenses = world.license_configurations(2);
        let created = world.create("Share", external(own("licenses", &licenses, &[MEMBER]))).await;
        world.add_by_hand(created.physical_id(), &[OUTSIDER]).await;
        let fewer = external(own("licenses", &licenses[..1], &[MEMBER]));
        assert!(world.update(created.physical_id(), "Share", fewer).await.is_success());
        assert_eq!(pending(&world), [OUTSIDER], "{blocked:?}");
    }
    let world = world(BlockedBy::SettlingAndInvited);
    let licenses = world.license_configurations(2);
    let created = world.create("Share", external(own("licenses", &licenses, &[MEMBER]))).await;
    world.add_by_hand(created.physical_id(), &[OUTSIDER]).await;
    let refused = world
        .update(created.physical_id(), "Share", external(own("licenses", &licenses[..1], &[MEMBER])))
        .await;
    assert!(!refused.is_success() && refused.reason().contains(OUTSIDER), "{}", refused.bytes);
    assert_eq!(pending(&world), [OUTSIDER]);
    let deleted = world.delete(created.physical_id(), "Share").await;
    assert!(deleted.is_success(), "{}", deleted.reason());
    assert_eq!(world.live_shares(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn what_was_removed_before_an_invitation_was_sent_again_is_named_too() {
    let world = world(BlockedBy::SettlingAndInvited);
    let licenses = world.license_configurations(2);
    let properties = external(own("licenses", &licenses[..1], &[OUTSIDER]));
    let created = world.create("Share", properties.clone()).await;
    world.add_by_hand(created.physical_id(), &[&licenses[1]]).await;
    let exclusive = with(properties, "ExclusiveMembership", json!(true));
    let updated = world.update(created.physical_id(), "Share", exclusive).await;
    assert!(updated.is_success(), "{}", updated.reason());
    assert!(updated.attribute("Warnings").contains(&licenses[1]), "{}", updated.bytes);
    assert_eq!(world.members(created.physical_id()), set([&licenses[0], OUTSIDER]));
}

#[tokio::test(start_paused = true)]
async fn what_settles_by_itself_is_waited_out() {
    for blocked in SWITCHES {
        let world = world(blocked);
        let licenses = world.license_configurations(3);
        let created = world.create("Share", own("licenses", &licenses[..2], &[MEMBER])).await;
        world.cloud().change_settings(|s| s.ram.times.associate_resource = Duration::from_secs(9));
        world.add_by_hand(created.physical_id(), &[&licenses[2]]).await;
        let updated =
            world.update(created.physical_id(), "Share", own("licenses", &licenses[..1], &[MEMBER])).await;
        assert!(updated.is_success(), "{blocked:?}: {}", updated.reason());
        assert_eq!(
            world.members(created.physical_id()),
            set([&licenses[0], &licenses[2], MEMBER].map(AsRef::as_ref))
        );
        world.remove_by_hand(created.physical_id(), &[&licenses[2]]).await;
        world.add_by_hand(created.physical_id(), &[&licenses[1]]).await;
        let deleted = world.delete(created.physical_id(), "Share").await;
        assert!(deleted.is_success(), "{blocked:?}: {}", deleted.reason());
    }
}

#[tokio::test(start_paused = true)]
async fn where_ram_keeps_refusing_an_update_fails_and_names_the_accounts_and_a_delete_deletes() {
    let world = world(BlockedBy::Settling);
    let licenses = world.license_configurations(2);
    let first = external(own("licenses", &licenses, &[MEMBER, OUTSIDER]));
    let created = world.create("Share", first.clone()).await;
    let before = world.settled(created.physical_id()).await;
    world.cloud().add_fault(FaultRule::always("ram", "DisassociateResourceShare", associating()));
    let fewer = external(own("licenses", &licenses[..1], &[MEMBER, OUTSIDER]));
    let failed = world.update(created.physical_id(), "Share", fewer).await;
    assert!(!failed.is_success() && failed.reason().contains(OUTSIDER), "{}", failed.bytes);
    let back = world.update(created.physical_id(), "Share", first).await;
    assert!(back.is_success(), "{}", back.reason());
    assert_eq!(world.settled(created.physical_id()).await, before);
    let deleted = world.delete(created.physical_id(), "Share").await;
    assert!(deleted.is_success(), "{}", deleted.reason());
    assert_eq!(world.live_shares(), Vec::<String>::new());
}

/// Each of the two takes an invitation back on its way: the second one must not repeat the first one's token.
#[tokio::test(start_paused = true)]
async fn a_second_update_works_while_the_same_account_has_still_to_accept() {
    for blocked in SWITCHES {
        let world = world(blocked);
        let licenses = world.license_configurations(3);
        let created = world.create("Share", external(own("licenses", &licenses, &[MEMBER, OUTSIDER]))).await;
        let share = created.physical_id().to_owned();
        for kept in [2, 1] {
            let fewer = external(own("licenses", &licenses[..kept], &[MEMBER, OUTSIDER]));
            let updated = world.update(&share, "Share", fewer).await;
            assert!(updated.is_success(), "{blocked:?}, {kept} kept: {}", updated.reason());
            assert_eq!(pending(&world), [OUTSIDER], "{blocked:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_delete_works_after_an_update_while_the_same_account_has_still_to_accept() {
    for blocked in SWITCHES {
        let world = world(blocked);
        let licenses = world.license_configurations(2);
        let created = world.create("Share", external(own("licenses", &licenses, &[MEMBER, OUTSIDER]))).await;
        let share = created.physical_id().to_owned();
        let fewer = external(own("licenses", &licenses[..1], &[MEMBER, OUTSIDER]));
        assert!(world.update(&share, "Share", fewer).await.is_success(), "{blocked:?}");
        let deleted = world.delete(&share, "Share").await;
        assert!(deleted.is_success(), "{blocked:?}: {}", deleted.reason());
        assert_eq!(world.live_shares(), Vec::<String>::new(), "{blocked:?}");
    }
}

/// The account is invited, taken out so that another may go, and invited again: two calls, two tokens, whether or not
/// RAM still lists what was taken out.
#[tokio::test(start_paused = true)]
async fn an_account_that_is_invited_in_exchange_for_another_is_invited_in_the_end() {
    for blocked in SWITCHES {
        for listed in [Duration::ZERO, Duration::from_secs(3_600)] {
            let world = world(blocked);
            world.cloud().change_settings(|settings| settings.ram.times.disassociated = listed);
            let licenses = world.license_configurations(1);
            let created = world.create("Share", external(own("licenses", &licenses, &[MEMBER]))).await;
            let share = created.physical_id().to_owned();
            let exchanged = external(own("licenses", &licenses, &[OUTSIDER]));
            let updated = world.update(&share, "Share", exchanged).await;
            assert!(updated.is_success(), "{blocked:?} {listed:?}: {}", updated.reason());
            assert_eq!(pending(&world), [OUTSIDER], "{blocked:?} {listed:?}");
            assert_eq!(world.members(&share), set([&licenses[0], OUTSIDER]), "{blocked:?} {listed:?}");
        }
    }
}
