//! EnableSharingWithAwsOrganization.

use serde_json::json;

use super::errors;
use crate::ctx::Ctx;
use crate::error::Outcome;
use crate::organizations::{FeatureSet, Organizations, RamSharing};

/// For the management account of an organization with all features (AWS RAM API reference). A second time changes
/// nothing, except that the missing role is made.
pub(super) fn enable(ctx: &Ctx, organizations: &mut Organizations) -> Outcome {
    let refused = || {
        errors::not_permitted(
            "The operation can be called only from the management account of an organization that has all features \
             enabled.",
        )
    };
    let organization = organizations.organization_of(ctx.account()).ok_or_else(refused)?;
    if organization.management_account != ctx.account() || organization.feature_set != FeatureSet::All {
        return Err(refused());
    }
    if matches!(organization.ram_sharing, RamSharing::Off | RamSharing::WithoutRole) {
        let onboarding = ctx.settings.ram.times.onboarding;
        let until = ctx.now + onboarding;
        let sharing = if onboarding.is_zero() { RamSharing::On } else { RamSharing::Onboarding { until } };
        let id = organization.id.clone();
        organizations.set_ram_sharing(&id, sharing, ctx.now);
    }
    Ok(json!({"returnValue": true}))
}
