//! What an item holds.
//!
//! | attribute | type | holds |
//! |---|---|---|
//! | `Resource` | S | the key |
//! | `Newest`, `NewestCreate` | M | a stamp: `RequestId`, `RequestType`, `Sent` (milliseconds since 1970), `SentFrom` |
//! | `Rank` | N | the place of the newest request in the order of requests |
//! | `CreateTaken` | BOOL | whether CloudFormation took the newest Create's answer |
//! | `Seen` | L of S | ids of the last requests, newest first |
//! | `Look`, `LookMessage` | N, S | number and message of the newest look, where the newest request waits in the queue |
//! | `Answer` | S | the answer to the newest request, absent before |
//! | `Succeeded`, `Before` | S | properties as JSON; `Before` is NULL where there were none |
//! | `Ledger` | S | what the resource owns, as JSON |
//! | `Object` | S | what the index finds the record by |
//! | `ExpiresAt` | N | seconds since 1970, on a tombstone |

use crate::protocol::RequestType;
use crate::record::{LookStamp, Record, RecordKey, SEEN_KEPT, Sent, SentFrom, Stamp};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;
use std::collections::HashMap;

pub(super) const RESOURCE: &str = "Resource";
pub(super) const NEWEST: &str = "Newest";
pub(super) const NEWEST_CREATE: &str = "NewestCreate";
pub(super) const RANK: &str = "Rank";
pub(super) const CREATE_TAKEN: &str = "CreateTaken";
pub(super) const SEEN: &str = "Seen";
pub(super) const LOOK: &str = "Look";
pub(super) const LOOK_MESSAGE: &str = "LookMessage";
pub(super) const ANSWER: &str = "Answer";
pub(super) const SUCCEEDED: &str = "Succeeded";
pub(super) const BEFORE: &str = "Before";
pub(super) const LEDGER: &str = "Ledger";
pub(super) const OBJECT: &str = "Object";
pub(super) const EXPIRES_AT: &str = "ExpiresAt";
pub(super) const REQUEST_ID: &str = "RequestId";
const REQUEST_TYPE: &str = "RequestType";
const SENT: &str = "Sent";
const SENT_FROM: &str = "SentFrom";

/// An item as the SDK gives it.
pub(super) type Item = HashMap<String, AttributeValue>;

/// A reading; the error is the attribute that is missing or malformed.
type Reading<T> = Result<T, &'static str>;

/// A value as JSON text with sorted keys, so that DynamoDB's `<>` compares what the values mean.
pub(super) fn json(value: &Value) -> AttributeValue {
    let mut sorted = value.clone();
    sorted.sort_all_objects();
    AttributeValue::S(sorted.to_string())
}

/// A stamp as a map.
pub(super) fn stamp_map(stamp: &Stamp) -> AttributeValue {
    let Stamp { request_id, request_type, sent } = stamp;
    AttributeValue::M(HashMap::from([
        (REQUEST_ID.to_owned(), AttributeValue::S(request_id.clone())),
        (REQUEST_TYPE.to_owned(), AttributeValue::S(request_type.as_str().to_owned())),
        (SENT.to_owned(), AttributeValue::N(sent.milliseconds.to_string())),
        (SENT_FROM.to_owned(), AttributeValue::S(from_name(sent.from).to_owned())),
    ]))
}

/// The key of an item.
pub(super) fn record_key(item: &Item) -> Reading<RecordKey> {
    item.get(RESOURCE).and_then(text).and_then(RecordKey::parse).ok_or(RESOURCE)
}

/// The record of an item.
pub(super) fn record_of(item: &Item) -> Reading<Record> {
    Ok(Record {
        newest: optional(item, NEWEST, stamp)?.ok_or(NEWEST)?,
        newest_create: optional(item, NEWEST_CREATE, stamp)?,
        create_taken: optional(item, CREATE_TAKEN, flag)?.unwrap_or(false),
        seen: optional(item, SEEN, seen)?.ok_or(SEEN)?,
        look: look(item)?,
        answer: optional(item, ANSWER, string)?,
        succeeded: optional(item, SUCCEEDED, parsed)?,
        before: optional(item, BEFORE, parsed)?,
        ledger: optional(item, LEDGER, parsed)?.unwrap_or(Value::Null),
        object: optional(item, OBJECT, string)?,
        ended: optional(item, EXPIRES_AT, number)?.is_some(),
    })
}

/// An attribute that may be absent or NULL, but must not be malformed.
fn optional<T>(
    item: &Item,
    name: &'static str,
    read: fn(&AttributeValue) -> Option<T>,
) -> Reading<Option<T>> {
    match item.get(name) {
        None | Some(AttributeValue::Null(_)) => Ok(None),
        Some(value) => read(value).map(Some).ok_or(name),
    }
}

fn look(item: &Item) -> Reading<Option<LookStamp>> {
    let Some(number) = optional(item, LOOK, number)? else { return Ok(None) };
    let number = u32::try_from(number).map_err(|_| LOOK)?;
    let message_id = optional(item, LOOK_MESSAGE, string)?.ok_or(LOOK_MESSAGE)?;
    Ok(Some(LookStamp { number, message_id }))
}

