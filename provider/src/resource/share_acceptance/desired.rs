//! What a template wants of an acceptance, in the words of the domain.

use super::physical_id::account;
use super::properties::{OnDelete, Properties};
use crate::domain::{AccountId, Arn, Home, LicenseConfigurationArn, RoleArn, ShareArn};
use crate::resource::property_error::PropertyError;
use crate::resource::{Decoded, Field, Subject, object};
use serde_json::Value;
use std::collections::BTreeSet;

/// The wanted state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// The other account's share.
    pub share: ShareArn,
    /// Through which role to act; `None`: as the provider.
    pub role: Option<RoleArn>,
    /// What must become visible.
    pub license_configurations: BTreeSet<LicenseConfigurationArn>,
    /// What a Delete does.
    pub on_delete: OnDelete,
}

/// Reads the properties of a request, which may be any JSON, with every mistake.
pub fn decode(properties: &Value, subject: &Subject) -> Decoded<Desired> {
    let mut errors = Vec::new();
    let read = object::read::<Properties>(properties, "", &mut errors);
    let desired = read.and_then(|properties| desired(&properties, subject, &mut errors));
    Decoded { desired, errors }
}

fn desired(properties: &Properties, subject: &Subject, errors: &mut Vec<PropertyError>) -> Option<Desired> {
    let asks = account(subject);
    let share = share(&properties.resource_share_arn, &subject.home, &asks, errors);
    let role = role(&properties.role_arn, &subject.home, &asks, errors);
    let license_configurations = license_configurations(properties, share.as_ref(), errors);
    let on_delete = on_delete(&properties.on_delete, errors);
    properties.revision.read(errors);
    Some(Desired { share: share?, role, license_configurations, on_delete })
}

/// What cannot be read must not lose anybody their access.
fn on_delete(field: &Field<OnDelete>, errors: &mut Vec<PropertyError>) -> OnDelete {
    let otherwise = if field.is_given() { OnDelete::Retain } else { OnDelete::Leave };
    field.read(errors).unwrap_or(otherwise)
}

fn share(
    field: &Field<ShareArn>,
    home: &Home,
    asks: &AccountId,
    errors: &mut Vec<PropertyError>,
) -> Option<ShareArn> {
    let given = field.require(errors)?;
    let owner = owner(&given)?;
    let own = || {
        (owner == asks.as_str()).then(|| {
            format!("this share is account {owner}'s own: there is nothing to accept, its owner needs no acceptance")
        })
    };
    let problem = elsewhere(given.as_str(), home).or_else(own);
    kept(given, field.path(), problem, errors)
}

fn role(
    field: &Field<RoleArn>,
    home: &Home,
    asks: &AccountId,
    errors: &mut Vec<PropertyError>,
) -> Option<RoleArn> {
    let given = field.read(errors)?;
    let partition = Arn::parse(given.as_str()).map(|arn| arn.partition).unwrap_or_default();
    let problem = if partition != home.partition {
        Some(format!("this role is of partition {partition}, the provider runs in {}", home.partition))
    } else if given.account() != asks {
        Some(format!(
            "this role is of account {}, and the stack is in account {asks}: give a role of the stack's own account",
            given.account()
        ))
    } else {
        None
    };
    kept(given, field.path(), problem, errors)
}

fn license_configurations(
    properties: &Properties,
    share: Option<&ShareArn>,
    errors: &mut Vec<PropertyError>,
) -> BTreeSet<LicenseConfigurationArn> {
    let read = properties.license_configuration_arns.read(errors).unwrap_or_default();
    read.into_iter()
        .filter_map(|at| {
            let problem = share.and_then(|share| not_of(share, &at.value));
            kept(at.value, &at.path, problem, errors)
        })
        .collect()
}

/// A share holds what its owner owns, in its own Region.
fn not_of(share: &ShareArn, license: &LicenseConfigurationArn) -> Option<String> {
    let (share, license) = (Arn::parse(share.as_str())?, Arn::parse(license.as_str())?);
    let place = |arn: &Arn<'_>| (arn.partition.to_owned(), arn.region.to_owned(), arn.account.to_owned());
    let (of_share, of_license) = (place(&share), place(&license));
    (of_share != of_license).then(|| {
        format!(
            "this license configuration is of account {} in {}, and the share is of account {} in {}: it cannot be in \
             that share",
            license.account, license.region, share.account, share.region
        )
    })
}

fn elsewhere(share: &str, home: &Home) -> Option<String> {
    let arn = Arn::parse(share)?;
    if arn.partition != home.partition {
        return Some(format!(
            "this share is of partition {}, the provider runs in {}",
            arn.partition, home.partition
        ));
    }
    (arn.region != home.region).then(|| {
        format!(
            "this share is of region {}, the provider runs in {}: shares are regional",
            arn.region, home.region
        )
    })
}

