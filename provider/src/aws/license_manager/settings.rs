//! License Manager's settings of the account in the region, among them the link to the organization.

use super::{LicenseManager, operation, watched};
use crate::aws::error::{AwsError, Operation};
use crate::aws::watch::Watch;
use crate::domain::{ServiceSettings, SettingsChange};
use aws_sdk_licensemanager::operation::get_service_settings::GetServiceSettingsOutput;
use aws_sdk_licensemanager::types::{OrganizationConfiguration, ServiceStatus};
use std::collections::BTreeMap;

const GET: Operation = operation("GetServiceSettings");
const UPDATE: Operation = operation("UpdateServiceSettings");

impl LicenseManager {
    /// The settings in force.
    ///
    /// # Errors
    /// As at [`LicenseManager`]; ServiceRoleMissing until the core service-linked role is there.
    pub async fn service_settings(&self) -> Result<ServiceSettings, AwsError> {
        let watch = Watch::new(GET, self.until);
        let request = self.client.get_service_settings().customize().config_override(watched(&watch));
        watch.end(request.send()).await.map(settings)
    }

    /// Sends what is to change and nothing else; without anything to change, no call. It may be sent again: it has no
    /// token and says how things are to be. The effect is read back with [`Self::service_settings`].
    ///
    /// # Errors
    /// As at [`LicenseManager`].
    pub async fn update_service_settings(&self, change: &SettingsChange) -> Result<(), AwsError> {
        if change.is_empty() {
            return Ok(());
        }
        let integration = change
            .integration
            .map(|enable| OrganizationConfiguration::builder().enable_integration(enable).build());
        let request = self
            .client
            .update_service_settings()
            .set_organization_configuration(integration)
            .set_enable_cross_accounts_discovery(change.cross_account_discovery)
            .set_sns_topic_arn(change.sns_topic.clone())
            .set_s3_bucket_arn(change.s3_bucket.clone())
            .set_enabled_discovery_source_regions(change.discovery_source_regions.clone());
        let watch = Watch::new(UPDATE, self.until);
        watch.end(request.customize().config_override(watched(&watch)).send()).await?;
        Ok(())
    }
}

fn settings(answer: GetServiceSettingsOutput) -> ServiceSettings {
    ServiceSettings {
        integration: answer.organization_configuration.is_some_and(|link| link.enable_integration),
        cross_account_discovery: answer.enable_cross_accounts_discovery.unwrap_or(false),
        sns_topic: unless_empty(answer.sns_topic_arn),
        s3_bucket: unless_empty(answer.s3_bucket_arn),
        resource_share: answer.license_manager_resource_share_arn.and_then(|arn| arn.parse().ok()),
        discovery_home_region: unless_empty(answer.cross_region_discovery_home_region),
        discovery_source_regions: answer.cross_region_discovery_source_regions.unwrap_or_default(),
        discovery_status: answer.service_status.and_then(status),
    }
}

/// In a fixed order, so that the same status is the same text.
fn status(answer: ServiceStatus) -> Option<String> {
    let accounts = answer.cross_account_discovery.and_then(|accounts| accounts.message);
    let regions = answer.cross_region_discovery.and_then(|regions| regions.message).unwrap_or_default();
    let regions: BTreeMap<_, _> = regions.into_iter().collect();
    let regions = regions
        .into_iter()
        .filter_map(|(region, of_region)| Some(format!("{region}: {}", unless_empty(of_region.status)?)));
    let words: Vec<_> = unless_empty(accounts).into_iter().chain(regions).collect();
    unless_empty(Some(words.join("; ")))
}

