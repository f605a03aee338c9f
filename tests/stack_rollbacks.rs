//! What happens between a failed Update and its rollback does not keep the stack from UPDATE_ROLLBACK_COMPLETE.

use crate::support::acceptance::ACCEPTANCE;
use crate::support::cloudformation::lambda::Delivery;
use crate::support::cloudformation::service::CloudFormation;
use crate::support::cloudformation::stack::StackStatus;
use crate::support::cloudformation::template::{Resource, Template};
use crate::support::console::{BARE, ByHand};
use crate::support::link::{LINK, link};
use crate::support::world::{MEMBER, MEMBER_2, World, attached, own, with};
use serde_json::{Value, json};
use std::sync::Arc;

const SHARE: &str = "Custom::LicenseConfigShare";

/// What somebody does by hand.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Meanwhile {
    LicenseConfigurationDeleted,
    AccountClosed,
    ShareDeleted,
}

const ALL: [Meanwhile; 3] =
    [Meanwhile::LicenseConfigurationDeleted, Meanwhile::AccountClosed, Meanwhile::ShareDeleted];

impl Meanwhile {
    async fn happens(self, world: &World, share: &str, license: &str) {
        match self {
            Self::LicenseConfigurationDeleted => world.cloud().delete_license_configuration(license),
            Self::AccountClosed => world.cloud().close_account(MEMBER),
            Self::ShareDeleted => world.delete_by_hand(share).await,
        }
    }
}

fn resource(resource_type: &str, properties: Value) -> Resource {
    Resource::new("Thing", resource_type, properties)
}

/// Refused at once, after the other one was updated.
fn refused() -> Resource {
    let properties = json!({ "Name": "an account has twelve digits", "Principals": ["12345"] });
    Resource::new("Refused", SHARE, properties).after("Thing")
}

/// A stack of one resource is created, updated beside one that fails, taken back after `meanwhile`, and deleted. The
/// Warnings after the rollback.
async fn taken_back(
    world: &Arc<World>,
    [before, after]: [Resource; 2],
    meanwhile: impl AsyncFnOnce(),
    what: &str,
) -> String {
    let cloudformation = CloudFormation::over(world, Delivery::default());
    let stack = cloudformation.create_stack("licenses", vec![before]).await;
    assert_eq!(stack.status(), StackStatus::CreateComplete, "{what}: {:?}", stack.events());
    let changed: Template = vec![after, refused()];
    let ended = cloudformation.update_stack_then(&stack, changed, meanwhile).await;
    assert_eq!(ended, StackStatus::UpdateRollbackComplete, "{what}: {:?}", stack.events());
    let warnings = stack.attribute("Thing", "Warnings");
    let ended = cloudformation.delete_stack(&stack).await;
    assert_eq!(ended, StackStatus::DeleteComplete, "{what}: {:?}", stack.events());
    assert_eq!(cloudformation.doubts().await, Vec::<String>::new(), "{what}");
    warnings
}

