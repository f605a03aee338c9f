//! Which operation of which service a request asks for, and its input.
//!
//! RAM speaks restJson1 (the path is the operation in lower case), License Manager and Organizations awsJson1.1 (header
//! `X-Amz-Target`), STS and IAM awsQuery (a form). Source: the service models of botocore.

use bytes::Bytes;
use http::Method;
use serde_json::{Map, Value};

use crate::{iam, license_manager, organizations, ram, sts};

/// A service that the cloud serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// AWS Resource Access Manager.
    Ram,
    /// AWS License Manager.
    LicenseManager,
    /// AWS Organizations.
    Organizations,
    /// AWS Security Token Service.
    Sts,
    /// AWS Identity and Access Management.
    Iam,
}

impl Service {
    /// All services.
    pub const ALL: [Self; 5] = [Self::Ram, Self::LicenseManager, Self::Organizations, Self::Sts, Self::Iam];

    /// The signing name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ram => "ram",
            Self::LicenseManager => "license-manager",
            Self::Organizations => "organizations",
            Self::Sts => "sts",
            Self::Iam => "iam",
        }
    }

    /// The service of a signing name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.name() == name)
    }

    /// The operations that are served, by AWS's names.
    pub fn operations(self) -> &'static [&'static str] {
        match self {
            Self::Ram => ram::OPERATIONS,
            Self::LicenseManager => license_manager::OPERATIONS,
            Self::Organizations => organizations::OPERATIONS,
            Self::Sts => sts::OPERATIONS,
            Self::Iam => iam::OPERATIONS,
        }
    }

    /// Whether it speaks awsQuery: forms in, XML out.
    pub fn is_query(self) -> bool {
        matches!(self, Self::Sts | Self::Iam)
    }

    fn target_prefix(self) -> &'static str {
        match self {
            Self::LicenseManager => "AWSLicenseManager.",
            Self::Organizations => "AWSOrganizationsV20161128.",
            Self::Ram | Self::Sts | Self::Iam => "",
        }
    }
}

/// The input of an operation.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// Members of a JSON body, or of a query string.
    Members(Value),
    /// A form, in order.
    Form(Vec<(String, String)>),
}

impl Input {
    /// The input as JSON, for the log.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Members(members) => members.clone(),
            Self::Form(form) => Value::Object(
                form.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect(),
            ),
        }
    }
}

/// An operation that is served, with its input.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The operation, by AWS's name.
    pub operation: &'static str,
    /// The input.
    pub input: Input,
}

/// Why a request cannot be given to a service.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No such operation here; AWS may have it.
    #[error("{service} operation {operation} is not served by the local cloud")]
    UnknownOperation {
        /// The signing name.
        service: &'static str,
        /// What the request named.
        operation: String,
    },
    /// The body is no JSON object.
    #[error("{service} operation {operation}: the body is no JSON object")]
    Unreadable {
        /// The signing name.
        service: &'static str,
        /// The operation.
        operation: &'static str,
    },
}

/// Reads which operation a request asks for, and its input.
///
/// # Errors
/// [`Refused`].
pub fn read(service: Service, request: &http::Request<Bytes>) -> Result<Request, Refused> {
    match service {
        Service::Ram => read_rest(request),
        Service::LicenseManager | Service::Organizations => read_target(service, request),
        Service::Sts | Service::Iam => read_form(service, request),
    }
}

fn read_rest(request: &http::Request<Bytes>) -> Result<Request, Refused> {
    let path = request.uri().path();
    // An endpoint may have a base path; RAM's own paths have one segment.
    let asked = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let found = ram::OPERATIONS.iter().copied().find(|name| name.to_ascii_lowercase() == asked);
    let method = if asked == "deleteresourceshare" { Method::DELETE } else { Method::POST };
    let operation = found.filter(|_| *request.method() == method);
    let operation = operation.ok_or_else(|| Refused::UnknownOperation {
        service: Service::Ram.name(),
        operation: format!("{} {path}", request.method()),
    })?;
    let input =
        if method == Method::DELETE { query(request) } else { json(Service::Ram, operation, request)? };
    Ok(Request { operation, input: Input::Members(input) })
}

