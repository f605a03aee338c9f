//! Decisions, pure: what is wanted, what is there and what is on record, to steps or a refusal.

use super::desired::{Desired, owner};
use super::ledger::{Holding, Ledger};
use super::look::{Actor, Look, is_to_leave, lasts};
use super::observed::Observed;
use super::physical_id;
use super::properties::OnDelete;
use super::step::{ACCEPT, Step};
use super::token::client_token;
use crate::domain::{Invitation, RoleArn};
use crate::resource::{Goal, Plan, Refusal, Subject, Which};
use std::collections::BTreeSet;

/// A plan for an acceptance.
pub(crate) type AcceptancePlan = Plan<Step, Ledger>;

/// Decides.
///
/// # Errors
/// A [`Refusal`] with its remedy; nothing was changed.
pub(crate) fn plan(
    subject: &Subject,
    goal: &Goal<Desired>,
    ledger: &Ledger,
    look: &Look,
    seen: &Observed,
) -> Result<AcceptancePlan, Refusal> {
    match goal {
        Goal::Present { desired, is_return, outstanding } => {
            let id = physical_id::of(subject, &desired.share);
            let found = ledger.of(&id).cloned();
            let begun = || Holding {
                leave: desired.on_delete == OnDelete::Leave,
                ..Holding::begun(id.clone(), desired.share.as_str(), &subject.request_id)
            };
            let holding = found.unwrap_or_else(begun);
            let may_accept = outstanding.as_ref().is_none_or(|ids| ids.contains(ACCEPT));
            Case { subject, desired, is_return: *is_return, may_accept, ledger, holding, seen }.plan()
        }
        Goal::Absent(which) => Ok(absent(subject, which, ledger, look, seen)),
    }
}

/// Everything that a plan for a wanted acceptance is made from.
#[derive(Clone, Debug)]
struct Case<'a> {
    subject: &'a Subject,
    desired: &'a Desired,
    is_return: bool,
    /// Whether an invitation may be accepted: always, until the request was handed over without that.
    may_accept: bool,
    ledger: &'a Ledger,
    holding: Holding,
    seen: &'a Observed,
}

impl Case<'_> {
    fn plan(self) -> Result<AcceptancePlan, Refusal> {
        match self.steps() {
            Ok(steps) => Ok(self.planned(steps, Vec::new())),
            Err(refusal) if self.is_return => {
                Ok(self.planned(Vec::new(), vec![format!("nothing was changed: {refusal}")]))
            }
            Err(refusal) => Err(refusal),
        }
    }

    fn steps(&self) -> Result<Vec<Step>, Refusal> {
        let by =
            Actor::of(self.subject, self.desired.role.as_ref()).ok_or_else(|| self.without_credentials())?;
        if let Some(refused) = &self.seen.refused {
            return Err(Refusal::new(refused.clone()));
        }
        if let Some(invitation) = self.seen.pending().filter(|_| self.may_accept) {
            return Ok(vec![self.accept(&by, invitation), self.await_visible(by, false)]);
        }
        if self.seen.is_whole(&self.desired.license_configurations) {
            return Ok(Vec::new());
        }
        if self.seen.visible().is_none() {
            self.check_lost()?;
        }
        let is_in = self.seen.visible().is_some() || self.is_accepted();
        Ok(vec![if is_in { self.await_visible(by, true) } else { self.await_invitation(by) }])
    }

    fn accept(&self, by: &Actor, invitation: &Invitation) -> Step {
        let (arn, status) = (invitation.arn.clone(), invitation.status.as_str());
        let token = client_token(&self.subject.request_id, "accept", &arn, status);
        Step::Accept { by: by.clone(), invitation: arn, token }
    }

    /// While the account is not in the share by this request's own doing, it may be that another invitation comes.
    fn await_visible(&self, by: Actor, found: bool) -> Step {
        let may_accept = found && self.may_accept && self.accepted().is_none();
        Step::AwaitVisible {
            by,
            share: self.desired.share.clone(),
            license_configurations: self.desired.license_configurations.clone(),
            may_accept,
        }
    }

    fn await_invitation(&self, by: Actor) -> Step {
        Step::AwaitInvitation { by, share: self.desired.share.clone(), past: past(self.seen) }
    }

    fn without_credentials(&self) -> Refusal {
        let (asks, home) = (physical_id::account(self.subject), &self.subject.home.account);
        Refusal::new(format!(
            "the stack is in account {asks} and the provider in {home}, and only account {asks} itself can accept. Set \
             RoleArn to a role of account {asks} that the provider may assume, or deploy the provider in that account \
             and use its function as ServiceToken"
        ))
    }

    /// The invitation that this resource accepted, as far as it still is.
    fn accepted(&self) -> Option<String> {
        let dead = |arn: &String| self.seen.dead().any(|one| one.arn == *arn);
        self.holding.accepted.clone().filter(|arn| !dead(arn))
    }

    fn is_accepted(&self) -> bool {
        self.accepted().is_some() || self.seen.has_accepted_invitation()
    }

    /// What cannot be waited for, because nobody will bring it about without being asked.
    fn check_lost(&self) -> Result<(), Refusal> {
        if let Some(lost) = self.seen.dead().find(|one| self.is_new(one)) {
            return Err(self.lost(lost));
        }
        if self.holding.answered && self.holding.visible {
            return Err(self.withdrawn());
        }
        Ok(())
    }

    fn is_first_look(&self) -> bool {
        self.holding.looked.as_ref() != Some(&self.subject.request_id)
    }

    /// Whether a dead invitation was alive after the request was sent; RAM tells when it was sent, and not when it was
    /// rejected.
    fn is_new(&self, dead: &Invitation) -> bool {
        if self.is_first_look() {
            return dead.sent_at.is_some_and(|at| at > self.subject.now);
        }
        !self.holding.passed.contains(&dead.arn)
    }

    fn lost(&self, lost: &Invitation) -> Refusal {
        let account = physical_id::account(self.subject);
        let became = became(lost, account.as_str());
        Refusal::new(format!("{became}. {}", self.invite_again()))
    }

    fn withdrawn(&self) -> Refusal {
        let (share, account) = (&self.desired.share, physical_id::account(self.subject));
        let text = format!(
            "account {account} no longer sees the resource share {share}, and no invitation to it is pending{}: its owner \
             has deleted it or taken the account out, or the account has left it. {}",
            past(self.seen),
            self.invite_again()
        );
        Refusal { text, may_settle: true }
    }

    fn invite_again(&self) -> String {
        format!(
            "Only the owner, account {}, can invite again: have it change Revision of its Custom::LicenseConfigShare, or \
             share again in AWS RAM. Then update this stack with another Revision",
            owner(&self.desired.share).unwrap_or_default()
        )
    }

    fn planned(self, steps: Vec<Step>, warnings: Vec<String>) -> AcceptancePlan {
        let intent = self.intent(&steps);
        let conclusion = Holding {
            answered: true,
            overtaken: false,
            leave: self.desired.on_delete == OnDelete::Leave,
            role: self.role(),
            looked: None,
            passed: BTreeSet::new(),
            ..intent.clone()
        };
        Plan {
            steps,
            intent: self.ledger.with(intent),
            conclusion: self.ledger.with(conclusion),
            warnings,
            tolerant: self.is_return,
        }
    }

    fn intent(&self, steps: &[Step]) -> Holding {
        let mut intent = Holding { accepted: self.accepted(), ..self.holding.clone() };
        if self.is_first_look() {
            intent.looked = Some(self.subject.request_id.clone());
            intent.passed = self.seen.dead().map(|one| one.arn.clone()).collect();
        }
        if !intent.answered {
            intent.role = self.role();
        }
        if let Some(Step::Accept { invitation, .. }) = steps.first() {
            intent.accepted = Some(invitation.clone());
            intent.visible = false;
            intent.role = self.role();
        }
        intent
    }

    fn role(&self) -> Option<String> {
        self.desired.role.as_ref().map(RoleArn::to_string)
    }
}

