//! What a link checks before its first write, each with the Reason that it gives, word for word.

use crate::support::flows::succeeded;
use crate::support::link::{BUCKET, LINK_ID, TOPIC, link, of_link, searching};
use crate::support::refusals::without_trailer;
use crate::support::world::{ACCOUNT, MEMBER, MEMBER_2, OUTSIDER, REGION, World, with};
use expect_test::{Expect, expect};
use local_cloud::iam::LinkedRole;
use local_cloud::license_manager::{MemberSees, SettingsPatch};
use local_cloud::organizations::{AccountState, FeatureSet};
use provider::domain::SettingsChange;
use serde_json::{Value, json};
use std::time::Duration;

/// A Create and, where there is a link, an Update to the same are refused; nothing was written, and the Delete of what
/// was never made succeeds.
pub(crate) async fn refused(world: &World, properties: Value, reason: Expect) {
    world.later().await;
    let mark = world.mark();
    let create = world.link_event("Create", None, properties.clone());
    let created = world.answer(&create).await;
    assert!(!created.is_success(), "{}", created.bytes);
    reason.assert_eq(without_trailer(created.reason()));
    assert_eq!(created.physical_id(), format!("license-manager-org-link/none/{}", create.request_id));
    succeeded(world.delete_link(created.physical_id()).await);
    assert_eq!(world.written_since(mark), Vec::<String>::new());
    world.never();
}

/// An Update of a good link to these properties is refused with the same words.
async fn refused_update(world: &World, properties: Value, reason: Expect) {
    world.later().await;
    succeeded(world.create_link(link(json!({}))).await);
    let mark = world.mark();
    let updated = world.update_link(properties).await;
    assert!(!updated.is_success(), "{}", updated.bytes);
    reason.assert_eq(without_trailer(updated.reason()));
    assert_eq!(updated.physical_id(), LINK_ID);
    assert_eq!(world.written_since(mark), Vec::<String>::new());
    succeeded(world.update_link(link(json!({}))).await);
    world.never();
}

#[tokio::test(start_paused = true)]
async fn an_account_in_no_organization_is_refused() {
    let world = World::new().beside(OUTSIDER, REGION);
    world.cloud().without_service_role(OUTSIDER);
    refused(&world, link(json!({})), expect!["creating organization link (Link): account 999900001111 is in no organization, so there is nothing to link. Create an organization with all features in AWS Organizations, or deploy this stack in the management account of the one you have"]).await;
}

