//! Tests only: AWS as a list of replies, behind the SDK's own HTTP client seam, so that what the SDK writes, reads and
//! retries is the SDK's own.

use super::clients::{ClientSettings, Clients, Endpoints};
use aws_credential_types::Credentials;
use aws_credential_types::credential_fn::provide_credentials_fn;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex};

/// Marks that must never come out of an error.
pub(crate) const SECRETS: [&str; 4] = ["AKIDSECRETID", "SECRETKEY", "SESSIONTOKEN", "secret-host.test"];

/// What one attempt meets.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// 200 and this body.
    Json(Value),
    /// This status, error code and message; RAM's and License Manager's form at once.
    Refuse(u16, &'static str, &'static str),
    /// This status and this text.
    Raw(u16, &'static str),
    /// The connection breaks.
    Reset,
    /// No answer, ever.
    Hang,
}

/// One request as it went over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// RAM's path without its slash, License Manager's target.
    pub(crate) operation: String,
    pub(crate) query: String,
    pub(crate) body: Value,
    pub(crate) session_token: String,
}

type Answer = dyn Fn(usize, &Call) -> Reply + Send + Sync;

/// AWS; clones share what was seen.
#[derive(Clone)]
pub(crate) struct FakeAws {
    answer: Arc<Answer>,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl FakeAws {
    /// Answers each call by its number, from 0, and what it asks.
    pub(crate) fn new(answer: impl Fn(usize, &Call) -> Reply + Send + Sync + 'static) -> Self {
        Self { answer: Arc::new(answer), calls: Arc::default() }
    }

    /// Answers in this order; what comes after them is refused in a way that is not retried.
    pub(crate) fn in_turn(replies: impl Into<Vec<Reply>>) -> Self {
        let replies = replies.into();
        Self::new(move |number, _| {
            replies.get(number).cloned().unwrap_or(Reply::Refuse(418, "NoMoreReplies", "the test has none"))
        })
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.calls.lock().unwrap().len()
    }

    /// Clients that speak to it alone.
    pub(crate) fn clients(&self) -> Clients {
        let credentials = Credentials::new(SECRETS[0], SECRETS[1], Some(SECRETS[2].into()), None, "test");
        self.clients_of(SharedCredentialsProvider::new(credentials))
    }

    /// Clients that cannot sign.
    pub(crate) fn clients_without_credentials(&self) -> Clients {
        self.clients_of(SharedCredentialsProvider::new(provide_credentials_fn(async || {
            Err(CredentialsError::not_loaded("the environment has none"))
        })))
    }

    fn clients_of(&self, credentials: SharedCredentialsProvider) -> Clients {
        let endpoint = Some(format!("http://{}", SECRETS[3]));
        Clients::new(ClientSettings {
            region: "eu-west-1".into(),
            credentials,
            endpoints: Endpoints {
                ram: endpoint.clone(),
                license_manager: endpoint.clone(),
                dynamodb: endpoint,
            },
            http_client: SharedHttpClient::new(self.clone()),
        })
    }

    fn see(&self, request: &HttpRequest) -> Reply {
        let call = read(request);
        let mut calls = self.calls.lock().unwrap();
        let reply = (self.answer)(calls.len(), &call);
        calls.push(call);
        reply
    }
}

impl fmt::Debug for FakeAws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FakeAws")
    }
}

impl HttpClient for FakeAws {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for FakeAws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let reply = self.see(&request);
        HttpConnectorFuture::new(async move {
            match reply {
                Reply::Json(body) => Ok(response(200, None, body.to_string())),
                Reply::Refuse(status, code, message) => {
                    let body = json!({"__type": code, "message": message, "Message": message});
                    Ok(response(status, Some(code), body.to_string()))
                }
                Reply::Raw(status, text) => Ok(response(status, None, text.to_owned())),
                Reply::Reset => {
                    let error = io::Error::new(io::ErrorKind::ConnectionReset, SECRETS[3]);
                    Err(ConnectorError::io(Box::new(error)))
                }
                Reply::Hang => std::future::pending().await,
            }
        })
    }
}

fn read(request: &HttpRequest) -> Call {
    let (path, query) = match request.uri().split_once('?') {
        Some((path, query)) => (path, query),
        None => (request.uri(), ""),
    };
    let target = request.headers().get("x-amz-target").and_then(|target| target.rsplit('.').next());
    let body = request.body().bytes().unwrap_or_default();
    Call {
        operation: target.unwrap_or_else(|| path.rsplit('/').next().unwrap()).to_owned(),
        query: query.to_owned(),
        body: serde_json::from_slice(body).unwrap_or(Value::Null),
        session_token: request.headers().get("x-amz-security-token").unwrap_or_default().to_owned(),
    }
}

fn response(status: u16, code: Option<&'static str>, body: String) -> HttpResponse {
    let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
    response.headers_mut().insert("x-amzn-requestid", "request-1");
    if let Some(code) = code {
        response.headers_mut().insert("x-amzn-errortype", code);
    }
    response
}

/// The error's own words and those of all its sources.
pub(crate) fn words(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        words.push_str(": ");
        words.push_str(&error.to_string());
        source = error.source();
    }
    words
}
