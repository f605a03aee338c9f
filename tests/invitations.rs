//! RAM allows 20 pending invitations an account: more partners are invited in turn.

use crate::support::console::{BARE, ByHand};
use crate::support::flows::succeeded;
use crate::support::partners::{external, partners, shared, waiting};
use crate::support::queue::{Line, Looked, writes};
use crate::support::refusals::without_trailer;
use crate::support::world::{MEMBER, OUTSIDER, World, attached, own};
use expect_test::expect;
use local_cloud::ram::InvitationLimit;
use serde_json::{Value, json};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

const SWITCHES: [InvitationLimit; 2] = [InvitationLimit::Refused, InvitationLimit::Fails];

fn line(limit: InvitationLimit) -> Line {
    let line = Line::new();
    line.world.cloud().change_settings(|settings| settings.ram.invitation_limit = limit);
    line
}

fn members(world: &World, count: usize) -> Vec<String> {
    let accounts: Vec<String> = (0..count).map(|n| format!("{:012}", 300_000_000_000_usize + n)).collect();
    for account in &accounts {
        assert!(world.cloud().add_account(&world.organization, None, account));
    }
    accounts
}

fn count(calls: &[String], operation: &str) -> usize {
    calls.iter().filter(|call| *call == operation).count()
}

/// Partners accept one after the other, each so long after the one before, until all have been invited and, where that
/// is waited for, accepted.
async fn in_turn(properties: fn(Value) -> Value, apart: Duration) -> (Line, Vec<Looked>) {
    let line = Line::new();
    let all = partners(60);
    let event = line.world.event("Create", None, "Share", properties(shared(&line.world, &all)));
    line.waits(&event).await;
    assert_eq!(line.world.pending(), all[..20]);
    let (mut looks, mut accepted) = (Vec::new(), 0);
    while line.world.s3.answer_to(&event.request_id).is_none() {
        looks.extend(line.run_for(apart).await);
        assert!(line.world.pending().len() <= 20);
        if let Some(next) = line.world.pending().first() {
            line.world.accept(next).await;
            accepted += 1;
        }
        assert!(accepted <= 60, "no end");
    }
    succeeded(line.world.s3.answer_to(&event.request_id).unwrap());
    assert_eq!(line.world.members(&line.live_share()).len(), 61);
    assert_eq!((line.queue.waiting().len(), line.queue.dead().len()), (0, 0));
    (line, looks)
}

