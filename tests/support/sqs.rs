//! SQS behind HTTP, as the real binary sends to it.

use super::http_server::{HttpServer, response};
use super::queue::{QUEUE_ARN, QUEUE_URL};
use hyper::body::Bytes;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// SQS, which takes messages and remembers them with their traces.
#[derive(Debug)]
pub struct Sqs {
    pub server: HttpServer,
    taken: Arc<Mutex<Vec<(String, String)>>>,
}

/// A message as it is sent: body, delay, trace.
pub type Sent = (String, Duration, String);

/// SQS with one queue, which gives each message to `sink`.
pub async fn server(sink: impl Fn(Sent) + Clone + Send + Sync + 'static) -> HttpServer {
    HttpServer::start(move |request: http::Request<Bytes>| {
        let sink = sink.clone();
        async move {
            assert_eq!(request.headers()["x-amz-target"], "AmazonSQS.SendMessage");
            let trace = request.headers().get("x-amzn-trace-id").map(|trace| trace.to_str().unwrap());
            let input: Value = serde_json::from_slice(request.body()).unwrap();
            assert_eq!(input["QueueUrl"], QUEUE_URL);
            let body = input["MessageBody"].as_str().unwrap().to_owned();
            let delay = Duration::from_secs(input["DelaySeconds"].as_u64().unwrap_or_default());
            sink((body, delay, trace.expect("no trace").to_owned()));
            Ok(response(200, r#"{"MessageId":"m","MD5OfMessageBody":"0"}"#))
        }
    })
    .await
}

impl Sqs {
    pub async fn start() -> Self {
        let taken: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
        let sink = Arc::clone(&taken);
        let server = server(move |(body, _, trace)| sink.lock().unwrap().push((body, trace))).await;
        Self { server, taken }
    }

    pub fn take(&self) -> Option<(String, String)> {
        let mut taken = self.taken.lock().unwrap();
        assert!(taken.len() <= 1, "one message at a time");
        taken.pop()
    }
}

/// Lambda's event for a message.
pub fn event_of(number: usize, body: &str) -> String {
    event_from(QUEUE_ARN, number, body)
}

/// The same, from a queue with this ARN.
pub fn event_from(arn: &str, number: usize, body: &str) -> String {
    let record = json!({
        "messageId": format!("m{number}-{}", body.len()), "eventSource": "aws:sqs", "eventSourceARN": arn, "body": body,
    });
    json!({ "Records": [record] }).to_string()
}
