//! The answer: physical id and attributes. Pure.

use super::desired::Desired;
use super::ledger::Link;
use super::observed::{Observed, RamSharing, TrustedAccess};
use super::physical_id;
use super::plan::LinkPlan;
use super::step::Step;
use crate::domain::AccountId;
use crate::protocol::{Attribute, Attributes};
use crate::resource::{Outcome, Subject};
use std::collections::BTreeMap;

const ORGANIZATION_ID: &str = "OrganizationId";
const ORGANIZATION_ARN: &str = "OrganizationArn";
const MANAGEMENT_ACCOUNT_ID: &str = "ManagementAccountId";
pub(super) const RESOURCE_SHARE_ARN: &str = "ResourceShareArn";

/// What a SUCCESS answers. The keys are the same whatever was found.
///
/// A return that does not find the share or the organization, and an Update that looked for the share in vain, name
/// those that were answered before: a template may export them.
pub(crate) fn outcome(subject: &Subject, desired: &Desired, plan: &LinkPlan, seen: &Observed) -> Outcome {
    let in_vain = plan.steps.iter().any(|step| matches!(step, Step::LookForShare { .. }));
    let before = plan.conclusion.link.as_ref().filter(|_| plan.tolerant || in_vain).map(|link| &link.named);
    let mut named = before.cloned().unwrap_or_default();
    named.extend(names(seen));
    let named = |name: &str| Attribute::Text(named.get(name).cloned().unwrap_or_default());
    let settings = seen.known();
    let noted = plan.conclusion.link.as_ref().and_then(Link::ram_enabled_at);
    let text = |text: Option<String>| Attribute::Text(text.unwrap_or_default());
    let attributes: Attributes = vec![
        (ORGANIZATION_ID, named(ORGANIZATION_ID)),
        (ORGANIZATION_ARN, named(ORGANIZATION_ARN)),
        (MANAGEMENT_ACCOUNT_ID, named(MANAGEMENT_ACCOUNT_ID)),
        (RESOURCE_SHARE_ARN, named(RESOURCE_SHARE_ARN)),
        ("TrustedAccess", text(Some(trusted_access(seen).to_owned()))),
        ("RamSharing", text(Some(ram_sharing(seen.ram_sharing(subject.now, noted)).to_owned()))),
        (
            "CrossAccountInventorySearch",
            text(settings.map(|found| found.cross_account_discovery.to_string())),
        ),
        ("SnsTopicArn", text(settings.and_then(|found| found.sns_topic.clone()))),
        ("S3BucketArn", text(settings.and_then(|found| found.s3_bucket.clone()))),
        ("DelegatedAdministratorAccountId", text(administrator(desired, seen).map(ToString::to_string))),
    ];
    Outcome { physical_id: physical_id::of(&subject.home), attributes, warnings: plan.warnings.clone() }
}

/// The share and the organization, as far as they were found, by the names of their attributes.
pub(crate) fn names(seen: &Observed) -> BTreeMap<String, String> {
    let organization = seen.organization.as_ref();
    let share = seen.known().and_then(|settings| settings.resource_share.as_ref());
    [
        (ORGANIZATION_ID, organization.map(|found| found.id.clone())),
        (ORGANIZATION_ARN, organization.map(|found| found.arn.clone())),
        (MANAGEMENT_ACCOUNT_ID, organization.map(|found| found.management_account.to_string())),
        (RESOURCE_SHARE_ARN, share.map(ToString::to_string)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
    .collect()
}

/// The one that the template names, where it is registered.
fn administrator<'a>(desired: &'a Desired, seen: &Observed) -> Option<&'a AccountId> {
    let wanted = desired.delegated_administrator.as_ref();
    wanted.filter(|wanted| seen.administrators.as_ref().is_some_and(|all| all.contains(wanted)))
}

fn trusted_access(seen: &Observed) -> &'static str {
    match seen.trusted_access() {
        TrustedAccess::Enabled => "Enabled",
        TrustedAccess::Partial => "Partial",
        TrustedAccess::Disabled => "Disabled",
    }
}

fn ram_sharing(sharing: RamSharing) -> &'static str {
    match sharing {
        RamSharing::Enabled => "Enabled",
        RamSharing::JustEnabled => "JustEnabled",
        RamSharing::WithoutRole => "WithoutRole",
        RamSharing::Disabled => "Disabled",
    }
}
