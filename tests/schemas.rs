//! The generated documents: that they are the committed ones, that validators judge by them as the provider does, and
//! that nothing in them is left unread.

use jsonschema::Validator;
use proptest::prelude::*;
use proptest::string::string_regex;
use proptest::test_runner::TestRunner;
use provider::domain::{Home, LicenseConfigurationArn, Principal, ShareArn};
use provider::protocol::RequestType;
use provider::resource::config_share::{Desired, LicenseConfigShare, decode};
use provider::resource::org_link::LicenseManagerOrgLink;
use provider::resource::share_acceptance::LicenseConfigShareAcceptance;
use provider::resource::{Decoded, PropertyError, Resource, Subject, TYPES};
use provider::schema::{documents, readme_tables, rewrite_readme};
use serde_json::{Map, Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

const LICENSE: &str = "arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-0123";
const SHARE: &str = "arn:aws:ram:eu-west-1:111122223333:resource-share/0a-1b";
const UNIT: &str = "arn:aws:organizations::111122223333:ou/o-abc123defg/ou-ab12-34567890";
/// CloudFormation reads these itself, and Revision has no meaning but to change.
const WITHOUT_EFFECT: [&str; 3] = ["ServiceToken", "ServiceTimeout", "Revision"];

fn root() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), ".."].iter().collect()
}

/// The schema of a type's properties in draft 07, by the type's short name.
pub fn schema(name: &str) -> Value {
    document(&format!("{name}/properties.draft-07.json"))
}

/// A generated document, by its path below `schemas/`.
pub fn document(path: &str) -> Value {
    let (_, text) = documents().into_iter().find(|(name, _)| name == path).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The files below `schemas/`, by their paths there.
fn committed() -> Vec<String> {
    let (top, mut found, mut folders) = (root().join("schemas"), Vec::new(), vec![root().join("schemas")]);
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(&top).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found
}

fn share_schema() -> Value {
    schema("LicenseConfigShare")
}

pub fn properties(schema: &Value) -> &Map<String, Value> {
    schema["properties"].as_object().unwrap()
}

fn validator() -> Validator {
    jsonschema::draft7::new(&share_schema()).unwrap()
}

/// What a validator says: the place and the keyword of each mistake.
pub fn verdict(validator: &Validator, instance: &Value) -> Vec<(String, String)> {
    let told = validator.iter_errors(instance);
    told.map(|error| (error.instance_path().to_string(), error.kind().keyword().to_owned())).collect()
}

fn decoded(properties: &Value) -> Decoded<Desired> {
    let home = Home {
        partition: "aws".into(),
        region: "eu-west-1".into(),
        account: "111122223333".parse().unwrap(),
    };
    decode(properties, &home)
}

/// What the decoder of a type, by its short name, says of properties.
pub fn decoded_errors(kind: &str, properties: &Value) -> Vec<PropertyError> {
    let home = Home {
        partition: "aws".into(),
        region: "eu-west-1".into(),
        account: "111122223333".parse().unwrap(),
    };
    let subject = Subject {
        stack_id: "arn:aws:cloudformation:eu-west-1:111122223333:stack/licenses/0a".to_owned(),
        logical_id: "Resource".to_owned(),
        request_id: "r1".to_owned(),
        request_type: RequestType::Create,
        physical_id: None,
        home,
        now: UNIX_EPOCH,
    };
    match kind {
        "LicenseConfigShare" => LicenseConfigShare::decode(properties, &subject).errors,
        "LicenseManagerOrgLink" => LicenseManagerOrgLink::decode(properties, &subject).errors,
        "LicenseConfigShareAcceptance" => LicenseConfigShareAcceptance::decode(properties, &subject).errors,
        other => panic!("no decoder is known of {other}"),
    }
}

pub fn with(mut base: Value, more: Value) -> Value {
    base.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    base
}

pub fn without(mut base: Value, name: &str) -> Value {
    base.as_object_mut().unwrap().remove(name).unwrap();
    base
}

/// An own share with every property that it can have, none at its default.
fn full_own() -> Value {
    json!({
        "ServiceToken": "arn:aws:lambda:eu-west-1:111122223333:function:license-manager-provider",
        "ServiceTimeout": 600,
        "Name": "n",
        "LicenseConfigurationArns": [LICENSE],
        "Principals": [UNIT, "arn:aws:organizations::111122223333:organization/o-abc123defg", "444455556666"],
        "AllowExternalPrincipals": true,
        "RetainSharingOnAccountLeaveOrganization": true,
        "Tags": [{ "Key": "a", "Value": "1" }, { "Key": "Service", "Value": "" }],
        "ExclusiveMembership": true,
        "AdoptExisting": true,
        "AcceptanceRoleName": "path/accept",
        "WaitForAcceptance": true,
        "Revision": "2",
    })
}

/// An existing share with every property that it can have.
fn full_existing() -> Value {
    json!({
        "ServiceToken": "arn:aws:lambda:eu-west-1:111122223333:function:license-manager-provider",
        "ResourceShareArn": SHARE,
        "LicenseConfigurationArns": [LICENSE],
        "Principals": ["444455556666"],
        "AdoptExisting": true,
    })
}

#[test]
fn the_committed_schemas_are_those_of_the_rust_types() {
    let folder = root().join("schemas");
    for (file, text) in documents() {
        let committed = fs::read_to_string(folder.join(&file)).unwrap_or_default();
        assert!(committed == text, "schemas/{file} is not what the Rust types say: run `make schemas`");
    }
    let known: Vec<String> = documents().into_iter().map(|(file, _)| file).collect();
    let is_json = |file: &str| Path::new(file).extension().is_some_and(|extension| extension == "json");
    let generated = |file: &str| !file.starts_with("released/") && (is_json(file) || file == "cdk/types.ts");
    for file in committed().into_iter().filter(|file| generated(file)) {
        assert!(known.contains(&file), "schemas/{file} is of no resource type");
    }
}

#[test]
fn the_readme_has_the_tables_of_every_type() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for kind in TYPES {
        for what in ["", "permissions of "] {
            let marker = format!("<!-- generated: {what}{} -->", kind.short_name());
            assert!(readme.contains(&marker), "README.md has no {marker}");
            assert!(readme_tables().contains(&marker));
        }
    }
    assert!(rewrite_readme(&readme) == readme, "README.md's tables are old: run `make schemas`");
}

