//! What one `Custom::LicenseConfigShare` made, added and adopted: the part of the record that proves what is ours.
//!
//! A ledger outlives requests. Fields may be added with a default, and never change their meaning: a ledger that an
//! older or newer version of the provider wrote must stay readable.

use super::going::Going;
use crate::domain::{Member, Share, ShareArn};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// All shares in which this resource has a hand. One as a rule; two while a replacement waits for its clean-up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// Oldest first.
    #[serde(default)]
    pub holdings: Vec<Holding>,
}

/// One share, and what this resource has in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    /// The request that began it.
    pub request_id: String,
    /// The share's ARN; unknown between the intent to create it and RAM's answer, and found by tag then.
    #[serde(default)]
    pub share: Option<String>,
    /// How the share came to this resource.
    pub origin: Origin,
    /// Whether a SUCCESS with it was recorded. What was never answered may be taken back.
    #[serde(default)]
    pub answered: bool,
    /// Members that this resource added, by the request that added them.
    #[serde(default)]
    pub added: BTreeMap<String, BTreeSet<String>>,
    /// Members that were there before and that the template names: never removed.
    #[serde(default)]
    pub adopted: BTreeSet<String>,
    /// Members of an own share that were there already when the template first named them. They go when the template
    /// drops them, but not in a rollback to properties that did not name them.
    #[serde(default)]
    pub found: BTreeSet<String>,
    /// Keys of the template's tags that are on the share because of this resource.
    #[serde(default)]
    pub tag_keys: BTreeSet<String>,
    /// Members that a request has begun to let go of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub going: Option<Going>,
}

/// How a share came to a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// This resource made it: Delete deletes it.
    Made {
        /// `RetainSharingOnAccountLeaveOrganization`, which cannot change.
        #[serde(default)]
        retain_sharing: bool,
    },
    /// It was there, and `AdoptExisting` took it over: Delete gives it back as it was.
    Adopted(Former),
    /// An existing share that this resource only adds members to.
    Attached,
}

/// What an adopted share was like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Former {
    /// Its name.
    pub name: String,
    /// Its `allowExternalPrincipals`.
    pub allow_external_principals: bool,
    /// Its `RetainSharingOnAccountLeaveOrganization`, which cannot change.
    #[serde(default)]
    pub retain_sharing: bool,
    /// The values of the tags that this resource has overwritten; `None` where the key was not there.
    #[serde(default)]
    pub tags: BTreeMap<String, Option<String>>,
    /// Its members: they stay when the share is given back.
    #[serde(default)]
    pub members: BTreeSet<String>,
    /// The logical id of the same stack that had it, when it was taken over from there.
    #[serde(default)]
    pub logical_id: Option<String>,
    /// What that resource had on record about it: becomes this one's once that resource is gone.
    #[serde(default)]
    pub inherited: Option<Box<Holding>>,
}

impl Ledger {
    /// The holding of `share`, if there is one.
    pub fn of_share(&self, share: &ShareArn) -> Option<&Holding> {
        self.holdings.iter().rev().find(|holding| holding.is_of(share))
    }

    /// The holding that `request_id` began.
    pub fn of_request(&self, request_id: &str) -> Option<&Holding> {
        self.holdings.iter().rev().find(|holding| holding.request_id == request_id)
    }

    /// The ledger with `holding` in place of the one of the same request or of the same share, or at its end.
    pub fn with(&self, holding: Holding) -> Self {
        let mut ledger = self.without(&holding);
        ledger.holdings.push(holding);
        ledger
    }

    /// The ledger without the holding of the same request, or of the same share.
    pub fn without(&self, holding: &Holding) -> Self {
        let same = |other: &Holding| {
            other.request_id == holding.request_id || (other.share.is_some() && other.share == holding.share)
        };
        Self { holdings: self.holdings.iter().filter(|other| !same(other)).cloned().collect() }
    }
}

impl Ledger {
    /// What `request_id` began or added on this ledger and what the `current` one, of a newer request, does not keep.
    pub fn overtaken(&self, current: &Self, request_id: &str) -> Self {
        Self { holdings: self.holdings.iter().filter_map(|own| own.overtaken(current, request_id)).collect() }
    }
}

impl Ledger {
    /// Notes the tags that the overtaken request of the `own` ledger may have put on the same shares.
    pub fn assume(&mut self, own: &Self) {
        for holding in self.holdings.iter_mut().filter(|holding| holding.share.is_some()) {
            if let Some(other) = own.holdings.iter().find(|other| other.share == holding.share) {
                holding.assume_tags(other);
            }
        }
    }
}

