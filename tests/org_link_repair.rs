//! A link of which one half is missing is repaired, whatever AWS makes of the attempts (both outcomes of each switch).

use crate::support::flows::succeeded;
use crate::support::link::{LINK_ID, MANAGER, MANAGER_IN_MEMBERS, RAM, TOPIC, link};
use crate::support::queue::Line;
use crate::support::refusals::without_trailer;
use crate::support::world::{ACCOUNT, REGION, World, with};
use expect_test::expect;
use local_cloud::fault::{FaultKind, FaultRule};
use local_cloud::license_manager::SettingsPatch;
use serde_json::{Value, json};
use std::time::Duration;

/// A link that was made some time ago, and has lost trusted access of these services.
fn drifted(lost: &[&str], relink_repairs: bool, access: bool) -> World {
    let world = World::new();
    drift(&world, lost, relink_repairs, access);
    world
}

fn drift(world: &World, lost: &[&str], relink_repairs: bool, access: bool) {
    let organization = world.organization.clone();
    assert!(world.cloud().link_by_hand(ACCOUNT, REGION));
    for principal in lost {
        assert!(world.cloud().set_trusted_access(&organization, principal, false));
    }
    world.cloud().change_settings(|settings| {
        settings.license_manager.relink_repairs = relink_repairs;
        settings.organizations.license_manager_access = access;
    });
}

fn all_trusted() -> std::collections::BTreeSet<String> {
    [MANAGER, MANAGER_IN_MEMBERS, RAM].map(str::to_owned).into()
}

fn sends_true() -> Value {
    json!({ "OrganizationConfiguration": { "EnableIntegration": true } })
}

const SECOND: Duration = Duration::from_secs(1);

/// How long after EnableIntegration=true was sent trusted access was first enabled directly.
fn before_repair(world: &World) -> Duration {
    let calls = world.calls_since(0);
    let at = |operation: &str| calls.iter().find(|call| call.operation == operation).unwrap().at;
    at("EnableAWSServiceAccess").checked_sub(at("UpdateServiceSettings")).unwrap()
}

const LOST: [&[&str]; 3] = [&[MANAGER, MANAGER_IN_MEMBERS], &[MANAGER], &[MANAGER_IN_MEMBERS]];

#[tokio::test(start_paused = true)]
async fn where_sending_true_again_repairs_it_nothing_else_is_sent() {
    for lost in LOST {
        let world = drifted(lost, true, true);
        let created = succeeded(world.create_link(link(json!({}))).await);
        assert_eq!(created.attribute("TrustedAccess"), "Enabled");
        assert_eq!(world.trusted(), all_trusted());
        assert_eq!(world.written_since(0), ["UpdateServiceSettings"]);
        assert_eq!(world.updates_since(0), [sends_true()]);
        world.never();
    }
}

#[tokio::test(start_paused = true)]
async fn where_it_does_not_the_missing_services_are_enabled_after_a_minute() {
    for lost in LOST {
        let world = drifted(lost, false, true);
        let created = succeeded(world.create_link(link(json!({}))).await);
        let waited = before_repair(&world);
        assert!((60 * SECOND..62 * SECOND).contains(&waited), "{waited:?}");
        assert_eq!(created.attribute("TrustedAccess"), "Enabled");
        assert_eq!(world.trusted(), all_trusted());
        let writes = world.writes_since(0);
        let enabled: Vec<&str> = writes[1..]
            .iter()
            .map(|call| {
                assert_eq!(call.operation, "EnableAWSServiceAccess");
                call.input["ServicePrincipal"].as_str().unwrap()
            })
            .collect();
        assert_eq!((world.updates_since(0), enabled.as_slice()), (vec![sends_true()], lost));
        world.never();
    }
}

#[tokio::test(start_paused = true)]
async fn where_license_manager_alone_may_enable_it_the_reason_says_where() {
    let world = drifted(&[MANAGER], false, false);
    let created = world.create_link(link(json!({}))).await;
    assert!(!created.is_success());
    expect!["creating organization link (Link): enabling trusted access of license-manager.amazonaws.com: Organizations refused EnableAWSServiceAccess: You can enable trusted access for this service only through the service (InvalidInputException): the rule is UNRECOGNIZED_SERVICE_PRINCIPAL. Enable trusted access for AWS License Manager under Services in the AWS Organizations console of the management account, then try again"].assert_eq(without_trailer(created.reason()));
    succeeded(world.delete_link(created.physical_id()).await);
    world.never();
}

