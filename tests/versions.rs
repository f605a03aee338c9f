//! Versions: what was released is taken for ever, and all that names a version names the same.

use crate::schemas::{decoded_errors, document, verdict};
use crate::support::dice::Dice;
use crate::support::valid_properties::properties;
use provider::resource::TYPES;
use provider::schema::{
    CHECKSUMS, Change, Release, VERSION, attributes_changes, checksum, checksums, needed, properties_changes,
    released,
};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

/// Major, minor, patch.
type Numbers = (u64, u64, u64);

fn root() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), ".."].iter().collect()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn numbers(version: &str) -> Numbers {
    let mut parts = version.split('.').map(|part| part.parse().unwrap());
    let numbers = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    assert_eq!(parts.next(), None, "{version}");
    numbers
}

/// The versions that are frozen, oldest first.
fn frozen() -> Vec<String> {
    let entries = fs::read_dir(root().join("schemas/released")).unwrap().map(Result::unwrap);
    let folders = entries.filter(|entry| entry.file_type().unwrap().is_dir());
    let mut versions: Vec<String> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    versions.sort_by_key(|version| numbers(version));
    versions
}

/// The frozen schemas of a version: type, part and schema.
fn schemas_of(version: &str) -> Vec<(String, String, Value)> {
    let files = fs::read_dir(root().join("schemas/released").join(version)).unwrap();
    let schema = |path: PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let (kind, part) = name.strip_suffix(".json").unwrap().split_once('.').unwrap();
        let schema = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        (kind.to_owned(), part.to_owned(), schema)
    };
    files.map(|entry| schema(entry.unwrap().path())).collect()
}

/// What has changed since a version.
fn changes_since(version: &str) -> Vec<Change> {
    let mut changes = Vec::new();
    for (kind, part, old) in schemas_of(version) {
        let is_there = TYPES.iter().any(|known| known.short_name() == kind);
        assert!(is_there, "{version} had Custom::{kind}: stacks that have one could not be deleted any more");
        let new = document(&format!("{kind}/{part}.draft-07.json"));
        let found = if part == "properties" {
            properties_changes(&old, &new)
        } else {
            attributes_changes(&old, &new)
        };
        // Every version has its own comment.
        let told = found.into_iter().filter(|change| change.at != "/$comment");
        changes.extend(told.map(|change| Change { at: format!("{kind}/{part}{}", change.at), ..change }));
    }
    changes
}

fn told(changes: &[Change]) -> String {
    changes.iter().flat_map(|change| [change.to_string(), "\n".to_owned()]).collect()
}

/// The version that follows `latest` and may have a change of this kind.
fn next(latest: Numbers, needs: Option<Release>) -> Numbers {
    let (major, minor, patch) = latest;
    match needs {
        None => latest,
        Some(Release::Patch) => (major, minor, patch + 1),
        Some(Release::Minor) => (major, minor + 1, 0),
        Some(Release::Major) => (major + 1, 0, 0),
    }
}

#[test]
fn nothing_that_was_released_is_taken_away_or_narrowed() {
    for version in frozen() {
        let changes = changes_since(&version);
        let narrowed: Vec<Change> =
            changes.into_iter().filter(|change| change.needs == Release::Major).collect();
        assert!(
            narrowed.is_empty(),
            "templates that {version} took may fail, and so may rollbacks and Deletes of their stacks:\n{}",
            told(&narrowed)
        );
    }
}

#[test]
fn the_version_is_great_enough_for_what_changed() {
    let frozen = frozen();
    let latest = frozen.last().expect("make release-schemas");
    let changes = changes_since(latest);
    let least = next(numbers(latest), needed(&changes));
    assert!(
        numbers(VERSION) >= least,
        "since {latest} this has changed:\n{}raise the version in Cargo.toml from {VERSION} to {least:?}; while {latest} is \
         not out, `make release-schemas` takes it in",
        told(&changes)
    );
}

#[test]
fn what_each_kind_of_change_needs_is_the_next_version_of_its_kind() {
    let latest = (1, 4, 2);
    assert_eq!(next(latest, None), (1, 4, 2));
    assert_eq!(next(latest, Some(Release::Patch)), (1, 4, 3));
    assert_eq!(next(latest, Some(Release::Minor)), (1, 5, 0));
    assert_eq!(next(latest, Some(Release::Major)), (2, 0, 0));
}

#[test]
fn the_frozen_schemas_of_this_version_are_those_of_the_rust_types() {
    if frozen().iter().any(|version| version == VERSION) {
        let paths: Vec<String> = released().iter().map(|(path, _)| path.clone()).collect();
        assert_eq!(paths.len(), schemas_of(VERSION).len(), "{paths:?}");
        for (path, text) in released() {
            assert!(read(&format!("schemas/{path}")) == text, "{path} is old: `make release-schemas`");
        }
    }
}

