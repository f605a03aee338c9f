//! A call that is denied, each with the Reason that it gives, word for word: it names the action that is missing.

use crate::org_link_checks::refused;
use crate::support::flows::succeeded;
use crate::support::link::{LINK_ID, MANAGER, link};
use crate::support::refusals::without_trailer;
use crate::support::world::{ACCOUNT, MEMBER, MEMBER_2, REGION, World};
use expect_test::expect;
use local_cloud::iam::LinkedRole;
use local_cloud::organizations::RamSharing;
use local_cloud::policy::{DeniedBy, DenyRule};
use provider::record::{RecordKey, Records};
use serde_json::json;

fn deny(world: &World, account: &str, action: &str) {
    let rule = DenyRule { account: account.to_owned(), action: action.to_owned(), by: DeniedBy::NoPolicy };
    world.cloud().deny(rule);
}

#[tokio::test(start_paused = true)]
async fn a_denial_names_the_action_that_is_missing_before_anything_is_changed() {
    for (action, reason) in [
        (
            "license-manager:GetServiceSettings",
            expect![
                "creating organization link (Link): looking at what is there: License Manager refused GetServiceSettings, which needs license-manager:GetServiceSettings: User: arn:aws:iam::111122223333:user/local-cloud is not authorized to perform: license-manager:GetServiceSettings on resource: * because no identity-based policy allows the license-manager:GetServiceSettings action (AccessDeniedException). Allow the action in the role of the provider's function, and see that no service control policy denies it"
            ],
        ),
        (
            "organizations:DescribeOrganization",
            expect![
                "creating organization link (Link): looking at what is there: Organizations refused DescribeOrganization, which needs organizations:DescribeOrganization: User: arn:aws:iam::111122223333:user/local-cloud is not authorized to perform: organizations:DescribeOrganization on resource: * because no identity-based policy allows the organizations:DescribeOrganization action (AccessDeniedException). Allow the action in the role of the provider's function, and see that no service control policy denies it"
            ],
        ),
        (
            "organizations:ListAWSServiceAccessForOrganization",
            expect![
                "creating organization link (Link): looking at what is there: Organizations refused ListAWSServiceAccessForOrganization, which needs organizations:ListAWSServiceAccessForOrganization: User: arn:aws:iam::111122223333:user/local-cloud is not authorized to perform: organizations:ListAWSServiceAccessForOrganization on resource: * because no identity-based policy allows the organizations:ListAWSServiceAccessForOrganization action (AccessDeniedException). Allow the action in the role of the provider's function, and see that no service control policy denies it"
            ],
        ),
        (
            "organizations:ListDelegatedAdministrators",
            expect![
                "creating organization link (Link): looking at what is there: Organizations refused ListDelegatedAdministrators, which needs organizations:ListDelegatedAdministrators: User: arn:aws:iam::111122223333:user/local-cloud is not authorized to perform: organizations:ListDelegatedAdministrators on resource: * because no identity-based policy allows the organizations:ListDelegatedAdministrators action (AccessDeniedException). Allow the action in the role of the provider's function, and see that no service control policy denies it"
            ],
        ),
        (
            "organizations:DescribeAccount",
            expect![
                "creating organization link (Link): looking at what is there: Organizations refused DescribeAccount, which needs organizations:DescribeAccount: User: arn:aws:iam::111122223333:user/local-cloud is not authorized to perform: organizations:DescribeAccount on resource: * because no identity-based policy allows the organizations:DescribeAccount action (AccessDeniedException). Allow the action in the role of the provider's function, and see that no service control policy denies it"
            ],
        ),
    ] {
        let world = World::new();
        deny(&world, ACCOUNT, action);
        refused(&world, link(json!({ "DelegatedAdministratorAccountId": MEMBER })), reason).await;
    }
}

/// IAM does not know the path of a role that is not there: a policy that names the path may deny it, instead of
/// NoSuchEntity. Where sharing is off, the role is of no account anyway.
#[tokio::test(start_paused = true)]
async fn a_fresh_organization_is_linked_where_iam_denies_a_look_at_a_role_that_is_not_there() {
    let world = World::new();
    let organization = world.organization.clone();
    world.cloud().change_settings(|settings| settings.iam.denies_missing_role = true);
    assert!(world.cloud().set_ram_sharing(&organization, RamSharing::Off));
    let created = succeeded(world.create_link(link(json!({}))).await);
    assert_eq!((created.attribute("RamSharing"), created.attribute("Warnings")), ("Disabled", ""));
    assert!(world.cloud().set_ram_sharing(&organization, RamSharing::WithoutRole));
    let updated = succeeded(world.update_link(link(json!({}))).await);
    expect!["sharing with the organization is on, and IAM did not say whether AWS RAM has the role that it needs (AWSServiceRoleForResourceAccessManager): RamSharing may be WithoutRole. Allow iam:GetRole in the role of the provider's function, with the role's path and without"]
        .assert_eq(updated.attribute("Warnings"));
    world.never();
}

