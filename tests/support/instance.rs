//! An instance of the real binary that reaches everything through a gate of its own, and can be killed at any request.

use super::function::TIME;
use super::gate::{Gate, Point};
use super::http_server::{Closed, HttpServer, Reply, response};
use super::process::{Output, Process};
use super::queue::QUEUE_URL;
use super::runtime_api::{Invocation, Reported};
use super::world::World;
use http::{Request, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// The bodies of the messages that wait.
pub type Messages = Arc<Mutex<VecDeque<String>>>;

/// What the processes of a function reach.
#[derive(Clone, Debug)]
pub struct Services {
    pub world: Arc<World>,
    pub messages: Messages,
    /// DynamoDB's URL.
    pub records: String,
}

/// A running process behind its gate.
#[derive(Debug)]
pub struct Instance {
    pub gate: Arc<Gate>,
    process: Process,
    /// They end with the instance.
    _servers: [HttpServer; 3],
}

/// What came of a delivery that was to be the end of its process.
#[derive(Debug)]
pub enum Ended {
    /// It was killed there.
    Killed(Point),
    /// It never came to that point.
    Lived(Instance),
}

impl Instance {
    /// A cold start.
    pub async fn start(services: &Services, gate: Arc<Gate>, environment: &BTreeMap<String, String>) -> Self {
        let cloud = cloud(services, Arc::clone(&gate)).await;
        let records = records(services, Arc::clone(&gate)).await;
        let queue = queue(services, Arc::clone(&gate)).await;
        let mut environment = environment.clone();
        let url = |server: &HttpServer| format!("http://{}", server.address);
        for service in ["RAM", "LICENSE_MANAGER", "ORGANIZATIONS", "IAM", "STS"] {
            environment.insert(format!("AWS_ENDPOINT_URL_{service}"), url(&cloud));
        }
        environment.insert("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), url(&records));
        environment.insert("AWS_ENDPOINT_URL_SQS".to_owned(), url(&queue));
        let process = Process::bootstrap(&environment).await;
        Self { gate, process, _servers: [cloud, records, queue] }
    }

    /// Delivers an event, of which Lambda must hear that it is done.
    pub async fn deliver(&mut self, event: &str) {
        self.deliver_for(event, TIME).await;
    }

    /// The same within this time.
    pub async fn deliver_for(&mut self, event: &str, time: Duration) {
        let said = self.process.deliver(event, time).await;
        assert_eq!(said, Reported::Response("null".to_owned()), "{event}");
    }

    /// Delivers an event, and kills the process at the first of these points.
    pub async fn deliver_until(self, event: &str, stops: Vec<Point>) -> (Ended, Option<Output>) {
        self.gate.watch(stops);
        let request_id = format!("cccccccc-0000-4000-8000-{:012}", event.len());
        let invocation = Invocation { request_id, event: event.as_bytes().to_vec(), time: TIME };
        let said = self.process.api.invoke(invocation);
        let point = tokio::select! {
            point = self.gate.stopped() => point,
            said = timeout(TIME * 2, said) => {
                let said = said.expect("the process says nothing").expect("the process ended");
                assert_eq!(said, Reported::Response("null".to_owned()), "{event}");
                return (Ended::Lived(self), None);
            }
        };
        (Ended::Killed(point), Some(self.process.kill().await))
    }

    /// Ends the process; what it wrote.
    pub async fn end(mut self) -> Output {
        assert!(self.process.is_alive());
        self.process.kill().await
    }
}

async fn cloud(services: &Services, gate: Arc<Gate>) -> HttpServer {
    let world = Arc::clone(&services.world);
    HttpServer::start(move |request| {
        let (world, gate) = (Arc::clone(&world), Arc::clone(&gate));
        async move { gate.pass(request, async |request| asked(&world, &request).await).await }
    })
    .await
}

async fn asked(world: &World, request: &Request<Bytes>) -> Reply {
    match world.client.handle(request) {
        local_cloud::Reply::Answer { after, response } => {
            tokio::time::sleep(after).await;
            Ok(response.map(Full::new))
        }
        local_cloud::Reply::Reset | local_cloud::Reply::Hang => Err(Closed),
    }
}

async fn records(services: &Services, gate: Arc<Gate>) -> HttpServer {
    let origin = services.records.clone();
    HttpServer::start(move |request| {
        let (origin, gate) = (origin.clone(), Arc::clone(&gate));
        async move { gate.pass(request, async |request| forward(&origin, request).await).await }
    })
    .await
}

/// Sends a request on, and gives what is answered.
async fn forward(origin: &str, request: Request<Bytes>) -> Reply {
    let host = origin.parse::<Uri>().unwrap().authority().unwrap().to_string();
    let stream = TcpStream::connect(host).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection);
    let answer = sender.send_request(request.map(Full::new)).await.unwrap();
    let (parts, body) = answer.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    connection.abort();
    Ok(http::Response::from_parts(parts, Full::new(body)))
}

async fn queue(services: &Services, gate: Arc<Gate>) -> HttpServer {
    let messages = Arc::clone(&services.messages);
    HttpServer::start(move |request| {
        let (messages, gate) = (Arc::clone(&messages), Arc::clone(&gate));
        async move { gate.pass(request, async |request| Ok(take(&messages, &request))).await }
    })
    .await
}

fn take(messages: &Messages, request: &Request<Bytes>) -> http::Response<Full<Bytes>> {
    let input: Value = serde_json::from_slice(request.body()).unwrap();
    assert_eq!(input["QueueUrl"], QUEUE_URL);
    messages.lock().unwrap().push_back(input["MessageBody"].as_str().unwrap().to_owned());
    response(200, r#"{"MessageId":"m","MD5OfMessageBody":"0"}"#)
}
