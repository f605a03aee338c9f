//! What License Manager takes and does not keep, or shows late, is not passed over in silence.

use crate::support::flows::succeeded;
use crate::support::link::{BUCKET, TOPIC, TOPIC_2, link, searching};
use crate::support::queue::Line;
use crate::support::refusals::without_trailer;
use crate::support::world::{ACCOUNT, REGION, World, with};
use expect_test::expect;
use local_cloud::license_manager::SettingsPatch;
use serde_json::{Value, json};
use std::time::Duration;

fn forgets(world: &World, members: &[&str]) {
    let members = members.iter().map(|member| (*member).to_owned()).collect();
    world.cloud().change_settings(|settings| settings.license_manager.forgets = members);
}

fn all() -> Value {
    let all = with(link(searching()), "SnsTopicArn", json!(TOPIC));
    with(all, "DiscoverySourceRegions", json!(["us-east-1"]))
}

#[tokio::test(start_paused = true)]
async fn what_is_taken_and_not_kept_fails_the_request_by_name() {
    for (member, named) in [
        ("SnsTopicArn", format!("topic {TOPIC}")),
        ("S3BucketArn", format!("bucket {BUCKET}")),
        ("EnableCrossAccountsDiscovery", "cross-account discovery true".to_owned()),
        ("EnabledDiscoverySourceRegions", "discovery source regions us-east-1".to_owned()),
    ] {
        let world = World::new();
        if member == "S3BucketArn" {
            world.cloud().change_settings(|settings| {
                settings.license_manager.bucket = local_cloud::license_manager::Bucket::Made;
            });
        }
        forgets(&world, &[member]);
        let created = world.create_link(all()).await;
        assert!(!created.is_success(), "{member}");
        let told = format!("License Manager took what was sent and does not show it: {named}. See");
        assert!(created.reason().contains(&told), "{}", created.reason());
        world.never();
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_is_read_back_as_a_create_is() {
    let world = World::new();
    succeeded(world.create_link(link(json!({ "SnsTopicArn": TOPIC }))).await);
    forgets(&world, &["SnsTopicArn"]);
    let updated = world.update_link(link(json!({ "SnsTopicArn": TOPIC_2 }))).await;
    assert!(!updated.is_success());
    expect!["updating organization link (Link): after 20 s License Manager took what was sent and does not show it: topic arn:aws:sns:eu-west-1:111122223333:aws-license-manager-service-others. See the settings in License Manager's console in this Region, then try again. What cannot be taken back stays: License Manager has its SNS topic"].assert_eq(without_trailer(updated.reason()));
    // Its rollback finds what it wants.
    let back = succeeded(world.update_link(link(json!({ "SnsTopicArn": TOPIC }))).await);
    assert_eq!(back.attribute("Warnings"), "");
}

#[tokio::test(start_paused = true)]
async fn a_rollback_says_what_was_not_kept_and_succeeds() {
    let world = World::new();
    let first = link(json!({ "SnsTopicArn": TOPIC }));
    succeeded(world.create_link(first.clone()).await);
    succeeded(world.update_link(link(json!({ "SnsTopicArn": TOPIC_2 }))).await);
    forgets(&world, &["SnsTopicArn"]);
    let back = succeeded(world.update_link(first).await);
    expect!["left out, read the settings back: License Manager took what was sent and does not show it: topic arn:aws:sns:eu-west-1:111122223333:aws-license-manager-service-alerts. See the settings in License Manager's console in this Region, then try again"].assert_eq(back.attribute("Warnings"));
    assert_eq!(back.attribute("SnsTopicArn"), TOPIC_2);
}

#[tokio::test(start_paused = true)]
async fn what_shows_late_is_waited_for() {
    let world = World::new();
    forgets(&world, &["SnsTopicArn"]);
    let shows = async {
        tokio::time::sleep(Duration::from_secs(8)).await;
        let patch = SettingsPatch { sns_topic_arn: Some(TOPIC.to_owned()), ..SettingsPatch::default() };
        world.cloud().set_service_settings(ACCOUNT, REGION, patch);
    };
    let (created, ()) = tokio::join!(world.create_link(link(json!({ "SnsTopicArn": TOPIC }))), shows);
    assert_eq!(succeeded(created).attribute("SnsTopicArn"), TOPIC);
    assert_eq!(world.updates_since(0).len(), 1);
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
    let (delivered, ()) = tokio::join!(line.deliver(&event), shows);
    delivered.unwrap();
    line.run().await;
    succeeded(world.s3.answer_to(&event.request_id).unwrap());
}

#[tokio::test(start_paused = true)]
async fn what_does_not_show_for_five_minutes_fails_the_request_by_name() {
    let line = Line::dated();
    forgets(&line.world, &["SnsTopicArn"]);
    let event = line.world.link_event("Create", None, link(json!({ "SnsTopicArn": TOPIC })));
    line.waits(&event).await;
    let (answer, looks) = line.answer(&event).await;
    assert!(!answer.is_success() && looks.iter().all(|look| look.calls.len() <= 8));
    expect!["creating organization link (Link): License Manager took what was sent and does not show it: topic arn:aws:sns:eu-west-1:111122223333:aws-license-manager-service-alerts. See the settings in License Manager's console in this Region, then try again. What cannot be taken back stays: License Manager is linked to the organization. This may have been done, and cannot be taken back: License Manager has its SNS topic, License Manager has trusted access"].assert_eq(without_trailer(answer.reason()));
    assert!((300..360).contains(&line.elapsed().as_secs()), "{:?}", line.elapsed());
    assert_eq!(line.world.updates_since(0).len(), 1);
    line.world.never();
}

/// Trusted access that must be enabled directly takes one invocation after the other.
#[tokio::test(start_paused = true)]
async fn what_was_sent_is_read_back_after_trusted_access_was_repaired_in_a_later_invocation() {
    for shows in [true, false] {
        let line = Line::dated();
        forgets(&line.world, &["SnsTopicArn"]);
        line.world.cloud().change_settings(|settings| settings.license_manager.link_gives_access = false);
        let event = line.world.link_event("Create", None, link(json!({ "SnsTopicArn": TOPIC })));
        line.waits(&event).await;
        // What enables it takes a while to show, beyond the look that does.
        line.run_for(Duration::from_secs(20)).await;
        line.world.client.rewrite("EnabledServicePrincipals", "NotThere", 4);
        line.run_for(Duration::from_secs(100)).await;
        assert_eq!(line.world.s3.answer_to(&event.request_id), None);
        if shows {
            let patch = SettingsPatch { sns_topic_arn: Some(TOPIC.to_owned()), ..SettingsPatch::default() };
            line.world.cloud().set_service_settings(ACCOUNT, REGION, patch);
        }
        let (answer, _) = line.answer(&event).await;
        assert_eq!(answer.is_success(), shows);
        assert_eq!(line.world.trusted().len(), 3);
        assert!(shows || answer.reason().contains(&format!("does not show it: topic {TOPIC}")));
        line.world.never();
    }
}

/// The link itself, taken and not kept.
#[tokio::test(start_paused = true)]
async fn a_link_that_is_taken_and_not_kept_is_told() {
    let world = World::new();
    forgets(&world, &["OrganizationConfiguration"]);
    let created = world.create_link(link(json!({}))).await;
    assert!(!created.is_success());
    expect!["creating organization link (Link): after 70 s License Manager took EnableIntegration=true and does not say yet that it is on; this account has no service-linked role AWSServiceRoleForAWSLicenseManagerMasterAccountRole and AWSServiceRoleForAWSLicenseManagerMemberAccountRole, which linking makes. EnableIntegration=true was sent and may take effect yet: see the settings in License Manager's console in this Region, then try again. This may have been done, and cannot be taken back: License Manager has trusted access, License Manager is linked to the organization"].assert_eq(without_trailer(created.reason()));
    world.never();
}

/// License Manager may name its own Region among the sources, leave it out, and order them as it likes.
#[tokio::test(start_paused = true)]
async fn source_regions_that_are_named_otherwise_are_not_sent_again() {
    let wanted = |regions: Value| link(json!({ "DiscoverySourceRegions": regions }));
    for there in [json!(["us-east-1", "eu-west-2"]), json!(["eu-west-2", REGION, "us-east-1", "us-east-1"])] {
        let world = World::new();
        succeeded(world.create_link(wanted(json!(["eu-west-2", "us-east-1"]))).await);
        let patch = SettingsPatch {
            source_regions: Some(serde_json::from_value(there.clone()).unwrap()),
            ..SettingsPatch::default()
        };
        world.cloud().set_service_settings(ACCOUNT, REGION, patch);
        let mark = world.mark();
        for same in
            [json!(["us-east-1", "eu-west-2"]), json!(["us-east-1", "eu-west-2", REGION, "us-east-1"])]
        {
            succeeded(world.update_link(wanted(same)).await);
        }
        assert_eq!(world.written_since(mark), Vec::<String>::new(), "{there}");
        succeeded(world.update_link(wanted(json!(["us-east-1"]))).await);
        assert_eq!(world.updates_since(mark), [json!({ "EnabledDiscoverySourceRegions": ["us-east-1"] })]);
    }
}
