//! A share that passes from one resource of a stack to another: a renamed logical id.
//!
//! As long as the former owner is there, the new one gives the share back to it when it goes: a rollback deletes the new
//! resource and keeps the old one. Once the former owner is gone, the share is the new one's as it was the former's.

use super::ledger::{Former, Holding, Origin};
use std::collections::BTreeSet;

impl Holding {
    /// The logical id of the same stack from which the share was taken over, and which may still have it.
    pub fn former_owner(&self) -> Option<&str> {
        match &self.origin {
            Origin::Adopted(former) => former.logical_id.as_deref(),
            Origin::Made { .. } | Origin::Attached => None,
        }
    }

    /// The holding once its former owner is gone: what that one made, added and adopted is this one's.
    #[must_use]
    pub fn inherit(self) -> Self {
        let Origin::Adopted(former) = &self.origin else { return self };
        if former.logical_id.is_none() {
            return self;
        }
        let former = former.clone();
        match former.inherited.clone().map(|holding| *holding) {
            None => self.with_lost(&former),
            Some(inherited) => self.with_inherited(&former, inherited),
        }
    }

    /// The former owner's record is lost: that it made the share is all that is known.
    fn with_lost(mut self, former: &Former) -> Self {
        self.origin = Origin::Made { retain_sharing: former.retain_sharing };
        self.found.append(&mut self.adopted);
        self
    }

    fn with_inherited(mut self, former: &Former, inherited: Self) -> Self {
        self.origin = match inherited.origin {
            Origin::Adopted(first) => Origin::Adopted(first.after(former)),
            Origin::Made { .. } | Origin::Attached => Origin::Made { retain_sharing: former.retain_sharing },
        };
        for (request_id, members) in inherited.added {
            let new: BTreeSet<String> =
                members.into_iter().filter(|member| !self.has_added(member)).collect();
            self.adopted.retain(|member| !new.contains(member));
            self.added.entry(request_id).or_default().extend(new);
        }
        self.adopted.retain(|member| !inherited.found.contains(member));
        self.found.extend(inherited.found);
        self.tag_keys.extend(inherited.tag_keys);
        self
    }
}

impl Former {
    /// What the share was like before its first owner adopted it; `later` tells of tags that only the next one changed.
    fn after(mut self, later: &Self) -> Self {
        for (key, value) in &later.tags {
            self.tags.entry(key.clone()).or_insert_with(|| value.clone());
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adopted(logical_id: Option<&str>, inherited: Option<Holding>) -> Holding {
        let former = Former {
            name: "former".into(),
            logical_id: logical_id.map(str::to_owned),
            inherited: inherited.map(Box::new),
            tags: [("k".to_owned(), Some(if logical_id.is_some() { "old" } else { "first" }.to_owned()))]
                .into(),
            ..Former::default()
        };
        Holding::begun("new", None, Origin::Adopted(former))
    }

    #[test]
    fn what_was_adopted_from_nobody_in_the_stack_stays_as_it_is() {
        let holding = adopted(None, None);
        assert_eq!(holding.clone().inherit(), holding);
    }

    #[test]
    fn a_share_that_the_former_owner_made_is_made_and_its_members_added() {
        let mut old = Holding::begun("old", None, Origin::Made { retain_sharing: false });
        old.add("old", ["a", "b"]);
        let mut new = adopted(Some("Old"), Some(old));
        new.adopted.insert("a".into());
        let heir = new.inherit();
        assert_eq!(heir.origin, Origin::Made { retain_sharing: false });
        assert_eq!(heir.all_added(), ["a", "b"].into());
        assert_eq!(heir.adopted, [].into());
        assert_eq!(heir.former_owner(), None);
    }

    #[test]
    fn a_share_that_the_former_owner_adopted_stays_adopted_as_it_was_at_first() {
        let mut old = adopted(None, None);
        old.add("old", ["a"]);
        let heir = adopted(Some("Old"), Some(old)).inherit();
        let Origin::Adopted(former) = &heir.origin else { panic!("{heir:?}") };
        assert_eq!(former.tags["k"].as_deref(), Some("first"));
        assert_eq!((former.logical_id.as_deref(), heir.all_added()), (None, ["a"].into()));
    }
}
