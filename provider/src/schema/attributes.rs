//! The schema of a type's attributes: the `Data` of a successful answer.

use super::generate::Draft;
use super::properties::id;
use crate::resource::{Attribute, ResourceType};
use serde_json::{Map, Value, json};

/// Every attribute is a text and always there.
pub(super) fn schema_in(kind: &ResourceType, draft: Draft) -> Value {
    let names: Vec<&str> = kind.attributes.iter().map(|attribute| attribute.name).collect();
    json!({
        "$schema": draft.uri(),
        "$id": id(kind, "attributes", draft),
        "title": format!("Attributes of {}", kind.name),
        "description": "What Fn::GetAtt gives after every success.",
        "type": "object",
        "additionalProperties": false,
        "required": names,
        "properties": members(kind.attributes.iter()),
    })
}

/// The attributes as members of a schema's `properties`.
pub(super) fn members<'a>(attributes: impl Iterator<Item = &'a Attribute>) -> Map<String, Value> {
    let member = |attribute: &Attribute| json!({ "type": "string", "description": attribute.description });
    attributes.map(|attribute| (attribute.name.to_owned(), member(attribute))).collect()
}
