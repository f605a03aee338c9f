//! Updating a stack.

use super::create::{NO_RESPONSE, begun, find, tell_cancelled};
use super::order::{AtFailure, in_order};
use super::request::{Kind, stringified};
use super::service::{CloudFormation, Outcome};
use super::stack::{Stack, StackResource, StackStatus, Undo};
use super::template::{Resource, Template, resolved};
use serde_json::Value;
use std::collections::BTreeMap;
use std::future::pending;
use std::sync::Mutex;

/// Ids that an Update has left behind: what had them is deleted once the whole stack is updated.
pub(super) type Replaced = Mutex<Vec<(String, StackResource)>>;

impl CloudFormation {
    /// Updates a stack to another template, and takes it back where a resource fails.
    pub async fn update_stack(&self, stack: &Stack, template: Template) -> StackStatus {
        self.update_stack_then(stack, template, async || {}).await
    }

    /// The same; `meanwhile` happens between a failure and the rollback.
    pub async fn update_stack_then(
        &self,
        stack: &Stack,
        template: Template,
        meanwhile: impl AsyncFnOnce(),
    ) -> StackStatus {
        self.pause().await;
        let (before, former) = (stack.resources(), stack.template());
        let (names, replaced) = (logical_ids(&template), Replaced::default());
        let ran = in_order(
            &names,
            |name| find(&template, name).waits_for(),
            AtFailure::Cancel,
            pending(),
            async |name: &str| self.bring(stack, find(&template, name), &replaced).await,
        )
        .await;
        if !ran.failed.is_empty() {
            tell_cancelled(stack, &ran, "UPDATE_FAILED", "Resource update cancelled");
            meanwhile().await;
            self.pause().await;
            let undo = begun(&ran).filter_map(|name| undo(&before, stack, name));
            return self.roll_back(stack, undo.collect()).await;
        }
        stack.set_template(template);
        self.clean_up(stack, replaced.into_inner().unwrap()).await;
        let gone = former.iter().map(|one| one.logical_id.clone()).filter(|name| !names.contains(name));
        let abandoned = self.delete_resources(stack, &gone.collect::<Vec<_>>()).await;
        for name in &abandoned {
            stack.forget(name);
        }
        stack.ends(StackStatus::UpdateComplete)
    }

    /// Makes a resource what the template says: creates it, updates it, or leaves it where nothing changed.
    async fn bring(&self, stack: &Stack, resource: &Resource, replaced: &Replaced) -> bool {
        let Some(present) = stack.resource(&resource.logical_id) else {
            return self.create_resource(stack, resource).await;
        };
        assert_eq!(present.resource_type, resource.resource_type, "Update of resource type is not permitted");
        match resolved(&resource.properties, &stack.resources()) {
            Ok(properties) if stringified(&properties) == stringified(&present.properties) => true,
            Ok(properties) => {
                let waits_for = resource.waits_for().into_iter().collect();
                self.update_resource(stack, &resource.logical_id, properties, waits_for, replaced).await
            }
            Err(reason) => {
                stack.tell(&resource.logical_id, "UPDATE_FAILED", &reason);
                false
            }
        }
    }

    /// Updates one resource. The id of the answer is the resource's from then on, also where the Update failed
    /// (protocol facts 1.4).
    pub(super) async fn update_resource(
        &self,
        stack: &Stack,
        logical_id: &str,
        properties: Value,
        waits_for: Vec<String>,
        replaced: &Replaced,
    ) -> bool {
        let present = stack.resource(logical_id).expect("a resource that is there");
        let asked = Resource::new(logical_id, &present.resource_type, properties.clone());
        let kind = Kind::Update {
            physical_id: present.physical_id.clone(),
            old_properties: present.properties.clone(),
        };
        stack
            .keep(logical_id, StackResource { properties: properties.clone(), waits_for, ..present.clone() });
        let failure = match self.ask(self.request(stack, &asked, kind, properties)).await {
            Outcome::Answered(response) => {
                let updating = stack.resource(logical_id).expect("a resource that is there");
                let data = if response.success { response.data } else { updating.data.clone() };
                let physical_id = response.physical_id;
                if physical_id != present.physical_id {
                    replaced.lock().unwrap().push((logical_id.to_owned(), present));
                }
                stack.keep(logical_id, StackResource { physical_id, data, ..updating });
                (!response.success).then_some(response.reason)
            }
            Outcome::Refused(refusal) => Some(refusal.to_string()),
            Outcome::TimedOut => Some(NO_RESPONSE.to_owned()),
        };
        let status = if failure.is_none() { "UPDATE_COMPLETE" } else { "UPDATE_FAILED" };
        stack.tell(logical_id, status, failure.as_deref().unwrap_or_default());
        failure.is_none()
    }

    /// The clean-up after an update: what fails now is abandoned.
    pub(super) async fn clean_up(&self, stack: &Stack, replaced: Vec<(String, StackResource)>) {
        self.pause().await;
        for (logical_id, old) in replaced {
            self.delete_id(stack, &logical_id, &old).await;
        }
    }
}

fn logical_ids(template: &[Resource]) -> Vec<String> {
    template.iter().map(|one| one.logical_id.clone()).collect()
}

/// What takes a resource back to what it was; `None` where nothing was asked of it.
fn undo(before: &BTreeMap<String, StackResource>, stack: &Stack, logical_id: String) -> Option<Undo> {
    let Some(old) = before.get(&logical_id) else { return Some(Undo::Delete { logical_id }) };
    let now = stack.resource(&logical_id)?;
    let (properties, waits_for) = (old.properties.clone(), old.waits_for.clone());
    (now.properties != old.properties).then_some(Undo::Update { logical_id, properties, waits_for })
}
