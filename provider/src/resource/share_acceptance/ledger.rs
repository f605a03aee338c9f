//! What one `Custom::LicenseConfigShareAcceptance` accepted and what it merely found: the part of the record that proves
//! what is ours. Fields may be added with a default, and never change their meaning.

use super::observed::{Means, Observed};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// All shares that this resource is about. One as a rule; two while a replacement waits for its clean-up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// Oldest first.
    #[serde(default)]
    pub holdings: Vec<Holding>,
}

/// One share, and what this resource has to do with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Holding {
    /// `license-config-share-acceptance/<account>/<share uuid>`.
    pub id: String,
    /// The share's ARN.
    pub share: String,
    /// The request that began it.
    pub request_id: String,
    /// Whether a SUCCESS with it was recorded.
    #[serde(default)]
    pub answered: bool,
    /// The invitation that this resource accepted, or was going to; `None` where it merely found the account in the
    /// share. Only this proves that the account is this resource's to take out.
    #[serde(default)]
    pub accepted: Option<String>,
    /// Whether the share has been visible since.
    #[serde(default)]
    pub visible: bool,
    /// How the account came into the share, once it was visible: RAM forgets invitations after about seven days.
    #[serde(default)]
    pub by: Option<Means>,
    /// Whether `OnDelete` was `Leave` when the properties were last answered SUCCESS, or when it began.
    #[serde(default)]
    pub leave: bool,
    /// The role through which the account was last acted for.
    #[serde(default)]
    pub role: Option<String>,
    /// The share's name, once it was visible.
    #[serde(default)]
    pub name: Option<String>,
    /// The request that `passed` is about.
    #[serde(default)]
    pub looked: Option<String>,
    /// Invitations that had been rejected or had expired before that request's first look: they are waited past.
    #[serde(default)]
    pub passed: BTreeSet<String>,
    /// Set where a request that was overtaken takes back what it accepted.
    #[serde(default)]
    pub overtaken: bool,
}

impl Ledger {
    /// The holding with this id.
    pub fn of(&self, id: &str) -> Option<&Holding> {
        self.holdings.iter().find(|holding| holding.id == id)
    }

    /// The ledger with `holding` in place of the one with its id, or at its end.
    pub fn with(&self, holding: Holding) -> Self {
        let mut ledger = self.clone();
        match ledger.holdings.iter_mut().find(|other| other.id == holding.id) {
            Some(other) => *other = holding,
            None => ledger.holdings.push(holding),
        }
        ledger
    }

    /// The ledger without the holding with this id.
    pub fn without(&self, id: &str) -> Self {
        Self { holdings: self.holdings.iter().filter(|holding| holding.id != id).cloned().collect() }
    }

    /// What a request that was overtaken, or whose SUCCESS could not be recorded, takes back: what it began and the
    /// `current` ledger, of a newer request, does not keep.
    pub fn overtaken(&self, current: &Self, request_id: &str) -> Self {
        let kept = |holding: &Holding| {
            current.of(&holding.id).is_some_and(|other| other.answered || other.request_id != request_id)
        };
        let own = self.holdings.iter().filter(|holding| holding.request_id == request_id && !kept(holding));
        let back = |holding: &Holding| Holding { answered: false, overtaken: true, ..holding.clone() };
        Self { holdings: own.map(back).collect() }
    }

    /// Takes over what an overtaken request may have accepted of the same shares.
    pub fn assume(&mut self, own: &Self) {
        for holding in &mut self.holdings {
            if let Some(other) = own.of(&holding.id) {
                holding.accepted = holding.accepted.take().or_else(|| other.accepted.clone());
            }
        }
    }

    /// The id of what `request_id` accepted without a SUCCESS: it lasts although the request failed.
    pub fn lasting(&self, request_id: &str) -> Option<&str> {
        let of_it = |holding: &&Holding| holding.request_id == request_id && !holding.answered;
        let accepted = self.holdings.iter().filter(of_it).find(|holding| holding.accepted.is_some());
        accepted.map(|holding| holding.id.as_str())
    }

