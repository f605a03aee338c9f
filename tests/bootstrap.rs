//! The real binary under Lambda's Runtime API: what it says to Lambda, what it sends, and that it lives on.

use crate::support::function::{Function, TIME};
use crate::support::runtime_api::Reported;
use crate::support::world::{MEMBER, own};
use local_cloud::fault::{FaultKind, FaultRule};
use serde_json::{Value, json};

#[tokio::test]
async fn a_share_lives_through_the_real_binary() {
    let function = Function::deployed().await;
    let licenses = function.license_configurations(1);
    let mut process = function.start().await;
    let create = function.event("Create", None, own("licenses", &licenses, &[MEMBER]));
    let created = function.answer(&mut process, &create).await;
    assert!(created.is_success(), "{}", created.reason());
    assert_eq!(function.live_shares(), [created.physical_id()]);
    let delete = function.event("Delete", Some(created.physical_id()), json!({}));
    let deleted = function.answer(&mut process, &delete).await;
    assert!(deleted.is_success(), "{}", deleted.reason());
    assert_eq!(function.live_shares(), Vec::<String>::new());
    let [first, second]: [_; 2] = function.bucket.arrivals().try_into().unwrap();
    for (put, event) in [(first, &create), (second, &delete)] {
        assert!(event.json["ResponseURL"].as_str().unwrap().ends_with(&put.target), "{}", put.target);
        assert!(put.headers.get("content-type").is_none(), "{:?}", put.headers);
        assert!(put.headers.contains_key("content-length"), "{:?}", put.headers);
    }
    assert!(process.is_alive());
    let output = process.kill().await;
    assert_eq!(output.stderr, "");
    for event in [create, delete] {
        for message in ["plan", "outcome"] {
            let lines = output.lines(message);
            let own = lines.iter().filter(|line| line["request_id"] == event.request_id.as_str()).count();
            assert_eq!(own, 1, "{message} lines of {}: {lines:?}", event.json["RequestType"]);
        }
    }
}

/// What the process says to Lambda went wrong.
fn error_of(reported: Reported) -> Value {
    match reported {
        Reported::Error(body) => serde_json::from_str(&body).unwrap(),
        Reported::Response(body) => panic!("Lambda was told that all is well: {body}"),
    }
}

