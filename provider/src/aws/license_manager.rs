//! AWS License Manager, as far as sharing needs it (License Manager API reference; license-manager facts 2).

use super::deadline::Deadline;
use super::error::{AwsError, ErrorKind, Operation};
use super::pages::Pages;
use super::watch::Watch;
use crate::domain::{LicenseConfiguration, LicenseConfigurationArn, LicenseConfigurationStatus};
use aws_sdk_licensemanager::types::LicenseConfiguration as Listed;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures_util::{StreamExt, TryStreamExt, stream};
use std::error::Error;
use std::fmt;

const LIST: Operation = operation("ListLicenseConfigurations");
const GET: Operation = operation("GetLicenseConfiguration");

/// ARNs a call. License Manager names no bound.
const CHUNK: usize = 100;

/// Calls at a time where license configurations must be asked for one by one.
const AT_A_TIME: usize = 4;

const fn operation(name: &'static str) -> Operation {
    Operation { service: "License Manager", name }
}

/// License Manager with one deadline for every call.
///
/// Errors of all methods: what License Manager says, by [`ErrorKind`], after throttling, 5xx, resets and hangs were
/// retried until the deadline.
#[derive(Clone)]
pub struct LicenseManager {
    client: aws_sdk_licensemanager::Client,
    until: Deadline,
}

impl LicenseManager {
    pub(super) fn new(client: aws_sdk_licensemanager::Client, until: Deadline) -> Self {
        Self { client, until }
    }

    /// Those of the license configurations that License Manager has, in no particular order, deleted ones that it still
    /// lists included.
    ///
    /// What the list says of an unknown ARN is UNCONFIRMED: it may leave it out, or refuse the whole call as
    /// InvalidParameterValueException. Then each is asked for by itself, and that exception, which License Manager has in
    /// place of a "not found", means that it is not there.
    ///
    /// # Errors
    /// As at [`LicenseManager`].
    pub async fn find_license_configurations(
        &self,
        arns: &[LicenseConfigurationArn],
    ) -> Result<Vec<LicenseConfiguration>, AwsError> {
        let mut found = Vec::new();
        for some in arns.chunks(CHUNK) {
            match self.list(some).await {
                Ok(listed) => found.extend(listed),
                Err(error) if is_bad_value(&error) => found.extend(self.get_each(some).await?),
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    /// What is listed beyond the ARNs is left out: to be sure, no emulator takes this filter for granted.
    async fn list(&self, arns: &[LicenseConfigurationArn]) -> Result<Vec<LicenseConfiguration>, AwsError> {
        let listed = self.list_pages(arns).await?.into_iter().filter_map(|one| {
            domain(one.license_configuration_arn, one.name, one.owner_account_id, one.status)
        });
        Ok(listed.filter(|one| arns.contains(&one.arn)).collect())
    }

    async fn list_pages(&self, arns: &[LicenseConfigurationArn]) -> Result<Vec<Listed>, AwsError> {
        let texts = arns.iter().map(ToString::to_string).collect();
        let request = self.client.list_license_configurations().set_license_configuration_arns(Some(texts));
        let mut pages = Pages::of(LIST);
        while pages.has_more() {
            let request = request.clone().set_next_token(pages.token());
            let watch = Watch::new(LIST, self.until);
            let answer = watch.end(request.customize().config_override(watched(&watch)).send()).await?;
            pages.add(answer.license_configurations, answer.next_token)?;
        }
        Ok(pages.into_items())
    }

    async fn get_each(
        &self,
        arns: &[LicenseConfigurationArn],
    ) -> Result<Vec<LicenseConfiguration>, AwsError> {
        let asked: Vec<_> = arns.iter().map(|arn| self.get(arn)).collect();
        let found: Vec<_> = stream::iter(asked).buffered(AT_A_TIME).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn get(&self, arn: &LicenseConfigurationArn) -> Result<Option<LicenseConfiguration>, AwsError> {
        let request = self.client.get_license_configuration().license_configuration_arn(arn.as_str());
        let watch = Watch::new(GET, self.until);
        match watch.end(request.customize().config_override(watched(&watch)).send()).await {
            Ok(answer) => {
                Ok(domain(Some(arn.to_string()), answer.name, answer.owner_account_id, answer.status))
            }
            Err(error) if is_bad_value(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// `None` for what has no ARN of a license configuration, which is none that was asked for.
fn domain(
    arn: Option<String>,
    name: Option<String>,
    owner: Option<String>,
    status: Option<String>,
) -> Option<LicenseConfiguration> {
    Some(LicenseConfiguration {
        arn: arn?.parse().ok()?,
        name: name.unwrap_or_default(),
        owner: owner.and_then(|id| id.parse().ok()),
        status: LicenseConfigurationStatus::from(status.unwrap_or_default().as_str()),
    })
}

fn is_bad_value(error: &AwsError) -> bool {
    error.kind == ErrorKind::Invalid && error.code.as_deref() == Some("InvalidParameterValueException")
}

/// The configuration of one call that is watched.
fn watched<E>(watch: &Watch<E>) -> aws_sdk_licensemanager::config::Builder
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    aws_sdk_licensemanager::config::Builder::new().interceptor(watch.clone()).retry_classifier(watch.clone())
}

impl fmt::Debug for LicenseManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LicenseManager").field("until", &self.until).finish_non_exhaustive()
    }
}
