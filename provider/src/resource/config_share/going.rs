//! Members that a request is about to let go.
//!
//! Two resources may both have added a member. If each left it to the other, it would stay for ever; so each first
//! writes down that it lets go, and only then reads what the other has on record. Whichever wrote last sees it.

use super::ledger::{Holding, Ledger};
use crate::domain::Member;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Members that other resources are not to leave in place for the sake of this one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Going {
    /// The request that lets go of them. Once there is a newer one, this says nothing any more.
    #[serde(default)]
    pub request_id: String,
    /// Ids of license configurations and principals.
    #[serde(default)]
    pub members: BTreeSet<String>,
}

impl Going {
    /// What `request_id` lets go of; `None` where that is nothing.
    pub(super) fn of<'a>(request_id: &str, members: impl IntoIterator<Item = &'a Member>) -> Option<Self> {
        let members: BTreeSet<String> = members.into_iter().map(|member| member.id.clone()).collect();
        (!members.is_empty()).then(|| Self { request_id: request_id.to_owned(), members })
    }

    /// Whether the request is the `newest` of its resource, or makes again what that one was answered for.
    fn is_of(&self, newest: &str) -> bool {
        let rest = self.request_id.strip_prefix(newest);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(" after "))
    }
}

impl Holding {
    /// Whether some request has begun to let go of `member`, and has not concluded.
    pub(super) fn lets_go(&self, member: &str) -> bool {
        self.going.as_ref().is_some_and(|going| going.members.contains(member))
    }

    /// Members that are let go of, where `newest` is the id of the resource's newest request.
    pub(super) fn going_now(&self, newest: &str) -> BTreeSet<&str> {
        let going = self.going.iter().filter(|going| going.is_of(newest));
        going.flat_map(|going| going.members.iter().map(String::as_str)).collect()
    }
}

impl Ledger {
    /// The ledger with `going` on `holding`, which is one of its own.
    pub(super) fn letting_go(&self, holding: &Holding, going: Option<Going>) -> Self {
        let marked = |other: &Holding| {
            let going = if other == holding { going.clone() } else { other.going.clone() };
            Holding { going, ..other.clone() }
        };
        Self { holdings: self.holdings.iter().map(marked).collect() }
    }

    /// Nothing is let go of: the request has failed.
    pub(super) fn keep_all(&mut self) {
        self.holdings.iter_mut().for_each(|holding| holding.going = None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::config_share::ledger::Origin;

    fn holding(request_id: &str) -> Holding {
        let going = Going::of(request_id, &[Member::principal("a")]);
        Holding { going, ..Holding::begun("r", None, Origin::Attached) }
    }

    #[test]
    fn what_is_let_go_counts_until_there_is_a_newer_request() {
        for (request_id, newest, counts) in [
            ("u1", "u1", true),
            ("u1", "u2", false),
            ("u1 after u0", "u1", true),
            ("u1 after u0", "u0", false),
            ("u10", "u1", false),
        ] {
            let going = holding(request_id).going_now(newest).contains("a");
            assert_eq!(going, counts, "{request_id} of {newest}");
        }
    }

    #[test]
    fn a_request_that_failed_lets_go_of_nothing_and_other_holdings_are_left() {
        let (one, other) = (holding("u1"), Holding::begun("s", None, Origin::Attached));
        let bare = Holding { going: None, ..one.clone() };
        let ledger = Ledger { holdings: vec![bare.clone(), other.clone()] };
        let mut marked = ledger.letting_go(&bare, one.going.clone());
        assert_eq!(marked.holdings, [one, other]);
        assert!(marked.holdings[0].lets_go("a"));
        marked.keep_all();
        assert_eq!(marked, ledger);
    }
}
