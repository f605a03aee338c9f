//! Changes that need another share: new id, the old share in force until CloudFormation deletes it.

use crate::support::console::{BARE, ByHand, set};
use crate::support::faults::denial;
use crate::support::s3::Put;
use crate::support::world::{ACCOUNT, MEMBER, OUTSIDER, REGION, World, attached, own, with};
use local_cloud::fault::FaultRule;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

#[derive(Clone, Copy, Debug)]
enum Change {
    NameToShare,
    ShareToName,
    Retain,
    OtherShare,
}

const ALL: [Change; 4] = [Change::NameToShare, Change::ShareToName, Change::Retain, Change::OtherShare];

fn retained(properties: Value) -> Value {
    with(
        with(properties, "AllowExternalPrincipals", json!(true)),
        "RetainSharingOnAccountLeaveOrganization",
        json!(true),
    )
}

fn external(properties: Value) -> Value {
    with(properties, "AllowExternalPrincipals", json!(true))
}

/// The properties before and after.
async fn properties(
    world: &World,
    change: Change,
    licenses: &[String],
    principals: &[&str],
) -> (Value, Value) {
    let own = || external(own("own", licenses, principals));
    let existing = world.share_by_hand(ByHand { name: "existing", external: true, ..BARE }).await;
    match change {
        Change::NameToShare => (own(), attached(&existing, licenses, principals)),
        Change::ShareToName => (attached(&existing, licenses, principals), own()),
        Change::Retain => (own(), retained(own())),
        Change::OtherShare => {
            let lm = world.cloud().create_license_manager_share(ACCOUNT, REGION);
            (attached(&existing, licenses, principals), attached(&lm, licenses, principals))
        }
    }
}

/// Principals that a replacement may have: nobody is invited.
fn principals(organization: &str, change: Change) -> Vec<&str> {
    match change {
        Change::Retain => vec![organization],
        // License Manager's share has the organization already.
        Change::OtherShare => vec![MEMBER],
        Change::NameToShare | Change::ShareToName => vec![organization, MEMBER],
    }
}

/// Shares by name, each with its members.
type Shares = Vec<(String, BTreeSet<String>)>;

/// What every live share has.
fn everything(world: &World) -> Shares {
    let live: Vec<(String, String)> = {
        let cloud = world.cloud();
        cloud
            .shares()
            .iter()
            .filter(|s| s.status.is_live())
            .map(|s| (s.name.clone(), s.arn.clone()))
            .collect()
    };
    let mut shares: Shares = live.into_iter().map(|(name, arn)| (name, world.members(&arn))).collect();
    shares.sort();
    shares
}

#[tokio::test(start_paused = true)]
async fn a_replacement_has_a_new_id_and_the_old_share_goes_with_the_delete_of_the_old_id() {
    for change in ALL {
        let world = World::new();
        let licenses = world.license_configurations(2);
        let organization = world.organization_arn();
        let (first, second) = properties(&world, change, &licenses, &principals(&organization, change)).await;
        let without = everything(&world);
        let created = world.create("Share", first).await;
        let old = everything(&world);
        let updated = world.update(created.physical_id(), "Share", second).await;
        assert!(updated.is_success(), "{change:?}: {}", updated.reason());
        assert_ne!(updated.physical_id(), created.physical_id(), "{change:?}");
        let both = everything(&world);
        for (name, members) in &old {
            assert!(
                both.iter().any(|(n, m)| n == name && m.is_superset(members)),
                "{change:?}: {name} lost members"
            );
        }
        let deleted = world.delete(created.physical_id(), "Share").await;
        assert!(deleted.is_success(), "{change:?}: {}", deleted.reason());
        assert_eq!(deleted.physical_id(), created.physical_id());
        let share = updated.attribute("ResourceShareArn").to_owned();
        assert!(licenses.iter().all(|license| world.members(&share).contains(license)), "{change:?}");
        let again = world.delete(updated.physical_id(), "Share").await;
        assert!(again.is_success(), "{change:?}: {}", again.reason());
        assert_eq!(everything(&world), without, "{change:?}");
    }
}

/// The Delete of the id that was replaced succeeds, and the resource lives on: its record must outlast any tombstone.
#[tokio::test(start_paused = true)]
async fn a_resource_whose_old_share_was_cleaned_up_stays_on_record_for_good() {
    for change in ALL {
        let world = World::new();
        let licenses = world.license_configurations(2);
        let organization = world.organization_arn();
        let (first, second) = properties(&world, change, &licenses, &principals(&organization, change)).await;
        let without = everything(&world);
        let created = world.create("Share", first).await;
        let updated = world.update(created.physical_id(), "Share", second).await;
        let cleaned_up = world.delete(created.physical_id(), "Share").await;
        assert!(updated.is_success() && cleaned_up.is_success(), "{change:?}: {}", cleaned_up.reason());
        tokio::time::advance(Duration::from_secs(30 * 24 * 3600)).await;
        world.records.drop_expired(world.clock.now());
        let records = world.records.all();
        assert!(records.len() == 1 && !records[0].1.ended, "{change:?}: {records:?}");
        let deleted = world.delete(updated.physical_id(), "Share").await;
        assert!(deleted.is_success(), "{change:?}: {}", deleted.reason());
        assert_eq!(everything(&world), without, "{change:?}");
    }
}

