//! The tags of an own share.

use crate::domain::Share;
use crate::resource::Subject;
use crate::resource::config_share::desired::OwnShare;
use crate::resource::config_share::ledger::{Holding, Origin};
use crate::resource::config_share::ownership;
use crate::resource::config_share::step::Step;
use std::collections::BTreeMap;

/// The steps from the share's tags to the wanted ones. Tags that others put there stay; those that an adopted share
/// had before come back. `intent` learns what is about to be overwritten.
pub(super) fn changes(subject: &Subject, own: &OwnShare, share: &Share, intent: &mut Holding) -> Vec<Step> {
    let wanted = wanted(subject, own, share, intent);
    if let Origin::Adopted(former) = &mut intent.origin {
        for key in wanted.keys() {
            former.tags.entry(key.clone()).or_insert_with(|| share.tags.get(key).cloned());
        }
    }
    let dropped: Vec<String> =
        intent.tag_keys.iter().filter(|key| !own.tags.contains_key(*key)).cloned().collect();
    intent.tag_keys.extend(own.tags.keys().cloned());
    let (restored, removed) = undo(share, intent, &dropped);
    let set = wanted.into_iter().chain(restored).filter(|(key, value)| share.tags.get(key) != Some(value));
    steps(share, set.collect(), removed)
}

/// The template's tags and the provider's own. The request id stays that of the request which made the share.
fn wanted(subject: &Subject, own: &OwnShare, share: &Share, intent: &Holding) -> BTreeMap<String, String> {
    let mut provider = ownership::tags(subject, &intent.origin);
    provider.insert(ownership::REQUEST_ID.to_owned(), intent.request_id.clone());
    if matches!(intent.origin, Origin::Made { .. }) && share.tags.contains_key(ownership::REQUEST_ID) {
        provider.remove(ownership::REQUEST_ID);
    }
    own.tags.clone().into_iter().chain(provider).collect()
}

/// What becomes of `keys` when this resource lets go of them: the former value, or nothing.
pub(super) fn undo(
    share: &Share,
    holding: &Holding,
    keys: &[String],
) -> (BTreeMap<String, String>, Vec<String>) {
    let mut restored = BTreeMap::new();
    let mut removed = Vec::new();
    for key in keys {
        match former_value(holding, key) {
            Some(value) => drop(restored.insert(key.clone(), value)),
            None if share.tags.contains_key(key) => removed.push(key.clone()),
            None => {}
        }
    }
    (restored, removed)
}

fn former_value(holding: &Holding, key: &str) -> Option<String> {
    match &holding.origin {
        Origin::Adopted(former) => former.tags.get(key).cloned().flatten(),
        Origin::Made { .. } | Origin::Attached => None,
    }
}

/// At most one call each; removals first, for a share has room for 50 tags.
pub(super) fn steps(share: &Share, set: BTreeMap<String, String>, removed: Vec<String>) -> Vec<Step> {
    let mut steps = Vec::new();
    if !removed.is_empty() {
        steps.push(Step::Untag(share.arn.clone(), removed));
    }
    if !set.is_empty() {
        steps.push(Step::Tag(share.arn.clone(), set));
    }
    steps
}
