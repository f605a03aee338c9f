//! The stage of one case of the crash matrix: a cloud, a table, a queue and a bucket, the instances of the function that
//! come and go, and how things are in the end.

use super::abandoned::{FAILED_INVOCATIONS, LOG_GROUP, WAIT_DEAD_LETTERS};
use super::function::{Function, URL_SECRETS, assume_role, now};
use super::gate::{Gate, Point};
use super::http_server::{Closed, HttpServer, response};
use super::instance::{Ended, Instance, Messages, Services};
use super::process::Output;
use super::queue::QUEUE_URL;
use super::s3::{Answer, S3};
use super::shape::{Everything, everything};
use super::sqs::event_of;
use super::world::{Event, World};
use super::{ministack, table};
use aws_sdk_dynamodb::config::Credentials;
use provider::clock::Clock;
use provider::record::{DynamoRecords, Record, RecordKey, Records};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

/// Everything around the processes of one function.
#[derive(Debug)]
pub struct Stage {
    pub world: Arc<World>,
    /// On the time of day, as the processes are.
    s3: Arc<S3>,
    services: Services,
    bucket: HttpServer,
    /// The gate of the instance that runs: the bucket's URL is in the events and outlives it.
    at_bucket: Arc<Mutex<Arc<Gate>>>,
    environment: BTreeMap<String, String>,
    credentials: Credentials,
    records: DynamoRecords,
    began: SystemTime,
    sent: AtomicU64,
}

/// What is on record, but for dates and the messages of the queue.
#[derive(Clone, Debug, PartialEq)]
pub struct OnRecord {
    newest: String,
    answer: Option<String>,
    succeeded: Option<Value>,
    before: Option<Value>,
    ledger: Value,
    object: Option<String>,
    seen: Vec<String>,
    ended: bool,
}

impl From<Record> for OnRecord {
    fn from(record: Record) -> Self {
        Self {
            newest: record.newest.request_id,
            answer: record.answer,
            succeeded: record.succeeded,
            before: record.before,
            ledger: undated(record.ledger),
            object: record.object,
            seen: record.seen,
            ended: record.ended,
        }
    }
}

/// Without the dates, which no two runs have in common.
fn undated(value: Value) -> Value {
    match value {
        Value::Number(number) if number.as_u64() > Some(A_DATE) => "a date".into(),
        Value::Array(values) => values.into_iter().map(undated).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, undated(value))).collect(),
        other => other,
    }
}

/// No other number in a ledger is as large, be it in seconds or in milliseconds.
const A_DATE: u64 = 1_000_000_000;

impl Stage {
    /// An organization with two members, RAM sharing on, the function in the management account.
    pub async fn new() -> Self {
        let world = Arc::new(World::new());
        let credentials = assume_role(&mut world.cloud());
        let records = ministack::shared().await.url();
        let services = Services { world: Arc::clone(&world), messages: Messages::default(), records };
        let at_bucket: Arc<Mutex<Arc<Gate>>> = Arc::default();
        let began = now();
        let s3 = Arc::new(S3::new(Clock::starting_at(began)));
        let bucket = bucket(&s3, &at_bucket).await;
        let name = format!("crash-{}", unique());
        let client = table::client(&services.records, credentials.clone());
        table::make(&client, &name).await.unwrap();
        let environment = environment(&credentials, &name, &bucket);
        let records = DynamoRecords::new(client, name);
        let sent = AtomicU64::new(0);
        Self { world, s3, services, bucket, at_bucket, environment, credentials, records, began, sent }
    }

    /// A cold start of the function.
    pub async fn start(&self) -> Instance {
        self.start_with(&[]).await
    }

    /// A cold start of the rescue function.
    pub async fn start_rescue(&self) -> Instance {
        self.start_with(&[
            ("PROVIDER_ROLE", "rescue"),
            ("FAILED_INVOCATIONS_ARN", FAILED_INVOCATIONS),
            ("WAIT_DEAD_LETTERS_ARN", WAIT_DEAD_LETTERS),
            ("LOG_GROUP_NAME", LOG_GROUP),
        ])
        .await
    }

    async fn start_with(&self, more: &[(&str, &str)]) -> Instance {
        let gate = Arc::new(Gate::default());
        *self.at_bucket.lock().unwrap() = Arc::clone(&gate);
        let mut environment = self.environment.clone();
        environment.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Instance::start(&self.services, gate, &environment).await
    }