fn assert_cheap(looks: &[Looked]) {
    assert!(looks.len() < 65, "{}", looks.len());
    for look in looks {
        assert!(look.took < SECOND && look.result.is_ok(), "{look:?}");
        assert!(count(&look.calls, "AssociateResourceShare") <= 1, "{look:?}");
        assert!(look.calls.len() <= 5, "{look:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn sixty_partners_are_all_invited_in_turn_as_they_accept_one_after_another() {
    let (line, looks) = in_turn(external, MINUTE).await;
    assert!((40 * MINUTE..43 * MINUTE).contains(&line.elapsed()), "{:?}", line.elapsed());
    assert_cheap(&looks);
    assert!(line.world.pending().len() >= 19, "the last ones need not have accepted");
}

#[tokio::test(start_paused = true)]
async fn sixty_partners_are_invited_in_turn_and_waited_for() {
    let (line, looks) = in_turn(waiting, 50 * SECOND).await;
    assert_cheap(&looks);
    assert_eq!(line.world.pending(), Vec::<String>::new());
    assert_eq!(line.world.reaches(&partners(60)[59]), 1);
}

#[tokio::test(start_paused = true)]
async fn partners_that_never_accept_and_those_not_invited_are_named_with_the_quota() {
    let line = Line::new();
    let all = partners(43);
    let event = line.world.event("Create", None, "Share", external(shared(&line.world, &all)));
    line.waits(&event).await;
    let (answer, looks) = line.answer(&event).await;
    assert!(!answer.is_success());
    expect!["creating license configuration share (Share): after 57 minutes AWS RAM allows an account 20 pending invitations: not invited yet: 900000000020, 900000000021, 900000000022, 900000000023, 900000000024, 900000000025, 900000000026, 900000000027, 900000000028, 900000000029, 900000000030, 900000000031, 900000000032, 900000000033, 900000000034, 900000000035, 900000000036, 900000000037, 900000000038, 900000000039, and 3 more; not accepted by 900000000000, 900000000001, 900000000002, 900000000003, 900000000004, 900000000005, 900000000006, 900000000007, 900000000008, 900000000009, 900000000010, 900000000011, 900000000012, 900000000013, 900000000014, 900000000015, 900000000016, 900000000017, 900000000018, 900000000019. Invitations of all resource shares of this account and Region count. Let accounts accept in AWS RAM, or through AcceptanceRoleName, or withdraw invitations that nobody accepts; then try again"].assert_eq(without_trailer(answer.reason()));
    assert_eq!(writes(&looks), ["DeleteResourceShare"]);
    assert_eq!((line.world.live_shares().len(), line.world.pending().len()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn accounts_of_the_organization_need_no_invitation_and_follow_in_the_same_invocation() {
    for late in [Duration::ZERO, 2 * SECOND] {
        let world = World::new();
        world.cloud().change_settings(|settings| settings.ram.times.associate_account = late);
        let accounts = members(&world, 210);
        let mark = world.mark();
        let created = succeeded(world.create("Share", external(shared(&world, &accounts))).await);
        assert_eq!(world.members(created.physical_id()).len(), 211);
        let written = world.written_since(mark);
        assert_eq!((count(&written, "CreateResourceShare"), written.len()), (1, 11), "{written:?}");
        let reads = world.operations_since(mark).len() - written.len();
        assert!(reads <= 16, "{reads}");
        assert_eq!(created.attribute("PendingAccounts"), "");
    }
}

#[tokio::test(start_paused = true)]
async fn where_nobody_outside_is_allowed_accounts_come_by_the_hundred() {
    let world = World::new();
    let accounts = members(&world, 210);
    let mark = world.mark();
    succeeded(world.create("Share", shared(&world, &accounts)).await);
    assert_eq!(world.written_since(mark).len(), 3);
}

#[tokio::test(start_paused = true)]
async fn members_and_partners_mixed_all_come_in() {
    let line = Line::new();
    let all = [members(&line.world, 30), partners(25)].concat();
    let event = line.world.event("Create", None, "Share", external(shared(&line.world, &all)));
    line.waits(&event).await;
    assert_eq!((line.world.pending().len(), line.world.members(&line.live_share()).len()), (20, 51));
    for partner in &partners(5) {
        line.world.accept(partner).await;
    }
    let (answer, looks) = line.answer(&event).await;
    assert_eq!(succeeded(answer).attribute("PendingAccountsCount"), "20");
    assert_eq!(writes(&looks), ["AssociateResourceShare"]);
}

/// Another share's invitations count too, and nobody can list them.
async fn crowded(line: &Line) -> String {
    let theirs = partners(18);
    let theirs: Vec<&str> = theirs.iter().map(String::as_str).collect();
    line.world.share_by_hand(ByHand { external: true, principals: &theirs, ..BARE }).await
}

const OURS: [&str; 5] = ["800000000001", "800000000002", "800000000003", "800000000004", "800000000005"];

#[tokio::test(start_paused = true)]
async fn invitations_of_other_shares_are_waited_out_on_create() {
    for limit in SWITCHES {
        let line = line(limit);
        crowded(&line).await;
        let event = line.world.event("Create", None, "Share", external(shared(&line.world, &OURS)));
        line.waits(&event).await;
        assert_eq!(line.world.pending().len(), 20, "{limit:?}");
        let quiet = line.run_for(10 * MINUTE).await;
        for look in &quiet {
            assert!(writes(std::slice::from_ref(look)).len() <= 1, "{limit:?}: {look:?}");
        }
        for partner in &partners(3) {
            line.world.accept(partner).await;
        }
        let answer = succeeded(line.answer(&event).await.0);
        assert_eq!(answer.attribute("PendingAccounts"), OURS.join(","), "{limit:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn invitations_of_other_shares_are_waited_out_on_update() {
    for limit in SWITCHES {
        let line = line(limit);
        let first = external(shared(&line.world, &[MEMBER]));
        let id = succeeded(line.world.create("Share", first.clone()).await).physical_id().to_owned();
        crowded(&line).await;
        let mut wanted = first.clone();
        wanted["Principals"] = json!(OURS);
        let event = line.update(&id, wanted).await;
        line.waits(&event).await;
        assert!(line.world.members(&id).contains(MEMBER), "additions come before removals");
        for partner in &partners(3) {
            line.world.accept(partner).await;
        }
        succeeded(line.answer(&event).await.0);
        assert_eq!(line.world.members(&id).len(), 6, "{limit:?}");
        assert!(!line.world.members(&id).contains(MEMBER));
    }
}

#[tokio::test(start_paused = true)]
async fn invitations_of_other_shares_that_stay_are_named_by_rams_words() {
    for limit in SWITCHES {
        let line = line(limit);
        crowded(&line).await;
        let event = line.world.event("Create", None, "Share", external(shared(&line.world, &OURS)));
        line.waits(&event).await;
        let (answer, _) = line.answer(&event).await;
        let reason = answer.reason();
        assert!(!answer.is_success() && reason.contains("20 pending invitations"), "{limit:?}: {reason}");
        assert!(reason.contains("would exceed the quota") && reason.contains(OURS[4]), "{limit:?}: {reason}");
        assert!(!line.world.live_shares().contains(&"licenses".to_owned()), "{limit:?}");
    }
}

/// Those who are to go and have not accepted lose nothing, and would be in the way of those who come.
#[tokio::test(start_paused = true)]
async fn pending_accounts_that_are_exchanged_for_others_make_room_first() {
    let line = Line::new();
    let all = partners(40);
    let first = external(shared(&line.world, &all[..20]));
    let id = succeeded(line.world.create("Share", first.clone()).await).physical_id().to_owned();
    let mut wanted = first.clone();
    wanted["Principals"] = json!(all[20..]);
    succeeded(line.world.update(&id, "Share", wanted).await);
    assert_eq!(line.world.pending(), all[20..]);
}

#[tokio::test(start_paused = true)]
async fn a_rollback_between_two_batches_leaves_what_was_there() {
    let line = Line::new();
    let first = external(shared(&line.world, &[MEMBER]));
    let id = succeeded(line.world.create("Share", first.clone()).await).physical_id().to_owned();
    let mut wanted = first.clone();
    wanted["Principals"] = json!([vec![MEMBER.to_owned()], partners(50)].concat());
    let event = line.update(&id, wanted).await;
    line.waits(&event).await;
    line.world.accept(&partners(1)[0]).await;
    line.run_for(2 * MINUTE).await;
    assert_eq!(line.world.pending().len(), 20);
    let back = line.update(&id, first).await;
    line.deliver(&back).await.unwrap();
    succeeded(line.world.s3.answer_to(&back.request_id).unwrap());
    assert_eq!((line.world.pending().len(), line.world.members(&id).len()), (0, 2));
    let looks = line.run().await;
    assert_eq!((looks.len(), looks[0].calls.len()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_return_to_more_partners_than_fit_leaves_the_rest_out_with_a_warning() {
    let line = Line::new();
    let all = partners(22);
    let first = external(shared(&line.world, &all));
    let event = line.world.event("Create", None, "Share", first.clone());
    line.waits(&event).await;
    for partner in &all[..2] {
        line.world.accept(partner).await;
    }
    let id = succeeded(line.answer(&event).await.0).physical_id().to_owned();
    let mut fewer = first.clone();
    fewer["Principals"] = json!([MEMBER]);
    succeeded(line.world.update(&id, "Share", fewer).await);
    let back = succeeded(line.world.update(&id, "Share", first).await);
    assert_eq!(line.world.pending().len(), 20);
    assert!(back.attribute("Warnings").contains("not invited"), "{}", back.attribute("Warnings"));
    assert!(back.attribute("Warnings").contains(&all[21]));
}

/// Batches wait for room, and not for anybody in particular.
#[tokio::test(start_paused = true)]
async fn a_partner_that_rejects_while_others_wait_for_room_is_left_out_with_a_warning() {
    let line = Line::new();
    let all = partners(21);
    let event = line.world.event("Create", None, "Share", external(shared(&line.world, &all)));
    line.waits(&event).await;
    line.world.end_invitation(&line.live_share(), &all[0], local_cloud::ram::Ending::Rejected);
    let answer = succeeded(line.answer(&event).await.0);
    assert!(answer.attribute("Warnings").contains("no longer invited"), "{}", answer.attribute("Warnings"));
    assert_eq!(line.world.pending(), all[1..]);
}

#[tokio::test(start_paused = true)]
async fn an_attachment_counts_the_invitations_of_others_on_its_share() {
    let line = Line::new();
    let licenses = line.world.license_configurations(1);
    let share = crowded(&line).await;
    let event = line.world.event("Create", None, "Added", attached(&share, &licenses, &OURS));
    let mark = line.world.mark();
    line.waits(&event).await;
    assert_eq!(
        line.world.written_since(mark),
        ["AssociateResourceShare"; 2],
        "one for the license configuration"
    );
    assert_eq!(line.world.pending().len(), 20);
    for partner in &partners(3) {
        line.world.accept(partner).await;
    }
    succeeded(line.answer(&event).await.0);
    succeeded(
        line.world.delete(line.world.s3.answer_to(&event.request_id).unwrap().physical_id(), "Added").await,
    );
    assert_eq!(line.world.members(&share).len(), 18);
}

#[tokio::test(start_paused = true)]
async fn without_sharing_in_the_organization_its_accounts_are_invited_in_turn_too() {
    let line = Line::new();
    let accounts = members(&line.world, 22);
    let organization = line.world.organization.clone();
    line.world.cloud().set_ram_sharing(&organization, local_cloud::organizations::RamSharing::Off);
    let event = line.world.event("Create", None, "Share", external(shared(&line.world, &accounts)));
    line.waits(&event).await;
    assert_eq!(line.world.pending(), accounts[..20]);
    for account in &accounts[..2] {
        line.world.accept(account).await;
    }
    succeeded(line.answer(&event).await.0);
    assert_eq!(line.world.pending(), accounts[2..]);
}

#[tokio::test(start_paused = true)]
async fn a_share_of_many_members_and_a_partner_looks_cheaply_while_it_waits() {
    let line = Line::new();
    let all = [members(&line.world, 600), vec![OUTSIDER.to_owned()]].concat();
    let names: Vec<&str> = all.iter().map(String::as_str).collect();
    let event = line.world.event("Create", None, "Share", waiting(own("licenses", &[], &names)));
    let mark = line.world.mark();
    line.waits(&event).await;
    let written = line.world.written_since(mark).len();
    assert_eq!(written, 31);
    line.world.accept(OUTSIDER).await;
    succeeded(line.answer(&event).await.0);
}

/// The process dies after each call of the first invocation; Lambda delivers the event again.
#[tokio::test(start_paused = true)]
async fn a_crash_between_two_batches_invites_nobody_twice() {
    use crate::support::points::{Points, Run};
    for at in 0..40 {
        let line = Line::new();
        let all = [members(&line.world, 25), partners(25)].concat();
        let event = line.world.event("Create", None, "Share", external(shared(&line.world, &all)));
        let points = Points::dead_at(at);
        let process = line.world.process(&points, &[]).with_queue(line.queue.clone());
        if let Run::Ended(_) = points.until_stopped(line.world.deliver_to(&process, &event)).await {
            assert!(at > 10, "{at}");
            return;
        }
        line.deliver(&event).await.unwrap();
        let pending = line.world.pending();
        assert_eq!((line.world.live_shares().len(), pending.len()), (1, 20), "{at}: {}", points.last());
        for partner in &pending[..5] {
            line.world.accept(partner).await;
        }
        succeeded(line.answer(&event).await.0);
        assert_eq!(line.world.members(&line.live_share()).len(), 51, "{at}: {}", points.last());
    }
    panic!("there are more points than that");
}
