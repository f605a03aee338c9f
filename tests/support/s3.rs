//! The bucket that takes answers. Every PUT is held to CloudFormation's rules, so each scenario proves them anew.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use provider::protocol::{ResponseUrl, Upload, UploadError, UploadErrorKind};
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::Mutex;
use tokio::sync::watch;

/// What one PUT meets.
#[derive(Clone, Copy, Debug)]
pub enum Put {
    Status(u16),
    Broken,
    /// It is taken, and nobody hears.
    Lost,
}

/// Answers by their RequestId, in order of arrival.
#[derive(Debug, Default)]
pub struct S3 {
    /// Bodies, whatever they are.
    taken: watch::Sender<Vec<String>>,
    script: Mutex<VecDeque<Put>>,
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
    /// The next PUTs meet these, in order; later ones are taken.
    pub fn next(&self, puts: impl IntoIterator<Item = Put>) {
        self.script.lock().unwrap().extend(puts);
    }

    /// Forgets what the next PUTs were to meet.
    pub fn forget(&self) {
        self.script.lock().unwrap().clear();
    }

    pub fn answers(&self) -> Vec<Answer> {
        self.taken.borrow().iter().map(|body| checked(body)).collect()
    }

    /// What was taken for a request, in order.
    pub fn puts_to(&self, request_id: &str) -> Vec<String> {
        self.taken.borrow().iter().filter(|body| is_to(body, request_id)).cloned().collect()
    }

    /// The first PUT for a request, which decides; waits for it.
    pub async fn first_put(&self, request_id: &str) -> String {
        let mut taken = self.taken.subscribe();
        let taken = taken.wait_for(|bodies| bodies.iter().any(|body| is_to(body, request_id))).await;
        taken.unwrap().iter().find(|body| is_to(body, request_id)).cloned().unwrap()
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

    /// Takes one PUT, or does to it what is next in the script. `None`: the connection breaks.
    pub fn receive(&self, body: &str) -> Option<u16> {
        match self.script.lock().unwrap().pop_front() {
            None | Some(Put::Status(200)) => {
                self.take(body);
                Some(200)
            }
            Some(Put::Status(status)) => Some(status),
            Some(Put::Lost) => {
                self.take(body);
                None
            }
            Some(Put::Broken) => None,
        }
    }

    fn take(&self, body: &str) {
        self.taken.send_modify(|bodies| bodies.push(body.to_owned()));
    }
}

/// Physical ids may hold a RequestId, too: that of the Create.
fn is_to(body: &str, request_id: &str) -> bool {
    body.contains(&format!(r#""RequestId":"{request_id}""#))
}

/// CloudFormation's rules (user guide, crpg-ref-responses).
fn checked(body: &str) -> Answer {
    assert!(body.len() <= 4096, "Response object is too long: {} bytes", body.len());
    let json: Value = serde_json::from_str(body).unwrap();
    let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
    assert!(["SUCCESS", "FAILED"].contains(&text("Status").as_str()), "{body}");
    assert!(json["Status"] == "SUCCESS" || !text("Reason").is_empty(), "FAILED without a Reason: {body}");
    let id = text("PhysicalResourceId");
    assert!(!id.is_empty() && id.len() <= 1024, "Invalid PhysicalResourceId: {body}");
    for name in ["StackId", "RequestId", "LogicalResourceId"] {
        assert!(!text(name).is_empty(), "{name} is not echoed: {body}");
    }
    if let Some(data) = json.get("Data") {
        assert!(data.as_object().unwrap().values().all(Value::is_string), "Data is not flat: {body}");
    }
    assert!(!body.contains("X-Amz-"), "the answer holds a part of the URL");
    Answer { request_id: text("RequestId"), bytes: body.to_owned(), json }
}

impl Upload for S3 {
    fn put<'a>(&'a self, _: &'a ResponseUrl, body: &'a str) -> BoxFuture<'a, Result<u16, UploadError>> {
        async move {
            self.receive(body).ok_or_else(|| {
                let message = "connection reset".to_owned();
                UploadError { kind: UploadErrorKind::Connect, message }
            })
        }
        .boxed()
    }
}