impl Holding {
    fn assume_tags(&mut self, other: &Self) {
        self.tag_keys.extend(other.tag_keys.iter().cloned());
        if let (Origin::Adopted(former), Origin::Adopted(others)) = (&mut self.origin, &other.origin) {
            for (key, value) in &others.tags {
                former.tags.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
    }

    /// Whatever this one says of an answer: the request was overtaken before it was recorded.
    fn overtaken(&self, current: &Ledger, request_id: &str) -> Option<Self> {
        let began = self.request_id == request_id;
        let kept = current.holdings.iter().find(|other| {
            other.request_id == self.request_id || (other.share.is_some() && other.share == self.share)
        });
        match kept {
            None if began => Some(Self { answered: false, ..self.clone() }),
            Some(kept) if began && !kept.answered => Some(Self { answered: false, ..self.clone() }),
            Some(kept) => self.only_added_by(request_id, |member| !kept.knows(member)),
            None => self.only_added_by(request_id, |_| true),
        }
    }

    /// Whether `request_id` began it, and was not answered SUCCESS with it.
    pub fn is_unanswered(&self, request_id: &str) -> bool {
        self.request_id == request_id && !self.answered
    }

    /// Of an attachment that an earlier request began, and which outlived its resource, the part that `request_id` added
    /// when the resource was made anew; `None` where there is no such part.
    pub fn only_partly_of(&self, request_id: &str) -> Option<Self> {
        let may_be = self.request_id != request_id && self.origin == Origin::Attached;
        self.only_added_by(request_id, |_| true).filter(|_| may_be)
    }

    /// The holding without what `request_id` added.
    pub fn without_additions_of(&self, request_id: &str) -> Self {
        let mut holding = Self { going: None, ..self.clone() };
        holding.added.remove(request_id);
        holding
    }

    /// The members that `request_id` added and `which` holds for, as an attachment that is to go.
    fn only_added_by(&self, request_id: &str, which: impl Fn(&str) -> bool) -> Option<Self> {
        let added: BTreeSet<String> =
            self.added.get(request_id)?.iter().filter(|member| which(member)).cloned().collect();
        let mut members = Self::begun(request_id, None, Origin::Attached);
        members.share.clone_from(&self.share);
        members.added.insert(request_id.to_owned(), added);
        members.added.values().any(|added| !added.is_empty()).then_some(members)
    }

    /// A holding that `request_id` begins now, with nothing in it yet.
    pub fn begun(request_id: &str, share: Option<&ShareArn>, origin: Origin) -> Self {
        Self {
            request_id: request_id.to_owned(),
            share: share.map(ToString::to_string),
            origin,
            answered: false,
            added: BTreeMap::new(),
            adopted: BTreeSet::new(),
            found: BTreeSet::new(),
            tag_keys: BTreeSet::new(),
            going: None,
        }
    }

    /// The share's ARN, once it is known.
    pub fn share_arn(&self) -> Option<ShareArn> {
        self.share.as_deref().and_then(|arn| arn.parse().ok())
    }

    /// Whether it is about `share`.
    pub fn is_of(&self, share: &ShareArn) -> bool {
        self.share.as_deref() == Some(share.as_str())
    }

    /// Whether the share is this resource's own, made or adopted, and not one that it only adds to.
    pub fn is_own(&self) -> bool {
        match self.origin {
            Origin::Made { .. } | Origin::Adopted(_) => true,
            Origin::Attached => false,
        }
    }

    /// `RetainSharingOnAccountLeaveOrganization` of an own share.
    pub fn retain_sharing(&self) -> bool {
        match &self.origin {
            Origin::Made { retain_sharing } => *retain_sharing,
            Origin::Adopted(former) => former.retain_sharing,
            Origin::Attached => false,
        }
    }

    /// Whether this resource added `member`.
    pub fn has_added(&self, member: &str) -> bool {
        self.added.values().any(|members| members.contains(member))
    }

    /// Whether the record knows `member`, as added, adopted or found.
    pub fn knows(&self, member: &str) -> bool {
        self.has_added(member) || self.adopted.contains(member) || self.found.contains(member)
    }

    /// All members that the record knows.
    pub fn all_known(&self) -> BTreeSet<&str> {
        let found = self.adopted.iter().chain(&self.found).map(String::as_str);
        self.all_added().into_iter().chain(found).collect()
    }

    /// All members that this resource added.
    pub fn all_added(&self) -> BTreeSet<&str> {
        self.added.values().flatten().map(String::as_str).collect()
    }

    /// Members that may be taken out in passing, for the plan that follows puts them back as they were on record: in an
    /// existing share not those that were there before.
    pub fn invited_again(&self) -> BTreeSet<Member> {
        let ours = if self.is_own() { self.all_known() } else { self.all_added() };
        ours.into_iter().map(as_member).collect()
    }

    /// Notes that `request_id` adds `members`; a member has one adder, the newest.
    pub fn add<'a>(&mut self, request_id: &str, members: impl IntoIterator<Item = &'a str>) {
        let members: BTreeSet<String> = members.into_iter().map(str::to_owned).collect();
        if members.is_empty() {
            return;
        }
        self.added.values_mut().for_each(|group| group.retain(|member| !members.contains(member)));
        self.found.retain(|member| !members.contains(member));
        self.adopted.retain(|member| !members.contains(member));
        self.added.entry(request_id.to_owned()).or_default().extend(members);
        self.added.retain(|_, group| !group.is_empty());
    }

    /// Forgets the members that `request_id` meant to add and that `absent` holds for.
    pub fn forget(&mut self, request_id: &str, absent: impl Fn(&str) -> bool) {
        if let Some(members) = self.added.get_mut(request_id) {
            members.retain(|member| !absent(member));
        }
        self.added.retain(|_, group| !group.is_empty());
    }

    /// Keeps only the members that `keep` holds for: what is let go of is gone.
    pub fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.added.values_mut().for_each(|group| group.retain(|member| keep(member)));
        self.added.retain(|_, group| !group.is_empty());
        self.adopted.retain(|member| keep(member));
        self.found.retain(|member| keep(member));
        self.going = None;
    }
}

