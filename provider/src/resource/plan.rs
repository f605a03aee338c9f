//! A plan as a value, and what comes of it.

use crate::aws::AwsError;
use crate::protocol::Attributes;
use std::fmt;
use std::time::Duration;

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

/// How an apply ended without an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// All steps are done.
    Done {
        /// What had to be left out, and the like.
        warnings: Vec<String>,
    },
    /// The world is not as it was when the plan was made: look and plan again.
    Replan {
        /// Why, for the log.
        why: String,
        /// What had to be left out so far.
        warnings: Vec<String>,
    },
}

/// What stopped an apply.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// An AWS call failed.
    #[error("{doing}")]
    Call {
        /// What was being done, "adding 3 members".
        doing: String,
        /// What AWS said.
        #[source]
        source: AwsError,
        /// What to do about it; may be empty.
        advice: String,
    },
    /// RAM gave up on members, or the share.
    #[error("{what}{}", separated(advice))]
    Failed {
        /// Which, with RAM's own words.
        what: String,
        /// What to do about it; may be empty.
        advice: String,
    },
    /// Something did not settle in time.
    #[error(
        "AWS RAM did not settle this within {waited:?}: {what}. Try again in a few minutes; if it stays so, ask AWS Support"
    )]
    NotSettled {
        /// Which.
        what: String,
        /// How long was waited.
        waited: Duration,
    },
}

fn separated(advice: &str) -> String {
    if advice.is_empty() { String::new() } else { format!(". {advice}") }
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
