//! How an operation of a service ends: an answer's members or a modelled error.

/// An error answer of a service, before it is rendered for the service's protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceError {
    /// HTTP status.
    pub status: u16,
    /// The error's code on the wire, such as `UnknownResourceException`.
    pub code: &'static str,
    /// Text for people.
    pub message: String,
    /// A member of the error's structure beside the message, such as `Reason`.
    pub extra: Option<(&'static str, &'static str)>,
}

impl ServiceError {
    /// An error with a status of its own.
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), extra: None }
    }

    /// An error with status 400, as nearly all modelled errors have.
    pub fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }
}

/// An answer's members, or the error.
pub type Outcome = Result<serde_json::Value, ServiceError>;
