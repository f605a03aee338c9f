//! What AWS does not say, both ways: each switch of the local cloud that touches the link. Those of repairs are in
//! `org_link_repair`, of topics, members and RAM's part of the link in `org_link_checks`, of a refused unlinking in
//! `org_link_failure`.

use crate::support::flows::succeeded;
use crate::support::link::{
    BUCKET, LINK_ID, MANAGER, MANAGER_IN_MEMBERS, RAM, TOPIC, TOPIC_2, link, searching,
};
use crate::support::refusals::without_trailer;
use crate::support::world::{ACCOUNT, MEMBER, MEMBER_2, NOON, REGION, World, own, with};
use expect_test::expect;
use local_cloud::Settings;
use local_cloud::iam::LinkedRole;
use local_cloud::license_manager::{BadValue, Bucket, DiscoveryOff, Unlink};
use local_cloud::organizations::{AccountState, RamSharing};
use local_cloud::policy::{DeniedBy, DenyRule};
use provider::domain::SettingsChange;
use serde_json::{Value, json};
use std::time::Duration;

/// A world of which the cloud is set so.
fn world(set: impl FnOnce(&mut Settings)) -> World {
    let world = World::new();
    world.cloud().change_settings(set);
    world
}

fn unlinking(more: Value) -> Value {
    link(with(more, "OnDelete", json!("Unlink")))
}

fn all_trusted() -> std::collections::BTreeSet<String> {
    [MANAGER, MANAGER_IN_MEMBERS, RAM].map(str::to_owned).into()
}

#[tokio::test(start_paused = true)]
async fn the_core_role_is_made_by_whoever_is_first() {
    for (itself, made) in [(true, 0), (false, 1)] {
        let world = world(|settings| settings.license_manager.makes_core_role = itself);
        world.cloud().without_service_role(ACCOUNT);
        succeeded(world.create_link(link(json!({}))).await);
        let calls = world.written_since(0);
        let creations = calls.iter().filter(|call| *call == "CreateServiceLinkedRole").count();
        assert_eq!((creations, world.updates_since(0).len()), (made, 1), "{itself}: {calls:?}");
        assert!(world.cloud().has_linked_role(ACCOUNT, LinkedRole::Core));
        world.never();
    }
}

#[tokio::test(start_paused = true)]
async fn a_core_role_that_no_account_has_from_the_start_is_made() {
    for (everywhere, made) in [(true, 0), (false, 1)] {
        let world = world(|settings| settings.iam.core_role_everywhere = everywhere);
        succeeded(world.create_link(link(json!({}))).await);
        let calls = world.written_since(0);
        assert_eq!(calls.iter().filter(|call| *call == "CreateServiceLinkedRole").count(), made, "{calls:?}");
        succeeded(world.delete_link(LINK_ID).await);
        world.never();
    }
}

/// Should License Manager make a bucket itself, it is not left to do so.
#[tokio::test(start_paused = true)]
async fn search_has_the_bucket_that_the_template_names_whether_or_not_license_manager_makes_one() {
    for bucket in [Bucket::Required, Bucket::Made] {
        let world = world(|settings| settings.license_manager.bucket = bucket);
        let alone = json!({ "CrossAccountInventorySearch": true, "AcknowledgeInventoryCharges": true });
        let refused = world.create_link(link(alone.clone())).await;
        assert!(refused.reason().contains("CrossAccountInventorySearch needs a bucket"), "{bucket:?}");
        assert_eq!(world.written_since(0), Vec::<String>::new());
        world.later().await;
        let created = succeeded(world.create_link(link(searching())).await);
        assert_eq!(created.attribute("S3BucketArn"), BUCKET);
        // The bucket stays where the template no longer names it.
        let updated = succeeded(world.update_link(link(alone)).await);
        assert_eq!(updated.attribute("S3BucketArn"), BUCKET);
        assert_eq!(world.updates_since(0).len(), 1, "{bucket:?}");
        world.never();
    }
}

/// A search that was switched on by hand, with a bucket that License Manager made, needs none in the template.
#[tokio::test(start_paused = true)]
async fn a_bucket_that_license_manager_made_is_as_good() {
    let world = world(|settings| settings.license_manager.bucket = Bucket::Made);
    world
        .set_by_hand(SettingsChange { cross_account_discovery: Some(true), ..SettingsChange::default() })
        .await;
    let mark = world.mark();
    let search = json!({ "CrossAccountInventorySearch": true, "AcknowledgeInventoryCharges": true });
    let created = succeeded(world.create_link(link(search)).await);
    assert_eq!(Some(created.attribute("S3BucketArn").to_owned()), world.link_settings().s3_bucket_arn);
    assert!(!created.attribute("S3BucketArn").is_empty());
    assert_eq!(world.written_since(mark), Vec::<String>::new());
    world.never();
}

