//! How an apply ends.

use crate::aws::AwsError;
use std::time::Duration;

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
