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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::organizations::{FeatureSet, RamSharing};
    use crate::ram::testing::{MEMBER, OUTSIDER, OWNER, World};

    const ENABLE: &str = "EnableSharingWithAwsOrganization";

    #[test]
    fn only_the_management_account_of_all_features_turns_sharing_on() {
        let mut world = World::new();
        world.cloud.create_organization_in("aws", "777777777777", FeatureSet::ConsolidatedBilling);
        for account in [MEMBER, OUTSIDER, "777777777777"] {
            assert_eq!(world.code(account, ENABLE, json!({})), "OperationNotPermittedException");
        }
        assert_eq!(world.ok(OWNER, ENABLE, json!({})), json!({"returnValue": true}));
    }

    #[test]
    fn sharing_can_be_used_after_onboarding() {
        let mut world = World::with(|ram| ram.times.onboarding = Duration::from_secs(6 * 60 * 60));
        let (organization, whole) = (world.organization.clone(), world.whole.clone());
        world.cloud.set_ram_sharing(&organization, RamSharing::Off);
        world.ok(OWNER, ENABLE, json!({}));
        let input = json!({"name": "a", "principals": [whole]});
        assert_eq!(world.code(OWNER, "CreateResourceShare", input.clone()), "OperationNotPermittedException");
        world.wait(6 * 60 * 60);
        world.ok(OWNER, "CreateResourceShare", input);
        assert!(world.cloud.organizations().organization(&organization).unwrap().trusts("ram.amazonaws.com"));
    }

    #[test]
    fn the_missing_role_is_made_by_turning_it_on_in_ram() {
        let mut world = World::new();
        let (organization, whole) = (world.organization.clone(), world.whole.clone());
        world.cloud.set_ram_sharing(&organization, RamSharing::WithoutRole);
        world.ok(OWNER, ENABLE, json!({}));
        world.ok(OWNER, "CreateResourceShare", json!({"name": "a", "principals": [whole]}));
    }
}
