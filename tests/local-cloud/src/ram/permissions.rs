//! Managed permissions: one for each resource type, AWS's own, version 1. Customer managed permissions do not exist for
//! license configurations (AWS RAM user guide, shareable resources).

use serde_json::{Value, json};

use super::arn::Arn;
use super::listing::{List, SCOPES, types_of};
use super::model::Share;
use super::resource::{ResourceType, TYPES};
use super::{Ram, arn, errors};
use crate::ctx::Ctx;
use crate::error::{Outcome, ServiceError};
use crate::members::Members;

/// The ARN of a type's permission. The account is literally `aws`; that the partition is the Region's own is unconfirmed
/// for aws-cn.
fn arn_of(kind: &ResourceType, partition: &str) -> String {
    format!("arn:{partition}:ram::aws:permission/{}", kind.permission)
}

fn find(partition: &str, text: &str) -> Result<ResourceType, ServiceError> {
    if Arn::parse(text).is_none_or(|arn| arn.service != "ram" || !arn.resource.starts_with("permission/")) {
        return Err(errors::malformed_arn(text));
    }
    let found = TYPES.into_iter().find(|kind| arn_of(kind, partition) == text);
    found.ok_or_else(|| errors::unknown(format!("Permission {text} could not be found.")))
}

/// Checks the permissionArns of a new share: known ones, one for each type.
pub(super) fn check(ctx: &Ctx, arns: &[String]) -> Result<(), ServiceError> {
    for (index, text) in arns.iter().enumerate() {
        find(&ctx.partition, text)?;
        if arns.iter().take(index).any(|other| other == text) {
            return Err(errors::invalid_parameter("There can be one permission for each resource type."));
        }
    }
    Ok(())
}

/// Whether a permission, in that version, is on a share.
pub(super) fn is_attached(share: &Share, text: &str, version: Option<i64>) -> bool {
    version.is_none_or(|version| version == 1)
        && attached(share).iter().any(|kind| arn_of(kind, share.partition()) == text)
}

/// Named when the share was made, or attached because a resource of the type came in.
fn attached(share: &Share) -> Vec<ResourceType> {
    let types = types_of(share);
    let partition = share.partition();
    TYPES
        .into_iter()
        .filter(|kind| types.contains(kind.name) || share.permissions.contains(&arn_of(kind, partition)))
        .collect()
}

impl Ram {
    /// For the owner. Consumers are refused.
    pub(super) fn list_share_permissions(&self, list: &List<'_>) -> Outcome {
        let text = list.members.required_text("resourceShareArn")?;
        arn::check_share(text)?;
        let own = self
            .share(text)
            .filter(|share| share.owner == list.ctx.account() && share.region == list.ctx.region);
        let share = own.ok_or_else(|| errors::unknown_share(text))?;
        let shown = attached(share).iter().map(|kind| summary(list.ctx, kind, Some("ASSOCIATED"))).collect();
        list.page("permissions", shown)
    }
}

pub(super) fn get(ctx: &Ctx, members: &Members<'_>) -> Outcome {
    let text = members.required_text("permissionArn")?;
    let version = members.integer("permissionVersion")?;
    let kind = find(&ctx.partition, text)?;
    if version.is_some_and(|version| version != 1) {
        return Err(errors::unknown(format!("Permission {text} has no such version.")));
    }
    let mut shown = summary(ctx, &kind, Some("ATTACHABLE"));
    if let Some(members) = shown.as_object_mut() {
        let document = json!({"Effect": "Allow", "Action": kind.actions}).to_string();
        members.insert("permission".to_owned(), Value::from(document));
    }
    Ok(json!({"permission": shown}))
}

