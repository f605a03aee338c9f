//! Lambda's asynchronous invocations and the queues around them, with the settings of `provider.yaml`.
//!
//! Source: AWS Lambda developer guide, "Asynchronous invocation" (two retries, one and two minutes later; at least once;
//! no order; records of failed invocations); protocol facts 1.6.

use super::super::abandoned::{FAILED_INVOCATIONS, WAIT_DEAD_LETTERS, given_up};
use super::super::dice::Dice;
use super::super::place::Place;
use super::super::queue::{QUEUE_ARN, VISIBILITY};
use super::super::world::Event;
use super::function::Function;
use super::messages::{DeadLetters, MessageQueue, Sender};
use serde_json::Value;
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

/// How many things are under way.
#[derive(Clone, Debug)]
pub struct Busy(Arc<watch::Sender<usize>>);

/// One thing that is under way, until it is dropped.
#[derive(Debug)]
pub struct AtWork(Busy);

impl Busy {
    fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    pub fn begin(&self) -> AtWork {
        self.0.send_modify(|count| *count += 1);
        AtWork(self.clone())
    }

    /// Waits until nothing is under way.
    pub async fn over(&self) {
        self.0.subscribe().wait_for(|count| *count == 0).await.unwrap();
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| *count -= 1);
    }
}

/// How Lambda treats events on their way.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// After the first attempt, and after the second.
    pub retries: [Duration; 2],
    /// `MaximumEventAgeInSeconds`: an event that is older is not tried again.
    pub event_age: Duration,
    /// From which age of an event to which all invocations are throttled: too many run at once.
    pub throttled: Range<Duration>,
    /// All waiting around the function takes so much less time: 1 on virtual time.
    pub hurry: u32,
    /// Where there is one, chance copies and delays events, so that they come twice, and in another order.
    pub disorder: Option<Dice>,
}

impl Default for Delivery {
    fn default() -> Self {
        let retries = [Duration::from_secs(60), Duration::from_secs(120)];
        let throttled = Duration::ZERO..Duration::ZERO;
        Self { retries, event_age: Duration::from_secs(3_300), throttled, hurry: 1, disorder: None }
    }
}

impl Delivery {
    /// Copies and delays by this chance.
    pub fn disordered(seed: u64) -> Self {
        Self { disorder: Some(Dice(seed)), ..Self::default() }
    }

    /// For a function that runs outside of this process, on time that nobody can turn.
    pub fn hurried() -> Self {
        Self { hurry: 200, ..Self::default() }
    }

    /// When the copies of an event come.
    fn delays(&mut self) -> Vec<Duration> {
        copies(&mut self.disorder, Duration::from_secs(8))
    }

    /// Waits until an event that came at `began` can be tried; false where it is too old then. Throttled invocations
    /// are tried again after a second, then after twice as long each time, up to five minutes.
    async fn has_room(&self, began: Instant) -> bool {
        let mut pause = Duration::from_secs(1);
        loop {
            let age = began.elapsed() * self.hurry;
            if age > self.event_age || !self.throttled.contains(&age) {
                return age <= self.event_age;
            }
            let left = self.event_age.saturating_sub(age) + Duration::from_secs(1);
            sleep(pause.min(left) / self.hurry).await;
            pause = (2 * pause).min(Duration::from_secs(300));
        }
    }
}

/// After which times the copies of one thing come, of which there are three at most, where chance rules; else it comes
/// once and at once.
pub fn copies(disorder: &mut Option<Dice>, latest: Duration) -> Vec<Duration> {
    let Some(dice) = disorder else { return vec![Duration::ZERO] };
    let latest = u64::try_from(latest.as_millis()).unwrap();
    (0..=dice.below(3)).map(|_| Duration::from_millis(dice.roll() % latest)).collect()
}

/// A deployed provider: its function, the rescue function, and their queues.
#[derive(Debug)]
pub struct Lambda {
    function: Arc<dyn Function>,
    failed_invocations: Arc<MessageQueue>,
    pub wait_queue: Arc<MessageQueue>,
    /// What even the rescue function could not answer.
    rescue_failures: Arc<Mutex<Vec<String>>>,
    delivery: Mutex<Delivery>,
    busy: Busy,
}

impl Lambda {
    /// `function` is made with the wait queue, which invokes it.
    pub fn deployed(
        place: &Place,
        function: impl FnOnce(Sender) -> Arc<dyn Function>,
        rescue: Arc<dyn Function>,
        delivery: Delivery,
    ) -> Arc<Self> {
        let (busy, rescue_failures) = (Busy::new(), Arc::<Mutex<Vec<String>>>::default());
        let alarmed = |kept: &Arc<Mutex<Vec<String>>>| -> DeadLetters {
            let kept = Arc::clone(kept);
            Box::new(move |body| kept.lock().unwrap().push(body))
        };
        let hurry = delivery.hurry;
        let minutes = |count: u64| Duration::from_secs(60 * count);
        let failed_invocations =
            MessageQueue::new(FAILED_INVOCATIONS, minutes(3), 5, hurry, &busy, alarmed(&rescue_failures));
        let dead =
            MessageQueue::new(WAIT_DEAD_LETTERS, minutes(3), 8, hurry, &busy, alarmed(&rescue_failures));
        let dead_letters = Arc::clone(&dead);
        let to_rescue: DeadLetters = Box::new(move |body| dead_letters.take(body, Duration::ZERO));
        let wait_queue = MessageQueue::new(&place.text(QUEUE_ARN), VISIBILITY, 3, hurry, &busy, to_rescue);
        wait_queue.disorder(delivery.disorder.clone());
        let function = function(Sender(Arc::clone(&wait_queue)));
        for (queue, consumer) in [(&failed_invocations, &rescue), (&dead, &rescue), (&wait_queue, &function)]
        {
            queue.invokes(Arc::clone(consumer));
        }
        let delivery = Mutex::new(delivery);
        Arc::new(Self { function, failed_invocations, wait_queue, rescue_failures, delivery, busy })
    }

    /// Takes an event. It is delivered as often as it takes.
    pub fn invoke(self: &Arc<Self>, request_id: &str, event: Value) {
        let event = Event { request_id: request_id.to_owned(), json: event };
        for delay in self.delivery.lock().unwrap().delays() {
            let (lambda, event, at_work) = (Arc::clone(self), event.clone(), self.busy.begin());
            tokio::spawn(async move {
                sleep(delay).await;
                lambda.deliver(&event).await;
                drop(at_work);
            });
        }
    }

    async fn deliver(&self, event: &Event) {
        let (began, delivery) = (Instant::now(), self.delivery.lock().unwrap().clone());
        let (mut attempts, mut failed) = (0, None);
        let condition = loop {
            if !delivery.has_room(began).await {
                break "EventAgeExceeded";
            }
            failed = self.attempt(event).await;
            let Some(_) = &failed else { return };
            attempts += 1;
            let Some(pause) = delivery.retries.get(attempts - 1) else { break "RetriesExhausted" };
            sleep(*pause / delivery.hurry).await;
        };
        let record = given_up(event, condition, attempts, failed.as_deref()).to_string();
        self.failed_invocations.take(record, Duration::ZERO);
    }

    /// What went wrong.
    async fn attempt(&self, event: &Event) -> Option<String> {
        self.function.invoke(event.json.to_string()).await.err()
    }

    /// Waits until every event and every message is done with.
    pub async fn quiet(&self) {
        self.busy.over().await;
    }

    /// What even the rescue function could not answer.
    pub fn rescue_failures(&self) -> Vec<String> {
        self.rescue_failures.lock().unwrap().clone()
    }
}
