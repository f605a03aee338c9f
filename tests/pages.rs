//! Lists that come in pages, empty first ones among them.

use crate::support::flows::{life_of_an_attachment, life_of_an_own_share, succeeded};
use crate::support::world::{ACCOUNT, MEMBER, OTHER_STACK, REGION, World, own, with};
use local_cloud::Settings;
use local_cloud::fault::{FaultKind, FaultRule};
use serde_json::json;

/// Worlds whose lists are awkward, each in its own way.
fn worlds() -> Vec<World> {
    let pages = [(None, true), (Some(1), false), (Some(1), true), (Some(3), false)];
    pages
        .into_iter()
        .map(|(most, empty_first_page)| {
            let mut settings = Settings::default();
            settings.pages.most = most;
            settings.pages.empty_first_page = empty_first_page;
            settings.license_manager.unknown_in_list = local_cloud::license_manager::UnknownInList::LeftOut;
            World::with(settings)
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn an_own_share_lives_the_same() {
    for world in worlds() {
        life_of_an_own_share(&world).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_attachment_lives_the_same() {
    for world in worlds() {
        life_of_an_attachment(&world).await;
    }
}

/// The share to adopt is behind deleted twins and shares of other names.
#[tokio::test(start_paused = true)]
async fn a_share_is_adopted_from_a_later_page() {
    for world in worlds() {
        for n in 0..3 {
            let twin = succeeded(world.create(&format!("Twin{n}"), own("licenses", &[], &[])).await);
            assert!(world.cloud().remove_share_by_hand(twin.physical_id()));
        }
        let event = world.event_of(OTHER_STACK, "Create", None, "Share", own("licenses", &[], &[MEMBER]));
        let live = succeeded(world.answer(&event).await).physical_id().to_owned();
        let properties = with(own("licenses", &[], &[MEMBER]), "AdoptExisting", json!(true));
        let refused = world.create("Adopted", properties).await;
        assert!(refused.reason().contains(&live), "it belongs to another stack: {}", refused.reason());
    }
}

/// The Create's answer is lost and the process dies with it: the next delivery finds the share by its tag.
#[tokio::test(start_paused = true)]
async fn a_share_whose_creation_was_not_heard_of_is_found_by_its_tag() {
    for world in worlds() {
        for n in 0..3 {
            succeeded(world.create(&format!("Other{n}"), own("other", &[], &[])).await);
        }
        let event = world.event("Create", None, "Share", own("licenses", &[], &[MEMBER]));
        world.cloud().add_fault(FaultRule::once("ram", "CreateResourceShare", FaultKind::LostAnswer));
        let killed = async {
            while world.live_shares().len() < 4 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            () = killed => {}
            _ = world.deliver(&event) => panic!("the delivery came to its end"),
        }
        let created = succeeded(world.answer(&event).await);
        assert_eq!(world.live_shares().len(), 4);
        succeeded(world.delete(created.physical_id(), "Share").await);
        assert_eq!(world.live_shares().len(), 3);
    }
}

/// License Manager's list refuses what it does not know, and each is asked for by itself.
#[tokio::test(start_paused = true)]
async fn license_configurations_on_many_pages_are_all_found() {
    for world in worlds() {
        let licenses = world.license_configurations(7);
        let unused = world.cloud().create_license_configuration(ACCOUNT, REGION, "unused");
        let created = succeeded(world.create("Share", own("licenses", &licenses, &[MEMBER])).await);
        assert_eq!(world.members(created.physical_id()).len(), 8);
        assert!(!world.members(created.physical_id()).contains(&unused));
    }
}
