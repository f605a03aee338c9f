//! The strict CloudFormation against the real binary: several stacks at once, each request to a process of its own.

use crate::support::cloudformation::binary::Binary;
use crate::support::cloudformation::service::CloudFormation;
use crate::support::cloudformation::stack::StackStatus;
use crate::support::cloudformation::template::{Resource, Template, reference};
use crate::support::function::Function;
use crate::support::world::{MEMBER, MEMBER_2, own};
use futures_util::future::join_all;
use serde_json::json;
use std::sync::Arc;

fn share(logical_id: &str, name: &str, licenses: &[String], account: &str) -> Resource {
    Resource::new(logical_id, "Custom::LicenseConfigShare", own(name, licenses, &[account]))
}

/// Two shares side by side, and an attachment to one of them.
fn template(number: usize, licenses: &[String]) -> Template {
    let attached = json!({
        "ResourceShareArn": reference("First"),
        "LicenseConfigurationArns": [licenses[1]],
        "Principals": [MEMBER_2],
    });
    vec![
        share("First", &format!("first-{number}"), &licenses[..1], MEMBER),
        share("Second", &format!("second-{number}"), &licenses[1..], MEMBER),
        Resource::new("Added", "Custom::LicenseConfigShare", attached),
    ]
}

/// A stack's life: created, updated in vain, updated, deleted.
async fn life(cloudformation: &CloudFormation, number: usize, licenses: &[String]) {
    let stack = cloudformation.create_stack(&format!("licenses-{number}"), template(number, licenses)).await;
    assert_eq!(stack.status(), StackStatus::CreateComplete, "{:?}", stack.events());
    let mut failing = template(number, licenses);
    failing[0] = share("First", &format!("renamed-{number}"), licenses, MEMBER);
    failing.push(share("Refused", "refused", &[], "12345").after("First"));
    let ended = cloudformation.update_stack(&stack, failing.clone()).await;
    assert_eq!(ended, StackStatus::UpdateRollbackComplete, "{:?}", stack.events());
    failing.pop();
    let ended = cloudformation.update_stack(&stack, failing).await;
    assert_eq!(ended, StackStatus::UpdateComplete, "{:?}", stack.events());
    assert_eq!(stack.attribute("First", "ResourceShareName"), format!("renamed-{number}"));
    assert_eq!(
        cloudformation.delete_stack(&stack).await,
        StackStatus::DeleteComplete,
        "{:?}",
        stack.events()
    );
}

#[tokio::test]
async fn four_stacks_at_once_live_and_leave_nothing() {
    let function = Arc::new(Function::deployed().await);
    let licenses = function.license_configurations(2);
    let cloudformation = Binary::deployed(&function);
    join_all((0..4).map(|number| life(&cloudformation, number, &licenses))).await;
    assert_eq!(function.live_shares(), Vec::<String>::new());
    assert_eq!(cloudformation.doubts().await, Vec::<String>::new());
}
