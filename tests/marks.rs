//! What a request writes down as let go of counts for as long as somebody works on it.

use crate::support::abandoned::killed;
use crate::support::console::{BARE, ByHand};
use crate::support::flows::succeeded;
use crate::support::points::{Points, Run};
use crate::support::world::{ACCOUNT, MEMBER, OTHER_STACK, REGION, World, attached, with};
use serde_json::json;

/// A Delete dies at one of its points, and the rescue function answers it: another stack may then have the member.
#[tokio::test(start_paused = true)]
async fn after_the_answer_of_the_rescue_function_nothing_is_let_go_of() {
    let mut failed = 0;
    for at in 0.. {
        let world = World::new();
        let licenses = world.license_configurations(2);
        let by_hand = world.cloud().create_license_configuration(ACCOUNT, REGION, "by-hand");
        let share = world.share_by_hand(ByHand { resources: &[by_hand], ..BARE }).await;
        let properties = attached(&share, &licenses[..1], &[MEMBER]);
        let made = succeeded(world.create("Members", properties.clone()).await);
        world.later().await;
        let delete = world.event("Delete", Some(made.physical_id()), "Members", properties);
        let points = Points::dead_at(at);
        let process = world.process(&points, &[]);
        if matches!(points.until_stopped(world.deliver_to(&process, &delete)).await, Run::Ended(_)) {
            break;
        }
        world.deliver_bytes_to(&world.rescue(&[], |_| {}), killed(&delete).as_bytes()).await.unwrap();
        if world.s3.answer_to(&delete.request_id).unwrap().is_success() {
            continue;
        }
        failed += 1;
        world.later().await;
        let wanted = with(attached(&share, &licenses[1..], &[MEMBER]), "AdoptExisting", json!(true));
        let other = world.answer(&world.event_of(OTHER_STACK, "Create", None, "Members", wanted)).await;
        assert!(other.is_success(), "{at} after {}: {}", points.last(), other.reason());
        assert!(world.members(&share).contains(MEMBER));
    }
    assert!(failed > 5, "{failed}");
}
