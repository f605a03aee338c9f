//! A plan as a value, and what comes of it.

use crate::protocol::Attributes;
use std::fmt;

/// What to do, decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan<S, L> {
    /// In order; empty where nothing is to be changed.
    pub steps: Vec<S>,
    /// What must be on record before the first step.
    pub intent: L,
    /// What is on record once all is done.
    pub conclusion: L,
    /// What the user should know.
    pub warnings: Vec<String>,
    /// A refused member is left out with a warning, not a failure.
    pub tolerant: bool,
}

impl<S: fmt::Display, L> fmt::Display for Plan<S, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.steps.is_empty() {
            return f.write_str("nothing to do");
        }
        for (index, step) in self.steps.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            step.fmt(f)?;
        }
        Ok(())
    }
}

/// A reasoned "will not do": nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Refusal {
    /// What is wrong, why, and what to do.
    pub text: String,
    /// Whether a second look in a few seconds may find otherwise: something that the template names is not there.
    pub may_settle: bool,
}

impl Refusal {
    /// A refusal that a second look would not change.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), may_settle: false }
    }
}

/// What a SUCCESS answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The physical id; another one than before is a replacement.
    pub physical_id: String,
    /// All attributes of the type but `Warnings`.
    pub attributes: Attributes,
    /// Of the plan and the outcome.
    pub warnings: Vec<String>,
}
