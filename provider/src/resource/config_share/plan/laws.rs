//! Laws of every plan for a share, over made-up situations.

mod made_up;
mod ram;

use super::{SharePlan, plan};
use crate::domain::{Association, Member};
use crate::laws::config;
use crate::protocol::RequestType;
use crate::resource::config_share::LicenseConfigShare;
use crate::resource::config_share::desired::{Desired, Target};
use crate::resource::config_share::ledger::{Holding, Ledger, Origin};
use crate::resource::config_share::look::{Aim, Look, holding_of, looks};
use crate::resource::config_share::outcome::outcome;
use crate::resource::config_share::ownership;
use crate::resource::config_share::step::Step;
use crate::resource::{Goal, Refusal, Resource, Subject};
use made_up::{Situation, situation};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use ram::{Ended, done};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

const CASES: u32 = 800;
/// For what is rare to come up.
const MANY: u32 = 3_000;
/// How many plans make way for the next one, which invites some more.
const TURNS: usize = 12;

type Planned = Result<(Look, SharePlan), Refusal>;

impl Situation {
    /// The looks in turn, each with its truth: a share is read where it is asked for.
    fn looks(&self) -> Vec<Look> {
        looks(&self.subject, &self.goal, &self.ledger)
    }

    /// Puts the share that is there where the first look asks for one.
    fn aimed(mut self) -> Option<Self> {
        let look = self.looks().into_iter().next()?;
        if let (Aim::Share(arn), Some(share)) = (&look.aim, &mut self.truth.share) {
            share.arn = arn.clone();
        }
        Some(self)
    }

    fn planned(&self) -> Option<Planned> {
        let look = self.looks().into_iter().next()?;
        let seen = self.truth.seen_by(&look, &self.subject);
        Some(plan(&self.subject, &self.goal, &self.ledger, &look, &seen).map(|plan| (look, plan)))
    }

    fn learn(&mut self, ledger: Ledger, look: &Look) {
        self.ledger = ledger;
        let seen = self.truth.seen_by(look, &self.subject);
        LicenseConfigShare::learn(&mut self.ledger, &self.subject, &seen);
    }

    /// Carries plans out until one has nothing that is left for the next; `None` where RAM gives up on a member.
    fn carried_out(&mut self) -> Option<Result<SharePlan, Refusal>> {
        for _ in 0..TURNS {
            let (look, plan) = match self.planned()? {
                Ok(planned) => planned,
                Err(refusal) => return Some(Err(refusal)),
            };
            let ended = plan.steps.iter().map(|step| done(&mut self.truth, step));
            match ended.into_iter().find(|ended| *ended != Ended::Done) {
                None => {
                    self.concluded(&look, &plan);
                    return Some(Ok(plan));
                }
                Some(Ended::GivenUp) => return None,
                Some(_) => self.learn(plan.intent, &look),
            }
        }
        panic!("no end of invitations: {self:?}");
    }

    fn concluded(&mut self, look: &Look, plan: &SharePlan) {
        if matches!(self.goal, Goal::Absent(_)) {
            self.ledger = plan.conclusion.clone();
            return;
        }
        let made = plan.steps.iter().any(|step| matches!(step, Step::Create(_)));
        let look = if made {
            Look { aim: Aim::Share(ram::MADE.parse().unwrap()), ..look.clone() }
        } else {
            look.clone()
        };
        self.learn(plan.conclusion.clone(), &look);
        let seen = self.truth.seen_by(&look, &self.subject);
        LicenseConfigShare::settled(&mut self.ledger, &self.subject, &seen);
        if let Goal::Present { desired, .. } = &self.goal {
            self.subject.physical_id = Some(outcome(&self.subject, desired, plan, &seen).physical_id);
        }
    }

    /// The next request of the resource, an Update to the same properties.
    fn followed_by_the_same(mut self) -> Self {
        if let Goal::Present { outstanding: None, .. } = &self.goal {
            self.subject =
                Subject { request_id: "next".into(), request_type: RequestType::Update, ..self.subject };
        }
        self
    }
}

fn run(law: impl Fn(Situation) -> Result<(), TestCaseError>) {
    run_on(CASES, law);
}

fn run_on(cases: u32, law: impl Fn(Situation) -> Result<(), TestCaseError>) {
    let result =
        TestRunner::new(config(cases)).run(&situation(), |made_up| made_up.aimed().map_or(Ok(()), &law));
    result.unwrap_or_else(|error| panic!("{error}"));
}

