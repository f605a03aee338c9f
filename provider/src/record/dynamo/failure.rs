//! Reads the SDK's errors.

use crate::aws::presentable;
use crate::record::{RecordCall, RecordError};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use std::error::Error;

/// What a failed call means (DynamoDB API reference, common errors and errors of UpdateItem, GetItem and Query).
pub(super) fn failure<E>(mut call: Box<RecordCall>, error: SdkError<E, HttpResponse>) -> RecordError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    call.aws_request_id = error.request_id().map(str::to_owned);
    let SdkError::ServiceError(context) = &error else {
        return RecordError::Unreachable { call, source: Box::new(error) };
    };
    let (code, message) = (context.err().code(), context.err().message());
    let message = message.and_then(|message| presentable(message, code));
    let message = message.unwrap_or_else(|| "no message".into()).into_string();
    let code = code.unwrap_or("no error code").to_owned();
    let server = context.raw().status().is_server_error();
    refusal(call, code, message, server)
}

fn refusal(call: Box<RecordCall>, code: String, message: String, server: bool) -> RecordError {
    match code.as_str() {
        "ProvisionedThroughputExceededException" | "ThrottlingException" | "RequestLimitExceeded" => {
            RecordError::Throttled { call }
        }
        "ResourceNotFoundException" => RecordError::NoTable { call },
        "AccessDeniedException" => RecordError::Denied { call, message },
        "ValidationException" if message.contains("exceeded the maximum allowed size") => {
            RecordError::TooLarge { call }
        }
        _ if server => RecordError::Unavailable { call, code, message },
        _ => RecordError::Refused { call, code, message },
    }
}
