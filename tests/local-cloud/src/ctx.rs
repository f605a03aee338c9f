//! What an operation of a service knows of the request around it.

use std::sync::Arc;
use std::time::Duration;

use crate::settings::Settings;
use crate::wire::Caller;

/// The request around an operation: who calls, where and when.
#[derive(Debug, Clone)]
pub struct Ctx {
    /// Who calls.
    pub caller: Caller,
    /// Time since the cloud's start.
    pub now: Duration,
    /// The Region of the request's signature.
    pub region: String,
    /// The Region's partition: `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// The cloud's start, in time since 1970.
    pub epoch: Duration,
    /// The cloud's settings.
    pub settings: Arc<Settings>,
    /// ARNs of license configurations of other accounts that the caller may see through RAM, in its Region. Filled for
    /// requests to License Manager only.
    pub shared_with_caller: Vec<String>,
    /// Whether the caller's account has License Manager's core service-linked role, and License Manager sees it.
    pub core_role: bool,
}

impl Ctx {
    /// A moment as AWS's JSON protocols write it: a number of seconds since 1970.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit in 52 bits for ages")]
    pub fn timestamp(&self, at: Duration) -> serde_json::Value {
        serde_json::json!((self.epoch + at).as_millis() as f64 / 1000.0)
    }

    /// The caller's account id.
    pub fn account(&self) -> &str {
        &self.caller.account
    }
}

/// What a service asks the core to do in another service, after its own operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// License Manager was linked to Organizations: its RAM share appears at `at`.
    LicenseManagerLinked {
        /// The account that linked it.
        account: String,
        /// The Region that it was linked in.
        region: String,
        /// When the share appears, since the cloud's start.
        at: Duration,
    },
    /// License Manager turned on trusted access in the account's organization for these service principals.
    TrustedAccess {
        /// The management account.
        account: String,
        /// Service principals, such as `license-manager.amazonaws.com`.
        principals: Vec<String>,
    },
    /// License Manager was unlinked and deletes its own share.
    OwnShareDeleted {
        /// The account that was linked.
        account: String,
        /// The Region that it was linked in.
        region: String,
    },
    /// License Manager takes trusted access away from these service principals.
    TrustedAccessRemoved {
        /// The management account.
        account: String,
        /// Service principals.
        principals: Vec<String>,
    },
}
