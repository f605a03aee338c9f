//! The schema of `Custom::LicenseManagerOrgLink`: a validator judges by it as the provider does.

use crate::schemas::{holds, properties, schema, verdict, with, without};
use jsonschema::Validator;
use provider::domain::{AccountId, Home};
use provider::resource::Decoded;
use provider::resource::org_link::{BucketArn, Desired, RegionName, TopicArn, decode};
use serde_json::{Value, json};

/// CloudFormation reads the first two itself, Revision has no meaning but to change, and the acknowledgements only let
/// the rest through.
const WITHOUT_EFFECT: [&str; 3] = ["ServiceToken", "ServiceTimeout", "Revision"];

fn link_schema() -> Value {
    schema("LicenseManagerOrgLink")
}

fn validator() -> Validator {
    jsonschema::draft7::new(&link_schema()).unwrap()
}

fn decoded(properties: &Value) -> Decoded<Desired> {
    let account = "111122223333".parse().unwrap();
    decode(properties, &Home { partition: "aws".into(), region: "eu-west-1".into(), account })
}

/// A link with every property, none at its default.
fn full() -> Value {
    json!({
        "ServiceToken": "arn:aws:lambda:eu-west-1:111122223333:function:license-manager-provider",
        "ServiceTimeout": 600,
        "AcknowledgeOrganizationLink": true,
        "CrossAccountInventorySearch": true,
        "AcknowledgeInventoryCharges": true,
        "SnsTopicArn": "arn:aws:sns:eu-west-1:111122223333:aws-license-manager-service-alerts.fifo",
        "S3BucketArn": "arn:aws:s3:::aws-license-manager-service-1.a",
        "DiscoverySourceRegions": ["us-east-1", "ap-southeast-2", "mx-central-1"],
        "EnableRamSharing": true,
        "DelegatedAdministratorAccountId": "444455556666",
        "WaitForResourceShare": false,
        "OnDelete": "Unlink",
        "Revision": "2",
    })
}

fn but(more: Value) -> Value {
    with(full(), more)
}

#[test]
fn every_example_is_valid() {
    let schema = link_schema();
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
        "ServiceTimeout": "600", "AcknowledgeOrganizationLink": "true", "CrossAccountInventorySearch": "true",
        "AcknowledgeInventoryCharges": "true", "EnableRamSharing": "true", "WaitForResourceShare": "false", "Revision": 2,
    });
    let quiet = json!({
        "CrossAccountInventorySearch": "false", "AcknowledgeInventoryCharges": false, "OnDelete": "Retain",
        "DiscoverySourceRegions": [],
    });
    for instance in [full(), but(strings), but(quiet)] {
        assert_eq!(verdict(&validator(), &instance), [], "{instance}");
        assert_eq!(decoded(&instance).errors, [], "{instance}");
    }
}

