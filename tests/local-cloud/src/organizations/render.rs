//! Organizations' answers as JSON, shapes of the AWS Organizations API reference.

use serde_json::{Map, Value, json};

use super::organization::{Account, Organization, Unit};
use crate::Ctx;

impl Organization {
    pub(super) fn to_json(&self) -> Value {
        json!({
            "Id": self.id,
            "Arn": self.arn,
            "FeatureSet": self.feature_set.as_str(),
            "MasterAccountArn": self.arn_for("account", &self.management_account),
            "MasterAccountId": self.management_account,
            "MasterAccountEmail": email_of(&self.management_account),
            "AvailablePolicyTypes": [],
        })
    }

    pub(super) fn root_to_json(&self) -> Value {
        json!({
            "Id": self.root,
            "Arn": self.arn_for("root", &self.root),
            "Name": "Root",
            "PolicyTypes": [],
        })
    }

    pub(super) fn unit_to_json(&self, unit: &Unit) -> Value {
        json!({
            "Id": unit.id,
            "Arn": self.arn_for("ou", &unit.id),
            "Name": unit.name,
            "Path": self.path_to(&unit.id),
        })
    }

    /// An account as ListAccounts and DescribeAccount show it.
    pub(super) fn account_to_json(&self, ctx: &Ctx, account: &Account) -> Value {
        let mut members = self.account_members(ctx, account);
        let path = format!("{}{}/", self.path_to(&account.parent), account.id);
        members.insert("Paths".to_owned(), json!([path]));
        Value::Object(members)
    }

    /// What accounts and delegated administrators have in common.
    pub(super) fn account_members(&self, ctx: &Ctx, account: &Account) -> Map<String, Value> {
        let state = account.state.name_at(ctx.now);
        let mut members = Map::new();
        members.insert("Id".to_owned(), json!(account.id));
        members.insert("Arn".to_owned(), json!(self.arn_for("account", &account.id)));
        members.insert("Email".to_owned(), json!(email_of(&account.id)));
        members.insert("Name".to_owned(), json!(account.name));
        members.insert("State".to_owned(), json!(state));
        members.insert("JoinedMethod".to_owned(), json!(account.joined.as_str()));
        members.insert("JoinedTimestamp".to_owned(), ctx.timestamp(account.joined_at));
        if ctx.settings.organizations.account_status {
            let status = if state == "CLOSED" { "SUSPENDED" } else { state };
            members.insert("Status".to_owned(), json!(status));
        }
        members
    }
}

fn email_of(account: &str) -> String {
    format!("account-{account}@example.com")
}
