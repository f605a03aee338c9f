//! Accounts that leave the organization, and shares that they keep.

use crate::support::flows::succeeded;
use crate::support::partners::{accepting, external, shared};
use crate::support::world::{MEMBER, MEMBER_2, World, with};
use local_cloud::ram::LostMember;
use serde_json::{Value, json};

const SWITCHES: [LostMember; 2] = [LostMember::Vanishes, LostMember::Fails];

fn world(lost: LostMember) -> World {
    let world = World::new();
    world.cloud().change_settings(|settings| settings.ram.lost_member = lost);
    world
}

fn retained(properties: Value) -> Value {
    with(external(properties), "RetainSharingOnAccountLeaveOrganization", json!(true))
}

fn revised(properties: Value) -> Value {
    with(properties, "Revision", json!("2"))
}

/// It left, or it was closed.
const GOES: [fn(&World); 2] =
    [|world| assert!(world.cloud().leave_organization(MEMBER)), |world| world.cloud().close_account(MEMBER)];

#[tokio::test(start_paused = true)]
async fn an_update_without_an_account_that_is_gone_converges() {
    for lost in SWITCHES {
        for goes in GOES {
            let world = world(lost);
            let first = shared(&world, &[MEMBER, MEMBER_2]);
            let id = succeeded(world.create("Share", first.clone()).await).physical_id().to_owned();
            goes(&world);
            let mut wanted = first.clone();
            wanted["Principals"] = json!([MEMBER_2]);
            succeeded(world.update(&id, "Share", wanted.clone()).await);
            assert!(
                matches!(world.status_of(&id, MEMBER).as_deref(), None | Some("DISASSOCIATED")),
                "{lost:?}"
            );
            let mark = world.mark();
            succeeded(world.update(&id, "Share", revised(wanted)).await);
            assert_eq!(world.written_since(mark), Vec::<String>::new(), "{lost:?}");
            succeeded(world.delete(&id, "Share").await);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_that_left_is_invited_where_accounts_outside_are_allowed() {
    for lost in SWITCHES {
        let world = world(lost);
        let first = external(shared(&world, &[MEMBER, MEMBER_2]));
        let id = succeeded(world.create("Share", first.clone()).await).physical_id().to_owned();
        assert!(world.cloud().leave_organization(MEMBER));
        let updated = succeeded(world.update(&id, "Share", revised(first)).await);
        assert_eq!(updated.attribute("PendingAccounts"), MEMBER, "{lost:?}");
        world.accept(MEMBER).await;
        assert_eq!(world.status_of(&id, MEMBER).as_deref(), Some("ASSOCIATED"), "{lost:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_that_left_is_told_where_only_the_organization_is_allowed() {
    for lost in SWITCHES {
        let world = world(lost);
        let first = shared(&world, &[MEMBER, MEMBER_2]);
        let id = succeeded(world.create("Share", first.clone()).await).physical_id().to_owned();
        assert!(world.cloud().leave_organization(MEMBER));
        let updated = world.update(&id, "Share", revised(first.clone())).await;
        assert!(!updated.is_success() && updated.reason().contains(MEMBER), "{lost:?}: {}", updated.bytes);
        let back = succeeded(world.update(&id, "Share", first).await);
        assert!(back.attribute("Warnings").contains(MEMBER), "{lost:?}: a rollback leaves it out");
    }
}

#[tokio::test(start_paused = true)]
async fn where_sharing_is_retained_accounts_of_the_organization_must_accept() {
    for lost in SWITCHES {
        let world = world(lost);
        let first = retained(shared(&world, &[MEMBER, MEMBER_2]));
        let created = succeeded(world.create("Share", first.clone()).await);
        assert_eq!(created.attribute("PendingAccounts"), format!("{MEMBER},{MEMBER_2}"));
        assert_eq!(world.pending(), [MEMBER, MEMBER_2]);
        world.accept(MEMBER).await;
        assert_eq!((world.reaches(MEMBER), world.reaches(MEMBER_2)), (1, 0));
        let id = created.physical_id().to_owned();
        assert!(world.cloud().leave_organization(MEMBER));
        let mark = world.mark();
        let updated = succeeded(world.update(&id, "Share", revised(first)).await);
        assert_eq!(updated.attribute("PendingAccounts"), MEMBER_2, "{lost:?}");
        assert_eq!(world.written_since(mark), Vec::<String>::new(), "{lost:?}: it keeps its association");
        assert_eq!(world.reaches(MEMBER), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn where_sharing_is_retained_the_provider_accepts_in_accounts_of_the_organization() {
    let world = World::new();
    world.role_in(MEMBER);
    let created = succeeded(world.create("Share", accepting(retained(shared(&world, &[MEMBER])))).await);
    assert_eq!((created.attribute("PendingAccounts"), world.reaches(MEMBER)), ("", 1));
}
