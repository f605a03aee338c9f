//! POST requests of the admin API.

use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{AdminError, Answer, done, found, merge, read};
use crate::cloud::LocalCloud;
use crate::organizations::{FeatureSet, RamSharing};
use crate::settings::{Settings, seconds};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewOrganization {
    management_account: String,
    #[serde(default = "aws")]
    partition: String,
    #[serde(default = "all_features")]
    feature_set: FeatureSet,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewUnit {
    organization: String,
    parent: Option<String>,
    name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewAccount {
    organization: String,
    unit: Option<String>,
    account: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OneAccount {
    account: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sharing {
    organization: String,
    sharing: RamSharing,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewLicenseConfiguration {
    account: String,
    region: String,
    name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    account: String,
    region: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OneArn {
    arn: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Consumption {
    arn: String,
    licenses: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Removal {
    arn: String,
    #[serde(default = "yes")]
    listed: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Forward {
    #[serde(with = "seconds")]
    seconds: Duration,
}

fn aws() -> String {
    "aws".to_owned()
}

fn all_features() -> FeatureSet {
    FeatureSet::All
}

fn yes() -> bool {
    true
}

/// None for a path that is not there.
pub(super) fn post(cloud: &mut LocalCloud, path: &str, body: &Bytes) -> Option<Answer> {
    Some(match path {
        "settings" => settings(cloud, body),
        "organizations" => organization(cloud, body),
        "units" => unit(cloud, body),
        "accounts" => account(cloud, body),
        "accounts/close" => {
            read("accounts/close", body).map(|OneAccount { account }| cloud.close_account(&account)).map(done)
        }
        "accounts/leave" => leave(cloud, body),
        "ram-sharing" => ram_sharing(cloud, body),
        "license-configurations" => license_configuration(cloud, body),
        "license-configurations/delete" => delete_license_configuration(cloud, body),
        "license-configurations/consumed" => consumed(cloud, body),
        "inventory" => {
            read("inventory", body).map(|row| cloud.license_manager().add_inventory(row)).map(done)
        }
        "roles" => read("roles", body).map(|role| cloud.sts().register_role(role)).map(done),
        "license-manager-share" => own_share(cloud, body),
        "shares/remove" => remove_share(cloud, body),
        "faults" => read("faults", body).map(|rule| cloud.add_fault(rule)).map(done),
        "throttles" => read("throttles", body).map(|rule| cloud.add_throttle(rule)).map(done),
        "failures" => read("failures", body).map(|rule| cloud.fail_association(rule)).map(done),
        "faults/clear" => {
            cloud.clear_faults();
            Ok(json!({}))
        }
        "advance" => advance(cloud, body),
        "reset" => {
            cloud.reset();
            Ok(json!({}))
        }
        _ => return None,
    })
}

/// Merges the body into the settings, as deep as it goes.
fn settings(cloud: &mut LocalCloud, body: &Bytes) -> Answer {
    let patch: Value = read("settings", body)?;
    let mut merged = json!(cloud.settings());
    merge(&mut merged, patch);
    let wanted: Settings =
        serde_json::from_value(merged).map_err(|source| AdminError::Body { path: "settings", source })?;
    cloud.change_settings(|settings| *settings = wanted);
    Ok(json!(cloud.settings()))
}

fn organization(cloud: &mut LocalCloud, body: &Bytes) -> Answer {
    let wanted: NewOrganization = read("organizations", body)?;
    let id = cloud.create_organization_in(&wanted.partition, &wanted.management_account, wanted.feature_set);
    let arn = cloud.organization_arn(&id);
    Ok(json!({"id": id, "arn": arn}))
}

fn unit(cloud: &mut LocalCloud, body: &Bytes) -> Answer {
    let wanted: NewUnit = read("units", body)?;
    let made = cloud.add_unit(&wanted.organization, wanted.parent.as_deref(), &wanted.name);
    let id =
        made.ok_or_else(|| AdminError::Refused("the organization or the parent is unknown".to_owned()))?;
    let arn = cloud.unit_arn(&wanted.organization, &id);
    Ok(json!({"id": id, "arn": arn}))
}

fn account(cloud: &mut LocalCloud, body: &Bytes) -> Answer {
    let wanted: NewAccount = read("accounts", body)?;
    let added = cloud.add_account(&wanted.organization, wanted.unit.as_deref(), &wanted.account);
    found(added, || format!("account {} cannot be put there, or is in an organization", wanted.account))
}

fn leave(cloud: &mut LocalCloud, body: &Bytes) -> Answer {
    let OneAccount { account } = read("accounts/leave", body)?;
    found(cloud.leave_organization(&account), || format!("account {account} is no member that can leave"))
}

fn ram_sharing(cloud: &mut LocalCloud, body: &Bytes) -> Answer {
    let Sharing { organization, sharing } = read("ram-sharing", body)?;
    found(cloud.set_ram_sharing(&organization, sharing), || format!("no organization {organization}"))
}

fn license_configuration(cloud: &mut LocalCloud, body: &Bytes) -> Answer {
    let wanted: NewLicenseConfiguration = read("license-configurations", body)?;
    let arn = cloud.create_license_configuration(&wanted.account, &wanted.region, &wanted.name);
    Ok(json!({"arn": arn}))
}

fn delete_license_configuration(cloud: &mut LocalCloud, body: &Bytes) -> Answer {
    let OneArn { arn } = read("license-configurations/delete", body)?;
    let known = cloud.license_manager.license_configuration(&arn).is_some();
    cloud.delete_license_configuration(&arn);
    found(known, || format!("no license configuration {arn}"))
}

fn consumed(cloud: &mut LocalCloud, body: &Bytes) -> Answer {
    let Consumption { arn, licenses } = read("license-configurations/consumed", body)?;
    let known = cloud.license_manager.license_configuration(&arn).is_some();
    cloud.license_manager.set_consumed(&arn, licenses);
    found(known, || format!("no license configuration {arn}"))
}

fn own_share(cloud: &mut LocalCloud, body: &Bytes) -> Answer {
    let Place { account, region } = read("license-manager-share", body)?;
    let arn = cloud.create_license_manager_share(&account, &region);
    Ok(json!({"arn": arn}))
}

fn remove_share(cloud: &mut LocalCloud, body: &Bytes) -> Answer {
    let Removal { arn, listed } = read("shares/remove", body)?;
    let removed = if listed { cloud.remove_share_by_hand(&arn) } else { cloud.purge_share(&arn) };
    found(removed, || format!("no share {arn}"))
}

fn advance(cloud: &mut LocalCloud, body: &Bytes) -> Answer {
    let Forward { seconds } = read("advance", body)?;
    cloud.advance(seconds);
    Ok(json!({"now": cloud.now.as_secs_f64()}))
}
