//! What must be read. Pure.

use super::desired::Desired;
use super::ledger::{Ledger, Link};
use super::physical_id;
use crate::domain::AccountId;
use crate::protocol::RequestType;
use crate::resource::{Goal, Subject, Which};

/// What to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a read of its own")]
pub struct Look {
    /// License Manager's settings.
    pub settings: bool,
    /// The organization, its trusted services, and RAM's role.
    pub organization: bool,
    /// License Manager's delegated administrators, and whether this account could be one.
    pub administrator: Option<AccountId>,
    /// Whether another resource has the link on record.
    pub elsewhere: bool,
    /// Whether the link that this Create began is being switched off already.
    pub unlinking: Option<String>,
    /// Whether this resource was the one that might switch the link on.
    pub claim: bool,
}

/// What is worth a look before the record is known.
///
/// A Create goes on record first, and what was seen before that does not count.
pub(crate) fn guess(subject: &Subject, goal: &Goal<Desired>) -> Option<Look> {
    match goal {
        Goal::Present { desired, .. } if subject.request_type == RequestType::Update => {
            Some(present(desired, false))
        }
        _ => None,
    }
}

/// What to look at, now that the record is known.
pub(crate) fn looks(subject: &Subject, goal: &Goal<Desired>, ledger: &Ledger) -> Vec<Look> {
    match (goal, &ledger.link) {
        (Goal::Present { desired, .. }, link) => {
            let claim = link.as_ref().is_some_and(|link| has_begun(subject, link));
            let elsewhere = link.as_ref().is_some_and(|link| gives_up(desired, link));
            vec![Look { elsewhere, ..present(desired, claim) }]
        }
        (Goal::Absent(which), Some(link)) if is_chosen(subject, which, link) => vec![absent(which, link)],
        (Goal::Absent(_), _) => Vec::new(),
    }
}

fn present(desired: &Desired, claim: bool) -> Look {
    let administrator = desired.delegated_administrator.clone();
    Look { settings: true, organization: true, administrator, claim, ..Look::default() }
}

/// Whether an administrator is to be taken back, unless another resource counts on it.
fn gives_up(desired: &Desired, link: &Link) -> bool {
    desired.delegated_administrator.is_none() && !link.unanswered.is_empty()
}

/// Whether an earlier delivery, or an earlier plan, of this Create was going to switch the link on: where it is on now,
/// that may have been another resource all the same.
fn has_begun(subject: &Subject, link: &Link) -> bool {
    let this = link.switched_on_by.as_ref() == Some(&subject.request_id) && !link.answered;
    this && subject.request_type == RequestType::Create
}

fn absent(which: &Which, link: &Link) -> Look {
    let taken = link.is_taken_by(which);
    let unlinks = taken && link.may_unlink();
    let undelegates = !taken && !link.registered.is_empty();
    let unlinking = unlinks.then(|| link.request_id.clone());
    Look { settings: unlinks, elsewhere: unlinks || undelegates, unlinking, ..Look::default() }
}

fn is_chosen(subject: &Subject, which: &Which, link: &Link) -> bool {
    match which {
        Which::PhysicalId(id) => *id == link.id && link.id == physical_id::of(&subject.home),
        Which::Request(request_id) => link.request_id == *request_id,
        // There is one link, and so nothing that came after it.
        Which::After { .. } => false,
        Which::Unanswered(request_id) => link.request_id == *request_id && !link.answered,
        Which::Leftovers { except } => link.request_id != *except && !link.answered,
    }
}
