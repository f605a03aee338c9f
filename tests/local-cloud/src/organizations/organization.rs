//! One organization: its tree of organizational units, its accounts, and what it trusts.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What an organization can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FeatureSet {
    /// All features: trusted access, policies, sharing with the organization.
    #[serde(rename = "ALL")]
    All,
    /// Only consolidated billing.
    #[serde(rename = "CONSOLIDATED_BILLING")]
    ConsolidatedBilling,
}

impl FeatureSet {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "ALL",
            Self::ConsolidatedBilling => "CONSOLIDATED_BILLING",
        }
    }
}

/// AWS RAM's sharing with the organization, which RAM's EnableSharingWithAwsOrganization turns on (ram facts 1.12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RamSharing {
    /// Never turned on, or trusted access for `ram.amazonaws.com` was taken away.
    Off,
    /// Turned on; organization principals are refused until this time of the cloud's clock (AWS says up to six hours).
    Onboarding {
        /// The moment when organization principals are accepted.
        until: Duration,
    },
    /// On.
    On,
    /// Trusted access was turned on through Organizations, so RAM's service-linked role is missing.
    WithoutRole,
}

/// Where an account is in its life (Account.State of the Organizations API).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountState {
    /// In use.
    #[serde(rename = "ACTIVE")]
    Active,
    /// Suspended by AWS.
    #[serde(rename = "SUSPENDED")]
    Suspended,
    /// CloseAccount was called and is not through yet: closed at this time of the cloud's clock.
    #[serde(rename = "PENDING_CLOSURE")]
    PendingClosure {
        /// The moment when the account is closed.
        until: Duration,
    },
    /// Closed; listed for 90 days more.
    #[serde(rename = "CLOSED")]
    Closed,
}

impl AccountState {
    /// The state's name on the wire at time `now`.
    pub(super) fn name_at(self, now: Duration) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
            Self::PendingClosure { until } if now < until => "PENDING_CLOSURE",
            Self::PendingClosure { .. } | Self::Closed => "CLOSED",
        }
    }
}

/// How an account came into its organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Joined {
    /// Made in the organization.
    #[serde(rename = "CREATED")]
    Created,
    /// Invited; the management account counts as invited too.
    #[serde(rename = "INVITED")]
    Invited,
}

impl Joined {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "CREATED",
            Self::Invited => "INVITED",
        }
    }
}

/// An account of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    /// 12 digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The root or organizational unit that it is in.
    pub parent: String,
    /// Where it is in its life.
    pub state: AccountState,
    /// When it joined, on the cloud's clock.
    pub joined_at: Duration,
    /// How it joined.
    pub joined: Joined,
}

/// An organizational unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unit {
    /// `ou-…`.
    pub id: String,
    /// Its name, unique beside its siblings.
    pub name: String,
    /// The root or unit above.
    pub parent: String,
}

/// A member account that administers one service for the whole organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delegation {
    /// 12 digits.
    pub account: String,
    /// The service.
    pub service_principal: String,
    /// Since when, on the cloud's clock.
    pub since: Duration,
}

/// An organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Organization {
    /// `o-…`.
    pub id: String,
    /// `arn:<partition>:organizations::<management account>:organization/o-…`.
    pub arn: String,
    /// `aws`, `aws-us-gov`, ….
    pub partition: String,
    /// 12 digits.
    pub management_account: String,
    /// All features or consolidated billing.
    pub feature_set: FeatureSet,
    /// `r-…`, the top of the tree.
    pub root: String,
    /// RAM's sharing with this organization.
    pub ram_sharing: RamSharing,
    /// Since when RAM's service-linked role is in the management account: once sharing was turned on through RAM, or the
    /// role was made by hand.
    pub(super) ram_role: Option<Duration>,
    /// When Organizations last took a write.
    pub(super) last_write: Option<Duration>,
    pub(super) accounts: Vec<Account>,
    pub(super) units: Vec<Unit>,
    /// Service principals with trusted access, and since when.
    pub(super) trusted: BTreeMap<String, Duration>,
    pub(super) delegations: Vec<Delegation>,
}

