//! Trusted access of AWS services to the organization.

use serde_json::json;

use super::lists::page;
use super::organization::{FeatureSet, Organization, RamSharing};
use super::{Organizations, RAM, errors};
use crate::ask::Ask;
use crate::error::{Outcome, ServiceError};

/// Service principals that Organizations knows: License Manager's and RAM's, and some of the others, so that an
/// organization with other services can be built. Any other is UNRECOGNIZED_SERVICE_PRINCIPAL.
const KNOWN: &[&str] = &[
    "cloudtrail.amazonaws.com",
    "config.amazonaws.com",
    "guardduty.amazonaws.com",
    "license-management.marketplace.amazonaws.com",
    "license-manager-linux-subscriptions.amazonaws.com",
    "license-manager.amazonaws.com",
    "license-manager.member-account.amazonaws.com",
    "member.org.stacksets.cloudformation.amazonaws.com",
    RAM,
    "securityhub.amazonaws.com",
    "servicecatalog.amazonaws.com",
    "ssm.amazonaws.com",
    "sso.amazonaws.com",
];

impl Organizations {
    /// For RAM, access without RAM's own EnableSharingWithAwsOrganization lacks RAM's role (ram facts 1.9).
    pub(super) fn enable_access(&mut self, ask: &Ask<'_>) -> Outcome {
        let organization = self.managed(ask.ctx)?;
        let principal = service_principal(ask)?;
        require_all_features(organization)?;
        organization.trust(principal, ask.ctx.now);
        if principal == RAM && organization.ram_sharing == RamSharing::Off {
            organization.ram_sharing =
                if organization.ram_role { RamSharing::On } else { RamSharing::WithoutRole };
        }
        Ok(json!({}))
    }

    pub(super) fn disable_access(&mut self, ask: &Ask<'_>) -> Outcome {
        let organization = self.managed(ask.ctx)?;
        let principal = service_principal(ask)?;
        require_all_features(organization)?;
        if organization.delegations_for(principal).next().is_some() {
            let message = "You must deregister the delegated administrators of this service first.";
            return Err(errors::constraint("DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE", message));
        }
        organization.trusted.remove(principal);
        if principal == RAM {
            organization.ram_role |=
                matches!(organization.ram_sharing, RamSharing::On | RamSharing::Onboarding { .. });
            organization.ram_sharing = RamSharing::Off;
        }
        Ok(json!({}))
    }

    pub(super) fn list_access(&self, ask: &Ask<'_>) -> Outcome {
        let organization = self.readable(ask.ctx)?;
        require_all_features(organization)?;
        let shown = organization.trusted.iter().map(|(principal, since)| {
            json!({ "ServicePrincipal": principal, "DateEnabled": ask.ctx.timestamp(*since) })
        });
        page(ask, "EnabledServicePrincipals", shown.collect())
    }
}

/// `ServicePrincipal`, one that Organizations knows.
pub(super) fn service_principal<'a>(ask: &Ask<'a>) -> Result<&'a str, ServiceError> {
    let principal = ask.members.required_text("ServicePrincipal")?;
    if KNOWN.contains(&principal) {
        return Ok(principal);
    }
    let message = "You specified an unrecognized service principal.";
    Err(errors::invalid_input("UNRECOGNIZED_SERVICE_PRINCIPAL", message))
}

fn require_all_features(organization: &Organization) -> Result<(), ServiceError> {
    if organization.feature_set == FeatureSet::All {
        return Ok(());
    }
    let message = "You attempted to perform an operation that requires all features to be enabled.";
    Err(errors::constraint("ORGANIZATION_NOT_IN_ALL_FEATURES_MODE", message))
}
