//! A schema of whole templates for editors: it knows our types wherever they stand and lets everything else pass.
//!
//! An editor reads the short form of an intrinsic function as its argument: `!Ref A` as a text, `!If [..]` as a list. So a
//! text is judged only where it can be no argument (an ARN, or digits), a list never where a scalar is due, and how many
//! items there are not at all. `!Ref AWS::NoValue` is a property that is not there. What this cannot tell, cfn-lint does.

use super::properties::schema;
use crate::resource::ResourceType;
use serde_json::{Map, Value, json};

/// A text that no short form has as its argument.
const LITERAL: &str = "^(arn:[^$]*|[0-9]+)$";

/// The name of a member that is a function.
const FUNCTION: &str = "^(Ref$|Fn::)";

/// What an editor reads for `!Ref AWS::NoValue`.
const NOTHING: &str = "AWS::NoValue";

/// The types of what a text without a form of its own may be written as.
const ANYTHING: &[&str] = &["string", "number", "boolean", "object", "array"];

/// The schema for a template.
pub(super) fn document(types: &[ResourceType]) -> Value {
    let names: Vec<&str> = types.iter().map(|kind| kind.name).collect();
    let of_types: Vec<Value> = types.iter().map(resource).collect();
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "urn:license-manager-provider:template",
        "title": "CloudFormation template with License Manager resources",
        "type": "object",
        "properties": {
            "Resources": {
                "type": "object",
                "additionalProperties": {
                    "properties": { "Type": { "anyOf": [{ "enum": names }, { "type": "string" }] } },
                    "allOf": of_types,
                },
            },
        },
    })
}

fn resource(kind: &ResourceType) -> Value {
    let schema = schema(kind);
    let properties = match schema.get("allOf").and_then(Value::as_array) {
        Some(conditions) => {
            let conditions: Vec<Value> = conditions.iter().map(condition).collect();
            let mut properties = object(&schema);
            properties.insert("allOf".to_owned(), conditions.into());
            properties
        }
        None => object(&schema),
    };
    json!({
        "if": { "type": "object", "required": ["Type"], "properties": { "Type": { "const": kind.name } } },
        "then": { "required": ["Properties"], "properties": { "Properties": properties } },
    })
}

/// An object in which a member `Fn::...` may bring what cannot be seen.
fn object(schema: &Value) -> Map<String, Value> {
    let mut object = described(schema);
    let members = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let members: Map<String, Value> = members.map(|(name, member)| (name.clone(), value(member))).collect();
    let more = json!({
        "properties": members,
        "patternProperties": { FUNCTION: {} },
        "additionalProperties": false,
        "if": { "propertyNames": no_function() },
        "then": { "required": schema.get("required").cloned().unwrap_or_else(|| json!([])) },
    });
    object.extend(more.as_object().cloned().unwrap_or_default());
    object
}

fn no_function() -> Value {
    json!({ "not": { "pattern": FUNCTION } })
}

/// What a property may hold, or a function in its place.
fn value(schema: &Value) -> Value {
    let keyword = |name: &str| schema.get(name);
    if let Some(items) = keyword("items") {
        let mut list = described(schema);
        list.insert("items".to_owned(), value(items));
        return list.into();
    }
    if keyword("properties").is_some() {
        return object(schema).into();
    }
    let mut scalar = described(schema);
    if let Some(choices) = keyword("enum") {
        let function = json!({ "type": ["string", "object", "array"] });
        scalar.insert("anyOf".to_owned(), json!([{ "enum": plain(choices) }, function]));
    } else if let Some(pattern) = keyword("pattern").filter(|_| keyword("minimum").is_none()) {
        // A number has lost its leading zeros.
        let id = pattern.as_str().is_some_and(|pattern| pattern.contains("[0-9]{12}"));
        let types = if id { json!(["string", "object", "array"]) } else { json!(ANYTHING) };
        scalar.insert("type".to_owned(), types);
        scalar.insert("if".to_owned(), json!({ "type": "string", "pattern": LITERAL }));
        scalar.insert("then".to_owned(), json!({ "pattern": pattern }));
    }
    scalar.into()
}

/// Choices as an editor offers them: `true` is, and `"true"` passes all the same.
fn plain(choices: &Value) -> Vec<Value> {
    let choices = choices.as_array().into_iter().flatten();
    choices.filter(|choice| !matches!(choice.as_str(), Some("true" | "false"))).cloned().collect()
}

/// What an editor shows or offers.
fn described(schema: &Value) -> Map<String, Value> {
    let shown = |keyword: &str| matches!(keyword, "description" | "default" | "examples" | "title");
    let members = schema.as_object().into_iter().flatten();
    members
        .filter(|(keyword, _)| shown(keyword))
        .map(|(keyword, value)| (keyword.clone(), value.clone()))
        .collect()
}

/// A condition between properties, where none that it asks for is given by a function, which may come to nothing, or is
/// nothing.
fn condition(condition: &Value) -> Value {
    let asked = condition.pointer("/if/required").and_then(Value::as_array).into_iter().flatten();
    let scalar = json!({ "not": nothing_or_function() });
    let scalars: Map<String, Value> =
        asked.filter_map(Value::as_str).map(|name| (name.to_owned(), scalar.clone())).collect();
    let mut then = condition.clone();
    for branch in ["then", "else"] {
        let members = then.pointer_mut(&format!("/{branch}/properties")).and_then(Value::as_object_mut);
        for member in members.into_iter().flat_map(|members| members.values_mut()) {
            *member = consequence(member);
        }
    }
    json!({ "if": { "properties": scalars, "propertyNames": no_function() }, "then": then })
}

fn nothing_or_function() -> Value {
    json!({ "anyOf": [{ "type": ["object", "array"] }, { "const": NOTHING }] })
}

/// What a condition asks of another property, where that is no function.
fn consequence(schema: &Value) -> Value {
    match schema.get("enum") {
        Some(choices) => {
            let function =
                json!({ "type": ["string", "object", "array"], "not": { "enum": ["true", "false"] } });
            json!({ "anyOf": [{ "enum": choices }, function] })
        }
        None if *schema == Value::Bool(false) => nothing_or_function(),
        None => json!({}),
    }
}
