//! A request on its way through the wait queue: what is sent, and what comes back as Lambda's event.
//!
//! A message is JSON: `{"version": 1, "look": 2, "arrived_ms": ..., "outstanding": [...], "warnings": [...], "event":
//! {...}}`, where `event` is CloudFormation's event as it came, byte for byte but for two characters that SQS refuses.
//! It holds the response URL and is as secret. Only what comes out of the provider's own queue is read; the request in
//! it is then parsed and checked as if it were new. Source: Amazon SQS API reference, SendMessage (characters and size
//! of a body).

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::message::{Message, other_source};

/// The format that is written, and the only one so far.
const VERSION: u64 = 1;
/// SQS takes 1 MiB a message (quotas of Amazon SQS, since August 2025), attributes included.
const MOST_BYTES: usize = 1_048_576;
/// Room for all but the event and the lists.
const FRAME_BYTES: usize = 1_024;
/// Warnings are for a person and share 4,096 bytes of an answer.
const MOST_WARNINGS: usize = 50;

/// A request that is handed over to a later invocation of the same function.
#[derive(Clone, PartialEq, Eq)]
pub struct HandOver {
    /// CloudFormation's event, raw: envelope and properties.
    pub event: String,
    /// Which look the message asks for; 1 is the first.
    pub look: u32,
    /// When the request first came.
    pub arrived: SystemTime,
    /// What may still be written for, as ids; `None`: all of the request, whose plan has not been carried out.
    pub outstanding: Option<BTreeSet<String>>,
    /// What the answer is to warn of because of what was done so far.
    pub warnings: Vec<String>,
}

/// A hand-over as it came out of the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queued {
    /// The queue's id of the message, the same each time that the message is delivered.
    pub message_id: String,
    /// What is in it.
    pub hand_over: HandOver,
}

/// Why an event of a queue is not taken. Never holds a part of a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HandOverError {
    /// The function has no wait queue: nothing that comes from one is its own.
    #[error("a message came from a queue, and WAIT_QUEUE_URL names none")]
    NoQueue,
    /// Another number of messages than the event source mapping is set to.
    #[error("{count} messages came at once; set the event source mapping's BatchSize to 1")]
    Batch {
        /// How many.
        count: usize,
    },
    /// From somewhere else.
    #[error("a message came from {found}, which is none of this function's queues")]
    OtherSource {
        /// The ARN of the source, as far as it can be one.
        found: String,
    },
    /// The function takes messages of its queues and nothing else.
    #[error("the event is no message of a queue")]
    NoMessage,
    /// A record of the event lacks a member.
    #[error("a message came without {member}")]
    Missing {
        /// Its name.
        member: &'static str,
    },
    /// The body is no hand-over.
    #[error("a message of the wait queue cannot be read (line {line}, column {column})")]
    Unreadable {
        /// Where reading stopped, from 1.
        line: usize,
        /// Where reading stopped, from 1; 0 at the start of a line.
        column: usize,
    },
    /// The body is no record of a failed invocation.
    #[error("the record of a failed invocation cannot be read (line {line}, column {column})")]
    NoInvocation {
        /// Where reading stopped, from 1; 0 where it has no event in it.
        line: usize,
        /// Where reading stopped, from 1; 0 at the start of a line, or where it has no event in it.
        column: usize,
    },
    /// A newer provider sent it.
    #[error(
        "a message of the wait queue has format {found}, which this version of the provider does not know"
    )]
    Version {
        /// Its format.
        found: u64,
    },
}

#[derive(Serialize, Deserialize)]
struct Body<'a> {
    version: u64,
    look: u32,
    arrived_ms: u64,
    #[serde(default)]
    outstanding: Option<BTreeSet<String>>,
    #[serde(default)]
    warnings: Vec<String>,
    #[serde(borrow)]
    event: &'a RawValue,
}

impl HandOver {
    /// Whether SQS would take the event in a message at all.
    pub fn holds(event: &str) -> bool {
        event.len() + FRAME_BYTES <= MOST_BYTES
    }

    /// The message's body. Lists that would make it too long for SQS are left out: better to write more than was
    /// outstanding, which the plan would do for a delivery that comes again too, than to lose the request.
    ///
    /// # Errors
    /// [`HandOverError::Unreadable`] where the event is not JSON.
    pub fn body(&self) -> Result<String, HandOverError> {
        let whole = self.body_with(self.outstanding.clone(), self.warnings.clone())?;
        if whole.len() <= MOST_BYTES { Ok(whole) } else { self.body_with(None, Vec::new()) }
    }

