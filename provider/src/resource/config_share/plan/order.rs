//! The order in which members come and go.
//!
//! Where only principals or only license configurations change, additions come first and are in effect before
//! removals: nobody loses access in passing. Where both change, license configurations go first, then principals go,
//! principals come, license configurations come: no new principal sees an old license configuration.

use super::Case;
use super::diff::Diff;
use super::invitations;
use crate::domain::{Member, MemberKind, ShareArn, ShareStatus};
use crate::resource::config_share::step::{Await, Change, Invite, Step};
use crate::resource::config_share::token::client_token;
use std::collections::BTreeSet;

/// RAM takes 100 resources a call (AWS RAM API reference, ResourceShareLimitExceededException); the number of
/// principals is not published, and taken to be the same.
pub(super) const PER_CALL: usize = 100;

/// The calls that change members, and the waits between them; `evict` comes last.
pub(super) fn steps(case: &Case<'_>, share: Option<&ShareArn>, diff: &Diff) -> Vec<Step> {
    let moves = Moves { case, share };
    let mut steps = becomes_active(case);
    steps.extend(Moves::settle([], &diff.leaving));
    let both = diff.changes(MemberKind::Resource) && diff.changes(MemberKind::Principal);
    steps.extend(moves.remove(&diff.withdraw));
    steps.extend(Moves::settle([], &diff.withdraw));
    if both && !diff.remove.is_empty() {
        steps.extend(moves.strictly(diff));
    } else {
        let remove = diff.remove.difference(&diff.withdraw).cloned().collect();
        steps.extend(moves.add(diff, &diff.now()));
        steps.extend(moves.arrive(diff));
        steps.extend(moves.remove(&remove));
        steps.extend(Moves::settle([], &remove));
    }
    let evict = diff.evict.difference(&diff.withdraw).cloned().collect();
    steps.extend(moves.remove(&evict));
    steps.extend(Moves::settle([], &evict));
    steps
}

/// A share that a delivery which died has just made may be PENDING still.
fn becomes_active(case: &Case<'_>) -> Vec<Step> {
    let pending = case.seen.share.iter().filter(|share| share.status == ShareStatus::Pending);
    pending.map(|share| Step::AwaitActive(share.arn.clone())).collect()
}

/// Members in calls of at most 100 of each kind.
pub(super) fn batches<'a>(members: impl IntoIterator<Item = &'a Member>) -> Vec<Vec<Member>> {
    let (resources, principals): (Vec<Member>, Vec<Member>) =
        members.into_iter().cloned().partition(|member| member.kind == MemberKind::Resource);
    let mut resources = resources.chunks(PER_CALL);
    let mut principals = principals.chunks(PER_CALL);
    let mut batches = Vec::new();
    loop {
        let batch = [resources.next().unwrap_or_default(), principals.next().unwrap_or_default()].concat();
        if batch.is_empty() {
            return batches;
        }
        batches.push(batch);
    }
}

struct Moves<'a> {
    case: &'a Case<'a>,
    share: Option<&'a ShareArn>,
}

impl Moves<'_> {
    fn strictly(&self, diff: &Diff) -> Vec<Step> {
        let of = |members: &BTreeSet<Member>, kind| -> BTreeSet<Member> {
            members.iter().filter(|member| member.kind == kind).cloned().collect()
        };
        let (remove, now) = (diff.remove.difference(&diff.withdraw).cloned().collect(), diff.now());
        let resources_out = of(&remove, MemberKind::Resource);
        let principals_out = of(&remove, MemberKind::Principal);
        [
            self.remove(&resources_out),
            Self::settle([], &resources_out),
            self.remove(&principals_out),
            Self::settle([], &principals_out),
            self.add(diff, &of(&now, MemberKind::Principal)),
            self.add(diff, &of(&now, MemberKind::Resource)),
            self.arrive(diff),
        ]
        .concat()
    }

    /// Accounts that may have to be invited come in a call of their own: what RAM refuses for their sake is no matter of
    /// the others.
    fn add(&self, diff: &Diff, members: &BTreeSet<Member>) -> Vec<Step> {
        let (invited, others): (Vec<&Member>, Vec<&Member>) =
            members.iter().partition(|member| diff.may_be_invited(member));
        let associate = |batch| Step::Associate(self.change("associate", batch));
        let one_by_one = self.case.one_by_one();
        let invite = |batch| {
            Step::Invite(Invite {
                change: self.change(&format!("invite {}", one_by_one.unwrap_or_default()), batch),
                one_by_one,
                through: invitations::through(self.case, diff),
            })
        };
        let others = batches(others).into_iter().map(associate);
        others.chain(batches(invited).into_iter().map(invite)).collect()
    }

    /// What comes later, and a look at all. Where something comes later there is another plan before that look.
    fn arrive(&self, diff: &Diff) -> Vec<Step> {
        let later = invitations::later(self.case, diff).into_iter();
        later.chain(Self::settle(diff.add.union(&diff.coming), [])).collect()
    }

    /// What is on its way out already needs no call.
    fn remove(&self, members: &BTreeSet<Member>) -> Vec<Step> {
        batches(members.iter().filter(|member| !self.case.seen.is_leaving(member)))
            .into_iter()
            .map(|batch| Step::Disassociate(self.change("disassociate", batch)))
            .collect()
    }

    fn change(&self, step: &str, members: Vec<Member>) -> Change {
        let client_token = client_token(&self.case.subject.request_id, step, &members, self.case.seen);
        Change { share: self.share.cloned(), members, client_token }
    }

    fn settle<'m>(
        present: impl IntoIterator<Item = &'m Member>,
        gone: impl IntoIterator<Item = &'m Member>,
    ) -> Vec<Step> {
        let wait = Await {
            present: present.into_iter().cloned().collect(),
            gone: gone.into_iter().cloned().collect(),
        };
        if wait == Await::default() { Vec::new() } else { vec![Step::Await(wait)] }
    }
}
