//! `Custom::LicenseManagerOrgLink` from Create to Delete, the calls that it costs (design 11), and what an Update does.

use crate::support::counting::CountingRecords;
use crate::support::flows::succeeded;
use crate::support::link::{
    BUCKET, LINK_ID, MANAGER, MANAGER_IN_MEMBERS, RAM, TOPIC, TOPIC_2, link, searching,
};
use crate::support::world::{ACCOUNT, MEMBER, MEMBER_2, World, with};
use local_cloud::Settings;
use local_cloud::fault::{FaultKind, FaultRule};
use local_cloud::iam::LinkedRole;
use local_cloud::organizations::RamSharing;
use serde_json::json;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// The operations of the first half of a fresh link: what is looked at.
const READS: [&str; 4] =
    ["DescribeOrganization", "GetRole", "GetServiceSettings", "ListAWSServiceAccessForOrganization"];

fn sorted(mut operations: Vec<String>) -> Vec<String> {
    operations.sort();
    operations
}

#[tokio::test(start_paused = true)]
async fn a_fresh_organization_is_linked_in_seven_calls_and_deleted_in_none() {
    let world = World::new();
    let created = succeeded(world.create_link(link(json!({}))).await);
    assert_eq!(created.physical_id(), LINK_ID);
    let operations = world.operations_since(0);
    assert_eq!(sorted(operations[..4].to_vec()), READS);
    let rest = ["UpdateServiceSettings", "GetServiceSettings", "ListAWSServiceAccessForOrganization"];
    assert_eq!(sorted(operations[4..].to_vec()), sorted(rest.map(str::to_owned).to_vec()));
    assert_eq!(world.updates_since(0), [json!({"OrganizationConfiguration": {"EnableIntegration": true}})]);
    assert!(world.link_settings().integration);
    assert_eq!(world.trusted(), [MANAGER, MANAGER_IN_MEMBERS, RAM].map(str::to_owned).into());
    let mark = world.mark();
    let deleted = succeeded(world.delete_link(LINK_ID).await);
    assert_eq!(deleted.physical_id(), LINK_ID);
    assert_eq!(world.operations_since(mark), Vec::<String>::new());
    assert!(world.link_settings().integration);
    world.never();
}

#[tokio::test(start_paused = true)]
async fn the_attributes_say_what_is_there() {
    let world = World::new();
    let all = with(link(searching()), "SnsTopicArn", json!(TOPIC));
    let all = with(all, "DelegatedAdministratorAccountId", json!(MEMBER));
    let created = succeeded(world.create_link(all).await);
    let share = world.link_settings().resource_share_arn.unwrap();
    let expected = json!({
        "OrganizationId": world.organization, "OrganizationArn": world.organization_arn(),
        "ManagementAccountId": ACCOUNT, "ResourceShareArn": share, "TrustedAccess": "Enabled",
        "RamSharing": "Enabled", "CrossAccountInventorySearch": "true", "SnsTopicArn": TOPIC,
        "S3BucketArn": BUCKET, "DelegatedAdministratorAccountId": MEMBER, "Warnings": "",
    });
    assert_eq!(created.json["Data"], expected);
    world.never();
}

/// What an answer costs: AWS calls, and rounds one after the other, each a second long.
async fn costs(world: &World, work: impl Future<Output = ()>) -> (Vec<String>, u64) {
    let latency = FaultRule::always("*", "*", FaultKind::Latency(Duration::from_secs(1)));
    world.cloud().add_fault(latency);
    let (mark, started) = (world.mark(), tokio::time::Instant::now());
    work.await;
    let rounds = started.elapsed().as_secs();
    world.cloud().clear_faults();
    (world.operations_since(mark), rounds)
}

#[tokio::test(start_paused = true)]
async fn an_update_without_effect_reads_in_one_round_and_writes_nothing() {
    let world = World::new();
    let all = with(link(searching()), "DiscoverySourceRegions", json!(["us-east-1", "eu-west-2"]));
    succeeded(world.create_link(all.clone()).await);
    let same = [
        all.clone(),
        with(all.clone(), "DiscoverySourceRegions", json!(["eu-west-2", "us-east-1", "us-east-1"])),
        with(all.clone(), "AcknowledgeOrganizationLink", json!("true")),
        with(all, "Revision", json!("2")),
    ];
    for properties in same {
        world.later().await;
        let event = world.link_event("Update", Some(LINK_ID), properties);
        let (operations, rounds) = costs(&world, async {
            assert_eq!(succeeded(world.answer(&event).await).attribute("Warnings"), "");
        })
        .await;
        assert_eq!((sorted(operations), rounds), (READS.map(str::to_owned).to_vec(), 1));
    }
    world.never();
}

