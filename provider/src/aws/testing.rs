//! Tests only: AWS as a list of replies, behind the SDK's own HTTP client seam, so that what the SDK writes, reads and
//! retries is the SDK's own.

use super::clients::{ClientSettings, Clients, Endpoints};
use super::error::{AwsError, ErrorKind, Operation};
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
    /// This status, error code and message, in the form of the service that is asked.
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
    /// RAM's path without its slash, the target of JSON services, the `Action` of IAM and STS.
    pub(crate) operation: String,
    pub(crate) host: String,
    pub(crate) query: String,
    /// An object of texts where the service takes a form.
    pub(crate) body: Value,
    /// The region and the service that the call is signed for, such as `eu-west-1/ram`.
    pub(crate) scope: String,
    pub(crate) access_key: String,
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
        self.clients_of(credentials(), "eu-west-1", endpoints())
    }

    /// Clients that look for AWS itself, and find this.
    pub(crate) fn clients_in(&self, region: &str) -> Clients {
        self.clients_of(credentials(), region, Endpoints::default())
    }

    /// Clients that cannot sign.
    pub(crate) fn clients_without_credentials(&self) -> Clients {
        let none =
            provide_credentials_fn(async || Err(CredentialsError::not_loaded("the environment has none")));
        self.clients_of(SharedCredentialsProvider::new(none), "eu-west-1", endpoints())
    }

    fn clients_of(
        &self,
        credentials: SharedCredentialsProvider,
        region: &str,
        endpoints: Endpoints,
    ) -> Clients {
        let http_client = SharedHttpClient::new(self.clone());
        Clients::new(ClientSettings { region: region.into(), credentials, endpoints, http_client })
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
        let (reply, takes_form) = (self.see(&request), takes_form(&request));
        HttpConnectorFuture::new(async move {
            match reply {
                Reply::Json(body) => Ok(response(200, None, body.to_string())),
                Reply::Refuse(status, code, message) if takes_form => {
                    Ok(response(status, None, xml_error(code, message)))
                }
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
    let url: url::Url = request.uri().parse().unwrap();
    let header = |name| request.headers().get(name).unwrap_or_default();
    let sent = request.body().bytes().unwrap_or_default();
    let body = if takes_form(request) {
        url::form_urlencoded::parse(sent).map(|(k, v)| (k.into_owned(), Value::from(&*v))).collect()
    } else {
        serde_json::from_slice(sent).unwrap_or(Value::Null)
    };
    let target = header("x-amz-target").rsplit('.').next();
    let names = [body["Action"].as_str(), target, url.path().rsplit('/').next()];
    let operation = names.into_iter().flatten().find(|word| !word.is_empty()).unwrap().to_owned();
    let credential = header("authorization").split_once("Credential=").map_or("", |(_, rest)| rest);
    let credential: Vec<_> = credential.split(['/', ',']).collect();
    Call {
        operation,
        host: url.host_str().unwrap_or_default().to_owned(),
        query: url.query().unwrap_or_default().to_owned(),
        body,
        scope: credential.get(2..4).map(|scope| scope.join("/")).unwrap_or_default(),
        access_key: credential.first().copied().unwrap_or_default().to_owned(),
        session_token: header("x-amz-security-token").to_owned(),
    }
}

/// As IAM and STS do.
fn takes_form(request: &HttpRequest) -> bool {
    request.headers().get("content-type") == Some("application/x-www-form-urlencoded")
}

fn xml_error(code: &str, message: &str) -> String {
    format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
         <RequestId>request-1</RequestId></ErrorResponse>"
    )
}

fn credentials() -> SharedCredentialsProvider {
    let credentials = Credentials::new(SECRETS[0], SECRETS[1], Some(SECRETS[2].into()), None, "test");
    SharedCredentialsProvider::new(credentials)
}

fn endpoints() -> Endpoints {
    Endpoints::all_at(&format!("http://{}", SECRETS[3]))
}

fn response(status: u16, code: Option<&'static str>, body: String) -> HttpResponse {
    let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
    response.headers_mut().insert("x-amzn-requestid", "request-1");
    if let Some(code) = code {
        response.headers_mut().insert("x-amzn-errortype", code);
        // SQS's own form, which other services have not.
        response.headers_mut().insert("x-amzn-query-error", format!("{code};Sender"));
    }
    response
}

/// An error code with its status and kind.
pub(crate) type Code = (&'static str, u16, ErrorKind);
pub(crate) type Codes<const N: usize> = [Code; N];

/// That the operation, refused with each of these, fails with its kind, is retried where that is right, keeps what AWS
/// said, and names the action where access is denied.
pub(crate) async fn assert_kinds(
    service: &'static str,
    name: &'static str,
    codes: &[Code],
    call: impl AsyncFn(&Clients) -> Result<(), AwsError>,
) {
    for &(code, status, kind) in codes {
        let aws = FakeAws::new(move |_, _| Reply::Refuse(status, code, "words of AWS"));
        let error = call(&aws.clients()).await.unwrap_err();
        let last = error.last();
        assert_eq!((last.service, last.operation, last.kind), (service, name, kind), "{code}");
        assert_eq!((last.code.as_deref(), last.message.as_deref()), (Some(code), Some("words of AWS")));
        assert_eq!(
            (last.status, last.request_id.as_deref()),
            (Some(status), Some("request-1")),
            "{name} {code}"
        );
        let is_retried = matches!(kind, ErrorKind::Throttled | ErrorKind::Unavailable);
        assert_eq!(error.kind == ErrorKind::DeadlineOver, is_retried, "{name} {code}");
        assert_eq!(aws.count() > 1, is_retried, "{name} {code}");
        let action = Operation { service, name }.action();
        let names_action = last.to_string().contains(&format!("which needs {action}: words of AWS ({code})"));
        assert_eq!(names_action, kind == ErrorKind::AccessDenied, "{last}");
    }
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
