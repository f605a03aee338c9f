//! The strict CloudFormation against the handler: stacks of several resources, and all that can become of them.

use crate::support::cloudformation::lambda::Delivery;
use crate::support::cloudformation::service::CloudFormation;
use crate::support::cloudformation::stack::StackStatus;
use crate::support::cloudformation::template::{Resource, Template, reference};
use crate::support::link::{LINK, link};
use crate::support::world::{ACCOUNT, MEMBER, MEMBER_2, World, own, with};
use serde_json::{Value, json};
use std::sync::Arc;

const SHARE: &str = "Custom::LicenseConfigShare";

fn share(logical_id: &str, properties: Value) -> Resource {
    Resource::new(logical_id, SHARE, properties)
}

/// A link, an own share after it, and an attachment to that share.
fn three(licenses: &[String]) -> Template {
    let attached = json!({
        "ResourceShareArn": reference("Share"),
        "LicenseConfigurationArns": [licenses[1]],
        "Principals": [MEMBER_2],
    });
    vec![
        Resource::new("Link", LINK, link(json!({ "WaitForResourceShare": false }))),
        share("Share", own("licenses", &licenses[..1], &[MEMBER])).after("Link"),
        share("Added", attached),
    ]
}

async fn sound(cloudformation: &CloudFormation) {
    assert_eq!(cloudformation.doubts().await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_stack_of_several_resources_is_created_updated_and_deleted() {
    let world = Arc::new(World::new());
    let licenses = world.license_configurations(3);
    let cloudformation = CloudFormation::over(&world, Delivery::default());
    let stack = cloudformation.create_stack("licenses", three(&licenses)).await;
    assert_eq!(stack.status(), StackStatus::CreateComplete, "{:?}", stack.events());
    assert_eq!(stack.attribute("Added", "ResourceShareArn"), stack.physical_id("Share"));
    let mut changed = three(&licenses);
    changed[1].properties = with(own("renamed", &licenses[2..], &[MEMBER]), "ServiceTimeout", json!(600));
    assert_eq!(cloudformation.update_stack(&stack, changed).await, StackStatus::UpdateComplete);
    assert!(world.live_shares().contains(&"renamed".to_owned()));
    assert_eq!(cloudformation.delete_stack(&stack).await, StackStatus::DeleteComplete);
    // The link makes it, and Retain leaves it.
    assert_eq!(world.live_shares(), [format!("licenseManagerResourceShare-{ACCOUNT}")]);
    sound(&cloudformation).await;
}
