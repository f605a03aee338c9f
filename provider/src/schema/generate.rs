//! From a Rust type to a JSON schema.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

/// A version of JSON Schema. Our schemas mean the same in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Draft {
    /// What cfn-lint and editors read alike.
    Seven,
    /// The newest.
    TwentyTwelve,
}

impl Draft {
    pub(super) const ALL: [Self; 2] = [Self::Seven, Self::TwentyTwelve];

    /// As file names have it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Seven => "draft-07",
            Self::TwentyTwelve => "2020-12",
        }
    }

    /// What `$schema` says.
    pub(super) fn uri(self) -> &'static str {
        match self {
            Self::Seven => "http://json-schema.org/draft-07/schema#",
            Self::TwentyTwelve => "https://json-schema.org/draft/2020-12/schema",
        }
    }

    fn settings(self) -> SchemaSettings {
        match self {
            Self::Seven => SchemaSettings::draft07(),
            Self::TwentyTwelve => SchemaSettings::draft2020_12(),
        }
    }
}

/// The schema that `root` makes, without references, its descriptions on one line each.
pub(super) fn generated(root: fn(SchemaGenerator) -> Schema, draft: Draft) -> Schema {
    let settings = draft.settings().with(|settings| settings.inline_subschemas = true);
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
