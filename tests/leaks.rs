//! Nothing secret leaves the process but in the PUT's own URL: not at the lowest log level, not on the worst day.
//!
//! Secret are the response URL's signature, credential, session token and path, and the function's own credentials.

use crate::support::function::{Function, TIME, URL_SECRETS, now};
use crate::support::http_server::{HttpServer, response};
use crate::support::log::Log;
use crate::support::process::{Output, Process};
use crate::support::runtime_api::Reported;
use crate::support::s3::Put;
use crate::support::secrets::Secrets;
use crate::support::world::{Event, MEMBER, MEMBER_2, OUTSIDER, World, own, with};
use local_cloud::fault::{FaultKind, FaultRule};
use serde_json::{Value, json};
use std::time::Duration;
use tracing::subscriber::set_default;

/// For what goes on to the end of the invocation's time.
const SHORT: Duration = Duration::from_secs(6);

/// Runs events through one process and keeps all that came out of it.
struct Audit<'a> {
    function: &'a Function,
    process: Process,
    /// What Lambda was told, in order.
    told: Vec<Reported>,
    /// Requests that were acted upon.
    requests: Vec<String>,
}

impl<'a> Audit<'a> {
    async fn of(function: &'a Function) -> Self {
        Self::with(function, &[]).await
    }

    async fn with(function: &'a Function, changes: &[(&str, Option<&str>)]) -> Self {
        let process = function.start_with(changes).await;
        Self { function, process, told: Vec::new(), requests: Vec::new() }
    }

    async fn deliver(&mut self, event: &Event, time: Duration) {
        self.requests.push(event.request_id.clone());
        self.deliver_raw(event.json.to_string().as_bytes(), time).await;
    }

    async fn deliver_raw(&mut self, event: &[u8], time: Duration) {
        let told = self.process.deliver(event, time).await;
        self.told.push(told);
    }

    /// Delivers a request and gives its answer's status and Reason.
    async fn answer(&mut self, request_type: &str, id: Option<&str>, properties: Value) -> Value {
        self.answer_in(TIME, request_type, id, properties).await
    }

    async fn answer_in(
        &mut self,
        time: Duration,
        request_type: &str,
        id: Option<&str>,
        properties: Value,
    ) -> Value {
        let event = self.function.event(request_type, id, properties);
        self.deliver(&event, time).await;
        let answer = self.function.bucket.s3.answer_to(&event.request_id);
        answer.unwrap_or_else(|| panic!("no answer, Lambda was told {:?}", self.told.last())).json
    }

    /// Ends the process and looks at everything.
    async fn holds_no_secret(self) -> Output {
        assert!(!self.told.is_empty());
        let bodies = self.function.bucket.arrivals().into_iter().map(|put| put.body);
        let told = self.told.iter().map(|reported| format!("{reported:?}"));
        let others: Vec<String> = bodies.chain(told).chain(self.process.api.init_errors()).collect();
        let output = self.process.kill().await;
        let texts = others.iter().chain([&output.stdout, &output.stderr]);
        self.function.secrets().assert_absent(texts.map(String::as_str));
        assert_eq!(output.stderr, "");
        let outcomes = output.lines("outcome");
        let of = |line: &Value| line["request_id"].as_str().unwrap().to_owned();
        assert_eq!(outcomes.iter().map(of).collect::<Vec<_>>(), self.requests, "one outcome a request");
        output
    }
}

/// The one who looks must be able to find.
#[tokio::test]
async fn a_secret_is_found_where_there_is_one() {
    let function = Function::deployed().await;
    let secrets = function.secrets();
    assert_eq!(secrets.len(), 7);
    let event = function.event("Create", None, json!({})).json.to_string();
    assert_eq!(secrets.held(&event), URL_SECRETS);
    let environment = format!("{:?}", function.environment);
    assert_eq!(secrets.held(&environment).len(), 3);
}