#[tokio::test(start_paused = true)]
async fn a_denied_write_names_its_action() {
    for (action, reason) in [
        (
            "license-manager:UpdateServiceSettings",
            expect![
                "creating organization link (Link): updating License Manager's settings: License Manager refused UpdateServiceSettings, which needs license-manager:UpdateServiceSettings: User: arn:aws:iam::111122223333:user/local-cloud is not authorized to perform: license-manager:UpdateServiceSettings on resource: * because no identity-based policy allows the license-manager:UpdateServiceSettings action (AccessDeniedException). Allow the action in the role of the provider's function, and see that no service control policy denies it"
            ],
        ),
        (
            "ram:EnableSharingWithAwsOrganization",
            expect![
                "creating organization link (Link): enabling sharing with the organization: RAM refused EnableSharingWithAwsOrganization, which needs ram:EnableSharingWithAwsOrganization: User: arn:aws:iam::111122223333:user/local-cloud is not authorized to perform: ram:EnableSharingWithAwsOrganization on resource: * because no identity-based policy allows the ram:EnableSharingWithAwsOrganization action (AccessDeniedException). Allow the action in the role of the provider's function, and see that no service control policy denies it"
            ],
        ),
        (
            "iam:CreateServiceLinkedRole",
            expect![
                "creating organization link (Link): creating License Manager's service-linked role: IAM refused CreateServiceLinkedRole, which needs iam:CreateServiceLinkedRole: User: arn:aws:iam::111122223333:user/local-cloud is not authorized to perform: iam:CreateServiceLinkedRole on resource: arn:aws:iam::111122223333:role/aws-service-role/license-manager.amazonaws.com/AWSServiceRoleForAWSLicenseManagerRole because no identity-based policy allows the iam:CreateServiceLinkedRole action (AccessDenied). Allow the action in the role of the provider's function, and see that no service control policy denies it"
            ],
        ),
    ] {
        let world = World::new();
        let organization = world.organization.clone();
        world.cloud().set_ram_sharing(&organization, RamSharing::Off);
        if action.starts_with("iam") {
            world.cloud().without_service_role(ACCOUNT);
        }
        deny(&world, ACCOUNT, action);
        let sharing = !action.starts_with("license-manager");
        let created = world.create_link(link(json!({ "EnableRamSharing": sharing }))).await;
        assert!(!created.is_success());
        reason.assert_eq(without_trailer(created.reason()));
        succeeded(world.delete_link(created.physical_id()).await);
        assert!(!world.link_settings().integration);
        world.never();
    }
}

/// However AWS words it. A denial has the code that a missing role has, and no role is made for it.
#[tokio::test(start_paused = true)]
async fn a_denial_is_told_from_a_missing_core_role_whichever_policy_denies() {
    for (by, reason) in [
        (
            DeniedBy::NoPolicy,
            expect![
                "creating organization link (Link): looking at what is there: License Manager refused GetServiceSettings, which needs license-manager:GetServiceSettings: User: arn:aws:iam::111122223333:user/local-cloud is not authorized to perform: license-manager:GetServiceSettings on resource: * because no identity-based policy allows the license-manager:GetServiceSettings action (AccessDeniedException). Allow the action in the role of the provider's function, and see that no service control policy denies it"
            ],
        ),
        (
            DeniedBy::IdentityPolicy,
            expect![
                "creating organization link (Link): looking at what is there: License Manager refused GetServiceSettings, which needs license-manager:GetServiceSettings: User: arn:aws:iam::111122223333:user/local-cloud is not authorized to perform: license-manager:GetServiceSettings on resource: * with an explicit deny in an identity-based policy (AccessDeniedException). Allow the action in the role of the provider's function, and see that no service control policy denies it"
            ],
        ),
        (
            DeniedBy::ServiceControlPolicy,
            expect![
                "creating organization link (Link): looking at what is there: License Manager refused GetServiceSettings, which needs license-manager:GetServiceSettings: User: arn:aws:iam::111122223333:user/local-cloud is not authorized to perform: license-manager:GetServiceSettings on resource: * with an explicit deny in a service control policy (AccessDeniedException). Allow the action in the role of the provider's function, and see that no service control policy denies it"
            ],
        ),
        (
            DeniedBy::Unsaid,
            expect![
                "creating organization link (Link): looking at what is there: License Manager refused GetServiceSettings, which needs license-manager:GetServiceSettings: User: arn:aws:iam::111122223333:user/local-cloud is not authorized to perform: license-manager:GetServiceSettings on resource: * (AccessDeniedException). Allow the action in the role of the provider's function, and see that no service control policy denies it"
            ],
        ),
    ] {
        let world = World::new();
        world.cloud().without_service_role(ACCOUNT);
        let action = "license-manager:GetServiceSettings".to_owned();
        world.cloud().deny(DenyRule { account: ACCOUNT.to_owned(), action, by });
        refused(&world, link(json!({})), reason).await;
        assert!(!world.cloud().has_linked_role(ACCOUNT, LinkedRole::Core));
    }
}

