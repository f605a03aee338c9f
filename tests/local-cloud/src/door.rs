//! Requests that get no further than the door: without a caller, for a service or operation that is not served, or not
//! readable. They are answered loudly, and logged with what they named.

use bytes::Bytes;
use http::Request;

use crate::error::ServiceError;
use crate::wire::{Credential, NoCaller, Refused, Service};

/// A request that gets no further than the door.
#[derive(Debug)]
pub(crate) struct TurnedAway {
    /// Whose protocol the error is written in.
    pub(crate) protocol: Service,
    pub(crate) error: ServiceError,
    pub(crate) service: String,
    pub(crate) operation: String,
    pub(crate) account: String,
    pub(crate) region: String,
}

impl TurnedAway {
    pub(crate) fn unsigned(request: &Request<Bytes>, error: NoCaller) -> Box<Self> {
        let error = ServiceError::new(403, error.code(), error.to_string());
        let operation = format!("{} {}", request.method(), request.uri().path());
        let (service, account, region) = (String::new(), String::new(), String::new());
        Box::new(Self { protocol: Service::Ram, error, service, operation, account, region })
    }

    pub(crate) fn unknown_service(request: &Request<Bytes>, credential: &Credential) -> Box<Self> {
        let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok());
        let operation =
            target.map_or_else(|| format!("{} {}", request.method(), request.uri().path()), str::to_owned);
        let message = format!(
            "service {} (operation {operation}) is not served by the local cloud",
            credential.service
        );
        let error = ServiceError::new(404, "UnknownServiceException", message);
        Box::new(Self { protocol: Service::Ram, error, operation, ..Self::signed(credential) })
    }

    pub(crate) fn refused(service: Service, credential: &Credential, refused: &Refused) -> Box<Self> {
        let message = refused.to_string();
        let (error, operation) = match refused {
            Refused::UnknownOperation { operation, .. } => {
                let status = if service == Service::Ram { 404 } else { 400 };
                let code = if service.is_query() { "InvalidAction" } else { "UnknownOperationException" };
                (ServiceError::new(status, code, message), operation.clone())
            }
            Refused::Unreadable { operation, .. } => {
                (ServiceError::bad_request("SerializationException", message), (*operation).to_owned())
            }
        };
        Box::new(Self { protocol: service, error, operation, ..Self::signed(credential) })
    }

    pub(crate) fn unknown_key(service: Service, operation: &str, credential: &Credential) -> Box<Self> {
        let code = if service.is_query() { "InvalidClientTokenId" } else { "UnrecognizedClientException" };
        let error = ServiceError::new(403, code, "The security token included in the request is invalid.");
        Box::new(Self {
            protocol: service,
            error,
            operation: operation.to_owned(),
            ..Self::signed(credential)
        })
    }

    pub(crate) fn expired_key(service: Service, operation: &str, credential: &Credential) -> Box<Self> {
        let (status, code) =
            if service.is_query() { (403, "ExpiredToken") } else { (400, "ExpiredTokenException") };
        let error = ServiceError::new(status, code, "The security token included in the request is expired");
        Box::new(Self {
            protocol: service,
            error,
            operation: operation.to_owned(),
            ..Self::signed(credential)
        })
    }

    /// What the credential says about a request; the caller fills in the rest.
    fn signed(credential: &Credential) -> Self {
        Self {
            protocol: Service::Ram,
            error: ServiceError::bad_request("ValidationException", ""),
            service: credential.service.clone(),
            operation: String::new(),
            account: credential.account_in_key().unwrap_or_default(),
            region: credential.region.clone(),
        }
    }
}
