//! Create and Update: make it so.

use super::Before;
use super::absent::Removal;
use super::failure::Failure;
use super::finish::{Ended, Success};
use super::keeping::{Keeping, Stop};
use super::margin::Margin;
use super::scene::Scene;
use super::waiting::upcoming;
use crate::protocol::{Request, RequestType};
use crate::record::Record;
use crate::resource::{Applied, ApplyError, Decoded, Goal, Outcome, Plan, Refusal, Resource, Subject, Which};
use serde_json::Value;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often a plan may be made anew because the world was not as it was when it was made.
const ROUNDS: usize = 6;
/// How long a refusal that may settle is looked at again: a license configuration that was made a moment ago.
const SETTLE: Duration = Duration::from_secs(15);
/// Between two such looks.
const AGAIN: Duration = Duration::from_secs(2);

pub(super) async fn present<R: Resource>(
    scene: &Scene<'_>,
    subject: &Subject,
    request: &Request,
    record: &Record,
    margin: &Margin,
    ledger: R::Ledger,
    before: Before<R>,
) -> Ended<R> {
    if let Some(why) = &request.properties_unreadable {
        return Ended::failed(ledger, Failure::Unreadable { why: why.clone() });
    }
    let is_return = is_return(request, record);
    let Decoded { desired, errors } = R::decode(&request.properties, subject);
    let Some(desired) = desired else {
        return Ended::failed(ledger, Failure::Properties { errors, also: None });
    };
    if !errors.is_empty() && !is_return {
        let goal = Goal::Present { desired, is_return, outstanding: None };
        let work = Work::<R>::new(scene, subject, goal, ledger, Keeping::Own(margin));
        let also = work.missing(before).await;
        return Ended::failed(work.ledger, Failure::Properties { errors, also });
    }
    let outstanding = scene.look.as_ref().and_then(|look| look.outstanding.clone());
    let goal = Goal::Present { desired, is_return, outstanding };
    let mut work = Work::<R>::new(scene, subject, goal, ledger, Keeping::Own(margin));
    work.request = Some(request);
    work.warn(scene.look.iter().flat_map(|look| look.warnings.iter().cloned()));
    work.warn(errors.iter().map(|error| format!("left out, {}: {}", error.path, error.problem)));
    match work.converge(before).await {
        Ok((plan, seen)) => work.succeeded(&plan, &seen, &record.seen).await,
        Err(stop) => work.stopped(stop),
    }
}

/// Whether an Update goes back to properties that were in force: a rollback does.
fn is_return(request: &Request, record: &Record) -> bool {
    let wanted = canonical(&request.properties);
    let was =
        |properties: &Option<Value>| properties.as_ref().is_some_and(|properties| *properties == wanted);
    request.request_type == RequestType::Update && (was(&record.succeeded) || was(&record.before))
}

/// The properties without what is the protocol's own.
pub(super) fn canonical(properties: &Value) -> Value {
    let mut properties = properties.clone();
    if let Value::Object(members) = &mut properties {
        members.remove("ServiceToken");
        members.remove("ServiceTimeout");
    }
    properties
}

/// Converges to `goal` once more, on a record whose newest request has ended.
pub(super) async fn converge_beside<R: Resource>(
    scene: &Scene<'_>,
    subject: &Subject,
    goal: Goal<R::Desired>,
    ledger: R::Ledger,
    keeping: Keeping<'_>,
) -> Result<(), Stop> {
    let mut work = Work::<R>::new(scene, subject, goal, ledger, keeping);
    let (plan, seen) = work.converge(None).await?;
    let mut ledger = plan.conclusion;
    R::learn(&mut ledger, subject, &seen);
    R::settled(&mut ledger, subject, &seen);
    if ledger == work.ledger { Ok(()) } else { work.keep(&ledger).await }
}

struct Work<'a, R: Resource> {
    scene: &'a Scene<'a>,
    subject: &'a Subject,
    /// What may be handed over; `None` where nobody waits for an answer.
    request: Option<&'a Request>,
    goal: Goal<R::Desired>,
    ledger: R::Ledger,
    /// As on record when what it says of this request was done, or may have been: at first by an earlier delivery.
    done: R::Ledger,
    keeping: Keeping<'a>,
    /// Whether this run has written the record.
    kept: bool,
    warnings: Vec<String>,
}

