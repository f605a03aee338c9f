//! Which answers CloudFormation takes (user guide, crpg-ref-responses; protocol facts 1.2).

use super::request::Request;
use serde_json::{Map, Value};

/// The whole object, in bytes.
const LONGEST: usize = 4096;
/// A physical id, in bytes.
const LONGEST_ID: usize = 1024;

/// An answer that was taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    pub success: bool,
    pub reason: String,
    pub physical_id: String,
    pub data: Map<String, Value>,
}

/// Why an answer is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("Response object is too long: {0} bytes")]
    TooLong(usize),
    #[error("Invalid Response object: it is no JSON object")]
    NoObject,
    #[error("Invalid Response object: {0:?} is not a valid ResponseStatus")]
    Status(String),
    #[error("Invalid Response object: {name} is {found:?}, and the request's is another")]
    NotEchoed { name: &'static str, found: String },
    #[error("Invalid PhysicalResourceId")]
    PhysicalId,
    #[error("Invalid Response object: FAILED without a Reason")]
    NoReason,
    #[error("Invalid Response object: Data is no map of strings")]
    Data,
    #[error("Invalid Response object: NoEcho is no boolean")]
    NoEcho,
}

/// Reads an answer to a request.
///
/// # Errors
/// It is not one that CloudFormation takes.
pub fn read(request: &Request, body: &[u8]) -> Result<Response, Refusal> {
    if body.len() > LONGEST {
        return Err(Refusal::TooLong(body.len()));
    }
    let object: Map<String, Value> = serde_json::from_slice(body).map_err(|_| Refusal::NoObject)?;
    let text = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    for (name, sent) in [
        ("StackId", &request.stack_id),
        ("RequestId", &request.request_id),
        ("LogicalResourceId", &request.logical_id),
    ] {
        if text(name) != *sent {
            return Err(Refusal::NotEchoed { name, found: text(name) });
        }
    }
    let status = text("Status");
    if !["SUCCESS", "FAILED"].contains(&status.as_str()) {
        return Err(Refusal::Status(status));
    }
    let (success, reason, physical_id) = (status == "SUCCESS", text("Reason"), text("PhysicalResourceId"));
    if physical_id.is_empty() || physical_id.len() > LONGEST_ID {
        return Err(Refusal::PhysicalId);
    }
    if !success && reason.is_empty() {
        return Err(Refusal::NoReason);
    }
    if object.get("NoEcho").is_some_and(|echo| !echo.is_boolean()) {
        return Err(Refusal::NoEcho);
    }
    Ok(Response { success, reason, physical_id, data: data(&object)? })
}

fn data(object: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    match object.get("Data") {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(data)) if data.values().all(Value::is_string) => Ok(data.clone()),
        Some(_) => Err(Refusal::Data),
    }
}
