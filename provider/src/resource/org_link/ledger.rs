//! What one `Custom::LicenseManagerOrgLink` switched on and registered: the part of the record that proves what is
//! ours. Fields may be added with a default, and never change their meaning.

use super::observed::Observed;
use super::outcome;
use super::properties::OnDelete;
use crate::resource::Which;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The link, once this resource has a hand in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// `None` before the Create and after the Delete.
    #[serde(default)]
    pub link: Option<Link>,
    /// What cannot be taken back of the request that last did such a thing: a Reason names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stays: Option<Stays>,
}

/// What a request does that cannot be taken back, written before it is done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stays {
    /// The request.
    pub request_id: String,
    /// Clauses, "License Manager is linked to the organization".
    pub what: BTreeSet<String>,
}

impl Stays {
    /// With more of a request; what an earlier one did is its own.
    pub fn with(before: Option<&Self>, request_id: &str, what: BTreeSet<String>) -> Option<Self> {
        let same = before.filter(|stays| stays.request_id == request_id);
        let what: BTreeSet<String> =
            same.into_iter().flat_map(|stays| stays.what.clone()).chain(what).collect();
        if what.is_empty() {
            return before.cloned();
        }
        Some(Self { request_id: request_id.to_owned(), what })
    }
}

/// What this resource has in the link.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// `license-manager-org-link/<account>/<region>`.
    pub id: String,
    /// The request that began it.
    pub request_id: String,
    /// Whether a SUCCESS with it was recorded.
    #[serde(default)]
    pub answered: bool,
    /// The Create that sent EnableIntegration=true while it was off; only that proves that the link is this
    /// resource's to switch off.
    #[serde(default)]
    pub switched_on_by: Option<String>,
    /// The request that sends EnableIntegration=true, until the properties are answered SUCCESS: License Manager's share
    /// is on its way then. It proves nothing, unlike `switched_on_by`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linked_by: Option<String>,
    /// Delegated administrators that this resource registered, or was going to; those that are known not to be
    /// registered any more are left out.
    #[serde(default)]
    pub registered: BTreeSet<String>,
    /// Those of them that no SUCCESS has named yet: an Update that wants none of them, as a rollback, takes them back.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unanswered: BTreeSet<String>,
    /// The delegated administrator that gives way to another one, from before it is deregistered until one is
    /// registered: where the new one is refused, this one comes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former: Option<String>,
    /// When this resource last had RAM switch sharing with the organization on, or was going to, in milliseconds since
    /// 1970. It says nothing about whether sharing is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ram_enabled: Option<u64>,
    /// Whether `OnDelete` was `Unlink` when the properties were last answered SUCCESS.
    #[serde(default)]
    pub unlink: bool,
    /// What was asked for when the properties were last answered SUCCESS, by the names of the properties: taking one
    /// of them back is worth a warning.
    #[serde(default)]
    pub asked: BTreeSet<String>,
    /// The share and the organization that were last answered, by the names of their attributes.
    #[serde(default)]
    pub named: BTreeMap<String, String>,
}

impl Ledger {
    /// The link as it goes on record before the first look: a Delete that switches it off asks who else declares it.
    pub fn announced(&self, id: &str, request_id: &str) -> Option<Self> {
        let begun = || Self { link: Some(Link::begun(id, request_id)), ..Self::default() };
        self.link.is_none().then(begun)
    }

    /// What a request that was overtaken, or whose SUCCESS could not be recorded, takes back by its own ledger: what its
    /// Create began and the `current` one does not hold. The link itself cannot be taken back, and a newer request finds
    /// it.
    pub fn overtaken(&self, current: &Self, request_id: &str) -> Self {
        let began = |link: &&Link| link.request_id == request_id;
        let kept = current.link.as_ref().is_some_and(|link| link.answered || !began(&link));
        let link = self.link.as_ref().filter(began).filter(|_| !kept);
        Self { link: link.map(|link| Link { answered: false, ..link.clone() }), ..Self::default() }
    }

    /// Takes over what an overtaken request may have registered: a newer one may have to replace it.
    pub fn assume(&mut self, own: &Self) {
        if let (Some(link), Some(own)) = (&mut self.link, &own.link) {
            link.registered.extend(own.registered.iter().cloned());
        }
    }
}

impl Link {
    /// A link that `request_id` begins to declare.
    pub fn begun(id: &str, request_id: &str) -> Self {
        Self { id: id.to_owned(), request_id: request_id.to_owned(), ..Self::default() }
    }

    /// When this resource last had RAM switch sharing with the organization on.
    pub fn ram_enabled_at(&self) -> Option<SystemTime> {
        UNIX_EPOCH.checked_add(Duration::from_millis(self.ram_enabled?))
    }

    /// Keeps that RAM is asked to switch sharing with the organization on at `now`.
    pub fn note_ram_enabled(&mut self, now: SystemTime) {
        if let Ok(age) = now.duration_since(UNIX_EPOCH) {
            self.ram_enabled = u64::try_from(age.as_millis()).ok();
        }
    }

    /// Whether a Delete may switch it off: it was switched on by the Create that was answered SUCCESS, and the
    /// template asked for it.
    pub fn may_unlink(&self) -> bool {
        self.answered && self.unlink && self.switched_on_by.as_ref() == Some(&self.request_id)
    }

    /// Whether what is to go was answered SUCCESS, and CloudFormation has taken that: it names the physical id.
    pub fn is_taken_by(&self, which: &Which) -> bool {
        self.answered && matches!(which, Which::PhysicalId(_))
    }

    /// With what a Delete does from now on.
    pub fn on_delete(self, on_delete: OnDelete) -> Self {
        Self { unlink: on_delete == OnDelete::Unlink, ..self }
    }
}

/// Takes over when RAM was asked to share with the organization. Leaves out the delegated administrators that somebody else registered, and those that are none any more, where
/// `seen` knows.
pub(crate) fn learn(ledger: &mut Ledger, seen: &Observed) {
    let Some(link) = &mut ledger.link else { return };
    if let Some(at) = seen.ram_enabled_at {
        link.note_ram_enabled(at);
    }
    link.registered.retain(|id| seen.registered_by_others.iter().all(|other| other.as_str() != id));
    let Some(administrators) = &seen.administrators else { return };
    link.registered.retain(|id| administrators.iter().any(|there| there.as_str() == id));
    // Where none is left, the former one may still have to come back.
    link.former = link.former.take().filter(|_| administrators.is_empty());
}

/// Keeps what a SUCCESS names.
pub(crate) fn settled(ledger: &mut Ledger, seen: &Observed) {
    if let Some(link) = &mut ledger.link {
        link.named.extend(outcome::names(seen));
    }
}