/// What became of the last of earlier invitations, as a clause that begins with a comma; empty where there were none.
fn past(seen: &Observed) -> String {
    let last = seen.dead().max_by_key(|one| one.sent_at);
    last.map(|one| format!(", the last one, {}, is {}", one.arn, one.status.as_str())).unwrap_or_default()
}

/// What became of a dead invitation.
pub(crate) fn became(dead: &Invitation, account: &str) -> String {
    use crate::domain::InvitationStatus::{Accepted, Expired, Pending, Rejected, Unknown};
    let became = match dead.status {
        Rejected => format!("was rejected by somebody in account {account}"),
        Expired => "has expired".to_owned(),
        Pending | Accepted | Unknown(_) => format!("is {}", dead.status.as_str()),
    };
    format!("the invitation {} {became}", dead.arn)
}

fn absent(subject: &Subject, which: &Which, ledger: &Ledger, look: &Look, seen: &Observed) -> AcceptancePlan {
    let holding = match look {
        Look::Absent { id, .. } => ledger.of(id),
        Look::Present { .. } => None,
    };
    let stays = holding.is_none_or(|holding| lasts(subject, which, holding));
    let (steps, warnings) = holding.map(|holding| leaving(subject, which, holding, seen)).unwrap_or_default();
    let conclusion = holding.filter(|_| !stays).map(|holding| ledger.without(&holding.id));
    Plan {
        steps,
        intent: ledger.clone(),
        conclusion: conclusion.unwrap_or_else(|| ledger.clone()),
        warnings,
        tolerant: true,
    }
}

fn leaving(subject: &Subject, which: &Which, holding: &Holding, seen: &Observed) -> (Vec<Step>, Vec<String>) {
    let stays = |why: &str| (Vec::new(), vec![format!("the account stays in {}: {why}", holding.share)]);
    if lasts(subject, which, holding) {
        return stays("what was accepted is not taken back by a failure");
    }
    if holding.accepted.is_none() {
        return stays("this resource did not accept it");
    }
    if !is_to_leave(subject, which, holding) {
        return stays("OnDelete is Retain");
    }
    if seen.named_elsewhere {
        return stays("another resource names it");
    }
    let Some(by) = Actor::of_holding(subject, holding) else {
        return stays("the provider has no credentials of that account");
    };
    let Ok(share) = holding.share.parse() else { return stays("its ARN on record cannot be read") };
    let token = client_token(&subject.request_id, "leave", &holding.share, "-");
    let unseen = (!holding.visible)
        .then(|| format!("{} was never visible here: should it show later, leave it by hand", holding.share));
    (vec![Step::Leave { by, share, token }], unseen.into_iter().collect())
}
