//! Flows of requests that are refused, for a license configuration that is not there: all is as before, whatever strikes.

use super::super::cloudformation::template::{Resource, Template};
use super::super::operations::UNKNOWN;
use super::super::world::{MEMBER, World, own, with};
use super::flow::{Flow, Planned};
use futures_util::FutureExt;
use serde_json::json;

fn template(licenses: &[String]) -> Template {
    let properties = with(own("licenses", licenses, &[MEMBER]), "ServiceTimeout", json!(900));
    vec![Resource::new("Share", "Custom::LicenseConfigShare", properties)]
}

/// A template that can be deployed, and one that cannot.
fn templates(world: &World) -> [Template; 2] {
    let known = world.license_configurations(1);
    let unknown = [known[0].clone(), UNKNOWN.to_owned()];
    [template(&known), template(&unknown)]
}

/// The flows.
pub const REFUSALS: [Flow; 2] = [
    Flow {
        name: "share create refused",
        stacks_of: None,
        set: |world| {
            async {
                let [_, unknown] = templates(world);
                Planned::create(unknown)
            }
            .boxed()
        },
    },
    Flow {
        name: "share update refused",
        stacks_of: None,
        set: |world| {
            async {
                let [known, unknown] = templates(world);
                Planned::update(known, unknown)
            }
            .boxed()
        },
    },
];

/// Whether a flow fails where nothing strikes.
pub fn is_refused(flow: Flow) -> bool {
    REFUSALS.iter().any(|other| other.name == flow.name)
}
