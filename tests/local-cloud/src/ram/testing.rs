//! What the unit tests of RAM share: a cloud with an organization, and calls as a client sends them.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::{AssociationStatus, Kind};
use crate::cloud::{LocalCloud, Reply};
use crate::organizations::RamSharing;
use crate::settings::Settings;

/// The management account, which owns the shares.
pub(crate) const OWNER: &str = "111111111111";
/// A member at the root.
pub(crate) const MEMBER: &str = "222222222222";
/// A member in the unit below the unit.
pub(crate) const NESTED: &str = "333333333333";
/// In no organization.
pub(crate) const OUTSIDER: &str = "999999999999";
pub(crate) const REGION: &str = "eu-west-1";

/// A cloud with an organization that RAM shares with.
pub(crate) struct World {
    pub(crate) cloud: LocalCloud,
    pub(crate) now: Duration,
    pub(crate) organization: String,
    /// ARN of the organization.
    pub(crate) whole: String,
    /// ARN of a unit that has another one below it.
    pub(crate) unit: String,
    /// An ARN of a license configuration of OWNER.
    pub(crate) license: String,
}

impl World {
    pub(crate) fn new() -> Self {
        let mut cloud = LocalCloud::new(Settings::default());
        let organization = cloud.create_organization(OWNER);
        let unit = cloud.add_unit(&organization, None, "outer").unwrap();
        let inner = cloud.add_unit(&organization, Some(&unit), "inner").unwrap();
        assert!(cloud.add_account(&organization, None, MEMBER));
        assert!(cloud.add_account(&organization, Some(&inner), NESTED));
        assert!(cloud.set_ram_sharing(&organization, RamSharing::On));
        let license = cloud.create_license_configuration(OWNER, REGION, "sql");
        let whole = cloud.organization_arn(&organization).unwrap();
        let unit = cloud.unit_arn(&organization, &unit).unwrap();
        Self { cloud, now: Duration::ZERO, organization, whole, unit, license }
    }

    /// A cloud with other settings of RAM.
    pub(crate) fn with(change: impl FnOnce(&mut super::RamSettings)) -> Self {
        let mut world = Self::new();
        world.set(change);
        world
    }

    pub(crate) fn set(&mut self, change: impl FnOnce(&mut super::RamSettings)) {
        self.cloud.change_settings(|settings| change(&mut settings.ram));
    }

    pub(crate) fn wait(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
        self.cloud.at(self.now);
    }

    pub(crate) fn wait_days(&mut self, days: u64) {
        self.wait(days * 24 * 60 * 60);
    }

    /// Sends a request in a Region; the status, the error's code, and the body.
    pub(crate) fn send(
        &mut self,
        account: &str,
        region: &str,
        operation: &str,
        input: &Value,
    ) -> (u16, Option<String>, Value) {
        let Reply::Answer { response, .. } =
            self.cloud.handle(self.now, &request(account, region, operation, input))
        else {
            panic!("no answer to {operation}");
        };
        let code = response.headers().get("x-amzn-errortype").map(|code| code.to_str().unwrap().to_owned());
        (response.status().as_u16(), code, serde_json::from_slice(response.body()).unwrap())
    }

    /// A call that succeeds.
    #[track_caller]
    pub(crate) fn ok(&mut self, account: &str, operation: &str, input: Value) -> Value {
        let (status, code, body) = self.send(account, REGION, operation, &input);
        assert_eq!((status, &code), (200, &None), "{operation} {input}: {body}");
        body
    }

    /// A call that is refused with status 400; code and message.
    #[track_caller]
    pub(crate) fn refused(&mut self, account: &str, operation: &str, input: Value) -> (String, String) {
        let (status, code, body) = self.send(account, REGION, operation, &input);
        assert_eq!(status, 400, "{operation} {input}: {body}");
        (code.unwrap(), body["message"].as_str().unwrap().to_owned())
    }

    /// The code of a call that is refused.
    #[track_caller]
    pub(crate) fn code(&mut self, account: &str, operation: &str, input: Value) -> String {
        self.refused(account, operation, input).0
    }

    /// Makes a share of OWNER with further members of the input; its ARN.
    #[track_caller]
    pub(crate) fn create(&mut self, more: Value) -> String {
        let mut input = json!({"name": "licenses"});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = self.ok(OWNER, "CreateResourceShare", input);
        answer["resourceShare"]["resourceShareArn"].as_str().unwrap().to_owned()
    }

    /// A share of the license configuration with these principals.
    #[track_caller]
    pub(crate) fn share_with(&mut self, principals: &[&str]) -> String {
        let license = self.license.clone();
        self.create(json!({"resourceArns": [license], "principals": principals}))
    }

    /// The status of a principal in a share now; None where it is not listed.
    pub(crate) fn principal(&mut self, share: &str, entity: &str) -> Option<AssociationStatus> {
        self.cloud.at(self.now);
        let found = self.cloud.share(share)?.association(Kind::Principal, entity)?;
        Some(found.status)
    }

    /// The invitations that an account sees.
    pub(crate) fn invitations(&mut self, account: &str) -> Vec<Value> {
        let answer = self.ok(account, "GetResourceShareInvitations", json!({}));
        answer["resourceShareInvitations"].as_array().unwrap().clone()
    }

    /// The ARN of the one invitation of an account.
    #[track_caller]
    pub(crate) fn invitation(&mut self, account: &str) -> String {
        let all = self.invitations(account);
        assert_eq!(all.len(), 1, "{all:?}");
        all[0]["resourceShareInvitationArn"].as_str().unwrap().to_owned()
    }

    /// The ARNs of the shares that an account sees.
    pub(crate) fn seen(&mut self, account: &str, owner: &str) -> Vec<String> {
        let answer = self.ok(account, "GetResourceShares", json!({"resourceOwner": owner}));
        texts(&answer["resourceShares"], "resourceShareArn")
    }
}

/// One member of each item of a list.
pub(crate) fn texts(list: &Value, member: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|item| item[member].as_str().unwrap().to_owned()).collect()
}

/// A request to RAM as a client sends it.
pub(crate) fn request(account: &str, region: &str, operation: &str, input: &Value) -> Request<Bytes> {
    let scope = format!(
        "AWS4-HMAC-SHA256 Credential={account}/20260101/{region}/ram/aws4_request, SignedHeaders=host, Signature=0"
    );
    let path = format!("/{}", operation.to_ascii_lowercase());
    let builder = Request::builder().header("authorization", scope);
    if operation == "DeleteResourceShare" {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in input.as_object().unwrap() {
            query.append_pair(name, value.as_str().unwrap());
        }
        return builder
            .method("DELETE")
            .uri(format!("{path}?{}", query.finish()))
            .body(Bytes::new())
            .unwrap();
    }
    builder.method("POST").uri(path).body(Bytes::from(input.to_string())).unwrap()
}
