//! Any bytes as Lambda's event.

use crate::answers::assert_lawful;
use crate::function::{Ended, QUEUE_ARN, World, acceptance, taken};
use provider::handler::HandlerError;
use provider::protocol::{Request, handover};

/// What may not be answered changes nothing and says nothing; what may gets one lawful answer, or waits in the queue in
/// a message that can be read; and the same event again gets the same answer.
pub fn event(input: &[u8]) {
    // A message of the queue is the target `wait_message`'s.
    if !matches!(handover::queued(input, Some(QUEUE_ARN)), Ok(None)) {
        return;
    }
    let world = World::new();
    let first = world.provide(input);
    let Some(request) = taken(input) else { return assert_refused(&first) };
    assert_served(&first, &request);
    let again = world.provide(input);
    assert_served(&again, &request);
    if let (Some(first), Some(again)) = (first.answers.first(), again.answers.first()) {
        assert_eq!(first, again, "two answers to one request");
    }
}

/// Nothing was done.
pub(crate) fn assert_refused(ended: &Ended) {
    let refused = matches!(ended.result, Err(HandlerError::Event { .. } | HandlerError::Message { .. }));
    assert!(refused, "{ended:?}");
    assert!(ended.answers.is_empty() && ended.messages.is_empty() && ended.calls == 0, "{ended:?}");
}

/// It is over, with at most one answer or message.
pub(crate) fn assert_served(ended: &Ended, request: &Request) {
    assert!(ended.result.is_ok(), "{ended:?}");
    assert!(ended.answers.len() + ended.messages.len() <= 1, "{ended:?}");
    for answer in &ended.answers {
        assert_lawful(answer, request);
    }
    for body in &ended.messages {
        let message = crate::messages::message(QUEUE_ARN, body);
        let queued = handover::queued(message.as_bytes(), Some(QUEUE_ARN));
        let queued = queued.ok().flatten().expect("what is sent to the queue can be read back");
        let back = Request::parse(queued.hand_over.event.as_bytes(), &acceptance());
        let back = back.expect("what is sent to the queue may be answered");
        assert_eq!(
            (back.request_id, back.properties),
            (request.request_id.clone(), request.properties.clone())
        );
    }
}