type PlanOf<R> = Plan<<R as Resource>::Step, <R as Resource>::Ledger>;

impl<'a, R: Resource> Work<'a, R> {
    fn new(
        scene: &'a Scene<'a>,
        subject: &'a Subject,
        goal: Goal<R::Desired>,
        ledger: R::Ledger,
        keeping: Keeping<'a>,
    ) -> Self {
        let done = ledger.clone();
        Self { scene, subject, request: None, goal, ledger, done, keeping, kept: false, warnings: Vec::new() }
    }

    fn stopped(self, stop: Stop) -> Ended<R> {
        let Self { ledger, done, warnings, kept, .. } = self;
        match stop {
            Stop::Failed(failure) => Ended::Failed { ledger, done, failure, warnings, kept },
            Stop::Outdone(written) => Ended::Outdone { ledger, written },
        }
    }

    /// Plans and applies until nothing is left to do.
    async fn converge(&mut self, before: Before<R>) -> Result<(PlanOf<R>, R::Seen), Stop> {
        let mut before = before;
        if let Some(announced) = R::announced(self.subject, &self.ledger) {
            self.keep(&announced).await?;
            self.ledger = announced;
            // What was seen before it was on record may be gone.
            before = None;
        }
        let mut why = String::new();
        let mut rounds = 0;
        while rounds < ROUNDS {
            let (look, plan, mut seen) = self.decide(before.take()).await?;
            tracing::info!(request_id = self.subject.request_id, %plan, "plan");
            self.intend(&plan).await?;
            let applied = R::apply(&self.scene.reach(), self.subject, &plan, &mut seen).await;
            if applied.as_ref().err().is_none_or(ApplyError::is_unanswered) {
                self.done = plan.intent.clone();
            }
            match applied {
                Ok(Applied::Done { warnings }) => {
                    self.warn(plan.warnings.iter().cloned().chain(warnings));
                    return Ok((plan, seen));
                }
                Ok(Applied::Progress { warnings }) => {
                    R::learn(&mut self.ledger, self.subject, &seen);
                    self.warn(plan.warnings.iter().cloned().chain(warnings));
                    before = Some((look, seen));
                    continue;
                }
                Ok(Applied::Replan { why: cause, warnings }) => {
                    self.warn(plan.warnings.iter().cloned().chain(warnings));
                    (why, rounds) = (cause, rounds + 1);
                }
                Ok(Applied::WaitingOr { waiting, warning }) if !self.may_look_again() => {
                    self.warn(plan.warnings.iter().cloned().chain(waiting.warnings).chain([warning]));
                    return Ok((plan, seen));
                }
                Ok(Applied::Waiting(waiting) | Applied::WaitingOr { waiting, .. }) => {
                    R::learn(&mut self.ledger, self.subject, &seen);
                    self.warn(plan.warnings.iter().chain(&waiting.warnings).cloned());
                    return Err(Stop::Failed(Failure::waited(waiting)));
                }
                Err(source) => {
                    R::learn(&mut self.ledger, self.subject, &seen);
                    return Err(Stop::Failed(Failure::Apply { source }));
                }
            }
            R::learn(&mut self.ledger, self.subject, &seen);
            before = R::carried(look, seen);
        }
        Err(Stop::Failed(Failure::Unsteady { why }))
    }

    /// Whether there is time for another look at the request, in a later invocation.
    fn may_look_again(&self) -> bool {
        self.request.is_some_and(|request| upcoming(self.scene, request).is_some())
    }

    /// Looks and plans; a refusal that may settle is looked at again.
    async fn decide(&self, mut before: Before<R>) -> Result<(R::Look, PlanOf<R>, R::Seen), Stop> {
        let started = Instant::now();
        loop {
            let (look, seen) = self.look(before.take()).await?;
            match R::plan(self.subject, &self.goal, &self.ledger, &look, &seen) {
                Ok(plan) => return Ok((look, plan, seen)),
                Err(refusal) if refusal.may_settle && self.may_wait(started) => sleep(AGAIN).await,
                Err(refusal) => return Err(Stop::Failed(Failure::Refused(refusal))),
            }
        }
    }

