//! What CloudFormation and a person in the events tab get to read, and what it costs (design 3.8, 3.9 and 11).

use crate::support::counting::CountingRecords;
use crate::support::flows::succeeded;
use crate::support::refusals::without_trailer;
use crate::support::s3::Answer;
use crate::support::world::{ACCOUNT, MEMBER, MEMBER_2, OUTSIDER, REGION, World, attached, own, with};
use expect_test::{Expect, expect};
use local_cloud::fault::{FaultKind, FaultRule};
use local_cloud::organizations::RamSharing;
use local_cloud::ram::FailAssociation;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const KEYS: [&str; 10] = [
    "ResourceShareArn",
    "ResourceShareId",
    "ResourceShareName",
    "OwnerAccountId",
    "Status",
    "PendingAccounts",
    "PendingAccountsCount",
    "UnmanagedMembers",
    "UnmanagedMembersCount",
    "Warnings",
];

fn assert_keys(answer: &Answer) {
    let data = answer.json["Data"].as_object().unwrap();
    let mut expected = KEYS.to_vec();
    expected.sort_unstable();
    let mut keys: Vec<&str> = data.keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, expected);
    for list in ["PendingAccounts", "UnmanagedMembers"] {
        let elements = answer.attribute(list).split(',').filter(|element| !element.is_empty()).count();
        let count: usize = answer.attribute(&format!("{list}Count")).parse().unwrap();
        let cut = answer.attribute("Warnings").contains(&format!("{list}: {elements} of {count} shown"));
        assert!(elements == count || cut, "{}", answer.bytes);
    }
}

fn external(properties: Value) -> Value {
    with(properties, "AllowExternalPrincipals", json!(true))
}

#[tokio::test(start_paused = true)]
async fn every_success_has_the_same_attributes() {
    let world = World::new();
    let licenses = world.license_configurations(2);
    let empty = succeeded(world.create("Empty", own("empty", &[], &[])).await);
    let full = succeeded(world.create("Full", external(own("full", &licenses, &[MEMBER, OUTSIDER]))).await);
    let changed =
        succeeded(world.update(full.physical_id(), "Full", own("full", &licenses, &[MEMBER])).await);
    let share = world.cloud().create_license_manager_share(ACCOUNT, REGION);
    let added = succeeded(world.create("Added", attached(&share, &licenses[..1], &[])).await);
    world.cloud().delete_license_configuration(&licenses[1]);
    let gone =
        succeeded(world.update(full.physical_id(), "Full", own("full", &licenses[..1], &[MEMBER])).await);
    for answer in [&empty, &full, &changed, &added, &gone] {
        assert_keys(answer);
        assert_eq!(answer.attribute("OwnerAccountId"), ACCOUNT);
        assert_eq!(answer.attribute("Status"), "ACTIVE");
        let (arn, id) = (answer.attribute("ResourceShareArn"), answer.attribute("ResourceShareId"));
        assert!(arn.ends_with(&format!("/{id}")), "{arn} {id}");
    }
    assert_eq!(full.attribute("PendingAccounts"), OUTSIDER);
    assert_eq!(changed.attribute("PendingAccounts"), "");
    assert_eq!(added.attribute("UnmanagedMembers"), world.organization_arn());
    assert_eq!(added.attribute("UnmanagedMembersCount"), "1");
}

fn numbered(first: usize, count: usize) -> Vec<String> {
    (first..first + count).map(|n| format!("{n:012}")).collect()
}

fn texts(accounts: &[String]) -> Vec<&str> {
    accounts.iter().map(String::as_str).collect()
}

