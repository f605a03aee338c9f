//! Sharing with the organization in RAM: the four values of RamSharing, and what a share says while it is not on.

use crate::support::flows::succeeded;
use crate::support::link::{RAM, link};
use crate::support::refusals::without_trailer;
use crate::support::world::{NOON, World, own};
use expect_test::{Expect, expect};
use local_cloud::Settings;
use local_cloud::organizations::RamSharing;
use serde_json::json;
use std::time::Duration;

const SIX_HOURS: Duration = Duration::from_secs(6 * 3600);

/// A cloud whose dates are those of the tests' clock, where sharing takes this long to take effect.
fn world(onboarding: Duration) -> World {
    let mut settings = Settings { epoch: NOON, ..Settings::default() };
    settings.ram.times.onboarding = onboarding;
    let world = World::with(settings);
    let organization = world.organization.clone();
    assert!(world.cloud().set_ram_sharing(&organization, RamSharing::Off));
    world
}

#[tokio::test(start_paused = true)]
async fn ram_sharing_has_four_values() {
    let world = world(SIX_HOURS);
    let organization = world.organization.clone();
    let created = succeeded(world.create_link(link(json!({}))).await);
    assert_eq!(created.attribute("RamSharing"), "Disabled");
    assert!(world.cloud().set_ram_sharing(&organization, RamSharing::WithoutRole));
    let updated = succeeded(world.update_link(link(json!({}))).await);
    assert_eq!(updated.attribute("RamSharing"), "WithoutRole");
    let mark = world.mark();
    let updated = succeeded(world.update_link(link(json!({ "EnableRamSharing": true }))).await);
    assert_eq!(updated.attribute("RamSharing"), "JustEnabled");
    assert_eq!(world.written_since(mark), ["EnableSharingWithAwsOrganization"]);
    tokio::time::advance(Duration::from_secs(6 * 3600 - 60)).await;
    let updated = succeeded(world.update_link(link(json!({}))).await);
    assert_eq!(updated.attribute("RamSharing"), "JustEnabled");
    tokio::time::advance(Duration::from_secs(120)).await;
    let updated = succeeded(world.update_link(link(json!({ "EnableRamSharing": "true" }))).await);
    assert_eq!(updated.attribute("RamSharing"), "Enabled");
    assert_eq!(world.written_since(mark), ["EnableSharingWithAwsOrganization"]);
    world.never();
}

#[tokio::test(start_paused = true)]
async fn sharing_is_switched_on_through_ram_when_asked_and_only_then() {
    let world = world(Duration::ZERO);
    succeeded(world.create_link(link(json!({ "EnableRamSharing": "false" }))).await);
    assert!(!world.trusted().contains(RAM));
    let updated = succeeded(world.update_link(link(json!({ "EnableRamSharing": true }))).await);
    assert_eq!(updated.attribute("RamSharing"), "JustEnabled");
    assert!(world.trusted().contains(RAM));
    let back = succeeded(world.update_link(link(json!({ "EnableRamSharing": false }))).await);
    expect!["sharing with the organization in AWS RAM stays on: it is never switched off here"]
        .assert_eq(back.attribute("Warnings"));
    assert!(world.trusted().contains(RAM));
    world.never();
}

async fn share_refused(world: &World, reason: Expect) {
    world.later().await;
    let organization = world.organization_arn();
    let created = world.create("Share", own("licenses", &[], &[&organization])).await;
    assert!(!created.is_success());
    reason.assert_eq(without_trailer(created.reason()));
}

#[tokio::test(start_paused = true)]
async fn a_share_with_the_organization_that_ram_refuses_names_enable_ram_sharing_and_the_six_hours() {
    let world = world(SIX_HOURS);
    let organization = world.organization.clone();
    share_refused(&world, expect!["creating license configuration share (Share): creating the share with 1 member: RAM refused CreateResourceShare: The resource you are attempting to share can only be shared within your AWS Organization. This error may also occur if you have not enabled sharing with your AWS organization, or that onboarding process is still in progress (OperationNotPermittedException). Sharing with the organization must be on in AWS RAM: set EnableRamSharing of a Custom::LicenseManagerOrgLink to true, or call EnableSharingWithAwsOrganization in the management account. It can take up to six hours to take effect"]).await;
    assert!(world.cloud().set_ram_sharing(&organization, RamSharing::WithoutRole));
    share_refused(&world, expect!["creating license configuration share (Share): creating the share with 1 member: RAM refused CreateResourceShare: Organization o-85d30f3b4e could not be found (UnknownResourceException). Check the id. If it is right, sharing with the organization was switched on through AWS Organizations instead of AWS RAM: set EnableRamSharing of a Custom::LicenseManagerOrgLink to true, or call EnableSharingWithAwsOrganization of AWS RAM in the management account. It can take up to six hours to take effect"]).await;
    succeeded(world.create_link(link(json!({ "EnableRamSharing": true }))).await);
    share_refused(&world, expect!["creating license configuration share (Share): creating the share with 1 member: RAM refused CreateResourceShare: The resource you are attempting to share can only be shared within your AWS Organization. This error may also occur if you have not enabled sharing with your AWS organization, or that onboarding process is still in progress (OperationNotPermittedException). Sharing with the organization must be on in AWS RAM: set EnableRamSharing of a Custom::LicenseManagerOrgLink to true, or call EnableSharingWithAwsOrganization in the management account. It can take up to six hours to take effect"]).await;
    tokio::time::advance(SIX_HOURS).await;
    world.later().await;
    let whole = world.organization_arn();
    succeeded(world.create("Share", own("licenses", &[], &[&whole])).await);
    world.never();
}

/// Six hours count from RAM's own call, also where trusted access is read again after it.
#[tokio::test(start_paused = true)]
async fn sharing_that_got_its_role_with_the_link_is_just_enabled() {
    let world = world(SIX_HOURS);
    let organization = world.organization.clone();
    assert!(world.cloud().set_ram_sharing(&organization, RamSharing::WithoutRole));
    tokio::time::advance(SIX_HOURS * 2).await;
    let sharing = || link(json!({ "EnableRamSharing": true }));
    let created = succeeded(world.create_link(sharing()).await);
    assert_eq!(created.attribute("RamSharing"), "JustEnabled");
    // What this run noted is on record for the next one.
    tokio::time::advance(Duration::from_secs(5 * 3600)).await;
    let updated = succeeded(world.update_link(sharing()).await);
    assert_eq!(updated.attribute("RamSharing"), "JustEnabled");
    tokio::time::advance(Duration::from_secs(3600)).await;
    let updated = succeeded(world.update_link(sharing()).await);
    assert_eq!(updated.attribute("RamSharing"), "Enabled");
}

/// Organizations may show a moment late what RAM has just switched on.
#[tokio::test(start_paused = true)]
async fn sharing_that_organizations_shows_late_is_not_called_disabled() {
    let world = world(SIX_HOURS);
    world.client.rewrite("\"ram.amazonaws.com\"", "\"late.amazonaws.com\"", 1);
    let created = succeeded(world.create_link(link(json!({ "EnableRamSharing": true }))).await);
    assert_eq!(created.attribute("RamSharing"), "JustEnabled");
}
