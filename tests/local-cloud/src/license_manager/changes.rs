//! CreateLicenseConfiguration, UpdateLicenseConfiguration, DeleteLicenseConfiguration.
//!
//! There is no client token: a create that is sent twice makes two (license manager facts 2.2).

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::configuration::{LicenseConfiguration, LicenseConfigurationStatus};
use super::details::details_in;
use super::tags::tags_in;
use super::{LicenseManager, errors};
use crate::Ctx;
use crate::ask::Ask;
use crate::error::{Outcome, ServiceError};

const DAY: Duration = Duration::from_secs(24 * 3600);
/// The one rule that can be added later (AWS License Manager API reference, UpdateLicenseConfiguration).
const LATE_RULE: &str = "#licenseAffinityToHost=";

impl LicenseManager {
    pub(super) fn create(&mut self, ask: &Ask<'_>) -> Outcome {
        let name = ask.members.required_text("Name")?;
        let counting =
            ask.members.required_one_of("LicenseCountingType", &["vCPU", "Instance", "Core", "Socket"])?;
        let details = details_in(&ask.members)?;
        let tags = tags_in(&ask.members)?.unwrap_or_default();
        self.check_quota(ask.ctx)?;
        let arn = self.add(ask.ctx, name, counting, details, tags);
        Ok(json!({ "LicenseConfigurationArn": arn }))
    }

    fn check_quota(&self, ctx: &Ctx) -> Result<(), ServiceError> {
        let settings = &ctx.settings.license_manager;
        let mine = || {
            self.configurations
                .iter()
                .filter(|found| found.owner == ctx.account() && found.region == ctx.region)
        };
        if mine().filter(|found| !found.is_deleted()).count() >= settings.quota {
            return Err(errors::limit(
                "You have reached the maximum allowed number of license configurations",
            ));
        }
        let today = mine().filter(|found| ctx.now.saturating_sub(found.created_at) < DAY).count();
        if settings.creations_a_day.is_some_and(|limit| today >= limit) {
            let message =
                "You have reached the maximum allowed number of license configurations created in one day";
            return Err(errors::limit(message));
        }
        Ok(())
    }

    /// Makes a license configuration of the caller's account and answers its ARN.
    pub(super) fn add(
        &mut self,
        ctx: &Ctx,
        name: &str,
        counting_type: &str,
        details: Map<String, Value>,
        tags: BTreeMap<String, String>,
    ) -> String {
        let id = format!("lic-{}", self.ids.uuid().replace('-', ""));
        let (partition, region, owner) = (&ctx.partition, &ctx.region, ctx.account());
        let arn = format!("arn:{partition}:license-manager:{region}:{owner}:license-configuration:{id}");
        self.configurations.push(LicenseConfiguration {
            arn: arn.clone(),
            id,
            name: name.to_owned(),
            owner: owner.to_owned(),
            region: region.clone(),
            status: LicenseConfigurationStatus::Available,
            counting_type: counting_type.to_owned(),
            consumed: 0,
            created_at: ctx.now,
            tags,
            details,
        });
        arn
    }

    pub(super) fn update(&mut self, ask: &Ask<'_>) -> Outcome {
        let status = ask.members.one_of("LicenseConfigurationStatus", &["AVAILABLE", "DISABLED"])?;
        let name = ask.members.text("Name")?;
        let details = details_in(&ask.members)?;
        let found = self.owned_mut(ask)?;
        check_update(found, &details)?;
        found.details.extend(details);
        if let Some(name) = name {
            name.clone_into(&mut found.name);
        }
        match status {
            Some("DISABLED") => found.status = LicenseConfigurationStatus::Disabled,
            Some(_) => found.status = LicenseConfigurationStatus::Available,
            None => {}
        }
        Ok(json!({}))
    }

    /// Deletion is soft: the status becomes DELETED.
    pub(super) fn delete(&mut self, ask: &Ask<'_>) -> Outcome {
        let found = self.owned_mut(ask)?;
        if found.consumed > 0 {
            return Err(errors::invalid("You cannot delete a license configuration that is in use"));
        }
        found.status = LicenseConfigurationStatus::Deleted;
        Ok(json!({}))
    }
}

