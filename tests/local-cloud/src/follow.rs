//! What follows in one service from what happened in another, or from time.

use std::sync::Arc;
use std::time::Duration;

use crate::cloud::LocalCloud;
use crate::ctx::{Ctx, Event};
use crate::iam::{LinkedRole, Surroundings, Uses};
use crate::license_manager::TRUSTED;
use crate::organizations::RamSharing;

impl LocalCloud {
    /// Does what License Manager asked for in other services.
    pub(crate) fn follow_events(&mut self, ctx: &Ctx) {
        for event in self.license_manager.take_events() {
            match event {
                Event::LicenseManagerLinked { account, region, at } => {
                    self.due_shares.push((at, account, region));
                }
                Event::TrustedAccess { account, principals } => self.link(ctx, &account, &principals),
                Event::OwnShareDeleted { account, region } => self.delete_own_share(&account, &region),
                Event::TrustedAccessRemoved { account, principals } => {
                    for principal in &principals {
                        self.set_trusted_access_of(&account, principal, false);
                    }
                }
            }
        }
    }

    /// Trusted access, and License Manager's roles: at once in the management account, later in the members.
    fn link(&mut self, ctx: &Ctx, account: &str, principals: &[String]) {
        for principal in principals {
            self.set_trusted_access_of(account, principal, true);
        }
        let Some(organization) = self.organizations.organization_of(account) else { return };
        let at = ctx.now + ctx.settings.license_manager.member_role_delay;
        self.iam.linked(&organization.id, at);
        for role in [LinkedRole::Master, LinkedRole::Member] {
            self.iam.give(account, role, ctx.now);
        }
    }

    /// As a link of License Manager's does, in the management account in `ctx`.
    pub(crate) fn trust_license_manager(&mut self, ctx: &Ctx) {
        self.link(ctx, ctx.account(), &TRUSTED.map(str::to_owned));
    }

    /// Gives or takes trusted access in the organization of an account; false where there is none.
    pub(crate) fn set_trusted_access_of(&mut self, account: &str, principal: &str, trusted: bool) -> bool {
        let found = self.organizations.organization_of(account).map(|organization| organization.id.clone());
        let Some(organization) = found.and_then(|id| self.organizations.get_mut(&id)) else { return false };
        if trusted {
            organization.trust(principal, self.now);
        } else {
            organization.distrust(principal);
        }
        true
    }

    fn delete_own_share(&mut self, account: &str, region: &str) {
        self.due_shares.retain(|(_, owner, place)| owner != account || place != region);
        if let Some(arn) = self.license_manager.share_removed(account, region) {
            self.remove_share_by_hand(&arn);
        }
    }

    /// License Manager's own shares whose time has come.
    pub(crate) fn make_due_shares(&mut self) {
        let now = self.now;
        let (due, later) = std::mem::take(&mut self.due_shares).into_iter().partition(|(at, ..)| *at <= now);
        self.due_shares = later;
        let due: Vec<(Duration, String, String)> = due;
        for (_, account, region) in due {
            self.create_license_manager_share(&account, &region);
        }
    }

    /// License Manager's role in invited accounts accepts, where it is set so.
    pub(crate) fn accept_as_member_role(&mut self) {
        let settings = Arc::clone(&self.settings);
        let switches = &settings.license_manager;
        if !switches.member_role_accepts {
            return;
        }
        let around =
            Surroundings { organizations: &self.organizations, settings: &settings.iam, now: self.now };
        let waiting = self.ram.pending_license_invitations(self.now, switches.member_role_accepts_after);
        let (iam, around) = (&self.iam, &around);
        let accepted: Vec<String> = waiting
            .into_iter()
            .filter(|invitation| iam.has(&invitation.receiver, LinkedRole::Member, around))
            .map(|invitation| invitation.arn.clone())
            .collect();
        for arn in accepted {
            self.ram.accept_for_receiver(&arn, self.now, &settings.ram);
        }
        self.ram.settle(self.now, &settings.ram);
    }

    /// Whether License Manager finds its core role in the caller's account; makes it where it is set so.
    pub(crate) fn finds_core_role(&mut self, ctx: &Ctx) -> bool {
        let around =
            Surroundings { organizations: &self.organizations, settings: &ctx.settings.iam, now: ctx.now };
        if ctx.settings.license_manager.makes_core_role
            && !self.iam.has(ctx.account(), LinkedRole::Core, &around)
        {
            self.iam.give(ctx.account(), LinkedRole::Core, ctx.now);
            return true;
        }
        self.iam.has_propagated_core_role(ctx.account(), &around)
    }

    /// What the caller's account needs its roles for (license manager facts 1.6): the core role for license configurations
    /// and the other two roles, those two for the link, RAM's for sharing with the organization.
    pub(crate) fn uses_of_roles(&self, ctx: &Ctx) -> Uses {
        let account = ctx.account();
        let around =
            Surroundings { organizations: &self.organizations, settings: &ctx.settings.iam, now: ctx.now };
        let organization = self.organizations.organization_of(account);
        let manages = organization.filter(|found| found.management_account == account);
        let trusted = organization.is_some_and(|found| found.trusts(LinkedRole::Member.service()));
        let others =
            [LinkedRole::Master, LinkedRole::Member].iter().any(|role| self.iam.has(account, *role, &around));
        let mut owned = self.license_manager.license_configurations().iter();
        let owns = owned.any(|found| found.owner == account && !found.is_deleted());
        let shares = manages
            .is_some_and(|found| matches!(found.ram_sharing, RamSharing::On | RamSharing::Onboarding { .. }));
        let used = [
            (LinkedRole::Core, others || owns),
            (LinkedRole::Master, self.license_manager.is_linked_anywhere(account)),
            (LinkedRole::Member, trusted),
            (LinkedRole::Ram, shares),
        ];
        Uses { roles: used.into_iter().filter(|(_, used)| *used).map(|(role, _)| role).collect() }
    }
}