#[test]
fn every_schema_is_a_whole_draft_07_schema_with_a_name_of_its_own() {
    for kind in TYPES {
        let (name, schema) = (kind.name, schema(kind.short_name()));
        jsonschema::draft7::meta::validate(&schema).unwrap();
        assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
        assert_eq!(schema["title"], name);
        assert!(schema["$id"].as_str().unwrap().starts_with("urn:license-manager-provider:"));
        assert!(!schema["description"].as_str().unwrap().is_empty());
        assert_eq!(schema["additionalProperties"], false);
        let required = schema["required"].as_array().unwrap();
        assert!(required.contains(&json!("ServiceToken")), "{name}: {required:?}");
    }
}

#[test]
fn every_property_says_what_it_is_what_an_update_does_and_an_example() {
    for kind in TYPES {
        let schema = schema(kind.short_name());
        assert_eq!(properties(&schema).len(), (kind.property_names)().len());
        for name in (kind.property_names)() {
            let property = &properties(&schema)[*name];
            assert!(property["description"].as_str().unwrap().ends_with('.'), "{name}");
            assert!(!property["examples"].as_array().unwrap().is_empty(), "{name}");
            let update = property["x-update"].as_str().unwrap();
            assert!(["in place", "replacement", "not possible"].contains(&update), "{name}: {update}");
        }
    }
}

#[test]
fn no_schema_has_what_makes_messages_long_or_validators_differ() {
    let of_properties = |file: &str| ["properties.", "cfn-lint/"].iter().any(|part| file.contains(part));
    for (file, text) in documents().into_iter().filter(|(file, _)| of_properties(file)) {
        for keyword in ["anyOf", "oneOf", "format", "$ref", "definitions", "\"null\"", "\\\\d", "\\\\p"] {
            assert!(!text.contains(keyword), "{file} has {keyword}");
        }
    }
}

#[test]
fn every_example_is_valid() {
    let schema = share_schema();
    for (name, property) in properties(&schema) {
        let validator = jsonschema::draft7::new(property).unwrap();
        for example in property["examples"].as_array().unwrap() {
            assert_eq!(verdict(&validator, example), [], "{name}: {example}");
        }
    }
    for example in schema["examples"].as_array().unwrap() {
        assert_eq!(verdict(&validator(), example), [], "{example}");
        assert_eq!(decoded(example).errors, [], "{example}");
    }
}

#[test]
fn whole_instances_are_valid_also_with_scalars_as_strings() {
    let strings = json!({
        "ServiceTimeout": "600", "AllowExternalPrincipals": "true", "ExclusiveMembership": "true",
        "RetainSharingOnAccountLeaveOrganization": "true", "AdoptExisting": "true", "Revision": 2,
    });
    let nothing_asked = json!({
        "AllowExternalPrincipals": "false", "RetainSharingOnAccountLeaveOrganization": false,
        "ExclusiveMembership": false, "Tags": [],
    });
    let instances =
        [full_own(), with(full_own(), strings), full_existing(), with(full_existing(), nothing_asked)];
    for instance in instances {
        assert_eq!(verdict(&validator(), &instance), [], "{instance}");
        assert_eq!(decoded(&instance).errors, [], "{instance}");
    }
}

