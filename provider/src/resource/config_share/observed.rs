//! What a look at AWS found: a snapshot, perhaps incomplete, perhaps outdated.

use super::ledger::Holding;
use crate::domain::{
    Association, AssociationStatus, LicenseConfiguration, LicenseConfigurationArn,
    LicenseConfigurationStatus, Member, MemberKind, Share, ShareArn,
};
use std::collections::{BTreeMap, BTreeSet};

/// The snapshot that a plan is made from. Apply keeps it up to date with what RAM answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// The share that the request is about; `None` where there is none, or not yet.
    pub share: Option<Share>,
    /// Shares that this request has made and that have been deleted since.
    pub dead: BTreeSet<ShareArn>,
    /// Its associations, those on their way out and the failed ones among them.
    pub members: BTreeMap<Member, Association>,
    /// Those of the wanted license configurations that License Manager lists.
    pub license_configurations: BTreeMap<LicenseConfigurationArn, LicenseConfiguration>,
    /// Accounts among the principals of the share that is to be replaced.
    pub replaced: Vec<Association>,
    /// Live shares that have the wanted name, where one is to be adopted.
    pub namesakes: Vec<Share>,
    /// Members of the share that records of other resources name.
    pub named_elsewhere: BTreeSet<String>,
    /// The record of another resource says that the share, which RAM does not know, is its own now.
    pub is_owned_elsewhere: bool,
    /// What the resource of the same stack that has the share, and from which it is to be taken over, has on record.
    pub former_holding: Option<Holding>,
    /// Members that should have gone and did not, in a rollback: they stay on record.
    pub staying: BTreeSet<Member>,
    /// The record of the resource from which the share was taken over is gone or ended.
    pub former_owner_is_gone: bool,
}

impl Observed {
    /// The share, if it is there to be used.
    pub fn live_share(&self) -> Option<&Share> {
        self.share.as_ref().filter(|share| share.status.is_live())
    }

    /// Whether the share has `member`, now or in a moment.
    pub fn has(&self, member: &Member) -> bool {
        self.members.get(member).is_some_and(|association| association.status.is_present())
    }

    /// Whether the share lists `member` as one that RAM gave up on.
    pub fn has_failed(&self, member: &Member) -> bool {
        self.members.get(member).is_some_and(|association| association.status == AssociationStatus::Failed)
    }

    /// Members that the share has, now or in a moment.
    pub fn present(&self) -> impl Iterator<Item = &Member> {
        self.members.values().filter(|a| a.status.is_present()).map(|a| &a.member)
    }

    /// Whether `member` is on its way out.
    pub fn is_leaving(&self, member: &Member) -> bool {
        self.members.get(member).is_some_and(|a| a.status == AssociationStatus::Disassociating)
    }

    /// Whether `member` is on its way in, and nobody has to accept.
    pub fn is_coming(&self, member: &Member) -> bool {
        self.members.get(member).is_some_and(|association| {
            association.status == AssociationStatus::Associating && !self.is_invited(association)
        })
    }

    /// Whether `member` has still to go before it is gone: it is there, failed, or on its way out.
    pub fn is_to_leave(&self, member: &Member) -> bool {
        self.has(member) || self.has_failed(member) || self.is_leaving(member)
    }

    /// Whether License Manager has `arn`, and has not deleted it.
    pub fn exists(&self, arn: &LicenseConfigurationArn) -> bool {
        self.license_configurations
            .get(arn)
            .is_some_and(|found| found.status != LicenseConfigurationStatus::Deleted)
    }

    /// Whether `association` waits for its account to accept an invitation: accounts outside the organization, or
    /// any account where the share retains sharing (AWS RAM user guide, invitations).
    pub fn is_invited(&self, association: &Association) -> bool {
        let retained = self.share.as_ref().is_some_and(|share| share.retain_sharing);
        association.member.is_account()
            && association.status == AssociationStatus::Associating
            && (association.external || retained)
    }

    /// Accounts that have still to accept.
    pub fn invited(&self) -> impl Iterator<Item = &Member> {
        self.members.values().filter(|association| self.is_invited(association)).map(|a| &a.member)
    }

    /// What to say of `accounts` that were waited for and are not invited any more: the owner of a share cannot see what
    /// became of an invitation, only that its association went.
    pub fn no_longer_invited<'a>(&self, accounts: impl IntoIterator<Item = &'a Member>) -> String {
        let described = |account: &Member| {
            let association = self.members.get(account);
            let words = association.and_then(|found| found.message.as_deref()).unwrap_or_default();
            let words = words.trim_end_matches('.');
            if words.is_empty() { account.id.clone() } else { format!("{account} ({words})") }
        };
        let names: Vec<String> = accounts.into_iter().map(described).collect();
        format!(
            "no longer invited: rejected, expired or removed while it was waited for: {}. Find out by whom. A change of \
             Revision, or another try, invites again",
            names.join(", ")
        )
    }

    /// Takes in associations that RAM answered in one list. RAM may list a member twice, once as it was before it was
    /// last removed: the one that is there counts.
    pub fn take_in(&mut self, associations: impl IntoIterator<Item = Association>) {
        let (past, present): (Vec<_>, Vec<_>) =
            associations.into_iter().partition(|association| !association.status.is_present());
        for association in past.into_iter().chain(present) {
            self.members.insert(association.member.clone(), association);
        }
    }

    /// Takes in all associations of one kind: what is not among them is gone.
    pub fn replace(&mut self, kind: MemberKind, associations: Vec<Association>) {
        self.members.retain(|member, _| member.kind != kind);
        self.take_in(associations);
    }
}
