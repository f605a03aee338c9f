//! The list of generated files.

use super::generate::Draft;
use super::{attributes, cdk, cfn_lint, editor, guard, iam, properties, registry};
use crate::resource::{ResourceType, TYPES};
use serde_json::Value;

/// All generated files, each by its path below `schemas/` and its whole text: a folder for each resource type, and what
/// tools take for all of them.
pub fn documents() -> Vec<(String, String)> {
    let of_types = TYPES.iter().zip(1..).flat_map(|(kind, position)| of_type(kind, position));
    let editor = ("editor/template.json".to_owned(), editor::document(TYPES));
    let guard = ("guard/license-manager.guard".to_owned(), guard::rules());
    let cdk = ("cdk/types.ts".to_owned(), cdk::module(TYPES));
    of_types.chain([editor]).map(|(path, document)| (path, text(document))).chain([cdk, guard]).collect()
}

fn of_type(kind: &ResourceType, position: usize) -> Vec<(String, Value)> {
    let name = kind.short_name();
    let mut files = vec![
        (format!("{name}/registry.json"), registry::document(kind)),
        (format!("{name}/iam.json"), iam::policy(kind)),
        (format!("cfn-lint/{name}.json"), cfn_lint::document(kind, position)),
    ];
    for draft in Draft::ALL {
        let file = |part: &str| format!("{name}/{part}.{}.json", draft.name());
        files.push((file("properties"), properties::schema_in(kind, draft)));
        files.push((file("attributes"), attributes::schema_in(kind, draft)));
    }
    files
}

/// A document as it is written down.
pub(super) fn text(mut document: Value) -> String {
    // Tests build serde_json with another order of members than the generator does.
    document.sort_all_objects();
    format!("{document:#}\n")
}