impl Former {
    /// What `share` is like now, but for members; `tags` are the keys about to be overwritten.
    pub fn of<'a>(share: &Share, tags: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            name: share.name.clone(),
            allow_external_principals: share.allow_external_principals,
            retain_sharing: share.retain_sharing,
            tags: tags.into_iter().map(|key| (key.to_owned(), share.tags.get(key).cloned())).collect(),
            ..Self::default()
        }
    }
}

/// The members of `kind` among `ids`: ARNs of license configurations, or principals.
pub(super) fn as_member(id: &str) -> Member {
    if id.contains(":license-manager:") { Member::resource(id) } else { Member::principal(id) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holding(request_id: &str, share: Option<&str>) -> Holding {
        Holding {
            share: share.map(str::to_owned),
            ..Holding::begun(request_id, None, Origin::Made { retain_sharing: false })
        }
    }

    #[test]
    fn a_member_has_one_adder_the_newest() {
        let mut holding = holding("r1", Some("s"));
        holding.add("r1", ["a", "b"]);
        holding.add("r2", ["b"]);
        assert_eq!(holding.added["r1"], BTreeSet::from(["a".to_owned()]));
        assert_eq!(holding.added["r2"], BTreeSet::from(["b".to_owned()]));
        holding.add("r2", ["a"]);
        assert!(!holding.added.contains_key("r1"));
    }

    #[test]
    fn a_holding_replaces_the_one_of_its_request_and_the_one_of_its_share() {
        let ledger = Ledger { holdings: vec![holding("r1", Some("s1")), holding("r2", None)] };
        let ledger = ledger.with(holding("r2", Some("s2")));
        assert_eq!(ledger.holdings.len(), 2);
        let ledger = ledger.with(holding("r3", Some("s1")));
        assert_eq!(ledger.holdings.iter().map(|h| h.request_id.as_str()).collect::<Vec<_>>(), ["r2", "r3"]);
    }

    #[test]
    fn a_ledger_of_an_older_version_with_fewer_fields_is_read() {
        let old = r#"{"holdings":[{"request_id":"r","origin":{"Made":{}}}]}"#;
        let ledger: Ledger = serde_json::from_str(old).unwrap();
        assert_eq!(ledger.holdings, [holding("r", None)]);
    }

    #[test]
    fn members_are_told_apart_by_their_text() {
        assert_eq!(
            as_member("arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-1").kind,
            crate::domain::MemberKind::Resource
        );
        assert_eq!(as_member("111122223333").kind, crate::domain::MemberKind::Principal);
    }
}
