//! Any bytes as a message of a queue.

use crate::event::{assert_refused, assert_served};
use crate::function::{DEAD, FAILED, QUEUE_ARN, World, entrances, taken};
use provider::protocol::{Abandoned, Queued, handover};
use serde_json::json;

/// Any bytes as Lambda's event for a message of the wait queue, and any text as the body of such a message: what is
/// taken is a request that may be answered, and writes itself down so that it reads the same.
pub fn wait_message(input: &[u8]) {
    wait_event(input);
    wait_event(message(QUEUE_ARN, &String::from_utf8_lossy(input)).as_bytes());
}

fn wait_event(event: &[u8]) {
    // Whatever is no message is the target `event`'s.
    let queued = match handover::queued(event, Some(QUEUE_ARN)) {
        Ok(None) => return,
        Ok(Some(queued)) => queued,
        Err(_) => return assert_refused(&World::new().provide(event)),
    };
    assert_reads_the_same(&queued);
    let ended = World::new().provide(event);
    match taken(queued.hand_over.event.as_bytes()) {
        Some(request) => assert_served(&ended, &request),
        None => assert_refused(&ended),
    }
}

fn assert_reads_the_same(queued: &Queued) {
    let body = queued.hand_over.body().expect("what was read can be written");
    let again = handover::queued(message(QUEUE_ARN, &body).as_bytes(), Some(QUEUE_ARN));
    let again = again.ok().flatten().expect("what was written can be read");
    // Of what was read, only warnings past the fiftieth are not kept.
    let mut expected = queued.hand_over.clone();
    expected.warnings.truncate(50);
    expected.event.clone_from(&again.hand_over.event);
    assert_eq!(again.hand_over, expected);
    let sense = |event: &str| serde_json::from_str::<serde_json::Value>(event).ok();
    assert_eq!(sense(&queued.hand_over.event), sense(&again.hand_over.event));
}

/// Any bytes as Lambda's event for the rescue function, and any text as the body of a message of either of its queues:
/// what is no request is refused without an answer, and what is one gets one lawful answer.
pub fn rescue_message(input: &[u8]) {
    rescue_event(input);
    for source in [FAILED, DEAD] {
        rescue_event(message(source, &String::from_utf8_lossy(input)).as_bytes());
    }
}

fn rescue_event(event: &[u8]) {
    let abandoned = Abandoned::read(event, &entrances());
    let request = abandoned.ok().and_then(|it| taken(it.event.as_bytes()));
    let world = World::new();
    let first = world.rescue(event);
    let Some(request) = request else { return assert_refused(&first) };
    let again = world.rescue(event);
    for ended in [&first, &again] {
        assert_served(ended, &request);
        assert!(ended.messages.is_empty() && ended.calls == 0, "the rescue function does nothing: {ended:?}");
    }
    assert_eq!(first.answers, again.answers, "two answers to one request");
}

/// Lambda's event for one message (AWS Lambda developer guide, "Using Lambda with Amazon SQS").
pub(crate) fn message(source: &str, body: &str) -> String {
    let record = json!({
        "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": source,
        "awsRegion": "eu-west-1",
    });
    json!({ "Records": [record] }).to_string()
}
