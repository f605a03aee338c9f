//! PUTs answers to S3 with reqwest.
//!
//! The request has no Content-Type (a signature of version 2 covers it), its exact byte length, and the very bytes of
//! the URL; it goes through no proxy and follows no redirect, since either would hand the signed URL to others. Errors
//! have the URL taken out. Source: cfn-protocol facts 1.2 and 4.

use std::sync::OnceLock;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::{Client, redirect};

use crate::protocol::reason::chain;
use crate::protocol::{ResponseUrl, Upload, UploadError, UploadErrorKind};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);
/// S3 closes idle connections after some seconds; one that slept with the function is not worth a try.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// The upload through reqwest. Its client is built at the first PUT or [`ReqwestUpload::prepare`], not in `new`: it
/// reads the root certificates, which costs milliseconds that the start of the function should not wait for.
#[derive(Debug, Default)]
pub struct ReqwestUpload {
    client: OnceLock<Client>,
}

impl ReqwestUpload {
    /// An upload without a client yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Builds the client while there is time for it, for example while AWS is waited for. A failure here is not an
    /// error: the PUT tries again and says so.
    pub fn prepare(&self) {
        if let Err(error) = self.client() {
            tracing::warn!(%error, "the client of the response URL could not be built yet");
        }
    }

    fn client(&self) -> Result<&Client, UploadError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = build().map_err(described)?;
        Ok(self.client.get_or_init(|| client))
    }
}

impl Upload for ReqwestUpload {
    fn put<'a>(&'a self, url: &'a ResponseUrl, body: &'a str) -> BoxFuture<'a, Result<u16, UploadError>> {
        async move {
            let request = self.client()?.put(url.expose()).body(body.to_owned());
            request.send().await.map(|response| response.status().as_u16()).map_err(described)
        }
        .boxed()
    }
}

/// reqwest is built without a crypto provider of its own and takes the process's: ring, the SDK's too. Where one is
/// installed already, that one stays.
fn build() -> Result<Client, reqwest::Error> {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Err means that another thread was faster with the same provider.
        drop(rustls::crypto::ring::default_provider().install_default());
    }
    Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(ATTEMPT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .build()
}

fn described(error: reqwest::Error) -> UploadError {
    let kind = if error.is_builder() {
        UploadErrorKind::Other
    } else if error.is_timeout() {
        UploadErrorKind::Timeout
    } else {
        UploadErrorKind::Connect
    };
    UploadError { kind, message: chain(&error.without_url()) }
}
