//! Records that count the calls to them.

use provider::record::{Begun, Ending, LookStamp, Record, RecordFuture, RecordKey, Records, Stamp, Written};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Other records behind a counter.
#[derive(Debug)]
pub struct CountingRecords {
    inner: Arc<dyn Records>,
    calls: AtomicUsize,
}

impl CountingRecords {
    pub fn new(inner: Arc<dyn Records>) -> Self {
        Self { inner, calls: AtomicUsize::new(0) }
    }

    /// The calls since the last time.
    pub fn take(&self) -> usize {
        self.calls.swap(0, Ordering::SeqCst)
    }

    fn counted(&self) -> &dyn Records {
        self.calls.fetch_add(1, Ordering::SeqCst);
        &*self.inner
    }
}

impl Records for CountingRecords {
    fn begin<'a>(&'a self, key: &'a RecordKey, stamp: &'a Stamp, taken: bool) -> RecordFuture<'a, Begun> {
        self.counted().begin(key, stamp, taken)
    }

    fn resume<'a>(
        &'a self,
        key: &'a RecordKey,
        request_id: &'a str,
        look: &'a LookStamp,
    ) -> RecordFuture<'a, Option<Begun>> {
        self.counted().resume(key, request_id, look)
    }

    fn save<'a>(
        &'a self,
        key: &'a RecordKey,
        request_id: &'a str,
        ledger: &'a Value,
        object: Option<&'a str>,
    ) -> RecordFuture<'a, Written> {
        self.counted().save(key, request_id, ledger, object)
    }

    fn end<'a>(
        &'a self,
        key: &'a RecordKey,
        request_id: &'a str,
        ending: &'a Ending,
    ) -> RecordFuture<'a, Written> {
        self.counted().end(key, request_id, ending)
    }

    fn amend<'a>(
        &'a self,
        key: &'a RecordKey,
        request_id: &'a str,
        ledger: &'a Value,
        object: Option<&'a str>,
    ) -> RecordFuture<'a, Written> {
        self.counted().amend(key, request_id, ledger, object)
    }

    fn get<'a>(&'a self, key: &'a RecordKey) -> RecordFuture<'a, Option<Record>> {
        self.counted().get(key)
    }

    fn by_object<'a>(&'a self, object: &'a str) -> RecordFuture<'a, Vec<(RecordKey, Record)>> {
        self.counted().by_object(object)
    }
}