/// A replacement that failed, at one of its calls and so many after it.
struct Failed {
    world: World,
    /// The id that is in force.
    id: String,
    first: Value,
    second: Value,
    /// What there was before the resource, and before the replacement.
    without: Shares,
    before: Shares,
}

impl Failed {
    /// Denies so many calls of a replacement; `None` where that did not make it fail.
    async fn at(change: Change, after: u32, times: u32) -> Option<Self> {
        let world = World::new();
        let licenses = world.license_configurations(2);
        let organization = world.organization_arn();
        let (first, second) = properties(&world, change, &licenses, &principals(&organization, change)).await;
        let without = everything(&world);
        let id = world.create("Share", first.clone()).await.physical_id().to_owned();
        let before = everything(&world);
        let rule = FaultRule::always("ram", "*", denial());
        world.cloud().add_fault(FaultRule { after_calls: after, times: Some(times), ..rule });
        let updated = world.update(&id, "Share", second.clone()).await;
        if updated.is_success() {
            return None;
        }
        world.cloud().clear_faults();
        assert_eq!(updated.physical_id(), id, "{change:?} {after}");
        Some(Self { world, id, first, second, without, before })
    }
}

/// Denies so many calls of a replacement; whether that made it fail.
async fn failed(change: Change, after: u32, times: u32) -> bool {
    let Some(Failed { world, id, first, before, .. }) = Failed::at(change, after, times).await else {
        return false;
    };
    if times == 1 {
        assert_eq!(everything(&world), before, "{change:?} {after}");
    }
    let back = world.update(&id, "Share", first).await;
    assert!(back.is_success(), "{change:?} {after}: {}", back.reason());
    assert_eq!(back.physical_id(), id, "{change:?} {after}");
    assert_eq!(everything(&world), before, "{change:?} {after}");
    true
}

#[tokio::test(start_paused = true)]
async fn a_replacement_that_fails_at_any_call_takes_back_what_it_made_and_answers_the_old_id() {
    for change in ALL {
        for times in [1, 6] {
            let mut failures = 0;
            for after in 0..10 {
                failures += usize::from(failed(change, after, times).await);
            }
            assert!((2..10).contains(&failures), "{change:?}: {failures}");
        }
    }
}

/// What could not be taken back goes with the next request, whichever that is: with a Delete of the id in force.
#[tokio::test(start_paused = true)]
async fn a_delete_takes_along_what_a_failed_replacement_could_not_take_back() {
    for change in ALL {
        let mut left = 0;
        for after in 0..10 {
            let Some(failed) = Failed::at(change, after, 6).await else { continue };
            left += usize::from(everything(&failed.world) != failed.before);
            let deleted = failed.world.delete(&failed.id, "Share").await;
            assert!(deleted.is_success(), "{change:?} {after}: {}", deleted.reason());
            assert_eq!(everything(&failed.world), failed.without, "{change:?} {after}");
        }
        assert!(left > 0, "{change:?}: all was taken back");
    }
}

/// With another replacement, which leaves the share in force until its clean-up, and nothing else.
#[tokio::test(start_paused = true)]
async fn a_replacement_takes_along_what_a_failed_one_could_not_take_back() {
    for change in ALL {
        let mut left = 0;
        for after in 0..10 {
            let Some(failed) = Failed::at(change, after, 6).await else { continue };
            left += usize::from(everything(&failed.world) != failed.before);
            let count = |world: &World| world.live_shares().len();
            let updated = failed.world.update(&failed.id, "Share", failed.second).await;
            assert!(updated.is_success(), "{change:?} {after}: {}", updated.reason());
            assert_ne!(updated.physical_id(), failed.id, "{change:?} {after}");
            let made = usize::from(matches!(change, Change::ShareToName | Change::Retain));
            assert_eq!(count(&failed.world), failed.before.len() + made, "{change:?} {after}");
        }
        assert!(left > 0, "{change:?}: all was taken back");
    }
}

