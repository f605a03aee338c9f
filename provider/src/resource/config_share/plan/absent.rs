//! Letting go: delete what was made, give back what was adopted, take out what was added.

use super::order::batches;
use super::{SharePlan, own_tags};
use crate::domain::{Member, Share, ShareArn};
use crate::resource::config_share::going::Going;
use crate::resource::config_share::ledger::{Former, Holding, Ledger, Origin, as_member};
use crate::resource::config_share::look::{Look, holding_of};
use crate::resource::config_share::observed::Observed;
use crate::resource::config_share::ownership::{self, Owner};
use crate::resource::config_share::step::{Await, Change, Configuration, Consultation, Step};
use crate::resource::config_share::token::{client_token, configuration_token};
use crate::resource::{Plan, Subject, Which};

pub(super) fn plan(
    subject: &Subject,
    which: &Which,
    ledger: &Ledger,
    look: &Look,
    seen: &Observed,
) -> SharePlan {
    let holding = holding_of(ledger, look, subject);
    let part = holding.and_then(|holding| part(which, holding));
    let heir = holding.filter(|_| seen.former_owner_is_gone).map(|holding| holding.clone().inherit());
    let going = part.as_ref().map(|(part, _)| part).or(heir.as_ref()).or(holding);
    let (steps, warnings) = match (going, seen.live_share()) {
        (Some(holding), Some(share)) => Leaving { subject, holding, share, seen }.steps(),
        (Some(holding), None) if seen.share.is_none() => (delete_unseen(subject, holding, seen), Vec::new()),
        (None, _) | (_, None) => Default::default(),
    };
    let conclusion = match (holding, part) {
        (_, Some((_, rest))) => ledger.with(rest),
        (Some(holding), None) => ledger.without(holding),
        (None, None) => ledger.clone(),
    };
    let intent = holding.map(|holding| ledger.letting_go(holding, let_go(subject, &steps)));
    let intent = intent.unwrap_or_else(|| ledger.clone());
    Plan { steps, intent, conclusion, warnings, tolerant: false }
}

fn let_go(subject: &Subject, steps: &[Step]) -> Option<Going> {
    let on = steps.iter().filter_map(|step| if let Step::Consult(on) = step { Some(on) } else { None });
    Going::of(&subject.request_id, on.flat_map(|on| on.remove.iter().chain(&on.leave)))
}

/// RAM does not know the share, which may pass: one that was made, and that nobody has taken over, is deleted all the
/// same, and is gone where RAM does not know it then either.
fn delete_unseen(subject: &Subject, holding: &Holding, seen: &Observed) -> Vec<Step> {
    let is_made = matches!(holding.origin, Origin::Made { .. }) && !seen.is_owned_elsewhere;
    let share = holding.share_arn().filter(|_| is_made);
    share.map(|share| delete(subject, share, seen)).into_iter().collect()
}

fn delete(subject: &Subject, share: ShareArn, seen: &Observed) -> Step {
    Step::Delete(share, client_token(&subject.request_id, "delete", &[], seen))
}

/// What goes and what stays, where one request's additions to an attachment go and the rest stays.
fn part(which: &Which, holding: &Holding) -> Option<(Holding, Holding)> {
    match which {
        Which::Request(request_id) | Which::Unanswered(request_id) => {
            Some((holding.only_partly_of(request_id)?, holding.without_additions_of(request_id)))
        }
        Which::PhysicalId(_) | Which::After { .. } | Which::Leftovers { .. } => None,
    }
}

struct Leaving<'a> {
    subject: &'a Subject,
    holding: &'a Holding,
    share: &'a Share,
    seen: &'a Observed,
}

