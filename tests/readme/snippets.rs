//! The YAML in the documents: our custom resources in it must be such as the provider takes.

use provider::domain::Home;
use provider::protocol::RequestType;
use provider::resource::config_share::LicenseConfigShare;
use provider::resource::org_link::LicenseManagerOrgLink;
use provider::resource::share_acceptance::LicenseConfigShareAcceptance;
use provider::resource::{NAMES, PropertyError, Resource, Subject, summary};
use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value, json};
use std::time::UNIX_EPOCH;

/// Stands for what an intrinsic function gives, until the property says what that would be.
const INTRINSIC: &str = "<intrinsic function>";

/// The custom resources in a snippet: type, and properties with intrinsic functions replaced by what they may give.
pub fn custom_resources(yaml: &str) -> Result<Vec<(String, Value)>, String> {
    let documents = Yaml::load_from_str(yaml).map_err(|error| format!("a snippet is no YAML: {error}"))?;
    let mut found = Vec::new();
    for template in documents.iter().map(json) {
        let resources = template.get("Resources").and_then(Value::as_object).cloned().unwrap_or_default();
        for resource in resources.values() {
            let of = resource.get("Type").and_then(Value::as_str).unwrap_or_default();
            if of.starts_with("Custom::") {
                found.push((of.to_owned(), filled(resource.get("Properties").unwrap_or(&Value::Null))));
            }
        }
    }
    Ok(found)
}

/// What is wrong with the custom resources of a snippet.
pub fn problems(yaml: &str) -> Vec<String> {
    let subject = subject();
    let resources = match custom_resources(yaml) {
        Ok(resources) => resources,
        Err(problem) => return vec![problem],
    };
    let problem = |(of, properties): (String, Value)| match mistakes(&of, &properties, &subject) {
        Some(errors) => (!errors.is_empty()).then(|| summary(&errors)),
        None => Some(format!("there is no type {of}")),
    };
    resources.into_iter().filter_map(problem).collect()
}

/// A stack in the provider's own account.
fn subject() -> Subject {
    Subject {
        stack_id: "arn:aws:cloudformation:eu-west-1:111122223333:stack/docs/0a".to_owned(),
        logical_id: "Docs".to_owned(),
        request_id: "docs".to_owned(),
        request_type: RequestType::Create,
        physical_id: None,
        home: Home {
            partition: "aws".into(),
            region: "eu-west-1".into(),
            account: "111122223333".parse().unwrap(),
        },
        now: UNIX_EPOCH,
    }
}

/// What a type finds wrong with properties; `None` for a type that there is not.
fn mistakes(of: &str, properties: &Value, subject: &Subject) -> Option<Vec<PropertyError>> {
    match of {
        LicenseConfigShare::NAME => Some(LicenseConfigShare::decode(properties, subject).errors),
        LicenseManagerOrgLink::NAME => Some(LicenseManagerOrgLink::decode(properties, subject).errors),
        LicenseConfigShareAcceptance::NAME => {
            Some(LicenseConfigShareAcceptance::decode(properties, subject).errors)
        }
        _ => None,
    }
}

/// YAML as JSON. Intrinsic functions are tagged (`!Ref x`), or objects of one member (`Fn::ImportValue: x`).
fn json(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => (*value).into(),
        Yaml::Value(Scalar::Integer(value)) => (*value).into(),
        Yaml::Value(Scalar::FloatingPoint(value)) => value.into_inner().into(),
        Yaml::Value(Scalar::String(value)) => value.as_ref().into(),
        Yaml::Sequence(items) => items.iter().map(json).collect(),
        Yaml::Mapping(members) => {
            object(members.iter().map(|(key, value)| (key.as_str().unwrap(), json(value))))
        }
        Yaml::Tagged(..) => INTRINSIC.into(),
        other => panic!("no snippet needs {other:?}"),
    }
}

fn object<'a>(members: impl Iterator<Item = (&'a str, Value)>) -> Value {
    let members: Map<String, Value> = members.map(|(key, value)| (key.to_owned(), value)).collect();
    let name = members.keys().next().map(String::as_str).unwrap_or_default();
    if members.len() == 1 && (name == "Ref" || name.starts_with("Fn::")) {
        INTRINSIC.into()
    } else {
        members.into()
    }
}

fn filled(properties: &Value) -> Value {
    let Value::Object(properties) = properties else { return properties.clone() };
    properties.iter().map(|(name, value)| (name.clone(), fill(name, value))).collect()
}

fn fill(name: &str, value: &Value) -> Value {
    match value {
        Value::String(text) if text == INTRINSIC => given(name),
        Value::Array(items) => items.iter().map(|item| element(name, item)).collect(),
        other => other.clone(),
    }
}

fn element(name: &str, item: &Value) -> Value {
    if item != INTRINSIC {
        return item.clone();
    }
    given(name).get(0).cloned().unwrap_or_else(|| INTRINSIC.into())
}

/// What an intrinsic function in the place of a property would give.
fn given(name: &str) -> Value {
    match name {
        "ServiceToken" => json!("arn:aws:lambda:eu-west-1:111122223333:function:license-manager-provider"),
        "ResourceShareArn" => json!("arn:aws:ram:eu-west-1:111122223333:resource-share/0a-1b"),
        "LicenseConfigurationArns" => {
            json!(["arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-0123"])
        }
        "Principals" => json!(["444455556666"]),
        "RoleArn" => json!("arn:aws:iam::111122223333:role/license-share-acceptance"),
        "SnsTopicArn" => json!("arn:aws:sns:eu-west-1:111122223333:aws-license-manager-service-alerts"),
        "S3BucketArn" => json!("arn:aws:s3:::aws-license-manager-service-111122223333"),
        _ => INTRINSIC.into(),
    }
}

/// A template with one share that has these properties.
fn template(properties: &str) -> String {
    let properties = properties.lines().flat_map(|line| ["      ", line, "\n"]).collect::<String>();
    format!("Resources:\n  Share:\n    Type: {}\n    Properties:\n{properties}", LicenseConfigShare::NAME)
}

#[test]
fn snippets_of_every_type_are_read() {
    let subject = subject();
    let unread: Vec<_> = NAMES
        .iter()
        .filter(|name| mistakes(name, &Value::Null, &subject).is_none_or(|e| e.is_empty()))
        .collect();
    assert_eq!(unread, Vec::<&&str>::new());
}

#[test]
fn intrinsic_functions_of_both_forms_are_replaced() {
    let snippet = template(
        "ServiceToken: !ImportValue x\nResourceShareArn: { Ref: Share }\nLicenseConfigurationArns:\n  - !GetAtt A.B\n\
         Principals: { \"Fn::Split\": [\",\", x] }",
    );
    assert_eq!(problems(&snippet), Vec::<String>::new());
}

#[test]
fn a_wrong_snippet_is_told_as_the_provider_tells_it() {
    let misspelt = problems(&template("ServiceToken: x\nName: n\nPrincipal: []"));
    assert!(misspelt.len() == 1 && misspelt[0].contains("did you mean Principals?"), "{misspelt:?}");
    let unquoted = problems(&template("ServiceToken: x\nName: n\nPrincipals:\n  - 12345678901"));
    assert!(unquoted.len() == 1 && unquoted[0].contains("12 digits, this has 11"), "{unquoted:?}");
    assert_eq!(problems(&template("Name: n").replace("ConfigShare", "ConfigureShare")).len(), 1);
    assert_eq!(problems(&template("Name: n").replace("Properties", "Property")).len(), 1);
    assert_eq!(problems("Resources: [").len(), 1);
}
