//! Records that fail, are slow, lose their answer or panic at the n-th call of an operation.

use super::points::Points;
use futures_util::FutureExt;
use provider::clock::Clock;
use provider::record::{
    Begun, Ending, LookStamp, Record, RecordCall, RecordError, RecordFuture, RecordKey, Records, Stamp,
    Written,
};
use serde_json::Value;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};
use tokio::time::sleep;

/// What one call of the records meets.
#[derive(Clone, Copy, Debug)]
pub enum RecordFault {
    /// Nothing is written, and it says so.
    Fails,
    /// DynamoDB takes no more calls for now: nothing is written.
    Throttles,
    /// It comes so much later.
    Slow(Duration),
    /// It is written, and nobody hears.
    LosesAnswer,
    /// A bug.
    Panics,
    /// What was begun within this time, by this clock, is not found by its object yet.
    Trails(Clock, Duration),
}

/// A fault for the calls `from..to`, counted from 0, of one operation.
#[derive(Clone, Copy, Debug)]
pub struct RecordRule {
    pub operation: &'static str,
    pub from: usize,
    pub to: usize,
    pub fault: RecordFault,
}

impl RecordRule {
    /// A rule for the `n`-th call, from 0.
    pub fn nth(operation: &'static str, n: usize, fault: RecordFault) -> Self {
        Self { operation, from: n, to: n + 1, fault }
    }

    /// A rule for every call.
    pub fn always(operation: &'static str, fault: RecordFault) -> Self {
        Self { operation, from: 0, to: usize::MAX, fault }
    }
}

/// The records of one process, which all processes share underneath.
#[derive(Debug)]
pub struct FaultyRecords {
    inner: Arc<dyn Records>,
    points: Points,
    rules: Vec<RecordRule>,
    calls: Mutex<Vec<&'static str>>,
}

impl FaultyRecords {
    pub fn new(inner: Arc<dyn Records>, points: Points, rules: Vec<RecordRule>) -> Self {
        Self { inner, points, rules, calls: Mutex::default() }
    }

    fn fault(&self, operation: &'static str) -> Option<RecordFault> {
        let mut calls = self.calls.lock().unwrap();
        let n = calls.iter().filter(|before| **before == operation).count();
        calls.push(operation);
        let mut rules = self.rules.iter();
        rules
            .find(|rule| rule.operation == operation && (rule.from..rule.to).contains(&n))
            .map(|rule| rule.fault)
    }

    fn meet<'a, T: Send + 'a>(
        &'a self,
        operation: &'static str,
        key: &'a str,
        call: RecordFuture<'a, T>,
    ) -> RecordFuture<'a, T> {
        async move {
            self.points.pass(format!("before record {operation}")).await;
            let result = match self.fault(operation) {
                None | Some(RecordFault::Trails(..)) => call.await,
                Some(RecordFault::Slow(time)) => {
                    sleep(time).await;
                    call.await
                }
                Some(RecordFault::Fails) => Err(unreachable(key)),
                Some(RecordFault::Throttles) => Err(RecordError::Throttled { call: call_about(key) }),
                Some(RecordFault::LosesAnswer) => call.await.and_then(|_| Err(unreachable(key))),
                Some(RecordFault::Panics) => panic!("a bug in {operation}"),
            };
            self.points.pass(format!("after record {operation}")).await;
            result
        }
        .boxed()
    }
}

fn unreachable(key: &str) -> RecordError {
    let source = Box::new(io::Error::other("no route to DynamoDB"));
    RecordError::Unreachable { call: call_about(key), source }
}

fn call_about(key: &str) -> Box<RecordCall> {
    Box::new(RecordCall {
        action: "dynamodb:UpdateItem",
        table: "records".to_owned(),
        subject: key.to_owned(),
        aws_request_id: None,
    })
}

impl Records for FaultyRecords {
    fn begin<'a>(&'a self, key: &'a RecordKey, stamp: &'a Stamp, proves: bool) -> RecordFuture<'a, Begun> {
        self.meet("begin", key.as_str(), async move { self.inner.begin(key, stamp, proves).await }.boxed())
    }

    fn resume<'a>(
        &'a self,
        key: &'a RecordKey,
        request_id: &'a str,
        look: &'a LookStamp,
    ) -> RecordFuture<'a, Option<Begun>> {
        let call = async move { self.inner.resume(key, request_id, look).await };
        self.meet("resume", key.as_str(), call.boxed())
    }

    fn save<'a>(
        &'a self,
        key: &'a RecordKey,
        request_id: &'a str,
        ledger: &'a Value,
        object: Option<&'a str>,
    ) -> RecordFuture<'a, Written> {
        let call = async move { self.inner.save(key, request_id, ledger, object).await };
        self.meet("save", key.as_str(), call.boxed())
    }

    fn end<'a>(
        &'a self,
        key: &'a RecordKey,
        request_id: &'a str,
        ending: &'a Ending,
    ) -> RecordFuture<'a, Written> {
        self.meet("end", key.as_str(), async move { self.inner.end(key, request_id, ending).await }.boxed())
    }

    fn amend<'a>(
        &'a self,
        key: &'a RecordKey,
        request_id: &'a str,
        ledger: &'a Value,
        object: Option<&'a str>,
    ) -> RecordFuture<'a, Written> {
        let call = async move { self.inner.amend(key, request_id, ledger, object).await };
        self.meet("amend", key.as_str(), call.boxed())
    }

    fn get<'a>(&'a self, key: &'a RecordKey) -> RecordFuture<'a, Option<Record>> {
        self.meet("get", key.as_str(), async move { self.inner.get(key).await }.boxed())
    }

    fn by_object<'a>(&'a self, object: &'a str) -> RecordFuture<'a, Vec<(RecordKey, Record)>> {
        let call = async move {
            let mut found = self.inner.by_object(object).await?;
            for rule in &self.rules {
                if let RecordFault::Trails(clock, by) = rule.fault {
                    let shown = (clock.now() - by).duration_since(UNIX_EPOCH).unwrap_or_default();
                    found.retain(|(_, record)| {
                        u128::from(record.newest.sent.milliseconds) <= shown.as_millis()
                    });
                }
            }
            Ok(found)
        };
        self.meet("by_object", object, call.boxed())
    }
}
