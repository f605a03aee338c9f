//! What a look at AWS found.

use crate::domain::{Invitation, InvitationStatus, LicenseConfigurationArn, Share, ShareArn, SharedResource};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How an account came into a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Means {
    /// An invitation was accepted.
    Invitation,
    /// None was needed: sharing with the organization is on in RAM.
    Organization,
}

impl Means {
    /// As the attribute `AcceptedBy` says it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "Invitation",
            Self::Organization => "Organization",
        }
    }
}

/// The snapshot that a plan is made from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// The share that was looked at.
    pub of: Option<ShareArn>,
    /// What the account was invited to it by, in RAM's order.
    pub invitations: Vec<Invitation>,
    /// The share as the account sees it.
    pub share: Option<Share>,
    /// The license configurations that it sees through the share.
    pub resources: Vec<SharedResource>,
    /// Invitations that a call could not accept, or found accepted by somebody else.
    pub not_ours: BTreeSet<String>,
    /// Whether a call found an invitation accepted.
    pub accepted: bool,
    /// Why the account could not be looked at, where that is no failure.
    pub refused: Option<String>,
    /// Another resource has the same share and account on record.
    pub named_elsewhere: bool,
}

impl Observed {
    /// The share, where the account sees it and it is there to stay.
    pub fn visible(&self) -> Option<&Share> {
        self.share.as_ref().filter(|share| share.status.is_live())
    }

    /// The newest invitation that can be accepted.
    pub fn pending(&self) -> Option<&Invitation> {
        let pending = self.invitations.iter().filter(|one| one.status == InvitationStatus::Pending);
        pending.max_by_key(|one| one.sent_at)
    }

    /// Invitations that were rejected or have expired.
    pub fn dead(&self) -> impl Iterator<Item = &Invitation> {
        self.invitations.iter().filter(|one| match one.status {
            InvitationStatus::Rejected | InvitationStatus::Expired => true,
            InvitationStatus::Pending | InvitationStatus::Accepted | InvitationStatus::Unknown(_) => false,
        })
    }

    /// Whether an invitation was accepted, by whomever, and none that was sent later was rejected or has expired: with
    /// that one the account was outside again.
    pub fn has_accepted_invitation(&self) -> bool {
        let accepted = self.invitations.iter().filter(|one| one.status == InvitationStatus::Accepted);
        let accepted = accepted.map(|one| one.sent_at).max();
        self.accepted || (accepted.is_some() && accepted >= self.dead().map(|one| one.sent_at).max())
    }

    /// The license configurations that can be used, in order.
    pub fn usable(&self) -> BTreeSet<&LicenseConfigurationArn> {
        self.resources.iter().filter(|one| one.is_usable()).map(|one| &one.arn).collect()
    }

    /// Those of `wanted` that cannot be used yet.
    pub fn missing<'a>(
        &self,
        wanted: &'a BTreeSet<LicenseConfigurationArn>,
    ) -> Vec<&'a LicenseConfigurationArn> {
        let usable = self.usable();
        wanted.iter().filter(|arn| !usable.contains(arn)).collect()
    }

    /// Whether the share and all that is wanted is visible.
    pub fn is_whole(&self, wanted: &BTreeSet<LicenseConfigurationArn>) -> bool {
        self.visible().is_some() && self.missing(wanted).is_empty()
    }
}
