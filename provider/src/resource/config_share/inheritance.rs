//! A share that passes from one resource of a stack to another: a renamed logical id.
//!
//! As long as the former owner is there, the new one gives the share back to it when it goes: a rollback deletes the new
//! resource and keeps the old one. Once the former owner is gone, the share is the new one's as it was the former's.

use super::ledger::{Former, Holding, Origin};
use super::ownership;
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

    /// The former owner's record is lost: whether it made the share is all that is known, by the share's tags as they
    /// were then.
    fn with_lost(mut self, former: &Former) -> Self {
        if ownership::says_made(former.tags.get(ownership::ORIGIN).and_then(Option::as_ref)) {
            self.origin = Origin::Made { retain_sharing: former.retain_sharing };
            self.found.append(&mut self.adopted);
        } else {
            self.origin = Origin::Adopted(former.clone().of_nobody());
        }
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
    /// What the share was like, without the tags by which it was the former owner's.
    fn of_nobody(mut self) -> Self {
        self.logical_id = None;
        self.tags.extend(ownership::KEYS.map(|key| (key.to_owned(), None)));
        self
    }

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

    /// A share whose former owner's record is lost, by the value of its tag then.
    fn of_lost(origin: Option<&str>) -> Holding {
        let mut holding = adopted(Some("Old"), None);
        if let Origin::Adopted(former) = &mut holding.origin {
            former.tags.insert(ownership::ORIGIN.to_owned(), origin.map(str::to_owned));
            former.tags.insert(ownership::LOGICAL_ID.to_owned(), Some("Old".to_owned()));
        }
        holding.inherit()
    }

    #[test]
    fn only_the_tag_proves_that_a_former_owner_whose_record_is_lost_made_the_share() {
        assert_eq!(of_lost(Some("made")).origin, Origin::Made { retain_sharing: false });
        for origin in [None, Some("adopted")] {
            let Origin::Adopted(former) = of_lost(origin).origin else { panic!("{origin:?}") };
            assert_eq!((former.logical_id, &former.tags[ownership::LOGICAL_ID]), (None, &None));
        }
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
