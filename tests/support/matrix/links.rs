//! Flows of `Custom::LicenseManagerOrgLink`.

use super::super::cloudformation::template::{Resource, Template};
use super::super::link::{LINK, MANAGER, MANAGER_IN_MEMBERS, TOPIC, TOPIC_2, link, searching};
use super::super::operations::share_off;
use super::super::world::{ACCOUNT, MEMBER, MEMBER_2, REGION, World, with};
use super::flow::{Flow, Planned};
use futures_util::FutureExt;
use serde_json::{Value, json};

fn template(more: Value) -> Template {
    let properties = with(link(more), "ServiceTimeout", json!(900));
    vec![Resource::new("Link", LINK, properties)]
}

/// All that can be asked for.
fn everything(topic: &str, delegate: &str) -> Template {
    let all = with(searching(), "EnableRamSharing", json!(true));
    let all = with(all, "SnsTopicArn", json!(topic));
    template(with(all, "DelegatedAdministratorAccountId", json!(delegate)))
}

fn bare() -> Template {
    template(json!({}))
}

fn unlinking() -> Template {
    template(json!({ "OnDelete": "Unlink" }))
}

/// Trusted access is gone, and License Manager does not give it back.
fn breaks(world: &World) {
    let organization = world.organization.clone();
    for principal in [MANAGER, MANAGER_IN_MEMBERS] {
        assert!(world.cloud().set_trusted_access(&organization, principal, false));
    }
    world.cloud().change_settings(|settings| settings.license_manager.relink_repairs = false);
}

fn fresh(world: &World) {
    share_off(world);
    world.cloud().without_service_role(ACCOUNT);
}

fn linked_by_hand(world: &World) {
    assert!(world.cloud().link_by_hand(ACCOUNT, REGION));
    breaks(world);
}

macro_rules! flows {
    ($($name:literal: $world:ident => $planned:expr,)*) => {
        [$(Flow { name: $name, stacks_of: None, set: |$world| async move { $planned }.boxed() }),*]
    };
}

/// The flows.
pub const LINKS: [Flow; 10] = flows! {
    "link create": _world => Planned::create(bare()),
    "link create with everything": world => {
        fresh(world);
        Planned::create(everything(TOPIC, MEMBER))
    },
    "link create repairs": world => {
        linked_by_hand(world);
        Planned::create(bare())
    },
    "link update to everything": world => {
        share_off(world);
        Planned::update(bare(), everything(TOPIC, MEMBER))
    },
    "link update to others": _world => {
        Planned::update(everything(TOPIC, MEMBER), everything(TOPIC_2, MEMBER_2))
    },
    "link update repairs": _world => {
        Planned::update(bare(), template(json!({ "Revision": "2" }))).after(|world| {
            breaks(world);
            async {}.boxed()
        })
    },
    "link update makes its role": _world => {
        Planned::update(bare(), template(json!({ "Revision": "2" }))).after(|world| {
            world.cloud().without_service_role(ACCOUNT);
            async {}.boxed()
        })
    },
    "link delete retains": _world => Planned::delete(bare()),
    "link delete unlinks": _world => Planned::delete(unlinking()),
    "link update to unlink": _world => Planned::update(bare(), unlinking()),
};
