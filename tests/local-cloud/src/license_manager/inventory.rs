//! ListResourceInventory: what Systems Manager found, as set up by a test; the local cloud collects nothing by itself.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{LicenseManager, errors};
use crate::Ctx;
use crate::ask::Ask;
use crate::error::{Outcome, ServiceError};
use crate::organizations::Organizations;

/// One machine in the inventory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InventoryRow {
    /// Such as `i-0123456789abcdef0`.
    pub resource_id: String,
    /// The account that owns the machine.
    pub account: String,
    /// The Region that it is in.
    pub region: String,
    /// Such as `Amazon Linux`.
    pub platform: String,
    /// Names of installed applications; filters can ask for them.
    #[serde(default)]
    pub applications: Vec<String>,
}

impl InventoryRow {
    fn to_json(&self, partition: &str) -> Value {
        let Self { resource_id, account, region, platform, .. } = self;
        json!({
            "ResourceId": resource_id,
            "ResourceType": "EC2_INSTANCE",
            "ResourceArn": format!("arn:{partition}:ec2:{region}:{account}:instance/{resource_id}"),
            "Platform": platform,
            "ResourceOwningAccountId": account,
            "Region": region,
        })
    }

    /// What a filter of this name looks at; `None` where the local cloud does not know the filter.
    fn values(&self, filter: &str) -> Option<Vec<&str>> {
        match filter {
            "account_id" => Some(vec![&self.account]),
            "resource_id" => Some(vec![&self.resource_id]),
            "platform" => Some(vec![&self.platform]),
            "application_name" => Some(self.applications.iter().map(String::as_str).collect()),
            _ => None,
        }
    }
}

impl LicenseManager {
    /// Puts a machine into the inventory.
    pub fn add_inventory(&mut self, row: InventoryRow) {
        self.inventory.push(row);
    }

    /// The caller's own machines; those of the whole organization where the caller manages it, or is License Manager's
    /// delegated administrator, and cross-account discovery has been on for the time that is set.
    pub(super) fn list_inventory(&self, ask: &Ask<'_>, orgs: &Organizations) -> Outcome {
        let filters = filters_in(ask)?;
        let since = self.searching_all_accounts_since(ask.ctx, orgs);
        let seen = |row: &&InventoryRow| {
            let found = || since.is_some_and(|since| is_found(row, ask.ctx, orgs, since));
            row.region == ask.ctx.region && (row.account == ask.ctx.account() || found())
        };
        let taken = |row: &&InventoryRow| filters.iter().all(|filter| filter.takes(row));
        let rows = self.inventory.iter().filter(seen).filter(taken);
        let shown = rows.map(|row| row.to_json(&ask.ctx.partition)).collect();
        let size = super::page_size(ask)?;
        ask.page("ResourceInventoryList", shown, size).map_err(|error| error.or(super::bad_token()))
    }
}

/// Whether discovery that is on since `since` has found a machine of another account in the organization.
fn is_found(row: &InventoryRow, ctx: &Ctx, orgs: &Organizations, since: Duration) -> bool {
    let organization = orgs.organization_of(ctx.account()).filter(|org| org.is_active(&row.account));
    let joined = organization.and_then(|org| org.account(&row.account)).map(|account| account.joined_at);
    let delay = ctx.settings.license_manager.discovery_delay;
    joined.is_some_and(|joined| ctx.now >= joined.max(since) + delay)
}

#[derive(Debug)]
struct Filter<'a> {
    name: &'a str,
    condition: &'a str,
    value: &'a str,
}

impl Filter<'_> {
    fn takes(&self, row: &InventoryRow) -> bool {
        let values = row.values(self.name).unwrap_or_default();
        let any = |test: fn(&str, &str) -> bool| values.iter().any(|value| test(value, self.value));
        match self.condition {
            "NOT_EQUALS" => !any(|value, wanted| value == wanted),
            "BEGINS_WITH" => any(|value, wanted| value.starts_with(wanted)),
            "CONTAINS" => any(|value, wanted| value.contains(wanted)),
            _ => any(|value, wanted| value == wanted),
        }
    }
}