/// The calls that repair half a link, and those of a change of administrator and of an unlinking.
#[tokio::test(start_paused = true)]
async fn a_denied_repair_names_its_action() {
    let world = World::new();
    let organization = world.organization.clone();
    assert!(world.cloud().link_by_hand(ACCOUNT, REGION));
    assert!(world.cloud().set_trusted_access(&organization, MANAGER, false));
    world.cloud().change_settings(|settings| settings.license_manager.relink_repairs = false);
    deny(&world, ACCOUNT, "organizations:EnableAWSServiceAccess");
    let created = world.create_link(link(json!({}))).await;
    expect!["creating organization link (Link): enabling trusted access of license-manager.amazonaws.com: Organizations refused EnableAWSServiceAccess, which needs organizations:EnableAWSServiceAccess: User: arn:aws:iam::111122223333:user/local-cloud is not authorized to perform: organizations:EnableAWSServiceAccess on resource: * because no identity-based policy allows the organizations:EnableAWSServiceAccess action (AccessDeniedException). Allow the action in the role of the provider's function, and see that no service control policy denies it"].assert_eq(without_trailer(created.reason()));
    succeeded(world.delete_link(created.physical_id()).await);
    world.never();
}

#[tokio::test(start_paused = true)]
async fn a_denied_registration_or_deregistration_names_its_action() {
    let world = World::new();
    let delegate = |account: &str| link(json!({ "DelegatedAdministratorAccountId": account }));
    deny(&world, ACCOUNT, "organizations:RegisterDelegatedAdministrator");
    let created = world.create_link(delegate(MEMBER)).await;
    expect!["creating organization link (Link): registering delegated administrator 222233334444: Organizations refused RegisterDelegatedAdministrator, which needs organizations:RegisterDelegatedAdministrator: User: arn:aws:iam::111122223333:user/local-cloud is not authorized to perform: organizations:RegisterDelegatedAdministrator on resource: * because no identity-based policy allows the organizations:RegisterDelegatedAdministrator action (AccessDeniedException). Allow the action in the role of the provider's function, and see that no service control policy denies it. What cannot be taken back stays: License Manager is linked to the organization"].assert_eq(without_trailer(created.reason()));
    world.cloud().clear_denials();
    world.later().await;
    succeeded(world.create_link(delegate(MEMBER)).await);
    deny(&world, ACCOUNT, "organizations:DeregisterDelegatedAdministrator");
    let updated = world.update_link(delegate(MEMBER_2)).await;
    expect!["updating organization link (Link): deregistering delegated administrator 222233334444: Organizations refused DeregisterDelegatedAdministrator, which needs organizations:DeregisterDelegatedAdministrator: User: arn:aws:iam::111122223333:user/local-cloud is not authorized to perform: organizations:DeregisterDelegatedAdministrator on resource: * because no identity-based policy allows the organizations:DeregisterDelegatedAdministrator action (AccessDeniedException). Allow the action in the role of the provider's function, and see that no service control policy denies it"].assert_eq(without_trailer(updated.reason()));
    assert_eq!((updated.physical_id(), world.delegates()), (LINK_ID, vec![MEMBER.to_owned()]));
    succeeded(world.update_link(delegate(MEMBER)).await);
    world.never();
}

#[tokio::test(start_paused = true)]
async fn a_denied_unlinking_names_its_action_and_the_next_delete_does_it() {
    let world = World::new();
    let create = world.link_event("Create", None, link(json!({ "OnDelete": "Unlink" })));
    succeeded(world.answer(&create).await);
    deny(&world, ACCOUNT, "license-manager:UpdateServiceSettings");
    let deleted = world.delete_link(LINK_ID).await;
    expect!["deleting organization link (Link): switching off EnableIntegration: License Manager refused UpdateServiceSettings, which needs license-manager:UpdateServiceSettings: User: arn:aws:iam::111122223333:user/local-cloud is not authorized to perform: license-manager:UpdateServiceSettings on resource: * because no identity-based policy allows the license-manager:UpdateServiceSettings action (AccessDeniedException). Allow the action in the role of the provider's function, and see that no service control policy denies it"].assert_eq(without_trailer(deleted.reason()));
    assert!(world.link_settings().integration);
    // Nothing has begun that would have to be looked after.
    let unlinking = RecordKey::new(LINK_ID, &format!("unlink {}", create.request_id));
    let item = world.records.get(&unlinking).await.unwrap().unwrap();
    assert_eq!((item.ledger, item.ended), (json!("done"), true));
    world.cloud().clear_denials();
    succeeded(world.delete_link(LINK_ID).await);
    assert!(!world.link_settings().integration);
    let unlinked =
        world.calls_since(0).iter().filter(|call| call.operation == "UpdateServiceSettings").count();
    assert_eq!(unlinked, 3);
}
