//! Delegated administrators of services.

use serde_json::{Value, json};

use super::access::service_principal;
use super::lists::page;
use super::organization::{Account, AccountState, Delegation, Organization};
use super::reads::account_in;
use super::{Organizations, errors};
use crate::ask::Ask;
use crate::error::{Outcome, ServiceError};

/// License Manager takes one delegated administrator an organization (License Manager user guide).
const LICENSE_MANAGER: &str = "license-manager.amazonaws.com";

impl Organizations {
    pub(super) fn register(&mut self, ask: &Ask<'_>) -> Outcome {
        let several = ask.ctx.settings.organizations.delegated_administrators;
        let organization = self.managed(ask.ctx)?;
        let principal = service_principal(ask)?;
        let account = account_in(organization, ask)?.clone();
        check_candidate(organization, &account, principal)?;
        let limit = if principal == LICENSE_MANAGER { 1 } else { several };
        if organization.delegations_for(principal).count() >= limit {
            let message = "You reached the maximum number of delegated administrators for this service.";
            return Err(errors::constraint(
                "MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED",
                message,
            ));
        }
        organization.delegations.push(Delegation {
            account: account.id,
            service_principal: principal.to_owned(),
            since: ask.ctx.now,
        });
        Ok(json!({}))
    }

    pub(super) fn deregister(&mut self, ask: &Ask<'_>) -> Outcome {
        let organization = self.managed(ask.ctx)?;
        let principal = service_principal(ask)?;
        let account = account_in(organization, ask)?.id.clone();
        if !organization.is_delegated(&account, Some(principal)) {
            return Err(not_registered());
        }
        organization
            .delegations
            .retain(|found| found.account != account || found.service_principal != principal);
        Ok(json!({}))
    }

    pub(super) fn list_delegated(&self, ask: &Ask<'_>) -> Outcome {
        let organization = self.readable(ask.ctx)?;
        let service = ask.members.text("ServicePrincipal")?;
        if service.is_some() {
            service_principal(ask)?;
        }
        let accounts = organization.accounts.iter();
        let shown = accounts.filter(|account| organization.is_delegated(&account.id, service));
        let shown = shown.map(|account| delegated_to_json(ask, organization, account, service));
        page(ask, "DelegatedAdministrators", shown.collect())
    }

    pub(super) fn list_delegated_services(&self, ask: &Ask<'_>) -> Outcome {
        let organization = self.readable(ask.ctx)?;
        let account = account_in(organization, ask)?;
        if !organization.is_delegated(&account.id, None) {
            return Err(not_registered());
        }
        let shown = organization.delegations_of(&account.id).map(|found| {
            json!({
                "ServicePrincipal": found.service_principal,
                "DelegationEnabledDate": ask.ctx.timestamp(found.since),
            })
        });
        page(ask, "DelegatedServices", shown.collect())
    }
}

/// Since when: of the service asked for, else of its first.
fn delegated_to_json(
    ask: &Ask<'_>,
    organization: &Organization,
    account: &Account,
    service: Option<&str>,
) -> Value {
    let mine = organization.delegations_of(&account.id);
    let mine = mine.filter(|found| service.is_none_or(|wanted| wanted == found.service_principal));
    let since = mine.map(|found| found.since).min().unwrap_or_default();
    let mut shown = organization.account_members(ask.ctx, account);
    shown.insert("DelegationEnabledDate".to_owned(), ask.ctx.timestamp(since));
    Value::Object(shown)
}

fn check_candidate(
    organization: &Organization,
    account: &Account,
    principal: &str,
) -> Result<(), ServiceError> {
    if account.id == organization.management_account {
        let message = "You can't register the management account as a delegated administrator.";
        return Err(errors::constraint("CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR", message));
    }
    if account.state != AccountState::Active {
        let message = "You can't register a suspended account as a delegated administrator.";
        return Err(errors::constraint(
            "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR",
            message,
        ));
    }
    if !organization.trusts(principal) {
        let message = "You must enable service access for this service principal first.";
        return Err(errors::constraint("SERVICE_ACCESS_NOT_ENABLED", message));
    }
    if organization.is_delegated(&account.id, Some(principal)) {
        let message = "The account is already a delegated administrator for this service.";
        return Err(errors::state("AccountAlreadyRegisteredException", message));
    }
    Ok(())
}

fn not_registered() -> ServiceError {
    let message = "The account is not a delegated administrator for this service.";
    errors::state("AccountNotRegisteredException", message)
}

#[cfg(test)]
mod tests {
    use super::super::testing::family;
    use super::*;
    use crate::testing::{MANAGER, MEMBER, OTHER, OUTSIDER, code, reason};

    #[test]
    fn a_delegated_administrator_is_listed_with_its_services() {
        let mut family = family();
        family.trust(LICENSE_MANAGER);
        family.delegate(MEMBER, LICENSE_MANAGER).unwrap();
        let input = json!({ "ServicePrincipal": LICENSE_MANAGER });
        let listed = family.manage("ListDelegatedAdministrators", input).unwrap();
        assert_eq!(listed["DelegatedAdministrators"][0]["Id"], MEMBER);
        let other = json!({ "ServicePrincipal": "ssm.amazonaws.com" });
        let listed = family.manage("ListDelegatedAdministrators", other).unwrap();
        assert_eq!(listed["DelegatedAdministrators"], json!([]));
        let services =
            family.manage("ListDelegatedServicesForAccount", json!({ "AccountId": MEMBER })).unwrap();
        assert_eq!(services["DelegatedServices"][0]["ServicePrincipal"], LICENSE_MANAGER);
        let none = family.manage("ListDelegatedServicesForAccount", json!({ "AccountId": OTHER }));
        assert_eq!(code(none), "AccountNotRegisteredException");
    }

    #[test]
    fn license_manager_takes_one_and_a_registered_one_is_refused_again() {
        let mut family = family();
        family.trust(LICENSE_MANAGER);
        family.delegate(MEMBER, LICENSE_MANAGER).unwrap();
        assert_eq!(code(family.delegate(MEMBER, LICENSE_MANAGER)), "AccountAlreadyRegisteredException");
        let second = family.delegate(OTHER, LICENSE_MANAGER);
        assert_eq!(reason(second), "MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED");
    }

    #[test]
    fn who_cannot_be_registered_is_told_why() {
        let mut family = family();
        assert_eq!(reason(family.delegate(MEMBER, LICENSE_MANAGER)), "SERVICE_ACCESS_NOT_ENABLED");
        family.trust(LICENSE_MANAGER);
        let manager = family.delegate(MANAGER, LICENSE_MANAGER);
        assert_eq!(reason(manager), "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR");
        assert_eq!(code(family.delegate(OUTSIDER, LICENSE_MANAGER)), "AccountNotFoundException");
        family.orgs.set_account_state(MEMBER, AccountState::Suspended);
        let suspended = family.delegate(MEMBER, LICENSE_MANAGER);
        assert_eq!(reason(suspended), "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR");
    }

    #[test]
    fn deregistering_ends_it_and_a_second_time_is_refused() {
        let mut family = family();
        family.trust(LICENSE_MANAGER);
        family.delegate(MEMBER, LICENSE_MANAGER).unwrap();
        let input = json!({ "AccountId": MEMBER, "ServicePrincipal": LICENSE_MANAGER });
        family.manage("DeregisterDelegatedAdministrator", input.clone()).unwrap();
        let again = family.manage("DeregisterDelegatedAdministrator", input);
        assert_eq!(code(again), "AccountNotRegisteredException");
    }
}
