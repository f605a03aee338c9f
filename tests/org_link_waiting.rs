//! A link that outlasts one invocation: handed over to the queue, and looked at again and again.

use crate::support::flows::succeeded;
use crate::support::link::{BUCKET, LINK_ID, MANAGER, TOPIC, link};
use crate::support::queue::{Line, writes};
use crate::support::refusals::without_trailer;
use crate::support::world::{ACCOUNT, MEMBER, REGION, with};
use expect_test::expect;
use local_cloud::fault::{FaultKind, FaultRule};
use local_cloud::license_manager::SettingsPatch;
use serde_json::{Value, json};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

fn share_after(delay: Duration) -> Line {
    let line = Line::dated();
    line.world.cloud().change_settings(|settings| settings.license_manager.share_delay = delay);
    line
}

fn delegating(more: Value) -> Value {
    link(with(more, "DelegatedAdministratorAccountId", json!(MEMBER)))
}

#[tokio::test(start_paused = true)]
async fn license_managers_share_is_waited_for_in_the_queue_and_then_the_rest_is_done() {
    let line = share_after(2 * MINUTE);
    let event = line.world.link_event("Create", None, delegating(json!({ "SnsTopicArn": TOPIC })));
    line.waits(&event).await;
    assert!(line.elapsed() < 25 * SECOND, "{:?}", line.elapsed());
    assert!(line.world.delegates().is_empty());
    let (answer, looks) = line.answer(&event).await;
    let share = line.world.link_settings().resource_share_arn.unwrap();
    assert_eq!(succeeded(answer).attribute("ResourceShareArn"), share);
    assert!((2 * MINUTE..3 * MINUTE).contains(&line.elapsed()), "{:?}", line.elapsed());
    assert!((5..=10).contains(&looks.len()), "{}", looks.len());
    assert!(looks.iter().all(|look| look.took < SECOND && look.calls.len() <= 8), "{looks:?}");
    assert_eq!(writes(&looks).iter().filter(|call| !call.starts_with("Describe")).count(), 1);
    assert_eq!(line.world.delegates(), [MEMBER]);
    succeeded(line.world.delete_link(LINK_ID).await);
    line.world.never();
}

#[tokio::test(start_paused = true)]
async fn without_waiting_for_the_share_the_answer_comes_at_once() {
    let line = share_after(2 * MINUTE);
    let event = line.world.link_event("Create", None, link(json!({ "WaitForResourceShare": "false" })));
    line.deliver(&event).await.unwrap();
    let answer = succeeded(line.world.s3.answer_to(&event.request_id).unwrap());
    assert_eq!(answer.attribute("ResourceShareArn"), "");
    assert!(line.elapsed() < 5 * SECOND && line.queue.sent() == 0);
    line.world.later().await;
    // An Update waits for it, and sends nothing.
    let event = line.world.link_event("Update", Some(LINK_ID), link(json!({})));
    line.waits(&event).await;
    let (answer, _) = line.answer(&event).await;
    assert!(!succeeded(answer).attribute("ResourceShareArn").is_empty());
    assert_eq!(line.world.updates_since(0).len(), 1);
    line.world.never();
}

#[tokio::test(start_paused = true)]
async fn a_share_that_never_appears_is_named_with_the_way_out_and_what_stays() {
    let line = share_after(1_000 * MINUTE);
    let event = line.world.link_event("Create", None, delegating(json!({})));
    line.waits(&event).await;
    let (answer, _) = line.answer(&event).await;
    assert!(!answer.is_success());
    expect!["creating organization link (Link): after 57 minutes License Manager has not made its own resource share. License Manager makes it within minutes of the link: try again, or set WaitForResourceShare to false. What cannot be taken back stays: License Manager is linked to the organization. This may have been done, and cannot be taken back: License Manager has trusted access"].assert_eq(without_trailer(answer.reason()));
    assert!(line.world.delegates().is_empty());
    succeeded(line.world.delete_link(answer.physical_id()).await);
    line.world.never();
}

