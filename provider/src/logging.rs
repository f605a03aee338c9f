//! JSON lines on stdout, this program's own and nobody else's.
//!
//! `lambda_runtime` prints raw events at TRACE and the HTTP crates print URLs, both with the signed URL in them, so what
//! other crates log is let through by no setting: not `RUST_LOG`, not Lambda's log level. The one exception is
//! `lambda_runtime` at ERROR, which says why the runtime stopped. Source: cfn-protocol facts 4, lambda_runtime 1.5.0.

use std::io;
use std::panic::{PanicHookInfo, set_hook};

use tracing::Subscriber;
use tracing::subscriber::{SetGlobalDefaultError, set_global_default};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry;

/// The targets of this package: the library and its binary.
const OWN_TARGETS: [&str; 2] = ["provider", "bootstrap"];

/// Starts logging for the whole process, panics included. `level` is the value of `AWS_LAMBDA_LOG_LEVEL`, INFO where it
/// is absent or unknown. Fails where logging was started before.
pub fn init(level: Option<&str>) -> Result<(), SetGlobalDefaultError> {
    set_global_default(subscriber(level, io::stdout))?;
    set_hook(Box::new(log_panic));
    Ok(())
}

/// Says where a panic was. Of its words only a literal is told: others are made at run time and may quote a secret.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    let words = panic.payload().downcast_ref::<&'static str>().copied();
    tracing::error!(place, words = words.unwrap_or("not told: they may quote a secret"), "panicked");
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

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing::subscriber::with_default;

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Buffer {
        fn lines(&self) -> Vec<serde_json::Value> {
            let bytes = self.0.lock().unwrap().clone();
            let text = String::from_utf8(bytes).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        }
    }

    fn logged(level: Option<&str>, log: impl FnOnce()) -> Vec<serde_json::Value> {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        with_default(subscriber(level, move || writer.clone()), log);
        buffer.lines()
    }

    fn log_everything() {
        tracing::error!(target: "lambda_runtime", "why it stopped");
        tracing::trace!(target: "lambda_runtime::layers::api_response", body = "5ec7e7", "raw event");
        tracing::warn!(target: "lambda_runtime::runtime", "5ec7e7");
        for_others!();
        tracing::trace!(target: "provider::protocol", "t");
        tracing::debug!(target: "provider::drive", "d");
        tracing::info!(target: "bootstrap", "i");
        tracing::warn!(target: "provider", "w");
        tracing::error!(target: "provider", "e");
    }

    macro_rules! for_others {
        () => {
            tracing::error!(target: "hyper_util::client", "5ec7e7");
            tracing::trace!(target: "reqwest::connect", "5ec7e7");
            tracing::error!(target: "aws_smithy_runtime", "5ec7e7");
            tracing::error!(target: "rustls::client", "5ec7e7");
            tracing::error!(target: "h2", "5ec7e7");
        };
    }
    use for_others;

    #[test]
    fn at_every_level_only_our_own_lines_and_the_runtimes_errors_come_through() {
        for (level, expected) in [
            (Some("TRACE"), vec!["why it stopped", "t", "d", "i", "w", "e"]),
            (Some("trace"), vec!["why it stopped", "t", "d", "i", "w", "e"]),
            (Some("DEBUG"), vec!["why it stopped", "d", "i", "w", "e"]),
            (Some("INFO"), vec!["why it stopped", "i", "w", "e"]),
            (Some("WARN"), vec!["why it stopped", "w", "e"]),
            (Some("ERROR"), vec!["why it stopped", "e"]),
            (Some("FATAL"), vec!["why it stopped", "e"]),
            (Some("hyper=trace,provider=trace"), vec!["why it stopped", "i", "w", "e"]),
            (Some(""), vec!["why it stopped", "i", "w", "e"]),
            (None, vec!["why it stopped", "i", "w", "e"]),
        ] {
            let lines = logged(level, log_everything);
            let messages: Vec<_> = lines.iter().map(|line| line["message"].as_str().unwrap()).collect();
            assert_eq!(messages, expected, "{level:?}");
        }
    }

    #[test]
    fn a_line_is_one_json_object_with_its_fields_at_the_top() {
        let lines = logged(None, || {
            tracing::info_span!(target: "provider", "request", request_id = "r").in_scope(|| {
                tracing::info!(target: "provider", share = "a\n\"b\"", count = 3, "plan");
            });
        });
        let [line] = lines.as_slice() else { panic!("{lines:?}") };
        assert_eq!(line["message"], "plan");
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["share"], "a\n\"b\"");
        assert_eq!(line["count"], 3);
        assert_eq!(line["span"]["request_id"], "r");
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));
    }
}
