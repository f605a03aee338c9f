//! How an apply ends.

use crate::aws::{AwsError, ErrorKind};
use crate::record::RecordError;
use std::collections::BTreeSet;

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
    /// The plan has done its part, and made way for the next one: what was seen, as it was kept up to date, holds, and as
    /// many plans follow as there is time for.
    Progress {
        /// What had to be left out so far.
        warnings: Vec<String>,
    },
    /// Something outlasts the patience of this invocation: look again later.
    Waiting(Waiting),
    /// The same, but what is there suffices where there is no more time to wait.
    WaitingOr {
        /// What is waited for.
        waiting: Waiting,
        /// What the success warns of then.
        warning: String,
    },
}

/// What is waited for, and what is left to do then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// A clause for a person, `account 999900001111 has not accepted`.
    pub what: String,
    /// What to do where it has not come about at the end.
    pub advice: String,
    /// What may still be written for, as ids of the type's own; what is only waited for is not among them.
    pub outstanding: BTreeSet<String>,
    /// What had to be left out so far.
    pub warnings: Vec<String>,
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
    /// A record beside the resource's own could not be used.
    #[error("{doing}")]
    Record {
        /// What was being done, or what it was needed for.
        doing: String,
        /// What DynamoDB said.
        #[source]
        source: RecordError,
    },
    /// RAM gave up on members, or the share.
    #[error("{what}{}", separated(advice))]
    Failed {
        /// Which, with RAM's own words.
        what: String,
        /// What to do about it; may be empty.
        advice: String,
    },
}

impl ApplyError {
    /// Whether a call ended without AWS's answer: it may have been done.
    pub fn is_unanswered(&self) -> bool {
        let Self::Call { source, .. } = self else { return false };
        source.code.is_none() || source.kind == ErrorKind::DeadlineOver
    }
}

fn separated(advice: &str) -> String {
    if advice.is_empty() { String::new() } else { format!(". {advice}") }
}
