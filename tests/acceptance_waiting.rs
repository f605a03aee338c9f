//! Acceptances that outlast one invocation: invitations that come late or end, shares that are visible late or never.

use crate::support::flows::succeeded;
use crate::support::queue::{Line, Looked, writes};
use crate::support::refusals::without_trailer;
use crate::support::world::{ACCOUNT, with};
use expect_test::expect;
use local_cloud::Settings;
use local_cloud::ram::{Ending, Times, WithdrawnInvitation};
use serde_json::json;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const NEVER: Duration = Duration::from_secs(100 * 3600);

fn line(change: impl FnOnce(&mut Times)) -> Line {
    let mut settings = Settings::default();
    change(&mut settings.ram.times);
    Line::with(settings)
}

fn assert_short(looks: &[Looked]) {
    for look in looks {
        assert!(look.took < SECOND, "{look:?}");
        assert!(look.calls.len() <= 5, "{look:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_of_fifty_minutes_for_an_invitation_costs_at_most_65_short_invocations() {
    let line = Line::new();
    let share = line.world.foreign().await;
    let event = line.waits_for(share.listed()).await;
    assert!(line.elapsed() < SECOND, "nothing is waited for within the first invocation");
    let mut looks = line.run_for(50 * MINUTE).await;
    let invited = line.elapsed();
    line.world.invite(&share).await;
    let (answer, last) = line.answer(&event).await;
    looks.extend(last);
    succeeded(answer);
    assert!(line.elapsed() <= invited + MINUTE, "{:?} after {invited:?}", line.elapsed());
    assert!(looks.len() < 65, "{}", looks.len());
    assert_short(&looks);
    assert_eq!(writes(&looks), ["AcceptResourceShareInvitation"]);
    assert_eq!(line.queue.waiting().len() + line.queue.dead().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_invitation_that_is_shown_late_is_accepted_and_left() {
    let line = line(|times| times.invitation_shown = 3 * MINUTE);
    let share = line.world.invited().await;
    let event = line.waits_for(share.listed()).await;
    let (answer, _) = line.answer(&event).await;
    assert_eq!(succeeded(answer).attribute("AcceptedBy"), "Invitation");
    assert!(line.elapsed() < 5 * MINUTE, "{:?}", line.elapsed());
    succeeded(line.world.delete_acceptance(&share.id()).await);
    assert!(!line.world.is_in(&share, ACCOUNT));
}

#[tokio::test(start_paused = true)]
async fn an_invitation_that_never_comes_is_named_at_the_end_and_nothing_is_left() {
    let line = Line::new();
    let share = line.world.foreign().await;
    line.world.cloud().add_old_invitation(&share.arn, ACCOUNT, Ending::Expired);
    let event = line.waits_for(share.listed()).await;
    let (answer, looks) = line.answer(&event).await;
    let past = line.world.cloud().invitations()[0].arn.clone();
    let reason = answer.reason().replace(&share.arn, "<share>").replace(&past, "<invitation>");
    expect!["creating license share acceptance (Acceptance): after 57 minutes account 111122223333 sees neither the resource share <share> nor an invitation to it that can be accepted, the last one, <invitation>, is EXPIRED. See that the owner's stack names account 111122223333 among the Principals of the share (with AllowExternalPrincipals where it is outside the organization), then try again"].assert_eq(without_trailer(&reason));
    assert_eq!(answer.physical_id(), format!("license-config-share-acceptance/none/{}", event.request_id));
    assert!(looks.len() <= 70, "{}", looks.len());
    assert_eq!(writes(&looks), Vec::<&str>::new());
    succeeded(line.world.delete_acceptance(answer.physical_id()).await);
}

#[tokio::test(start_paused = true)]
async fn what_somebody_rejects_or_lets_expire_while_it_is_waited_for_is_named() {
    for (ending, became) in [
        (Ending::Rejected, "was rejected by somebody in account 111122223333"),
        (Ending::Expired, "has expired"),
    ] {
        let line = Line::new();
        let share = line.world.foreign().await;
        line.world.cloud().add_old_invitation(&share.arn, ACCOUNT, Ending::Rejected);
        let event = line.waits_for(share.listed()).await;
        line.run_for(3 * MINUTE).await;
        assert_eq!(line.world.s3.answers().len(), 0, "the older one is waited past");
        line.world.invite(&share).await;
        assert!(line.world.cloud().end_invitation(&share.arn, ACCOUNT, ending));
        let (answer, looks) = line.answer(&event).await;
        assert!(!answer.is_success() && answer.reason().contains(became), "{}", answer.bytes);
        assert!(answer.reason().contains("change Revision"), "{}", answer.reason());
        assert_eq!(writes(&looks), Vec::<&str>::new());
        assert!(line.elapsed() < 5 * MINUTE, "{:?}", line.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn somebody_who_accepts_while_it_is_waited_for_is_not_taken_out_later() {
    let line = Line::new();
    let share = line.world.foreign().await;
    let event = line.waits_for(share.listed()).await;
    line.run_for(MINUTE).await;
    line.world.invite(&share).await;
    line.world.accept(ACCOUNT).await;
    let (answer, looks) = line.answer(&event).await;
    assert_eq!(succeeded(answer).attribute("AcceptedBy"), "Invitation");
    assert_eq!(writes(&looks), Vec::<&str>::new());
    succeeded(line.world.delete_acceptance(&share.id()).await);
    assert!(line.world.is_in(&share, ACCOUNT));
}

#[tokio::test(start_paused = true)]
async fn a_share_that_is_visible_after_minutes_is_waited_for_without_another_write() {
    let line = line(|times| times.share_shown = 10 * MINUTE);
    let share = line.world.invited().await;
    let event = line.waits_for(share.listed()).await;
    let (answer, looks) = line.answer(&event).await;
    succeeded(answer);
    assert!((10 * MINUTE..12 * MINUTE).contains(&line.elapsed()), "{:?}", line.elapsed());
    assert_eq!(writes(&looks), Vec::<&str>::new());
    assert_short(&looks);
    succeeded(line.world.delete_acceptance(&share.id()).await);
    assert!(!line.world.is_in(&share, ACCOUNT));
}

#[tokio::test(start_paused = true)]
async fn a_share_that_stays_unseen_is_a_warning_where_no_list_is_given() {
    let line = line(|times| times.share_shown = NEVER);
    let share = line.world.invited().await;
    let event = line.waits_for(share.properties()).await;
    let (answer, looks) = line.answer(&event).await;
    let answer = succeeded(answer);
    assert!((57 * MINUTE..58 * MINUTE).contains(&line.elapsed()), "{:?}", line.elapsed());
    assert!(answer.attribute("Warnings").contains("does not see it yet"), "{}", answer.bytes);
    assert_eq!((answer.attribute("Status"), answer.attribute("AcceptedBy")), ("UNKNOWN", "Invitation"));
    assert_eq!(writes(&looks), Vec::<&str>::new());
    assert!(line.world.is_in(&share, ACCOUNT));
    succeeded(line.world.delete_acceptance(answer.physical_id()).await);
}

#[tokio::test(start_paused = true)]
async fn a_share_that_stays_unseen_fails_where_a_list_is_given_and_its_delete_leaves_it() {
    let line = line(|times| times.share_shown = NEVER);
    let share = line.world.invited().await;
    let event = line.waits_for(share.listed()).await;
    let (answer, _) = line.answer(&event).await;
    let reason = answer.reason().replace(&share.arn, "<share>");
    expect!["creating license share acceptance (Acceptance): after 57 minutes account 111122223333 has accepted the resource share <share> and does not see it, or was taken out since. It can take more than an hour: update the stack with another Revision then. The account stays in the share"].assert_eq(without_trailer(&reason));
    assert_eq!(answer.physical_id(), share.id(), "what was accepted lasts");
    assert!(line.world.is_in(&share, ACCOUNT));
    line.deliver(&event).await.unwrap();
    assert!(line.world.is_in(&share, ACCOUNT), "nor does a second delivery leave it");
    line.world.cloud().change_settings(|settings| settings.ram.times.share_shown = Duration::ZERO);
    succeeded(line.world.delete_acceptance(answer.physical_id()).await);
    assert!(!line.world.is_in(&share, ACCOUNT));
}

#[tokio::test(start_paused = true)]
async fn license_configurations_that_are_not_in_the_share_are_named_and_the_share_is_not_left() {
    let line = Line::new();
    let share = line.world.invited().await;
    let missing = share.licenses[0].replace("lic-", "lic-f");
    let wanted = json!([share.licenses[0], missing]);
    let event = line.waits_for(with(share.properties(), "LicenseConfigurationArns", wanted)).await;
    let (answer, _) = line.answer(&event).await;
    assert!(!answer.is_success());
    let text = format!("does not see {missing} in it");
    assert!(answer.reason().contains(&text), "{}", answer.reason());
    assert!(line.world.is_in(&share, ACCOUNT));
}

#[tokio::test(start_paused = true)]
async fn license_configurations_that_are_visible_later_than_the_share_are_waited_for() {
    let line = line(|times| times.resources_shown = 4 * MINUTE);
    let share = line.world.invited().await;
    let event = line.waits_for(share.listed()).await;
    let (answer, _) = line.answer(&event).await;
    assert_eq!(succeeded(answer).attribute("LicenseConfigurationArnsCount"), "2");
    assert!(line.elapsed() < 6 * MINUTE, "{:?}", line.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_delete_during_the_wait_ends_it_and_a_later_invitation_is_not_accepted() {
    let line = Line::new();
    let share = line.world.foreign().await;
    let event = line.waits_for(share.listed()).await;
    line.run_for(2 * MINUTE).await;
    succeeded(line.world.delete_acceptance("licenses-Acceptance-1ABCDEF").await);
    line.world.invite(&share).await;
    let looks = line.run().await;
    assert_eq!(writes(&looks), Vec::<&str>::new());
    assert_eq!(line.world.s3.answer_to(&event.request_id), None);
    assert!(!line.world.is_in(&share, ACCOUNT));
}

#[tokio::test(start_paused = true)]
async fn a_rollback_during_the_wait_of_a_replacement_leaves_what_it_had_accepted() {
    let line = line(|times| times.share_shown = Duration::ZERO);
    let (first, second) = (line.world.invited().await, line.world.foreign_named("second").await);
    succeeded(line.world.create_acceptance(first.listed()).await);
    line.world.cloud().change_settings(|settings| settings.ram.times.share_shown = NEVER);
    line.world.invite(&second).await;
    line.world.later().await;
    let forward = line.world.acceptance_event("Update", Some(&first.id()), second.listed());
    line.waits(&forward).await;
    line.run_for(2 * MINUTE).await;
    assert!(line.world.is_in(&second, ACCOUNT));
    line.world.cloud().change_settings(|settings| settings.ram.times.share_shown = Duration::ZERO);
    let back = line.world.update_acceptance(&first.id(), first.listed()).await;
    assert_eq!(succeeded(back).physical_id(), first.id());
    line.run().await;
    assert!(line.world.is_in(&first, ACCOUNT) && !line.world.is_in(&second, ACCOUNT));
    assert_eq!(line.world.s3.answer_to(&forward.request_id), None);
}

#[tokio::test(start_paused = true)]
async fn an_invitation_that_the_owner_takes_back_is_waited_past_or_named_as_ram_shows_it() {
    for (shown, becomes) in [
        (WithdrawnInvitation::Vanishes, None),
        (WithdrawnInvitation::Expires, Some("has expired")),
        (WithdrawnInvitation::Stays, Some("ram:AcceptResourceShareInvitation")),
    ] {
        let line = Line::new();
        line.world.cloud().change_settings(|settings| settings.ram.withdrawn_invitation = shown);
        let share = line.world.foreign().await;
        let event = line.waits_for(share.listed()).await;
        line.world.invite(&share).await;
        line.world.outside().remove_by_hand(&share.arn, &[ACCOUNT]).await;
        line.run_for(2 * MINUTE).await;
        if becomes.is_none() {
            line.world.invite(&share).await;
        }
        let (answer, _) = line.answer(&event).await;
        let told = becomes.map(|text| (answer.reason().contains(text), answer.is_success()));
        assert_eq!(told.unwrap_or((true, false)), (true, false), "{shown:?}: {}", answer.bytes);
        assert_eq!(line.world.is_in(&share, ACCOUNT), becomes.is_none(), "{shown:?}: {}", answer.bytes);
    }
}

#[tokio::test(start_paused = true)]
async fn a_share_that_is_deleted_while_it_is_waited_for_ends_as_one_that_never_showed() {
    for listed in [true, false] {
        let line = line(|times| times.share_shown = NEVER);
        let share = line.world.invited().await;
        let properties = if listed { share.listed() } else { share.properties() };
        let event = line.waits_for(properties).await;
        line.run_for(5 * MINUTE).await;
        assert!(line.world.cloud().purge_share(&share.arn));
        let (answer, looks) = line.answer(&event).await;
        assert_eq!(answer.is_success(), !listed, "{}", answer.bytes);
        assert_eq!(writes(&looks), Vec::<&str>::new());
        succeeded(line.world.delete_acceptance(answer.physical_id()).await);
    }
}

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
    assert!(!answer.is_success() && answer.reason().contains(" is REJECTED"), "{}", answer.bytes);
}