#[tokio::test(start_paused = true)]
async fn names_that_license_managers_roles_do_not_reach_are_refused_whether_or_not_it_checks_them() {
    for checks in [true, false] {
        let world = world(|settings| settings.license_manager.checks_names = checks);
        for wrong in [
            json!({ "SnsTopicArn": "arn:aws:sns:eu-west-1:111122223333:alerts" }),
            json!({ "S3BucketArn": "arn:aws:s3:::inventory" }),
        ] {
            world.later().await;
            let created = world.create_link(link(wrong)).await;
            assert!(created.reason().contains("aws-license-manager-service-"), "{}", created.reason());
            assert!(!created.is_success());
        }
        assert_eq!(world.written_since(0), Vec::<String>::new());
        world.later().await;
        let right = json!({ "SnsTopicArn": TOPIC, "S3BucketArn": BUCKET });
        succeeded(world.create_link(link(right)).await);
        world.never();
    }
}

/// License Manager's model has two codes for a bad value. What it says and what to do are the same.
#[tokio::test(start_paused = true)]
async fn a_bad_value_is_told_with_its_remedy_whichever_code_it_has() {
    for (bad_value, code) in [
        (BadValue::InvalidParameterValue, "InvalidParameterValueException"),
        (BadValue::Validation, "ValidationException"),
    ] {
        let world = world(|settings| {
            settings.license_manager.bad_value = bad_value;
            settings.license_manager.checks_topic_place = true;
            settings.license_manager.link_needs_ram_sharing = true;
        });
        let organization = world.organization.clone();
        assert!(world.cloud().set_ram_sharing(&organization, RamSharing::Off));
        let reason = |told: &str| told.replace("CODE", code);
        let created = world.create_link(link(json!({}))).await;
        assert_eq!(
            without_trailer(created.reason()),
            reason(
                "creating organization link (Link): updating License Manager's settings: License Manager refused UpdateServiceSettings: AWS RAM sharing with the organization must be enabled (CODE). Set EnableRamSharing to true"
            )
        );
        world.later().await;
        let elsewhere = json!({ "SnsTopicArn": TOPIC.replace(REGION, "us-east-1") });
        let created = world.create_link(link(with(elsewhere, "EnableRamSharing", json!(true)))).await;
        assert_eq!(
            without_trailer(created.reason()),
            reason(
                "creating organization link (Link): updating License Manager's settings: License Manager refused UpdateServiceSettings: SnsTopicArn: the topic must be in this account and Region (CODE). Correct in the template what it names. What cannot be taken back stays: sharing with the organization in AWS RAM is on"
            )
        );
        world.later().await;
        succeeded(world.create_link(unlinking(json!({}))).await);
        world.cloud().change_settings(|settings| settings.license_manager.unlink = Unlink::Refused);
        succeeded(world.delete_link(LINK_ID).await);
        assert!(world.link_settings().integration);
    }
}

/// Another one has changed the settings a moment before.
#[tokio::test(start_paused = true)]
async fn an_update_that_meets_another_is_sent_again() {
    for window in [Duration::ZERO, Duration::from_secs(5)] {
        let world = world(|settings| settings.license_manager.update_window = window);
        let bucket = SettingsChange { s3_bucket: Some(BUCKET.to_owned()), ..SettingsChange::default() };
        world.set_by_hand(bucket).await;
        let mark = world.mark();
        let created = succeeded(world.create_link(unlinking(json!({ "SnsTopicArn": TOPIC }))).await);
        assert_eq!(created.attribute("S3BucketArn"), BUCKET);
        succeeded(world.update_link(unlinking(json!({ "SnsTopicArn": TOPIC_2 }))).await);
        succeeded(world.delete_link(LINK_ID).await);
        let updates =
            world.calls_since(mark).into_iter().filter(|call| call.operation == "UpdateServiceSettings");
        let (taken, refused): (Vec<_>, Vec<_>) = updates.partition(|call| call.applied);
        assert_eq!((taken.len(), !refused.is_empty()), (3, !window.is_zero()), "{window:?}");
        let conflict = Some("ConflictException".to_owned());
        assert!(refused.iter().all(|call| call.error_code == conflict), "{refused:?}");
        assert!(!world.link_settings().integration);
    }
}

