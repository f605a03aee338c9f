//! What the records of other resources say about a share.

use super::ledger::{Holding, Ledger};
use crate::domain::ShareArn;
use crate::record::{Record, RecordError, RecordKey};
use crate::resource::{Reach, Subject};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::collections::BTreeSet;

/// So many records are read side by side.
const SIDE_BY_SIDE: usize = 8;

/// What other resources have in a share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Elsewhere {
    /// Members that they name: these stay in place for their sake.
    pub named: BTreeSet<String>,
    /// Members that they are letting go of just now.
    pub going: BTreeSet<String>,
}

impl Elsewhere {
    /// Whether they have, or had until now, anything to do with `member`.
    pub(super) fn knows(&self, member: &str) -> bool {
        self.named.contains(member) || self.going.contains(member)
    }

    fn take_in(&mut self, record: &Record, share: &ShareArn) {
        let ledger = ledger_of(record);
        for holding in ledger.holdings.iter().filter(|holding| holding.is_of(share)) {
            let going = holding.going_now(&record.newest.request_id);
            self.named.extend(holding.all_known().difference(&going).map(|&member| member.to_owned()));
            self.going.extend(going.into_iter().map(str::to_owned));
        }
    }
}

/// What they have, as the table's index shows it, which trails the table.
///
/// # Errors
/// The records could not be read.
pub(super) async fn elsewhere(
    reach: &Reach<'_>,
    subject: &Subject,
    share: &ShareArn,
) -> Result<Elsewhere, RecordError> {
    let mut found = Elsewhere::default();
    for (_, record) in others(reach, subject, share).await? {
        found.take_in(&record, share);
    }
    Ok(found)
}

/// The same, but records that name one of `members` are read as they are now. Of others, nothing depends on it.
///
/// # Errors
/// The records could not be read.
pub(super) async fn elsewhere_now(
    reach: &Reach<'_>,
    subject: &Subject,
    share: &ShareArn,
    members: &BTreeSet<&str>,
) -> Result<Elsewhere, RecordError> {
    let others = others(reach, subject, share).await?;
    let matters = |record: &Record| {
        let holdings = ledger_of(record).holdings;
        holdings.iter().any(|holding| holding.is_of(share) && !holding.all_known().is_disjoint(members))
    };
    let read = others.into_iter().map(|(key, record)| async move {
        if matters(&record) { reach.records.get(&key).await } else { Ok(Some(record)) }
    });
    let records: Vec<Option<Record>> = stream::iter(read).buffered(SIDE_BY_SIDE).try_collect().await?;
    let mut found = Elsewhere::default();
    for record in records.iter().flatten().filter(|record| !record.ended) {
        found.take_in(record, share);
    }
    Ok(found)
}

/// The records of other resources that name `share` and have not ended.
///
/// # Errors
/// The records could not be read.
pub(super) async fn others(
    reach: &Reach<'_>,
    subject: &Subject,
    share: &ShareArn,
) -> Result<Vec<(RecordKey, Record)>, RecordError> {
    let own = RecordKey::new(&subject.stack_id, &subject.logical_id);
    let records = reach.records.by_object(share.as_str()).await?;
    Ok(records.into_iter().filter(|(key, record)| *key != own && !record.ended).collect())
}

/// Whether another resource has `share` as its own.
///
/// # Errors
/// The records could not be read.
pub(super) async fn is_owned_elsewhere(
    reach: &Reach<'_>,
    subject: &Subject,
    share: &ShareArn,
) -> Result<bool, RecordError> {
    let others = others(reach, subject, share).await?;
    Ok(others.iter().any(|(_, record)| ledger_of(record).of_share(share).is_some_and(Holding::is_own)))
}

/// What a record holds; nothing where it is of another type, or cannot be read.
pub(super) fn ledger_of(record: &Record) -> Ledger {
    serde_json::from_value(record.ledger.clone()).unwrap_or_default()
}
