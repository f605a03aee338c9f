//! Members on which other resources have a say: what is let go of, and what is counted on.

use super::Case;
use super::diff::Diff;
use crate::domain::{Member, ShareArn};
use crate::resource::config_share::going::Going;
use crate::resource::config_share::ledger::Holding;
use crate::resource::config_share::step::{Consultation, Step};
use std::collections::BTreeSet;

/// Wanted members that are there and that others do not take this resource to count on: they are not on record, or as
/// let go of.
pub(super) fn claims(case: &Case<'_>, holding: &Holding, diff: &Diff) -> BTreeSet<Member> {
    let is_claim = |member: &&Member| !holding.knows(&member.id) || holding.lets_go(&member.id);
    diff.wanted.iter().filter(|member| case.seen.has(member)).filter(is_claim).cloned().collect()
}

/// What the request lets go of.
pub(super) fn going(case: &Case<'_>, diff: &Diff) -> Option<Going> {
    Going::of(&case.subject.request_id, diff.remove.iter().chain(&diff.leave).chain(&diff.evict))
}

/// Comes first: before anything is removed, and before a look is taken for what stays.
pub(super) fn step(share: &ShareArn, diff: &Diff, claims: &BTreeSet<Member>) -> Option<Step> {
    let on = Consultation {
        share: share.clone(),
        remove: diff.remove.union(&diff.evict).cloned().collect(),
        leave: diff.leave.iter().cloned().collect(),
        claim: claims.iter().cloned().collect(),
    };
    (!on.ids().is_empty()).then_some(Step::Consult(on))
}
