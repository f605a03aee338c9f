//! The local cloud that every input finds: the same each time, ids included.

use bytes::Bytes;
use http::Request;
use local_cloud::organizations::RamSharing;
use local_cloud::sts::Role;
use local_cloud::{LocalCloud, Settings};
use serde_json::{Value, json};
use std::time::Duration;

/// Where the provider acts: the management account.
pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGION: &str = "eu-west-1";
const MEMBER: &str = "222233334444";
const MEMBER_2: &str = "333344445555";
const OUTSIDER: &str = "999900001111";

/// An organization with two members and RAM sharing, license configurations and License Manager's share; an outside
/// account that has invited the provider's; and roles in both.
pub(crate) fn cloud() -> LocalCloud {
    let mut cloud = LocalCloud::new(Settings::default());
    let organization = cloud.create_organization(ACCOUNT);
    let unit = cloud.add_unit(&organization, None, "licenses");
    cloud.add_account(&organization, unit.as_deref(), MEMBER);
    cloud.add_account(&organization, None, MEMBER_2);
    cloud.set_ram_sharing(&organization, RamSharing::On);
    for name in ["sql", "office"] {
        cloud.create_license_configuration(ACCOUNT, REGION, name);
    }
    cloud.create_license_manager_share(ACCOUNT, REGION);
    for account in [ACCOUNT, OUTSIDER] {
        cloud.sts().register_role(Role {
            arn: format!("arn:aws:iam::{account}:role/license-share-acceptance"),
            trusted_accounts: vec![ACCOUNT.to_owned()],
            ..Role::default()
        });
    }
    invite(&mut cloud);
    cloud
}

fn invite(cloud: &mut LocalCloud) {
    let license = cloud.create_license_configuration(OUTSIDER, REGION, "partner");
    let share = json!({
        "name": "partner",
        "resourceArns": [license],
        "principals": [ACCOUNT],
        "allowExternalPrincipals": true,
        "clientToken": "token",
    });
    cloud.handle(Duration::ZERO, &signed(OUTSIDER, "/createresourceshare", &share));
}

/// A request to RAM.
fn signed(account: &str, path: &str, body: &Value) -> Request<Bytes> {
    let scope = format!("AWS4-HMAC-SHA256 Credential={account}/20260101/{REGION}/ram/aws4_request");
    let request = Request::post(path).header("authorization", scope);
    request.body(Bytes::from(body.to_string())).expect("a request is built of fixed words")
}
