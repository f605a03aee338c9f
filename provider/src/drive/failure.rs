//! Why a request failed, and how a person reads it.

use super::abandoned::in_words;
use crate::aws::{AwsError, ErrorKind};
use crate::protocol::reason::chain;
use crate::protocol::{Cause, QueueError, Request, RequestType};
use crate::record::{RecordError, RecordErrorKind};
use crate::resource::{ApplyError, ObserveError, PropertyError, Refusal, Waiting, summary};
use std::collections::BTreeSet;

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The properties are wrong; nothing was changed.
    #[error("{}", summary(errors))]
    Properties {
        /// All mistakes.
        errors: Vec<PropertyError>,
        /// What they name that is not there.
        also: Option<Refusal>,
    },
    /// The properties are no JSON that can be read; nothing was changed.
    #[error(
        "ResourceProperties of the request cannot be read ({why}). They must be JSON of whole Unicode characters, nested \
         at most 100 deep. Nothing was changed"
    )]
    Unreadable {
        /// Where and why reading stopped.
        why: String,
    },
    /// The plan refuses; nothing was changed by it.
    #[error("{0}")]
    Refused(Refusal),
    /// A look failed.
    #[error("the state in AWS could not be read")]
    Observe {
        /// Which, and what AWS said.
        #[source]
        source: ObserveError,
    },
    /// A step failed.
    #[error("a step failed")]
    Apply {
        /// Which, and what AWS said.
        #[source]
        source: ApplyError,
    },
    /// The record could not be read or written.
    #[error("the record of this resource could not be used")]
    Record {
        /// What DynamoDB said.
        #[source]
        source: RecordError,
    },
    /// The record holds what this version cannot read.
    #[error(
        "the record of this resource was written by another version of the provider. Deploy that version again"
    )]
    Ledger {
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// Plans kept changing under the request.
    #[error("{why}, again and again: something else changes the same share. Try again when it is done")]
    Unsteady {
        /// What happened last.
        why: String,
    },
    /// What was waited for has not come about.
    #[error("{what}. {advice}")]
    Waited {
        /// A clause, "account 999900001111 has not accepted".
        what: String,
        /// What to do.
        advice: String,
        /// What may still be written for.
        outstanding: BTreeSet<String>,
    },
    /// It has to wait, and could not be handed over to a later invocation.
    #[error("{what}, and the wait queue did not take the request")]
    Unqueued {
        /// What is waited for.
        what: String,
        /// What the queue said.
        #[source]
        source: QueueError,
    },
    /// The type is none of ours.
    #[error(
        "this version of the provider has no type {resource_type}, it has {known}. Correct the type in the template, or \
         bring the provider's stack up to date"
    )]
    UnknownType {
        /// As the template says it.
        resource_type: String,
        /// All that there are.
        known: String,
    },
    /// The stack's account may not ask.
    #[error(
        "stacks of account {account} are not served: add it to the parameter TrustedAccounts of the provider's stack"
    )]
    NotTrusted {
        /// The stack's.
        account: String,
    },
    /// The function's environment is wrong.
    #[error("the provider's function is not set up: {0}. Deploy its template again")]
    Config(String),
    /// Nobody works on it any more, and nobody has answered it.
    #[error("{}", in_words(cause, log_group, request_id))]
    Abandoned {
        /// How that came.
        cause: Cause,
        /// Where the function's log is; empty where that is not known.
        log_group: String,
        /// CloudFormation's id of the request.
        request_id: String,
    },
    /// A bug: the handler panicked.
    #[error("the provider failed inside. Try again; if it fails again, report it with what the log says")]
    Panicked,
    /// The time ran out outside of any call.
    #[error("the time for this request ran out. Try again: what is done already stays done")]
    TimeUp,
}

impl Failure {
    /// `<verb>ing <thing> (<logical id>): <cause>. <what to do>`. Wrong properties come first, so that whoever shows
    /// only the start of a Reason shows the first of them, however long the logical id is.
    /// `waited` is how long ago the request was sent, in words.
    pub fn message(&self, thing: &str, request: &Request, waited: &str) -> String {
        let verb = match request.request_type {
            RequestType::Create => "creating",
            RequestType::Update => "updating",
            RequestType::Delete => "deleting",
        };
        let doing = format!("{verb} {thing} ({})", request.logical_resource_id);
        match self {
            Self::Properties { also, .. } => {
                let cause = self.cause();
                let stop = if cause.ends_with('?') { "" } else { "." };
                let also = also.as_ref().map(|also| format!(". Besides, {also}")).unwrap_or_default();
                format!("{cause}{stop} Nothing was changed while {doing}{also}")
            }
            Self::Waited { .. } => format!("{doing}: after {waited} {}", self.cause()),
            _ => format!("{doing}: {}", self.cause()),
        }
    }

    pub(super) fn waited(waiting: Waiting) -> Self {
        let Waiting { what, advice, outstanding, .. } = waiting;
        Self::Waited { what, advice, outstanding }
    }

    /// Whether it is worth waiting for: it may be otherwise in a minute, without anybody's doing.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Waited { .. } => true,
            Self::Observe { source: ObserveError::Aws { source, .. } }
            | Self::Apply { source: ApplyError::Call { source, .. } } => aws_may_pass(source),
            Self::Observe { source: ObserveError::Record { source } }
            | Self::Apply { source: ApplyError::Record { source, .. } }
            | Self::Record { source } => {
                matches!(source.kind(), RecordErrorKind::Throttled | RecordErrorKind::Unavailable)
            }
            _ => false,
        }
    }

    pub(super) fn cause(&self) -> String {
        match self.advice() {
            "" => self.bare_cause(),
            advice => format!("{}. {advice}", self.bare_cause().trim_end_matches('.')),
        }
    }

    /// What to do about what AWS said, beyond what the words of the error itself say.
    fn advice(&self) -> &str {
        match self {
            Self::Observe { source: ObserveError::Aws { advice, .. } }
            | Self::Apply { source: ApplyError::Call { advice, .. } } => advice,
            _ => "",
        }
    }

    fn bare_cause(&self) -> String {
        match self {
            Self::Observe { source } => chain(source),
            Self::Apply { source } => chain(source),
            Self::Record { source } => chain(source),
            _ => chain(self),
        }
    }

    /// The id under which AWS knows the call that failed.
    pub fn aws_request_id(&self) -> Option<&str> {
        match self {
            Self::Observe { source: ObserveError::Aws { source, .. } }
            | Self::Apply { source: ApplyError::Call { source, .. } } => source.request_id.as_deref(),
            Self::Record { source }
            | Self::Observe { source: ObserveError::Record { source } }
            | Self::Apply { source: ApplyError::Record { source, .. } } => {
                source.call().aws_request_id.as_deref()
            }
            _ => None,
        }
    }
}

fn aws_may_pass(error: &AwsError) -> bool {
    match error.kind {
        ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::Unreachable | ErrorKind::DeadlineOver => {
            true
        }
        ErrorKind::NotFound
        | ErrorKind::InvalidState
        | ErrorKind::IdempotentParameterMismatch
        | ErrorKind::AccessDenied
        | ErrorKind::ServiceRoleMissing
        | ErrorKind::Invalid
        | ErrorKind::NotPermitted
        | ErrorKind::LimitExceeded
        | ErrorKind::NotInOrganization
        | ErrorKind::Other => false,
    }
}