fn stamp(value: &AttributeValue) -> Option<Stamp> {
    let map = value.as_m().ok()?;
    let request_type = RequestType::from_name(map.get(REQUEST_TYPE).and_then(text)?)?;
    let from = from_named(map.get(SENT_FROM).and_then(text)?)?;
    let milliseconds = map.get(SENT).and_then(number)?;
    let request_id = map.get(REQUEST_ID).and_then(string)?;
    Some(Stamp { request_id, request_type, sent: Sent { milliseconds, from } })
}

/// Oldest first, as many as a record keeps.
fn seen(value: &AttributeValue) -> Option<Vec<String>> {
    value.as_l().ok()?.iter().take(SEEN_KEPT).rev().map(string).collect()
}

fn text(value: &AttributeValue) -> Option<&str> {
    value.as_s().ok().map(String::as_str)
}

fn string(value: &AttributeValue) -> Option<String> {
    value.as_s().ok().cloned()
}

fn number(value: &AttributeValue) -> Option<u64> {
    value.as_n().ok()?.parse().ok()
}

fn flag(value: &AttributeValue) -> Option<bool> {
    value.as_bool().ok().copied()
}

fn parsed(value: &AttributeValue) -> Option<Value> {
    serde_json::from_str(text(value)?).ok()
}

fn from_name(from: SentFrom) -> &'static str {
    match from {
        SentFrom::AmzDate => "X-Amz-Date",
        SentFrom::Arrival => "Arrival",
    }
}

fn from_named(name: &str) -> Option<SentFrom> {
    [SentFrom::AmzDate, SentFrom::Arrival].into_iter().find(|from| from_name(*from) == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn least() -> Item {
        let stamp =
            Stamp { request_id: "r".into(), request_type: RequestType::Delete, sent: Sent::arrival(5) };
        let seen = ["3", "2", "1"].map(|id| AttributeValue::S(id.to_owned()));
        HashMap::from([
            (NEWEST.to_owned(), stamp_map(&stamp)),
            (SEEN.to_owned(), AttributeValue::L(seen.to_vec())),
        ])
    }

    #[test]
    fn what_an_item_lacks_is_empty_in_its_record() {
        let record = record_of(&least()).expect("a record");
        assert_eq!(record.newest.request_type, RequestType::Delete);
        assert_eq!(record.newest.sent, Sent::arrival(5));
        assert_eq!(record.seen, ["1", "2", "3"]);
        assert_eq!((record.create_taken, record.ended, record.ledger), (false, false, Value::Null));
        assert_eq!((record.answer, record.succeeded, record.object), (None, None, None));
    }

    #[test]
    fn a_malformed_attribute_is_named() {
        let bad = [
            NEWEST,
            NEWEST_CREATE,
            CREATE_TAKEN,
            SEEN,
            ANSWER,
            SUCCEEDED,
            BEFORE,
            LEDGER,
            OBJECT,
            EXPIRES_AT,
        ];
        for name in bad {
            let mut item = least();
            item.insert(name.to_owned(), AttributeValue::B(aws_sdk_dynamodb::primitives::Blob::new([0])));
            assert_eq!(record_of(&item), Err(name));
        }
    }

    #[test]
    fn a_broken_json_text_and_an_unknown_request_type_are_malformed() {
        let mut item = least();
        item.insert(LEDGER.to_owned(), AttributeValue::S("{".to_owned()));
        assert_eq!(record_of(&item), Err(LEDGER));
        let mut item = least();
        if let Some(AttributeValue::M(map)) = item.get_mut(NEWEST) {
            map.insert(REQUEST_TYPE.to_owned(), AttributeValue::S("Patch".to_owned()));
        }
        assert_eq!(record_of(&item), Err(NEWEST));
    }

    #[test]
    fn a_look_without_its_message_and_one_beyond_counting_are_malformed() {
        let mut item = least();
        item.insert(LOOK.to_owned(), AttributeValue::N("7".to_owned()));
        assert_eq!(record_of(&item), Err(LOOK_MESSAGE));
        item.insert(LOOK_MESSAGE.to_owned(), AttributeValue::S("m".to_owned()));
        let look = record_of(&item).expect("a record").look;
        assert_eq!(look, Some(LookStamp { number: 7, message_id: "m".to_owned() }));
        item.insert(LOOK.to_owned(), AttributeValue::N("4294967296".to_owned()));
        assert_eq!(record_of(&item), Err(LOOK));
    }

    #[test]
    fn an_item_without_a_newest_request_is_no_record() {
        let mut item = least();
        item.remove(NEWEST);
        assert_eq!(record_of(&item), Err(NEWEST));
    }

    #[test]
    fn equal_values_have_equal_texts_whatever_the_order_of_their_keys() {
        let one: Value = serde_json::from_str(r#"{"b":{"d":1,"c":[{"y":1,"x":2}]},"a":0}"#).expect("JSON");
        let other = json!({"a": 0, "b": {"c": [{"x": 2, "y": 1}], "d": 1}});
        assert_eq!(json(&one), json(&other));
    }
}
