//! `AcceptanceRoleName`: the owner's provider accepts in the invited accounts itself.

use crate::support::flows::succeeded;
use crate::support::partners::{ROLE, accepting, external, partners, shared, waiting};
use crate::support::queue::{Line, writes};
use crate::support::world::{MEMBER, OUTSIDER, World, own, with};
use local_cloud::ram::{Ending, RefusedInvitation};
use serde_json::json;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// A world with these accounts' roles, and no others.
fn line(roles: &[String]) -> Line {
    let line = Line::new();
    line.world.strict_roles();
    for account in roles {
        line.world.role_in(account);
    }
    line
}

fn outsider() -> Vec<String> {
    vec![OUTSIDER.to_owned()]
}

fn count(calls: &[String], operation: &str) -> usize {
    calls.iter().filter(|call| *call == operation).count()
}

#[tokio::test(start_paused = true)]
async fn an_account_with_the_role_has_accepted_when_the_create_is_answered() {
    let line = line(&outsider());
    let world = &line.world;
    let properties = accepting(shared(world, &[MEMBER, OUTSIDER]));
    let mark = world.mark();
    let created = succeeded(world.create("Share", properties).await);
    assert_eq!((created.attribute("PendingAccounts"), created.attribute("Warnings")), ("", ""));
    assert_eq!(world.reaches(OUTSIDER), 1);
    let calls = world.operations_since(mark);
    let through: Vec<_> = ["AssumeRole", "GetResourceShareInvitations", "AcceptResourceShareInvitation"]
        .iter()
        .map(|operation| count(&calls, operation))
        .collect();
    assert_eq!(through, [1, 1, 1]);
    assert!(calls.len() <= 5 + 3 + 2, "{calls:?}");
    succeeded(world.delete(created.physical_id(), "Share").await);
    assert_eq!(world.reaches(OUTSIDER), 0);
}

#[tokio::test(start_paused = true)]
async fn the_session_names_the_stack_and_the_external_id_its_account() {
    let line = line(&outsider());
    let mark = line.world.mark();
    succeeded(line.world.create("Share", accepting(shared(&line.world, &[OUTSIDER]))).await);
    let calls = line.world.calls_since(mark);
    let assume = calls.iter().find(|call| call.operation == "AssumeRole").unwrap();
    assert_eq!(assume.input["RoleArn"], format!("arn:aws:iam::{OUTSIDER}:role/{ROLE}"));
    assert_eq!(assume.input["RoleSessionName"], "license-manager-provider-licenses");
    assert_eq!(assume.input["ExternalId"], "license-manager-provider:111122223333");
    let accept = calls.iter().find(|call| call.operation == "AcceptResourceShareInvitation").unwrap();
    assert!(uuid::Uuid::parse_str(accept.input["clientToken"].as_str().unwrap()).is_ok());
}

#[tokio::test(start_paused = true)]
async fn sixty_partners_with_the_role_are_invited_and_accepted_for_in_one_invocation() {
    let all = partners(60);
    let line = line(&all);
    let mark = line.world.mark();
    let created = succeeded(line.world.create("Share", accepting(shared(&line.world, &all))).await);
    assert_eq!((created.attribute("PendingAccounts"), line.world.pending().len()), ("", 0));
    let calls = line.world.operations_since(mark);
    assert_eq!(count(&calls, "AssumeRole"), 60, "once for each");
    assert_eq!(count(&calls, "AcceptResourceShareInvitation"), 60);
    assert_eq!(count(&calls, "CreateResourceShare") + count(&calls, "AssociateResourceShare"), 3);
    assert!(line.elapsed() < 20 * SECOND, "{:?}", line.elapsed());
}

