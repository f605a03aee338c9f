//! Whole flows, from Create to Delete, that must end the same whatever the cloud does meanwhile.

use super::s3::Answer;
use super::world::{ACCOUNT, MEMBER, MEMBER_2, OUTSIDER, World, attached, own, with};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Every operation that [`life_of_an_own_share`] calls.
pub const OPERATIONS: [&str; 10] = [
    "ListLicenseConfigurations",
    "GetResourceShares",
    "GetResourceShareAssociations",
    "CreateResourceShare",
    "AssociateResourceShare",
    "DisassociateResourceShare",
    "UpdateResourceShare",
    "TagResource",
    "UntagResource",
    "DeleteResourceShare",
];

fn tags(keys: &[&str]) -> Value {
    keys.iter().map(|key| json!({"Key": key, "Value": "v"})).collect()
}

pub fn succeeded(answer: Answer) -> Answer {
    assert!(answer.is_success(), "{}", answer.reason());
    answer
}

/// Create, an Update of everything that can be updated, an Update without effect, Delete.
pub async fn life_of_an_own_share(world: &World) {
    let licenses = world.license_configurations(3);
    let first =
        with(own("first", &licenses[..2], &[MEMBER, OUTSIDER]), "AllowExternalPrincipals", json!(true));
    let created = succeeded(world.create("Share", with(first, "Tags", tags(&["a", "b"]))).await);
    let arn = created.physical_id().to_owned();
    assert_eq!(created.attribute("PendingAccounts"), OUTSIDER);
    assert_eq!(world.members(&arn), set(&[&licenses[0], &licenses[1], MEMBER, OUTSIDER]));
    let second = with(own("second", &licenses[1..], &[MEMBER, MEMBER_2]), "Tags", tags(&["b", "c"]));
    let updated = succeeded(world.update(&arn, "Share", second.clone()).await);
    assert_eq!((updated.physical_id(), updated.attribute("Warnings")), (arn.as_str(), ""));
    assert_eq!(world.members(&arn), set(&[&licenses[1], &licenses[2], MEMBER, MEMBER_2]));
    assert_eq!(world.live_shares(), ["second"]);
    let mark = world.mark();
    succeeded(world.update(&arn, "Share", second).await);
    assert_eq!(world.written_since(mark), Vec::<String>::new());
    succeeded(world.delete(&arn, "Share").await);
    assert_eq!(world.live_shares(), Vec::<String>::new());
}

/// An attachment to License Manager's share: Create, Update, Delete.
pub async fn life_of_an_attachment(world: &World) {
    let licenses = world.license_configurations(3);
    let share = world.cloud().create_license_manager_share(ACCOUNT, super::world::REGION);
    let before = world.members(&share);
    let created = succeeded(world.create("Added", attached(&share, &licenses[..2], &[MEMBER])).await);
    assert!(world.members(&share).is_superset(&set(&[&licenses[0], &licenses[1], MEMBER])));
    let update = attached(&share, &licenses[1..], &[MEMBER_2]);
    succeeded(world.update(created.physical_id(), "Added", update).await);
    let now = world.members(&share);
    assert!(now.is_superset(&set(&[&licenses[1], &licenses[2], MEMBER_2])));
    assert!(!now.contains(&licenses[0]) && !now.contains(MEMBER));
    succeeded(world.delete(created.physical_id(), "Added").await);
    assert_eq!(world.members(&share), before);
}

pub fn set(members: &[&str]) -> BTreeSet<String> {
    members.iter().map(|member| (*member).to_owned()).collect()
}