/// The account that owns a share.
pub(crate) fn owner(share: &ShareArn) -> Option<&str> {
    Arn::parse(share.as_str()).map(|arn| arn.account)
}

/// What has no problem.
fn kept<T: ToString>(
    value: T,
    path: &str,
    problem: Option<String>,
    errors: &mut Vec<PropertyError>,
) -> Option<T> {
    match problem {
        None => Some(value),
        Some(problem) => {
            errors.push(PropertyError::found(path, problem, &value.to_string()));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::RequestType;
    use crate::resource::share_acceptance::testing::{HOME, SHARE, STACK, subject};
    use crate::resource::summary;
    use serde_json::json;

    fn read(properties: Value) -> Decoded<Desired> {
        let mut properties = properties;
        properties["ServiceToken"] = json!("arn:aws:lambda:eu-west-1:111122223333:function:p");
        decode(&properties, &subject(RequestType::Create, HOME))
    }

    fn words(properties: Value) -> Vec<String> {
        read(properties).errors.iter().map(|error| format!("{}: {}", error.path, error.problem)).collect()
    }

    #[test]
    fn a_share_alone_is_enough_and_is_left_on_delete() {
        let Decoded { desired, errors } = read(json!({ "ResourceShareArn": SHARE }));
        assert!(errors.is_empty(), "{}", summary(&errors));
        let expected = Desired {
            share: SHARE.parse().unwrap(),
            role: None,
            license_configurations: BTreeSet::new(),
            on_delete: OnDelete::Leave,
        };
        assert_eq!(desired, Some(expected));
    }

    #[test]
    fn everything_is_read_and_duplicates_are_one() {
        let license = "arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-1";
        let role = format!("arn:aws:iam::{STACK}:role/a/accept");
        let desired = read(json!({
            "ResourceShareArn": SHARE, "RoleArn": role, "LicenseConfigurationArns": [license, license],
            "OnDelete": "Retain", "Revision": 3,
        }));
        assert!(desired.errors.is_empty(), "{}", summary(&desired.errors));
        let desired = desired.desired.unwrap();
        assert_eq!(desired.role.unwrap().as_str(), role);
        assert_eq!(desired.license_configurations.len(), 1);
        assert_eq!(desired.on_delete, OnDelete::Retain);
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let found = words(json!({
            "ResourceShareArn": format!("arn:aws:ram:eu-west-1:{STACK}:resource-share/0a"),
            "RoleArn": "arn:aws:iam::111122223333:role/accept",
            "LicenseConfigurationArns": ["lic-1"],
            "OnDelete": "leave", "Role": "x",
        }));
        assert_eq!(found.len(), 5, "{found:#?}");
        let text = found.join("\n");
        for part in [
            "there is nothing to accept",
            "this role is of account 111122223333, and the stack is in account 999988887777",
            "LicenseConfigurationArns[0]",
            "this is Leave or Retain",
            "Role: ",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn a_share_of_another_region_or_partition_is_refused() {
        for (share, part) in [
            ("arn:aws:ram:eu-west-2:111122223333:resource-share/0a", "of region eu-west-2"),
            ("arn:aws-cn:ram:eu-west-1:111122223333:resource-share/0a", "of partition aws-cn"),
        ] {
            let text = words(json!({ "ResourceShareArn": share })).join("\n");
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn a_license_configuration_of_another_account_or_region_than_the_share_is_refused() {
        for license in [
            "arn:aws:license-manager:eu-west-1:999988887777:license-configuration:lic-1",
            "arn:aws:license-manager:eu-west-2:111122223333:license-configuration:lic-1",
        ] {
            let found = read(json!({ "ResourceShareArn": SHARE, "LicenseConfigurationArns": [license] }));
            assert!(summary(&found.errors).contains("cannot be in that share"), "{}", summary(&found.errors));
            assert!(found.desired.unwrap().license_configurations.is_empty());
        }
    }

    #[test]
    fn an_unreadable_on_delete_counts_as_retain() {
        let found = read(json!({ "ResourceShareArn": SHARE, "OnDelete": ["Leave"] }));
        assert_eq!(found.errors.len(), 1);
        assert_eq!(found.desired.unwrap().on_delete, OnDelete::Retain);
    }

    #[test]
    fn without_a_share_nothing_can_be_made_of_it() {
        let found = read(json!({}));
        assert_eq!(found.desired, None);
        assert_eq!(found.errors, [PropertyError::new("ResourceShareArn", "this is required")]);
    }
}
