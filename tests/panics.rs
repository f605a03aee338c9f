//! A bug in the process: it is answered, it tells no secret, and the process lives on.
//!
//! The process is this test binary, which runs the function's own loop around parts that panic.

use crate::support::function::{Function, TIME, URL_SECRETS};
use crate::support::process::Process;
use crate::support::runtime_api::Reported;
use crate::support::world::{MEMBER, own};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use provider::aws::{ClientSettings, Clients, http_client};
use provider::config::Config;
use provider::handler::Provider;
use provider::protocol::{ResponseUrl, Upload, UploadError};
use provider::record::MemoryRecords;
use provider::upload::ReqwestUpload;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::process::Command;

/// Set in the process that panics.
const MARK: &str = "TEST_PROCESS_THAT_PANICS";

/// Panics in the first call, and passes the others on.
#[derive(Clone, Debug)]
struct PanicsOnce<T> {
    inner: T,
    calls: Arc<AtomicUsize>,
}

impl<T> PanicsOnce<T> {
    fn new(inner: T) -> Self {
        Self { inner, calls: Arc::default() }
    }

    fn call(&self) -> &T {
        let [signature, ..] = URL_SECRETS;
        assert!(self.calls.fetch_add(1, Ordering::SeqCst) > 0, "a bug that quotes {signature}");
        &self.inner
    }
}

impl HttpClient for PanicsOnce<SharedHttpClient> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.call().http_connector(settings, components)
    }
}

impl Upload for PanicsOnce<ReqwestUpload> {
    fn put<'a>(&'a self, url: &'a ResponseUrl, body: &'a str) -> BoxFuture<'a, Result<u16, UploadError>> {
        async move { self.call().put(url, body).await }.boxed()
    }
}

/// No test by itself: the process that the test below starts.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "tells the process from the test")]
async fn process_that_panics() {
    if std::env::var_os(MARK).is_none() {
        return;
    }
    let config = Config::from_env();
    provider::logging::init(Config::log_level().as_deref()).unwrap();
    let settings = ClientSettings {
        http_client: SharedHttpClient::new(PanicsOnce::new(http_client())),
        ..ClientSettings::new(config.region.clone(), config.endpoints.clone())
    };
    let upload = Arc::new(PanicsOnce::new(ReqwestUpload::new()));
    let provider = Provider::new(config, Clients::new(settings), Arc::new(MemoryRecords::new()), upload);
    provider::lambda::run(&provider).await.unwrap();
}

#[tokio::test]
async fn a_panic_is_answered_and_the_process_lives_on() {
    let function = Function::deployed().await;
    let mut environment = function.environment.clone();
    environment.insert(MARK.to_owned(), "1".to_owned());
    // A test runs on a thread of its own, which has a smaller stack than the provider's: see .cargo/config.toml.
    environment.insert("RUST_MIN_STACK".to_owned(), "8388608".to_owned());
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "panics::process_that_panics", "--nocapture"]);
    let mut process = Process::start(command, &environment).await;
    let create = function.event("Create", None, own("licenses", &[], &[MEMBER]));
    let event = create.json.to_string();
    // The panic of the AWS client is an answer, and that of the upload hits its first PUT.
    let Reported::Error(body) = process.deliver(event.as_str(), TIME).await else {
        panic!("Lambda was told nothing")
    };
    let told: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(told["errorType"], "Provider.Panicked");
    assert_eq!(function.bucket.s3.answers(), Vec::new());
    let mut unknown = function.event("Create", None, json!({}));
    unknown.json["ResourceType"] = "Custom::Unknown".into();
    assert_eq!(function.answer(&mut process, &unknown).await.json["Status"], "FAILED");
    let again = function.answer(&mut process, &create).await;
    assert!(again.reason().contains("failed inside"), "the answer on record: {}", again.reason());
    let another = function.event("Create", None, own("licenses", &[], &[MEMBER]));
    let another = function.answer(&mut process, &another).await;
    assert!(another.is_success(), "{}", another.reason());
    assert!(process.is_alive());
    let output = process.kill().await;
    let texts = [&output.stdout, &output.stderr, &body];
    function.secrets().assert_absent(texts.map(String::as_str));
    assert_eq!(output.stdout.matches("\"message\":\"panicked\"").count(), 2, "{}", output.stdout);
    assert_eq!(output.stdout.matches("tests/panics.rs:").count(), 2, "{}", output.stdout);
    let answer = "creating the resource (Share): the provider failed inside.";
    assert_eq!(output.stdout.matches(answer).count(), 3, "the failure and two outcomes: {}", output.stdout);
}
