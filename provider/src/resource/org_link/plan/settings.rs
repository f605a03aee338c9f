//! UpdateServiceSettings: only the members that change, and never a false.

use super::Case;
use crate::domain::{Arn, ServiceSettings, SettingsChange};
use crate::resource::Refusal;
use crate::resource::org_link::observed::TrustedAccess;
use crate::resource::org_link::step::Step;

/// The change and the look after it; nothing where all is as wanted.
pub(super) fn steps(case: &Case<'_>, may_search: bool) -> Vec<Step> {
    let Some(settings) = case.seen.known() else { return Vec::new() };
    let change = change(case, settings, may_search);
    if change.is_empty() {
        return Vec::new();
    }
    let settle = change.integration.map(|_| Step::SettleTrustedAccess { since: None });
    let more = SettingsChange { integration: None, ..change.clone() };
    let read_back = (!more.is_empty()).then_some(Step::ReadBack { earlier: None });
    std::iter::once(Step::UpdateSettings(change)).chain(settle).chain(read_back).collect()
}

/// The console makes a bucket for the search; that the API does is UNCONFIRMED (license-manager facts 1.5).
///
/// # Errors
/// Search without a bucket.
pub(super) fn bucket(case: &Case<'_>) -> Result<(), Refusal> {
    let has_one =
        |settings: &ServiceSettings| settings.s3_bucket.is_some() || settings.cross_account_discovery;
    let wanted = case.desired.inventory_search && case.desired.s3_bucket.is_none();
    if !wanted || case.seen.known().is_none_or(has_one) {
        return Ok(());
    }
    Err(Refusal::new(
        "CrossAccountInventorySearch needs a bucket, and License Manager has none. Set S3BucketArn to one whose name \
         begins with aws-license-manager-service-; cfn-templates/org-link.yaml makes one with the policy it needs",
    ))
}

fn change(case: &Case<'_>, settings: &ServiceSettings, may_search: bool) -> SettingsChange {
    let desired = case.desired;
    // True is sent again where the other half of the link is missing: that repairs it (license-manager facts 1.3).
    let half = case.seen.trusted.is_some() && case.seen.trusted_access() != TrustedAccess::Enabled;
    let regions: Vec<String> = desired.discovery_source_regions.iter().cloned().collect();
    let sources = settings.has_sources(&regions, &case.subject.home.region);
    SettingsChange {
        integration: (!settings.integration || half).then_some(true),
        cross_account_discovery: (desired.inventory_search
            && may_search
            && !settings.cross_account_discovery)
            .then_some(true),
        sns_topic: differing(desired.sns_topic.as_ref(), settings.sns_topic.as_ref()),
        s3_bucket: differing(desired.s3_bucket.as_ref(), settings.s3_bucket.as_ref()),
        discovery_source_regions: (!regions.is_empty() && !sources).then_some(regions),
    }
}

fn differing(wanted: Option<&String>, there: Option<&String>) -> Option<String> {
    wanted.filter(|_| wanted != there).cloned()
}

/// A topic or bucket that License Manager may not reach; AWS does not say whether it does (UNCONFIRMED).
pub(super) fn warnings(case: &Case<'_>) -> Vec<String> {
    let home = &case.subject.home;
    let topic = case.desired.sns_topic.as_deref().and_then(Arn::parse);
    let elsewhere = topic.filter(|arn| arn.region != home.region || arn.account != home.account.as_str());
    let topic = elsewhere.map(|arn| {
        format!(
            "the SNS topic is of account {} and Region {}: AWS does not say that License Manager alerts across them",
            arn.account, arn.region
        )
    });
    topic.into_iter().collect()
}
