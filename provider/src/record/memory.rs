//! The records in memory, for tests of the whole provider.

use super::order::{Place, place, refused, repeated, resumed};
use super::{
    Begun, Ending, LookStamp, Record, RecordCall, RecordError, RecordFuture, RecordKey, Records, Stamp,
    Written,
};
use futures_util::FutureExt;
use futures_util::future::ready;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// DynamoDB's limit for an item, in bytes (DynamoDB developer guide, constraints).
const ITEM_BYTES: usize = 400 * 1024;

/// Records that last as long as the process. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct MemoryRecords {
    records: Arc<Mutex<Items>>,
}

type Items = BTreeMap<RecordKey, Item>;

#[derive(Debug, Clone)]
struct Item {
    record: Record,
    /// The `tombstone_until` of an ended record.
    expires_at: Option<u64>,
}

impl MemoryRecords {
    /// No records.
    pub fn new() -> Self {
        Self::default()
    }

    /// All of them, ended ones too, in order of their keys.
    pub fn all(&self) -> Vec<(RecordKey, Record)> {
        self.lock().iter().map(|(key, item)| (key.clone(), item.record.clone())).collect()
    }

    /// Drops the ended records whose time is over at `now`, as DynamoDB's time to live does.
    pub fn drop_expired(&self, now: SystemTime) {
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        self.lock().retain(|_, item| item.expires_at.is_none_or(|until| now <= until));
    }

    fn lock(&self) -> MutexGuard<'_, Items> {
        // Every change is one insert of a whole record, so a panic elsewhere leaves none half changed.
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin_now(
        &self,
        key: &RecordKey,
        stamp: &Stamp,
        proves_create_taken: bool,
    ) -> Result<Begun, RecordError> {
        let mut records = self.lock();
        let record = match records.get(key).map(|item| &item.record) {
            None => Record::first(stamp, proves_create_taken),
            Some(record) if place(record, stamp) == Place::Newer => {
                record.clone().followed_by(stamp, proves_create_taken)
            }
            Some(record) => return Ok(repeated(record.clone(), &stamp.request_id)),
        };
        put(&mut records, key, Item { record: record.clone(), expires_at: None })?;
        Ok(Begun::Run(record))
    }

    fn resume_now(
        &self,
        key: &RecordKey,
        request_id: &str,
        look: &LookStamp,
    ) -> Result<Option<Begun>, RecordError> {
        let mut records = self.lock();
        let Some(Item { record, expires_at }) = records.get(key).cloned() else { return Ok(None) };
        match resumed(record, request_id, look) {
            Begun::Run(record) => {
                let record = Record { look: Some(look.clone()), ..record };
                put(&mut records, key, Item { record: record.clone(), expires_at })?;
                Ok(Some(Begun::Run(record)))
            }
            other => Ok(Some(other)),
        }
    }

    /// Changes a record, unless `refuse` says what the write gets instead.
    fn write(
        &self,
        key: &RecordKey,
        refuse: impl FnOnce(Option<&Record>) -> Option<Written>,
        change: impl FnOnce(&mut Item),
    ) -> Result<Written, RecordError> {
        let mut records = self.lock();
        let found = records.get(key);
        if let Some(refusal) = refuse(found.map(|item| &item.record)) {
            return Ok(refusal);
        }
        let Some(mut item) = found.cloned() else { return Ok(Written::Superseded(None)) };
        change(&mut item);
        put(&mut records, key, item)?;
        Ok(Written::Done)
    }
}

