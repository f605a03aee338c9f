//! The answer: physical id and attributes. Pure.

use super::desired::{Desired, Target};
use super::observed::Observed;
use super::physical_id::attachment;
use super::plan::SharePlan;
use crate::domain::{Member, ShareArn};
use crate::protocol::{Attribute, Attributes};
use crate::resource::{Outcome, Subject};
use std::collections::BTreeSet;

/// What a SUCCESS answers. The keys are the same whatever was found.
pub(super) fn outcome(subject: &Subject, desired: &Desired, plan: &SharePlan, seen: &Observed) -> Outcome {
    let text = |text: Option<&str>| Attribute::Text(text.unwrap_or_default().to_owned());
    let share = seen.share.as_ref();
    let arn = share.map(|share| &share.arn);
    let attributes: Attributes = vec![
        ("ResourceShareArn", text(arn.or(named(desired)).map(ShareArn::as_str))),
        ("ResourceShareId", text(arn.or(named(desired)).map(ShareArn::id))),
        ("ResourceShareName", text(share.map(|share| share.name.as_str()))),
        ("OwnerAccountId", text(Some(share.map_or(&subject.home.account, |share| &share.owner).as_str()))),
        ("Status", text(share.map(|share| share.status.as_str()).or(Some("DELETED")))),
        ("PendingAccounts", list(seen.invited())),
        ("UnmanagedMembers", list(unmanaged(desired, seen))),
    ];
    Outcome { physical_id: physical_id(subject, desired, arn), attributes, warnings: plan.warnings.clone() }
}

fn named(desired: &Desired) -> Option<&ShareArn> {
    match &desired.target {
        Target::Existing(share) => Some(share),
        Target::Own(_) => None,
    }
}

fn physical_id(subject: &Subject, desired: &Desired, share: Option<&ShareArn>) -> String {
    match (&desired.target, share) {
        (Target::Existing(share), _) => attachment(share, subject),
        (Target::Own(_), Some(share)) => share.to_string(),
        (Target::Own(_), None) => subject.physical_id.clone().unwrap_or_default(),
    }
}

fn list<'a>(members: impl IntoIterator<Item = &'a Member>) -> Attribute {
    Attribute::List(members.into_iter().map(|member| member.id.clone()).collect())
}

/// Members that the template does not name.
fn unmanaged<'a>(desired: &Desired, seen: &'a Observed) -> Vec<&'a Member> {
    let resources = desired.license_configurations.iter().map(crate::domain::LicenseConfigurationArn::as_str);
    let principals = desired.principals.iter().map(crate::domain::Principal::as_str);
    let wanted: BTreeSet<&str> = resources.chain(principals).collect();
    seen.present().filter(|member| !wanted.contains(member.id.as_str())).collect()
}
