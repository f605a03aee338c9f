//! Requests for `Custom::LicenseManagerOrgLink`, and what must hold at the end of every test of it.

use super::s3::Answer;
use super::world::{Event, MEMBER, MEMBER_2, REGION, World};
use local_cloud::Call;
use local_cloud::license_manager::ServiceSettings;
use provider::aws::Deadline;
use provider::domain::SettingsChange;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

pub const LINK: &str = "Custom::LicenseManagerOrgLink";
pub const LINK_ID: &str = "license-manager-org-link/111122223333/eu-west-1";
pub const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:aws-license-manager-service-alerts";
pub const TOPIC_2: &str = "arn:aws:sns:eu-west-1:111122223333:aws-license-manager-service-others";
pub const BUCKET: &str = "arn:aws:s3:::aws-license-manager-service-inventory";
pub const MANAGER: &str = "license-manager.amazonaws.com";
pub const MANAGER_IN_MEMBERS: &str = "license-manager.member-account.amazonaws.com";
pub const RAM: &str = "ram.amazonaws.com";
/// All that may have trusted access.
pub const SERVICES: [&str; 3] = [MANAGER, MANAGER_IN_MEMBERS, RAM];

/// The properties of a link, with more.
pub fn link(more: Value) -> Value {
    let mut properties = json!({ "AcknowledgeOrganizationLink": true });
    properties.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    properties
}

/// Cross-account inventory search with all that it needs.
pub fn searching() -> Value {
    json!({ "CrossAccountInventorySearch": "true", "AcknowledgeInventoryCharges": "true", "S3BucketArn": BUCKET })
}

/// An event of the link's type.
pub fn of_link(mut event: Event) -> Event {
    event.json["ResourceType"] = LINK.into();
    event
}

impl World {
    pub fn link_event(&self, request_type: &str, id: Option<&str>, properties: Value) -> Event {
        of_link(self.event(request_type, id, "Link", properties))
    }

    pub fn link_event_of(
        &self,
        stack: &str,
        request_type: &str,
        id: Option<&str>,
        properties: Value,
    ) -> Event {
        of_link(self.event_of(stack, request_type, id, "Link", properties))
    }

    pub async fn create_link(&self, properties: Value) -> Answer {
        self.answer(&self.link_event("Create", None, properties)).await
    }

    pub async fn update_link(&self, properties: Value) -> Answer {
        self.later().await;
        self.answer(&self.link_event("Update", Some(LINK_ID), properties)).await
    }

    pub async fn delete_link(&self, id: &str) -> Answer {
        self.later().await;
        self.answer(&self.link_event("Delete", Some(id), json!({}))).await
    }

    /// License Manager's settings in the provider's account and usual Region.
    pub fn link_settings(&self) -> ServiceSettings {
        self.link_settings_in(REGION)
    }

    pub fn link_settings_in(&self, region: &str) -> ServiceSettings {
        self.cloud().license_manager().service_settings(super::world::ACCOUNT, region)
    }

    /// The services with trusted access.
    pub fn trusted(&self) -> BTreeSet<String> {
        let mut cloud = self.cloud();
        let organization = cloud.organizations().organization(&self.organization).unwrap();
        let services = [MANAGER, MANAGER_IN_MEMBERS, RAM].into_iter();
        services.filter(|service| organization.trusts(service)).map(str::to_owned).collect()
    }

    /// License Manager's delegated administrators.
    pub fn delegates(&self) -> Vec<String> {
        let mut cloud = self.cloud();
        let organization = cloud.organizations().organization(&self.organization).unwrap();
        let members = [MEMBER, MEMBER_2].into_iter();
        members.filter(|id| organization.is_delegated(id, Some(MANAGER))).map(str::to_owned).collect()
    }

    /// Somebody changes the settings with a call of their own, as the link's rules would.
    pub async fn set_by_hand(&self, change: SettingsChange) {
        let until = Deadline::after(Duration::from_secs(30));
        self.clients().license_manager(until).update_service_settings(&change).await.unwrap();
    }

    /// Somebody registers a delegated administrator.
    pub async fn delegate_by_hand(&self, account: &str) {
        let organizations = self.clients().organizations(Deadline::after(Duration::from_secs(30)));
        organizations.register_delegated_administrator(&account.parse().unwrap(), MANAGER).await.unwrap();
    }

    /// Somebody deregisters it.
    pub async fn undelegate_by_hand(&self, account: &str) {
        let organizations = self.clients().organizations(Deadline::after(Duration::from_secs(30)));
        organizations.deregister_delegated_administrator(&account.parse().unwrap(), MANAGER).await.unwrap();
    }

    /// Of the whole log: what a link must never send was not sent, and nothing was unlinked.
    pub fn never(&self) {
        self.never_but_unlinked(0);
    }

    /// The same, where the link was switched off so many times.
    pub fn never_but_unlinked(&self, times: usize) {
        let log = self.calls_since(0);
        let unlinked = log.iter().filter(|call| is_unlink(call)).count();
        assert_eq!(unlinked, times, "EnableIntegration=false was sent {unlinked} times");
        let mut there = BTreeMap::new();
        for call in &log {
            allowed(call);
            changes_something(call, &mut there);
        }
    }

    /// The UpdateServiceSettings since `mark`, as they were sent.
    pub fn updates_since(&self, mark: usize) -> Vec<Value> {
        let calls = self.calls_since(mark).into_iter();
        calls.filter(|call| call.operation == UPDATE).map(|call| call.input).collect()
    }
}

const UPDATE: &str = "UpdateServiceSettings";

fn is_unlink(call: &Call) -> bool {
    let unlinks = call.operation == UPDATE
        && call.input["OrganizationConfiguration"]["EnableIntegration"] == json!(false);
    if unlinks {
        assert_eq!(
            call.input,
            json!({ "OrganizationConfiguration": { "EnableIntegration": false } }),
            "something was sent beside EnableIntegration=false"
        );
    }
    unlinks
}

fn allowed(call: &Call) {
    let input = &call.input;
    let form = |name: &str| input.to_string().contains(name);
    match call.operation.as_str() {
        UPDATE => assert_ne!(input["EnableCrossAccountsDiscovery"], json!(false), "{input}"),
        "EnableAWSServiceAccess" | "RegisterDelegatedAdministrator" | "DeregisterDelegatedAdministrator" => {
            let principal = input["ServicePrincipal"].as_str().unwrap();
            assert!([MANAGER, MANAGER_IN_MEMBERS].contains(&principal), "{call:?}");
        }
        "CreateServiceLinkedRole" => assert!(form(MANAGER), "{call:?}"),
        "EnableSharingWithAwsOrganization" | "CreateResourceShare" => {}
        other => {
            let reads = ["Get", "List", "Describe"].iter().any(|read| other.starts_with(read));
            assert!(reads, "{other} was called");
        }
    }
}

/// No member of an UpdateServiceSettings says what the one before said already; EnableIntegration=true may, to repair.
fn changes_something(call: &Call, there: &mut BTreeMap<(String, String, String), Value>) {
    if call.operation != UPDATE {
        return;
    }
    assert!(!call.input.as_object().unwrap().is_empty(), "an empty update was sent");
    for (name, value) in call.input.as_object().unwrap() {
        let key = (call.account.clone(), call.region.clone(), name.clone());
        if name != "OrganizationConfiguration" {
            assert_ne!(there.get(&key), Some(value), "{name} was sent again as it was");
        }
        if call.applied {
            there.insert(key, value.clone());
        }
    }
}
