//! Templates: custom resources, what they refer to, and their properties with the references filled in.

use super::stack::StackResource;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The resources of a stack.
pub type Template = Vec<Resource>;

/// A custom resource.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_field_names, reason = "CloudFormation's names")]
pub struct Resource {
    pub logical_id: String,
    pub resource_type: String,
    /// Without `ServiceToken`; `Ref` and `Fn::GetAtt` may stand anywhere.
    pub properties: Value,
    pub depends_on: Vec<String>,
}

impl Resource {
    pub fn new(logical_id: &str, resource_type: &str, properties: Value) -> Self {
        let (logical_id, resource_type) = (logical_id.to_owned(), resource_type.to_owned());
        Self { logical_id, resource_type, properties, depends_on: Vec::new() }
    }

    /// The same, after another one.
    pub fn after(mut self, logical_id: &str) -> Self {
        self.depends_on.push(logical_id.to_owned());
        self
    }

    /// What it must wait for: what `DependsOn` and its references name.
    pub fn waits_for(&self) -> BTreeSet<String> {
        let mut names: BTreeSet<String> = self.depends_on.iter().cloned().collect();
        references(&self.properties, &mut names);
        names
    }
}

/// `!Ref`.
pub fn reference(logical_id: &str) -> Value {
    json!({ "Ref": logical_id })
}

/// `!GetAtt`.
pub fn attribute(logical_id: &str, name: &str) -> Value {
    json!({ "Fn::GetAtt": [logical_id, name] })
}

/// One function with its argument, where the value is one.
fn function(value: &Value) -> Option<(&str, &Value)> {
    let members = value.as_object().filter(|members| members.len() == 1)?;
    let (name, argument) = members.iter().next()?;
    ["Ref", "Fn::GetAtt"].contains(&name.as_str()).then_some((name, argument))
}

fn references(value: &Value, into: &mut BTreeSet<String>) {
    match (function(value), value) {
        (Some((_, Value::String(name))), _) => {
            into.insert(name.clone());
        }
        (Some((_, argument)), _) => {
            into.insert(argument[0].as_str().unwrap().to_owned());
        }
        (None, Value::Array(items)) => items.iter().for_each(|item| references(item, into)),
        (None, Value::Object(members)) => members.values().for_each(|member| references(member, into)),
        (None, _) => {}
    }
}

/// The properties as a request has them: references filled in. `Err` where a resource has no such attribute, in
/// CloudFormation's words.
pub fn resolved(value: &Value, resources: &BTreeMap<String, StackResource>) -> Result<Value, String> {
    if let Some((name, argument)) = function(value) {
        return if name == "Ref" { Ok(physical_id(argument, resources)) } else { data(argument, resources) };
    }
    Ok(match value {
        Value::Array(items) => {
            items.iter().map(|item| resolved(item, resources)).collect::<Result<_, _>>()?
        }
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| Ok((name.clone(), resolved(value, resources)?)));
            Value::Object(members.collect::<Result<Map<_, _>, String>>()?)
        }
        other => other.clone(),
    })
}

fn physical_id(argument: &Value, resources: &BTreeMap<String, StackResource>) -> Value {
    resources[argument.as_str().unwrap()].physical_id.clone().into()
}

fn data(argument: &Value, resources: &BTreeMap<String, StackResource>) -> Result<Value, String> {
    let (logical_id, name) = (argument[0].as_str().unwrap(), argument[1].as_str().unwrap());
    let found = resources[logical_id].data.get(name);
    found.cloned().ok_or_else(|| {
        format!("CustomResource attribute error: Vendor response doesn't contain {name} attribute")
    })
}
