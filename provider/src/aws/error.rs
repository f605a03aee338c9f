//! What went wrong with an AWS call: a small kind to branch on, and words for a person.

use std::error::Error;
use std::fmt;
use std::io;

/// What to branch on. The codes behind each kind are in the table of `classify`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorKind {
    /// What was named is not there.
    NotFound,
    /// The share or the invitation is in a state that does not allow this now: RAM's InvalidStateTransitionException,
    /// or an invitation that was accepted, was rejected or has expired; the code tells which.
    InvalidState,
    /// The client token was used before with other parameters: an earlier delivery did this.
    IdempotentParameterMismatch,
    /// Too many calls.
    Throttled,
    /// IAM, a service control policy or the like.
    AccessDenied,
    /// License Manager's core service-linked role is missing, which License Manager words as an access denial
    /// (license-manager facts 1.5).
    ServiceRoleMissing,
    /// The input, a request token or a page token is not taken.
    Invalid,
    /// A rule of the service forbids it. RAM: mostly sharing outside the organization, or sharing with it not switched
    /// on. Organizations: the rule is named by [`AwsError::rule`].
    NotPermitted,
    /// The account is in no organization (AWSOrganizationsNotInUseException).
    NotInOrganization,
    /// A quota.
    LimitExceeded,
    /// The service failed (5xx), or took longer than an attempt may take.
    Unavailable,
    /// No connection, or one that broke.
    Unreachable,
    /// The deadline came first. What the last attempt met is in [`AwsError::last`].
    DeadlineOver,
    /// Anything else.
    Other,
}

/// An operation of a service, as AWS names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// For a person: `RAM`, `License Manager`, `Organizations`, `IAM`, `STS`, `SQS`, `DynamoDB`.
    pub service: &'static str,
    /// The operation's name in the service's API reference.
    pub name: &'static str,
}

impl Operation {
    /// The IAM action that allows it, such as `ram:CreateResourceShare`.
    pub fn action(&self) -> String {
        format!("{}:{}", self.service.to_ascii_lowercase().replace(' ', "-"), self.name)
    }
}

/// A failed AWS call. Neither its words nor its sources hold headers, bodies, addresses or credentials.
#[derive(Debug)]
pub struct AwsError {
    /// What to branch on.
    pub kind: ErrorKind,
    /// For a person: `RAM`, `License Manager`, `Organizations`, `IAM`, `STS`, `SQS`, `DynamoDB`.
    pub service: &'static str,
    /// The operation's name in the service's API reference.
    pub operation: &'static str,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// AWS's error code, such as `InvalidParameterException`.
    pub code: Option<Box<str>>,
    /// AWS's own words, in one line.
    pub message: Option<Box<str>>,
    /// The id to give to AWS support.
    pub request_id: Option<Box<str>>,
    /// What is behind it, where AWS's own words do not say it.
    pub cause: Option<Cause>,
    /// Whether the call may have taken effect all the same: an attempt ended without an answer that tells, or was under
    /// way at the deadline.
    pub may_be_done: bool,
}

/// What is behind an error, beside AWS's own words.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// The network.
    #[error("the connection failed ({kind})")]
    Connection {
        /// Of the operating system's error, `Other` where there was none.
        kind: io::ErrorKind,
    },
    /// An attempt was given up, and no further one was made.
    #[error("no answer within the time of one attempt")]
    AttemptTimeout,
    /// What came back is not the service's format.
    #[error("the answer cannot be read")]
    Malformed,
    /// A member without which the answer means nothing.
    #[error("the answer has no usable {member}")]
    Incomplete {
        /// The member's name in the service's API reference.
        member: &'static str,
    },
    /// A list that would never end.
    #[error("the list's next token repeats itself")]
    RepeatedToken,
    /// The rule that Organizations names beside the codes ConstraintViolationException and InvalidInputException.
    #[error("the rule is {name}")]
    Rule {
        /// Its word in the API reference, such as `CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR`.
        name: Box<str>,
    },
    /// `returnValue` is false.
    #[error("the answer says that it was not done")]
    NotDone,
    /// No credentials, no region, or input that cannot be written.
    #[error("the request could not be built and signed")]
    Unsent,
    /// What the last attempt before the deadline met.
    #[error(transparent)]
    Last(Box<AwsError>),
}

impl AwsError {
    /// An error that AWS did not word.
    pub fn new(operation: Operation, kind: ErrorKind, cause: Option<Cause>) -> Self {
        Self {
            kind,
            service: operation.service,
            operation: operation.name,
            status: None,
            code: None,
            message: None,
            request_id: None,
            cause,
            may_be_done: false,
        }
    }

    /// The error of the last attempt before the deadline; the error itself where it is no [`ErrorKind::DeadlineOver`],
    /// or where no attempt came to an end.
    pub fn last(&self) -> &Self {
        match &self.cause {
            Some(Cause::Last(last)) => last,
            _ => self,
        }
    }

