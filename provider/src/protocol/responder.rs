//! Sends an answer to its signed URL, again and again until S3 took it or the time is up.
//!
//! Retried are what may pass: 5xx, 429, broken connections and time-outs, with full jitter, doubling from 100 ms to
//! 5 s. All attempts send the same bytes, so an answer that arrived twice is the same answer. Success is HTTP 200.
//! Source: cfn-protocol facts 1.2.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};

use super::response_url::ResponseUrl;
use super::upload::{Upload, UploadError, UploadErrorKind};

const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The right to answer one request, once.
#[derive(Debug)]
pub struct Responder {
    url: ResponseUrl,
    upload: Arc<dyn Upload>,
}

/// Why an answer was not taken. Never holds a part of the URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// HTTP 403: the URL has expired, or its signature was refused.
    #[error("the response URL has expired or was refused (HTTP 403)")]
    ExpiredOrRefused,
    /// Any other status that another attempt would get too.
    #[error("the answer was refused with HTTP {status}")]
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// The PUT could not be made at all.
    #[error("the answer could not be sent")]
    Unsendable(#[source] UploadError),
    /// The time ran out.
    #[error("the answer was not taken in time, {attempts} attempts, the last: {last}")]
    TimeUp {
        /// Attempts begun.
        attempts: u32,
        /// How the last attempt that ended went.
        last: String,
    },
}

impl Responder {
    /// A responder for one request's URL.
    pub fn new(url: ResponseUrl, upload: Arc<dyn Upload>) -> Self {
        Self { url, upload }
    }

    /// Sends the body until it is taken, at the latest until `until`.
    pub async fn send(self, body: &str, until: Instant) -> Result<(), SendError> {
        let mut attempts = 0;
        let mut last = "none ended".to_owned();
        loop {
            attempts += 1;
            let Ok(result) = timeout_at(until, self.upload.put(&self.url, body)).await else {
                return Err(SendError::TimeUp { attempts, last });
            };
            match judge(result)? {
                Verdict::Taken => return Ok(()),
                Verdict::Again(cause) => last = cause,
            }
            let next = Instant::now() + wait_after(attempts);
            if next >= until {
                return Err(SendError::TimeUp { attempts, last });
            }
            tracing::warn!(attempts, cause = %last, "the answer was not taken, trying again");
            sleep_until(next).await;
        }
    }
}

enum Verdict {
    Taken,
    Again(String),
}

fn judge(result: Result<u16, UploadError>) -> Result<Verdict, SendError> {
    match result {
        Ok(200) => Ok(Verdict::Taken),
        Ok(403) => Err(SendError::ExpiredOrRefused),
        Ok(status @ (429 | 500..=599)) => Ok(Verdict::Again(format!("HTTP {status}"))),
        Ok(status) => Err(SendError::Refused { status }),
        Err(e) if e.kind == UploadErrorKind::Other => Err(SendError::Unsendable(e)),
        Err(e) => Ok(Verdict::Again(e.message)),
    }
}

/// A random part of a bound that doubles with each attempt. The randomness is that of the standard library's hash keys:
/// no more is needed to keep many functions from trying in step.
fn wait_after(attempts: u32) -> Duration {
    let bound = FIRST_WAIT.saturating_mul(2u32.saturating_pow(attempts.saturating_sub(1))).min(LONGEST_WAIT);
    let most = u64::try_from(bound.as_nanos()).unwrap_or(u64::MAX).max(1);
    Duration::from_nanos(RandomState::new().hash_one(attempts) % most)
}
