//! The records, as a process in trouble reaches them: the errors are those that DynamoDB's part of the provider makes of
//! what DynamoDB does, once the SDK has tried again.

use super::{CallName, Fault, Trouble};
use futures_util::FutureExt;
use provider::record::{
    Begun, Ending, LookStamp, MemoryRecords, Record, RecordCall, RecordError, RecordFuture, RecordKey,
    Records, Stamp, Written,
};
use serde_json::Value;
use std::future::pending;
use std::io;
use std::sync::Arc;

/// The records behind the trouble.
#[derive(Debug)]
pub struct TroubledRecords {
    pub records: Arc<MemoryRecords>,
    pub trouble: Trouble,
}

impl TroubledRecords {
    fn meet<'a, T: Send + 'a>(
        &'a self,
        operation: &'static str,
        key: &'a str,
        work: RecordFuture<'a, T>,
    ) -> RecordFuture<'a, T> {
        async move {
            let call = CallName { service: "record", operation };
            let ended = match self.trouble.meet(call).await {
                None => work.await,
                Some(Fault::Hangs) => pending().await,
                Some(fault @ (Fault::LosesAnswer | Fault::Malformed)) => {
                    work.await.and_then(|_| Err(error(fault, operation, key)))
                }
                Some(fault) => Err(error(fault, operation, key)),
            };
            self.trouble.done(call).await;
            ended
        }
        .boxed()
    }
}

/// A good answer that the SDK cannot read comes as an error without a code.
fn error(fault: Fault, operation: &str, key: &str) -> RecordError {
    let action = match operation {
        "get" => "dynamodb:GetItem",
        "by_object" => "dynamodb:Query",
        _ => "dynamodb:UpdateItem",
    };
    let (table, subject) = ("records".to_owned(), key.to_owned());
    let call = Box::new(RecordCall { action, table, subject, aws_request_id: None });
    let message = "by the fault matrix".to_owned();
    match fault {
        Fault::Throttled => RecordError::Throttled { call },
        Fault::Fails => RecordError::Unavailable { call, code: "InternalServerError".to_owned(), message },
        Fault::Denied => RecordError::Denied { call, message },
        Fault::Malformed => RecordError::Refused { call, code: "no error code".to_owned(), message },
        Fault::Reset | Fault::Hangs | Fault::LosesAnswer => {
            let source = Box::new(io::Error::from(io::ErrorKind::ConnectionReset));
            RecordError::Unreachable { call, source }
        }
    }
}

impl Records for TroubledRecords {
    fn begin<'a>(&'a self, key: &'a RecordKey, stamp: &'a Stamp, proves: bool) -> RecordFuture<'a, Begun> {
        let work = async move { self.records.begin(key, stamp, proves).await };
        self.meet("begin", key.as_str(), work.boxed())
    }

    fn resume<'a>(
        &'a self,
        key: &'a RecordKey,
        request_id: &'a str,
        look: &'a LookStamp,
    ) -> RecordFuture<'a, Option<Begun>> {
        let work = async move { self.records.resume(key, request_id, look).await };
        self.meet("resume", key.as_str(), work.boxed())
    }

    fn save<'a>(
        &'a self,
        key: &'a RecordKey,
        request_id: &'a str,
        ledger: &'a Value,
        object: Option<&'a str>,
    ) -> RecordFuture<'a, Written> {
        let work = async move { self.records.save(key, request_id, ledger, object).await };
        self.meet("save", key.as_str(), work.boxed())
    }

    fn end<'a>(
        &'a self,
        key: &'a RecordKey,
        request_id: &'a str,
        ending: &'a Ending,
    ) -> RecordFuture<'a, Written> {
        let work = async move { self.records.end(key, request_id, ending).await };
        self.meet("end", key.as_str(), work.boxed())
    }

    fn amend<'a>(
        &'a self,
        key: &'a RecordKey,
        request_id: &'a str,
        ledger: &'a Value,
        object: Option<&'a str>,
    ) -> RecordFuture<'a, Written> {
        let work = async move { self.records.amend(key, request_id, ledger, object).await };
        self.meet("amend", key.as_str(), work.boxed())
    }

    fn get<'a>(&'a self, key: &'a RecordKey) -> RecordFuture<'a, Option<Record>> {
        self.meet("get", key.as_str(), async move { self.records.get(key).await }.boxed())
    }

    fn by_object<'a>(&'a self, object: &'a str) -> RecordFuture<'a, Vec<(RecordKey, Record)>> {
        self.meet("by_object", object, async move { self.records.by_object(object).await }.boxed())
    }
}