/// A role that was made a moment ago, by a StackSet that the share depends on, is asked for again, as for an acceptance.
#[tokio::test(start_paused = true)]
async fn an_acceptance_role_that_is_a_moment_old_is_asked_for_again() {
    for age in [2 * SECOND, 7 * SECOND, 14 * SECOND] {
        let line = line(&[]);
        let event = line.world.event("Create", None, "Share", accepting(shared(&line.world, &[OUTSIDER])));
        let comes = async {
            tokio::time::sleep(age).await;
            line.world.role_in(OUTSIDER);
        };
        let (delivery, ()) = tokio::join!(line.deliver(&event), comes);
        delivery.unwrap();
        let (answer, _) = line.answer(&event).await;
        assert_eq!(succeeded(answer).attribute("PendingAccounts"), "", "{age:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_without_the_role_stays_pending_with_a_warning_that_says_why() {
    let line = line(&outsider());
    let without = partners(2);
    let all = [outsider(), without.clone()].concat();
    let created = succeeded(line.world.create("Share", accepting(shared(&line.world, &all))).await);
    assert_eq!(created.attribute("PendingAccounts"), without.join(","));
    let warnings = created.attribute("Warnings");
    for part in [
        "could not accept for 900000000000",
        "role/license-share-acceptance",
        "sts:ExternalId",
        "license-manager-provider:111122223333",
        "for 1 more",
    ] {
        assert!(warnings.contains(part), "{part}: {warnings}");
    }
    assert_eq!(line.queue.sent(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_wait_for_an_account_without_the_role_ends_with_the_cause_in_the_reason() {
    let line = line(&[]);
    let properties = accepting(waiting(shared(&line.world, &[OUTSIDER])));
    let event = line.world.event("Create", None, "Share", properties);
    line.waits(&event).await;
    let (answer, looks) = line.answer(&event).await;
    assert!(!answer.is_success());
    for part in ["have not accepted", OUTSIDER, "could not accept for", "sts:ExternalId", "WaitForAcceptance"]
    {
        assert!(answer.reason().contains(part), "{part}: {}", answer.reason());
    }
    for look in looks.iter().take(looks.len() - 1) {
        assert!(look.took < SECOND && look.calls.len() <= 5, "{look:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_role_that_is_made_during_the_wait_is_used_and_so_is_an_acceptance_by_hand() {
    let all = partners(2);
    let line = line(&[]);
    let event = line.world.event("Create", None, "Share", accepting(waiting(shared(&line.world, &all))));
    line.waits(&event).await;
    line.run_for(5 * MINUTE).await;
    line.world.role_in(&all[0]);
    line.run_for(2 * MINUTE).await;
    assert_eq!(line.world.pending(), all[1..]);
    line.world.accept(&all[1]).await;
    let (answer, looks) = line.answer(&event).await;
    assert_eq!(succeeded(answer).attribute("Warnings"), "");
    assert_eq!(writes(&looks), Vec::<&str>::new());
}

/// Each look asks for each role, and once who it is that the roles must let in.
#[tokio::test(start_paused = true)]
async fn twenty_roles_that_refuse_cost_a_look_one_call_each_and_one_more() {
    let (line, all) = (line(&[]), partners(20));
    let event = line.world.event("Create", None, "Share", accepting(waiting(shared(&line.world, &all))));
    line.waits(&event).await;
    let looks = line.run_for(5 * MINUTE).await;
    assert!(!looks.is_empty());
    for look in looks {
        let of = |operation: &str| look.calls.iter().filter(|call| *call == operation).count();
        assert_eq!((of("AssumeRole"), of("GetCallerIdentity")), (20, 1), "{look:?}");
        assert!(look.calls.len() <= 3 + 21 && look.took < SECOND, "{look:?}");
    }
}

/// However slow STS is, half of a look's 5 s are left for the share, and the wait goes on.
#[tokio::test(start_paused = true)]
async fn a_role_that_cannot_be_had_in_time_does_not_keep_a_look_from_the_share() {
    use local_cloud::fault::{FaultKind, FaultRule};
    let (line, all) = (line(&[]), partners(2));
    let event = line.world.event("Create", None, "Share", accepting(waiting(shared(&line.world, &all))));
    line.waits(&event).await;
    line.world.role_in(&all[0]);
    let hangs = FaultRule { after_calls: 1, ..FaultRule::always("sts", "AssumeRole", FaultKind::Hang) };
    line.world.cloud().add_fault(hangs);
    let looks = line.run_for(2 * MINUTE).await;
    for look in &looks {
        assert!((2 * SECOND..3 * SECOND).contains(&look.took), "{look:?}");
    }
    assert_eq!(line.world.pending(), all[1..]);
    line.world.accept(&all[1]).await;
    assert_eq!(succeeded(line.answer(&event).await.0).attribute("PendingAccounts"), "");
}

/// A trust policy without the external id of the stack's account does not let the provider in.
#[tokio::test(start_paused = true)]
async fn a_role_that_was_meant_for_another_accounts_stacks_is_not_used() {
    let line = line(&[]);
    line.world.cloud().sts().register_role(local_cloud::sts::Role {
        arn: format!("arn:aws:iam::{OUTSIDER}:role/{ROLE}"),
        trusted_accounts: vec!["111122223333".to_owned()],
        external_id: Some("license-manager-provider:222233334444".to_owned()),
        ..local_cloud::sts::Role::default()
    });
    let created = succeeded(line.world.create("Share", accepting(shared(&line.world, &[OUTSIDER]))).await);
    assert_eq!(created.attribute("PendingAccounts"), OUTSIDER);
}

#[tokio::test(start_paused = true)]
async fn an_invitation_that_is_shown_late_is_looked_for_again() {
    for (late, handed_over) in [(5 * SECOND, false), (10 * MINUTE, true)] {
        let line = line(&outsider());
        line.world.cloud().change_settings(|settings| settings.ram.times.invitation_shown = late);
        let event = line.world.event("Create", None, "Share", accepting(shared(&line.world, &[OUTSIDER])));
        line.deliver(&event).await.unwrap();
        assert_eq!(line.queue.sent() > 0, handed_over, "{late:?}");
        let (answer, _) = line.answer(&event).await;
        assert_eq!(succeeded(answer).attribute("PendingAccounts"), "");
        assert!(line.elapsed() < late + MINUTE, "{:?}", line.elapsed());
        assert_eq!(line.world.reaches(OUTSIDER), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_invitation_that_never_shows_is_a_warning_where_nobody_asks_that_all_accept() {
    let line = line(&outsider());
    line.world.cloud().change_settings(|settings| settings.ram.times.invitation_shown = 1_000 * MINUTE);
    let event = line.world.event("Create", None, "Share", accepting(shared(&line.world, &[OUTSIDER])));
    line.waits(&event).await;
    let answer = succeeded(line.answer(&event).await.0);
    assert_eq!(answer.attribute("PendingAccounts"), OUTSIDER);
    assert!(answer.attribute("Warnings").contains("no invitation is to be seen"), "{}", answer.bytes);
}

#[tokio::test(start_paused = true)]
async fn what_was_accepted_is_waited_for_until_ram_has_associated_it() {
    let line = line(&outsider());
    line.world.cloud().change_settings(|settings| settings.ram.times.associate_account = 5 * MINUTE);
    let event = line.world.event("Create", None, "Share", accepting(shared(&line.world, &[OUTSIDER])));
    line.waits(&event).await;
    let (answer, looks) = line.answer(&event).await;
    assert_eq!(succeeded(answer).attribute("PendingAccounts"), "");
    assert!(writes(&looks).iter().all(|call| *call == "AssumeRole"), "nothing is accepted twice");
    assert!((5 * MINUTE..6 * MINUTE).contains(&line.elapsed()), "{:?}", line.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_update_accepts_for_accounts_that_are_still_pending() {
    let line = line(&outsider());
    let first = external(shared(&line.world, &[OUTSIDER]));
    let id = succeeded(line.world.create("Share", first.clone()).await).physical_id().to_owned();
    line.world.cloud().add_old_invitation(&id, OUTSIDER, Ending::Rejected);
    line.world.cloud().add_old_invitation(&id, OUTSIDER, Ending::Expired);
    let updated = succeeded(line.world.update(&id, "Share", accepting(first.clone())).await);
    assert_eq!(updated.attribute("PendingAccounts"), "");
    let mark = line.world.mark();
    let again = with(accepting(first), "Revision", json!("2"));
    succeeded(line.world.update(&id, "Share", again).await);
    assert_eq!(line.world.written_since(mark), Vec::<String>::new());
}

/// With its older invitation rejected, and RAM that does not show that to the owner, nobody can accept.
#[tokio::test(start_paused = true)]
async fn an_invitation_that_was_rejected_is_told() {
    let line = line(&outsider());
    line.world.cloud().change_settings(|settings| settings.ram.refused_invitation = RefusedInvitation::Stays);
    let first = external(shared(&line.world, &[OUTSIDER]));
    let id = succeeded(line.world.create("Share", first.clone()).await).physical_id().to_owned();
    line.world.end_invitation(&id, OUTSIDER, Ending::Rejected);
    let updated = succeeded(line.world.update(&id, "Share", accepting(first)).await);
    assert_eq!(updated.attribute("PendingAccounts"), OUTSIDER);
    assert!(updated.attribute("Warnings").contains("its invitation is REJECTED"), "{}", updated.bytes);
}

/// An account that had accepted, was taken out and rejects a newer invitation: nobody can accept any more.
#[tokio::test(start_paused = true)]
async fn an_owner_does_not_wait_for_what_was_rejected_after_an_older_acceptance() {
    let line = line(&outsider());
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

/// A role that may be assumed, and may not accept.
#[tokio::test(start_paused = true)]
async fn a_role_without_permissions_is_told_with_what_it_needs() {
    let line = line(&[]);
    line.world.cloud().sts().register_role(local_cloud::sts::Role {
        arn: format!("arn:aws:iam::{OUTSIDER}:role/{ROLE}"),
        trusted_accounts: vec!["111122223333".to_owned()],
        permissions: Some(Vec::new()),
        ..local_cloud::sts::Role::default()
    });
    let created = succeeded(line.world.create("Share", accepting(shared(&line.world, &[OUTSIDER]))).await);
    let warnings = created.attribute("Warnings");
    assert!(warnings.contains("needs ram:GetResourceShareInvitations"), "{warnings}");
    assert_eq!(created.attribute("PendingAccounts"), OUTSIDER);
}

/// Invitations of other shares leave no room: what the provider accepts on its own makes some.
#[tokio::test(start_paused = true)]
async fn acceptances_make_room_where_other_shares_invitations_leave_little() {
    use crate::support::console::{BARE, ByHand};
    let all: Vec<String> = (0..10).map(|n| format!("80000000000{n}")).collect();
    let line = line(&all);
    let theirs = partners(17);
    let theirs: Vec<&str> = theirs.iter().map(String::as_str).collect();
    line.world.share_by_hand(ByHand { external: true, principals: &theirs, ..BARE }).await;
    let event = line.world.event("Create", None, "Share", accepting(shared(&line.world, &all)));
    line.deliver(&event).await.unwrap();
    let (answer, _) = line.answer(&event).await;
    assert_eq!(succeeded(answer).attribute("PendingAccounts"), "");
    assert!(line.elapsed() < 5 * MINUTE, "{:?}", line.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_return_accepts_through_the_role_and_waits_for_nobody() {
    let line = line(&outsider());
    let all = [outsider(), partners(1)].concat();
    let first = accepting(shared(&line.world, &all));
    let id = succeeded(line.world.create("Share", first.clone()).await).physical_id().to_owned();
    let fewer = external(shared(&line.world, &[MEMBER]));
    succeeded(line.world.update(&id, "Share", fewer).await);
    line.world.later().await;
    let back = line.update(&id, first).await;
    line.deliver(&back).await.unwrap();
    let answer = succeeded(line.world.s3.answer_to(&back.request_id).unwrap());
    assert_eq!(answer.attribute("PendingAccounts"), partners(1)[0]);
}

#[tokio::test(start_paused = true)]
async fn a_role_name_is_no_arn() {
    let world = World::new();
    let arn = format!("arn:aws:iam::{OUTSIDER}:role/{ROLE}");
    let properties = with(own("licenses", &[], &[OUTSIDER]), "AcceptanceRoleName", json!(arn));
    let answer = world.create("Share", properties).await;
    assert!(answer.reason().contains("give the role's name alone"), "{}", answer.reason());
}

/// The role accepts for the accounts of the template. Others invited to the same share decide for themselves.
#[tokio::test(start_paused = true)]
async fn nobody_is_made_accept_what_another_has_sent() {
    use crate::support::console::{BARE, ByHand};
    use crate::support::world::attached;
    let ours: Vec<String> = (0..22).map(|n| format!("8000000000{n:02}")).collect();
    let theirs = partners(3);
    let line = line(&[ours.clone(), theirs.clone()].concat());
    let licenses = line.world.license_configurations(1);
    let names: Vec<&str> = theirs.iter().map(String::as_str).collect();
    let share = line.world.share_by_hand(ByHand { external: true, principals: &names, ..BARE }).await;
    let names: Vec<&str> = ours.iter().map(String::as_str).collect();
    let wanted = with(attached(&share, &licenses, &names), "AcceptanceRoleName", ROLE.into());
    let event = line.world.event("Create", None, "Added", wanted);
    line.deliver(&event).await.unwrap();
    let (answer, _) = line.answer(&event).await;
    assert_eq!(succeeded(answer).attribute("PendingAccounts"), theirs.join(","));
}
