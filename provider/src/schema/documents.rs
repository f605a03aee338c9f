//! The list of generated files.

use super::generate::generated;
use crate::resource::{ResourceType, TYPES};
use serde_json::Value;

/// All generated files of `schemas/`, each by its name and its whole text, one for each resource type.
pub fn documents() -> Vec<(&'static str, String)> {
    TYPES.iter().map(|kind| (kind.file, document(kind))).collect()
}

/// The schema of a type with what only the list of types knows: its name.
pub(super) fn schema(kind: &ResourceType) -> Value {
    let mut schema = generated(kind.schema);
    schema.insert("title".to_owned(), kind.name.into());
    schema.insert(
        "$id".to_owned(),
        format!("urn:license-manager-provider:schema:{}", kind.short_name()).into(),
    );
    let mut schema = schema.to_value();
    // Tests build serde_json with another order of members than the generator does.
    schema.sort_all_objects();
    schema
}

fn document(kind: &ResourceType) -> String {
    format!("{:#}\n", schema(kind))
}
