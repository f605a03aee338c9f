//! Laws of every plan for the link, over made-up situations.

mod made_up;

use super::{LinkPlan, plan};
use crate::laws::config;
use crate::protocol::RequestType;
use crate::resource::org_link::LicenseManagerOrgLink;
use crate::resource::org_link::desired::Desired;
use crate::resource::org_link::ledger::Ledger;
use crate::resource::org_link::look::looks;
use crate::resource::org_link::observed::Observed;
use crate::resource::org_link::step::Step;
use crate::resource::{Goal, Refusal, Resource, Subject, Which};
use made_up::{Ended, Situation, done, seen_by, situation};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

const CASES: u32 = 1_000;
/// For what is rare to come up.
const MANY: u32 = 4_000;

impl Situation {
    fn planned(&self) -> Option<Result<LinkPlan, Refusal>> {
        let look = looks(&self.subject, &self.goal, &self.ledger).into_iter().next()?;
        let seen = seen_by(&self.truth, &look);
        Some(plan(&self.subject, &self.goal, &self.ledger, &look, &seen))
    }

    /// What the record learns of what there is; `settled`: once it is all as wanted.
    fn learn(&mut self, ledger: Ledger, settled: bool) {
        self.ledger = ledger;
        let look = looks(&self.subject, &self.goal, &self.ledger).into_iter().next();
        let seen = look.map(|look| seen_by(&self.truth, &look)).unwrap_or_default();
        LicenseManagerOrgLink::learn(&mut self.ledger, &self.subject, &seen);
        if settled {
            LicenseManagerOrgLink::settled(&mut self.ledger, &self.subject, &seen);
        }
    }

    /// Carries plans out until one has nothing that is left for the next; `None` where what is waited for does not come.
    fn carried_out(&mut self) -> Option<Result<LinkPlan, Refusal>> {
        for _ in 0..3 {
            let plan = match self.planned()? {
                Ok(plan) => plan,
                Err(refusal) => return Some(Err(refusal)),
            };
            let mut ended = plan.steps.iter().map(|step| done(&mut self.truth, step));
            match (ended.find(|ended| *ended != Ended::Done), &self.goal) {
                (Some(Ended::GivenUp), _) => return None,
                (Some(_), _) => {
                    self.learn(plan.intent, false);
                    continue;
                }
                (None, Goal::Present { .. }) => self.learn(plan.conclusion.clone(), true),
                (None, Goal::Absent(_)) => self.ledger = plan.conclusion.clone(),
            }
            return Some(Ok(plan));
        }
        panic!("no end: {self:?}");
    }

    fn followed_by_the_same(mut self) -> Self {
        if let Goal::Present { outstanding: None, .. } = &self.goal {
            let (request_id, request_type) = ("next".to_owned(), RequestType::Update);
            self.subject = Subject { request_id, request_type, ..self.subject };
        }
        self
    }
}

fn run(cases: u32, law: impl Fn(Situation) -> Result<(), TestCaseError>) {
    let result = TestRunner::new(config(cases)).run(&situation(), law);
    result.unwrap_or_else(|error| panic!("{error}"));
}

fn name(step: &Step) -> &'static str {
    match step {
        Step::CreateServiceRole => "create role",
        Step::Yield => "yield",
        Step::UpdateSettings(_) => "update settings",
        Step::SettleTrustedAccess { .. } => "settle trusted access",
        Step::AwaitTrustedAccess => "await trusted access",
        Step::ReadBack { .. } => "read back",
        Step::EnableRamSharing => "enable RAM sharing",
        Step::Delegate { from: None, .. } => "delegate",
        Step::Delegate { from: Some(_), .. } => "delegate in place of",
        Step::Undelegate(_) => "undelegate",
        Step::AwaitShare => "await share",
        Step::LookForShare { .. } => "look for share",
        Step::CheckShare(_) => "check share",
        Step::Unlink { resumed: false, .. } => "unlink",
        Step::Unlink { resumed: true, .. } => "unlink once more",
    }
}

const STEPS: [&str; 15] = [
    "create role",
    "yield",
    "update settings",
    "settle trusted access",
    "await trusted access",
    "read back",
    "enable RAM sharing",
    "delegate",
    "delegate in place of",
    "undelegate",
    "await share",
    "look for share",
    "check share",
    "unlink",
    "unlink once more",
];

/// Words of refusals and warnings, by which they are told apart.
const WORDS: [&str; 21] = [
    "is in no organization",
    "has consolidated billing features only",
    "only the management account",
    "is the management account, which",
    "and not through this resource",
    "is suspended, closed or not active yet",
    "is not in the organization",
    "needs a bucket",
    "nothing was changed: ",
    "left out: ",
    "CrossAccountInventorySearch stays on",
    "keeps the SNS topic",
    "keeps the S3 bucket",
    "is never switched off here",
    "IAM did not say",
    "the SNS topic is of account",
    "the organization stays linked: that cannot",
    "stays registered: another stack",
    "this resource did not switch the link on",
    "stays linked: another stack",
    "it is off already",
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
        let is_look = matches!(&made_up.goal, Goal::Present { outstanding: Some(_), .. });
        match made_up.followed_by_the_same().planned() {
            None => {}
            Some(Err(refusal)) => prop_assert!(false, "after\n{}\nrefused: {}", first, refusal),
            // What a look had outstanding it goes on to see to, and writes nothing.
            Some(Ok(plan)) if is_look => {
                prop_assert!(!plan.steps.iter().any(Step::writes), "after\n{}\nstill\n{}", first, plan);
            }
            Some(Ok(plan)) => prop_assert!(plan.steps.is_empty(), "after\n{}\nstill\n{}", first, plan),
        }
        Ok(())
    });
}

