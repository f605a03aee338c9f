//! That a Delete has begun to switch the link off, on record from before EnableIntegration=false is sent until it is known
//! that nobody else declares the link. One that dies in between, and comes again, has its last look still to take.
//!
//! It is an item beside the records, `<link id>#unlink <RequestId of the Create>`: one for each life of a link.

use crate::protocol::RequestType;
use crate::record::{Begun, Ending, RecordError, RecordKey, Records, Sent, Stamp};
use serde_json::Value;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The one request of the item.
const UNLINK: &str = "unlink";
/// What the item says when it is done.
const DONE: &str = "done";
/// How long it is kept from when it began: a Delete that was refused may be tried again days later.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

/// Puts on record, at `now`, that the link with this id, which the request `create` began, is being switched off. One that
/// is done begins once more.
///
/// # Errors
/// As at [`Records::begin`], [`Records::end`] and [`Records::amend`].
pub(super) async fn begin(
    records: &dyn Records,
    id: &str,
    create: &str,
    now: SystemTime,
) -> Result<(), RecordError> {
    let (key, begun) = (key(id, create), Value::Null);
    let stamp =
        Stamp { request_id: UNLINK.to_owned(), request_type: RequestType::Delete, sent: Sent::arrival(0) };
    if let Begun::Answered { .. } = records.begin(&key, &stamp, false).await? {
        return records.amend(&key, UNLINK, &begun, None).await.map(drop);
    }
    // An ending is what gives an item its last day.
    let until = (now + KEPT).duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let ending = Ending {
        answer: "begun".to_owned(),
        ledger: begun,
        object: None,
        succeeded: None,
        tombstone_until: Some(until),
    };
    records.end(&key, UNLINK, &ending).await.map(drop)
}

/// Whether that has begun and is not done.
///
/// # Errors
/// As at [`Records::get`].
pub(super) async fn has_begun(records: &dyn Records, id: &str, create: &str) -> Result<bool, RecordError> {
    let record = records.get(&key(id, create)).await?;
    Ok(record.is_some_and(|record| record.ledger != DONE))
}

/// Puts on record that it is done.
///
/// # Errors
/// As at [`Records::amend`].
pub(super) async fn end(records: &dyn Records, id: &str, create: &str) -> Result<(), RecordError> {
    records.amend(&key(id, create), UNLINK, &Value::from(DONE), None).await.map(drop)
}

fn key(id: &str, create: &str) -> RecordKey {
    RecordKey::new(id, &format!("{UNLINK} {create}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::MemoryRecords;

    #[tokio::test]
    async fn it_has_begun_until_it_ends_and_for_one_create_only() {
        let records = MemoryRecords::new();
        let id = "license-manager-org-link/111122223333/eu-west-1";
        assert!(!has_begun(&records, id, "a").await.unwrap());
        for _ in 0..2 {
            begin(&records, id, "a", UNIX_EPOCH).await.unwrap();
            let record = records.get(&key(id, "a")).await.unwrap().unwrap();
            assert!(record.ended, "it has a last day");
        }
        assert!(has_begun(&records, id, "a").await.unwrap());
        assert!(!has_begun(&records, id, "b").await.unwrap());
        end(&records, id, "a").await.unwrap();
        assert!(!has_begun(&records, id, "a").await.unwrap());
        begin(&records, id, "a", UNIX_EPOCH).await.unwrap();
        assert!(has_begun(&records, id, "a").await.unwrap());
    }
}
