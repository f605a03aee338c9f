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
