//! Requests that outlast one invocation: handed over, looked at again and again, answered once.

use crate::support::flows::succeeded;
use crate::support::queue::{Line, Looked, at_work, writes};
use crate::support::refusals::without_trailer;
use crate::support::world::{MEMBER, MEMBER_2, attached, own, with};
use expect_test::expect;
use local_cloud::fault::{FaultKind, FaultRule};
use local_cloud::ram::{BlockedBy, FailAssociation};
use provider::record::MemoryRecords;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

fn assert_short(looks: &[Looked]) {
    for look in looks {
        assert!(look.took < SECOND, "{look:?}");
        assert!(look.calls.len() <= 4, "{look:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_settles_after_ten_minutes_is_answered_within_a_minute_of_it() {
    let line = Line::slow(10 * MINUTE);
    let event = line.create();
    line.waits(&event).await;
    assert!((20 * SECOND..=31 * SECOND).contains(&line.elapsed()), "no invocation sleeps for minutes");
    let (answer, looks) = line.answer(&event).await;
    succeeded(answer);
    assert!((10 * MINUTE..11 * MINUTE).contains(&line.elapsed()), "{:?}", line.elapsed());
    assert!((13..=17).contains(&looks.len()), "{}", looks.len());
    assert_short(&looks);
    assert_eq!(writes(&looks), Vec::<&str>::new());
    assert!(looks.iter().all(|look| look.result.is_ok()));
    assert_eq!(line.queue.dead().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_wait_of_fifty_minutes_costs_at_most_65_invocations_and_is_noticed_within_a_minute() {
    let line = Line::slow(50 * MINUTE);
    let event = line.create();
    line.waits(&event).await;
    let (answer, looks) = line.answer(&event).await;
    succeeded(answer);
    assert!((50 * MINUTE..51 * MINUTE).contains(&line.elapsed()), "{:?}", line.elapsed());
    assert!(looks.len() < 65, "{}", looks.len());
    assert_short(&looks);
    for pair in looks.windows(2) {
        let (apart, age) = (pair[1].at.saturating_sub(pair[0].at), pair[0].at);
        let expected = if age < 2 * MINUTE { 15 * SECOND } else { 55 * SECOND };
        assert!(apart >= expected && apart < expected + SECOND, "{apart:?} at {age:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_never_settles_is_named_before_the_last_word_and_nothing_is_left() {
    let line = Line::slow(1_000 * MINUTE);
    let event = line.create();
    line.waits(&event).await;
    let (answer, looks) = line.answer(&event).await;
    assert!(!answer.is_success());
    assert!((57 * MINUTE..58 * MINUTE).contains(&line.elapsed()), "{:?}", line.elapsed());
    expect!["creating license configuration share (Share): after 57 minutes AWS RAM has not settled 222233334444 (ASSOCIATING). Try again in a few minutes; if it stays so, ask AWS Support"].assert_eq(without_trailer(answer.reason()));
    assert!(looks.len() <= 70, "{}", looks.len());
    assert_eq!(line.world.live_shares(), Vec::<String>::new());
    assert_eq!(line.queue.waiting().len() + line.queue.dead().len(), 0);
    succeeded(line.world.delete(answer.physical_id(), "Share").await);
}

#[tokio::test(start_paused = true)]
async fn without_a_queue_and_without_time_the_answer_comes_at_once() {
    let line = Line::slow(10 * MINUTE);
    let event = line.create();
    line.world.deliver(&event).await.unwrap();
    assert!(!line.world.s3.answer_to(&event.request_id).unwrap().is_success());
    let licenses = line.world.license_configurations(1);
    line.world.later().await;
    let properties = with(own("licenses", &licenses, &[MEMBER]), "ServiceTimeout", json!("60"));
    let event = line.world.event("Create", None, "Hasty", properties);
    line.deliver(&event).await.unwrap();
    assert!(!line.world.s3.answer_to(&event.request_id).unwrap().is_success());
    assert_eq!(line.queue.sent(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_short_service_timeout_ends_the_wait() {
    let line = Line::slow(10 * MINUTE);
    let licenses = line.world.license_configurations(1);
    let properties = with(own("licenses", &licenses, &[MEMBER]), "ServiceTimeout", json!("300"));
    let event = line.world.event("Create", None, "Share", properties);
    line.waits(&event).await;
    let (answer, _) = line.answer(&event).await;
    assert!(!answer.is_success());
    assert!(line.elapsed() <= 270 * SECOND, "the last word of 300 s is due at 270 s: {:?}", line.elapsed());
    assert!(line.elapsed() >= 200 * SECOND, "{:?}", line.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_request_without_a_date_waits_from_when_it_first_came() {
    let line = Line::slow(1_000 * MINUTE);
    let mut event = line.create();
    event.json["ResponseURL"] = "http://127.0.0.1:4566/bucket/answer".into();
    line.world.s3.signed(&event.json);
    line.waits(&event).await;
    let (answer, _) = line.answer(&event).await;
    assert!(!answer.is_success());
    assert!((57 * MINUTE..58 * MINUTE).contains(&line.elapsed()), "{:?}", line.elapsed());
}

/// The same members that were waited for go; RAM takes their removal only once they have settled.
async fn rolls_back(blocked: BlockedBy) {
    let line = Line::new();
    let licenses = line.world.license_configurations(1);
    let before = own("licenses", &licenses, &[MEMBER]);
    let id = line.world.create("Share", before.clone()).await.physical_id().to_owned();
    line.world.cloud().change_settings(|settings| {
        settings.ram.times.associate_account = 10 * MINUTE;
        settings.ram.disassociate_blocked_by = blocked;
    });
    let event = line.update(&id, own("licenses", &licenses, &[MEMBER, MEMBER_2])).await;
    line.waits(&event).await;
    line.run_for(2 * MINUTE).await;
    let overtaken = line.queue.waiting().remove(0);
    let back = line.update(&id, before).await;
    line.deliver(&back).await.unwrap();
    let looks = line.run().await;
    succeeded(line.world.s3.answer_to(&back.request_id).unwrap());
    let dropped: Vec<_> = looks.iter().filter(|look| look.message.id == overtaken.id).collect();
    assert_eq!((dropped.len(), dropped[0].calls.len()), (1, 0), "{dropped:?}");
    let of_the_overtaken = |look: &&Looked| look.message.json()["event"]["RequestId"] == event.request_id;
    assert_eq!(looks.iter().filter(of_the_overtaken).count(), 1, "its chain ends");
    assert_eq!(line.world.s3.answer_to(&event.request_id), None);
    assert_eq!(line.world.members(&id), [licenses[0].clone(), MEMBER.to_owned()].into());
    assert_eq!(line.queue.waiting().len() + line.queue.dead().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_rollback_during_the_wait_removes_the_very_members_that_were_waited_for() {
    rolls_back(BlockedBy::Nothing).await;
}

#[tokio::test(start_paused = true)]
async fn a_rollback_that_ram_refuses_while_members_settle_waits_itself() {
    rolls_back(BlockedBy::Settling).await;
}

#[tokio::test(start_paused = true)]
async fn a_delete_during_the_wait_of_a_create_ends_it() {
    let line = Line::slow(10 * MINUTE);
    let event = line.create();
    line.waits(&event).await;
    line.run_for(2 * MINUTE).await;
    line.world.later().await;
    let gone = line.world.event("Delete", Some("licenses-Share-1ABCDEF"), "Share", json!({}));
    line.deliver(&gone).await.unwrap();
    succeeded(line.world.s3.answer_to(&gone.request_id).unwrap());
    let looks = line.run().await;
    assert_eq!((looks.len(), at_work(&looks)), (1, 0));
    assert_eq!(line.world.s3.answer_to(&event.request_id), None);
    assert_eq!(line.world.live_shares(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_ram_refuses_while_members_settle_waits() {
    let line = Line::slow(10 * MINUTE);
    let event = line.create();
    line.waits(&event).await;
    line.world.cloud().change_settings(|settings| settings.ram.delete_blocked_by = BlockedBy::Settling);
    line.world.later().await;
    let gone = line.world.event("Delete", Some("licenses-Share-1ABCDEF"), "Share", json!({}));
    line.waits(&gone).await;
    let (answer, looks) = line.answer(&gone).await;
    succeeded(answer);
    assert!(line.elapsed() < 11 * MINUTE, "{:?}", line.elapsed());
    assert_eq!(
        writes(&looks).len(),
        writes(&looks).iter().filter(|call| **call == "DeleteResourceShare").count()
    );
    assert_eq!(line.world.live_shares(), Vec::<String>::new());
    assert_eq!(line.queue.waiting().len(), 0);
}

fn fault(line: &Line, operation: &str, kind: FaultKind) {
    line.world.cloud().add_fault(FaultRule::always("ram", operation, kind));
}

fn error(status: u16, code: &str) -> FaultKind {
    FaultKind::Error { status, code: code.to_owned(), message: "Rate exceeded".to_owned() }
}

#[tokio::test(start_paused = true)]
async fn what_aws_does_not_take_for_longer_than_an_invocation_is_done_when_it_does() {
    let kinds = [
        error(429, "ThrottlingException"),
        error(503, "ServiceUnavailableException"),
        FaultKind::Reset,
        FaultKind::Hang,
    ];
    for kind in kinds {
        for operation in ["CreateResourceShare", "GetResourceShareAssociations"] {
            let line = Line::new();
            let event = line.create();
            fault(&line, operation, kind.clone());
            line.waits(&event).await;
            line.run_for(5 * MINUTE).await;
            assert_eq!(line.world.s3.answers().len(), 0);
            line.world.cloud().clear_faults();
            let (answer, looks) = line.answer(&event).await;
            succeeded(answer);
            assert!(looks.len() <= 2, "{operation} {kind:?}: {looks:?}");
            assert_eq!(line.world.live_shares(), ["licenses"]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_aws_never_takes_is_named_with_its_words() {
    let line = Line::new();
    let event = line.create();
    fault(&line, "CreateResourceShare", error(429, "ThrottlingException"));
    line.waits(&event).await;
    let (answer, looks) = line.answer(&event).await;
    assert!(!answer.is_success());
    assert!(answer.reason().contains("Rate exceeded (ThrottlingException)"), "{}", answer.reason());
    assert!(line.elapsed() <= 58 * MINUTE, "{:?}", line.elapsed());
    assert!(
        looks.iter().all(|look| look.took <= 31 * SECOND),
        "{:?}",
        looks.iter().map(|look| look.took).max()
    );
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_answered_and_not_waited_for() {
    let line = Line::new();
    let event = line.create();
    fault(&line, "CreateResourceShare", error(403, "AccessDeniedException"));
    line.deliver(&event).await.unwrap();
    assert!(!line.world.s3.answer_to(&event.request_id).unwrap().is_success());
    assert_eq!(line.queue.sent(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_account_that_fails_while_it_is_waited_for_is_named_with_rams_words() {
    let line = Line::slow(10 * MINUTE);
    let event = line.create();
    line.world.cloud().fail_association(FailAssociation {
        account: None,
        times: None,
        entity: MEMBER.to_owned(),
        message: "The account is suspended.".to_owned(),
    });
    line.waits(&event).await;
    let (answer, _) = line.answer(&event).await;
    assert!(!answer.is_success());
    assert!(answer.reason().contains("222233334444: The account is suspended."), "{}", answer.reason());
    assert!(line.elapsed() < 11 * MINUTE, "{:?}", line.elapsed());
}

#[tokio::test(start_paused = true)]
async fn nobody_loses_access_while_those_who_come_are_waited_for() {
    let line = Line::new();
    let licenses = line.world.license_configurations(1);
    let id = line.world.create("Share", own("licenses", &licenses, &[MEMBER])).await.physical_id().to_owned();
    line.world.cloud().change_settings(|settings| settings.ram.times.associate_account = 10 * MINUTE);
    let event = line.update(&id, own("licenses", &licenses, &[MEMBER_2])).await;
    line.waits(&event).await;
    line.run_for(7 * MINUTE).await;
    assert!(line.world.members(&id).contains(MEMBER), "until the new one is in");
    let (answer, looks) = line.answer(&event).await;
    succeeded(answer);
    assert_eq!(writes(&looks), ["DisassociateResourceShare"]);
    assert_eq!(line.world.members(&id), [licenses[0].clone(), MEMBER_2.to_owned()].into());
}

#[tokio::test(start_paused = true)]
async fn no_new_account_comes_before_old_license_configurations_are_gone_however_long_that_takes() {
    let line = Line::new();
    let licenses = line.world.license_configurations(2);
    let id =
        line.world.create("Share", own("licenses", &licenses[..1], &[MEMBER])).await.physical_id().to_owned();
    line.world.cloud().change_settings(|settings| settings.ram.times.disassociate_resource = 10 * MINUTE);
    let event = line.update(&id, own("renamed", &licenses[1..], &[MEMBER_2])).await;
    line.waits(&event).await;
    line.run_for(7 * MINUTE).await;
    assert!(!line.world.members(&id).contains(MEMBER_2));
    let (answer, looks) = line.answer(&event).await;
    succeeded(answer);
    assert!(!writes(&looks).contains(&"UpdateResourceShare"), "the name was changed before");
    assert_eq!(line.world.members(&id), [licenses[1].clone(), MEMBER_2.to_owned()].into());
}

#[tokio::test(start_paused = true)]
async fn external_principals_are_forbidden_only_after_the_long_removal_of_the_last_one() {
    let line = Line::new();
    let licenses = line.world.license_configurations(1);
    let open = with(own("licenses", &licenses, &[MEMBER, MEMBER_2]), "AllowExternalPrincipals", json!(true));
    let id = line.world.create("Share", open).await.physical_id().to_owned();
    line.world.cloud().change_settings(|settings| settings.ram.times.disassociate_principal = 10 * MINUTE);
    let event = line.update(&id, own("licenses", &licenses, &[MEMBER])).await;
    line.waits(&event).await;
    let (answer, looks) = line.answer(&event).await;
    succeeded(answer);
    assert_eq!(writes(&looks), ["UpdateResourceShare"]);
    assert!(!line.world.look(&id).allow_external);
}

#[tokio::test(start_paused = true)]
async fn what_somebody_removes_during_the_wait_is_not_added_again() {
    let line = Line::slow(10 * MINUTE);
    let licenses = line.world.license_configurations(1);
    let event = line.world.event("Create", None, "Share", own("licenses", &licenses, &[MEMBER, MEMBER_2]));
    line.waits(&event).await;
    line.run_for(MINUTE).await;
    line.world.cloud().change_settings(|settings| settings.ram.disassociate_blocked_by = BlockedBy::Nothing);
    let share = line.live_share();
    line.world.remove_by_hand(&share, &[MEMBER]).await;
    let (answer, looks) = line.answer(&event).await;
    assert!(!answer.is_success());
    expect!["creating license configuration share (Share): no longer in the resource share or invited to it, while it was waited for: 222233334444. They were rejected, expired or removed meanwhile. Find out by whom, then try again"].assert_eq(without_trailer(answer.reason()));
    assert_eq!(writes(&looks), ["DeleteResourceShare"], "what the Create made is taken back");
    assert_eq!(looks.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_share_that_somebody_deletes_during_the_wait_is_not_made_again() {
    let line = Line::slow(10 * MINUTE);
    let event = line.create();
    line.waits(&event).await;
    let share = line.live_share();
    line.world.cloud().remove_share_by_hand(&share);
    let (answer, looks) = line.answer(&event).await;
    assert!(answer.reason().contains("deleted while its members were waited for"), "{}", answer.reason());
    assert_eq!(writes(&looks), Vec::<&str>::new());
    assert_eq!(line.world.live_shares(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_rollback_that_waits_leaves_out_what_goes_meanwhile_and_says_so_at_the_end() {
    let line = Line::new();
    let licenses = line.world.license_configurations(1);
    let before = own("licenses", &licenses, &[MEMBER, MEMBER_2]);
    let id = line.world.create("Share", before.clone()).await.physical_id().to_owned();
    let forward = line.update(&id, own("licenses", &licenses, &[MEMBER])).await;
    line.deliver(&forward).await.unwrap();
    succeeded(line.world.s3.answer_to(&forward.request_id).unwrap());
    line.world.cloud().change_settings(|settings| {
        settings.ram.times.associate_account = 10 * MINUTE;
        settings.ram.disassociate_blocked_by = BlockedBy::Nothing;
    });
    let back = line.update(&id, before).await;
    line.waits(&back).await;
    line.world.remove_by_hand(&id, &[MEMBER_2]).await;
    let (answer, looks) = line.answer(&back).await;
    let answer = succeeded(answer);
    assert!(answer.attribute("Warnings").contains("333344445555"), "{}", answer.attribute("Warnings"));
    assert_eq!(writes(&looks), Vec::<&str>::new());
}

#[tokio::test(start_paused = true)]
async fn an_attachment_waits_too_and_is_whole_when_it_is_answered() {
    let line = Line::slow(10 * MINUTE);
    let licenses = line.world.license_configurations(1);
    let share = line.world.share_by_hand(crate::support::console::BARE).await;
    let event = line.world.event("Create", None, "Share", attached(&share, &licenses, &[MEMBER]));
    line.waits(&event).await;
    let (answer, looks) = line.answer(&event).await;
    succeeded(answer.clone());
    assert!(line.elapsed() >= 10 * MINUTE, "{:?}", line.elapsed());
    assert_eq!(writes(&looks), Vec::<&str>::new());
    succeeded(line.world.delete(answer.physical_id(), "Share").await);
    assert_eq!(line.world.members(&share), [].into());
}

/// The first invocation finds that the record is lost, and makes it anew: no later look has anything to say of it.
#[tokio::test(start_paused = true)]
async fn a_warning_of_the_first_invocation_is_in_the_answer_of_the_last_look() {
    let line = Line::new();
    let licenses = line.world.license_configurations(1);
    let elsewhere = line.world.process_on(Arc::new(MemoryRecords::new()));
    let create = line.world.event("Create", None, "Share", own("licenses", &licenses, &[]));
    line.world.deliver_to(&elsewhere, &create).await.unwrap();
    let id = succeeded(line.world.s3.answer_to(&create.request_id).unwrap()).physical_id().to_owned();
    line.world.cloud().change_settings(|settings| settings.ram.times.associate_account = 10 * MINUTE);
    let event = line.update(&id, own("licenses", &licenses, &[MEMBER])).await;
    line.waits(&event).await;
    let (answer, looks) = line.answer(&event).await;
    assert!(at_work(&looks) > 5, "{looks:?}");
    let lost = "the record of this resource was lost and has been made anew from the share's tags";
    assert_eq!(succeeded(answer).attribute("Warnings"), lost);
}
