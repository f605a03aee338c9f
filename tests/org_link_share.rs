//! License Manager's own share that somebody deleted by hand: named, not waited for. And what is told of one that does
//! not come.

use crate::support::flows::succeeded;
use crate::support::link::{BUCKET, LINK_ID, TOPIC, link};
use crate::support::points::{Points, Run};
use crate::support::queue::Line;
use crate::support::refusals::without_trailer;
use crate::support::world::{ACCOUNT, MEMBER, REGION, World};
use expect_test::expect;
use local_cloud::iam::LinkedRole;
use local_cloud::license_manager::SettingsPatch;
use provider::domain::SettingsChange;
use serde_json::json;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

/// A whole link of an hour ago, by hand, and its share.
async fn linked_long_ago() -> (Line, String) {
    let line = Line::dated();
    assert!(line.world.cloud().link_by_hand(ACCOUNT, REGION));
    let share = line.world.link_settings().resource_share_arn.unwrap();
    tokio::time::advance(HOUR).await;
    (line, share)
}

fn forget_share(line: &Line) {
    let none = SettingsPatch { resource_share_arn: Some(String::new()), ..SettingsPatch::default() };
    line.world.cloud().set_service_settings(ACCOUNT, REGION, none);
}

#[tokio::test(start_paused = true)]
async fn a_create_that_wants_a_share_that_is_gone_fails_after_ten_minutes_and_changes_nothing() {
    let (line, share) = linked_long_ago().await;
    assert!(line.world.cloud().remove_share_by_hand(&share));
    forget_share(&line);
    let started = tokio::time::Instant::now();
    let event = line.world.link_event("Create", None, link(json!({ "SnsTopicArn": TOPIC })));
    line.waits(&event).await;
    assert!(started.elapsed() < Duration::from_secs(10));
    let (created, looks) = line.answer(&event).await;
    assert!(!created.is_success() && looks.iter().all(|look| look.calls.len() == 4));
    assert!((600..660).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
    expect!["creating organization link (Link): the organization is linked, and License Manager has no resource share of its own. It may have been deleted by hand: send EnableIntegration=true again (aws license-manager update-service-settings --organization-configuration EnableIntegration=true), which may make it anew, or set WaitForResourceShare to false and share with Custom::LicenseConfigShare and a Name. This may have been done, and cannot be taken back: License Manager has its SNS topic"].assert_eq(without_trailer(created.reason()));
    assert_eq!(line.world.written_since(0), Vec::<String>::new());
    let without = link(json!({ "SnsTopicArn": TOPIC, "WaitForResourceShare": false }));
    assert_eq!(succeeded(line.world.create_link(without).await).attribute("ResourceShareArn"), "");
}

#[tokio::test(start_paused = true)]
async fn an_update_names_the_share_that_is_gone_with_a_warning_and_does_the_rest() {
    let (line, share) = linked_long_ago().await;
    succeeded(line.world.create_link(link(json!({}))).await);
    assert!(line.world.cloud().remove_share_by_hand(&share));
    forget_share(&line);
    let started = tokio::time::Instant::now();
    let updated = succeeded(line.world.update_link(link(json!({ "SnsTopicArn": TOPIC }))).await);
    assert!(started.elapsed() < Duration::from_secs(12) && line.queue.sent() == 0);
    let warnings = updated.attribute("Warnings").replace(&share, "<share>");
    expect!["the organization is linked, and License Manager has no resource share of its own; ResourceShareArn is the last one that it had, <share>. It may have been deleted by hand: send EnableIntegration=true again (aws license-manager update-service-settings --organization-configuration EnableIntegration=true), which may make it anew, or set WaitForResourceShare to false and share with Custom::LicenseConfigShare and a Name"].assert_eq(&warnings);
    assert_eq!(updated.attribute("ResourceShareArn"), share);
    assert_eq!(line.world.link_settings().sns_topic_arn.as_deref(), Some(TOPIC));
    line.world.never();
}

#[tokio::test(start_paused = true)]
async fn a_share_that_the_settings_name_and_ram_does_not_have_is_told() {
    let (line, share) = linked_long_ago().await;
    let created = succeeded(line.world.create_link(link(json!({}))).await);
    assert_eq!((created.attribute("Warnings"), line.world.mark()), ("", 5));
    succeeded(line.world.delete_link(LINK_ID).await);
    assert!(line.world.cloud().remove_share_by_hand(&share));
    let mark = line.world.mark();
    line.world.later().await;
    let created = succeeded(line.world.create_link(link(json!({}))).await);
    assert_eq!(line.world.mark() - mark, 5);
    let warnings = created.attribute("Warnings").replace(&share, "<share>");
    expect!["License Manager's settings name its resource share <share>, which is DELETED in AWS RAM. It may have been deleted by hand: send EnableIntegration=true again (aws license-manager update-service-settings --organization-configuration EnableIntegration=true), which may make it anew, or set WaitForResourceShare to false and share with Custom::LicenseConfigShare and a Name"].assert_eq(&warnings);
    assert!(line.world.cloud().purge_share(&share));
    let updated = succeeded(line.world.update_link(link(json!({ "S3BucketArn": BUCKET }))).await);
    assert!(updated.attribute("Warnings").contains("is unknown in AWS RAM"));
    line.world.never();
}

/// It serves a warning only.
#[tokio::test(start_paused = true)]
async fn a_share_that_ram_cannot_be_asked_about_does_not_fail_the_link() {
    use local_cloud::fault::{FaultKind, FaultRule};
    let (line, _) = linked_long_ago().await;
    let denied = FaultKind::Error {
        status: 403,
        code: "AccessDeniedException".to_owned(),
        message: "not authorized to perform: ram:GetResourceShares".to_owned(),
    };
    line.world.cloud().add_fault(FaultRule::always("ram", "GetResourceShares", denied));
    assert_eq!(succeeded(line.world.create_link(link(json!({}))).await).attribute("Warnings"), "");
}

/// A share on its way is waited for by whoever linked a moment ago, this request or not.
#[tokio::test(start_paused = true)]
async fn a_share_that_may_still_be_on_its_way_is_waited_for() {
    let line = Line::dated();
    assert!(line.world.cloud().link_by_hand(ACCOUNT, REGION));
    let share = line.world.link_settings().resource_share_arn.unwrap();
    forget_share(&line);
    let event = line.world.link_event("Create", None, link(json!({})));
    line.waits(&event).await;
    let back = SettingsPatch { resource_share_arn: Some(share.clone()), ..SettingsPatch::default() };
    line.world.cloud().set_service_settings(ACCOUNT, REGION, back);
    let (answer, _) = line.answer(&event).await;
    assert_eq!(succeeded(answer).attribute("ResourceShareArn"), share);
}

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

/// Nothing was done before it, and all is done once it is there.
#[tokio::test(start_paused = true)]
async fn what_waits_for_a_share_of_another_hand_is_done_once_it_is_there() {
    let (line, share) = linked_long_ago().await;
    forget_share(&line);
    let wanted = json!({ "SnsTopicArn": TOPIC, "DelegatedAdministratorAccountId": MEMBER });
    let event = line.world.link_event("Create", None, link(wanted));
    line.waits(&event).await;
    line.run_for(Duration::from_secs(200)).await;
    assert_eq!(line.world.written_since(0), Vec::<String>::new());
    let back = SettingsPatch { resource_share_arn: Some(share.clone()), ..SettingsPatch::default() };
    line.world.cloud().set_service_settings(ACCOUNT, REGION, back);
    let (answer, _) = line.answer(&event).await;
    let answer = succeeded(answer);
    let answered = ["ResourceShareArn", "SnsTopicArn", "DelegatedAdministratorAccountId"]
        .map(|name| answer.attribute(name));
    assert_eq!(answered, [share.as_str(), TOPIC, MEMBER]);
    line.world.never();
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
        let process = world.process(&points, &[]).with_queue(line.queue.clone());
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

/// The share is made with a role that linking makes.
#[tokio::test(start_paused = true)]
async fn a_role_that_is_missing_is_named_where_the_share_does_not_come() {
    let line = Line::dated();
    line.world.cloud().change_settings(|settings| settings.license_manager.share_delay = 100 * HOUR);
    let event = line.world.link_event("Create", None, link(json!({})));
    line.waits(&event).await;
    assert_eq!(roles_asked_for(&line), 1, "RAM's alone, as long as nothing is unusual");
    line.world.cloud().without_linked_role(ACCOUNT, LinkedRole::Master);
    let (answer, _) = line.answer(&event).await;
    expect!["creating organization link (Link): after 57 minutes License Manager has not made its own resource share; this account has no service-linked role AWSServiceRoleForAWSLicenseManagerMasterAccountRole, which linking makes. License Manager makes it within minutes of the link: try again, or set WaitForResourceShare to false. What cannot be taken back stays: License Manager is linked to the organization. This may have been done, and cannot be taken back: License Manager has trusted access"].assert_eq(without_trailer(answer.reason()));
}

#[tokio::test(start_paused = true)]
async fn roles_that_are_missing_are_named_where_trusted_access_does_not_come() {
    let world = World::new();
    world.cloud().change_settings(|settings| {
        settings.license_manager.link_gives_access = false;
        settings.license_manager.member_role_delay = 100 * HOUR;
    });
    // Organizations takes what enables it, and does not show it.
    world.client.rewrite("EnabledServicePrincipals", "NotThere", usize::MAX);
    let created = world.create_link(link(json!({}))).await;
    assert!(!created.is_success());
    expect!["creating organization link (Link): after 70 s no trusted access in AWS Organizations is there yet for license-manager.amazonaws.com and license-manager.member-account.amazonaws.com; this account has no service-linked role AWSServiceRoleForAWSLicenseManagerMasterAccountRole and AWSServiceRoleForAWSLicenseManagerMemberAccountRole, which linking makes. Look under Services in the AWS Organizations console, then try again. What cannot be taken back stays: License Manager is linked to the organization. This may have been done, and cannot be taken back: License Manager has trusted access"].assert_eq(without_trailer(created.reason()));
}

#[tokio::test(start_paused = true)]
async fn a_core_role_that_does_not_spread_is_told_with_what_iam_says() {
    let world = World::new();
    world.cloud().change_settings(|settings| settings.iam.propagation = HOUR);
    world.cloud().without_service_role(ACCOUNT);
    let created = world.create_link(link(json!({}))).await;
    assert!(!created.is_success());
    expect!["creating organization link (Link): reading License Manager's settings (IAM has made AWSServiceRoleForAWSLicenseManagerRole, and it has not spread): License Manager refused GetServiceSettings: Service role not found. Consult setup procedures in Service User Guide to create the required service role (AccessDeniedException). License Manager does not see its service-linked role yet: try again in a minute. What cannot be taken back stays: License Manager's service-linked role is there"].assert_eq(without_trailer(created.reason()));
}

fn roles_asked_for(line: &Line) -> usize {
    line.world.operations_since(0).iter().filter(|operation| *operation == "GetRole").count()
}
