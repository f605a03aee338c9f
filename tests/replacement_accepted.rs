//! A replacement whose accounts must accept anew: the old share stays in force until they have.

use crate::support::console::{BARE, ByHand};
use crate::support::flows::succeeded;
use crate::support::partners::{ROLE, external, shared};
use crate::support::queue::Line;
use crate::support::world::{OUTSIDER, attached, with};
use serde_json::{Value, json};

fn retained(properties: Value) -> Value {
    with(properties, "RetainSharingOnAccountLeaveOrganization", json!(true))
}

/// A share that the outsider has accepted; its id and properties.
async fn accepted(line: &Line) -> (String, Value) {
    let first = external(shared(&line.world, &[OUTSIDER]));
    let id = succeeded(line.world.create("Share", first.clone()).await).physical_id().to_owned();
    line.world.accept(OUTSIDER).await;
    assert_eq!(line.world.reaches(OUTSIDER), 1);
    (id, first)
}

#[tokio::test(start_paused = true)]
async fn a_replacement_waits_until_the_new_share_is_accepted_and_nobody_loses_access() {
    let line = Line::new();
    let (old, first) = accepted(&line).await;
    let event = line.update(&old, with(retained(first), "WaitForAcceptance", json!(true))).await;
    line.waits(&event).await;
    assert_eq!(line.world.live_shares().len(), 2);
    line.world.accept(OUTSIDER).await;
    let new = succeeded(line.answer(&event).await.0);
    assert_ne!(new.physical_id(), old);
    succeeded(line.world.delete(&old, "Share").await);
    assert_eq!((line.world.reaches(OUTSIDER), line.world.live_shares().len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_replacement_by_an_existing_share_accepts_there_through_the_role() {
    let line = Line::new();
    line.world.role_in(OUTSIDER);
    let (old, first) = accepted(&line).await;
    let licenses: Vec<String> = serde_json::from_value(first["LicenseConfigurationArns"].clone()).unwrap();
    let existing = line.world.share_by_hand(ByHand { external: true, ..BARE }).await;
    let wanted = with(attached(&existing, &licenses, &[OUTSIDER]), "AcceptanceRoleName", json!(ROLE));
    let new = succeeded(line.world.update(&old, "Share", wanted).await);
    assert_eq!(new.attribute("PendingAccounts"), "");
    succeeded(line.world.delete(&old, "Share").await);
    assert_eq!(line.world.reaches(OUTSIDER), 1);
}

/// Elsewhere an account without the role is a warning. Here it would be left without a share.
#[tokio::test(start_paused = true)]
async fn a_replacement_with_a_role_that_does_not_let_the_provider_in_fails_and_the_old_share_stays() {
    let line = Line::new();
    line.world.strict_roles();
    let (old, first) = accepted(&line).await;
    let wanted = with(retained(first.clone()), "AcceptanceRoleName", json!(ROLE));
    let event = line.update(&old, wanted).await;
    line.waits(&event).await;
    let (answer, _) = line.answer(&event).await;
    assert!(!answer.is_success() && answer.reason().contains("could not accept for"), "{}", answer.bytes);
    assert_eq!(answer.physical_id(), old);
    succeeded(line.world.update(&old, "Share", first).await);
    assert_eq!((line.world.live_shares().len(), line.world.reaches(OUTSIDER)), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_replacement_that_nobody_accepts_leaves_the_old_share_as_it_was() {
    let line = Line::new();
    let (old, first) = accepted(&line).await;
    let event = line.update(&old, with(retained(first.clone()), "WaitForAcceptance", json!(true))).await;
    line.waits(&event).await;
    let (answer, _) = line.answer(&event).await;
    assert!(!answer.is_success() && answer.physical_id() == old, "{}", answer.bytes);
    assert_eq!((line.world.live_shares().len(), line.world.reaches(OUTSIDER)), (1, 1));
    succeeded(line.world.update(&old, "Share", first).await);
    assert_eq!(line.world.reaches(OUTSIDER), 1);
}
