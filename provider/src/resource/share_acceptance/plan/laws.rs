//! Laws of every plan for an acceptance, over made-up situations.

mod made_up;

use super::{AcceptancePlan, plan};
use crate::domain::InvitationStatus;
use crate::laws::config;
use crate::protocol::RequestType;
use crate::resource::share_acceptance::LicenseConfigShareAcceptance;
use crate::resource::share_acceptance::ledger::Ledger;
use crate::resource::share_acceptance::look::{Look, looks};
use crate::resource::share_acceptance::observed::Observed;
use crate::resource::share_acceptance::physical_id;
use crate::resource::share_acceptance::step::Step;
use crate::resource::{Goal, Refusal, Resource, Subject};
use made_up::{Situation, done, seen_by, situation};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::RefCell;
use std::collections::BTreeMap;

const CASES: u32 = 1_000;
/// For what is rare to come up.
const MANY: u32 = 4_000;

impl Situation {
    fn look(&self) -> Option<Look> {
        looks(&self.subject, &self.goal, &self.ledger).into_iter().next()
    }

    fn planned(&self) -> Option<Result<AcceptancePlan, Refusal>> {
        let look = self.look()?;
        let seen = seen_by(&self.truth, &look);
        Some(plan(&self.subject, &self.goal, &self.ledger, &look, &seen))
    }

    fn learn(&mut self, ledger: Ledger) {
        self.ledger = ledger;
        let seen = self.look().map(|look| seen_by(&self.truth, &look)).unwrap_or_default();
        LicenseConfigShareAcceptance::learn(&mut self.ledger, &self.subject, &seen);
    }

    /// Carries plans out until one has nothing that is left for the next; `None` where nobody may accept what is waited
    /// for.
    fn carried_out(&mut self) -> Option<Result<AcceptancePlan, Refusal>> {
        for _ in 0..3 {
            let plan = match self.planned()? {
                Ok(plan) => plan,
                Err(refusal) => return Some(Err(refusal)),
            };
            if plan.steps.iter().all(|step| done(&mut self.truth, step)) {
                match &self.goal {
                    Goal::Present { .. } => self.learn(plan.conclusion.clone()),
                    Goal::Absent(_) => self.ledger = plan.conclusion.clone(),
                }
                return Some(Ok(plan));
            }
            self.learn(plan.intent);
        }
        None
    }
}

fn run(cases: u32, law: impl Fn(Situation) -> Result<(), TestCaseError>) {
    let result = TestRunner::new(config(cases)).run(&situation(), law);
    result.unwrap_or_else(|error| panic!("{error}"));
}

fn name(step: &Step) -> &'static str {
    match step {
        Step::Accept { again: false, .. } => "accept",
        Step::Accept { again: true, .. } => "accept once more",
        Step::AwaitInvitation { .. } => "await an invitation",
        Step::AwaitVisible { .. } => "await it visible",
        Step::Leave { .. } => "leave",
    }
}

const STEPS: [&str; 5] = ["accept", "accept once more", "await an invitation", "await it visible", "leave"];

/// Words of refusals and warnings, by which they are told apart.
const WORDS: [&str; 13] = [
    "itself can accept. Set RoleArn",
    "the account cannot be looked at",
    "was rejected by somebody",
    "has expired. Only the owner",
    "no longer sees the resource share",
    "nothing was changed: ",
    "what was accepted is not taken back",
    "this resource did not accept it",
    "OnDelete is Retain",
    "another resource names it",
    "has no credentials of that account",
    "its ARN on record cannot be read",
    "was never visible here",
];