#[tokio::test(start_paused = true)]
async fn consolidated_billing_only_is_refused_with_both_ways_out() {
    let usual = World::new();
    usual.cloud().create_organization_in("aws", OUTSIDER, FeatureSet::ConsolidatedBilling);
    let world = usual.beside(OUTSIDER, REGION);
    let all = with(link(searching()), "DelegatedAdministratorAccountId", json!(MEMBER));
    refused(&world, with(all, "EnableRamSharing", json!(true)), expect!["creating organization link (Link): organization o-59b42c0a4b has consolidated billing features only. Either enable all features in AWS Organizations, or leave the link out and share license configurations with single accounts: Custom::LicenseConfigShare with their account ids and AllowExternalPrincipals"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_member_account_is_refused_and_no_role_is_made_in_it() {
    let world = World::new().beside(MEMBER, REGION);
    refused(&world, link(json!({})), expect!["creating organization link (Link): the provider runs in account 222233334444, and only the management account of organization o-85d30f3b4e, 111122223333, can do this. Deploy the provider and this stack there"]).await;
    world.cloud().without_service_role(MEMBER);
    refused(&world, link(json!({})), expect!["creating organization link (Link): the provider runs in account 222233334444, and only the management account of organization o-85d30f3b4e, 111122223333, can do this. Deploy the provider and this stack there"]).await;
    assert!(!world.cloud().has_linked_role(MEMBER, LinkedRole::Core));
}

/// Where License Manager shows the delegated administrator the link of the management account, it may change the rest.
#[tokio::test(start_paused = true)]
async fn a_delegated_administrator_may_do_what_is_left_where_it_sees_the_link() {
    let usual = World::new();
    succeeded(usual.create_link(link(json!({ "DelegatedAdministratorAccountId": MEMBER }))).await);
    let world = usual.beside(MEMBER, REGION);
    let properties =
        link(json!({ "WaitForResourceShare": false, "SnsTopicArn": TOPIC.replace(ACCOUNT, MEMBER) }));
    refused_beside(&world, properties.clone(), expect!["creating organization link (Other): the provider runs in account 222233334444, and only the management account of organization o-85d30f3b4e, 111122223333, can do this. Deploy the provider and this stack there"]).await;
    world.cloud().change_settings(|settings| settings.license_manager.member_sees = MemberSees::Manager);
    let mark = world.mark();
    let created = succeeded(world.create_link(properties).await);
    assert_eq!(created.attribute("RamSharing"), "Enabled");
    assert_eq!(world.written_since(mark), ["UpdateServiceSettings"]);
    assert_eq!(created.physical_id(), format!("license-manager-org-link/{MEMBER}/{REGION}"));
    let more = link(json!({ "EnableRamSharing": true, "DelegatedAdministratorAccountId": MEMBER }));
    succeeded(world.create_link(with(more, "WaitForResourceShare", json!(false))).await);
    let other = json!({ "DelegatedAdministratorAccountId": MEMBER_2, "WaitForResourceShare": false });
    refused_beside(&world, link(other), expect!["creating organization link (Other): the provider runs in account 222233334444, and only the management account of organization o-85d30f3b4e, 111122223333, can do this. Deploy the provider and this stack there"]).await;
    world.never();
}

async fn refused_beside(world: &World, properties: Value, reason: Expect) {
    world.later().await;
    let (mark, event) = (world.mark(), of_link(world.event("Create", None, "Other", properties)));
    let answer = world.answer(&event).await;
    assert!(!answer.is_success());
    reason.assert_eq(without_trailer(answer.reason()));
    assert_eq!(world.written_since(mark), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_core_role_that_never_shows_is_told_from_a_denial() {
    let world = World::new();
    world.cloud().change_settings(|settings| {
        settings.iam.propagation = Duration::from_secs(3_600);
    });
    world.cloud().without_service_role(ACCOUNT);
    let created = world.create_link(link(json!({}))).await;
    assert!(!created.is_success());
    expect!["creating organization link (Link): reading License Manager's settings (IAM has made AWSServiceRoleForAWSLicenseManagerRole, and it has not spread): License Manager refused GetServiceSettings: Service role not found. Consult setup procedures in Service User Guide to create the required service role (AccessDeniedException). License Manager does not see its service-linked role yet: try again in a minute. What cannot be taken back stays: License Manager's service-linked role is there"].assert_eq(without_trailer(created.reason()));
    world.never();
}

#[tokio::test(start_paused = true)]
async fn search_without_a_bucket_is_refused_unless_license_manager_has_one() {
    let world = World::new();
    let search = json!({ "CrossAccountInventorySearch": true, "AcknowledgeInventoryCharges": true });
    refused(&world, link(search.clone()), expect!["creating organization link (Link): CrossAccountInventorySearch needs a bucket, and License Manager has none. Set S3BucketArn to one whose name begins with aws-license-manager-service-; cfn-templates/org-link.yaml makes one with the policy it needs"]).await;
    refused_update(&world, link(search.clone()), expect!["updating organization link (Link): CrossAccountInventorySearch needs a bucket, and License Manager has none. Set S3BucketArn to one whose name begins with aws-license-manager-service-; cfn-templates/org-link.yaml makes one with the policy it needs"]).await;
    world.set_by_hand(SettingsChange { s3_bucket: Some(BUCKET.into()), ..SettingsChange::default() }).await;
    succeeded(world.update_link(link(search)).await);
    assert!(world.link_settings().discovery);
    world.never();
}

#[tokio::test(start_paused = true)]
async fn a_topic_of_another_region_or_account_is_taken_with_a_warning() {
    let world = World::new();
    let region = expect![
        "the SNS topic is of account 111122223333 and Region us-east-1: AWS does not say that License Manager alerts across them"
    ];
    let account = expect![
        "the SNS topic is of account 222233334444 and Region eu-west-1: AWS does not say that License Manager alerts across them"
    ];
    for (topic, warning) in
        [(TOPIC.replace(REGION, "us-east-1"), region), (TOPIC.replace(ACCOUNT, MEMBER), account)]
    {
        let created = succeeded(world.create_link(link(json!({ "SnsTopicArn": topic }))).await);
        warning.assert_eq(created.attribute("Warnings"));
        assert_eq!(world.link_settings().sns_topic_arn, Some(topic));
        world.later().await;
    }
    world.never();
}

/// Should License Manager refuse it after all, the Reason is its own and nothing is linked.
#[tokio::test(start_paused = true)]
async fn a_topic_that_license_manager_refuses_is_told_in_its_words() {
    let world = World::new();
    world.cloud().change_settings(|settings| settings.license_manager.checks_topic_place = true);
    let created = world.create_link(link(json!({ "SnsTopicArn": TOPIC.replace(REGION, "us-east-1") }))).await;
    assert!(!created.is_success() && !world.link_settings().integration);
    expect!["creating organization link (Link): updating License Manager's settings: License Manager refused UpdateServiceSettings: SnsTopicArn: the topic must be in this account and Region (InvalidParameterValueException). Correct in the template what it names"].assert_eq(without_trailer(created.reason()));
    world.never();
}

#[tokio::test(start_paused = true)]
async fn a_delegated_administrator_that_cannot_be_is_refused_before_anything_is_changed() {
    let world = World::new();
    let delegate = |account: &str| link(json!({ "DelegatedAdministratorAccountId": account }));
    refused(&world, delegate(ACCOUNT), expect!["creating organization link (Link): DelegatedAdministratorAccountId 111122223333 is the management account, which cannot be its own delegated administrator. Name a member account, or leave the property out"]).await;
    refused(&world, delegate(OUTSIDER), expect!["creating organization link (Link): DelegatedAdministratorAccountId 999900001111 is not in the organization. Name an active member account, or leave the property out"]).await;
    for state in [AccountState::Closed, AccountState::PendingClosure { until: Duration::MAX }] {
        assert!(world.cloud().organizations().set_account_state(MEMBER_2, state));
        world.later().await;
        let created = world.create_link(delegate(MEMBER_2)).await;
        expect!["creating organization link (Link): DelegatedAdministratorAccountId 333344445555 is suspended, closed or not active yet. Name an active member account, or leave the property out"].assert_eq(without_trailer(created.reason()));
    }
    assert!(world.cloud().suspend_account(MEMBER_2));
    refused(&world, delegate(MEMBER_2), expect!["creating organization link (Link): DelegatedAdministratorAccountId 333344445555 is suspended, closed or not active yet. Name an active member account, or leave the property out"]).await;
    refused_update(&world, delegate(ACCOUNT), expect!["updating organization link (Link): DelegatedAdministratorAccountId 111122223333 is the management account, which cannot be its own delegated administrator. Name a member account, or leave the property out"]).await;
    refused_beside(&world, delegate(MEMBER_2), expect!["creating organization link (Other): DelegatedAdministratorAccountId 333344445555 is suspended, closed or not active yet. Name an active member account, or leave the property out"]).await;
}

#[tokio::test(start_paused = true)]
async fn another_delegated_administrator_that_was_there_before_is_refused_and_the_same_one_is_taken() {
    let world = World::new();
    assert!(world.cloud().link_by_hand(ACCOUNT, REGION));
    world.delegate_by_hand(MEMBER).await;
    let delegate = |account: &str| link(json!({ "DelegatedAdministratorAccountId": account }));
    refused(&world, delegate(MEMBER_2), expect!["creating organization link (Link): License Manager's delegated administrator is account 222233334444, and not through this resource; an organization has one. Name 222233334444 in DelegatedAdministratorAccountId, or deregister it in AWS Organizations before 333344445555 takes its place"]).await;
    world.later().await;
    let created = succeeded(world.create_link(delegate(MEMBER)).await);
    assert_eq!(created.attribute("DelegatedAdministratorAccountId"), MEMBER);
    let updated = world.update_link(delegate(MEMBER_2)).await;
    expect!["updating organization link (Link): License Manager's delegated administrator is account 222233334444, and not through this resource; an organization has one. Name 222233334444 in DelegatedAdministratorAccountId, or deregister it in AWS Organizations before 333344445555 takes its place"].assert_eq(without_trailer(updated.reason()));
    assert_eq!(world.delegates(), [MEMBER]);
    let back = succeeded(world.update_link(delegate(MEMBER)).await);
    assert_eq!(back.attribute("Warnings"), "");
    world.never();
}

#[tokio::test(start_paused = true)]
async fn what_license_manager_may_demand_of_ram_sharing_is_met_or_told() {
    let world = World::new();
    let organization = world.organization.clone();
    world.cloud().set_ram_sharing(&organization, local_cloud::organizations::RamSharing::Off);
    world.cloud().change_settings(|settings| settings.license_manager.link_needs_ram_sharing = true);
    let created = world.create_link(link(json!({}))).await;
    expect!["creating organization link (Link): updating License Manager's settings: License Manager refused UpdateServiceSettings: AWS RAM sharing with the organization must be enabled (InvalidParameterValueException). Set EnableRamSharing to true"].assert_eq(without_trailer(created.reason()));
    world.later().await;
    succeeded(world.create_link(link(json!({ "EnableRamSharing": true }))).await);
    world.never();
}

#[tokio::test(start_paused = true)]
async fn an_acknowledgement_that_is_missing_says_what_is_acknowledged() {
    let world = World::new();
    for missing in [json!({}), json!({ "AcknowledgeOrganizationLink": "false" })] {
        refused(&world, missing, expect!["1 property is wrong: AcknowledgeOrganizationLink: set this to true: you know that linking opens every account of the organization to License Manager, and may be for good. Nothing was changed while creating organization link (Link)"]).await;
    }
    let search = with(link(searching()), "AcknowledgeInventoryCharges", json!(false));
    refused(&world, search.clone(), expect!["1 property is wrong: AcknowledgeInventoryCharges: set this to true: you know that the search makes resources that cost money, and cannot be switched off again. Nothing was changed while creating organization link (Link)"]).await;
    refused_update(&world, search, expect!["1 property is wrong: AcknowledgeInventoryCharges: set this to true: you know that the search makes resources that cost money, and cannot be switched off again. Nothing was changed while updating organization link (Link)"]).await;
}

/// Only names that begin so are reached by License Manager's roles. The ARN of a bucket names no Region and no account,
/// and is none where it does.
#[tokio::test(start_paused = true)]
async fn a_topic_or_bucket_that_license_manager_does_not_reach_is_refused() {
    let world = World::new();
    let topic = link(json!({ "SnsTopicArn": "arn:aws:sns:eu-west-1:111122223333:alerts" }));
    refused(&world, topic.clone(), expect![[r#"1 property is wrong: SnsTopicArn: License Manager reaches only names that begin with aws-license-manager-service-: give this one another name (found "arn:aws:sns:eu-west-1:111122223333:alerts"). Nothing was changed while creating organization link (Link)"#]]).await;
    let bucket = |arn: &str| link(json!({ "S3BucketArn": arn }));
    refused(&world, bucket("arn:aws:s3:::inventory"), expect![[r#"1 property is wrong: S3BucketArn: License Manager reaches only names that begin with aws-license-manager-service-: give this one another name (found "arn:aws:s3:::inventory"). Nothing was changed while creating organization link (Link)"#]]).await;
    let elsewhere = "arn:aws:s3:us-east-1:222233334444:aws-license-manager-service-inventory";
    refused(&world, bucket(elsewhere), expect![[r#"1 property is wrong: S3BucketArn: this is no ARN of an S3 bucket, arn:aws:s3:::<name> (found "arn:aws:s3:us-east-1:222233334444:aws-license-manager-service…"). Nothing was changed while creating organization link (Link)"#]]).await;
    refused_update(&world, topic, expect![[r#"1 property is wrong: SnsTopicArn: License Manager reaches only names that begin with aws-license-manager-service-: give this one another name (found "arn:aws:sns:eu-west-1:111122223333:alerts"). Nothing was changed while updating organization link (Link)"#]]).await;
    refused_update(&world, bucket("arn:aws:s3:::inventory"), expect![[r#"1 property is wrong: S3BucketArn: License Manager reaches only names that begin with aws-license-manager-service-: give this one another name (found "arn:aws:s3:::inventory"). Nothing was changed while updating organization link (Link)"#]]).await;
}

#[tokio::test(start_paused = true)]
async fn every_mistake_in_the_properties_is_told_at_once() {
    let world = World::new();
    let wrong = json!({
        "SnsTopicArn": "arn:aws:sns:eu-west-1:111122223333:alerts", "S3BucketArn": "arn:aws:s3:::inventory",
        "CrossAccountInventorySearch": true,
    });
    refused(&world, wrong.clone(), expect![[r#"4 properties are wrong: AcknowledgeOrganizationLink: set this to true: you know that linking opens every account of the organization to License Manager, and may be for good; AcknowledgeInventoryCharges: set this to true: you know that the search makes resources that cost money, and cannot be switched off again; SnsTopicArn: License Manager reaches only names that begin with aws-license-manager-service-: give this one another name (found "arn:aws:sns:eu-west-1:111122223333:alerts"); S3BucketArn: License Manager reaches only names that begin with aws-license-manager-service-: give this one another name (found "arn:aws:s3:::inventory"). Nothing was changed while creating organization link (Link)"#]]).await;
    refused_update(&world, link(wrong), expect![[r#"3 properties are wrong: AcknowledgeInventoryCharges: set this to true: you know that the search makes resources that cost money, and cannot be switched off again; SnsTopicArn: License Manager reaches only names that begin with aws-license-manager-service-: give this one another name (found "arn:aws:sns:eu-west-1:111122223333:alerts"); S3BucketArn: License Manager reaches only names that begin with aws-license-manager-service-: give this one another name (found "arn:aws:s3:::inventory"). Nothing was changed while updating organization link (Link)"#]]).await;
}

#[tokio::test(start_paused = true)]
async fn a_rollback_whose_checks_fail_succeeds_with_a_warning() {
    let world = World::new();
    let first = link(json!({ "SnsTopicArn": TOPIC, "DelegatedAdministratorAccountId": MEMBER }));
    succeeded(world.create_link(first.clone()).await);
    let second = link(json!({ "SnsTopicArn": TOPIC.replace("alerts", "others") }));
    succeeded(world.update_link(second).await);
    world.cloud().change_settings(|settings| settings.license_manager.checks_topic_place = true);
    world.cloud().organizations().remove_account(MEMBER);
    let mark = world.mark();
    let back = succeeded(world.update_link(first).await);
    expect!["left out: DelegatedAdministratorAccountId 222233334444 is not in the organization. Name an active member account, or leave the property out"].assert_eq(back.attribute("Warnings"));
    // All that can be had is had.
    assert_eq!(world.updates_since(mark), [json!({ "SnsTopicArn": TOPIC })]);
    world.never();
}

/// The former topic is none any more that License Manager takes.
#[tokio::test(start_paused = true)]
async fn what_license_manager_refuses_to_take_back_is_left_out_of_a_rollback() {
    let world = World::new();
    let first = link(json!({ "SnsTopicArn": TOPIC.replace(REGION, "us-east-1") }));
    succeeded(world.create_link(first.clone()).await);
    succeeded(world.update_link(link(json!({ "SnsTopicArn": TOPIC }))).await);
    world.cloud().change_settings(|settings| settings.license_manager.checks_topic_place = true);
    let back = succeeded(world.update_link(first).await);
    expect!["the SNS topic is of account 111122223333 and Region us-east-1: AWS does not say that License Manager alerts across them; left out, update License Manager's settings: topic arn:aws:sns:us-east-1:111122223333:aws-license-manager-service-alerts: updating License Manager's settings: License Manager refused UpdateServiceSettings: SnsTopicArn: the topic must be in this account and Region (InvalidParameterValueException)"].assert_eq(back.attribute("Warnings"));
    assert_eq!(world.link_settings().sns_topic_arn.as_deref(), Some(TOPIC));
    world.never();
}

#[tokio::test(start_paused = true)]
async fn settings_that_were_made_by_hand_and_are_as_wanted_are_left_alone() {
    let world = World::new();
    assert!(world.cloud().link_by_hand(ACCOUNT, REGION));
    let patch = SettingsPatch { sns_topic_arn: Some(TOPIC.to_owned()), ..SettingsPatch::default() };
    world.cloud().set_service_settings(ACCOUNT, REGION, patch);
    let mark = world.mark();
    succeeded(world.create_link(link(json!({ "SnsTopicArn": TOPIC }))).await);
    assert_eq!(world.written_since(mark), Vec::<String>::new());
    world.never();
}
