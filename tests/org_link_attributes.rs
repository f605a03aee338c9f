//! Every SUCCESS of a link has the same attributes, all of them texts, whatever led to it.

use crate::support::flows::succeeded;
use crate::support::link::{LINK_ID, MANAGER, TOPIC, link, of_link, searching};
use crate::support::queue::Line;
use crate::support::s3::Answer;
use crate::support::world::{ACCOUNT, MEMBER, OTHER_STACK, REGION, World, with};
use local_cloud::license_manager::MemberSees;
use provider::resource::org_link::ATTRIBUTES;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// The answer, which is a SUCCESS with all attributes and nothing else; `empty` are those that say nothing.
fn has_all(answer: Answer, empty: &[&str]) -> Answer {
    let answer = succeeded(answer);
    let data = answer.json["Data"].as_object().unwrap();
    let keys: BTreeSet<&str> = data.keys().map(String::as_str).collect();
    let expected: BTreeSet<&str> = ATTRIBUTES.iter().map(|attribute| attribute.name).collect();
    assert_eq!(keys, expected);
    assert!(data.values().all(Value::is_string), "{data:?}");
    let said_nothing: BTreeSet<&str> =
        data.iter().filter(|(_, value)| *value == "").map(|(key, _)| key.as_str()).collect();
    assert_eq!(said_nothing, empty.iter().copied().collect(), "{data:?}");
    answer
}

const WARNINGS: &str = "Warnings";
const OPTIONAL: [&str; 4] = [WARNINGS, "SnsTopicArn", "S3BucketArn", "DelegatedAdministratorAccountId"];

fn everything() -> Value {
    let all = with(link(searching()), "SnsTopicArn", json!(TOPIC));
    with(all, "DelegatedAdministratorAccountId", json!(MEMBER))
}

#[tokio::test(start_paused = true)]
async fn a_create_an_update_and_a_return_have_the_same_attributes() {
    let world = World::new();
    has_all(world.create_link(link(json!({}))).await, &OPTIONAL);
    has_all(world.update_link(everything()).await, &[WARNINGS]);
    has_all(world.update_link(with(everything(), "Revision", json!("2"))).await, &[WARNINGS]);
    // A rollback to the first properties: what cannot be taken back is told.
    let back = has_all(world.update_link(link(json!({}))).await, &["DelegatedAdministratorAccountId"]);
    assert_eq!(back.attribute("CrossAccountInventorySearch"), "true");
    world.never();
}

#[tokio::test(start_paused = true)]
async fn a_link_that_was_found_and_one_that_two_stacks_declare_have_the_same_attributes() {
    let world = World::new();
    assert!(world.cloud().link_by_hand(ACCOUNT, REGION));
    has_all(world.create_link(link(json!({}))).await, &OPTIONAL);
    let other = world.link_event_of(OTHER_STACK, "Create", None, everything());
    has_all(world.answer(&other).await, &[WARNINGS]);
    world.never();
}

#[tokio::test(start_paused = true)]
async fn an_answer_after_a_hand_over_has_the_same_attributes() {
    let line = Line::new();
    line.world.cloud().change_settings(|settings| {
        settings.license_manager.share_delay = Duration::from_secs(120);
    });
    let event = line.world.link_event("Create", None, everything());
    line.waits(&event).await;
    let (answer, _) = line.answer(&event).await;
    has_all(answer, &[WARNINGS]);
    line.world.never();
}

#[tokio::test(start_paused = true)]
async fn one_that_does_not_wait_for_the_share_has_the_same_attributes() {
    let world = World::new();
    world.cloud().change_settings(|settings| {
        settings.license_manager.share_delay = Duration::from_secs(120);
    });
    let none = [&OPTIONAL[..], &["ResourceShareArn"]].concat();
    has_all(world.create_link(link(json!({ "WaitForResourceShare": false }))).await, &none);
    world.never();
}

/// Half a link that cannot be repaired, and an organization that is none any more.
#[tokio::test(start_paused = true)]
async fn a_return_that_can_do_nothing_has_the_same_attributes() {
    let world = World::new();
    succeeded(world.create_link(link(json!({}))).await);
    succeeded(world.update_link(link(json!({ "Revision": "2" }))).await);
    let organization = world.organization.clone();
    assert!(world.cloud().set_trusted_access(&organization, MANAGER, false));
    world.cloud().change_settings(|settings| {
        settings.license_manager.relink_repairs = false;
        settings.organizations.license_manager_access = false;
    });
    let back = has_all(world.update_link(link(json!({}))).await, &OPTIONAL[1..]);
    assert_eq!(back.attribute("TrustedAccess"), "Partial");
    world.never();
}

#[tokio::test(start_paused = true)]
async fn a_delegated_administrators_link_has_the_same_attributes() {
    let usual = World::new();
    succeeded(usual.create_link(everything()).await);
    usual.cloud().change_settings(|settings| settings.license_manager.member_sees = MemberSees::Manager);
    let world = usual.beside(MEMBER, REGION);
    let event = of_link(world.event("Create", None, "Link", link(json!({ "WaitForResourceShare": false }))));
    let none = [&OPTIONAL[..], &["ResourceShareArn"]].concat();
    let created = has_all(world.answer(&event).await, &none);
    assert_ne!(created.physical_id(), LINK_ID);
    world.never();
}
