//! What a template wants of the link, in the words of the domain.

use super::properties::{BucketArn, OnDelete, Properties, RegionName, TopicArn};
use crate::domain::{AccountId, Arn, Home, partition_of};
use crate::resource::property_error::PropertyError;
use crate::resource::{At, Decoded, object};
use serde_json::Value;
use std::collections::BTreeSet;

/// The wanted state. Linked it must be in any case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Cross-account inventory search.
    pub inventory_search: bool,
    /// The topic for alerts.
    pub sns_topic: Option<String>,
    /// The bucket for inventory and reports.
    pub s3_bucket: Option<String>,
    /// Regions whose discovered licenses are shown here.
    pub discovery_source_regions: BTreeSet<String>,
    /// Sharing with the organization in RAM.
    pub ram_sharing: bool,
    /// License Manager's delegated administrator.
    pub delegated_administrator: Option<AccountId>,
    /// Whether to wait for License Manager's own share.
    pub wait_for_share: bool,
    /// What a Delete does.
    pub on_delete: OnDelete,
}

/// Reads the properties of a request, which may be any JSON, with every mistake.
pub fn decode(properties: &Value, home: &Home) -> Decoded<Desired> {
    let mut errors = Vec::new();
    let read = object::read::<Properties>(properties, "", &mut errors);
    let desired = read.map(|properties| desired(&properties, home, &mut errors));
    Decoded { desired, errors }
}

fn desired(properties: &Properties, home: &Home, errors: &mut Vec<PropertyError>) -> Desired {
    acknowledged(properties, errors);
    let search = properties.cross_account_inventory_search.read(errors).unwrap_or_default();
    charges(properties, search, errors);
    let regions = properties.discovery_source_regions.read(errors).unwrap_or_default();
    let topic = properties.sns_topic_arn.read(errors).map(|TopicArn(arn)| arn);
    let bucket = properties.s3_bucket_arn.read(errors).map(|BucketArn(arn)| arn);
    let desired = Desired {
        inventory_search: search,
        sns_topic: topic.filter(|arn| is_here(arn, properties.sns_topic_arn.path(), home, errors)),
        s3_bucket: bucket.filter(|arn| is_here(arn, properties.s3_bucket_arn.path(), home, errors)),
        discovery_source_regions: regions
            .into_iter()
            .filter(|at| is_of_home(at, home, errors))
            .map(|At { value: RegionName(name), .. }| name)
            .collect(),
        ram_sharing: properties.enable_ram_sharing.read(errors).unwrap_or_default(),
        delegated_administrator: properties.delegated_administrator_account_id.read(errors),
        wait_for_share: properties.wait_for_resource_share.read(errors).unwrap_or(true),
        on_delete: properties.on_delete.read(errors).unwrap_or(OnDelete::Retain),
    };
    properties.revision.read(errors);
    desired
}

fn acknowledged(properties: &Properties, errors: &mut Vec<PropertyError>) {
    let field = &properties.acknowledge_organization_link;
    let said = field.read(errors).map(|acknowledgement| acknowledgement.0);
    if said == Some(true) || (said.is_none() && field.is_given()) {
        return;
    }
    let problem = "set this to true: you know that linking opens every account of the organization to License Manager, \
                   and may be for good";
    errors.push(PropertyError::new(name(field.path(), "AcknowledgeOrganizationLink"), problem));
}

fn charges(properties: &Properties, search: bool, errors: &mut Vec<PropertyError>) {
    let field = &properties.acknowledge_inventory_charges;
    let said = field.read(errors);
    let unreadable = said.is_none() && field.is_given();
    if search && said != Some(true) && !unreadable {
        let problem = "set this to true: you know that the search makes resources that cost money, and cannot be switched \
                       off again";
        errors.push(PropertyError::new(name(field.path(), "AcknowledgeInventoryCharges"), problem));
    }
}

/// Whether an ARN is of the partition that the stack is in: no service reaches over.
fn is_here(arn: &str, path: &str, home: &Home, errors: &mut Vec<PropertyError>) -> bool {
    let partition = Arn::parse(arn).map(|arn| arn.partition).unwrap_or_default();
    let here = partition == home.partition;
    if !here {
        let problem = format!("this is of the partition {partition}, and the stack is in {}", home.partition);
        errors.push(PropertyError::found(path, problem, arn));
    }
    here
}

