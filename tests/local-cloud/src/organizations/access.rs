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
        let switches = &ask.ctx.settings.organizations;
        if principal.starts_with("license-manager.") && !switches.license_manager_access {
            let message = "You can enable trusted access for this service only through the service.";
            return Err(errors::invalid_input("UNRECOGNIZED_SERVICE_PRINCIPAL", message));
        }
        organization.trust(principal, ask.ctx.now);
        if principal == RAM && organization.ram_sharing == RamSharing::Off {
            organization.ram_sharing =
                if organization.ram_role.is_some() { RamSharing::On } else { RamSharing::WithoutRole };
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::testing::family;
    use super::*;
    use crate::testing::{MEMBER, OUTSIDER, ctx_of, ctx_with, reason};

    fn principals(answer: &serde_json::Value) -> Vec<&str> {
        let list = answer["EnabledServicePrincipals"].as_array().unwrap().iter();
        list.map(|item| item["ServicePrincipal"].as_str().unwrap()).collect()
    }

    #[test]
    fn trusted_access_is_given_listed_and_taken_away() {
        let mut family = family();
        family.trust("ssm.amazonaws.com");
        family.trust("ssm.amazonaws.com");
        let listed = family.manage("ListAWSServiceAccessForOrganization", json!({})).unwrap();
        assert_eq!(principals(&listed), ["ssm.amazonaws.com"]);
        family.manage("DisableAWSServiceAccess", json!({ "ServicePrincipal": "ssm.amazonaws.com" })).unwrap();
        let listed = family.manage("ListAWSServiceAccessForOrganization", json!({})).unwrap();
        assert!(principals(&listed).is_empty());
    }

    #[test]
    fn trusted_access_shows_since_when_it_is_there() {
        let mut family = family();
        let list = json!({});
        let mut dates = Vec::new();
        for (at, operation) in [(5, "EnableAWSServiceAccess"), (9, "EnableAWSServiceAccess")] {
            let mut ctx = ctx_of(crate::testing::MANAGER);
            ctx.now = Duration::from_secs(at);
            family.orgs.handle(&ctx, operation, &json!({ "ServicePrincipal": RAM })).unwrap();
            let listed = family.orgs.handle(&ctx, "ListAWSServiceAccessForOrganization", &list).unwrap();
            dates.push(listed["EnabledServicePrincipals"][0]["DateEnabled"].clone());
        }
        assert_eq!(dates, [json!(1_767_225_605.0), json!(1_767_225_605.0)]);
    }

    #[test]
    fn license_manager_is_refused_where_only_it_may_turn_its_access_on() {
        let ctx = ctx_with(crate::testing::MANAGER, |settings| {
            settings.organizations.license_manager_access = false;
        });
        let mut family = family();
        let mut enable = |principal: &str| {
            family.orgs.handle(&ctx, "EnableAWSServiceAccess", &json!({ "ServicePrincipal": principal }))
        };
        for principal in ["license-manager.amazonaws.com", "license-manager.member-account.amazonaws.com"] {
            assert_eq!(reason(enable(principal)), "UNRECOGNIZED_SERVICE_PRINCIPAL");
        }
        assert!(enable("ssm.amazonaws.com").is_ok());
    }

    #[test]
    fn an_unknown_service_is_refused() {
        let input = json!({ "ServicePrincipal": "nonsense.amazonaws.com" });
        assert_eq!(
            reason(family().manage("EnableAWSServiceAccess", input)),
            "UNRECOGNIZED_SERVICE_PRINCIPAL"
        );
    }

    #[test]
    fn access_is_not_taken_from_a_service_with_a_delegated_administrator() {
        let mut family = family();
        family.trust("ssm.amazonaws.com");
        family.delegate(MEMBER, "ssm.amazonaws.com").unwrap();
        let answer =
            family.manage("DisableAWSServiceAccess", json!({ "ServicePrincipal": "ssm.amazonaws.com" }));
        assert_eq!(reason(answer), "DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE");
    }

    #[test]
    fn consolidated_billing_knows_no_trusted_access() {
        let mut family = family();
        let kind = FeatureSet::ConsolidatedBilling;
        family.orgs.create_organization(OUTSIDER, "aws", kind, Duration::ZERO);
        let answer = family.orgs.handle(&ctx_of(OUTSIDER), "ListAWSServiceAccessForOrganization", &json!({}));
        assert_eq!(reason(answer), "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE");
    }

    #[test]
    fn ram_trusted_through_organizations_alone_lacks_its_role() {
        let mut family = family();
        family.trust(RAM);
        assert_eq!(family.orgs.organization(&family.id).unwrap().ram_sharing, RamSharing::WithoutRole);
    }

    #[test]
    fn ram_keeps_its_role_when_access_is_taken_away_and_given_back() {
        let mut family = family();
        family.orgs.set_ram_sharing(&family.id.clone(), RamSharing::On, Duration::ZERO);
        family.manage("DisableAWSServiceAccess", json!({ "ServicePrincipal": RAM })).unwrap();
        assert_eq!(family.orgs.organization(&family.id).unwrap().ram_sharing, RamSharing::Off);
        family.trust(RAM);
        assert_eq!(family.orgs.organization(&family.id).unwrap().ram_sharing, RamSharing::On);
    }
}
