//! What the rules in `schemas/cfn-lint/` know of a type.

use super::properties::{CLOUDFORMATION, schema};
use crate::resource::{Reference, ResourceType};
use serde_json::{Value, json};

/// The document of the type at `position` of the list, from 1. Its rules are numbered by it: a new type goes to the end.
pub(super) fn document(kind: &ResourceType, position: usize) -> Value {
    let without_arn = match kind.reference {
        Reference::ArnWithout(property) => json!(property),
        Reference::NoArn => Value::Null,
    };
    let attributes: Vec<&str> = kind.attributes.iter().map(|attribute| attribute.name).collect();
    json!({
        "type": kind.name,
        "rules": {
            "properties": format!("E9{position}01"),
            "attributes": format!("E9{position}02"),
            "references": format!("W9{position}03"),
        },
        "attributes": attributes,
        "refIsNoArnWith": without_arn,
        "schema": judged(schema(kind)),
    })
}

/// Without what cfn-lint itself checks of every custom resource: that there is a ServiceToken, and the types of
/// CloudFormation's own properties.
fn judged(mut schema: Value) -> Value {
    if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|name| !CLOUDFORMATION.iter().any(|own| name == own));
    }
    for name in CLOUDFORMATION {
        let property = schema.get_mut("properties").and_then(|all| all.get_mut(*name));
        if let Some(property) = property.and_then(Value::as_object_mut) {
            property.retain(|keyword, _| keyword != "type" && keyword != "pattern");
        }
    }
    schema
}