/// Whether License Manager acts with the caller's own permissions is not documented.
#[tokio::test(start_paused = true)]
async fn a_permission_that_license_manager_may_need_of_the_caller_is_named_where_it_does() {
    for action in ["organizations:EnableAWSServiceAccess", "iam:CreateServiceLinkedRole"] {
        for forwards in [true, false] {
            let world = world(|settings| settings.license_manager.forwards_access = forwards);
            let by = DeniedBy::NoPolicy;
            world.cloud().deny(DenyRule { account: ACCOUNT.to_owned(), action: action.to_owned(), by });
            let created = world.create_link(link(json!({}))).await;
            assert_eq!((created.is_success(), world.link_settings().integration), (!forwards, !forwards));
            if forwards {
                let reason = format!(
                    "creating organization link (Link): updating License Manager's settings: License Manager refused UpdateServiceSettings, which needs {action}: User: arn:aws:iam::111122223333:user/local-cloud is not authorized to perform: {action} on resource: * because no identity-based policy allows the {action} action (AccessDeniedException). Allow the action in the role of the provider's function, and see that no service control policy denies it"
                );
                assert_eq!(without_trailer(created.reason()), reason);
            }
            world.never();
        }
    }
}

/// Organizations asks for the management account, whatever License Manager takes.
#[tokio::test(start_paused = true)]
async fn a_delegated_administrator_does_not_link_whether_or_not_license_manager_lets_it() {
    for may_link in [true, false] {
        let usual = world(|settings| settings.license_manager.delegated_may_link = may_link);
        succeeded(usual.create_link(link(json!({ "DelegatedAdministratorAccountId": MEMBER }))).await);
        let world = usual.beside(MEMBER, REGION);
        let mark = world.mark();
        let created = world.create_link(link(json!({}))).await;
        expect!["creating organization link (Link): the provider runs in account 222233334444, and only the management account of organization o-85d30f3b4e, 111122223333, can do this. Deploy the provider and this stack there"].assert_eq(without_trailer(created.reason()));
        assert_eq!(world.written_since(mark), Vec::<String>::new());
        world.never();
    }
}

#[tokio::test(start_paused = true)]
async fn the_status_of_discovery_is_not_needed() {
    let mut answers = Vec::new();
    for shows in [true, false] {
        let world = world(|settings| {
            settings.license_manager.shows_status = shows;
            settings.license_manager.discovery_delay = Duration::from_secs(24 * 3600);
        });
        let all = with(link(searching()), "DiscoverySourceRegions", json!(["us-east-1"]));
        succeeded(world.create_link(all.clone()).await);
        let mark = world.mark();
        let mut updated = succeeded(world.update_link(all).await);
        assert_eq!(world.written_since(mark), Vec::<String>::new());
        updated.json["Data"]["ResourceShareArn"] = "".into();
        answers.push(updated.json["Data"].clone());
        world.never();
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0]["CrossAccountInventorySearch"], "true");
}

/// RAM's role alone may mend it or not: what RAM itself switches on is whole.
#[tokio::test(start_paused = true)]
async fn sharing_that_lacks_rams_role_is_mended_through_ram() {
    for mends in [true, false] {
        let mut settings = Settings { epoch: NOON, ..Settings::default() };
        settings.iam.ram_role_mends_sharing = mends;
        let world = World::with(settings);
        let organization = world.organization.clone();
        assert!(world.cloud().set_ram_sharing(&organization, RamSharing::WithoutRole));
        let created = succeeded(world.create_link(link(json!({ "EnableRamSharing": true }))).await);
        assert_eq!(created.attribute("RamSharing"), "JustEnabled");
        let sent = world.written_since(0);
        assert_eq!(sent, ["EnableSharingWithAwsOrganization", "UpdateServiceSettings"]);
        world.later().await;
        succeeded(world.create("Share", own("licenses", &[], &[&world.organization_arn()])).await);
        world.never();
    }
}

