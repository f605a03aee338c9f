//! What comes to the rescue function: Lambda's record of an invocation that failed for good, and a dead letter of the
//! wait queue, each as a message of its queue.
//!
//! Source: AWS Lambda developer guide, "Capturing records of Lambda asynchronous invocations" (the example record).

use super::queue::Message;
use super::world::Event;
use provider::protocol::Entrances;
use serde_json::{Value, json};

pub const FAILED_INVOCATIONS: &str = "arn:aws:sqs:eu-west-1:111122223333:failed-invocations";
pub const WAIT_DEAD_LETTERS: &str = "arn:aws:sqs:eu-west-1:111122223333:wait-dead-letters";
pub const LOG_GROUP: &str = "/custom-resources/license-manager-provider";
/// Lambda's id of the invocation that failed.
pub const INVOCATION_ID: &str = "e4b46cbf-b738-4a2f-8880-a18cdf61200e";

pub fn entrances() -> Entrances {
    Entrances {
        failed_invocations: Some(FAILED_INVOCATIONS.to_owned()),
        wait_dead_letters: Some(WAIT_DEAD_LETTERS.to_owned()),
    }
}

/// Lambda's record of an event whose three attempts have failed.
pub fn record_of(event: &Event, error_type: &str) -> Value {
    given_up(event, "RetriesExhausted", 3, Some(error_type))
}

/// Lambda's record of an event that it has given up on after so many attempts; `error_type`: of the last one, where
/// there was any.
pub fn given_up(event: &Event, condition: &str, attempts: usize, error_type: Option<&str>) -> Value {
    let mut record = json!({
        "version": "1.0",
        "timestamp": "2026-11-24T12:03:05.568Z",
        "requestContext": {
            "requestId": INVOCATION_ID,
            "functionArn": "arn:aws:lambda:eu-west-1:111122223333:function:license-manager-provider:$LATEST",
            "condition": condition,
            "approximateInvokeCount": attempts,
        },
        "requestPayload": event.json,
    });
    if let Some(error_type) = error_type {
        record["responseContext"] =
            json!({"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"});
        record["responsePayload"] = json!({
            "errorType": error_type,
            "errorMessage": format!("RequestId: {INVOCATION_ID} Error: Runtime exited with error: signal: killed"),
        });
    }
    record
}

/// The event with which the failure queue invokes the rescue function, the `receives`-th time.
pub fn message_of(record: &Value, receives: u32) -> String {
    let record = json!({
        "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
        "body": record.to_string(),
        "attributes": {"ApproximateReceiveCount": receives.to_string(), "SenderId": "AIDAEXAMPLE"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": FAILED_INVOCATIONS,
        "awsRegion": "eu-west-1",
    });
    json!({ "Records": [record] }).to_string()
}

/// The same for an event whose every delivery ended the process.
pub fn killed(event: &Event) -> String {
    message_of(&record_of(event, "Runtime.ExitError"), 1)
}

/// The event with which the dead letters of the wait queue invoke the rescue function.
pub fn dead_letter(message: &Message) -> String {
    message.event_from(WAIT_DEAD_LETTERS).to_string()
}
