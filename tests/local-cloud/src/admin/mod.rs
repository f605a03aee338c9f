//! The admin API: JSON over HTTP under [`PREFIX`], for the demo and the end-to-end tests. What can be done here can be
//! done with the methods of [`LocalCloud`], too.
//!
//! | request | body | answer |
//! |---|---|---|
//! | GET operations | | `[{service, operation}]` that are served |
//! | GET log?since=N | | `{calls, mark}`: the calls since mark N |
//! | GET state | | everything there is |
//! | GET settings | | the settings |
//! | POST settings | settings to change, as deep as needed | the settings |
//! | POST organizations | `{management_account, partition?, feature_set?}` | `{id, arn}` |
//! | POST units | `{organization, parent?, name}` | `{id, arn}` |
//! | POST accounts | `{organization, unit?, account}` | `{}` |
//! | POST accounts/close, accounts/leave, accounts/suspend | `{account}` | `{}` |
//! | POST ram-sharing | `{organization, sharing}` | `{}` |
//! | POST license-configurations | `{account, region, name}` | `{arn}` |
//! | POST license-configurations/delete | `{arn}` | `{}` |
//! | POST license-configurations/consumed | `{arn, licenses}`: so many are in use | `{}` |
//! | POST link | `{account, region}`: linked by hand, with all that follows | `{}` |
//! | POST service-settings | `{account, region, settings}`: of License Manager, and nothing that follows | the settings |
//! | POST trusted-access | `{organization, service_principal, trusted}` | `{}` |
//! | POST linked-roles, linked-roles/remove | `{account, service?}`: License Manager's core role, else | `{}` |
//! | POST denials | `{account, action, by?}`: AccessDenied | `{}` |
//! | POST denials/clear | | `{}` |
//! | POST license-manager-share | `{account, region}` | `{arn}` |
//! | POST inventory | a machine that License Manager finds | `{}` |
//! | POST roles | a role for AssumeRole: `{arn, trusted_accounts?, trusted_principals?, external_id?, external_ids?, permissions?: [{actions, resources?}]}` | `{}` |
//! | POST invitations/accept | `{arn}` | `{}` |
//! | POST invitations/end, invitations/old | `{share, account, status}`: REJECTED or EXPIRED | `{}` |
//! | POST invitations/purge | `{account}`: all that are not PENDING | `{}` |
//! | POST shares/remove | `{arn, listed?}` | `{}` |
//! | POST faults, throttles, failures | a rule | `{}` |
//! | POST faults/clear | | `{}`: faults, throttles and failures |
//! | POST advance | `{seconds}` | `{now}` |
//! | POST reset | | `{}` |
//!
//! An account outside every organization needs no set-up: its 12 digits as an access key are enough.

mod change;
mod link;
mod look;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::cloud::LocalCloud;

/// Where the admin API is; no AWS service has such paths.
pub const PREFIX: &str = "/_local-cloud/";

