//! Flows of `Custom::LicenseConfigShare`: each kind of request of the scenes, and shares that are accepted for partners.

use super::super::cloudformation::template::{Resource, Template};
use super::super::partners::{accepting, shared};
use super::super::scenes::{Scene, existing_share};
use super::super::world::{OUTSIDER, World, with};
use super::flow::{Flow, Planned};
use futures_util::FutureExt;
use serde_json::{Value, json};

const PARTNER: &str = "888800002222";

fn template(properties: Value) -> Template {
    let properties = with(properties, "ServiceTimeout", json!(900));
    vec![Resource::new("Share", "Custom::LicenseConfigShare", properties)]
}

async fn scene(world: &World, scene: Scene) -> Planned {
    let licenses = world.license_configurations(3);
    let share = existing_share(world).await;
    let (before, after) = (scene.before(&share, &licenses), scene.after(&share, &licenses));
    Planned { first: before.map(template), meanwhile: None, then: after.map(template), leaves: None }
}

/// The partners' accounts, the first of them or both.
fn for_partners(world: &World) -> [Value; 2] {
    for account in [OUTSIDER, PARTNER] {
        world.role_in(account);
    }
    let first = accepting(shared(world, &[OUTSIDER]));
    let both = with(first.clone(), "Principals", json!([OUTSIDER, PARTNER]));
    [first, both]
}

macro_rules! scenes {
    ($($name:literal: $scene:ident,)*) => {
        [$(Flow { name: $name, stacks_of: None, set: |world| scene(world, Scene::$scene).boxed() }),*]
    };
}

/// Of the scenes, in their order.
pub const SCENES: [Flow; 16] = scenes! {
    "share create": Create,
    "attachment create": Attach,
    "share adopt": Adopt,
    "share add members": AddMembers,
    "share remove members": RemoveMembers,
    "share swap members": SwapMembers,
    "share rename": Rename,
    "share retag": Retag,
    "share allow external": AllowExternal,
    "share forbid external": ForbidExternal,
    "attachment update": ChangeAttached,
    "share replaced by share": ReplaceByShare,
    "share replaced by attachment": ReplaceByAttachment,
    "share delete": Delete,
    "attachment delete": Detach,
    "share give back": GiveBack,
};

/// Accepted through a role in each partner's account.
pub const PARTNERS: [Flow; 3] = [
    Flow {
        name: "partners create",
        stacks_of: None,
        set: |world| async { Planned::create(template(for_partners(world)[0].clone())) }.boxed(),
    },
    Flow {
        name: "partners update",
        stacks_of: None,
        set: |world| {
            async {
                let [first, both] = for_partners(world).map(template);
                Planned::update(first, both)
            }
            .boxed()
        },
    },
    Flow {
        name: "partners delete",
        stacks_of: None,
        set: |world| async { Planned::delete(template(for_partners(world)[1].clone())) }.boxed(),
    },
];
