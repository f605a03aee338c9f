//! One request of CloudFormation, read from the raw event.
//!
//! Lenient: required is only what an answer needs. Properties stay raw JSON, bad ones included, so that a request whose
//! properties are wrong can still be answered. Source: CloudFormation user guide, crpg-ref-requests; cfn-protocol
//! facts 1.1.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use serde_json::value::RawValue;

use super::response_url::{ExtraHosts, ResponseUrl, ResponseUrlError};
use super::stack_id::{StackId, StackIdError};

/// What CloudFormation waits for, and the longest a template can ask for.
const DEFAULT_TIMEOUT_SECONDS: u64 = 3_600;
/// RequestId is a UUID, LogicalResourceId has at most 255 characters, a type name 60: longer ones are refused, so that
/// the echo leaves room in the answer.
const REQUEST_ID_BYTES: usize = 128;
const LOGICAL_ID_BYTES: usize = 255;
const RESOURCE_TYPE_BYTES: usize = 255;

/// What CloudFormation asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestType {
    /// Make the resource.
    Create,
    /// Change the resource; a rollback is one too, with old and new properties swapped.
    Update,
    /// Remove the resource.
    Delete,
}

impl RequestType {
    /// The word as CloudFormation writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            RequestType::Create => "Create",
            RequestType::Update => "Update",
            RequestType::Delete => "Delete",
        }
    }

    /// Reads the word as CloudFormation writes it.
    pub fn from_name(name: &str) -> Option<Self> {
        [RequestType::Create, RequestType::Update, RequestType::Delete]
            .into_iter()
            .find(|t| t.as_str() == name)
    }
}

/// What this function accepts, built from its configuration.
#[derive(Debug, Clone)]
pub struct Acceptance {
    /// The function's partition.
    pub partition: String,
    /// The function's region.
    pub region: String,
    /// Hosts beside CloudFormation's buckets that may be answered at.
    pub extra_hosts: ExtraHosts,
}

/// A request that can be answered.
#[derive(Debug)]
pub struct Request {
    /// Create, Update or Delete.
    pub request_type: RequestType,
    /// Unique together with the StackId; the same in every delivery of the request.
    pub request_id: String,
    /// The stack.
    pub stack_id: StackId,
    /// The resource's name in the template.
    pub logical_resource_id: String,
    /// For example `Custom::LicenseConfigShare`.
    pub resource_type: String,
    /// The id answered last; there on Update and Delete, never on Create.
    pub physical_resource_id: Option<String>,
    /// `ResourceProperties`, raw; `Null` where absent or unreadable.
    pub properties: Value,
    /// Why `ResourceProperties` could not be read, as position and kind, where they are there but unreadable: too deep,
    /// or not Unicode.
    pub properties_unreadable: Option<String>,
    /// `OldResourceProperties`, raw; there on Update. `None` also where unreadable.
    pub old_properties: Option<Value>,
    /// How long CloudFormation waits for the answer, 1 to 3,600 s.
    pub service_timeout: Duration,
    /// `X-Amz-Date` of the response URL.
    pub sent: Option<SystemTime>,
    /// Where the answer goes.
    pub response_url: ResponseUrl,
}

/// Why an event is no request that may be answered. Never holds a part of the event that could be secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Not JSON, or not an object.
    #[error("the event is not a JSON object (line {line}, column {column})")]
    NotJson {
        /// Where reading stopped, from 1.
        line: usize,
        /// Where reading stopped, from 1; 0 at the start of a line.
        column: usize,
    },
    /// A member that an answer needs is absent.
    #[error("the event has no {member}")]
    Missing {
        /// Its name.
        member: &'static str,
    },
    /// A member that an answer needs is not as CloudFormation sends it.
    #[error("{member} of the event {why}")]
    Malformed {
        /// Its name.
        member: &'static str,
        /// What is wrong, as the end of a sentence.
        why: &'static str,
    },
    /// StackId is no stack's ARN.
    #[error("StackId of the event is refused")]
    StackId(#[source] StackIdError),
    /// The stack is in another partition than the function.
    #[error("the stack is in partition {found}, the function in {expected}")]
    OtherPartition {
        /// The stack's.
        found: String,
        /// The function's.
        expected: String,
    },
    /// The stack is in another region than the function.
    #[error("the stack is in region {found}, the function in {expected}")]
    OtherRegion {
        /// The stack's.
        found: String,
        /// The function's.
        expected: String,
    },
    /// The response URL may not be answered at.
    #[error("the response URL is refused")]
    ResponseUrl(#[source] ResponseUrlError),
}

impl Request {
    /// Reads an event. Nothing may be sent or done where it is refused.
    pub fn parse(raw: &[u8], acceptance: &Acceptance) -> Result<Request, RequestError> {
        let text = String::from_utf8_lossy(raw);
        let event = Event::read(&text)?;
        let request_type = event.request_type()?;
        let stack_id = event.stack_id(acceptance)?;
        let request_id = event.id("RequestId", REQUEST_ID_BYTES)?;
        let url = event.text("ResponseURL")?;
        let response_url = ResponseUrl::parse(&url, &stack_id, &request_id, acceptance)
            .map_err(RequestError::ResponseUrl)?;
        let (properties, properties_unreadable) = event.properties();
        Ok(Request {
            request_type,
            logical_resource_id: event.id("LogicalResourceId", LOGICAL_ID_BYTES)?,
            resource_type: event.id("ResourceType", RESOURCE_TYPE_BYTES)?,
            physical_resource_id: event.physical_id(request_type)?,
            service_timeout: event.service_timeout(&properties),
            properties,
            properties_unreadable,
            old_properties: event.value("OldResourceProperties"),
            sent: response_url.signed_at(),
            request_id,
            stack_id,
            response_url,
        })
    }
}

/// The event's members, unread: a bad one spoils no other, and of two with one name the last counts.
struct Event<'a>(HashMap<String, &'a RawValue>);