impl Leaving<'_> {
    fn steps(&self) -> (Vec<Step>, Vec<String>) {
        match &self.holding.origin {
            Origin::Attached => (self.take_out(), Vec::new()),
            Origin::Made { .. } => match ownership::owner(self.share, self.subject) {
                Owner::Subject | Owner::Nobody => {
                    (vec![delete(self.subject, self.share.arn.clone(), self.seen)], Vec::new())
                }
                // A renamed logical id: what the new one does not name goes.
                owner @ Owner::SameStack { .. } => (self.take_out(), vec![self.left_to(&owner)]),
                owner => (Vec::new(), vec![self.left_to(&owner)]),
            },
            Origin::Adopted(_) if !self.is_ours_by_tag() => {
                (self.take_out(), vec![self.left_to(&ownership::owner(self.share, self.subject))])
            }
            Origin::Adopted(former) => ([self.take_out(), self.give_back(former)].concat(), Vec::new()),
        }
    }

    fn is_ours_by_tag(&self) -> bool {
        match ownership::owner(self.share, self.subject) {
            Owner::Subject | Owner::Nobody => true,
            // Adopted, but not tagged yet when the request broke off: the former owner's tags are still there.
            Owner::SameStack { .. } => !self.holding.answered,
            Owner::OtherStack { .. } | Owner::CloudFormation { .. } | Owner::LicenseManager => false,
        }
    }

    fn left_to(&self, owner: &Owner) -> String {
        let whom = match owner {
            Owner::SameStack { logical_id } => format!("resource {logical_id} of this stack"),
            Owner::OtherStack { stack_id } | Owner::CloudFormation { stack_id } => {
                format!("stack {stack_id}")
            }
            Owner::LicenseManager => "License Manager".to_owned(),
            Owner::Subject | Owner::Nobody => "its owner".to_owned(),
        };
        format!("resource share {} is left to {whom}, as its tags say", self.share.arn)
    }

    /// Members on record as added, failed ones too, but those that another record names. What is on its way out already
    /// needs no call, and is waited for all the same.
    fn take_out(&self) -> Vec<Step> {
        let added = self.holding.all_added().into_iter().map(as_member);
        let there = added.filter(|member| self.seen.is_to_leave(member));
        let (leave, members): (Vec<Member>, Vec<Member>) =
            there.partition(|member| self.seen.named_elsewhere.contains(&member.id));
        let remove: Vec<Member> =
            members.iter().filter(|member| !self.seen.is_leaving(member)).cloned().collect();
        let batches = batches(&remove);
        let mut steps: Vec<Step> = self.consult(remove, leave).into_iter().collect();
        steps.extend(batches.into_iter().map(|batch| self.disassociate(batch)));
        if !members.is_empty() {
            steps.push(Step::Await(Await { present: Vec::new(), gone: members }));
        }
        steps
    }

    fn consult(&self, remove: Vec<Member>, leave: Vec<Member>) -> Option<Step> {
        let share = self.share.arn.clone();
        let is_any = !remove.is_empty() || !leave.is_empty();
        is_any.then_some(Step::Consult(Consultation { share, remove, leave, claim: Vec::new() }))
    }

    fn disassociate(&self, members: Vec<Member>) -> Step {
        let client_token = client_token(&self.subject.request_id, "disassociate", &members, self.seen);
        Step::Disassociate(Change { share: Some(self.share.arn.clone()), members, client_token })
    }

    fn give_back(&self, former: &Former) -> Vec<Step> {
        let keys: Vec<String> = former.tags.keys().cloned().collect();
        let (mut restored, removed) = own_tags::undo(self.share, self.holding, &keys);
        restored.retain(|key, value| self.share.tags.get(key) != Some(value));
        let mut steps: Vec<Step> = self.reconfigure(former).into_iter().collect();
        steps.extend(own_tags::steps(self.share, restored, removed));
        steps
    }

    fn reconfigure(&self, former: &Former) -> Option<Step> {
        let name = (self.share.name != former.name).then(|| former.name.clone());
        let external = (self.share.allow_external_principals != former.allow_external_principals)
            .then_some(former.allow_external_principals);
        if name.is_none() && external.is_none() {
            return None;
        }
        let client_token = configuration_token(&self.subject.request_id, "give back", self.share, self.seen);
        let share = self.share.arn.clone();
        Some(Step::Configure(Configuration {
            share,
            name,
            allow_external_principals: external,
            client_token,
        }))
    }
}
