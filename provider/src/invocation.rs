//! What invocations of both functions have in common: what Lambda says of one and hears of it, how a request is read and
//! how its answer is sent.

use crate::clock::Clock;
use crate::config::Config;
use crate::domain::{Arn, Home};
use crate::drive::Failure;
use crate::protocol::age;
use crate::protocol::reason::chain;
use crate::protocol::{
    Acceptance, HandOverError, QueueError, Request, RequestError, Responder, SendError, Upload,
};
use crate::record::RecordError;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// What Lambda says about an invocation.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// `invokedFunctionArn`: tells partition, region and account.
    pub function_arn: String,
    /// When Lambda ends it.
    pub deadline: SystemTime,
    /// Where its log is.
    pub log_stream: String,
}

/// Why an invocation is not over for Lambda: it is to deliver the event again, and to the failure destination at last.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// The function's own ARN says nothing.
    #[error("the function's ARN cannot be read: {arn}")]
    Function {
        /// What Lambda says it is.
        arn: String,
    },
    /// The event is no request that may be answered.
    #[error("the event is refused, nothing was sent and nothing was changed")]
    Event {
        /// Why, without the URL.
        #[source]
        source: RequestError,
    },
    /// The answer was not taken.
    #[error("the answer was not taken")]
    Send {
        /// Why, without the URL.
        #[source]
        source: SendError,
    },
    /// A message of a queue is not to be taken.
    #[error("the message is refused, nothing was sent and nothing was changed")]
    Message {
        /// Why, without any part of it.
        #[source]
        source: HandOverError,
    },
    /// The queue did not take the request that has to wait.
    #[error("the wait queue did not take the request")]
    HandOver {
        /// Why, without any part of it.
        #[source]
        source: QueueError,
    },
    /// Whether a request that waits, or was abandoned, is the newest is not known.
    #[error("the record of the request could not be used")]
    Record {
        /// What DynamoDB said.
        #[source]
        source: RecordError,
    },
    /// The same: the time ran out first.
    #[error("the record of the request could not be used in time")]
    RecordLate,
    /// A bug, where no answer could be made of it.
    #[error("the provider failed inside; the log says where")]
    Panicked,
}

/// What handles events, one at a time.
pub trait Handler: Sync {
    /// Handles one event.
    ///
    /// # Errors
    /// The event is to be delivered again.
    fn handle(
        &self,
        event: &[u8],
        invocation: &Invocation,
        clock: Clock,
    ) -> impl Future<Output = Result<(), HandlerError>> + Send;
}

/// Lambda must be told the outcome before it ends the invocation.
const LAST_MOMENT: Duration = Duration::from_millis(1500);

/// Reads a request of CloudFormation, and checks that it may be answered.
pub(crate) fn parse(
    config: &Config,
    event: &[u8],
    home: &Home,
    now: SystemTime,
) -> Result<Request, HandlerError> {
    let acceptance = Acceptance {
        partition: home.partition.clone(),
        region: home.region.clone(),
        extra_hosts: config.extra_hosts.clone(),
    };
    let parsed = Request::parse(event, &acceptance).and_then(|request| {
        let is_ahead = request.sent.is_some_and(|sent| age::is_ahead(sent, now));
        if is_ahead { Err(RequestError::Ahead) } else { Ok(request) }
    });
    parsed.map_err(|source| {
        let unknown_suffix = source.is_unknown_suffix();
        tracing::error!(
            cause = %chain(&source),
            unknown_suffix,
            "the event is refused: nothing was sent and nothing was changed"
        );
        HandlerError::Event { source }
    })
}

/// What comes out of a queue and is not to be taken.
pub(crate) fn refused_message(source: HandOverError) -> HandlerError {
    tracing::error!(cause = %chain(&source), "the message is refused: nothing was sent and nothing was changed");
    HandlerError::Message { source }
}

/// The failure of a request whose account may not ask.
pub(crate) fn not_trusted(
    config: &Config,
    request: &Request,
    home: &Home,
    serves_anyone: bool,
) -> Option<Failure> {
    let account = request.stack_id.account();
    let included = config.trusted.includes(account, &home.account, serves_anyone);
    (!included).then(|| Failure::NotTrusted { account: account.to_owned() })
}

/// Sends an answer; Ok once it was taken.
pub(crate) async fn send(
    upload: &Arc<dyn Upload>,
    request: Request,
    answer: &str,
    until: Instant,
) -> Result<(), HandlerError> {
    let request_id = request.request_id.clone();
    tracing::info!(request_id, answer, "outcome");
    let responder = Responder::new(request.response_url, Arc::clone(upload));
    responder.send(answer, until).await.map_err(|source| {
        tracing::error!(request_id, cause = %chain(&source), "the answer was not taken");
        HandlerError::Send { source }
    })
}

/// When the answer must have been taken: Lambda must be told before it ends the invocation.
pub(crate) fn end_of(invocation: &Invocation, clock: Clock) -> Instant {
    clock.instant(invocation.deadline.checked_sub(LAST_MOMENT).unwrap_or(invocation.deadline))
}

/// The end of a request that nothing is said to.
pub(crate) fn silent(request: &Request, why: &str) {
    tracing::info!(request_id = request.request_id, silent = why, "outcome");
}

/// Where a function is, by its ARN.
pub(crate) fn home(function_arn: &str) -> Result<Home, HandlerError> {
    read_home(function_arn).ok_or_else(|| {
        tracing::error!(
            function_arn,
            "the function's ARN cannot be read: nothing was sent and nothing was changed"
        );
        HandlerError::Function { arn: function_arn.to_owned() }
    })
}

fn read_home(function_arn: &str) -> Option<Home> {
    let arn = Arn::parse(function_arn).filter(|arn| arn.service == "lambda")?;
    Some(Home {
        partition: arn.partition.to_owned(),
        region: arn.region.to_owned(),
        account: arn.account.parse().ok()?,
    })
}
