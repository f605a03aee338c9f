//! What the unit tests of the awsJson services and STS share.

use std::sync::Arc;
use std::time::Duration;

use crate::Ctx;
use crate::error::{Outcome, ServiceError};
use crate::settings::Settings;
use crate::wire::Caller;

/// A management account, two members and an outsider.
pub(crate) const MANAGER: &str = "111111111111";
pub(crate) const MEMBER: &str = "222222222222";
pub(crate) const OTHER: &str = "333333333333";
pub(crate) const OUTSIDER: &str = "999999999999";

/// A request of this account in us-east-1, at the cloud's start.
pub(crate) fn ctx_of(account: &str) -> Ctx {
    let caller = Caller {
        account: account.to_owned(),
        access_key: account.to_owned(),
        region: "us-east-1".to_owned(),
        service: "organizations".to_owned(),
    };
    Ctx {
        caller,
        now: Duration::ZERO,
        region: "us-east-1".to_owned(),
        partition: "aws".to_owned(),
        epoch: Duration::from_secs(1_767_225_600),
        settings: Arc::new(Settings::default()),
        shared_with_caller: Vec::new(),
        core_role: true,
    }
}

/// A request of this account with other settings.
pub(crate) fn ctx_with(account: &str, change: impl FnOnce(&mut Settings)) -> Ctx {
    let mut ctx = ctx_of(account);
    change(Arc::make_mut(&mut ctx.settings));
    ctx
}

/// The error of a refused operation.
pub(crate) fn refused(outcome: Outcome) -> ServiceError {
    outcome.unwrap_err()
}

/// The code of a refused operation.
pub(crate) fn code(outcome: Outcome) -> &'static str {
    refused(outcome).code
}

/// The reason of a refused operation.
pub(crate) fn reason(outcome: Outcome) -> &'static str {
    let (name, reason) = refused(outcome).extra.unwrap();
    assert_eq!(name, "Reason");
    reason
}
