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

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::Mutex;

    use futures_util::FutureExt;
    use futures_util::future::{BoxFuture, pending};

    use super::super::request::Acceptance;
    use super::*;

    type Attempt = Result<u16, UploadError>;

    /// Gives its attempts in order and then hangs; notes when each came and with which body.
    #[derive(Debug, Default)]
    struct Scripted {
        attempts: Mutex<VecDeque<Attempt>>,
        seen: Mutex<Vec<(Instant, String)>>,
    }

    impl Upload for Scripted {
        fn put<'a>(&'a self, _: &'a ResponseUrl, body: &'a str) -> BoxFuture<'a, Attempt> {
            self.seen.lock().unwrap().push((Instant::now(), body.to_owned()));
            let next = self.attempts.lock().unwrap().pop_front();
            async move {
                match next {
                    Some(attempt) => attempt,
                    None => pending().await,
                }
            }
            .boxed()
        }
    }

    fn failure(kind: UploadErrorKind) -> UploadError {
        UploadError { kind, message: format!("{kind:?}") }
    }

    fn url() -> ResponseUrl {
        let acceptance = Acceptance {
            partition: "aws".to_owned(),
            region: "eu-west-1".to_owned(),
            extra_hosts: "localhost".parse().unwrap(),
        };
        let stack = "arn:aws:cloudformation:eu-west-1:111122223333:stack/shares/1a".parse().unwrap();
        ResponseUrl::parse("http://localhost/x?X-Amz-Signature=5ec7e7", &stack, "r", &acceptance).unwrap()
    }

    async fn send(
        attempts: Vec<Attempt>,
        within: Duration,
    ) -> (Result<(), SendError>, Vec<(Instant, String)>) {
        let upload = Arc::new(Scripted { attempts: Mutex::new(attempts.into()), ..Scripted::default() });
        let responder = Responder::new(url(), upload.clone());
        assert!(!format!("{responder:?}").contains("5ec7e7"));
        let result = responder.send("{}", Instant::now() + within).await;
        let seen = upload.seen.lock().unwrap().clone();
        (result, seen)
    }

    const MINUTE: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_is_taken_is_sent_once() {
        let (result, seen) = send(vec![Ok(200)], MINUTE).await;
        assert_eq!(result, Ok(()));
        assert_eq!(seen.len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn what_may_pass_is_tried_again_with_the_same_bytes() {
        let attempts = vec![
            Ok(500),
            Ok(503),
            Ok(429),
            Ok(599),
            Err(failure(UploadErrorKind::Connect)),
            Err(failure(UploadErrorKind::Timeout)),
            Ok(200),
        ];
        let (result, seen) = send(attempts, MINUTE).await;
        assert_eq!(result, Ok(()));
        assert_eq!(seen.len(), 7);
        assert!(seen.iter().all(|(_, body)| body == "{}"));
    }

    #[tokio::test(start_paused = true)]
    async fn what_will_not_pass_is_an_error_at_once() {
        let unsendable = failure(UploadErrorKind::Other);
        for (attempt, error) in [
            (Ok(403), SendError::ExpiredOrRefused),
            (Ok(400), SendError::Refused { status: 400 }),
            (Ok(404), SendError::Refused { status: 404 }),
            (Ok(307), SendError::Refused { status: 307 }),
            (Ok(301), SendError::Refused { status: 301 }),
            (Ok(204), SendError::Refused { status: 204 }),
            (Err(unsendable.clone()), SendError::Unsendable(unsendable)),
        ] {
            let (result, seen) = send(vec![attempt, Ok(200)], MINUTE).await;
            assert_eq!((result, seen.len()), (Err(error), 1));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn waits_stay_under_a_bound_that_doubles_to_five_seconds() {
        for _ in 0..20 {
            let (_, seen) = send(vec![Ok(500); 12], MINUTE * 10).await;
            let waits: Vec<_> = seen.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
            let bounds = [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000, 5_000, 5_000, 5_000];
            assert_eq!(waits.len(), bounds.len());
            for (wait, bound) in waits.iter().zip(bounds) {
                // tokio's timer rounds up to a millisecond.
                assert!(*wait <= Duration::from_millis(bound + 1), "{wait:?} > {bound} ms");
            }
        }
    }

    #[test]
    fn waits_differ_and_spread_over_their_bound() {
        let waits: Vec<Duration> = (0..200).map(|_| wait_after(7)).collect();
        let under = |seconds| waits.iter().filter(|w| **w < Duration::from_secs(seconds)).count();
        assert_eq!(under(5), 200);
        assert!((20..180).contains(&under(2)), "{}", under(2));
        assert!(wait_after(u32::MAX) < LONGEST_WAIT);
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_ends_the_attempts_and_the_last_cause_is_said() {
        let start = Instant::now();
        let (result, seen) = send(vec![Ok(503); 1_000], MINUTE).await;
        let expected =
            SendError::TimeUp { attempts: seen.len().try_into().unwrap(), last: "HTTP 503".to_owned() };
        assert_eq!(result, Err(expected));
        assert!(seen.len() > 10, "{}", seen.len());
        assert!(Instant::now() <= start + MINUTE);
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_that_hangs_is_left_when_the_time_is_up() {
        let start = Instant::now();
        let (result, seen) = send(vec![Err(failure(UploadErrorKind::Connect))], MINUTE).await;
        assert_eq!(result, Err(SendError::TimeUp { attempts: 2, last: "Connect".to_owned() }));
        assert_eq!(seen.len(), 2);
        assert!(start.elapsed() >= MINUTE && start.elapsed() < MINUTE + Duration::from_millis(10));
    }
}
