//! CreateOrganizationalUnit and MoveAccount.

use serde_json::json;

use super::lists::parent_in;
use super::reads::account_in;
use super::{Organizations, errors};
use crate::ask::Ask;
use crate::error::Outcome;

/// Units can be nested five deep below the root (AWS Organizations user guide, quotas).
const DEPTH: usize = 5;

impl Organizations {
    pub(super) fn create_unit(&mut self, ask: &Ask<'_>) -> Outcome {
        let organization = self.managed(ask.ctx)?;
        let parent = parent_in(organization, ask)?;
        let name = ask.members.required_text("Name")?;
        if organization.units.iter().any(|unit| unit.parent == parent && unit.name == name) {
            let message = "An OU with the same name already exists.";
            return Err(errors::state("DuplicateOrganizationalUnitException", message));
        }
        if organization.ancestors(parent).len() > DEPTH {
            let message = "You attempted to create an OU tree that is too many levels deep.";
            return Err(errors::constraint("OU_DEPTH_LIMIT_EXCEEDED", message));
        }
        let organization = organization.id.clone();
        let made = self.add_unit(&organization, Some(parent), name);
        let found = self.organization(&organization).zip(made);
        let shown = found.and_then(|(organization, id)| {
            organization.unit(&id).map(|unit| organization.unit_to_json(unit))
        });
        Ok(json!({ "OrganizationalUnit": shown }))
    }

    /// A source that is not the account's parent counts as not found (assumed).
    pub(super) fn move_account(&mut self, ask: &Ask<'_>) -> Outcome {
        let organization = self.managed(ask.ctx)?;
        let source = ask.members.required_text("SourceParentId")?;
        let destination = ask.members.required_text("DestinationParentId")?;
        let account = account_in(organization, ask)?.clone();
        if !organization.is_parent(destination) {
            return Err(errors::not_found("DestinationParentNotFoundException", "a destination parent"));
        }
        if account.parent != source {
            return Err(errors::not_found("SourceParentNotFoundException", "a source parent"));
        }
        if source == destination {
            let message = "That account is already present in the specified destination.";
            return Err(errors::state("DuplicateAccountException", message));
        }
        for moved in organization.accounts.iter_mut().filter(|moved| moved.id == account.id) {
            destination.clone_into(&mut moved.parent);
        }
        Ok(json!({}))
    }
}
