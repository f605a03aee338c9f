//! What no output may hold, and the search for it: in what a process wrote, in answers, in what Lambda was told.

use super::world::{SECRET_KEY, SIGNATURE};
use std::io;
use std::sync::{Arc, Mutex};
use tracing::Subscriber;
use tracing::subscriber::{DefaultGuard, set_default};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::{fmt, registry};

/// Texts that are secret, whole or in the part that gives them away.
#[derive(Debug, Clone)]
pub struct Secrets(Vec<String>);

impl Secrets {
    pub fn new(secrets: impl IntoIterator<Item = String>) -> Self {
        let secrets: Vec<String> = secrets.into_iter().collect();
        assert!(secrets.iter().all(|secret| secret.len() > 4), "too short to search for: {secrets:?}");
        Self(secrets)
    }

    /// Those of the world in process: parts of every response URL, the key of the function's role, and what the local
    /// cloud's STS gives for a role that is assumed.
    pub fn of_world() -> Self {
        let url = [
            SIGNATURE,
            "AKIAEXAMPLE",
            "X-Amz-",
            "%3Astack%2F",
            "https://cloudformation-custom-resource-response",
        ];
        let credentials = [SECRET_KEY, "secret-of-", "token-of-"];
        Self::new(url.into_iter().chain(credentials).map(str::to_owned))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The secrets that a text holds.
    pub fn held(&self, text: &str) -> Vec<&str> {
        self.0.iter().map(String::as_str).filter(|secret| text.contains(secret)).collect()
    }

    /// Fails with the text that holds a secret.
    pub fn assert_absent<'a>(&self, texts: impl IntoIterator<Item = &'a str>) {
        for text in texts {
            assert_eq!(self.held(text), Vec::<&str>::new(), "{text}");
        }
    }
}

/// What the provider and the tests log in this thread, at any level, until it is dropped. Other crates print secrets, and
/// `provider::logging`, which has tests of its own, lets them through by no setting.
pub struct Log {
    bytes: Arc<Mutex<Vec<u8>>>,
    _guard: DefaultGuard,
}

impl Log {
    pub fn start() -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let guard = set_default(everything(bytes.clone()));
        Self { bytes, _guard: guard }
    }

    /// What was logged so far, one JSON object a line.
    pub fn text(&self) -> String {
        String::from_utf8(self.bytes.lock().unwrap().clone()).unwrap()
    }
}

fn everything(bytes: Arc<Mutex<Vec<u8>>>) -> impl Subscriber {
    let ours =
        Targets::new().with_targets(["provider", "integration"].map(|target| (target, LevelFilter::TRACE)));
    let lines = fmt::layer().json().with_writer(move || Writer(bytes.clone()));
    registry().with(lines.with_filter(ours))
}

struct Writer(Arc<Mutex<Vec<u8>>>);

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