#[test]
fn the_situations_reach_every_step_and_every_word() {
    let counts = RefCell::new(BTreeMap::<&'static str, usize>::new());
    let count = |what| *counts.borrow_mut().entry(what).or_default() += 1;
    run(MANY, |made_up| {
        let told = match made_up.planned() {
            None => Vec::new(),
            Some(Err(refusal)) => vec![refusal.text],
            Some(Ok(plan)) => {
                plan.steps.iter().map(name).for_each(count);
                plan.warnings
            }
        };
        for text in told {
            let known: Vec<_> = WORDS.iter().filter(|words| text.contains(*words)).collect();
            prop_assert!(!known.is_empty(), "{}", text);
            for words in known {
                count(words);
            }
        }
        Ok(())
    });
    let counts = counts.into_inner();
    for what in STEPS.into_iter().chain(WORDS) {
        assert!(counts.get(what).is_some_and(|times| *times >= 3), "{what} comes up too seldom: {counts:?}");
    }
}

#[test]
fn once_a_plan_is_carried_out_there_is_nothing_to_do() {
    run(CASES, |mut made_up| {
        let Some(Ok(first)) = made_up.carried_out() else { return Ok(()) };
        if first.warnings.iter().any(|warning| warning.starts_with("nothing was changed")) {
            return Ok(());
        }
        if let Goal::Present { outstanding: None, .. } = &made_up.goal {
            let (request_id, request_type) = ("r2".to_owned(), RequestType::Update);
            made_up.subject = Subject { request_id, request_type, ..made_up.subject };
        } else {
            // The others that are to go.
            made_up.carried_out();
        }
        match made_up.planned() {
            None => {}
            Some(Err(refusal)) => prop_assert!(false, "after\n{}\nrefused: {}", first, refusal),
            Some(Ok(plan)) => prop_assert!(plan.steps.is_empty(), "after\n{}\nstill\n{}", first, plan),
        }
        Ok(())
    });
}

#[test]
fn whatever_part_of_a_plan_was_done_the_next_one_comes_to_the_same_end() {
    let result = TestRunner::new(config(CASES)).run(&(situation(), any::<u8>()), |(made_up, part)| {
        let mut straight = made_up.clone();
        let Some(Ok(_)) = straight.carried_out() else { return Ok(()) };
        let mut broken_off = made_up;
        let Some(Ok(first)) = broken_off.planned() else { return Ok(()) };
        for (n, step) in first.steps.iter().enumerate() {
            if part & (1 << n) != 0 && !done(&mut broken_off.truth, step) {
                break;
            }
        }
        // Only where something is written is the intent on record before.
        if first.steps.iter().any(Step::writes) {
            broken_off.ledger = first.intent.clone();
        }
        match broken_off.carried_out() {
            Some(Ok(second)) => {
                let end = |made_up: &Situation| (made_up.truth.clone(), made_up.ledger.clone());
                prop_assert_eq!(
                    end(&broken_off),
                    end(&straight),
                    "after part of\n{}\nthen\n{}",
                    first,
                    second
                );
            }
            other => prop_assert!(false, "after part of\n{}\n{:?}", first, other),
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

/// Whether the record, or the template, lets a step be done.
fn may(made_up: &Situation, look: &Look, seen: &Observed, step: &Step) -> bool {
    let stack = physical_id::account(&made_up.subject);
    let is_wanted = matches!(made_up.goal, Goal::Present { .. });
    match step {
        Step::AwaitInvitation { .. } | Step::AwaitVisible { .. } => is_wanted,
        Step::Accept { by, invitation, .. } => {
            let pending = |one: &&crate::domain::Invitation| {
                one.arn == *invitation && one.status == InvitationStatus::Pending
            };
            is_wanted && by.account == stack && seen.invitations.iter().any(|one| pending(&one))
        }
        Step::Leave { by, share, .. } => {
            let Look::Absent { id, .. } = look else { return false };
            let may = made_up.ledger.of(id).is_some_and(|holding| {
                let deletes = made_up.subject.request_type == RequestType::Delete;
                holding.accepted.is_some() && holding.share == share.as_str() && (holding.leave || !deletes)
            });
            let acts = by.account == stack && physical_id::account_in(id).as_ref() == Some(&stack);
            !is_wanted && may && acts && !made_up.truth.named_elsewhere
        }
    }
}

#[test]
fn a_plan_touches_nothing_that_is_not_on_record() {
    run(CASES, |made_up| {
        for look in looks(&made_up.subject, &made_up.goal, &made_up.ledger) {
            let seen = seen_by(&made_up.truth, &look);
            let Ok(plan) = plan(&made_up.subject, &made_up.goal, &made_up.ledger, &look, &seen) else {
                continue;
            };
            for step in &plan.steps {
                prop_assert!(may(&made_up, &look, &seen, step), "{} in\n{}", step, plan);
            }
            if let Look::Absent { id, .. } = &look {
                let mut others = made_up.ledger.holdings.iter().filter(|other| other.id != *id);
                prop_assert!(others.all(|other| plan.conclusion.holdings.contains(other)));
            }
        }
        Ok(())
    });
}

#[test]
fn a_delete_of_what_is_not_on_record_looks_at_nothing_and_does_nothing() {
    run(CASES, |made_up| {
        let Goal::Absent(_) = &made_up.goal else { return Ok(()) };
        let asked = looks(&made_up.subject, &made_up.goal, &made_up.ledger);
        let nothing = Situation { ledger: Ledger::default(), ..made_up };
        prop_assert!(nothing.look().is_none());
        for look in asked {
            let seen = seen_by(&nothing.truth, &look);
            let plan = plan(&nothing.subject, &nothing.goal, &nothing.ledger, &look, &seen).unwrap();
            prop_assert!(plan.steps.is_empty(), "{}", plan);
            prop_assert_eq!(plan.conclusion, Ledger::default());
        }
        Ok(())
    });
}
