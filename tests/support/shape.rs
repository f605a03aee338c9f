//! What is there in the end, as one value to compare: shares with their members and tags, whatever their ids.

use super::world::{ACCOUNT, World};
use local_cloud::ram::Share;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

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
    all_shapes(world).into_iter().filter(|(owner, _)| owner == ACCOUNT).map(|(_, shape)| shape).collect()
}

/// All live shares of all accounts, each with its owner.
fn all_shapes(world: &World) -> Vec<(String, Shape)> {
    let cloud = world.cloud();
    let live = cloud.shares().iter().filter(|share| share.status.is_live());
    let mut shapes: Vec<(String, Shape)> = live.map(|share| (share.owner.clone(), shape(share))).collect();
    shapes.sort();
    shapes
}

fn shape(share: &Share) -> Shape {
    let present = share.associations.iter().filter(|association| association.status.is_present());
    Shape {
        name: share.name.clone(),
        external: share.allow_external,
        members: present.map(|association| association.entity.clone()).collect(),
        tags: share.tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect(),
    }
}

/// The whole of a cloud: whatever a stack can leave over.
#[derive(Clone, Debug, PartialEq)]
pub struct Everything {
    /// Live shares of all accounts, with their owners.
    pub shapes: Vec<(String, Shape)>,
    /// Shares that were ever made.
    pub made: usize,
    /// Accounts with a pending invitation.
    pub pending: Vec<String>,
    /// License Manager's delegated administrators.
    pub delegates: Vec<String>,
    /// Services with trusted access.
    pub trusted: BTreeSet<String>,
    /// License Manager's settings.
    pub link: String,
}

/// All that is there now, with what has settled by now.
pub fn everything(world: &World) -> Everything {
    world.cloud().advance(Duration::ZERO);
    let (settings, made) = (world.link_settings(), world.cloud().shares().len());
    Everything {
        shapes: all_shapes(world),
        made,
        pending: world.pending(),
        delegates: world.delegates(),
        trusted: world.trusted(),
        link: format!(
            "{} {} {:?} {:?}",
            settings.integration, settings.discovery, settings.sns_topic_arn, settings.s3_bucket_arn
        ),
    }
}
