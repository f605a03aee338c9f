//! Requests as CloudFormation writes them (user guide, crpg-ref-requests; protocol facts 1.1).

use serde_json::{Map, Value, json};
use std::time::Duration;

/// What CloudFormation knows of a request that it sends.
#[derive(Clone, Debug)]
#[expect(clippy::struct_field_names, reason = "CloudFormation's names")]
pub struct Request {
    pub request_id: String,
    pub stack_id: String,
    pub logical_id: String,
    pub resource_type: String,
    pub kind: Kind,
    /// As the template has them, references filled in.
    pub properties: Value,
}

/// What is asked, of which resource.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    Create,
    Update { physical_id: String, old_properties: Value },
    Delete { physical_id: String },
}

impl Kind {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Create => "Create",
            Self::Update { .. } => "Update",
            Self::Delete { .. } => "Delete",
        }
    }
}

impl Request {
    /// The event for the function. `ServiceToken` and `ServiceTimeout` stand at the top and among the properties; every
    /// scalar of the properties is a string.
    pub fn event(&self, service_token: &str, response_url: &str) -> Value {
        let mut event = json!({
            "RequestType": self.kind.name(),
            "ServiceToken": service_token,
            "ResponseURL": response_url,
            "StackId": self.stack_id,
            "RequestId": self.request_id,
            "LogicalResourceId": self.logical_id,
            "ResourceType": self.resource_type,
            "ResourceProperties": written(&self.properties, service_token),
        });
        if let Some(timeout) = self.properties.get("ServiceTimeout") {
            event["ServiceTimeout"] = stringified(timeout);
        }
        match &self.kind {
            Kind::Create => {}
            Kind::Update { physical_id, old_properties } => {
                event["PhysicalResourceId"] = physical_id.as_str().into();
                event["OldResourceProperties"] = written(old_properties, service_token);
            }
            Kind::Delete { physical_id } => event["PhysicalResourceId"] = physical_id.as_str().into(),
        }
        event
    }

    /// How long CloudFormation waits for the answer, from when it sends the request.
    pub fn service_timeout(&self) -> Duration {
        let seconds = self.properties.get("ServiceTimeout").map_or("3600".to_owned(), text);
        Duration::from_secs(seconds.parse().unwrap())
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn written(properties: &Value, service_token: &str) -> Value {
    let mut members = match stringified(properties) {
        Value::Object(members) => members,
        Value::Null => Map::new(),
        other => panic!("properties are a map, not {other}"),
    };
    members.insert("ServiceToken".to_owned(), service_token.into());
    Value::Object(members)
}

/// Scalars become strings, lists and maps keep their shape, at every depth; a null is as if it were not there.
pub fn stringified(value: &Value) -> Value {
    match value {
        Value::Bool(_) | Value::Number(_) => Value::String(value.to_string()),
        Value::Array(items) => items.iter().map(stringified).collect(),
        Value::Object(members) => {
            let kept = members.iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(name, value)| (name.clone(), stringified(value))).collect())
        }
        Value::String(_) | Value::Null => value.clone(),
    }
}
