//! The order of an Update's changes, watched while RAM takes its time: nobody sees what they should not, and nobody who
//! stays loses anything in passing.

use crate::support::console::Look;
use crate::support::watch::watched;
use crate::support::world::{MEMBER, MEMBER_2, World, own};
use local_cloud::Settings;
use serde_json::{Value, json};
use std::time::Duration;

const IN: &[&str] = &["ASSOCIATED"];
/// In effect, or perhaps so: on its way in or out.
const PERHAPS: &[&str] = &["ASSOCIATED", "ASSOCIATING", "DISASSOCIATING"];
const COMING: &[&str] = &["ASSOCIATED", "ASSOCIATING"];

/// RAM takes seconds for everything.
fn slow() -> World {
    let mut settings = Settings::default();
    let times = &mut settings.ram.times;
    times.associate_resource = Duration::from_secs(3);
    times.associate_account = Duration::from_secs(2);
    times.associate_organization = Duration::from_secs(2);
    times.disassociate_resource = Duration::from_secs(2);
    times.disassociate_principal = Duration::from_secs(4);
    World::with(settings)
}

/// Creates with the first properties, updates to the second, and gives the looks meanwhile and the share.
async fn update(world: &World, first: Value, second: Value) -> (Vec<Look>, String) {
    let created = world.create("Share", first).await;
    assert!(created.is_success(), "{}", created.reason());
    let share = created.physical_id().to_owned();
    let (updated, looks) = watched(world, &share, world.update(&share, "Share", second)).await;
    assert!(updated.is_success(), "{}", updated.reason());
    assert!(looks.len() > 40, "{}", looks.len());
    (looks, share)
}

#[tokio::test(start_paused = true)]
async fn where_both_kinds_change_no_new_principal_ever_sees_an_old_license_configuration() {
    let world = slow();
    let licenses = world.license_configurations(3);
    let organization = world.organization_arn();
    let (old, stays, new) = (&licenses[0], &licenses[1], &licenses[2]);
    let first = own("licenses", &licenses[..2], &[MEMBER, &organization]);
    let second = own("licenses", &licenses[1..], &[MEMBER_2, &organization]);
    let mark = world.mark();
    let (looks, _) = update(&world, first, second).await;
    for look in &looks {
        assert!(look.has(stays, IN) && look.has(&organization, IN), "{look:?}");
        assert!(
            !(look.has(MEMBER_2, COMING) && look.has(old, PERHAPS)),
            "a new principal sees the old: {look:?}"
        );
        assert!(
            !(look.has(MEMBER, PERHAPS) && look.has(new, COMING)),
            "an old principal sees the new: {look:?}"
        );
    }
    let named = |call: local_cloud::Call| {
        let list = |name: &str| call.input[name].as_array().cloned().unwrap_or_default();
        (call.operation.clone(), [list("resourceArns"), list("principals")].concat())
    };
    let writes: Vec<_> = world.writes_since(mark).into_iter().skip(1).map(named).collect();
    let expected = [
        ("DisassociateResourceShare", old.as_str()),
        ("DisassociateResourceShare", MEMBER),
        ("AssociateResourceShare", MEMBER_2),
        ("AssociateResourceShare", new),
    ];
    assert_eq!(writes, expected.map(|(operation, member)| (operation.to_owned(), vec![json!(member)])));
}

#[tokio::test(start_paused = true)]
async fn where_only_license_configurations_change_the_new_are_in_effect_before_the_old_go() {
    let world = slow();
    let licenses = world.license_configurations(3);
    let first = own("licenses", &licenses[..2], &[MEMBER]);
    let (looks, share) = update(&world, first, own("licenses", &licenses[1..], &[MEMBER])).await;
    for look in &looks {
        assert!(look.has(&licenses[1], IN) && look.has(MEMBER, IN), "{look:?}");
        assert!(look.has(&licenses[0], IN) || look.has(&licenses[2], IN), "{look:?}");
    }
    assert!(!world.members(&share).contains(&licenses[0]));
}

#[tokio::test(start_paused = true)]
async fn where_only_principals_change_the_new_are_in_effect_before_the_old_go() {
    let world = slow();
    let licenses = world.license_configurations(1);
    let organization = world.organization_arn();
    // A member of the organization keeps its access when the whole organization takes its place.
    let first = own("licenses", &licenses, &[MEMBER]);
    let (looks, share) = update(&world, first, own("licenses", &licenses, &[&organization])).await;
    for look in &looks {
        assert!(look.has(&licenses[0], IN), "{look:?}");
        assert!(look.has(MEMBER, IN) || look.has(&organization, IN), "{look:?}");
    }
    assert!(!world.members(&share).contains(MEMBER));
}

#[tokio::test(start_paused = true)]
async fn a_member_on_its_way_out_is_waited_for_and_added_again() {
    let world = slow();
    let licenses = world.license_configurations(1);
    let properties = own("licenses", &licenses, &[MEMBER, MEMBER_2]);
    let created = world.create("Share", properties.clone()).await;
    world.remove_by_hand(created.physical_id(), &[MEMBER]).await;
    let updated = world.update(created.physical_id(), "Share", properties).await;
    assert!(updated.is_success(), "{}", updated.reason());
    assert!(world.look(created.physical_id()).has(MEMBER, IN));
}

/// The first delivery dies while the old license configuration is on its way out.
#[tokio::test(start_paused = true)]
async fn an_update_that_comes_again_lets_no_new_principal_see_an_old_license_configuration() {
    let world = slow();
    let licenses = world.license_configurations(2);
    let created = world.create("Share", own("licenses", &licenses[..1], &[MEMBER])).await;
    let share = created.physical_id().to_owned();
    world
        .cloud()
        .change_settings(|settings| settings.ram.times.disassociate_resource = Duration::from_secs(20));
    world.later().await;
    let second = own("licenses", &licenses[1..], &[MEMBER_2]);
    let event = world.event("Update", Some(&share), "Share", second);
    tokio::time::timeout(Duration::from_secs(4), world.deliver(&event)).await.unwrap_err();
    assert!(world.look(&share).has(&licenses[0], &["DISASSOCIATING"]));
    let (updated, looks) = watched(&world, &share, world.answer(&event)).await;
    assert!(updated.is_success(), "{}", updated.reason());
    for look in &looks {
        let seen = look.has(MEMBER_2, COMING) && look.has(&licenses[0], PERHAPS);
        assert!(!seen, "a new principal sees the old: {look:?}");
    }
}
