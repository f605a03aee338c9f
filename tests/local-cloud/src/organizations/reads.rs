//! CreateOrganization and the reads of one thing.

use serde_json::json;

use super::organization::{Account, FeatureSet, Organization};
use super::{Organizations, errors};
use crate::ask::Ask;
use crate::error::{Outcome, ServiceError};

impl Organizations {
    pub(super) fn create(&mut self, ask: &Ask<'_>) -> Outcome {
        let wanted = ask.members.one_of("FeatureSet", &["ALL", "CONSOLIDATED_BILLING"])?;
        if self.all.iter().any(|found| found.account(&ask.ctx.caller.account).is_some()) {
            let message = "The AWS account is already a member of an organization.";
            return Err(errors::state("AlreadyInOrganizationException", message));
        }
        let features = match wanted {
            Some("CONSOLIDATED_BILLING") => FeatureSet::ConsolidatedBilling,
            _ => FeatureSet::All,
        };
        self.create_organization(&ask.ctx.caller.account, &ask.ctx.partition, features, ask.ctx.now);
        self.describe(ask)
    }

    /// Any account of the organization may ask.
    pub(super) fn describe(&self, ask: &Ask<'_>) -> Outcome {
        Ok(json!({ "Organization": self.of_caller(ask.ctx)?.to_json() }))
    }

    pub(super) fn describe_account(&self, ask: &Ask<'_>) -> Outcome {
        let organization = self.readable(ask.ctx)?;
        let account = account_in(organization, ask)?;
        Ok(json!({ "Account": organization.account_to_json(ask.ctx, account) }))
    }
}

/// The account that the input names: `InvalidInputException` for what is no account id, `AccountNotFoundException` for
/// one that is not in the organization.
pub(super) fn account_in<'a>(
    organization: &'a Organization,
    ask: &Ask<'_>,
) -> Result<&'a Account, ServiceError> {
    let id = ask.members.required_text("AccountId")?;
    if id.len() != 12 || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(errors::invalid_input("INVALID_PATTERN", "AccountId must have 12 digits"));
    }
    organization.account(id).ok_or_else(|| errors::not_found("AccountNotFoundException", "an account"))
}
