//! Requests for `Custom::LicenseConfigShareAcceptance`: the share of an outside account, and stacks that accept it.

use super::console::{BARE, ByHand};
use super::queue::Line;
use super::s3::Answer;
use super::world::{ACCOUNT, Event, OUTSIDER, REGION, World, with};
use local_cloud::ram::InvitationStatus;
use provider::config::Trusted;
use provider::handler::Provider;
use serde_json::{Value, json};

pub const ACCEPTANCE: &str = "Custom::LicenseConfigShareAcceptance";

/// A stack of the outside account.
pub const OUTSIDE_STACK: &str =
    "arn:aws:cloudformation:eu-west-1:999900001111:stack/partner/7c1b2c30-0000-11f1-8000-0a0b0c0d0e0f";
pub const ROLE: &str = "arn:aws:iam::999900001111:role/license-share-acceptance";

/// A share of the outside account, with what it shares.
#[derive(Clone, Debug)]
pub struct Foreign {
    pub arn: String,
    pub licenses: Vec<String>,
}

impl Foreign {
    /// The acceptance's physical id in the provider's account.
    pub fn id(&self) -> String {
        self.id_in(ACCOUNT)
    }

    pub fn id_in(&self, account: &str) -> String {
        format!("license-config-share-acceptance/{account}/{}", self.arn.rsplit('/').next().unwrap())
    }

    pub fn properties(&self) -> Value {
        json!({ "ResourceShareArn": self.arn })
    }

    /// With all license configurations.
    pub fn listed(&self) -> Value {
        with(self.properties(), "LicenseConfigurationArns", json!(self.licenses))
    }
}

/// An event of the acceptance's type.
pub fn of_acceptance(mut event: Event) -> Event {
    event.json["ResourceType"] = ACCEPTANCE.into();
    event
}

impl World {
    /// The outside account's own provider; only its console is used here.
    pub fn outside(&self) -> Self {
        self.beside(OUTSIDER, REGION)
    }

    /// A share of the outside account with nobody in it yet.
    pub async fn foreign(&self) -> Foreign {
        self.foreign_named("partner").await
    }

    pub async fn foreign_named(&self, name: &str) -> Foreign {
        let license =
            |n: usize| self.cloud().create_license_configuration(OUTSIDER, REGION, &format!("{name}-{n}"));
        let licenses: Vec<String> = (0..2).map(license).collect();
        let by_hand = ByHand { name, external: true, resources: &licenses, ..BARE };
        Foreign { arn: self.outside().share_by_hand(by_hand).await, licenses }
    }

    /// The outside account invites the provider's.
    pub async fn invite(&self, share: &Foreign) {
        self.outside().add_by_hand(&share.arn, &[ACCOUNT]).await;
    }

    /// A share to which the provider's account is invited.
    pub async fn invited(&self) -> Foreign {
        let share = self.foreign().await;
        self.invite(&share).await;
        share
    }

    /// Whether an account is in the share, or about to be.
    pub fn is_in(&self, share: &Foreign, account: &str) -> bool {
        let cloud = self.cloud();
        let found = cloud.associations(&share.arn).iter().find(|one| one.entity == account);
        found.is_some_and(|one| one.status.as_str() == "ASSOCIATED")
    }

    /// The invitation that somebody in the provider's account could accept.
    pub fn pending_invitation(&self, share: &Foreign) -> String {
        let cloud = self.cloud();
        let mut invitations = cloud.invitations().iter().rev().filter(|one| one.share_arn == share.arn);
        invitations.find(|one| one.status == InvitationStatus::Pending).unwrap().arn.clone()
    }

    pub fn acceptance_event(&self, request_type: &str, id: Option<&str>, properties: Value) -> Event {
        of_acceptance(self.event(request_type, id, "Acceptance", properties))
    }

    pub async fn create_acceptance(&self, properties: Value) -> Answer {
        self.answer(&self.acceptance_event("Create", None, properties)).await
    }

    pub async fn update_acceptance(&self, id: &str, properties: Value) -> Answer {
        self.later().await;
        self.answer(&self.acceptance_event("Update", Some(id), properties)).await
    }

    pub async fn delete_acceptance(&self, id: &str) -> Answer {
        self.later().await;
        self.answer(&self.acceptance_event("Delete", Some(id), json!({}))).await
    }

    /// Somebody in the provider's account leaves the share.
    pub async fn remove_from_inside(&self, share: &Foreign) {
        self.remove_by_hand(&share.arn, &[ACCOUNT]).await;
    }

    /// A central provider, which serves stacks of any account.
    pub fn central(&self) -> Provider {
        self.process_with(|config| config.trusted = Trusted::Anyone)
    }

    /// A request of the outside account's stack to the central provider, and its answer.
    pub async fn partner(&self, request_type: &str, id: Option<&str>, properties: Value) -> Answer {
        self.later().await;
        let event = of_acceptance(self.event_of(OUTSIDE_STACK, request_type, id, "Acceptance", properties));
        self.deliver_to(&self.central(), &event).await.unwrap();
        self.s3.answer_to(&event.request_id).expect("an answer")
    }
}

impl Line {
    /// An acceptance that must wait.
    pub async fn waits_for(&self, properties: Value) -> Event {
        let event = self.world.acceptance_event("Create", None, properties);
        self.waits(&event).await;
        event
    }
}
