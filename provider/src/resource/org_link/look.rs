//! What must be read. Pure.

use super::desired::Desired;
use super::ledger::{Ledger, Link};
use super::physical_id;
use crate::resource::{Goal, Subject, Which};

/// What to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// License Manager's settings.
    pub settings: bool,
    /// The organization, its trusted services, and RAM's role.
    pub organization: bool,
    /// License Manager's delegated administrators.
    pub administrators: bool,
    /// Whether another resource has the link on record.
    pub elsewhere: bool,
}

/// What is worth a look before the record is known.
pub fn guess(subject: &Subject, goal: &Goal<Desired>) -> Option<Look> {
    match goal {
        Goal::Present { desired, .. } => Some(present(subject, desired)),
        Goal::Absent(_) => None,
    }
}

/// What to look at, now that the record is known.
pub fn looks(subject: &Subject, goal: &Goal<Desired>, ledger: &Ledger) -> Vec<Look> {
    match (goal, &ledger.link) {
        (Goal::Present { desired, .. }, _) => vec![present(subject, desired)],
        (Goal::Absent(which), Some(link)) if is_chosen(subject, which, link) => vec![absent(link)],
        (Goal::Absent(_), _) => Vec::new(),
    }
}

fn present(_subject: &Subject, desired: &Desired) -> Look {
    let administrators = desired.delegated_administrator.is_some();
    Look { settings: true, organization: true, administrators, elsewhere: false }
}

fn absent(link: &Link) -> Look {
    let unlinks = link.may_unlink();
    Look { settings: unlinks, elsewhere: unlinks, ..Look::default() }
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
