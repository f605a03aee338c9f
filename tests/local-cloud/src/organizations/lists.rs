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

#[cfg(test)]
mod tests {
    use super::super::testing::family;
    use super::*;
    use crate::testing::{MANAGER, MEMBER, OTHER, code, ctx_with, reason};

    fn ids(answer: &Value, list: &str) -> Vec<String> {
        let items = answer[list].as_array().unwrap().iter();
        items.map(|item| item["Id"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn accounts_of_a_parent_are_those_directly_below() {
        let mut family = family();
        let (root, upper) = (family.root.clone(), family.upper.clone());
        let mut inside = |parent: &str| {
            let answer = family.manage("ListAccountsForParent", json!({ "ParentId": parent })).unwrap();
            ids(&answer, "Accounts")
        };
        assert_eq!(inside(&root), [MANAGER]);
        assert_eq!(inside(&upper), [MEMBER]);
    }

    #[test]
    fn pages_are_followed_over_an_empty_first_one() {
        let family = family();
        let ctx = ctx_with(MANAGER, |settings| settings.pages.empty_first_page = true);
        let (mut orgs, mut found, mut token, mut pages) = (family.orgs, Vec::new(), Value::Null, 0);
        loop {
            let input = json!({ "MaxResults": 2, "NextToken": token });
            let answer = orgs.handle(&ctx, "ListAccounts", &input).unwrap();
            found.extend(ids(&answer, "Accounts"));
            pages += 1;
            match answer.get("NextToken") {
                Some(next) => token = next.clone(),
                None => break,
            }
        }
        assert_eq!((found, pages), (vec![MANAGER.into(), MEMBER.into(), OTHER.into()], 3));
    }

    #[test]
    fn page_sizes_outside_1_to_20_and_strange_tokens_are_refused_with_their_reason() {
        let mut family = family();
        let mut list = |input| reason(family.manage("ListRoots", input));
        assert_eq!(list(json!({ "MaxResults": 0 })), "MIN_VALUE_EXCEEDED");
        assert_eq!(list(json!({ "MaxResults": 21 })), "MAX_VALUE_EXCEEDED");
        assert_eq!(list(json!({ "NextToken": "x" })), "INVALID_NEXT_TOKEN");
    }

    #[test]
    fn no_page_has_more_than_20_accounts() {
        let mut family = family();
        for number in 0..30_u64 {
            let account = format!("4{number:011}");
            let at = std::time::Duration::ZERO;
            assert!(family.orgs.add_account(&family.id, &account, None, super::super::Joined::Created, at));
        }
        let answer = family.manage("ListAccounts", json!({})).unwrap();
        assert_eq!(ids(&answer, "Accounts").len(), 20);
        assert!(answer["NextToken"].is_string());
    }

    #[test]
    fn parents_and_units_show_the_tree() {
        let mut family = family();
        let (root, upper, lower) = (family.root.clone(), family.upper.clone(), family.lower.clone());
        let mut parent = |child: &str| {
            let answer = family.manage("ListParents", json!({ "ChildId": child })).unwrap();
            let parent = &answer["Parents"][0];
            (parent["Id"].as_str().unwrap().to_owned(), parent["Type"].as_str().unwrap().to_owned())
        };
        assert_eq!(parent(OTHER), (lower.clone(), "ORGANIZATIONAL_UNIT".to_owned()));
        assert_eq!(parent(&upper), (root, "ROOT".to_owned()));
        let units = family.manage("ListOrganizationalUnitsForParent", json!({ "ParentId": upper })).unwrap();
        assert_eq!(ids(&units, "OrganizationalUnits"), [lower]);
    }

    #[test]
    fn unknown_parents_and_children_are_not_found() {
        let mut family = family();
        let parent = json!({ "ParentId": "ou-none-00000000" });
        assert_eq!(code(family.manage("ListAccountsForParent", parent)), "ParentNotFoundException");
        assert_eq!(
            reason(family.manage("ListAccountsForParent", json!({ "ParentId": "x" }))),
            "INVALID_PATTERN"
        );
        let child = json!({ "ChildId": "999999999999" });
        assert_eq!(code(family.manage("ListParents", child)), "ChildNotFoundException");
    }
}