#[test]
fn each_mistake_is_one_message_at_its_place_and_the_provider_refuses_it_too() {
    let own = |more: Value| with(full_own(), more);
    let existing = |more: Value| with(full_existing(), more);
    let tag = |key: &str, value: &str| own(json!({ "Tags": [{ "Key": key, "Value": value }] }));
    let many: Value = (0..47).map(|n| json!({ "Key": format!("k{n}"), "Value": "" })).collect();
    let cases = [
        (json!([]), "", "type"),
        (without(full_own(), "Name"), "", "required"),
        (existing(json!({ "Name": "n" })), "/Name", "falseSchema"),
        (own(json!({ "Name": "" })), "/Name", "minLength"),
        (own(json!({ "Name": "x".repeat(256) })), "/Name", "maxLength"),
        (own(json!({ "Name": ["n"] })), "/Name", "type"),
        (own(json!({ "Principal": [] })), "", "additionalProperties"),
        (own(json!({ "Principals": "444455556666" })), "/Principals", "type"),
        (own(json!({ "Principals": ["44445555666"] })), "/Principals/0", "pattern"),
        (own(json!({ "Principals": [UNIT, "ou-ab12-34567890"] })), "/Principals/1", "pattern"),
        (own(json!({ "Principals": ["o-abc123defg"] })), "/Principals/0", "pattern"),
        (own(json!({ "Principals": ["arn:aws:iam::444455556666:role/A"] })), "/Principals/0", "pattern"),
        (own(json!({ "Principals": ["ram.amazonaws.com"] })), "/Principals/0", "pattern"),
        (own(json!({ "LicenseConfigurationArns": LICENSE })), "/LicenseConfigurationArns", "type"),
        (own(json!({ "LicenseConfigurationArns": [SHARE] })), "/LicenseConfigurationArns/0", "pattern"),
        (own(json!({ "AdoptExisting": "yes" })), "/AdoptExisting", "enum"),
        (own(json!({ "WaitForAcceptance": 1 })), "/WaitForAcceptance", "enum"),
        (own(json!({ "AcceptanceRoleName": "/accept" })), "/AcceptanceRoleName", "pattern"),
        (own(json!({ "ExclusiveMembership": 1 })), "/ExclusiveMembership", "enum"),
        (own(json!({ "AllowExternalPrincipals": false })), "/AllowExternalPrincipals", "enum"),
        (without(full_own(), "AllowExternalPrincipals"), "", "required"),
        (own(json!({ "Revision": [] })), "/Revision", "type"),
        (own(json!({ "Tags": { "a": "1" } })), "/Tags", "type"),
        (own(json!({ "Tags": many })), "/Tags", "maxItems"),
        (own(json!({ "Tags": [{ "Key": "a" }] })), "/Tags/0", "required"),
        (
            own(json!({ "Tags": [{ "Key": "a", "Value": "1", "value": "1" }] })),
            "/Tags/0",
            "additionalProperties",
        ),
        (tag("", "x"), "/Tags/0/Key", "minLength"),
        (tag(&"k".repeat(129), "x"), "/Tags/0/Key", "maxLength"),
        (tag("aWs:x", "x"), "/Tags/0/Key", "pattern"),
        (tag("license-manager-provider:x", "x"), "/Tags/0/Key", "pattern"),
        (tag("a;b", "x"), "/Tags/0/Key", "pattern"),
        (tag("a", "x\ny"), "/Tags/0/Value", "pattern"),
        (tag("a", &"x".repeat(257)), "/Tags/0/Value", "maxLength"),
        (tag("Service", "LicenseManager"), "/Tags/0", "not"),
        (existing(json!({ "ResourceShareArn": LICENSE })), "/ResourceShareArn", "pattern"),
        (existing(json!({ "LicenseConfigurationArns": [] })), "/LicenseConfigurationArns", "minItems"),
        (without(full_existing(), "LicenseConfigurationArns"), "", "required"),
        (existing(json!({ "AllowExternalPrincipals": true })), "/AllowExternalPrincipals", "enum"),
        (existing(json!({ "ExclusiveMembership": "true" })), "/ExclusiveMembership", "enum"),
        (existing(json!({ "Tags": [{ "Key": "a", "Value": "1" }] })), "/Tags", "maxItems"),
    ];
    for (instance, path, keyword) in cases {
        assert_eq!(verdict(&validator(), &instance), [(path.to_owned(), keyword.to_owned())], "{instance}");
        assert!(!decoded(&instance).errors.is_empty(), "{instance}");
    }
}

