//! What is on record about one resource.

use super::{LookStamp, Stamp};
use crate::protocol::RequestType;
use serde_json::Value;

/// How many requests a record remembers. A stack operation sends a resource three at most (Update, rollback,
/// cleanup), and Lambda keeps an event for six hours.
pub const SEEN_KEPT: usize = 32;

/// The record of one resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The newest request.
    pub newest: Stamp,
    /// The newest Create.
    pub newest_create: Option<Stamp>,
    /// Whether CloudFormation is known to have taken the newest Create's answer: an Update, or a Delete with an id
    /// out of that answer, has come since.
    pub create_taken: bool,
    /// Ids of the last [`SEEN_KEPT`] requests that ran, oldest first.
    pub seen: Vec<String>,
    /// The newest look at the newest request, once it waits in the queue.
    pub look: Option<LookStamp>,
    /// The answer to the newest request, once decided, byte for byte.
    pub answer: Option<String>,
    /// The properties last answered SUCCESS.
    pub succeeded: Option<Value>,
    /// The properties answered SUCCESS before those.
    pub before: Option<Value>,
    /// What the resource made, added, adopted and found, in its type's own form; Null at first.
    pub ledger: Value,
    /// What the record is found by: a share ARN or a link id.
    pub object: Option<String>,
    /// Whether the resource is deleted: a tombstone, which DynamoDB drops in time.
    pub ended: bool,
}

impl Record {
    /// The record of a resource that this request is the first of.
    pub(super) fn first(stamp: &Stamp, proves_create_taken: bool) -> Self {
        let empty = Self {
            newest: stamp.clone(),
            newest_create: None,
            create_taken: false,
            seen: Vec::new(),
            look: None,
            answer: None,
            succeeded: None,
            before: None,
            ledger: Value::Null,
            object: None,
            ended: false,
        };
        empty.followed_by(stamp, proves_create_taken)
    }

    /// The record once a newer request began.
    pub(super) fn followed_by(mut self, stamp: &Stamp, proves_create_taken: bool) -> Self {
        if let Some(taken) = create_taken(stamp.request_type, proves_create_taken) {
            self.create_taken = taken;
        }
        if stamp.request_type == RequestType::Create {
            self.newest_create = Some(stamp.clone());
        }
        self.newest = stamp.clone();
        self.seen.push(stamp.request_id.clone());
        let surplus = self.seen.len().saturating_sub(SEEN_KEPT);
        self.seen.drain(..surplus);
        self.look = None;
        self.answer = None;
        self.ended = false;
        self
    }

    /// Whether what the resource owns says anything of a request, in its type's form or beside it.
    pub fn mentions(&self, request_id: &str) -> bool {
        self.ledger.to_string().contains(request_id)
    }

    /// Notes properties that are answered SUCCESS.
    pub(super) fn succeed(&mut self, properties: &Value) {
        if self.succeeded.as_ref() != Some(properties) {
            self.before = self.succeeded.replace(properties.clone());
        }
    }
}

/// What a request that begins says about [`Record::create_taken`]; `None` where it says nothing.
///
/// CloudFormation updates only what it has taken, and gives a Delete the id of the Create's answer only if it took
/// that answer; else it invents one (design 3.4).
pub(super) fn create_taken(request_type: RequestType, proves_create_taken: bool) -> Option<bool> {
    match request_type {
        RequestType::Create => Some(false),
        RequestType::Update => Some(true),
        RequestType::Delete => proves_create_taken.then_some(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Sent;
    use serde_json::json;

    fn stamp(id: &str, request_type: RequestType, second: u64) -> Stamp {
        Stamp { request_id: id.to_owned(), request_type, sent: Sent::amz_date(second) }
    }

    #[test]
    fn the_first_request_leaves_nothing_but_itself() {
        let create = stamp("c", RequestType::Create, 1);
        let record = Record::first(&create, false);
        assert_eq!(record.newest, create);
        assert_eq!(record.newest_create, Some(create));
        assert_eq!(record.seen, ["c"]);
        assert_eq!((record.answer, record.ledger, record.ended), (None, Value::Null, false));
    }

    #[test]
    fn a_record_remembers_the_last_requests_oldest_first() {
        let mut record = Record::first(&stamp("0", RequestType::Create, 0), false);
        for number in 1..=SEEN_KEPT as u64 {
            record = record.followed_by(&stamp(&number.to_string(), RequestType::Update, number), false);
        }
        assert_eq!(record.seen.len(), SEEN_KEPT);
        assert_eq!(record.seen.first().map(String::as_str), Some("1"));
        assert_eq!(record.seen.last().map(String::as_str), Some("32"));
    }

    #[test]
    fn equal_properties_do_not_push_out_those_before() {
        let mut record = Record::first(&stamp("c", RequestType::Create, 0), false);
        for properties in [json!({"a": 1}), json!({"a": 2, "b": 3}), json!({"b": 3, "a": 2})] {
            record.succeed(&properties);
        }
        assert_eq!(record.succeeded, Some(json!({"a": 2, "b": 3})));
        assert_eq!(record.before, Some(json!({"a": 1})));
    }

    #[test]
    fn only_an_update_or_a_delete_with_a_real_id_proves_that_the_create_was_taken() {
        let table = [
            (RequestType::Create, false, Some(false)),
            (RequestType::Create, true, Some(false)),
            (RequestType::Update, false, Some(true)),
            (RequestType::Update, true, Some(true)),
            (RequestType::Delete, false, None),
            (RequestType::Delete, true, Some(true)),
        ];
        for (request_type, proves, expected) in table {
            assert_eq!(create_taken(request_type, proves), expected, "{request_type:?} {proves}");
        }
    }
}
