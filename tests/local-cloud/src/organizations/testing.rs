//! An organization for the unit tests: the manager in the root, a member in a unit, another in a unit below that one.

use std::time::Duration;

use serde_json::{Value, json};

use super::{FeatureSet, Joined, Organizations};
use crate::error::Outcome;
use crate::testing::{MANAGER, MEMBER, OTHER, ctx_of};

pub(super) struct Family {
    pub(super) orgs: Organizations,
    pub(super) id: String,
    pub(super) root: String,
    pub(super) upper: String,
    pub(super) lower: String,
}

pub(super) fn family() -> Family {
    let mut orgs = Organizations::default();
    let id = orgs.create_organization(MANAGER, "aws", FeatureSet::All, Duration::ZERO);
    let upper = orgs.add_unit(&id, None, "upper").unwrap();
    let lower = orgs.add_unit(&id, Some(&upper), "lower").unwrap();
    assert!(orgs.add_account(&id, MEMBER, Some(&upper), Joined::Created, Duration::ZERO));
    assert!(orgs.add_account(&id, OTHER, Some(&lower), Joined::Created, Duration::ZERO));
    let root = orgs.organization(&id).unwrap().root.clone();
    Family { orgs, id, root, upper, lower }
}

impl Family {
    pub(super) fn ask(&mut self, account: &str, operation: &str, input: Value) -> Outcome {
        self.orgs.handle(&ctx_of(account), operation, &input)
    }

    /// As the management account.
    pub(super) fn manage(&mut self, operation: &str, input: Value) -> Outcome {
        self.ask(MANAGER, operation, input)
    }

    pub(super) fn trust(&mut self, principal: &str) {
        self.manage("EnableAWSServiceAccess", json!({ "ServicePrincipal": principal })).unwrap();
    }

    pub(super) fn delegate(&mut self, account: &str, principal: &str) -> Outcome {
        let input = json!({ "AccountId": account, "ServicePrincipal": principal });
        self.manage("RegisterDelegatedAdministrator", input)
    }
}
