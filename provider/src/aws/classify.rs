//! From the SDK's errors to [`AwsError`]: the one place that knows error codes.

use super::error::{AwsError, Cause, ErrorKind, Operation};
use aws_sdk_ram::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use std::error::Error;
use std::io;

/// What License Manager says when its core service-linked role is missing (license-manager facts 1.5).
const SERVICE_ROLE: &str = "service role not found";

/// Turns the SDK's final error into ours.
pub fn from_sdk<E>(operation: Operation, error: &SdkError<E, HttpResponse>) -> AwsError
where
    E: ProvideErrorMetadata,
{
    match error {
        SdkError::ServiceError(answer) => from_answer(operation, answer.err().meta(), Some(answer.raw())),
        SdkError::ResponseError(answer) => malformed(operation, Some(answer.raw())),
        SdkError::TimeoutError(_) => timed_out(operation),
        SdkError::DispatchFailure(failure) => from_connector(operation, failure.as_connector_error()),
        _ => AwsError::new(operation, ErrorKind::Other, Some(Cause::Unsent)),
    }
}

/// Turns the error of one attempt, of which more may follow, into ours. `E` is the operation's error type.
pub(super) fn from_attempt<E>(
    operation: Operation,
    error: &OrchestratorError<aws_smithy_runtime_api::client::interceptors::context::Error>,
    response: Option<&HttpResponse>,
) -> AwsError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    if let Some(answer) = error.as_operation_error() {
        let none = ErrorMetadata::builder().build();
        let meta = answer.downcast_ref::<E>().map_or(&none, ProvideErrorMetadata::meta);
        return from_answer(operation, meta, response);
    }
    if error.is_timeout_error() {
        return timed_out(operation);
    }
    if error.is_response_error() {
        return malformed(operation, response);
    }
    from_connector(operation, error.as_connector_error())
}

fn from_answer(operation: Operation, meta: &ErrorMetadata, response: Option<&HttpResponse>) -> AwsError {
    let status = response.map(|answer| answer.status().as_u16());
    let request_id = meta.extra("aws_request_id").or(response.and_then(RequestId::request_id));
    AwsError {
        status,
        code: meta.code().map(Into::into),
        message: meta.message().and_then(|text| presentable(text, meta.code())),
        request_id: request_id.map(Into::into),
        ..AwsError::new(operation, kind_of(meta.code(), meta.message(), status), None)
    }
}

fn malformed(operation: Operation, response: Option<&HttpResponse>) -> AwsError {
    AwsError {
        status: response.map(|answer| answer.status().as_u16()),
        request_id: response.and_then(RequestId::request_id).map(Into::into),
        ..AwsError::new(operation, ErrorKind::Unavailable, Some(Cause::Malformed))
    }
}

fn timed_out(operation: Operation) -> AwsError {
    AwsError::new(operation, ErrorKind::Unavailable, Some(Cause::AttemptTimeout))
}

fn from_connector(operation: Operation, error: Option<&ConnectorError>) -> AwsError {
    match error {
        Some(error) if error.is_io() || error.is_timeout() || error.as_other().is_some() => {
            let cause = Cause::Connection { kind: io_kind(error) };
            AwsError::new(operation, ErrorKind::Unreachable, Some(cause))
        }
        _ => AwsError::new(operation, ErrorKind::Other, Some(Cause::Unsent)),
    }
}

/// The operating system's word for it. The connector's own text names addresses.
fn io_kind(error: &ConnectorError) -> io::ErrorKind {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(current) = cause {
        if let Some(io) = current.downcast_ref::<io::Error>() {
            return io.kind();
        }
        cause = current.source();
    }
    if error.is_timeout() { io::ErrorKind::TimedOut } else { io::ErrorKind::Other }
}

/// AWS's message in one line; nothing of one that may quote the signed request, whose headers hold the session token.
fn presentable(message: &str, code: Option<&str>) -> Option<Box<str>> {
    let quotes_request = code.is_some_and(|code| code.contains("Signature"))
        || message.to_ascii_lowercase().contains("x-amz-")
        || message.contains("Canonical String");
    if quotes_request {
        return None;
    }
    let words: Vec<_> =
        message.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    (!words.is_empty()).then(|| words.join(" ").into())
}

/// The table of codes. Sources: AWS RAM and License Manager API references, errors of each operation used; ram facts
/// 1.9, license-manager facts 1.2 and 2.2. RAM's throttling codes are those that the SDK retries by itself.
pub(super) fn kind_of(code: Option<&str>, message: Option<&str>, status: Option<u16>) -> ErrorKind {
    let Some(code) = code else { return kind_of_status(status) };
    match code {
        "UnknownResourceException" | "ResourceArnNotFoundException" | "ResourceNotFoundException" => {
            ErrorKind::NotFound
        }
        "InvalidStateTransitionException" => ErrorKind::InvalidState,
        "IdempotentParameterMismatchException" => ErrorKind::IdempotentParameterMismatch,
        // License Manager's ConflictException says "Try your request again".
        "RateLimitExceededException" | "ConflictException" => ErrorKind::Throttled,
        code if aws_runtime_throttling(code) => ErrorKind::Throttled,
        "AccessDeniedException" | "AccessDenied" | "AuthorizationException" => match message {
            Some(text) if text.to_ascii_lowercase().contains(SERVICE_ROLE) => ErrorKind::ServiceRoleMissing,
            _ => ErrorKind::AccessDenied,
        },
        "OperationNotPermittedException" => ErrorKind::NotPermitted,
        "InvalidParameterException"
        | "InvalidParameterValueException"
        | "InvalidClientTokenException"
        | "InvalidNextTokenException"
        | "MalformedArnException"
        | "MissingRequiredParameterException"
        | "TagPolicyViolationException"
        | "ValidationException" => ErrorKind::Invalid,
        "ResourceShareLimitExceededException"
        | "TagLimitExceededException"
        | "ResourceLimitExceededException"
        | "FilterLimitExceededException" => ErrorKind::LimitExceeded,
        "ServerInternalException" | "ServiceUnavailableException" => ErrorKind::Unavailable,
        _ => kind_of_status(status),
    }
}

fn aws_runtime_throttling(code: &str) -> bool {
    matches!(
        code,
        "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "RequestThrottledException"
            | "RequestThrottled"
            | "TooManyRequestsException"
            | "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
            | "LimitExceededException"
            | "SlowDown"
    )
}

fn kind_of_status(status: Option<u16>) -> ErrorKind {
    match status {
        Some(429) => ErrorKind::Throttled,
        Some(500..=599) => ErrorKind::Unavailable,
        _ => ErrorKind::Other,
    }
}