    /// What else a request with wrong properties names that is not there, in one look: all mistakes come in one answer.
    async fn missing(&self, before: Before<R>) -> Option<Refusal> {
        let (look, seen) = self.look(before).await.ok()?;
        let plan = R::plan(self.subject, &self.goal, &self.ledger, &look, &seen);
        plan.err().filter(|refusal| refusal.may_settle)
    }

    fn may_wait(&self, started: Instant) -> bool {
        started.elapsed() + AGAIN <= SETTLE && self.scene.budget.work.remaining() > AGAIN
    }

    async fn look(&self, before: Before<R>) -> Result<(R::Look, R::Seen), Stop> {
        let looks = R::looks(self.subject, &self.goal, &self.ledger);
        let Some(look) = looks.into_iter().next() else {
            return Err(Stop::Failed(Failure::Unsteady { why: "there was nothing to look at".to_owned() }));
        };
        let seen = R::observe(&self.scene.reach(), self.subject, &look, before).await;
        Ok((look, seen.map_err(|source| Stop::Failed(Failure::Observe { source }))?))
    }

    /// Writes what is going to be made before it is made. Also where nothing new is: a request that was overtaken
    /// while it looked must not write.
    async fn intend(&mut self, plan: &PlanOf<R>) -> Result<(), Stop> {
        let writes = plan.steps.iter().any(R::writes);
        let is_on_record = self.kept && plan.intent == self.ledger;
        if writes && !is_on_record {
            self.keep(&plan.intent).await?;
            self.kept = true;
        }
        self.ledger = plan.intent.clone();
        Ok(())
    }

    async fn keep(&self, ledger: &R::Ledger) -> Result<(), Stop> {
        self.keeping.keep::<R>(self.scene, self.subject, ledger).await
    }

    fn warn(&mut self, warnings: impl IntoIterator<Item = String>) {
        for warning in warnings {
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
    }

    async fn succeeded(mut self, plan: &PlanOf<R>, seen: &R::Seen, requests: &[String]) -> Ended<R> {
        let Goal::Present { desired, .. } = &self.goal else {
            return Ended::failed(self.ledger, Failure::Panicked);
        };
        let outcome = R::outcome(self.subject, desired, plan, seen);
        let mut ledger = plan.conclusion.clone();
        R::learn(&mut ledger, self.subject, seen);
        R::settled(&mut ledger, self.subject, seen);
        let untaken = self.untaken(&outcome, requests);
        let leftovers = Which::Leftovers { except: self.subject.request_id.clone() };
        for which in untaken.into_iter().chain([leftovers]) {
            // Not on record in between: it says that the request has succeeded.
            let removal = Removal { scene: self.scene, reach: self.scene.reach(), keeping: Keeping::Nobody };
            match removal.remove::<R>(self.subject, &which, &mut ledger, None).await {
                Ok(()) => {}
                // An Update that rolls back may be the last request for a long time.
                Err(Stop::Failed(failure)) if failure.may_pass() && self.may_look_again() => {
                    return self.stopped(Stop::Failed(failure));
                }
                Err(Stop::Outdone(written)) => return self.stopped(Stop::Outdone(written)),
                Err(Stop::Failed(failure)) => {
                    let cause = failure.cause();
                    tracing::warn!(cause, "leftovers of an earlier request stay on record");
                    self.warn([format!(
                        "what an earlier request of this resource left is not removed yet, the next one tries again: {cause}"
                    )]);
                }
            }
        }
        self.warn(outcome.warnings.clone());
        Ended::Succeeded(Success { ledger, outcome: Some(outcome), warnings: self.warnings })
    }

    /// An Update that comes with an older id shows that CloudFormation never took a newer one, or gives it up.
    fn untaken(&self, outcome: &Outcome, requests: &[String]) -> Option<Which> {
        let given = self.subject.physical_id.as_ref().filter(|id| **id == outcome.physical_id)?;
        let except = self.subject.request_id.clone();
        Some(Which::After { physical_id: given.clone(), requests: requests.to_vec(), except })
    }
}
