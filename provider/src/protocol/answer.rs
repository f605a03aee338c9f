//! The body of an answer: JSON that fits in CloudFormation's 4,096 bytes whatever goes in.
//!
//! Data is flat and all strings, with the same keys on every SUCCESS of a type, `Warnings` the last of them ("" when
//! there is none). A list is comma-joined, with its exact count in `<Key>Count` beside it. Where space is short, lists
//! are cut at whole elements, texts at whole characters, and `Warnings` says what was cut. The echoed ids are never cut:
//! ids within CloudFormation's limits always leave room; if others alone filled the body, values and Reason would be
//! empty and the body longer. Source: CloudFormation user guide, crpg-ref-responses; cfn-protocol facts 1.2.

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
