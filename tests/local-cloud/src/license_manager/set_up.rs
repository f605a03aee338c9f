//! Changes service settings from outside, without a caller, for tests and the demo.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::LicenseManager;
use super::service_settings::{ServiceSettings, key};

/// Service settings to be set as if somebody had clicked them together; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SettingsPatch {
    /// Linked to Organizations. Trusted access and License Manager's share do not follow.
    pub integration: Option<bool>,
    /// Cross-account discovery.
    pub discovery: Option<bool>,
    /// The topic for alerts.
    pub sns_topic_arn: Option<String>,
    /// The bucket for reports and inventory.
    pub s3_bucket_arn: Option<String>,
    /// Regions whose licenses are discovered from here.
    pub source_regions: Option<Vec<String>>,
    /// License Manager's own share, as the settings name it; empty for none. The share itself stays as it is.
    pub resource_share_arn: Option<String>,
}

impl LicenseManager {
    /// Sets service settings of an account (12 digits) in a Region, whatever AWS would say to that.
    /// Discovery and source Regions count from `now`.
    pub fn set_service_settings(&mut self, account: &str, region: &str, patch: SettingsPatch, now: Duration) {
        let settings = self.services.entry(key(account, region)).or_default();
        let SettingsPatch {
            integration,
            discovery,
            sns_topic_arn,
            s3_bucket_arn,
            source_regions,
            resource_share_arn,
        } = patch;
        if let Some(arn) = resource_share_arn {
            settings.resource_share_arn = Some(arn).filter(|arn| !arn.is_empty());
        }
        settings.integration = integration.unwrap_or(settings.integration);
        if discovery == Some(true) && !settings.discovery {
            settings.discovery_since = now;
        }
        if source_regions.is_some() {
            settings.source_regions_since = now;
        }
        settings.discovery = discovery.unwrap_or(settings.discovery);
        settings.sns_topic_arn = sns_topic_arn.or(settings.sns_topic_arn.take());
        settings.s3_bucket_arn = s3_bucket_arn.or(settings.s3_bucket_arn.take());
        settings.source_regions = source_regions.unwrap_or(std::mem::take(&mut settings.source_regions));
    }

    /// Tells that License Manager's own share of an account and Region is there.
    pub fn share_created(&mut self, account: &str, region: &str, arn: &str) {
        self.services.entry(key(account, region)).or_default().resource_share_arn = Some(arn.to_owned());
    }

    /// Forgets License Manager's own share of an account and Region; its ARN.
    pub(crate) fn share_removed(&mut self, account: &str, region: &str) -> Option<String> {
        self.services.get_mut(&key(account, region))?.resource_share_arn.take()
    }

    /// The service settings that were ever set, by `<account>/<Region>`.
    pub fn all_service_settings(&self) -> &BTreeMap<String, ServiceSettings> {
        &self.services
    }

    /// Whether an account is linked to Organizations in a Region or more.
    pub fn is_linked_anywhere(&self, account: &str) -> bool {
        let prefix = key(account, "");
        self.services.iter().any(|(place, settings)| place.starts_with(&prefix) && settings.integration)
    }
}