pub(super) fn list(list: &List<'_>) -> Outcome {
    let wanted = list.members.text("resourceType")?;
    let own = list.members.one_of("permissionType", &["ALL", "AWS_MANAGED", "CUSTOMER_MANAGED"])?;
    if wanted.is_some_and(|name| super::resource::type_named(name).is_none()) {
        return Err(errors::invalid_parameter("The resource type is not valid."));
    }
    let chosen = TYPES.iter().filter(|kind| {
        own != Some("CUSTOMER_MANAGED") && wanted.is_none_or(|name| kind.name.eq_ignore_ascii_case(name))
    });
    list.page("permissions", chosen.map(|kind| summary(list.ctx, kind, Some("ATTACHABLE"))).collect())
}

pub(super) fn list_types(list: &List<'_>) -> Outcome {
    let global = list.members.one_of("resourceRegionScope", &SCOPES)? == Some("GLOBAL");
    let shown = TYPES.iter().filter(|_| !global).map(|kind| {
        json!({"resourceType": kind.name, "serviceName": kind.service, "resourceRegionScope": "REGIONAL"})
    });
    list.page("resourceTypes", shown.collect())
}

/// ResourceSharePermissionSummary, whose members ResourceSharePermissionDetail has, too.
fn summary(ctx: &Ctx, kind: &ResourceType, status: Option<&str>) -> Value {
    // AWS made its permissions long before any share here.
    let made = ctx.timestamp(std::time::Duration::ZERO);
    json!({
        "arn": arn_of(kind, &ctx.partition),
        "version": "1",
        "defaultVersion": true,
        "name": kind.permission,
        "resourceType": kind.name,
        "status": status,
        "creationTime": made,
        "lastUpdatedTime": made,
        "isResourceTypeDefault": true,
        "permissionType": "AWS_MANAGED",
        "featureSet": "STANDARD",
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::ram::testing::{MEMBER, OUTSIDER, OWNER, World, texts};

    #[test]
    fn permissions_are_listed_by_type_in_whatever_case() {
        let mut world = World::new();
        let input = json!({"resourceType": "LICENSE-MANAGER:licenseconfiguration"});
        let answer = world.ok(OWNER, "ListPermissions", input);
        assert_eq!(texts(&answer["permissions"], "name"), ["AWSRAMDefaultPermissionLicenseConfiguration"]);
        let own = world.ok(OWNER, "ListPermissions", json!({"permissionType": "CUSTOMER_MANAGED"}));
        assert_eq!(own["permissions"], json!([]));
        assert_eq!(
            world.code(OWNER, "ListPermissions", json!({"resourceType": "x"})),
            "InvalidParameterException"
        );
    }

    #[test]
    fn a_permission_shows_its_actions() {
        let mut world = World::new();
        let arn = "arn:aws:ram::aws:permission/AWSRAMDefaultPermissionLicenseConfiguration";
        let answer = world.ok(OWNER, "GetPermission", json!({"permissionArn": arn, "permissionVersion": 1}));
        let document: Value =
            serde_json::from_str(answer["permission"]["permission"].as_str().unwrap()).unwrap();
        assert_eq!(document["Effect"], "Allow");
        assert!(document["Action"].to_string().contains("license-manager:GetLicenseConfiguration"));
        let second = json!({"permissionArn": arn, "permissionVersion": 2});
        assert_eq!(world.code(OWNER, "GetPermission", second), "UnknownResourceException");
        assert_eq!(
            world.code(OWNER, "GetPermission", json!({"permissionArn": "x"})),
            "MalformedArnException"
        );
    }

    #[test]
    fn the_resource_types_are_listed() {
        let mut world = World::new();
        let answer = world.ok(OWNER, "ListResourceTypes", json!({}));
        let types = texts(&answer["resourceTypes"], "resourceType");
        assert!(types.contains(&"license-manager:LicenseConfiguration".to_owned()));
    }

    #[test]
    fn permissions_of_a_share_are_for_its_owner() {
        let mut world = World::new();
        let arn = world.share_with(&[MEMBER]);
        for account in [MEMBER, OUTSIDER] {
            let code = world.code(account, "ListResourceSharePermissions", json!({"resourceShareArn": arn}));
            assert_eq!(code, "UnknownResourceException");
        }
    }
}
