//! How answers and errors look on the wire in each protocol (botocore's parsers read exactly these).

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

use super::protocol::Service;
use crate::error::ServiceError;
use crate::query::escape;
use crate::{iam, sts};

/// A successful answer: `body` is JSON, or XML for STS and IAM, whose document gets the request id into it.
pub fn answer(service: Service, request_id: &str, body: String) -> Response<Bytes> {
    let body = if service.is_query() { with_metadata(&body, request_id) } else { body };
    respond(service, request_id, StatusCode::OK, body)
}

/// Puts `ResponseMetadata` at the document's end, where awsQuery has it.
fn with_metadata(document: &str, request_id: &str) -> String {
    let (start, end) = document.rsplit_once("</").unwrap_or((document, ""));
    format!("{start}<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{end}")
}

/// A successful answer cut off in the middle, so that no client can read it.
pub fn malformed(service: Service, request_id: &str, body: &str) -> Response<Bytes> {
    let half: String = body.chars().take((body.chars().count() / 2).max(1)).collect();
    respond(service, request_id, StatusCode::OK, half)
}

/// An error answer of a service.
pub fn error(service: Service, request_id: &str, error: &ServiceError) -> Response<Bytes> {
    let parts = Parts { status: error.status, code: error.code, message: &error.message, extra: error.extra };
    render(service, request_id, &parts)
}

/// An error answer that no service made, such as that of a fault, with whatever code.
pub fn failure(
    service: Service,
    request_id: &str,
    status: u16,
    code: &str,
    message: &str,
) -> Response<Bytes> {
    render(service, request_id, &Parts { status, code, message, extra: None })
}

struct Parts<'a> {
    status: u16,
    code: &'a str,
    message: &'a str,
    extra: Option<(&'static str, &'static str)>,
}

fn render(service: Service, request_id: &str, parts: &Parts<'_>) -> Response<Bytes> {
    let status = StatusCode::from_u16(parts.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = match service {
        Service::Ram => json!({"message": parts.message}).to_string(),
        Service::LicenseManager | Service::Organizations => json_error(parts).to_string(),
        Service::Sts | Service::Iam => xml_error(service, request_id, parts),
    };
    let mut response = respond(service, request_id, status, body);
    if service == Service::Ram
        && let Ok(code) = HeaderValue::from_str(parts.code)
    {
        response.headers_mut().insert(HeaderName::from_static("x-amzn-errortype"), code);
    }
    response
}

fn json_error(parts: &Parts<'_>) -> Value {
    let mut body = json!({"__type": parts.code, "Message": parts.message});
    if let (Some((name, value)), Some(members)) = (parts.extra, body.as_object_mut()) {
        members.insert(name.to_owned(), Value::from(value));
    }
    body
}

fn xml_error(service: Service, request_id: &str, parts: &Parts<'_>) -> String {
    let fault = if parts.status >= 500 { "Receiver" } else { "Sender" };
    let (code, message) = (escape(parts.code), escape(parts.message));
    let namespace = if service == Service::Iam { iam::NAMESPACE } else { sts::NAMESPACE };
    format!(
        "<ErrorResponse xmlns=\"{namespace}\"><Error><Type>{fault}</Type>\
         <Code>{code}</Code><Message>{message}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
}

fn respond(service: Service, request_id: &str, status: StatusCode, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let content_type = match service {
        Service::Ram => "application/json",
        Service::LicenseManager | Service::Organizations => "application/x-amz-json-1.1",
        Service::Sts | Service::Iam => "text/xml",
    };
    let headers = response.headers_mut();
    headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(HeaderName::from_static("x-amzn-requestid"), id);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(response: &Response<Bytes>) -> String {
        String::from_utf8(response.body().to_vec()).unwrap()
    }

    #[test]
    fn ram_names_the_code_in_a_header() {
        let failure = ServiceError::bad_request("UnknownResourceException", "gone");
        let response = error(Service::Ram, "id", &failure);
        assert_eq!(response.headers()["x-amzn-errortype"], "UnknownResourceException");
        assert_eq!(response.headers()["x-amzn-requestid"], "id");
        assert_eq!(text(&response), r#"{"message":"gone"}"#);
    }

    #[test]
    fn json_services_name_the_code_in_the_body() {
        let mut failure = ServiceError::bad_request("ConstraintViolationException", "no");
        failure.extra = Some(("Reason", "WAIT_PERIOD_ACTIVE"));
        let body: Value =
            serde_json::from_str(&text(&error(Service::Organizations, "id", &failure))).unwrap();
        assert_eq!(
            body,
            json!({"__type": "ConstraintViolationException", "Message": "no", "Reason": "WAIT_PERIOD_ACTIVE"})
        );
    }

    #[test]
    fn sts_answers_end_with_the_request_id() {
        let response = answer(Service::Sts, "id", "<AResponse><AResult/></AResponse>".to_owned());
        let metadata = "<ResponseMetadata><RequestId>id</RequestId></ResponseMetadata>";
        assert_eq!(text(&response), format!("<AResponse><AResult/>{metadata}</AResponse>"));
    }

    #[test]
    fn sts_errors_are_xml_and_escaped() {
        let failure = ServiceError::new(403, "AccessDenied", "a < b & c");
        let response = error(Service::Sts, "id", &failure);
        assert_eq!(response.status(), 403);
        assert!(text(&response).contains("<Code>AccessDenied</Code><Message>a &lt; b &amp; c</Message>"));
    }
}
