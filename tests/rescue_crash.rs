//! The real binary is killed each time that a request comes; the real binary as the rescue function then answers it.

use crate::support::abandoned::{WAIT_DEAD_LETTERS, killed};
use crate::support::function::{Function, TIME};
use crate::support::process::{Output, Process};
use crate::support::queue::QUEUE_URL;
use crate::support::runtime_api::{Invocation, Reported};
use crate::support::s3::{Answer, Put};
use crate::support::sqs::{Sqs, event_from, event_of};
use crate::support::world::{Event, MEMBER, own};
use local_cloud::fault::{FaultKind, FaultRule};
use serde_json::json;
use std::time::Duration;

const DONE: &str = "null";

fn create(function: &Function) -> Event {
    let licenses = function.license_configurations(1);
    function.event("Create", None, own("licenses", &licenses, &[MEMBER]))
}

/// Delivers an event to a process, and kills it once the cloud has seen an operation that `fault` keeps it at.
async fn killed_at(function: &Function, process: Process, event: String, operation: &str, fault: FaultKind) {
    let mark = function.cloud().mark();
    function.cloud().add_fault(FaultRule::once("ram", operation, fault));
    let invocation = Invocation { request_id: "first".to_owned(), event: event.into_bytes(), time: TIME };
    let reported = process.api.invoke(invocation);
    function.called_since(mark, operation).await;
    process.kill().await;
    drop(reported);
}

/// Delivers a message to a new process of the rescue function, which must tell Lambda that this is the end of it.
async fn rescue(function: &Function, message: &str) -> Output {
    let mark = function.cloud().mark();
    let mut process = function.start_rescue().await;
    assert_eq!(process.deliver(message, TIME).await, Reported::Response(DONE.to_owned()));
    assert_eq!(function.cloud().mark(), mark, "it asks nothing of AWS");
    assert!(process.is_alive());
    let output = process.kill().await;
    function.secrets().assert_absent([output.stdout.as_str(), output.stderr.as_str()]);
    assert_eq!(output.stderr, "");
    output
}

/// The answer to a Create, and that the Delete which follows leaves nothing.
async fn failed_and_deleted(function: &Function, create: &Event) -> Answer {
    let answer = function.bucket.s3.answer_to(&create.request_id).expect("an answer");
    assert!(!answer.is_success(), "{}", answer.bytes);
    assert_eq!(answer.physical_id(), format!("license-config-share/none/{}", create.request_id));
    let delete = function.event("Delete", Some(answer.physical_id()), json!({}));
    let mut process = function.start().await;
    let deleted = function.answer(&mut process, &delete).await;
    assert!(deleted.is_success(), "{}", deleted.reason());
    assert_eq!(function.live_shares(), Vec::<String>::new());
    answer
}

#[tokio::test]
async fn a_create_whose_process_never_started_is_answered() {
    let function = Function::deployed().await;
    let create = create(&function);
    let output = rescue(&function, &killed(&create)).await;
    assert_eq!(output.lines("outcome").len(), 1, "{}", output.stdout);
    let answer = failed_and_deleted(&function, &create).await;
    let words = "Search the log group /custom-resources/license-manager-provider for e4b46cbf-";
    assert!(answer.reason().contains(words), "{}", answer.reason());
    assert_eq!(function.cloud().shares().len(), 0);
}

#[tokio::test]
async fn a_create_that_is_killed_at_its_first_invocation_and_at_each_redelivery_is_answered() {
    let function = Function::deployed().await;
    let create = create(&function);
    let event = || create.json.to_string();
    // Made, and nobody heard of it; then found, and killed while its members are waited for.
    let latency = FaultKind::Latency(TIME);
    for (operation, fault) in [
        ("CreateResourceShare", latency),
        ("GetResourceShareAssociations", FaultKind::Hang),
        ("GetResourceShareAssociations", FaultKind::Hang),
    ] {
        killed_at(&function, function.start().await, event(), operation, fault).await;
    }
    assert_eq!((function.bucket.s3.answers(), function.live_shares().len()), (Vec::new(), 1));
    rescue(&function, &killed(&create)).await;
    failed_and_deleted(&function, &create).await;
    assert_eq!(function.cloud().shares().len(), 1, "shares that were ever made");
}

