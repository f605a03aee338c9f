//! Any HTTP requests to the local cloud.

use crate::scene::cloud;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, Uri};
use local_cloud::{LocalCloud, Reply};
use serde_json::Value;
use std::time::Duration;

/// Between two requests of one input.
const SEPARATOR: &str = "\n====\n";
/// So many requests of one input are sent.
const MOST: usize = 24;

/// However they are put together, each request gets a reply, and an answer is one that a client can read.
///
/// An input is one request or more, a line `====` between them: a line of method and target, lines of headers, an empty
/// line and the body. They are sent a second after the other, to one cloud.
pub fn cloud_requests(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let mut cloud = cloud();
    let requests = text.split(SEPARATOR).filter_map(read).take(MOST);
    for (second, request) in (1..).zip(requests) {
        let is_admin = request.uri().path().starts_with("/_local-cloud/");
        let calls = cloud.log().len();
        let reply = cloud.handle(Duration::from_secs(second), &request);
        assert_replied(&reply, is_admin);
        if !is_admin {
            assert_logged(&cloud, calls, &reply);
        }
    }
}

/// What is no HTTP would not reach the cloud: `None`.
fn read(text: &str) -> Option<Request<Bytes>> {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let (method, target) = lines.next()?.split_once(' ')?;
    let mut request = Request::new(Bytes::copy_from_slice(body.as_bytes()));
    *request.method_mut() = Method::from_bytes(method.as_bytes()).ok()?;
    *request.uri_mut() = target.parse::<Uri>().ok()?;
    for line in lines {
        let (name, value) = line.split_once(':')?;
        let name = HeaderName::from_bytes(name.trim().as_bytes()).ok()?;
        let value = HeaderValue::from_bytes(value.trim().as_bytes()).ok()?;
        request.headers_mut().append(name, value);
    }
    Some(request)
}

/// Only a rule that the admin API was given lets a request go without an answer.
fn assert_replied(reply: &Reply, is_admin: bool) {
    let Reply::Answer { response, .. } = reply else { return assert!(!is_admin, "the admin API answers") };
    assert!((200..600).contains(&response.status().as_u16()), "{response:?}");
    assert!(std::str::from_utf8(response.body()).is_ok(), "{response:?}");
    if is_admin {
        assert!(json(response).is_some(), "{response:?}");
    }
}

fn json(response: &Response<Bytes>) -> Option<Value> {
    serde_json::from_slice(response.body()).ok()
}

/// A call is logged once, with how it was answered.
fn assert_logged(cloud: &LocalCloud, before: usize, reply: &Reply) {
    let [call] = cloud.log().get(before..).unwrap_or_default() else { panic!("one request is one call") };
    match (reply, call.status) {
        (Reply::Answer { response, .. }, Some(status)) => {
            assert_eq!(response.status().as_u16(), status, "{call:?}");
            // By a rule of the admin API an error, too, may come malformed, with the status of a success.
            if status >= 300 {
                assert_readable(response, call.error_code.as_deref());
            }
        }
        (Reply::Answer { .. }, None) => panic!("it was answered: {call:?}"),
        (Reply::Reset | Reply::Hang, status) => assert_eq!(status, None, "{call:?}"),
    }
}

/// An error is told in the way of its protocol.
fn assert_readable(response: &Response<Bytes>, code: Option<&str>) {
    let Some(code) = code.filter(|code| !code.is_empty()) else { return };
    let is_xml = response.body().starts_with(b"<");
    let told = format!("{:?} {}", response.headers(), String::from_utf8_lossy(response.body()));
    assert!(is_xml || json(response).is_some(), "an error that nobody can read: {response:?}");
    assert!(told.contains(code), "{code} is not told: {told}");
}