    /// The event as CloudFormation sends it now: two seconds after the one before.
    pub fn sent(&self, mut event: Event) -> Event {
        let number = self.sent.fetch_add(1, Ordering::SeqCst);
        let text = |name: &str| event.json[name].as_str().unwrap().to_owned();
        let origin = format!("http://{}", self.bucket.address);
        let url = Function::response_url_of(
            &origin,
            &text("StackId"),
            &text("LogicalResourceId"),
            &event.request_id,
            self.began + Duration::from_secs(2 * number),
        );
        event.json["ResponseURL"] = url.into();
        self.s3.signed(&event.json);
        event
    }

    /// Delivers an event and gives its answer.
    pub async fn answer(&self, instance: &mut Instance, event: &Event) -> Answer {
        instance.deliver(&event.json.to_string()).await;
        self.answer_to(event)
    }

    pub fn answer_to(&self, event: &Event) -> Answer {
        self.s3.answer_to(&event.request_id).expect("an answer")
    }

    /// Delivers an event to an instance that is killed at the first of these points; `None`: it came to none of them.
    pub async fn kill_at(&self, instance: Instance, event: &str, stops: Vec<Point>) -> Option<Point> {
        match instance.deliver_until(event, stops).await {
            (Ended::Killed(point), output) => {
                self.keeps_secrets(&output.unwrap());
                Some(point)
            }
            (Ended::Lived(instance), _) => {
                self.end(instance).await;
                None
            }
        }
    }

    /// Ends an instance that has done nothing wrong.
    pub async fn end(&self, instance: Instance) {
        let output = instance.end().await;
        self.keeps_secrets(&output);
        assert_eq!(output.stderr, "");
    }

    fn keeps_secrets(&self, output: &Output) {
        let own = [self.credentials.access_key_id(), self.credentials.secret_access_key()];
        for secret in own.into_iter().chain(self.credentials.session_token()).chain(URL_SECRETS) {
            assert!(!output.stdout.contains(secret) && !output.stderr.contains(secret), "{}", output.stdout);
        }
    }

    /// The oldest message of the wait queue.
    pub fn take_message(&self) -> Option<String> {
        self.services.messages.lock().unwrap().pop_front()
    }

    /// Delivers all messages of the queue, until none is left.
    pub async fn run_queue(&self, instance: &mut Instance) {
        for number in 100.. {
            let Some(body) = self.take_message() else { return };
            assert!(number < 110, "no end");
            instance.deliver(&event_of(number, &body)).await;
        }
    }

    /// What is on record of a resource.
    pub async fn on_record(&self, event: &Event) -> Option<OnRecord> {
        let text = |name: &str| event.json[name].as_str().unwrap();
        let key = RecordKey::new(text("StackId"), text("LogicalResourceId"));
        self.records.get(&key).await.unwrap().map(OnRecord::from)
    }

    /// All that is there.
    pub fn everything(&self) -> Everything {
        everything(&self.world)
    }
}

async fn bucket(s3: &Arc<S3>, gates: &Arc<Mutex<Arc<Gate>>>) -> HttpServer {
    let (s3, gates) = (Arc::clone(s3), Arc::clone(gates));
    HttpServer::start(move |request| {
        let (s3, gate) = (Arc::clone(&s3), Arc::clone(&gates.lock().unwrap()));
        async move {
            let take = async |request: http::Request<hyper::body::Bytes>| {
                let body = std::str::from_utf8(request.body()).unwrap();
                let status = s3.receive_at(&request.uri().to_string(), body);
                status.map(|status| response(status, "")).ok_or(Closed)
            };
            gate.pass(request, take).await
        }
    })
    .await
}

/// A name that no other stage has.
fn unique() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::SeqCst).to_string()
}

fn environment(credentials: &Credentials, table: &str, bucket: &HttpServer) -> BTreeMap<String, String> {
    [
        ("AWS_ACCESS_KEY_ID", credentials.access_key_id()),
        ("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key()),
        ("AWS_SESSION_TOKEN", credentials.session_token().unwrap()),
        ("RECORD_TABLE", table),
        ("WAIT_QUEUE_URL", QUEUE_URL),
        ("TRUSTED_ACCOUNTS", "*"),
        ("RESPONSE_URL_EXTRA_HOSTS", &bucket.address.to_string()),
        ("RUST_LOG", "trace"),
        ("RUST_BACKTRACE", "1"),
        ("AWS_LAMBDA_LOG_LEVEL", "TRACE"),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}
