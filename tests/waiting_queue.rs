//! The queue of waiting requests: messages that come twice, late, not at all, or from somebody else.

use crate::support::faulty_records::{FaultyRecords, RecordFault, RecordRule};
use crate::support::flows::succeeded;
use crate::support::points::Points;
use crate::support::queue::{Line, Message, VISIBILITY, at_work};
use crate::support::s3::Put;
use crate::support::world::{Event, MEMBER, STACK, own, with};
use local_cloud::fault::{FaultKind, FaultRule};
use provider::handler::{HandlerError, Provider};
use provider::record::{RecordKey, Records};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn messages_that_are_sent_twice_make_no_second_chain() {
    let line = Line::slow(10 * MINUTE);
    let event = line.create();
    line.queue.copy(2);
    line.waits(&event).await;
    let (answer, looks) = line.answer(&event).await;
    succeeded(answer);
    assert!(at_work(&looks) <= 17, "{}", at_work(&looks));
    assert_eq!(looks.len(), 3 * at_work(&looks), "each copy ends at its look");
    assert_eq!(line.world.s3.answers().len(), 3, "the copies of the last message send the same bytes again");
}

#[tokio::test(start_paused = true)]
async fn a_message_that_comes_late_and_again_ends_there() {
    let line = Line::slow(10 * MINUTE);
    let event = line.create();
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
    let event = line.create();
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
    let event = line.create();
    line.waits(&event).await;
    line.look().await.unwrap();
    let (sent, mark) = (line.queue.sent(), line.world.mark());
    line.deliver(&event).await.unwrap();
    assert_eq!((line.queue.sent(), line.world.written_since(mark)), (sent, Vec::new()));
    succeeded(line.answer(&event).await.0);
}

#[tokio::test(start_paused = true)]
async fn a_first_delivery_that_comes_again_before_the_first_look_hands_over_again_and_one_goes_on() {
    let line = Line::slow(10 * MINUTE);
    let event = line.create();
    line.waits(&event).await;
    let mark = line.world.mark();
    line.deliver(&event).await.unwrap();
    assert_eq!(line.world.written_since(mark), Vec::<String>::new());
    assert_eq!(line.queue.waiting().iter().map(Message::look).collect::<Vec<_>>(), [1, 1]);
    let (answer, looks) = line.answer(&event).await;
    succeeded(answer);
    assert_eq!(looks.len() - at_work(&looks), 1);
}

#[tokio::test(start_paused = true)]
async fn a_hand_over_that_the_queue_does_not_take_is_tried_again_by_the_redelivery() {
    let line = Line::slow(10 * MINUTE);
    let event = line.create();
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
    let event = line.create();
    line.waits(&event).await;
    line.look().await.unwrap();
    line.queue.fail(1);
    let failed = line.look().await.unwrap();
    assert!(matches!(failed.result, Err(HandlerError::HandOver { .. })));
    let again = line.look().await.unwrap();
    assert_eq!((again.message.id.as_str(), again.message.look()), (failed.message.id.as_str(), 2));
    assert!(again.result.is_ok() && again.at >= failed.at + VISIBILITY);
    succeeded(line.answer(&event).await.0);
    assert_eq!(line.queue.dead().len(), 0);
}

/// A process whose looks cannot use their record, in this way.
fn without_record(line: &Line, fault: RecordFault) -> Provider {
    let rules = vec![RecordRule::always("resume", fault)];
    let records = FaultyRecords::new(line.world.records.clone(), Points::default(), rules);
    line.world.process_on(Arc::new(records)).with_queue(line.queue.clone())
}

