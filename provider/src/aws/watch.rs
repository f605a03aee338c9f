//! One call under way: bounded by its deadline, its attempts spaced, its last error kept.

use super::backoff;
use super::classify::{from_attempt, from_sdk};
use super::deadline::Deadline;
use super::error::{AwsError, Cause, ErrorKind, Operation};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef, InterceptorContext,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority, RetryReason,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::ErrorKind as RetryKind;
use std::error::Error;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// As often as this an answer that cannot be read is taken; then the call has failed.
const MALFORMED: u32 = 3;

/// A watch over one call, `E` being the operation's error type. It goes into the call's configuration twice: as an
/// interceptor, which sees each attempt end, and as a retry classifier, which tells the SDK's standard retry to go on
/// and how long to wait first.
///
/// The SDK alone does not retry License Manager's RateLimitExceededException (license-manager facts 1.2), and its full
/// jitter is too narrow for many stacks at once.
pub(super) struct Watch<E> {
    operation: Operation,
    until: Deadline,
    seen: Arc<Mutex<Seen>>,
    error: PhantomData<fn() -> E>,
}

/// What the attempts so far met.
#[derive(Debug, Default)]
struct Seen {
    refusals: u32,
    failures: u32,
    lost: bool,
    under_way: bool,
    last: Option<AwsError>,
}

impl<E> Watch<E>
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    pub(super) fn new(operation: Operation, until: Deadline) -> Self {
        Self { operation, until, seen: Arc::default(), error: PhantomData }
    }

    /// Runs the call to its end, or to the deadline. Nothing is sent once the deadline is over.
    ///
    /// # Errors
    /// The call's, or [`ErrorKind::DeadlineOver`] with the last attempt's error as its cause.
    pub(super) async fn end<T>(
        &self,
        call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, AwsError> {
        if self.until.is_over() {
            return Err(self.deadline_over());
        }
        match tokio::time::timeout_at(self.until.at(), call).await {
            Ok(Ok(output)) => Ok(output),
            Ok(Err(error)) => Err(self.marked(from_sdk(self.operation, &error))),
            Err(_) => Err(self.marked(self.deadline_over())),
        }
    }

    fn marked(&self, error: AwsError) -> AwsError {
        let seen = self.seen();
        AwsError { may_be_done: seen.lost || seen.under_way, ..error }
    }

    /// Whether an attempt ended without an answer that tells what it did.
    pub(super) fn has_lost_an_answer(&self) -> bool {
        self.seen().lost
    }

    fn deadline_over(&self) -> AwsError {
        let last = self.seen().last.take().map(|error| Cause::Last(Box::new(error)));
        AwsError::new(self.operation, ErrorKind::DeadlineOver, last)
    }

    fn see(&self, error: AwsError) {
        let mut seen = self.seen();
        seen.under_way = false;
        seen.lost |= matches!(error.kind, ErrorKind::Unavailable | ErrorKind::Unreachable);
        match error.kind {
            ErrorKind::Throttled => seen.refusals = seen.refusals.saturating_add(1),
            _ => seen.failures = seen.failures.saturating_add(1),
        }
        seen.last = Some(error);
    }

    fn wait(&self, kind: RetryKind) -> Duration {
        let seen = self.seen();
        match kind {
            RetryKind::ThrottlingError => backoff::after_refusal(seen.refusals, self.until.remaining()),
            _ => backoff::after_failure(seen.failures, self.until.remaining()),
        }
    }

    /// What to retry beyond what the SDK does by itself.
    fn retried_too(&self, context: &InterceptorContext) -> Option<RetryKind> {
        let Some(Err(error)) = context.output_or_error() else { return None };
        let error = from_attempt::<E>(self.operation, error, context.response());
        match (error.kind, error.cause) {
            (ErrorKind::Throttled, _) => Some(RetryKind::ThrottlingError),
            // Cut off on its way, or a format that stays unreadable.
            (_, Some(Cause::Malformed)) => {
                (self.seen().failures < MALFORMED).then_some(RetryKind::TransientError)
            }
            // Organizations says that it failed with status 400 (AWS Organizations API reference, ServiceException).
            (ErrorKind::Unavailable, _) => Some(RetryKind::TransientError),
            _ => None,
        }
    }
}

