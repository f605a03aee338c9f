//! What is there in the end, as one value to compare: shares with their members and tags, whatever their ids.

use super::world::{ACCOUNT, World};
use std::collections::{BTreeMap, BTreeSet};

/// A live share of the provider's account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shape {
    pub name: String,
    pub external: bool,
    pub members: BTreeSet<String>,
    pub tags: BTreeMap<String, String>,
}

/// All live shares.
pub fn shapes(world: &World) -> Vec<Shape> {
    let cloud = world.cloud();
    let live = cloud.shares().iter().filter(|share| share.owner == ACCOUNT && share.status.is_live());
    let mut shapes: Vec<Shape> = live
        .map(|share| Shape {
            name: share.name.clone(),
            external: share.allow_external,
            members: share
                .associations
                .iter()
                .filter(|association| association.status.is_present())
                .map(|association| association.entity.clone())
                .collect(),
            tags: share.tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect(),
        })
        .collect();
    shapes.sort();
    shapes
}
