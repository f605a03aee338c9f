//! The answer: physical id and attributes. Pure.

use super::desired::Desired;
use super::observed::{Observed, RamSharing, TrustedAccess};
use super::physical_id;
use crate::domain::AccountId;
use crate::protocol::{Attribute, Attributes};
use crate::resource::{Outcome, Subject};

/// What a SUCCESS answers. The keys are the same whatever was found.
pub(crate) fn outcome(subject: &Subject, desired: &Desired, warnings: &[String], seen: &Observed) -> Outcome {
    let organization = seen.organization.as_ref();
    let settings = seen.known();
    let text = |text: Option<String>| Attribute::Text(text.unwrap_or_default());
    let attributes: Attributes = vec![
        ("OrganizationId", text(organization.map(|found| found.id.clone()))),
        ("OrganizationArn", text(organization.map(|found| found.arn.clone()))),
        ("ManagementAccountId", text(organization.map(|found| found.management_account.to_string()))),
        (
            "ResourceShareArn",
            text(settings.and_then(|found| found.resource_share.as_ref().map(ToString::to_string))),
        ),
        ("TrustedAccess", text(Some(trusted_access(seen).to_owned()))),
        ("RamSharing", text(Some(ram_sharing(seen.ram_sharing(subject.now)).to_owned()))),
        (
            "CrossAccountInventorySearch",
            text(settings.map(|found| found.cross_account_discovery.to_string())),
        ),
        ("SnsTopicArn", text(settings.and_then(|found| found.sns_topic.clone()))),
        ("S3BucketArn", text(settings.and_then(|found| found.s3_bucket.clone()))),
        ("DelegatedAdministratorAccountId", text(administrator(desired, seen).map(ToString::to_string))),
    ];
    Outcome { physical_id: physical_id::of(&subject.home), attributes, warnings: warnings.to_vec() }
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
