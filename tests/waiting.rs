//! Requests that outlast one invocation: handed over, looked at again and again, answered once.

use crate::support::faulty_records::{FaultyRecords, RecordFault, RecordRule};
use crate::support::flows::succeeded;
use crate::support::points::Points;
use crate::support::queue::{Line, Looked, Message};
use crate::support::refusals::without_trailer;
use crate::support::s3::Put;
use crate::support::world::{Event, MEMBER, MEMBER_2, STACK, attached, own, with};
use expect_test::expect;
use local_cloud::fault::{FaultKind, FaultRule};
use local_cloud::ram::{BlockedBy, FailAssociation};
use provider::handler::HandlerError;
use provider::record::{RecordKey, Records};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// A Create of a share with one account.
fn create(line: &Line) -> Event {
    let licenses = line.world.license_configurations(1);
    line.world.event("Create", None, "Share", own("licenses", &licenses, &[MEMBER]))
}

async fn update(line: &Line, id: &str, properties: Value) -> Event {
    line.world.later().await;
    line.world.event("Update", Some(id), "Share", properties)
}

/// The ARN of the only live share.
fn live_share(line: &Line) -> String {
    let cloud = line.world.cloud();
    let mut shares = cloud.shares().iter().filter(|share| share.status.is_live());
    let arn = shares.next().unwrap().arn.clone();
    assert_eq!(shares.count(), 0);
    arn
}

fn is_write(operation: &str) -> bool {
    !operation.starts_with("Get") && !operation.starts_with("List")
}

fn writes(looks: &[Looked]) -> Vec<&str> {
    looks.iter().flat_map(|look| &look.calls).map(String::as_str).filter(|call| is_write(call)).collect()
}

/// Looks that did anything, and not only found that they were not needed.
fn at_work(looks: &[Looked]) -> usize {
    looks.iter().filter(|look| !look.calls.is_empty()).count()
}

