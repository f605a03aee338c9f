//! What the strict CloudFormation itself holds a provider to, shown with functions that do it wrong.

use crate::support::bucket::Bucket;
use crate::support::cloudformation::request::{Kind, Request};
use crate::support::cloudformation::response::{Refusal, read};
use crate::support::cloudformation::scripted::{Script, Scripted, Sends, answer, sends, silent, succeeding};
use crate::support::cloudformation::service::CloudFormation;
use crate::support::cloudformation::stack::StackStatus;
use crate::support::cloudformation::template::{Resource, attribute, reference};
use crate::support::world::World;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep};

const TYPE: &str = "Custom::Thing";

fn thing(logical_id: &str, properties: Value) -> Resource {
    Resource::new(logical_id, TYPE, properties)
}

fn request() -> Request {
    Request {
        request_id: "5d1b2c30-0000-4000-8000-0a0b0c0d0e0f".to_owned(),
        stack_id: "arn:aws:cloudformation:eu-west-1:111122223333:stack/things/1".to_owned(),
        logical_id: "Thing".to_owned(),
        resource_type: TYPE.to_owned(),
        kind: Kind::Create,
        properties: json!({ "Yes": true, "Count": 7, "Deep": [{ "Half": 0.5, "None": null }], "ServiceTimeout": 30 }),
    }
}

#[test]
fn scalars_are_strings_and_the_token_and_the_timeout_stand_in_both_places() {
    let mut expected = json!({
        "RequestType": "Create", "ServiceToken": "token", "ServiceTimeout": "30", "ResponseURL": "url",
        "ResourceProperties": {
            "Yes": "true", "Count": "7", "Deep": [{ "Half": "0.5" }], "ServiceTimeout": "30", "ServiceToken": "token",
        },
    });
    let Request { request_id, stack_id, logical_id, .. } = request();
    for (name, value) in [("RequestId", request_id), ("StackId", stack_id), ("LogicalResourceId", logical_id)]
    {
        expected[name] = value.into();
    }
    expected["ResourceType"] = TYPE.into();
    assert_eq!(request().event("token", "url"), expected);
}

/// A sound answer, with one member changed; a null takes it away.
fn changed(name: &str, value: Value) -> String {
    let event = request().event("token", "url");
    let mut changed = answer(&event, "FAILED", "made");
    changed[name] = value;
    changed.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    changed.to_string()
}

fn not_echoed(name: &'static str, found: &str) -> Refusal {
    Refusal::NotEchoed { name, found: found.to_owned() }
}

#[test]
fn an_answer_is_refused_for_everything_that_cloudformation_refuses() {
    let sound = changed("Reason", json!("a reason"));
    let filler = "ü".repeat((4096 - sound.len()) / 2);
    let longest = changed("Reason", json!(format!("a reason{filler}")));
    assert!(longest.len() > 4094 && read(&request(), longest.as_bytes()).is_ok(), "{}", longest.len());
    let cases = [
        (
            changed("Reason", json!(format!("a reason..{filler}"))),
            Refusal::TooLong(4097 + longest.len() % 2 - 1),
        ),
        ("SUCCESS".to_owned(), Refusal::NoObject),
        ("[]".to_owned(), Refusal::NoObject),
        (changed("Status", json!("FAILURE")), Refusal::Status("FAILURE".to_owned())),
        (changed("Status", Value::Null), Refusal::Status(String::new())),
        (changed("StackId", json!("another")), not_echoed("StackId", "another")),
        (changed("RequestId", Value::Null), not_echoed("RequestId", "")),
        (changed("LogicalResourceId", json!("thing")), not_echoed("LogicalResourceId", "thing")),
        (changed("PhysicalResourceId", json!("")), Refusal::PhysicalId),
        (changed("PhysicalResourceId", json!("x".repeat(1025))), Refusal::PhysicalId),
        (changed("Reason", Value::Null), Refusal::NoReason),
        (changed("Data", json!({ "Nested": {} })), Refusal::Data),
        (changed("Data", json!("text")), Refusal::Data),
        (changed("NoEcho", json!("true")), Refusal::NoEcho),
    ];
    for (body, refusal) in cases {
        assert_eq!(read(&request(), body.as_bytes()), Err(refusal), "{body}");
    }
}

