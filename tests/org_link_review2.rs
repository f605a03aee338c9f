//! What the second review of the link found: each of these must hold, and does not yet.

use crate::support::flows::succeeded;
use crate::support::link::{LINK_ID, TOPIC, link};
use crate::support::points::{Points, Run};
use crate::support::queue::Line;
use crate::support::world::{ACCOUNT, NOON, OTHER_STACK, REGION, World};
use local_cloud::Settings;
use local_cloud::fault::{FaultKind, FaultRule};
use local_cloud::license_manager::SettingsPatch;
use local_cloud::organizations::RamSharing;
use provider::domain::SettingsChange;
use serde_json::json;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

/// Trusted access is the organization's, and old where another Region was linked long ago; the share is the Region's.
#[tokio::test(start_paused = true)]
async fn a_share_of_a_second_region_that_was_linked_a_moment_ago_is_waited_for() {
    let line = Line::dated();
    assert!(line.world.cloud().link_by_hand(ACCOUNT, "us-east-1"));
    tokio::time::advance(HOUR).await;
    line.world.cloud().change_settings(|settings| {
        settings.license_manager.share_delay = Duration::from_secs(120);
    });
    let on = SettingsChange { integration: Some(true), ..SettingsChange::default() };
    line.world.set_by_hand(on).await;
    let event = line.world.link_event("Create", None, link(json!({})));
    line.deliver(&event).await.unwrap();
    line.run().await;
    let answer = succeeded(line.world.s3.answer_to(&event.request_id).unwrap());
    assert_ne!(answer.attribute("ResourceShareArn"), "");
}

/// Six hours count from RAM's own call, also where trusted access is read again after it.
#[tokio::test(start_paused = true)]
async fn sharing_that_got_its_role_with_the_link_is_just_enabled() {
    let mut settings = Settings { epoch: NOON, ..Settings::default() };
    settings.ram.times.onboarding = 6 * HOUR;
    let world = World::with(settings);
    let organization = world.organization.clone();
    assert!(world.cloud().set_ram_sharing(&organization, RamSharing::WithoutRole));
    tokio::time::advance(7 * HOUR).await;
    let created = succeeded(world.create_link(link(json!({ "EnableRamSharing": true }))).await);
    assert_eq!(created.attribute("RamSharing"), "JustEnabled");
}

/// GetServiceSettings that trails UpdateServiceSettings by one look must not cost the other stack its link.
#[tokio::test(start_paused = true)]
async fn an_unlink_whose_read_trails_leaves_the_other_stack_a_link() {
    for point in 0.. {
        let line = Line::new();
        let world = &line.world;
        succeeded(world.create_link(link(json!({ "OnDelete": "Unlink" }))).await);
        world.later().await;
        let delete = world.link_event("Delete", Some(LINK_ID), json!({}));
        let create = world.link_event_of(OTHER_STACK, "Create", None, link(json!({})));
        world.client.rewrite("\"EnableIntegration\":false", "\"EnableIntegration\":true", 1);
        let points = Points::held_at(point);
        let slow = world.process(&points, &[]);
        let delivery = world.deliver_to(&slow, &delete);
        tokio::pin!(delivery);
        if matches!(points.until_stopped(&mut delivery).await, Run::Ended(_)) {
            break;
        }
        let met = format!("held at {point}, {}", points.last());
        let release = async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            points.release();
        };
        let (deleted, created, ()) = tokio::join!(delivery, line.deliver(&create), release);
        deleted.and(created).unwrap();
        line.run().await;
        succeeded(world.s3.answer_to(&create.request_id).unwrap());
        assert!(world.link_settings_in(REGION).integration, "declared with success, and off: {met}");
    }
}

/// Organizations may show a moment late what RAM has just switched on.
#[tokio::test(start_paused = true)]
async fn sharing_that_organizations_shows_late_is_not_called_disabled() {
    let world = World::with(Settings { epoch: NOON, ..Settings::default() });
    let organization = world.organization.clone();
    assert!(world.cloud().set_ram_sharing(&organization, RamSharing::Off));
    world.client.rewrite("\"ram.amazonaws.com\"", "\"late.amazonaws.com\"", 1);
    let created = succeeded(world.create_link(link(json!({ "EnableRamSharing": true }))).await);
    assert_eq!(created.attribute("RamSharing"), "JustEnabled");
}

/// An Update that links anew, dies and comes again waits for the share as its first delivery would have.
#[tokio::test(start_paused = true)]
async fn an_update_that_links_anew_and_dies_waits_for_the_share_when_it_comes_again() {
    for point in 0.. {
        let line = Line::dated();
        let world = &line.world;
        let quiet = link(json!({ "WaitForResourceShare": false }));
        world.cloud().change_settings(|settings| {
            settings.license_manager.share_delay = Duration::from_secs(120);
            settings.license_manager.unlink_deletes_share = true;
        });
        succeeded(world.create_link(quiet).await);
        let off = SettingsChange { integration: Some(false), ..SettingsChange::default() };
        world.set_by_hand(off).await;
        tokio::time::advance(HOUR).await;
        let update = world.link_event("Update", Some(LINK_ID), link(json!({})));
        let points = Points::dead_at(point);
        let process = world.process(&points, &[]);
        let ended = points.until_stopped(world.deliver_to(&process, &update)).await;
        let met = format!("died at {point}, {}", points.last());
        if matches!(ended, Run::Ended(_)) {
            break;
        }
        line.deliver(&update).await.unwrap();
        line.run().await;
        let answer = world.s3.answer_to(&update.request_id).unwrap();
        assert!(answer.is_success(), "{met}: {}", answer.reason());
    }
}

/// IAM does not know the path of a role that is not there: a policy that names the path denies it, instead of
/// NoSuchEntity.
/// Where sharing is off, the role is of no account anyway.
#[tokio::test(start_paused = true)]
async fn a_fresh_organization_is_linked_where_iam_denies_a_look_at_a_role_that_is_not_there() {
    let world = World::new();
    let organization = world.organization.clone();
    assert!(world.cloud().set_ram_sharing(&organization, RamSharing::Off));
    let denied = FaultKind::Error {
        status: 403,
        code: "AccessDenied".to_owned(),
        message:
            "not authorized to perform: iam:GetRole on resource: role AWSServiceRoleForResourceAccessManager"
                .to_owned(),
    };
    world.cloud().add_fault(FaultRule::always("iam", "GetRole", denied));
    succeeded(world.create_link(link(json!({}))).await);
}

/// What trusted access took of the patience is not the read-back's to miss: it has 20 s, or waits in the queue.
#[tokio::test(start_paused = true)]
async fn a_topic_that_shows_seconds_after_late_trusted_access_is_waited_for() {
    let line = Line::dated();
    let world = &line.world;
    world.cloud().change_settings(|settings| {
        settings.license_manager.forgets = ["SnsTopicArn".to_owned()].into();
    });
    world.client.rewrite("EnabledServicePrincipals", "NotThere", 7);
    let event = world.link_event("Create", None, link(json!({ "SnsTopicArn": TOPIC })));
    let shows = async {
        tokio::time::sleep(Duration::from_secs(32)).await;
        let patch = SettingsPatch { sns_topic_arn: Some(TOPIC.to_owned()), ..SettingsPatch::default() };
        world.cloud().set_service_settings(ACCOUNT, REGION, patch);
    };
    let started = tokio::time::Instant::now();
    let (delivered, ()) = tokio::join!(line.deliver(&event), shows);
    delivered.unwrap();
    println!("{:?}", started.elapsed());
    line.run().await;
    succeeded(world.s3.answer_to(&event.request_id).unwrap());
}