/// Whether a Region is of the partition that the stack is in.
fn is_of_home(at: &At<RegionName>, home: &Home, errors: &mut Vec<PropertyError>) -> bool {
    let At { path, value: RegionName(name) } = at;
    let partition = partition_of(name);
    let here = partition == home.partition;
    if !here {
        let problem =
            format!("this Region is of the partition {partition}, and the stack is in {}", home.partition);
        errors.push(PropertyError::found(path.as_str(), problem, name));
    }
    here
}

fn name<'a>(path: &'a str, otherwise: &'a str) -> &'a str {
    if path.is_empty() { otherwise } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use serde_json::json;

    fn decoded(more: Value) -> Decoded<Desired> {
        let mut properties = json!({ "AcknowledgeOrganizationLink": true, "ServiceToken": "arn" });
        if let (Some(all), Some(more)) = (properties.as_object_mut(), more.as_object()) {
            all.extend(more.clone());
        }
        decode(&properties, &home())
    }

    fn home() -> Home {
        let account = "111122223333".parse().unwrap();
        Home { partition: "aws".into(), region: "eu-west-1".into(), account }
    }

    fn wrong(more: Value, expected: Expect) {
        let errors = decoded(more).errors;
        let lines: Vec<String> =
            errors.into_iter().map(|error| format!("{}: {}", error.path, error.problem)).collect();
        expected.assert_eq(&lines.join("\n"));
    }

    #[test]
    fn what_is_absent_has_its_default() {
        let Decoded { desired, errors } = decoded(json!({}));
        assert_eq!(errors, []);
        let expected = Desired {
            inventory_search: false,
            sns_topic: None,
            s3_bucket: None,
            discovery_source_regions: BTreeSet::new(),
            ram_sharing: false,
            delegated_administrator: None,
            wait_for_share: true,
            on_delete: OnDelete::Retain,
        };
        assert_eq!(desired, Some(expected));
    }

    #[test]
    fn scalars_are_read_as_strings_and_as_what_they_are() {
        let given = |yes: Value, no: Value, account: Value| {
            decoded(json!({
                "AcknowledgeOrganizationLink": yes, "CrossAccountInventorySearch": yes, "AcknowledgeInventoryCharges": yes,
                "EnableRamSharing": yes, "WaitForResourceShare": no, "OnDelete": "Unlink",
                "DelegatedAdministratorAccountId": account, "DiscoverySourceRegions": ["us-east-1", "us-east-1"],
                "SnsTopicArn": "arn:aws:sns:eu-west-1:111122223333:aws-license-manager-service-a.fifo",
                "S3BucketArn": "arn:aws:s3:::aws-license-manager-service-a", "Revision": 2, "ServiceTimeout": "600",
            }))
        };
        let as_strings = given(json!("true"), json!("false"), json!("444455556666"));
        assert_eq!(as_strings.errors, []);
        assert_eq!(as_strings, given(json!(true), json!(false), json!("444455556666")));
        let desired = as_strings.desired.unwrap();
        assert!(desired.inventory_search && desired.ram_sharing && !desired.wait_for_share);
        assert_eq!(desired.on_delete, OnDelete::Unlink);
        assert_eq!(desired.discovery_source_regions.len(), 1);
        assert!(desired.sns_topic.is_some() && desired.s3_bucket.is_some());
    }

    #[test]
    fn a_region_of_another_partition_is_told_with_its_place() {
        wrong(
            json!({ "DiscoverySourceRegions": ["us-east-1", "cn-north-1", "us-gov-west-1"] }),
            expect![[r#"
            DiscoverySourceRegions[1]: this Region is of the partition aws-cn, and the stack is in aws (found "cn-north-1")
            DiscoverySourceRegions[2]: this Region is of the partition aws-us-gov, and the stack is in aws (found "us-gov-west-1")"#]],
        );
    }

    #[test]
    fn what_is_not_acknowledged_is_told() {
        wrong(
            json!({ "AcknowledgeOrganizationLink": false }),
            expect![
                "AcknowledgeOrganizationLink: set this to true: you know that linking opens every account of the organization to License Manager, and may be for good"
            ],
        );
        wrong(
            json!({ "AcknowledgeOrganizationLink": "false" }),
            expect![
                "AcknowledgeOrganizationLink: set this to true: you know that linking opens every account of the organization to License Manager, and may be for good"
            ],
        );
        wrong(
            json!({ "AcknowledgeOrganizationLink": null }),
            expect![
                "AcknowledgeOrganizationLink: set this to true: you know that linking opens every account of the organization to License Manager, and may be for good"
            ],
        );
        wrong(
            json!({ "AcknowledgeOrganizationLink": "yes" }),
            expect![[r#"AcknowledgeOrganizationLink: expected true or false, found the string "yes""#]],
        );
        wrong(
            json!({ "CrossAccountInventorySearch": "true" }),
            expect![
                "AcknowledgeInventoryCharges: set this to true: you know that the search makes resources that cost money, and cannot be switched off again"
            ],
        );
        wrong(
            json!({ "CrossAccountInventorySearch": true, "AcknowledgeInventoryCharges": "false" }),
            expect![
                "AcknowledgeInventoryCharges: set this to true: you know that the search makes resources that cost money, and cannot be switched off again"
            ],
        );
        wrong(
            json!({ "CrossAccountInventorySearch": true, "AcknowledgeInventoryCharges": "ja" }),
            expect![[r#"AcknowledgeInventoryCharges: expected true or false, found the string "ja""#]],
        );
    }

    #[test]
    fn the_first_mistake_is_within_200_bytes_of_the_reason() {
        let Decoded { errors, .. } = decode(&json!({ "CrossAccountInventorySearch": true }), &home());
        let summary = crate::resource::summary(&errors);
        let first = format!("{}: {}", errors[0].path, errors[0].problem);
        assert!(summary.find(&first).unwrap() + first.len() <= 200, "{summary}");
    }

    #[test]
    fn topics_that_license_manager_cannot_use_are_told() {
        wrong(
            json!({ "SnsTopicArn": "aws-license-manager-service-a" }),
            expect![[
                r#"SnsTopicArn: this is no ARN of an SNS topic (found "aws-license-manager-service-a")"#
            ]],
        );
        wrong(
            json!({ "SnsTopicArn": "arn:aws:sns:eu-west-1:111122223333:alerts" }),
            expect![[
                r#"SnsTopicArn: License Manager reaches only names that begin with aws-license-manager-service-: give this one another name (found "arn:aws:sns:eu-west-1:111122223333:alerts")"#
            ]],
        );
        wrong(
            json!({ "SnsTopicArn": "arn:aws:sqs:eu-west-1:111122223333:aws-license-manager-service-a" }),
            expect![[
                r#"SnsTopicArn: this is no ARN of an SNS topic (found "arn:aws:sqs:eu-west-1:111122223333:aws-license-manager-service-a")"#
            ]],
        );
        wrong(
            json!({ "SnsTopicArn": "arn:aws:sns:eu-west-1:11112222333:aws-license-manager-service-a" }),
            expect![[
                r#"SnsTopicArn: this is no ARN of an SNS topic (found "arn:aws:sns:eu-west-1:11112222333:aws-license-manager-service-a")"#
            ]],
        );
        wrong(
            json!({ "SnsTopicArn": "arn:aws:sns::111122223333:aws-license-manager-service-a" }),
            expect![[
                r#"SnsTopicArn: this is no ARN of an SNS topic (found "arn:aws:sns::111122223333:aws-license-manager-service-a")"#
            ]],
        );
        wrong(
            json!({ "SnsTopicArn": "arn:aws:sns:eu-west-1:111122223333:aws-license-manager-service-a:sub" }),
            expect![[
                r#"SnsTopicArn: this is no ARN of an SNS topic (found "arn:aws:sns:eu-west-1:111122223333:aws-license-manager-servic…")"#
            ]],
        );
        wrong(
            json!({ "SnsTopicArn": "arn:aws-cn:sns:cn-north-1:111122223333:aws-license-manager-service-a" }),
            expect![[
                r#"SnsTopicArn: this is of the partition aws-cn, and the stack is in aws (found "arn:aws-cn:sns:cn-north-1:111122223333:aws-license-manager-se…")"#
            ]],
        );
        let long =
            format!("arn:aws:sns:eu-west-1:111122223333:aws-license-manager-service-{}", "a".repeat(229));
        wrong(
            json!({ "SnsTopicArn": long }),
            expect![[
                r#"SnsTopicArn: this is no ARN of an SNS topic (found "arn:aws:sns:eu-west-1:111122223333:aws-license-manager-servic…")"#
            ]],
        );
        wrong(json!({ "SnsTopicArn": ["x"] }), expect!["SnsTopicArn: expected a string, found a list"]);
    }

    #[test]
    fn buckets_that_license_manager_cannot_use_are_told() {
        wrong(
            json!({ "S3BucketArn": "aws-license-manager-service-a" }),
            expect![[
                r#"S3BucketArn: this is no ARN of an S3 bucket, arn:aws:s3:::<name> (found "aws-license-manager-service-a")"#
            ]],
        );
        wrong(
            json!({ "S3BucketArn": "arn:aws:s3:::inventory" }),
            expect![[
                r#"S3BucketArn: License Manager reaches only names that begin with aws-license-manager-service-: give this one another name (found "arn:aws:s3:::inventory")"#
            ]],
        );
        wrong(
            json!({ "S3BucketArn": "arn:aws:s3:eu-west-1::aws-license-manager-service-a" }),
            expect![[
                r#"S3BucketArn: this is no ARN of an S3 bucket, arn:aws:s3:::<name> (found "arn:aws:s3:eu-west-1::aws-license-manager-service-a")"#
            ]],
        );
        wrong(
            json!({ "S3BucketArn": "arn:aws:s3:::aws-license-manager-service-a/Reports" }),
            expect![[
                r#"S3BucketArn: this is no ARN of an S3 bucket, arn:aws:s3:::<name> (found "arn:aws:s3:::aws-license-manager-service-a/Reports")"#
            ]],
        );
        wrong(
            json!({ "S3BucketArn": "arn:aws:s3:::aws-license-manager-service-A" }),
            expect![[
                r#"S3BucketArn: this is no ARN of an S3 bucket, arn:aws:s3:::<name> (found "arn:aws:s3:::aws-license-manager-service-A")"#
            ]],
        );
        wrong(
            json!({ "S3BucketArn": "arn:aws-cn:s3:::aws-license-manager-service-a" }),
            expect![[
                r#"S3BucketArn: this is of the partition aws-cn, and the stack is in aws (found "arn:aws-cn:s3:::aws-license-manager-service-a")"#
            ]],
        );
        let long = format!("arn:aws:s3:::aws-license-manager-service-{}", "a".repeat(36));
        wrong(
            json!({ "S3BucketArn": long }),
            expect![[
                r#"S3BucketArn: this is no ARN of an S3 bucket, arn:aws:s3:::<name> (found "arn:aws:s3:::aws-license-manager-service-aaaaaaaaaaaaaaaaaaaa…")"#
            ]],
        );
    }

    #[test]
    fn every_other_bad_value_is_told_at_its_place() {
        wrong(
            json!({ "DiscoverySourceRegions": ["us-east-1", "Ireland", "us-east"] }),
            expect![[r#"
            DiscoverySourceRegions[1]: this is no Region, such as eu-west-1 (found "Ireland")
            DiscoverySourceRegions[2]: this is no Region, such as eu-west-1 (found "us-east")"#]],
        );
        wrong(
            json!({ "DiscoverySourceRegions": "us-east-1" }),
            expect![[
                r#"DiscoverySourceRegions: expected a list, found the string "us-east-1"; wrap it in a list"#
            ]],
        );
        wrong(
            json!({ "DelegatedAdministratorAccountId": "44445555666" }),
            expect![[
                r#"DelegatedAdministratorAccountId: an account id has 12 digits, this has 11: if it began with 0, quote it in the template ("0...") (found "44445555666")"#
            ]],
        );
        wrong(
            json!({ "DelegatedAdministratorAccountId": 44_445_555_666_u64 }),
            expect![[
                r#"DelegatedAdministratorAccountId: an account id has 12 digits, this has 11: if it began with 0, quote it in the template ("0...") (found "44445555666")"#
            ]],
        );
        wrong(
            json!({ "OnDelete": "retain" }),
            expect![[r#"OnDelete: this is Retain or Unlink (found "retain")"#]],
        );
        wrong(
            json!({ "EnableRamSharing": "on", "WaitForResourceShare": 1 }),
            expect![[r#"
            EnableRamSharing: expected true or false, found the string "on"
            WaitForResourceShare: expected true or false, found the number 1"#]],
        );
        wrong(json!({ "Revision": {} }), expect!["Revision: expected a string, found an object"]);
        wrong(
            json!({ "SNSTopicArn": "x", "Principals": [] }),
            expect![[r#"
            Principals: there is no such property: see the README for those that there are
            SNSTopicArn: there is no such property: did you mean SnsTopicArn?"#]],
        );
    }

    #[test]
    fn properties_that_are_no_object_are_one_mistake() {
        let Decoded { desired, errors } = decode(&json!([]), &home());
        assert_eq!((desired, errors.len()), (None, 1));
    }
}