    /// The rule of Organizations that forbids it, as its API reference words it.
    pub fn rule(&self) -> Option<&str> {
        match &self.cause {
            Some(Cause::Rule { name }) => Some(name),
            _ => None,
        }
    }

    /// The action that AWS's message names. A service that acts with its caller's permissions may need another one than
    /// the call's own.
    fn denied_action(&self) -> Option<&str> {
        let (_, rest) = self.message.as_deref()?.split_once("not authorized to perform: ")?;
        let action = rest.split_whitespace().next()?.trim_end_matches(['.', ',']);
        action.contains(':').then_some(action)
    }

    /// `: <message> (<code>)`, as far as they are known.
    fn write_details(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(message) = &self.message {
            write!(f, ": {}", message.trim_end_matches('.'))?;
        }
        match (&self.code, self.status) {
            (Some(code), _) => write!(f, " ({code})"),
            (None, Some(status)) => write!(f, " (HTTP {status})"),
            (None, None) => Ok(()),
        }
    }
}

impl fmt::Display for AwsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service, operation, .. } = self;
        match self.kind {
            ErrorKind::DeadlineOver => return write!(f, "{service} did not do {operation} in time"),
            ErrorKind::Unreachable => return write!(f, "{service} could not be reached for {operation}"),
            ErrorKind::Throttled => write!(f, "{service} throttled {operation}")?,
            ErrorKind::Unavailable => write!(f, "{service} failed in {operation}")?,
            ErrorKind::AccessDenied => {
                let called = Operation { service, name: operation }.action();
                let action = self.denied_action().unwrap_or(&called);
                write!(f, "{service} refused {operation}, which needs {action}")?;
            }
            _ if self.code.is_none() && self.status.is_none() => {
                return write!(f, "{service} was asked for {operation} without success");
            }
            _ => write!(f, "{service} refused {operation}")?,
        }
        self.write_details(f)
    }
}

impl Error for AwsError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_ref().map(|cause| cause as &(dyn Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREATE: Operation = Operation { service: "RAM", name: "CreateResourceShare" };

    fn error(kind: ErrorKind, code: Option<&str>, message: Option<&str>, status: Option<u16>) -> AwsError {
        AwsError {
            status,
            code: code.map(Into::into),
            message: message.map(Into::into),
            ..AwsError::new(CREATE, kind, None)
        }
    }

    #[test]
    fn the_words_are_for_a_person() {
        let cases = [
            (
                error(ErrorKind::Invalid, Some("InvalidParameterException"), Some("no"), Some(400)),
                "RAM refused CreateResourceShare: no (InvalidParameterException)",
            ),
            (
                error(ErrorKind::AccessDenied, Some("AccessDeniedException"), Some("no"), Some(403)),
                "RAM refused CreateResourceShare, which needs ram:CreateResourceShare: no (AccessDeniedException)",
            ),
            (
                error(ErrorKind::Throttled, Some("ThrottlingException"), None, Some(429)),
                "RAM throttled CreateResourceShare (ThrottlingException)",
            ),
            (
                error(ErrorKind::Unavailable, None, None, Some(503)),
                "RAM failed in CreateResourceShare (HTTP 503)",
            ),
            (
                error(ErrorKind::Unreachable, None, None, None),
                "RAM could not be reached for CreateResourceShare",
            ),
            (error(ErrorKind::DeadlineOver, None, None, None), "RAM did not do CreateResourceShare in time"),
            (
                error(ErrorKind::Other, None, None, None),
                "RAM was asked for CreateResourceShare without success",
            ),
        ];
        for (error, words) in cases {
            assert_eq!(error.to_string(), words);
        }
    }

    #[test]
    fn the_action_that_aws_names_comes_before_that_of_the_call() {
        let told =
            |message| error(ErrorKind::AccessDenied, Some("AccessDenied"), Some(message), None).to_string();
        let other = "User: u is not authorized to perform: kms:Decrypt on resource: * with an explicit deny";
        assert!(told(other).starts_with("RAM refused CreateResourceShare, which needs kms:Decrypt: "));
        assert!(
            told("you are not authorized to perform: kms:Decrypt.").contains("which needs kms:Decrypt: ")
        );
        for unnamed in ["no", "not authorized to perform: ", "not authorized to perform: this operation"] {
            assert!(told(unnamed).contains("which needs ram:CreateResourceShare: "), "{unnamed}");
        }
    }

    #[test]
    fn actions_are_named_as_iam_names_them() {
        let list = Operation { service: "License Manager", name: "ListLicenseConfigurations" };
        assert_eq!(list.action(), "license-manager:ListLicenseConfigurations");
        assert_eq!(CREATE.action(), "ram:CreateResourceShare");
    }

    #[test]
    fn an_error_fits_where_results_are_passed_around() {
        assert!(size_of::<AwsError>() < 128, "{}", size_of::<AwsError>());
    }
}
