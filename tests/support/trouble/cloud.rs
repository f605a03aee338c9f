//! AWS, as a process in trouble reaches it: faults are real HTTP answers, or none, in the service's own protocol.

use super::super::cloud_client::CloudClient;
use super::{CallName, Fault, Trouble};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use local_cloud::fault::{FaultKind, FaultRule};
use local_cloud::wire::{self, Credential, Service};

/// The cloud behind the trouble.
#[derive(Clone, Debug)]
pub struct TroubledCloud {
    pub cloud: CloudClient,
    pub trouble: Trouble,
}

impl HttpClient for TroubledCloud {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for TroubledCloud {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Self { cloud, trouble } = self.clone();
        HttpConnectorFuture::new(async move {
            let call = name(&request);
            if let Some(fault) = trouble.meet(call).await {
                let rule = FaultRule::once(call.service, call.operation, kind(call, fault));
                cloud.cloud.lock().unwrap().add_fault(rule);
            }
            let reply = cloud.call(request).await;
            trouble.done(call).await;
            reply
        })
    }
}

/// The operation as the local cloud reads it.
fn name(request: &HttpRequest) -> CallName {
    let mut copy = http::Request::builder().method(request.method()).uri(request.uri());
    for (name, value) in request.headers() {
        copy = copy.header(name, value);
    }
    let body = request.body().bytes().unwrap_or_default().to_vec();
    let copy = copy.body(body.into()).unwrap();
    let credential = Credential::of(copy.headers()).expect("a signed request");
    let service = Service::named(&credential.service).expect("a service that is served");
    let operation = wire::read(service, &copy).expect("an operation that is served").operation;
    CallName { service: service.name(), operation }
}

fn kind(call: CallName, fault: Fault) -> FaultKind {
    let error = |(status, code): (u16, &str)| {
        let (code, message) = (code.to_owned(), "by the fault matrix".to_owned());
        FaultKind::Error { status, code, message }
    };
    match fault {
        Fault::Throttled => error(throttled(call.service)),
        Fault::Fails => error(failed(call.service)),
        Fault::Denied => error(denied(call.service)),
        Fault::Reset => FaultKind::Reset,
        Fault::Hangs => FaultKind::Hang,
        Fault::LosesAnswer => FaultKind::LostAnswer,
        Fault::Malformed => FaultKind::Malformed,
    }
}

/// Status and code by the API references: errors of the operations, and common errors.
fn throttled(service: &str) -> (u16, &'static str) {
    match service {
        "ram" => (429, "ThrottlingException"),
        "license-manager" => (400, "RateLimitExceededException"),
        "organizations" => (400, "TooManyRequestsException"),
        _ => (400, "Throttling"),
    }
}

fn failed(service: &str) -> (u16, &'static str) {
    match service {
        "ram" | "license-manager" => (500, "ServerInternalException"),
        "organizations" => (400, "ServiceException"),
        "iam" => (500, "ServiceFailure"),
        _ => (500, "InternalFailure"),
    }
}

fn denied(service: &str) -> (u16, &'static str) {
    match service {
        "iam" | "sts" => (403, "AccessDenied"),
        "ram" => (403, "AccessDeniedException"),
        _ => (400, "AccessDeniedException"),
    }
}
