//! License Manager's settings of one account and region (License Manager API reference, GetServiceSettings and
//! UpdateServiceSettings; license-manager facts 1.1 and 1.2).

use super::ShareArn;

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

/// What to change. Only what is `Some` is sent; that the rest stays as it is, is UNCONFIRMED.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_empty_only_where_no_member_is_named() {
        assert!(SettingsChange::default().is_empty());
        assert!(!SettingsChange { integration: Some(false), ..SettingsChange::default() }.is_empty());
        let regions = SettingsChange { discovery_source_regions: Some(vec![]), ..SettingsChange::default() };
        assert!(!regions.is_empty());
    }
}
