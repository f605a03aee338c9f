//! The steps of a plan. Each names exactly what to call with.

use super::look::Actor;
use crate::domain::{LicenseConfigurationArn, ShareArn};
use std::collections::BTreeSet;
use std::fmt;

/// An invitation may still be accepted.
pub(crate) const ACCEPT: &str = "acceptance";

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// AcceptResourceShareInvitation.
    Accept {
        /// As whom.
        by: Actor,
        /// The invitation's ARN.
        invitation: String,
        /// It is on record as to be accepted: that it "was accepted before" is then the effect of an earlier delivery.
        again: bool,
        /// The client token.
        token: String,
    },
    /// Waits for an invitation, or for the share: for people, so not within one invocation.
    AwaitInvitation {
        /// Who waits.
        by: Actor,
        /// The share.
        share: ShareArn,
        /// What became of earlier invitations: clauses for a person; empty where there were none.
        past: String,
    },
    /// Looks until the share and these license configurations are visible, for some seconds.
    AwaitVisible {
        /// As whom.
        by: Actor,
        /// The share.
        share: ShareArn,
        /// What must be visible.
        license_configurations: BTreeSet<LicenseConfigurationArn>,
        /// Whether a new invitation may be accepted meanwhile.
        may_accept: bool,
    },
    /// DisassociateResourceShare of the own account.
    Leave {
        /// As whom.
        by: Actor,
        /// The share.
        share: ShareArn,
        /// The client token.
        token: String,
    },
}

impl Step {
    /// Whether it changes anything in AWS.
    pub fn writes(&self) -> bool {
        match self {
            Self::Accept { .. } | Self::Leave { .. } => true,
            Self::AwaitInvitation { .. } | Self::AwaitVisible { .. } => false,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accept { by, invitation, .. } => {
                write!(f, "accept the invitation {invitation} in account {}", by.account)
            }
            Self::AwaitInvitation { by, share, .. } => {
                write!(f, "wait for an invitation of account {} to {share}", by.account)
            }
            Self::AwaitVisible { by, share, license_configurations, .. } => {
                let count = license_configurations.len();
                write!(f, "wait until account {} sees {share}", by.account)?;
                if count == 0 { Ok(()) } else { write!(f, " and {count} license configurations") }
            }
            Self::Leave { by, share, .. } => write!(f, "take account {} out of {share}", by.account),
        }
    }
}