#[test]
fn each_mistake_is_one_message_at_its_place_and_the_provider_refuses_it_too() {
    let topic =
        |name: &str| but(json!({ "SnsTopicArn": format!("arn:aws:sns:eu-west-1:111122223333:{name}") }));
    let bucket = |name: &str| but(json!({ "S3BucketArn": format!("arn:aws:s3:::{name}") }));
    let prefix = "aws-license-manager-service-";
    let cases = [
        (json!([]), "", "type"),
        (without(full(), "AcknowledgeOrganizationLink"), "", "required"),
        (but(json!({ "AcknowledgeOrganizationLink": false })), "/AcknowledgeOrganizationLink", "enum"),
        (but(json!({ "AcknowledgeOrganizationLink": "yes" })), "/AcknowledgeOrganizationLink", "enum"),
        (but(json!({ "AcknowledgeOrganisationLink": true })), "", "additionalProperties"),
        (but(json!({ "AcknowledgeInventoryCharges": false })), "/AcknowledgeInventoryCharges", "enum"),
        (without(full(), "AcknowledgeInventoryCharges"), "", "required"),
        (but(json!({ "CrossAccountInventorySearch": 1 })), "/CrossAccountInventorySearch", "enum"),
        (topic("alerts"), "/SnsTopicArn", "pattern"),
        (topic(&format!("{prefix}a:b")), "/SnsTopicArn", "pattern"),
        (topic(&format!("{prefix}{}", "a".repeat(229))), "/SnsTopicArn", "pattern"),
        (but(json!({ "SnsTopicArn": ["a"] })), "/SnsTopicArn", "type"),
        (bucket("inventory"), "/S3BucketArn", "pattern"),
        (bucket(&format!("{prefix}A")), "/S3BucketArn", "pattern"),
        (bucket(&format!("{prefix}a/Reports")), "/S3BucketArn", "pattern"),
        (bucket(&format!("{prefix}{}", "a".repeat(36))), "/S3BucketArn", "pattern"),
        (but(json!({ "DiscoverySourceRegions": "us-east-1" })), "/DiscoverySourceRegions", "type"),
        (
            but(json!({ "DiscoverySourceRegions": ["us-east-1", "Ireland"] })),
            "/DiscoverySourceRegions/1",
            "pattern",
        ),
        (but(json!({ "EnableRamSharing": "on" })), "/EnableRamSharing", "enum"),
        (but(json!({ "WaitForResourceShare": "no" })), "/WaitForResourceShare", "enum"),
        (
            but(json!({ "DelegatedAdministratorAccountId": "44445555666" })),
            "/DelegatedAdministratorAccountId",
            "pattern",
        ),
        (but(json!({ "OnDelete": "retain" })), "/OnDelete", "enum"),
        (but(json!({ "Revision": [] })), "/Revision", "type"),
    ];
    for (instance, path, keyword) in cases {
        assert_eq!(verdict(&validator(), &instance), [(path.to_owned(), keyword.to_owned())], "{instance}");
        assert!(!decoded(&instance).errors.is_empty(), "{instance}");
    }
}

#[test]
fn every_property_of_the_schema_is_read() {
    let schema = link_schema();
    for name in properties(&schema).keys() {
        let changed = decoded(&full()) != decoded(&without(full(), name));
        assert_eq!(changed, !WITHOUT_EFFECT.contains(&name.as_str()), "{name}");
    }
}

#[test]
fn every_property_of_the_wrong_type_is_told_by_its_name() {
    let schema = link_schema();
    for name in properties(&schema).keys().filter(|name| !name.starts_with("Service")) {
        let errors = decoded(&but(json!({ name.as_str(): { "x": [] } }))).errors;
        let told: Vec<_> = errors.iter().filter(|error| error.path == *name).collect();
        assert!(told.len() == 1 && told[0].problem.contains("expected"), "{name}: {errors:?}");
    }
}

#[test]
fn a_default_is_what_an_absent_property_means() {
    let schema = link_schema();
    let base = json!({ "AcknowledgeOrganizationLink": true });
    let mut defaults = 0;
    for (name, property) in properties(&schema) {
        let Some(default) = property.get("default") else { continue };
        defaults += 1;
        let given = with(base.clone(), json!({ name.as_str(): default }));
        assert_eq!(decoded(&given), decoded(&base), "{name}");
    }
    assert_eq!(defaults, 6);
}

#[test]
fn conditions_speak_of_properties_that_there_are() {
    let schema = link_schema();
    let conditions = schema["allOf"].to_string();
    for name in ["CrossAccountInventorySearch", "AcknowledgeInventoryCharges"] {
        assert!(conditions.contains(name) && properties(&schema).contains_key(name));
    }
}

#[test]
fn what_the_patterns_let_through_the_provider_can_read() {
    let schema = link_schema();
    let all = properties(&schema);
    holds(&all["SnsTopicArn"]["pattern"], |text| text.parse::<TopicArn>().is_ok());
    holds(&all["S3BucketArn"]["pattern"], |text| text.parse::<BucketArn>().is_ok());
    holds(&all["DiscoverySourceRegions"]["items"]["pattern"], |text| text.parse::<RegionName>().is_ok());
    holds(&all["DelegatedAdministratorAccountId"]["pattern"], |text| text.parse::<AccountId>().is_ok());
}
