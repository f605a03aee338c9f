//! A License Manager for the unit tests, with an organization around it.

use std::time::Duration;

use serde_json::{Value, json};

use super::LicenseManager;
use crate::Ctx;
use crate::error::Outcome;
use crate::organizations::{FeatureSet, Joined, Organizations};
use crate::testing::{MANAGER, MEMBER, ctx_of};

pub(super) struct Desk {
    pub(super) service: LicenseManager,
    pub(super) orgs: Organizations,
}

pub(super) fn desk() -> Desk {
    let mut orgs = Organizations::default();
    let id = orgs.create_organization(MANAGER, "aws", FeatureSet::All, Duration::ZERO);
    assert!(orgs.add_account(&id, MEMBER, None, Joined::Created, Duration::ZERO));
    Desk { service: LicenseManager::default(), orgs }
}

impl Desk {
    pub(super) fn ask(&mut self, ctx: &Ctx, operation: &str, input: Value) -> Outcome {
        self.service.handle(ctx, operation, &input, &self.orgs)
    }

    /// As the management account with the default settings.
    pub(super) fn manage(&mut self, operation: &str, input: Value) -> Outcome {
        self.ask(&ctx_of(MANAGER), operation, input)
    }

    /// Makes a license configuration of the management account and answers its ARN.
    pub(super) fn make(&mut self, name: &str) -> String {
        let input = json!({ "Name": name, "LicenseCountingType": "vCPU" });
        let made = self.manage("CreateLicenseConfiguration", input).unwrap();
        made["LicenseConfigurationArn"].as_str().unwrap().to_owned()
    }
}

/// The input of an operation on one license configuration.
pub(super) fn one(arn: &str) -> Value {
    json!({ "LicenseConfigurationArn": arn })
}
