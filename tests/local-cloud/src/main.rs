//! Serves the local cloud on 127.0.0.1 until it is interrupted or terminated.
//!
//! `local-cloud [--port PORT]`. It prints one line: `listening on http://127.0.0.1:PORT`.

use std::io::Write;
use std::process::ExitCode;

use local_cloud::LocalCloud;
use local_cloud::server::{Server, ServerError};

#[derive(Debug, thiserror::Error)]
enum MainError {
    #[error("usage: local-cloud [--port PORT]")]
    Usage,
    #[error("cannot serve")]
    Server {
        #[source]
        source: ServerError,
    },
    #[error("cannot {what}")]
    Io {
        what: &'static str,
        #[source]
        source: std::io::Error,
    },
}

#[expect(clippy::print_stderr, reason = "a program's last words")]
fn main() -> ExitCode {
    let result = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| MainError::Io { what: "start the runtime", source })
        .and_then(|runtime| runtime.block_on(run()));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut line = error.to_string();
            let mut cause = std::error::Error::source(&error);
            while let Some(source) = cause {
                line = format!("{line}: {source}");
                cause = source.source();
            }
            eprintln!("{line}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), MainError> {
    let port = port(std::env::args().skip(1))?;
    let server =
        Server::bind(port, LocalCloud::default()).await.map_err(|source| MainError::Server { source })?;
    let address = server.address().map_err(|source| MainError::Server { source })?;
    announce(&format!("listening on http://{address}"))?;
    tokio::select! {
        never = server.serve() => match never {},
        end = end() => end,
    }
}

fn port(mut arguments: impl Iterator<Item = String>) -> Result<u16, MainError> {
    match (arguments.next().as_deref(), arguments.next(), arguments.next()) {
        (None, _, _) => Ok(0),
        (Some("--port"), Some(port), None) => port.parse().map_err(|_| MainError::Usage),
        _ => Err(MainError::Usage),
    }
}

/// Whoever waits for the line reads it through a pipe, so it must not stay in a buffer.
fn announce(line: &str) -> Result<(), MainError> {
    let mut out = std::io::stdout().lock();
    let written = writeln!(out, "{line}").and_then(|()| out.flush());
    written.map_err(|source| MainError::Io { what: "write to stdout", source })
}

async fn end() -> Result<(), MainError> {
    use tokio::signal::unix::{SignalKind, signal};
    let failed = |source| MainError::Io { what: "wait for signals", source };
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    tokio::select! {
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
    }
}
