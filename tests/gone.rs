//! Shares that are gone when a request comes.

use crate::support::console::{BARE, set};
use crate::support::world::{MEMBER, World, attached, own};
use local_cloud::Settings;
use local_cloud::ram::SecondDelete;
use std::time::Duration;

/// How a share goes.
#[derive(Clone, Copy, Debug)]
enum Gone {
    Purged,
    Deleted,
    Deleting,
}

const ALL: [Gone; 3] = [Gone::Purged, Gone::Deleted, Gone::Deleting];

async fn remove(world: &World, share: &str, gone: Gone) {
    let removed = match gone {
        Gone::Purged => world.cloud().purge_share(share),
        Gone::Deleted => world.cloud().remove_share_by_hand(share),
        Gone::Deleting => {
            world.cloud().change_settings(|s| s.ram.times.share_deleting = Duration::from_secs(100));
            world.delete_by_hand(share).await;
            true
        }
    };
    assert!(removed);
}

#[tokio::test(start_paused = true)]
async fn an_update_makes_an_own_share_anew_with_a_new_id_and_a_warning() {
    for gone in ALL {
        let world = World::new();
        let licenses = world.license_configurations(2);
        let created = world.create("Share", own("licenses", &licenses[..1], &[MEMBER])).await;
        remove(&world, created.physical_id(), gone).await;
        let updated =
            world.update(created.physical_id(), "Share", own("licenses", &licenses, &[MEMBER])).await;
        assert!(updated.is_success(), "{gone:?}: {}", updated.reason());
        assert_ne!(updated.physical_id(), created.physical_id(), "{gone:?}");
        assert!(updated.attribute("Warnings").contains(created.physical_id()), "{gone:?}: {}", updated.bytes);
        assert_eq!(
            world.members(updated.physical_id()),
            set([&licenses[0], &licenses[1], MEMBER].map(AsRef::as_ref))
        );
        let deleted = world.delete(created.physical_id(), "Share").await;
        assert!(deleted.is_success(), "{gone:?}: {}", deleted.reason());
        assert_eq!(world.live_shares(), ["licenses"], "{gone:?}");
        let deleted = world.delete(updated.physical_id(), "Share").await;
        assert!(deleted.is_success(), "{gone:?}: {}", deleted.reason());
        assert_eq!(world.live_shares(), Vec::<String>::new(), "{gone:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_share_that_was_made_anew_stays_in_force_when_the_update_is_rolled_back_with_either_id() {
    for with_new_id in [true, false] {
        let world = World::new();
        let licenses = world.license_configurations(2);
        let first = own("licenses", &licenses[..1], &[MEMBER]);
        let created = world.create("Share", first.clone()).await;
        remove(&world, created.physical_id(), Gone::Deleted).await;
        let updated = world.update(created.physical_id(), "Share", own("two", &licenses, &[MEMBER])).await;
        let id = if with_new_id { updated.physical_id() } else { created.physical_id() };
        let back = world.update(id, "Share", first).await;
        assert!(back.is_success(), "{}", back.reason());
        assert_eq!(back.physical_id(), updated.physical_id(), "{with_new_id}");
        assert_eq!(world.live_shares(), ["licenses"], "{with_new_id}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_of_an_attachment_fails_with_the_remedy_and_keeps_its_id() {
    for gone in ALL {
        let world = World::new();
        let licenses = world.license_configurations(2);
        let share = world.share_by_hand(BARE).await;
        let created = world.create("Members", attached(&share, &licenses[..1], &[MEMBER])).await;
        remove(&world, &share, gone).await;
        let mark = world.mark();
        let updated =
            world.update(created.physical_id(), "Members", attached(&share, &licenses, &[MEMBER])).await;
        assert!(!updated.is_success(), "{gone:?}");
        let reason = updated.reason();
        assert!(
            reason.contains(&share) && reason.contains("Name another share in ResourceShareArn"),
            "{reason}"
        );
        assert_eq!(updated.physical_id(), created.physical_id());
        assert!(world.delete(created.physical_id(), "Members").await.is_success(), "{gone:?}");
        assert_eq!(world.written_since(mark), Vec::<String>::new(), "{gone:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_delete_of_what_is_gone_succeeds() {
    for gone in ALL {
        for second_delete in [SecondDelete::UnknownResource, SecondDelete::Succeeds] {
            let mut settings = Settings::default();
            settings.ram.second_delete = second_delete;
            let world = World::with(settings);
            let licenses = world.license_configurations(1);
            let created = world.create("Share", own("licenses", &licenses, &[MEMBER])).await;
            let share = world.share_by_hand(BARE).await;
            let attachment = world.create("Members", attached(&share, &licenses, &[MEMBER])).await;
            for (id, share, logical_id) in [
                (created.physical_id(), created.physical_id(), "Share"),
                (attachment.physical_id(), share.as_str(), "Members"),
            ] {
                remove(&world, share, gone).await;
                let deleted = world.delete(id, logical_id).await;
                assert!(deleted.is_success(), "{gone:?} {logical_id}: {}", deleted.reason());
                assert_eq!(deleted.physical_id(), id);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_share_that_stays_deleting_counts_as_deleted_after_half_a_minute() {
    let mut settings = Settings::default();
    settings.ram.times.share_deleting = Duration::from_secs(600);
    let world = World::with(settings);
    let created = world.create("Share", own("licenses", &[], &[])).await;
    let started = tokio::time::Instant::now();
    assert!(world.delete(created.physical_id(), "Share").await.is_success());
    assert!(started.elapsed() < Duration::from_secs(33), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_attachment_to_a_share_that_is_not_there_is_refused() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let share = world.share_by_hand(BARE).await;
    world.cloud().remove_share_by_hand(&share);
    let created = world.create("Members", attached(&share, &licenses, &[])).await;
    assert!(!created.is_success() && created.reason().contains(&share), "{}", created.bytes);
    assert!(created.physical_id().starts_with("license-config-share/none/"));
    assert!(world.delete(created.physical_id(), "Members").await.is_success());
}

/// RAM does not know a share for a moment: its lists trail its writes.
fn hidden_once(world: &World) {
    let (code, message) = ("UnknownResourceException".to_owned(), "could not be found".to_owned());
    let kind = local_cloud::fault::FaultKind::Error { status: 400, code, message };
    world.cloud().add_fault(local_cloud::fault::FaultRule::once("ram", "GetResourceShares", kind));
}

#[tokio::test(start_paused = true)]
async fn a_share_that_ram_does_not_show_for_a_moment_is_deleted_all_the_same() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let created = world.create("Share", own("licenses", &licenses, &[])).await;
    hidden_once(&world);
    let deleted = world.delete(created.physical_id(), "Share").await;
    assert!(deleted.is_success(), "{}", deleted.reason());
    assert_eq!(world.live_shares(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_share_that_ram_does_not_show_for_a_moment_is_not_made_twice() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let created = world.create("Share", own("licenses", &licenses, &[])).await;
    hidden_once(&world);
    let updated = world.update(created.physical_id(), "Share", own("licenses", &licenses, &[MEMBER])).await;
    assert_eq!(updated.physical_id(), created.physical_id());
    assert_eq!(world.live_shares(), ["licenses"]);
}