/// The same for what is logged in process.
#[tokio::test(start_paused = true)]
async fn a_secret_is_found_in_the_log_of_a_world() {
    let (world, log, secrets) = (World::new(), Log::default(), Secrets::of_world());
    let heard = set_default(log.subscriber());
    let event = world.event("Create", None, "Share", own("licenses", &[], &[MEMBER]));
    tracing::trace!(target: "provider", event = %event.json, "planted");
    assert_eq!(secrets.held(&log.text()).len(), 5, "the parts of the URL: {}", log.text());
    drop(heard);
    let before = log.text();
    tracing::trace!(target: "provider", event = %event.json, "not heard");
    assert_eq!(log.text(), before);
}

#[tokio::test(start_paused = true)]
async fn a_world_s_log_and_answers_hold_no_secret_whatever_call_fails() {
    let secrets = Secrets::of_world();
    for kind in [FaultKind::Malformed, FaultKind::Reset, FaultKind::Hang, signature_refused("token-of-it")] {
        let (world, log) = (World::new(), Log::default());
        let _heard = set_default(log.subscriber());
        let licenses = world.license_configurations(1);
        world.cloud().add_fault(FaultRule::always("*", "*", kind.clone()));
        let event = world.event("Create", None, "Share", own("licenses", &licenses, &[MEMBER]));
        let told = format!("{:?}", world.deliver(&event).await);
        let answer = world.s3.answer_to(&event.request_id).unwrap();
        assert!(!answer.is_success(), "{kind:?}");
        assert!(log.text().contains("\"message\":\"outcome\""), "{kind:?}: {}", log.text());
        secrets.assert_absent([log.text().as_str(), told.as_str(), answer.json.to_string().as_str()]);
    }
}

#[tokio::test]
async fn requests_that_succeed_and_that_are_refused_leak_nothing() {
    let function = Function::deployed().await;
    let licenses = function.license_configurations(2);
    let mut audit = Audit::of(&function).await;
    let properties =
        with(own("licenses", &licenses, &[MEMBER, OUTSIDER]), "AllowExternalPrincipals", json!("true"));
    let created = audit.answer("Create", None, properties).await;
    assert_eq!(created["Status"], "SUCCESS", "{created}");
    let id = created["PhysicalResourceId"].as_str();
    let updated = audit.answer("Update", id, own("renamed", &licenses[..1], &[MEMBER_2])).await;
    assert_eq!(updated["Status"], "SUCCESS", "{updated}");
    let refused = audit.answer("Update", id, own("", &["arn".to_owned()], &["o-12345"])).await;
    assert_eq!(refused["Status"], "FAILED");
    let refused = audit.answer("Create", None, json!(["no", "object"])).await;
    assert_eq!(refused["Status"], "FAILED");
    let mut unknown = function.event("Create", None, json!({}));
    unknown.json["ResourceType"] = "Custom::Unknown".into();
    audit.deliver(&unknown, TIME).await;
    let deleted = audit.answer("Delete", id, json!({})).await;
    assert_eq!(deleted["Status"], "SUCCESS", "{deleted}");
    let mut late = function.event("Create", None, own("late", &licenses, &[MEMBER]));
    let two_hours_ago = now() - Duration::from_secs(7_200);
    let origin = format!("http://{}", function.bucket.server.address);
    late.json["ResponseURL"] = Function::response_url(&origin, &late.request_id, two_hours_ago).into();
    audit.deliver(&late, TIME).await;
    assert_eq!(function.bucket.s3.answer_to(&late.request_id), None);
    audit.holds_no_secret().await;
}

/// What AWS says where a signature does not match: it quotes the request, session token and all.
fn signature_refused(token: &str) -> FaultKind {
    FaultKind::Error {
        status: 403,
        code: "InvalidSignatureException".to_owned(),
        message: signature_words(token),
    }
}

fn signature_words(token: &str) -> String {
    format!(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
         Access Key and signing method.\n\nThe Canonical String for this request should have been\n'POST\n/\n\n\
         host:ram.eu-west-1.amazonaws.com\nx-amz-date:20261124T120000Z\nx-amz-security-token:{token}\n'"
    )
}

