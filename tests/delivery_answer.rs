//! The way of an answer: the bucket that does not take it, the record that cannot be used, a bug.

use crate::support::console::{BARE, ByHand};
use crate::support::faulty_records::{RecordFault, RecordRule};
use crate::support::points::Points;
use crate::support::s3::{Answer, Put};
use crate::support::scenes::Scene;
use crate::support::shape::shapes;
use crate::support::world::{Event, MEMBER, World, own, with};
use local_cloud::fault::{FaultKind, FaultRule};
use local_cloud::ram::FailAssociation;
use provider::handler::HandlerError;
use provider::protocol::SendError;
use serde_json::json;
use std::time::Duration;
use tokio::time::Instant;

#[tokio::test(start_paused = true)]
async fn an_answer_that_the_bucket_does_not_take_is_sent_again() {
    for puts in [
        vec![Put::Status(500), Put::Status(503), Put::Status(429)],
        vec![Put::Broken, Put::Broken],
        vec![Put::Lost, Put::Status(502)],
    ] {
        let world = World::new();
        let create = Scene::Create.set(&world).await;
        world.s3.next(puts.clone());
        let mark = world.mark();
        world.deliver(&create).await.unwrap();
        let answer = world.s3.answer_to(&create.request_id).unwrap();
        assert!(answer.is_success(), "{puts:?}");
        let creates = world.operations_since(mark).into_iter().filter(|name| name == "CreateResourceShare");
        assert_eq!(creates.count(), 1, "{puts:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_answer_is_an_error_and_the_next_delivery_sends_the_same_bytes_without_a_write() {
    for scene in [Scene::Create, Scene::SwapMembers, Scene::Delete] {
        let world = World::new();
        let event = scene.set(&world).await;
        world.s3.next([Put::Status(403)]);
        let error = world.deliver(&event).await.unwrap_err();
        assert!(matches!(error, HandlerError::Send { source: SendError::ExpiredOrRefused }), "{error:?}");
        assert_eq!(world.s3.answer_to(&event.request_id), None);
        let recorded = recorded_answer(&world).await;
        let (expected, mark) = (shapes(&world), world.mark());
        world.deliver_anew(&event).await.unwrap();
        assert_eq!(world.s3.answer_to(&event.request_id).map(|answer| answer.bytes), recorded, "{scene:?}");
        assert_eq!(shapes(&world), expected);
        let operations = world.operations_since(mark);
        assert!(
            operations.iter().all(|name| name.starts_with("Get") || name.starts_with("List")),
            "{operations:?}"
        );
    }
}

async fn recorded_answer(world: &World) -> Option<String> {
    use crate::support::world::STACK;
    use provider::record::{RecordKey, Records};
    world.records.get(&RecordKey::new(STACK, "Share")).await.unwrap().unwrap().answer
}

#[tokio::test(start_paused = true)]
async fn a_bucket_that_is_away_is_an_error_in_time_and_the_next_delivery_answers() {
    let world = World::new();
    let create = Scene::Create.set(&world).await;
    let start = Instant::now();
    world.s3.next(vec![Put::Status(503); 1_000]);
    let error = world.deliver(&create).await.unwrap_err();
    assert!(matches!(error, HandlerError::Send { source: SendError::TimeUp { .. } }), "{error:?}");
    assert!(start.elapsed() < Duration::from_secs(120));
    world.s3.forget();
    world.deliver_anew(&create).await.unwrap();
    assert!(world.s3.answer_to(&create.request_id).unwrap().is_success());
}

async fn with_records(world: &World, event: &Event, rules: &[RecordRule]) -> Answer {
    let process = world.process(&Points::default(), rules);
    world.deliver_to(&process, event).await.unwrap();
    world.s3.answer_to(&event.request_id).expect("an answer")
}

/// What CloudFormation does next with a resource whose Create was answered so.
async fn delete(world: &World, answer: &Answer) {
    let deleted = world.delete(answer.physical_id(), "Share").await;
    assert!(deleted.is_success(), "{}", deleted.reason());
}

const OPERATIONS: [&str; 5] = ["begin", "save", "end", "amend", "by_object"];

#[tokio::test(start_paused = true)]
async fn a_create_is_answered_whatever_record_call_fails_and_nothing_is_left_after_its_delete() {
    for fault in [RecordFault::Fails, RecordFault::LosesAnswer, RecordFault::Panics] {
        for operation in OPERATIONS {
            for scene in [Scene::Create, Scene::Attach, Scene::Adopt] {
                let world = World::new();
                let create = scene.set(&world).await;
                let before = shapes(&world);
                let answer = with_records(&world, &create, &[RecordRule::always(operation, fault)]).await;
                let untouched = operation == "amend" || (operation == "by_object" && scene == Scene::Create);
                if untouched {
                    assert!(answer.is_success(), "{scene:?} {operation} {fault:?}: {}", answer.reason());
                }
                delete(&world, &answer).await;
                assert_eq!(shapes(&world), before, "{scene:?} {operation} {fault:?}: {}", answer.reason());
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_that_cannot_be_reached_is_a_failure_that_says_so() {
    let world = World::new();
    let create = Scene::Create.set(&world).await;
    let answer = with_records(&world, &create, &[RecordRule::always("begin", RecordFault::Fails)]).await;
    assert!(!answer.is_success());
    assert!(answer.reason().contains("DynamoDB gave no reply"), "{}", answer.reason());
    assert_eq!(answer.physical_id(), format!("license-config-share/none/{}", create.request_id));
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_a_failure_that_says_so() {
    let world = World::new();
    let create = Scene::Create.set(&world).await;
    let before = shapes(&world);
    let answer = with_records(&world, &create, &[RecordRule::always("save", RecordFault::Panics)]).await;
    assert!(!answer.is_success());
    assert!(answer.reason().contains("failed inside"), "{}", answer.reason());
    assert!(!answer.reason().contains("a bug in save"), "{}", answer.reason());
    assert_eq!(shapes(&world), before);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_recorded_at_the_second_try_is_a_success() {
    for fault in [RecordFault::Fails, RecordFault::Throttles, RecordFault::LosesAnswer] {
        let world = World::new();
        let create = Scene::Create.set(&world).await;
        let answer = with_records(&world, &create, &[RecordRule::nth("end", 0, fault)]).await;
        assert!(answer.is_success(), "{fault:?}: {}", answer.reason());
        assert_eq!(recorded_answer(&world).await, Some(answer.bytes));
    }
}

#[tokio::test(start_paused = true)]
async fn a_success_that_cannot_be_recorded_is_taken_back_and_answered_failed() {
    let world = World::new();
    let create = Scene::Create.set(&world).await;
    let before = shapes(&world);
    let answer = with_records(&world, &create, &[RecordRule::always("end", RecordFault::Fails)]).await;
    assert!(!answer.is_success());
    assert!(answer.reason().contains("DynamoDB gave no reply"), "{}", answer.reason());
    assert_eq!(shapes(&world), before);
}

/// A delivery of an adoption whose SUCCESS no record takes, so that the share is given back; and its answer is not taken.
async fn adopts_in_vain(world: &World, create: &Event) {
    world.s3.next([Put::Status(403)]);
    let unrecorded = [RecordRule::always("end", RecordFault::Fails)];
    let process = world.process(&Points::default(), &unrecorded);
    let error = world.deliver_to(&process, create).await.unwrap_err();
    assert!(matches!(error, HandlerError::Send { source: SendError::ExpiredOrRefused }), "{error:?}");
}

/// RAM answers a call that it knows by its token as before, and does nothing.
#[tokio::test(start_paused = true)]
async fn a_share_that_was_given_back_is_really_changed_by_the_redelivery() {
    let world = World::new();
    let create = Scene::Adopt.set(&world).await;
    let before = shapes(&world);
    adopts_in_vain(&world, &create).await;
    assert_eq!(shapes(&world), before);
    world.deliver_anew(&create).await.unwrap();
    assert!(world.s3.answer_to(&create.request_id).unwrap().is_success());
    assert!(shapes(&world)[0].external);
}

/// Whatever it is that RAM is to do once more.
#[tokio::test(start_paused = true)]
async fn an_adoption_that_is_taken_back_twice_is_taken_back_whole_each_time() {
    let world = World::new();
    let create = Scene::Adopt.set(&world).await;
    let before = shapes(&world);
    for _ in 0..2 {
        adopts_in_vain(&world, &create).await;
        assert_eq!(shapes(&world), before);
    }
}

/// With the members that it has: of what it is like, one thing alone is changed.
#[tokio::test(start_paused = true)]
async fn what_a_share_is_like_is_given_back_by_the_redelivery_too() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let share = world.share_by_hand(ByHand { resources: &licenses, ..BARE }).await;
    let before = world.settled(&share).await;
    let external = with(own("by-hand", &licenses, &[]), "AllowExternalPrincipals", json!(true));
    let create = world.event("Create", None, "Share", with(external, "AdoptExisting", json!(true)));
    for _ in 0..2 {
        adopts_in_vain(&world, &create).await;
        assert_eq!(world.settled(&share).await, before);
    }
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_cannot_be_recorded_fails_and_the_next_one_ends_the_record() {
    for scene in [Scene::Delete, Scene::Detach, Scene::GiveBack] {
        let world = World::new();
        let event = scene.set(&world).await;
        let answer = with_records(&world, &event, &[RecordRule::always("end", RecordFault::Fails)]).await;
        assert!(answer.reason().contains("DynamoDB gave no reply"), "{scene:?}: {}", answer.bytes);
        assert_eq!(world.live_shares(), ["theirs"], "{scene:?}");
        assert!(world.delete(answer.physical_id(), "Share").await.is_success(), "{scene:?}");
        assert!(world.records.all().iter().all(|(_, record)| record.ended), "{scene:?}");
        assert_eq!(world.live_shares(), ["theirs"], "{scene:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_share_whose_answer_was_recorded_without_a_reply_survives_its_updates() {
    let world = World::new();
    let create = Scene::Create.set(&world).await;
    let answer = with_records(&world, &create, &[RecordRule::always("end", RecordFault::LosesAnswer)]).await;
    let expected = shapes(&world);
    let updated =
        world.update(answer.physical_id(), "Share", create.json["ResourceProperties"].clone()).await;
    assert!(updated.is_success(), "{}", updated.reason());
    assert_eq!(shapes(&world), expected);
}

#[tokio::test(start_paused = true)]
async fn an_update_whose_record_fails_is_taken_back_by_its_rollback() {
    for operation in ["begin", "save", "end"] {
        for scene in
            [Scene::AddMembers, Scene::SwapMembers, Scene::ReplaceByShare, Scene::ReplaceByAttachment]
        {
            let world = World::new();
            let update = scene.set(&world).await;
            let before = shapes(&world);
            let rules = [RecordRule::always(operation, RecordFault::Fails)];
            let answer = with_records(&world, &update, &rules).await;
            assert!(!answer.is_success(), "{scene:?} {operation}");
            assert_eq!(answer.physical_id(), update.json["PhysicalResourceId"], "{scene:?} {operation}");
            world.later().await;
            let back = crate::support::scenes::rollback(&world, &update, answer.physical_id());
            let back = world.answer(&back).await;
            assert!(back.is_success(), "{scene:?} {operation}: {}", back.reason());
            assert_eq!(back.physical_id(), answer.physical_id());
            assert_eq!(shapes(&world), before, "{scene:?} {operation}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn slow_records_are_waited_for() {
    let world = World::new();
    let create = Scene::Create.set(&world).await;
    let slow = RecordFault::Slow(Duration::from_secs(7));
    let rules = [
        RecordRule::always("begin", slow),
        RecordRule::always("save", slow),
        RecordRule::always("end", slow),
    ];
    let answer = with_records(&world, &create, &rules).await;
    assert!(answer.is_success(), "{}", answer.reason());
}

#[tokio::test(start_paused = true)]
async fn a_record_that_hangs_is_answered_before_the_deadline_and_nothing_is_left_after_the_delete() {
    for operation in ["begin", "save", "end"] {
        let world = World::new();
        let create = Scene::Create.set(&world).await;
        let before = shapes(&world);
        let start = Instant::now();
        let hangs = RecordFault::Slow(Duration::from_secs(1_000));
        let answer = with_records(&world, &create, &[RecordRule::always(operation, hangs)]).await;
        assert!(!answer.is_success(), "{operation}");
        assert!(start.elapsed() < Duration::from_millis(118_600), "{operation}: {:?}", start.elapsed());
        delete(&world, &answer).await;
        assert_eq!(shapes(&world), before, "{operation}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_on_record_is_sent_as_it_is_although_taking_back_hangs() {
    for hangs in ["amend", "ram"] {
        let world = World::new();
        let create = Scene::Create.set(&world).await;
        world.cloud().fail_association(FailAssociation::of(MEMBER, "RAM does not like it."));
        let mut rules = Vec::new();
        match hangs {
            "ram" => {
                world.cloud().add_fault(FaultRule::always("ram", "DeleteResourceShare", FaultKind::Hang));
            }
            operation => {
                rules.push(RecordRule::always(operation, RecordFault::Slow(Duration::from_secs(1_000))));
            }
        }
        let answer = with_records(&world, &create, &rules).await;
        assert!(answer.reason().contains("RAM does not like it"), "{hangs}: {}", answer.reason());
        assert_eq!(recorded_answer(&world).await, Some(answer.bytes.clone()), "{hangs}");
        world.cloud().clear_faults();
        delete(&world, &answer).await;
        assert_eq!(world.live_shares(), ["theirs"], "{hangs}");
    }
}

/// Both deliveries of one request get the same bytes, also where the first one met a bug (design 3.1).
#[tokio::test(start_paused = true)]
async fn a_request_that_panicked_and_comes_again_is_answered_with_the_same_bytes() {
    let world = World::new();
    let create = Scene::Create.set(&world).await;
    let first = with_records(&world, &create, &[RecordRule::nth("save", 0, RecordFault::Panics)]).await;
    let second = with_records(&world, &create, &[]).await;
    assert_eq!(second.bytes, first.bytes);
}
