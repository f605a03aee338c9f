//! Flows of `Custom::LicenseConfigShareAcceptance`, in the provider's own account and through a role.

use super::super::acceptance::{ACCEPTANCE, Foreign, ROLE};
use super::super::cloudformation::template::{Resource, Template};
use super::super::console::{BARE, ByHand};
use super::super::world::{ACCOUNT, OUTSIDER, World, with};
use super::flow::{Flow, Planned};
use futures_util::FutureExt;
use local_cloud::sts::Role;
use serde_json::{Value, json};

fn template(properties: Value) -> Template {
    let properties = with(properties, "ServiceTimeout", json!(900));
    vec![Resource::new("Acceptance", ACCEPTANCE, properties)]
}

fn again(properties: Value) -> Template {
    template(with(properties, "Revision", json!("2")))
}

/// Somebody leaves the share and is invited once more.
async fn invited_again(world: &World, share: Foreign) {
    world.remove_from_inside(&share).await;
    tokio::time::sleep(std::time::Duration::from_secs(120)).await;
    world.invite(&share).await;
}

/// Two shares to which the provider's account is invited.
async fn two(world: &World) -> [Template; 2] {
    let (first, second) = (world.invited().await, world.foreign_named("second").await);
    world.invite(&second).await;
    [template(first.listed()), template(second.listed())]
}

/// A share of the provider's account with a partner, whose stacks a central provider serves through a role.
async fn through_role(world: &World) -> Value {
    world.cloud().sts().register_role(Role {
        arn: ROLE.to_owned(),
        trusted_accounts: vec![ACCOUNT.to_owned()],
        external_id: Some("license-manager-provider:999900001111".to_owned()),
        ..Role::default()
    });
    let licenses = world.license_configurations(1);
    let by_hand = ByHand { external: true, resources: &licenses, principals: &[OUTSIDER], ..BARE };
    let share = Foreign { arn: world.share_by_hand(by_hand).await, licenses };
    with(share.listed(), "RoleArn", json!(ROLE))
}

macro_rules! flows {
    ($($name:literal, $stacks_of:expr, $world:ident => $planned:expr;)*) => {
        [$(Flow { name: $name, stacks_of: $stacks_of, set: |$world| async move { $planned }.boxed() }),*]
    };
}

/// The flows.
pub const ACCEPTANCES: [Flow; 8] = flows! {
    "acceptance create", None, world => Planned::create(template(world.invited().await.listed()));
    "acceptance update accepts again", None, world => {
        let share = world.invited().await;
        let (first, then) = (template(share.listed()), again(share.listed()));
        Planned::update(first, then).after(|world| invited_again(world, share).boxed())
    };
    "acceptance replaced", None, world => {
        let [first, second] = two(world).await;
        Planned::update(first, second)
    };
    "acceptance delete", None, world => Planned::delete(template(world.invited().await.listed()));
    "acceptance delete retains", None, world => {
        let share = world.invited().await;
        Planned::delete(template(with(share.listed(), "OnDelete", json!("Retain"))))
    };
    "acceptance create through a role", Some(OUTSIDER), world => {
        Planned::create(template(through_role(world).await))
    };
    "acceptance update through a role", Some(OUTSIDER), world => {
        let properties = through_role(world).await;
        let retained = with(properties.clone(), "OnDelete", json!("Retain"));
        Planned::update(template(properties), template(retained))
    };
    "acceptance delete through a role", Some(OUTSIDER), world => {
        Planned::delete(template(through_role(world).await))
    };
};
