//! What a look at AWS found.

use crate::domain::{AccountId, Organization, ServiceSettings, TrustedService};
use std::time::{Duration, SystemTime};

/// License Manager's two service principals that linking gives trusted access to (License Manager user guide,
/// settings).
pub(crate) const LINK_PRINCIPALS: [&str; 2] =
    ["license-manager.amazonaws.com", "license-manager.member-account.amazonaws.com"];
/// RAM's.
pub(crate) const RAM_PRINCIPAL: &str = "ram.amazonaws.com";
/// The role that RAM needs to share with an organization, and that only RAM itself makes.
pub(crate) const RAM_ROLE: &str = "AWSServiceRoleForResourceAccessManager";
/// "It can take up to six hours" (AWS documentation, license-manager facts 1.4).
const ONBOARDING: Duration = Duration::from_secs(6 * 3600);
/// License Manager's share appears about two minutes after the link (License Manager user guide, share page).
const SHARE_COMES: Duration = Duration::from_secs(15 * 60);

/// License Manager's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settings {
    /// As GetServiceSettings says.
    Known(ServiceSettings),
    /// Not to be read: License Manager's core service-linked role is missing.
    RoleMissing,
}

/// The snapshot that a plan is made from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each was seen by itself")]
pub struct Observed {
    /// License Manager's settings.
    pub settings: Option<Settings>,
    /// The organization, where there is one.
    pub organization: Option<Organization>,
    /// Services with trusted access; `None` where this account may not ask.
    pub trusted: Option<Vec<TrustedService>>,
    /// License Manager's delegated administrators; `None` where they were not asked for, may not be, or a call about
    /// them ended without an answer.
    pub administrators: Option<Vec<AccountId>>,
    /// Those that this request was going to register, and somebody else had meanwhile.
    pub registered_by_others: Vec<AccountId>,
    /// What the wanted delegated administrator is; `None` where it was not asked for, or may not be.
    pub candidate: Option<Candidate>,
    /// Whether RAM's role exists; `None` where it was not asked for, or IAM does not say.
    pub ram_role: Option<bool>,
    /// When this run switched sharing with the organization on through RAM. Organizations may show that late, and keeps
    /// the date of a sharing that had been switched on without RAM.
    pub ram_enabled_at: Option<SystemTime>,
    /// Another resource has the link on record.
    pub named_elsewhere: bool,
    /// An earlier delivery, or an earlier Delete, has begun to switch the link off.
    pub has_begun_to_unlink: bool,
    /// It was for this resource to switch the link on.
    pub holds_claim: bool,
    /// Set by a step that has only made possible what was seen before it: nothing else needs another look.
    pub holds_still: bool,
}

/// What an account is that is to become the delegated administrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Candidate {
    /// An active member of the organization.
    Active,
    /// A member that is suspended, being closed, closed or not activated yet.
    Inactive,
    /// No member.
    Stranger,
}

/// Trusted access of License Manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrustedAccess {
    /// Both principals.
    Enabled,
    /// One of two.
    Partial,
    /// None.
    Disabled,
}

/// Sharing with the organization in RAM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RamSharing {
    /// In effect.
    Enabled,
    /// Switched on within the last six hours.
    JustEnabled,
    /// Switched on through Organizations, without RAM's role.
    WithoutRole,
    /// Off.
    Disabled,
}

impl Observed {
    /// The settings, if they could be read.
    pub fn known(&self) -> Option<&ServiceSettings> {
        match self.settings.as_ref()? {
            Settings::Known(settings) => Some(settings),
            Settings::RoleMissing => None,
        }
    }

    /// Which of License Manager's principals have no trusted access.
    pub fn untrusted(&self) -> Vec<&'static str> {
        LINK_PRINCIPALS.into_iter().filter(|principal| self.trust(principal).is_none()).collect()
    }

    /// Trusted access of License Manager.
    pub fn trusted_access(&self) -> TrustedAccess {
        match self.untrusted().len() {
            0 => TrustedAccess::Enabled,
            1 => TrustedAccess::Partial,
            _ => TrustedAccess::Disabled,
        }
    }

    /// Whether the link is whole: both halves, License Manager's own and that of Organizations.
    pub fn is_linked(&self) -> bool {
        self.known().is_some_and(|settings| settings.integration)
            && self.trusted_access() == TrustedAccess::Enabled
    }

    /// Sharing with the organization in RAM, at `now`; `noted` is when this resource had RAM switch it on, by its record.
    /// It counts from the last of the dates.
    pub fn ram_sharing(&self, now: SystemTime, noted: Option<SystemTime>) -> RamSharing {
        let trust = self.trust(RAM_PRINCIPAL);
        if trust.is_none() && self.ram_enabled_at.is_none() {
            return RamSharing::Disabled;
        }
        if self.ram_role == Some(false) {
            return RamSharing::WithoutRole;
        }
        let dates = [trust.and_then(|trust| trust.enabled_at), self.ram_enabled_at, noted];
        let since = dates.into_iter().flatten().max();
        if is_younger(since, ONBOARDING, now) { RamSharing::JustEnabled } else { RamSharing::Enabled }
    }

    /// Whether sharing is on and IAM did not say whether it has RAM's role, to its management `account`.
    pub fn may_lack_ram_role(&self, account: &AccountId) -> bool {
        let manages = self.organization.as_ref().is_some_and(|found| found.management_account == *account);
        manages && self.ram_role.is_none() && self.trust(RAM_PRINCIPAL).is_some()
    }

    /// Whether trusted access is so new, at `now`, that License Manager's own share may still be on its way.
    pub fn is_just_linked(&self, now: SystemTime) -> bool {
        let trusts = LINK_PRINCIPALS.into_iter().filter_map(|principal| self.trust(principal));
        trusts.into_iter().any(|trust| is_younger(trust.enabled_at, SHARE_COMES, now))
    }

    fn trust(&self, principal: &str) -> Option<&TrustedService> {
        self.trusted.as_ref()?.iter().find(|service| service.principal == principal)
    }
}

/// What was switched on while the request ran is younger than its beginning.
fn is_younger(since: Option<SystemTime>, most: Duration, now: SystemTime) -> bool {
    since.is_some_and(|at| now.duration_since(at).map_or(true, |age| age < most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sharing_is_just_enabled_for_six_hours_and_when_it_came_after_the_request() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let sharing = |enabled_at| {
            let ram = TrustedService { principal: RAM_PRINCIPAL.to_owned(), enabled_at };
            Observed { trusted: Some(vec![ram]), ..Observed::default() }.ram_sharing(now, None)
        };
        assert_eq!(sharing(Some(now - ONBOARDING)), RamSharing::Enabled);
        assert_eq!(sharing(Some(now - ONBOARDING + Duration::from_secs(1))), RamSharing::JustEnabled);
        assert_eq!(sharing(Some(now + Duration::from_secs(1))), RamSharing::JustEnabled);
        assert_eq!(sharing(None), RamSharing::Enabled);
    }
}
