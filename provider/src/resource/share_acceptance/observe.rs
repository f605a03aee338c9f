//! Reads what a look asks for, as the account that it is about.

use super::advice::advice;
use super::ledger::Ledger;
use super::look::{Actor, Look};
use super::observed::Observed;
use crate::aws::{AwsError, ErrorKind, Ram};
use crate::domain::{Share, ShareArn, SharedResource};
use crate::protocol::RequestType;
use crate::protocol::reason::chain;
use crate::record::{Record, RecordKey};
use crate::resource::{ActingError, ObserveError, Reach, Subject};
use futures_util::future::{try_join, try_join3};
use serde::Deserialize;

/// Reads what `look` asks for; what was seen before is not read twice.
///
/// # Errors
/// The role cannot be assumed, or the first read that failed.
pub(super) async fn observe(
    reach: &Reach<'_>,
    subject: &Subject,
    look: &Look,
    done: Option<(Look, Observed)>,
) -> Result<Observed, ObserveError> {
    match look {
        Look::Present { share, actor: Some(actor), at_once, forgiving } => {
            if let Some((_, seen)) = done.filter(|(before, _)| is_the_same(before, look)) {
                return Ok(seen);
            }
            let seen = present(reach, subject, share, actor, *at_once).await;
            seen.or_else(|error| if *forgiving { noted(share, error) } else { Err(error) })
        }
        Look::Present { share, actor: None, .. } => {
            Ok(Observed { of: Some(share.clone()), ..Observed::default() })
        }
        Look::Absent { id, elsewhere } => {
            let named_elsewhere = *elsewhere && is_named_elsewhere(reach, subject, id).await?;
            Ok(Observed { named_elsewhere, ..Observed::default() })
        }
    }
}

/// RAM of the account, through its role where there is one.
///
/// # Errors
/// The role cannot be assumed.
pub(super) async fn ram(reach: &Reach<'_>, subject: &Subject, by: &Actor) -> Result<Ram, ActingError> {
    match &by.role {
        Some(role) => Ok(reach.acting_as(subject, role).await?.ram()),
        None => Ok(reach.ram()),
    }
}

/// The share and what is visible through it, side by side.
///
/// # Errors
/// What RAM said.
pub(super) async fn visible(
    ram: &Ram,
    share: &ShareArn,
) -> Result<(Option<Share>, Vec<SharedResource>), AwsError> {
    try_join(ram.find_foreign_share(share), ram.foreign_resources(share)).await
}

async fn present(
    reach: &Reach<'_>,
    subject: &Subject,
    share: &ShareArn,
    by: &Actor,
    at_once: bool,
) -> Result<Observed, ObserveError> {
    let ram = match &by.role {
        Some(role) => reach.acting_as_new(subject, role).await.map_err(ActingError::looking)?.ram(),
        None => reach.ram(),
    };
    let failed = |source: AwsError| ObserveError::Aws { advice: advice(&source, by), source };
    let (invitations, found, resources) = if at_once {
        let all = (ram.invitations(share), ram.find_foreign_share(share), ram.foreign_resources(share));
        try_join3(all.0, all.1, all.2).await.map_err(failed)?
    } else {
        let (invitations, found) =
            try_join(ram.invitations(share), ram.find_foreign_share(share)).await.map_err(failed)?;
        let is_there = found.as_ref().is_some_and(|share| share.status.is_live());
        let resources =
            if is_there { ram.foreign_resources(share).await.map_err(failed)? } else { Vec::new() };
        (invitations, found, resources)
    };
    Ok(Observed { of: Some(share.clone()), invitations, share: found, resources, ..Observed::default() })
}

/// Where what is looked at must not fail for it, a denial is part of what was seen.
fn noted(share: &ShareArn, error: ObserveError) -> Result<Observed, ObserveError> {
    match &error {
        ObserveError::Aws { source, advice } if source.last().kind == ErrorKind::AccessDenied => {
            let refused = Some(format!("{}. {advice}", chain(source)));
            Ok(Observed { of: Some(share.clone()), refused, ..Observed::default() })
        }
        ObserveError::Aws { .. } | ObserveError::Record { .. } => Err(error),
    }
}

fn is_the_same(before: &Look, look: &Look) -> bool {
    let about = |look: &Look| match look {
        Look::Present { share, actor, .. } => Some((share.clone(), actor.clone())),
        Look::Absent { .. } => None,
    };
    about(before) == about(look)
}

/// Whether other resources have the same share and account on record, and are not being deleted themselves.
async fn is_named_elsewhere(reach: &Reach<'_>, subject: &Subject, id: &str) -> Result<bool, ObserveError> {
    let own = RecordKey::new(&subject.stack_id, &subject.logical_id);
    let records = reach.records.by_object(id).await.map_err(|source| ObserveError::Record { source })?;
    Ok(records.iter().any(|(key, record)| *key != own && !record.ended && !is_going(record)))
}

/// Whether a resource is being deleted. A Delete that was answered and has not ended the record was of an id from before a
/// replacement, or failed; so may be one under way where there is more on record.
fn is_going(record: &Record) -> bool {
    let holds_more = || Ledger::deserialize(&record.ledger).map_or(true, |ledger| ledger.holdings.len() > 1);
    record.newest.request_type == RequestType::Delete && record.answer.is_none() && !holds_more()
}
