//! AWS License Manager: license configurations, their tags, service settings and the resource inventory.
//!
//! Source: AWS License Manager API reference (2018-08-01); license manager facts 1 and 2. Everything is regional. What
//! other accounts share is seen through [`Ctx::shared_with_caller`].

mod changes;
mod configuration;
mod details;
mod errors;
mod inventory;
mod reads;
mod service_settings;
mod set_up;
mod settings;
mod tags;
#[cfg(test)]
mod testing;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::ask::Ask;
use crate::error::{Outcome, ServiceError};
use crate::ids::Ids;
use crate::organizations::Organizations;
use crate::{Ctx, Event};

pub use configuration::{LicenseConfiguration, LicenseConfigurationStatus};
pub use inventory::InventoryRow;
pub use service_settings::ServiceSettings;
pub(crate) use service_settings::TRUSTED;
pub use set_up::SettingsPatch;
pub use settings::{
    BadValue, Bucket, DiscoveryOff, LicenseManagerSettings, MemberSees, UnknownInList, Unlink,
};

/// The operations that are served, as they stand in `X-Amz-Target` behind `AWSLicenseManager.`.
pub const OPERATIONS: &[&str] = &[
    "CreateLicenseConfiguration",
    "DeleteLicenseConfiguration",
    "GetLicenseConfiguration",
    "GetServiceSettings",
    "ListLicenseConfigurations",
    "ListResourceInventory",
    "ListTagsForResource",
    "TagResource",
    "UntagResource",
    "UpdateLicenseConfiguration",
    "UpdateServiceSettings",
];

/// License Manager of all accounts and Regions.
#[derive(Debug, Clone)]
pub struct LicenseManager {
    configurations: Vec<LicenseConfiguration>,
    services: BTreeMap<String, ServiceSettings>,
    inventory: Vec<InventoryRow>,
    events: Vec<Event>,
    ids: Ids,
}

impl Default for LicenseManager {
    fn default() -> Self {
        Self {
            configurations: Vec::new(),
            services: BTreeMap::new(),
            inventory: Vec::new(),
            events: Vec::new(),
            ids: Ids::new("license-configuration"),
        }
    }
}

impl LicenseManager {
    /// Answers one operation. Errors are the modelled ones; an operation outside [`OPERATIONS`] is
    /// `UnknownOperationException`. An account without License Manager's core role is refused everything.
    pub fn handle(&mut self, ctx: &Ctx, operation: &str, input: &Value, orgs: &Organizations) -> Outcome {
        let ask = Ask::new(ctx, operation, input, errors::bad_member)?;
        check_role(ctx)?;
        match operation {
            "CreateLicenseConfiguration" => self.create(&ask),
            "DeleteLicenseConfiguration" => self.delete(&ask),
            "GetLicenseConfiguration" => self.get(&ask),
            "GetServiceSettings" => self.get_settings(&ask, orgs),
            "ListLicenseConfigurations" => self.list(&ask),
            "ListResourceInventory" => self.list_inventory(&ask, orgs),
            "ListTagsForResource" => self.list_tags(&ask),
            "TagResource" => self.tag(&ask),
            "UntagResource" => self.untag(&ask),
            "UpdateLicenseConfiguration" => self.update(&ask),
            "UpdateServiceSettings" => self.update_settings(&ask, orgs),
            other => Err(ServiceError::bad_request(
                "UnknownOperationException",
                format!("The local cloud does not serve license-manager {other}"),
            )),
        }
    }

    /// A license configuration in whatever status.
    pub fn license_configuration(&self, arn: &str) -> Option<&LicenseConfiguration> {
        self.configurations.iter().find(|found| found.arn == arn)
    }

    /// Every license configuration, oldest first, deleted ones among them.
    pub fn license_configurations(&self) -> &[LicenseConfiguration] {
        &self.configurations
    }

    /// Makes a license configuration of the caller in `ctx`, past every quota, and answers its ARN.
    pub fn create_license_configuration(&mut self, ctx: &Ctx, name: &str) -> String {
        self.add(ctx, name, "vCPU", Map::new(), BTreeMap::new())
    }

    /// Deletes a license configuration, in use or not. Unknown ARNs change nothing.
    pub fn delete_license_configuration(&mut self, arn: &str) {
        for found in self.configurations.iter_mut().filter(|found| found.arn == arn) {
            found.status = LicenseConfigurationStatus::Deleted;
        }
    }

    /// Sets how many licenses are in use. Unknown ARNs change nothing.
    pub fn set_consumed(&mut self, arn: &str, licenses: u64) {
        for found in self.configurations.iter_mut().filter(|found| found.arn == arn) {
            found.consumed = licenses;
        }
    }

