//! The provider's function and the rescue function, with all that is around them in this process, on virtual time.

use crate::scene::{ACCOUNT, REGION, cloud};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use local_cloud::{LocalCloud, Reply};
use provider::aws::{ClientSettings, Clients, Endpoints};
use provider::clock::Clock;
use provider::config::{Config, RescueConfig, Trusted};
use provider::handler::{Handler, HandlerError, Invocation, Provider};
use provider::protocol::{
    Acceptance, Entrances, Queue, QueueError, Request, ResponseUrl, Upload, UploadError, age,
};
use provider::record::MemoryRecords;
use provider::rescue::Rescue;
use std::cell::Cell;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, UNIX_EPOCH};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, sleep};

const QUEUE_URL: &str = "https://sqs.eu-west-1.amazonaws.com/111122223333/license-manager-provider-wait";
/// The wait queue.
pub(crate) const QUEUE_ARN: &str = "arn:aws:sqs:eu-west-1:111122223333:license-manager-provider-wait";
/// Where Lambda puts its records of failed invocations.
pub(crate) const FAILED: &str = "arn:aws:sqs:eu-west-1:111122223333:failed-invocations";
/// The dead letters of the wait queue.
pub(crate) const DEAD: &str = "arn:aws:sqs:eu-west-1:111122223333:wait-dead-letters";
const FUNCTION: &str = "arn:aws:lambda:eu-west-1:111122223333:function:license-manager-provider";
const EXTRA_HOST: &str = "127.0.0.1:4566";
/// 2026-11-24T12:02:03Z: when the events of the corpus come, or later.
const NOW: Duration = Duration::from_secs(1_795_521_723);

/// The request that a function takes an event for.
pub(crate) fn taken(event: &[u8]) -> Option<Request> {
    let request = Request::parse(event, &acceptance()).ok()?;
    let is_ahead = request.sent.is_some_and(|sent| age::is_ahead(sent, UNIX_EPOCH + NOW));
    (!is_ahead).then_some(request)
}

/// A function's surroundings.
#[derive(Debug)]
pub(crate) struct World {
    cloud: CloudClient,
    records: MemoryRecords,
    sent: Arc<Sent>,
    runtime: Runtime,
    invocations: Cell<u32>,
}

/// What left the function beside its calls of AWS.
#[derive(Debug, Default)]
struct Sent {
    answers: Mutex<Vec<String>>,
    messages: Mutex<Vec<String>>,
}

/// How an invocation ended, and what it did.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) result: Result<(), HandlerError>,
    pub(crate) answers: Vec<String>,
    pub(crate) messages: Vec<String>,
    /// Calls of AWS.
    pub(crate) calls: usize,
}

impl World {
    pub(crate) fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
        let runtime = runtime.expect("a runtime without I/O takes nothing of the machine");
        let start = runtime.block_on(async { Instant::now() });
        let cloud = CloudClient { cloud: Arc::new(Mutex::new(cloud())), start };
        Self {
            cloud,
            records: MemoryRecords::new(),
            sent: Arc::default(),
            runtime,
            invocations: Cell::new(1),
        }
    }

    /// One invocation of the provider's function, in a process of its own.
    pub(crate) fn provide(&self, event: &[u8]) -> Ended {
        let (records, upload) = (Arc::new(self.records.clone()), self.sent.clone());
        let provider = Provider::new(config(), self.clients(), records, upload);
        self.invoke(&provider.with_queue(self.sent.clone()), event)
    }

    /// One invocation of the rescue function.
    pub(crate) fn rescue(&self, event: &[u8]) -> Ended {
        let own = RescueConfig { entrances: entrances(), log_group: "/provider".to_owned() };
        let records = Arc::new(self.records.clone());
        self.invoke(&Rescue::new(config(), own, records, self.sent.clone()), event)
    }

    fn invoke(&self, handler: &impl Handler, event: &[u8]) -> Ended {
        let before = lock(&self.cloud.cloud).log().len();
        // Each has a log stream of its own, as if it had a process of its own.
        let number = self.invocations.replace(self.invocations.get() + 1);
        let result = self.runtime.block_on(async {
            let clock = Clock::starting_at(UNIX_EPOCH + NOW + self.cloud.start.elapsed());
            let invocation = Invocation {
                function_arn: FUNCTION.to_owned(),
                deadline: clock.now() + Duration::from_secs(120),
                log_stream: format!("2026/11/24/[$LATEST]{number:04}"),
            };
            Box::pin(handler.handle(event, &invocation, clock)).await
        });
        let calls = lock(&self.cloud.cloud).log().len() - before;
        let taken = |list: &Mutex<Vec<String>>| std::mem::take(&mut *lock(list));
        Ended { result, answers: taken(&self.sent.answers), messages: taken(&self.sent.messages), calls }
    }

    fn clients(&self) -> Clients {
        Clients::new(ClientSettings {
            region: REGION.to_owned(),
            credentials: SharedCredentialsProvider::new(Credentials::new(ACCOUNT, "key", None, None, "fuzz")),
            endpoints: endpoints(),
            http_client: SharedHttpClient::new(self.cloud.clone()),
        })
    }
}