#[tokio::test]
async fn calls_that_aws_refuses_leak_nothing() {
    let function = Function::deployed().await;
    let licenses = function.license_configurations(1);
    let denied = |status, code: &str, message: &str| FaultKind::Error {
        status,
        code: code.to_owned(),
        message: message.to_owned(),
    };
    let mut audit = Audit::of(&function).await;
    for (service, operation, kind) in [
        (
            "ram",
            "CreateResourceShare",
            denied(403, "AccessDeniedException", "User: arn:aws:sts::1:x is not authorized"),
        ),
        ("ram", "CreateResourceShare", signature_refused(function.session_token())),
        ("license-manager", "ListLicenseConfigurations", signature_refused(function.session_token())),
        (
            "ram",
            "CreateResourceShare",
            denied(403, "ExpiredTokenException", "The security token has expired"),
        ),
        ("ram", "CreateResourceShare", denied(500, "ServerInternalException", "internal")),
        ("ram", "*", FaultKind::Malformed),
        ("*", "*", FaultKind::Reset),
        ("*", "*", FaultKind::Hang),
    ] {
        function.cloud().clear_faults();
        function.cloud().add_fault(FaultRule::always(service, operation, kind.clone()));
        let answer = audit.answer_in(SHORT, "Create", None, own("licenses", &licenses, &[MEMBER])).await;
        assert_eq!(answer["Status"], "FAILED", "{kind:?}");
    }
    audit.holds_no_secret().await;
}

#[tokio::test]
async fn aws_that_cannot_be_reached_leaks_nothing() {
    let function = Function::deployed().await;
    let closed = closed_port().await;
    let closed = Some(closed.as_str());
    for changes in [
        vec![("AWS_ENDPOINT_URL_RAM", closed), ("AWS_ENDPOINT_URL_LICENSE_MANAGER", closed)],
        vec![("AWS_ENDPOINT_URL_DYNAMODB", closed)],
        vec![("RECORD_TABLE", Some("no-such-table"))],
        vec![
            ("AWS_ENDPOINT_URL_RAM", Some("no URL")),
            ("AWS_ENDPOINT_URL_LICENSE_MANAGER", Some("http://[:")),
        ],
    ] {
        let mut audit = Audit::with(&function, &changes).await;
        let answer = audit.answer_in(SHORT, "Create", None, own("licenses", &[], &[MEMBER])).await;
        assert_eq!(answer["Status"], "FAILED", "{changes:?}");
        audit.holds_no_secret().await;
    }
}

async fn closed_port() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test]
async fn a_table_that_quotes_the_request_leaks_nothing() {
    let function = Function::deployed().await;
    let token = function.session_token().to_owned();
    for code in
        ["InvalidSignatureException", "AccessDeniedException", "ValidationException", "InternalServerError"]
    {
        let message = signature_words(&token);
        let body =
            json!({"__type": format!("com.amazon.coral.service#{code}"), "message": message}).to_string();
        let status = if code == "InternalServerError" { 500 } else { 400 };
        let table = HttpServer::start(move |_| {
            let body = body.clone();
            async move { Ok(response(status, body)) }
        })
        .await;
        let url = format!("http://{}", table.address);
        let mut audit = Audit::with(&function, &[("AWS_ENDPOINT_URL_DYNAMODB", Some(&url))]).await;
        let answer = audit.answer_in(SHORT, "Create", None, own("licenses", &[], &[MEMBER])).await;
        assert_eq!(answer["Status"], "FAILED");
        let reason = answer["Reason"].as_str().unwrap().to_owned();
        assert!(code == "InternalServerError" || reason.contains("dynamodb:UpdateItem"), "{reason}");
        assert!(table.connections() > 0);
        audit.holds_no_secret().await;
    }
}

