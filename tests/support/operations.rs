//! Flows that together make every call that the provider can make, in each kind of request that can make it.

use super::acceptance::{Foreign, ROLE};
use super::console::{BARE, ByHand};
use super::faulty_records::{RecordFault, RecordRule};
use super::flows::{life_of_an_attachment, life_of_an_own_share, succeeded};
use super::link::{LINK_ID, MANAGER, MANAGER_IN_MEMBERS, link, searching};
use super::partners::{accepting, shared};
use super::points::Points;
use super::world::{ACCOUNT, MEMBER, MEMBER_2, OUTSIDER, REGION, World, own, with};
use local_cloud::fault::{FaultKind, FaultRule};
use local_cloud::organizations::RamSharing;
use local_cloud::ram::FailAssociation;
use local_cloud::sts::Role;
use serde_json::{Value, json};
use std::time::Duration;

/// A license configuration that is not there.
pub const UNKNOWN: &str =
    "arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-0123456789abcdef";

/// The worlds in which the flows have been.
pub async fn every_flow() -> Vec<World> {
    let mut worlds = Vec::new();
    let lives = World::new();
    life_of_an_own_share(&lives).await;
    life_of_an_attachment(&lives).await;
    worlds.push(lives);
    worlds.push(adopted_and_given_back().await);
    worlds.push(an_adoption_that_fails().await);
    worlds.push(an_update_of_an_adoption_that_fails().await);
    worlds.push(shares_that_fail().await);
    worlds.push(unknown_license_configurations().await);
    worlds.push(linked_with_everything().await);
    worlds.push(linked_bit_by_bit().await);
    for updates in [false, true] {
        worlds.push(repaired(updates).await);
        worlds.push(made_its_role(updates).await);
    }
    worlds.push(unlinked().await);
    for again in [false, true] {
        worlds.push(undelegated(again).await);
    }
    worlds.push(accepted_for_partners().await);
    worlds.push(accepted_and_left().await);
    worlds.push(a_replaced_acceptance_that_fails().await);
    worlds.push(an_acceptance_that_is_overtaken().await);
    worlds.push(accepted_through_a_role().await);
    worlds
}

fn external(name: &str, licenses: &[String], principals: &[&str]) -> Value {
    with(own(name, licenses, principals), "AllowExternalPrincipals", json!(true))
}

/// What changes everything about the share that is there.
fn adopting(licenses: &[String]) -> Value {
    let tags = json!([{"Key": "team", "Value": "red"}, {"Key": "new", "Value": "1"}]);
    with(with(external("by-hand", licenses, &[MEMBER, MEMBER_2]), "Tags", tags), "AdoptExisting", json!(true))
}

async fn by_hand(world: &World, licenses: &[String]) -> String {
    let tags = [("team", "blue"), ("cost", "7")];
    world
        .share_by_hand(ByHand { resources: &licenses[..1], principals: &[MEMBER], tags: &tags, ..BARE })
        .await
}

async fn adopted_and_given_back() -> World {
    let world = World::new();
    let licenses = world.license_configurations(2);
    let share = by_hand(&world, &licenses).await;
    succeeded(world.create("Share", adopting(&licenses)).await);
    succeeded(world.delete(&share, "Share").await);
    world
}

/// The first four reads of members are the looks before: there is a second one once the members that it found are on
/// record.
async fn an_adoption_that_fails() -> World {
    let world = World::new();
    let licenses = world.license_configurations(2);
    by_hand(&world, &licenses).await;
    world.deny("GetResourceShareAssociations", 4);
    assert!(!world.create("Share", adopting(&licenses)).await.is_success());
    world
}

async fn an_update_of_an_adoption_that_fails() -> World {
    let world = World::new();
    let licenses = world.license_configurations(2);
    let created = succeeded(world.create("Share", own("one", &licenses[..1], &[MEMBER])).await);
    world.deny("AssociateResourceShare", 0);
    let changed = external("two", &licenses, &[MEMBER, MEMBER_2]);
    assert!(!world.update(created.physical_id(), "Share", changed).await.is_success());
    world
}

