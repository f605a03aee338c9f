//! One invocation of the provider's function: from Lambda's raw event to the answer that S3 took.

use crate::aws::Clients;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::Home;
use crate::drive::{Budget, Conclusion, Failure, Known, QueuedLook, Scene, Wait, broken_off, turned_away};
use crate::invocation::{end_of, home, not_trusted, parse, refused_message, send, silent};
use crate::protocol::physical_id::request_of_none_id;
use crate::protocol::reason::chain;
use crate::protocol::{
    Answer, HandOver, Queue, QueueError, Queued, Request, RequestType, Upload, age, handover,
};
use crate::record::Records;
use crate::resource::{NAMES, Resource, Roles, resource_types};
use futures_util::FutureExt;
use std::borrow::Cow;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::time::{Instant, timeout_at};

pub use crate::invocation::{Handler, HandlerError, Invocation};

/// What the provider works with, for as long as the process lives.
#[derive(Debug)]
pub struct Provider {
    config: Config,
    clients: Clients,
    records: Arc<dyn Records>,
    upload: Arc<dyn Upload>,
    queue: Option<Arc<dyn Queue>>,
}

/// One event, out of Lambda's hands or out of the wait queue.
struct Delivery<'a> {
    /// CloudFormation's event.
    event: Cow<'a, str>,
    /// When it first came.
    arrived: SystemTime,
    look: Option<QueuedLook>,
}

/// A request that comes after its last word is due gets this long to be answered.
const LATE: Duration = Duration::from_secs(5);

/// The wait queue's `VisibilityTimeout` in `provider.yaml`: a look that failed comes again so much later.
pub const VISIBILITY: Duration = Duration::from_secs(150);
/// How much later than it is visible a message may come.
const MOMENT: Duration = Duration::from_secs(10);
/// The longest pause before Lambda delivers a request again (AWS Lambda developer guide, asynchronous invocation), and
/// a moment.
const RETRY: Duration = Duration::from_secs(130);

impl Provider {
    /// A provider that has made no connection yet.
    pub fn new(config: Config, clients: Clients, records: Arc<dyn Records>, upload: Arc<dyn Upload>) -> Self {
        Self { config, clients, records, upload, queue: None }
    }

    /// The same provider, with a queue for requests that outlast one invocation.
    pub fn with_queue(self, queue: Arc<dyn Queue>) -> Self {
        Self { queue: Some(queue), ..self }
    }

    /// Handles one event.
    ///
    /// # Errors
    /// Nothing could be answered, or the answer was not taken: Lambda delivers the event again.
    pub async fn handle(
        &self,
        event: &[u8],
        invocation: &Invocation,
        clock: Clock,
    ) -> Result<(), HandlerError> {
        let home = home(&invocation.function_arn)?;
        let delivery = self.delivery(event, &home, clock.now())?;
        let request = parse(&self.config, delivery.event.as_bytes(), &home, clock.now())?;
        let sent = request.sent.unwrap_or(delivery.arrived);
        if age::given_up(sent, clock.now(), request.service_timeout) {
            silent(&request, "CloudFormation has given up on this request: nothing is done");
            return Ok(());
        }
        let answer_by = answer_by(&request, sent, invocation, clock);
        let has_queue = self.queue.is_some() && HandOver::holds(&delivery.event);
        let budget = Budget::until(answer_by);
        let budget = if has_queue { budget.before_queue() } else { budget };
        let scene = Scene {
            clients: &self.clients,
            records: &*self.records,
            roles: Roles::default(),
            home,
            clock,
            arrived: delivery.arrived,
            budget: delivery.look.as_ref().map_or(budget, |look| budget.of_look(look)),
            look: delivery.look.clone(),
            has_queue,
            known: Known::default(),
            log_stream: invocation.log_stream.clone(),
        };
        match self.conclude(&scene, &request).await {
            Conclusion::Answer(answer) => send(&self.upload, request, &answer, answer_by).await,
            Conclusion::Wait(wait) => self.hand_over(&scene, delivery, request, wait).await,
            Conclusion::Silent(why) => {
                silent(&request, why);
                Ok(())
            }
            Conclusion::Again { source, next } => {
                let request_id = &request.request_id;
                tracing::error!(request_id, cause = %chain(&source), "the look could not be begun");
                self.hand_over(&scene, delivery, request, next).await
            }
        }
    }

