//! Accounts that may have to be invited: how many at a time, and whether they are waited for.

use super::Case;
use super::diff::Diff;
use crate::domain::{Member, Share};
use crate::resource::config_share::look::Aim;
use crate::resource::config_share::physical_id::PhysicalId;
use crate::resource::config_share::step::{Acceptance, Later, Step, Through};
use std::collections::BTreeSet;

/// Pending invitations that RAM allows a sharing account (AWS RAM user guide, service quotas), over all its shares. Only
/// those of this share can be seen: those of others make RAM refuse, which is waited out.
pub(in crate::resource::config_share) const QUOTA: usize = 20;

/// Whether accounts that are added to `share` may have to accept an invitation: those outside the organization, those of
/// the organization while RAM does not share with it, and all where the share retains sharing. RAM takes none of them
/// where external principals are not allowed.
pub(super) fn invites(share: &Share) -> bool {
    share.allow_external_principals || share.retain_sharing
}

impl Diff {
    /// Leaves accounts for later for which there is no room now. Invited ones that are to go anyway, and have no access
    /// to lose, go first where that makes room.
    pub(super) fn postpone(&mut self, case: &Case<'_>, invites: bool) {
        self.invites = invites;
        let pending: BTreeSet<Member> = case.seen.invited().cloned().collect();
        let new: Vec<Member> =
            self.add.iter().filter(|member| self.may_be_invited(member)).cloned().collect();
        if pending.len() + new.len() <= QUOTA {
            return;
        }
        let going = self.remove.union(&self.evict);
        self.withdraw = going.filter(|member| pending.contains(member)).cloned().collect();
        let room = QUOTA.saturating_sub(pending.len() - self.withdraw.len());
        self.later = new.into_iter().skip(room).collect();
    }

    /// Whether `member`, once it is added, may have to accept an invitation.
    pub(super) fn may_be_invited(&self, member: &Member) -> bool {
        self.invites && member.is_account()
    }

    /// Members that are added now.
    pub(super) fn now(&self) -> BTreeSet<Member> {
        self.add.difference(&self.later).cloned().collect()
    }
}

/// The wait for room, where there is any need to.
pub(super) fn later(case: &Case<'_>, diff: &Diff) -> Option<Step> {
    let accounts: Vec<Member> = diff.later.iter().cloned().collect();
    (!accounts.is_empty()).then(|| Step::InviteLater(Later { accounts, through: through(case, diff) }))
}

/// Where the provider may accept to make room.
pub(super) fn through(case: &Case<'_>, diff: &Diff) -> Option<Through> {
    let role = case.desired.acceptance_role.clone()?;
    let accounts = diff.wanted.iter().filter(|member| member.is_account());
    Some(Through { role, accounts: accounts.cloned().collect() })
}

/// The last step: accounts accept. A return waits for nobody, for a rollback must not fail.
pub(super) fn acceptance(case: &Case<'_>, diff: &Diff) -> Option<Step> {
    let invited: BTreeSet<&Member> = case.seen.invited().collect();
    let may_wait = |member: &&Member| {
        invited.contains(member) || (diff.add.contains(member) && diff.may_be_invited(member))
    };
    let accounts: Vec<Member> = diff.wanted.iter().filter(may_wait).cloned().collect();
    let role = case.desired.acceptance_role.clone();
    let wait = case.waits_for_acceptance();
    let is_needed = !accounts.is_empty() && (wait || role.is_some());
    is_needed.then_some(Step::Accept(Acceptance { accounts, role, wait }))
}

impl Case<'_> {
    /// Whether SUCCESS means that all have accepted: where that is asked for, and where the provider is to accept for
    /// accounts that a replacement would leave without a share otherwise.
    pub(super) fn waits_for_acceptance(&self) -> bool {
        let accepts_anew = self.desired.acceptance_role.is_some() && self.replaces();
        !self.is_return && (self.desired.wait_for_acceptance || accepts_anew)
    }

    /// Whether CloudFormation will delete another share, the one it knows, once this request has succeeded. One that is
    /// gone leaves nobody without a share who has one.
    fn replaces(&self) -> bool {
        let given = self.subject.physical_id.as_deref().and_then(PhysicalId::parse);
        given.is_some_and(|given| {
            let is_aim = matches!(&self.look.aim, Aim::Share(share) if *share == given.share);
            !is_aim && !self.gone_shares().contains(&given.share)
        })
    }
}