#[tokio::test(start_paused = true)]
async fn a_delegated_administrator_costs_three_calls_and_ram_sharing_one() {
    let world = World::new();
    let organization = world.organization.clone();
    assert!(world.cloud().set_ram_sharing(&organization, RamSharing::Off));
    let more = json!({ "EnableRamSharing": true, "DelegatedAdministratorAccountId": MEMBER });
    succeeded(world.create_link(link(more.clone())).await);
    let operations = world.operations_since(0);
    assert_eq!(operations.len(), 8 + 3, "{operations:?}");
    assert_eq!(world.delegates(), [MEMBER]);
    let mark = world.mark();
    succeeded(world.update_link(link(more)).await);
    assert_eq!(world.written_since(mark), Vec::<String>::new());
    world.never();
}

#[tokio::test(start_paused = true)]
async fn a_missing_core_role_is_made_and_waited_for_and_costs_two_calls_beside_the_looks() {
    let settings = Settings::default();
    let world = World::with(settings);
    world.cloud().change_settings(|settings| settings.iam.propagation = Duration::from_secs(8));
    world.cloud().without_service_role(ACCOUNT);
    let started = tokio::time::Instant::now();
    succeeded(world.create_link(link(json!({}))).await);
    assert!(started.elapsed() >= Duration::from_secs(8) && started.elapsed() < Duration::from_secs(30));
    assert!(world.cloud().has_linked_role(ACCOUNT, LinkedRole::Core) && world.link_settings().integration);
    let calls = world.calls_since(0);
    let made = calls.iter().position(|call| call.operation == "CreateServiceLinkedRole").unwrap();
    let update = calls.iter().position(|call| call.operation == "UpdateServiceSettings").unwrap();
    let looks = &calls[made + 1..update];
    assert!(looks.iter().all(|call| call.operation == "GetServiceSettings") && looks.len() > 2, "{looks:?}");
    // The last look is what the plan is made from.
    assert!(calls.len() - looks.len() <= 8 + 2, "{}", calls.len() - looks.len());
    world.never();
}

#[tokio::test(start_paused = true)]
async fn a_core_role_that_was_made_meanwhile_is_as_good() {
    let world = World::new();
    world.cloud().without_service_role(ACCOUNT);
    let taken = FaultKind::Error {
        status: 400,
        code: "InvalidInput".to_owned(),
        message: "Service role name AWSServiceRoleForAWSLicenseManagerRole has been taken in this account, please try \
                  a different suffix."
            .to_owned(),
    };
    world.cloud().add_fault(FaultRule::once("iam", "CreateServiceLinkedRole", taken));
    let event = world.link_event("Create", None, link(json!({})));
    let answer = async { succeeded(world.answer(&event).await) };
    let meanwhile = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        world.cloud().with_linked_role(ACCOUNT, LinkedRole::Core);
    };
    tokio::join!(answer, meanwhile);
    assert!(world.link_settings().integration);
    world.never();
}

#[tokio::test(start_paused = true)]
async fn an_update_sends_what_changes_and_nothing_else() {
    let world = World::new();
    succeeded(world.create_link(link(json!({ "SnsTopicArn": TOPIC }))).await);
    let steps = [
        (json!({ "SnsTopicArn": TOPIC_2 }), json!({ "SnsTopicArn": TOPIC_2 })),
        (
            with(searching(), "SnsTopicArn", json!(TOPIC_2)),
            json!({ "EnableCrossAccountsDiscovery": true, "S3BucketArn": BUCKET }),
        ),
        (
            with(
                with(searching(), "SnsTopicArn", json!(TOPIC_2)),
                "DiscoverySourceRegions",
                json!(["us-east-1"]),
            ),
            json!({ "EnabledDiscoverySourceRegions": ["us-east-1"] }),
        ),
    ];
    for (properties, sent) in steps {
        let mark = world.mark();
        let updated = succeeded(world.update_link(link(properties)).await);
        assert_eq!((world.updates_since(mark), updated.attribute("Warnings")), (vec![sent], ""));
        assert_eq!(updated.physical_id(), LINK_ID);
    }
    world.never();
}

