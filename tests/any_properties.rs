//! Whatever JSON stands for the properties, every request of every type gets an answer that CloudFormation takes.

use crate::support::laws::config;
use crate::support::link::LINK_ID;
use crate::support::world::{ACCOUNT, Event, MEMBER, OUTSIDER, World, own};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use provider::resource::TYPES;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;

const CASES: u32 = 96;
const ACCEPTANCE_ID: &str = "license-config-share-acceptance/111122223333/0a1b2c3d";

/// JSON text, which serde_json's own values could not all hold.
fn scalar() -> impl Strategy<Value = String> {
    let numbers = ["0", "-0", "1.5e300", "1e999", "-123456789012345678901234567890", "012345678901", "3600"];
    let halves = [r#""\ud800""#, r#""\udc00x""#, r#""\u0000\u001f""#, r#""\ud83d\ude00""#];
    let known = [
        "true",
        "FALSE",
        "licenses",
        MEMBER,
        OUTSIDER,
        ACCOUNT,
        "Unlink",
        "Leave",
        "eu-west-1",
        "arn:aws:ram:eu-west-1:111122223333:resource-share/0a1b2c3d-0000-4000-8000-000000000000",
        "arn:aws:ram:eu-west-1:999900001111:resource-share/0a1b2c3d-0000-4000-8000-000000000000",
        "arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-0123456789abcdef",
        "arn:aws:organizations::111122223333:organization/o-abc123defg",
        "arn:aws:sns:eu-west-1:111122223333:aws-license-manager-service-alerts",
        "arn:aws:s3:::aws-license-manager-service-inventory",
        "arn:aws:iam::111122223333:role/accept",
    ];
    prop_oneof![
        1 => Just("null".to_owned()),
        2 => any::<bool>().prop_map(|on| on.to_string()),
        // One with a leading zero is no JSON: it stands for itself in a text.
        2 => proptest::sample::select(numbers.to_vec()).prop_map(|number| {
            if number.starts_with("01") { format!("\"{number}\"") } else { number.to_owned() }
        }),
        1 => proptest::sample::select(halves.to_vec()).prop_map(str::to_owned),
        6 => proptest::sample::select(known.to_vec()).prop_map(|text| Value::from(text).to_string()),
        2 => any::<String>().prop_map(|text| Value::from(text).to_string()),
        1 => (0..3_000_usize, "[\"a\u{1}\u{e4}\u{1F600}]")
            .prop_map(|(times, text)| Value::from(text.repeat(times)).to_string()),
    ]
}

fn name() -> impl Strategy<Value = String> {
    let known: Vec<&str> = TYPES.iter().flat_map(|kind| (kind.property_names)().iter().copied()).collect();
    let known = known.into_iter().chain(["Key", "Value", "ServiceToken"]).collect::<Vec<_>>();
    prop_oneof![
        9 => proptest::sample::select(known).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

/// An object: of two members with one name both stand there.
fn object(value: impl Strategy<Value = String>, members: usize) -> impl Strategy<Value = String> {
    vec((name(), value), 0..members).prop_map(|members| {
        let members = members.into_iter().map(|(name, value)| format!("{}:{value}", Value::from(name)));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    })
}

fn any_json() -> impl Strategy<Value = String> {
    let inner = scalar().prop_recursive(4, 40, 6, |inner| {
        let long = prop_oneof![8 => Just(1_usize), 1 => 2..400_usize];
        prop_oneof![
            2 => (vec(inner.clone(), 0..5), long).prop_map(|(elements, times)| {
                let all: Vec<&str> = elements.iter().map(String::as_str).collect();
                format!("[{}]", all.repeat(times).join(","))
            }),
            1 => object(inner.clone(), 4),
            1 => (inner, 1..300_usize)
                .prop_map(|(inner, depth)| format!("{}{inner}{}", "[".repeat(depth), "]".repeat(depth))),
        ]
    });
    let right = [
        r#"{"Name":"licenses","Principals":["222233334444"]"#,
        r#"{"AcknowledgeOrganizationLink":"true","WaitForResourceShare":"false""#,
    ];
    let nearly_right =
        (proptest::sample::select(right.to_vec()), object(inner.clone(), 3)).prop_map(|(right, more)| {
            let more = &more[1..];
            if more == "}" { format!("{right}}}") } else { format!("{right},{more}") }
        });
    prop_oneof![8 => object(inner.clone(), 9), 6 => nearly_right, 1 => inner]
}

/// The requests of every type, in the order in which CloudFormation could send them, with properties to be put in.
fn requests(world: &World, share: &str) -> Vec<Event> {
    let mut events = Vec::new();
    for (kind, id) in [("Share", share), ("Acceptance", ACCEPTANCE_ID), ("Link", LINK_ID)] {
        let full = TYPES.iter().map(|kind| kind.name).find(|name| name.ends_with(kind)).unwrap();
        for (request_type, id) in [("Create", None), ("Update", Some(id)), ("Delete", Some(id))] {
            let logical_id = if request_type == "Create" { format!("New{kind}") } else { kind.to_owned() };
            let mut event = world.event(request_type, id, &logical_id, json!("@"));
            event.json["ResourceType"] = full.into();
            event.json["OldResourceProperties"] = json!("@");
            events.push(event);
        }
    }
    events
}

/// What is wrong with what was answered.
async fn complaint(world: &World, event: &Event, properties: &str) -> Result<bool, String> {
    let bytes = event.json.to_string().replace("\"@\"", properties);
    let what = format!("{} of {}", event.json["RequestType"], event.json["ResourceType"]);
    world.deliver_bytes(bytes.as_bytes()).await.map_err(|error| format!("{what}: {error}"))?;
    let answer = world.s3.answer_to(&event.request_id).ok_or_else(|| format!("{what}: no answer"))?;
    for echoed in ["StackId", "RequestId", "LogicalResourceId"] {
        if answer.json[echoed] != event.json[echoed] {
            return Err(format!("{what}: {echoed} is not echoed"));
        }
    }
    if event.json["RequestType"] == "Delete" && !answer.is_success() {
        return Err(format!("{what}: {}", answer.reason()));
    }
    let is_known = event.json["PhysicalResourceId"].is_string();
    if is_known
        && !answer.is_success()
        && answer.json["PhysicalResourceId"] != event.json["PhysicalResourceId"]
    {
        return Err(format!("{what}: another id"));
    }
    Ok(answer.is_success())
}

async fn answers(properties: &str) -> Result<Vec<String>, String> {
    let world = World::new();
    let created = world.create("Share", own("theirs", &[], &[MEMBER])).await;
    let mut answers = Vec::new();
    for event in requests(&world, created.physical_id()) {
        world.later().await;
        let succeeded = complaint(&world, &event, properties).await?;
        answers.push(format!("{} {succeeded}", event.json["RequestType"]));
    }
    Ok(answers)
}

#[test]
fn any_json_as_properties_gets_an_answer() {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let counts = RefCell::new(BTreeMap::<String, usize>::new());
    let result = TestRunner::new(config(CASES)).run(&any_json(), |properties| {
        let answers = runtime.block_on(answers(&properties)).map_err(TestCaseError::fail)?;
        for what in answers {
            *counts.borrow_mut().entry(what).or_default() += 1;
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    let counts = counts.into_inner();
    for what in ["\"Create\" true", "\"Create\" false", "\"Update\" false", "\"Delete\" true"] {
        assert!(counts.get(what).is_some_and(|times| *times > 0), "{what} never comes up: {counts:?}");
    }
}
