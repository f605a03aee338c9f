//! Creating a stack.

use super::order::{AtFailure, Ran, in_order};
use super::request::Kind;
use super::response::Response;
use super::service::{CloudFormation, Outcome};
use super::stack::{Stack, StackResource, StackStatus, Undo};
use super::template::{Resource, Template, resolved};
use std::future::pending;
use std::time::Duration;
use tokio::time::sleep;

impl CloudFormation {
    /// Creates a stack, and takes it back where a resource fails.
    pub async fn create_stack(&self, name: &str, template: Template) -> Stack {
        let stack = self.stack(name);
        self.create_resources(&stack, &template).await;
        stack
    }

    /// The same for a stack whose id is known before.
    pub async fn create_resources(&self, stack: &Stack, template: &Template) -> StackStatus {
        self.create_until(stack, template, pending()).await
    }

    /// The same; somebody cancels the creation after a while.
    pub async fn create_for(&self, stack: &Stack, template: &Template, time: Duration) -> StackStatus {
        self.create_until(stack, template, sleep(time)).await
    }

    /// The same; somebody cancels the creation when `cancelled` comes true.
    pub async fn create_until(
        &self,
        stack: &Stack,
        template: &Template,
        cancelled: impl Future<Output = ()>,
    ) -> StackStatus {
        stack.set_template(template.clone());
        let names: Vec<String> = template.iter().map(|one| one.logical_id.clone()).collect();
        let ran = in_order(
            &names,
            |name| find(template, name).waits_for(),
            AtFailure::Cancel,
            cancelled,
            async |name: &str| self.create_resource(stack, find(template, name)).await,
        )
        .await;
        if ran.failed.is_empty() && ran.cancelled.is_empty() {
            assert_eq!(ran.left, Vec::<String>::new(), "resources wait for each other");
            return stack.ends(StackStatus::CreateComplete);
        }
        tell_cancelled(stack, &ran, "CREATE_FAILED", "Resource creation cancelled");
        let undo = begun(&ran).map(|logical_id| Undo::Delete { logical_id });
        let failed = !self.take_back(stack, undo.collect()).await.is_empty();
        stack.ends(if failed { StackStatus::RollbackFailed } else { StackStatus::RollbackComplete })
    }

    /// Creates one resource. From when the request is sent, the resource has an id: one that CloudFormation invents,
    /// until an answer gives it one.
    pub(super) async fn create_resource(&self, stack: &Stack, resource: &Resource) -> bool {
        let logical_id = &resource.logical_id;
        let properties = match resolved(&resource.properties, &stack.resources()) {
            Ok(properties) => properties,
            Err(reason) => {
                stack.tell(logical_id, "CREATE_FAILED", &reason);
                return false;
            }
        };
        let invented = StackResource {
            resource_type: resource.resource_type.clone(),
            physical_id: invented_id(stack, logical_id),
            properties: properties.clone(),
            data: serde_json::Map::new(),
            waits_for: resource.waits_for().into_iter().collect(),
        };
        stack.keep(logical_id, invented.clone());
        let request = self.request(stack, resource, Kind::Create, properties);
        let (kept, failure) = match self.ask(request).await {
            Outcome::Answered(response) => taken(invented, response),
            Outcome::Refused(refusal) => (invented, Some(refusal.to_string())),
            Outcome::TimedOut => (invented, Some(NO_RESPONSE.to_owned())),
        };
        stack.keep(logical_id, kept);
        let status = if failure.is_none() { "CREATE_COMPLETE" } else { "CREATE_FAILED" };
        stack.tell(logical_id, status, failure.as_deref().unwrap_or_default());
        failure.is_none()
    }
}

/// AWS's words.
pub(super) const NO_RESPONSE: &str = "CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId";

/// A resource as an answer makes it, and why it failed.
fn taken(resource: StackResource, response: Response) -> (StackResource, Option<String>) {
    let Response { success, reason, physical_id, data } = response;
    (StackResource { physical_id, data, ..resource }, (!success).then_some(reason))
}

/// CloudFormation never says how; generic resources have this form (protocol facts 1.4).
fn invented_id(stack: &Stack, logical_id: &str) -> String {
    format!("{}-{logical_id}-1ABCDEF", stack.name)
}

pub(super) fn find<'a>(template: &'a [Resource], logical_id: &str) -> &'a Resource {
    template.iter().find(|one| one.logical_id == logical_id).expect("a resource of the template")
}

/// What was sent anything, whatever came of it.
pub(super) fn begun(ran: &Ran) -> impl Iterator<Item = String> {
    ran.done.iter().chain(&ran.failed).chain(&ran.cancelled).cloned()
}

pub(super) fn tell_cancelled(stack: &Stack, ran: &Ran, status: &'static str, reason: &str) {
    for logical_id in &ran.cancelled {
        stack.tell(logical_id, status, reason);
    }
}
