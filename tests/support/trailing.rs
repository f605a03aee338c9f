//! Records whose index trails their table, as DynamoDB's does: what is found by an object was so some time ago.

use futures_util::FutureExt;
use provider::record::{
    Begun, Ending, LookStamp, MemoryRecords, Record, RecordFuture, RecordKey, Records, Stamp, Written,
};
use serde_json::Value;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// All that is on record at one time.
type State = Vec<(RecordKey, Record)>;

/// The records, which all processes share.
#[derive(Debug)]
pub struct TrailingRecords {
    inner: Arc<MemoryRecords>,
    by: Duration,
    /// What the table held from when on, oldest first; never empty.
    past: Mutex<Vec<(Instant, State)>>,
}

impl TrailingRecords {
    /// An index that has caught up, and trails by so much from now on.
    pub fn new(inner: Arc<MemoryRecords>, by: Duration) -> Self {
        let past = Mutex::new(vec![(Instant::now(), inner.all())]);
        Self { inner, by, past }
    }

    /// The index as it is now.
    fn shown(&self) -> State {
        let past = self.past.lock().unwrap();
        let then = past.iter().rev().find(|(since, _)| *since + self.by <= Instant::now());
        then.unwrap_or(&past[0]).1.clone()
    }

    fn written<'a, T: Send + 'a>(&'a self, write: RecordFuture<'a, T>) -> RecordFuture<'a, T> {
        async move {
            let result = write.await;
            self.past.lock().unwrap().push((Instant::now(), self.inner.all()));
            result
        }
        .boxed()
    }
}

impl Records for TrailingRecords {
    fn begin<'a>(&'a self, key: &'a RecordKey, stamp: &'a Stamp, proves: bool) -> RecordFuture<'a, Begun> {
        self.written(self.inner.begin(key, stamp, proves))
    }

    fn resume<'a>(
        &'a self,
        key: &'a RecordKey,
        request_id: &'a str,
        look: &'a LookStamp,
    ) -> RecordFuture<'a, Option<Begun>> {
        self.written(self.inner.resume(key, request_id, look))
    }

    fn save<'a>(
        &'a self,
        key: &'a RecordKey,
        request_id: &'a str,
        ledger: &'a Value,
        object: Option<&'a str>,
    ) -> RecordFuture<'a, Written> {
        self.written(self.inner.save(key, request_id, ledger, object))
    }

    fn end<'a>(
        &'a self,
        key: &'a RecordKey,
        request_id: &'a str,
        ending: &'a Ending,
    ) -> RecordFuture<'a, Written> {
        self.written(self.inner.end(key, request_id, ending))
    }

    fn amend<'a>(
        &'a self,
        key: &'a RecordKey,
        request_id: &'a str,
        ledger: &'a Value,
        object: Option<&'a str>,
    ) -> RecordFuture<'a, Written> {
        self.written(self.inner.amend(key, request_id, ledger, object))
    }

    fn get<'a>(&'a self, key: &'a RecordKey) -> RecordFuture<'a, Option<Record>> {
        self.inner.get(key)
    }

    fn by_object<'a>(&'a self, object: &'a str) -> RecordFuture<'a, Vec<(RecordKey, Record)>> {
        async move {
            let mut shown = self.shown();
            shown.retain(|(_, record)| record.object.as_deref() == Some(object));
            Ok(shown)
        }
        .boxed()
    }
}
