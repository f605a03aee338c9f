//! One request of CloudFormation, read from the raw event.
//!
//! Lenient: required is only what an answer needs. Properties stay raw JSON, bad ones included, so that a request whose
//! properties are wrong can still be answered. Source: CloudFormation user guide, crpg-ref-requests; cfn-protocol
//! facts 1.1.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use serde_json::value::RawValue;

use super::budget::json_bytes;
use super::response_url::{ExtraHosts, ResponseUrl, ResponseUrlError};
use super::stack_id::{StackId, StackIdError};

/// What CloudFormation waits for, and the longest a template can ask for.
const DEFAULT_TIMEOUT_SECONDS: u64 = 3_600;
/// RequestId is a UUID, LogicalResourceId has at most 255 characters, a type name 60: longer ones are refused, so that
/// the echo leaves room in the answer.
const REQUEST_ID_BYTES: usize = 128;
const LOGICAL_ID_BYTES: usize = 255;
const RESOURCE_TYPE_BYTES: usize = 255;
/// CloudFormation takes ids of at most 1 KB, so that it has no longer one to send. Counted as JSON, in which a quotation
/// mark takes two bytes and a control character up to six.
const PHYSICAL_ID_JSON_BYTES: usize = 2 * 1_024;

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
    /// The response URL is dated ahead: it cannot be used yet, and the request would be newer than all that follow.
    #[error("the response URL was signed for a time that is more than a minute ahead")]
    Ahead,
    /// The response URL may not be answered at.
    #[error("the response URL is refused")]
    ResponseUrl(#[source] ResponseUrlError),
}

