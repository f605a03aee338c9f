//! All that the provider could leave behind or destroy, as lines to compare: whatever the ids of shares made anew and of
//! requests are.

use super::world::World;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;
use tokio::time::sleep;

/// What was there at one time, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    pub lines: Vec<String>,
}

/// What the tests' share of License Manager and its link leave that AWS cannot take back.
const OF_LINK: [&str; 5] =
    ["settings ", "trusted access ", "RAM sharing ", "role ", "share licenseManagerResource"];

impl Snapshot {
    /// What is there once all that was under way has settled. An ended record holds nothing, whatever happened: DynamoDB
    /// drops it, and nobody would know any more whose that is.
    pub async fn settled(world: &World) -> Self {
        sleep(Duration::from_secs(300)).await;
        world.client.settle();
        let mut lines = Vec::new();
        assert_eq!(held_by_ended_records(world), Vec::<String>::new(), "an ended record holds something");
        shares(world, &mut lines);
        organization(world, &mut lines);
        records(world, &mut lines);
        let names = names(world);
        let mut lines: Vec<String> = lines.iter().map(|line| without_ids(&named(line, &names))).collect();
        lines.sort();
        Self { lines }
    }

    /// Whether a line tells what an organization link cannot take back.
    pub fn is_of_link(line: &str) -> bool {
        OF_LINK.iter().any(|start| line.starts_with(start))
    }

    /// What this one lacks (`-`) and what it has beyond (`+`) the `expected` one, each line as often as it does.
    pub fn differs_from(&self, expected: &Self) -> Vec<String> {
        let gone = beyond(&expected.lines, &self.lines).map(|line| format!("- {line}"));
        let new = beyond(&self.lines, &expected.lines).map(|line| format!("+ {line}"));
        gone.chain(new).collect()
    }
}

/// The lines that come more often than in `others`.
fn beyond<'a>(lines: &'a [String], others: &'a [String]) -> impl Iterator<Item = &'a String> {
    let mut rest: Vec<&String> = others.iter().collect();
    lines.iter().filter(move |line| match rest.iter().position(|other| other == line) {
        Some(at) => {
            rest.swap_remove(at);
            false
        }
        None => true,
    })
}

fn shares(world: &World, lines: &mut Vec<String>) {
    let cloud = world.cloud();
    for share in cloud.shares().iter().filter(|share| share.status.is_live()) {
        let what = format!("share {} of {}", share.name, share.owner);
        lines.push(format!("{what}: external {}, retain {}", share.allow_external, share.retain));
        for tag in &share.tags {
            lines.push(format!("{what}: tag {} = {}", tag.key, tag.value));
        }
        for member in &share.associations {
            if member.status.as_str() != "DISASSOCIATED" {
                lines.push(format!("{what}: member {} {}", member.entity, member.status.as_str()));
            }
        }
    }
    for invitation in cloud.invitations().iter().filter(|one| one.status.as_str() == "PENDING") {
        lines.push(format!("invitation of {} to {}", invitation.receiver, invitation.share_arn));
    }
}

fn organization(world: &World, lines: &mut Vec<String>) {
    let mut cloud = world.cloud();
    let settings = cloud.license_manager().all_service_settings().clone();
    for (place, settings) in settings {
        let mut settings = serde_json::to_value(settings).unwrap();
        for when in ["discovery_since", "source_regions_since", "updated"] {
            settings.as_object_mut().unwrap().remove(when);
        }
        lines.push(format!("settings {place}: {settings}"));
    }
    for organization in cloud.organizations().organizations() {
        let on = !matches!(organization.ram_sharing, local_cloud::organizations::RamSharing::Off);
        lines.push(format!("RAM sharing {on}"));
        for service in super::link::SERVICES.into_iter().filter(|service| organization.trusts(service)) {
            lines.push(format!("trusted access {service}"));
        }
        for delegation in organization.delegations_for(super::link::MANAGER) {
            lines.push(format!("delegated administrator {}", delegation.account));
        }
    }
    for role in local_cloud::iam::LinkedRole::ALL {
        if cloud.has_linked_role(super::world::ACCOUNT, role) {
            lines.push(format!("role {}", role.role_name()));
        }
    }
}

