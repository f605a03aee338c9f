//! The bucket of answers behind HTTP.

use super::function::now;
use super::http_server::{Closed, HttpServer, response};
use super::s3::S3;
use http::{HeaderMap, Method};
use provider::clock::Clock;
use std::sync::{Arc, Mutex};

/// A PUT as it came.
#[derive(Clone, Debug)]
pub struct Arrival {
    pub target: String,
    pub headers: HeaderMap,
    pub body: String,
}

/// The bucket: [`S3`]'s rules and script, and what HTTP adds.
#[derive(Debug)]
pub struct Bucket {
    pub server: HttpServer,
    pub s3: Arc<S3>,
    arrivals: Arc<Mutex<Vec<Arrival>>>,
}

impl Bucket {
    pub async fn start() -> Self {
        let s3 = Arc::new(S3::new(Clock::starting_at(now())));
        let arrivals: Arc<Mutex<Vec<Arrival>>> = Arc::default();
        let (behind, seen) = (Arc::clone(&s3), Arc::clone(&arrivals));
        let server = HttpServer::start(move |request| {
            let (s3, seen) = (Arc::clone(&behind), Arc::clone(&seen));
            async move {
                assert_eq!(request.method(), Method::PUT);
                let (target, headers) = (request.uri().to_string(), request.headers().clone());
                let body = String::from_utf8(request.body().to_vec()).unwrap();
                // The signature holds for no Content-Type, or an empty one (protocol facts 1.2).
                let is_signed = headers.get("content-type").is_none_or(http::HeaderValue::is_empty);
                let status = if is_signed { s3.receive_at(&target, &body) } else { Some(403) };
                seen.lock().unwrap().push(Arrival { target, headers, body });
                status.map(|status| response(status, "")).ok_or(Closed)
            }
        })
        .await;
        Self { server, s3, arrivals }
    }

    pub fn arrivals(&self) -> Vec<Arrival> {
        self.arrivals.lock().unwrap().clone()
    }
}
