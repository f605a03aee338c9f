//! Calls that are refused or fail for a while: they are sent again, with jitter, inside the deadline.
//!
//! All of it without the queue for requests that take longer than one invocation. What holds against 5 writes a second:
//! a hundred requests at once all succeed. What is open: that many more do. Each needs a write at least, so that the last
//! of 500 would get its turn after 100 of the 120 seconds at best. Of 250 it is shown that none is half done.

use crate::support::flows::{OPERATIONS, life_of_an_attachment, life_of_an_own_share, succeeded};
use crate::support::refusals::without_trailer;
use crate::support::world::{Event, MEMBER, STACK, World, own};
use expect_test::expect;
use futures_util::future::join_all;
use local_cloud::Call;
use local_cloud::fault::{FaultKind, FaultRule};
use local_cloud::throttle::ThrottleRule;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::Instant;

fn error(status: u16, code: &str) -> FaultKind {
    FaultKind::Error { status, code: code.to_owned(), message: "Rate exceeded".to_owned() }
}

/// The first calls of every operation are refused, so many `times`.
async fn survives(kind: FaultKind, times: u32) {
    let world = World::new();
    for operation in OPERATIONS {
        let rule = FaultRule { times: Some(times), ..FaultRule::always("*", operation, kind.clone()) };
        world.cloud().add_fault(rule);
    }
    life_of_an_own_share(&world).await;
    let calls = world.calls_since(0);
    for operation in OPERATIONS {
        let struck = calls.iter().filter(|call| call.operation == operation && call.status != Some(200));
        assert_eq!(u32::try_from(struck.count()), Ok(times), "{operation}");
    }
    assert_sent_again(&calls);
}

