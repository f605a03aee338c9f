//! A process that Lambda runs: its environment, its output, its end.

use super::runtime_api::{Invocation, RecursiveLoop, Reported, RuntimeApi};
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// No test waits longer for a process.
const PATIENCE: Duration = Duration::from_secs(60);

pub const FUNCTION_ARN: &str = "arn:aws:lambda:eu-west-1:111122223333:function:license-manager-provider";
pub const LOG_STREAM: &str = "2026/11/24/[$LATEST]0123456789abcdef";

/// A running process. It is killed when this is dropped.
#[derive(Debug)]
pub struct Process {
    pub api: RuntimeApi,
    child: Child,
    stdout: Captured,
    stderr: Captured,
}

impl Process {
    /// The real `bootstrap`, with this environment besides what Lambda itself sets.
    pub async fn bootstrap(environment: &BTreeMap<String, String>) -> Self {
        Self::start(Command::new(env!("CARGO_BIN_EXE_bootstrap")), environment).await
    }

    pub async fn start(mut command: Command, environment: &BTreeMap<String, String>) -> Self {
        let api = RuntimeApi::start(FUNCTION_ARN).await;
        let mut child = command
            .env_clear()
            .envs(lambda_environment(&api.host()))
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let stdout = Captured::of(child.stdout.take().unwrap());
        let stderr = Captured::of(child.stderr.take().unwrap());
        Self { api, child, stdout, stderr }
    }

    /// Delivers an event and waits for what the process says to Lambda.
    pub async fn deliver(&mut self, event: impl Into<Vec<u8>>, time: Duration) -> Reported {
        let reported = self.api.invoke(invocation(event.into(), time));
        self.said(reported).await
    }

    /// Delivers a message that the function has sent to itself; `None` where Lambda stops the loop.
    pub async fn deliver_by_queue(
        &mut self,
        event: impl Into<Vec<u8>>,
        trace: &str,
        setting: RecursiveLoop,
        time: Duration,
    ) -> Option<Reported> {
        let reported = self.api.invoke_by_queue(invocation(event.into(), time), trace, setting)?;
        Some(self.said(reported).await)
    }

    async fn said(&mut self, reported: oneshot::Receiver<Reported>) -> Reported {
        tokio::select! {
            reported = timeout(PATIENCE, reported) => reported.expect("the process says nothing").unwrap(),
            status = self.child.wait() => panic!("the process ended with {}", status.unwrap()),
        }
    }

    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Ends the process at once, in the middle of whatever it does.
    pub async fn kill(mut self) -> Output {
        self.child.kill().await.unwrap();
        self.output().await
    }

    async fn output(self) -> Output {
        Output { stdout: self.stdout.all().await, stderr: self.stderr.all().await }
    }
}

fn invocation(event: Vec<u8>, time: Duration) -> Invocation {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let number = COUNT.fetch_add(1, Ordering::SeqCst);
    Invocation { request_id: format!("aaaaaaaa-0000-4000-8000-{number:012}"), event, time }
}

/// What Lambda sets for a function (Lambda developer guide, "Defined runtime environment variables").
fn lambda_environment(runtime_api: &str) -> Vec<(String, String)> {
    let name = "license-manager-provider";
    let log_group = format!("/aws/lambda/{name}");
    [
        ("AWS_LAMBDA_RUNTIME_API", runtime_api),
        ("AWS_LAMBDA_FUNCTION_NAME", name),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", &log_group),
        ("AWS_LAMBDA_LOG_STREAM_NAME", LOG_STREAM),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023"),
        ("_HANDLER", "bootstrap"),
        ("LAMBDA_TASK_ROOT", "/var/task"),
        ("LAMBDA_RUNTIME_DIR", "/var/runtime"),
        ("LANG", "en_US.UTF-8"),
        ("TZ", ":UTC"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

/// Everything that a process wrote.
#[derive(Clone, Debug)]
pub struct Output {
    pub stdout: String,
    pub stderr: String,
}

impl Output {
    /// The log: every line of stdout is one JSON object.
    pub fn log(&self) -> Vec<Value> {
        let parsed = self.stdout.lines().map(|line| {
            let value: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
            assert!(value.is_object(), "no object: {line}");
            value
        });
        parsed.collect()
    }

    /// The lines of the log with this message.
    pub fn lines(&self, message: &str) -> Vec<Value> {
        self.log().into_iter().filter(|line| line["message"] == message).collect()
    }
}

#[derive(Debug)]
struct Captured {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
}

impl Captured {
    fn of(mut pipe: impl AsyncRead + Unpin + Send + 'static) -> Self {
        let bytes: Arc<Mutex<Vec<u8>>> = Arc::default();
        let into = Arc::clone(&bytes);
        let reader = tokio::spawn(async move {
            let mut part = [0u8; 8192];
            while let Ok(read @ 1..) = pipe.read(&mut part).await {
                into.lock().unwrap().extend_from_slice(&part[..read]);
            }
        });
        Self { bytes, reader }
    }

    /// All of it, once the process has ended.
    async fn all(self) -> String {
        self.reader.await.unwrap();
        String::from_utf8(self.bytes.lock().unwrap().clone()).unwrap()
    }
}
