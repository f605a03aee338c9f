//! One message of an SQS queue, as Lambda hands it to a function.
//!
//! Source: AWS Lambda developer guide, "Using Lambda with Amazon SQS" (the event, one record in a batch of one).

use std::collections::HashMap;

use serde_json::Value;
use serde_json::value::RawValue;

use super::handover::HandOverError;

/// A message. Its body may hold the response URL: it has no Debug.
pub(super) struct Message {
    /// ARN of the queue that it came from.
    pub(super) source: String,
    /// The queue's id of it, the same each time that it is delivered.
    pub(super) id: String,
    pub(super) body: String,
    /// How often it was received, this time included; 1 where the queue does not say.
    pub(super) receives: u32,
}

impl Message {
    /// Reads Lambda's event; `None` where it is none of a queue's.
    pub(super) fn read(raw: &[u8]) -> Result<Option<Self>, HandOverError> {
        let text = String::from_utf8_lossy(raw);
        let Some(records) = records(&text) else { return Ok(None) };
        let [record] = records.as_slice() else {
            return Err(HandOverError::Batch { count: records.len() });
        };
        let source = member(record, "eventSourceARN")?;
        if member(record, "eventSource")? != "aws:sqs" {
            return Err(other_source(&source));
        }
        let (id, body) = (member(record, "messageId")?, member(record, "body")?);
        Ok(Some(Self { source, id, body, receives: receives(record) }))
    }
}

/// A message from somewhere else than where it may come from.
pub(super) fn other_source(source: &str) -> HandOverError {
    HandOverError::OtherSource { found: source.chars().take(200).collect() }
}

fn records(text: &str) -> Option<Vec<HashMap<String, Value>>> {
    let event: HashMap<String, &RawValue> = serde_json::from_str(text).ok()?;
    let records = event.get("Records").filter(|_| !event.contains_key("RequestType"))?;
    serde_json::from_str(records.get()).ok()
}

fn member(record: &HashMap<String, Value>, member: &'static str) -> Result<String, HandOverError> {
    let text = record.get(member).and_then(Value::as_str).filter(|text| !text.is_empty());
    text.map(str::to_owned).ok_or(HandOverError::Missing { member })
}

fn receives(record: &HashMap<String, Value>) -> u32 {
    let count = record.get("attributes").and_then(|attributes| attributes.get("ApproximateReceiveCount"));
    count.and_then(Value::as_str).and_then(|count| count.parse().ok()).unwrap_or(1)
}