/// What is shown is a start of the whole, cut between elements, and Warnings says how much it is.
#[tokio::test(start_paused = true)]
async fn long_lists_are_cut_at_whole_elements_with_exact_counts() {
    let world = World::new();
    let (pending, unmanaged) = (numbered(500_000_000_000, 200), numbered(600_000_000_000, 300));
    for account in &unmanaged {
        assert!(world.cloud().add_account(&world.organization, None, account));
    }
    let all = [texts(&pending), texts(&unmanaged)].concat();
    let theirs = succeeded(world.create("Theirs", external(own("theirs", &[], &texts(&unmanaged)))).await);
    world.cloud().change_settings(|settings| settings.ram.quotas.pending_invitations = 1_000);
    for pending in texts(&pending).chunks(100) {
        world.add_by_hand(theirs.physical_id(), pending).await;
    }
    let named = external(own("theirs", &[], &all));
    let theirs = succeeded(world.update(theirs.physical_id(), "Theirs", named).await);
    assert_eq!(theirs.attribute("PendingAccountsCount"), "200");
    assert_eq!(theirs.attribute("PendingAccounts"), pending.join(","));
    assert_keys(&theirs);
    let licenses = world.license_configurations(1);
    let added = attached(theirs.physical_id(), &licenses, &[]);
    let answer = succeeded(world.create("Added", added).await);
    assert_keys(&answer);
    assert_eq!(answer.attribute("PendingAccountsCount"), "200");
    assert_eq!(answer.attribute("UnmanagedMembersCount"), "500");
    let shown: Vec<&str> = answer.attribute("UnmanagedMembers").split(',').collect();
    assert!((50..500).contains(&shown.len()), "{}", shown.len());
    assert!(shown.iter().all(|member| all.contains(member)), "{shown:?}");
    let note = format!("UnmanagedMembers: {} of 500 shown", shown.len());
    assert!(answer.attribute("Warnings").contains(&note), "{}", answer.attribute("Warnings"));
    assert!(answer.bytes.len() > 3_900, "{} bytes of 4,096 are used", answer.bytes.len());
}

/// A Create that RAM refuses, and how a person reads why.
async fn reason(world: &World, properties: Value, expected: Expect) {
    let mark = world.mark();
    let created = world.create("Share", properties).await;
    assert!(!created.is_success());
    expected.assert_eq(without_trailer(created.reason()));
    let refused = world.calls_since(mark).into_iter().any(|call| call.status != Some(200));
    assert_eq!(refused, created.reason().contains("(AWS request id "), "{}", created.reason());
    assert_eq!(world.live_shares(), Vec::<String>::new());
    world.later().await;
    succeeded(world.delete(created.physical_id(), "Share").await);
    world.later().await;
}

#[tokio::test(start_paused = true)]
async fn an_outside_account_without_allow_external_principals_is_refused_with_the_remedy() {
    reason(&World::new(), own("licenses", &[], &[OUTSIDER]), expect!["creating license configuration share (Share): creating the share with 1 member: RAM refused CreateResourceShare: Principal 999900001111 is not in your AWS organization. You do not have permission to add external AWS accounts to a resource share (InvalidParameterException). If the account is meant to be outside the organization, set AllowExternalPrincipals to true; otherwise check that it is an active member"]).await;
}

