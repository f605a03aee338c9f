//! What CloudFormation knows of a stack.

use super::template::Template;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

/// The end of a stack operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StackStatus {
    CreateComplete,
    RollbackComplete,
    RollbackFailed,
    UpdateComplete,
    UpdateRollbackComplete,
    UpdateRollbackFailed,
    DeleteComplete,
    DeleteFailed,
}

/// One line of the events tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackEvent {
    pub logical_id: String,
    /// `CREATE_COMPLETE`, say.
    pub status: &'static str,
    pub reason: String,
}

/// A resource that CloudFormation has asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct StackResource {
    pub resource_type: String,
    pub physical_id: String,
    /// Those of the last request, as the template has them, references filled in.
    pub properties: Value,
    pub data: Map<String, Value>,
    /// Of the template that made it so.
    pub waits_for: Vec<String>,
}

/// A stack.
#[derive(Debug)]
#[expect(clippy::struct_field_names, reason = "CloudFormation's names")]
pub struct Stack {
    pub stack_id: String,
    pub name: String,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    resources: BTreeMap<String, StackResource>,
    template: Template,
    status: Option<StackStatus>,
    events: Vec<StackEvent>,
    unfinished: Vec<Undo>,
}

/// What a rollback has to do for one resource.
#[derive(Clone, Debug, PartialEq)]
pub enum Undo {
    /// It was made, or was about to be.
    Delete { logical_id: String },
    /// It was updated, or was about to be: these were its properties, and this its physical id.
    Update { logical_id: String, properties: Value, waits_for: Vec<String> },
}

impl Undo {
    pub fn logical_id(&self) -> &str {
        match self {
            Self::Delete { logical_id } | Self::Update { logical_id, .. } => logical_id,
        }
    }
}

impl Stack {
    pub fn new(name: &str, stack_id: String) -> Self {
        Self { stack_id, name: name.to_owned(), state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn status(&self) -> StackStatus {
        self.state().status.expect("an operation has ended")
    }

    pub(super) fn ends(&self, status: StackStatus) -> StackStatus {
        self.state().status = Some(status);
        status
    }

    pub fn events(&self) -> Vec<StackEvent> {
        self.state().events.clone()
    }

    /// The reasons of events with this status.
    pub fn reasons(&self, status: &str) -> Vec<String> {
        let events = self.events().into_iter().filter(|event| event.status == status);
        events.map(|event| event.reason).collect()
    }

    pub(super) fn tell(&self, logical_id: &str, status: &'static str, reason: &str) {
        let (logical_id, reason) = (logical_id.to_owned(), reason.to_owned());
        self.state().events.push(StackEvent { logical_id, status, reason });
    }

    pub fn template(&self) -> Template {
        self.state().template.clone()
    }

    pub(super) fn set_template(&self, template: Template) {
        self.state().template = template;
    }

    pub fn resources(&self) -> BTreeMap<String, StackResource> {
        self.state().resources.clone()
    }

    pub fn resource(&self, logical_id: &str) -> Option<StackResource> {
        self.state().resources.get(logical_id).cloned()
    }

    pub fn physical_id(&self, logical_id: &str) -> String {
        self.resource(logical_id).expect("a resource of the stack").physical_id
    }

    pub fn attribute(&self, logical_id: &str, name: &str) -> String {
        let resource = self.resource(logical_id).expect("a resource of the stack");
        resource.data[name].as_str().unwrap().to_owned()
    }

    pub(super) fn keep(&self, logical_id: &str, resource: StackResource) {
        self.state().resources.insert(logical_id.to_owned(), resource);
    }

    pub(super) fn forget(&self, logical_id: &str) {
        self.state().resources.remove(logical_id);
    }

    /// What a rollback did not manage.
    pub(super) fn unfinished(&self) -> Vec<Undo> {
        self.state().unfinished.clone()
    }

    pub(super) fn set_unfinished(&self, unfinished: Vec<Undo>) {
        self.state().unfinished = unfinished;
    }
}
