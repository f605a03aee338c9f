//! The organization that an account belongs to, as AWS Organizations tells it.

use super::AccountId;
use std::time::SystemTime;

/// An organization (AWS Organizations API reference, Organization).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// `o-` and 10 to 32 letters and digits.
    pub id: String,
    /// `arn:<partition>:organizations::<management account>:organization/<id>`.
    pub arn: String,
    /// Whether its feature set is ALL, and not consolidated billing only.
    pub all_features: bool,
    /// The account that owns it.
    pub management_account: AccountId,
}

/// A service that has trusted access to the organization (AWS Organizations API reference, EnabledServicePrincipal).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedService {
    /// Such as `license-manager.amazonaws.com`.
    pub principal: String,
    /// When it was switched on.
    pub enabled_at: Option<SystemTime>,
}
