//! AWS License Manager, as far as sharing and the link to the organization need it (License Manager API reference;
//! license-manager facts 1 and 2).

mod settings;

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

    /// All license configurations that the account can see: its own, and those that others share with it (that the list
    /// holds these is UNCONFIRMED, but [`LicenseConfiguration::owner`] has no other use).
    ///
    /// # Errors
    /// As at [`LicenseManager`].
    pub async fn visible_license_configurations(&self) -> Result<Vec<LicenseConfiguration>, AwsError> {
        Ok(self.list_pages(None).await?.into_iter().filter_map(listed).collect())
    }

    /// The list's filter is not relied upon: what was not asked for is left out.
    async fn list(&self, arns: &[LicenseConfigurationArn]) -> Result<Vec<LicenseConfiguration>, AwsError> {
        let found = self.list_pages(Some(arns)).await?.into_iter().filter_map(listed);
        Ok(found.filter(|one| arns.contains(&one.arn)).collect())
    }

    /// `None` lists all.
    async fn list_pages(&self, arns: Option<&[LicenseConfigurationArn]>) -> Result<Vec<Listed>, AwsError> {
        let texts = arns.map(|arns| arns.iter().map(ToString::to_string).collect());
        let request = self.client.list_license_configurations().set_license_configuration_arns(texts);
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

fn listed(one: Listed) -> Option<LicenseConfiguration> {
    domain(one.license_configuration_arn, one.name, one.owner_account_id, one.status)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{Call, FakeAws, Reply};
    use serde_json::json;
    use std::time::Duration;

    fn arn(number: usize) -> String {
        format!("arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-{number}")
    }

    fn arns(count: usize) -> Vec<LicenseConfigurationArn> {
        (0..count).map(|number| arn(number).parse().unwrap()).collect()
    }

    fn configuration(arn: &str, status: &str) -> serde_json::Value {
        json!({"LicenseConfigurationArn": arn, "Name": "sql", "OwnerAccountId": "111122223333", "Status": status})
    }

    fn asked(call: &Call) -> Vec<String> {
        serde_json::from_value(call.body["LicenseConfigurationArns"].clone()).unwrap()
    }

    async fn find(aws: &FakeAws, count: usize) -> Result<Vec<LicenseConfiguration>, AwsError> {
        let license_manager = aws.clients().license_manager(Deadline::after(Duration::from_secs(100)));
        license_manager.find_license_configurations(&arns(count)).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_hundred_and_fifty_are_read_in_two_calls() {
        let aws = FakeAws::new(|_, call| {
            let list: Vec<_> = asked(call).iter().map(|arn| configuration(arn, "AVAILABLE")).collect();
            Reply::Json(json!({"LicenseConfigurations": list}))
        });
        let found = find(&aws, 150).await.unwrap();
        assert_eq!(found.iter().map(|one| one.arn.clone()).collect::<Vec<_>>(), arns(150));
        assert_eq!(aws.calls().iter().map(|call| asked(call).len()).collect::<Vec<_>>(), [100, 50]);
        assert_eq!(aws.calls()[0].operation, "ListLicenseConfigurations");
    }

    #[tokio::test(start_paused = true)]
    async fn pages_are_read_to_the_last_and_others_are_left_out() {
        let aws = FakeAws::in_turn([
            Reply::Json(json!({"LicenseConfigurations": [], "NextToken": "two"})),
            Reply::Json(json!({"LicenseConfigurations": [
                configuration(&arn(7), "AVAILABLE"), configuration(&arn(1), "DELETED"),
            ], "NextToken": "three"})),
            Reply::Json(json!({"LicenseConfigurations": [configuration(&arn(0), "NEW")]})),
        ]);
        let found = find(&aws, 2).await.unwrap();
        let seen: Vec<_> = found.iter().map(|one| (one.arn.as_str(), &one.status)).collect();
        let (first, second) = (arn(1), arn(0));
        let new = LicenseConfigurationStatus::Unknown("NEW".into());
        assert_eq!(seen, [(first.as_str(), &LicenseConfigurationStatus::Deleted), (second.as_str(), &new)]);
        assert_eq!(found[0].owner, Some("111122223333".parse().unwrap()));
        assert_eq!(aws.calls()[2].body["NextToken"], "three");
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_asked_where_nothing_is_wanted() {
        let aws = FakeAws::in_turn([]);
        assert_eq!(find(&aws, 0).await.unwrap(), []);
        assert_eq!(aws.count(), 0);
    }

    /// Refuses the list because of an unknown ARN, and knows each but number 3.
    fn strict() -> FakeAws {
        FakeAws::new(|_, call| match call.body["LicenseConfigurationArn"].as_str() {
            Some(one) if one != arn(3) => Reply::Json(configuration(one, "AVAILABLE")),
            _ => Reply::Refuse(400, "InvalidParameterValueException", "Invalid license configuration ARN"),
        })
    }

    #[tokio::test(start_paused = true)]
    async fn where_the_list_refuses_an_unknown_one_each_is_asked_for() {
        let aws = strict();
        let found = find(&aws, 6).await.unwrap();
        let expected: Vec<_> = arns(6).into_iter().filter(|one| one.as_str() != arn(3)).collect();
        assert_eq!(found.iter().map(|one| one.arn.clone()).collect::<Vec<_>>(), expected);
        assert_eq!(aws.count(), 7);
        assert_eq!(aws.calls()[1].operation, "GetLicenseConfiguration");
    }

    #[tokio::test(start_paused = true)]
    async fn other_refusals_are_not_taken_for_absence() {
        let aws = FakeAws::in_turn([
            Reply::Refuse(400, "InvalidParameterValueException", "unknown"),
            Reply::Refuse(400, "AccessDeniedException", "no"),
        ]);
        assert_eq!(find(&aws, 1).await.unwrap_err().kind, ErrorKind::AccessDenied);
    }

    #[tokio::test(start_paused = true)]
    async fn all_that_the_account_can_see_is_read_to_the_last_page_and_without_a_filter() {
        let mut foreign = configuration(&arn(1).replace("1111", "9999"), "AVAILABLE");
        foreign["OwnerAccountId"] = "999922223333".into();
        let aws = FakeAws::in_turn([
            Reply::Json(json!({"LicenseConfigurations": [], "NextToken": "two"})),
            Reply::Json(json!({"LicenseConfigurations": [configuration(&arn(0), "AVAILABLE"), foreign]})),
        ]);
        let license_manager = aws.clients().license_manager(Deadline::after(Duration::from_secs(100)));
        let found = license_manager.visible_license_configurations().await.unwrap();
        let owners: Vec<_> = found.iter().map(|one| one.owner.as_ref().unwrap().as_str()).collect();
        assert_eq!(owners, ["111122223333", "999922223333"]);
        assert_eq!(aws.calls()[0].body, json!({}));
        assert_eq!(aws.calls()[1].body, json!({"NextToken": "two"}));
    }

    #[tokio::test(start_paused = true)]
    async fn throttling_in_license_managers_own_words_is_retried() {
        for code in ["RateLimitExceededException", "ConflictException", "ThrottlingException"] {
            let listed = Reply::Json(json!({"LicenseConfigurations": [configuration(&arn(0), "DISABLED")]}));
            let aws = FakeAws::in_turn([
                Reply::Refuse(400, code, "slow"),
                Reply::Refuse(400, code, "slow"),
                listed,
            ]);
            let found = find(&aws, 1).await.unwrap();
            assert_eq!(found[0].status, LicenseConfigurationStatus::Disabled);
            assert_eq!(aws.count(), 3, "{code}");
        }
    }
}