fn read_target(service: Service, request: &http::Request<Bytes>) -> Result<Request, Refused> {
    let target =
        request.headers().get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let asked = target.strip_prefix(service.target_prefix());
    let operation = asked.and_then(|asked| service.operations().iter().copied().find(|name| *name == asked));
    let operation = operation
        .ok_or_else(|| Refused::UnknownOperation { service: service.name(), operation: target.to_owned() })?;
    Ok(Request { operation, input: Input::Members(json(service, operation, request)?) })
}

fn read_form(service: Service, request: &http::Request<Bytes>) -> Result<Request, Refused> {
    let form: Vec<(String, String)> = url::form_urlencoded::parse(request.body()).into_owned().collect();
    let asked =
        form.iter().find(|(name, _)| name == "Action").map(|(_, action)| action.clone()).unwrap_or_default();
    let operation = service.operations().iter().copied().find(|name| *name == asked);
    let operation =
        operation.ok_or(Refused::UnknownOperation { service: service.name(), operation: asked })?;
    Ok(Request { operation, input: Input::Form(form) })
}

fn json(service: Service, operation: &'static str, request: &http::Request<Bytes>) -> Result<Value, Refused> {
    if request.body().is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let unreadable = Refused::Unreadable { service: service.name(), operation };
    match serde_json::from_slice::<Value>(request.body()) {
        Ok(members) if members.is_object() => Ok(members),
        Ok(_) | Err(_) => Err(unreadable),
    }
}

fn query(request: &http::Request<Bytes>) -> Value {
    let query = request.uri().query().unwrap_or_default();
    let members = url::form_urlencoded::parse(query.as_bytes());
    Value::Object(members.map(|(name, value)| (name.into_owned(), Value::from(value.into_owned()))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn post(path: &str, body: &'static str) -> http::Request<Bytes> {
        http::Request::post(path).body(Bytes::from_static(body.as_bytes())).unwrap()
    }

    #[test]
    fn a_path_of_ram_names_the_operation() {
        let read = read(Service::Ram, &post("/ram/createresourceshare", r#"{"name": "a"}"#)).unwrap();
        assert_eq!(read.operation, "CreateResourceShare");
        assert_eq!(read.input, Input::Members(json!({"name": "a"})));
    }

    #[test]
    fn a_delete_of_ram_has_its_members_in_the_query() {
        let uri = "/deleteresourceshare?resourceShareArn=arn%3Aaws&clientToken=t";
        let request = http::Request::delete(uri).body(Bytes::new()).unwrap();
        let read = read(Service::Ram, &request).unwrap();
        assert_eq!(read.input, Input::Members(json!({"resourceShareArn": "arn:aws", "clientToken": "t"})));
    }

    #[test]
    fn an_operation_that_is_not_served_is_named() {
        let error = read(Service::Ram, &post("/createpermission", "{}")).unwrap_err();
        assert!(error.to_string().contains("/createpermission"), "{error}");
        let error = read(Service::Ram, &post("/deleteresourceshare", "{}")).unwrap_err();
        assert!(matches!(error, Refused::UnknownOperation { .. }));
        let error = read(Service::Organizations, &post("/", "{}")).unwrap_err();
        assert!(matches!(error, Refused::UnknownOperation { service: "organizations", .. }));
    }

    #[test]
    fn each_query_service_has_its_own_actions() {
        let form = post("/", "Action=GetRole&RoleName=r&Version=2010-05-08");
        let got = read(Service::Iam, &form).unwrap();
        assert_eq!(got.operation, "GetRole");
        assert_eq!(got.input.to_json()["RoleName"], "r");
        let error = read(Service::Sts, &form).unwrap_err();
        assert_eq!(error, Refused::UnknownOperation { service: "sts", operation: "GetRole".to_owned() });
    }

    #[test]
    fn a_body_that_is_no_object_is_refused() {
        for body in ["{", "[]", "7"] {
            let error = read(Service::Ram, &post("/getresourceshares", body)).unwrap_err();
            assert!(matches!(error, Refused::Unreadable { operation: "GetResourceShares", .. }), "{error}");
        }
    }
}
