//! Any JSON as the properties of each type.

use crate::scene::{ACCOUNT, REGION};
use provider::domain::Home;
use provider::protocol::RequestType;
use provider::resource::config_share::LicenseConfigShare;
use provider::resource::org_link::LicenseManagerOrgLink;
use provider::resource::share_acceptance::LicenseConfigShareAcceptance;
use provider::resource::{Goal, PropertyError, Resource, Subject, summary};
use serde_json::Value;
use std::time::{Duration, UNIX_EPOCH};

/// Properties of `Custom::LicenseConfigShare`.
pub fn config_share_properties(input: &[u8]) {
    read::<LicenseConfigShare>(input);
}

/// Properties of `Custom::LicenseManagerOrgLink`.
pub fn org_link_properties(input: &[u8]) {
    read::<LicenseManagerOrgLink>(input);
}

/// Properties of `Custom::LicenseConfigShareAcceptance`.
pub fn share_acceptance_properties(input: &[u8]) {
    read::<LicenseConfigShareAcceptance>(input);
}

/// Nothing that can be read comes with no mistake, each mistake is one line that says where, reading is a function, and
/// what CloudFormation makes of the properties, scalars as strings, is read as they are.
fn read<R: Resource>(input: &[u8]) {
    let Ok(properties) = serde_json::from_slice::<Value>(input) else { return };
    for request_type in [RequestType::Create, RequestType::Update] {
        let subject = subject(request_type);
        let decoded = R::decode(&properties, &subject);
        assert!(decoded.desired.is_some() || !decoded.errors.is_empty(), "neither wish nor mistake");
        decoded.errors.iter().for_each(assert_told);
        assert!(!summary(&decoded.errors).contains(char::is_control));
        let said = format!("{decoded:?}");
        assert_eq!(said, format!("{:?}", R::decode(&properties, &subject)));
        if decoded.errors.is_empty() {
            assert_eq!(said, format!("{:?}", R::decode(&as_sent(&properties), &subject)), "as sent");
        }
        if let Some(desired) = decoded.desired {
            let goal = Goal::Present { desired, is_return: false, outstanding: None };
            let looks = R::looks(&subject, &goal, &R::Ledger::default());
            assert_eq!(looks.len(), 1, "exactly one look at what is wanted");
            R::guess(&subject, &goal);
        }
    }
}

fn assert_told(error: &PropertyError) {
    let line = |text: &str| !text.is_empty() && !text.contains(char::is_control);
    assert!(line(&error.problem) && !error.path.contains(char::is_control), "{error:?}");
}

/// As CloudFormation sends them: booleans and whole numbers as strings.
fn as_sent(properties: &Value) -> Value {
    match properties {
        Value::Bool(is) => is.to_string().into(),
        Value::Number(number) if !number.is_f64() => number.to_string().into(),
        Value::Array(items) => items.iter().map(as_sent).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), as_sent(value))).collect()
        }
        Value::Null | Value::Number(_) | Value::String(_) => properties.clone(),
    }
}

fn subject(request_type: RequestType) -> Subject {
    Subject {
        stack_id: format!("arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/licenses/8a1b2c30-0000-11f1"),
        logical_id: "Licenses".to_owned(),
        request_id: "00000000-0000-4000-8000-000000000001".to_owned(),
        request_type,
        physical_id: (request_type == RequestType::Update).then(|| "an-id".to_owned()),
        home: home(),
        now: UNIX_EPOCH + Duration::from_secs(1_795_521_600),
    }
}

/// Where the provider acts.
pub(crate) fn home() -> Home {
    Home {
        partition: "aws".to_owned(),
        region: REGION.to_owned(),
        account: ACCOUNT.parse().expect("it has 12 digits"),
    }
}
