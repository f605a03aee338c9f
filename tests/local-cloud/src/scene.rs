//! Sets the scene for a test or the demo without AWS calls, and looks at what is there.
//!
//! Nothing here is logged. Times are the time of the last request; [`LocalCloud::at`] moves it.

use std::sync::Arc;
use std::time::Duration;

use crate::cloud::LocalCloud;
use crate::fault::FaultRule;
use crate::iam::LinkedRole;
use crate::log::Call;
use crate::organizations::{AccountState, FeatureSet, Joined, Organizations, RamSharing};
use crate::ram::{Around, Association, FailAssociation, Invitation, Share};
use crate::settings::Settings;
use crate::throttle::ThrottleRule;

impl LocalCloud {
    /// Moves the clock to `now` since the cloud's start, as a request at that time would.
    pub fn at(&mut self, now: Duration) {
        self.set_time(now);
    }

    /// Moves the clock forward, for all later requests too.
    pub fn advance(&mut self, by: Duration) {
        self.advanced += by;
        self.now += by;
        self.settle();
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Changes settings.
    pub fn change_settings(&mut self, change: impl FnOnce(&mut Settings)) {
        change(Arc::make_mut(&mut self.settings));
        self.settle();
    }

    /// Empties the cloud. Settings and clock stay; faults, throttles and the log go.
    pub fn reset(&mut self) {
        let mut empty = Self::new(Settings::clone(&self.settings));
        (empty.now, empty.advanced) = (self.now, self.advanced);
        *self = empty;
    }

    /// Makes an organization with all features in the partition `aws`; its id.
    pub fn create_organization(&mut self, management_account: &str) -> String {
        self.create_organization_in("aws", management_account, FeatureSet::All)
    }

    /// Makes an organization in a partition; its id.
    pub fn create_organization_in(
        &mut self,
        partition: &str,
        management_account: &str,
        features: FeatureSet,
    ) -> String {
        self.changed = true;
        self.organizations.create_organization(management_account, partition, features, self.now)
    }

    /// Makes an organizational unit, under another one or (None) the root; its id. None for an unknown parent.
    pub fn add_unit(&mut self, organization: &str, parent: Option<&str>, name: &str) -> Option<String> {
        self.organizations.add_unit(organization, parent, name)
    }

    /// Puts an account into an organization, under a unit or (None) the root. False where that cannot be.
    pub fn add_account(&mut self, organization: &str, unit: Option<&str>, account: &str) -> bool {
        self.changed = true;
        self.organizations.add_account(organization, account, unit, Joined::Created, self.now)
    }

    /// The ARN of an organizational unit.
    pub fn unit_arn(&self, organization: &str, unit: &str) -> Option<String> {
        self.organizations.organization(organization)?.arn_of_ou(unit)
    }

    /// The ARN of an organization.
    pub fn organization_arn(&self, organization: &str) -> Option<String> {
        Some(self.organizations.organization(organization)?.arn.clone())
    }

    /// An account is closed: a member is not active any more, and RAM forgets the account wherever it was a principal.
    pub fn close_account(&mut self, account: &str) {
        self.organizations.set_account_state(account, AccountState::Closed);
        let settings = Arc::clone(&self.settings);
        self.ram.account_closed(account, self.now, &settings.ram);
        self.changed = true;
        self.settle();
    }

    /// An account leaves its organization. False for one that cannot.
    pub fn leave_organization(&mut self, account: &str) -> bool {
        let left = self.organizations.remove_account(account);
        self.changed = true;
        self.settle();
        left
    }

    /// Sets RAM's sharing with an organization. False for an unknown organization.
    pub fn set_ram_sharing(&mut self, organization: &str, sharing: RamSharing) -> bool {
        let found = self.organizations.set_ram_sharing(organization, sharing, self.now);
        if let Some(found) = self.organizations.organization(organization) {
            self.iam.forget(&found.management_account, LinkedRole::Ram);
        }
        self.changed = true;
        self.settle();
        found
    }

    /// Makes a license configuration; its ARN.
    pub fn create_license_configuration(&mut self, account: &str, region: &str, name: &str) -> String {
        let ctx = self.ctx(account, region);
        self.license_manager.create_license_configuration(&ctx, name)
    }

    /// Deletes a license configuration.
    pub fn delete_license_configuration(&mut self, arn: &str) {
        self.license_manager.delete_license_configuration(arn);
        self.changed = true;
        self.settle();
    }

    /// Makes License Manager's own share, as linking does (ram facts 2.3); its ARN. The organization is its principal
    /// where RAM shares with the organization; else it has none (assumed).
    pub fn create_license_manager_share(&mut self, account: &str, region: &str) -> String {
        let ctx = self.ctx(account, region);
        let arn = self.ram.create_license_manager_share(&ctx, &self.organizations);
        self.license_manager.share_created(account, region, &arn);
        self.settle();
        arn
    }

    /// Somebody deletes a share in the console: it is DELETED, and listed so for two hours. False for an unknown share.
    pub fn remove_share_by_hand(&mut self, arn: &str) -> bool {
        self.remove_share(arn, true)
    }

    /// A share is gone and not even listed any more. False for an unknown share.
    pub fn purge_share(&mut self, arn: &str) -> bool {
        self.remove_share(arn, false)
    }

    fn remove_share(&mut self, arn: &str, listed: bool) -> bool {
        let Some(share) = self.ram.share(arn) else { return false };
        let ctx = self.ctx(&share.owner, &share.region);
        self.ram.remove_by_hand(&ctx, arn, listed)
    }

    /// Makes associations fail.
    pub fn fail_association(&mut self, rule: FailAssociation) {
        self.ram.fail_association(rule);
    }

    /// Adds a fault.
    pub fn add_fault(&mut self, rule: FaultRule) {
        self.faults.add(rule);
    }

    /// Adds a throttle.
    pub fn add_throttle(&mut self, rule: ThrottleRule) {
        self.throttles.add(rule);
    }

    /// Forgets all faults, throttles and rules that make associations fail.
    pub fn clear_faults(&mut self) {
        self.faults.clear();
        self.throttles.clear();
        self.ram.clear_failures();
    }

    /// One share, as it is now.
    pub fn share(&self, arn: &str) -> Option<&Share> {
        self.ram.share(arn)
    }

    /// All shares of all accounts, oldest first; DELETED ones as long as they are listed.
    pub fn shares(&self) -> &[Share] {
        self.ram.shares()
    }

    /// The members of a share; none for an unknown one.
    pub fn associations(&self, arn: &str) -> &[Association] {
        self.ram.share(arn).map_or(&[], |share| &share.associations)
    }

    /// All invitations, oldest first.
    pub fn invitations(&self) -> &[Invitation] {
        self.ram.invitations()
    }

    /// ARNs of the license configurations of others that an account may use in a Region.
    pub fn license_configurations_shared_with(&mut self, account: &str, region: &str) -> Vec<String> {
        let ctx = self.ctx(account, region);
        let around =
            Around { organizations: &mut self.organizations, license_manager: &self.license_manager };
        self.ram.license_configurations_shared_with(&ctx, &around)
    }

    /// The organizations.
    pub fn organizations(&mut self) -> &mut Organizations {
        self.changed = true;
        &mut self.organizations
    }

    /// License Manager.
    pub fn license_manager(&mut self) -> &mut crate::license_manager::LicenseManager {
        self.changed = true;
        &mut self.license_manager
    }

    /// STS.
    pub fn sts(&mut self) -> &mut crate::sts::Sts {
        &mut self.sts
    }

    /// How many requests there were; for [`Self::calls_since`].
    pub fn mark(&self) -> usize {
        self.log.len()
    }

    /// The requests since a mark.
    pub fn calls_since(&self, mark: usize) -> &[Call] {
        self.log.get(mark..).unwrap_or_default()
    }
}
