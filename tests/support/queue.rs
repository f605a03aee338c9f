//! The wait queue, on tokio's time: delays, at-least-once delivery, redelivery after the visibility time-out, dead
//! letters; and the function that it invokes, a new process for each message.
//!
//! Source: Amazon SQS developer guide (standard queues, visibility time-out, dead-letter queues); AWS Lambda developer
//! guide, "Using Lambda with Amazon SQS". Visibility and receives are those of the provider's template.

use super::s3::Answer;
use super::world::{Event, MEMBER, NOON, World, own};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use local_cloud::Settings;
pub use provider::handler::VISIBILITY;
use provider::handler::{HandlerError, Provider};
use provider::protocol::{Queue, QueueError};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

pub const QUEUE_URL: &str = "https://sqs.eu-west-1.amazonaws.com/111122223333/license-manager-provider-wait";
pub const QUEUE_ARN: &str = "arn:aws:sqs:eu-west-1:111122223333:license-manager-provider-wait";
const RECEIVES: u32 = 3;

/// A queue.
#[derive(Debug, Default)]
pub struct FakeQueue {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    sent: usize,
    /// By when they are visible, then by when they came.
    waiting: BTreeMap<(Instant, usize), Message>,
    dead: Vec<Message>,
    /// Received, and nobody said yet how that ended.
    flying: Vec<Message>,
    failures: u32,
    copies: usize,
}

/// A message.
#[derive(Clone, Debug)]
pub struct Message {
    pub id: String,
    pub body: String,
    receives: u32,
}

impl Message {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub fn look(&self) -> u64 {
        self.json()["look"].as_u64().unwrap()
    }

    /// Lambda's event.
    pub fn event(&self) -> Value {
        self.event_from(QUEUE_ARN)
    }

    pub fn event_from(&self, arn: &str) -> Value {
        json!({"Records": [{
            "messageId": self.id,
            "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
            "body": self.body,
            "attributes": {"ApproximateReceiveCount": self.receives.to_string(), "SenderId": "AIDAEXAMPLE"},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": arn,
            "awsRegion": "eu-west-1",
        }]})
    }
}

impl FakeQueue {
    /// The next sends fail, and nothing is sent.
    pub fn fail(&self, times: u32) {
        self.state.lock().unwrap().failures = times;
    }

    /// Each send makes so many more messages, as where its answer is lost and it is sent again.
    pub fn copy(&self, copies: usize) {
        self.state.lock().unwrap().copies = copies;
    }

    pub fn waiting(&self) -> Vec<Message> {
        self.state.lock().unwrap().waiting.values().cloned().collect()
    }

    pub fn dead(&self) -> Vec<Message> {
        self.state.lock().unwrap().dead.clone()
    }

    /// How many messages were ever taken.
    pub fn sent(&self) -> usize {
        self.state.lock().unwrap().sent
    }

    /// Delivers a message that was received before once more, now.
    pub fn deliver_again(&self, message: Message) {
        let mut state = self.state.lock().unwrap();
        state.sent += 1;
        let place = (Instant::now(), state.sent);
        state.waiting.insert(place, message);
    }

    fn fails(&self) -> bool {
        let mut state = self.state.lock().unwrap();
        let fails = state.failures > 0;
        state.failures = state.failures.saturating_sub(1);
        fails
    }

    fn take(&self, body: &str, delay: Duration) {
        let mut state = self.state.lock().unwrap();
        for _ in 0..=state.copies {
            state.sent += 1;
            let place = (Instant::now() + delay, state.sent);
            let id = format!("message-{}", state.sent);
            state.waiting.insert(place, Message { id, body: body.to_owned(), receives: 0 });
        }
    }

    fn receive(&self) -> Option<(Instant, Message)> {
        let mut state = self.state.lock().unwrap();
        let ((at, _), mut message) = state.waiting.pop_first()?;
        message.receives += 1;
        state.flying.push(message.clone());
        Some((at, message))
    }

    fn landed(&self, id: &str) {
        self.state.lock().unwrap().flying.retain(|message| message.id != id);
    }

    /// Puts back what a process had received when it died.
    pub fn timed_out(&self) {
        let flying = std::mem::take(&mut self.state.lock().unwrap().flying);
        for message in flying {
            self.put_back(message);
        }
    }

    fn put_back(&self, message: Message) {
        let mut state = self.state.lock().unwrap();
        if message.receives >= RECEIVES {
            state.dead.push(message);
            return;
        }
        state.sent += 1;
        let place = (Instant::now() + VISIBILITY, state.sent);
        state.waiting.insert(place, message);
    }
}

impl Queue for FakeQueue {
    fn url(&self) -> &str {
        QUEUE_URL
    }

    fn send<'a>(&'a self, body: &'a str, delay: Duration) -> BoxFuture<'a, Result<(), QueueError>> {
        async move {
            assert!(delay <= Duration::from_secs(900) && delay.subsec_nanos() == 0, "{delay:?}");
            assert!(body.len() <= 1_048_576 && !body.contains(['\u{fffe}', '\u{ffff}']));
            if self.fails() {
                return Err(QueueError { message: "SQS failed in SendMessage (HTTP 503)".to_owned() });
            }
            self.take(body, delay);
            Ok(())
        }
        .boxed()
    }
}