    fn body_with(
        &self,
        outstanding: Option<BTreeSet<String>>,
        mut warnings: Vec<String>,
    ) -> Result<String, HandOverError> {
        warnings.truncate(MOST_WARNINGS);
        let event = sendable(&self.event);
        let event: &RawValue = serde_json::from_str(&event).map_err(|error| unreadable(&error))?;
        let arrived_ms = self.arrived.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let arrived_ms = u64::try_from(arrived_ms).unwrap_or(u64::MAX);
        let body = Body { version: VERSION, look: self.look, arrived_ms, outstanding, warnings, event };
        serde_json::to_string(&body).map_err(|error| unreadable(&error))
    }

    pub(super) fn read(body: &str) -> Result<Self, HandOverError> {
        let format: HashMap<String, &RawValue> = serde_json::from_str(body).map_err(|e| unreadable(&e))?;
        let version = format.get("version").and_then(|raw| serde_json::from_str(raw.get()).ok());
        if let Some(found) = version.filter(|version| *version != VERSION) {
            return Err(HandOverError::Version { found });
        }
        let body: Body<'_> = serde_json::from_str(body).map_err(|error| unreadable(&error))?;
        Ok(Self {
            event: body.event.get().to_owned(),
            look: body.look,
            arrived: UNIX_EPOCH.checked_add(Duration::from_millis(body.arrived_ms)).unwrap_or(UNIX_EPOCH),
            outstanding: body.outstanding,
            warnings: body.warnings,
        })
    }
}

impl fmt::Debug for HandOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandOver")
            .field("event", &"<secret>")
            .field("look", &self.look)
            .field("arrived", &self.arrived)
            .field("outstanding", &self.outstanding)
            .field("warnings", &self.warnings)
            .finish()
    }
}

/// U+FFFE and U+FFFF are JSON, within strings alone, and no characters to SQS.
fn sendable(event: &str) -> String {
    event.replace('\u{fffe}', "\\ufffe").replace('\u{ffff}', "\\uffff")
}

/// Reads Lambda's event where it comes from a queue; `None` where it is none of a queue's, but CloudFormation's or
/// nothing that is known.
///
/// # Errors
/// It is of a queue, and not to be taken: Lambda is to put it back, and into the dead letters at last.
pub fn queued(raw: &[u8], queue_arn: Option<&str>) -> Result<Option<Queued>, HandOverError> {
    let Some(message) = Message::read(raw)? else { return Ok(None) };
    let queue_arn = queue_arn.ok_or(HandOverError::NoQueue)?;
    if message.source != queue_arn {
        return Err(other_source(&message.source));
    }
    let hand_over = HandOver::read(&message.body)?;
    Ok(Some(Queued { message_id: message.id, hand_over }))
}