fn check_update(found: &LicenseConfiguration, details: &Map<String, Value>) -> Result<(), ServiceError> {
    if let Some(rules) = details.get("LicenseRules") {
        check_rules(found.details.get("LicenseRules"), rules)?;
    }
    let count = details.get("LicenseCount").and_then(Value::as_i64).or(found.count());
    let hard = details.get("LicenseCountHardLimit").and_then(Value::as_bool).unwrap_or(found.is_hard_limit());
    let used = i64::try_from(found.consumed).unwrap_or(i64::MAX);
    if hard && count.is_some_and(|count| count < used) {
        return Err(errors::limit("The license count is lower than the number of licenses in use"));
    }
    Ok(())
}

/// Rules stay as they are, but for one kind that can be added.
fn check_rules(before: Option<&Value>, wanted: &Value) -> Result<(), ServiceError> {
    let rules = |value: Option<&Value>| -> Vec<String> {
        let list = value.and_then(Value::as_array).into_iter().flatten();
        list.filter_map(Value::as_str)
            .filter(|rule| !rule.starts_with(LATE_RULE))
            .map(str::to_owned)
            .collect()
    };
    if rules(before) == rules(Some(wanted)) {
        return Ok(());
    }
    Err(errors::invalid("License rules cannot be changed; only licenseAffinityToHost can be added"))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{desk, one};
    use super::*;
    use crate::testing::{MANAGER, code, ctx_of, ctx_with, refused};

    #[test]
    fn arns_have_a_colon_before_the_id() {
        let arn = desk().make("a");
        let id =
            arn.strip_prefix("arn:aws:license-manager:us-east-1:111111111111:license-configuration:lic-");
        let id = id.unwrap();
        assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{arn}");
    }

    #[test]
    fn a_create_that_is_sent_twice_makes_two() {
        let mut desk = desk();
        assert_ne!(desk.make("same"), desk.make("same"));
    }

    #[test]
    fn everything_given_is_shown_again() {
        let mut desk = desk();
        let input = json!({
            "Name": "all", "LicenseCountingType": "Core", "Description": "d", "LicenseCount": 5,
            "LicenseCountHardLimit": true, "LicenseRules": ["#minimumCores=2"], "DisassociateWhenNotFound": true,
            "LicenseExpiry": 4_000_000_000_i64, "Tags": [{ "Key": "k", "Value": "v" }],
            "ProductInformationList": [{
                "ResourceType": "SSM_MANAGED",
                "ProductInformationFilterList": [{
                    "ProductInformationFilterName": "Application Name",
                    "ProductInformationFilterValue": ["x"],
                    "ProductInformationFilterComparator": "EQUALS",
                }],
            }],
        });
        let made = desk.manage("CreateLicenseConfiguration", input.clone()).unwrap();
        let arn = made["LicenseConfigurationArn"].as_str().unwrap();
        let shown = desk.manage("GetLicenseConfiguration", one(arn)).unwrap();
        for (name, value) in input.as_object().unwrap() {
            assert_eq!(&shown[name], value, "{name}");
        }
        assert_eq!(shown["Status"], "AVAILABLE");
    }

    #[test]
    fn bad_members_are_refused() {
        let refusals = [
            json!({ "LicenseCountingType": "vCPU" }),
            json!({ "Name": "a" }),
            json!({ "Name": "a", "LicenseCountingType": "VCPU" }),
            json!({ "Name": "a", "LicenseCountingType": "vCPU", "LicenseCount": "5" }),
            json!({ "Name": "a", "LicenseCountingType": "vCPU", "LicenseCount": -1 }),
            json!({ "Name": "a", "LicenseCountingType": "vCPU", "LicenseRules": ["minimumCores=2"] }),
            json!({ "Name": "a", "LicenseCountingType": "vCPU", "Tags": [{ "Key": "aws:x", "Value": "" }] }),
            json!({ "Name": "a", "LicenseCountingType": "vCPU", "ProductInformationList": [{}] }),
        ];
        for input in refusals {
            let answer = desk().manage("CreateLicenseConfiguration", input.clone());
            assert_eq!(code(answer), "InvalidParameterValueException", "{input}");
        }
    }

    #[test]
    fn the_quota_counts_what_is_not_deleted_and_the_daily_limit_counts_all() {
        let mut desk = desk();
        let input = json!({ "Name": "a", "LicenseCountingType": "vCPU" });
        let ctx = ctx_with(MANAGER, |settings| settings.license_manager.quota = 1);
        let arn = desk.make("a");
        assert_eq!(
            code(desk.ask(&ctx, "CreateLicenseConfiguration", input.clone())),
            "ResourceLimitExceededException"
        );
        desk.manage("DeleteLicenseConfiguration", one(&arn)).unwrap();
        desk.ask(&ctx, "CreateLicenseConfiguration", input.clone()).unwrap();
        let mut ctx = ctx_with(MANAGER, |settings| settings.license_manager.creations_a_day = Some(2));
        let error = refused(desk.ask(&ctx, "CreateLicenseConfiguration", input.clone()));
        assert!(error.message.ends_with("created in one day"), "{error:?}");
        ctx.now = DAY;
        desk.ask(&ctx, "CreateLicenseConfiguration", input).unwrap();
    }

    #[test]
    fn one_in_use_is_not_deleted() {
        let mut desk = desk();
        let arn = desk.make("a");
        desk.service.set_consumed(&arn, 1);
        assert_eq!(
            code(desk.manage("DeleteLicenseConfiguration", one(&arn))),
            "InvalidParameterValueException"
        );
        desk.service.set_consumed(&arn, 0);
        desk.manage("DeleteLicenseConfiguration", one(&arn)).unwrap();
        assert_eq!(
            code(desk.manage("DeleteLicenseConfiguration", one(&arn))),
            "InvalidParameterValueException"
        );
    }

    #[test]
    fn an_update_changes_what_is_given_and_nothing_else() {
        let mut desk = desk();
        let arn = desk.make("before");
        let mut update = |change: Value| {
            let mut input = one(&arn);
            input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            desk.manage("UpdateLicenseConfiguration", input).unwrap();
            desk.manage("GetLicenseConfiguration", one(&arn)).unwrap()
        };
        let counted = update(json!({ "LicenseCount": 3 }));
        assert_eq!((&counted["LicenseCount"], &counted["Name"]), (&json!(3), &json!("before")));
        let disabled = update(json!({ "LicenseConfigurationStatus": "DISABLED", "Name": "after" }));
        assert_eq!((&disabled["Status"], &disabled["Name"]), (&json!("DISABLED"), &json!("after")));
        assert_eq!(disabled["LicenseCount"], 3);
        assert_eq!(update(json!({ "LicenseConfigurationStatus": "AVAILABLE" }))["Status"], "AVAILABLE");
    }

    #[test]
    fn rules_stay_but_for_the_affinity_to_hosts() {
        let mut desk = desk();
        let input =
            json!({ "Name": "a", "LicenseCountingType": "Core", "LicenseRules": ["#minimumCores=2"] });
        let made = desk.manage("CreateLicenseConfiguration", input).unwrap();
        let mut update = |rules: &[&str]| {
            let input =
                json!({ "LicenseConfigurationArn": made["LicenseConfigurationArn"], "LicenseRules": rules });
            desk.manage("UpdateLicenseConfiguration", input)
        };
        update(&["#minimumCores=2", "#licenseAffinityToHost=30"]).unwrap();
        assert_eq!(code(update(&["#minimumCores=4"])), "InvalidParameterValueException");
    }

    #[test]
    fn a_hard_limit_below_what_is_used_is_refused() {
        let mut desk = desk();
        let arn = desk.make("a");
        desk.service.set_consumed(&arn, 4);
        let input =
            json!({ "LicenseConfigurationArn": arn, "LicenseCount": 3, "LicenseCountHardLimit": true });
        assert_eq!(code(desk.manage("UpdateLicenseConfiguration", input)), "ResourceLimitExceededException");
    }

    #[test]
    fn the_counting_type_is_no_input_of_an_update() {
        let mut desk = desk();
        let arn = desk.make("a");
        let input = json!({ "LicenseConfigurationArn": arn, "LicenseCountingType": "Core" });
        desk.ask(&ctx_of(MANAGER), "UpdateLicenseConfiguration", input).unwrap();
        let shown = desk.manage("GetLicenseConfiguration", one(&arn)).unwrap();
        assert_eq!(shown["LicenseCountingType"], "vCPU");
    }
}