    /// Tells a request that waits in the queue from one that CloudFormation sends.
    fn delivery<'a>(
        &self,
        event: &'a [u8],
        home: &Home,
        now: SystemTime,
    ) -> Result<Delivery<'a>, HandlerError> {
        let queue_arn = self.queue.as_ref().map(|queue| queue_arn(queue.url(), home));
        let queued = handover::queued(event, queue_arn.as_deref()).map_err(refused_message)?;
        let Some(Queued { message_id, hand_over }) = queued else {
            return Ok(Delivery { event: String::from_utf8_lossy(event), arrived: now, look: None });
        };
        let HandOver { event, look: number, arrived, outstanding, warnings } = hand_over;
        let look = Some(QueuedLook { number, message_id, outstanding, warnings });
        Ok(Delivery { event: Cow::Owned(event), arrived, look })
    }

    /// Returns once the queue has taken the request. Where it does not, the delivery comes again; where that would be
    /// too late, the request is answered now.
    async fn hand_over(
        &self,
        scene: &Scene<'_>,
        delivery: Delivery<'_>,
        request: Request,
        wait: Wait,
    ) -> Result<(), HandlerError> {
        let Wait { what, delay, look, outstanding, warnings } = wait;
        let Delivery { event, arrived, .. } = delivery;
        let hand_over = HandOver { event: event.into_owned(), look, arrived, outstanding, warnings };
        let body = hand_over.body().map_err(|source| HandlerError::Message { source })?;
        let sent = match &self.queue {
            Some(queue) => {
                let sending = queue.send(&body, delay);
                timeout_at(scene.budget.conclusion, sending).await.unwrap_or_else(|_| Err(late()))
            }
            None => Err(QueueError { message: "there is no queue".to_owned() }),
        };
        let request_id = &request.request_id;
        let Err(source) = sent else {
            tracing::info!(request_id, waiting = what, look, seconds = delay.as_secs(), "outcome");
            return Ok(());
        };
        tracing::error!(request_id, cause = %chain(&source), "the wait queue did not take the request");
        if comes_again_in_time(scene, &request) {
            return Err(HandlerError::HandOver { source });
        }
        match broken_off(scene, &request, &Failure::Unqueued { what, source }).await {
            Conclusion::Answer(answer) => send(&self.upload, request, &answer, scene.budget.answer).await,
            _ => Ok(()),
        }
    }

    /// A panic, and time that runs out outside of any call, become answers too.
    async fn conclude(&self, scene: &Scene<'_>, request: &Request) -> Conclusion {
        let until = scene.budget.conclusion;
        // The state of a whole request is large: on the heap it is moved about for nothing.
        let work = AssertUnwindSafe(Box::pin(self.work(scene, request))).catch_unwind();
        let failure = match timeout_at(until, work).await {
            Ok(Ok(conclusion)) => return conclusion,
            Ok(Err(_panic)) => Failure::Panicked,
            Err(_elapsed) => Failure::TimeUp,
        };
        broken_off(scene, request, &failure).await
    }

    async fn work(&self, scene: &Scene<'_>, request: &Request) -> Conclusion {
        macro_rules! dispatch {
            ($($resource:ty,)*) => {
                match request.resource_type.as_str() {
                    $(<$resource as crate::resource::Resource>::NAME => {
                        self.run::<$resource>(scene, request).await
                    })*
                    _ => {
                        let failure = self.turned_away(scene, request, false);
                        turn_away(scene, request, &failure.unwrap_or_else(|| unknown(request))).await
                    }
                }
            };
        }
        resource_types!(dispatch)
    }

    async fn run<R: Resource>(&self, scene: &Scene<'_>, request: &Request) -> Conclusion {
        match self.turned_away(scene, request, R::SERVES_ANYONE) {
            Some(failure) => turn_away(scene, request, &failure).await,
            None => crate::drive::run::<R>(scene, request).await,
        }
    }

    fn turned_away(&self, scene: &Scene<'_>, request: &Request, serves_anyone: bool) -> Option<Failure> {
        not_trusted(&self.config, request, &scene.home, serves_anyone).or_else(|| {
            let problems = &self.config.problems;
            (!problems.is_empty()).then(|| Failure::Config(problems.join("; ")))
        })
    }
}

impl Handler for Provider {
    async fn handle(&self, event: &[u8], invocation: &Invocation, clock: Clock) -> Result<(), HandlerError> {
        self.handle(event, invocation, clock).await
    }
}

/// The queue of the function's own account and region that has the URL's name.
fn queue_arn(url: &str, home: &Home) -> String {
    let name = url.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    format!("arn:{}:sqs:{}:{}:{name}", home.partition, home.region, home.account)
}

/// Whether Lambda, or the wait queue, delivers a request that failed now once more before its last word is due.
fn comes_again_in_time(scene: &Scene<'_>, request: &Request) -> bool {
    let again = if scene.look.is_some() { VISIBILITY + MOMENT } else { RETRY };
    scene.clock.now() + again < age::last_word(scene.sent(request), request.service_timeout)
}

fn late() -> QueueError {
    QueueError { message: "it gave no answer in time".to_owned() }
}

fn answer_by(request: &Request, sent: SystemTime, invocation: &Invocation, clock: Clock) -> Instant {
    let last_word = clock.instant(age::last_word(sent, request.service_timeout));
    let soon = clock.instant(clock.now() + LATE);
    last_word.max(soon).min(end_of(invocation, clock))
}

fn unknown(request: &Request) -> Failure {
    Failure::UnknownType { resource_type: request.resource_type.clone(), known: NAMES.join(", ") }
}

/// The answer to a request that no resource type will see. What the record knows nothing of was never made, and is
/// deleted with success.
async fn turn_away(scene: &Scene<'_>, request: &Request, failure: &Failure) -> Conclusion {
    let id = request.physical_resource_id.as_deref().unwrap_or_default();
    match request_of_none_id(id).filter(|_| request.request_type == RequestType::Delete) {
        Some(made_by) if was_never_made(scene, request, made_by, failure).await => {
            Conclusion::Answer(Answer::success(request, id, Vec::new(), &[]).body().to_owned())
        }
        _ => turned_away(request, failure),
    }
}

/// Whether the record knows of nothing that `made_by` made. Where the function is not set up, it may be another record.
async fn was_never_made(scene: &Scene<'_>, request: &Request, made_by: &str, failure: &Failure) -> bool {
    if matches!(failure, Failure::Config(_)) {
        return false;
    }
    let key = scene.key(request);
    match timeout_at(scene.budget.work.at(), scene.records.get(&key)).await {
        Ok(Ok(record)) => record.is_none_or(|record| !record.mentions(made_by)),
        Ok(Err(_)) | Err(_) => false,
    }
}