impl Organization {
    /// An account of this organization in whatever state.
    pub fn account(&self, id: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    /// The ids of all active accounts, the management account among them.
    pub fn active_accounts(&self) -> impl Iterator<Item = &str> {
        let active = self.accounts.iter().filter(|account| account.state == AccountState::Active);
        active.map(|account| account.id.as_str())
    }

    /// Whether the account is in this organization and active.
    pub fn is_active(&self, account: &str) -> bool {
        self.account(account).is_some_and(|account| account.state == AccountState::Active)
    }

    /// The organizational unit.
    pub fn unit(&self, id: &str) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.id == id)
    }

    /// The ARN of one of this organization's units; `None` for an unknown one.
    pub fn arn_of_ou(&self, ou_id: &str) -> Option<String> {
        self.unit(ou_id).map(|unit| self.arn_for("ou", &unit.id))
    }

    /// Whether the active account is in the unit or in one below it.
    pub fn is_under(&self, account: &str, ou_id: &str) -> bool {
        self.unit(ou_id).is_some()
            && self.is_active(account)
            && self.account(account).is_some_and(|found| self.ancestors(&found.parent).contains(&ou_id))
    }

    /// Whether the service principal has trusted access.
    pub fn trusts(&self, service_principal: &str) -> bool {
        self.trusted.contains_key(service_principal)
    }

    /// Whether the account is a delegated administrator, of the service named or of any.
    pub fn is_delegated(&self, account: &str, service_principal: Option<&str>) -> bool {
        self.delegations_of(account)
            .any(|found| service_principal.is_none_or(|wanted| wanted == found.service_principal))
    }

    /// What the account administers.
    pub fn delegations_of(&self, account: &str) -> impl Iterator<Item = &Delegation> {
        self.delegations.iter().filter(move |found| found.account == account)
    }

    /// The delegated administrators of a service.
    pub fn delegations_for(&self, service_principal: &str) -> impl Iterator<Item = &Delegation> {
        self.delegations.iter().filter(move |found| found.service_principal == service_principal)
    }

    /// Since when RAM's service-linked role is in the management account.
    pub fn ram_role_since(&self) -> Option<Duration> {
        self.ram_role
    }

    /// Takes trusted access from a service, whatever needs it.
    pub fn distrust(&mut self, service_principal: &str) {
        self.trusted.remove(service_principal);
    }

    /// Gives a service trusted access; a second time changes nothing.
    pub fn trust(&mut self, service_principal: &str, now: Duration) {
        self.trusted.entry(service_principal.to_owned()).or_insert(now);
    }

    pub(super) fn is_parent(&self, id: &str) -> bool {
        id == self.root || self.unit(id).is_some()
    }

    /// `parent` itself and all units above it, the root last.
    pub(super) fn ancestors<'a>(&'a self, parent: &'a str) -> Vec<&'a str> {
        let above = |id: &&'a str| self.unit(id).map(|unit| unit.parent.as_str());
        std::iter::successors(Some(parent), above).collect()
    }

    /// `o-…/r-…/ou-…/`, the way down to `parent`, with a closing slash.
    pub(super) fn path_to(&self, parent: &str) -> String {
        let mut steps = self.ancestors(parent);
        steps.reverse();
        format!("{}/{}/", self.id, steps.join("/"))
    }

    /// The ARN of an account, unit or root of this organization.
    pub(super) fn arn_for(&self, kind: &str, id: &str) -> String {
        format!("arn:{}:organizations::{}:{kind}/{}/{id}", self.partition, self.management_account, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::family;
    use crate::testing::{MANAGER, MEMBER, OTHER};

    #[test]
    fn an_account_is_under_its_unit_and_every_unit_above() {
        let family = family();
        let org = family.orgs.organization(&family.id).unwrap();
        let under = |account, unit: &str| org.is_under(account, unit);
        assert_eq!((under(MEMBER, &family.upper), under(MEMBER, &family.lower)), (true, false));
        assert_eq!((under(OTHER, &family.upper), under(OTHER, &family.lower)), (true, true));
        assert!(!under(MANAGER, &family.upper));
        assert!(!under(OTHER, "ou-none-00000000"));
    }

    #[test]
    fn arns_and_paths_name_the_whole_way_down() {
        let family = family();
        let org = family.orgs.organization(&family.id).unwrap();
        assert_eq!(org.arn, format!("arn:aws:organizations::{MANAGER}:organization/{}", family.id));
        let arn = format!("arn:aws:organizations::{MANAGER}:ou/{}/{}", family.id, family.lower);
        assert_eq!(org.arn_of_ou(&family.lower), Some(arn));
        assert_eq!(org.arn_of_ou("ou-none-00000000"), None);
        let path = format!("{}/{}/{}/{}/", family.id, family.root, family.upper, family.lower);
        assert_eq!(org.path_to(&family.lower), path);
    }
}