fn name(step: &Step) -> &'static str {
    match step {
        Step::Create(_) => "create",
        Step::Associate(_) => "associate",
        Step::Invite(_) => "invite",
        Step::InviteLater(_) => "invite later",
        Step::Accept(_) => "accept",
        Step::Consult(_) => "consult",
        Step::Disassociate(_) => "disassociate",
        Step::Await(_) => "await",
        Step::AwaitActive(_) => "await active",
        Step::Configure(_) => "configure",
        Step::Tag(..) => "tag",
        Step::Untag(..) => "untag",
        Step::Delete(..) => "delete",
    }
}

/// The beginning and the end of refusals and warnings, by which they are told apart.
const WORDS: [&str; 22] = [
    "the provider has no record of resource share",
    "the record of this resource was lost and has been made anew",
    "it stays when this resource goes",
    "the resource share was deleted while its members were waited for",
    "the resource share was deleted meanwhile",
    "was gone and has been made anew",
    "removed by ExclusiveMembership",
    "is this resource's own: once",
    "is gone, so are the members",
    "does not exist. ",
    "was deleted. ",
    "is FAILED. ",
    "already in resource share",
    "left out, deleted meanwhile",
    "License Manager has no such license configuration",
    "left out, rejected, expired or removed meanwhile",
    "no longer in the resource share or invited to it",
    "no longer invited: rejected",
    "is left to ",
    "cannot be adopted: its Retain",
    "cannot be adopted: it ",
    "this change needs another share",
];

