//! The schema of a type's properties.

use super::generate::{Draft, generated};
use crate::resource::ResourceType;
use serde_json::Value;

/// CloudFormation's own, the same for every custom resource.
pub(super) const CLOUDFORMATION: &[&str] = &["ServiceToken", "ServiceTimeout"];

/// In draft 07, from which all other documents are made.
pub(super) fn schema(kind: &ResourceType) -> Value {
    schema_in(kind, Draft::Seven)
}

/// The schema with what only the list of types knows: its name.
pub(super) fn schema_in(kind: &ResourceType, draft: Draft) -> Value {
    let mut schema = generated(kind.schema, draft);
    schema.insert("title".to_owned(), kind.name.into());
    schema.insert("$id".to_owned(), id(kind, "properties", draft).into());
    let mut schema = schema.to_value();
    // Tests build serde_json with another order of members than the generator does.
    schema.sort_all_objects();
    schema
}

/// A name for a schema that is the same for ever.
pub(super) fn id(kind: &ResourceType, part: &str, draft: Draft) -> String {
    format!("urn:license-manager-provider:{}:{part}:{}", kind.short_name(), draft.name())
}
