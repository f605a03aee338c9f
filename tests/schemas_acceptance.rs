//! The schema of `Custom::LicenseConfigShareAcceptance`: a validator judges by it as the provider does.

use crate::schemas::{holds, properties, schema, verdict, with, without};
use jsonschema::Validator;
use provider::domain::{Home, LicenseConfigurationArn, RoleArn, ShareArn};
use provider::protocol::RequestType;
use provider::resource::share_acceptance::{Desired, decode};
use provider::resource::{Decoded, Subject};
use serde_json::{Value, json};
use std::time::UNIX_EPOCH;

/// CloudFormation reads the first two itself, and Revision has no meaning but to change.
const WITHOUT_EFFECT: [&str; 3] = ["ServiceToken", "ServiceTimeout", "Revision"];

fn acceptance_schema() -> Value {
    schema("LicenseConfigShareAcceptance")
}

fn validator() -> Validator {
    jsonschema::draft7::new(&acceptance_schema()).unwrap()
}

fn decoded(properties: &Value) -> Decoded<Desired> {
    let account = "111122223333".parse().unwrap();
    let subject = Subject {
        stack_id: "arn:aws:cloudformation:eu-west-1:111122223333:stack/consumer/0a".to_owned(),
        logical_id: "Acceptance".to_owned(),
        request_id: "r1".to_owned(),
        request_type: RequestType::Create,
        physical_id: None,
        home: Home { partition: "aws".into(), region: "eu-west-1".into(), account },
        now: UNIX_EPOCH,
    };
    decode(properties, &subject)
}

/// An acceptance with every property, none at its default.
fn full() -> Value {
    json!({
        "ServiceToken": "arn:aws:lambda:eu-west-1:111122223333:function:license-manager-provider",
        "ServiceTimeout": 600,
        "ResourceShareArn": "arn:aws:ram:eu-west-1:444455556666:resource-share/7ab63972-b505-7e2a-420d-6f5d3f3a0f8e",
        "RoleArn": "arn:aws:iam::111122223333:role/path/accept+all",
        "LicenseConfigurationArns": ["arn:aws:license-manager:eu-west-1:444455556666:license-configuration:lic-0a"],
        "OnDelete": "Retain",
        "Revision": "2",
    })
}

fn but(more: Value) -> Value {
    with(full(), more)
}

#[test]
fn every_example_is_valid() {
    let schema = acceptance_schema();
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
    let strings = json!({ "ServiceTimeout": "600", "Revision": 2, "OnDelete": "Leave" });
    for instance in [full(), but(strings), but(json!({ "LicenseConfigurationArns": [] }))] {
        assert_eq!(verdict(&validator(), &instance), [], "{instance}");
        assert_eq!(decoded(&instance).errors, [], "{instance}");
    }
}

#[test]
fn each_mistake_is_one_message_at_its_place_and_the_provider_refuses_it_too() {
    let cases = [
        (json!([]), "", "type"),
        (without(full(), "ResourceShareArn"), "", "required"),
        (but(json!({ "ResourceShareArn": "7ab63972" })), "/ResourceShareArn", "pattern"),
        (but(json!({ "ResourceShareArn": [] })), "/ResourceShareArn", "type"),
        (but(json!({ "Role": "accept" })), "", "additionalProperties"),
        (but(json!({ "RoleArn": "accept" })), "/RoleArn", "pattern"),
        (but(json!({ "RoleArn": "arn:aws:iam::111122223333:user/me" })), "/RoleArn", "pattern"),
        (but(json!({ "RoleArn": "arn:aws:iam::111122223333:role/path/" })), "/RoleArn", "pattern"),
        (but(json!({ "LicenseConfigurationArns": "lic-0a" })), "/LicenseConfigurationArns", "type"),
        (but(json!({ "LicenseConfigurationArns": ["lic-0a"] })), "/LicenseConfigurationArns/0", "pattern"),
        (but(json!({ "OnDelete": "Unlink" })), "/OnDelete", "enum"),
        (but(json!({ "Revision": [] })), "/Revision", "type"),
    ];
    for (instance, path, keyword) in cases {
        assert_eq!(verdict(&validator(), &instance), [(path.to_owned(), keyword.to_owned())], "{instance}");
        assert!(!decoded(&instance).errors.is_empty(), "{instance}");
    }
}

#[test]
fn every_property_of_the_schema_is_read() {
    let schema = acceptance_schema();
    for name in properties(&schema).keys() {
        let changed = decoded(&full()) != decoded(&without(full(), name));
        assert_eq!(changed, !WITHOUT_EFFECT.contains(&name.as_str()), "{name}");
    }
}

#[test]
fn every_property_of_the_wrong_type_is_told_by_its_name() {
    let schema = acceptance_schema();
    for name in properties(&schema).keys().filter(|name| !name.starts_with("Service")) {
        let errors = decoded(&but(json!({ name.as_str(): { "x": [] } }))).errors;
        let told: Vec<_> = errors.iter().filter(|error| error.path == *name).collect();
        assert!(told.len() == 1 && told[0].problem.contains("expected"), "{name}: {errors:?}");
    }
}

#[test]
fn a_default_is_what_an_absent_property_means() {
    let schema = acceptance_schema();
    let base = json!({ "ResourceShareArn": full()["ResourceShareArn"] });
    let mut defaults = 0;
    for (name, property) in properties(&schema) {
        let Some(default) = property.get("default") else { continue };
        defaults += 1;
        let given = with(base.clone(), json!({ name.as_str(): default }));
        assert_eq!(decoded(&given), decoded(&base), "{name}");
    }
    assert_eq!(defaults, 2);
}

#[test]
fn what_the_patterns_let_through_the_provider_can_read() {
    let schema = acceptance_schema();
    let all = properties(&schema);
    holds(&all["ResourceShareArn"]["pattern"], |text| text.parse::<ShareArn>().is_ok());
    holds(&all["RoleArn"]["pattern"], |text| text.parse::<RoleArn>().is_ok());
    let licenses = &all["LicenseConfigurationArns"]["items"]["pattern"];
    holds(licenses, |text| text.parse::<LicenseConfigurationArn>().is_ok());
}
