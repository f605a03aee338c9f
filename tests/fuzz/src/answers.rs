//! CloudFormation's rules for an answer (user guide, crpg-ref-responses), whatever was asked.

use provider::protocol::{Request, RequestType};
use serde_json::{Map, Value};

/// CloudFormation's limit of a whole answer, in bytes.
const MOST_BYTES: usize = 4_096;

/// Asserts that CloudFormation would take this answer to `request`.
pub(crate) fn assert_lawful(body: &str, request: &Request) {
    let answer: Map<String, Value> = serde_json::from_str(body).expect("an answer is a JSON object");
    let text = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default();
    assert_eq!(text("StackId"), request.stack_id.as_str());
    assert_eq!(text("RequestId"), request.request_id);
    assert_eq!(text("LogicalResourceId"), request.logical_resource_id);
    assert!(!text("PhysicalResourceId").is_empty(), "no physical id: {body}");
    match text("Status") {
        "SUCCESS" => assert_flat(answer.get("Data"), body),
        "FAILED" => assert_failed(text("Reason"), text("PhysicalResourceId"), request, body),
        status => panic!("{status} is no status"),
    }
    assert!(body.len() <= MOST_BYTES, "{} bytes: {body}", body.len());
}

fn assert_flat(data: Option<&Value>, body: &str) {
    let data = data.and_then(Value::as_object).unwrap_or_else(|| panic!("no Data: {body}"));
    assert!(data.values().all(Value::is_string), "Data is not flat: {body}");
    assert!(data.contains_key("Warnings"), "no Warnings: {body}");
}

/// A failed Update or Delete keeps the id that it was given: another one would be a replacement.
fn assert_failed(reason: &str, id: &str, request: &Request, body: &str) {
    assert!(!reason.is_empty(), "no Reason: {body}");
    assert!(!reason.contains(char::is_control), "a Reason of more than one line: {body}");
    assert!(!reason.starts_with("the provider failed inside"), "a panic was caught: {body}");
    if request.request_type != RequestType::Create {
        assert_eq!(Some(id), request.physical_resource_id.as_deref());
    }
}
