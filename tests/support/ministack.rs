//! Starts ministack, the emulator of CloudFormation, Lambda, S3, SQS, DynamoDB and others, for one test.
//!
//! `.venv/bin/ministack` is what `make test` installs. Without it a test fails: it must not pass for want of a tool.

use std::error::Error;
use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::OnceCell;

/// Any failure of a test's surroundings.
pub type Failure = Box<dyn Error + Send + Sync>;

/// Starts, of which each may lose its port to another process.
const STARTS: usize = 3;

/// Looks at a starting process, and the time between two.
const LOOKS: usize = 600;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// Becomes ministack (`$0`), and ends it when the test's end of the pipe closes: on Drop, and however else the test's
/// process ends, killed or interrupted. Open connections hold up an orderly exit, so it has two seconds for it.
const WATCHED: &str = r#"
exec 3<&0
(
  read -r line <&3
  kill -TERM $$
  for wait in 1 2 3 4 5 6 7 8 9 10; do
    sleep 0.2
    kill -0 $$ || exit
  done
  kill -KILL $$
) >/dev/null 2>&1 &
exec "$0" 3<&- </dev/null
"#;

/// A running ministack. It ends when this is dropped.
#[derive(Debug)]
pub struct Ministack {
    process: Child,
    port: u16,
}

impl Ministack {
    /// Starts ministack on a free port of 127.0.0.1, with these environment variables besides its own, and waits
    /// until it answers.
    pub async fn start(settings: &[(&str, &str)]) -> Result<Self, Failure> {
        let program = program()?;
        let mut last = String::new();
        for _ in 0..STARTS {
            let port = free_port()?;
            let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("ministack-{port}.log"));
            let mut started = Self { process: spawn(&program, port, &log, settings)?, port };
            match started.ready().await {
                Ok(()) => return Ok(started),
                Err(failure) => last = format!("{failure}; its log is {}", log.display()),
            }
        }
        Err(format!("ministack did not start: {last}").into())
    }

    /// `http://127.0.0.1:<port>`: the endpoint of all its services.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    async fn ready(&mut self) -> Result<(), Failure> {
        for _ in 0..LOOKS {
            if let Some(status) = self.process.try_wait()? {
                return Err(format!("it ended with {status}").into());
            }
            if healthy(self.port).await.unwrap_or(false) {
                return Ok(());
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        Err("it does not answer".into())
    }
}

/// One ministack for all tests that take nothing of it but tables of their own. It ends with the tests' process.
pub async fn shared() -> &'static Ministack {
    static SHARED: OnceCell<Ministack> = OnceCell::const_new();
    SHARED.get_or_init(|| async { Ministack::start(&[]).await.unwrap() }).await
}

impl Drop for Ministack {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        self.process.wait().ok();
    }
}

fn program() -> Result<PathBuf, Failure> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.venv/bin/ministack");
    path.canonicalize().map_err(|_| "there is no .venv/bin/ministack: run make test".into())
}

fn free_port() -> Result<u16, Failure> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

fn spawn(program: &Path, port: u16, log: &Path, settings: &[(&str, &str)]) -> Result<Child, Failure> {
    let log = File::create(log)?;
    let child = Command::new("sh")
        .arg("-c")
        .arg(WATCHED)
        .arg(program)
        .env("GATEWAY_PORT", port.to_string())
        .envs([("BIND_HOST", "127.0.0.1"), ("MINISTACK_HOST", "127.0.0.1")])
        .envs([("IOT_MTLS_ENABLED", "0"), ("PERSIST_STATE", "0")])
        .env_remove("AWS_ENDPOINT_URL")
        .envs(settings.iter().copied())
        .stdin(Stdio::piped())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()?;
    Ok(child)
}

async fn healthy(port: u16) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream
        .write_all(b"GET /_ministack/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .await?;
    let mut status = [0; 12];
    stream.read_exact(&mut status).await?;
    Ok(&status == b"HTTP/1.1 200")
}
