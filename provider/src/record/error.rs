//! What can go wrong with the records. The texts reach stack events: they name what to do and show no internals.

use std::error::Error;
use std::fmt;

/// An operation on the records that failed.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The item would be larger than DynamoDB takes (DynamoDB developer guide, constraints: 400 KB an item).
    #[error(
        "the record of this resource is too large: an item of DynamoDB holds 400 KB; divide its members among more resources ({call})"
    )]
    TooLarge {
        /// The call that failed.
        call: Box<RecordCall>,
    },
    /// DynamoDB throttled the call, the SDK's retries included.
    #[error("DynamoDB throttles the record of this resource; try again later ({call})")]
    Throttled {
        /// The call that failed.
        call: Box<RecordCall>,
    },
    /// The table does not exist.
    #[error(
        "the table of records {table} does not exist in this account and region: set RECORD_TABLE to the table of provider.yaml, or deploy provider.yaml again ({call})",
        table = call.table
    )]
    NoTable {
        /// The call that failed.
        call: Box<RecordCall>,
    },
    /// The function's role may not do it.
    #[error("the provider's role lacks {action} on the table of records ({call}): {message}", action = call.action)]
    Denied {
        /// The call that failed.
        call: Box<RecordCall>,
        /// What AWS says.
        message: String,
    },
    /// No usable reply came: connection, time-out, credentials.
    #[error("DynamoDB gave no reply about the record of this resource ({call})")]
    Unreachable {
        /// The call that failed.
        call: Box<RecordCall>,
        /// What stood in the way.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// DynamoDB itself failed (HTTP 5xx).
    #[error("DynamoDB failed on the record of this resource: {code}: {message} ({call})")]
    Unavailable {
        /// The call that failed.
        call: Box<RecordCall>,
        /// AWS's code.
        code: String,
        /// What AWS says.
        message: String,
    },
    /// DynamoDB refused the call for a reason of its own.
    #[error("DynamoDB refused the record of this resource: {code}: {message} ({call})")]
    Refused {
        /// The call that failed.
        call: Box<RecordCall>,
        /// AWS's code.
        code: String,
        /// What AWS says.
        message: String,
    },
    /// The item is not one that this provider writes.
    #[error("the record of this resource cannot be read: {attribute} is missing or malformed ({call})")]
    Unreadable {
        /// The call that brought the item.
        call: Box<RecordCall>,
        /// The attribute.
        attribute: &'static str,
    },
}

/// One call about a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordCall {
    /// The IAM action, `dynamodb:UpdateItem`.
    pub action: &'static str,
    /// The table's name.
    pub table: String,
    /// The record's key, or the object that was looked for.
    pub subject: String,
    /// AWS's id of the request, where a reply came.
    pub aws_request_id: Option<String>,
}

/// Without AWS's id of the request, which has its place at the end of a Reason.
impl fmt::Display for RecordCall {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { action, table, subject, aws_request_id: _ } = self;
        write!(formatter, "{action}, table {table}, {subject}")
    }
}

/// What to branch on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordErrorKind {
    /// The record does not fit into an item: the request cannot succeed.
    TooLarge,
    /// Too many calls: worth another try.
    Throttled,
    /// The installation lacks its table.
    NoTable,
    /// The role lacks a permission.
    Denied,
    /// No reply, or DynamoDB failed: worth another try.
    Unavailable,
    /// DynamoDB refused the call.
    Refused,
    /// The item is malformed.
    Unreadable,
}

impl RecordError {
    /// What to branch on.
    pub fn kind(&self) -> RecordErrorKind {
        match self {
            Self::TooLarge { .. } => RecordErrorKind::TooLarge,
            Self::Throttled { .. } => RecordErrorKind::Throttled,
            Self::NoTable { .. } => RecordErrorKind::NoTable,
            Self::Denied { .. } => RecordErrorKind::Denied,
            Self::Unreachable { .. } | Self::Unavailable { .. } => RecordErrorKind::Unavailable,
            Self::Refused { .. } => RecordErrorKind::Refused,
            Self::Unreadable { .. } => RecordErrorKind::Unreadable,
        }
    }

    /// The call that failed.
    pub fn call(&self) -> &RecordCall {
        match self {
            Self::TooLarge { call }
            | Self::Throttled { call }
            | Self::NoTable { call }
            | Self::Denied { call, .. }
            | Self::Unreachable { call, .. }
            | Self::Unavailable { call, .. }
            | Self::Refused { call, .. }
            | Self::Unreadable { call, .. } => call,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(aws_request_id: Option<&str>) -> Box<RecordCall> {
        Box::new(RecordCall {
            action: "dynamodb:UpdateItem",
            table: "records".to_owned(),
            subject: "stack#Share".to_owned(),
            aws_request_id: aws_request_id.map(str::to_owned),
        })
    }

    #[test]
    fn a_missing_table_says_which_and_what_to_do() {
        let error = RecordError::NoTable { call: call(Some("REQ1")) };
        let text = error.to_string();
        for part in ["records", "RECORD_TABLE", "provider.yaml", "stack#Share"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("REQ1"), "the end of a Reason says it: {text}");
        assert_eq!(error.call().aws_request_id.as_deref(), Some("REQ1"));
    }

    #[test]
    fn a_refusal_of_access_names_the_action() {
        let error = RecordError::Denied { call: call(None), message: "no policy allows it".to_owned() };
        let text = error.to_string();
        assert!(
            text.starts_with("the provider's role lacks dynamodb:UpdateItem on the table of records"),
            "{text}"
        );
        assert!(text.ends_with("no policy allows it"), "{text}");
    }

    #[test]
    fn the_text_of_an_error_leaves_its_cause_to_the_chain() {
        let source = std::io::Error::other("connection reset");
        let error = RecordError::Unreachable { call: call(None), source: Box::new(source) };
        assert!(!error.to_string().contains("connection reset"));
        assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("connection reset"));
    }
}
