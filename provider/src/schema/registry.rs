//! The form in which CloudFormation's registry describes a type (CloudFormation CLI user guide, resource type schema). The
//! types are custom resources and not registered; tools that read this form know them by it.

use super::attributes::members;
use super::properties::schema;
use crate::resource::{Handler, ResourceType};
use serde_json::{Map, Value, json};

/// What `Ref` gives. No property and no attribute holds it in every case, so that it has a name here alone.
const PHYSICAL_ID: &str = "PhysicalId";

/// The document of a type.
pub(super) fn document(kind: &ResourceType) -> Value {
    let mut schema = schema(kind);
    let create_only = with_update(&schema, "replacement");
    let read_only = read_only(kind, &schema);
    forget_extensions(&mut schema);
    let Value::Object(document) = &mut schema else { return schema };
    document.retain(|keyword, _| !keyword.starts_with('$') && keyword != "title" && keyword != "examples");
    if let Some(Value::Object(properties)) = document.get_mut("properties") {
        let shown = kind.attributes.iter().filter(|attribute| read_only.contains(&pointer(attribute.name)));
        properties.extend(members(shown));
        let physical_id = json!({ "type": "string", "description": "What Ref gives. Fn::GetAtt does not." });
        properties.insert(PHYSICAL_ID.to_owned(), physical_id);
    }
    document.extend([
        ("typeName".to_owned(), kind.name.into()),
        ("primaryIdentifier".to_owned(), json!([pointer(PHYSICAL_ID)])),
        ("readOnlyProperties".to_owned(), json!(read_only)),
        ("createOnlyProperties".to_owned(), json!(create_only)),
        ("handlers".to_owned(), handlers(kind).into()),
    ]);
    schema
}

fn pointer(name: &str) -> String {
    format!("/properties/{name}")
}

/// The properties for which an update is of that kind.
fn with_update(schema: &Value, update: &str) -> Vec<String> {
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let chosen = properties.filter(|(_, property)| property.get("x-update").is_some_and(|is| is == update));
    chosen.map(|(name, _)| pointer(name)).collect()
}

/// Attributes that no property has the name of, and the physical id.
fn read_only(kind: &ResourceType, schema: &Value) -> Vec<String> {
    let given = |name: &str| schema.get("properties").and_then(|all| all.get(name)).is_some();
    let names = kind.attributes.iter().map(|attribute| attribute.name).filter(|name| !given(name));
    names.chain([PHYSICAL_ID]).map(pointer).collect()
}

/// The registry knows no keywords that begin with `x-`.
fn forget_extensions(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.retain(|keyword, _| !keyword.starts_with("x-"));
            members.values_mut().for_each(forget_extensions);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_extensions),
        _ => {}
    }
}

fn handlers(kind: &ResourceType) -> Map<String, Value> {
    let permissions = |handler: &Handler| {
        let allowed = kind.operations.iter().filter(|operation| operation.handlers.contains(handler));
        let mut actions: Vec<&str> = allowed.map(|operation| operation.action).collect();
        actions.sort_unstable();
        json!({ "permissions": actions })
    };
    Handler::ALL.iter().map(|handler| (handler.name().to_owned(), permissions(handler))).collect()
}