fn filters_in<'a>(ask: &Ask<'a>) -> Result<Vec<Filter<'a>>, ServiceError> {
    let read = ask.members.structures("Filters")?.unwrap_or_default().into_iter().map(|filter| {
        let name = filter.required_text("Name")?;
        if !["account_id", "resource_id", "platform", "application_name"].contains(&name) {
            return Err(errors::invalid(format!(
                "The local cloud does not know the inventory filter {name}"
            )));
        }
        let conditions = ["EQUALS", "NOT_EQUALS", "BEGINS_WITH", "CONTAINS"];
        let condition = filter.required_one_of("Condition", &conditions)?;
        Ok(Filter { name, condition, value: filter.text("Value")?.unwrap_or_default() })
    });
    read.collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Desk, desk};
    use super::*;
    use crate::organizations::Joined;
    use crate::testing::{MANAGER, MEMBER, OUTSIDER, code, ctx_of, ctx_with};

    fn stocked() -> Desk {
        let mut desk = desk();
        for (resource_id, account, platform) in
            [("i-1", MANAGER, "Windows"), ("i-2", MEMBER, "Amazon Linux"), ("i-3", OUTSIDER, "Windows")]
        {
            desk.service.add_inventory(InventoryRow {
                resource_id: resource_id.to_owned(),
                account: account.to_owned(),
                region: "us-east-1".to_owned(),
                platform: platform.to_owned(),
                applications: vec!["Oracle".to_owned()],
            });
        }
        desk
    }

    fn ids(answer: &Value) -> Vec<&str> {
        let rows = answer["ResourceInventoryList"].as_array().unwrap().iter();
        rows.map(|row| row["ResourceId"].as_str().unwrap()).collect()
    }

    #[test]
    fn discovery_shows_the_manager_the_whole_organization_and_members_their_own() {
        let mut desk = stocked();
        assert_eq!(ids(&desk.manage("ListResourceInventory", json!({})).unwrap()), ["i-1"]);
        let settings = json!({
            "EnableCrossAccountsDiscovery": true, "S3BucketArn": "arn:aws:s3:::aws-license-manager-service-x",
        });
        desk.manage("UpdateServiceSettings", settings).unwrap();
        assert_eq!(ids(&desk.manage("ListResourceInventory", json!({})).unwrap()), ["i-1", "i-2"]);
        let seen = desk.ask(&ctx_of(MEMBER), "ListResourceInventory", json!({})).unwrap();
        assert_eq!(ids(&seen), ["i-2"]);
    }

    #[test]
    fn other_accounts_show_after_the_time_that_discovery_takes() {
        let mut desk = stocked();
        let at = |seconds| {
            let mut ctx = ctx_with(MANAGER, |settings| {
                settings.license_manager.discovery_delay = Duration::from_secs(60);
            });
            ctx.now = Duration::from_secs(seconds);
            ctx
        };
        let settings = json!({
            "EnableCrossAccountsDiscovery": true, "S3BucketArn": "arn:aws:s3:::aws-license-manager-service-x",
        });
        desk.ask(&at(100), "UpdateServiceSettings", settings).unwrap();
        let id = desk.orgs.organization_of(MANAGER).unwrap().id.clone();
        let joined = Duration::from_secs(130);
        assert!(desk.orgs.add_account(&id, OUTSIDER, None, Joined::Invited, joined));
        let mut seen = |seconds| {
            let answer = desk.ask(&at(seconds), "ListResourceInventory", json!({})).unwrap();
            ids(&answer).len()
        };
        assert_eq!([seen(159), seen(160), seen(189), seen(190)], [1, 2, 2, 3]);
    }

    #[test]
    fn filters_narrow_the_rows() {
        let mut desk = stocked();
        let mut shown = |name: &str, condition: &str, value: &str| {
            let input = json!({ "Filters": [{ "Name": name, "Condition": condition, "Value": value }] });
            ids(&desk.manage("ListResourceInventory", input).unwrap()).len()
        };
        assert_eq!((shown("platform", "EQUALS", "Windows"), shown("platform", "EQUALS", "Win")), (1, 0));
        assert_eq!(
            (shown("platform", "BEGINS_WITH", "Win"), shown("platform", "NOT_EQUALS", "Windows")),
            (1, 0)
        );
        assert_eq!((shown("resource_id", "CONTAINS", "-1"), shown("account_id", "EQUALS", MEMBER)), (1, 0));
        assert_eq!(shown("application_name", "EQUALS", "Oracle"), 1);
    }

    #[test]
    fn an_unknown_filter_or_condition_is_refused() {
        for (name, condition) in [("colour", "EQUALS"), ("platform", "LIKE")] {
            let input = json!({ "Filters": [{ "Name": name, "Condition": condition }] });
            let answer = stocked().manage("ListResourceInventory", input);
            assert_eq!(code(answer), "InvalidParameterValueException");
        }
    }
}