#[test]
fn what_cloudformation_checks_itself_is_for_the_schema_alone() {
    let cases = [
        (without(full_own(), "ServiceToken"), "", "required"),
        (with(full_own(), json!({ "ServiceTimeout": 3601 })), "/ServiceTimeout", "maximum"),
        (with(full_own(), json!({ "ServiceTimeout": "0" })), "/ServiceTimeout", "pattern"),
    ];
    for (instance, path, keyword) in cases {
        assert_eq!(verdict(&validator(), &instance), [(path.to_owned(), keyword.to_owned())], "{instance}");
        assert_eq!(decoded(&instance).errors, [], "{instance}");
    }
}

#[test]
fn every_property_of_the_schema_is_read() {
    let whole = [full_own(), full_existing()];
    let schema = share_schema();
    for name in properties(&schema).keys() {
        let instance = whole.iter().find(|instance| instance.get(name).is_some()).unwrap();
        let changed = decoded(instance) != decoded(&without(instance.clone(), name));
        assert_eq!(changed, !WITHOUT_EFFECT.contains(&name.as_str()), "{name}");
    }
}

#[test]
fn every_property_of_the_wrong_type_is_told_by_its_name() {
    let schema = share_schema();
    for name in properties(&schema).keys().filter(|name| !name.starts_with("Service")) {
        let wrong = with(full_own(), json!({ name.as_str(): { "x": [] } }));
        let errors = decoded(&wrong).errors;
        assert!(
            errors.iter().any(|e| e.path == *name && e.problem.contains("expected")),
            "{name}: {errors:?}"
        );
    }
}

#[test]
fn a_default_is_what_an_absent_property_means() {
    let schema = share_schema();
    let mut defaults = 0;
    for (name, property) in properties(&schema) {
        if let Some(default) = property.get("default") {
            defaults += 1;
            let base = json!({ "Name": "n" });
            assert_eq!(
                decoded(&with(base.clone(), json!({ name.as_str(): default }))),
                decoded(&base),
                "{name}"
            );
        }
    }
    assert_eq!(defaults, 8);
}

#[test]
fn conditions_speak_of_properties_that_there_are() {
    let schema = share_schema();
    let mut names = Vec::new();
    for condition in schema["allOf"].as_array().unwrap() {
        for part in ["if", "then", "else"].iter().filter_map(|part| condition.get(part)) {
            let required = part["required"].as_array().into_iter().flatten();
            names.extend(required.map(|name| name.as_str().unwrap().to_owned()));
            names.extend(part["properties"].as_object().into_iter().flat_map(|all| all.keys().cloned()));
        }
    }
    assert!(names.len() >= 10, "{names:?}");
    for name in names {
        assert!(properties(&schema).contains_key(&name), "{name}");
    }
}

/// Every text that `pattern` lets through must be one that the provider takes.
pub fn holds(pattern: &Value, taken: impl Fn(&str) -> bool) {
    let texts =
        string_regex(pattern.as_str().unwrap().trim_start_matches('^').trim_end_matches('$')).unwrap();
    TestRunner::default()
        .run(&texts, |text| {
            prop_assert!(taken(&text), "{text}");
            Ok(())
        })
        .unwrap();
}

#[test]
fn what_the_patterns_let_through_the_provider_can_read() {
    let schema = share_schema();
    let all = properties(&schema);
    holds(&all["ResourceShareArn"]["pattern"], |text| text.parse::<ShareArn>().is_ok());
    let licenses = &all["LicenseConfigurationArns"]["items"]["pattern"];
    holds(licenses, |text| text.parse::<LicenseConfigurationArn>().is_ok());
    holds(&all["Principals"]["items"]["pattern"], |text| text.parse::<Principal>().is_ok());
}

proptest! {
    #![proptest_config(crate::support::laws::config(256))]

    /// In ASCII, which is all that the pattern can tell apart, the schema and the provider judge tags alike.
    #[test]
    fn the_schema_and_the_provider_judge_tags_alike(key in "[ -~]{0,12}", value in "[\\x00-\\x7f]{0,12}") {
        let instance = with(full_own(), json!({ "Tags": [{ "Key": key, "Value": value }] }));
        prop_assert_eq!(validator().is_valid(&instance), decoded(&instance).errors.is_empty());
    }
}
