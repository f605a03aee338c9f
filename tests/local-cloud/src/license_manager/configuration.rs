//! A license configuration (the console calls it a self-managed license) and how it is shown.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value, json};

/// Where a license configuration is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LicenseConfigurationStatus {
    /// In force.
    Available,
    /// Switched off by its owner.
    Disabled,
    /// Deleted; GetLicenseConfiguration may still show it.
    Deleted,
}

impl LicenseConfigurationStatus {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "AVAILABLE",
            Self::Disabled => "DISABLED",
            Self::Deleted => "DELETED",
        }
    }
}

/// A license configuration.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LicenseConfiguration {
    /// `arn:<partition>:license-manager:<region>:<owner>:license-configuration:<id>`: a colon before the id.
    pub arn: String,
    /// `lic-` and 32 hexadecimal digits.
    pub id: String,
    /// Not unique.
    pub name: String,
    /// The owner's account id.
    pub owner: String,
    /// The Region that it exists in.
    pub region: String,
    /// Where it is in its life.
    pub status: LicenseConfigurationStatus,
    /// `vCPU`, `Instance`, `Core` or `Socket`.
    pub counting_type: String,
    /// Licenses in use. More than none means that it cannot be deleted.
    pub consumed: u64,
    /// When it was made, on the cloud's clock.
    pub created_at: Duration,
    pub(super) tags: BTreeMap<String, String>,
    /// `Description`, `LicenseCount`, `LicenseCountHardLimit`, `LicenseRules`, `DisassociateWhenNotFound`,
    /// `LicenseExpiry` and `ProductInformationList`, as given.
    pub(super) details: Map<String, Value>,
}

impl LicenseConfiguration {
    /// The number of licenses, where there is a limit.
    pub(super) fn count(&self) -> Option<i64> {
        self.details.get("LicenseCount").and_then(Value::as_i64)
    }

    pub(super) fn is_hard_limit(&self) -> bool {
        self.details.get("LicenseCountHardLimit").and_then(Value::as_bool).unwrap_or(false)
    }

    pub(crate) fn is_deleted(&self) -> bool {
        self.status == LicenseConfigurationStatus::Deleted
    }

    /// An element of ListLicenseConfigurations.
    pub(super) fn to_json(&self) -> Map<String, Value> {
        let mut shown = self.details.clone();
        let mut put = |name: &str, value: Value| shown.insert(name.to_owned(), value);
        put("LicenseConfigurationId", json!(self.id));
        put("LicenseConfigurationArn", json!(self.arn));
        put("Name", json!(self.name));
        put("LicenseCountingType", json!(self.counting_type));
        put("ConsumedLicenses", json!(self.consumed));
        put("Status", json!(self.status.as_str()));
        put("OwnerAccountId", json!(self.owner));
        let consumed = (self.consumed > 0)
            .then(|| json!({ "ResourceType": "EC2_INSTANCE", "ConsumedLicenses": self.consumed }));
        put("ConsumedLicenseSummaryList", consumed.into_iter().collect());
        let managed =
            (self.consumed > 0).then(|| json!({ "ResourceType": "EC2_INSTANCE", "AssociationCount": 1 }));
        put("ManagedResourceSummaryList", managed.into_iter().collect());
        shown
    }

    /// The answer of GetLicenseConfiguration: as in the list, and the tags.
    pub(super) fn to_json_with_tags(&self) -> Value {
        let mut shown = self.to_json();
        shown.insert("Tags".to_owned(), tags_to_json(&self.tags));
        Value::Object(shown)
    }
}

/// Tags as License Manager writes them.
pub(super) fn tags_to_json(tags: &BTreeMap<String, String>) -> Value {
    tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}