#[tokio::test]
async fn what_is_no_request_is_an_error_to_lambda_with_its_cause_in_the_log_and_the_next_event_is_served() {
    let function = Function::deployed().await;
    let mark = function.cloud().mark();
    let mut process = function.start().await;
    let open = "[".repeat(200_000);
    for (event, cause) in [
        (&b"not JSON"[..], "not a JSON object"),
        (b"", "not a JSON object"),
        (b"\xff\xfe{}", "not a JSON object"),
        (b"{\"RequestType\":\"Create\"", "not a JSON object"),
        (b"[1]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (open.as_bytes(), "not a JSON object"),
        (b"{}", "the event has no RequestType"),
    ] {
        let told = error_of(process.deliver(event, TIME).await);
        assert!(told["errorMessage"].as_str().unwrap().contains(cause), "{told}");
        assert_eq!(told["errorType"], "Provider.EventRefused");
    }
    assert_eq!((function.cloud().mark(), function.bucket.server.connections()), (mark, 0));
    let licenses = function.license_configurations(1);
    let create = function.event("Create", None, own("licenses", &licenses, &[MEMBER]));
    assert!(function.answer(&mut process, &create).await.is_success());
    let output = process.kill().await;
    let refused = output.lines("the event is refused: nothing was sent and nothing was changed");
    assert_eq!(refused.len(), 8, "{refused:?}");
    assert!(refused[0]["cause"].as_str().unwrap().contains("not a JSON object"), "{:?}", refused[0]);
    assert_eq!(output.stderr, "");
}

#[tokio::test]
async fn an_event_of_a_megabyte_with_bytes_that_are_no_text_is_answered() {
    let function = Function::deployed().await;
    let mut process = function.start().await;
    let mut event = function.event("Create", None, json!({"Name": "licenses"}));
    event.json["ResourceProperties"]["Padding"] = "\u{1f600}\"\\".repeat(180_000).into();
    event.json["ResourceProperties"]["Broken"] = "BROKEN".into();
    let text = event.json.to_string();
    assert!(text.len() > 1_000_000, "{}", text.len());
    let at = text.find("BROKEN").unwrap();
    let bytes = [&text.as_bytes()[..at], b"\xff\xc0", &text.as_bytes()[at..]].concat();
    assert_eq!(process.deliver(bytes, TIME).await, Reported::Response("null".to_owned()));
    let answer = function.bucket.s3.answer_to(&event.request_id).unwrap();
    assert!(answer.reason().contains("Padding") && answer.reason().contains("Broken"), "{}", answer.reason());
}

#[tokio::test]
async fn a_process_without_its_environment_starts_and_answers_what_is_missing() {
    let function = Function::deployed().await;
    let hosts = ("RESPONSE_URL_EXTRA_HOSTS", None);
    let mut process = function.start_with(&[("RECORD_TABLE", None), ("TRUSTED_ACCOUNTS", Some("me"))]).await;
    let create = function.event("Create", None, own("licenses", &[], &[MEMBER]));
    let answer = function.answer(&mut process, &create).await;
    assert!(!answer.is_success());
    for words in ["RECORD_TABLE is not set", "TRUSTED_ACCOUNTS"] {
        assert!(answer.reason().contains(words), "{words}: {}", answer.reason());
    }
    assert_eq!(answer.physical_id(), format!("license-config-share/none/{}", create.request_id));
    let mut process = function.start_with(&[hosts, ("RECORD_TABLE", None), ("AWS_REGION", None)]).await;
    let create = function.event("Create", None, own("licenses", &[], &[MEMBER]));
    let told = error_of(process.deliver(create.json.to_string(), TIME).await);
    assert!(told["errorMessage"].as_str().unwrap().contains("the response URL is refused"), "{told}");
    assert_eq!(process.api.init_errors(), Vec::<String>::new());
}

#[tokio::test]
async fn a_process_without_credentials_answers_so_at_once() {
    let function = Function::deployed().await;
    let names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
    let mut process = function.start_with(&names.map(|name| (name, None))).await;
    let create = function.event("Create", None, own("licenses", &[], &[MEMBER]));
    let started = tokio::time::Instant::now();
    let answer = function.answer(&mut process, &create).await;
    assert!(started.elapsed() < TIME / 3, "{:?}", started.elapsed());
    assert!(!answer.is_success() && answer.reason().contains("credential provider"), "{}", answer.reason());
}

/// A Create whose process is killed once the cloud has seen `operation`, and is delivered again to a new one.
async fn killed_and_delivered_again(operation: &str, fault: FaultKind) {
    let function = Function::deployed().await;
    let licenses = function.license_configurations(1);
    function.cloud().add_fault(FaultRule::once("ram", operation, fault));
    let create = function.event("Create", None, own("licenses", &licenses, &[MEMBER]));
    let process = function.start().await;
    let invocation = |id: &str| crate::support::runtime_api::Invocation {
        request_id: id.to_owned(),
        event: create.json.to_string().into_bytes(),
        time: TIME,
    };
    let first = process.api.invoke(invocation("first"));
    function.called(operation).await;
    process.kill().await;
    drop(first);
    assert_eq!(function.bucket.s3.answers(), Vec::new(), "the first delivery was answered");
    let mut process = function.start().await;
    let answer = function.answer(&mut process, &create).await;
    assert!(answer.is_success(), "{}", answer.reason());
    assert_eq!(function.live_shares(), [answer.physical_id()]);
    let shares = function.cloud().shares().len();
    assert_eq!(shares, 1, "shares that were ever made");
    let delete = function.event("Delete", Some(answer.physical_id()), json!({}));
    assert!(function.answer(&mut process, &delete).await.is_success());
    assert_eq!(function.live_shares(), Vec::<String>::new());
}

#[tokio::test]
async fn a_process_killed_after_the_share_was_made_leaves_one_share_to_the_next_delivery() {
    killed_and_delivered_again("CreateResourceShare", FaultKind::Latency(TIME)).await;
}

#[tokio::test]
async fn a_process_killed_before_the_share_was_made_leaves_one_share_to_the_next_delivery() {
    killed_and_delivered_again("CreateResourceShare", FaultKind::Hang).await;
}

#[tokio::test]
async fn a_process_killed_while_it_waits_for_members_leaves_one_share_to_the_next_delivery() {
    killed_and_delivered_again("GetResourceShareAssociations", FaultKind::Hang).await;
}
