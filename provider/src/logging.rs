//! JSON lines on stdout, this program's own and nobody else's.
//!
//! `lambda_runtime` prints raw events at TRACE and the HTTP crates print URLs, both with the signed URL in them, so what
//! other crates log is let through by no setting: not `RUST_LOG`, not Lambda's log level. The one exception is
//! `lambda_runtime` at ERROR, which says why the runtime stopped. Source: cfn-protocol facts 4, lambda_runtime 1.5.0.

use std::io;

use tracing::Subscriber;
use tracing::subscriber::{SetGlobalDefaultError, set_global_default};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry;

/// The targets of this package: the library and its binary.
const OWN_TARGETS: [&str; 2] = ["provider", "bootstrap"];

/// Starts logging for the whole process. `level` is the value of `AWS_LAMBDA_LOG_LEVEL`, INFO where it is absent or
/// unknown. Fails where logging was started before.
pub fn init(level: Option<&str>) -> Result<(), SetGlobalDefaultError> {
    set_global_default(subscriber(level, io::stdout))
}

fn subscriber<W>(level: Option<&str>, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = fmt::layer().json().flatten_event(true).with_span_list(false).with_writer(writer);
    registry().with(lines.with_filter(targets(level)))
}

fn targets(level: Option<&str>) -> Targets {
    let own = level_of(level);
    Targets::new()
        .with_default(LevelFilter::OFF)
        .with_targets(OWN_TARGETS.map(|target| (target, own)))
        .with_target("lambda_runtime", LevelFilter::ERROR)
}

/// Lambda's six words; FATAL has no level of its own here.
fn level_of(word: Option<&str>) -> LevelFilter {
    match word.map(|w| w.trim().to_ascii_uppercase()).as_deref() {
        Some("TRACE") => LevelFilter::TRACE,
        Some("DEBUG") => LevelFilter::DEBUG,
        Some("WARN") => LevelFilter::WARN,
        Some("ERROR" | "FATAL") => LevelFilter::ERROR,
        _ => LevelFilter::INFO,
    }
}
