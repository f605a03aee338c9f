//! Makes organizations, units and accounts for tests and the demo, and changes them from outside, without a caller.

use std::collections::BTreeMap;
use std::time::Duration;

use super::organization::{Account, AccountState, FeatureSet, Joined, Organization, RamSharing, Unit};
use super::{Organizations, RAM};

impl Organizations {
    /// Makes an organization with a management account (12 digits) in a partition and answers its id. An account that
    /// already manages an organization keeps it.
    pub fn create_organization(
        &mut self,
        management_account: &str,
        partition: &str,
        feature_set: FeatureSet,
        now: Duration,
    ) -> String {
        if let Some(found) = self.organization_of(management_account) {
            return found.id.clone();
        }
        let id = format!("o-{}", self.next_id(10));
        let root = format!("r-{}", self.next_id(4));
        let arn = format!("arn:{partition}:organizations::{management_account}:organization/{id}");
        self.all.push(Organization {
            id: id.clone(),
            arn,
            partition: partition.to_owned(),
            management_account: management_account.to_owned(),
            feature_set,
            root,
            ram_sharing: RamSharing::Off,
            ram_role: None,
            last_write: None,
            accounts: Vec::new(),
            units: Vec::new(),
            trusted: BTreeMap::new(),
            delegations: Vec::new(),
        });
        self.add_account(&id, management_account, None, Joined::Invited, now);
        id
    }

    /// Puts an account into an organization, under a unit or (`None`) the root. Answers false, and changes nothing, where
    /// the organization or the unit is unknown or the account is in an organization already.
    pub fn add_account(
        &mut self,
        organization: &str,
        account: &str,
        parent: Option<&str>,
        joined: Joined,
        now: Duration,
    ) -> bool {
        if self.all.iter().any(|found| found.account(account).is_some()) {
            return false;
        }
        let Some(found) = self.get_mut(organization) else { return false };
        let parent = parent.unwrap_or(&found.root).to_owned();
        if !found.is_parent(&parent) {
            return false;
        }
        found.accounts.push(Account {
            id: account.to_owned(),
            name: format!("account-{account}"),
            parent,
            state: AccountState::Active,
            joined_at: now,
            joined,
        });
        true
    }

    /// Makes a unit under another one or (`None`) the root and answers its id; `None` where the organization or the
    /// parent is unknown.
    pub fn add_unit(&mut self, organization: &str, parent: Option<&str>, name: &str) -> Option<String> {
        let serial = self.next_id(8);
        let found = self.get_mut(organization)?;
        let parent = parent.unwrap_or(&found.root).to_owned();
        if !found.is_parent(&parent) {
            return None;
        }
        let id = format!("ou-{}-{serial}", found.root.trim_start_matches("r-"));
        found.units.push(Unit { id: id.clone(), name: name.to_owned(), parent });
        Some(id)
    }

    /// Sets an account's state, for example to closed or suspended. Answers false for an account in no organization.
    pub fn set_account_state(&mut self, account: &str, state: AccountState) -> bool {
        let mut accounts = self.all.iter_mut().flat_map(|organization| organization.accounts.iter_mut());
        accounts.find(|found| found.id == account).map(|found| found.state = state).is_some()
    }

    /// Takes a member out of its organization. Answers false for an outsider and for a management account.
    pub fn remove_account(&mut self, account: &str) -> bool {
        let Some(found) = self.all.iter_mut().find(|organization| organization.account(account).is_some())
        else {
            return false;
        };
        if found.management_account == account {
            return false;
        }
        found.accounts.retain(|member| member.id != account);
        found.delegations.retain(|delegation| delegation.account != account);
        true
    }

    /// RAM's service-linked role was made through IAM in an account. Where that account manages an organization, RAM has
    /// its role from now on; `mends`: a sharing that only lacked the role is on, then.
    pub(crate) fn ram_role_made(&mut self, account: &str, mends: bool, now: Duration) {
        let Some(found) = self.all.iter_mut().find(|found| found.management_account == account) else {
            return;
        };
        found.ram_role.get_or_insert(now);
        if mends && found.ram_sharing == RamSharing::WithoutRole {
            found.ram_sharing = RamSharing::On;
        }
    }

    /// RAM's service-linked role was deleted in an account.
    pub(crate) fn ram_role_gone(&mut self, account: &str) {
        for found in self.all.iter_mut().filter(|found| found.management_account == account) {
            found.ram_role = None;
        }
    }

    /// Sets RAM's sharing with the organization and what comes with it: trusted access for `ram.amazonaws.com`, and RAM's
    /// service-linked role once RAM itself turned sharing on. Answers false for an unknown organization.
    pub fn set_ram_sharing(&mut self, organization: &str, sharing: RamSharing, now: Duration) -> bool {
        let Some(found) = self.get_mut(organization) else { return false };
        found.ram_sharing = sharing;
        match sharing {
            RamSharing::Off => {
                found.trusted.remove(RAM);
            }
            RamSharing::WithoutRole => {
                found.ram_role = None;
                found.trust(RAM, now);
            }
            RamSharing::On | RamSharing::Onboarding { .. } => {
                found.ram_role.get_or_insert(now);
                found.trust(RAM, now);
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::family;
    use super::*;
    use crate::testing::{MANAGER, MEMBER, OUTSIDER};

    #[test]
    fn an_account_joins_one_organization_only() {
        let mut family = family();
        assert!(!family.orgs.add_account(&family.id, MEMBER, None, Joined::Invited, Duration::ZERO));
        assert!(!family.orgs.add_account(
            &family.id,
            OUTSIDER,
            Some("ou-none"),
            Joined::Invited,
            Duration::ZERO
        ));
        assert!(family.orgs.add_account(&family.id, OUTSIDER, None, Joined::Invited, Duration::ZERO));
    }

    #[test]
    fn a_member_can_be_taken_out_but_the_manager_cannot() {
        let mut family = family();
        assert!(family.orgs.remove_account(MEMBER));
        assert!(!family.orgs.remove_account(MEMBER));
        assert!(!family.orgs.remove_account(MANAGER));
        assert!(family.orgs.organization_of(MEMBER).is_none());
    }

    #[test]
    fn ram_sharing_brings_trusted_access_with_it() {
        let mut family = family();
        let id = family.id.clone();
        assert!(family.orgs.set_ram_sharing(&id, RamSharing::On, Duration::ZERO));
        assert!(family.orgs.organization(&id).unwrap().trusts(RAM));
        assert!(family.orgs.set_ram_sharing(&id, RamSharing::Off, Duration::ZERO));
        assert!(!family.orgs.organization(&id).unwrap().trusts(RAM));
        assert!(!family.orgs.set_ram_sharing("o-unknown", RamSharing::On, Duration::ZERO));
    }
}
