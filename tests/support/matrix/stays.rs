//! What an organization link leaves that cannot be taken back, and by which words a Reason names it.

use serde_json::{Map, Value, json};

const LINKED: &str = "License Manager is linked to the organization";

const RAM_SHARES: &str = "sharing with the organization in AWS RAM is on";

/// Members of License Manager's settings, and the words for what changed them.
const SETTINGS: [(&str, &str); 6] = [
    ("integration", LINKED),
    ("resource_share_arn", LINKED),
    ("discovery", "cross-account inventory search is on"),
    ("sns_topic_arn", "License Manager has its SNS topic"),
    ("s3_bucket_arn", "License Manager has its S3 bucket"),
    ("source_regions", "License Manager has its source regions"),
];

/// Beginnings of other lines, and the words for each: linking brings most of it about by itself.
const OTHERS: [(&str, &[&str]); 4] = [
    ("trusted access ", &["License Manager has trusted access", LINKED, RAM_SHARES]),
    ("RAM sharing ", &[RAM_SHARES]),
    ("role ", &["License Manager's service-linked role is there", LINKED]),
    ("share ", &[LINKED]),
];

/// What `found`, lines that are gone (`-`) or new (`+`), shows to have stayed and no Reason names.
pub fn unnamed(found: &[String], reasons: &[String]) -> Vec<String> {
    let is_named = |words: &&str| reasons.iter().any(|reason| reason.contains(words));
    let changed = changed_settings(found);
    let settings = SETTINGS.iter().filter(|(member, _)| changed.iter().any(|name| name == member));
    let settings = settings.filter(|(_, words)| !is_named(words)).map(|(member, _)| (*member).to_owned());
    let others = found.iter().filter(|line| {
        let start = OTHERS.iter().find(|(start, _)| text(line).starts_with(start));
        start.is_some_and(|(_, words)| !words.iter().any(&is_named))
    });
    settings.chain(others.cloned()).collect()
}

/// What of `found` is neither as before nor as wanted: `wanted` are the lines of a run without a fault.
pub fn unwanted(found: &[String], wanted: &[String]) -> Vec<String> {
    let is_there = |line: &str| wanted.iter().any(|other| other == line);
    let (gone, new, meant) = (settings(found, "- "), settings(found, "+ "), settings(wanted, ""));
    let strange = changed_settings(found).into_iter().filter(|name| new.get(name) != meant.get(name));
    let strange = strange.map(|name| format!("{name}: {:?} after {:?}", new.get(&name), gone.get(&name)));
    let others = found.iter().filter(|line| !text(line).starts_with("settings "));
    let others = others.filter(|line| is_there(text(line)) != line.starts_with("+ "));
    strange.chain(others.cloned()).collect()
}

/// The settings in the first line that tells them and starts with this sign.
fn settings(lines: &[String], sign: &str) -> Map<String, Value> {
    let told = |line: &&String| line.strip_prefix(sign).is_some_and(|text| text.starts_with("settings "));
    let json = lines.iter().find(told).and_then(|line| line.split_once(": ")).map(|(_, json)| json);
    json.map(|json| serde_json::from_str(json).unwrap()).unwrap_or_default()
}

fn text(line: &str) -> &str {
    line.get(2..).unwrap_or_default()
}

/// Names of what differs between the settings that are gone and those that are new.
fn changed_settings(found: &[String]) -> Vec<String> {
    let (gone, new) = (settings(found, "- "), settings(found, "+ "));
    let unset =
        |value: Option<&Value>| value.is_none_or(|v| [json!(null), json!(false), json!([])].contains(v));
    let differs = |name: &&String| {
        let (before, after) = (gone.get(*name), new.get(*name));
        before != after && !(unset(before) && unset(after))
    };
    new.keys().chain(gone.keys().filter(|name| !new.contains_key(*name))).filter(differs).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn each_thing_that_stays_needs_words_of_its_own() {
        let lines = found(&[
            r#"- settings a: {"integration":false,"sns_topic_arn":null,"discovery":false}"#,
            r#"+ settings a: {"integration":true,"sns_topic_arn":"arn","discovery":false}"#,
            "- RAM sharing false",
            "+ RAM sharing true",
            "+ role AWSServiceRoleForAWSLicenseManagerRole",
        ]);
        let reason = |words: &str| vec![format!("denied. What cannot be taken back stays: {words}")];
        let all = format!(
            "{LINKED}, License Manager has its SNS topic, sharing with the organization in AWS RAM is on"
        );
        assert_eq!(unnamed(&lines, &reason(&all)), Vec::<String>::new());
        assert_eq!(
            unnamed(&lines, &reason(LINKED)),
            ["sns_topic_arn", "- RAM sharing false", "+ RAM sharing true"]
        );
        assert_eq!(unnamed(&lines, &[]).len(), 5);
    }

    #[test]
    fn what_stays_is_what_was_wanted() {
        let wanted =
            found(&[r#"settings a: {"integration":true,"sns_topic_arn":"arn"}"#, "RAM sharing true"]);
        let lines = |topic: &str, sharing: &str| {
            found(&[
                r#"- settings a: {"integration":false,"sns_topic_arn":null}"#,
                &format!(r#"+ settings a: {{"integration":true,"sns_topic_arn":{topic}}}"#),
                sharing,
            ])
        };
        assert_eq!(unwanted(&lines("null", "- RAM sharing false"), &wanted), Vec::<String>::new());
        assert_eq!(unwanted(&lines(r#""arn""#, "+ RAM sharing true"), &wanted), Vec::<String>::new());
        assert_eq!(unwanted(&lines(r#""other""#, "+ role"), &wanted).len(), 2);
        assert_eq!(unwanted(&lines("null", "- RAM sharing true"), &wanted), ["- RAM sharing true"]);
    }
}
