//! What a request did and what was changed back before it is delivered again: RAM answers the client token of the first
//! call as it did then, and does nothing.

use crate::support::console::{BARE, ByHand};
use crate::support::faulty_records::{RecordFault, RecordRule};
use crate::support::flows::succeeded;
use crate::support::points::{Points, Run};
use crate::support::s3::{Answer, Put};
use crate::support::world::{ACCOUNT, Event, MEMBER, REGION, World, attached, own};

/// The delivery of `event` that dies at the `at`-th point; whether there was such a point.
async fn dies(world: &World, event: &Event, at: usize) -> bool {
    let points = Points::dead_at(at);
    let process = world.process(&points, &[]);
    !matches!(points.until_stopped(world.deliver_to(&process, event)).await, Run::Ended(_))
}

async fn answered_anew(world: &World, event: &Event) -> Answer {
    world.deliver_anew(event).await.unwrap();
    world.s3.answer_to(&event.request_id).unwrap()
}

/// The share is made, cannot be recorded and is deleted again, and nobody hears the answer.
#[tokio::test(start_paused = true)]
async fn a_share_that_was_taken_back_is_made_anew_by_the_next_delivery() {
    for members in [0, 1] {
        let world = World::new();
        let licenses = world.license_configurations(1);
        let principals = [MEMBER];
        let event = world.event(
            "Create",
            None,
            "Share",
            own("licenses", &licenses[..members], &principals[..members]),
        );
        let process = world.process(&Points::default(), &[RecordRule::always("end", RecordFault::Fails)]);
        world.s3.next(vec![Put::Status(503); 1_000]);
        assert!(world.deliver_to(&process, &event).await.is_err());
        world.s3.forget();
        assert_eq!(world.live_shares(), [""; 0]);
        let again = world.deliver_anew(&event).await;
        assert!(again.is_ok(), "{again:?}");
        succeeded(world.s3.answer_to(&event.request_id).unwrap());
        assert_eq!(world.live_shares(), ["licenses"]);
    }
}

/// The same by another's hand, wherever the process died.
#[tokio::test(start_paused = true)]
async fn a_share_that_somebody_deletes_between_two_deliveries_is_made_anew() {
    for at in 0.. {
        let world = World::new();
        let licenses = world.license_configurations(1);
        let event = world.event("Create", None, "Share", own("licenses", &licenses, &[MEMBER]));
        if !dies(&world, &event, at).await {
            return assert!(at > 5, "{at}");
        }
        world.later().await;
        let live: Vec<String> = world.cloud().shares().iter().map(|share| share.arn.clone()).collect();
        for share in &live {
            world.delete_by_hand(share).await;
        }
        world.later().await;
        let was_answered = world.records.all().iter().any(|(_, record)| record.answer.is_some());
        let answer = answered_anew(&world, &event).await;
        assert!(answer.is_success(), "{at}: {}", answer.reason());
        assert!(was_answered || world.live_shares() == ["licenses"], "{at}");
    }
}

/// A member is taken out, and somebody puts it back before the request comes again.
#[tokio::test(start_paused = true)]
async fn a_member_that_somebody_puts_back_between_two_deliveries_is_taken_out_again() {
    for request_type in ["Update", "Delete"] {
        for at in 0.. {
            let world = World::new();
            let licenses = world.license_configurations(2);
            let by_hand = world.cloud().create_license_configuration(ACCOUNT, REGION, "by-hand");
            let share = world.share_by_hand(ByHand { resources: &[by_hand], ..BARE }).await;
            let made = succeeded(world.create("Members", attached(&share, &licenses[..1], &[MEMBER])).await);
            world.later().await;
            let wanted = attached(&share, &licenses[..1], &[]);
            let event = world.event(request_type, Some(made.physical_id()), "Members", wanted);
            if !dies(&world, &event, at).await {
                assert!(at > 5, "{at}");
                break;
            }
            world.later().await;
            if !world.members(&share).contains(MEMBER) {
                world.add_by_hand(&share, &[MEMBER]).await;
                world.later().await;
            }
            let answer = answered_anew(&world, &event).await;
            assert!(answer.is_success(), "{request_type} {at}: {}", answer.reason());
        }
    }
}
