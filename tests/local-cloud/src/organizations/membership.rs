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
