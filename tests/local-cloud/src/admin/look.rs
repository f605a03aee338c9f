//! GET requests of the admin API.

use serde_json::{Value, json};

use super::{AdminError, Answer};
use crate::cloud::LocalCloud;
use crate::wire::Service;

/// None for a path that is not there.
pub(super) fn get(cloud: &LocalCloud, path: &str, query: Option<&str>) -> Option<Answer> {
    match path {
        "operations" => Some(Ok(operations())),
        "log" => Some(log(cloud, query)),
        "state" => Some(Ok(state(cloud))),
        "settings" => Some(Ok(json!(cloud.settings()))),
        _ => None,
    }
}

fn operations() -> Value {
    let all = Service::ALL.into_iter().flat_map(|service| {
        let named = move |operation| json!({"service": service.name(), "operation": operation});
        service.operations().iter().map(named)
    });
    all.collect()
}

fn log(cloud: &LocalCloud, query: Option<&str>) -> Answer {
    let mut members = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let since = members.find(|(name, _)| name == "since").map(|(_, value)| value.into_owned());
    let since: usize = match since {
        None => 0,
        Some(text) => text.parse().map_err(|_| AdminError::Refused(format!("since={text} is no number")))?,
    };
    Ok(json!({"calls": cloud.calls_since(since), "mark": cloud.mark()}))
}

fn state(cloud: &LocalCloud) -> Value {
    let mut state = json!({
        "now": cloud.now.as_secs_f64(),
        "organizations": cloud.organizations.organizations(),
        "license_configurations": cloud.license_manager.license_configurations(),
        "shares": cloud.shares(),
        "invitations": cloud.invitations(),
        "faults": cloud.faults.rules(),
        "throttles": cloud.throttles.rules(),
    });
    super::merge(&mut state, super::link::state(cloud));
    state
}