impl Records for MemoryRecords {
    fn begin<'a>(
        &'a self,
        key: &'a RecordKey,
        stamp: &'a Stamp,
        proves_create_taken: bool,
    ) -> RecordFuture<'a, Begun> {
        ready(self.begin_now(key, stamp, proves_create_taken)).boxed()
    }

    fn resume<'a>(
        &'a self,
        key: &'a RecordKey,
        request_id: &'a str,
        look: &'a LookStamp,
    ) -> RecordFuture<'a, Option<Begun>> {
        ready(self.resume_now(key, request_id, look)).boxed()
    }

    fn save<'a>(
        &'a self,
        key: &'a RecordKey,
        request_id: &'a str,
        ledger: &'a Value,
        object: Option<&'a str>,
    ) -> RecordFuture<'a, Written> {
        let refuse = |record: Option<&Record>| refused(record, request_id, None);
        ready(self.write(key, refuse, |item| own(&mut item.record, ledger, object))).boxed()
    }

    fn end<'a>(
        &'a self,
        key: &'a RecordKey,
        request_id: &'a str,
        ending: &'a Ending,
    ) -> RecordFuture<'a, Written> {
        let refuse = |record: Option<&Record>| refused(record, request_id, Some(&ending.answer));
        ready(self.write(key, refuse, |item| conclude(item, ending))).boxed()
    }

    fn amend<'a>(
        &'a self,
        key: &'a RecordKey,
        request_id: &'a str,
        ledger: &'a Value,
        object: Option<&'a str>,
    ) -> RecordFuture<'a, Written> {
        let refuse = |record: Option<&Record>| match refused(record, request_id, None) {
            Some(Written::Answered { .. }) => None,
            other => other,
        };
        ready(self.write(key, refuse, |item| own(&mut item.record, ledger, object))).boxed()
    }

    fn get<'a>(&'a self, key: &'a RecordKey) -> RecordFuture<'a, Option<Record>> {
        ready(Ok(self.lock().get(key).map(|item| item.record.clone()))).boxed()
    }

    fn by_object<'a>(&'a self, object: &'a str) -> RecordFuture<'a, Vec<(RecordKey, Record)>> {
        let records = self.lock();
        let named = records.iter().filter(|(_, item)| item.record.object.as_deref() == Some(object));
        ready(Ok(named.map(|(key, item)| (key.clone(), item.record.clone())).collect())).boxed()
    }
}

fn own(record: &mut Record, ledger: &Value, object: Option<&str>) {
    record.ledger = ledger.clone();
    record.object = object.map(str::to_owned);
}

fn conclude(item: &mut Item, ending: &Ending) {
    let Item { record, expires_at } = item;
    own(record, &ending.ledger, ending.object.as_deref());
    if let Some(properties) = &ending.succeeded {
        record.succeed(properties);
    }
    record.answer = Some(ending.answer.clone());
    record.ended = ending.tombstone_until.is_some();
    *expires_at = ending.tombstone_until;
}

fn put(records: &mut Items, key: &RecordKey, item: Item) -> Result<(), RecordError> {
    if size(&item.record) > ITEM_BYTES {
        return Err(RecordError::TooLarge { call: call(key) });
    }
    records.insert(key.clone(), item);
    Ok(())
}

fn call(key: &RecordKey) -> Box<RecordCall> {
    let subject = key.as_str().to_owned();
    Box::new(RecordCall {
        action: "dynamodb:UpdateItem",
        table: "in memory".to_owned(),
        subject,
        aws_request_id: None,
    })
}

/// The bytes of the parts that can be large.
fn size(record: &Record) -> usize {
    let Record { answer, ledger, succeeded, before, .. } = record;
    let texts = answer.iter().map(String::len);
    let values = succeeded.iter().chain(before).chain([ledger]).map(|value| value.to_string().len());
    texts.chain(values).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::RequestType;
    use crate::record::Sent;
    use std::time::Duration;

    #[tokio::test]
    async fn clones_share_their_records() -> Result<(), RecordError> {
        let records = MemoryRecords::new();
        let key = RecordKey::new("stack", "Share");
        let stamp =
            Stamp { request_id: "a".into(), request_type: RequestType::Create, sent: Sent::amz_date(1) };
        records.clone().begin(&key, &stamp, false).await?;
        assert_eq!(records.get(&key).await?.map(|record| record.newest), Some(stamp));
        Ok(())
    }

    #[tokio::test]
    async fn an_ended_record_is_dropped_after_its_last_second_unless_a_request_has_revived_it()
    -> Result<(), RecordError> {
        let stamp = |request_type, second| Stamp {
            request_id: format!("{second}"),
            request_type,
            sent: Sent::amz_date(second),
        };
        let ending = Ending {
            answer: "gone".to_owned(),
            ledger: Value::Null,
            object: None,
            succeeded: None,
            tombstone_until: Some(100),
        };
        for revived in [false, true] {
            let records = MemoryRecords::new();
            let key = RecordKey::new("stack", "Share");
            records.begin(&key, &stamp(RequestType::Delete, 1), false).await?;
            records.end(&key, "1", &ending).await?;
            if revived {
                records.begin(&key, &stamp(RequestType::Create, 2), false).await?;
            }
            records.drop_expired(UNIX_EPOCH + Duration::from_secs(100));
            assert_eq!(records.all().len(), 1);
            records.drop_expired(UNIX_EPOCH + Duration::from_secs(101));
            assert_eq!(records.all().len(), usize::from(revived));
        }
        Ok(())
    }
}
