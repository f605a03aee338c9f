//! What must be read, and as whom. Pure.

use super::desired::Desired;
use super::ledger::{Holding, Ledger};
use super::physical_id;
use crate::domain::{AccountId, RoleArn, ShareArn};
use crate::protocol::RequestType;
use crate::resource::{Goal, Subject, Which};

/// The account that is acted for, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The stack's account.
    pub account: AccountId,
    /// Through which of its roles; `None`: as the provider, which is in that account.
    pub role: Option<RoleArn>,
}

impl Actor {
    /// `None` where these are no credentials of the stack's account.
    pub(crate) fn of(subject: &Subject, role: Option<&RoleArn>) -> Option<Self> {
        let account = physical_id::account(subject);
        let acts_for = role.map_or(&subject.home.account, RoleArn::account);
        (*acts_for == account).then(|| Self { account, role: role.cloned() })
    }

    /// For what is on record: also the account in its id must be the stack's.
    pub(crate) fn of_holding(subject: &Subject, holding: &Holding) -> Option<Self> {
        let role = holding.role.as_deref().map(str::parse).transpose().ok()?;
        let actor = Self::of(subject, role.as_ref())?;
        (physical_id::account_in(&holding.id).as_ref() == Some(&actor.account)).then_some(actor)
    }
}

/// What to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// Invitations, share and what it shares.
    Present {
        /// The share.
        share: ShareArn,
        /// As whom; `None`: there are no credentials to look with.
        actor: Option<Actor>,
        /// All side by side; else what is shared only once the share is visible, which saves a call until then.
        at_once: bool,
        /// A role that cannot be used is noted and no failure.
        forgiving: bool,
    },
    /// Other records.
    Absent {
        /// The id of what is to go.
        id: String,
        /// Whether they matter.
        elsewhere: bool,
    },
}

/// What is worth a look before the record is known.
pub(crate) fn guess(subject: &Subject, goal: &Goal<Desired>) -> Option<Look> {
    match goal {
        Goal::Present { desired, .. } => Some(present(subject, desired, false)),
        Goal::Absent(_) => None,
    }
}

/// What to look at, now that the record is known.
pub(crate) fn looks(subject: &Subject, goal: &Goal<Desired>, ledger: &Ledger) -> Vec<Look> {
    match goal {
        Goal::Present { desired, is_return, .. } => vec![present(subject, desired, *is_return)],
        Goal::Absent(which) => {
            let chosen = ledger.holdings.iter().filter(|holding| is_chosen(which, ledger, holding));
            chosen.map(|holding| absent(subject, which, holding)).collect()
        }
    }
}

fn present(subject: &Subject, desired: &Desired, forgiving: bool) -> Look {
    Look::Present {
        share: desired.share.clone(),
        actor: Actor::of(subject, desired.role.as_ref()),
        at_once: subject.request_type == RequestType::Update,
        forgiving,
    }
}

fn absent(subject: &Subject, which: &Which, holding: &Holding) -> Look {
    Look::Absent { id: holding.id.clone(), elsewhere: is_to_leave(subject, which, holding) }
}

/// Whether the account is to be taken out of the share, unless somebody else counts on it. OnDelete is about Deletes:
/// anything else takes back what it did.
pub(crate) fn is_to_leave(subject: &Subject, which: &Which, holding: &Holding) -> bool {
    let wanted = holding.leave || subject.request_type != RequestType::Delete;
    wanted && holding.accepted.is_some() && !lasts(subject, which, holding)
}

/// Whether a Create that failed leaves it as it is: what was accepted may have opened to others, and the Delete that
/// follows knows what to do.
pub(crate) fn lasts(subject: &Subject, which: &Which, holding: &Holding) -> bool {
    let failed = matches!(which, Which::Unanswered(_)) && subject.request_type == RequestType::Create;
    failed && holding.accepted.is_some() && !holding.overtaken
}

fn is_chosen(which: &Which, ledger: &Ledger, holding: &Holding) -> bool {
    match which {
        Which::PhysicalId(id) => holding.id == *id,
        Which::Request(request_id) => holding.request_id == *request_id,
        Which::Unanswered(request_id) => holding.request_id == *request_id && !holding.answered,
        Which::After { physical_id, requests, except } => ledger.of(physical_id).is_some_and(|named| {
            holding.request_id != *except && is_later(requests, &holding.request_id, &named.request_id)
        }),
        Which::Leftovers { except } => holding.request_id != *except && !holding.answered,
    }
}

/// Requests that are not listed are older than all that are.
fn is_later(requests: &[String], request_id: &str, than: &str) -> bool {
    let at = |id: &str| requests.iter().position(|request| request == id);
    at(request_id) > at(than)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::share_acceptance::testing::{HOME, ID, OWNER, SHARE, STACK, subject};

    fn role(account: &str) -> RoleArn {
        format!("arn:aws:iam::{account}:role/accept").parse().unwrap()
    }

    #[test]
    fn only_credentials_of_the_stack_s_account_act() {
        let (at_home, central) = (subject(RequestType::Create, HOME), subject(RequestType::Create, OWNER));
        assert!(Actor::of(&at_home, None).is_some());
        assert!(Actor::of(&central, None).is_none());
        assert!(Actor::of(&central, Some(&role(STACK))).is_some());
        assert!(Actor::of(&at_home, Some(&role(OWNER))).is_none());
    }

    #[test]
    fn what_is_on_record_is_acted_on_only_with_the_account_in_its_id() {
        let delete = subject(RequestType::Delete, HOME);
        let of = |id: &str| Actor::of_holding(&delete, &Holding::begun(id.to_owned(), SHARE, "r1"));
        assert!(of(ID).is_some());
        assert!(of("license-config-share-acceptance/111122223333/0a").is_none());
    }

    #[test]
    fn a_create_that_failed_does_not_leave_and_one_that_was_overtaken_does() {
        let create = subject(RequestType::Create, HOME);
        let begun = Holding::begun(ID.to_owned(), SHARE, "r1");
        let accepted = Holding { accepted: Some("i1".to_owned()), ..begun.clone() };
        let unanswered = Which::Unanswered("r1".to_owned());
        assert!(!is_to_leave(&create, &unanswered, &begun));
        assert!(!is_to_leave(&create, &unanswered, &accepted));
        let overtaken = Holding { overtaken: true, ..accepted };
        assert!(is_to_leave(&create, &unanswered, &overtaken));
    }

    #[test]
    fn a_delete_leaves_as_on_delete_says_and_a_replacement_that_failed_in_any_case() {
        let which = Which::PhysicalId(ID.to_owned());
        let accepted =
            Holding { accepted: Some("i1".to_owned()), ..Holding::begun(ID.to_owned(), SHARE, "r1") };
        let delete = subject(RequestType::Delete, HOME);
        assert!(!is_to_leave(&delete, &which, &accepted));
        assert!(is_to_leave(&delete, &which, &Holding { leave: true, ..accepted.clone() }));
        let update = subject(RequestType::Update, HOME);
        assert!(is_to_leave(&update, &Which::Unanswered("r1".to_owned()), &accepted));
    }
}
