//! The port to whatever PUTs an answer to its signed URL.

use std::fmt::Debug;

use futures_util::future::BoxFuture;

use super::response_url::ResponseUrl;

/// Sends one answer, once.
pub trait Upload: Send + Sync + Debug {
    /// One PUT of `body`, to the very bytes of `url`, without Content-Type; follows no redirect and does not retry.
    /// Gives the HTTP status.
    fn put<'a>(&'a self, url: &'a ResponseUrl, body: &'a str) -> BoxFuture<'a, Result<u16, UploadError>>;
}

/// Why one PUT got no HTTP status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct UploadError {
    /// Tells what another attempt may mend.
    pub kind: UploadErrorKind,
    /// What happened, without any part of the URL.
    pub message: String,
}

/// The kinds of failure of one PUT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadErrorKind {
    /// The connection was not made, or broke before the answer came.
    Connect,
    /// No answer in time.
    Timeout,
    /// The request could not be built: another attempt would fail alike.
    Other,
}
