//! A request that the provider's function has left without an answer, as it comes out of one of two queues.
//!
//! Into the first one Lambda puts what it has given up on: its record of the failed invocation holds the event as
//! `requestPayload`. The second one takes the messages of the wait queue that were received too often: hand-overs, as
//! they were sent. Both hold the response URL. Source: AWS Lambda developer guide, "Capturing records of Lambda
//! asynchronous invocations"; Amazon SQS developer guide, dead-letter queues.

use std::collections::HashMap;
use std::fmt;
use std::time::SystemTime;

use serde_json::Value;
use serde_json::value::RawValue;

use super::handover::{HandOver, HandOverError};
use super::message::{Message, other_source};

/// The longest text out of a record of Lambda that is told to a person.
const WORD_BYTES: usize = 64;

/// The queues that abandoned requests come from, by their ARNs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entrances {
    /// The function's on-failure destination.
    pub failed_invocations: Option<String>,
    /// The wait queue's dead letters.
    pub wait_dead_letters: Option<String>,
}

/// A request without an answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Abandoned {
    /// CloudFormation's event, raw.
    pub event: String,
    /// When it first came, where that is known.
    pub arrived: Option<SystemTime>,
    /// What became of it.
    pub cause: Cause,
    /// How often the message that tells of it was received, this time included.
    pub receives: u32,
}

/// How a request was abandoned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// All its invocations failed, or came too late. Every text is one of Lambda's own words, or of our error types.
    Invocations {
        /// `RetriesExhausted` or `EventAgeExceeded`.
        condition: Option<String>,
        /// How often the function was invoked for it.
        attempts: Option<u64>,
        /// What the last one ended with: `Runtime.ExitError`, `Sandbox.Timedout`, `Provider.AnswerNotTaken`.
        error_type: Option<String>,
        /// Lambda's id of the invocation, the same in every attempt.
        invocation_id: Option<String>,
    },
    /// All invocations for one look at it failed, while it waited.
    Looks {
        /// The look's number.
        look: u32,
    },
}

impl fmt::Debug for Abandoned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Abandoned")
            .field("event", &"<secret>")
            .field("arrived", &self.arrived)
            .field("cause", &self.cause)
            .field("receives", &self.receives)
            .finish()
    }
}

impl Abandoned {
    /// Reads Lambda's event.
    ///
    /// # Errors
    /// It is no message of one of the two queues, or holds no request: nothing can be answered.
    pub fn read(raw: &[u8], entrances: &Entrances) -> Result<Self, HandOverError> {
        let message = Message::read(raw)?.ok_or(HandOverError::NoMessage)?;
        let is = |arn: &Option<String>| arn.as_deref() == Some(message.source.as_str());
        if is(&entrances.failed_invocations) {
            invocations(&message)
        } else if is(&entrances.wait_dead_letters) {
            looks(&message)
        } else {
            Err(other_source(&message.source))
        }
    }
}

fn looks(message: &Message) -> Result<Abandoned, HandOverError> {
    let HandOver { event, look, arrived, .. } = HandOver::read(&message.body)?;
    let (arrived, cause) = (Some(arrived), Cause::Looks { look });
    Ok(Abandoned { event, arrived, cause, receives: message.receives })
}

/// Of Lambda's record the event alone is required: what else it says is for a person.
fn invocations(message: &Message) -> Result<Abandoned, HandOverError> {
    let record: HashMap<String, &RawValue> = serde_json::from_str(&message.body)
        .map_err(|e| HandOverError::NoInvocation { line: e.line(), column: e.column() })?;
    let event = record.get("requestPayload").ok_or(HandOverError::NoInvocation { line: 0, column: 0 })?;
    let value = |member: &str| -> Value {
        record.get(member).and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
    };
    let (context, said) = (value("requestContext"), value("responsePayload"));
    let cause = Cause::Invocations {
        condition: word(&context, "condition"),
        attempts: context.get("approximateInvokeCount").and_then(Value::as_u64),
        error_type: word(&said, "errorType"),
        invocation_id: word(&context, "requestId"),
    };
    Ok(Abandoned { event: event.get().to_owned(), arrived: None, cause, receives: message.receives })
}