/// What is sent again is the same call, client token and all.
fn assert_sent_again(calls: &[Call]) {
    let same = |a: &Call, b: &Call| a.operation == b.operation && a.input == b.input;
    for (index, refused) in calls.iter().enumerate().filter(|(_, call)| call.status != Some(200)) {
        let again = calls.iter().skip(index + 1).find(|call| same(call, refused));
        assert!(again.is_some_and(|again| again.at > refused.at), "not sent again: {refused:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn throttling_of_each_operation_is_waited_out() {
    // Once each: after a second refusal in a row the wait is so long that all operations of an Update, one after the
    // other, could outlast an invocation.
    survives(error(429, "ThrottlingException"), 1).await;
    survives(error(400, "RateLimitExceededException"), 1).await;
}

#[tokio::test(start_paused = true)]
async fn failures_of_each_operation_are_waited_out() {
    survives(error(500, "ServerInternalException"), 2).await;
    survives(error(503, "ServiceUnavailableException"), 2).await;
    survives(error(502, ""), 2).await;
}

#[tokio::test(start_paused = true)]
async fn an_attachment_is_throttled_and_comes_about() {
    let world = World::new();
    for operation in OPERATIONS {
        let throttling = error(429, "ThrottlingException");
        world
            .cloud()
            .add_fault(FaultRule { times: Some(1), ..FaultRule::always("ram", operation, throttling) });
    }
    life_of_an_attachment(&world).await;
}

/// Throttled callers that wait the same time collide again.
#[tokio::test(start_paused = true)]
async fn waits_differ() {
    let (world, mut waits) = (World::new(), BTreeSet::new());
    for name in ["a", "b", "c", "d", "e"] {
        world.cloud().add_fault(FaultRule::once(
            "ram",
            "CreateResourceShare",
            error(429, "ThrottlingException"),
        ));
        let start = Instant::now();
        succeeded(world.create(name, own(name, &[], &[MEMBER])).await);
        waits.insert(start.elapsed());
    }
    assert!(waits.len() >= 4, "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn throttling_that_lasts_is_answered_in_time_and_says_so() {
    for operation in ["CreateResourceShare", "ListLicenseConfigurations"] {
        let world = World::new();
        let licenses = world.license_configurations(1);
        let throttled = error(429, "ThrottlingException");
        world.cloud().add_fault(FaultRule::always("*", operation, throttled));
        let start = Instant::now();
        let created = world.create("Share", own("licenses", &licenses, &[MEMBER])).await;
        assert!(!created.is_success());
        assert!(start.elapsed() < Duration::from_secs(119), "{:?}", start.elapsed());
        assert!(start.elapsed() > Duration::from_secs(60), "{:?}", start.elapsed());
        let expected = match operation {
            "CreateResourceShare" => expect![
                "creating license configuration share (Share): creating the share with 2 members: RAM did not do CreateResourceShare in time: RAM throttled CreateResourceShare: Rate exceeded (ThrottlingException). Too many calls were made at the same time: try again, with fewer stacks at once"
            ],
            _ => expect![
                "creating license configuration share (Share): looking at what is there: License Manager did not do ListLicenseConfigurations in time: License Manager throttled ListLicenseConfigurations: Rate exceeded (ThrottlingException). Too many calls were made at the same time: try again, with fewer stacks at once"
            ],
        };
        expected.assert_eq(without_trailer(created.reason()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_is_throttled_to_the_end_fails_in_time_and_a_later_one_succeeds() {
    let world = World::new();
    let created = succeeded(world.create("Share", own("licenses", &[], &[MEMBER])).await);
    let throttled = FaultRule::always("ram", "DeleteResourceShare", error(429, "ThrottlingException"));
    world.cloud().add_fault(throttled);
    let start = Instant::now();
    let deleted = world.delete(created.physical_id(), "Share").await;
    assert!(start.elapsed() < Duration::from_secs(121), "{:?}", start.elapsed());
    assert!(!deleted.is_success());
    assert_eq!(deleted.physical_id(), created.physical_id());
    assert_eq!(world.live_shares(), ["licenses"]);
    world.cloud().clear_faults();
    succeeded(world.delete(created.physical_id(), "Share").await);
    assert_eq!(world.live_shares(), Vec::<String>::new());
}

/// A budget of 5 calls a second, 5 at once, for each operation that writes.
fn throttle_writes(world: &World) {
    let writes =
        OPERATIONS.iter().filter(|operation| !operation.starts_with("Get") && !operation.starts_with("List"));
    for operation in writes {
        let (service, operation) = ("ram".to_owned(), (*operation).to_owned());
        world.cloud().add_throttle(ThrottleRule { service, operation, per_second: 5.0, burst: 5.0 });
    }
}

/// `count` stacks create a share at the same moment, each through a process of its own.
async fn creates_at_once(count: usize) -> (World, Vec<Event>) {
    let world = World::new();
    let licenses = world.license_configurations(1);
    throttle_writes(&world);
    let events: Vec<Event> = (0..count)
        .map(|n| {
            let stack = STACK.replace("licenses", &format!("licenses-{n}"));
            world.event_of(&stack, "Create", None, "Share", own(&format!("share-{n}"), &licenses, &[MEMBER]))
        })
        .collect();
    join_all(events.iter().map(|event| async {
        let process = world.new_process();
        world.deliver_to(&process, event).await.unwrap();
    }))
    .await;
    (world, events)
}

struct Figures {
    failed: usize,
    refusals_each: f64,
    last: Duration,
}

#[expect(clippy::cast_precision_loss, reason = "some thousand calls")]
#[expect(clippy::print_stdout, reason = "the figures are wanted when the tests are run with --nocapture")]
fn figures(world: &World, events: &[Event]) -> Figures {
    let answers = events.iter().map(|event| world.s3.answer_to(&event.request_id).unwrap());
    let failed = answers.filter(|answer| !answer.is_success()).count();
    let calls = world.calls_since(0);
    let refused =
        calls.iter().filter(|call| call.error_code.as_deref() == Some("ThrottlingException")).count();
    let last = calls.last().unwrap().at;
    let figures = Figures { failed, refusals_each: refused as f64 / events.len() as f64, last };
    println!(
        "{} at once: {failed} failed, {:.2} refused calls each, the last done after {last:.1?}",
        events.len(),
        figures.refusals_each
    );
    figures
}

#[tokio::test(start_paused = true)]
async fn a_hundred_creates_at_once_and_their_deletes_all_succeed_against_five_writes_a_second() {
    let (world, events) = creates_at_once(100).await;
    let figures = figures(&world, &events);
    assert_eq!(figures.failed, 0);
    assert_eq!(world.live_shares().len(), 100);
    assert!(figures.refusals_each <= 2.0, "{}", figures.refusals_each);
    assert!(figures.last <= Duration::from_secs(100 / 5 + 60), "{:?}", figures.last);
    deletes_at_once(&world, &events).await;
}

/// All of them are deleted at the same moment.
async fn deletes_at_once(world: &World, created: &[Event]) {
    world.later().await;
    let deletes = created.iter().map(|event| {
        let answer = world.s3.answer_to(&event.request_id).unwrap();
        let stack = event.json["StackId"].as_str().unwrap();
        world.event_of(stack, "Delete", Some(answer.physical_id()), "Share", serde_json::json!({}))
    });
    let deletes: Vec<Event> = deletes.collect();
    join_all(deletes.iter().map(|event| async {
        let process = world.new_process();
        world.deliver_to(&process, event).await.unwrap();
    }))
    .await;
    for event in deletes {
        succeeded(world.s3.answer_to(&event.request_id).unwrap());
    }
    assert_eq!(world.live_shares(), Vec::<String>::new());
}

/// Whether all are served within one invocation is left to chance; what is not is answered FAILED, and nothing is left
/// of it.
#[tokio::test(start_paused = true)]
async fn of_two_hundred_and_fifty_creates_at_once_none_is_half_done() {
    let (world, events) = creates_at_once(250).await;
    let figures = figures(&world, &events);
    assert_eq!(world.live_shares().len(), events.len() - figures.failed);
    assert!(figures.refusals_each <= 3.0, "{}", figures.refusals_each);
}
