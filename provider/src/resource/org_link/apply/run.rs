//! One run through the steps of a plan.

use crate::aws::{AwsError, ErrorKind};
use crate::domain::SettingsChange;
use crate::protocol::reason::chain;
use crate::record::{RecordError, RecordKey};
use crate::resource::org_link::advice::advice;
use crate::resource::org_link::observed::Observed;
use crate::resource::org_link::plan::LinkPlan;
use crate::resource::org_link::step::{LINKED, Step};
use crate::resource::org_link::taken::Taken;
use crate::resource::{ApplyError, Reach, Subject, Waiting};
use std::time::SystemTime;

/// What a run knows while it goes.
pub(super) struct Run<'a> {
    pub reach: &'a Reach<'a>,
    pub subject: &'a Subject,
    /// What can no longer be had is left out with a warning.
    pub tolerant: bool,
    pub seen: &'a mut Observed,
    pub warnings: Vec<String>,
    /// What this request has done that cannot be taken back.
    pub irreversible: Vec<&'static str>,
    /// What License Manager took of this request, and when the last of it was sent.
    pub taken: Option<Taken>,
    /// When this run sent EnableIntegration=true.
    pub sent_true: Option<SystemTime>,
}

/// Why a run stops before its last step.
#[derive(Debug)]
pub(super) enum Stop {
    /// Something changed that the plan did not know.
    Replan(String),
    /// It is not over, and patience is.
    Waiting(Waits),
    /// It failed.
    Failed(ApplyError),
}

/// What is waited for.
#[derive(Debug)]
pub(super) struct Waits {
    /// A clause for a person.
    pub what: String,
    /// What to do where it does not come about.
    pub advice: &'static str,
    /// Whether the step at which it stopped is still to be done.
    pub undone: bool,
}

impl<'a> Run<'a> {
    /// A request whose earlier delivery has switched the link on is told so, too.
    pub(super) fn new(
        reach: &'a Reach<'a>,
        subject: &'a Subject,
        plan: &LinkPlan,
        seen: &'a mut Observed,
    ) -> Self {
        let by = plan.intent.link.as_ref().and_then(|link| link.switched_on_by.as_ref());
        let linked = seen.known().is_some_and(|settings| settings.integration);
        let irreversible = if linked && by == Some(&subject.request_id) { vec![LINKED] } else { Vec::new() };
        let (tolerant, warnings) = (plan.tolerant, Vec::new());
        let taken = plan.steps.iter().find_map(taken_before);
        Self { reach, subject, tolerant, seen, warnings, irreversible, taken, sent_true: None }
    }

    /// License Manager has just taken `change`.
    pub(super) fn takes(&mut self, change: &SettingsChange) {
        let mut all = self.taken.take().map(|taken| taken.change).unwrap_or_default();
        all.merge(change);
        self.taken = Some(Taken::new(all, self.reach.clock.now()));
    }

    /// What License Manager took and does not show, but for the link: that is seen to elsewhere, it has two halves.
    pub(super) fn unseen(&self) -> Option<Taken> {
        let taken = self.taken.as_ref()?;
        let settings = self.seen.known().cloned().unwrap_or_default();
        let change = taken.change.missing_in(&settings, &self.subject.home.region);
        (!change.is_empty()).then(|| Taken { change, ..taken.clone() })
    }

    /// The record of the resource that the run is for.
    pub(super) fn own(&self) -> RecordKey {
        RecordKey::new(&self.subject.stack_id, &self.subject.logical_id)
    }

    /// A step has failed: a tolerant run goes on without it, unless trying again would help.
    ///
    /// # Errors
    /// The step's, with what was done before it and stays.
    pub(super) fn stopped(&mut self, step: &Step, error: ApplyError) -> Result<(), ApplyError> {
        if !self.tolerant || passes(&error) {
            return Err(self.failed(error));
        }
        self.warnings.push(format!("left out, {step}: {}", chain(&error)));
        Ok(())
    }

    /// Whether a tolerant run goes on after it: trying again would not help.
    pub(super) fn goes_on_without(&self, stop: &Stop) -> bool {
        matches!(stop, Stop::Failed(error) if self.tolerant && !passes(error))
    }

    fn with_what_stays(&self, advice: String) -> String {
        if self.irreversible.is_empty() {
            return advice;
        }
        let stays = format!("What cannot be taken back stays: {}", self.irreversible.join(", "));
        if advice.is_empty() { stays } else { format!("{advice}. {stays}") }
    }

    fn failed(&self, error: ApplyError) -> ApplyError {
        match error {
            ApplyError::Call { doing, source, advice } => {
                ApplyError::Call { doing, source, advice: self.with_what_stays(advice) }
            }
            ApplyError::Failed { what, advice } => {
                ApplyError::Failed { what, advice: self.with_what_stays(advice) }
            }
            unread @ ApplyError::Record { .. } => unread,
        }
    }

    /// The run stopped at the first of `left` to wait. A tolerant one goes on without what it waits for.
    pub(super) fn waits(&mut self, waits: Waits, left: &[Step]) -> Option<Waiting> {
        let Waits { what, advice, undone } = waits;
        if self.tolerant {
            self.warnings.push(format!("not waited for any longer: {what}"));
            return None;
        }
        let steps = if undone { left } else { left.get(1..).unwrap_or_default() };
        let (sent, unseen) = (self.sent_true, self.unseen());
        let outstanding = steps.iter().filter_map(|step| step.outstanding(sent, unseen.as_ref())).collect();
        let warnings = self.warnings.clone();
        Some(Waiting { what, advice: self.with_what_stays(advice.to_owned()), outstanding, warnings })
    }
}

fn taken_before(step: &Step) -> Option<Taken> {
    match step {
        Step::ReadBack { earlier } => earlier.clone(),
        _ => None,
    }
}

/// Whether it is AWS that is not up to it for now.
fn passes(error: &ApplyError) -> bool {
    let ApplyError::Call { source, .. } = error else { return false };
    matches!(
        source.kind,
        ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::Unreachable | ErrorKind::DeadlineOver
    )
}

/// Whether AWS said no. What ended without an answer may have been done.
pub(super) fn is_refusal(error: &AwsError) -> bool {
    error.code.is_some() && error.kind != ErrorKind::DeadlineOver
}

/// A call that failed, with what to do about it.
pub(super) fn stop(doing: impl Into<String>, source: AwsError) -> Stop {
    Stop::Failed(ApplyError::Call { doing: doing.into(), advice: advice(&source).to_owned(), source })
}

/// Something that failed without a call that was refused.
pub(super) fn failed(what: impl Into<String>, advice: impl Into<String>) -> Stop {
    Stop::Failed(ApplyError::Failed { what: what.into(), advice: advice.into() })
}

/// The records of other resources could not be used.
pub(super) fn unrecorded(source: RecordError) -> Stop {
    let doing = "the record of who may switch the link on could not be used".to_owned();
    Stop::Failed(ApplyError::Record { doing, source })
}