#[tokio::test(start_paused = true)]
async fn an_organization_while_sharing_with_it_is_off_is_refused_with_the_remedy() {
    let world = World::new();
    let (organization, arn) = (world.organization.clone(), world.organization_arn());
    assert!(world.cloud().set_ram_sharing(&organization, RamSharing::Off));
    reason(&world, own("licenses", &[], &[&arn]), expect!["creating license configuration share (Share): creating the share with 1 member: RAM refused CreateResourceShare: The resource you are attempting to share can only be shared within your AWS Organization. This error may also occur if you have not enabled sharing with your AWS organization, or that onboarding process is still in progress (OperationNotPermittedException). Sharing with the organization must be on in AWS RAM: set EnableRamSharing of a Custom::LicenseManagerOrgLink to true, or call EnableSharingWithAwsOrganization in the management account. It can take up to six hours to take effect"]).await;
    reason(&world, own("licenses", &[], &[MEMBER]), expect!["creating license configuration share (Share): creating the share with 1 member: RAM refused CreateResourceShare: The resource you are attempting to share can only be shared within your AWS Organization. This error may also occur if you have not enabled sharing with your AWS organization, or that onboarding process is still in progress (OperationNotPermittedException). Sharing with the organization must be on in AWS RAM: set EnableRamSharing of a Custom::LicenseManagerOrgLink to true, or call EnableSharingWithAwsOrganization in the management account. It can take up to six hours to take effect"]).await;
    assert!(world.cloud().set_ram_sharing(&organization, RamSharing::WithoutRole));
    reason(&world, own("licenses", &[], &[&arn]), expect!["creating license configuration share (Share): creating the share with 1 member: RAM refused CreateResourceShare: Organization o-85d30f3b4e could not be found (UnknownResourceException). Check the id. If it is right, sharing with the organization was switched on through AWS Organizations instead of AWS RAM: set EnableRamSharing of a Custom::LicenseManagerOrgLink to true, or call EnableSharingWithAwsOrganization of AWS RAM in the management account. It can take up to six hours to take effect"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_unit_that_is_not_found_is_refused_with_the_remedy() {
    let world = World::new();
    let unit = world.organization_arn().replace(":organization/", ":ou/") + "/ou-ab12-34567890";
    let expected = expect![
        "creating license configuration share (Share): creating the share with 1 member: RAM refused CreateResourceShare: OrganizationalUnit ou-ab12-34567890 could not be found (UnknownResourceException). Check the id. If it is right, sharing with the organization was switched on through AWS Organizations instead of AWS RAM: set EnableRamSharing of a Custom::LicenseManagerOrgLink to true, or call EnableSharingWithAwsOrganization of AWS RAM in the management account. It can take up to six hours to take effect"
    ];
    let created = world.create("Share", own("licenses", &[], &[&unit])).await;
    expected.assert_eq(without_trailer(created.reason()));
}

/// A refusal of one operation, by status, code and message.
struct Refusal(&'static str, u16, &'static str, &'static str);

/// A Create of which this is the answer to one call, and the Reason that follows.
async fn refused(Refusal(operation, status, code, message): Refusal, expected: Expect) {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let kind = FaultKind::Error { status, code: code.to_owned(), message: message.to_owned() };
    world.cloud().add_fault(FaultRule { times: Some(2), ..FaultRule::always("*", operation, kind) });
    reason(&world, own("licenses", &licenses, &[MEMBER]), expected).await;
}

#[tokio::test(start_paused = true)]
async fn a_malformed_principal_is_refused_with_the_forms_that_ram_takes() {
    let refusal = Refusal(
        "CreateResourceShare",
        400,
        "InvalidParameterException",
        "Principal ID 22223333444 is malformed. Verify the ID and try again.",
    );
    let expected = expect![
        "creating license configuration share (Share): creating the share with 2 members: RAM refused CreateResourceShare: Principal ID 22223333444 is malformed. Verify the ID and try again (InvalidParameterException). Give a 12-digit account id, or the ARN of an organizational unit or of the organization"
    ];
    refused(refusal, expected).await;
}

#[tokio::test(start_paused = true)]
async fn an_access_that_is_denied_is_refused_with_the_action_and_where_to_allow_it() {
    let refusal = Refusal(
        "CreateResourceShare",
        403,
        "AccessDeniedException",
        "User: arn:aws:sts::111122223333:assumed-role/provider/provider is not authorized to perform: \
             ram:CreateResourceShare with an explicit deny in a service control policy",
    );
    let expected = expect![
        "creating license configuration share (Share): creating the share with 2 members: RAM refused CreateResourceShare, which needs ram:CreateResourceShare: User: arn:aws:sts::111122223333:assumed-role/provider/provider is not authorized to perform: ram:CreateResourceShare with an explicit deny in a service control policy (AccessDeniedException). Allow it in the role of the provider's function, and see that no service control policy denies it"
    ];
    refused(refusal, expected).await;
}

#[tokio::test(start_paused = true)]
async fn license_managers_denial_is_refused_like_rams() {
    let refusal = Refusal(
        "ListLicenseConfigurations",
        400,
        "AccessDeniedException",
        "User: arn:aws:sts::111122223333:assumed-role/provider/provider is not authorized to perform: \
             license-manager:ListLicenseConfigurations",
    );
    let expected = expect![
        "creating license configuration share (Share): looking at what is there: License Manager refused ListLicenseConfigurations, which needs license-manager:ListLicenseConfigurations: User: arn:aws:sts::111122223333:assumed-role/provider/provider is not authorized to perform: license-manager:ListLicenseConfigurations (AccessDeniedException). Allow it in the role of the provider's function, and see that no service control policy denies it"
    ];
    refused(refusal, expected).await;
}

#[tokio::test(start_paused = true)]
async fn a_missing_service_role_is_refused_with_how_to_get_it() {
    let refusal = Refusal(
        "ListLicenseConfigurations",
        400,
        "AuthorizationException",
        "Service role not found. Consult setup procedures in Service Console to create the required role for the service.",
    );
    let expected = expect![
        "creating license configuration share (Share): looking at what is there: License Manager refused ListLicenseConfigurations: Service role not found. Consult setup procedures in Service Console to create the required role for the service (AuthorizationException). Open License Manager once in the console of this account, so that its service-linked role is made"
    ];
    refused(refusal, expected).await;
}

#[tokio::test(start_paused = true)]
async fn a_reached_quota_is_refused_with_where_to_look() {
    let refusal = Refusal(
        "CreateResourceShare",
        400,
        "ResourceShareLimitExceededException",
        "The pending invitations of the account would exceed the quota.",
    );
    let expected = expect![
        "creating license configuration share (Share): creating the share with 2 members: RAM refused CreateResourceShare: The pending invitations of the account would exceed the quota (ResourceShareLimitExceededException). A quota of AWS RAM or of License Manager is reached, in this account or in one that is shared with: see Service Quotas (RAM allows 20 pending invitations an account)"
    ];
    refused(refusal, expected).await;
}

#[tokio::test(start_paused = true)]
async fn a_license_configuration_that_ram_does_not_know_is_refused_with_what_to_check() {
    let refusal = Refusal(
        "CreateResourceShare",
        400,
        "UnknownResourceException",
        "Resource arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-1 could not be found.",
    );
    let expected = expect![
        "creating license configuration share (Share): creating the share with 2 members: RAM refused CreateResourceShare: Resource arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-1 could not be found (UnknownResourceException). Check that the license configuration still exists"
    ];
    refused(refusal, expected).await;
}

#[tokio::test(start_paused = true)]
async fn a_tag_policy_is_refused_with_what_to_change() {
    let refusal = Refusal(
        "CreateResourceShare",
        400,
        "TagPolicyViolationException",
        "The tag policy does not allow the specified value for the following tag key: 'CostCenter'.",
    );
    let expected = expect![
        "creating license configuration share (Share): creating the share with 2 members: RAM refused CreateResourceShare: The tag policy does not allow the specified value for the following tag key: 'CostCenter' (TagPolicyViolationException). Change Tags to what the organization's tag policy allows"
    ];
    refused(refusal, expected).await;
}

#[tokio::test(start_paused = true)]
async fn what_ram_does_not_permit_is_refused_with_where_it_is_explained() {
    let refusal = Refusal(
        "CreateResourceShare",
        400,
        "OperationNotPermittedException",
        "The requested operation is not permitted.",
    );
    let expected = expect![
        "creating license configuration share (Share): creating the share with 2 members: RAM refused CreateResourceShare: The requested operation is not permitted (OperationNotPermittedException). See in the AWS RAM user guide who may share what with whom"
    ];
    refused(refusal, expected).await;
}

#[tokio::test(start_paused = true)]
async fn a_denied_read_after_the_first_write_is_refused_and_nothing_is_left() {
    let refusal = Refusal("GetResourceShareAssociations", 403, "AccessDeniedException", "not authorized");
    let expected = expect![
        "creating license configuration share (Share): looking at the members: RAM refused GetResourceShareAssociations, which needs ram:GetResourceShareAssociations: not authorized (AccessDeniedException). Allow it in the role of the provider's function, and see that no service control policy denies it"
    ];
    refused(refusal, expected).await;
}

/// RAM may say as much as it likes.
#[tokio::test(start_paused = true)]
async fn a_reason_fits_whatever_ram_says_and_keeps_cause_remedy_and_ids() {
    for words in ["Ä very \"long\" sentence\n of RAM. ", "x", "\u{1F600}\u{202e}\u{7}"] {
        let world = World::new();
        let message = format!("can only be shared within your AWS Organization. {}", words.repeat(5_000));
        let kind =
            FaultKind::Error { status: 400, code: "OperationNotPermittedException".to_owned(), message };
        world.cloud().add_fault(FaultRule::once("ram", "CreateResourceShare", kind));
        let created = world.create("Share", own("licenses", &[], &[MEMBER])).await;
        let reason = created.reason();
        assert!(
            reason.starts_with("creating license configuration share (Share): creating the share"),
            "{reason}"
        );
        assert!(reason.contains("RAM refused CreateResourceShare: can only be shared within"), "{reason}");
        assert!(reason.contains("EnableSharingWithAwsOrganization"), "{reason}");
        assert!(!without_trailer(reason).contains("log stream"), "{reason}");
        assert!(reason.contains("(AWS request id "), "{reason}");
        assert!(
            created.bytes.len() > 3_900 && !reason.chars().any(char::is_control),
            "{}",
            created.bytes.len()
        );
    }
    let world = World::new();
    world.cloud().fail_association(FailAssociation::of(MEMBER, "\"\\ä".repeat(5_000)));
    let created = world.create("Share", own("licenses", &[], &[MEMBER])).await;
    assert!(created.reason().contains(&format!("{MEMBER}: \"")), "{}", created.reason());
    assert!(created.reason().contains("take that member out of the template"), "{}", created.reason());
}

/// How many calls were made, and how many rounds of them when each takes a second: calls side by side are one round.
async fn costs(world: &World, request: impl Future<Output = Answer>) -> (usize, u64) {
    let latency = FaultKind::Latency(Duration::from_secs(1));
    world.cloud().add_fault(FaultRule::always("*", "*", latency));
    let (mark, start) = (world.mark(), tokio::time::Instant::now());
    let answer = request.await;
    let rounds = start.elapsed().as_secs();
    assert!(answer.is_success(), "{}", answer.reason());
    world.cloud().clear_faults();
    (world.mark() - mark, rounds)
}

#[tokio::test(start_paused = true)]
async fn a_share_costs_the_calls_and_rounds_of_the_design() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let properties = own("licenses", &licenses, &[&world.organization_arn()]);
    let create = world.event("Create", None, "Share", properties.clone());
    let (calls, rounds) = costs(&world, world.answer(&create)).await;
    println!("Create: {calls} calls in {rounds} rounds");
    assert!(calls <= 5 && rounds <= 3, "{calls} calls in {rounds} rounds");
    let arn = world.s3.answer_to(&create.request_id).unwrap().physical_id().to_owned();
    world.later().await;
    let update = world.event("Update", Some(&arn), "Share", properties);
    let (calls, rounds) = costs(&world, world.answer(&update)).await;
    println!("Update without effect: {calls} calls in {rounds} rounds");
    assert_eq!((calls, rounds), (4, 1));
    world.later().await;
    let delete = world.event("Delete", Some(&arn), "Share", json!({}));
    let (calls, _) = costs(&world, world.answer(&delete)).await;
    println!("Delete: {calls} calls");
    assert!(calls <= 3, "{calls}");
}

#[tokio::test(start_paused = true)]
async fn the_record_costs_two_or_three_calls() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let records = Arc::new(CountingRecords::new(world.records.clone()));
    let process = world.process_on(records.clone());
    let first = own("licenses", &licenses, &[MEMBER]);
    let second = own("licenses", &licenses, &[MEMBER, MEMBER_2]);
    let mut arn: Option<String> = None;
    let requests = [("Create", first), ("Update", second.clone()), ("Update", second), ("Delete", json!({}))];
    let mut counts = Vec::new();
    for (request_type, properties) in requests {
        world.later().await;
        let event = world.event(request_type, arn.as_deref(), "Share", properties);
        world.deliver_to(&process, &event).await.unwrap();
        let answer = succeeded(world.s3.answer_to(&event.request_id).unwrap());
        arn = Some(answer.physical_id().to_owned());
        counts.push(records.take());
    }
    // Begin, what is going to be made, the end.
    assert_eq!(counts, [3, 3, 2, 2]);
}