fn unless_empty(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{FakeAws, Reply, assert_kinds};
    use crate::aws::{Clients, Deadline, ErrorKind};
    use serde_json::{Value, json};
    use std::time::Duration;

    const SHARE: &str = "arn:aws:ram:eu-west-1:111122223333:resource-share/uuid-1";
    const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:aws-license-manager-service-a";
    const BUCKET: &str = "arn:aws:s3:::aws-license-manager-service-b";

    fn license_manager(clients: &Clients) -> LicenseManager {
        clients.license_manager(Deadline::after(Duration::from_secs(5)))
    }

    async fn read(answer: Value) -> ServiceSettings {
        let aws = FakeAws::in_turn([Reply::Json(answer)]);
        let settings = license_manager(&aws.clients()).service_settings().await.unwrap();
        assert_eq!((aws.calls()[0].operation.as_str(), aws.count()), ("GetServiceSettings", 1));
        settings
    }

    async fn sent(change: &SettingsChange) -> Value {
        let aws = FakeAws::in_turn([Reply::Raw(200, "")]);
        license_manager(&aws.clients()).update_service_settings(change).await.unwrap();
        assert_eq!((aws.calls()[0].operation.as_str(), aws.count()), ("UpdateServiceSettings", 1));
        aws.calls()[0].body.clone()
    }

    #[tokio::test(start_paused = true)]
    async fn settings_of_a_linked_organization_are_read_whole() {
        let found = read(json!({
            "OrganizationConfiguration": {"EnableIntegration": true}, "EnableCrossAccountsDiscovery": true,
            "SnsTopicArn": TOPIC, "S3BucketArn": BUCKET, "LicenseManagerResourceShareArn": SHARE,
            "CrossRegionDiscoveryHomeRegion": "eu-west-1",
            "CrossRegionDiscoverySourceRegions": ["eu-west-2", "eu-west-3"],
            "ServiceStatus": {
                "CrossAccountDiscovery": {"Message": "ready"},
                "CrossRegionDiscovery": {"Message": {
                    "eu-west-3": {"Status": "FAILED"}, "eu-west-2": {"Status": "OK"}, "eu-west-4": {},
                }},
            },
        }));
        assert_eq!(
            found.await,
            ServiceSettings {
                integration: true,
                cross_account_discovery: true,
                sns_topic: Some(TOPIC.into()),
                s3_bucket: Some(BUCKET.into()),
                resource_share: Some(SHARE.parse().unwrap()),
                discovery_home_region: Some("eu-west-1".into()),
                discovery_source_regions: vec!["eu-west-2".into(), "eu-west-3".into()],
                discovery_status: Some("ready; eu-west-2: OK; eu-west-3: FAILED".into()),
            }
        );
    }

    #[tokio::test(start_paused = true)]
    async fn where_nothing_was_ever_set_all_is_off() {
        let off = json!({"OrganizationConfiguration": {"EnableIntegration": false}, "EnableCrossAccountsDiscovery": false});
        assert_eq!(read(off).await, ServiceSettings::default());
        assert_eq!(read(json!({"SnsTopicArn": "", "ServiceStatus": {}})).await, ServiceSettings::default());
    }

    #[tokio::test(start_paused = true)]
    async fn only_what_changes_is_sent() {
        let link = SettingsChange { integration: Some(true), ..SettingsChange::default() };
        assert_eq!(sent(&link).await, json!({"OrganizationConfiguration": {"EnableIntegration": true}}));
        let unlink = SettingsChange { integration: Some(false), ..SettingsChange::default() };
        assert_eq!(sent(&unlink).await, json!({"OrganizationConfiguration": {"EnableIntegration": false}}));
        let rest = SettingsChange {
            integration: None,
            cross_account_discovery: Some(true),
            sns_topic: Some(TOPIC.into()),
            s3_bucket: Some(BUCKET.into()),
            discovery_source_regions: Some(vec!["eu-west-2".into()]),
        };
        assert_eq!(
            sent(&rest).await,
            json!({
                "EnableCrossAccountsDiscovery": true, "SnsTopicArn": TOPIC, "S3BucketArn": BUCKET,
                "EnabledDiscoverySourceRegions": ["eu-west-2"],
            })
        );
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_change_nothing_is_sent() {
        let aws = FakeAws::in_turn([]);
        license_manager(&aws.clients()).update_service_settings(&SettingsChange::default()).await.unwrap();
        assert_eq!(aws.count(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn every_code_has_its_kind() {
        let read = [
            ("AccessDeniedException", 400, ErrorKind::AccessDenied),
            ("AuthorizationException", 400, ErrorKind::AccessDenied),
            ("RateLimitExceededException", 400, ErrorKind::Throttled),
            ("ServerInternalException", 500, ErrorKind::Unavailable),
        ];
        assert_kinds("License Manager", "GetServiceSettings", &read, async |clients| {
            license_manager(clients).service_settings().await.map(drop)
        })
        .await;
        let write = [
            ("ConflictException", 400, ErrorKind::Throttled),
            ("InvalidParameterValueException", 400, ErrorKind::Invalid),
            ("ValidationException", 400, ErrorKind::Invalid),
        ];
        let change = SettingsChange { integration: Some(true), ..SettingsChange::default() };
        assert_kinds(
            "License Manager",
            "UpdateServiceSettings",
            &[&read[..], &write].concat(),
            async |clients| license_manager(clients).update_service_settings(&change).await,
        )
        .await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_missing_core_role_is_told_from_a_denial() {
        let message = "Service role not found. Consult setup procedures in Service User Guide";
        let aws = FakeAws::new(move |_, _| Reply::Refuse(400, "AccessDeniedException", message));
        let error = license_manager(&aws.clients()).service_settings().await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::ServiceRoleMissing);
    }
}