#[test]
fn the_situations_reach_every_step_and_every_word() {
    let counts = RefCell::new(BTreeMap::<&'static str, usize>::new());
    let count = |what| *counts.borrow_mut().entry(what).or_default() += 1;
    run_on(MANY, |made_up| {
        let told = match made_up.planned() {
            None => Vec::new(),
            Some(Err(refusal)) => vec![refusal.text],
            Some(Ok((_, plan))) => {
                count("planned");
                plan.steps.iter().map(name).collect::<BTreeSet<_>>().into_iter().for_each(count);
                plan.warnings
            }
        };
        for text in told {
            let known: Vec<_> = WORDS.iter().filter(|words| text.contains(*words)).collect();
            prop_assert!(
                !known.is_empty()
                    || text.starts_with("adopted resource share")
                    || text.starts_with("AdoptExisting found"),
                "{}",
                text
            );
            for words in known {
                count(words);
            }
        }
        Ok(())
    });
    let counts = counts.into_inner();
    let steps =
        ["create", "associate", "invite", "invite later", "accept", "disassociate", "await", "await active"];
    for what in steps.into_iter().chain(["consult", "configure", "tag", "untag", "delete"]).chain(WORDS) {
        assert!(
            counts.get(what).is_some_and(|times| *times >= 3),
            "{what} is reached too seldom: {counts:?}"
        );
    }
    assert!(counts["planned"] * 3 > usize::try_from(MANY).unwrap(), "{counts:?}");
}

#[test]
fn once_a_plan_is_carried_out_there_is_nothing_to_do() {
    run(|mut made_up| {
        let Some(Ok(first)) = made_up.carried_out() else { return Ok(()) };
        while made_up.looks().len() > 1 {
            made_up.carried_out();
        }
        if let (Goal::Absent(_), Some(_)) = (&made_up.goal, made_up.looks().first()) {
            made_up.carried_out();
        }
        let again = made_up.followed_by_the_same();
        match again.planned() {
            None => Ok(()),
            Some(Err(refusal)) => {
                prop_assert!(false, "after\n{}\nrefused: {}", first, refusal);
                Ok(())
            }
            Some(Ok((_, plan))) => {
                prop_assert!(plan.steps.is_empty(), "after\n{}\nstill\n{}", first, plan);
                Ok(())
            }
        }
    });
}

/// What is there in the end, without who asked last, and who has accepted by then.
fn end(made_up: &Situation) -> impl PartialEq + std::fmt::Debug + use<> {
    let mut share = made_up.truth.share.clone();
    if let Some(share) = &mut share {
        share.tags.remove(ownership::REQUEST_ID);
    }
    let status = |found: &Association| Some(found.status.clone()).filter(|status| !status.is_present());
    let there = made_up.truth.members.values().map(|found| (found.member.clone(), status(found)));
    (share, there.collect::<Vec<_>>(), made_up.ledger.clone())
}

#[test]
fn whatever_part_of_a_plan_was_done_the_next_one_comes_to_the_same_end() {
    let cases = (situation(), any::<u64>());
    let result = TestRunner::new(config(CASES)).run(&cases, |(made_up, part)| {
        let Some(made_up) = made_up.aimed() else { return Ok(()) };
        let mut straight = made_up.clone();
        let Some(Ok(_)) = straight.carried_out() else { return Ok(()) };
        let mut broken_off = made_up;
        let Some(Ok((_, first))) = broken_off.planned() else { return Ok(()) };
        let picked = first.steps.iter().enumerate().filter(|(n, _)| part & (1 << (n % 64)) != 0);
        for (_, step) in picked {
            if done(&mut broken_off.truth, step) != Ended::Done {
                break;
            }
        }
        // Only where something is written is the intent on record before.
        if first.steps.iter().any(Step::writes) {
            broken_off.ledger = first.intent.clone();
        }
        let Some(second) = broken_off.carried_out() else {
            prop_assert!(false, "nothing to look at after part of\n{}", first);
            return Ok(());
        };
        let second = match second {
            Ok(second) => second,
            Err(refusal) => {
                prop_assert!(false, "after part of\n{}\nrefused: {}", first, refusal);
                return Ok(());
            }
        };
        prop_assert_eq!(end(&broken_off), end(&straight), "after part of\n{}\nthen\n{}", first, second);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

/// Everything of one holding that proves a member to be this resource's, also what it would inherit.
fn proven(holding: &Holding) -> BTreeSet<&str> {
    let mut ids: BTreeSet<&str> = holding.all_added();
    if holding.is_own() {
        ids.extend(holding.found.iter().map(String::as_str));
    }
    ids
}

fn inherited(holding: &Holding) -> Option<&Holding> {
    match &holding.origin {
        Origin::Adopted(former) => former.inherited.as_deref(),
        Origin::Made { .. } | Origin::Attached => None,
    }
}

/// Tag keys that the record says this resource has put there, or will put back.
fn own_keys(holding: &Holding) -> BTreeSet<String> {
    let mut keys: BTreeSet<String> = holding.tag_keys.clone();
    keys.extend(ownership::KEYS.map(str::to_owned));
    if let Origin::Adopted(former) = &holding.origin {
        keys.extend(former.tags.keys().cloned());
    }
    keys
}

struct Judge<'a> {
    made_up: &'a Situation,
    look: &'a Look,
    plan: &'a SharePlan,
    /// The holding on record, before anything was decided.
    holding: Option<&'a Holding>,
}

impl Judge<'_> {
    fn desired(&self) -> Option<&Desired> {
        match &self.made_up.goal {
            Goal::Present { desired, .. } => Some(desired),
            Goal::Absent(_) => None,
        }
    }

    fn is_exclusive(&self) -> bool {
        matches!(self.desired().map(|desired| &desired.target), Some(Target::Own(own)) if own.exclusive_membership)
    }

    fn may_remove(&self, member: &Member) -> bool {
        let holdings = self.holding.into_iter().chain(self.holding.and_then(inherited));
        let is_proven = holdings.flat_map(proven).any(|id| id == member.id);
        let is_wanted = self.desired().is_some_and(|desired| desired.members().contains(member.id.as_str()));
        let seen = self.made_up.truth.seen_by(self.look, &self.made_up.subject);
        // What a return must do without may go where RAM has given up on it.
        let is_wanted = is_wanted && seen.has(member);
        (is_proven || self.is_exclusive()) && !is_wanted && !seen.named_elsewhere.contains(&member.id)
    }

    fn is_made(&self) -> bool {
        let made = |holding: &Holding| matches!(holding.origin, Origin::Made { .. });
        let after =
            |holding: &Holding| made(&holding.clone().inherit()) && self.made_up.truth_says_gone(self.look);
        self.holding.is_some_and(|holding| made(holding) || after(holding))
    }

    /// Whether the share's own settings may change: it is this resource's, or is about to be.
    fn is_own(&self) -> bool {
        let on_record = |ledger: &Ledger| ledger.holdings.iter().any(Holding::is_own);
        match &self.made_up.goal {
            Goal::Present { .. } => on_record(&self.plan.intent),
            Goal::Absent(_) => self.holding.is_some_and(Holding::is_own),
        }
    }

    fn keys(&self) -> BTreeSet<String> {
        let holdings = self.holding.into_iter().chain(self.holding.and_then(inherited));
        let mut keys: BTreeSet<String> = holdings.flat_map(own_keys).collect();
        keys.extend(ownership::KEYS.map(str::to_owned));
        keys
    }

    fn may(&self, step: &Step) -> bool {
        let share = self.made_up.truth.share.as_ref().map(|share| &share.arn);
        let template = match self.desired().map(|desired| &desired.target) {
            Some(Target::Own(own)) => own.tags.keys().cloned().collect(),
            _ => BTreeSet::new(),
        };
        match step {
            Step::Await(_) | Step::AwaitActive(_) | Step::Accept(_) | Step::InviteLater(_) => true,
            Step::Create(_) => {
                matches!(self.desired().map(|desired| &desired.target), Some(Target::Own(_)))
            }
            Step::Associate(change) => self.are_wanted(&change.members),
            Step::Invite(invite) => self.are_wanted(&invite.change.members),
            Step::Consult(on) => {
                Some(&on.share) == share && on.remove.iter().all(|member| self.may_remove(member))
            }
            Step::Disassociate(change) => {
                change.share.as_ref() == share && change.members.iter().all(|member| self.may_remove(member))
            }
            Step::Configure(to) => self.is_own() && Some(&to.share) == share,
            Step::Tag(arn, tags) => {
                self.is_own()
                    && Some(arn) == share
                    && tags.keys().all(|key| template.contains(key) || self.keys().contains(key))
            }
            Step::Untag(arn, keys) => {
                self.is_own()
                    && Some(arn) == share
                    && keys.iter().all(|key| self.keys().contains(key) && !template.contains(key))
            }
            Step::Delete(arn, _) => {
                self.desired().is_none()
                    && self.is_made()
                    && self.holding.and_then(Holding::share_arn).is_none_or(|named| named == *arn)
            }
        }
    }

    fn are_wanted(&self, members: &[Member]) -> bool {
        self.desired().is_some_and(|desired| {
            let wanted = desired.members();
            members.iter().all(|member| wanted.contains(member.id.as_str()))
        })
    }
}

impl Situation {
    fn truth_says_gone(&self, look: &Look) -> bool {
        self.truth.seen_by(look, &self.subject).former_owner_is_gone
    }
}

#[test]
fn a_plan_touches_nothing_that_is_not_on_record() {
    run(|made_up| {
        for look in made_up.looks() {
            let mut made_up = made_up.clone();
            if let (Aim::Share(arn), Some(share)) = (&look.aim, &mut made_up.truth.share) {
                share.arn = arn.clone();
            }
            let seen = made_up.truth.seen_by(&look, &made_up.subject);
            let Ok(plan) = plan(&made_up.subject, &made_up.goal, &made_up.ledger, &look, &seen) else {
                continue;
            };
            let holding = holding_of(&made_up.ledger, &look, &made_up.subject);
            let judge = Judge { made_up: &made_up, look: &look, plan: &plan, holding };
            for step in &plan.steps {
                prop_assert!(judge.may(step), "{} in\n{}", step, plan);
            }
            let others = made_up.ledger.holdings.iter().filter(|other| Some(*other) != holding);
            if matches!(made_up.goal, Goal::Absent(_)) {
                for other in others {
                    prop_assert!(plan.conclusion.holdings.contains(other), "{:?} is forgotten", other);
                }
            }
        }
        Ok(())
    });
}

#[test]
fn a_delete_of_what_is_not_on_record_looks_at_nothing_and_does_nothing() {
    run(|made_up| {
        let Goal::Absent(_) = &made_up.goal else { return Ok(()) };
        let asked = made_up.looks();
        let nothing = Situation { ledger: Ledger::default(), ..made_up };
        prop_assert!(nothing.looks().is_empty());
        for look in asked {
            let seen = nothing.truth.seen_by(&look, &nothing.subject);
            let plan = plan(&nothing.subject, &nothing.goal, &nothing.ledger, &look, &seen).unwrap();
            prop_assert!(plan.steps.is_empty(), "{}", plan);
            prop_assert_eq!(plan.conclusion, Ledger::default());
        }
        Ok(())
    });
}
