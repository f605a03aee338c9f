//! What the tests of the pure parts share.

use crate::domain::Home;
use crate::protocol::RequestType;
use crate::resource::Subject;
use std::time::{Duration, UNIX_EPOCH};

/// The account of the stack.
pub(crate) const STACK: &str = "999988887777";
/// A provider in the stack's own account.
pub(crate) const HOME: &str = STACK;
/// The account that owns the share.
pub(crate) const OWNER: &str = "111122223333";
/// The share.
pub(crate) const SHARE: &str = "arn:aws:ram:eu-west-1:111122223333:resource-share/0a";
/// The id of its acceptance.
pub(crate) const ID: &str = "license-config-share-acceptance/999988887777/0a";

/// A request of the stack to a provider in account `home`, which came 1,000 s after the epoch.
pub(crate) fn subject(request_type: RequestType, home: &str) -> Subject {
    Subject {
        stack_id: format!("arn:aws:cloudformation:eu-west-1:{STACK}:stack/consumer/0a"),
        logical_id: "Acceptance".to_owned(),
        request_id: "r1".to_owned(),
        request_type,
        physical_id: (request_type != RequestType::Create).then(|| ID.to_owned()),
        home: Home { partition: "aws".into(), region: "eu-west-1".into(), account: home.parse().unwrap() },
        now: UNIX_EPOCH + Duration::from_secs(1_000),
    }
}