#[tokio::test]
async fn answers_that_are_not_taken_leak_nothing_and_are_errors_to_lambda() {
    let function = Function::deployed().await;
    let mut audit = Audit::of(&function).await;
    for puts in [
        vec![Put::Status(403)],
        vec![Put::Status(307)],
        vec![Put::Status(400)],
        vec![Put::Status(500); 99],
        vec![Put::Broken; 99],
    ] {
        function.bucket.s3.next(puts);
        let create = function.event("Create", None, own("licenses", &[], &["bad"]));
        audit.deliver(&create, SHORT).await;
        let told = audit.told.last().unwrap();
        let Reported::Error(body) = told else { panic!("{told:?}") };
        assert!(body.contains("Provider.AnswerNotTaken"), "{body}");
        assert_eq!(function.bucket.s3.answers(), Vec::new());
    }
    function.bucket.s3.forget();
    function.bucket.s3.next([Put::Status(500), Put::Broken, Put::Status(429)]);
    let answer = audit.answer("Create", None, own("licenses", &[], &["bad"])).await;
    assert_eq!(answer["Status"], "FAILED");
    audit.holds_no_secret().await;
}

#[tokio::test]
async fn events_that_may_not_be_answered_leak_nothing_and_reach_nobody() {
    let function = Function::deployed().await;
    let stranger = HttpServer::start(|_| async { Ok(response(200, "")) }).await;
    let mark = function.cloud().mark();
    let mut audit = Audit::of(&function).await;
    let event = function.event("Create", None, own("licenses", &[], &[MEMBER]));
    let good = format!("http://{}", function.bucket.server.address);
    let bucket = "cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com";
    let origins = [
        format!("http://{}", stranger.address),
        format!("https://{}", stranger.address),
        format!("http://user:word@{}", function.bucket.server.address),
        format!("http://{bucket}"),
        format!("https://{bucket}.{}", stranger.address),
        "https://cloudformation-custom-resource-response-euwest1.s3.example.com".to_owned(),
        "https://cloudformation-custom-resource-response-useast1.s3.us-east-1.amazonaws.com".to_owned(),
        "file://".to_owned(),
        "no URL at all".to_owned(),
    ];
    let urls = origins.iter().map(|origin| Function::response_url(origin, &event.request_id, now()));
    for url in urls {
        let mut hostile = event.json.clone();
        hostile["ResponseURL"] = url.into();
        audit.deliver_raw(hostile.to_string().as_bytes(), TIME).await;
    }
    let members = ["ResponseURL", "RequestId", "StackId", "RequestType", "LogicalResourceId", "ResourceType"];
    for member in members {
        let mut without = event.json.clone();
        without.as_object_mut().unwrap().remove(member);
        audit.deliver_raw(without.to_string().as_bytes(), TIME).await;
    }
    let text = event.json.to_string();
    let [cut, doubled] = [text[..text.len() - 1].to_owned(), format!("{text}{text}")];
    for broken in [cut, doubled, format!("{text:?}"), good, event.json["ResponseURL"].to_string()] {
        audit.deliver_raw(broken.as_bytes(), TIME).await;
    }
    assert_eq!(audit.told.len(), 9 + 6 + 5);
    for told in &audit.told {
        assert!(matches!(told, Reported::Error(body) if body.contains("Provider.EventRefused")), "{told:?}");
    }
    let reached = (stranger.connections(), function.bucket.server.connections(), function.cloud().mark());
    assert_eq!(reached, (0, 0, mark));
    let output = audit.holds_no_secret().await;
    let refused = output.lines("the event is refused: nothing was sent and nothing was changed");
    assert_eq!(refused.len(), 20);
    let counted = refused.iter().filter(|line| line["unknown_suffix"] == true).count();
    assert_eq!(counted, 1, "the right bucket under an unknown suffix, and nothing else: {refused:?}");
    assert!(
        refused.iter().all(|line| line["cause"].as_str().is_some_and(|cause| cause.len() > 20)),
        "{refused:?}"
    );
}
