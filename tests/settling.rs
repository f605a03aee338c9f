//! What takes its time in RAM, never comes about, or fails.

use crate::support::flows::{life_of_an_attachment, life_of_an_own_share, set, succeeded};
use crate::support::refusals::without_trailer;
use crate::support::world::{MEMBER, MEMBER_2, World, own};
use expect_test::expect;
use local_cloud::ram::{BlockedBy, FailAssociation, Times};
use std::time::Duration;
use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);

fn slow(by: Duration) -> World {
    let world = World::new();
    world.cloud().change_settings(|settings| settings.ram.times = times(by));
    world
}

fn times(by: Duration) -> Times {
    Times {
        share_pending: by,
        share_deleting: by,
        associate_resource: by,
        associate_account: by,
        associate_organization: by,
        disassociate_resource: by,
        disassociate_principal: by,
        ..Times::default()
    }
}

#[tokio::test(start_paused = true)]
async fn what_settles_late_is_waited_for() {
    for (delay, most) in [(0, 1), (1, 3), (20, 34)] {
        let world = slow(delay * SECOND);
        let licenses = world.license_configurations(1);
        let start = Instant::now();
        let created = succeeded(world.create("Share", own("licenses", &licenses, &[MEMBER])).await);
        let took = start.elapsed();
        // The share is PENDING first; its associations settle meanwhile.
        assert!(took >= delay * SECOND && took <= most * SECOND, "{took:?} for {delay} s");
        assert_eq!(created.attribute("Status"), "ACTIVE");
        succeeded(world.delete(created.physical_id(), "Share").await);
    }
}

#[tokio::test(start_paused = true)]
async fn whole_lives_pass_the_same_when_everything_takes_a_second() {
    life_of_an_own_share(&slow(SECOND)).await;
    life_of_an_attachment(&slow(SECOND)).await;
}

#[tokio::test(start_paused = true)]
async fn whole_lives_pass_the_same_when_ram_refuses_removals_while_members_settle() {
    for blocked in [BlockedBy::Settling, BlockedBy::SettlingAndInvited] {
        let world = slow(3 * SECOND);
        world.cloud().change_settings(|settings| {
            settings.ram.disassociate_blocked_by = blocked;
            settings.ram.delete_blocked_by = blocked;
        });
        life_of_an_own_share(&world).await;
    }
}

/// Each look takes at most one call for the license configurations and one for the principals.
#[tokio::test(start_paused = true)]
async fn a_further_look_costs_at_most_two_calls() {
    let world = World::new();
    world.cloud().change_settings(|settings| {
        settings.ram.times = Times { share_pending: Duration::ZERO, ..times(20 * SECOND) };
    });
    let licenses = world.license_configurations(3);
    let mark = world.mark();
    succeeded(world.create("Share", own("licenses", &licenses, &[MEMBER, MEMBER_2])).await);
    let calls = world.calls_since(mark);
    let mut looks: Vec<Duration> = calls.iter().skip(2).map(|call| call.at).collect();
    assert!(calls.iter().skip(2).all(|call| call.operation == "GetResourceShareAssociations"));
    let count = looks.len();
    looks.dedup();
    assert!(count <= 2 * looks.len(), "{count} calls in {} looks", looks.len());
    assert!((6..=8).contains(&looks.len()), "{looks:?}");
    for (pair, apart) in looks.windows(2).zip([0.3, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]) {
        let gap = pair[1].checked_sub(pair[0]).unwrap().as_secs_f64();
        assert!((gap - apart).abs() <= 0.2 * apart + 0.01, "{gap} s where {apart} s were meant");
    }
}

#[tokio::test(start_paused = true)]
async fn members_that_never_settle_are_named_in_time_and_nothing_is_left() {
    let mut texts = Vec::new();
    for blocked in [BlockedBy::Nothing, BlockedBy::Settling] {
        let world = World::new();
        world.cloud().change_settings(|settings| {
            settings.ram.times.associate_account = 10_000 * SECOND;
            settings.ram.delete_blocked_by = blocked;
        });
        let licenses = world.license_configurations(1);
        let start = Instant::now();
        let created = world.create("Share", own("licenses", &licenses, &[MEMBER, MEMBER_2])).await;
        assert!(start.elapsed() < Duration::from_millis(118_500), "{:?}", start.elapsed());
        assert!(!created.is_success());
        let reason = without_trailer(created.reason());
        let seconds = reason.split_once(": after ").and_then(|(_, rest)| rest.split_once(" s ")).unwrap().0;
        assert!(seconds.parse::<u64>().is_ok_and(|seconds| (60..118).contains(&seconds)), "{reason}");
        texts.push(reason.replace(seconds, "N"));
        if blocked == BlockedBy::Nothing {
            assert_eq!(world.live_shares(), Vec::<String>::new());
        }
    }
    texts.dedup();
    expect!["creating license configuration share (Share): after N s AWS RAM has not settled 222233334444 (ASSOCIATING), 333344445555 (ASSOCIATING). Try again in a few minutes; if it stays so, ask AWS Support"].assert_eq(&texts.join("\n"));
}

