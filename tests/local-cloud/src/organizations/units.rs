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

#[cfg(test)]
mod tests {
    use super::super::testing::family;
    use super::*;
    use crate::testing::{MEMBER, OUTSIDER, code, reason};

    #[test]
    fn a_unit_is_made_with_its_arn_and_its_name_is_unique_beside_its_siblings() {
        let mut family = family();
        let input = json!({ "ParentId": family.lower, "Name": "new" });
        let made = family.manage("CreateOrganizationalUnit", input.clone()).unwrap();
        let id = made["OrganizationalUnit"]["Id"].as_str().unwrap();
        let arn = family.orgs.organization(&family.id).unwrap().arn_of_ou(id).unwrap();
        assert_eq!(made["OrganizationalUnit"]["Arn"], arn);
        assert_eq!(
            code(family.manage("CreateOrganizationalUnit", input)),
            "DuplicateOrganizationalUnitException"
        );
    }

    #[test]
    fn units_nest_five_deep() {
        let mut family = family();
        let mut parent = family.lower.clone();
        for depth in 3..=5 {
            let input = json!({ "ParentId": parent, "Name": format!("level {depth}") });
            let made = family.manage("CreateOrganizationalUnit", input).unwrap();
            parent = made["OrganizationalUnit"]["Id"].as_str().unwrap().to_owned();
        }
        let input = json!({ "ParentId": parent, "Name": "level 6" });
        assert_eq!(reason(family.manage("CreateOrganizationalUnit", input)), "OU_DEPTH_LIMIT_EXCEEDED");
    }

    #[test]
    fn an_account_moves_between_units() {
        let mut family = family();
        let to = |from: &str, to: &str, account: &str| json!({ "AccountId": account, "SourceParentId": from, "DestinationParentId": to });
        let (root, upper, lower) = (family.root.clone(), family.upper.clone(), family.lower.clone());
        family.manage("MoveAccount", to(&upper, &lower, MEMBER)).unwrap();
        assert!(family.orgs.organization(&family.id).unwrap().is_under(MEMBER, &lower));
        let mut refusal = |input| code(family.manage("MoveAccount", input));
        assert_eq!(refusal(to(&upper, &root, MEMBER)), "SourceParentNotFoundException");
        assert_eq!(refusal(to(&lower, "ou-none-00000000", MEMBER)), "DestinationParentNotFoundException");
        assert_eq!(refusal(to(&lower, &lower, MEMBER)), "DuplicateAccountException");
        assert_eq!(refusal(to(&root, &lower, OUTSIDER)), "AccountNotFoundException");
    }
}