/// What the function takes for a request.
pub(crate) fn acceptance() -> Acceptance {
    let Config { region, extra_hosts, .. } = config();
    Acceptance { partition: "aws".to_owned(), region, extra_hosts }
}

fn config() -> Config {
    Config {
        region: REGION.to_owned(),
        record_table: "records".to_owned(),
        wait_queue_url: Some(QUEUE_URL.to_owned()),
        trusted: Trusted::Anyone,
        extra_hosts: EXTRA_HOST.parse().expect("it is a host and a port"),
        endpoints: endpoints(),
        rescue: None,
        problems: Vec::new(),
    }
}

fn endpoints() -> Endpoints {
    Endpoints::all_at("http://local-cloud.test")
}

/// The rescue function's queues.
pub(crate) fn entrances() -> Entrances {
    Entrances { failed_invocations: Some(FAILED.to_owned()), wait_dead_letters: Some(DEAD.to_owned()) }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Upload for Sent {
    fn put<'a>(&'a self, _: &'a ResponseUrl, body: &'a str) -> BoxFuture<'a, Result<u16, UploadError>> {
        lock(&self.answers).push(body.to_owned());
        ready(Ok(200)).boxed()
    }
}

impl Queue for Sent {
    fn url(&self) -> &'static str {
        QUEUE_URL
    }

    fn send<'a>(&'a self, body: &'a str, delay: Duration) -> BoxFuture<'a, Result<(), QueueError>> {
        assert!(delay <= Duration::from_secs(900), "SQS delays a message by 15 minutes at most");
        lock(&self.messages).push(body.to_owned());
        ready(Ok(())).boxed()
    }
}

/// The local cloud behind the SDK's own HTTP seam.
#[derive(Clone)]
struct CloudClient {
    cloud: Arc<Mutex<LocalCloud>>,
    start: Instant,
}

impl fmt::Debug for CloudClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CloudClient")
    }
}

impl CloudClient {
    fn reply(&self, request: HttpRequest) -> Reply {
        let request = request.try_into_http1x().expect("the SDK makes requests of HTTP");
        let request = request.map(|body| body.bytes().unwrap_or_default().to_vec().into());
        lock(&self.cloud).handle(self.start.elapsed(), &request)
    }
}

impl HttpClient for CloudClient {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for CloudClient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let reply = self.reply(request);
        HttpConnectorFuture::new(async move {
            match reply {
                Reply::Answer { after, response } => {
                    sleep(after).await;
                    let response = response.map(|body| SdkBody::from(body.as_ref()));
                    HttpResponse::try_from(response)
                        .map_err(|error| ConnectorError::other(error.into(), None))
                }
                Reply::Reset => {
                    Err(ConnectorError::io(io::Error::from(io::ErrorKind::ConnectionReset).into()))
                }
                Reply::Hang => std::future::pending().await,
            }
        })
    }
}
