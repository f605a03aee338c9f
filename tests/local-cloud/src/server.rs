//! The HTTP server around the core: 127.0.0.1 only, HTTP/1.1, real time.

mod stream;

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep};

use crate::cloud::{LocalCloud, Reply};
use stream::Resettable;

/// A bound server. It answers once [`Server::serve`] runs.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    cloud: Arc<Mutex<LocalCloud>>,
    start: Instant,
}

/// Why a server could not be had.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The port is taken, or may not be used.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Bind {
        /// The port asked for.
        port: u16,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The bound address cannot be read.
    #[error("cannot read the address that is listened on")]
    Address {
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl Server {
    /// Binds 127.0.0.1 on a port; 0 for any that is free. The cloud's clock starts now.
    ///
    /// # Errors
    /// [`ServerError::Bind`].
    pub async fn bind(port: u16, cloud: LocalCloud) -> Result<Self, ServerError> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listener =
            TcpListener::bind(address).await.map_err(|source| ServerError::Bind { port, source })?;
        Ok(Self { listener, cloud: Arc::new(Mutex::new(cloud)), start: Instant::now() })
    }

    /// The address that is listened on.
    ///
    /// # Errors
    /// [`ServerError::Address`].
    pub fn address(&self) -> Result<SocketAddr, ServerError> {
        self.listener.local_addr().map_err(|source| ServerError::Address { source })
    }

    /// The cloud, to look at it and to set the scene while the server runs. Do not hold its lock over an await.
    pub fn cloud(&self) -> Arc<Mutex<LocalCloud>> {
        Arc::clone(&self.cloud)
    }

    /// Answers until the future is dropped.
    pub async fn serve(self) -> Infallible {
        loop {
            // A client that gave up before it was accepted is no reason to stop.
            if let Ok((stream, _)) = self.listener.accept().await {
                tokio::spawn(serve_connection(stream, self.cloud(), self.start));
            }
        }
    }
}

async fn serve_connection(stream: TcpStream, cloud: Arc<Mutex<LocalCloud>>, start: Instant) {
    let reset = Arc::new(AtomicBool::new(false));
    let io = TokioIo::new(Resettable::new(stream, Arc::clone(&reset)));
    let service = service_fn(|request| answer(request, Arc::clone(&cloud), start, Arc::clone(&reset)));
    // A connection that ends in an error ended for its client, too: nothing is left to tell anyone.
    drop(http1::Builder::new().serve_connection(io, service).await);
}

/// The connection is to be cut.
#[derive(Debug, thiserror::Error)]
#[error("the connection is reset, as a fault asks")]
struct Cut;

async fn answer(
    request: Request<Incoming>,
    cloud: Arc<Mutex<LocalCloud>>,
    start: Instant,
    reset: Arc<AtomicBool>,
) -> Result<Response<Full<Bytes>>, Cut> {
    let (parts, body) = request.into_parts();
    let Ok(body) = body.collect().await else { return Err(Cut) };
    let request = Request::from_parts(parts, body.to_bytes());
    let reply = lock(&cloud).handle(start.elapsed(), &request);
    match reply {
        Reply::Answer { after, response } => {
            if !after.is_zero() {
                sleep(after).await;
            }
            Ok(response.map(Full::new))
        }
        Reply::Reset => {
            reset.store(true, Ordering::Relaxed);
            Err(Cut)
        }
        // hyper drops this future when the client goes.
        Reply::Hang => std::future::pending().await,
    }
}

fn lock(cloud: &Mutex<LocalCloud>) -> MutexGuard<'_, LocalCloud> {
    // A panic in a request may not take the whole cloud away from the others.
    cloud.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fault::{FaultKind, FaultRule};

    const OWNER: &str = "111111111111";

    /// Sends one request to a running server and reads to the connection's end.
    async fn send(address: SocketAddr, path: &str, body: &str) -> io::Result<String> {
        let stream = TcpStream::connect(address).await?;
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\nauthorization: \
             AWS4-HMAC-SHA256 Credential={OWNER}/20260101/eu-west-1/ram/aws4_request\r\n\r\n{body}",
            body.len()
        );
        stream.writable().await?;
        assert_eq!(stream.try_write(request.as_bytes())?, request.len());
        let mut answer = Vec::new();
        loop {
            stream.readable().await?;
            let mut part = [0; 4096];
            match stream.try_read(&mut part) {
                Ok(0) => return Ok(String::from_utf8(answer).unwrap()),
                Ok(read) => answer.extend_from_slice(&part[..read]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }

    async fn started() -> (SocketAddr, Arc<Mutex<LocalCloud>>) {
        let server = Server::bind(0, LocalCloud::default()).await.unwrap();
        let (address, cloud) = (server.address().unwrap(), server.cloud());
        tokio::spawn(server.serve());
        (address, cloud)
    }

    #[tokio::test]
    async fn the_server_answers_services_and_the_admin_api() {
        let (address, cloud) = started().await;
        assert!(address.ip().is_loopback());
        let answer = send(address, "/createresourceshare", r#"{"name": "a"}"#).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        assert!(answer.contains("x-amzn-requestid: "), "{answer}");
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["resourceShare"]["status"], "ACTIVE");
        let answer =
            send(address, "/_local-cloud/advance", &json!({"seconds": 5}).to_string()).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        assert_eq!(lock(&cloud).shares().len(), 1);
    }

    #[tokio::test]
    async fn a_reset_is_a_reset_for_the_client_and_the_next_request_works() {
        let (address, cloud) = started().await;
        lock(&cloud).add_fault(FaultRule::once("ram", "*", FaultKind::LostAnswer));
        let error = send(address, "/createresourceshare", r#"{"name": "a"}"#).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
        assert_eq!(lock(&cloud).shares().len(), 1);
        let answer = send(address, "/listpermissions", "{}").await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    }

    #[tokio::test]
    async fn a_request_that_hangs_does_not_hold_up_others() {
        let (address, cloud) = started().await;
        lock(&cloud).add_fault(FaultRule::once("ram", "*", FaultKind::Hang));
        let hanging = tokio::spawn(async move { send(address, "/listpermissions", "{}").await });
        // The fault strikes whoever comes first, so wait until it did.
        while lock(&cloud).log().is_empty() {
            tokio::task::yield_now().await;
        }
        let answer = send(address, "/listpermissions", "{}").await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        assert!(!hanging.is_finished());
        hanging.abort();
    }

    #[tokio::test]
    async fn a_taken_port_is_an_error_that_names_it() {
        let first = Server::bind(0, LocalCloud::default()).await.unwrap();
        let port = first.address().unwrap().port();
        let error = Server::bind(port, LocalCloud::default()).await.unwrap_err();
        assert_eq!(error.to_string(), format!("cannot listen on 127.0.0.1:{port}"));
    }
}
