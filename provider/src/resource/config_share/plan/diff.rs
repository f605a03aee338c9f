//! What members are to be added and removed.

use super::Case;
use super::invitations;
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
    /// On record as added or found, no longer wanted, and there, or listed as failed.
    pub remove: BTreeSet<Member>,
    /// The same, but another resource names it: it is let go of, and left.
    pub leave: BTreeSet<Member>,
    /// Not wanted, on no record, and the template is to be the only one that names members.
    pub evict: BTreeSet<Member>,
    /// Wanted, or on record as added, but still on their way out.
    pub leaving: BTreeSet<Member>,
    /// Wanted, and on their way in since an earlier delivery or an earlier request.
    pub coming: BTreeSet<Member>,
    /// All that the template names and that can be had.
    pub wanted: BTreeSet<Member>,
    /// Whether accounts among `add` may have to be invited.
    pub invites: bool,
    /// Of `add`, those whose invitations there is no room for yet.
    pub later: BTreeSet<Member>,
    /// Of `remove` and `evict`, those that are invited and make room.
    pub withdraw: BTreeSet<Member>,
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
/// A license configuration that is to be added and does not exist; a member that was there when the request was handed
/// over and has gone since.
pub(super) fn diff(case: &Case<'_>, holding: &Holding, warnings: &mut Vec<String>) -> Result<Diff, Refusal> {
    let mut wanted = wanted(case);
    let missing = wanted.iter().filter(|member| !case.seen.has(member)).cloned();
    let (missing, lost): (BTreeSet<Member>, BTreeSet<Member>) =
        missing.partition(|member| case.may_write(&member.id));
    let fails =
        |member: &Member| case.seen.has_failed(member) && (case.is_return || !was_invited(case, member));
    let (failed, lost): (BTreeSet<Member>, BTreeSet<Member>) = lost.into_iter().partition(fails);
    let left_out = license_configurations::check(case, &missing, warnings)?;
    leave_lost(case, &lost, warnings)?;
    wanted.retain(|member| !left_out.contains(member) && !lost.contains(member));
    let ours = ours(case, holding);
    let unwanted = unwanted(case, &ours, &wanted).filter(|member| case.may_write(&member.id)).cloned();
    let (leave, remove) = unwanted.partition(|member| case.seen.named_elsewhere.contains(&member.id));
    Ok(Diff {
        add: missing.iter().filter(|member| !left_out.contains(member)).cloned().collect(),
        remove,
        leave,
        evict: BTreeSet::new(),
        leaving: wanted.union(&ours).filter(|member| case.seen.is_leaving(member)).cloned().collect(),
        coming: wanted.iter().filter(|member| case.seen.is_coming(member)).cloned().chain(failed).collect(),
        wanted,
        invites: false,
        later: BTreeSet::new(),
        withdraw: BTreeSet::new(),
    })
}

fn wanted(case: &Case<'_>) -> BTreeSet<Member> {
    let resources = case.desired.license_configurations.iter().map(|arn| Member::resource(arn.as_str()));
    let principals = case.desired.principals.iter().map(|principal| Member::principal(principal.as_str()));
    resources.chain(principals).collect()
}

/// On record as added, or as found where this is no return.
fn ours(case: &Case<'_>, holding: &Holding) -> BTreeSet<Member> {
    let found = holding.found.iter().filter(|_| !case.is_return).map(String::as_str);
    holding.all_added().into_iter().chain(found).map(as_member).collect()
}

fn unwanted<'a>(
    case: &Case<'_>,
    ours: &'a BTreeSet<Member>,
    wanted: &BTreeSet<Member>,
) -> impl Iterator<Item = &'a Member> {
    let listed = |member: &Member| case.seen.has(member) || case.seen.has_failed(member);
    ours.iter().filter(move |member| !wanted.contains(member) && listed(member))
}

/// Whether a member that RAM gave up on had to be invited.
fn was_invited(case: &Case<'_>, member: &Member) -> bool {
    let retains = case.seen.share.as_ref().is_some_and(|share| share.retain_sharing);
    member.is_account() && case.seen.members.get(member).is_some_and(|found| found.external || retains)
}

/// A member that was only waited for and is gone is not added again: somebody has rejected or removed it meanwhile.
///
/// # Errors
/// All of them, but in a return, and accounts of which nobody asks that they accept.
fn leave_lost(case: &Case<'_>, lost: &BTreeSet<Member>, warnings: &mut Vec<String>) -> Result<(), Refusal> {
    if lost.is_empty() {
        return Ok(());
    }
    if case.is_return {
        warnings.push(format!("left out, rejected, expired or removed meanwhile: {}", names(lost)));
        return Ok(());
    }
    let invites = case.seen.share.as_ref().is_some_and(invitations::invites);
    if !lost.iter().all(|member| invites && member.is_account()) {
        return Err(Refusal::new(format!(
            "no longer in the resource share or invited to it, while it was waited for: {}. They were rejected, expired or \
             removed meanwhile. Find out by whom, then try again",
            names(lost)
        )));
    }
    let lost = case.seen.no_longer_invited(lost);
    if case.waits_for_acceptance() {
        return Err(Refusal::new(lost));
    }
    warnings.push(lost);
    Ok(())
}

fn names(members: &BTreeSet<Member>) -> String {
    members.iter().map(|member| member.id.as_str()).collect::<Vec<_>>().join(", ")
}
