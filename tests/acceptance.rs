//! `Custom::LicenseConfigShareAcceptance`, where an answer comes in the first invocation.

use crate::support::acceptance::Foreign;
use crate::support::console::{BARE, ByHand};
use crate::support::flows::succeeded;
use crate::support::points::Points;
use crate::support::refusals::without_trailer;
use crate::support::world::{ACCOUNT, MEMBER, OTHER_STACK, OUTSIDER, REGION, World, with};
use expect_test::expect;
use local_cloud::fault::{FaultKind, FaultRule};
use local_cloud::ram::Ending;
use serde_json::json;
use std::time::Duration;
use tokio::time::sleep;

const ACCEPT: &str = "AcceptResourceShareInvitation";

fn error(code: &str) -> FaultKind {
    FaultKind::Error { status: 400, code: code.to_owned(), message: "It is so.".to_owned() }
}

#[tokio::test(start_paused = true)]
async fn an_invitation_is_accepted_within_five_calls_and_left_in_one() {
    let world = World::new();
    let share = world.invited().await;
    let mark = world.mark();
    let created = succeeded(world.create_acceptance(share.listed()).await);
    let calls = world.operations_since(mark);
    assert!(calls.len() <= 5, "{calls:?}");
    assert_eq!(created.physical_id(), share.id());
    assert_eq!(created.attribute("ResourceShareArn"), share.arn);
    assert_eq!(created.attribute("ResourceShareId"), share.arn.rsplit('/').next().unwrap());
    assert_eq!(created.attribute("ResourceShareName"), "partner");
    assert_eq!(created.attribute("OwnerAccountId"), OUTSIDER);
    assert_eq!(created.attribute("Status"), "ACTIVE");
    assert_eq!(created.attribute("AcceptedBy"), "Invitation");
    assert_eq!(created.attribute("LicenseConfigurationArnsCount"), "2");
    assert_eq!(created.attribute("Warnings"), "");
    assert!(world.is_in(&share, ACCOUNT));
    let mark = world.mark();
    succeeded(world.delete_acceptance(created.physical_id()).await);
    assert_eq!(world.operations_since(mark), ["DisassociateResourceShare"]);
    assert!(!world.is_in(&share, ACCOUNT));
}

#[tokio::test(start_paused = true)]
async fn an_update_without_effect_is_one_round_of_reads() {
    let world = World::new();
    let share = world.invited().await;
    succeeded(world.create_acceptance(share.listed()).await);
    let mark = world.mark();
    let updated =
        succeeded(world.update_acceptance(&share.id(), with(share.listed(), "Revision", json!(2))).await);
    assert_eq!(updated.physical_id(), share.id());
    let mut calls = world.operations_since(mark);
    calls.sort();
    assert_eq!(calls, ["GetResourceShareInvitations", "GetResourceShares", "ListResources"]);
}

#[tokio::test(start_paused = true)]
async fn a_share_that_comes_through_the_organization_needs_no_invitation_and_is_not_left() {
    let world = World::new();
    let license = world.cloud().create_license_configuration(MEMBER, REGION, "member");
    let organization = world.organization_arn();
    let by_hand = ByHand { resources: std::slice::from_ref(&license), principals: &[&organization], ..BARE };
    let arn = world.beside(MEMBER, REGION).share_by_hand(by_hand).await;
    let share = Foreign { arn, licenses: vec![license] };
    let mark = world.mark();
    let created = succeeded(world.create_acceptance(share.listed()).await);
    assert_eq!(created.attribute("AcceptedBy"), "Organization");
    assert_eq!(created.attribute("OwnerAccountId"), MEMBER);
    assert_eq!(world.calls_since(mark).len(), 3);
    let mark = world.mark();
    succeeded(world.delete_acceptance(&share.id()).await);
    assert_eq!(world.calls_since(mark).len(), 0, "there is nothing to leave");
}

#[tokio::test(start_paused = true)]
async fn what_was_accepted_before_the_stack_came_stays_when_it_goes() {
    let world = World::new();
    let share = world.invited().await;
    world.accept(ACCOUNT).await;
    let mark = world.mark();
    let created = succeeded(world.create_acceptance(share.listed()).await);
    assert_eq!(created.attribute("AcceptedBy"), "Invitation");
    assert_eq!(world.written_since(mark), Vec::<String>::new());
    succeeded(world.delete_acceptance(&share.id()).await);
    assert!(world.is_in(&share, ACCOUNT));
}

#[tokio::test(start_paused = true)]
async fn a_pending_invitation_is_found_behind_older_ones_that_are_over() {
    let world = World::new();
    let share = world.invited().await;
    for ending in [Ending::Rejected, Ending::Expired] {
        assert!(world.cloud().add_old_invitation(&share.arn, ACCOUNT, ending));
    }
    let created = succeeded(world.create_acceptance(share.listed()).await);
    assert_eq!(created.attribute("AcceptedBy"), "Invitation");
    assert!(world.is_in(&share, ACCOUNT));
}

