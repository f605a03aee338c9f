//! The bucket that takes answers, each under the URL that was signed for its request. Every PUT is held to
//! CloudFormation's rules, so each scenario proves them anew.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use provider::clock::Clock;
use provider::protocol::{ResponseUrl, Upload, UploadError, UploadErrorKind};
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};
use time::PrimitiveDateTime;
use time::macros::format_description;
use tokio::sync::watch;

/// What an answer must say again.
const ECHOED: [&str; 3] = ["StackId", "RequestId", "LogicalResourceId"];

/// What one PUT meets.
#[derive(Clone, Copy, Debug)]
pub enum Put {
    Status(u16),
    Broken,
    /// It is taken, and nobody hears.
    Lost,
}

/// The bucket: what it took, in order of arrival.
#[derive(Debug)]
pub struct S3 {
    clock: Clock,
    signed: Mutex<Vec<Arc<Signed>>>,
    taken: watch::Sender<Vec<Taken>>,
    refused: Mutex<Vec<&'static str>>,
    script: Mutex<VecDeque<Put>>,
}

/// A URL that CloudFormation signed, and the request that it is for.
#[derive(Debug)]
struct Signed {
    url: String,
    /// As in [`ECHOED`].
    request: [String; 3],
    /// `None`: it holds for ever, as emulators' do.
    expires: Option<SystemTime>,
}

/// A body, whatever it is, under its URL.
#[derive(Clone, Debug)]
struct Taken {
    signed: Arc<Signed>,
    body: String,
}

impl Signed {
    fn request_id(&self) -> &str {
        &self.request[1]
    }

    /// Path and query.
    fn target(&self) -> &str {
        let (_, after) = self.url.split_once("://").unwrap();
        after.find('/').map_or("", |at| &after[at..])
    }
}

/// An answer as it was taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub request_id: String,
    pub bytes: String,
    pub json: Value,
}

impl Answer {
    pub fn is_success(&self) -> bool {
        self.json["Status"] == "SUCCESS"
    }

    pub fn reason(&self) -> &str {
        self.json["Reason"].as_str().unwrap_or_default()
    }

    pub fn physical_id(&self) -> &str {
        self.json["PhysicalResourceId"].as_str().unwrap()
    }

    pub fn attribute(&self, name: &str) -> &str {
        self.json["Data"][name].as_str().unwrap_or_else(|| panic!("no attribute {name} in {}", self.bytes))
    }
}

