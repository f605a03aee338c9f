//! Examples: every property is in one, each is right, and for everything that a schema can tell there is a wrong one.

use crate::agreement::mistakes;
use crate::readme::markdown::Markdown;
use crate::schemas::{decoded_errors, document, properties, schema};
use crate::support::rules::rules;
use crate::support::yaml::{as_in_an_editor, template};
use provider::resource::TYPES;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

fn root() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), ".."].iter().collect()
}

/// The templates in a folder, by their names without ending.
fn templates(folder: &str) -> Vec<(String, String)> {
    let files = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let yaml = files.filter(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    let read = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(&path).unwrap())
    };
    yaml.map(read).collect()
}

/// Every template and every snippet that is meant to be right.
fn examples() -> Vec<(String, String)> {
    let (readme, mut found) =
        (fs::read_to_string(root().join("README.md")).unwrap(), templates("cfn-templates"));
    found.extend(
        templates("cfn-templates/examples").into_iter().filter(|(name, _)| !name.ends_with("mistakes")),
    );
    let readme = Markdown::parse(&readme);
    found.extend(readme.blocks_of("yaml").map(|text| ("README.md".to_owned(), text.to_owned())));
    found
}

/// The properties of the resources of a type, by its short name.
fn resources<'a>(template: &'a Value, of: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let of = format!("Custom::{of}");
    let resources = template["Resources"].as_object().into_iter().flatten();
    let chosen = resources.filter(move |(_, resource)| resource["Type"] == of.as_str());
    chosen.map(|(name, resource)| (name, &resource["Properties"]))
}

#[test]
fn every_template_and_every_snippet_passes_as_an_editor_reads_it_and_with_the_long_forms() {
    let validator = jsonschema::draft7::new(&document("editor/template.json")).unwrap();
    let examples = examples();
    assert!(examples.len() >= 9, "{}", examples.len());
    for (name, text) in examples {
        for read in [template(&text), as_in_an_editor(&text)] {
            let told: Vec<String> = validator.iter_errors(&read).map(|error| error.to_string()).collect();
            assert!(told.is_empty(), "{name}: {told:?}");
        }
    }
}

#[test]
fn each_property_is_in_an_example() {
    let templates: Vec<Value> = examples().iter().map(|(_, text)| template(text)).collect();
    for kind in TYPES {
        let shown: BTreeSet<&String> = templates
            .iter()
            .flat_map(|template| resources(template, kind.short_name()))
            .flat_map(|(_, properties)| properties.as_object().unwrap().keys())
            .collect();
        let schema = schema(kind.short_name());
        let missing: Vec<_> = properties(&schema).keys().filter(|name| !shown.contains(name)).collect();
        assert!(missing.is_empty(), "{}: no example has {missing:?}", kind.name);
    }
}

/// What cfn-lint says of them stands in them, and is held by `tests/cfn_lint/test_rules.py`.
#[test]
fn for_everything_that_a_schema_can_tell_there_is_a_wrong_example_with_the_message() {
    for (kind, file) in [
        ("LicenseConfigShare", "wrong-every-share"),
        ("LicenseConfigShareAcceptance", "wrong-every-acceptance"),
        ("LicenseManagerOrgLink", "wrong-every-link"),
    ] {
        let schema = schema(kind);
        let validator = jsonschema::draft7::new(&schema).unwrap();
        let text =
            templates("tests/cfn_lint/templates").into_iter().find(|(name, _)| name == file).unwrap().1;
        let (template, mut told) = (template(&text.replace("!Ref Token", "token")), BTreeSet::new());
        for (name, properties) in resources(&template, kind) {
            let mut mistakes = mistakes(&validator, properties);
            assert_eq!(mistakes.len(), 1, "{kind} {name}: {mistakes:?}");
            assert!(!decoded_errors(kind, properties).is_empty(), "{kind} {name}");
            told.insert(mistakes.remove(0).rule);
        }
        let rules = rules(&schema, &["ServiceToken", "ServiceTimeout"]);
        assert_eq!(told, rules.into_iter().map(|rule| rule.id).collect());
    }
    assert_eq!(TYPES.len(), 3, "the list above has them all");
}
