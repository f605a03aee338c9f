//! Sets the scene of the link and of invitations: what people clicked by hand, what drifted, who may not do what.

use std::sync::Arc;

use crate::cloud::LocalCloud;
use crate::iam::{Iam, LinkedRole, Surroundings};
use crate::license_manager::SettingsPatch;
use crate::organizations::AccountState;
use crate::policy::DenyRule;
use crate::ram::Ending;

impl LocalCloud {
    /// Takes License Manager's core service-linked role from an account, or never gave it one. Every call of the account to
    /// License Manager is refused until the role is made, and long enough ago.
    pub fn without_service_role(&mut self, account: &str) {
        self.without_linked_role(account, LinkedRole::Core);
    }

    /// Takes a service-linked role from an account.
    pub fn without_linked_role(&mut self, account: &str, role: LinkedRole) {
        self.iam.take(account, role);
        if role == LinkedRole::Ram {
            self.organizations.ram_role_gone(account);
        }
        self.changed = true;
    }

    /// Gives an account a service-linked role.
    pub fn with_linked_role(&mut self, account: &str, role: LinkedRole) {
        self.iam.give(account, role, self.now);
        if role == LinkedRole::Ram {
            let mends = self.settings.iam.ram_role_mends_sharing;
            self.organizations.ram_role_made(account, mends, self.now);
        }
        self.changed = true;
    }

    /// Whether an account has a service-linked role.
    pub fn has_linked_role(&self, account: &str, role: LinkedRole) -> bool {
        let settings = &self.settings.iam;
        let around = Surroundings { organizations: &self.organizations, settings, now: self.now };
        self.iam.has(account, role, &around)
    }

    /// IAM.
    pub fn iam(&mut self) -> &mut Iam {
        &mut self.iam
    }

    /// Sets License Manager's service settings of an account in a Region. Trusted access and the share stay as they are, so
    /// EnableIntegration can be on without them.
    pub fn set_service_settings(&mut self, account: &str, region: &str, patch: SettingsPatch) {
        self.license_manager.set_service_settings(account, region, patch, self.now);
        self.changed = true;
        self.settle();
    }

    /// Gives or takes trusted access of a service, without the service and without a look at delegated administrators.
    /// False for an unknown organization. For `ram.amazonaws.com` there is [`Self::set_ram_sharing`].
    pub fn set_trusted_access(&mut self, organization: &str, service_principal: &str, trusted: bool) -> bool {
        let Some(found) = self.organizations.organization(organization) else { return false };
        let manager = found.management_account.clone();
        self.changed = true;
        self.set_trusted_access_of(&manager, service_principal, trusted)
    }

    /// License Manager was linked by hand some time ago: settings, trusted access, roles and share, as after a link. False
    /// where the account manages no organization.
    pub fn link_by_hand(&mut self, account: &str, region: &str) -> bool {
        let manages = self.organizations.organization_of(account);
        if manages.is_none_or(|found| found.management_account != account) {
            return false;
        }
        let linked = SettingsPatch { integration: Some(true), ..SettingsPatch::default() };
        self.set_service_settings(account, region, linked);
        let ctx = self.ctx(account, region);
        self.trust_license_manager(&ctx);
        self.create_license_manager_share(account, region);
        true
    }

    /// An account is suspended. False for one in no organization.
    pub fn suspend_account(&mut self, account: &str) -> bool {
        self.changed = true;
        self.organizations.set_account_state(account, AccountState::Suspended)
    }

    /// Denies an action to an account.
    pub fn deny(&mut self, rule: DenyRule) {
        self.policies.deny(rule);
    }

    /// Forgets all denials.
    pub fn clear_denials(&mut self) {
        self.policies.clear();
    }

    /// Somebody in the receiver's account accepts an invitation. False for one that is not PENDING.
    pub fn accept_invitation(&mut self, arn: &str) -> bool {
        let settings = Arc::clone(&self.settings);
        let accepted = self.ram.accept_for_receiver(arn, self.now, &settings.ram);
        self.settle();
        accepted
    }

    /// The PENDING invitation of an account to a share is rejected, or expires, now. False where there is none.
    pub fn end_invitation(&mut self, share_arn: &str, receiver: &str, end: Ending) -> bool {
        let settings = Arc::clone(&self.settings);
        self.ram.end_invitation(share_arn, receiver, end, self.now, &settings.ram)
    }

    /// Puts an older invitation, rejected or expired, before those that a share has. False for an unknown share.
    pub fn add_old_invitation(&mut self, share_arn: &str, receiver: &str, end: Ending) -> bool {
        self.ram.add_old_invitation(share_arn, receiver, end, self.now)
    }

    /// Forgets the invitations of an account that are not PENDING, as RAM does after seven days.
    pub fn purge_invitations(&mut self, receiver: &str) {
        self.ram.purge_invitations(receiver);
    }
}
