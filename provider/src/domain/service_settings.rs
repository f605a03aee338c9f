//! License Manager's settings of one account and region (License Manager API reference, GetServiceSettings and
//! UpdateServiceSettings; license-manager facts 1.1 and 1.2).

use super::ShareArn;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The settings that are in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceSettings {
    /// `OrganizationConfiguration.EnableIntegration`: linked to the organization. False where License Manager says
    /// nothing.
    pub integration: bool,
    /// `EnableCrossAccountsDiscovery`, which cannot be switched off. False where License Manager says nothing.
    pub cross_account_discovery: bool,
    /// The ARN of the topic for alerts.
    pub sns_topic: Option<String>,
    /// The ARN of the bucket for reports and discovery data.
    pub s3_bucket: Option<String>,
    /// License Manager's own resource share, which appears some minutes after the link.
    pub resource_share: Option<ShareArn>,
    /// The region that discovery data of other regions goes to.
    pub discovery_home_region: Option<String>,
    /// The regions whose discovery data goes there.
    pub discovery_source_regions: Vec<String>,
    /// License Manager's own words on discovery, for a person: of the accounts first, then `<region>: <status>`. The
    /// possible words are not documented.
    pub discovery_status: Option<String>,
}

impl ServiceSettings {
    /// Whether discovery data comes from these regions, in whatever order and however often they are named. Whether
    /// `home`, where the settings are, counts as one of them is not documented (UNCONFIRMED): it makes no difference.
    pub fn has_sources(&self, regions: &[String], home: &str) -> bool {
        let set = |regions: &[String]| -> BTreeSet<String> {
            regions.iter().filter(|region| *region != home).cloned().collect()
        };
        set(regions) == set(&self.discovery_source_regions)
    }
}

/// What to change. Only what is `Some` is sent; that the rest stays as it is, is UNCONFIRMED.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SettingsChange {
    /// The link to the organization. What false does is UNCONFIRMED.
    pub integration: Option<bool>,
    /// Discovery over accounts. False is never to be sent: the user guide says that it cannot be switched off.
    pub cross_account_discovery: Option<bool>,
    /// The ARN of a topic whose name begins with `aws-license-manager-service-`.
    pub sns_topic: Option<String>,
    /// The ARN of a bucket whose name begins with `aws-license-manager-service-`.
    pub s3_bucket: Option<String>,
    /// All regions whose discovery data is to come.
    pub discovery_source_regions: Option<Vec<String>>,
}

impl SettingsChange {
    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// One change for each member that is named; together they are this one. The link comes first.
    pub fn one_by_one(&self) -> Vec<Self> {
        let none = Self::default;
        let each = [
            Self { integration: self.integration, ..none() },
            Self { cross_account_discovery: self.cross_account_discovery, ..none() },
            Self { sns_topic: self.sns_topic.clone(), ..none() },
            Self { s3_bucket: self.s3_bucket.clone(), ..none() },
            Self { discovery_source_regions: self.discovery_source_regions.clone(), ..none() },
        ];
        // The bucket comes before the search, which needs one.
        let [link, search, topic, bucket, regions] = each;
        [link, topic, bucket, search, regions].into_iter().filter(|one| !one.is_empty()).collect()
    }
}

impl SettingsChange {
    /// Takes over what `later` names.
    pub fn merge(&mut self, later: &Self) {
        let later = later.clone();
        self.integration = later.integration.or(self.integration);
        self.cross_account_discovery = later.cross_account_discovery.or(self.cross_account_discovery);
        self.sns_topic = later.sns_topic.or_else(|| self.sns_topic.take());
        self.s3_bucket = later.s3_bucket.or_else(|| self.s3_bucket.take());
        self.discovery_source_regions =
            later.discovery_source_regions.or_else(|| self.discovery_source_regions.take());
    }

    /// What of it, but for the link, the settings of the Region `home` do not have.
    #[must_use]
    pub fn missing_in(&self, settings: &ServiceSettings, home: &str) -> Self {
        let differs =
            |wanted: &Option<String>, there: &Option<String>| wanted.clone().filter(|_| wanted != there);
        let regions = self.discovery_source_regions.as_ref();
        Self {
            integration: None,
            cross_account_discovery: self
                .cross_account_discovery
                .filter(|wanted| *wanted != settings.cross_account_discovery),
            sns_topic: differs(&self.sns_topic, &settings.sns_topic),
            s3_bucket: differs(&self.s3_bucket, &settings.s3_bucket),
            discovery_source_regions: regions.filter(|regions| !settings.has_sources(regions, home)).cloned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_in_the_settings_is_what_differs_but_for_the_link() {
        let text = |text: &str| Some(text.to_owned());
        let mut change =
            SettingsChange { integration: Some(true), sns_topic: text("t"), ..SettingsChange::default() };
        change.merge(&SettingsChange {
            cross_account_discovery: Some(true),
            s3_bucket: text("b"),
            discovery_source_regions: Some(vec!["a".into(), "b".into()]),
            ..SettingsChange::default()
        });
        let missing = change.missing_in(&ServiceSettings::default(), "home");
        assert_eq!(missing, SettingsChange { integration: None, ..change.clone() });
        let there = ServiceSettings {
            cross_account_discovery: true,
            sns_topic: text("t"),
            s3_bucket: text("b"),
            discovery_source_regions: ["b", "home", "a", "b"].map(str::to_owned).to_vec(),
            ..ServiceSettings::default()
        };
        assert!(change.missing_in(&there, "home").is_empty());
        let other = ServiceSettings { sns_topic: text("other"), ..there };
        assert_eq!(change.missing_in(&other, "home").sns_topic, text("t"));
    }

    #[test]
    fn a_change_is_empty_only_where_no_member_is_named() {
        assert!(SettingsChange::default().is_empty());
        assert!(!SettingsChange { integration: Some(false), ..SettingsChange::default() }.is_empty());
        let regions = SettingsChange { discovery_source_regions: Some(vec![]), ..SettingsChange::default() };
        assert!(!regions.is_empty());
    }
}
