//! The schema for editors: what is right passes however it is written, and what an editor can tell is told at its place.

use crate::schemas::document;
use crate::support::yaml::{as_in_an_editor, template};
use jsonschema::Validator;
use serde_json::Value;

fn validator() -> Validator {
    let schema = document("editor/template.json");
    jsonschema::draft7::meta::validate(&schema).unwrap();
    jsonschema::draft7::new(&schema).unwrap()
}

/// The places of the mistakes below `Properties`.
fn told(validator: &Validator, template: &Value) -> Vec<String> {
    let places = validator.iter_errors(template).map(|error| error.instance_path().to_string());
    let mut places: Vec<String> =
        places.map(|place| place.replace("/Resources/A", "").replace("/Properties", "")).collect();
    places.dedup();
    places
}

fn share(properties: &str) -> String {
    let lines: String = properties.lines().flat_map(|line| ["      ", line, "\n"]).collect();
    format!(
        "Resources:\n  A:\n    Type: Custom::LicenseConfigShare\n    Properties:\n      ServiceToken: !ImportValue t\n{lines}"
    )
}

#[test]
fn functions_pass_wherever_they_stand() {
    let validator = validator();
    for properties in [
        "Name: !Ref N\nPrincipals: !Split [\",\", !Ref P]\nAllowExternalPrincipals: !Ref E",
        "Name: !Sub \"${AWS::StackName}-x\"\nTags: !If [C, [{ Key: a, Value: !Ref V }], !Ref AWS::NoValue]",
        "Name: !If [C, a, !Ref AWS::NoValue]\nResourceShareArn: !If [C, !Ref AWS::NoValue, !Ref S]\nLicenseConfigurationArns: []",
        "Name: n\nResourceShareArn: !Ref AWS::NoValue\nTags: [{ Key: a, Value: b }]\nAllowExternalPrincipals: true",
        "Name: !Ref AWS::NoValue\nResourceShareArn: arn:aws:ram:eu-west-1:111122223333:resource-share/0a-1b\nLicenseConfigurationArns: [!Ref L]",
        "Name: n\nRetainSharingOnAccountLeaveOrganization: true\nAllowExternalPrincipals: !Ref AWS::NoValue",
        "Fn::Transform: { Name: AWS::Include, Parameters: { Location: x } }",
        "ResourceShareArn: !Sub \"arn:${AWS::Partition}:ram:x\"\nLicenseConfigurationArns: [!GetAtt [A, Arn], !FindInMap [a, b, c]]",
        "Name: n\nRevision: 5\nServiceTimeout: \"600\"\nExclusiveMembership: \"true\"\nTags: [!If [C, { Key: a, Value: b }, !Ref AWS::NoValue]]",
        "Name: n\nTags: [{ Key: CostCenter, Value: 4711 }]\nLicenseConfigurationArns:\n  - { Ref: L }\n  - Fn::ImportValue: x",
    ] {
        let text = share(properties);
        for read in [template(&text), as_in_an_editor(&text)] {
            assert_eq!(told(&validator, &read), Vec::<String>::new(), "{properties}");
        }
    }
    for other in [
        "Resources: {}",
        "Resources:\n  Fn::ForEach::A: [x, [], {}]\n  B: { Type: AWS::SNS::Topic }",
        "Outputs: {}",
    ] {
        assert_eq!(told(&validator, &template(other)), Vec::<String>::new(), "{other}");
    }
}

#[test]
fn what_an_editor_can_tell_is_told_at_its_place() {
    let validator = validator();
    for (properties, places) in [
        ("Principals: []", vec![""]),
        ("Name: n\nPrincipal: []", vec![""]),
        ("Name: n\nPrincipals: [\"44445555666\", !Ref P]", vec!["/Principals/0"]),
        ("Name: n\nPrincipals: [444455556666]", vec!["/Principals/0"]),
        ("Name: n\nPrincipals: [arn:aws:iam::444455556666:role/A]", vec!["/Principals/0"]),
        ("Name: n\nExclusiveMembership: 1", vec!["/ExclusiveMembership"]),
        ("Name: n\nTags: [{ Key: a, Values: b }]", vec!["/Tags/0"]),
        (
            "Name: n\nRetainSharingOnAccountLeaveOrganization: true\nAllowExternalPrincipals: false",
            vec!["/AllowExternalPrincipals"],
        ),
        (
            "Name: n\nResourceShareArn: arn:aws:ram:eu-west-1:111122223333:resource-share/0a-1b\nLicenseConfigurationArns: []",
            vec!["/Name"],
        ),
    ] {
        assert_eq!(told(&validator, &as_in_an_editor(&share(properties))), places, "{properties}");
    }
    let none = "Resources:\n  A:\n    Type: Custom::LicenseManagerOrgLink\n";
    assert_eq!(told(&validator, &template(none)), [""]);
}