/// Why a request to the admin API did nothing.
#[derive(Debug, thiserror::Error)]
enum AdminError {
    /// No such path or method.
    #[error("the admin API has no {method} {path}")]
    Unknown {
        /// The method.
        method: Method,
        /// The path.
        path: String,
    },
    /// The body does not fit.
    #[error("the body of {path} does not fit")]
    Body {
        /// The path, without the prefix.
        path: &'static str,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// What the request names is not there, or cannot be changed so.
    #[error("{0}")]
    Refused(String),
}

type Answer = Result<Value, AdminError>;

/// Answers one request under [`PREFIX`].
pub(crate) fn handle(cloud: &mut LocalCloud, request: &Request<Bytes>) -> Response<Bytes> {
    match route(cloud, request) {
        Ok(value) => respond(StatusCode::OK, &value),
        Err(error) => {
            let status = match error {
                AdminError::Unknown { .. } => StatusCode::NOT_FOUND,
                AdminError::Body { .. } | AdminError::Refused(_) => StatusCode::BAD_REQUEST,
            };
            let cause = std::error::Error::source(&error).map(|source| format!(": {source}"));
            respond(status, &json!({"error": format!("{error}{}", cause.unwrap_or_default())}))
        }
    }
}

fn route(cloud: &mut LocalCloud, request: &Request<Bytes>) -> Answer {
    let path = request.uri().path().strip_prefix(PREFIX).unwrap_or_default();
    let body = request.body();
    let answer = match *request.method() {
        Method::GET => look::get(cloud, path, request.uri().query()),
        Method::POST => change::post(cloud, path, body).or_else(|| link::post(cloud, path, body)),
        _ => None,
    };
    let unknown = || AdminError::Unknown { method: request.method().clone(), path: path.to_owned() };
    answer.unwrap_or_else(|| Err(unknown()))
}

fn read<T: DeserializeOwned>(path: &'static str, body: &Bytes) -> Result<T, AdminError> {
    serde_json::from_slice(body).map_err(|source| AdminError::Body { path, source })
}

fn done((): ()) -> Value {
    json!({})
}

fn found(found: bool, what: impl FnOnce() -> String) -> Answer {
    if found { Ok(json!({})) } else { Err(AdminError::Refused(what())) }
}

/// Puts a patch into a value, as deep as it goes.
fn merge(into: &mut Value, patch: Value) {
    match (into, patch) {
        (Value::Object(into), Value::Object(patch)) => {
            for (name, value) in patch {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (into, patch) => *into = patch,
    }
}

fn respond(status: StatusCode, value: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(value.to_string()));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(http::header::CONTENT_TYPE, json);
    response
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::cloud::Reply;

    fn send(cloud: &mut LocalCloud, method: Method, path: &str, body: Value) -> (u16, Value) {
        let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        let uri = format!("{PREFIX}{path}");
        let request = Request::builder().method(method).uri(uri).body(body).unwrap();
        let Reply::Answer { response, .. } = cloud.handle(Duration::ZERO, &request) else {
            panic!("no answer")
        };
        (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
    }

    fn post(cloud: &mut LocalCloud, path: &str, body: Value) -> Value {
        let (status, answer) = send(cloud, Method::POST, path, body);
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    fn get(cloud: &mut LocalCloud, path: &str) -> Value {
        let (status, answer) = send(cloud, Method::GET, path, Value::Null);
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    #[test]
    fn a_scene_is_set_over_http_and_shows_in_the_state() {
        let mut cloud = LocalCloud::default();
        let organization = post(&mut cloud, "organizations", json!({"management_account": "111111111111"}));
        let id = organization["id"].clone();
        let unit = post(&mut cloud, "units", json!({"organization": id, "name": "dev"}));
        assert!(unit["arn"].as_str().unwrap().contains(":ou/"));
        let member = json!({"organization": id, "unit": unit["id"], "account": "222222222222"});
        post(&mut cloud, "accounts", member);
        post(&mut cloud, "ram-sharing", json!({"organization": id, "sharing": "On"}));
        let license = json!({"account": "111111111111", "region": "eu-west-1", "name": "sql"});
        let license = post(&mut cloud, "license-configurations", license);
        let own = json!({"account": "111111111111", "region": "eu-west-1"});
        post(&mut cloud, "license-manager-share", own);
        let state = get(&mut cloud, "state");
        assert_eq!(state["shares"][0]["name"], "licenseManagerResourceShare-111111111111");
        assert_eq!(state["shares"][0]["associations"][0]["entity"], organization["arn"]);
        assert_eq!(state["license_configurations"][0]["arn"], license["arn"]);
        assert!(state["organizations"].to_string().contains("222222222222"));
    }

    #[test]
    fn settings_are_merged_and_a_wrong_one_changes_nothing() {
        let mut cloud = LocalCloud::default();
        post(&mut cloud, "settings", json!({"ram": {"times": {"associate_resource": 2}}}));
        let settings = get(&mut cloud, "settings");
        assert_eq!(settings["ram"]["times"]["associate_resource"], 2.0);
        assert_eq!(settings["ram"]["quotas"]["tags"], 50);
        let (status, answer) = send(&mut cloud, Method::POST, "settings", json!({"ram": {"colour": 1}}));
        assert_eq!(status, 400);
        assert!(answer["error"].as_str().unwrap().contains("colour"), "{answer}");
        assert_eq!(get(&mut cloud, "settings"), settings);
    }

    #[test]
    fn the_link_its_drift_roles_and_denials_are_set_over_http() {
        let mut cloud = LocalCloud::default();
        let manager = "111111111111";
        let organization = post(&mut cloud, "organizations", json!({"management_account": manager}));
        let (id, place) = (organization["id"].clone(), json!({"account": manager, "region": "eu-west-1"}));
        post(&mut cloud, "link", place);
        let drift = json!({"organization": id, "service_principal": "license-manager.amazonaws.com", "trusted": false});
        post(&mut cloud, "trusted-access", drift);
        post(&mut cloud, "linked-roles/remove", json!({"account": manager}));
        assert!(!cloud.has_linked_role(manager, crate::iam::LinkedRole::Core));
        post(
            &mut cloud,
            "linked-roles",
            json!({"account": manager, "service": "license-manager.amazonaws.com"}),
        );
        assert!(cloud.has_linked_role(manager, crate::iam::LinkedRole::Core));
        post(&mut cloud, "denials", json!({"account": manager, "action": "ram:*"}));
        let topic = json!({"sns_topic_arn": "arn:aws:sns:x"});
        let change = json!({"account": manager, "region": "eu-west-1", "settings": topic});
        let settings = post(&mut cloud, "service-settings", change);
        assert_eq!(
            (&settings["integration"], &settings["sns_topic_arn"]),
            (&json!(true), &json!("arn:aws:sns:x"))
        );
        let state = get(&mut cloud, "state");
        assert_eq!(state["denials"][0]["action"], "ram:*");
        assert_eq!(state["service_settings"]["111111111111/eu-west-1"], settings);
        let trusted = state["organizations"][0]["trusted"].as_object().unwrap();
        assert_eq!(trusted.keys().collect::<Vec<_>>(), ["license-manager.member-account.amazonaws.com"]);
        post(&mut cloud, "denials/clear", Value::Null);
        assert_eq!(get(&mut cloud, "state")["denials"], json!([]));
    }

    #[test]
    fn the_past_of_invitations_is_set_over_http() {
        let mut world = crate::ram::testing::World::new();
        let share = world.share_with(&[crate::ram::testing::OUTSIDER]);
        let old = |status: &str| json!({"share": share, "account": "999999999999", "status": status});
        post(&mut world.cloud, "invitations/old", old("REJECTED"));
        post(&mut world.cloud, "invitations/end", old("EXPIRED"));
        let (status, answer) = send(&mut world.cloud, Method::POST, "invitations/end", old("EXPIRED"));
        assert_eq!(status, 400, "{answer}");
        let statuses = |cloud: &mut LocalCloud| {
            let state = get(cloud, "state");
            crate::ram::testing::texts(&state["invitations"], "status")
        };
        assert_eq!(statuses(&mut world.cloud), ["REJECTED", "EXPIRED"]);
        post(&mut world.cloud, "invitations/purge", json!({"account": "999999999999"}));
        assert!(statuses(&mut world.cloud).is_empty());
        world.share_with(&["999999999999"]);
        let arn = world.cloud.invitations()[0].arn.clone();
        post(&mut world.cloud, "invitations/accept", json!({"arn": arn}));
        assert_eq!(statuses(&mut world.cloud), ["ACCEPTED"]);
    }

    #[test]
    fn an_unknown_path_is_named() {
        let (status, answer) = send(&mut LocalCloud::default(), Method::POST, "colours", Value::Null);
        assert_eq!(status, 404);
        assert_eq!(answer, json!({"error": "the admin API has no POST colours"}));
    }

    #[test]
    fn time_moves_forward_and_a_reset_keeps_it() {
        let mut cloud = LocalCloud::default();
        assert_eq!(post(&mut cloud, "advance", json!({"seconds": 90})), json!({"now": 90.0}));
        post(
            &mut cloud,
            "license-configurations",
            json!({"account": "111111111111", "region": "a", "name": "b"}),
        );
        post(&mut cloud, "reset", Value::Null);
        let state = get(&mut cloud, "state");
        assert_eq!(state["now"], 90.0);
        assert_eq!(state["license_configurations"], json!([]));
    }

    #[test]
    fn every_operation_that_is_served_is_listed() {
        let operations = get(&mut LocalCloud::default(), "operations");
        let all = operations.as_array().unwrap();
        assert!(all.contains(&json!({"service": "ram", "operation": "CreateResourceShare"})));
        let served: usize = crate::wire::Service::ALL.map(|service| service.operations().len()).iter().sum();
        assert_eq!(all.len(), served);
    }
}