impl<E> Watch<E> {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<E> Clone for Watch<E> {
    fn clone(&self) -> Self {
        Self {
            operation: self.operation,
            until: self.until,
            seen: Arc::clone(&self.seen),
            error: PhantomData,
        }
    }
}

impl<E> fmt::Debug for Watch<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("operation", &self.operation)
            .field("until", &self.until)
            .finish_non_exhaustive()
    }
}

impl<E> Intercept for Watch<E>
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    fn name(&self) -> &'static str {
        "Watch"
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.seen().under_way = true;
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(Err(error)) = context.output_or_error() {
            self.see(from_attempt::<E>(self.operation, error, context.response()));
        }
        Ok(())
    }
}

impl<E> ClassifyRetry for Watch<E>
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        self.classify_retry_v2(context, &RetryAction::NoActionIndicated)
    }

    fn classify_retry_v2(&self, context: &InterceptorContext, previous: &RetryAction) -> RetryAction {
        let (kind, asked) = match previous {
            RetryAction::RetryIndicated(RetryReason::RetryableError { kind, retry_after }) => {
                (Some(*kind), retry_after.unwrap_or_default())
            }
            _ => (None, Duration::ZERO),
        };
        match self.retried_too(context).or(kind) {
            Some(kind) => RetryAction::RetryIndicated(RetryReason::RetryableError {
                kind,
                retry_after: Some(self.wait(kind).max(asked)),
            }),
            None => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "Watch"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{FakeAws, Reply, SECRETS, words};
    use crate::aws::{Clients, NewShare};
    use crate::domain::{Share, ShareArn};
    use serde_json::json;
    use tokio::time::Instant;

    const ARN: &str = "arn:aws:ram:eu-west-1:111122223333:resource-share/uuid-1";

    fn created() -> Reply {
        Reply::Json(json!({"resourceShare": {
            "resourceShareArn": ARN, "name": "licenses", "owningAccountId": "111122223333",
            "allowExternalPrincipals": false, "status": "ACTIVE",
        }}))
    }

    fn in_time() -> Deadline {
        Deadline::after(Duration::from_secs(100))
    }

    async fn create(clients: &Clients, until: Deadline) -> Result<Share, AwsError> {
        let new = NewShare {
            name: "licenses".into(),
            allow_external_principals: false,
            retain_sharing: false,
            resources: vec![],
            principals: vec![],
            tags: [].into(),
            client_token: "token-1".into(),
        };
        clients.ram(until).create_share(&new).await
    }

    /// Sends again what meets these; returns how long that took.
    async fn recovers_from(replies: &[Reply]) -> Duration {
        let aws = FakeAws::in_turn([replies, &[created()]].concat());
        let start = Instant::now();
        create(&aws.clients(), in_time()).await.unwrap();
        assert_eq!(aws.count(), replies.len() + 1, "{replies:?}");
        for call in aws.calls() {
            assert_eq!(call.body["clientToken"], "token-1");
            assert_eq!(call.body["allowExternalPrincipals"], false);
        }
        start.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn failures_of_the_service_are_retried_within_a_second() {
        let unavailable = Reply::Refuse(503, "ServiceUnavailableException", "later");
        let internal = Reply::Refuse(500, "ServerInternalException", "oops");
        let took = recovers_from(&[unavailable, internal]).await;
        assert!(took <= Duration::from_millis(750), "{took:?}");
        recovers_from(&[Reply::Raw(502, "<html>bad gateway</html>")]).await;
    }

    #[tokio::test(start_paused = true)]
    async fn throttling_is_retried_whatever_its_form() {
        let modelled = Reply::Refuse(429, "ThrottlingException", "slow down");
        let took = recovers_from(&[modelled.clone(), modelled]).await;
        assert!(took >= Duration::from_millis(3_200) && took <= Duration::from_millis(36_600), "{took:?}");
        recovers_from(&[Reply::Refuse(400, "RequestLimitExceeded", "slow down")]).await;
        recovers_from(&[Reply::Raw(429, "slow down")]).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_broken_connection_and_a_lost_answer_are_sent_again_with_the_same_token() {
        let took = recovers_from(&[Reply::Reset, Reply::Raw(200, "{\"resourceShare\": {")]).await;
        assert!(took <= Duration::from_millis(750), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_hang_is_given_up_after_ten_seconds_and_sent_again() {
        let took = recovers_from(&[Reply::Hang]).await;
        assert!(took >= Duration::from_secs(10) && took <= Duration::from_millis(10_250), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_retry_quota_of_the_process_never_ends_retries() {
        let aws = FakeAws::new(|number, _| match number {
            500 => created(),
            _ => Reply::Refuse(429, "ThrottlingException", "slow down"),
        });
        let clients = aws.clients();
        let until = Deadline::after(Duration::from_secs(86_400));
        while create(&clients, until).await.is_err() {}
        assert_eq!(aws.count(), 501);
    }

    /// Grants five calls a second, five at once.
    fn throttled_aws() -> FakeAws {
        let bucket = Mutex::new((5.0_f64, Instant::now()));
        FakeAws::new(move |_, _| {
            let mut bucket = bucket.lock().unwrap();
            let now = Instant::now();
            bucket.0 = f64::min(5.0, bucket.0 + (now - bucket.1).as_secs_f64() * 5.0);
            bucket.1 = now;
            if bucket.0 < 1.0 {
                return Reply::Refuse(429, "ThrottlingException", "Rate exceeded");
            }
            bucket.0 -= 1.0;
            created()
        })
    }

    #[tokio::test(start_paused = true)]
    async fn a_hundred_at_once_against_five_writes_a_second_all_succeed() {
        let aws = throttled_aws();
        let until = in_time();
        let clients: Vec<_> = (0..100).map(|_| aws.clients()).collect();
        let calls = clients.iter().map(|clients| create(clients, until));
        for made in futures_util::future::join_all(calls).await {
            assert_eq!(made.unwrap().arn.as_str(), ARN);
        }
        assert!(aws.count() <= 300, "{} calls, goal: at most 2.0 refusals each", aws.count());
    }

    #[tokio::test(start_paused = true)]
    async fn the_deadline_ends_retries_and_the_last_error_is_kept() {
        let aws = FakeAws::new(|_, _| Reply::Refuse(429, "ThrottlingException", "slow down"));
        let start = Instant::now();
        let error = create(&aws.clients(), Deadline::after(Duration::from_secs(30))).await.unwrap_err();
        assert_eq!(start.elapsed(), Duration::from_secs(30));
        assert_eq!(error.kind, ErrorKind::DeadlineOver);
        assert_eq!(error.last().kind, ErrorKind::Throttled);
        assert_eq!(
            words(&error),
            "RAM did not do CreateResourceShare in time: RAM throttled CreateResourceShare: slow down \
             (ThrottlingException)"
        );
        assert!(aws.count() >= 3);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_refused_to_the_last_is_not_done_and_what_was_lost_may_be() {
        let slow = || Reply::Refuse(429, "ThrottlingException", "slow down");
        let denied = Reply::Refuse(403, "AccessDeniedException", "no");
        let cases = [
            (vec![slow()], 30, false),
            (vec![denied.clone()], 30, false),
            (vec![Reply::Reset, denied], 30, true),
            (vec![Reply::Reset, slow()], 30, true),
            (vec![Reply::Hang], 5, true),
            (vec![slow()], 0, false),
        ];
        for (replies, seconds, expected) in cases {
            let given = replies.clone();
            let aws = FakeAws::new(move |number, _| given[number.min(given.len() - 1)].clone());
            let until = Deadline::after(Duration::from_secs(seconds));
            let error = create(&aws.clients(), until).await.unwrap_err();
            assert_eq!(error.may_be_done, expected, "{replies:?}: {error:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_sent_once_the_deadline_is_over() {
        let aws = FakeAws::in_turn([created()]);
        let until = Deadline::after(Duration::ZERO);
        let error = create(&aws.clients(), until).await.unwrap_err();
        assert_eq!((error.kind, error.last().kind), (ErrorKind::DeadlineOver, ErrorKind::DeadlineOver));
        assert_eq!(aws.count(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_hang_until_the_deadline_says_so_in_time() {
        let aws = FakeAws::new(|_, _| Reply::Hang);
        let error = create(&aws.clients(), Deadline::after(Duration::from_secs(25))).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::DeadlineOver);
        assert_eq!(error.last().kind, ErrorKind::Unavailable);
        assert!((2..=3).contains(&aws.count()), "{}", aws.count());
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_stays_unreadable_is_asked_for_three_times() {
        let aws = FakeAws::new(|_, _| Reply::Raw(200, "{\"resourceShare\": 5}"));
        let error = create(&aws.clients(), in_time()).await.unwrap_err();
        assert_eq!((error.kind, aws.count()), (ErrorKind::Unavailable, 3));
        let expected = "RAM failed in CreateResourceShare (HTTP 200): the answer cannot be read";
        assert_eq!(words(&error), expected);
    }

    #[tokio::test(start_paused = true)]
    async fn refusals_are_not_sent_again() {
        let aws = FakeAws::in_turn([Reply::Refuse(400, "InvalidParameterException", "no"), created()]);
        let error = create(&aws.clients(), in_time()).await.unwrap_err();
        assert_eq!((error.kind, aws.count()), (ErrorKind::Invalid, 1));
        assert_eq!(error.request_id.as_deref(), Some("request-1"));
        assert_eq!(error.status, Some(400));
    }

    #[tokio::test(start_paused = true)]
    async fn the_session_token_is_signed_in_but_no_error_holds_a_secret_or_an_address() {
        let quoting =
            "The Canonical String for this request should have been 'POST x-amz-security-token:SESSIONTOKEN'";
        for reply in [
            Reply::Reset,
            Reply::Hang,
            Reply::Raw(200, "not json, SESSIONTOKEN"),
            Reply::Raw(500, "<html>secret-host.test</html>"),
            Reply::Refuse(403, "InvalidSignatureException", quoting),
            Reply::Refuse(403, "SomethingElse", quoting),
            Reply::Refuse(403, "AccessDeniedException", "no"),
        ] {
            let answer = reply.clone();
            let aws = FakeAws::new(move |_, _| answer.clone());
            let clients = aws.clients();
            let error = create(&clients, Deadline::after(Duration::from_secs(15))).await.unwrap_err();
            let ram = clients.ram(in_time());
            let text = format!("{} {error:?}", words(&error));
            for secret in SECRETS.iter().chain(["http", "Canonical", "html"].iter()) {
                assert!(!text.contains(secret), "{secret} after {reply:?}: {text}");
            }
            let text = format!("{clients:?} {ram:?}");
            for secret in SECRETS.iter().take(3) {
                assert!(!text.contains(secret), "{secret}: {text}");
            }
            assert_eq!(aws.calls()[0].session_token, SECRETS[2]);
        }
    }

    #[tokio::test]
    async fn calls_can_be_moved_between_threads() {
        fn assert_send<T: Send>(_: &T) {}
        let clients = FakeAws::in_turn([]).clients();
        let (ram, licenses) = (clients.ram(in_time()), clients.license_manager(in_time()));
        let arn: ShareArn = ARN.parse().unwrap();
        assert_send(&clients);
        assert_send(&ram.find_share(&arn));
        assert_send(&ram.find_shares_tagged("key", "value"));
        assert_send(&ram.associations(&arn, crate::domain::MemberKind::Resource, crate::aws::Only::All));
        assert_send(&licenses.find_license_configurations(&[]));
    }
}