#[tokio::test(start_paused = true)]
async fn of_an_own_share() {
    for meanwhile in ALL {
        let world = Arc::new(World::new());
        let licenses = world.license_configurations(2);
        let states = [
            resource(SHARE, own("licenses", &licenses[..1], &[MEMBER])),
            resource(SHARE, own("renamed", &licenses[1..], &[MEMBER_2])),
        ];
        let share = async || world.cloud().shares().last().unwrap().arn.clone();
        let happens = async || meanwhile.happens(&world, &share().await, &licenses[0]).await;
        let warnings = taken_back(&world, states, happens, &format!("{meanwhile:?}")).await;
        assert_ne!(warnings, "", "{meanwhile:?}");
        assert_eq!(world.live_shares(), Vec::<String>::new(), "{meanwhile:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn of_an_attachment() {
    for meanwhile in ALL {
        let world = Arc::new(World::new());
        let licenses = world.license_configurations(3);
        let share = world.share_by_hand(ByHand { resources: &licenses[2..], ..BARE }).await;
        let states = [
            resource(SHARE, attached(&share, &licenses[..1], &[MEMBER])),
            resource(SHARE, attached(&share, &licenses[1..2], &[MEMBER_2])),
        ];
        let happens = async || meanwhile.happens(&world, &share, &licenses[0]).await;
        let warnings = taken_back(&world, states, happens, &format!("{meanwhile:?}")).await;
        assert_ne!(warnings, "", "{meanwhile:?}");
        if meanwhile != Meanwhile::ShareDeleted {
            assert_eq!(world.members(&share), [licenses[2].clone()].into(), "{meanwhile:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn of_an_adopted_share() {
    for meanwhile in ALL {
        let world = Arc::new(World::new());
        let licenses = world.license_configurations(3);
        let share = world.share_by_hand(ByHand { name: "by-hand", resources: &licenses[2..], ..BARE }).await;
        let adopting = |name: &str, licenses: &[String], account: &str| {
            resource(SHARE, with(own(name, licenses, &[account]), "AdoptExisting", json!(true)))
        };
        let states =
            [adopting("by-hand", &licenses[..1], MEMBER), adopting("renamed", &licenses[1..2], MEMBER_2)];
        let happens = async || meanwhile.happens(&world, &share, &licenses[0]).await;
        let warnings = taken_back(&world, states, happens, &format!("{meanwhile:?}")).await;
        assert_ne!(warnings, "", "{meanwhile:?}");
        if meanwhile != Meanwhile::ShareDeleted {
            assert_eq!(world.members(&share), [licenses[2].clone()].into(), "{meanwhile:?}");
            assert_eq!(world.live_shares(), ["by-hand"]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn of_a_replacement_either_way() {
    for meanwhile in ALL {
        for back in [false, true] {
            let world = Arc::new(World::new());
            let licenses = world.license_configurations(2);
            let theirs = world.share_by_hand(ByHand { resources: &licenses[1..], ..BARE }).await;
            let mut states = [
                resource(SHARE, own("licenses", &licenses[..1], &[MEMBER])),
                resource(SHARE, attached(&theirs, &licenses[..1], &[MEMBER])),
            ];
            if back {
                states.reverse();
            }
            // What the resource was before, which its rollback wants again.
            let own = || world.cloud().shares().last().unwrap().arn.clone();
            let share = || if back { theirs.clone() } else { own() };
            let happens = async || meanwhile.happens(&world, &share(), &licenses[0]).await;
            let what = format!("{meanwhile:?}, back: {back}");
            let warnings = taken_back(&world, states, happens, &what).await;
            assert_ne!(warnings, "", "{what}");
            let left = world.live_shares();
            assert!(left.len() <= 1 && left.iter().all(|name| name == BARE.name), "{what}: {left:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn of_a_link_whose_delegated_administrator_left() {
    let world = Arc::new(World::new());
    let delegating = |account: &str| {
        let properties = json!({ "DelegatedAdministratorAccountId": account, "WaitForResourceShare": false });
        resource(LINK, link(properties))
    };
    let states = [delegating(MEMBER), delegating(MEMBER_2)];
    let close = async || world.cloud().close_account(MEMBER);
    let warnings = taken_back(&world, states, close, "closed").await;
    assert!(warnings.contains(MEMBER), "{warnings}");
}

#[tokio::test(start_paused = true)]
async fn of_an_acceptance_whose_share_is_gone() {
    for replaced in [false, true] {
        let world = Arc::new(World::new());
        let (first, second) = (world.invited().await, world.foreign_named("second").await);
        world.invite(&second).await;
        let changed = if replaced { second.listed() } else { with(first.listed(), "Revision", json!("2")) };
        let states = [resource(ACCEPTANCE, first.listed()), resource(ACCEPTANCE, changed)];
        let outside = world.outside();
        let delete = async || outside.delete_by_hand(&first.arn).await;
        let warnings = taken_back(&world, states, delete, &format!("replaced: {replaced}")).await;
        assert_ne!(warnings, "", "replaced: {replaced}");
        assert!(!world.is_in(&second, crate::support::world::ACCOUNT));
    }
}