/// A frozen schema that was changed, or taken away, can be seen in two places, one of which says what it is.
#[test]
fn the_frozen_schemas_are_those_of_the_list_of_checksums() {
    let mut lines = Vec::new();
    for version in frozen() {
        for (kind, part, _) in schemas_of(&version) {
            let path = format!("released/{version}/{kind}.{part}.json");
            lines.push(checksum(&path, &read(&format!("schemas/{path}"))));
        }
    }
    let list = read(&format!("schemas/{CHECKSUMS}"));
    let mut listed: Vec<&str> = list.lines().collect();
    lines.sort();
    listed.sort_unstable();
    assert_eq!(
        lines, listed,
        "a version that is out stays as it is; one that is not is frozen by `make release-schemas`"
    );
    if frozen().iter().any(|version| version == VERSION) {
        assert!(checksums(&list) == list, "schemas/{CHECKSUMS} is old: `make release-schemas`");
    }
}

#[test]
fn a_checksum_is_as_sha256sum_writes_it() {
    let sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(checksum("released/0.0.1/A.json", "abc"), format!("{sum}  0.0.1/A.json"));
    let of_others = format!("{sum}  0.0.1/A.json\n");
    let first = format!("{sum}  {VERSION}/Gone.json\n{of_others}");
    assert!(checksums(&first).starts_with(&of_others), "another version's lines stay");
    assert!(!checksums(&first).contains("Gone.json"), "this version's are made new");
}

#[test]
fn every_example_that_a_released_schema_takes_is_decoded() {
    let mut dice = Dice(3);
    let mut decoded = 0;
    for version in frozen() {
        for (kind, _, schema) in schemas_of(&version).into_iter().filter(|(_, part, _)| part == "properties")
        {
            let validator = jsonschema::draft7::new(&schema).unwrap();
            let mut examples = schema["examples"].as_array().unwrap().clone();
            examples.extend(each_property(&schema));
            examples.extend((0..200).map(|_| properties(&kind, &mut dice)));
            for example in examples.iter().filter(|example| verdict(&validator, example).is_empty()) {
                assert_eq!(decoded_errors(&kind, example), [], "{version} {kind}: {example}");
                decoded += 1;
            }
        }
    }
    assert!(decoded > 300, "{decoded}");
}

/// Whole examples with one more property in turn, as the property's own examples have it.
fn each_property(schema: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    for whole in schema["examples"].as_array().unwrap() {
        for (name, property) in schema["properties"].as_object().unwrap() {
            for example in property["examples"].as_array().into_iter().flatten() {
                let mut with = whole.clone();
                with[name] = example.clone();
                found.push(with);
            }
        }
    }
    found
}

#[test]
fn changelog_manifest_templates_and_schemas_agree_on_the_version() {
    let changelog = read("CHANGELOG.md");
    let heading = changelog.lines().find_map(|line| line.strip_prefix("## [")).unwrap();
    let newest = heading.split(']').next().unwrap();
    if newest == "Unreleased" {
        assert!(changelog.contains(&format!("\nTo be {VERSION}.\n")), "CHANGELOG.md is not about {VERSION}");
    } else {
        assert_eq!(newest, VERSION, "CHANGELOG.md");
    }
    assert!(read("Cargo.toml").contains(&format!("\nversion = \"{VERSION}\"\n")));
    let templates = fs::read_dir(root().join("cfn-templates")).unwrap();
    let names = templates.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let yaml: Vec<String> = names.filter(|name| name.contains(".yaml")).collect();
    assert!(yaml.len() >= 4, "{yaml:?}");
    for name in yaml {
        let text = read(&format!("cfn-templates/{name}"));
        let version = format!("\nMetadata:\n  LicenseManagerProvider: {{ Version: {VERSION} }}\n");
        assert!(text.contains(&version), "{name} is not of {VERSION}");
    }
    for (path, text) in released() {
        let schema: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(schema["$comment"], json!(format!("license-manager-provider {VERSION}")), "{path}");
    }
}

#[test]
fn every_version_that_the_changelog_has_a_heading_for_is_frozen() {
    let changelog = read("CHANGELOG.md");
    let headings = changelog.lines().filter_map(|line| line.strip_prefix("## ["));
    let out = headings.map(|rest| rest.split(']').next().unwrap()).filter(|version| *version != "Unreleased");
    for version in out {
        assert!(frozen().iter().any(|frozen| frozen == version), "{version} is not in schemas/released/");
    }
    assert!(!frozen().is_empty());
}
