//! From a Rust type to a JSON schema of draft 07, the newest that cfn-lint and editors read alike.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

/// The schema that `root` makes, without references, its descriptions on one line each.
pub(super) fn generated(root: fn(SchemaGenerator) -> Schema) -> Schema {
    let settings = SchemaSettings::draft07().with(|settings| settings.inline_subschemas = true);
    let mut schema = root(settings.into_generator());
    RecursiveTransform(join_lines).transform(&mut schema);
    schema
}

/// Doc comments are wrapped at the width of the source; descriptions are not.
fn join_lines(schema: &mut Schema) {
    if let Some(Value::String(description)) = schema.get_mut("description") {
        *description = description.split_whitespace().collect::<Vec<_>>().join(" ");
    }
}