impl S3 {
    /// An empty bucket, which tells by this clock what has expired.
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            signed: Mutex::default(),
            taken: watch::Sender::default(),
            refused: Mutex::default(),
            script: Mutex::default(),
        }
    }

    /// From now on, the URL of this event takes the answer to it.
    pub fn signed(&self, event: &Value) {
        let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
        let url = text("ResponseURL");
        let signed = Signed { request: ECHOED.map(text), expires: expiry(&url), url };
        self.signed.lock().unwrap().push(Arc::new(signed));
    }

    /// The next PUTs meet these, in order; later ones are taken.
    pub fn next(&self, puts: impl IntoIterator<Item = Put>) {
        self.script.lock().unwrap().extend(puts);
    }

    /// Forgets what the next PUTs were to meet.
    pub fn forget(&self) {
        self.script.lock().unwrap().clear();
    }

    /// Whatever was taken, which must be sound.
    pub fn answers(&self) -> Vec<Answer> {
        self.taken.borrow().iter().map(checked).collect()
    }

    /// Why PUTs were not taken: one that nobody signed, one that came too late.
    pub fn refused(&self) -> Vec<&'static str> {
        self.refused.lock().unwrap().clone()
    }

    /// What was put to the URLs of a request, in order.
    pub fn puts_to(&self, request_id: &str) -> Vec<String> {
        let taken = self.taken.borrow();
        taken.iter().filter(|one| one.signed.request_id() == request_id).map(|one| one.body.clone()).collect()
    }

    /// The first PUT to the URL of a request, which decides; waits for it.
    pub async fn first_put(&self, request_id: &str) -> String {
        let is_to = |one: &&Taken| one.signed.request_id() == request_id;
        let mut taken = self.taken.subscribe();
        let taken = taken.wait_for(|taken| taken.iter().any(|one| is_to(&one))).await;
        taken.unwrap().iter().find(is_to).unwrap().body.clone()
    }

    /// The answer to a request: the same bytes however often it came.
    pub fn answer_to(&self, request_id: &str) -> Option<Answer> {
        let answers: Vec<Answer> =
            self.answers().into_iter().filter(|a| a.request_id == request_id).collect();
        for pair in answers.windows(2) {
            assert_eq!(pair[0].bytes, pair[1].bytes, "two answers to one request differ");
        }
        answers.into_iter().next()
    }

    /// Takes one PUT to a URL, or does to it what is next in the script. `None`: the connection breaks.
    pub fn receive(&self, url: &str, body: &str) -> Option<u16> {
        self.arrives(|signed| signed.url == url, body)
    }

    /// The same by path and query, as HTTP has them.
    pub fn receive_at(&self, target: &str, body: &str) -> Option<u16> {
        self.arrives(|signed| signed.target() == target, body)
    }

    fn arrives(&self, is_it: impl Fn(&Signed) -> bool, body: &str) -> Option<u16> {
        let next = self.script.lock().unwrap().pop_front();
        match next {
            None | Some(Put::Status(200)) => Some(self.take(is_it, body)),
            Some(Put::Status(status)) => Some(status),
            Some(Put::Lost) => {
                self.take(is_it, body);
                None
            }
            Some(Put::Broken) => None,
        }
    }

    fn take(&self, is_it: impl Fn(&Signed) -> bool, body: &str) -> u16 {
        let found = self.signed.lock().unwrap().iter().find(|signed| is_it(signed)).cloned();
        let refusal = match found {
            Some(signed) if signed.expires.is_none_or(|expires| self.clock.now() <= expires) => {
                self.taken.send_modify(|taken| taken.push(Taken { signed, body: body.to_owned() }));
                return 200;
            }
            Some(_) => "Request has expired",
            None => "SignatureDoesNotMatch",
        };
        self.refused.lock().unwrap().push(refusal);
        403
    }
}

/// `X-Amz-Expires` seconds after `X-Amz-Date`.
fn expiry(url: &str) -> Option<SystemTime> {
    let value = |name: &str| {
        let (_, rest) = url.split_once(name)?;
        rest.split('&').next()
    };
    let form = format_description!("[year][month][day]T[hour][minute][second]Z");
    let date = PrimitiveDateTime::parse(value("X-Amz-Date=")?, form).unwrap().assume_utc();
    let seconds = value("X-Amz-Expires=")?.parse().unwrap();
    Some(SystemTime::from(date) + Duration::from_secs(seconds))
}

/// CloudFormation's rules (user guide, crpg-ref-responses).
fn checked(taken: &Taken) -> Answer {
    let Taken { signed, body } = taken;
    assert!(body.len() <= 4096, "Response object is too long: {} bytes", body.len());
    let json: Value = serde_json::from_str(body).unwrap();
    let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
    assert!(["SUCCESS", "FAILED"].contains(&text("Status").as_str()), "{body}");
    assert!(json["Status"] == "SUCCESS" || !text("Reason").is_empty(), "FAILED without a Reason: {body}");
    let id = text("PhysicalResourceId");
    assert!(!id.is_empty() && id.len() <= 1024, "Invalid PhysicalResourceId: {body}");
    assert_eq!(ECHOED.map(text), signed.request, "not echoed: {body}");
    if let Some(data) = json.get("Data") {
        assert!(data.as_object().unwrap().values().all(Value::is_string), "Data is not flat: {body}");
    }
    assert!(!body.contains("X-Amz-"), "the answer holds a part of the URL");
    Answer { request_id: text("RequestId"), bytes: body.to_owned(), json }
}

impl Upload for S3 {
    fn put<'a>(&'a self, url: &'a ResponseUrl, body: &'a str) -> BoxFuture<'a, Result<u16, UploadError>> {
        async move {
            self.arrives(|signed| url.is(&signed.url), body).ok_or_else(|| {
                let message = "connection reset".to_owned();
                UploadError { kind: UploadErrorKind::Connect, message }
            })
        }
        .boxed()
    }
}