fn deployed(world: &World, function: Script) -> CloudFormation {
    Scripted::deployed(world, function, silent()).0
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_refused_fails_its_resource_and_is_told() {
    let world = World::new();
    let bad: Script = Box::new(|event| {
        let status = if event["RequestType"] == "Create" { "OK" } else { "SUCCESS" };
        let id = event["PhysicalResourceId"].as_str().unwrap_or("made");
        (vec![sends(event, &answer(event, status, id))], Ok(()))
    });
    let cloudformation = deployed(&world, bad);
    let stack = cloudformation.create_stack("things", vec![thing("Thing", json!({}))]).await;
    assert_eq!(stack.status(), StackStatus::RollbackComplete);
    let told = "Invalid Response object: \"OK\" is not a valid ResponseStatus";
    assert_eq!(stack.reasons("CREATE_FAILED"), [told]);
    assert_eq!(cloudformation.doubts().await, [format!("Create of Thing: {told}")]);
}

/// A function whose answers do not say this member again as they should.
fn echoing(name: &'static str, wrong: Value) -> Script {
    Box::new(move |event| {
        let id = event["PhysicalResourceId"].as_str().unwrap_or("made");
        let mut answer = answer(event, "SUCCESS", id);
        answer[name] = wrong.clone();
        answer.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        (vec![sends(event, &answer)], Ok(()))
    })
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_names_another_request_or_none_is_found_by_its_url_and_refused() {
    for name in ["StackId", "RequestId", "LogicalResourceId"] {
        for (wrong, found) in [(json!("another"), "another"), (Value::Null, "")] {
            let (world, began) = (World::new(), Instant::now());
            let cloudformation = deployed(&world, echoing(name, wrong));
            let stack = cloudformation.create_stack("things", vec![thing("Thing", json!({}))]).await;
            assert_eq!(stack.status(), StackStatus::RollbackFailed);
            let told = not_echoed(name, found).to_string();
            assert_eq!(stack.reasons("CREATE_FAILED"), [told.as_str()]);
            assert_eq!(began.elapsed(), Duration::from_secs(2), "it is heard at once");
            let doubts = cloudformation.doubts().await;
            assert_eq!(doubts, ["Create", "Delete"].map(|kind| format!("{kind} of Thing: {told}")));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_the_url_of_another_request_is_the_others() {
    let world = World::new();
    let mut first: Option<Value> = None;
    let mixing: Script = Box::new(move |event| {
        let Some(other) = &first else {
            first = Some(event.clone());
            return (Vec::new(), Ok(()));
        };
        let (url, _) = sends(other, &Value::Null);
        (vec![(url, answer(event, "SUCCESS", "made").to_string())], Ok(()))
    });
    let cloudformation = deployed(&world, mixing);
    let things = ["First", "Second"].map(|name| thing(name, json!({ "ServiceTimeout": 40 })));
    let stack = cloudformation.create_stack("things", things.to_vec()).await;
    let told = stack.reasons("CREATE_FAILED");
    let second = cloudformation.sent()[1].request.request_id.clone();
    assert_eq!(told[0], not_echoed("RequestId", &second).to_string());
    assert_eq!(world.s3.puts_to(&second), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_put_to_a_url_that_has_expired_or_that_nobody_signed_is_refused() {
    let world = World::new();
    let mut late: Option<Sends> = None;
    let script: Script = Box::new(move |event| {
        let now = sends(event, &answer(event, "SUCCESS", "made"));
        if event["LogicalResourceId"] == "Late" {
            late.get_or_insert(now);
            return (Vec::new(), Ok(()));
        }
        let forged = (now.0.replace("X-Amz-Signature=", "X-Amz-Signature=0"), now.1.clone());
        (late.clone().into_iter().chain([forged, now]).collect(), Ok(()))
    });
    let (cloudformation, [function, _]) = Scripted::deployed(&world, script, silent());
    let stack = cloudformation.create_stack("things", vec![thing("Late", json!({}))]).await;
    assert_eq!(stack.status(), StackStatus::RollbackFailed);
    // Two hours and two seconds after the first request; its URL holds for 7,199 seconds.
    let stack = cloudformation.create_stack("others", vec![thing("Thing", json!({}))]).await;
    assert_eq!((stack.status(), function.statuses()), (StackStatus::CreateComplete, vec![403, 403, 200]));
    let doubts = cloudformation.doubts().await;
    assert_eq!(
        doubts[2..],
        ["Request has expired", "SignatureDoesNotMatch"].map(|why| format!("a PUT that S3 refused: {why}"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_url_holds_for_two_hours_less_a_second() {
    let world = World::new();
    let event = world.event("Create", None, "Thing", json!({})).json;
    let (url, body) = sends(&event, &answer(&event, "SUCCESS", "made"));
    sleep(Duration::from_secs(7_199)).await;
    assert_eq!(world.s3.receive(&url, &body), Some(200));
    sleep(Duration::from_secs(1)).await;
    assert_eq!(world.s3.receive(&url, &body), Some(403));
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_is_answered_with_another_id_is_told() {
    let world = World::new();
    let number = AtomicUsize::new(0);
    let renaming: Script = Box::new(move |event| {
        let id = format!("made-{}", number.fetch_add(1, Ordering::SeqCst));
        (vec![sends(event, &answer(event, "SUCCESS", &id))], Ok(()))
    });
    let cloudformation = deployed(&world, renaming);
    let stack = cloudformation.create_stack("things", vec![thing("Thing", json!({}))]).await;
    assert_eq!(cloudformation.delete_stack(&stack).await, StackStatus::DeleteComplete);
    assert_eq!(cloudformation.doubts().await, ["Delete of Thing: answered with the id made-1"]);
}

#[tokio::test(start_paused = true)]
async fn a_second_answer_that_differs_is_told() {
    let world = World::new();
    let twice: Script = Box::new(|event| {
        let both = ["SUCCESS", "FAILED"].map(|status| sends(event, &answer(event, status, "made")));
        (both.to_vec(), Ok(()))
    });
    let cloudformation = deployed(&world, twice);
    let stack = cloudformation.create_stack("things", vec![thing("Thing", json!({}))]).await;
    assert_eq!(stack.status(), StackStatus::CreateComplete, "the first answer counts");
    let doubts = cloudformation.doubts().await;
    assert!(doubts.len() == 1 && doubts[0].starts_with("Create of Thing: answers differ"), "{doubts:?}");
}

#[tokio::test(start_paused = true)]
async fn a_time_out_counts_from_the_send_and_the_delete_has_an_invented_id() {
    let world = World::new();
    let (cloudformation, [function, _]) = Scripted::deployed(&world, silent(), silent());
    let began = Instant::now();
    let template = vec![thing("Thing", json!({ "ServiceTimeout": 40 }))];
    let stack = cloudformation.create_stack("things", template).await;
    assert_eq!(began.elapsed(), Duration::from_secs(40 + 2 + 40));
    assert_eq!(stack.status(), StackStatus::RollbackFailed);
    let told = stack.reasons("CREATE_FAILED");
    assert!(told[0].starts_with("CloudFormation did not receive a response"), "{told:?}");
    let events = function.events();
    let delete = events.last().unwrap();
    assert_eq!((delete["RequestType"].as_str(), events.len()), (Some("Delete"), 2));
    assert_eq!(delete["PhysicalResourceId"], "things-Thing-1ABCDEF");
    assert_eq!(cloudformation.doubts().await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_invocation_that_fails_comes_again_after_one_and_two_minutes_and_then_to_the_rescue_function() {
    let world = World::new();
    let failing: Script = Box::new(|_| (Vec::new(), Err("Runtime.ExitError".to_owned())));
    let rescuing: Script = Box::new(|event| {
        let body: Value = serde_json::from_str(event["Records"][0]["body"].as_str().unwrap()).unwrap();
        let event = &body["requestPayload"];
        (vec![sends(event, &answer(event, "FAILED", "none"))], Ok(()))
    });
    let (cloudformation, [function, rescue]) = Scripted::deployed(&world, failing, rescuing);
    let began = Instant::now();
    let stack = cloudformation.create_stack("things", vec![thing("Thing", json!({}))]).await;
    assert_eq!(stack.reasons("CREATE_FAILED"), ["as the script says"]);
    // The Create's three attempts, the pause before the rollback, the Delete's three attempts.
    assert_eq!(began.elapsed(), Duration::from_secs(180 + 2 + 180));
    assert_eq!((function.events().len(), rescue.events().len()), (6, 2));
    assert_eq!(cloudformation.doubts().await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn what_even_the_rescue_function_cannot_answer_is_told() {
    let world = World::new();
    let failing = || -> Script { Box::new(|_| (Vec::new(), Err("Runtime.ExitError".to_owned()))) };
    let (cloudformation, [_, rescue]) = Scripted::deployed(&world, failing(), failing());
    let template = vec![thing("Thing", json!({ "ServiceTimeout": 3600 }))];
    let stack = cloudformation.create_stack("things", template).await;
    assert_eq!(stack.status(), StackStatus::RollbackFailed);
    let doubts = cloudformation.doubts().await;
    assert_eq!((rescue.events().len(), doubts.len()), (10, 4), "{doubts:?}");
    assert_eq!(cloudformation.lambda.rescue_failures().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_id_of_a_failed_update_is_that_of_the_rollback() {
    let world = World::new();
    let script: Script = Box::new(|event| {
        let fails = event["ResourceProperties"]["Fail"] == "true";
        let (status, id) = if fails { ("FAILED", "half-made") } else { ("SUCCESS", "made") };
        (vec![sends(event, &answer(event, status, id))], Ok(()))
    });
    let (cloudformation, [function, _]) = Scripted::deployed(&world, script, silent());
    let stack = cloudformation.create_stack("things", vec![thing("Thing", json!({}))]).await;
    let ended = cloudformation.update_stack(&stack, vec![thing("Thing", json!({ "Fail": true }))]).await;
    assert_eq!((ended, stack.physical_id("Thing").as_str()), (StackStatus::UpdateRollbackComplete, "made"));
    let events = function.events();
    let told: Vec<_> =
        events.iter().map(|event| (&event["RequestType"], &event["PhysicalResourceId"])).collect();
    assert_eq!(
        told,
        [
            (&json!("Create"), &Value::Null),
            (&json!("Update"), &json!("made")),
            (&json!("Update"), &json!("half-made")),
            (&json!("Delete"), &json!("half-made")),
        ]
    );
    assert_eq!(events[2]["OldResourceProperties"]["Fail"], "true");
    assert_eq!(events[2]["ResourceProperties"]["Fail"], Value::Null);
}

#[tokio::test(start_paused = true)]
async fn resources_run_side_by_side_in_the_order_of_their_dependencies_and_are_deleted_in_reverse() {
    let world = World::new();
    let (cloudformation, [function, _]) = Scripted::deployed(&world, succeeding(), silent());
    let template = vec![
        thing("Last", json!({ "Of": [reference("Middle"), reference("Other")] })),
        thing("Middle", json!({})).after("First"),
        thing("Other", json!({})),
        thing("First", json!({})),
    ];
    let stack = cloudformation.create_stack("things", template).await;
    assert_eq!(stack.status(), StackStatus::CreateComplete);
    assert_eq!(stack.resource("Last").unwrap().properties, json!({ "Of": ["made", "made"] }));
    assert_eq!(cloudformation.delete_stack(&stack).await, StackStatus::DeleteComplete);
    let events = function.events();
    let told: Vec<String> = events
        .iter()
        .map(|event| format!("{} {}", event["RequestType"], event["LogicalResourceId"]).replace('"', ""))
        .collect();
    let expected = [
        "Create Other",
        "Create First",
        "Create Middle",
        "Create Last",
        "Delete Last",
        "Delete Middle",
        "Delete Other",
        "Delete First",
    ];
    assert_eq!(told, expected);
}

#[tokio::test(start_paused = true)]
async fn an_attribute_that_is_not_there_fails_the_resource_that_wants_it() {
    let world = World::new();
    let cloudformation = deployed(&world, succeeding());
    let wanting = thing("Wanting", json!({ "Of": attribute("Thing", "Name") }));
    let stack = cloudformation.create_stack("things", vec![thing("Thing", json!({})), wanting]).await;
    assert_eq!(stack.status(), StackStatus::RollbackComplete);
    let told = "CustomResource attribute error: Vendor response doesn't contain Name attribute";
    assert_eq!(stack.reasons("CREATE_FAILED"), [told]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_where_nothing_changed() {
    let world = World::new();
    let (cloudformation, [function, _]) = Scripted::deployed(&world, succeeding(), silent());
    let stack = cloudformation.create_stack("things", vec![thing("Thing", json!({ "Yes": true }))]).await;
    let same = vec![thing("Thing", json!({ "Yes": "true" }))];
    assert_eq!(cloudformation.update_stack(&stack, same).await, StackStatus::UpdateComplete);
    assert_eq!(function.events().len(), 1);
}

#[tokio::test]
async fn the_bucket_refuses_a_content_type_that_is_not_signed() {
    let bucket = Bucket::start().await;
    let url = format!("http://{}/answer", bucket.server.address);
    let event = request().event("token", &url);
    bucket.s3.signed(&event);
    let body = answer(&event, "SUCCESS", "made").to_string();
    // Once a process; whoever came first has installed the same.
    drop(rustls::crypto::ring::default_provider().install_default());
    let client = reqwest::Client::new();
    for (content_type, status) in [(Some("application/json"), 403), (Some(""), 200), (None, 200)] {
        let put = client.put(&url).body(body.clone());
        let put = content_type.into_iter().fold(put, |put, value| put.header("content-type", value));
        assert_eq!(put.send().await.unwrap().status(), status, "{content_type:?}");
    }
    assert_eq!(bucket.s3.puts_to(&request().request_id).len(), 2);
}
