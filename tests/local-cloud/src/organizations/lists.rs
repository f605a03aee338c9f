//! Lists of roots, units, accounts and parents, in pages.

use serde_json::{Value, json};

use super::organization::Organization;
use super::{Organizations, errors};
use crate::ask::Ask;
use crate::error::{Outcome, ServiceError};

/// AWS Organizations API reference, MaxResults.
const LARGEST_PAGE: usize = 20;

impl Organizations {
    pub(super) fn list_accounts(&self, ask: &Ask<'_>) -> Outcome {
        let organization = self.readable(ask.ctx)?;
        let show = |account| organization.account_to_json(ask.ctx, account);
        page(ask, "Accounts", organization.accounts.iter().map(show).collect())
    }

    /// The accounts directly under a root or unit, not those below.
    pub(super) fn list_accounts_for_parent(&self, ask: &Ask<'_>) -> Outcome {
        let organization = self.readable(ask.ctx)?;
        let parent = parent_in(organization, ask)?;
        let inside = organization.accounts.iter().filter(|account| account.parent == parent);
        let show = |account| organization.account_to_json(ask.ctx, account);
        page(ask, "Accounts", inside.map(show).collect())
    }

    pub(super) fn list_roots(&self, ask: &Ask<'_>) -> Outcome {
        let organization = self.readable(ask.ctx)?;
        page(ask, "Roots", vec![organization.root_to_json()])
    }

    pub(super) fn list_units(&self, ask: &Ask<'_>) -> Outcome {
        let organization = self.readable(ask.ctx)?;
        let parent = parent_in(organization, ask)?;
        let inside = organization.units.iter().filter(|unit| unit.parent == parent);
        let shown = inside.map(|unit| organization.unit_to_json(unit)).collect();
        page(ask, "OrganizationalUnits", shown)
    }

    pub(super) fn list_parents(&self, ask: &Ask<'_>) -> Outcome {
        let organization = self.readable(ask.ctx)?;
        let child = ask.members.required_text("ChildId")?;
        let of_account = organization.account(child).map(|account| account.parent.as_str());
        let parent = of_account.or_else(|| organization.unit(child).map(|unit| unit.parent.as_str()));
        let parent = parent.ok_or_else(|| errors::not_found("ChildNotFoundException", "a child"))?;
        let kind = if parent == organization.root { "ROOT" } else { "ORGANIZATIONAL_UNIT" };
        page(ask, "Parents", vec![json!({ "Id": parent, "Type": kind })])
    }
}

/// One page as an answer: `member` holds the items, at most 20.
pub(super) fn page(ask: &Ask<'_>, member: &str, items: Vec<Value>) -> Outcome {
    let size = page_size(ask)?.unwrap_or(ask.ctx.settings.pages.size).min(LARGEST_PAGE);
    ask.page(member, items, size).map_err(|error| {
        error.or(errors::invalid_input("INVALID_NEXT_TOKEN", "You specified an invalid value for nextToken."))
    })
}

/// `MaxResults`, 1 to 20.
fn page_size(ask: &Ask<'_>) -> Result<Option<usize>, ServiceError> {
    match ask.members.integer("MaxResults")? {
        Some(number) if number < 1 => {
            Err(errors::invalid_input("MIN_VALUE_EXCEEDED", "MaxResults must be at least 1"))
        }
        Some(number) if number > 20 => {
            Err(errors::invalid_input("MAX_VALUE_EXCEEDED", "MaxResults must be at most 20"))
        }
        number => Ok(number.and_then(|number| usize::try_from(number).ok())),
    }
}

/// The root or unit that `ParentId` names.
pub(super) fn parent_in<'a>(organization: &Organization, ask: &Ask<'a>) -> Result<&'a str, ServiceError> {
    let parent = ask.members.required_text("ParentId")?;
    if !parent.starts_with("r-") && !parent.starts_with("ou-") {
        let message = "ParentId must be the id of a root or an organizational unit";
        return Err(errors::invalid_input("INVALID_PATTERN", message));
    }
    if organization.is_parent(parent) {
        return Ok(parent);
    }
    Err(errors::not_found("ParentNotFoundException", "a parent"))
}
