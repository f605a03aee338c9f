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