#[tokio::test(start_paused = true)]
async fn where_license_manager_alone_may_enable_it_and_does_it_is_repaired() {
    let world = drifted(&[MANAGER, MANAGER_IN_MEMBERS], true, false);
    succeeded(world.create_link(link(json!({}))).await);
    assert_eq!(world.trusted(), all_trusted());
    world.never();
}

#[tokio::test(start_paused = true)]
async fn trusted_access_without_integration_is_repaired_whatever_the_switches() {
    for (relink_repairs, access) in [(true, true), (true, false), (false, true), (false, false)] {
        let world = drifted(&[], relink_repairs, access);
        let off = SettingsPatch { integration: Some(false), ..SettingsPatch::default() };
        world.cloud().set_service_settings(ACCOUNT, REGION, off);
        let created = succeeded(world.create_link(link(json!({}))).await);
        assert!(world.link_settings().integration);
        assert_eq!(created.attribute("TrustedAccess"), "Enabled");
        assert_eq!(world.written_since(0), ["UpdateServiceSettings"]);
        world.never();
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_repairs_what_drifted_and_sends_only_what_changes_beside_it() {
    let world = World::new();
    let properties = link(json!({ "SnsTopicArn": TOPIC }));
    succeeded(world.create_link(properties.clone()).await);
    let organization = world.organization.clone();
    assert!(world.cloud().set_trusted_access(&organization, MANAGER, false));
    let mark = world.mark();
    let updated = succeeded(world.update_link(with(properties, "Revision", json!("2"))).await);
    assert_eq!((updated.attribute("TrustedAccess"), updated.physical_id()), ("Enabled", LINK_ID));
    assert_eq!(world.updates_since(mark), [sends_true()]);
    world.never();
}

/// A rollback must not fail: what could not be repaired is told.
#[tokio::test(start_paused = true)]
async fn a_rollback_that_cannot_repair_succeeds_with_a_warning_and_says_what_is_there() {
    let world = World::new();
    let first = link(json!({}));
    succeeded(world.create_link(first.clone()).await);
    succeeded(world.update_link(link(json!({ "Revision": "2" }))).await);
    let organization = world.organization.clone();
    assert!(world.cloud().set_trusted_access(&organization, MANAGER, false));
    world.cloud().change_settings(|settings| {
        settings.license_manager.relink_repairs = false;
        settings.organizations.license_manager_access = false;
    });
    let back = succeeded(world.update_link(first).await);
    assert_eq!(back.attribute("TrustedAccess"), "Partial");
    expect!["left out, wait for trusted access, and enable what is missing after 60 s: enabling trusted access of license-manager.amazonaws.com: Organizations refused EnableAWSServiceAccess: You can enable trusted access for this service only through the service (InvalidInputException): the rule is UNRECOGNIZED_SERVICE_PRINCIPAL"].assert_eq(back.attribute("Warnings"));
    world.never();
}

/// The minute counts from when true was sent, also where the request is handed over meanwhile: short of time, nothing
/// is enabled early.
#[tokio::test(start_paused = true)]
async fn short_of_time_the_repair_is_left_to_a_later_invocation() {
    for busy in [5 * SECOND, 45 * SECOND, 60 * SECOND, 75 * SECOND] {
        let line = Line::new();
        let world = &line.world;
        drift(world, &[MANAGER], false, true);
        let kind = FaultKind::Error {
            status: 400,
            code: "TooManyRequestsException".to_owned(),
            message: "later".to_owned(),
        };
        world.cloud().add_fault(FaultRule::always("organizations", "DescribeOrganization", kind));
        let event = world.link_event("Create", None, link(json!({})));
        let clears = async {
            tokio::time::sleep(busy).await;
            world.cloud().clear_faults();
        };
        let (delivered, ()) = tokio::join!(line.deliver(&event), clears);
        delivered.unwrap();
        let (answer, looks) = line.answer(&event).await;
        assert_eq!(succeeded(answer).attribute("TrustedAccess"), "Enabled");
        assert_eq!(world.updates_since(0).len(), 1, "{busy:?}");
        let waited = before_repair(world);
        assert!((60 * SECOND..2 * 60 * SECOND).contains(&waited), "{busy:?}: {waited:?}");
        assert!(!looks.is_empty(), "{busy:?}: not handed over");
        world.never();
    }
}
