//! POST requests of the admin API about the link, roles, denials and invitations.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{AdminError, Answer, done, found, read};
use crate::cloud::LocalCloud;
use crate::iam::LinkedRole;
use crate::license_manager::SettingsPatch;
use crate::ram::Ending;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    account: String,
    region: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    account: String,
    region: String,
    settings: SettingsPatch,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Trust {
    organization: String,
    service_principal: String,
    trusted: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OneRole {
    account: String,
    #[serde(default = "core")]
    service: LinkedRole,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OneAccount {
    account: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OneArn {
    arn: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ended {
    share: String,
    account: String,
    status: Ending,
}

fn core() -> LinkedRole {
    LinkedRole::Core
}

/// None for a path that is not there.
pub(super) fn post(cloud: &mut LocalCloud, path: &str, body: &Bytes) -> Option<Answer> {
    Some(match path {
        "accounts/suspend" => suspend(cloud, body),
        "link" => link(cloud, body),
        "service-settings" => service_settings(cloud, body),
        "trusted-access" => trusted_access(cloud, body),
        "linked-roles" => read("linked-roles", body)
            .map(|OneRole { account, service }| cloud.with_linked_role(&account, service))
            .map(done),
        "linked-roles/remove" => read("linked-roles/remove", body)
            .map(|OneRole { account, service }| cloud.without_linked_role(&account, service))
            .map(done),
        "denials" => read("denials", body).map(|rule| cloud.deny(rule)).map(done),
        "denials/clear" => {
            cloud.clear_denials();
            Ok(json!({}))
        }
        "invitations/accept" => accept(cloud, body),
        "invitations/end" => end(cloud, body),
        "invitations/old" => old(cloud, body),
        "invitations/purge" => read("invitations/purge", body)
            .map(|OneAccount { account }| cloud.purge_invitations(&account))
            .map(done),
        _ => return None,
    })
}

/// What the state shows of the link.
pub(super) fn state(cloud: &LocalCloud) -> Value {
    json!({
        "service_settings": cloud.license_manager.all_service_settings(),
        "denials": cloud.policies.rules(),
    })
}

fn suspend(cloud: &mut LocalCloud, body: &Bytes) -> Answer {
    let OneAccount { account } = read("accounts/suspend", body)?;
    found(cloud.suspend_account(&account), || format!("account {account} is in no organization"))
}

fn link(cloud: &mut LocalCloud, body: &Bytes) -> Answer {
    let Place { account, region } = read("link", body)?;
    found(cloud.link_by_hand(&account, &region), || format!("account {account} manages no organization"))
}

fn service_settings(cloud: &mut LocalCloud, body: &Bytes) -> Answer {
    let Change { account, region, settings } = read("service-settings", body)?;
    cloud.set_service_settings(&account, &region, settings);
    Ok(json!(cloud.license_manager.service_settings(&account, &region)))
}

fn trusted_access(cloud: &mut LocalCloud, body: &Bytes) -> Answer {
    let Trust { organization, service_principal, trusted } = read("trusted-access", body)?;
    if service_principal == LinkedRole::Ram.service() {
        return Err(AdminError::Refused("for RAM there is ram-sharing".to_owned()));
    }
    let set = cloud.set_trusted_access(&organization, &service_principal, trusted);
    found(set, || format!("no organization {organization}"))
}

fn accept(cloud: &mut LocalCloud, body: &Bytes) -> Answer {
    let OneArn { arn } = read("invitations/accept", body)?;
    found(cloud.accept_invitation(&arn), || format!("no pending invitation {arn}"))
}

fn end(cloud: &mut LocalCloud, body: &Bytes) -> Answer {
    let Ended { share, account, status } = read("invitations/end", body)?;
    let ended = cloud.end_invitation(&share, &account, status);
    found(ended, || format!("account {account} has no pending invitation to {share}"))
}

fn old(cloud: &mut LocalCloud, body: &Bytes) -> Answer {
    let Ended { share, account, status } = read("invitations/old", body)?;
    found(cloud.add_old_invitation(&share, &account, status), || format!("no share {share}"))
}
