//! What AWS RAM makes of the steps of a plan, told anew: nothing here knows how a plan comes about.

use super::made_up::{Truth, is_outside};
use crate::domain::{Association, AssociationStatus, Member, Share, ShareStatus};
use crate::resource::config_share::step::{Await, Creation, Step};
use std::collections::BTreeMap;

/// The share that a Create makes.
pub(super) const MADE: &str = "arn:aws:ram:eu-west-1:111122223333:resource-share/ffff";

/// How a step ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The next one follows.
    Done,
    /// The rest is for a new plan.
    Progress,
    /// RAM has given up on a member that is waited for: the request fails.
    GivenUp,
}

pub(super) fn done(truth: &mut Truth, step: &Step) -> Ended {
    match step {
        Step::Create(creation) => create(truth, creation),
        Step::Associate(change) => change.members.iter().for_each(|member| associate(truth, member)),
        Step::Invite(invite) => invite.change.members.iter().for_each(|member| associate(truth, member)),
        Step::InviteLater(_) => {
            accept(truth, |_| true);
            return Ended::Progress;
        }
        Step::Accept(acceptance) => accept(truth, |member| acceptance.accounts.contains(member)),
        Step::Consult(on) if !on.claim.is_empty() => return Ended::Progress,
        Step::Consult(_) => {}
        Step::Disassociate(change) => change.members.iter().for_each(|member| disassociate(truth, member)),
        Step::Await(wait) if wait.present.iter().any(|member| has_failed(truth, member)) => {
            return Ended::GivenUp;
        }
        Step::Await(wait) => settle(truth, wait),
        Step::AwaitActive(_) => {
            if let Some(share) = &mut truth.share {
                share.status = ShareStatus::Active;
            }
        }
        Step::Configure(to) => {
            if let Some(share) = &mut truth.share {
                share.name = to.name.clone().unwrap_or_else(|| share.name.clone());
                let external = to.allow_external_principals;
                share.allow_external_principals = external.unwrap_or(share.allow_external_principals);
            }
        }
        Step::Tag(_, tags) => {
            if let Some(share) = &mut truth.share {
                share.tags.extend(tags.clone());
            }
        }
        Step::Untag(_, keys) => {
            if let Some(share) = &mut truth.share {
                share.tags.retain(|key, _| !keys.contains(key));
            }
        }
        Step::Delete(arn, _) if truth.share.as_ref().is_some_and(|share| share.arn == *arn) => {
            (truth.share, truth.members) = (None, BTreeMap::new());
        }
        Step::Delete(..) => {}
    }
    Ended::Done
}

fn has_failed(truth: &Truth, member: &Member) -> bool {
    truth.members.get(member).is_some_and(|found| found.status == AssociationStatus::Failed)
}

fn create(truth: &mut Truth, creation: &Creation) {
    truth.share = Some(Share {
        arn: MADE.parse().unwrap(),
        name: creation.name.clone(),
        owner: "111122223333".parse().unwrap(),
        status: ShareStatus::Active,
        status_message: None,
        allow_external_principals: creation.allow_external_principals,
        retain_sharing: creation.retain_sharing,
        tags: creation.tags.clone(),
        updated: None,
    });
    truth.members = BTreeMap::new();
    creation.members.iter().for_each(|member| associate(truth, member));
}

/// RAM takes nothing for a share that is not there, and no member that is just on its way out.
fn associate(truth: &mut Truth, member: &Member) {
    let there = truth.members.get(member).map(|found| &found.status);
    if truth.share.is_none()
        || there.is_some_and(|status| status.is_present() || *status == AssociationStatus::Disassociating)
    {
        return;
    }
    let found = Association {
        member: member.clone(),
        status: AssociationStatus::Associating,
        external: is_outside(member),
        message: None,
        updated: None,
    };
    truth.members.insert(member.clone(), found);
}

fn disassociate(truth: &mut Truth, member: &Member) {
    if let Some(found) = truth.members.get_mut(member) {
        found.status = AssociationStatus::Disassociating;
    }
}

fn settle(truth: &mut Truth, wait: &Await) {
    let retains = truth.share.as_ref().is_some_and(|share| share.retain_sharing);
    for member in &wait.present {
        let Some(found) = truth.members.get_mut(member) else { continue };
        let is_invited = member.is_account() && (found.external || retains);
        if found.status == AssociationStatus::Associating && !is_invited {
            found.status = AssociationStatus::Associated;
        }
    }
    let gone = |member: &Member, found: &Association| {
        wait.gone.contains(member) && found.status == AssociationStatus::Disassociating
    };
    truth.members.retain(|member, found| !gone(member, found));
}

fn accept(truth: &mut Truth, which: impl Fn(&Member) -> bool) {
    for (member, found) in &mut truth.members {
        if found.status == AssociationStatus::Associating && member.is_account() && which(member) {
            found.status = AssociationStatus::Associated;
        }
    }
}
