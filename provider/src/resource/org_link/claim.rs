//! Whose turn it is to switch a link on. Stacks that declare the same link at the same time are one too many to write:
//! the first to claim it does, the others wait for it.
//!
//! The claim is an item beside the records, `<link id>#switch`, whose answer is the key of the record that holds it.
//! What makes it safe are the two promises of the records: of those that answer one request the first wins, and a newer
//! request drops the answer. A claim is not given back; one whose holder is not at work can be taken over.

use crate::protocol::RequestType;
use crate::record::{Begun, Ending, Record, RecordError, RecordKey, Records, Sent, Stamp, Written};
use serde_json::Value;

/// Who holds the claim to the link with this id; `None` where nobody ever did.
///
/// # Errors
/// As at [`Records::get`].
pub(super) async fn holder(records: &dyn Records, id: &str) -> Result<Option<RecordKey>, RecordError> {
    Ok(records.get(&key(id)).await?.as_ref().and_then(holder_of))
}

/// Claims the link, and answers who holds it now: the first that did.
///
/// # Errors
/// As at [`Records::begin`] and [`Records::end`].
pub(super) async fn claim(
    records: &dyn Records,
    id: &str,
    own: &RecordKey,
) -> Result<RecordKey, RecordError> {
    take(records, id, own, 0).await
}

/// Takes the claim over from `holder`, unless another one has done so, and answers who holds it now.
///
/// # Errors
/// As at [`Records::begin`] and [`Records::end`].
pub(super) async fn take_over(
    records: &dyn Records,
    id: &str,
    own: &RecordKey,
    holder: &RecordKey,
) -> Result<RecordKey, RecordError> {
    match records.get(&key(id)).await? {
        Some(record) if holder_of(&record).as_ref() == Some(holder) => {
            take(records, id, own, record.newest.sent.milliseconds + 1).await
        }
        Some(record) => Ok(holder_of(&record).unwrap_or_else(|| own.clone())),
        None => take(records, id, own, 0).await,
    }
}

/// Takes the claim at a turn; where a later one has begun that nobody holds yet, at that.
async fn take(records: &dyn Records, id: &str, own: &RecordKey, turn: u64) -> Result<RecordKey, RecordError> {
    let mut turn = turn;
    loop {
        let later = match records.begin(&key(id), &stamp(turn), false).await? {
            Begun::Answered { answer, .. } => return Ok(named(&answer).unwrap_or_else(|| own.clone())),
            Begun::Superseded(record) => record,
            // Nobody hands a claim over.
            Begun::Waiting(_) => return Ok(own.clone()),
            Begun::Run(_) => match end(records, id, own, turn).await? {
                Written::Done | Written::Superseded(None) => return Ok(own.clone()),
                Written::Answered { answer, .. } => {
                    return Ok(named(&answer).unwrap_or_else(|| own.clone()));
                }
                Written::Superseded(Some(record)) => record,
            },
        };
        match holder_of(&later) {
            Some(holder) => return Ok(holder),
            None => turn = later.newest.sent.milliseconds,
        }
    }
}

async fn end(records: &dyn Records, id: &str, own: &RecordKey, turn: u64) -> Result<Written, RecordError> {
    let ending = Ending {
        answer: own.to_string(),
        ledger: Value::Null,
        object: None,
        succeeded: None,
        tombstone_until: None,
    };
    records.end(&key(id), &stamp(turn).request_id, &ending).await
}

fn key(id: &str) -> RecordKey {
    RecordKey::new(id, "switch")
}

/// Turns are counted, and no times.
fn stamp(turn: u64) -> Stamp {
    Stamp { request_id: format!("turn {turn}"), request_type: RequestType::Create, sent: Sent::arrival(turn) }
}

fn holder_of(record: &Record) -> Option<RecordKey> {
    named(record.answer.as_deref()?)
}

fn named(holder: &str) -> Option<RecordKey> {
    holder.rsplit_once('#').map(|(stack, logical_id)| RecordKey::new(stack, logical_id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::MemoryRecords;
    use futures_util::future::join_all;

    const ID: &str = "license-manager-org-link/111122223333/eu-west-1";

    fn stack(name: &str) -> RecordKey {
        RecordKey::new(name, "Link")
    }

    #[tokio::test]
    async fn the_first_that_claims_the_link_holds_it() {
        let records = MemoryRecords::new();
        assert_eq!(holder(&records, ID).await.unwrap(), None);
        let stacks: Vec<RecordKey> = (0..5).map(|n| stack(&format!("stack-{n}"))).collect();
        let holders = join_all(stacks.iter().map(|own| claim(&records, ID, own))).await;
        let first = holder(&records, ID).await.unwrap().unwrap();
        assert!(stacks.contains(&first));
        assert!(holders.into_iter().all(|holder| holder.unwrap() == first));
        assert_eq!(claim(&records, ID, &first).await.unwrap(), first);
    }

    #[tokio::test]
    async fn of_those_that_take_a_claim_over_one_holds_it() {
        let records = MemoryRecords::new();
        let [first, second, third] = ["a", "b", "c"].map(stack);
        claim(&records, ID, &first).await.unwrap();
        assert_eq!(take_over(&records, ID, &second, &first).await.unwrap(), second);
        assert_eq!(take_over(&records, ID, &third, &first).await.unwrap(), second);
        assert_eq!(claim(&records, ID, &first).await.unwrap(), second);
        assert_eq!(take_over(&records, ID, &first, &second).await.unwrap(), first);
        assert_eq!(holder(&records, ID).await.unwrap(), Some(first));
    }

    #[tokio::test]
    async fn a_turn_that_was_begun_and_never_taken_goes_to_the_next_that_claims() {
        let records = MemoryRecords::new();
        let [first, second] = ["a", "b"].map(stack);
        claim(&records, ID, &first).await.unwrap();
        records.begin(&key(ID), &stamp(1), false).await.unwrap();
        assert_eq!(holder(&records, ID).await.unwrap(), None);
        assert_eq!(claim(&records, ID, &second).await.unwrap(), second);
        assert_eq!(claim(&records, ID, &first).await.unwrap(), second);
    }
}
