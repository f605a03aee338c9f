//! Accounts outside the organization, that must accept what is shared with them.

use super::queue::Line;
use super::world::{MEMBER, OUTSIDER, REGION, World, own, with};
use local_cloud::ram::Ending;
use local_cloud::sts::{Permission, Role};
use serde_json::{Value, json};
use std::time::Duration;

/// So many accounts outside the organization, in order.
pub fn partners(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{:012}", 900_000_000_000_usize + number)).collect()
}

/// A share that may go outside the organization.
pub fn external(properties: Value) -> Value {
    with(properties, "AllowExternalPrincipals", json!(true))
}

/// The same, which waits until all have accepted.
pub fn waiting(properties: Value) -> Value {
    with(external(properties), "WaitForAcceptance", json!(true))
}

/// The name of the role that accepts.
pub const ROLE: &str = "license-share-acceptance";

/// The same, which accepts through the role.
pub fn accepting(properties: Value) -> Value {
    with(external(properties), "AcceptanceRoleName", ROLE.into())
}

/// An own share with one license configuration and these principals.
pub fn shared(world: &World, principals: &[impl AsRef<str>]) -> Value {
    let licenses = world.license_configurations(1);
    own("licenses", &licenses, &principals.iter().map(AsRef::as_ref).collect::<Vec<_>>())
}

fn allowed(actions: &[&str], resource: &str) -> Permission {
    let actions = actions.iter().map(ToString::to_string).collect();
    Permission { actions, resources: vec![resource.to_owned()] }
}

impl World {
    /// Accounts with a pending invitation, once for each invitation.
    pub fn pending(&self) -> Vec<String> {
        let cloud = self.cloud();
        let pending = cloud.invitations().iter().filter(|found| found.status.as_str() == "PENDING");
        pending.map(|invitation| invitation.receiver.clone()).collect()
    }

    /// The account's pending invitation ends.
    pub fn end_invitation(&self, share: &str, account: &str, end: Ending) {
        assert!(self.cloud().end_invitation(share, account, end), "{account} has no pending invitation");
    }

    /// The account has a role that accepts and nothing else, and trusts the provider, by the external id of the stack's account.
    pub fn role_in(&self, account: &str) {
        self.cloud().sts().register_role(Role {
            arn: format!("arn:aws:iam::{account}:role/{ROLE}"),
            trusted_accounts: vec!["111122223333".to_owned()],
            external_id: Some("license-manager-provider:111122223333".to_owned()),
            permissions: Some(vec![
                allowed(&["ram:GetResourceShareInvitations"], "*"),
                allowed(
                    &["ram:AcceptResourceShareInvitation"],
                    "arn:aws:ram:*:111122223333:resource-share-invitation/*",
                ),
            ]),
            ..Role::default()
        });
    }

    /// Only roles that are registered can be assumed.
    pub fn strict_roles(&self) {
        self.cloud().change_settings(|settings| settings.sts.strict = true);
    }

    /// How an account's association is, with what has settled by now.
    pub fn status_of(&self, share: &str, account: &str) -> Option<String> {
        let mut cloud = self.cloud();
        cloud.advance(Duration::ZERO);
        let mut found = cloud.associations(share).iter().filter(|found| found.entity == account);
        found.next().map(|found| found.status.as_str().to_owned())
    }

    /// License configurations that an account can use.
    pub fn reaches(&self, account: &str) -> usize {
        let mut cloud = self.cloud();
        cloud.advance(Duration::ZERO);
        cloud.license_configurations_shared_with(account, REGION).len()
    }
}

impl Line {
    /// A Create of a share with a member and an outsider that waits until both have accepted.
    pub fn create_waiting(&self) -> super::world::Event {
        self.world.event("Create", None, "Share", waiting(shared(&self.world, &[MEMBER, OUTSIDER])))
    }
}
