//! The body of an answer: JSON that fits in CloudFormation's 4,096 bytes whatever goes in.
//!
//! Data is flat and all strings, with the same keys on every SUCCESS of a type, `Warnings` the last of them ("" when
//! there is none). A list is comma-joined, with its exact count in `<Key>Count` beside it. Where space is short, lists
//! are cut at whole elements, texts at whole characters, and `Warnings` says what was cut. The echoed ids are never cut:
//! those of a [`Request`] always leave room; if others alone filled the body, values and Reason would be empty and the
//! body longer. Source: CloudFormation user guide, crpg-ref-responses; cfn-protocol facts 1.2.

use serde_json::Value;

use super::budget::json_bytes;
use super::data::fill;
use super::reason::Reason;
use super::request::Request;

/// CloudFormation's limit of a whole answer, inclusive.
pub const MOST_BYTES: usize = 4_096;

/// A value of Data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attribute {
    /// One text.
    Text(String),
    /// Elements without commas in them, in the order that they are to be kept in.
    List(Vec<String>),
}

impl Attribute {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Attribute::Text(text) => Some(text),
            Attribute::List(_) => None,
        }
    }

    pub(super) fn list(&self) -> Option<&[String]> {
        match self {
            Attribute::Text(_) => None,
            Attribute::List(elements) => Some(elements),
        }
    }
}

/// Keys and values of Data in order, `Warnings` not among them.
pub type Attributes = Vec<(&'static str, Attribute)>;

/// An answer, serialised once: what is recorded, sent and sent again are the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    body: String,
    success: bool,
}

impl Answer {
    /// SUCCESS, with the id that CloudFormation is to keep.
    pub fn success(
        request: &Request,
        physical_id: &str,
        attributes: Attributes,
        warnings: &[String],
    ) -> Answer {
        let head = head("SUCCESS", request, physical_id);
        let frame = format!("{head},\"Data\":{{}}}}");
        let data = fill(&attributes, warnings, MOST_BYTES.saturating_sub(frame.len()));
        let members: Vec<String> =
            data.iter().map(|(key, value)| format!("{}:{}", quoted(key), quoted(value))).collect();
        Answer { body: format!("{head},\"Data\":{{{}}}}}", members.join(",")), success: true }
    }

    /// FAILED. A failed Update or Delete gives the id that it was given.
    pub fn failed(request: &Request, physical_id: &str, reason: &Reason) -> Answer {
        let head = head("FAILED", request, physical_id);
        let frame = format!("{head},\"Reason\":\"\"}}");
        let reason = reason.within(MOST_BYTES.saturating_sub(frame.len()));
        Answer { body: format!("{head},\"Reason\":{}}}", quoted(&reason)), success: false }
    }

    /// The bytes to send.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// True for SUCCESS.
    pub fn is_success(&self) -> bool {
        self.success
    }
}