/// CloudFormation never took the new id, and sends no Delete of it.
#[tokio::test(start_paused = true)]
async fn a_rollback_with_the_old_id_takes_along_what_a_replacement_made_whose_answer_was_never_taken() {
    for change in ALL {
        let world = World::new();
        let licenses = world.license_configurations(2);
        let organization = world.organization_arn();
        let (first, second) = properties(&world, change, &licenses, &principals(&organization, change)).await;
        let created = world.create("Share", first.clone()).await;
        let before = everything(&world);
        world.later().await;
        let update = world.event("Update", Some(created.physical_id()), "Share", second);
        world.s3.next([Put::Status(403)]);
        world.deliver(&update).await.unwrap_err();
        assert_ne!(everything(&world), before, "{change:?}");
        let back = world.update(created.physical_id(), "Share", first).await;
        assert!(back.is_success(), "{change:?}: {}", back.reason());
        assert_eq!(back.physical_id(), created.physical_id(), "{change:?}");
        assert_eq!(everything(&world), before, "{change:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_replacement_is_rolled_back_to_the_old_share_with_either_id() {
    for change in ALL {
        for with_new_id in [true, false] {
            let world = World::new();
            let licenses = world.license_configurations(2);
            let organization = world.organization_arn();
            let (first, second) =
                properties(&world, change, &licenses, &principals(&organization, change)).await;
            let created = world.create("Share", first.clone()).await;
            let before = everything(&world);
            let updated = world.update(created.physical_id(), "Share", second).await;
            let id = if with_new_id { updated.physical_id() } else { created.physical_id() };
            let back = world.update(id, "Share", first).await;
            assert!(back.is_success(), "{change:?}: {}", back.reason());
            assert_eq!(back.physical_id(), created.physical_id(), "{change:?} {with_new_id}");
            let deleted = world.delete(updated.physical_id(), "Share").await;
            assert!(deleted.is_success(), "{change:?}: {}", deleted.reason());
            assert_eq!(everything(&world), before, "{change:?} {with_new_id}");
            let deleted = world.delete(created.physical_id(), "Share").await;
            assert!(deleted.is_success(), "{change:?}: {}", deleted.reason());
            assert!(
                !everything(&world).iter().any(|(_, members)| members.contains(&licenses[0])),
                "{change:?}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_replacement_with_invited_accounts_is_refused_and_names_them() {
    for change in ALL {
        let world = World::new();
        let licenses = world.license_configurations(1);
        let (first, second) = properties(&world, change, &licenses, &[OUTSIDER]).await;
        let created = world.create("Share", first.clone()).await;
        assert_eq!(created.attribute("PendingAccounts"), OUTSIDER);
        let before = everything(&world);
        let mark = world.mark();
        let updated = world.update(created.physical_id(), "Share", second).await;
        assert!(
            !updated.is_success() && updated.reason().contains(OUTSIDER),
            "{change:?}: {}",
            updated.bytes
        );
        assert_eq!(updated.physical_id(), created.physical_id());
        assert_eq!(world.written_since(mark), Vec::<String>::new(), "{change:?}");
        assert_eq!(everything(&world), before, "{change:?}");
        let back = world.update(created.physical_id(), "Share", first).await;
        assert!(back.is_success(), "{change:?}: {}", back.reason());
    }
}

#[tokio::test(start_paused = true)]
async fn accounts_that_have_accepted_would_have_to_accept_again_unless_they_have_in_the_new_share() {
    for accepted_there in [false, true] {
        let world = World::new();
        let licenses = world.license_configurations(2);
        let existing = world
            .share_by_hand(ByHand {
                external: true,
                resources: &licenses[1..],
                principals: &[OUTSIDER],
                ..BARE
            })
            .await;
        if accepted_there {
            world.accept(OUTSIDER).await;
        }
        let created = world.create("Share", external(own("own", &licenses, &[OUTSIDER]))).await;
        if !accepted_there {
            world.remove_by_hand(&existing, &[OUTSIDER]).await;
        }
        world.accept(OUTSIDER).await;
        let wanted = with(attached(&existing, &licenses[..1], &[OUTSIDER]), "AdoptExisting", json!(true));
        let updated = world.update(created.physical_id(), "Share", wanted).await;
        assert_eq!(updated.is_success(), accepted_there, "{}", updated.bytes);
        assert_eq!(updated.reason().contains(OUTSIDER), !accepted_there, "{}", updated.reason());
    }
}

#[tokio::test(start_paused = true)]
async fn a_resource_is_not_attached_to_the_share_that_its_replacement_would_delete() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let first = own("own", &licenses, &[MEMBER]);
    let created = world.create("Share", first.clone()).await;
    let share = created.physical_id().to_owned();
    let wanted = with(attached(&share, &licenses, &[MEMBER]), "AdoptExisting", json!(true));
    let updated = world.update(&share, "Share", wanted).await;
    assert!(!updated.is_success() && updated.reason().contains("this resource's own"), "{}", updated.bytes);
    assert!(world.update(&share, "Share", first).await.is_success());
    assert_eq!(world.members(&share), set([&licenses[0], MEMBER]));
    assert!(world.delete(&share, "Share").await.is_success());
    assert_eq!(world.live_shares(), Vec::<String>::new());
}

/// UpdateReplacePolicy: Retain keeps the replaced share. A later replacement is no rollback, and makes one of its own.
#[tokio::test(start_paused = true)]
async fn a_share_kept_by_update_replace_policy_is_not_taken_back_by_a_later_replacement() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let plain = |name: &str| with(own(name, &licenses, &[]), "AllowExternalPrincipals", json!(true));
    let retains = |name: &str| with(plain(name), "RetainSharingOnAccountLeaveOrganization", json!(true));
    let kept = world.create("Share", plain("first")).await.physical_id().to_owned();
    let second = world.update(&kept, "Share", retains("second")).await.physical_id().to_owned();
    let third = world.update(&second, "Share", plain("third")).await;
    assert!(third.is_success(), "{}", third.reason());
    assert_ne!(third.physical_id(), kept);
    assert_eq!(world.look(&kept).name, "first");
}