#[tokio::test]
async fn an_update_and_a_delete_that_are_killed_each_time_keep_their_id_and_are_done_when_they_are_sent_again()
 {
    let function = Function::deployed().await;
    let licenses = function.license_configurations(1);
    let mut process = function.start().await;
    let plain = own("licenses", &licenses, &[MEMBER]);
    let created = function.event("Create", None, plain.clone());
    let created = function.answer(&mut process, &created).await;
    let id = created.physical_id();
    let update = function.event("Update", Some(id), own("renamed", &licenses, &[MEMBER]));
    killed_at(&function, process, update.json.to_string(), "UpdateResourceShare", FaultKind::Latency(TIME))
        .await;
    rescue(&function, &killed(&update)).await;
    let mut process = function.start().await;
    let back = function.event("Update", Some(id), plain);
    assert!(function.answer(&mut process, &back).await.is_success());
    assert_eq!(function.cloud().shares()[0].name, "licenses");
    let delete = function.event("Delete", Some(id), json!({}));
    killed_at(&function, process, delete.json.to_string(), "DeleteResourceShare", FaultKind::Hang).await;
    rescue(&function, &killed(&delete)).await;
    for event in [&update, &delete] {
        let answer = function.bucket.s3.answer_to(&event.request_id).unwrap();
        assert_eq!((answer.is_success(), answer.physical_id()), (false, id));
    }
    let mut process = function.start().await;
    let again = function.event("Delete", Some(id), json!({}));
    assert!(function.answer(&mut process, &again).await.is_success());
    assert_eq!(function.live_shares(), Vec::<String>::new());
}

#[tokio::test]
async fn a_look_out_of_the_wait_queue_that_is_killed_each_time_is_answered() {
    let (function, sqs) = (Function::deployed().await, Sqs::start().await);
    let endpoint = format!("http://{}", sqs.server.address);
    let queue = [("WAIT_QUEUE_URL", Some(QUEUE_URL)), ("AWS_ENDPOINT_URL_SQS", Some(endpoint.as_str()))];
    function.cloud().change_settings(|settings| {
        settings.ram.times.associate_account = Duration::from_secs(1_800);
    });
    let create = create(&function);
    let mut process = function.start_with(&queue).await;
    let said = process.deliver(create.json.to_string(), Duration::from_secs(6)).await;
    assert_eq!(said, Reported::Response(DONE.to_owned()));
    let (body, _) = sqs.take().expect("a message");
    drop(process);
    for _ in 0..3 {
        let process = function.start_with(&queue).await;
        killed_at(&function, process, event_of(1, &body), "GetResourceShareAssociations", FaultKind::Hang)
            .await;
    }
    assert_eq!((function.bucket.s3.answers(), sqs.take()), (Vec::new(), None));
    rescue(&function, &event_from(WAIT_DEAD_LETTERS, 1, &body)).await;
    let answer = failed_and_deleted(&function, &create).await;
    assert!(answer.reason().contains("(look 1)"), "{}", answer.reason());
}

#[tokio::test]
async fn an_answer_that_was_recorded_and_not_heard_of_is_sent_again_byte_for_byte() {
    let function = Function::deployed().await;
    let create = create(&function);
    function.bucket.s3.next([Put::Lost, Put::Status(403)]);
    let mut process = function.start().await;
    let reported = process.deliver(create.json.to_string(), TIME).await;
    assert!(matches!(reported, Reported::Error(_)), "{reported:?}");
    process.kill().await;
    rescue(&function, &killed(&create)).await;
    assert_eq!(function.bucket.s3.answers().len(), 2);
    let answer = function.bucket.s3.answer_to(&create.request_id).unwrap();
    assert!(answer.is_success());
    assert_eq!(function.live_shares(), [answer.physical_id()]);
}

#[tokio::test]
async fn what_it_cannot_answer_is_an_error_without_a_secret_and_the_next_message_is_served() {
    let function = Function::deployed().await;
    let create = create(&function);
    let mut refused = create.clone();
    let url = create.json["ResponseURL"].as_str().unwrap().replace("127.0.0.1", "127.0.0.2");
    refused.json["ResponseURL"] = url.into();
    let mut process = function.start_rescue().await;
    for (message, error_type) in
        [(killed(&refused), "Provider.EventRefused"), (create.json.to_string(), "Provider.MessageRefused")]
    {
        let Reported::Error(told) = process.deliver(message, TIME).await else { panic!("all is well?") };
        assert!(told.contains(error_type), "{told}");
        function.secrets().assert_absent([told.as_str()]);
    }
    assert_eq!(process.deliver(killed(&create), TIME).await, Reported::Response(DONE.to_owned()));
    let output = process.kill().await;
    function.secrets().assert_absent([output.stdout.as_str()]);
}
