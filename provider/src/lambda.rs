//! Lambda's runtime around the provider.
//!
//! Nothing can fail before the provider sees an event: [`run`] takes events as text, whatever their bytes are. What
//! goes back to Lambda, and from there to the function's failure destination, holds no part of the event. Source:
//! lambda_runtime 1.5.0 (`layers::api_response` and `layers::panic`), cfn-protocol facts 5.1.

use crate::clock::Clock;
use crate::invocation::{Handler, HandlerError, Invocation};
use crate::protocol::reason::chain;
use futures_util::FutureExt;
use lambda_runtime::tower::util::MapRequestLayer;
use lambda_runtime::{Context, Diagnostic, Error, LambdaEvent, LambdaInvocation, Runtime, service_fn};
use serde_json::Value;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, UNIX_EPOCH};

/// Serves events, one after the other, for as long as the process lives.
///
/// # Errors
/// The Runtime API cannot be reached, or does not speak as it should.
pub async fn run(handler: &impl Handler) -> Result<(), Error> {
    let handler = service_fn(|event: LambdaEvent<String>| handle(handler, event));
    Runtime::new(handler).layer(MapRequestLayer::new(as_text)).run().await
}

/// Makes any event a JSON string, which is read back without fail: bytes that are no JSON would be refused before the
/// handler, and nobody would hear why.
fn as_text(mut invocation: LambdaInvocation) -> LambdaInvocation {
    let text = Value::from(String::from_utf8_lossy(&invocation.body));
    invocation.body = text.to_string().into_bytes().into();
    invocation
}

async fn handle(handler: &impl Handler, event: LambdaEvent<String>) -> Result<(), HandlerError> {
    let invocation = invocation(event.context);
    let work = handler.handle(event.payload.as_bytes(), &invocation, Clock::system());
    // The runtime would give the panic's words to Lambda, and they may quote anything.
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or(Err(HandlerError::Panicked))
}

fn invocation(context: Context) -> Invocation {
    Invocation {
        function_arn: context.invoked_function_arn,
        deadline: UNIX_EPOCH + Duration::from_millis(context.deadline),
        log_stream: context.env_config.log_stream.clone(),
    }
}

impl From<HandlerError> for Diagnostic {
    fn from(error: HandlerError) -> Self {
        let name = match error {
            HandlerError::Function { .. } => "Function",
            HandlerError::Event { .. } => "EventRefused",
            HandlerError::Send { .. } => "AnswerNotTaken",
            HandlerError::Message { .. } => "MessageRefused",
            HandlerError::HandOver { .. } => "HandOverNotTaken",
            HandlerError::Record { .. } | HandlerError::RecordLate => "RecordNotUsable",
            HandlerError::Panicked => "Panicked",
        };
        Self { error_type: format!("Provider.{name}"), error_message: chain(&error) }
    }
}
