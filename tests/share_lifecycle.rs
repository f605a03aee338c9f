//! An own share from Create to Delete, and the AWS calls that it costs (design 11).

use crate::support::world::{MEMBER, MEMBER_2, OUTSIDER, World, own, with};
use serde_json::json;
use std::collections::BTreeSet;

#[tokio::test(start_paused = true)]
async fn a_share_is_created_in_four_calls_and_deleted_in_three() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let organization = world.organization_arn();
    let mark = world.mark();
    let created = world.create("Share", own("licenses", &licenses, &[&organization])).await;
    assert!(created.is_success(), "{}", created.reason());
    assert_eq!(
        world.operations_since(mark),
        [
            "ListLicenseConfigurations",
            "CreateResourceShare",
            "GetResourceShareAssociations",
            "GetResourceShareAssociations"
        ]
    );
    let arn = created.physical_id().to_owned();
    assert_eq!(created.attribute("ResourceShareArn"), arn);
    assert_eq!(created.attribute("Status"), "ACTIVE");
    assert_eq!(created.attribute("PendingAccounts"), "");
    assert_eq!(created.attribute("Warnings"), "");
    let expected: BTreeSet<String> = [licenses[0].clone(), organization].into();
    assert_eq!(world.members(&arn), expected);
    let mark = world.mark();
    let deleted = world.delete(&arn, "Share").await;
    assert!(deleted.is_success(), "{}", deleted.reason());
    assert_eq!(
        world.operations_since(mark),
        ["GetResourceShares", "DeleteResourceShare", "GetResourceShares"]
    );
    assert_eq!(world.live_shares(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn an_update_without_effect_reads_once_and_writes_nothing() {
    let world = World::new();
    let licenses = world.license_configurations(2);
    let properties = own("licenses", &licenses, &[MEMBER, MEMBER_2]);
    let created = world.create("Share", properties).await;
    let reversed: Vec<String> = licenses.iter().rev().chain(&licenses).cloned().collect();
    let same =
        with(own("licenses", &reversed, &[MEMBER_2, MEMBER]), "AllowExternalPrincipals", json!("False"));
    let mark = world.mark();
    let updated = world.update(created.physical_id(), "Share", same).await;
    assert!(updated.is_success(), "{}", updated.reason());
    assert_eq!(updated.physical_id(), created.physical_id());
    let mut operations = world.operations_since(mark);
    operations.sort_unstable();
    assert_eq!(
        operations,
        [
            "GetResourceShareAssociations",
            "GetResourceShareAssociations",
            "GetResourceShares",
            "ListLicenseConfigurations"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn members_come_and_go_and_an_outside_account_is_pending() {
    let world = World::new();
    let licenses = world.license_configurations(2);
    let properties =
        with(own("licenses", &licenses, &[MEMBER, OUTSIDER]), "AllowExternalPrincipals", json!(true));
    let created = world.create("Share", properties).await;
    assert!(created.is_success(), "{}", created.reason());
    assert_eq!(created.attribute("PendingAccounts"), OUTSIDER);
    assert_eq!(created.attribute("PendingAccountsCount"), "1");
    let fewer = with(own("renamed", &licenses[..1], &[MEMBER_2]), "AllowExternalPrincipals", json!(true));
    let updated = world.update(created.physical_id(), "Share", fewer).await;
    assert!(updated.is_success(), "{}", updated.reason());
    let expected: BTreeSet<String> = [licenses[0].clone(), MEMBER_2.to_owned()].into();
    assert_eq!(world.members(created.physical_id()), expected);
    assert_eq!(world.live_shares(), ["renamed"]);
}