/// Without a queue, too.
#[tokio::test(start_paused = true)]
async fn without_a_queue_the_reason_comes_at_once() {
    let line = share_after(1_000 * MINUTE);
    let answer = line.world.create_link(link(json!({}))).await;
    assert!(!answer.is_success() && line.elapsed() < 25 * SECOND);
    assert!(answer.reason().contains("License Manager has not made its own resource share"));
    line.world.never();
}

#[tokio::test(start_paused = true)]
async fn what_was_changed_by_hand_while_the_request_waited_is_left_alone() {
    let line = share_after(2 * MINUTE);
    let event = line.world.link_event("Create", None, delegating(json!({ "SnsTopicArn": TOPIC })));
    line.waits(&event).await;
    let other = SettingsPatch {
        sns_topic_arn: Some(format!("{TOPIC}-2")),
        s3_bucket_arn: Some(BUCKET.to_owned()),
        ..SettingsPatch::default()
    };
    line.world.cloud().set_service_settings(ACCOUNT, REGION, other);
    let (answer, looks) = line.answer(&event).await;
    assert_eq!(succeeded(answer).attribute("SnsTopicArn"), format!("{TOPIC}-2"));
    assert!(!writes(&looks).contains(&"UpdateServiceSettings"));
    line.world.never();
}

/// Trusted access that is taken away again as soon as it is there.
#[tokio::test(start_paused = true)]
async fn trusted_access_that_does_not_show_is_waited_for_in_the_queue() {
    let line = Line::new();
    let organization = line.world.organization.clone();
    line.world.cloud().change_settings(|settings| settings.license_manager.relink_repairs = false);
    assert!(line.world.cloud().link_by_hand(ACCOUNT, REGION));
    assert!(line.world.cloud().set_trusted_access(&organization, MANAGER, false));
    // License Manager sends no trusted access, and the call that enables it is lost on its way.
    let lost =
        FaultKind::Error { status: 500, code: "ServiceException".to_owned(), message: "later".to_owned() };
    line.world.cloud().add_fault(FaultRule::always("organizations", "EnableAWSServiceAccess", lost));
    let event = line.world.link_event("Create", None, delegating(json!({})));
    line.waits(&event).await;
    assert!((20 * SECOND..=31 * SECOND).contains(&line.elapsed()), "{:?}", line.elapsed());
    line.run_for(MINUTE).await;
    line.world.cloud().clear_faults();
    let (answer, _) = line.answer(&event).await;
    assert_eq!(succeeded(answer).attribute("TrustedAccess"), "Enabled");
    assert_eq!(line.world.delegates(), [MEMBER]);
    line.world.never();
}

#[tokio::test(start_paused = true)]
async fn a_rollback_does_not_wait_for_the_share() {
    let line = share_after(1_000 * MINUTE);
    let first = link(json!({ "WaitForResourceShare": true, "SnsTopicArn": TOPIC }));
    line.world.cloud().create_license_manager_share(ACCOUNT, REGION);
    let event = line.world.link_event("Create", None, first.clone());
    line.deliver(&event).await.unwrap();
    succeeded(line.world.s3.answer_to(&event.request_id).unwrap());
    let second = link(json!({ "WaitForResourceShare": false, "SnsTopicArn": format!("{TOPIC}-2") }));
    succeeded(line.world.update_link(second).await);
    line.world.client.rewrite("LicenseManagerResourceShareArn", "NotThere", usize::MAX);
    line.world.later().await;
    let back = line.world.link_event("Update", Some(LINK_ID), first);
    line.deliver(&back).await.unwrap();
    let answer = succeeded(line.world.s3.answer_to(&back.request_id).unwrap());
    let share = answer.attribute("ResourceShareArn");
    assert!(!share.is_empty() && line.queue.sent() == 0);
    let warned =
        format!("ResourceShareArn is the last one that it had, {share}. It may have been deleted by hand");
    assert!(answer.attribute("Warnings").contains(&warned), "{}", answer.attribute("Warnings"));
    assert_eq!(line.world.link_settings().sns_topic_arn.as_deref(), Some(TOPIC));
    line.world.never();
}
