//! AWS Organizations: organizations, units, accounts, trusted access and delegated administrators.
//!
//! Source: AWS Organizations API reference (2016-11-28); license manager facts 3. Organizations is global: the same in
//! every Region. Accounts come in through the set-up functions, not through CreateAccount or invitations.

mod access;
mod delegation;
mod errors;
mod lists;
mod membership;
mod organization;
mod reads;
mod render;
mod set_up;
#[cfg(test)]
mod testing;
mod units;
mod writes;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ask::Ask;
use crate::error::{Outcome, ServiceError};

use crate::Ctx;

pub use organization::{
    Account, AccountState, Delegation, FeatureSet, Joined, Organization, RamSharing, Unit,
};

/// RAM's service principal.
const RAM: &str = "ram.amazonaws.com";

/// The operations that are served, as they stand in `X-Amz-Target` behind `AWSOrganizationsV20161128.`.
pub const OPERATIONS: &[&str] = &[
    "CloseAccount",
    "CreateOrganization",
    "CreateOrganizationalUnit",
    "DeregisterDelegatedAdministrator",
    "DescribeAccount",
    "DescribeOrganization",
    "DisableAWSServiceAccess",
    "EnableAWSServiceAccess",
    "LeaveOrganization",
    "ListAWSServiceAccessForOrganization",
    "ListAccounts",
    "ListAccountsForParent",
    "ListDelegatedAdministrators",
    "ListDelegatedServicesForAccount",
    "ListOrganizationalUnitsForParent",
    "ListParents",
    "ListRoots",
    "MoveAccount",
    "RegisterDelegatedAdministrator",
    "RemoveAccountFromOrganization",
];

/// What can be switched about Organizations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OrganizationsSettings {
    /// How long an account is PENDING_CLOSURE.
    #[serde(with = "crate::settings::seconds")]
    pub closing_time: Duration,
    /// Accounts carry `Status` beside `State`. AWS retired it on 9 September 2026.
    pub account_status: bool,
    /// Delegated administrators that one service may have. License Manager takes 1 whatever this says.
    pub delegated_administrators: usize,
    /// A write to an organization that comes within this time of the one before is ConcurrentModificationException. AWS
    /// does not say how long; zero means never.
    #[serde(with = "crate::settings::seconds")]
    pub write_window: Duration,
    /// EnableAWSServiceAccess takes License Manager's principals (assumed). AWS's guide says that License Manager alone can
    /// turn its trusted access on; what Organizations then answers is not known.
    pub license_manager_access: bool,
}

impl Default for OrganizationsSettings {
    fn default() -> Self {
        Self {
            closing_time: Duration::ZERO,
            account_status: false,
            delegated_administrators: 5,
            write_window: Duration::ZERO,
            license_manager_access: true,
        }
    }
}

/// All organizations of the cloud.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Organizations {
    all: Vec<Organization>,
    made: u64,
}

impl Organizations {
    /// Answers one operation. Errors are the modelled ones; an operation outside [`OPERATIONS`] is
    /// `UnknownOperationException`.
    pub fn handle(&mut self, ctx: &Ctx, operation: &str, input: &Value) -> Outcome {
        let ask = Ask::new(ctx, operation, input, errors::bad_member)?;
        self.check_window(&ask)?;
        let answer = self.run(&ask)?;
        self.written(&ask);
        Ok(answer)
    }

    fn run(&mut self, ask: &Ask<'_>) -> Outcome {
        match ask.operation {
            "CreateOrganization" => self.create(ask),
            "DescribeOrganization" => self.describe(ask),
            "DescribeAccount" => self.describe_account(ask),
            "ListAccounts" => self.list_accounts(ask),
            "ListAccountsForParent" => self.list_accounts_for_parent(ask),
            "ListRoots" => self.list_roots(ask),
            "ListOrganizationalUnitsForParent" => self.list_units(ask),
            "ListParents" => self.list_parents(ask),
            "CreateOrganizationalUnit" => self.create_unit(ask),
            "MoveAccount" => self.move_account(ask),
            "CloseAccount" => self.close_account(ask),
            "RemoveAccountFromOrganization" => self.remove_from_organization(ask),
            "LeaveOrganization" => self.leave(ask),
            "EnableAWSServiceAccess" => self.enable_access(ask),
            "DisableAWSServiceAccess" => self.disable_access(ask),
            "ListAWSServiceAccessForOrganization" => self.list_access(ask),
            "RegisterDelegatedAdministrator" => self.register(ask),
            "DeregisterDelegatedAdministrator" => self.deregister(ask),
            "ListDelegatedAdministrators" => self.list_delegated(ask),
            "ListDelegatedServicesForAccount" => self.list_delegated_services(ask),
            other => Err(errors::state(
                "UnknownOperationException",
                &format!("The local cloud does not serve organizations {other}"),
            )),
        }
    }

    /// The organization whose active member (or management account) this is.
    pub fn organization_of(&self, account: &str) -> Option<&Organization> {
        self.all.iter().find(|organization| organization.is_active(account))
    }

    /// The organization with this id.
    pub fn organization(&self, id: &str) -> Option<&Organization> {
        self.all.iter().find(|organization| organization.id == id)
    }

