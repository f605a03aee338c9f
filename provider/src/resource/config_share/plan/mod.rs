//! Decisions, pure: what is wanted, what is there and what is on record, to steps or a refusal.

mod absent;
mod adoption;
mod consultation;
mod diff;
mod existing;
pub(super) mod invitations;
#[cfg(test)]
mod laws;
mod license_configurations;
mod order;
mod own;
mod own_tags;
mod replacement;
#[cfg(test)]
mod tests;

use super::desired::{Desired, Target};
use super::ledger::Ledger;
use super::look::Look;
use super::observed::Observed;
use super::step::{ONE_BY_ONE, Step};
use crate::resource::{Goal, Plan, Refusal, Subject};
use std::collections::BTreeSet;

/// A plan for a license configuration share.
pub(super) type SharePlan = Plan<Step, Ledger>;

/// Decides.
///
/// # Errors
/// A [`Refusal`] where the wanted state cannot be had, or is not ours to change.
pub(super) fn plan(
    subject: &Subject,
    goal: &Goal<Desired>,
    ledger: &Ledger,
    look: &Look,
    seen: &Observed,
) -> Result<SharePlan, Refusal> {
    match goal {
        Goal::Present { desired, is_return, outstanding } => {
            let outstanding = outstanding.as_ref();
            let case = Case { subject, desired, is_return: *is_return, outstanding, ledger, look, seen };
            match &desired.target {
                Target::Own(share) => own::plan(&case, share),
                Target::Existing(share) => existing::plan(&case, share),
            }
        }
        Goal::Absent(which) => Ok(absent::plan(subject, which, ledger, look, seen)),
    }
}

/// Everything that a plan for a wanted share is made from.
#[derive(Clone, Copy, Debug)]
struct Case<'a> {
    subject: &'a Subject,
    desired: &'a Desired,
    is_return: bool,
    /// At a look of a request that waits: the ids that may still be written for.
    outstanding: Option<&'a BTreeSet<String>>,
    ledger: &'a Ledger,
    look: &'a Look,
    seen: &'a Observed,
}

impl Case<'_> {
    /// Whether a step may write for `id`, a member or the share itself.
    fn may_write(&self, id: &str) -> bool {
        self.outstanding.is_none_or(|outstanding| outstanding.contains(id))
    }

    /// For the how manyth look accounts are invited one by one; `None` where RAM has not refused several at once.
    fn one_by_one(&self) -> Option<u32> {
        let ids = self.outstanding?.iter();
        ids.filter_map(|id| id.strip_prefix(ONE_BY_ONE)).find_map(|number| number.parse().ok())
    }

    /// A plan with `steps`, that ends with `conclusion` on record.
    fn plan(&self, steps: Vec<Step>, intent: Ledger, conclusion: Ledger, warnings: Vec<String>) -> SharePlan {
        Plan { steps, intent, conclusion, warnings, tolerant: self.is_return }
    }
}