fn records(world: &World, lines: &mut Vec<String>) {
    // Whose turn it is to switch a link on is one item a link, which is not given back.
    let kept = |key: &str, ended: bool| !ended && !key.ends_with("#switch");
    let records = world.records.all().into_iter();
    for (key, record) in records.filter(|(key, record)| kept(key.as_str(), record.ended)) {
        let mut ledger = record.ledger.clone();
        if let Value::Object(members) = &mut ledger {
            // Requests that may still come again; the time at which the link was last switched on; one look's notes.
            members.remove("open");
            members.remove("overtaken");
        }
        let (object, succeeded) = (record.object.unwrap_or_default(), record.succeeded.unwrap_or_default());
        lines.push(format!("record {} of {object}: properties {succeeded}", key.as_str()));
        for (path, value) in leaves(&ledger) {
            lines.push(format!("record {}: {path} {value}", key.as_str()));
        }
    }
}

/// What ended records say of the things that a resource has.
fn held_by_ended_records(world: &World) -> Vec<String> {
    let ended = world.records.all().into_iter().filter(|(_, record)| record.ended);
    let holds = |name: &str, ledger: &Value| match &ledger[name] {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        _ => true,
    };
    ended
        .filter(|(_, record)| holds("holdings", &record.ledger) || holds("link", &record.ledger))
        .map(|(key, record)| format!("record {}: {}", key.as_str(), record.ledger))
        .collect()
}

/// Scalars with where they are, lists of scalars each by itself, but what is of a moment.
fn leaves(value: &Value) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    collect(value, String::new(), &mut found);
    found
}

fn collect(value: &Value, path: String, into: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members.iter().filter(|(name, _)| !OF_A_MOMENT.contains(&name.as_str())) {
                collect(value, format!("{path}/{name}"), into);
            }
        }
        // Who added a member does not matter, how many did neither.
        Value::Array(items) if items.iter().all(is_uuid) => {
            into.insert(path, if items.is_empty() { "nobody" } else { "somebody" }.to_owned());
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let place = if item.is_string() { item.to_string() } else { index.to_string() };
                collect(item, format!("{path}/{place}"), into);
            }
        }
        other => {
            into.insert(path, other.to_string());
        }
    }
}

const OF_A_MOMENT: [&str; 6] = ["ram_enabled", "looked", "passed", "linked_by", "visible", "stays"];

fn is_uuid(value: &Value) -> bool {
    value.as_str().is_some_and(|text| without_ids(text) == "<id>")
}

/// The UUID of each share with its name; of those that are gone, too, that are still listed.
pub fn names(world: &World) -> Vec<(String, String)> {
    let cloud = world.cloud();
    let name = |share: &local_cloud::ram::Share| {
        let uuid = share.arn.rsplit('/').next().unwrap().to_owned();
        let gone = if share.status.is_live() { "" } else { "gone " };
        (uuid, format!("<{gone}{}>", share.name))
    };
    cloud.shares().iter().map(name).collect()
}

/// With the shares by name.
pub fn named(line: &str, names: &[(String, String)]) -> String {
    names.iter().fold(line.to_owned(), |line, (uuid, name)| line.replace(uuid, name))
}

/// UUIDs become `<id>`.
fn without_ids(text: &str) -> String {
    let (mut found, mut rest) = (String::new(), text);
    while let Some(first) = rest.chars().next() {
        let uuid = rest.get(..36).filter(|part| is_uuid_text(part));
        let length = if uuid.is_some() { 36 } else { first.len_utf8() };
        let (start, end) = rest.split_at(length);
        let _ = write!(found, "{}", if uuid.is_some() { "<id>" } else { start });
        rest = end;
    }
    found
}

fn is_uuid_text(text: &str) -> bool {
    let dashes = [8, 13, 18, 23];
    let fits = |(index, byte): (usize, u8)| {
        if dashes.contains(&index) { byte == b'-' } else { byte.is_ascii_hexdigit() }
    };
    text.bytes().enumerate().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_comes_once_more_or_once_less_is_a_difference() {
        let of = |lines: &[&str]| Snapshot { lines: lines.iter().map(|line| (*line).to_owned()).collect() };
        let (one, two) = (of(&["a", "b", "b"]), of(&["a", "a", "b"]));
        assert_eq!(one.differs_from(&two), ["- a", "+ b"]);
        assert_eq!(two.differs_from(&one), ["- b", "+ a"]);
        assert_eq!(one.differs_from(&one), Vec::<String>::new());
    }
}