/// What it takes with it is there again once the link is made again.
#[tokio::test(start_paused = true)]
async fn whatever_an_unlinking_takes_with_it_the_next_create_makes_whole() {
    for (share, access) in [(false, false), (false, true), (true, false), (true, true)] {
        let world = world(|settings| {
            settings.license_manager.unlink_deletes_share = share;
            settings.license_manager.unlink_removes_access = access;
        });
        succeeded(world.create_link(unlinking(json!({}))).await);
        let mark = world.mark();
        succeeded(world.delete_link(LINK_ID).await);
        assert_eq!(world.written_since(mark), ["UpdateServiceSettings"]);
        let settings = world.link_settings();
        assert_eq!((settings.integration, settings.resource_share_arn.is_none()), (false, share));
        assert_eq!(world.trusted().len(), if access { 1 } else { 3 });
        world.later().await;
        let again = succeeded(world.create_link(link(json!({}))).await);
        assert_eq!(again.attribute("TrustedAccess"), "Enabled");
        assert_eq!(
            Some(again.attribute("ResourceShareArn")),
            world.link_settings().resource_share_arn.as_deref()
        );
        assert_eq!((world.link_settings().integration, world.trusted()), (true, all_trusted()));
        world.never_but_unlinked(1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_with_search_is_switched_off_only_where_license_manager_takes_that() {
    for held in [true, false] {
        let world = world(|settings| settings.license_manager.unlink_needs_discovery_off = held);
        succeeded(world.create_link(unlinking(searching())).await);
        succeeded(world.delete_link(LINK_ID).await);
        assert_eq!(world.link_settings().integration, held);
        assert!(world.link_settings().discovery);
        world.never_but_unlinked(1);
    }
}

#[tokio::test(start_paused = true)]
async fn search_is_never_switched_off_whatever_license_manager_would_make_of_it() {
    for off in [DiscoveryOff::Refused, DiscoveryOff::Ignored] {
        let world = world(|settings| settings.license_manager.discovery_off = off);
        succeeded(world.create_link(link(searching())).await);
        let mark = world.mark();
        let updated = succeeded(world.update_link(link(json!({ "S3BucketArn": BUCKET }))).await);
        expect!["CrossAccountInventorySearch stays on: License Manager cannot switch it off"]
            .assert_eq(updated.attribute("Warnings"));
        assert_eq!(world.written_since(mark), Vec::<String>::new());
        assert!(world.link_settings().discovery);
        world.never();
    }
}

/// AWS retires the older member, and partitions that trail may still send it.
#[tokio::test(start_paused = true)]
async fn the_state_of_a_delegated_administrator_is_read_with_and_without_the_older_member() {
    for status in [true, false] {
        let world = world(|settings| settings.organizations.account_status = status);
        let delegate = |account: &str| link(json!({ "DelegatedAdministratorAccountId": account }));
        for state in [AccountState::Suspended, AccountState::Closed] {
            assert!(world.cloud().organizations().set_account_state(MEMBER_2, state));
            world.later().await;
            let created = world.create_link(delegate(MEMBER_2)).await;
            expect!["creating organization link (Link): DelegatedAdministratorAccountId 333344445555 is suspended, closed or not active yet. Name an active member account, or leave the property out"].assert_eq(without_trailer(created.reason()));
        }
        assert_eq!(world.written_since(0), Vec::<String>::new());
        world.later().await;
        succeeded(world.create_link(delegate(MEMBER)).await);
        assert_eq!(world.delegates(), [MEMBER]);
        world.never();
    }
}

/// License Manager's role comes into the members' accounts by itself.
#[tokio::test(start_paused = true)]
async fn the_members_role_is_not_waited_for() {
    for delay in [Duration::ZERO, Duration::from_secs(24 * 3600)] {
        let world = world(|settings| settings.license_manager.member_role_delay = delay);
        let started = tokio::time::Instant::now();
        succeeded(world.create_link(link(json!({}))).await);
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
        assert_eq!(world.cloud().has_linked_role(MEMBER, LinkedRole::Member), delay.is_zero());
        world.never();
    }
}

/// Organizations takes one write at a time, and does not say for how long.
#[tokio::test(start_paused = true)]
async fn an_organization_that_was_written_to_a_moment_before_takes_the_administrator_all_the_same() {
    for window in [Duration::ZERO, Duration::from_secs(3)] {
        let world = world(|settings| settings.organizations.write_window = window);
        assert!(world.cloud().link_by_hand(ACCOUNT, REGION));
        world.delegate_by_hand(MEMBER).await;
        world.undelegate_by_hand(MEMBER).await;
        let mark = world.mark();
        succeeded(world.create_link(link(json!({ "DelegatedAdministratorAccountId": MEMBER_2 }))).await);
        let registrations: Vec<_> = world
            .calls_since(mark)
            .into_iter()
            .filter(|call| call.operation.starts_with("Register"))
            .collect();
        let concurrent = Some("ConcurrentModificationException".to_owned());
        assert_eq!(registrations.iter().any(|call| call.error_code == concurrent), !window.is_zero());
        assert_eq!(registrations.iter().filter(|call| call.applied).count(), 1);
        assert_eq!(world.delegates(), [MEMBER_2]);
        world.never();
    }
}

/// License Manager's role in the members' accounts may accept invitations; whether it does is not documented.
#[tokio::test(start_paused = true)]
async fn a_member_whose_role_accepts_for_it_is_not_told_as_pending() {
    for (accepts, pending) in [(true, ""), (false, MEMBER)] {
        let world = world(|settings| settings.license_manager.member_role_accepts = accepts);
        let organization = world.organization.clone();
        assert!(world.cloud().set_ram_sharing(&organization, RamSharing::Off));
        succeeded(world.create_link(link(json!({}))).await);
        world.later().await;
        let licenses = world.license_configurations(1);
        let share = with(own("licenses", &licenses, &[MEMBER]), "AllowExternalPrincipals", json!(true));
        let created = succeeded(world.create("Share", share.clone()).await);
        let again = with(share, "Revision", json!("2"));
        let updated = succeeded(world.update(created.physical_id(), "Share", again).await);
        assert_eq!(updated.attribute("PendingAccounts"), pending);
    }
}