fn assert_short(looks: &[Looked]) {
    for look in looks {
        assert!(look.took < SECOND, "{look:?}");
        assert!(look.calls.len() <= 4, "{look:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_settles_after_ten_minutes_is_answered_within_a_minute_of_it() {
    let line = Line::slow(10 * MINUTE);
    let event = create(&line);
    line.waits(&event).await;
    assert!(line.elapsed() < 120 * SECOND);
    let (answer, looks) = line.answer(&event).await;
    succeeded(answer);
    assert!((10 * MINUTE..11 * MINUTE).contains(&line.elapsed()), "{:?}", line.elapsed());
    assert!((9..=14).contains(&looks.len()), "{}", looks.len());
    assert_short(&looks);
    assert_eq!(writes(&looks), Vec::<&str>::new());
    assert!(looks.iter().all(|look| look.result.is_ok()));
    assert_eq!(line.queue.dead().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_wait_of_fifty_minutes_costs_at_most_65_invocations_and_is_noticed_within_a_minute() {
    let line = Line::slow(50 * MINUTE);
    let event = create(&line);
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
    let event = create(&line);
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
    let event = create(&line);
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
    let mut event = create(&line);
    event.json["ResponseURL"] = "http://127.0.0.1:4566/bucket/answer".into();
    line.waits(&event).await;
    let (answer, _) = line.answer(&event).await;
    assert!(!answer.is_success());
    assert!((57 * MINUTE..58 * MINUTE).contains(&line.elapsed()), "{:?}", line.elapsed());
}

#[tokio::test(start_paused = true)]
async fn messages_that_are_sent_twice_make_no_second_chain() {
    let line = Line::slow(10 * MINUTE);
    let event = create(&line);
    line.queue.copy(2);
    line.waits(&event).await;
    let (answer, looks) = line.answer(&event).await;
    succeeded(answer);
    assert!(at_work(&looks) <= 14, "{}", at_work(&looks));
    assert_eq!(looks.len(), 3 * at_work(&looks), "each copy ends at its look");
    assert_eq!(line.world.s3.answers().len(), 3, "the copies of the last message send the same bytes again");
}

#[tokio::test(start_paused = true)]
async fn a_message_that_comes_late_and_again_ends_there() {
    let line = Line::slow(10 * MINUTE);
    let event = create(&line);
    line.waits(&event).await;
    let first = line.look().await.unwrap().message;
    line.run_for(3 * MINUTE).await;
    line.queue.deliver_again(first);
    let again = line.look().await.unwrap();
    assert_eq!((again.message.look(), again.calls.len()), (1, 0));
    assert_eq!(line.queue.waiting().len(), 1, "the chain goes on alone");
    succeeded(line.answer(&event).await.0);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_delivered_twice_in_a_row_sends_on_twice_and_one_goes_on() {
    let line = Line::slow(10 * MINUTE);
    let event = create(&line);
    line.waits(&event).await;
    let first = line.look().await.unwrap().message;
    line.queue.deliver_again(first);
    assert!(!line.look().await.unwrap().calls.is_empty(), "its Ok may have been lost");
    assert_eq!(line.queue.waiting().len(), 2);
    let (answer, looks) = line.answer(&event).await;
    succeeded(answer);
    assert_eq!(looks.len() - at_work(&looks), 1);
}

#[tokio::test(start_paused = true)]
async fn a_first_delivery_that_comes_again_starts_no_second_chain() {
    let line = Line::slow(10 * MINUTE);
    let event = create(&line);
    line.waits(&event).await;
    line.look().await.unwrap();
    let (sent, mark) = (line.queue.sent(), line.world.mark());
    line.deliver(&event).await.unwrap();
    assert_eq!((line.queue.sent(), writes_since(&line, mark)), (sent, Vec::new()));
    succeeded(line.answer(&event).await.0);
}

fn writes_since(line: &Line, mark: usize) -> Vec<String> {
    line.world.operations_since(mark).into_iter().filter(|call| is_write(call)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_first_delivery_that_comes_again_before_the_first_look_hands_over_again_and_one_goes_on() {
    let line = Line::slow(10 * MINUTE);
    let event = create(&line);
    line.waits(&event).await;
    let mark = line.world.mark();
    line.deliver(&event).await.unwrap();
    assert_eq!(writes_since(&line, mark), Vec::<String>::new());
    assert_eq!(line.queue.waiting().iter().map(Message::look).collect::<Vec<_>>(), [1, 1]);
    let (answer, looks) = line.answer(&event).await;
    succeeded(answer);
    assert_eq!(looks.len() - at_work(&looks), 1);
}

#[tokio::test(start_paused = true)]
async fn a_hand_over_that_the_queue_does_not_take_is_tried_again_by_the_redelivery() {
    let line = Line::slow(10 * MINUTE);
    let event = create(&line);
    line.queue.fail(2);
    for _ in 0..2 {
        let error = line.deliver(&event).await.unwrap_err();
        assert!(matches!(error, HandlerError::HandOver { .. }), "{error:?}");
    }
    line.waits(&event).await;
    let (answer, _) = line.answer(&event).await;
    succeeded(answer);
    assert_eq!(line.world.live_shares(), ["licenses"]);
}

#[tokio::test(start_paused = true)]
async fn a_look_that_cannot_send_the_next_one_comes_again_after_its_visibility_and_goes_on() {
    let line = Line::slow(20 * MINUTE);
    let event = create(&line);
    line.waits(&event).await;
    line.look().await.unwrap();
    line.queue.fail(1);
    let failed = line.look().await.unwrap();
    assert!(matches!(failed.result, Err(HandlerError::HandOver { .. })));
    let again = line.look().await.unwrap();
    assert_eq!((again.message.id.as_str(), again.message.look()), (failed.message.id.as_str(), 2));
    assert!(again.result.is_ok() && again.at >= failed.at + 12 * MINUTE);
    succeeded(line.answer(&event).await.0);
    assert_eq!(line.queue.dead().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_look_that_cannot_read_its_record_says_nothing_and_comes_again() {
    let line = Line::slow(10 * MINUTE);
    let event = create(&line);
    line.waits(&event).await;
    let rules = vec![RecordRule::always("resume", RecordFault::Fails)];
    let records = FaultyRecords::new(line.world.records.clone(), Points::default(), rules);
    let process = line.world.process_on(Arc::new(records)).with_queue(line.queue.clone());
    let message = line.queue.waiting()[0].event().to_string();
    let error = line.world.deliver_bytes_to(&process, message.as_bytes()).await.unwrap_err();
    assert!(matches!(error, HandlerError::Record { .. }), "{error:?}");
    assert_eq!(line.world.s3.answers().len(), 0);
    succeeded(line.answer(&event).await.0);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_taken_comes_again_with_the_same_bytes() {
    let line = Line::slow(3 * MINUTE);
    let event = create(&line);
    line.waits(&event).await;
    line.world.s3.next([Put::Status(403)]);
    let (answer, looks) = line.answer(&event).await;
    succeeded(answer);
    let failed: Vec<_> = looks.iter().filter(|look| look.result.is_err()).collect();
    assert_eq!(failed.len(), 1);
    assert!(looks.last().unwrap().calls.is_empty(), "what is on record is sent again");
}

#[tokio::test(start_paused = true)]
async fn messages_of_others_and_what_is_no_hand_over_end_in_the_dead_letters_and_change_nothing() {
    let line = Line::slow(10 * MINUTE);
    let event = create(&line);
    line.waits(&event).await;
    let message = line.queue.waiting().remove(0);
    let mut broken = message.clone();
    broken.body.truncate(40);
    let foreign = "arn:aws:sqs:eu-west-1:444455556666:license-manager-provider-wait";
    let mark = line.world.mark();
    for event in [message.event_from(foreign), broken.event()] {
        let error = line.world.deliver_bytes_to(&line.process(), event.to_string().as_bytes()).await;
        assert!(matches!(error, Err(HandlerError::Message { .. })), "{error:?}");
    }
    let without = line.world.deliver_bytes(message.event().to_string().as_bytes()).await;
    assert!(matches!(without, Err(HandlerError::Message { .. })), "{without:?}");
    assert_eq!(line.world.mark(), mark);
    line.queue.deliver_again(broken);
    line.run_for(30 * MINUTE).await;
    assert_eq!(line.queue.dead().len(), 1);
    assert!(line.world.s3.answer_to(&event.request_id).unwrap().is_success());
}

#[tokio::test(start_paused = true)]
async fn a_message_whose_request_would_not_be_taken_now_is_refused() {
    let line = Line::slow(10 * MINUTE);
    let event = create(&line);
    line.waits(&event).await;
    let mut message = line.queue.waiting().remove(0);
    message.body = message.body.replace("s3-eu-west-1.amazonaws.com", "s3-eu-west-1.example.com");
    let error = line.world.deliver_bytes_to(&line.process(), message.event().to_string().as_bytes()).await;
    assert!(matches!(error, Err(HandlerError::Event { .. })), "{error:?}");
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
    let event = update(&line, &id, own("licenses", &licenses, &[MEMBER, MEMBER_2])).await;
    line.waits(&event).await;
    line.run_for(2 * MINUTE).await;
    let overtaken = line.queue.waiting().remove(0);
    let back = update(&line, &id, before).await;
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
    let event = create(&line);
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
    let event = create(&line);
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
            let event = create(&line);
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
    let event = create(&line);
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
    let event = create(&line);
    fault(&line, "CreateResourceShare", error(403, "AccessDeniedException"));
    line.deliver(&event).await.unwrap();
    assert!(!line.world.s3.answer_to(&event.request_id).unwrap().is_success());
    assert_eq!(line.queue.sent(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_account_that_fails_while_it_is_waited_for_is_named_with_rams_words() {
    let line = Line::slow(10 * MINUTE);
    let event = create(&line);
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
    let event = update(&line, &id, own("licenses", &licenses, &[MEMBER_2])).await;
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
    let event = update(&line, &id, own("renamed", &licenses[1..], &[MEMBER_2])).await;
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
    let event = update(&line, &id, own("licenses", &licenses, &[MEMBER])).await;
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
    let share = live_share(&line);
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
    let event = create(&line);
    line.waits(&event).await;
    let share = live_share(&line);
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
    let forward = update(&line, &id, own("licenses", &licenses, &[MEMBER])).await;
    line.deliver(&forward).await.unwrap();
    succeeded(line.world.s3.answer_to(&forward.request_id).unwrap());
    line.world.cloud().change_settings(|settings| {
        settings.ram.times.associate_account = 10 * MINUTE;
        settings.ram.disassociate_blocked_by = BlockedBy::Nothing;
    });
    let back = update(&line, &id, before).await;
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

#[tokio::test(start_paused = true)]
async fn the_record_never_holds_the_response_url_and_knows_the_share_during_the_wait() {
    let line = Line::slow(10 * MINUTE);
    let event = create(&line);
    line.waits(&event).await;
    line.look().await.unwrap();
    let key = RecordKey::new(STACK, "Share");
    let record = line.world.records.get(&key).await.unwrap().unwrap();
    assert_eq!(record.look.as_ref().map(|look| look.number), Some(1));
    assert_eq!(record.object, Some(live_share(&line)));
    assert_eq!(record.ledger.get("open"), None, "nothing is at work while the request waits");
    assert!(!format!("{record:?}").contains("X-Amz"));
}

#[tokio::test(start_paused = true)]
async fn a_look_costs_three_reads_and_no_record_but_its_own() {
    let line = Line::slow(10 * MINUTE);
    let event = create(&line);
    line.waits(&event).await;
    let mut look = line.look().await.unwrap();
    look.calls.sort();
    assert_eq!(
        look.calls,
        ["GetResourceShareAssociations", "GetResourceShareAssociations", "GetResourceShares"]
    );
    assert_eq!(look.took, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn sixty_stacks_that_wait_at_once_are_all_answered() {
    let line = Line::slow(5 * MINUTE);
    let licenses = line.world.license_configurations(1);
    let events: Vec<Event> = (0..60)
        .map(|n| {
            let name = format!("Share{n}");
            line.world.event("Create", None, &name, own(&name, &licenses, &[MEMBER]))
        })
        .collect();
    let began = Instant::now();
    futures_util::future::join_all(events.iter().map(|event| line.waits(event))).await;
    line.run().await;
    for event in &events {
        succeeded(line.world.s3.answer_to(&event.request_id).unwrap());
    }
    assert!(began.elapsed() < 6 * MINUTE + 10 * SECOND, "{:?}", began.elapsed());
}

/// What must be in the template for a chain of looks not to be stopped by Lambda, and for its messages not to be read
/// or sent by anybody else.
#[test]
fn the_template_lets_the_function_invoke_itself_through_its_queue() {
    let template = include_str!("../cfn-templates/provider.yaml");
    let function = template.split_once("  Function:\n").unwrap().1;
    let function = function.split("\n\n").next().unwrap();
    assert!(function.contains("\n      RecursiveLoop: Allow\n"), "{function}");
    assert!(function.contains("WAIT_QUEUE_URL: !Ref WaitQueue"), "{function}");
    let timeout: u32 = number(function, "Timeout: ");
    assert_eq!(number(template, "VisibilityTimeout: "), 6 * timeout);
    assert_eq!(number(template, "maxReceiveCount: "), 3);
    assert_eq!(number(template, "BatchSize: "), 1);
}

fn number(text: &str, name: &str) -> u32 {
    let rest = text.split_once(name).unwrap_or_else(|| panic!("no {name}")).1;
    rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
}