#[tokio::test(start_paused = true)]
async fn a_look_that_cannot_use_its_record_says_nothing_and_sends_the_next_one() {
    for fault in [RecordFault::Fails, RecordFault::LosesAnswer] {
        let line = Line::slow(10 * MINUTE);
        let event = line.create();
        line.waits(&event).await;
        let process = without_record(&line, fault);
        for _ in 0..3 {
            let look = line.look_with(&process).await.unwrap();
            assert!(look.result.is_ok() && look.calls.is_empty(), "{look:?}");
        }
        let waiting = line.queue.waiting();
        assert_eq!(waiting.iter().map(Message::look).collect::<Vec<_>>(), [4], "{fault:?}");
        assert_eq!(waiting[0].json()["outstanding"], json!([]), "it is kept");
        assert_eq!(line.world.s3.answers().len(), 0);
        succeeded(line.answer(&event).await.0);
        assert!(line.elapsed() < 11 * MINUTE, "{:?}", line.elapsed());
        assert_eq!(line.queue.dead().len(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_look_that_cannot_use_its_record_when_no_time_is_left_answers_all_the_same() {
    let line = Line::slow(1_000 * MINUTE);
    let event = line.create();
    line.waits(&event).await;
    line.run_for((57 * MINUTE + 35 * SECOND).saturating_sub(line.elapsed())).await;
    let process = without_record(&line, RecordFault::Fails);
    let look = line.look_with(&process).await.unwrap();
    assert!(look.result.is_ok(), "{look:?}");
    let answer = line.world.s3.answer_to(&event.request_id).expect("an answer");
    assert!(answer.reason().contains("DynamoDB gave no reply"), "{}", answer.bytes);
}

/// A record that goes on naming what is gone would keep other resources from letting go of it.
#[tokio::test(start_paused = true)]
async fn a_delete_that_cannot_be_recorded_is_handed_over_and_succeeds_once_it_can() {
    let line = Line::new();
    let created = line.world.answer(&line.create()).await;
    line.world.later().await;
    let delete = line.world.event("Delete", Some(created.physical_id()), "Share", json!({}));
    let unrecorded = [RecordRule::always("end", RecordFault::Fails)];
    let process = line.world.process(&Points::default(), &unrecorded).with_queue(line.queue.clone());
    line.world.deliver_to(&process, &delete).await.unwrap();
    assert_eq!(line.world.s3.answer_to(&delete.request_id), None);
    assert_eq!((line.world.live_shares(), line.queue.waiting().len()), (Vec::new(), 1));
    succeeded(line.answer(&delete).await.0);
    assert!(line.world.records.all().iter().all(|(_, record)| record.ended));
}

/// Also where the request had nothing new to write down: it was at work, and is not any more.
#[tokio::test(start_paused = true)]
async fn nothing_is_at_work_while_an_update_waits_that_has_changed_nothing_on_record() {
    let line = Line::new();
    let create = line.create();
    let created = line.world.answer(&create).await;
    let renamed = with(create.json["ResourceProperties"].clone(), "Name", json!("renamed"));
    let update = line.update(created.physical_id(), renamed).await;
    let fails =
        FaultKind::Error { status: 503, code: "ServerInternalException".to_owned(), message: String::new() };
    line.world.cloud().add_fault(FaultRule::always("ram", "UpdateResourceShare", fails));
    line.waits(&update).await;
    let record = line.world.records.get(&RecordKey::new(STACK, "Share")).await.unwrap().unwrap();
    assert_eq!(record.ledger.get("open"), None, "a newer request would take this one to be overtaken");
    line.world.cloud().clear_faults();
    succeeded(line.answer(&update).await.0);
    assert_eq!(line.world.live_shares(), ["renamed"]);
}

/// The queue would bring the look back after the last word is due.
#[tokio::test(start_paused = true)]
async fn a_look_whose_hand_over_is_not_taken_answers_at_once_where_it_would_come_again_too_late() {
    let line = Line::slow(1_000 * MINUTE);
    let event = line.create();
    line.waits(&event).await;
    line.run_for(52 * MINUTE).await;
    line.queue.fail(1);
    let early = line.look().await.unwrap();
    assert!(matches!(early.result, Err(HandlerError::HandOver { .. })), "{early:?}");
    line.run_for((56 * MINUTE).saturating_sub(line.elapsed())).await;
    line.queue.fail(1);
    let look = line.look().await.unwrap();
    assert!(look.result.is_ok(), "{look:?}");
    let answer = line.world.s3.answer_to(&event.request_id).expect("an answer");
    assert!(answer.reason().contains("the wait queue did not take the request"), "{}", answer.bytes);
    assert_eq!(line.queue.waiting().len(), 0);
}

/// Lambda delivers again two minutes later.
#[tokio::test(start_paused = true)]
async fn a_delivery_whose_hand_over_is_not_taken_answers_at_once_where_it_would_come_again_too_late() {
    for (time_out, comes_again) in [(200, true), (170, false)] {
        let line = Line::slow(20 * MINUTE);
        let mut event = line.create();
        event.json["ResourceProperties"]["ServiceTimeout"] = json!(time_out.to_string());
        line.queue.fail(1);
        let handled = line.deliver(&event).await;
        assert_eq!(matches!(handled, Err(HandlerError::HandOver { .. })), comes_again, "{handled:?}");
        assert_eq!(line.world.s3.answer_to(&event.request_id).is_none(), comes_again, "{time_out}");
    }
}

/// What no stack waits for any more is no burden: nothing is left but what ends at its next look.
#[tokio::test(start_paused = true)]
async fn after_the_answer_the_queue_is_empty_within_the_visibility_time_out() {
    let line = Line::slow(10 * MINUTE);
    let event = line.create();
    line.queue.copy(1);
    line.waits(&event).await;
    let first = line.look().await.unwrap().message;
    line.run_for(MINUTE).await;
    line.queue.deliver_again(first);
    line.world.cloud().advance(10 * MINUTE);
    while line.world.s3.answer_to(&event.request_id).is_none() {
        line.look().await.unwrap();
    }
    let mark = line.world.mark();
    line.run_for(VISIBILITY).await;
    assert_eq!((line.queue.waiting().len(), line.queue.dead().len()), (0, 0));
    assert_eq!(line.world.mark(), mark, "no call to AWS");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_taken_comes_again_with_the_same_bytes() {
    let line = Line::slow(3 * MINUTE);
    let event = line.create();
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
    let event = line.create();
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
    let event = line.create();
    line.waits(&event).await;
    let mut message = line.queue.waiting().remove(0);
    message.body = message.body.replace("s3-eu-west-1.amazonaws.com", "s3-eu-west-1.example.com");
    let error = line.world.deliver_bytes_to(&line.process(), message.event().to_string().as_bytes()).await;
    assert!(matches!(error, Err(HandlerError::Event { .. })), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn the_record_never_holds_the_response_url_and_knows_the_share_during_the_wait() {
    let line = Line::slow(10 * MINUTE);
    let event = line.create();
    line.waits(&event).await;
    line.look().await.unwrap();
    let key = RecordKey::new(STACK, "Share");
    let record = line.world.records.get(&key).await.unwrap().unwrap();
    assert_eq!(record.look.as_ref().map(|look| look.number), Some(1));
    assert_eq!(record.object, Some(line.live_share()));
    assert_eq!(record.ledger.get("open"), None, "nothing is at work while the request waits");
    assert!(!format!("{record:?}").contains("X-Amz"));
}

#[tokio::test(start_paused = true)]
async fn a_look_costs_three_reads_and_no_record_but_its_own() {
    let line = Line::slow(10 * MINUTE);
    let event = line.create();
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
    let part = |name: &str| template.split_once(&format!("\n  {name}:\n")).unwrap().1;
    let function = part("Function").split("\n\n").next().unwrap();
    assert!(function.contains("\n      RecursiveLoop: Allow\n"), "{function}");
    assert!(function.contains("WAIT_QUEUE_URL: !Ref WaitQueue"), "{function}");
    let timeout: u32 = number(function, "Timeout: ");
    let queue = part("WaitQueue");
    let visibility = number(queue, "VisibilityTimeout: ");
    // Lambda takes no queue whose messages are hidden for less than its function may run.
    assert!(visibility > timeout);
    assert_eq!(u64::from(visibility), VISIBILITY.as_secs());
    assert_eq!(number(queue, "maxReceiveCount: "), 3);
    assert_eq!(number(part("WaitMapping"), "BatchSize: "), 1);
}

fn number(text: &str, name: &str) -> u32 {
    let rest = text.split_once(name).unwrap_or_else(|| panic!("no {name}")).1;
    rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
}
