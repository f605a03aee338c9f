//! One run through the steps of a plan.

use crate::aws::AwsError;
use crate::resource::org_link::advice::advice;
use crate::resource::org_link::observed::Observed;
use crate::resource::{ApplyError, Reach, Subject};

/// What a run knows while it goes.
pub(super) struct Run<'a> {
    pub reach: &'a Reach<'a>,
    pub subject: &'a Subject,
    /// What can no longer be had is left out with a warning.
    pub tolerant: bool,
    pub seen: &'a mut Observed,
    pub warnings: Vec<String>,
    /// What this run has done that cannot be taken back.
    pub irreversible: Vec<&'static str>,
}

/// Why a run stops before its last step.
#[derive(Debug)]
pub(super) enum Stop {
    /// Something changed that the plan did not know.
    Replan(String),
    /// It failed.
    Failed(ApplyError),
}

impl<'a> Run<'a> {
    pub fn new(reach: &'a Reach<'a>, subject: &'a Subject, tolerant: bool, seen: &'a mut Observed) -> Self {
        Self { reach, subject, tolerant, seen, warnings: Vec::new(), irreversible: Vec::new() }
    }

    /// Adds to an error what was done before it and stays.
    pub fn failed(&self, error: ApplyError) -> ApplyError {
        if self.irreversible.is_empty() {
            return error;
        }
        let stays = format!("What cannot be taken back stays: {}", self.irreversible.join(", "));
        let with =
            |advice: String| if advice.is_empty() { stays.clone() } else { format!("{advice}. {stays}") };
        match error {
            ApplyError::Call { doing, source, advice } => {
                ApplyError::Call { doing, source, advice: with(advice) }
            }
            ApplyError::Failed { what, advice } => ApplyError::Failed { what, advice: with(advice) },
            ApplyError::NotSettled { what, waited } => {
                ApplyError::NotSettled { what: format!("{what} ({stays})"), waited }
            }
        }
    }
}

/// A call that failed, with what to do about it.
pub(super) fn stop(doing: impl Into<String>, source: AwsError) -> Stop {
    Stop::Failed(ApplyError::Call { doing: doing.into(), advice: advice(&source).to_owned(), source })
}
