//! The rescue function answers for every type: what a dead request of it leaves goes with the Delete that follows.

use crate::support::abandoned::killed;
use crate::support::acceptance::{OUTSIDE_STACK, of_acceptance};
use crate::support::flows::succeeded;
use crate::support::link::{LINK_ID, TOPIC, TOPIC_2, link};
use crate::support::points::{Points, Run};
use crate::support::s3::Answer;
use crate::support::world::{ACCOUNT, Event, MEMBER, MEMBER_2, World, with};
use provider::config::Trusted;
use serde_json::{Value, json};

/// Kills the delivery of an event at a point, from 0, and has it rescued; `None` where it had ended before.
async fn dies_and_is_rescued(world: &World, event: &Event, at: usize) -> Option<Answer> {
    let points = Points::dead_at(at);
    let process = world.process(&points, &[]);
    let run = points.until_stopped(world.deliver_to(&process, event)).await;
    if matches!(run, Run::Ended(_)) {
        return None;
    }
    let mark = world.mark();
    world.deliver_bytes_to(&world.rescue(&[], |_| {}), killed(event).as_bytes()).await.unwrap();
    assert_eq!(world.mark(), mark, "it asks nothing of AWS");
    Some(world.s3.answer_to(&event.request_id).expect("an answer"))
}

#[tokio::test(start_paused = true)]
async fn an_acceptance_that_died_anywhere_is_left_by_the_delete_that_follows() {
    let mut at = 0;
    loop {
        let world = World::new();
        let share = world.invited().await;
        let create = world.acceptance_event("Create", None, share.listed());
        let Some(answer) = dies_and_is_rescued(&world, &create, at).await else { break };
        if !answer.is_success() {
            let none = format!("license-config-share-acceptance/none/{}", create.request_id);
            assert_eq!(answer.physical_id(), none);
        }
        succeeded(world.delete_acceptance(answer.physical_id()).await);
        assert!(!world.is_in(&share, ACCOUNT), "{at}");
        at += 1;
    }
    assert!(at > 10, "{at}");
}

fn delegating(topic: &str, account: &str) -> Value {
    let all = with(link(json!({})), "SnsTopicArn", json!(topic));
    with(all, "DelegatedAdministratorAccountId", json!(account))
}

#[tokio::test(start_paused = true)]
async fn a_link_that_died_anywhere_names_what_stays_and_gives_back_its_administrator_with_its_delete() {
    let (mut at, mut named) = (0, 0);
    loop {
        let world = World::new();
        let create = world.link_event("Create", None, delegating(TOPIC, MEMBER));
        let Some(answer) = dies_and_is_rescued(&world, &create, at).await else { break };
        if !answer.is_success() {
            assert_eq!(answer.physical_id(), format!("license-manager-org-link/none/{}", create.request_id));
            if world.link_settings().integration {
                assert!(is_told_what_stays(&answer), "{at}: {}", answer.reason());
                named += 1;
            }
            succeeded(world.delete_link(answer.physical_id()).await);
            assert_eq!(world.delegates(), Vec::<String>::new(), "{at}");
        }
        world.never();
        at += 1;
    }
    assert!(at > 10 && named > 5, "{named} of {at}");
}

/// The rescue function works on nothing itself: it knows from the record what the Create did for good.
fn is_told_what_stays(answer: &Answer) -> bool {
    let told = answer.reason().split_once("This may have been done, and cannot be taken back: ");
    told.is_some_and(|(_, what)| {
        what.contains("License Manager is linked to the organization")
            && what.contains("License Manager has its SNS topic")
    })
}

#[tokio::test(start_paused = true)]
async fn an_update_of_the_link_that_died_anywhere_is_rolled_back() {
    let mut at = 0;
    loop {
        let world = World::new();
        succeeded(world.create_link(delegating(TOPIC, MEMBER)).await);
        world.later().await;
        let update = world.link_event("Update", Some(LINK_ID), delegating(TOPIC_2, MEMBER_2));
        let Some(answer) = dies_and_is_rescued(&world, &update, at).await else { break };
        assert_eq!(answer.physical_id(), LINK_ID);
        if !answer.is_success() {
            world.later().await;
            let back = world.link_event("Update", Some(LINK_ID), delegating(TOPIC, MEMBER));
            succeeded(world.answer(&back).await);
            assert_eq!(world.delegates(), [MEMBER], "{at}");
            assert_eq!(world.link_settings().sns_topic_arn.as_deref(), Some(TOPIC), "{at}");
        }
        world.never();
        at += 1;
    }
    assert!(at > 10, "{at}");
}

#[tokio::test(start_paused = true)]
async fn whoever_may_invoke_is_answered_for_acceptances_and_for_nothing_else_where_anyone_is_trusted() {
    let world = World::new();
    let event = |properties| world.event_of(OUTSIDE_STACK, "Create", None, "Acceptance", properties);
    let share = world.invited().await;
    let anyone = world.rescue(&[], |config| config.trusted = Trusted::Anyone);
    for (event, words) in [
        (of_acceptance(event(share.listed())), "ended without an answer"),
        (event(json!({})), "stacks of account 999900001111 are not served"),
    ] {
        world.deliver_bytes_to(&anyone, killed(&event).as_bytes()).await.unwrap();
        let answer = world.s3.answer_to(&event.request_id).unwrap();
        assert!(answer.reason().contains(words), "{}", answer.reason());
    }
}
