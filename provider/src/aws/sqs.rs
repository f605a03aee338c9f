//! AWS SQS: the provider's own queue (SQS API reference).

use super::deadline::Deadline;
use super::error::{AwsError, Cause, ErrorKind, Operation};
use super::watch::Watch;
use std::fmt;
use std::time::Duration;

const SEND: Operation = Operation { service: "SQS", name: "SendMessage" };

/// For how long a message is tried to be sent.
const TIME: Duration = Duration::from_secs(20);

/// The longest delay that SQS takes.
const LONGEST_DELAY: Duration = Duration::from_secs(900);

/// SQS. The messages hold signed URLs, so no error and no debug text holds any of a message's body.
#[derive(Clone)]
pub struct Sqs {
    client: aws_sdk_sqs::Client,
}

impl Sqs {
    pub(super) fn new(client: aws_sdk_sqs::Client) -> Self {
        Self { client }
    }

    /// Sends a message that becomes visible after `delay`, in whole seconds, rounded up, and 15 minutes at most. Where
    /// an answer is lost, the message may be sent twice.
    ///
    /// # Errors
    /// What SQS says, by [`ErrorKind`], after throttling, 5xx, resets and hangs were retried for 20 s; without SQS's own
    /// words where they may quote the message.
    pub async fn send(&self, queue_url: &str, body: &str, delay: Duration) -> Result<(), AwsError> {
        let request = self
            .client
            .send_message()
            .queue_url(queue_url)
            .message_body(body)
            .delay_seconds(whole_seconds(delay));
        let watch = Watch::new(SEND, Deadline::after(TIME));
        let config =
            aws_sdk_sqs::config::Builder::new().interceptor(watch.clone()).retry_classifier(watch.clone());
        watch.end(request.customize().config_override(config).send()).await.map(drop).map_err(without_quotes)
    }
}

fn whole_seconds(delay: Duration) -> i32 {
    let delay = delay.min(LONGEST_DELAY);
    let begun = u64::from(delay.subsec_nanos() > 0);
    i32::try_from(delay.as_secs() + begun).unwrap_or(i32::MAX)
}

/// SQS's words about what it was sent may quote it.
fn without_quotes(mut error: AwsError) -> AwsError {
    let is_about_the_queue =
        matches!(error.kind, ErrorKind::NotFound | ErrorKind::AccessDenied | ErrorKind::Throttled)
            || error.code.as_deref().is_some_and(|code| code.starts_with("KMS."));
    if !is_about_the_queue {
        error.message = None;
    }
    error.cause = error.cause.map(|cause| match cause {
        Cause::Last(last) => Cause::Last(Box::new(without_quotes(*last))),
        other => other,
    });
    error
}