impl RequestError {
    /// Whether the response URL has the name of CloudFormation's bucket under a suffix that is not S3's: a forgery, or
    /// a form of host that is new. It is counted by itself.
    pub fn is_unknown_suffix(&self) -> bool {
        matches!(self, Self::ResponseUrl(ResponseUrlError::UnknownSuffix { .. }))
    }
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
            RequestType::Update | RequestType::Delete => self.echoed_id("PhysicalResourceId").map(Some),
        }
    }

    /// An id of any characters, which the answer has room for.
    fn echoed_id(&self, member: &'static str) -> Result<String, RequestError> {
        let text = self.text(member)?;
        let fits = json_bytes(&text) <= PHYSICAL_ID_JSON_BYTES;
        if fits { Ok(text) } else { Err(RequestError::Malformed { member, why: "is too long" }) }
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const STACK: &str = "arn:aws:cloudformation:eu-west-1:111122223333:stack/shares/1a2b3c4d-11ef";

    fn acceptance() -> Acceptance {
        Acceptance {
            partition: "aws".to_owned(),
            region: "eu-west-1".to_owned(),
            extra_hosts: "localhost".parse().unwrap(),
        }
    }

    fn event(request_type: &str) -> Value {
        json!({
            "RequestType": request_type,
            "ServiceToken": "arn:aws:lambda:eu-west-1:111122223333:function:license-manager-provider",
            "ResponseURL": "http://localhost/x?X-Amz-Date=19700101T000100Z&X-Amz-Signature=5ec7e7",
            "StackId": STACK,
            "RequestId": "b5e0a4c7",
            "ResourceType": "Custom::LicenseConfigShare",
            "LogicalResourceId": "Share",
            "PhysicalResourceId": "an id",
            "ResourceProperties": {"Name": "a", "ServiceTimeout": "900"},
            "OldResourceProperties": {"Name": "b"},
            "Unknown": [1],
        })
    }

    fn parse(event: &Value) -> Result<Request, RequestError> {
        Request::parse(event.to_string().as_bytes(), &acceptance())
    }

    fn with(member: &str, value: Value) -> Result<Request, RequestError> {
        let mut event = event("Update");
        event[member] = value;
        parse(&event)
    }

    fn without(request_type: &str, member: &str) -> Result<Request, RequestError> {
        let mut event = event(request_type);
        event.as_object_mut().unwrap().remove(member);
        parse(&event)
    }

    #[test]
    fn an_update_is_read_whole() {
        let request = parse(&event("Update")).unwrap();
        assert_eq!(request.request_type, RequestType::Update);
        assert_eq!(request.request_id, "b5e0a4c7");
        assert_eq!(request.stack_id.as_str(), STACK);
        assert_eq!(request.logical_resource_id, "Share");
        assert_eq!(request.resource_type, "Custom::LicenseConfigShare");
        assert_eq!(request.physical_resource_id.as_deref(), Some("an id"));
        assert_eq!(request.properties, json!({"Name": "a", "ServiceTimeout": "900"}));
        assert_eq!(request.properties_unreadable, None);
        assert_eq!(request.old_properties, Some(json!({"Name": "b"})));
        assert_eq!(request.service_timeout, Duration::from_secs(900));
        assert_eq!(request.sent, Some(SystemTime::UNIX_EPOCH + Duration::from_secs(60)));
        assert!(!format!("{request:?}").contains("5ec7e7"));
    }

    #[test]
    fn a_create_has_no_physical_id() {
        assert_eq!(parse(&event("Create")).unwrap().physical_resource_id, None);
        assert!(without("Create", "PhysicalResourceId").is_ok());
    }

    #[test]
    fn what_an_answer_needs_is_required() {
        for member in
            ["RequestType", "ResponseURL", "StackId", "RequestId", "LogicalResourceId", "ResourceType"]
        {
            for request_type in ["Create", "Update", "Delete"] {
                assert_eq!(without(request_type, member).unwrap_err(), RequestError::Missing { member });
            }
            assert_eq!(with(member, json!(null)).unwrap_err(), RequestError::Missing { member });
            assert_eq!(with(member, json!("")).unwrap_err(), RequestError::Missing { member });
            let why = "is not a string";
            assert_eq!(with(member, json!(7)).unwrap_err(), RequestError::Malformed { member, why });
        }
        let member = "PhysicalResourceId";
        assert_eq!(without("Update", member).unwrap_err(), RequestError::Missing { member });
        assert_eq!(without("Delete", member).unwrap_err(), RequestError::Missing { member });
    }

    #[test]
    fn what_is_not_as_cloudformation_sends_it_is_refused() {
        let malformed = |member, why| RequestError::Malformed { member, why };
        for (member, value, error) in [
            ("RequestType", json!("create"), malformed("RequestType", "is not Create, Update or Delete")),
            ("RequestId", json!("x".repeat(129)), malformed("RequestId", "is too long")),
            ("RequestId", json!("a b"), malformed("RequestId", "has a character that no id has")),
            (
                "LogicalResourceId",
                json!("ä"),
                malformed("LogicalResourceId", "has a character that no id has"),
            ),
            ("LogicalResourceId", json!("x".repeat(256)), malformed("LogicalResourceId", "is too long")),
            ("ResourceType", json!("x".repeat(256)), malformed("ResourceType", "is too long")),
            ("PhysicalResourceId", json!("x".repeat(2_049)), malformed("PhysicalResourceId", "is too long")),
            (
                "PhysicalResourceId",
                json!("\u{1}".repeat(342)),
                malformed("PhysicalResourceId", "is too long"),
            ),
            ("StackId", json!("stack"), RequestError::StackId(StackIdError { part: "prefix arn" })),
            (
                "StackId",
                json!(STACK.replace("arn:aws:", "arn:aws-cn:")),
                RequestError::OtherPartition { found: "aws-cn".to_owned(), expected: "aws".to_owned() },
            ),
            (
                "StackId",
                json!(STACK.replace("eu-west-1", "eu-west-2")),
                RequestError::OtherRegion { found: "eu-west-2".to_owned(), expected: "eu-west-1".to_owned() },
            ),
            (
                "ResponseURL",
                json!("https://evil.test/"),
                RequestError::ResponseUrl(ResponseUrlError::OtherHost { host: "evil.test".to_owned() }),
            ),
        ] {
            assert_eq!(with(member, value).unwrap_err(), error);
        }
    }

    #[test]
    fn what_is_no_json_object_is_refused_without_quoting_it() {
        for raw in
            ["", "{", "null", "[]", "7", r#""https://x.test/?X-Amz-Signature=5ec7e7""#, r#"{"a":5ec7e7}"#]
        {
            let error = Request::parse(raw.as_bytes(), &acceptance()).unwrap_err();
            assert!(matches!(error, RequestError::NotJson { .. }), "{raw}: {error:?}");
            assert!(!format!("{error} {error:?}").contains("5ec7e7"), "{error:?}");
        }
    }

    #[test]
    fn bad_properties_do_not_keep_a_request_from_its_answer() {
        let raw = |properties: &str| {
            let text =
                event("Update").to_string().replace(r#"{"Name":"a","ServiceTimeout":"900"}"#, properties);
            assert!(text.contains(properties));
            Request::parse(text.as_bytes(), &acceptance()).unwrap()
        };
        for properties in ["7", "[]", "\"x\"", "null", "{}"] {
            let request = raw(properties);
            assert_eq!(request.properties.to_string(), properties);
            assert_eq!(request.properties_unreadable, None);
        }
        let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
        for properties in [deep.as_str(), r#"{"a":"\ud800"}"#, "1e999"] {
            let request = raw(properties);
            assert_eq!(request.properties, Value::Null, "{}", request.properties);
            assert!(request.properties_unreadable.is_some());
        }
        let absent = without("Delete", "ResourceProperties").unwrap();
        assert_eq!((absent.properties, absent.properties_unreadable), (Value::Null, None));
        assert_eq!(without("Update", "OldResourceProperties").unwrap().old_properties, None);
    }

    #[test]
    fn bytes_that_are_no_utf8_and_members_that_come_twice_are_taken() {
        let text = event("Delete").to_string();
        let twice = text.replacen('{', r#"{"RequestId":"first","#, 1);
        assert_eq!(Request::parse(twice.as_bytes(), &acceptance()).unwrap().request_id, "b5e0a4c7");
        let mut bytes = text.replace("\"a\"", "\"?\"").into_bytes();
        let at = bytes.windows(3).position(|w| w == b"\"?\"").unwrap() + 1;
        bytes[at] = 0xff;
        let request = Request::parse(&bytes, &acceptance()).unwrap();
        assert_eq!(request.properties["Name"], "\u{fffd}");
    }

    #[test]
    fn the_service_timeout_is_the_events_own_else_that_of_the_properties_else_an_hour() {
        for (own, repeated, seconds) in [
            (json!("30"), json!("900"), 30),
            (json!(30), json!("900"), 30),
            (json!(null), json!("900"), 900),
            (json!(null), json!(1), 1),
            (json!("0"), json!(3600), 3_600),
            (json!("3601"), json!("x"), 3_600),
            (json!(-1), json!({}), 3_600),
            (json!(1.5), json!(null), 3_600),
        ] {
            let mut event = event("Create");
            event["ServiceTimeout"] = own.clone();
            event["ResourceProperties"]["ServiceTimeout"] = repeated.clone();
            let request = parse(&event).unwrap();
            assert_eq!(request.service_timeout.as_secs(), seconds, "{own} {repeated}");
        }
    }

    #[test]
    fn request_types_are_written_as_they_are_read() {
        for word in ["Create", "Update", "Delete"] {
            assert_eq!(RequestType::from_name(word).unwrap().as_str(), word);
        }
        assert_eq!(RequestType::from_name("CREATE"), None);
    }
}