impl<'a> Event<'a> {
    /// serde_json's own words are not kept: they quote the event.
    fn read(text: &'a str) -> Result<Self, RequestError> {
        serde_json::from_str(text)
            .map(Event)
            .map_err(|e| RequestError::NotJson { line: e.line(), column: e.column() })
    }

    fn text(&self, member: &'static str) -> Result<String, RequestError> {
        let raw = self.0.get(member).filter(|raw| raw.get() != "null");
        let raw = raw.ok_or(RequestError::Missing { member })?;
        let text: String = serde_json::from_str(raw.get())
            .map_err(|_| RequestError::Malformed { member, why: "is not a string" })?;
        if text.is_empty() { Err(RequestError::Missing { member }) } else { Ok(text) }
    }

    fn id(&self, member: &'static str, most: usize) -> Result<String, RequestError> {
        let text = self.text(member)?;
        if text.len() > most {
            return Err(RequestError::Malformed { member, why: "is too long" });
        }
        if !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(RequestError::Malformed { member, why: "has a character that no id has" });
        }
        Ok(text)
    }

    fn request_type(&self) -> Result<RequestType, RequestError> {
        let member = "RequestType";
        RequestType::from_name(&self.text(member)?)
            .ok_or(RequestError::Malformed { member, why: "is not Create, Update or Delete" })
    }

    fn stack_id(&self, acceptance: &Acceptance) -> Result<StackId, RequestError> {
        let id: StackId = self.text("StackId")?.parse().map_err(RequestError::StackId)?;
        if id.partition() != acceptance.partition {
            let (found, expected) = (id.partition().to_owned(), acceptance.partition.clone());
            return Err(RequestError::OtherPartition { found, expected });
        }
        if id.region() != acceptance.region {
            let (found, expected) = (id.region().to_owned(), acceptance.region.clone());
            return Err(RequestError::OtherRegion { found, expected });
        }
        Ok(id)
    }

    /// A Create has none whatever the event says.
    fn physical_id(&self, request_type: RequestType) -> Result<Option<String>, RequestError> {
        match request_type {
            RequestType::Create => Ok(None),
            RequestType::Update | RequestType::Delete => self.text("PhysicalResourceId").map(Some),
        }
    }

    fn value(&self, member: &str) -> Option<Value> {
        self.0.get(member).and_then(|raw| serde_json::from_str(raw.get()).ok())
    }

    fn properties(&self) -> (Value, Option<String>) {
        let Some(raw) = self.0.get("ResourceProperties") else { return (Value::Null, None) };
        match serde_json::from_str(raw.get()) {
            Ok(value) => (value, None),
            Err(e) => (Value::Null, Some(e.to_string())),
        }
    }

    /// The event's own, else that in the properties, where CloudFormation repeats it.
    fn service_timeout(&self, properties: &Value) -> Duration {
        let own = self.value("ServiceTimeout").as_ref().and_then(seconds);
        let repeated = || properties.get("ServiceTimeout").and_then(seconds);
        Duration::from_secs(own.or_else(repeated).unwrap_or(DEFAULT_TIMEOUT_SECONDS))
    }
}

/// A number of seconds, as number or text, in CloudFormation's range.
fn seconds(value: &Value) -> Option<u64> {
    let seconds = match value {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_u64(),
    };
    seconds.filter(|s| (1..=DEFAULT_TIMEOUT_SECONDS).contains(s))
}
