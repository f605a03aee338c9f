//! Flows in which another stack has a hand in the share: what it counts on stays.

use super::super::cloudformation::template::{Resource, Template};
use super::super::flows::succeeded;
use super::super::scenes::existing_share;
use super::super::world::{MEMBER, OTHER_STACK, World, attached, own, with};
use super::flow::{Flow, Planned};
use futures_util::FutureExt;
use serde_json::{Value, json};

fn template(properties: Value) -> Template {
    let properties = with(properties, "ServiceTimeout", json!(900));
    vec![Resource::new("Share", "Custom::LicenseConfigShare", properties)]
}

fn adopting(properties: Value) -> Value {
    with(properties, "AdoptExisting", json!(true))
}

async fn other_stack_attaches(world: &World, properties: Value) {
    let event = world.event_of(OTHER_STACK, "Create", None, "Theirs", properties);
    succeeded(world.answer(&event).await);
}

/// A member that both have by now.
const SHARED: &str = "share theirs of 111122223333: member 222233334444 ASSOCIATED";

async fn adopts(world: &World) -> Planned {
    let licenses = world.license_configurations(2);
    let share = existing_share(world).await;
    other_stack_attaches(world, attached(&share, &licenses[..1], &[MEMBER])).await;
    Planned::create(template(adopting(attached(&share, &licenses, &[MEMBER])))).leaving(SHARED)
}

/// This stack added the member, and the other one has adopted it since.
async fn detaches(world: &World) -> Planned {
    let licenses = world.license_configurations(2);
    let share = existing_share(world).await;
    let theirs = adopting(attached(&share, &licenses[..1], &[MEMBER]));
    Planned::delete(template(attached(&share, &licenses, &[MEMBER])))
        .after(move |world| async move { other_stack_attaches(world, theirs).await }.boxed())
        .leaving(SHARED)
}

/// Somebody has given the share to another stack: its tags say so.
fn lets_go(world: &World) -> Planned {
    let licenses = world.license_configurations(1);
    Planned::delete(template(own("licenses", &licenses, &[MEMBER])))
        .after(|world| {
            async {
                let share =
                    world.cloud().shares().iter().find(|share| share.name == "licenses").unwrap().arn.clone();
                world.tag_by_hand(&share, "license-manager-provider:stack-id", OTHER_STACK).await;
            }
            .boxed()
        })
        .leaving("share licenses of 111122223333: member 222233334444 ASSOCIATED")
}

/// The flows.
pub const MEETINGS: [Flow; 3] = [
    Flow { name: "attachment adopts another's member", stacks_of: None, set: |world| adopts(world).boxed() },
    Flow {
        name: "attachment leaves another's member",
        stacks_of: None,
        set: |world| detaches(world).boxed(),
    },
    Flow {
        name: "share left to its new owner",
        stacks_of: None,
        set: |world| async { lets_go(world) }.boxed(),
    },
];
