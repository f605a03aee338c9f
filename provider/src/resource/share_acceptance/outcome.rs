//! The answer: physical id and attributes. Pure.

use super::desired::{Desired, owner};
use super::observed::Observed;
use super::physical_id;
use super::plan::AcceptancePlan;
use crate::domain::{AccountId, LicenseConfigurationArn, ShareStatus};
use crate::protocol::{Attribute, Attributes};
use crate::resource::{Outcome, Subject};

/// Where the share is not visible.
const UNKNOWN: &str = "UNKNOWN";

/// What a SUCCESS answers. The keys are the same whatever was found.
pub(crate) fn outcome(
    subject: &Subject,
    desired: &Desired,
    plan: &AcceptancePlan,
    seen: &Observed,
) -> Outcome {
    let physical_id = physical_id::of(subject, &desired.share);
    let holding = plan.conclusion.of(&physical_id).cloned().unwrap_or_default();
    let share = seen.visible();
    let text = |text: &str| Attribute::Text(text.to_owned());
    let name = share.map(|share| share.name.as_str()).or(holding.name.as_deref());
    let owner = share.map(|share| AccountId::as_str(&share.owner)).or(owner(&desired.share));
    let licenses = seen.usable().into_iter().map(LicenseConfigurationArn::to_string);
    let attributes: Attributes = vec![
        ("ResourceShareArn", text(desired.share.as_str())),
        ("ResourceShareId", text(desired.share.id())),
        ("ResourceShareName", text(name.unwrap_or_default())),
        ("OwnerAccountId", text(owner.unwrap_or_default())),
        ("Status", text(share.map_or(UNKNOWN, |share| ShareStatus::as_str(&share.status)))),
        ("AcceptedBy", text(holding.means(seen).as_str())),
        ("LicenseConfigurationArns", Attribute::List(licenses.collect())),
    ];
    Outcome { physical_id, attributes, warnings: plan.warnings.clone() }
}