impl fmt::Debug for Sqs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sqs").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::ErrorKind::{AccessDenied, Invalid, NotFound, Other, Throttled, Unavailable};
    use super::*;
    use crate::aws::testing::{Codes, FakeAws, Reply, SECRETS, words};
    use serde_json::json;

    const QUEUE: &str = "https://sqs.eu-west-1.amazonaws.com/111122223333/waiting";
    const BODY: &str = "{\"ResponseURL\": \"https://bucket.test/?X-Amz-Signature=SIGNATURE\"}";

    async fn send(aws: &FakeAws, delay: Duration) -> Result<(), AwsError> {
        aws.clients().sqs().send(QUEUE, BODY, delay).await
    }

    fn sent() -> Reply {
        Reply::Json(json!({"MessageId": "id-1"}))
    }

    #[tokio::test(start_paused = true)]
    async fn a_message_is_sent_with_its_delay() {
        let aws = FakeAws::in_turn([sent()]);
        send(&aws, Duration::from_secs(55)).await.unwrap();
        let call = &aws.calls()[0];
        assert_eq!(call.operation, "SendMessage");
        assert_eq!(call.body, json!({"QueueUrl": QUEUE, "MessageBody": BODY, "DelaySeconds": 55}));
    }

    #[test]
    fn a_delay_is_rounded_up_and_fifteen_minutes_at_most() {
        let cases =
            [(0, 0), (1, 1), (1_000, 1), (14_001, 15), (899_999, 900), (900_001, 900), (u64::MAX, 900)];
        for (milliseconds, seconds) in cases {
            assert_eq!(whole_seconds(Duration::from_millis(milliseconds)), seconds, "{milliseconds} ms");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_passes_is_sent_again() {
        let aws = FakeAws::in_turn([
            Reply::Refuse(400, "RequestThrottled", "slow down"),
            Reply::Reset,
            Reply::Refuse(503, "ServiceUnavailable", "later"),
            sent(),
        ]);
        send(&aws, Duration::ZERO).await.unwrap();
        assert_eq!(aws.count(), 4);
        assert!(aws.calls().iter().all(|call| call.body["MessageBody"] == BODY));
    }

    #[tokio::test(start_paused = true)]
    async fn a_queue_that_never_answers_is_given_up_in_time() {
        let aws = FakeAws::new(|_, _| Reply::Hang);
        let start = tokio::time::Instant::now();
        let error = send(&aws, Duration::ZERO).await.unwrap_err();
        assert_eq!((error.kind, error.last().kind), (ErrorKind::DeadlineOver, Unavailable));
        assert_eq!(start.elapsed(), TIME);
    }

    const CODES: Codes<18> = [
        ("AWS.SimpleQueueService.NonExistentQueue", 400, NotFound),
        ("QueueDoesNotExist", 400, NotFound),
        ("AccessDeniedException", 400, AccessDenied),
        ("AccessDenied", 403, AccessDenied),
        ("InvalidMessageContents", 400, Invalid),
        ("InvalidParameterValue", 400, Invalid),
        ("InvalidAddress", 404, Other),
        ("InvalidSecurity", 403, Other),
        ("AWS.SimpleQueueService.UnsupportedOperation", 400, Other),
        ("KMS.AccessDeniedException", 400, Other),
        ("KMS.DisabledException", 400, Other),
        ("KMS.InvalidKeyUsageException", 400, Other),
        ("KMS.InvalidStateException", 400, Other),
        ("KMS.NotFoundException", 400, Other),
        ("KMS.OptInRequired", 403, Other),
        ("KMS.ThrottlingException", 400, Throttled),
        ("RequestThrottled", 403, Throttled),
        ("InternalFailure", 500, Unavailable),
    ];

    #[tokio::test(start_paused = true)]
    async fn every_code_has_its_kind_and_only_words_about_the_queue_are_kept() {
        for (code, status, kind) in CODES {
            let aws = FakeAws::new(move |_, _| Reply::Refuse(status, code, "bad text"));
            let error = send(&aws, Duration::ZERO).await.unwrap_err();
            assert_eq!((error.last().kind, error.last().code.as_deref()), (kind, Some(code)));
            let is_retried = matches!(kind, Throttled | Unavailable);
            assert_eq!(error.kind == ErrorKind::DeadlineOver, is_retried, "{code}");
            let says_why = matches!(kind, NotFound | AccessDenied | Throttled) || code.starts_with("KMS.");
            assert_eq!(words(&error).contains("bad text"), says_why, "{code}: {error}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn neither_errors_nor_debug_texts_hold_the_message_or_a_secret() {
        for reply in [
            Reply::Reset,
            Reply::Hang,
            Reply::Raw(200, "SIGNATURE is not json"),
            Reply::Raw(500, "<html>SIGNATURE</html>"),
            Reply::Refuse(400, "InvalidMessageContents", "in https://bucket.test/?X-Amz-Signature=SIGNATURE"),
            Reply::Refuse(400, "New", "part of it: =SIGNATURE"),
        ] {
            let answer = reply.clone();
            let aws = FakeAws::new(move |_, _| answer.clone());
            let error = send(&aws, Duration::ZERO).await.unwrap_err();
            let text = format!("{} {error:?} {:?}", words(&error), aws.clients().sqs());
            for secret in SECRETS.iter().chain(["SIGNATURE", "bucket.test"].iter()) {
                assert!(!text.contains(secret), "{secret} after {reply:?}: {text}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_denial_names_the_action() {
        let aws = FakeAws::in_turn([Reply::Refuse(403, "AccessDenied", "no")]);
        let error = send(&aws, Duration::ZERO).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "SQS refused SendMessage, which needs sqs:SendMessage: no (AccessDenied)"
        );
    }
}
