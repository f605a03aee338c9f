//! The record: one item a resource, which says which request is the newest, how it was answered, and what the
//! resource made.
//!
//! CloudFormation's requests reach the function more than once, late and out of order (AWS Lambda guide,
//! asynchronous invocation). Tags cannot carry what was attached, adopted or answered, so a table does (design 4).
//! [`Records`] is the port; [`DynamoRecords`] and [`MemoryRecords`] are behind it, and one contract suite holds both.
//! The response URL is never part of a record.

mod dynamo;
mod error;
mod key;
mod memory;
mod order;
mod stamp;
mod state;

pub use dynamo::DynamoRecords;
pub use error::{RecordCall, RecordError, RecordErrorKind};
pub use key::RecordKey;
pub use memory::MemoryRecords;
pub use stamp::{LookStamp, Sent, SentFrom, Stamp};
pub use state::{Record, SEEN_KEPT};

use futures_util::future::BoxFuture;
use serde_json::Value;
use std::fmt::Debug;

/// What an operation on the records comes to.
pub type RecordFuture<'a, T> = BoxFuture<'a, Result<T, RecordError>>;

/// Where the records are kept.
///
/// Every write is one conditional write: of two deliveries that race, one sees what the other did.
pub trait Records: Send + Sync + Debug {
    /// Says whether a request may run, and makes it the newest one if it is.
    ///
    /// A newer request drops the former answer and revives an ended record; an older or superseded one changes
    /// nothing. `proves_create_taken`: the request carries a physical id that only a Create's answer can have given
    /// to CloudFormation; it counts for Deletes, an Update proves it by itself.
    fn begin<'a>(
        &'a self,
        key: &'a RecordKey,
        stamp: &'a Stamp,
        proves_create_taken: bool,
    ) -> RecordFuture<'a, Begun>;

    /// Says whether a look at a request that waits in the queue may run, and makes it the newest look if it may.
    ///
    /// A look is claimed when its message comes, not when it is sent: a message that was never sent, or whose sending
    /// nobody heard of, then loses nothing, for whoever sent it is delivered again and sends again. Of two messages
    /// with one number (sent twice, or delivered by two chains) the first to come is the newest, and it may come again;
    /// the other one, and every message of a smaller number, is [`Begun::Waiting`] and ends there. `None`: there is no
    /// record.
    fn resume<'a>(
        &'a self,
        key: &'a RecordKey,
        request_id: &'a str,
        look: &'a LookStamp,
    ) -> RecordFuture<'a, Option<Begun>>;

    /// Writes what the resource is going to make or has made, while `request_id` is the newest and unanswered.
    ///
    /// `object` replaces the object of the record; `None` takes it out of the index.
    fn save<'a>(
        &'a self,
        key: &'a RecordKey,
        request_id: &'a str,
        ledger: &'a Value,
        object: Option<&'a str>,
    ) -> RecordFuture<'a, Written>;

    /// Records the answer, while `request_id` is the newest and unanswered.
    ///
    /// An answer of the same bytes that is on record already is [`Written::Done`] and leaves the record as it is: the
    /// write may have been this one, its reply lost.
    fn end<'a>(
        &'a self,
        key: &'a RecordKey,
        request_id: &'a str,
        ending: &'a Ending,
    ) -> RecordFuture<'a, Written>;

    /// Like [`Records::save`], but also after the answer: for what was taken back once it was recorded.
    fn amend<'a>(
        &'a self,
        key: &'a RecordKey,
        request_id: &'a str,
        ledger: &'a Value,
        object: Option<&'a str>,
    ) -> RecordFuture<'a, Written>;

    /// The record as it is now (strongly consistent), ended ones too.
    fn get<'a>(&'a self, key: &'a RecordKey) -> RecordFuture<'a, Option<Record>>;

    /// All records that name this object (a share ARN or a link id), ended ones too, in order of their keys.
    ///
    /// DynamoDB's index trails its table by moments (DynamoDB developer guide, global secondary indexes).
    fn by_object<'a>(&'a self, object: &'a str) -> RecordFuture<'a, Vec<(RecordKey, Record)>>;
}

/// What [`Records::begin`] found.
#[derive(Debug, Clone, PartialEq)]
pub enum Begun {
    /// The request is the newest one and has no answer: run it, from what the record says.
    Run(Record),
    /// The request was answered: send the same bytes again.
    Answered {
        /// The recorded answer.
        answer: String,
        /// The record as it is.
        record: Record,
    },
    /// A newer request is on record: this one is not to run.
    Superseded(Record),
    /// The request waits in the queue, and the message that carries it on is another one: this one is not to run.
    Waiting(Record),
}

/// What became of a write.
#[derive(Debug, Clone, PartialEq)]
pub enum Written {
    /// It is on record.
    Done,
    /// Nothing was written: another delivery of the same request was first.
    Answered {
        /// The recorded answer.
        answer: String,
        /// The record as it is.
        record: Record,
    },
    /// Nothing was written: a newer request is on record, or there is no record at all.
    Superseded(Option<Record>),
}

/// How a request ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Ending {
    /// The answer to CloudFormation, byte for byte.
    pub answer: String,
    /// What the resource owns after the request.
    pub ledger: Value,
    /// What the record is found by; `None` takes it out of the index.
    pub object: Option<String>,
    /// The properties, where the answer is SUCCESS. They become [`Record::succeeded`], and what that was becomes
    /// [`Record::before`]; equal properties leave both as they are.
    pub succeeded: Option<Value>,
    /// Ends the record: seconds since 1970 after which DynamoDB may drop it.
    pub tombstone_until: Option<u64>,
}
