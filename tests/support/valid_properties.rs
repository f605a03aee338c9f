//! Properties that are right, made up by chance, as a template may write them: for a stack in account 111122223333 in
//! eu-west-1.

use super::dice::Dice;
use serde_json::{Map, Value, json};

const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";
const HEX: &str = "0123456789abcdef";
const DIGITS: &str = "0123456789";
const WORD: &str = "abcXYZ0189-_";
const IN_TAGS: &str = "abcdefXYZ019 _.:/=+-@";
const OWN: &str = "111122223333";
const OTHER: &str = "444455556666";

/// The properties of a resource of a type, by its short name.
pub fn properties(kind: &str, dice: &mut Dice) -> Value {
    let mut properties = Map::new();
    let (required, optional) = names(kind, dice);
    for name in required {
        properties.insert((*name).to_owned(), value(kind, name, dice));
    }
    for name in optional {
        if dice.once_in(2) {
            properties.insert((*name).to_owned(), value(kind, name, dice));
        }
    }
    fitted(properties)
}

type Names = &'static [&'static str];

/// Those that are there in any case, and those that may be.
fn names(kind: &str, dice: &mut Dice) -> (Names, Names) {
    match (kind, dice.once_in(2)) {
        ("LicenseConfigShare", true) => (
            &["ServiceToken", "Name"],
            &[
                "LicenseConfigurationArns",
                "Principals",
                "AllowExternalPrincipals",
                "RetainSharingOnAccountLeaveOrganization",
                "Tags",
                "ExclusiveMembership",
                "AdoptExisting",
                "AcceptanceRoleName",
                "WaitForAcceptance",
                "Revision",
                "ServiceTimeout",
            ],
        ),
        ("LicenseConfigShare", false) => (
            &["ServiceToken", "ResourceShareArn", "LicenseConfigurationArns"],
            &["Principals", "AdoptExisting", "AcceptanceRoleName", "WaitForAcceptance", "Revision"],
        ),
        ("LicenseConfigShareAcceptance", _) => (
            &["ServiceToken", "ResourceShareArn"],
            &["RoleArn", "LicenseConfigurationArns", "OnDelete", "Revision", "ServiceTimeout"],
        ),
        ("LicenseManagerOrgLink", _) => (
            &["ServiceToken", "AcknowledgeOrganizationLink"],
            &[
                "CrossAccountInventorySearch",
                "AcknowledgeInventoryCharges",
                "SnsTopicArn",
                "S3BucketArn",
                "DiscoverySourceRegions",
                "EnableRamSharing",
                "DelegatedAdministratorAccountId",
                "WaitForResourceShare",
                "OnDelete",
                "Revision",
                "ServiceTimeout",
            ],
        ),
        (other, _) => panic!("nothing is made up for {other}"),
    }
}

/// What one property asks of another.
fn fitted(mut properties: Map<String, Value>) -> Value {
    for (asks, asked) in [
        ("RetainSharingOnAccountLeaveOrganization", "AllowExternalPrincipals"),
        ("CrossAccountInventorySearch", "AcknowledgeInventoryCharges"),
    ] {
        if properties.get(asks).is_some_and(|value| value == &json!(true) || value == "true") {
            properties.insert(asked.to_owned(), json!(true));
        }
    }
    properties.into()
}