/// A member that is one short word; anything else may be anything.
fn word(value: &Value, member: &str) -> Option<String> {
    let text = value.get(member)?.as_str()?;
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
    (plain && !text.is_empty() && text.len() <= WORD_BYTES).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::{Duration, UNIX_EPOCH};

    const FAILED: &str = "arn:aws:sqs:eu-west-1:111122223333:failed";
    const DEAD: &str = "arn:aws:sqs:eu-west-1:111122223333:dead";
    const EVENT: &str = r#"{"RequestType":"Create", "ResponseURL":"https://5ec7e7"}"#;

    fn entrances() -> Entrances {
        Entrances { failed_invocations: Some(FAILED.to_owned()), wait_dead_letters: Some(DEAD.to_owned()) }
    }

    fn read(source: &str, body: &str) -> Result<Abandoned, HandOverError> {
        let record = json!({
            "messageId": "m", "body": body, "eventSource": "aws:sqs", "eventSourceARN": source,
            "attributes": {"ApproximateReceiveCount": "4"},
        });
        Abandoned::read(json!({ "Records": [record] }).to_string().as_bytes(), &entrances())
    }

    /// The example of the developer guide, with our event in it.
    fn record() -> String {
        let rest = json!({
            "version": "1.0",
            "timestamp": "2019-11-14T18:16:05.568Z",
            "requestContext": {
                "requestId": "e4b46cbf-b738-4a2f-8880-a18cdf61200e",
                "functionArn": "arn:aws:lambda:us-east-2:123456789012:function:my-function:$LATEST",
                "condition": "RetriesExhausted",
                "approximateInvokeCount": 3,
            },
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "responsePayload": {"errorType": "Runtime.ExitError", "errorMessage": "RequestId: x Process exited"},
        });
        rest.to_string().replacen('{', &format!("{{\"requestPayload\": {EVENT}, "), 1)
    }

    #[test]
    fn a_failed_invocation_is_read_with_its_event_as_it_came() {
        let cause = Cause::Invocations {
            condition: Some("RetriesExhausted".to_owned()),
            attempts: Some(3),
            error_type: Some("Runtime.ExitError".to_owned()),
            invocation_id: Some("e4b46cbf-b738-4a2f-8880-a18cdf61200e".to_owned()),
        };
        let expected = Abandoned { event: EVENT.to_owned(), arrived: None, cause, receives: 4 };
        assert_eq!(read(FAILED, &record()), Ok(expected));
    }

    #[test]
    fn a_dead_letter_is_read_with_its_look_and_its_time() {
        let arrived = UNIX_EPOCH + Duration::from_millis(1_795_521_600_250);
        let hand_over =
            HandOver { event: EVENT.to_owned(), look: 7, arrived, outstanding: None, warnings: Vec::new() };
        let cause = Cause::Looks { look: 7 };
        let expected = Abandoned { event: EVENT.to_owned(), arrived: Some(arrived), cause, receives: 4 };
        assert_eq!(read(DEAD, &hand_over.body().unwrap()), Ok(expected));
    }

    #[test]
    fn a_record_that_says_little_or_too_much_is_read_for_its_event() {
        let none =
            Cause::Invocations { condition: None, attempts: None, error_type: None, invocation_id: None };
        let long = "x".repeat(65);
        for rest in [
            String::new(),
            r#","requestContext":[],"responsePayload":"a text""#.to_owned(),
            r#","requestContext":{"condition":"see https://evil","approximateInvokeCount":-1,"requestId":""}"#
                .to_owned(),
            format!(r#","responsePayload":{{"errorType":"{long}"}}"#),
            r#","responsePayload":{"errorType":7}"#.to_owned(),
        ] {
            let found = read(FAILED, &format!(r#"{{"requestPayload":{EVENT}{rest}}}"#)).unwrap();
            assert_eq!((found.event.as_str(), &found.cause), (EVENT, &none), "{rest}");
        }
    }

    #[test]
    fn what_is_no_message_of_the_two_queues_is_refused() {
        let other = "arn:aws:sqs:eu-west-1:444455556666:failed";
        assert_eq!(read(other, &record()), Err(HandOverError::OtherSource { found: other.to_owned() }));
        let raw = |event: &str| Abandoned::read(event.as_bytes(), &entrances());
        for event in [EVENT, &record(), "nonsense", "[]"] {
            assert_eq!(raw(event), Err(HandOverError::NoMessage), "{event}");
        }
        assert_eq!(raw(r#"{"Records":[]}"#), Err(HandOverError::Batch { count: 0 }));
        let nowhere = Abandoned::read(
            json!({"Records": [{"messageId": "m", "body": "b", "eventSource": "aws:sqs", "eventSourceARN": FAILED}]})
                .to_string()
                .as_bytes(),
            &Entrances::default(),
        );
        assert_eq!(nowhere, Err(HandOverError::OtherSource { found: FAILED.to_owned() }));
    }

    #[test]
    fn bodies_of_the_other_queue_or_of_none_are_refused_without_a_word_of_them() {
        let broken = record().replace("\"version\"", "version");
        for (source, body) in
            [(FAILED, "{}"), (FAILED, "text"), (FAILED, &broken), (DEAD, &record()), (DEAD, EVENT)]
        {
            let error = read(source, body).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("5ec7e7"), "{error:?}");
        }
        assert_eq!(read(FAILED, "{}"), Err(HandOverError::NoInvocation { line: 0, column: 0 }));
    }

    #[test]
    fn the_debug_of_an_abandoned_request_does_not_show_the_event() {
        let text = format!("{:?}", read(FAILED, &record()).unwrap());
        assert!(!text.contains("5ec7e7") && text.contains("RetriesExhausted"), "{text}");
    }
}