fn unreadable(error: &serde_json::Error) -> HandOverError {
    HandOverError::Unreadable { line: error.line(), column: error.column() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const QUEUE: &str = "arn:aws:sqs:eu-west-1:111122223333:wait";
    const SECRET: &str = "5ec4e7";

    fn hand_over() -> HandOver {
        HandOver {
            event: format!(
                r#"{{ "RequestType":"Create", "ResponseURL": "https://s3/?sig={SECRET}", "n": 1.50 }}"#
            ),
            look: 3,
            arrived: UNIX_EPOCH + Duration::from_millis(1_795_521_600_123),
            outstanding: Some(["a", "b"].map(str::to_owned).into()),
            warnings: vec!["left out: c".to_owned()],
        }
    }

    fn record(body: &str) -> Value {
        json!({"messageId": "m-1", "eventSource": "aws:sqs", "eventSourceARN": QUEUE, "body": body})
    }

    fn read(records: &Value) -> Result<Option<Queued>, HandOverError> {
        queued(json!({ "Records": records }).to_string().as_bytes(), Some(QUEUE))
    }

    #[test]
    fn what_was_handed_over_comes_back_as_it_was() {
        for hand_over in [hand_over(), HandOver { outstanding: None, warnings: Vec::new(), ..hand_over() }] {
            let found = read(&json!([record(&hand_over.body().unwrap())])).unwrap().unwrap();
            assert_eq!(found, Queued { message_id: "m-1".to_owned(), hand_over });
        }
    }

    #[test]
    fn an_event_of_cloudformation_is_no_message() {
        for event in
            [hand_over().event.as_str(), "nonsense", "[]", "{}", r#"{"RequestType":"Create","Records":[]}"#]
        {
            assert_eq!(queued(event.as_bytes(), Some(QUEUE)), Ok(None), "{event}");
        }
    }

    #[test]
    fn only_one_record_of_the_own_queue_is_taken() {
        let body = hand_over().body().unwrap();
        let with = |name: &str, value: &str| {
            let mut record = record(&body);
            record[name] = value.into();
            json!([record])
        };
        let other = "arn:aws:sqs:eu-west-1:444455556666:wait";
        let stranger = |found: &str| HandOverError::OtherSource { found: found.to_owned() };
        assert_eq!(read(&with("eventSourceARN", other)), Err(stranger(other)));
        assert_eq!(read(&with("eventSource", "aws:sns")), Err(stranger(QUEUE)));
        assert_eq!(read(&with("messageId", "")), Err(HandOverError::Missing { member: "messageId" }));
        let two = json!([record(&body), record(&body)]);
        assert_eq!(read(&two), Err(HandOverError::Batch { count: 2 }));
        assert_eq!(read(&json!([])), Err(HandOverError::Batch { count: 0 }));
        let event = json!({ "Records": [record(&body)] }).to_string();
        assert_eq!(queued(event.as_bytes(), None), Err(HandOverError::NoQueue));
    }

    #[test]
    fn a_body_that_is_no_hand_over_is_refused_without_a_word_of_it() {
        let whole = hand_over().body().unwrap();
        let newer = whole.replace("\"version\":1", "\"version\":2");
        assert_eq!(read(&json!([record(&newer)])), Err(HandOverError::Version { found: 2 }));
        for broken in
            [whole.trim_end_matches('}'), "[]", "text", r#"{"version":1}"#, &whole.replace(":3,", ":-3,")]
        {
            let error = read(&json!([record(broken)])).unwrap_err();
            assert!(matches!(error, HandOverError::Unreadable { .. }), "{error:?}");
            assert!(!format!("{error} {error:?}").contains(SECRET));
        }
    }

    #[test]
    fn members_that_a_later_version_adds_are_passed_over() {
        let body = hand_over().body().unwrap().replace("{\"version\"", "{\"more\":{},\"version\"");
        assert_eq!(read(&json!([record(&body)])).unwrap().unwrap().hand_over, hand_over());
    }

    #[test]
    fn the_debug_of_a_hand_over_does_not_show_the_event() {
        let text = format!("{:?}", hand_over());
        assert!(!text.contains(SECRET) && text.contains("look: 3"), "{text}");
    }

    #[test]
    fn what_sqs_refuses_is_written_otherwise_and_means_the_same() {
        let event = "{\"a\":\"\u{ffff}\u{fffe}\u{fffd}\"}".to_owned();
        let body = HandOver { event: event.clone(), ..hand_over() }.body().unwrap();
        assert!(!body.contains(['\u{ffff}', '\u{fffe}']));
        let found = read(&json!([record(&body)])).unwrap().unwrap().hand_over.event;
        let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(value(&found), value(&event));
    }

    #[test]
    fn lists_that_do_not_fit_are_left_out_and_an_event_that_does_not_is_not_held() {
        let long = HandOver { outstanding: Some(["x".repeat(MOST_BYTES)].into()), ..hand_over() };
        let body = long.body().unwrap();
        assert!(body.len() <= MOST_BYTES);
        assert_eq!(read(&json!([record(&body)])).unwrap().unwrap().hand_over.outstanding, None);
        assert!(HandOver::holds(&"x".repeat(MOST_BYTES - FRAME_BYTES)));
        assert!(!HandOver::holds(&"x".repeat(MOST_BYTES)));
    }

    #[test]
    fn an_event_that_is_unreadable_deep_inside_is_carried_all_the_same() {
        let event = format!("{{\"ResourceProperties\":{}\\ud800{}}}", "[\"", "\"]");
        let body = HandOver { event: event.clone(), ..hand_over() }.body().unwrap();
        assert_eq!(read(&json!([record(&body)])).unwrap().unwrap().hand_over.event, event);
    }
}