/// A share that a Create, and then an Update, has made and deletes again, since what comes next fails.
async fn shares_that_fail() -> World {
    let world = World::new();
    let licenses = world.license_configurations(2);
    let properties = own("one", &licenses, &[MEMBER]);
    world.deny("GetResourceShareAssociations", 0);
    assert!(!world.create("Share", properties.clone()).await.is_success());
    let created = succeeded(world.create("Share", properties.clone()).await);
    let retained = with(properties, "AllowExternalPrincipals", json!(true));
    let retained = with(retained, "RetainSharingOnAccountLeaveOrganization", json!(true));
    let organization = world.organization_arn();
    let replaced = with(retained, "Principals", json!([organization]));
    world.cloud().fail_association(FailAssociation::of(&organization, "no capacity"));
    let updated = world.update(created.physical_id(), "Share", replaced).await;
    assert!(updated.reason().contains("no capacity"), "{}", updated.bytes);
    assert_eq!(world.live_shares(), ["one"]);
    world
}

async fn unknown_license_configurations() -> World {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let unknown = [licenses[0].clone(), UNKNOWN.to_owned()];
    assert!(!world.create("Share", own("one", &unknown, &[])).await.is_success());
    let created = succeeded(world.create("Share", own("one", &licenses, &[])).await);
    assert!(!world.update(created.physical_id(), "Share", own("one", &unknown, &[])).await.is_success());
    world
}

fn delegating(account: &str) -> Value {
    json!({ "DelegatedAdministratorAccountId": account })
}

async fn linked_with_everything() -> World {
    let world = World::new();
    share_off(&world);
    let all = with(
        with(searching(), "EnableRamSharing", json!(true)),
        "DelegatedAdministratorAccountId",
        json!(MEMBER),
    );
    succeeded(world.create_link(link(all)).await);
    succeeded(world.update_link(link(delegating(MEMBER_2))).await);
    succeeded(world.delete_link(LINK_ID).await);
    world
}

async fn linked_bit_by_bit() -> World {
    let world = World::new();
    share_off(&world);
    succeeded(world.create_link(link(json!({}))).await);
    let more = with(
        with(searching(), "EnableRamSharing", json!(true)),
        "DelegatedAdministratorAccountId",
        json!(MEMBER),
    );
    succeeded(world.update_link(link(more)).await);
    world
}

pub fn share_off(world: &World) {
    let organization = world.organization.clone();
    assert!(world.cloud().set_ram_sharing(&organization, RamSharing::Off));
}

/// A link whose trusted access License Manager does not give back.
async fn repaired(updates: bool) -> World {
    let world = World::new();
    let organization = world.organization.clone();
    if updates {
        succeeded(world.create_link(link(json!({}))).await);
    } else {
        assert!(world.cloud().link_by_hand(ACCOUNT, REGION));
    }
    for principal in [MANAGER, MANAGER_IN_MEMBERS] {
        assert!(world.cloud().set_trusted_access(&organization, principal, false));
    }
    world.cloud().change_settings(|settings| settings.license_manager.relink_repairs = false);
    let ended = if updates {
        world.update_link(link(json!({}))).await
    } else {
        world.create_link(link(json!({}))).await
    };
    assert_eq!(succeeded(ended).attribute("TrustedAccess"), "Enabled");
    world
}

async fn made_its_role(updates: bool) -> World {
    let world = World::new();
    if updates {
        succeeded(world.create_link(link(json!({}))).await);
    }
    world.cloud().without_service_role(ACCOUNT);
    let ended = if updates {
        world.update_link(link(json!({}))).await
    } else {
        world.create_link(link(json!({}))).await
    };
    succeeded(ended);
    world
}

async fn unlinked() -> World {
    let world = World::new();
    succeeded(world.create_link(link(json!({ "OnDelete": "Unlink" }))).await);
    succeeded(world.delete_link(LINK_ID).await);
    assert!(!world.link_settings().integration);
    world
}