/// The stack's own ServiceTimeout counts, less what the answer's way takes.
#[tokio::test(start_paused = true)]
async fn a_short_service_timeout_is_kept() {
    for (timeout, last_word) in [("60", 40), ("30", 10), ("300", 119)] {
        let world = World::new();
        world.cloud().change_settings(|settings| settings.ram.times.associate_account = 10_000 * SECOND);
        let mut event = world.event("Create", None, "Share", own("licenses", &[], &[MEMBER]));
        event.json["ServiceTimeout"] = timeout.into();
        let start = Instant::now();
        let created = world.answer(&event).await;
        assert!(created.reason().contains("AWS RAM has not settled"), "{}", created.reason());
        assert!(start.elapsed() <= last_word * SECOND, "{:?} of {timeout} s", start.elapsed());
        assert_eq!(world.live_shares(), Vec::<String>::new());
    }
}

#[tokio::test(start_paused = true)]
async fn a_share_that_ram_gives_up_on_is_told_and_removed() {
    let world = World::new();
    let failed = "\"status\":\"FAILED\",\"statusMessage\":\"RAM has no room.\"";
    world.client.rewrite("\"status\":\"ACTIVE\"", failed, 1);
    let created = world.create("Share", own("licenses", &[], &[MEMBER])).await;
    assert!(!created.is_success());
    let reason = without_trailer(created.reason());
    assert!(
        reason.ends_with(
            " is FAILED: RAM has no room. Try again; if it stays so, ask AWS Support about this share"
        ),
        "{reason}"
    );
    assert_eq!(world.live_shares(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_member_that_never_leaves_is_named_in_time() {
    let world = World::new();
    world.cloud().change_settings(|settings| settings.ram.times.disassociate_principal = 10_000 * SECOND);
    let created = succeeded(world.create("Share", own("licenses", &[], &[MEMBER, MEMBER_2])).await);
    let updated = world.update(created.physical_id(), "Share", own("licenses", &[], &[MEMBER])).await;
    assert!(!updated.is_success());
    assert!(
        updated.reason().contains(&format!("has not settled {MEMBER_2} (DISASSOCIATING)")),
        "{}",
        updated.reason()
    );
}

#[tokio::test(start_paused = true)]
async fn a_failed_member_is_named_with_rams_own_words_and_nothing_is_left() {
    for (delay, expected) in [
        (
            0,
            expect![
                "creating license configuration share (Share): AWS RAM gave up on LICENSE: The license configuration is in use; 222233334444: The account is suspended. Put right what it names, or take that member out of the template, and try again"
            ],
        ),
        (
            2,
            expect![
                "creating license configuration share (Share): AWS RAM gave up on LICENSE: The license configuration is in use; 222233334444: The account is suspended. Put right what it names, or take that member out of the template, and try again"
            ],
        ),
    ] {
        let world = slow(delay * SECOND);
        let licenses = world.license_configurations(2);
        world.cloud().fail_association(FailAssociation::of(MEMBER, "The account is suspended."));
        world
            .cloud()
            .fail_association(FailAssociation::of(&licenses[1], "The license configuration is in use."));
        let created = world.create("Share", own("licenses", &licenses, &[MEMBER, MEMBER_2])).await;
        assert!(!created.is_success());
        expected.assert_eq(&without_trailer(created.reason()).replace(&licenses[1], "LICENSE"));
        assert_eq!(world.live_shares(), Vec::<String>::new());
        succeeded(world.delete(created.physical_id(), "Share").await);
    }
}

/// After a failure an Update leaves the share as it was before.
#[tokio::test(start_paused = true)]
async fn a_failed_member_of_an_update_is_named_and_the_rollback_succeeds() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let before = own("licenses", &licenses, &[MEMBER]);
    let created = succeeded(world.create("Share", before.clone()).await);
    let failing =
        FailAssociation { times: Some(1), ..FailAssociation::of(MEMBER_2, "The account is suspended.") };
    world.cloud().fail_association(failing);
    let updated =
        world.update(created.physical_id(), "Share", own("licenses", &licenses, &[MEMBER, MEMBER_2])).await;
    assert!(!updated.is_success());
    assert!(
        updated.reason().contains(&format!("{MEMBER_2}: The account is suspended")),
        "{}",
        updated.reason()
    );
    succeeded(world.update(created.physical_id(), "Share", before).await);
    assert_eq!(world.members(created.physical_id()), set(&[&licenses[0], MEMBER]));
}

/// A status that RAM does not have today: it is looked at again until it is one that is known.
#[tokio::test(start_paused = true)]
async fn an_unknown_status_is_looked_at_again() {
    let world = World::new();
    world.client.rewrite("\"ASSOCIATED\"", "\"WARMING_UP\"", 2);
    world.client.rewrite("\"status\":\"ACTIVE\"", "\"status\":\"HATCHING\"", 2);
    let created = succeeded(world.create("Share", own("licenses", &[], &[MEMBER, MEMBER_2])).await);
    assert_eq!(created.attribute("Status"), "ACTIVE");
}

#[tokio::test(start_paused = true)]
async fn an_unknown_status_that_stays_is_named_in_the_end() {
    let world = World::new();
    world.client.rewrite("\"ASSOCIATED\"", "\"WARMING_UP\"", usize::MAX);
    let created = world.create("Share", own("licenses", &[], &[MEMBER])).await;
    assert!(!created.is_success());
    let expected = format!("has not settled {MEMBER} (WARMING_UP)");
    assert!(created.reason().contains(&expected), "{}", created.reason());
    assert_eq!(world.live_shares(), Vec::<String>::new());
}