/// A value that is right for a property by itself; lists have an item.
pub fn value(kind: &str, name: &str, dice: &mut Dice) -> Value {
    let foreign = kind == "LicenseConfigShareAcceptance";
    let owner = if foreign { OTHER } else { OWN };
    match name {
        "ServiceToken" => "arn:aws:lambda:eu-west-1:111122223333:function:license-manager-provider".into(),
        "ServiceTimeout" => dice.pick(&[json!(600), json!("3600"), json!(1)]).clone(),
        "Revision" => dice.pick(&[json!(7), json!("2026-11-25"), json!(""), json!(true)]).clone(),
        "Name" => share_name(dice),
        "ResourceShareArn" => {
            format!("arn:aws:ram:eu-west-1:{owner}:resource-share/{}", dice.text(HEX, 12)).into()
        }
        "LicenseConfigurationArns" => listed(dice, |dice| license(owner, dice)),
        "Principals" => listed(dice, principal),
        "Tags" => tags(dice),
        "AcceptanceRoleName" => role_name(dice).into(),
        "RoleArn" => format!("arn:aws:iam::{OWN}:role/{}", role_name(dice)).into(),
        "OnDelete" if foreign => (*dice.pick(&["Leave", "Retain"])).into(),
        "OnDelete" => (*dice.pick(&["Retain", "Unlink"])).into(),
        "AcknowledgeOrganizationLink" => dice.pick(&[json!(true), json!("true")]).clone(),
        "SnsTopicArn" => topic(dice),
        "S3BucketArn" => format!("arn:aws:s3:::aws-license-manager-service-{}", dice.text(LETTERS, 9)).into(),
        "DiscoverySourceRegions" => {
            listed(dice, |dice| (*dice.pick(&["eu-central-1", "us-east-1", "ap-southeast-2"])).into())
        }
        "DelegatedAdministratorAccountId" => account(dice),
        "AllowExternalPrincipals"
        | "RetainSharingOnAccountLeaveOrganization"
        | "ExclusiveMembership"
        | "AdoptExisting"
        | "WaitForAcceptance"
        | "CrossAccountInventorySearch"
        | "AcknowledgeInventoryCharges"
        | "EnableRamSharing"
        | "WaitForResourceShare" => {
            dice.pick(&[json!(true), json!(false), json!("true"), json!("false")]).clone()
        }
        other => panic!("nothing is made up for {kind} {other}"),
    }
}

fn listed(dice: &mut Dice, mut item: impl FnMut(&mut Dice) -> Value) -> Value {
    (0..=dice.below(3)).map(|_| item(dice)).collect()
}

fn share_name(dice: &mut Dice) -> Value {
    let length = *dice.pick(&[1, 8, 30, 255]);
    let name = dice.text("abcXYZ 0189-_/äß", length);
    if dice.once_in(9) { json!(dice.below(100_000)) } else { name.into() }
}

fn license(owner: &str, dice: &mut Dice) -> Value {
    format!("arn:aws:license-manager:eu-west-1:{owner}:license-configuration:lic-{}", dice.text(HEX, 32))
        .into()
}

/// As a text or, where YAML would not lose a zero, as a number.
fn account(dice: &mut Dice) -> Value {
    let id = format!("{}{}", dice.pick(&["0", "4", "9"]), dice.text(DIGITS, 11));
    if id.starts_with('0') || dice.once_in(2) { id.into() } else { id.parse::<u64>().unwrap().into() }
}

fn principal(dice: &mut Dice) -> Value {
    let organization = format!("o-{}", dice.text(LETTERS, 10));
    let arn = |what: &str| format!("arn:aws:organizations::{OWN}:{what}").into();
    match dice.below(4) {
        0 => arn(&format!("organization/{organization}")),
        1 => arn(&format!("ou/{organization}/ou-{}-{}", dice.text(LETTERS, 4), dice.text(HEX, 8))),
        _ => account(dice),
    }
}

fn tags(dice: &mut Dice) -> Value {
    let tag = |number: usize, dice: &mut Dice| {
        let length = dice.below(20);
        json!({ "Key": format!("k{number}{}", dice.text(IN_TAGS, 5)), "Value": dice.text(IN_TAGS, length) })
    };
    (0..=dice.below(4)).map(|number| tag(number, dice)).collect()
}

fn role_name(dice: &mut Dice) -> String {
    let path = if dice.once_in(3) { "licenses/" } else { "" };
    format!("{path}{}", dice.text(WORD, 12))
}

fn topic(dice: &mut Dice) -> Value {
    let end = if dice.once_in(3) { ".fifo" } else { "" };
    format!("arn:aws:sns:eu-west-1:{OWN}:aws-license-manager-service-{}{end}", dice.text(WORD, 9)).into()
}
