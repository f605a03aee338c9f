//! The log of every request that reached the cloud.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

/// One request, in the order of arrival.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Call {
    /// Time since the cloud's start.
    #[serde(with = "crate::settings::seconds")]
    pub at: Duration,
    /// The caller's account id; empty where the request named none.
    pub account: String,
    /// The ARN of the assumed role's session that called, which ends in the session's name; None for other callers.
    pub session: Option<String>,
    /// The Region of the signature.
    pub region: String,
    /// The signing name of the service, such as `ram`; what the request named where it is not served.
    pub service: String,
    /// The operation, such as `CreateResourceShare`; what the request named where it is not served.
    pub operation: String,
    /// HTTP status of the answer; None where the connection was reset or left hanging.
    pub status: Option<u16>,
    /// The error's code, of the service, of a fault or of the throttle.
    pub error_code: Option<String>,
    /// Whether the service ran the operation and it succeeded, also where the answer was lost on the way.
    pub applied: bool,
    /// Whether RAM repeated the answer of an earlier request with the same clientToken, without doing anything.
    pub replayed: bool,
    /// The request's `clientToken`.
    pub client_token: Option<String>,
    /// The input's members as sent (query members of a DELETE included).
    pub input: Value,
}
