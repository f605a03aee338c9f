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

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::protocol::Acceptance;

    const TARGET: &str = "/arn%3Aaws%3Acloudformation%3Aeu-west-1%3A111122223333%3Astack/s/1a%7CShare%7Cb5e0|'\
                          ?X-Amz-Date=20261124T101112Z&X-Amz-Credential=A%2FB&X-Amz-Signature=5ec7e7%3D&a=b+c";

    fn url(raw: &str) -> ResponseUrl {
        let authority = raw.split('/').nth(2).unwrap();
        let acceptance = Acceptance {
            partition: "aws".to_owned(),
            region: "eu-west-1".to_owned(),
            extra_hosts: authority.parse().unwrap(),
        };
        let stack = "arn:aws:cloudformation:eu-west-1:111122223333:stack/s/1a".parse().unwrap();
        ResponseUrl::parse(raw, &stack, "b5e0", &acceptance).unwrap()
    }

    /// Reads one request: head and body.
    async fn read_request(stream: &mut TcpStream) -> (String, String) {
        let mut text = String::new();
        let mut buffer = [0u8; 4_096];
        loop {
            let read = stream.read(&mut buffer).await.unwrap();
            assert!(read > 0, "connection closed early: {text}");
            text.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
            if let Some((head, body)) = text.split_once("\r\n\r\n")
                && Some(body.len()) == header(head, "content-length").and_then(|length| length.parse().ok())
            {
                return (head.to_owned(), body.to_owned());
            }
        }
    }

    fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
        let mut fields = head.lines().skip(1).filter_map(|line| line.split_once(": "));
        fields.find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// One PUT against a server that gives one response; what it read, and what the upload gave.
    async fn exchange(response: &str, body: &str) -> ((String, String), Result<u16, UploadError>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = url(&format!("http://{}{TARGET}", listener.local_addr().unwrap()));
        let serve = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let request = read_request(&mut stream).await;
            stream.write_all(response.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
            request
        };
        let upload = ReqwestUpload::new();
        tokio::join!(serve, upload.put(&url, body))
    }

    #[tokio::test]
    async fn a_put_has_the_urls_very_bytes_the_exact_length_and_no_content_type() {
        let body = "{\"Reason\":\"größer 😀\"}";
        let ((head, received), result) = exchange("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", body).await;
        assert_eq!(result, Ok(200));
        assert_eq!(received, body);
        assert_eq!(head.lines().next(), Some(format!("PUT {TARGET} HTTP/1.1").as_str()));
        assert_eq!(header(&head, "content-length"), Some(body.len().to_string().as_str()));
        for absent in ["content-type", "transfer-encoding", "authorization", "referer", "cookie", "expect"] {
            assert_eq!(header(&head, absent), None, "{head}");
        }
    }

    /// To another host, to the same one, over another scheme, to the metadata of EC2; by whatever header says so.
    #[tokio::test]
    async fn a_redirect_is_given_back_and_not_followed() {
        let target = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = target.local_addr().unwrap();
        for status in [201, 300, 301, 302, 303, 305, 307, 308] {
            for field in [
                format!("Location: http://{address}/"),
                format!("Location: //{address}/"),
                format!("Location: https://{address}/"),
                format!("Content-Location: http://{address}/"),
                format!("Refresh: 0; url=http://{address}/"),
                format!("Alt-Svc: h2=\"{address}\""),
                "Location: /again".to_owned(),
                "Location: http://169.254.169.254/".to_owned(),
                String::new(),
            ] {
                let head = format!("HTTP/1.1 {status} Moved\r\n{field}\r\n");
                let head = head.replace("\r\n\r\n", "\r\n");
                let (_, result) = exchange(&format!("{head}Content-Length: 0\r\n\r\n"), "{}").await;
                assert_eq!(result, Ok(status), "{field}");
            }
        }
        // The first connection that the target ever took is ours.
        let own = TcpStream::connect(address).await.unwrap();
        let (_, peer) = target.accept().await.unwrap();
        assert_eq!(peer, own.local_addr().unwrap());
    }

    #[tokio::test]
    async fn every_status_is_given_back() {
        for status in [204, 400, 403, 404, 429, 500, 503] {
            let response = format!("HTTP/1.1 {status} Word\r\nContent-Length: 0\r\n\r\n");
            assert_eq!(exchange(&response, "{}").await.1, Ok(status));
        }
    }

    #[tokio::test]
    async fn a_connection_that_breaks_is_an_error_without_the_url() {
        let error = exchange("", "{}").await.1.unwrap_err();
        assert_eq!(error.kind, UploadErrorKind::Connect);
        assert_no_url(&error);
    }

    #[tokio::test]
    async fn a_refused_connection_is_an_error_without_the_url() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let error =
            ReqwestUpload::new().put(&url(&format!("http://{address}{TARGET}")), "{}").await.unwrap_err();
        assert_eq!(error.kind, UploadErrorKind::Connect);
        assert_no_url(&error);
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_does_not_answer_is_left_after_ten_seconds() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = url(&format!("http://{}{TARGET}", listener.local_addr().unwrap()));
        let start = tokio::time::Instant::now();
        let error = ReqwestUpload::new().put(&url, "{}").await.unwrap_err();
        assert_eq!(error.kind, UploadErrorKind::Timeout);
        assert!(start.elapsed() <= ATTEMPT_TIMEOUT + Duration::from_secs(1), "{:?}", start.elapsed());
        assert_no_url(&error);
    }

    #[tokio::test]
    async fn tls_has_its_crypto_provider_and_fails_as_a_connection_against_plain_text() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = url(&format!("https://{}{TARGET}", listener.local_addr().unwrap()));
        let upload = ReqwestUpload::new();
        upload.prepare();
        assert!(upload.client.get().is_some());
        let serve = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut first = [0u8; 3];
            stream.read_exact(&mut first).await.unwrap();
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
            first
        };
        let (first, result) = tokio::join!(serve, upload.put(&url, "{}"));
        assert_eq!(first[..2], [0x16, 0x03], "a TLS handshake");
        let error = result.unwrap_err();
        assert_eq!(error.kind, UploadErrorKind::Connect);
        assert_no_url(&error);
    }

    fn assert_no_url(error: &UploadError) {
        let text = format!("{error} {error:?}");
        assert!(!error.message.is_empty());
        assert!(!text.contains("5ec7e7") && !text.contains("http://") && !text.contains("arn"), "{text}");
    }
}
