//! What members are to be added and removed.

use super::Case;
use super::license_configurations;
use crate::domain::{Member, MemberKind};
use crate::resource::Refusal;
use crate::resource::config_share::ledger::{Holding, as_member};
use std::collections::BTreeSet;

/// The difference between the members that are wanted and those that are there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Diff {
    /// Wanted and not there.
    pub add: BTreeSet<Member>,
    /// On record as added or found, no longer wanted, and there, listed as failed, or on their way out since an earlier
    /// delivery: those are waited for.
    pub remove: BTreeSet<Member>,
    /// Not wanted, on no record, and the template is to be the only one that names members.
    pub evict: BTreeSet<Member>,
    /// Wanted, but still on their way out.
    pub leaving: BTreeSet<Member>,
    /// Wanted and on their way in, since an earlier delivery or an earlier request.
    pub coming: BTreeSet<Member>,
    /// All that the template names and that can be had.
    pub wanted: BTreeSet<Member>,
}

impl Diff {
    /// Whether members of `kind` are to change.
    pub(super) fn changes(&self, kind: MemberKind) -> bool {
        self.add.iter().chain(&self.remove).any(|member| member.kind == kind)
    }
}

/// Compares, and leaves out what cannot be had where this is a return.
///
/// # Errors
/// A license configuration that is to be added and does not exist.
pub(super) fn diff(case: &Case<'_>, holding: &Holding, warnings: &mut Vec<String>) -> Result<Diff, Refusal> {
    let mut wanted = wanted(case);
    let missing: BTreeSet<Member> = wanted.iter().filter(|member| !case.seen.has(member)).cloned().collect();
    let left_out = license_configurations::check(case, &missing, warnings)?;
    wanted.retain(|member| !left_out.contains(member));
    let kept_elsewhere = |member: &&Member| !case.seen.named_elsewhere.contains(&member.id);
    Ok(Diff {
        add: missing.iter().filter(|member| !left_out.contains(member)).cloned().collect(),
        remove: removable(case, holding, &wanted).iter().filter(kept_elsewhere).cloned().collect(),
        evict: BTreeSet::new(),
        leaving: wanted.iter().filter(|member| case.seen.is_leaving(member)).cloned().collect(),
        coming: wanted.iter().filter(|member| case.seen.is_coming(member)).cloned().collect(),
        wanted,
    })
}

fn wanted(case: &Case<'_>) -> BTreeSet<Member> {
    let resources = case.desired.license_configurations.iter().map(|arn| Member::resource(arn.as_str()));
    let principals = case.desired.principals.iter().map(|principal| Member::principal(principal.as_str()));
    resources.chain(principals).collect()
}

fn removable(case: &Case<'_>, holding: &Holding, wanted: &BTreeSet<Member>) -> BTreeSet<Member> {
    let found = holding.found.iter().filter(|_| !case.is_return).map(String::as_str);
    let ours = holding.all_added().into_iter().chain(found).map(as_member);
    ours.filter(|member| !wanted.contains(member) && case.seen.is_to_leave(member)).collect()
}
