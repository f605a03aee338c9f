//! The rescue function: it answers what the provider's function has left without an answer, and only that.

use crate::support::abandoned::{INVOCATION_ID, LOG_GROUP, dead_letter, killed, message_of, record_of};
use crate::support::faulty_records::{RecordFault, RecordRule};
use crate::support::flows::succeeded;
use crate::support::points::{Points, Run};
use crate::support::queue::Line;
use crate::support::s3::{Answer, Put};
use crate::support::scenes::{SCENES, Scene, rollback};
use crate::support::shape::{Shape, shapes};
use crate::support::world::{Event, MEMBER, SIGNATURE, STACK, World, own};
use crate::support::yaml;
use provider::config::Trusted;
use provider::handler::HandlerError;
use provider::protocol::reason::chain;
use provider::record::{Record, RecordKey, Records};
use provider::rescue::WITHOUT_RECORD;
use serde_json::json;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

fn create(world: &World) -> Event {
    let licenses = world.license_configurations(1);
    world.event("Create", None, "Share", own("licenses", &licenses, &[MEMBER]))
}

/// Delivers a message to a new process of the rescue function.
async fn rescue(world: &World, message: &str) -> Result<(), HandlerError> {
    rescue_with(world, message, &[]).await
}

async fn rescue_with(world: &World, message: &str, rules: &[RecordRule]) -> Result<(), HandlerError> {
    let mark = world.mark();
    let result = world.deliver_bytes_to(&world.rescue(rules, |_| {}), message.as_bytes()).await;
    assert_eq!(world.operations_since(mark), Vec::<String>::new(), "it asks nothing of AWS");
    result
}

async fn record(world: &World) -> Option<Record> {
    world.records.get(&RecordKey::new(STACK, "Share")).await.unwrap()
}

/// Delivers an event to a process that dies at a point; false where it ended before.
async fn dies(world: &World, event: &Event, at: usize) -> bool {
    let points = Points::dead_at(at);
    let process = world.process(&points, &[]);
    matches!(points.until_stopped(world.deliver_to(&process, event)).await, Run::Stopped)
}

/// The answer that the rescue function gives after all invocations have died.
async fn answer(world: &World, event: &Event) -> Answer {
    rescue(world, &killed(event)).await.unwrap();
    world.s3.answer_to(&event.request_id).expect("an answer")
}

// --- every request, dead at every point -------------------------------------------------------------------------------

/// What is there once the resource is deleted.
async fn without_resource(scene: Scene) -> Vec<Shape> {
    let world = World::new();
    let event = scene.set(&world).await;
    if let Some(id) = event.json["PhysicalResourceId"].as_str() {
        succeeded(world.delete(id, "Share").await);
    }
    shapes(&world)
}

/// What CloudFormation does after the answer, until the stack is gone: nothing of the resource may be left.
async fn goes_on(world: &World, event: &Event, answer: &Answer, before: &[Shape], gone: &[Shape], at: &str) {
    let old = event.json["PhysicalResourceId"].as_str();
    let mut id = answer.physical_id().to_owned();
    match (event.json["RequestType"].as_str().unwrap(), answer.is_success()) {
        ("Create", false) => {
            assert_eq!(id, format!("license-config-share/none/{}", event.request_id), "{at}");
        }
        ("Update", false) => {
            assert_eq!(Some(id.as_str()), old, "{at}");
            world.later().await;
            let back = rollback(world, event, &id);
            let back = succeeded(world.answer(&back).await);
            assert_eq!(back.physical_id(), id, "{at}");
            assert_eq!(shapes(world), before, "{at}");
        }
        ("Update", true) if old != Some(id.as_str()) => {
            succeeded(world.delete(old.unwrap(), "Share").await);
        }
        ("Delete", _) => id = old.unwrap().to_owned(),
        _ => {}
    }
    succeeded(world.delete(&id, "Share").await);
    assert_eq!(shapes(world), gone, "{at}");
}