/// The members that every answer has; the object is left open.
fn head(status: &str, request: &Request, physical_id: &str) -> String {
    format!(
        "{{\"Status\":{},\"PhysicalResourceId\":{},\"StackId\":{},\"RequestId\":{},\"LogicalResourceId\":{}",
        quoted(status),
        quoted(physical_id),
        quoted(request.stack_id.as_str()),
        quoted(&request.request_id),
        quoted(&request.logical_resource_id),
    )
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Bytes of one member of Data with its comma, the value's own bytes not counted.
pub(super) fn member_bytes(key: &str) -> usize {
    json_bytes(key) + "\"\":\"\",".len()
}

#[cfg(test)]
mod tests {
    use super::super::reason::Trailer;
    use super::super::request::Acceptance;
    use super::*;
    use crate::laws::config;
    use crate::protocol::physical_id::none_id;
    use proptest::prelude::*;
    use proptest::test_runner::TestRunner;
    use serde_json::json;
    use std::cell::Cell;

    const STACK: &str = "arn:aws:cloudformation:eu-west-1:111122223333:stack/shares/1a2b3c4d-11ef";

    fn request_with(stack_id: &str, request_id: &str, logical_id: &str) -> Request {
        let event = json!({
            "RequestType": "Create",
            "ResponseURL": "http://localhost/x",
            "StackId": stack_id,
            "RequestId": request_id,
            "ResourceType": "Custom::LicenseConfigShare",
            "LogicalResourceId": logical_id,
        });
        Request::parse(event.to_string().as_bytes(), &acceptance()).unwrap()
    }

    fn request() -> Request {
        request_with(STACK, "b5e0a4c7", "Share")
    }

    fn read(answer: &Answer) -> Value {
        assert!(answer.body().len() <= MOST_BYTES, "{}", answer.body().len());
        serde_json::from_str(answer.body()).unwrap()
    }

    #[test]
    fn a_success_has_its_ids_and_flat_data_in_order() {
        let attributes = vec![
            ("ResourceShareArn", Attribute::Text("arn \"x\"".to_owned())),
            ("PendingAccounts", Attribute::List(vec!["1".to_owned(), "2".to_owned()])),
        ];
        let answer = Answer::success(&request(), "id#1", attributes, &["half a link".to_owned()]);
        assert!(answer.is_success());
        let expected = format!(
            r#"{{"Status":"SUCCESS","PhysicalResourceId":"id#1","StackId":"{STACK}","RequestId":"b5e0a4c7","LogicalResourceId":"Share","Data":{{"ResourceShareArn":"arn \"x\"","PendingAccounts":"1,2","PendingAccountsCount":"2","Warnings":"half a link"}}}}"#
        );
        assert_eq!(answer.body(), expected);
    }

    #[test]
    fn a_success_without_attributes_has_empty_warnings() {
        let answer = Answer::success(&request(), "id", vec![], &[]);
        assert_eq!(read(&answer)["Data"], json!({"Warnings": ""}));
    }

    #[test]
    fn a_failure_has_its_reason_and_no_data() {
        let answer = Answer::failed(&request(), "id", &Reason::new("no \"share\"", &Trailer::default()));
        assert!(!answer.is_success());
        let body = read(&answer);
        assert_eq!(body["Status"], "FAILED");
        assert_eq!(body["Reason"], "no \"share\"");
        assert_eq!(body["PhysicalResourceId"], "id");
        assert_eq!(body.get("Data"), None);
    }

    #[test]
    fn a_long_reason_fills_the_body_to_the_last_bytes() {
        for piece in ["x", "ä", "\"", "\u{1F600}"] {
            let reason = Reason::new(&piece.repeat(10_000), &Trailer::default());
            let answer = Answer::failed(&request(), "id", &reason);
            read(&answer);
            assert!(answer.body().len() > MOST_BYTES - 8, "{piece}: {}", answer.body().len());
        }
    }

    #[test]
    fn five_thousand_accounts_are_cut_and_said() {
        let accounts: Vec<String> = (0..5_000).map(|i| format!("{i:012}")).collect();
        let attributes = vec![("PendingAccounts", Attribute::List(accounts))];
        let body = read(&Answer::success(&request(), "id", attributes, &["look".to_owned()]));
        let shown = body["Data"]["PendingAccounts"].as_str().unwrap().split(',').count();
        assert!(shown > 280, "{shown}");
        assert_eq!(body["Data"]["PendingAccountsCount"], "5000");
        assert_eq!(body["Data"]["Warnings"], format!("PendingAccounts: {shown} of 5000 shown; look"));
    }

    #[test]
    fn ids_are_echoed_whole_also_where_they_leave_no_room() {
        let id = "\u{1}".repeat(1_024);
        let answer = Answer::failed(&request(), &id, &Reason::new("why", &Trailer::default()));
        let body: Value = serde_json::from_str(answer.body()).unwrap();
        assert_eq!(body["PhysicalResourceId"], id);
        assert_eq!(body["Reason"], "");
    }

    /// Texts rich in what JSON escapes and in characters of several bytes.
    fn text(most: usize) -> impl Strategy<Value = String> {
        proptest::collection::vec(
            prop_oneof!["[ -~]{1,40}", any::<String>(), Just("\"\\\n\u{1}ä\u{1F600}".to_owned())],
            0..most,
        )
        .prop_map(|parts| parts.concat())
    }

    fn attribute() -> impl Strategy<Value = Attribute> {
        prop_oneof![
            text(30).prop_map(Attribute::Text),
            proptest::collection::vec(text(3), 0..400).prop_map(Attribute::List),
        ]
    }

    /// Ids at CloudFormation's limits, quotation marks and backslashes among them.
    fn ids() -> impl Strategy<Value = (Request, String)> {
        ("[a-z]{1,128}", "[!-~]{1,128}", "[!-~]{1,255}", "[ -~]{1,1024}").prop_map(
            |(name, request_id, logical, id)| {
                (request_with(&STACK.replace("shares", &name), &request_id, &logical), id)
            },
        )
    }

    /// An event whose ids may be any texts; many are let in.
    fn event() -> impl Strategy<Value = Value> {
        let one = || prop_oneof![6 => "[!-~]{1,255}", 1 => text(4)];
        let wide =
            (0..2_000_usize, "[a\"\\\\\u{1}\u{e4}\u{1F600}]").prop_map(|(times, text)| text.repeat(times));
        let id = prop_oneof![3 => "[ -~]{1,1024}", 2 => text(12), 4 => wide];
        let kind = proptest::sample::select(vec!["Create", "Update", "Delete"]);
        let names = ("[a-zA-Z0-9-]{1,128}", "[a-z0-9-]{1,64}");
        (kind, names, "[!-~]{1,128}", one(), id).prop_map(
            |(kind, (name, guid), request_id, logical_id, id)| {
                json!({
                    "RequestType": kind,
                    "ResponseURL": "http://localhost/x",
                    "StackId": format!("arn:aws:cloudformation:eu-west-1:111122223333:stack/{name}/{guid}"),
                    "RequestId": request_id,
                    "ResourceType": "Custom::LicenseConfigShare",
                    "LogicalResourceId": logical_id,
                    "PhysicalResourceId": id,
                })
            },
        )
    }

    fn acceptance() -> Acceptance {
        Acceptance {
            partition: "aws".to_owned(),
            region: "eu-west-1".to_owned(),
            extra_hosts: "localhost".parse().unwrap(),
        }
    }

    /// Whatever was let in can be answered.
    #[test]
    fn every_answer_to_a_request_that_was_let_in_fits() {
        let keys = ["A", "ResourceShareArn", "C", "PendingAccounts", "E", "F", "UnmanagedMembers", "H"];
        let answers = (
            event(),
            text(300),
            proptest::collection::vec(attribute(), 8),
            proptest::collection::vec(text(10), 0..5),
        );
        let counts = [Cell::new(0_usize), Cell::new(0_usize)];
        let result = TestRunner::new(config(256)).run(&answers, |(event, message, values, warnings)| {
            let Ok(request) = Request::parse(event.to_string().as_bytes(), &acceptance()) else {
                counts[0].set(counts[0].get() + 1);
                return Ok(());
            };
            counts[1].set(counts[1].get() + 1);
            let id = request.physical_resource_id.clone();
            let id = id.unwrap_or_else(|| none_id(&request.resource_type, &request.request_id));
            let attributes: Attributes = keys.into_iter().zip(values).collect();
            let reason =
                Reason::new(&message, &Trailer { aws_request_id: None, log_stream: message.clone() });
            for (answer, status) in [
                (Answer::success(&request, &id, attributes, &warnings), "SUCCESS"),
                (Answer::failed(&request, &id, &reason), "FAILED"),
            ] {
                prop_assert!(answer.body().len() <= MOST_BYTES, "{}", answer.body().len());
                let body: Value = serde_json::from_str(answer.body()).unwrap();
                prop_assert_eq!(body["Status"].as_str(), Some(status));
                prop_assert_eq!(body["PhysicalResourceId"].as_str(), Some(id.as_str()));
                for echoed in ["StackId", "RequestId", "LogicalResourceId"] {
                    prop_assert_eq!(&body[echoed], &event[echoed]);
                }
                prop_assert!(status == "SUCCESS" || message.trim().is_empty() || body["Reason"] != "");
            }
            Ok(())
        });
        result.unwrap_or_else(|error| panic!("{error}"));
        assert!(counts.iter().all(|count| count.get() >= 30), "{counts:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_success_fits_and_keeps_ids_keys_and_counts(
            (request, id) in ids(),
            values in proptest::collection::vec(attribute(), 8),
            warnings in proptest::collection::vec(text(10), 0..5),
        ) {
            let keys = ["A", "ResourceShareArn", "C", "PendingAccounts", "E", "F", "UnmanagedMembers", "H"];
            let attributes: Attributes = keys.into_iter().zip(values).collect();
            let answer = Answer::success(&request, &id, attributes.clone(), &warnings);
            let body = read(&answer);
            prop_assert_eq!(body["PhysicalResourceId"].as_str(), Some(id.as_str()));
            prop_assert_eq!(body["StackId"].as_str(), Some(request.stack_id.as_str()));
            prop_assert_eq!(body["RequestId"].as_str(), Some(request.request_id.as_str()));
            prop_assert_eq!(body["LogicalResourceId"].as_str(), Some(request.logical_resource_id.as_str()));
            let mut members = 1;
            for (key, attribute) in &attributes {
                prop_assert!(body["Data"][*key].is_string());
                members += 1;
                if let Attribute::List(elements) = attribute {
                    let count = body["Data"][format!("{key}Count")].as_str().map(str::to_owned);
                    prop_assert_eq!(count, Some(elements.len().to_string()));
                    members += 1;
                }
            }
            prop_assert_eq!(body["Data"].as_object().map(serde_json::Map::len), Some(members));
            prop_assert!(body["Data"]["Warnings"].is_string());
            prop_assert_eq!(answer, Answer::success(&request, &id, attributes, &warnings));
        }

        #[test]
        fn any_failure_fits_and_keeps_its_ids(
            (request, id) in ids(),
            message in text(300),
            stream in text(10),
        ) {
            let reason = Reason::new(&message, &Trailer { aws_request_id: None, log_stream: stream });
            let body = read(&Answer::failed(&request, &id, &reason));
            prop_assert_eq!(body["PhysicalResourceId"].as_str(), Some(id.as_str()));
            prop_assert!(body["Reason"].is_string());
        }

        #[test]
        fn what_fits_is_not_cut(values in proptest::collection::vec("[a-z\"]{0,40}", 0..20), warning in "[a-z]{0,400}") {
            let attributes = vec![("A", Attribute::List(values.clone())), ("B", Attribute::Text("b".to_owned()))];
            let body = read(&Answer::success(&request(), "id", attributes, std::slice::from_ref(&warning)));
            let joined = values.join(",");
            prop_assert_eq!(body["Data"]["A"].as_str(), Some(joined.as_str()));
            prop_assert_eq!(body["Data"]["B"].as_str(), Some("b"));
            prop_assert_eq!(body["Data"]["Warnings"].as_str(), Some(warning.as_str()));
        }
    }
}
