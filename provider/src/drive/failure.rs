//! Why a request failed, and how a person reads it.

use crate::protocol::reason::chain;
use crate::protocol::{Request, RequestType};
use crate::record::RecordError;
use crate::resource::{ApplyError, ObserveError, PropertyError, Refusal, summary};

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The properties are wrong; nothing was changed.
    #[error("{}", summary(.0))]
    Properties(Vec<PropertyError>),
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
    /// The type is none of ours.
    #[error("this version of the provider has no type {resource_type}. It has {known}")]
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
    /// A bug: the handler panicked.
    #[error(
        "the provider failed inside. Nothing more is known here; the log has the rest. Try again, and report it"
    )]
    Panicked,
    /// The time ran out outside of any call.
    #[error("the time for this request ran out. Try again: what is done already stays done")]
    TimeUp,
}

impl Failure {
    /// `<verb>ing <thing> <logical id>: <cause>. <what to do>`.
    pub fn message(&self, thing: &str, request: &Request) -> String {
        let verb = match request.request_type {
            RequestType::Create => "creating",
            RequestType::Update => "updating",
            RequestType::Delete => "deleting",
        };
        format!("{verb} {thing} {}: {}", request.logical_resource_id, self.cause())
    }

    fn cause(&self) -> String {
        match self {
            Self::Observe { source } => chain(source),
            Self::Apply { source: ApplyError::Call { advice, .. } } if !advice.is_empty() => {
                format!("{}. {advice}", self.bare_cause().trim_end_matches('.'))
            }
            _ => self.bare_cause(),
        }
    }

    fn bare_cause(&self) -> String {
        match self {
            Self::Apply { source } => chain(source),
            Self::Record { source } => chain(source),
            _ => chain(self),
        }
    }

    /// The id under which AWS knows the call that failed.
    pub fn aws_request_id(&self) -> Option<&str> {
        match self {
            Self::Observe { source: ObserveError::Aws { source } }
            | Self::Apply { source: ApplyError::Call { source, .. } } => source.request_id.as_deref(),
            _ => None,
        }
    }
}