    /// Every organization, oldest first.
    pub fn organizations(&self) -> &[Organization] {
        &self.all
    }

    /// Whether the account is an active member (or the management account) of that organization.
    pub fn is_active_member(&self, org_id: &str, account: &str) -> bool {
        self.organization(org_id).is_some_and(|organization| organization.is_active(account))
    }

    /// The organization with this id, to be changed.
    pub fn get_mut(&mut self, id: &str) -> Option<&mut Organization> {
        self.all.iter_mut().find(|organization| organization.id == id)
    }

    /// The caller's organization; `AWSOrganizationsNotInUseException` outside one.
    fn of_caller(&self, ctx: &Ctx) -> Result<&Organization, ServiceError> {
        self.organization_of(&ctx.caller.account).ok_or_else(errors::not_in_use)
    }

    /// The caller's organization where the caller is its management account.
    fn managed(&mut self, ctx: &Ctx) -> Result<&mut Organization, ServiceError> {
        let found = self.of_caller(ctx)?;
        if found.management_account != ctx.caller.account {
            return Err(errors::access_denied());
        }
        let id = found.id.clone();
        self.get_mut(&id).ok_or_else(errors::not_in_use)
    }

    /// The caller's organization where the caller may read it: its management account or a delegated administrator.
    fn readable(&self, ctx: &Ctx) -> Result<&Organization, ServiceError> {
        let found = self.of_caller(ctx)?;
        let caller = &ctx.caller.account;
        let allowed = found.management_account == *caller || found.is_delegated(caller, None);
        if allowed { Ok(found) } else { Err(errors::access_denied()) }
    }

    /// A new id of `length` lower-case letters and digits (at most 32), the same in every run.
    fn next_id(&mut self, length: usize) -> String {
        self.made += 1;
        let name = format!("organizations/{}", self.made);
        let id = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, name.as_bytes()).simple().to_string();
        id.chars().take(length).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::testing::family;
    use super::*;
    use crate::testing::{MANAGER, MEMBER, OTHER, OUTSIDER, code, ctx_of};

    #[test]
    fn every_listed_operation_is_served_and_no_other() {
        for operation in OPERATIONS {
            let mut family = family();
            let served = family.manage(operation, json!({}));
            assert_ne!(
                served.err().map(|error| error.code),
                Some("UnknownOperationException"),
                "{operation}"
            );
        }
        assert_eq!(code(family().manage("CreateAccount", json!({}))), "UnknownOperationException");
    }

    #[test]
    fn outside_an_organization_it_is_not_in_use() {
        for operation in OPERATIONS.iter().filter(|operation| **operation != "CreateOrganization") {
            let answer = family().ask(OUTSIDER, operation, json!({}));
            assert_eq!(code(answer), "AWSOrganizationsNotInUseException", "{operation}");
        }
    }

    #[test]
    fn a_member_may_describe_the_organization_and_leave_it_and_nothing_else() {
        let own = ["CreateOrganization", "DescribeOrganization", "LeaveOrganization"];
        for operation in OPERATIONS.iter().filter(|operation| !own.contains(operation)) {
            let answer = family().ask(MEMBER, operation, json!({}));
            assert_eq!(code(answer), "AccessDeniedException", "{operation}");
        }
        let found = family().ask(MEMBER, "DescribeOrganization", json!({})).unwrap();
        assert_eq!(found["Organization"]["MasterAccountId"], MANAGER);
    }

    #[test]
    fn a_delegated_administrator_may_read_but_not_write() {
        let mut family = family();
        family.trust("ssm.amazonaws.com");
        family.delegate(MEMBER, "ssm.amazonaws.com").unwrap();
        family.ask(MEMBER, "ListAccounts", json!({})).unwrap();
        let write = family.ask(MEMBER, "EnableAWSServiceAccess", json!({ "ServicePrincipal": RAM }));
        assert_eq!(code(write), "AccessDeniedException");
    }

    #[test]
    fn only_active_accounts_are_members() {
        let mut family = family();
        assert!(family.orgs.is_active_member(&family.id, MEMBER));
        assert!(family.orgs.set_account_state(MEMBER, AccountState::Closed));
        assert!(!family.orgs.is_active_member(&family.id, MEMBER));
        assert!(family.orgs.organization_of(MEMBER).is_none());
        assert!(family.orgs.organization_of(OTHER).is_some());
        assert!(!family.orgs.is_active_member("o-unknown", OTHER));
    }

    #[test]
    fn ids_are_the_same_in_every_run() {
        assert_eq!(family().id, family().id);
        assert_ne!(family().upper, family().lower);
    }

    #[test]
    fn the_second_organization_of_an_account_is_refused() {
        let mut orgs = Organizations::default();
        let made = orgs.handle(&ctx_of(OUTSIDER), "CreateOrganization", &json!({})).unwrap();
        assert_eq!(made["Organization"]["FeatureSet"], "ALL");
        let again = orgs.handle(&ctx_of(OUTSIDER), "CreateOrganization", &json!({}));
        assert_eq!(code(again), "AlreadyInOrganizationException");
        assert_eq!(
            code(family().ask(MEMBER, "CreateOrganization", json!({}))),
            "AlreadyInOrganizationException"
        );
    }
}