#[tokio::test(start_paused = true)]
async fn taking_back_what_cannot_be_taken_back_succeeds_and_says_so() {
    let world = World::new();
    let organization = world.organization.clone();
    assert!(world.cloud().set_ram_sharing(&organization, RamSharing::Off));
    let all = with(link(searching()), "SnsTopicArn", json!(TOPIC));
    let all = with(all, "DiscoverySourceRegions", json!(["us-east-1"]));
    let all = with(all, "EnableRamSharing", json!(true));
    let all = with(all, "DelegatedAdministratorAccountId", json!(MEMBER));
    succeeded(world.create_link(all).await);
    let (mark, before) = (world.mark(), world.link_settings());
    let updated = succeeded(world.update_link(link(json!({}))).await);
    expect_test::expect![[r#"CrossAccountInventorySearch stays on: License Manager cannot switch it off; the delegated administrator stays registered: deregister it in AWS Organizations if it is to go; License Manager keeps the discovery source regions that it had: taking the property out changes nothing; sharing with the organization in AWS RAM stays on: it is never switched off here; License Manager keeps the S3 bucket that it had: taking the property out changes nothing; License Manager keeps the SNS topic that it had: taking the property out changes nothing"#]]
        .assert_eq(updated.attribute("Warnings"));
    assert_eq!(world.written_since(mark), Vec::<String>::new());
    assert_eq!((world.link_settings(), world.delegates()), (before, vec![MEMBER.to_owned()]));
    assert_eq!(
        succeeded(world.update_link(link(json!({ "Revision": "2" }))).await).attribute("Warnings"),
        ""
    );
    world.never();
}

#[tokio::test(start_paused = true)]
async fn an_update_whose_sibling_fails_rolls_back_cleanly() {
    let world = World::new();
    let before = link(json!({ "SnsTopicArn": TOPIC }));
    succeeded(world.create_link(before.clone()).await);
    let more = with(searching(), "SnsTopicArn", json!(TOPIC_2));
    let more = with(more, "DelegatedAdministratorAccountId", json!(MEMBER));
    succeeded(world.update_link(link(more)).await);
    let rolled_back = succeeded(world.update_link(before).await);
    assert_eq!(rolled_back.physical_id(), LINK_ID);
    let warnings = rolled_back.attribute("Warnings");
    assert!(
        warnings.contains("CrossAccountInventorySearch stays on") && warnings.contains("stays registered")
    );
    let settings = world.link_settings();
    assert_eq!((settings.sns_topic_arn.as_deref(), settings.discovery), (Some(TOPIC), true));
    world.never();
}

#[tokio::test(start_paused = true)]
async fn a_delegated_administrator_that_this_resource_registered_gives_way_to_another() {
    let world = World::new();
    let delegate = |account: &str| link(json!({ "DelegatedAdministratorAccountId": account }));
    succeeded(world.create_link(delegate(MEMBER)).await);
    let updated = succeeded(world.update_link(delegate(MEMBER_2)).await);
    assert_eq!(updated.attribute("DelegatedAdministratorAccountId"), MEMBER_2);
    assert_eq!(world.delegates(), [MEMBER_2]);
    succeeded(world.update_link(delegate(MEMBER)).await);
    assert_eq!(world.delegates(), [MEMBER]);
    succeeded(world.delete_link(LINK_ID).await);
    assert_eq!(world.delegates(), [MEMBER]);
    world.never();
}

#[tokio::test(start_paused = true)]
async fn the_record_of_a_link_costs_few_calls() {
    let world = World::new();
    let records = Arc::new(CountingRecords::new(world.records.clone()));
    let process = world.process_on(records.clone());
    let mut counts = Vec::new();
    for (request_type, id) in [("Create", None), ("Update", Some(LINK_ID)), ("Delete", Some(LINK_ID))] {
        world.later().await;
        let event = world.link_event(request_type, id, link(json!({})));
        world.deliver_to(&process, &event).await.unwrap();
        succeeded(world.s3.answer_to(&event.request_id).unwrap());
        counts.push(records.take());
    }
    // Begin, the link before the first look, what is going to be done, the claim's two, the end; afterwards begin and end.
    assert_eq!(counts, [6, 2, 2]);
    world.never();
}
