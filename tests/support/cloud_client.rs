//! The local cloud behind the SDK's own HTTP seam: what the SDK writes, reads, pages and retries is its own.

use super::points::Points;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use http::Request;
use hyper::body::Bytes;
use local_cloud::{LocalCloud, Reply};
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex};
use tokio::time::{Instant, sleep};

/// A cloud that several clients reach; its time is tokio's.
#[derive(Clone)]
pub struct CloudClient {
    pub cloud: Arc<Mutex<LocalCloud>>,
    start: Instant,
    points: Points,
    rewrites: Arc<Mutex<Vec<Rewrite>>>,
}

/// Words of answers that come as other ones.
struct Rewrite {
    from: String,
    to: String,
    times: usize,
}

impl CloudClient {
    pub fn new(cloud: LocalCloud) -> Self {
        Self::of(Arc::new(Mutex::new(cloud)))
    }

    /// A client of a cloud that others reach, too; it began just now.
    pub fn of(cloud: Arc<Mutex<LocalCloud>>) -> Self {
        let (points, rewrites) = (Points::default(), Arc::default());
        Self { cloud, start: Instant::now(), points, rewrites }
    }

    /// The same cloud, as another process reaches it.
    pub fn with_points(&self, points: Points) -> Self {
        Self { points, ..self.clone() }
    }

    /// The next `times` answers that have `from` in them come with `to` in its place: for what the local cloud never
    /// says.
    pub fn rewrite(&self, from: &str, to: &str, times: usize) {
        let rewrite = Rewrite { from: from.to_owned(), to: to.to_owned(), times };
        self.rewrites.lock().unwrap().push(rewrite);
    }

    /// From now on all answers come as they are.
    pub fn rewrite_no_more(&self) {
        self.rewrites.lock().unwrap().clear();
    }

    /// Brings the cloud to the present time, as a call would.
    pub fn settle(&self) {
        self.cloud.lock().unwrap().at(self.start.elapsed());
    }

    fn rewritten(&self, body: &[u8]) -> SdkBody {
        let mut text = String::from_utf8_lossy(body).into_owned();
        for rewrite in self.rewrites.lock().unwrap().iter_mut() {
            if rewrite.times > 0 && text.contains(&rewrite.from) {
                rewrite.times -= 1;
                text = text.replace(&rewrite.from, &rewrite.to);
            }
        }
        SdkBody::from(text)
    }

    fn reply(&self, request: HttpRequest) -> Reply {
        let request = request.try_into_http1x().unwrap();
        self.handle(&request.map(|body| body.bytes().unwrap_or_default().to_vec().into()))
    }

    /// What the cloud makes of a request that comes now.
    pub fn handle(&self, request: &Request<Bytes>) -> Reply {
        self.cloud.lock().unwrap().handle(self.start.elapsed(), request)
    }
}

impl fmt::Debug for CloudClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CloudClient")
    }
}

impl HttpClient for CloudClient {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for CloudClient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.clone();
        HttpConnectorFuture::new(async move {
            let operation = operation(&request);
            client.points.pass(format!("before {operation}")).await;
            let reply = client.reply(request);
            client.points.pass(format!("after {operation}")).await;
            match reply {
                Reply::Answer { after, response } => {
                    sleep(after).await;
                    let response = response.map(|body| client.rewritten(&body));
                    Ok(HttpResponse::try_from(response).unwrap())
                }
                Reply::Reset => {
                    Err(ConnectorError::io(io::Error::from(io::ErrorKind::ConnectionReset).into()))
                }
                Reply::Hang => std::future::pending().await,
            }
        })
    }
}

/// For people: RAM has it in the path, License Manager in a header.
fn operation(request: &HttpRequest) -> String {
    let target = request.headers().get("x-amz-target").map(str::to_owned);
    target.unwrap_or_else(|| request.uri().to_owned())
}