#[tokio::test(start_paused = true)]
async fn an_invitation_that_ram_has_forgotten_is_still_known() {
    let world = World::new();
    let share = world.invited().await;
    succeeded(world.create_acceptance(share.listed()).await);
    world.cloud().purge_invitations(ACCOUNT);
    let updated = succeeded(world.update_acceptance(&share.id(), share.properties()).await);
    assert_eq!(updated.attribute("AcceptedBy"), "Invitation");
    succeeded(world.delete_acceptance(&share.id()).await);
    assert!(!world.is_in(&share, ACCOUNT));
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_accepts_in_between_is_a_success_and_not_ours() {
    let world = World::new();
    let share = world.invited().await;
    let code = "ResourceShareInvitationAlreadyAcceptedException";
    world.cloud().add_fault(FaultRule::once("ram", ACCEPT, error(code)));
    let invitation = world.pending_invitation(&share);
    let meanwhile = async {
        sleep(Duration::from_millis(50)).await;
        assert!(world.cloud().accept_invitation(&invitation));
    };
    let (created, ()) = tokio::join!(world.create_acceptance(share.listed()), meanwhile);
    assert_eq!(succeeded(created).attribute("AcceptedBy"), "Invitation");
    succeeded(world.delete_acceptance(&share.id()).await);
    assert!(world.is_in(&share, ACCOUNT));
}

#[tokio::test(start_paused = true)]
async fn an_acceptance_whose_answer_was_lost_is_ours() {
    let world = World::new();
    let share = world.invited().await;
    world.cloud().add_fault(FaultRule::once("ram", ACCEPT, FaultKind::LostAnswer));
    succeeded(world.create_acceptance(share.listed()).await);
    succeeded(world.delete_acceptance(&share.id()).await);
    assert!(!world.is_in(&share, ACCOUNT));
}

#[tokio::test(start_paused = true)]
async fn an_invitation_that_ends_in_the_very_moment_is_named() {
    for (code, became) in [
        (
            "ResourceShareInvitationAlreadyRejectedException",
            "was rejected meanwhile by somebody in account 111122223333",
        ),
        ("ResourceShareInvitationExpiredException", "has expired"),
    ] {
        let world = World::new();
        let share = world.invited().await;
        world.cloud().add_fault(FaultRule::once("ram", ACCEPT, error(code)));
        let event = world.acceptance_event("Create", None, share.listed());
        let answer = world.answer(&event).await;
        assert!(!answer.is_success() && answer.reason().contains(became), "{}", answer.bytes);
        assert!(answer.reason().contains("Only the owner can invite again"), "{}", answer.reason());
        let none = format!("license-config-share-acceptance/none/{}", event.request_id);
        assert_eq!(answer.physical_id(), none, "nothing was accepted");
    }
}

/// RAM said of every attempt that it did nothing: what a person accepts afterwards is not this resource's.
#[tokio::test(start_paused = true)]
async fn an_acceptance_that_was_throttled_to_the_end_is_not_ours() {
    let world = World::new();
    let share = world.invited().await;
    world.cloud().add_fault(FaultRule::always("ram", ACCEPT, error("ThrottlingException")));
    let event = world.acceptance_event("Create", None, share.listed());
    let answer = world.answer(&event).await;
    assert!(!answer.is_success(), "{}", answer.bytes);
    assert_eq!(answer.physical_id(), format!("license-config-share-acceptance/none/{}", event.request_id));
    let invitation = world.pending_invitation(&share);
    assert!(world.cloud().accept_invitation(&invitation));
    succeeded(world.delete_acceptance(answer.physical_id()).await);
    assert!(world.is_in(&share, ACCOUNT));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_names_the_action_that_is_missing() {
    let world = World::new();
    let share = world.invited().await;
    world.cloud().add_fault(FaultRule::always("ram", ACCEPT, error("AccessDeniedException")));
    let answer = world.create_acceptance(share.listed()).await;
    let reason = answer.reason().replace(&world.pending_invitation(&share), "<invitation>");
    expect!["creating license share acceptance (Acceptance): accepting the invitation <invitation> in account 111122223333: RAM refused AcceptResourceShareInvitation, which needs ram:AcceptResourceShareInvitation: It is so (AccessDeniedException). Allow it in the role of the provider's function, and see that no service control policy of account 111122223333 denies it"].assert_eq(without_trailer(&reason));
}

#[tokio::test(start_paused = true)]
async fn on_delete_retain_keeps_the_account_in_the_share() {
    let world = World::new();
    let share = world.invited().await;
    let retained = with(share.properties(), "OnDelete", json!("Retain"));
    succeeded(world.create_acceptance(retained).await);
    let mark = world.mark();
    succeeded(world.delete_acceptance(&share.id()).await);
    assert_eq!(world.calls_since(mark).len(), 0);
    assert!(world.is_in(&share, ACCOUNT));
}

#[tokio::test(start_paused = true)]
async fn the_last_on_delete_that_succeeded_counts() {
    let world = World::new();
    let share = world.invited().await;
    let retained = with(share.properties(), "OnDelete", json!("Retain"));
    succeeded(world.create_acceptance(retained.clone()).await);
    succeeded(world.update_acceptance(&share.id(), share.properties()).await);
    let wrong = with(retained, "LicenseConfigurationArns", json!(["lic-1"]));
    assert!(!world.update_acceptance(&share.id(), wrong).await.is_success());
    succeeded(world.delete_acceptance(&share.id()).await);
    assert!(!world.is_in(&share, ACCOUNT));
}

#[tokio::test(start_paused = true)]
async fn a_delete_succeeds_where_there_is_nothing_to_leave_any_more() {
    for gone in ["left", "removed", "deleted", "purged"] {
        let world = World::new();
        let share = world.invited().await;
        succeeded(world.create_acceptance(share.listed()).await);
        match gone {
            "left" => world.remove_from_inside(&share).await,
            "removed" => world.outside().remove_by_hand(&share.arn, &[ACCOUNT]).await,
            "deleted" => assert!(world.cloud().remove_share_by_hand(&share.arn)),
            _ => assert!(world.cloud().purge_share(&share.arn)),
        }
        let deleted = world.delete_acceptance(&share.id()).await;
        assert!(deleted.is_success(), "{gone}: {}", deleted.reason());
    }
}

#[tokio::test(start_paused = true)]
async fn a_share_that_cannot_be_left_because_of_the_organization_does_not_stop_a_delete() {
    let world = World::new();
    let share = world.invited().await;
    succeeded(world.create_acceptance(share.listed()).await);
    let refused = error("OperationNotPermittedException");
    world.cloud().add_fault(FaultRule::always("ram", "DisassociateResourceShare", refused));
    succeeded(world.delete_acceptance(&share.id()).await);
    assert!(world.is_in(&share, ACCOUNT));
}

#[tokio::test(start_paused = true)]
async fn a_delete_waits_out_a_share_that_is_changing() {
    let world = World::new();
    let share = world.invited().await;
    succeeded(world.create_acceptance(share.listed()).await);
    let changing = FaultRule {
        times: Some(3),
        ..FaultRule::always("ram", "DisassociateResourceShare", error("InvalidStateTransitionException"))
    };
    world.cloud().add_fault(changing);
    succeeded(world.delete_acceptance(&share.id()).await);
    assert!(!world.is_in(&share, ACCOUNT));
}

#[tokio::test(start_paused = true)]
async fn an_account_stays_in_a_share_that_another_stack_names() {
    let world = World::new();
    let share = world.invited().await;
    succeeded(world.create_acceptance(share.listed()).await);
    let mut other = world.event_of(OTHER_STACK, "Create", None, "Acceptance", share.listed());
    other = crate::support::acceptance::of_acceptance(other);
    succeeded(world.answer(&other).await);
    succeeded(world.delete_acceptance(&share.id()).await);
    assert!(world.is_in(&share, ACCOUNT));
    world.later().await;
    let delete = world.event_of(OTHER_STACK, "Delete", Some(&share.id()), "Acceptance", json!({}));
    succeeded(world.answer(&crate::support::acceptance::of_acceptance(delete)).await);
    assert!(world.is_in(&share, ACCOUNT), "it only found the account in the share");
}

/// CloudFormation deletes a stack's resources side by side.
#[tokio::test(start_paused = true)]
async fn of_two_resources_that_are_deleted_side_by_side_the_one_that_accepted_leaves() {
    use crate::support::acceptance::of_acceptance;
    let world = World::new();
    let share = world.invited().await;
    succeeded(world.create_acceptance(share.listed()).await);
    let other = |request_type: &str, id: Option<&str>| {
        of_acceptance(world.event_of(OTHER_STACK, request_type, id, "Acceptance", share.listed()))
    };
    succeeded(world.answer(&other("Create", None)).await);
    world.later().await;
    let (id, points) = (share.id(), Points::held_at(2));
    let process = world.process(&points, &[]);
    let delete = other("Delete", Some(&id));
    let accepted = async {
        sleep(Duration::from_secs(5)).await;
        succeeded(world.delete_acceptance(&id).await);
        points.release();
    };
    let (ended, ()) = tokio::join!(world.deliver_to(&process, &delete), accepted);
    ended.unwrap();
    succeeded(world.s3.answer_to(&delete.request_id).unwrap());
    assert!(!world.is_in(&share, ACCOUNT), "held at {}", points.last());
}

#[tokio::test(start_paused = true)]
async fn another_share_is_a_replacement_and_the_old_one_is_left_with_its_own_delete() {
    let world = World::new();
    let (first, second) = (world.invited().await, world.foreign_named("second").await);
    world.invite(&second).await;
    succeeded(world.create_acceptance(first.listed()).await);
    let updated = succeeded(world.update_acceptance(&first.id(), second.listed()).await);
    assert_eq!(updated.physical_id(), second.id());
    assert!(world.is_in(&first, ACCOUNT) && world.is_in(&second, ACCOUNT));
    succeeded(world.delete_acceptance(&first.id()).await);
    assert!(!world.is_in(&first, ACCOUNT) && world.is_in(&second, ACCOUNT));
    succeeded(world.delete_acceptance(&second.id()).await);
    assert!(!world.is_in(&second, ACCOUNT));
}

#[tokio::test(start_paused = true)]
async fn a_replacement_that_is_rolled_back_leaves_the_new_share() {
    let world = World::new();
    let (first, second) = (world.invited().await, world.foreign_named("second").await);
    world.invite(&second).await;
    succeeded(world.create_acceptance(first.listed()).await);
    let forward = succeeded(world.update_acceptance(&first.id(), second.listed()).await);
    let back = succeeded(world.update_acceptance(forward.physical_id(), first.listed()).await);
    assert_eq!((back.physical_id(), back.attribute("Warnings")), (first.id().as_str(), ""));
    succeeded(world.delete_acceptance(&second.id()).await);
    assert!(world.is_in(&first, ACCOUNT) && !world.is_in(&second, ACCOUNT));
}

#[tokio::test(start_paused = true)]
async fn an_update_that_no_longer_sees_the_share_says_what_to_do_and_accepts_a_new_invitation() {
    let world = World::new();
    let share = world.invited().await;
    succeeded(world.create_acceptance(share.properties()).await);
    world.outside().remove_by_hand(&share.arn, &[ACCOUNT]).await;
    let again = |revision: u32| with(share.properties(), "Revision", json!(revision));
    let refused = world.update_acceptance(&share.id(), again(2)).await;
    let reason = refused.reason().replace(&share.arn, "<share>");
    expect!["updating license share acceptance (Acceptance): account 111122223333 no longer sees the resource share <share>, and no invitation to it is pending: its owner has deleted it or taken the account out, or the account has left it. Only the owner, account 999900001111, can invite again: have it change Revision of its Custom::LicenseConfigShare, or share again in AWS RAM. Then update this stack with another Revision"].assert_eq(without_trailer(&reason));
    world.invite(&share).await;
    succeeded(world.update_acceptance(&share.id(), again(3)).await);
    assert!(world.is_in(&share, ACCOUNT));
    succeeded(world.delete_acceptance(&share.id()).await);
    assert!(!world.is_in(&share, ACCOUNT));
}

#[tokio::test(start_paused = true)]
async fn a_rollback_to_a_share_that_is_gone_succeeds_with_a_warning() {
    let world = World::new();
    let share = world.invited().await;
    succeeded(world.create_acceptance(share.listed()).await);
    succeeded(world.update_acceptance(&share.id(), share.properties()).await);
    assert!(world.cloud().purge_share(&share.arn));
    let back = succeeded(world.update_acceptance(&share.id(), share.listed()).await);
    assert_eq!(back.physical_id(), share.id());
    assert!(back.attribute("Warnings").contains("no longer sees"), "{}", back.attribute("Warnings"));
    assert_eq!((back.attribute("Status"), back.attribute("ResourceShareName")), ("UNKNOWN", "partner"));
    succeeded(world.delete_acceptance(&share.id()).await);
}

#[tokio::test(start_paused = true)]
async fn wrong_properties_come_at_once_and_nothing_is_called_for_them() {
    let world = World::new();
    let own = format!("arn:aws:ram:eu-west-1:{ACCOUNT}:resource-share/0a");
    let mark = world.mark();
    let answer = world
        .create_acceptance(json!({
            "ResourceShareArn": own, "RoleArn": format!("arn:aws:iam::{OUTSIDER}:role/x"), "OnDelete": "Unlink",
        }))
        .await;
    assert!(!answer.is_success());
    for part in
        ["there is nothing to accept", "give a role of the stack's own account", "this is Leave or Retain"]
    {
        assert!(answer.reason().contains(part), "{part}: {}", answer.reason());
    }
    assert_eq!(world.calls_since(mark).len(), 0);
}