/// What is there in the end: the claim is let go of.
fn end(made_up: &Situation) -> (Observed, Ledger) {
    let mut truth = Observed { holds_claim: false, ..made_up.truth.clone() };
    if let Some(trusted) = &mut truth.trusted {
        trusted.sort_by(|one, other| one.principal.cmp(&other.principal));
    }
    (truth, made_up.ledger.clone())
}

/// Does some of the steps, and of one that puts an administrator in the place of another one perhaps half.
fn in_part(truth: &mut Observed, plan: &LinkPlan, part: u64) {
    for (n, step) in plan.steps.iter().enumerate() {
        if part & (1 << (n % 62)) != 0 {
            if done(truth, step) != Ended::Done {
                return;
            }
        } else if part & (1 << 63) != 0
            && let Step::Delegate { from: Some(from), .. } = step
        {
            done(truth, &Step::Undelegate(from.clone()));
        }
    }
}

#[test]
fn whatever_part_of_a_plan_was_done_the_next_one_comes_to_the_same_end() {
    let result = TestRunner::new(config(CASES)).run(&(situation(), any::<u64>()), |(made_up, part)| {
        let mut straight = made_up.clone();
        let Some(Ok(_)) = straight.carried_out() else { return Ok(()) };
        let mut broken_off = made_up;
        let Some(Ok(first)) = broken_off.planned() else { return Ok(()) };
        in_part(&mut broken_off.truth, &first, part);
        // Only where something is written is the intent on record before.
        if first.steps.iter().any(Step::writes) {
            broken_off.ledger = first.intent.clone();
        }
        match broken_off.carried_out() {
            Some(Ok(second)) => {
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

fn desired(goal: &Goal<Desired>) -> Option<&Desired> {
    match goal {
        Goal::Present { desired, .. } => Some(desired),
        Goal::Absent(_) => None,
    }
}

/// Whether the record, or the template, lets a step be done.
fn may(made_up: &Situation, step: &Step) -> bool {
    let link = made_up.ledger.link.as_ref();
    let desired = desired(&made_up.goal);
    let on_record = link.map(|link| link.registered.iter().chain(&link.former).collect::<BTreeSet<_>>());
    let on_record = |id: &str| on_record.iter().flatten().any(|known| *known == id);
    let is_named = matches!(&made_up.goal, Goal::Absent(Which::PhysicalId(_)));
    match step {
        Step::Yield
        | Step::SettleTrustedAccess { .. }
        | Step::AwaitTrustedAccess
        | Step::ReadBack { .. }
        | Step::CreateServiceRole
        | Step::AwaitShare
        | Step::LookForShare { .. }
        | Step::CheckShare(_) => desired.is_some(),
        Step::UpdateSettings(change) => {
            let is_wanted = |wanted: &Desired| {
                let regions: Vec<String> = wanted.discovery_source_regions.iter().cloned().collect();
                change.cross_account_discovery.is_none_or(|on| on && wanted.inventory_search)
                    && (change.sns_topic.is_none() || change.sns_topic == wanted.sns_topic)
                    && (change.s3_bucket.is_none() || change.s3_bucket == wanted.s3_bucket)
                    && change.discovery_source_regions.as_ref().is_none_or(|named| *named == regions)
            };
            change.integration != Some(false) && desired.is_some_and(is_wanted)
        }
        Step::EnableRamSharing => desired.is_some_and(|wanted| wanted.ram_sharing),
        Step::Delegate { to, from } => {
            desired.is_some_and(|wanted| wanted.delegated_administrator.as_ref() == Some(to))
                && from.as_ref().is_none_or(|from| on_record(from.as_str()))
        }
        Step::Undelegate(account) => {
            let taken = is_named && link.is_some_and(|link| link.answered);
            // A rollback takes back what no SUCCESS has named, where none is wanted.
            let is_new = link.is_some_and(|link| link.unanswered.contains(account.as_str()));
            let may_go = match desired {
                Some(wanted) => is_new && wanted.delegated_administrator.is_none(),
                None => !taken,
            };
            on_record(account.as_str()) && may_go && !made_up.truth.named_elsewhere
        }
        Step::Unlink { create, .. } => {
            let proves = |link: &super::Link| {
                link.answered && link.unlink && link.switched_on_by.as_ref() == Some(create)
            };
            let others = made_up.truth.named_elsewhere && !made_up.truth.has_begun_to_unlink;
            is_named && link.is_some_and(proves) && !others
        }
    }
}

#[test]
fn a_plan_touches_nothing_that_is_not_on_record() {
    run(CASES, |made_up| {
        let Some(Ok(plan)) = made_up.planned() else { return Ok(()) };
        for step in &plan.steps {
            prop_assert!(may(&made_up, step), "{} in\n{}", step, plan);
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
        prop_assert!(nothing.planned().is_none());
        for look in asked {
            let seen = seen_by(&nothing.truth, &look);
            let plan = plan(&nothing.subject, &nothing.goal, &nothing.ledger, &look, &seen).unwrap();
            prop_assert!(plan.steps.is_empty(), "{}", plan);
            prop_assert_eq!(plan.conclusion, Ledger::default());
        }
        Ok(())
    });
}
