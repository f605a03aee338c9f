//! The schemas that a release freezes.

use super::generate::Draft;
use super::{attributes, properties};
use crate::resource::TYPES;

/// The version that is being made, of all crates, schemas and templates.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What is frozen when this version is released: for each type the properties that it takes and the attributes that it
/// gives, each by its path below `schemas/` and its whole text.
pub fn released() -> Vec<(String, String)> {
    let frozen = TYPES.iter().flat_map(|kind| {
        let path = |part: &str| format!("released/{VERSION}/{}.{part}.json", kind.short_name());
        [
            (path("attributes"), attributes::schema_in(kind, Draft::Seven)),
            (path("properties"), properties::schema_in(kind, Draft::Seven)),
        ]
    });
    frozen.map(|(path, document)| (path, super::documents::text(document))).collect()
}