    /// The caller's own license configuration that `LicenseConfigurationArn` names.
    fn owned_mut(&mut self, ask: &Ask<'_>) -> Result<&mut LicenseConfiguration, ServiceError> {
        self.owned_by_mut(ask, "LicenseConfigurationArn")
    }

    /// The caller's own license configuration that the member names, not deleted. One that is shared with the caller is
    /// `AccessDeniedException`: sharing gives no writes.
    fn owned_by_mut(
        &mut self,
        ask: &Ask<'_>,
        member: &str,
    ) -> Result<&mut LicenseConfiguration, ServiceError> {
        let arn = ask.members.required_text(member)?;
        if ask.ctx.shared_with_caller.iter().any(|shared| shared == arn) {
            return Err(errors::access_denied("You are not the owner of the license configuration"));
        }
        let mine = |found: &&mut LicenseConfiguration| {
            found.arn == arn
                && found.owner == ask.ctx.account()
                && found.region == ask.ctx.region
                && !found.is_deleted()
        };
        self.configurations.iter_mut().find(mine).ok_or_else(|| errors::no_configuration(arn))
    }
}

/// AWS's message begins so (license manager facts 1.5); a denied action has the same code.
fn check_role(ctx: &Ctx) -> Result<(), ServiceError> {
    if ctx.core_role {
        return Ok(());
    }
    Err(errors::access_denied(
        "Service role not found. Consult setup procedures in Service User Guide to create the required service role.",
    ))
}

/// `MaxResults`; the model sets no bounds, a number below 1 is refused (assumed).
fn page_size(ask: &Ask<'_>) -> Result<usize, ServiceError> {
    match ask.members.integer("MaxResults")? {
        None => Ok(ask.ctx.settings.pages.size),
        Some(number) => usize::try_from(number)
            .ok()
            .filter(|number| *number > 0)
            .ok_or_else(|| errors::invalid("MaxResults must be at least 1")),
    }
}

fn bad_token() -> ServiceError {
    errors::invalid("NextToken is not valid")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::testing::{desk, one};
    use super::*;
    use crate::testing::{MANAGER, MEMBER, code, ctx_of, refused};

    #[test]
    fn every_listed_operation_is_served_and_no_other() {
        for operation in OPERATIONS {
            let served = desk().manage(operation, json!({}));
            assert_ne!(
                served.err().map(|error| error.code),
                Some("UnknownOperationException"),
                "{operation}"
            );
        }
        assert_eq!(code(desk().manage("CreateGrant", json!({}))), "UnknownOperationException");
    }

    #[test]
    fn without_the_core_role_every_call_is_refused() {
        let mut ctx = ctx_of(MANAGER);
        ctx.core_role = false;
        for operation in OPERATIONS {
            let error = refused(desk().ask(&ctx, operation, json!({})));
            assert_eq!(error.code, "AccessDeniedException", "{operation}");
            assert!(error.message.starts_with("Service role not found"), "{operation}");
        }
    }

    #[test]
    fn what_is_shared_can_be_read_but_not_changed() {
        let mut desk = desk();
        let arn = desk.make("shared");
        let mut member = ctx_of(MEMBER);
        assert_eq!(
            code(desk.ask(&member, "GetLicenseConfiguration", one(&arn))),
            "InvalidParameterValueException"
        );
        member.shared_with_caller = vec![arn.clone()];
        let seen = desk.ask(&member, "GetLicenseConfiguration", one(&arn)).unwrap();
        assert_eq!((&seen["OwnerAccountId"], &seen["Name"]), (&json!(MANAGER), &json!("shared")));
        assert_eq!(code(desk.ask(&member, "DeleteLicenseConfiguration", one(&arn))), "AccessDeniedException");
    }

    #[test]
    fn license_configurations_are_regional() {
        let mut desk = desk();
        let arn = desk.make("here");
        let mut elsewhere = ctx_of(MANAGER);
        elsewhere.region = "eu-west-1".to_owned();
        let answer = desk.ask(&elsewhere, "GetLicenseConfiguration", one(&arn));
        assert_eq!(code(answer), "InvalidParameterValueException");
        let list = desk.ask(&elsewhere, "ListLicenseConfigurations", json!({})).unwrap();
        assert_eq!(list["LicenseConfigurations"], json!([]));
    }

    #[test]
    fn the_set_up_functions_make_and_delete() {
        let mut desk = desk();
        let arn = desk.service.create_license_configuration(&ctx_of(MEMBER), "made");
        let found = desk.service.license_configuration(&arn).unwrap();
        assert_eq!((found.owner.as_str(), found.status), (MEMBER, LicenseConfigurationStatus::Available));
        desk.service.delete_license_configuration(&arn);
        let found = desk.service.license_configuration(&arn).unwrap();
        assert_eq!(found.status, LicenseConfigurationStatus::Deleted);
    }
}