/// A Create that fails after it has registered a delegated administrator, which itself takes it back or, `again`, the
/// Delete that follows.
async fn undelegated(again: bool) -> World {
    let world = World::new();
    if again {
        let (code, message) = ("AccessDeniedException".to_owned(), "denied by a policy".to_owned());
        let kind = FaultKind::Error { status: 400, code, message };
        world.cloud().add_fault(FaultRule::once("organizations", "DeregisterDelegatedAdministrator", kind));
    }
    // The first end is that of the claim to the link.
    let rules = [RecordRule { from: 1, ..RecordRule::always("end", RecordFault::Fails) }];
    let process = world.process(&Points::default(), &rules);
    let event = world.link_event("Create", None, link(delegating(MEMBER)));
    world.deliver_to(&process, &event).await.unwrap();
    let created = world.s3.answer_to(&event.request_id).unwrap();
    assert!(!created.is_success());
    succeeded(world.delete_link(created.physical_id()).await);
    assert_eq!(world.delegates(), Vec::<String>::new());
    world
}

/// A share whose provider accepts for its partner in a Create, and for another one in an Update.
async fn accepted_for_partners() -> World {
    let world = World::new();
    let partners = [OUTSIDER, "888800002222"];
    for account in partners {
        world.role_in(account);
    }
    let first = accepting(shared(&world, &partners[..1]));
    let created = succeeded(world.create("Share", first.clone()).await);
    succeeded(world.update(created.physical_id(), "Share", with(first, "Principals", json!(partners))).await);
    world
}

/// Accepted by a Create, again by an Update, and left by a Delete.
async fn accepted_and_left() -> World {
    let world = World::new();
    let share = world.invited().await;
    succeeded(world.create_acceptance(share.listed()).await);
    world.remove_from_inside(&share).await;
    world.invite(&share).await;
    let again = with(share.listed(), "Revision", json!("2"));
    succeeded(world.update_acceptance(&share.id(), again).await);
    succeeded(world.delete_acceptance(&share.id()).await);
    world
}

/// An Update that leaves the share that it has accepted.
async fn a_replaced_acceptance_that_fails() -> World {
    let world = World::new();
    let (first, second) = (world.invited().await, world.foreign_named("second").await);
    succeeded(world.create_acceptance(first.listed()).await);
    world.invite(&second).await;
    let unseen = first.licenses[0].replace("lic-", "lic-f");
    let replaced = with(second.properties(), "LicenseConfigurationArns", json!([unseen]));
    assert!(!world.update_acceptance(&first.id(), replaced).await.is_success());
    world
}

/// A Create that leaves what it has accepted. The calls of the Delete that overtakes it
/// count for both.
async fn an_acceptance_that_is_overtaken() -> World {
    for at in 0..20 {
        let world = World::new();
        let share = world.invited().await;
        let points = Points::held_at(at);
        let process = world.process(&points, &[]);
        let event = world.acceptance_event("Create", None, share.listed());
        let create = world.deliver_to(&process, &event);
        let overtaking = async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            succeeded(world.delete_acceptance("licenses-Acceptance-1ABCDEF").await);
            points.release();
        };
        tokio::join!(create, overtaking).0.unwrap();
        let left = |of: &str| {
            let requests = world.handled().into_iter().filter(|one| one.request_type == of);
            let calls = requests.flat_map(|one| one.calls);
            calls.filter(|call| call.operation == "DisassociateResourceShare").count()
        };
        if left("Create") > left("Delete") {
            return world;
        }
    }
    panic!("no point at which a Delete overtakes a Create that leaves");
}

/// A central provider for a stack of another account.
async fn accepted_through_a_role() -> World {
    let world = World::new();
    world.cloud().sts().register_role(Role {
        arn: ROLE.to_owned(),
        trusted_accounts: vec![ACCOUNT.to_owned()],
        external_id: Some("license-manager-provider:999900001111".to_owned()),
        ..Role::default()
    });
    let licenses = world.license_configurations(1);
    let by_hand = ByHand { external: true, resources: &licenses, principals: &[OUTSIDER], ..BARE };
    let share = Foreign { arn: world.share_by_hand(by_hand).await, licenses };
    let through = with(share.listed(), "RoleArn", json!(ROLE));
    let created = succeeded(world.partner("Create", None, through.clone()).await);
    let retained = with(through.clone(), "OnDelete", json!("Retain"));
    succeeded(world.partner("Update", Some(created.physical_id()), retained).await);
    succeeded(world.partner("Update", Some(created.physical_id()), through).await);
    succeeded(world.partner("Delete", Some(created.physical_id()), json!({})).await);
    world
}
