//! What one service of the local cloud does to another, through requests as clients send them.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail loudly; clippy spares the functions marked as tests, and not their helpers"
)]

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use local_cloud::license_manager::InventoryRow;
use local_cloud::organizations::RamSharing;
use local_cloud::{LocalCloud, Reply};
use serde_json::{Value, json};

const MANAGER: &str = "111111111111";
const MEMBER: &str = "222222222222";

fn signed(service: &str, key: &str) -> http::request::Builder {
    let credential = format!("AWS4-HMAC-SHA256 Credential={key}/20260101/us-east-1/{service}/aws4_request");
    Request::post("/").header("authorization", credential)
}

/// Sends a request and answers status and body.
fn send(cloud: &mut LocalCloud, at: u64, request: http::Result<Request<Bytes>>) -> (u16, String) {
    let Reply::Answer { response, .. } = cloud.handle(Duration::from_secs(at), &request.unwrap()) else {
        panic!("no answer");
    };
    (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
}

fn json_call(cloud: &mut LocalCloud, at: u64, key: &str, target: &str, input: Value) -> (u16, Value) {
    let service = if target.starts_with("AWSLicenseManager") { "license-manager" } else { "organizations" };
    let request = signed(service, key).header("x-amz-target", target).body(Bytes::from(input.to_string()));
    let (status, body) = send(cloud, at, request);
    (status, serde_json::from_str(&body).unwrap())
}

fn assume(cloud: &mut LocalCloud, at: u64, key: &str) -> (u16, String) {
    let form =
        format!("Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A{MEMBER}%3Arole%2Fr&RoleSessionName=name");
    send(cloud, at, signed("sts", key).body(Bytes::from(form)))
}

fn access_key(xml: &str) -> String {
    let (_, rest) = xml.split_once("<AccessKeyId>").unwrap();
    rest.split_once("</AccessKeyId>").unwrap().0.to_owned()
}

#[test]
fn a_session_acts_in_the_account_of_its_role_until_it_ends() {
    let mut cloud = LocalCloud::default();
    let (status, xml) = assume(&mut cloud, 0, MANAGER);
    assert_eq!(status, 200, "{xml}");
    let key = access_key(&xml);
    let input = json!({"Name": "made by a role", "LicenseCountingType": "vCPU"});
    let create = "AWSLicenseManager.CreateLicenseConfiguration";
    let (_, made) = json_call(&mut cloud, 3599, &key, create, input.clone());
    assert!(made["LicenseConfigurationArn"].as_str().unwrap().contains(MEMBER), "{made}");
    let (status, refusal) = json_call(&mut cloud, 3600, &key, create, input);
    assert_eq!((status, &refusal["__type"]), (400, &json!("ExpiredTokenException")));
    let (status, refusal) = assume(&mut cloud, 3600, &key);
    assert_eq!(status, 403);
    assert!(refusal.contains("<Code>ExpiredToken</Code>"), "{refusal}");
}

#[test]
fn linking_gives_trusted_access_and_the_share_appears_after_its_time() {
    let mut cloud = LocalCloud::default();
    cloud.create_organization(MANAGER);
    cloud.change_settings(|settings| settings.license_manager.share_delay = Duration::from_secs(120));
    let link = json!({"OrganizationConfiguration": {"EnableIntegration": true}});
    let (status, answer) = json_call(&mut cloud, 0, MANAGER, "AWSLicenseManager.UpdateServiceSettings", link);
    assert_eq!((status, answer), (200, json!({})));
    let list = "AWSOrganizationsV20161128.ListAWSServiceAccessForOrganization";
    let (_, trusted) = json_call(&mut cloud, 1, MANAGER, list, json!({}));
    let trusted = trusted["EnabledServicePrincipals"].as_array().unwrap();
    let names: Vec<&Value> = trusted.iter().map(|service| &service["ServicePrincipal"]).collect();
    assert_eq!(names, ["license-manager.amazonaws.com", "license-manager.member-account.amazonaws.com"]);
    let mut share_at = |at| {
        let get = "AWSLicenseManager.GetServiceSettings";
        json_call(&mut cloud, at, MANAGER, get, json!({})).1["LicenseManagerResourceShareArn"].clone()
    };
    assert_eq!(share_at(119), Value::Null);
    let arn = share_at(120);
    let share = cloud.share(arn.as_str().unwrap()).unwrap();
    assert_eq!(share.name, format!("licenseManagerResourceShare-{MANAGER}"));
}

#[test]
fn a_member_lists_what_is_shared_with_its_organization_and_not_after_it_left() {
    let mut cloud = LocalCloud::default();
    let organization = cloud.create_organization(MANAGER);
    assert!(cloud.add_account(&organization, None, MEMBER));
    assert!(cloud.set_ram_sharing(&organization, RamSharing::On));
    let license = cloud.create_license_configuration(MANAGER, "us-east-1", "shared");
    let share = json!({
        "name": "s", "resourceArns": [license], "principals": [cloud.organization_arn(&organization)],
    });
    let request = Request::post("/createresourceshare")
        .header("authorization", signed("ram", MANAGER).headers_ref().unwrap()["authorization"].clone())
        .body(Bytes::from(share.to_string()));
    assert_eq!(send(&mut cloud, 0, request).0, 200);
    let mut listed = |at| {
        let list = "AWSLicenseManager.ListLicenseConfigurations";
        let found = json_call(&mut cloud, at, MEMBER, list, json!({})).1["LicenseConfigurations"].clone();
        let leave = "AWSOrganizationsV20161128.LeaveOrganization";
        json_call(&mut cloud, at, MEMBER, leave, json!({}));
        found
    };
    assert_eq!(listed(1)[0]["OwnerAccountId"], MANAGER);
    assert_eq!(listed(2), json!([]));
}

#[test]
fn roles_and_machines_are_set_up_by_the_admin_api() {
    let mut cloud = LocalCloud::default();
    let mut admin = |path: &str, body: Value| {
        let request = Request::post(format!("/_local-cloud/{path}")).body(Bytes::from(body.to_string()));
        send(&mut cloud, 0, request).0
    };
    let role = json!({"arn": format!("arn:aws:iam::{MEMBER}:role/r"), "trusted_accounts": ["333333333333"]});
    assert_eq!(admin("roles", role), 200);
    let row = InventoryRow {
        resource_id: "i-1".into(),
        account: MANAGER.into(),
        region: "us-east-1".into(),
        platform: "Windows".into(),
        applications: Vec::new(),
    };
    assert_eq!(admin("inventory", serde_json::to_value(row).unwrap()), 200);
    assert_eq!(admin("license-configurations/consumed", json!({"arn": "unknown", "licenses": 1})), 400);
    assert_eq!(assume(&mut cloud, 0, MANAGER).0, 403);
    assert_eq!(assume(&mut cloud, 0, "333333333333").0, 200);
    let inventory = "AWSLicenseManager.ListResourceInventory";
    let (_, rows) = json_call(&mut cloud, 0, MANAGER, inventory, json!({}));
    assert_eq!(rows["ResourceInventoryList"][0]["ResourceId"], "i-1");
}

fn ram_call(cloud: &mut LocalCloud, key: &str, operation: &str, input: &Value) -> (u16, Value) {
    let path = format!("/{}", operation.to_ascii_lowercase());
    let (parts, ()) = signed("ram", key).uri(path).body(()).unwrap().into_parts();
    let request = Request::from_parts(parts, Bytes::from(input.to_string()));
    let (status, body) = send(cloud, 0, Ok(request));
    (status, serde_json::from_str(&body).unwrap())
}

/// A share of a license configuration with one outside account; its ARN.
fn share(cloud: &mut LocalCloud, owner: &str, with: &str) -> String {
    let license = cloud.create_license_configuration(owner, "us-east-1", "sql");
    let input = json!({"name": "licenses", "resourceArns": [license], "principals": [with]});
    let (status, made) = ram_call(cloud, owner, "CreateResourceShare", &input);
    assert_eq!(status, 200, "{made}");
    made.pointer("/resourceShare/resourceShareArn").and_then(Value::as_str).unwrap().to_owned()
}

#[test]
fn a_role_accepts_reads_and_leaves_only_the_shares_of_the_owner_that_its_permissions_name() {
    let mut cloud = LocalCloud::default();
    let (wanted, other) = (share(&mut cloud, MANAGER, MEMBER), share(&mut cloud, "333333333333", MEMBER));
    let of_owner = |kind: &str| json!([format!("arn:aws:ram:us-east-1:{MANAGER}:{kind}/*")]);
    let role = json!({
        "arn": format!("arn:aws:iam::{MEMBER}:role/r"),
        "trusted_principals": [format!("arn:aws:iam::{MANAGER}:root")],
        "permissions": [
            {"actions": ["ram:GetResourceShareInvitations", "ram:GetResourceShares"]},
            {"actions": ["ram:AcceptResourceShareInvitation"], "resources": of_owner("resource-share-invitation")},
            {"actions": ["ram:DisassociateResourceShare"], "resources": of_owner("resource-share")},
        ],
    });
    let request = Request::post("/_local-cloud/roles").body(Bytes::from(role.to_string()));
    assert_eq!(send(&mut cloud, 0, request).0, 200);
    let key = access_key(&assume(&mut cloud, 0, MANAGER).1);
    let (_, found) = ram_call(&mut cloud, &key, "GetResourceShareInvitations", &json!({}));
    let mut statuses = Vec::new();
    for arn in [&wanted, &other] {
        let all = found["resourceShareInvitations"].as_array().unwrap();
        let one = all.iter().find(|one| one["resourceShareArn"] == arn.as_str()).unwrap();
        let input = json!({"resourceShareInvitationArn": one["resourceShareInvitationArn"]});
        statuses.push(ram_call(&mut cloud, &key, "AcceptResourceShareInvitation", &input).0);
        ram_call(&mut cloud, MEMBER, "AcceptResourceShareInvitation", &input);
        let leave = json!({"resourceShareArn": arn, "principals": [MEMBER]});
        statuses.push(ram_call(&mut cloud, &key, "DisassociateResourceShare", &leave).0);
    }
    assert_eq!(statuses, [200, 200, 403, 403]);
    let (status, refused) = ram_call(&mut cloud, &key, "CreateResourceShare", &json!({"name": "mine"}));
    let message = refused["message"].as_str().unwrap();
    assert_eq!(status, 403);
    assert!(
        message.starts_with(&format!("User: arn:aws:sts::{MEMBER}:assumed-role/r/name is not authorized"))
    );
    let identity = signed("sts", &key).body(Bytes::from("Action=GetCallerIdentity"));
    assert_eq!(send(&mut cloud, 0, identity).0, 200);
}
