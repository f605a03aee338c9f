//! Lambda's Runtime API for one process: it hands out invocations and takes what the process says about them.
//!
//! Source: Lambda developer guide, "Using the Lambda runtime API for custom runtimes" (runtimes-api).

use super::function::now;
use super::http_server::{HttpServer, Reply, response};
use http::{Method, Request, StatusCode};
use hyper::body::Bytes;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};
use tokio::sync::{mpsc, oneshot};

const VERSION: &str = "/2018-06-01/runtime/";

/// What Lambda gives to a function.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// Lambda's own id; a redelivery has the same.
    pub request_id: String,
    pub event: Vec<u8>,
    /// How long the invocation may take from when it is handed out.
    pub time: Duration,
}

/// The function's `RecursiveLoop`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecursiveLoop {
    Allow,
    Terminate,
}

/// Lambda stops a function that invokes itself through a queue after about so many invocations in one trace (Lambda
/// developer guide, "Use Lambda recursive loop detection").
const HOPS: usize = 16;

/// What the process said about an invocation.
#[derive(Clone, Debug, PartialEq)]
pub enum Reported {
    Response(String),
    /// The body.
    Error(String),
}

/// The API. It ends with the test's runtime.
#[derive(Debug)]
pub struct RuntimeApi {
    server: HttpServer,
    queue: mpsc::UnboundedSender<Invocation>,
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    function_arn: String,
    waiting: tokio::sync::Mutex<mpsc::UnboundedReceiver<Invocation>>,
    running: Mutex<HashMap<String, oneshot::Sender<Reported>>>,
    /// Invocations by a queue for each trace, by its root.
    hops: Mutex<HashMap<String, usize>>,
    /// Bodies of init errors.
    init_errors: Mutex<Vec<String>>,
}

impl RuntimeApi {
    pub async fn start(function_arn: &str) -> Self {
        let (queue, waiting) = mpsc::unbounded_channel();
        let state = Arc::new(State {
            function_arn: function_arn.to_owned(),
            waiting: tokio::sync::Mutex::new(waiting),
            running: Mutex::default(),
            hops: Mutex::default(),
            init_errors: Mutex::default(),
        });
        let shared = Arc::clone(&state);
        let server = HttpServer::start(move |request| answer(Arc::clone(&shared), request)).await;
        Self { server, queue, state }
    }

    /// `host:port`, for `AWS_LAMBDA_RUNTIME_API`.
    pub fn host(&self) -> String {
        self.server.address.to_string()
    }

    /// Hands out an invocation as soon as the process asks for one.
    pub fn invoke(&self, invocation: Invocation) -> oneshot::Receiver<Reported> {
        let (sender, receiver) = oneshot::channel();
        self.state.running.lock().unwrap().insert(invocation.request_id.clone(), sender);
        self.queue.send(invocation).unwrap();
        receiver
    }

    /// The same for a message that the function itself has sent, in the trace of its `X-Amzn-Trace-Id`. `None`: Lambda
    /// takes it for a loop and drops the message.
    pub fn invoke_by_queue(
        &self,
        invocation: Invocation,
        trace: &str,
        setting: RecursiveLoop,
    ) -> Option<oneshot::Receiver<Reported>> {
        let root = trace.split(';').find(|part| part.starts_with("Root=")).expect("a trace").to_owned();
        let hops = {
            let mut all = self.state.hops.lock().unwrap();
            let hops = all.entry(root).or_default();
            *hops += 1;
            *hops
        };
        (hops <= HOPS || setting == RecursiveLoop::Allow).then(|| self.invoke(invocation))
    }

    /// What the process said about its own start.
    pub fn init_errors(&self) -> Vec<String> {
        self.state.init_errors.lock().unwrap().clone()
    }
}

async fn answer(state: Arc<State>, request: Request<Bytes>) -> Reply {
    let path = request.uri().path().strip_prefix(VERSION).unwrap_or_default().to_owned();
    let parts: Vec<&str> = path.split('/').collect();
    let body = String::from_utf8_lossy(request.body()).into_owned();
    match (request.method(), parts.as_slice()) {
        (&Method::GET, ["invocation", "next"]) => next(&state).await,
        (&Method::POST, ["invocation", id, "response"]) => Ok(state.report(id, Reported::Response(body))),
        (&Method::POST, ["invocation", id, "error"]) => Ok(state.report(id, Reported::Error(body))),
        (&Method::POST, ["init", "error"]) => {
            state.init_errors.lock().unwrap().push(body);
            Ok(accepted())
        }
        _ => Ok(response(404, "{}")),
    }
}

async fn next(state: &State) -> Reply {
    let invocation = state.waiting.lock().await.recv().await.unwrap();
    let end = now() + invocation.time;
    let mut next = response(200, invocation.event);
    for (name, value) in [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", invocation.request_id),
        ("lambda-runtime-deadline-ms", end.duration_since(UNIX_EPOCH).unwrap().as_millis().to_string()),
        ("lambda-runtime-invoked-function-arn", state.function_arn.clone()),
        ("lambda-runtime-trace-id", "Root=1-6744a0c0-0123456789abcdef01234567;Parent=0;Sampled=0".to_owned()),
    ] {
        next.headers_mut().insert(name, value.parse().unwrap());
    }
    Ok(next)
}

impl State {
    fn report(&self, id: &str, reported: Reported) -> http::Response<http_body_util::Full<Bytes>> {
        match self.running.lock().unwrap().remove(id) {
            // The test may have stopped waiting.
            Some(waiting) => drop(waiting.send(reported)),
            None => {
                return response(
                    400,
                    r#"{"errorMessage":"no such invocation","errorType":"InvalidRequestID"}"#,
                );
            }
        }
        accepted()
    }
}

fn accepted() -> http::Response<http_body_util::Full<Bytes>> {
    response(StatusCode::ACCEPTED.as_u16(), r#"{"status":"OK"}"#)
}
