//! Resources: the types that can be shared here, and whether one may come into a share.
//!
//! License configurations are looked up in License Manager. Transit gateways are there so that a share can hold something
//! else, too; nothing serves them, so a well-formed ARN of the caller's is taken.

use super::arn::Arn;
use super::errors;
use crate::ctx::Ctx;
use crate::error::ServiceError;
use crate::license_manager::{LicenseConfigurationStatus, LicenseManager};

/// A type of resource that can be shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ResourceType {
    /// Such as `license-manager:LicenseConfiguration`.
    pub(super) name: &'static str,
    /// Such as `license-manager`.
    pub(super) service: &'static str,
    /// How the last part of the ARN begins.
    prefix: &'static str,
    /// Name of the managed permission.
    pub(super) permission: &'static str,
    /// Actions that the permission allows. AWS's list for license configurations is unconfirmed; these are the actions
    /// that a consumer needs to look at one and to use it.
    pub(super) actions: &'static [&'static str],
}

pub(super) const TYPES: [ResourceType; 2] = [
    ResourceType {
        name: "license-manager:LicenseConfiguration",
        service: "license-manager",
        prefix: "license-configuration:",
        permission: "AWSRAMDefaultPermissionLicenseConfiguration",
        actions: &[
            "license-manager:GetLicenseConfiguration",
            "license-manager:ListAssociationsForLicenseConfiguration",
            "license-manager:ListUsageForLicenseConfiguration",
            "license-manager:UpdateLicenseSpecificationsForResource",
        ],
    },
    ResourceType {
        name: "ec2:TransitGateway",
        service: "ec2",
        prefix: "transit-gateway/",
        permission: "AWSRAMDefaultPermissionTransitGateway",
        actions: &["ec2:CreateTransitGatewayVpcAttachment", "ec2:DescribeTransitGateways"],
    },
];

/// The type named, in whatever case.
pub(super) fn type_named(name: &str) -> Option<ResourceType> {
    TYPES.into_iter().find(|known| known.name.eq_ignore_ascii_case(name))
}

/// The type of an ARN.
pub(super) fn type_of(text: &str) -> Option<ResourceType> {
    let arn = Arn::parse(text)?;
    TYPES.into_iter().find(|known| known.service == arn.service && arn.resource.starts_with(known.prefix))
}

/// Whether it is a license configuration's ARN.
pub(super) fn is_license_configuration(text: &str) -> bool {
    type_of(text).is_some_and(|found| found.service == "license-manager")
}

/// Checks that the caller may share a resource. AWS's answers are unconfirmed; assumed are MalformedArnException for what
/// is no ARN, InvalidParameterException for a type that cannot be shared, OperationNotPermittedException for another
/// account's resource, and UnknownResourceException for one in another Region, deleted, or never there.
pub(super) fn judge(text: &str, ctx: &Ctx, licenses: &LicenseManager) -> Result<(), ServiceError> {
    let arn = Arn::parse(text).ok_or_else(|| errors::malformed_arn(text))?;
    if type_of(text).is_none() {
        return Err(errors::invalid_parameter(format!(
            "The resource {text} is of a type that cannot be shared."
        )));
    }
    if arn.account != ctx.account() {
        return Err(errors::not_permitted(format!(
            "You do not have permission to share {text}: account {} owns it.",
            arn.account
        )));
    }
    let here = arn.partition == ctx.partition && arn.region == ctx.region;
    if here && exists(text, licenses) {
        return Ok(());
    }
    Err(errors::unknown(format!("Resource {text} could not be found.")))
}

/// Whether a resource of a type that is served is there and not deleted.
pub(super) fn exists(text: &str, licenses: &LicenseManager) -> bool {
    let deleted = LicenseConfigurationStatus::Deleted;
    !is_license_configuration(text)
        || licenses.license_configuration(text).is_some_and(|found| found.status != deleted)
}