/// One invocation by the queue.
#[derive(Debug)]
pub struct Looked {
    pub message: Message,
    /// Since the line began.
    pub at: Duration,
    pub took: Duration,
    pub calls: Vec<String>,
    pub result: Result<(), HandlerError>,
}

/// A world whose provider has a queue.
#[derive(Debug)]
pub struct Line {
    pub world: World,
    pub queue: Arc<FakeQueue>,
    start: Instant,
}

impl Line {
    pub fn new() -> Self {
        Self::with(Settings::default())
    }

    pub fn with(settings: Settings) -> Self {
        let world = World::with(settings);
        Self { world, queue: Arc::default(), start: Instant::now() }
    }

    /// A world in which AWS's dates are those of the tests' clock: what is switched on there is new.
    pub fn dated() -> Self {
        Self::with(Settings { epoch: NOON, ..Settings::default() })
    }

    /// A world in which accounts settle late.
    pub fn slow(by: Duration) -> Self {
        let mut settings = Settings::default();
        settings.ram.times.associate_account = by;
        Self::with(settings)
    }

    /// A new process of the function.
    pub fn process(&self) -> Provider {
        self.world.new_process().with_queue(self.queue.clone())
    }

    pub fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// CloudFormation's event comes.
    pub async fn deliver(&self, event: &Event) -> Result<(), HandlerError> {
        self.world.deliver_to(&self.process(), event).await
    }

    /// CloudFormation's event comes and must wait.
    pub async fn waits(&self, event: &Event) {
        let sent = self.queue.sent();
        self.deliver(event).await.unwrap();
        assert_eq!(self.world.s3.answer_to(&event.request_id), None);
        assert!(self.queue.sent() > sent, "nothing was handed over");
    }

    /// The next message is delivered as soon as it is visible; `None` where there is none.
    pub async fn look(&self) -> Option<Looked> {
        self.look_with(&self.process()).await
    }

    /// The same, to this process of the function.
    pub async fn look_with(&self, process: &Provider) -> Option<Looked> {
        let (at, message) = self.queue.receive()?;
        sleep_until(at).await;
        let (mark, began) = (self.world.mark(), Instant::now());
        let event = message.event().to_string();
        let result = self.world.deliver_bytes_to(process, event.as_bytes()).await;
        self.queue.landed(&message.id);
        if result.is_err() {
            self.queue.put_back(message.clone());
        }
        let calls = self.world.operations_since(mark);
        Some(Looked { message, at: began - self.start, took: began.elapsed(), calls, result })
    }

    /// All messages, until none is left.
    pub async fn run(&self) -> Vec<Looked> {
        let mut looks = Vec::new();
        while let Some(look) = self.look().await {
            looks.push(look);
            assert!(looks.len() < 1_000, "no end: {:?}", looks.last());
        }
        looks
    }

    /// Messages that are due within `time`, and no others.
    pub async fn run_for(&self, time: Duration) -> Vec<Looked> {
        let end = Instant::now() + time;
        let mut looks = Vec::new();
        while self.due().is_some_and(|due| due <= end) {
            looks.extend(self.look().await);
        }
        sleep_until(end).await;
        looks
    }

    fn due(&self) -> Option<Instant> {
        self.queue.state.lock().unwrap().waiting.keys().next().map(|(due, _)| *due)
    }

    /// The answer to a request that waits, once all messages are gone.
    pub async fn answer(&self, event: &Event) -> (Answer, Vec<Looked>) {
        let looks = self.run().await;
        let answer = self.world.s3.answer_to(&event.request_id).expect("an answer");
        (answer, looks)
    }

    /// A Create of a share with one account.
    pub fn create(&self) -> Event {
        let licenses = self.world.license_configurations(1);
        self.world.event("Create", None, "Share", own("licenses", &licenses, &[MEMBER]))
    }

    /// An Update of it, later.
    pub async fn update(&self, id: &str, properties: Value) -> Event {
        self.world.later().await;
        self.world.event("Update", Some(id), "Share", properties)
    }

    /// The ARN of the only live share.
    pub fn live_share(&self) -> String {
        let cloud = self.world.cloud();
        let mut shares = cloud.shares().iter().filter(|share| share.status.is_live());
        let arn = shares.next().unwrap().arn.clone();
        assert_eq!(shares.count(), 0);
        arn
    }
}

fn is_write(operation: &str) -> bool {
    !operation.starts_with("Get") && !operation.starts_with("List")
}

/// The operations that write.
pub fn writes(looks: &[Looked]) -> Vec<&str> {
    looks.iter().flat_map(|look| &look.calls).map(String::as_str).filter(|call| is_write(call)).collect()
}

/// Looks that did anything, and not only found that they were not needed.
pub fn at_work(looks: &[Looked]) -> usize {
    looks.iter().filter(|look| !look.calls.is_empty()).count()
}
