//! `WaitForAcceptance`: the owner's stack waits until every invited account has accepted.

use crate::support::flows::succeeded;
use crate::support::partners::{external, partners, shared, waiting};
use crate::support::queue::{Line, Looked, writes};
use crate::support::refusals::without_trailer;
use crate::support::world::{MEMBER, MEMBER_2, OUTSIDER, World, own, with};
use expect_test::expect;
use local_cloud::ram::{Ending, RefusedInvitation};
use serde_json::json;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

fn line(refused: RefusedInvitation) -> Line {
    let line = Line::new();
    line.world.cloud().change_settings(|settings| settings.ram.refused_invitation = refused);
    line
}

fn assert_looks(looks: &[Looked]) {
    for look in looks {
        assert!(look.took < SECOND, "{look:?}");
        assert!(look.calls.len() <= 3, "{look:?}");
        assert!(look.result.is_ok());
    }
}

/// The first invocation looks for up to 15 s, for whoever accepts at once; those from the queue look once, in well under
/// a second.
#[tokio::test(start_paused = true)]
async fn an_acceptance_after_fifty_minutes_costs_at_most_65_invocations_and_is_noticed_within_a_minute() {
    let line = Line::new();
    let event = line.create_waiting();
    line.waits(&event).await;
    assert!(line.elapsed() < 20 * SECOND, "{:?}", line.elapsed());
    let before = line.run_for((50 * MINUTE).saturating_sub(line.elapsed())).await;
    line.world.accept(OUTSIDER).await;
    let accepted = line.elapsed();
    let (answer, after) = line.answer(&event).await;
    let answer = succeeded(answer);
    assert!(
        line.elapsed().saturating_sub(accepted) <= 60 * SECOND,
        "{:?}",
        line.elapsed().saturating_sub(accepted)
    );
    assert!(1 + before.len() + after.len() <= 65, "{}", 1 + before.len() + after.len());
    assert_looks(&before);
    assert_looks(&after);
    assert_eq!([writes(&before), writes(&after)].concat(), Vec::<&str>::new());
    assert_eq!((answer.attribute("PendingAccounts"), answer.attribute("Warnings")), ("", ""));
    assert_eq!((line.queue.waiting().len(), line.queue.dead().len()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn what_is_waited_for_is_in_the_log_and_all_else_is_done_before() {
    let line = Line::new();
    let licenses = line.world.license_configurations(3);
    let first = external(own("first", &licenses[..2], &[MEMBER]));
    let id = succeeded(line.world.create("Share", first).await).physical_id().to_owned();
    let wanted = waiting(own("second", &licenses[1..], &[MEMBER_2, OUTSIDER]));
    let event = line.update(&id, wanted).await;
    line.waits(&event).await;
    let look = line.world.look(&id);
    assert_eq!(look.name, "second");
    let there: Vec<&String> = look.members.keys().collect();
    let mut expected = vec![&licenses[1], &licenses[2]];
    let (member, outsider) = (MEMBER_2.to_owned(), OUTSIDER.to_owned());
    expected.extend([&member, &outsider]);
    expected.sort();
    assert_eq!(there, expected);
    line.world.accept(OUTSIDER).await;
    let (answer, looks) = line.answer(&event).await;
    succeeded(answer);
    assert_eq!(writes(&looks), Vec::<&str>::new());
}

#[tokio::test(start_paused = true)]
async fn accounts_that_never_accept_are_named_at_the_end_and_the_create_is_taken_back() {
    let line = Line::new();
    let event = line.create_waiting();
    line.waits(&event).await;
    let share = line.live_share();
    let (answer, looks) = line.answer(&event).await;
    assert!(!answer.is_success());
    assert!((57 * MINUTE..58 * MINUTE).contains(&line.elapsed()), "{:?}", line.elapsed());
    expect!["creating license configuration share (Share): after 57 minutes these accounts have not accepted resource share SHARE: 999900001111. Let them accept the invitation in AWS RAM while the stack waits, by hand, by a Custom::LicenseConfigShareAcceptance of their own, or through AcceptanceRoleName; or set WaitForAcceptance to false"].assert_eq(&without_trailer(answer.reason()).replace(&share, "SHARE"));
    assert!(looks.len() <= 70, "{}", looks.len());
    assert_eq!(line.world.live_shares(), Vec::<String>::new());
    assert_eq!(line.world.pending(), Vec::<String>::new());
    succeeded(line.world.delete(answer.physical_id(), "Share").await);
}

#[tokio::test(start_paused = true)]
async fn an_update_that_waits_in_vain_keeps_its_id_and_is_rolled_back() {
    let line = Line::new();
    let first = shared(&line.world, &[MEMBER]);
    let id = succeeded(line.world.create("Share", first.clone()).await).physical_id().to_owned();
    let mut wanted = waiting(first.clone());
    wanted["Principals"] = json!([MEMBER, OUTSIDER]);
    let event = line.update(&id, wanted).await;
    line.waits(&event).await;
    let (answer, _) = line.answer(&event).await;
    assert!(!answer.is_success() && answer.reason().contains(OUTSIDER), "{}", answer.bytes);
    assert_eq!(answer.physical_id(), id);
    succeeded(line.world.update(&id, "Share", first).await);
    assert_eq!(line.world.pending(), Vec::<String>::new());
    assert!(!line.world.members(&id).contains(OUTSIDER));
}

#[tokio::test(start_paused = true)]
async fn nobody_is_waited_for_where_nobody_is_invited() {
    let line = Line::new();
    let event = line.world.event("Create", None, "Share", waiting(shared(&line.world, &[MEMBER, MEMBER_2])));
    line.deliver(&event).await.unwrap();
    succeeded(line.world.s3.answer_to(&event.request_id).unwrap());
    let event = line.world.event("Create", None, "Other", waiting(own("others", &[], &[])));
    line.deliver(&event).await.unwrap();
    succeeded(line.world.s3.answer_to(&event.request_id).unwrap());
    assert_eq!(line.queue.sent(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_acceptance_within_seconds_needs_no_queue() {
    let line = Line::new();
    let event = line.create_waiting();
    let delivery = line.deliver(&event);
    let acceptance = async {
        tokio::time::sleep(3 * SECOND).await;
        line.world.accept(OUTSIDER).await;
    };
    tokio::join!(delivery, acceptance).0.unwrap();
    succeeded(line.world.s3.answer_to(&event.request_id).unwrap());
    assert_eq!(line.queue.sent(), 0);
    assert!(line.elapsed() < 10 * SECOND, "{:?}", line.elapsed());
}

const GONE: [RefusedInvitation; 3] =
    [RefusedInvitation::Disassociated, RefusedInvitation::Failed, RefusedInvitation::Vanishes];

#[tokio::test(start_paused = true)]
async fn an_invitation_that_is_rejected_or_expires_ends_the_wait_at_once() {
    for refused in GONE {
        for end in [Ending::Rejected, Ending::Expired] {
            let line = line(refused);
            let event = line.create_waiting();
            line.waits(&event).await;
            line.run_for(5 * MINUTE).await;
            line.world.end_invitation(&line.live_share(), OUTSIDER, end);
            let ended = line.elapsed();
            let (answer, looks) = line.answer(&event).await;
            assert!(!answer.is_success(), "{refused:?}");
            assert!(
                line.elapsed().saturating_sub(ended) < MINUTE,
                "{refused:?}: {:?}",
                line.elapsed().saturating_sub(ended)
            );
            let reason = answer.reason();
            assert!(
                reason.contains("no longer invited: rejected, expired or removed"),
                "{refused:?}: {reason}"
            );
            assert!(reason.contains(OUTSIDER) && reason.contains("Revision"), "{reason}");
            assert!(!writes(&looks).contains(&"AssociateResourceShare"), "{refused:?}");
            assert_eq!(line.world.live_shares(), Vec::<String>::new());
        }
    }
}

/// RAM's other behaviour: the owner cannot tell a rejected invitation from one that is not answered.
#[tokio::test(start_paused = true)]
async fn where_ram_does_not_show_a_rejection_the_wait_goes_on_to_its_end() {
    let line = line(RefusedInvitation::Stays);
    let event = line.create_waiting();
    line.waits(&event).await;
    line.world.end_invitation(&line.live_share(), OUTSIDER, Ending::Rejected);
    let (answer, _) = line.answer(&event).await;
    assert!(!answer.is_success() && answer.reason().contains("have not accepted"), "{}", answer.bytes);
    assert!(line.elapsed() >= 57 * MINUTE);
    assert_eq!(line.world.live_shares(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn an_account_that_the_owner_removes_while_it_is_waited_for_ends_the_wait() {
    let line = Line::new();
    let event = line.create_waiting();
    line.waits(&event).await;
    line.world.remove_by_hand(&line.live_share(), &[OUTSIDER]).await;
    let (answer, looks) = line.answer(&event).await;
    assert!(!answer.is_success() && answer.reason().contains("no longer invited"), "{}", answer.bytes);
    assert_eq!(looks.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_change_of_revision_invites_again_whom_ram_has_dropped() {
    for refused in GONE {
        for later in [SECOND, 10 * MINUTE] {
            let line = line(refused);
            let first = external(shared(&line.world, &[MEMBER, OUTSIDER]));
            let created = succeeded(line.world.create("Share", first.clone()).await);
            let id = created.physical_id().to_owned();
            assert_eq!(created.attribute("PendingAccounts"), OUTSIDER);
            line.world.end_invitation(&id, OUTSIDER, Ending::Expired);
            tokio::time::sleep(later).await;
            let wanted = with(waiting(first), "Revision", json!("2"));
            let event = line.update(&id, wanted).await;
            line.waits(&event).await;
            assert_eq!(line.world.pending(), [OUTSIDER], "{refused:?}");
            line.world.accept(OUTSIDER).await;
            let (answer, _) = line.answer(&event).await;
            succeeded(answer);
            assert_eq!(line.world.reaches(OUTSIDER), 1, "{refused:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_that_asks_for_it_waits_for_accounts_that_were_invited_before() {
    let line = Line::new();
    let first = external(shared(&line.world, &[OUTSIDER]));
    let id = succeeded(line.world.create("Share", first.clone()).await).physical_id().to_owned();
    let event = line.update(&id, waiting(first)).await;
    let mark = line.world.mark();
    line.waits(&event).await;
    assert_eq!(line.world.written_since(mark), Vec::<String>::new());
    line.world.accept(OUTSIDER).await;
    succeeded(line.answer(&event).await.0);
}

/// The rollback removes the very accounts that are waited for; the look of the update that it overtook does nothing.
#[tokio::test(start_paused = true)]
async fn a_rollback_removes_the_accounts_that_were_waited_for_and_the_overtaken_look_writes_nothing() {
    let line = Line::new();
    let first = external(shared(&line.world, &[MEMBER]));
    let id = succeeded(line.world.create("Share", first.clone()).await).physical_id().to_owned();
    let mut wanted = waiting(first.clone());
    let mut principals = partners(3);
    principals.push(MEMBER.to_owned());
    wanted["Principals"] = json!(principals);
    let event = line.update(&id, wanted).await;
    line.waits(&event).await;
    line.run_for(2 * MINUTE).await;
    assert_eq!(line.world.pending(), partners(3));
    let back = line.update(&id, first).await;
    line.deliver(&back).await.unwrap();
    succeeded(line.world.s3.answer_to(&back.request_id).unwrap());
    assert_eq!(line.world.pending(), Vec::<String>::new());
    let looks = line.run().await;
    assert_eq!((looks.len(), looks[0].calls.len()), (1, 0), "{looks:?}");
    assert_eq!(line.world.s3.answer_to(&event.request_id), None);
    assert!(line.world.members(&id).contains(MEMBER));
}

#[tokio::test(start_paused = true)]
async fn a_delete_during_the_wait_ends_it() {
    let line = Line::new();
    let event = line.create_waiting();
    line.waits(&event).await;
    line.world.later().await;
    let gone = line.world.event("Delete", Some("licenses-Share-1ABCDEF"), "Share", json!({}));
    line.deliver(&gone).await.unwrap();
    succeeded(line.world.s3.answer_to(&gone.request_id).unwrap());
    let looks = line.run().await;
    assert_eq!((looks.len(), looks[0].calls.len()), (1, 0));
    assert_eq!((line.world.live_shares().len(), line.world.pending().len()), (0, 0));
}

/// A rollback must not fail, nor last as long as people take.
#[tokio::test(start_paused = true)]
async fn a_return_to_earlier_properties_waits_for_nobody() {
    let line = Line::new();
    let first = waiting(shared(&line.world, &[OUTSIDER]));
    let event = line.world.event("Create", None, "Share", first.clone());
    line.waits(&event).await;
    line.world.accept(OUTSIDER).await;
    let id = succeeded(line.answer(&event).await.0).physical_id().to_owned();
    let mut fewer = first.clone();
    fewer["Principals"] = json!([MEMBER]);
    succeeded(line.world.update(&id, "Share", fewer).await);
    let back = line.update(&id, first).await;
    line.deliver(&back).await.unwrap();
    let answer = succeeded(line.world.s3.answer_to(&back.request_id).unwrap());
    assert_eq!(answer.attribute("PendingAccounts"), OUTSIDER);
}

/// Whoever answered before the first look is not asked for twice, and a second delivery begins no second share.
#[tokio::test(start_paused = true)]
async fn a_delivery_that_comes_again_waits_for_the_same_share() {
    let line = Line::new();
    let event = line.create_waiting();
    line.waits(&event).await;
    line.deliver(&event).await.unwrap();
    assert_eq!((line.world.live_shares().len(), line.world.pending().len()), (1, 1));
    line.world.accept(OUTSIDER).await;
    succeeded(line.answer(&event).await.0);
}

/// An existing share: accounts that others invited are not this resource's to wait for.
#[tokio::test(start_paused = true)]
async fn an_attachment_waits_for_its_own_accounts() {
    use crate::support::console::{BARE, ByHand};
    use crate::support::world::attached;
    let line = Line::new();
    let licenses = line.world.license_configurations(1);
    let theirs = partners(1);
    let principals: Vec<&str> = theirs.iter().map(String::as_str).collect();
    let share = line.world.share_by_hand(ByHand { external: true, principals: &principals, ..BARE }).await;
    let wanted = with(attached(&share, &licenses, &[OUTSIDER]), "WaitForAcceptance", json!("true"));
    let event = line.world.event("Create", None, "Added", wanted);
    line.waits(&event).await;
    line.world.accept(OUTSIDER).await;
    let answer = succeeded(line.answer(&event).await.0);
    assert_eq!(answer.attribute("PendingAccounts"), theirs[0]);
}

/// Without the property an invited account keeps nobody waiting.
#[tokio::test(start_paused = true)]
async fn without_it_pending_accounts_are_an_attribute() {
    let world = World::new();
    let created = succeeded(world.create("Share", external(shared(&world, &[OUTSIDER]))).await);
    assert_eq!(created.attribute("PendingAccounts"), OUTSIDER);
}
