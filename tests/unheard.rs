//! An answer that is on record, and nobody hears so: DynamoDB was away before it could say, and while it was asked.

use crate::support::faulty_records::{FaultyRecords, RecordFault, RecordRule};
use crate::support::flows::succeeded;
use crate::support::points::Points;
use crate::support::queue::Line;
use crate::support::world::{Event, MEMBER, MEMBER_2, own};
use std::sync::Arc;

/// Delivers `event` to a process that never hears of its answer.
async fn is_not_heard(line: &Line, event: &Event) {
    let rules = vec![
        RecordRule::always("end", RecordFault::LosesAnswer),
        RecordRule::always("get", RecordFault::Fails),
    ];
    let records = FaultyRecords::new(line.world.records.clone(), Points::default(), rules);
    let process = line.world.process_on(Arc::new(records)).with_queue(line.queue.clone());
    line.world.deliver_to(&process, event).await.unwrap();
    assert!(line.world.s3.answer_to(&event.request_id).is_none());
}

#[tokio::test(start_paused = true)]
async fn a_create_is_answered_as_it_is_on_record_and_nothing_is_taken_back() {
    let line = Line::new();
    let event = line.create();
    is_not_heard(&line, &event).await;
    succeeded(line.answer(&event).await.0);
    assert_eq!(line.world.live_shares(), ["licenses"]);
}

#[tokio::test(start_paused = true)]
async fn an_update_is_answered_as_it_is_on_record_and_nothing_is_taken_back() {
    let line = Line::new();
    let licenses = line.world.license_configurations(1);
    let made = succeeded(line.world.create("Share", own("licenses", &licenses, &[MEMBER])).await);
    line.world.later().await;
    let both = own("licenses", &licenses, &[MEMBER, MEMBER_2]);
    let event = line.world.event("Update", Some(made.physical_id()), "Share", both);
    is_not_heard(&line, &event).await;
    succeeded(line.answer(&event).await.0);
    assert!(line.world.members(made.physical_id()).contains(MEMBER_2));
}
