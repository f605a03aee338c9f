//! A standard queue that invokes a function: delays, at-least-once delivery in any order, redelivery after the visibility
//! time-out, a dead-letter queue.
//!
//! Source: Amazon SQS developer guide (standard queues, visibility time-out, dead-letter queues); AWS Lambda developer
//! guide, "Using Lambda with Amazon SQS".

use super::super::dice::Dice;
use super::function::Function;
use super::lambda::{Busy, copies};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use provider::protocol::{Queue, QueueError};
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// The most that chance delays a message by.
const LATEST: Duration = Duration::from_secs(120);

/// What becomes of a message that was received too often.
pub type DeadLetters = Box<dyn Fn(String) + Send + Sync>;

/// A queue and the function behind it.
pub struct MessageQueue {
    url: String,
    arn: String,
    visibility: Duration,
    /// `maxReceiveCount`.
    receives: u32,
    /// All waiting takes so much less time.
    hurry: u32,
    busy: Busy,
    consumer: OnceLock<Arc<dyn Function>>,
    dead_letters: DeadLetters,
    sent: AtomicUsize,
    /// Bodies of messages that are neither done nor dead.
    waiting: Mutex<Vec<(usize, String)>>,
    disorder: Mutex<Option<Dice>>,
    delivered: Mutex<Vec<(usize, String)>>,
}

impl std::fmt::Debug for MessageQueue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.arn)
    }
}

impl MessageQueue {
    pub fn new(
        arn: &str,
        visibility: Duration,
        receives: u32,
        hurry: u32,
        busy: &Busy,
        dead: DeadLetters,
    ) -> Arc<Self> {
        let parts: Vec<&str> = arn.split(':').collect();
        let [_, _, _, region, account, name] = parts[..] else { panic!("no ARN of a queue: {arn}") };
        Arc::new(Self {
            url: format!("https://sqs.{region}.amazonaws.com/{account}/{name}"),
            arn: arn.to_owned(),
            visibility,
            receives,
            hurry,
            busy: busy.clone(),
            consumer: OnceLock::new(),
            dead_letters: dead,
            sent: AtomicUsize::new(0),
            waiting: Mutex::default(),
            disorder: Mutex::default(),
            delivered: Mutex::default(),
        })
    }

    /// From now on, chance delivers messages twice or three times, some of them as other messages with the same body (a
    /// send whose answer was lost), and up to two minutes late, so that they come in another order.
    pub fn disorder(&self, dice: Option<Dice>) {
        *self.disorder.lock().unwrap() = dice;
    }

    /// The event source mapping.
    pub fn invokes(&self, function: Arc<dyn Function>) {
        self.consumer.set(function).expect("one function");
    }

    /// The messages that are neither done nor dead.
    pub fn waiting(&self) -> Vec<String> {
        self.waiting.lock().unwrap().iter().map(|(_, body)| body.clone()).collect()
    }

    /// How many messages were ever taken.
    pub fn sent(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }

    /// The messages that were delivered, by their numbers, in order, each as often as it was.
    pub fn delivered(&self) -> Vec<(usize, String)> {
        self.delivered.lock().unwrap().clone()
    }

    /// Takes a message.
    pub fn take(self: &Arc<Self>, body: String, delay: Duration) {
        let mut number = self.sent.fetch_add(1, Ordering::SeqCst);
        let late = copies(&mut self.disorder.lock().unwrap(), LATEST);
        for (copy, late) in late.into_iter().enumerate() {
            if copy == 2 {
                number = self.sent.fetch_add(1, Ordering::SeqCst);
            }
            self.carry(number, body.clone(), delay + late);
        }
    }

    fn carry(self: &Arc<Self>, number: usize, body: String, delay: Duration) {
        self.waiting.lock().unwrap().push((number, body.clone()));
        let (queue, at_work) = (Arc::clone(self), self.busy.begin());
        tokio::spawn(async move {
            sleep(delay / queue.hurry).await;
            if !queue.received(number, &body).await {
                (queue.dead_letters)(body);
            }
            let mut waiting = queue.waiting.lock().unwrap();
            let at = waiting.iter().position(|(other, _)| *other == number).unwrap();
            waiting.remove(at);
            drop(waiting);
            drop(at_work);
        });
    }

    /// Whether an invocation has done with the message.
    async fn received(&self, number: usize, body: &str) -> bool {
        let function = self.consumer.get().expect("an event source mapping");
        for receive in 1..=self.receives {
            // It is hidden from when it is received on, however long the invocation takes.
            let shown_again = Instant::now() + self.visibility / self.hurry;
            self.delivered.lock().unwrap().push((number, body.to_owned()));
            if function.invoke(self.event(number, body, receive)).await.is_ok() {
                return true;
            }
            sleep_until(shown_again).await;
        }
        false
    }

    fn event(&self, number: usize, body: &str, receive: u32) -> String {
        let record = json!({
            "messageId": format!("message-{number}"),
            "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
            "body": body,
            "attributes": {"ApproximateReceiveCount": receive.to_string(), "SenderId": "AIDAEXAMPLE"},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": self.arn,
            "awsRegion": "eu-west-1",
        });
        json!({ "Records": [record] }).to_string()
    }
}

/// The queue as the provider reaches it.
#[derive(Debug)]
pub struct Sender(pub Arc<MessageQueue>);

impl Queue for Sender {
    fn url(&self) -> &str {
        &self.0.url
    }

    fn send<'a>(&'a self, body: &'a str, delay: Duration) -> BoxFuture<'a, Result<(), QueueError>> {
        async move {
            assert!(delay <= Duration::from_secs(900) && delay.subsec_nanos() == 0, "{delay:?}");
            assert!(body.len() <= 1_048_576 && !body.contains(['\u{fffe}', '\u{ffff}']));
            self.0.take(body.to_owned(), delay);
            Ok(())
        }
        .boxed()
    }
}
