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
        let again = self.holding.accepted.as_ref() == Some(&arn);
        Step::Accept { by: by.clone(), invitation: arn, again, token }
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
        // What a newer invitation, which was accepted, has made up for is not lost.
        let lost = self.seen.dead().find(|one| self.is_new(one));
        if let Some(lost) = lost.filter(|_| !self.seen.has_accepted_invitation()) {
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
fn became(dead: &Invitation, account: &str) -> String {
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

#[cfg(test)]
mod laws;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{InvitationStatus, Share, ShareStatus, SharedResource};
    use crate::protocol::RequestType;
    use crate::resource::share_acceptance::testing::{HOME, ID, OWNER, SHARE, subject};
    use std::collections::BTreeMap;
    use std::time::{Duration, UNIX_EPOCH};

    const LICENSE: &str = "arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-1";

    fn desired() -> Desired {
        Desired {
            share: SHARE.parse().unwrap(),
            role: None,
            license_configurations: BTreeSet::new(),
            on_delete: OnDelete::Leave,
        }
    }

    fn listing() -> Desired {
        Desired { license_configurations: BTreeSet::from([LICENSE.parse().unwrap()]), ..desired() }
    }

    fn invitation(name: &str, status: &str, sent: u64) -> Invitation {
        Invitation {
            arn: name.to_owned(),
            status: InvitationStatus::from(status),
            sender: OWNER.parse().unwrap(),
            sent_at: Some(UNIX_EPOCH + Duration::from_secs(sent)),
        }
    }

    fn invited(invitations: Vec<Invitation>) -> Observed {
        Observed { of: Some(SHARE.parse().unwrap()), invitations, ..Observed::default() }
    }

    fn visible(seen: Observed, resources: &[&str]) -> Observed {
        let share = Share {
            arn: SHARE.parse().unwrap(),
            name: "partner".to_owned(),
            owner: OWNER.parse().unwrap(),
            status: ShareStatus::Active,
            status_message: None,
            allow_external_principals: true,
            retain_sharing: false,
            tags: BTreeMap::new(),
            updated: None,
        };
        let resource = |arn: &&str| SharedResource { arn: arn.parse().unwrap(), status: None };
        Observed { share: Some(share), resources: resources.iter().map(resource).collect(), ..seen }
    }

    fn goal(desired: Desired) -> Goal<Desired> {
        Goal::Present { desired, is_return: false, outstanding: None }
    }

    fn look() -> Look {
        Look::Present { share: SHARE.parse().unwrap(), actor: None, at_once: false, forgiving: false }
    }

    fn decide(ledger: &Ledger, goal: &Goal<Desired>, seen: &Observed) -> Result<AcceptancePlan, Refusal> {
        plan(&subject(RequestType::Create, HOME), goal, ledger, &look(), seen)
    }

    fn steps(goal: &Goal<Desired>, seen: &Observed) -> Vec<String> {
        let plan = decide(&Ledger::default(), goal, seen).unwrap();
        plan.steps.iter().map(ToString::to_string).collect()
    }

    fn refusal(ledger: &Ledger, seen: &Observed) -> String {
        decide(ledger, &goal(desired()), seen).unwrap_err().text
    }

    fn begun() -> Holding {
        Holding::begun(ID.to_owned(), SHARE, "r1")
    }

    fn on_record(holding: Holding) -> Ledger {
        Ledger { holdings: vec![holding] }
    }

    #[test]
    fn the_newest_pending_invitation_is_accepted_and_on_record_before_that() {
        let seen = invited(vec![
            invitation("i3", "PENDING", 30),
            invitation("i4", "REJECTED", 40),
            invitation("i2", "PENDING", 20),
        ]);
        let plan = decide(&Ledger::default(), &goal(desired()), &seen).unwrap();
        let Some(Step::Accept { invitation, token, again: false, .. }) = plan.steps.first() else {
            panic!("{plan}")
        };
        assert_eq!(invitation, "i3");
        let again = decide(&plan.intent, &goal(desired()), &seen).unwrap();
        let Some(Step::Accept { token: same, again: true, .. }) = again.steps.first() else {
            panic!("{again}")
        };
        assert_eq!(token, same);
        let intent = plan.intent.of(ID).unwrap();
        assert_eq!((intent.accepted.as_deref(), intent.leave, intent.answered), (Some("i3"), true, false));
        assert!(plan.conclusion.of(ID).unwrap().answered);
    }

    #[test]
    fn an_invitation_that_is_lost_is_forgotten_once_a_newer_one_is_accepted() {
        let first = decide(&Ledger::default(), &goal(desired()), &invited(Vec::new())).unwrap();
        let lost = invitation("i1", "REJECTED", 1_001);
        let accepts = invited(vec![lost.clone(), invitation("i2", "PENDING", 1_002)]);
        let accepting = decide(&first.intent, &goal(desired()), &accepts).unwrap();
        let accepted = invited(vec![lost, invitation("i2", "ACCEPTED", 1_002)]);
        let plan = decide(&accepting.intent, &goal(desired()), &accepted).unwrap();
        assert!(plan.to_string().starts_with("wait until account 999988887777 sees"), "{plan}");
    }

    #[test]
    fn what_is_visible_needs_nothing_and_what_is_not_yet_is_waited_for() {
        let in_it = visible(invited(Vec::new()), &[LICENSE]);
        assert_eq!(steps(&goal(listing()), &in_it), Vec::<String>::new());
        let without = visible(invited(Vec::new()), &[]);
        assert!(steps(&goal(listing()), &without)[0].ends_with("and 1 license configurations"));
        let accepted = invited(vec![invitation("i1", "ACCEPTED", 1)]);
        assert!(steps(&goal(desired()), &accepted)[0].starts_with("wait until account 999988887777 sees"));
        assert!(steps(&goal(desired()), &invited(Vec::new()))[0].starts_with("wait for an invitation"));
    }

    #[test]
    fn of_what_was_accepted_and_what_was_not_the_newer_one_counts() {
        for (status, sent, expected) in [
            ("REJECTED", 2, "wait for an invitation"),
            ("EXPIRED", 2, "wait for an invitation"),
            ("REJECTED", 0, "wait until account"),
        ] {
            let seen = invited(vec![invitation("i1", "ACCEPTED", 1), invitation("i2", status, sent)]);
            assert!(steps(&goal(desired()), &seen)[0].starts_with(expected), "{status} at {sent}");
        }
    }

    #[test]
    fn a_share_that_is_being_deleted_is_not_visible() {
        let mut seen = visible(invited(Vec::new()), &[]);
        seen.share = seen.share.map(|share| Share { status: ShareStatus::Deleting, ..share });
        assert!(steps(&goal(desired()), &seen)[0].starts_with("wait for an invitation"));
    }

    #[test]
    fn invitations_that_were_over_at_the_first_look_are_waited_past_and_later_ones_are_not() {
        let old = invitation("i1", "REJECTED", 900);
        let first = decide(&Ledger::default(), &goal(desired()), &invited(vec![old.clone()])).unwrap();
        assert!(decide(&first.intent, &goal(desired()), &invited(vec![old.clone()])).is_ok());
        let later = invited(vec![old, invitation("i2", "EXPIRED", 800)]);
        assert!(refusal(&first.intent, &later).starts_with("the invitation i2 has expired. Only the owner"));
    }

    #[test]
    fn an_invitation_that_came_after_the_request_and_is_over_is_no_older_one() {
        let seen = invited(vec![invitation("i1", "REJECTED", 1_001)]);
        let text = refusal(&Ledger::default(), &seen);
        assert!(
            text.starts_with("the invitation i1 was rejected by somebody in account 999988887777"),
            "{text}"
        );
    }

    #[test]
    fn an_invitation_that_was_to_be_accepted_and_is_rejected_is_not_ours() {
        let intent = Holding { accepted: Some("i1".to_owned()), looked: Some("r1".to_owned()), ..begun() };
        let text = refusal(&on_record(intent.clone()), &invited(vec![invitation("i1", "REJECTED", 1)]));
        assert!(text.contains("i1 was rejected"), "{text}");
        let seen = invited(vec![invitation("i1", "REJECTED", 1), invitation("i2", "PENDING", 2)]);
        let plan = decide(&on_record(intent), &goal(desired()), &seen).unwrap();
        assert_eq!(plan.intent.of(ID).unwrap().accepted.as_deref(), Some("i2"));
    }

    #[test]
    fn after_the_hand_over_only_what_was_outstanding_is_accepted() {
        let seen = invited(vec![invitation("i1", "ACCEPTED", 1), invitation("i2", "PENDING", 2)]);
        let at_a_look = |outstanding: BTreeSet<String>| {
            let goal = Goal::Present { desired: desired(), is_return: false, outstanding: Some(outstanding) };
            steps(&goal, &seen)
        };
        assert!(at_a_look(BTreeSet::new())[0].starts_with("wait until"));
        assert!(at_a_look(BTreeSet::from([ACCEPT.to_owned()]))[0].starts_with("accept the invitation i2"));
    }

    #[test]
    fn a_share_that_was_seen_and_is_not_any_more_is_refused_and_left_out_of_a_rollback() {
        let holding = Holding { answered: true, visible: true, leave: true, ..begun() };
        let (ledger, seen) = (on_record(holding), invited(Vec::new()));
        assert!(refusal(&ledger, &seen).contains("no longer sees"));
        let back = Goal::Present { desired: desired(), is_return: true, outstanding: None };
        let plan = decide(&ledger, &back, &seen).unwrap();
        assert!(plan.steps.is_empty() && plan.warnings[0].contains("no longer sees"), "{plan:?}");
    }

    #[test]
    fn another_account_s_stack_is_told_what_it_needs() {
        let central = subject(RequestType::Create, OWNER);
        let refused = plan(&central, &goal(desired()), &Ledger::default(), &look(), &invited(Vec::new()));
        let text = refused.unwrap_err().text;
        assert!(text.contains("Set RoleArn to a role of account 999988887777"), "{text}");
    }

    fn delete(holding: Holding, named_elsewhere: bool) -> AcceptancePlan {
        let look = Look::Absent { id: ID.to_owned(), elsewhere: true };
        let seen = Observed { named_elsewhere, ..Observed::default() };
        let goal = Goal::Absent(Which::PhysicalId(ID.to_owned()));
        plan(&subject(RequestType::Delete, HOME), &goal, &on_record(holding), &look, &seen).unwrap()
    }

    #[test]
    fn a_delete_leaves_only_what_this_resource_accepted_and_nobody_else_names() {
        let ours = Holding {
            accepted: Some("i1".to_owned()),
            visible: true,
            answered: true,
            leave: true,
            ..begun()
        };
        let leaves = |holding: &Holding, elsewhere| {
            let plan = delete(holding.clone(), elsewhere);
            assert_eq!(plan.conclusion, Ledger::default());
            assert_eq!(plan.steps.is_empty(), !plan.warnings.is_empty(), "it says why: {plan:?}");
            !plan.steps.is_empty()
        };
        assert!(leaves(&ours, false));
        assert!(!leaves(&ours, true));
        assert!(!leaves(&Holding { leave: false, ..ours.clone() }, false));
        assert!(!leaves(&Holding { accepted: None, ..ours.clone() }, false));
        let role = Some(format!("arn:aws:iam::{OWNER}:role/other"));
        assert!(!leaves(&Holding { role, ..ours }, false));
    }

    #[test]
    fn a_delete_of_what_was_never_visible_says_that_it_may_show_later() {
        let unseen = Holding { accepted: Some("i1".to_owned()), leave: true, ..begun() };
        let plan = delete(unseen, false);
        assert!(plan.steps.len() == 1 && plan.warnings[0].contains("leave it by hand"), "{plan:?}");
    }
}
