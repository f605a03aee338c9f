//! How accounts end: closed by the management account, removed by it, or leaving by themselves.

use serde_json::json;

use super::organization::AccountState;
use super::reads::account_in;
use super::{Organizations, errors};
use crate::ask::Ask;
use crate::error::{Outcome, ServiceError};

impl Organizations {
    /// Closed accounts stay listed. AWS's quota of closures a month is not kept.
    pub(super) fn close_account(&mut self, ask: &Ask<'_>) -> Outcome {
        let closing_time = ask.ctx.settings.organizations.closing_time;
        let organization = self.managed(ask.ctx)?;
        let account = account_in(organization, ask)?.clone();
        if account.id == organization.management_account {
            let message = "You can't close the management account of an organization.";
            return Err(errors::constraint("CANNOT_CLOSE_MANAGEMENT_ACCOUNT", message));
        }
        if account.state != AccountState::Active {
            let message = "You attempted to close an account that is already closed.";
            return Err(errors::state("AccountAlreadyClosedException", message));
        }
        self.set_account_state(
            &account.id,
            AccountState::PendingClosure { until: ask.ctx.now + closing_time },
        );
        Ok(json!({}))
    }

    pub(super) fn remove_from_organization(&mut self, ask: &Ask<'_>) -> Outcome {
        let organization = self.managed(ask.ctx)?;
        let account = account_in(organization, ask)?.id.clone();
        self.take_out(&account)
    }

    pub(super) fn leave(&mut self, ask: &Ask<'_>) -> Outcome {
        self.of_caller(ask.ctx)?;
        self.take_out(&ask.ctx.caller.account)
    }

    fn take_out(&mut self, account: &str) -> Outcome {
        self.check_leaving(account)?;
        self.remove_account(account);
        Ok(json!({}))
    }

    fn check_leaving(&self, account: &str) -> Result<(), ServiceError> {
        let Some(organization) = self.all.iter().find(|found| found.account(account).is_some()) else {
            return Err(errors::not_in_use());
        };
        if organization.management_account == account {
            let message = "You can't remove a management account from an organization.";
            return Err(errors::state("MasterCannotLeaveOrganizationException", message));
        }
        if organization.is_delegated(account, None) {
            let message = "You can't remove an account that is a delegated administrator of a service.";
            return Err(errors::constraint("CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG", message));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::testing::family;
    use super::*;
    use crate::testing::{MANAGER, MEMBER, OTHER, code, ctx_with, reason};

    #[test]
    fn a_closed_account_is_no_member_any_more_but_stays_listed() {
        let mut family = family();
        let input = json!({ "AccountId": MEMBER });
        family.manage("CloseAccount", input.clone()).unwrap();
        assert!(!family.orgs.is_active_member(&family.id, MEMBER));
        let shown = family.manage("DescribeAccount", input.clone()).unwrap();
        assert_eq!(shown["Account"]["State"], "CLOSED");
        assert_eq!(code(family.manage("CloseAccount", input)), "AccountAlreadyClosedException");
    }

    #[test]
    fn closing_takes_the_time_that_is_set() {
        let mut family = family();
        let mut ctx = ctx_with(MANAGER, |settings| {
            settings.organizations.closing_time = Duration::from_secs(5);
            settings.organizations.account_status = true;
        });
        let input = json!({ "AccountId": MEMBER });
        family.orgs.handle(&ctx, "CloseAccount", &input).unwrap();
        let mut account = |now| {
            ctx.now = Duration::from_secs(now);
            family.orgs.handle(&ctx, "DescribeAccount", &input).unwrap()["Account"].clone()
        };
        assert_eq!(
            (&account(4)["State"], &account(4)["Status"]),
            (&json!("PENDING_CLOSURE"), &json!("PENDING_CLOSURE"))
        );
        assert_eq!((&account(5)["State"], &account(5)["Status"]), (&json!("CLOSED"), &json!("SUSPENDED")));
    }

    #[test]
    fn a_member_leaves_or_is_removed() {
        let mut family = family();
        family.ask(MEMBER, "LeaveOrganization", json!({})).unwrap();
        family.manage("RemoveAccountFromOrganization", json!({ "AccountId": OTHER })).unwrap();
        for account in [MEMBER, OTHER] {
            let describe = family.ask(account, "DescribeOrganization", json!({}));
            assert_eq!(code(describe), "AWSOrganizationsNotInUseException");
        }
        let again = family.manage("RemoveAccountFromOrganization", json!({ "AccountId": OTHER }));
        assert_eq!(code(again), "AccountNotFoundException");
    }

    #[test]
    fn the_manager_neither_leaves_nor_is_closed() {
        let mut family = family();
        let input = json!({ "AccountId": MANAGER });
        assert_eq!(reason(family.manage("CloseAccount", input.clone())), "CANNOT_CLOSE_MANAGEMENT_ACCOUNT");
        assert_eq!(
            code(family.manage("LeaveOrganization", json!({}))),
            "MasterCannotLeaveOrganizationException"
        );
        let remove = family.manage("RemoveAccountFromOrganization", input);
        assert_eq!(code(remove), "MasterCannotLeaveOrganizationException");
    }

    #[test]
    fn a_delegated_administrator_does_not_leave() {
        let mut family = family();
        family.trust("ssm.amazonaws.com");
        family.delegate(MEMBER, "ssm.amazonaws.com").unwrap();
        let leave = family.ask(MEMBER, "LeaveOrganization", json!({}));
        assert_eq!(reason(leave), "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG");
    }

    #[test]
    fn what_is_no_account_id_is_refused() {
        let short = family().manage("CloseAccount", json!({ "AccountId": "12345" }));
        assert_eq!(reason(short), "INVALID_PATTERN");
        assert_eq!(reason(family().manage("CloseAccount", json!({}))), "INPUT_REQUIRED");
    }
}
