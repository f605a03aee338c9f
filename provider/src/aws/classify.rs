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

/// Longer than every word of Organizations' model.
const LONGEST_RULE: usize = 128;

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
    // What the SDK fails to read is an error of no kind of its own: there is an answer, and no connector failed.
    if error.is_response_error() || (response.is_some() && error.as_connector_error().is_none()) {
        return malformed(operation, response);
    }
    from_connector(operation, error.as_connector_error())
}

fn from_answer(operation: Operation, meta: &ErrorMetadata, response: Option<&HttpResponse>) -> AwsError {
    let status = response.map(|answer| answer.status().as_u16());
    // A good answer that the SDK could not read comes as an error of the operation without a code.
    if meta.code().is_none() && matches!(status, Some(200..=299)) {
        return malformed(operation, response);
    }
    let request_id = meta.extra("aws_request_id").or(response.and_then(RequestId::request_id));
    AwsError {
        status,
        code: meta.code().map(Into::into),
        message: meta.message().and_then(|text| presentable(text, meta.code())),
        request_id: request_id.map(Into::into),
        ..AwsError::new(operation, kind_of(meta.code(), meta.message(), status), response.and_then(rule))
    }
}

/// The `Reason` of an Organizations error, one of its model's words; the SDK's metadata leaves it out.
fn rule(response: &HttpResponse) -> Option<Cause> {
    let body: serde_json::Value = serde_json::from_slice(response.body().bytes()?).ok()?;
    let word = body.get("Reason")?.as_str()?;
    let is_word = word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    (is_word && !word.is_empty() && word.len() <= LONGEST_RULE).then(|| Cause::Rule { name: word.into() })
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
pub(crate) fn presentable(message: &str, code: Option<&str>) -> Option<Box<str>> {
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

/// The table of codes. Sources: the API references of RAM, License Manager, Organizations, IAM, STS and SQS, errors of
/// each operation used; ram facts 1.9, license-manager facts 1.2, 2.2 and 3. IAM, STS and SQS send other codes than the
/// names of their exceptions (`NoSuchEntity`). The codes of [`is_retried_by_sdk`] are those that the SDK holds to be
/// throttling.
pub(super) fn kind_of(code: Option<&str>, message: Option<&str>, status: Option<u16>) -> ErrorKind {
    let Some(code) = code else { return kind_of_status(status) };
    match code {
        code if is_retried_by_sdk(code) => ErrorKind::Throttled,
        // License Manager's ConflictException says "Try your request again"; Organizations makes one change at a time.
        "RateLimitExceededException"
        | "ConflictException"
        | "ConcurrentModificationException"
        | "KMS.ThrottlingException" => ErrorKind::Throttled,
        "UnknownResourceException"
        | "ResourceArnNotFoundException"
        | "ResourceNotFoundException"
        | "ResourceShareInvitationArnNotFoundException"
        | "AccountNotFoundException"
        | "NoSuchEntity"
        | "QueueDoesNotExist"
        | "AWS.SimpleQueueService.NonExistentQueue" => ErrorKind::NotFound,
        "InvalidStateTransitionException"
        | "ResourceShareInvitationAlreadyAcceptedException"
        | "ResourceShareInvitationAlreadyRejectedException"
        | "ResourceShareInvitationExpiredException" => ErrorKind::InvalidState,
        "IdempotentParameterMismatchException" => ErrorKind::IdempotentParameterMismatch,
        "AccessDeniedException" | "AccessDenied" | "AuthorizationException" => match message {
            Some(text) if text.to_ascii_lowercase().contains(SERVICE_ROLE) => ErrorKind::ServiceRoleMissing,
            _ => ErrorKind::AccessDenied,
        },
        "OperationNotPermittedException" | "ConstraintViolationException" => ErrorKind::NotPermitted,
        "AWSOrganizationsNotInUseException" => ErrorKind::NotInOrganization,
        "ResourceShareLimitExceededException"
        | "TagLimitExceededException"
        | "ResourceLimitExceededException"
        | "FilterLimitExceededException"
        | "LimitExceeded" => ErrorKind::LimitExceeded,
        "ServerInternalException" | "ServiceUnavailableException" | "ServiceException" | "ServiceFailure" => {
            ErrorKind::Unavailable
        }
        code if is_bad_input(code) => ErrorKind::Invalid,
        _ => kind_of_status(status),
    }
}

fn is_bad_input(code: &str) -> bool {
    matches!(
        code,
        "InvalidParameterException"
            | "InvalidParameterValueException"
            | "InvalidParameterValue"
            | "InvalidInputException"
            | "InvalidInput"
            | "InvalidClientTokenException"
            | "InvalidNextTokenException"
            | "InvalidMaxResultsException"
            | "InvalidResourceTypeException"
            | "InvalidMessageContents"
            | "MalformedArnException"
            | "MissingRequiredParameterException"
            | "TagPolicyViolationException"
            | "ValidationException"
            | "ValidationError"
    )
}

fn is_retried_by_sdk(code: &str) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{Code, Codes, FakeAws, Reply, words};
    use crate::aws::{Clients, Deadline, NewShare, Only};
    use crate::domain::{Member, MemberKind, ShareArn};
    use ErrorKind::{
        AccessDenied, IdempotentParameterMismatch, Invalid, InvalidState, LimitExceeded, NotFound,
        NotPermitted, Other, ServiceRoleMissing, Throttled, Unavailable,
    };
    use std::time::Duration;

    const ARN: &str = "arn:aws:ram:eu-west-1:111122223333:resource-share/uuid-1";
    const LICENSE: &str = "arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-1";

    const TOKEN: Codes<2> = [
        ("IdempotentParameterMismatchException", 400, IdempotentParameterMismatch),
        ("InvalidClientTokenException", 400, Invalid),
    ];
    const COMMON: Codes<5> = [
        ("MalformedArnException", 400, Invalid),
        ("ServerInternalException", 500, Unavailable),
        ("ServiceUnavailableException", 503, Unavailable),
        ("AccessDeniedException", 403, AccessDenied),
        ("UnrecognizedClientException", 403, Other),
    ];
    const PARAMETER: Code = ("InvalidParameterException", 400, Invalid);
    const UNKNOWN: Code = ("UnknownResourceException", 400, NotFound);
    const STATE: Code = ("InvalidStateTransitionException", 400, InvalidState);
    const PERMITTED: Code = ("OperationNotPermittedException", 400, NotPermitted);
    const LIMIT: Code = ("ResourceShareLimitExceededException", 400, LimitExceeded);
    const THROTTLING: Code = ("ThrottlingException", 429, Throttled);
    const NEXT: Code = ("InvalidNextTokenException", 400, Invalid);
    const TAG_LIMIT: Code = ("TagLimitExceededException", 400, LimitExceeded);
    const TAG_POLICY: Code = ("TagPolicyViolationException", 400, Invalid);
    const NO_ARN: Code = ("ResourceArnNotFoundException", 400, NotFound);

    /// Every operation of a share's owner, with the errors of its model and what any operation can say. The other
    /// operations have their tables beside their methods.
    fn table() -> Vec<(&'static str, Vec<Code>)> {
        let ram = |own: &[_]| [own, &COMMON].concat();
        let write = |own: &[_]| [own, &TOKEN, &COMMON, &[PARAMETER, PERMITTED, UNKNOWN]].concat();
        vec![
            ("GetResourceShares", ram(&[NEXT, PARAMETER, UNKNOWN])),
            ("GetResourceShareAssociations", ram(&[NEXT, PARAMETER, PERMITTED, UNKNOWN])),
            ("CreateResourceShare", write(&[STATE, LIMIT, TAG_LIMIT, TAG_POLICY, THROTTLING])),
            ("AssociateResourceShare", write(&[STATE, LIMIT, THROTTLING])),
            ("DisassociateResourceShare", write(&[STATE, LIMIT, THROTTLING])),
            ("UpdateResourceShare", write(&[("MissingRequiredParameterException", 400, Invalid)])),
            ("DeleteResourceShare", write(&[STATE, THROTTLING])),
            ("TagResource", ram(&[PARAMETER, NO_ARN, TAG_LIMIT, TAG_POLICY, UNKNOWN])),
            ("UntagResource", ram(&[PARAMETER, UNKNOWN])),
            (
                "ListLicenseConfigurations",
                license_manager(&[("FilterLimitExceededException", 400, LimitExceeded)]),
            ),
            ("GetLicenseConfiguration", license_manager(&[])),
        ]
    }

    fn license_manager(own: &[Code]) -> Vec<Code> {
        let all = [
            ("AccessDeniedException", 400, AccessDenied),
            ("AuthorizationException", 400, AccessDenied),
            ("RateLimitExceededException", 400, Throttled),
            ("ConflictException", 400, Throttled),
            ("ServerInternalException", 500, Unavailable),
            ("ValidationException", 400, Invalid),
        ];
        [own, &all].concat()
    }

    async fn call(clients: &Clients, operation: &str) -> Result<(), AwsError> {
        let until = Deadline::after(Duration::from_secs(5));
        let (ram, share) = (clients.ram(until), ARN.parse::<ShareArn>().unwrap());
        let members = [Member::principal("999988887777")];
        match operation {
            "GetResourceShares" => ram.find_shares_named("licenses").await.map(drop),
            "GetResourceShareAssociations" => {
                ram.associations(&share, MemberKind::Resource, Only::All).await.map(drop)
            }
            "CreateResourceShare" => ram.create_share(&new_share()).await.map(drop),
            "AssociateResourceShare" => ram.associate(&share, &members, "token").await.map(drop),
            "DisassociateResourceShare" => ram.disassociate(&share, &members, "token").await.map(drop),
            "UpdateResourceShare" => ram.update_share(&share, Some("name"), None, "token").await,
            "DeleteResourceShare" => ram.delete_share(&share, "token").await,
            "TagResource" => ram.tag(&share, &[("key".into(), "value".into())].into()).await,
            "UntagResource" => ram.untag(&share, &["key".into()]).await,
            _ => {
                let arns = [LICENSE.parse().unwrap()];
                clients.license_manager(until).find_license_configurations(&arns).await.map(drop)
            }
        }
    }

    fn new_share() -> NewShare {
        NewShare {
            name: "licenses".into(),
            allow_external_principals: true,
            retain_sharing: true,
            resources: vec![LICENSE.into()],
            principals: vec!["999988887777".into()],
            tags: [("key".into(), "value".into())].into(),
            client_token: "token".into(),
        }
    }

    /// AWS that refuses this operation and, so that the one-by-one reading is reached, the list before it.
    fn refusing(operation: &'static str, code: &'static str, status: u16, message: &'static str) -> FakeAws {
        FakeAws::new(move |_, asked| match (operation, asked.operation.as_str()) {
            ("GetLicenseConfiguration", "ListLicenseConfigurations") => {
                Reply::Refuse(400, "InvalidParameterValueException", "unknown ARN")
            }
            _ => Reply::Refuse(status, code, message),
        })
    }

    #[tokio::test(start_paused = true)]
    async fn every_modelled_code_of_every_operation_has_its_kind() {
        for (operation, codes) in table() {
            for (code, status, kind) in codes {
                // None where the absence is what the method answers.
                let aws = refusing(operation, code, status, "words of AWS");
                let error = match (call(&aws.clients(), operation).await, kind) {
                    (Ok(()), NotFound) if operation == "GetResourceShareAssociations" => continue,
                    (answer, _) => answer.unwrap_err(),
                };
                let last = error.last();
                assert_eq!(last.kind, kind, "{operation} {code}");
                assert_eq!((last.operation, last.code.as_deref()), (operation, Some(code)));
                assert_eq!(last.message.as_deref(), Some("words of AWS"));
                let retried = matches!(kind, Throttled | Unavailable);
                assert_eq!(error.kind == ErrorKind::DeadlineOver, retried, "{operation} {code}");
                assert!(last.to_string().contains(code), "{last}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_access_denial_names_the_action_for_every_operation() {
        for (operation, _) in table() {
            let aws = refusing(operation, "AccessDeniedException", 403, "explicit deny");
            let error = call(&aws.clients(), operation).await.unwrap_err();
            let service = if operation.contains("License") { "license-manager" } else { "ram" };
            assert!(error.to_string().contains(&format!("which needs {service}:{operation}: explicit deny")));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_missing_service_role_is_told_from_an_access_denial() {
        let message = "Service role not found. Consult setup procedures in Service User Guide";
        let aws = refusing("ListLicenseConfigurations", "AccessDeniedException", 400, message);
        let error = call(&aws.clients(), "ListLicenseConfigurations").await.unwrap_err();
        assert_eq!(error.kind, ServiceRoleMissing);
        assert!(
            error.to_string().starts_with("License Manager refused ListLicenseConfigurations: Service role")
        );
    }

    #[test]
    fn codes_that_are_not_in_the_table_go_by_their_status() {
        assert_eq!(kind_of(Some("New"), None, Some(500)), Unavailable);
        assert_eq!(kind_of(Some("New"), None, Some(429)), Throttled);
        assert_eq!(kind_of(Some("New"), None, Some(400)), Other);
        assert_eq!(kind_of(None, None, Some(503)), Unavailable);
        assert_eq!(kind_of(None, None, None), Other);
    }

    #[test]
    fn messages_are_one_line() {
        assert_eq!(presentable("a\n\tb\u{7}  c", None).as_deref(), Some("a b c"));
        assert_eq!(presentable(" \n", None), None);
        assert_eq!(presentable("X-Amz-Security-Token: abc", None), None);
    }

    #[tokio::test]
    async fn absent_credentials_are_an_error_of_ours() {
        let aws = FakeAws::in_turn([]);
        let clients = aws.clients_without_credentials();
        let error = call(&clients, "CreateResourceShare").await.unwrap_err();
        assert_eq!((error.kind, aws.count()), (Other, 0));
        assert_eq!(
            words(&error),
            "RAM was asked for CreateResourceShare without success: the request could not be built and signed"
        );
    }
}
