//! A gate in front of everything that one process reaches: it names and counts the requests that come, and stops the
//! process before one of them is passed on, or after its answer has come and before the process has it.

use super::http_server::Reply;
use http::Request;
use hyper::body::Bytes;
use std::collections::BTreeMap;
use std::fmt;
use std::future::pending;
use std::sync::Mutex;
use tokio::sync::Notify;

/// One request of a flow: requests of one name differ by when they came.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Passage {
    pub operation: String,
    /// From 1.
    pub nth: usize,
}

/// A side of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The service has not seen the request.
    Before,
    /// The service has answered, and nobody has heard.
    After,
}

/// Where a process can be stopped.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    pub passage: Passage,
    pub side: Side,
}

impl Point {
    /// Both points of a request.
    pub fn both(passage: &Passage) -> [Self; 2] {
        [Side::Before, Side::After].map(|side| Self { passage: passage.clone(), side })
    }

    /// Before the first request of this name.
    pub fn before(operation: &str) -> Self {
        Self { passage: Passage { operation: operation.to_owned(), nth: 1 }, side: Side::Before }
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = if self.side == Side::Before { "before" } else { "after" };
        write!(f, "{side} {} {}", self.passage.operation, self.passage.nth)
    }
}

/// The gate of one process.
#[derive(Debug, Default)]
pub struct Gate {
    state: Mutex<State>,
    stopped: Notify,
}

#[derive(Debug, Default)]
struct State {
    passed: Vec<Passage>,
    counts: BTreeMap<String, usize>,
    stops: Vec<Point>,
    stopped_at: Option<Point>,
}

impl Gate {
    /// From now on requests are counted anew, and the first of these points is the end.
    pub fn watch(&self, stops: Vec<Point>) {
        *self.state.lock().unwrap() = State { stops, ..State::default() };
    }

    /// The requests that came since, in order.
    pub fn passed(&self) -> Vec<Passage> {
        self.state.lock().unwrap().passed.clone()
    }

    /// Waits until one of the points is reached.
    pub async fn stopped(&self) -> Point {
        loop {
            let notified = self.stopped.notified();
            if let Some(point) = self.state.lock().unwrap().stopped_at.clone() {
                return point;
            }
            notified.await;
        }
    }

    /// Lets a request through to what answers it. Once a point is reached nothing goes through any more, either way.
    pub async fn pass(
        &self,
        request: Request<Bytes>,
        answer: impl AsyncFnOnce(Request<Bytes>) -> Reply,
    ) -> Reply {
        let passage = self.arrive(operation(&request));
        self.go_on(&passage, Side::Before).await;
        let reply = answer(request).await;
        self.go_on(&passage, Side::After).await;
        reply
    }

    fn arrive(&self, operation: String) -> Passage {
        let mut state = self.state.lock().unwrap();
        let nth = state.counts.entry(operation.clone()).or_default();
        *nth += 1;
        let passage = Passage { operation, nth: *nth };
        if state.stopped_at.is_none() {
            state.passed.push(passage.clone());
        }
        passage
    }

    async fn go_on(&self, passage: &Passage, side: Side) {
        if self.stops(passage, side) {
            self.stopped.notify_waiters();
            pending::<()>().await;
        }
    }

    fn stops(&self, passage: &Passage, side: Side) -> bool {
        let mut state = self.state.lock().unwrap();
        let point = Point { passage: passage.clone(), side };
        if state.stopped_at.is_none() && state.stops.contains(&point) {
            state.stopped_at = Some(point);
        }
        state.stopped_at.is_some()
    }
}

/// JSON services have it in a header, RAM in the path, IAM and STS in the form; CloudFormation's bucket takes PUTs.
fn operation(request: &Request<Bytes>) -> String {
    if request.method() == http::Method::PUT {
        return PUT.to_owned();
    }
    let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok());
    if let Some((_, operation)) = target.and_then(|target| target.rsplit_once('.')) {
        return operation.to_owned();
    }
    let form = String::from_utf8_lossy(request.body());
    let action = form.split('&').find_map(|member| member.strip_prefix("Action="));
    action.unwrap_or_else(|| request.uri().path().trim_start_matches('/')).to_owned()
}

/// The sending of an answer.
pub const PUT: &str = "PUT";
/// The sending of a message to the wait queue.
pub const SEND: &str = "SendMessage";
