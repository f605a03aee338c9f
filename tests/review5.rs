//! Findings of the review of acceptances.

use crate::support::flows::succeeded;
use crate::support::partners::{accepting, external, shared};
use crate::support::queue::Line;
use crate::support::world::{ACCOUNT, OUTSIDER};
use local_cloud::ram::{Ending, RefusedInvitation};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

/// An invitation that was accepted before proves nothing once the account is out again and a newer one was rejected.
#[tokio::test(start_paused = true)]
async fn a_rejected_invitation_counts_more_than_an_older_accepted_one() {
    let line = Line::new();
    let share = line.world.invited().await;
    line.world.accept(ACCOUNT).await;
    line.world.outside().remove_by_hand(&share.arn, &[ACCOUNT]).await;
    line.world.cloud().advance(10 * MINUTE);
    line.world.invite(&share).await;
    assert!(line.world.cloud().end_invitation(&share.arn, ACCOUNT, Ending::Rejected));
    assert!(!line.world.is_in(&share, ACCOUNT));
    line.world.later().await;
    let event = line.waits_for(share.properties()).await;
    let (answer, _) = line.answer(&event).await;
    assert!(!answer.is_success(), "{}", answer.bytes);
}

/// The same on the owner's side: nobody can accept any more, and it is told at once.
#[tokio::test(start_paused = true)]
async fn an_owner_does_not_wait_for_what_was_rejected_after_an_older_acceptance() {
    let line = Line::new();
    line.world.strict_roles();
    line.world.role_in(OUTSIDER);
    line.world.cloud().change_settings(|settings| settings.ram.refused_invitation = RefusedInvitation::Stays);
    let first = external(shared(&line.world, &[OUTSIDER]));
    let id = succeeded(line.world.create("Share", first.clone()).await).physical_id().to_owned();
    line.world.accept(OUTSIDER).await;
    line.world.remove_by_hand(&id, &[OUTSIDER]).await;
    line.world.cloud().advance(10 * MINUTE);
    line.world.add_by_hand(&id, &[OUTSIDER]).await;
    line.world.end_invitation(&id, OUTSIDER, Ending::Rejected);
    line.world.later().await;
    let event = line.update(&id, accepting(first)).await;
    line.deliver(&event).await.unwrap();
    let (answer, looks) = line.answer(&event).await;
    let answer = succeeded(answer);
    let warnings = answer.attribute("Warnings");
    assert!(
        warnings.contains("its invitation is REJECTED") && looks.is_empty(),
        "{} looks: {warnings}",
        looks.len()
    );
}