    /// Puts in what only a look or a call could know.
    pub fn learn(&mut self, seen: &Observed) {
        let Some(share) = &seen.of else { return };
        for holding in self.holdings.iter_mut().filter(|holding| holding.share == share.as_str()) {
            holding.learn(seen);
        }
    }
}

impl Holding {
    /// What `request_id` begins now.
    pub fn begun(id: String, share: &str, request_id: &str) -> Self {
        Self { id, share: share.to_owned(), request_id: request_id.to_owned(), ..Self::default() }
    }

    fn learn(&mut self, seen: &Observed) {
        if self.accepted.as_ref().is_some_and(|arn| seen.not_ours.contains(arn)) {
            self.accepted = None;
        }
        if let Some(share) = seen.visible() {
            self.visible = true;
            self.name = Some(share.name.clone());
            self.by = Some(self.means(seen));
        }
    }

    /// How the account is in the share, or is about to be.
    pub fn means(&self, seen: &Observed) -> Means {
        if self.accepted.is_some() || seen.has_accepted_invitation() {
            return Means::Invitation;
        }
        self.by.unwrap_or(Means::Organization)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::share_acceptance::testing::{ID, SHARE};

    fn holding(request_id: &str) -> Holding {
        Holding { accepted: Some("i1".to_owned()), ..Holding::begun(ID.to_owned(), SHARE, request_id) }
    }

    fn ledger(holding: Holding) -> Ledger {
        Ledger { holdings: vec![holding] }
    }

    fn answered(holding: Holding) -> Holding {
        Holding { answered: true, ..holding }
    }

    #[test]
    fn an_overtaken_request_takes_back_what_it_began_and_nobody_keeps() {
        let own = ledger(holding("r1"));
        let back = own.overtaken(&Ledger::default(), "r1");
        assert!(back.holdings.iter().all(|holding| holding.overtaken && !holding.answered));
        assert_eq!(back.holdings.len(), 1);
        assert_eq!(own.overtaken(&own, "r1"), back);
    }

    #[test]
    fn what_an_older_request_began_or_a_newer_one_keeps_is_not_taken_back() {
        let own = ledger(answered(holding("r1")));
        assert_eq!(own.overtaken(&Ledger::default(), "r2"), Ledger::default());
        assert_eq!(own.overtaken(&own, "r1"), Ledger::default());
        assert_eq!(own.overtaken(&ledger(holding("r2")), "r1"), Ledger::default());
    }

    #[test]
    fn what_was_accepted_without_a_success_lasts() {
        assert_eq!(ledger(holding("r1")).lasting("r1"), Some(ID));
        assert_eq!(ledger(holding("r1")).lasting("r2"), None);
        assert_eq!(ledger(answered(holding("r1"))).lasting("r1"), None);
        assert_eq!(ledger(Holding { accepted: None, ..holding("r1") }).lasting("r1"), None);
    }

    #[test]
    fn an_overtaken_acceptance_becomes_the_newer_one_s() {
        let mut newer = ledger(Holding { accepted: None, ..holding("r1") });
        newer.assume(&ledger(holding("r1")));
        assert_eq!(newer.of(ID).and_then(|holding| holding.accepted.as_deref()), Some("i1"));
    }

    #[test]
    fn a_ledger_of_a_version_that_knew_less_is_read() {
        let old = serde_json::json!({ "holdings": [{ "id": ID, "share": SHARE, "request_id": "r1" }] });
        let read: Ledger = serde_json::from_value(old).unwrap();
        assert_eq!(read, ledger(Holding { accepted: None, ..holding("r1") }));
        let whole = ledger(Holding { by: Some(Means::Invitation), ..answered(holding("r1")) });
        let text = serde_json::to_string(&whole).unwrap();
        assert_eq!(serde_json::from_str::<Ledger>(&text).unwrap(), whole);
    }
}
