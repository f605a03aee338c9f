//! The IAM statements for what a type calls, as a policy document in a CloudFormation template has them.

use crate::resource::{Condition, Grant, Operation, ResourceType};
use serde_json::{Map, Value, json};

/// A policy document: one statement a grant, in the order of the operations.
pub(super) fn policy(kind: &ResourceType) -> Value {
    let statements: Vec<Value> =
        grants(kind.operations).into_iter().map(|grant| statement(grant, kind.operations)).collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// The grants of operations, each once, in their order.
pub(super) fn grants(operations: &[Operation]) -> Vec<&'static Grant> {
    let mut grants: Vec<&Grant> = Vec::new();
    for operation in operations {
        if !grants.contains(&operation.grant) {
            grants.push(operation.grant);
        }
    }
    grants
}

fn statement(grant: &Grant, operations: &[Operation]) -> Value {
    let actions: Vec<&str> = operations
        .iter()
        .filter(|operation| operation.grant == grant)
        .map(|operation| operation.action)
        .collect();
    let resources: Vec<Value> = grant.resources.iter().map(|resource| substituted(resource)).collect();
    let mut statement =
        json!({ "Sid": grant.sid, "Effect": "Allow", "Action": actions, "Resource": resources });
    if let (Some(condition), Value::Object(members)) = (grant.condition, &mut statement) {
        members.insert("Condition".to_owned(), conditions(condition));
    }
    statement
}

fn substituted(text: &str) -> Value {
    let alone = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    match alone.filter(|name| !name.contains('$')) {
        Some(name) => json!({ "Ref": name }),
        None if text.contains("${") => json!({ "Fn::Sub": text }),
        None => text.into(),
    }
}

fn conditions(Condition { operator, key, values }: Condition) -> Value {
    let values: Value = values.iter().map(|value| substituted(value)).collect();
    let keys: Map<String, Value> = Map::from_iter([(key.to_owned(), values)]);
    Value::Object(Map::from_iter([(operator.to_owned(), keys.into())]))
}