/// Dies at each point, comes again and dies at `again`, and is rescued. How often it was.
async fn is_rescued_wherever_it_dies(scene: Scene, again: Option<usize>) -> usize {
    let mut rescued = 0;
    let gone = without_resource(scene).await;
    for at in scene.points(&World::new()).await {
        let world = World::new();
        let event = scene.set(&world).await;
        let before = shapes(&world);
        let place = format!("{scene:?}, died at point {at}, then at {again:?}");
        assert!(dies(&world, &event, at).await, "{place}");
        if let Some(again) = again {
            tokio::time::advance(MINUTE).await;
            if !dies(&world, &event, again).await {
                // It had done all by then.
                continue;
            }
        }
        tokio::time::advance(MINUTE).await;
        let answer = answer(&world, &event).await;
        assert_eq!(record(&world).await.unwrap().answer, Some(answer.bytes.clone()), "{place}");
        goes_on(&world, &event, &answer, &before, &gone, &place).await;
        rescued += 1;
    }
    rescued
}

#[tokio::test(start_paused = true)]
async fn a_request_that_died_anywhere_is_answered_and_the_stack_goes_on_without_an_orphan() {
    for scene in SCENES {
        assert!(is_rescued_wherever_it_dies(scene, None).await >= 6, "{scene:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_died_anywhere_and_again_when_it_came_again_is_answered_too() {
    for scene in
        [Scene::Create, Scene::Attach, Scene::SwapMembers, Scene::ReplaceByAttachment, Scene::GiveBack]
    {
        for again in [0, 2, 4, 6] {
            assert!(is_rescued_wherever_it_dies(scene, Some(again)).await >= 4, "{scene:?}, {again}");
        }
    }
}

// --- the answer -------------------------------------------------------------------------------------------------------

#[tokio::test(start_paused = true)]
async fn the_reason_says_what_happened_and_where_to_look() {
    let world = World::new();
    let event = create(&world);
    let answer = answer(&world, &event).await;
    assert!(!answer.is_success());
    let expected = format!(
        "creating the resource (Share): the provider's function ended without an answer (Runtime.ExitError, attempts: 3): \
         it ran out of memory or time, crashed, or could not start. Search the log group {LOG_GROUP} for \
         {INVOCATION_ID}, mend the cause and try again"
    );
    assert_eq!(answer.reason(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_never_began_is_on_record_when_it_is_answered() {
    let world = World::new();
    for (request_type, id) in [("Create", None), ("Update", Some("an-id")), ("Delete", Some("an-id"))] {
        world.later().await;
        let event = world.event(request_type, id, "Share", json!({}));
        let answer = answer(&world, &event).await;
        let none = format!("license-config-share/none/{}", event.request_id);
        assert_eq!(answer.physical_id(), id.unwrap_or(&none));
        let record = record(&world).await.unwrap();
        assert_eq!((record.newest.request_id, record.answer), (event.request_id.clone(), Some(answer.bytes)));
        // A late copy of the event does not run any more.
        let mark = world.mark();
        world.deliver_anew(&event).await.unwrap();
        assert_eq!(world.written_since(mark), Vec::<String>::new());
        assert!(!world.s3.answer_to(&event.request_id).unwrap().is_success());
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_on_record_is_sent_again_byte_for_byte() {
    for scene in [Scene::Create, Scene::SwapMembers, Scene::Delete] {
        let world = World::new();
        let event = scene.set(&world).await;
        world.s3.next([Put::Status(403)]);
        assert!(matches!(world.deliver(&event).await, Err(HandlerError::Send { .. })));
        let recorded = record(&world).await.unwrap();
        let message = message_of(&record_of(&event, "Provider.AnswerNotTaken"), 1);
        rescue(&world, &message).await.unwrap();
        let answer = world.s3.answer_to(&event.request_id).unwrap();
        assert!(answer.is_success(), "{scene:?}");
        assert_eq!(recorded.answer, Some(answer.bytes));
        assert_eq!(record(&world).await.unwrap().ledger, recorded.ledger);
    }
}

/// The answer of a request that did not wait, and of one that did: the record has claimed a look of it.
#[tokio::test(start_paused = true)]
async fn an_answer_that_is_on_record_is_sent_again_whatever_the_record_can_still_take() {
    for (waits, can_write) in [(false, false), (true, true), (true, false)] {
        let line = Line::slow(if waits { 10 * MINUTE } else { Duration::ZERO });
        let event = line.create();
        if waits {
            line.waits(&event).await;
            assert!(line.look().await.unwrap().result.is_ok());
            tokio::time::advance(10 * MINUTE).await;
        }
        line.world.s3.next([Put::Status(403)]);
        let result = if waits { line.look().await.unwrap().result } else { line.world.deliver(&event).await };
        assert!(matches!(result, Err(HandlerError::Send { .. })), "{result:?}");
        let recorded = record(&line.world).await.unwrap();
        assert_eq!(recorded.look.is_some(), waits);
        let rules = [RecordRule::always("end", RecordFault::Throttles)];
        let rules = if can_write { &[][..] } else { &rules };
        let message = message_of(&record_of(&event, "Provider.AnswerNotTaken"), 1);
        rescue_with(&line.world, &message, rules).await.unwrap();
        let answer = line.world.s3.answer_to(&event.request_id).expect("the answer, sent again");
        assert_eq!((recorded.answer, answer.is_success()), (Some(answer.bytes.clone()), true));
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_taken_is_an_error_and_the_next_delivery_sends_the_same() {
    let world = World::new();
    let event = create(&world);
    world.s3.next([Put::Lost, Put::Status(403)]);
    let error = rescue(&world, &killed(&event)).await.unwrap_err();
    assert!(matches!(error, HandlerError::Send { .. }), "{error:?}");
    rescue(&world, &message_of(&record_of(&event, "Sandbox.Timedout"), 2)).await.unwrap();
    assert_eq!(world.s3.answers().len(), 2);
    assert!(world.s3.answer_to(&event.request_id).unwrap().reason().contains("Runtime.ExitError"));
}

// --- silence ----------------------------------------------------------------------------------------------------------

async fn is_silent(world: &World, event: &Event, message: &str) {
    let (before, answers) = (record(world).await, world.s3.answers());
    rescue(world, message).await.unwrap();
    assert_eq!(record(world).await, before);
    assert_eq!(world.s3.answers(), answers, "{}", event.request_id);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_a_newer_one_has_overtaken_is_not_answered() {
    let world = World::new();
    let event = create(&world);
    assert!(dies(&world, &event, 4).await);
    succeeded(world.delete("made-up-by-cloudformation", "Share").await);
    assert!(record(&world).await.unwrap().ended);
    is_silent(&world, &event, &killed(&event)).await;
}

#[tokio::test(start_paused = true)]
async fn a_request_that_cloudformation_has_given_up_on_is_not_answered() {
    let world = World::new();
    let event = create(&world);
    tokio::time::advance(Duration::from_secs(3_661)).await;
    is_silent(&world, &event, &killed(&event)).await;
    assert_eq!(record(&world).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_request_whose_last_word_was_due_is_answered_as_long_as_cloudformation_waits() {
    let world = World::new();
    let event = create(&world);
    tokio::time::advance(Duration::from_secs(3_590)).await;
    assert!(!answer(&world, &event).await.is_success());
}

// --- what may not be answered -----------------------------------------------------------------------------------------

#[tokio::test(start_paused = true)]
async fn messages_that_are_none_of_its_own_and_events_that_are_refused_are_errors() {
    let world = World::new();
    let event = create(&world);
    let mut elsewhere = event.clone();
    let url = elsewhere.json["ResponseURL"].as_str().unwrap().replace("amazonaws.com", "example.com");
    elsewhere.json["ResponseURL"] = url.into();
    let mut far = event.clone();
    far.json["StackId"] = STACK.replace("eu-west-1", "eu-west-2").into();
    for (message, refused) in [
        (killed(&elsewhere), true),
        (killed(&far), true),
        (killed(&event).replace(":failed-invocations", ":somebody-elses"), false),
        (killed(&event).replace(":failed-invocations", ":wait-dead-letters"), false),
        (event.json.to_string(), false),
        (record_of(&event, "Runtime.ExitError").to_string(), false),
        ("nonsense".to_owned(), false),
    ] {
        let error = rescue(&world, &message).await.unwrap_err();
        assert_eq!(matches!(error, HandlerError::Event { .. }), refused, "{error:?}");
        assert_eq!(matches!(error, HandlerError::Message { .. }), !refused, "{error:?}");
        for secret in [SIGNATURE, "X-Amz", "https://"] {
            assert!(!format!("{error:?} {}", chain(&error)).contains(secret), "{error:?}");
        }
    }
    assert_eq!((world.s3.answers(), record(&world).await), (Vec::new(), None));
}

#[tokio::test(start_paused = true)]
async fn a_stack_of_an_account_that_is_not_trusted_hears_so_and_touches_no_record() {
    let world = World::new();
    let stack = STACK.replace("111122223333", "444455556666");
    let event = world.event_of(&stack, "Create", None, "Share", json!({}));
    rescue(&world, &killed(&event)).await.unwrap();
    let answer = world.s3.answer_to(&event.request_id).unwrap();
    assert!(answer.reason().contains("stacks of account 444455556666 are not served"), "{}", answer.reason());
    let key = RecordKey::new(&stack, "Share");
    assert_eq!(world.records.get(&key).await.unwrap(), None);
    let event = world.event_of(&stack, "Create", None, "Share", json!({}));
    let trusting = world.rescue(&[], |config| {
        config.trusted = Trusted::Accounts(["444455556666".parse().unwrap()].into());
    });
    world.deliver_bytes_to(&trusting, killed(&event).as_bytes()).await.unwrap();
    assert!(world.s3.answer_to(&event.request_id).unwrap().reason().contains("ended without an answer"));
    assert!(world.records.get(&key).await.unwrap().is_some());
}

// --- a record that cannot be used -------------------------------------------------------------------------------------

#[tokio::test(start_paused = true)]
async fn without_its_record_it_tries_again_and_answers_all_the_same_at_last() {
    for (operation, fault, late) in [
        ("begin", RecordFault::Fails, false),
        ("begin", RecordFault::Slow(10 * MINUTE), true),
        ("end", RecordFault::Throttles, false),
    ] {
        let world = World::new();
        let event = create(&world);
        let rules = [RecordRule::always(operation, fault)];
        for receives in 1..WITHOUT_RECORD {
            let message = message_of(&record_of(&event, "Runtime.ExitError"), receives);
            let error = rescue_with(&world, &message, &rules).await.unwrap_err();
            assert_eq!(matches!(error, HandlerError::RecordLate), late, "{error:?}");
            assert_eq!(matches!(error, HandlerError::Record { .. }), !late, "{error:?}");
            assert_eq!(world.s3.answers(), Vec::new());
            tokio::time::advance(3 * MINUTE).await;
        }
        let message = message_of(&record_of(&event, "Runtime.ExitError"), WITHOUT_RECORD);
        rescue_with(&world, &message, &rules).await.unwrap();
        assert!(!world.s3.answer_to(&event.request_id).unwrap().is_success(), "{operation}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_that_lost_its_reply_was_written_and_the_next_delivery_says_the_same() {
    let world = World::new();
    let event = create(&world);
    let rules = [RecordRule::nth("end", 0, RecordFault::LosesAnswer)];
    assert!(rescue_with(&world, &killed(&event), &rules).await.is_err());
    let recorded = record(&world).await.unwrap().answer;
    assert!(recorded.is_some());
    assert_eq!(Some(answer(&world, &event).await.bytes), recorded);
}

#[test]
fn the_template_delivers_to_the_rescue_function_as_often_as_it_counts_on() {
    let template = yaml::template(include_str!("../cfn-templates/provider.yaml"));
    let properties = |name: &str| &template["Resources"][name]["Properties"];
    let function = properties("RescueFunction");
    // Whether a dead letter's count starts anew is not documented; three were used up in the wait queue.
    for (queue, mapping, used_up) in
        [("FailedInvocations", "RescueFailedInvocations", 0), ("WaitDeadLetters", "RescueWaitDeadLetters", 3)]
    {
        let redrive = &properties(queue)["RedrivePolicy"];
        assert!(
            redrive["maxReceiveCount"].as_u64().unwrap() >= u64::from(WITHOUT_RECORD) + used_up,
            "{queue}"
        );
        let visibility = properties(queue)["VisibilityTimeout"].as_u64().unwrap();
        assert_eq!(visibility, 6 * function["Timeout"].as_u64().unwrap(), "{queue}");
        assert_eq!(properties(mapping)["BatchSize"], 1, "{mapping}");
        assert!(properties(mapping)["FunctionName"].to_string().contains("RescueFunction"), "{mapping}");
    }
    assert!(properties("RescueFailures").get("RedrivePolicy").is_none(), "nothing goes back");
}

// --- requests that wait -----------------------------------------------------------------------------------------------

/// A request whose look dies each time that its message is delivered: it is a dead letter then.
async fn dead_look(line: &Line, at: usize) {
    for _ in 0..3 {
        let points = Points::dead_at(at);
        let process = line.world.process(&points, &[]).with_queue(line.queue.clone());
        let run = points.until_stopped(line.look_with(&process)).await;
        assert!(matches!(run, Run::Stopped), "{run:?}");
        line.queue.timed_out();
    }
    assert_eq!(line.queue.dead().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_look_that_dies_each_time_is_answered_and_the_delete_leaves_nothing() {
    for at in [0, 2, 4] {
        let line = Line::slow(50 * MINUTE);
        let event = line.create();
        line.waits(&event).await;
        line.look().await.unwrap();
        dead_look(&line, at).await;
        rescue(&line.world, &dead_letter(&line.queue.dead()[0])).await.unwrap();
        let answer = line.world.s3.answer_to(&event.request_id).unwrap();
        assert!(answer.reason().contains("each time that it looked again (look 2)"), "{}", answer.reason());
        assert!(answer.reason().contains(&format!("for {}", event.request_id)), "{}", answer.reason());
        assert_eq!(answer.physical_id(), format!("license-config-share/none/{}", event.request_id));
        succeeded(line.world.delete(answer.physical_id(), "Share").await);
        assert_eq!(line.world.live_shares(), Vec::<String>::new());
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_that_a_later_look_has_followed_is_not_answered() {
    let line = Line::slow(10 * MINUTE);
    let event = line.create();
    line.waits(&event).await;
    let first = line.look().await.unwrap().message;
    line.look().await.unwrap();
    is_silent(&line.world, &event, &dead_letter(&first)).await;
    let (answer, _) = line.answer(&event).await;
    let bytes = succeeded(answer).bytes;
    rescue(&line.world, &dead_letter(&first)).await.unwrap();
    assert_eq!(line.world.s3.answers().last().map(|answer| answer.bytes.as_str()), Some(bytes.as_str()));
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_that_was_moved_by_hand_is_answered_although_it_has_a_new_id() {
    let line = Line::slow(50 * MINUTE);
    let event = line.create();
    line.waits(&event).await;
    dead_look(&line, 4).await;
    let mut message = line.queue.dead()[0].clone();
    message.id = "a-new-id".to_owned();
    rescue(&line.world, &dead_letter(&message)).await.unwrap();
    assert!(!line.world.s3.answer_to(&event.request_id).unwrap().is_success());
}

#[tokio::test(start_paused = true)]
async fn an_invocation_that_failed_for_good_is_not_answered_while_a_look_carries_its_request_on() {
    let line = Line::slow(10 * MINUTE);
    let event = line.create();
    line.waits(&event).await;
    line.look().await.unwrap();
    is_silent(&line.world, &event, &killed(&event)).await;
    succeeded(line.answer(&event).await.0);
}

#[tokio::test(start_paused = true)]
async fn a_look_that_comes_after_the_rescue_says_the_same() {
    let line = Line::slow(10 * MINUTE);
    let event = line.create();
    line.waits(&event).await;
    let rescued = answer(&line.world, &event).await;
    assert!(!rescued.is_success());
    let (again, _) = line.answer(&event).await;
    assert_eq!(again.bytes, rescued.bytes);
    assert_eq!(line.world.live_shares(), Vec::<String>::new(), "the look takes back what it made");
}
