//! Deleting resources: those of a stack, those of a stack that is taken back, and old ones after a replacement.

use super::order::{AtFailure, in_order};
use super::request::Kind;
use super::service::{CloudFormation, Outcome};
use super::stack::{Stack, StackResource, StackStatus};
use super::template::Resource;
use std::collections::BTreeSet;
use std::future::pending;

impl CloudFormation {
    /// Deletes a stack, or what is left of it after a deletion that failed.
    pub async fn delete_stack(&self, stack: &Stack) -> StackStatus {
        self.delete_stack_retaining(stack, &[]).await
    }

    /// The same; resources whose deletion failed before may be left where they are (`RetainResources`).
    pub async fn delete_stack_retaining(&self, stack: &Stack, retained: &[&str]) -> StackStatus {
        assert!(retained.is_empty() || stack.status() == StackStatus::DeleteFailed, "what failed before");
        for name in retained {
            stack.forget(name);
        }
        self.pause().await;
        let names: Vec<String> = stack.resources().into_keys().collect();
        let failed = self.delete_resources(stack, &names).await;
        stack.ends(if failed.is_empty() { StackStatus::DeleteComplete } else { StackStatus::DeleteFailed })
    }

    /// Deletes resources, the last first; gives those that are still there.
    pub(super) async fn delete_resources(&self, stack: &Stack, names: &[String]) -> Vec<String> {
        let resources = stack.resources();
        let used_by = |name: &str| -> BTreeSet<String> {
            let users = resources.iter().filter(|(_, other)| other.waits_for.iter().any(|one| one == name));
            users.map(|(user, _)| user.clone()).collect()
        };
        let delete = async |name: &str| self.delete_resource(stack, name).await;
        let ran = in_order(names, used_by, AtFailure::GoOn, pending(), delete).await;
        ran.failed.into_iter().chain(ran.left).collect()
    }

    async fn delete_resource(&self, stack: &Stack, logical_id: &str) -> bool {
        let Some(resource) = stack.resource(logical_id) else { return true };
        let deleted = self.delete_id(stack, logical_id, &resource).await;
        if deleted {
            stack.forget(logical_id);
        }
        deleted
    }

    /// Deletes what has this physical id, with the properties that it had.
    pub(super) async fn delete_id(&self, stack: &Stack, logical_id: &str, resource: &StackResource) -> bool {
        let StackResource { resource_type, physical_id, properties, .. } = resource.clone();
        let asked = Resource::new(logical_id, &resource_type, properties.clone());
        let kind = Kind::Delete { physical_id };
        let failure = match self.ask(self.request(stack, &asked, kind, properties)).await {
            Outcome::Answered(response) => (!response.success).then_some(response.reason),
            Outcome::Refused(refusal) => Some(refusal.to_string()),
            Outcome::TimedOut => Some(super::create::NO_RESPONSE.to_owned()),
        };
        let status = if failure.is_none() { "DELETE_COMPLETE" } else { "DELETE_FAILED" };
        stack.tell(logical_id, status, failure.as_deref().unwrap_or_default());
        failure.is_none()
    }
}
