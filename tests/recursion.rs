//! A request that waits makes the function invoke itself, in one trace, more often than Lambda allows by default.

use crate::support::function::{Function, TIME};
use crate::support::http_server::{HttpServer, response};
use crate::support::process::Process;
use crate::support::queue::QUEUE_URL;
use crate::support::runtime_api::{RecursiveLoop, Reported};
use crate::support::world::{MEMBER, own};
use hyper::body::Bytes;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const DONE: &str = "null";
/// Less than the credentials of the function live.
const LONG: Duration = Duration::from_secs(1_800);

/// SQS, which takes messages and remembers them with their traces.
#[derive(Debug)]
struct Sqs {
    server: HttpServer,
    taken: Arc<Mutex<Vec<(String, String)>>>,
}

impl Sqs {
    async fn start() -> Self {
        let taken: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
        let sink = Arc::clone(&taken);
        let server = HttpServer::start(move |request: http::Request<Bytes>| {
            let sink = Arc::clone(&sink);
            async move {
                assert_eq!(request.headers()["x-amz-target"], "AmazonSQS.SendMessage");
                let trace = request.headers().get("x-amzn-trace-id").map(|trace| trace.to_str().unwrap());
                let input: Value = serde_json::from_slice(request.body()).unwrap();
                assert_eq!(input["QueueUrl"], QUEUE_URL);
                let body = input["MessageBody"].as_str().unwrap().to_owned();
                sink.lock().unwrap().push((body, trace.expect("no trace").to_owned()));
                Ok(response(200, r#"{"MessageId":"m","MD5OfMessageBody":"0"}"#))
            }
        })
        .await;
        Self { server, taken }
    }

    fn take(&self) -> Option<(String, String)> {
        let mut taken = self.taken.lock().unwrap();
        assert!(taken.len() <= 1, "one message at a time");
        taken.pop()
    }
}

fn event_of(number: usize, body: &str) -> String {
    let arn = "arn:aws:sqs:eu-west-1:111122223333:license-manager-provider-wait";
    let record = json!({
        "messageId": format!("m{number}-{}", body.len()), "eventSource": "aws:sqs", "eventSourceARN": arn, "body": body,
    });
    json!({ "Records": [record] }).to_string()
}

/// Looks until there is no message, or Lambda stops them; how many there were.
async fn looks(process: &mut Process, sqs: &Sqs, setting: RecursiveLoop, most: usize) -> usize {
    for number in 0..most {
        let Some((body, trace)) = sqs.take() else { return number };
        let event = event_of(number, &body);
        let Some(said) = process.deliver_by_queue(event, &trace, setting, TIME).await else { return number };
        assert_eq!(said, Reported::Response(DONE.to_owned()));
    }
    most
}

#[tokio::test]
async fn a_chain_of_looks_needs_the_recursive_loop_that_the_template_allows() {
    for (setting, looked) in [(RecursiveLoop::Terminate, 16), (RecursiveLoop::Allow, 20)] {
        let (function, sqs) = (Function::deployed().await, Sqs::start().await);
        let endpoint = format!("http://{}", sqs.server.address);
        function.cloud().change_settings(|settings| {
            settings.ram.times.associate_account = LONG;
        });
        let licenses = function.license_configurations(1);
        let create = function.event("Create", None, own("licenses", &licenses, &[MEMBER]));
        let changes =
            [("WAIT_QUEUE_URL", Some(QUEUE_URL)), ("AWS_ENDPOINT_URL_SQS", Some(endpoint.as_str()))];
        let mut process = function.start_with(&changes).await;
        let said = process.deliver(create.json.to_string(), Duration::from_secs(6)).await;
        assert_eq!(said, Reported::Response(DONE.to_owned()));
        assert_eq!(looks(&mut process, &sqs, setting, 20).await, looked, "{setting:?}");
        assert_eq!(function.bucket.s3.answer_to(&create.request_id), None);
        if setting == RecursiveLoop::Allow {
            function.cloud().advance(LONG);
            assert_eq!(looks(&mut process, &sqs, setting, 2).await, 1);
            assert!(function.bucket.s3.answer_to(&create.request_id).unwrap().is_success());
        }
        let output = process.kill().await;
        for secret in function.secrets() {
            assert!(!output.stdout.contains(&secret) && !output.stderr.contains(&secret));
        }
    }
}
