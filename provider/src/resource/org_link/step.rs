//! The steps of a plan. Each names exactly what to call with.

use super::taken::Taken;
use crate::domain::{AccountId, SettingsChange, ShareArn};
use std::collections::BTreeSet;
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Trusted access that License Manager has not brought about is still to be enabled; since when that is waited for, in
/// milliseconds since 1970, follows after a space.
const TRUSTED_ACCESS: &str = "trusted access";
/// The delegated administrator is still to be registered.
pub(crate) const ADMINISTRATOR: &str = "delegated administrator";
/// The request waits at the beginning of its plan: nothing of it has been done.
pub(crate) const EVERYTHING: &str = "everything";

/// Cannot be taken back.
pub(super) const LINKED: &str = "License Manager is linked to the organization";
/// Cannot be taken back.
const SEARCHES: &str = "cross-account inventory search is on";
/// Cannot be taken back.
pub(super) const RAM_SHARES: &str = "sharing with the organization in AWS RAM is on";
/// Cannot be taken back here.
const ROLE_MADE: &str = "License Manager's service-linked role is there";

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// CreateServiceLinkedRole of License Manager's core role, and a wait until License Manager sees it.
    CreateServiceRole,
    /// Lets another resource of this account and Region that is switching the link on go first.
    Yield,
    /// UpdateServiceSettings with only what changes.
    UpdateSettings(SettingsChange),
    /// Looks until both principals have trusted access, for up to 60 s from when EnableIntegration=true was sent; then
    /// EnableAWSServiceAccess for those that have not.
    SettleTrustedAccess {
        /// When true was sent, where an earlier invocation did that.
        since: Option<SystemTime>,
    },
    /// Looks until both principals have trusted access, and nothing else.
    AwaitTrustedAccess,
    /// Reads the settings back until they show what was sent.
    ReadBack {
        /// What an earlier invocation sent; what this one sends is known when it has.
        earlier: Option<Taken>,
    },
    /// RAM's EnableSharingWithAwsOrganization.
    EnableRamSharing,
    /// RegisterDelegatedAdministrator; the former one, which this resource registered, goes first and comes back if the
    /// new one fails.
    Delegate {
        /// The new one.
        to: AccountId,
        /// The former one.
        from: Option<AccountId>,
    },
    /// DeregisterDelegatedAdministrator.
    Undelegate(AccountId),
    /// Waits for License Manager's own share, which is on its way.
    AwaitShare,
    /// Looks for a share that License Manager should have made, or may be making.
    LookForShare {
        /// The one that was answered before, by its ARN.
        before: Option<String>,
        /// Until when the request waits for it.
        until: SystemTime,
    },
    /// Asks RAM whether the share that the settings name is there.
    CheckShare(ShareArn),
    /// EnableIntegration=false, and nothing else; true again where another resource has begun to declare the link.
    Unlink {
        /// The RequestId of the Create that switched it on.
        create: String,
        /// An earlier delivery, or an earlier Delete, had begun with it.
        resumed: bool,
    },
}

impl Step {
    /// Whether it changes anything in AWS, or may.
    pub fn writes(&self) -> bool {
        match self {
            Self::Yield
            | Self::ReadBack { .. }
            | Self::AwaitTrustedAccess
            | Self::AwaitShare
            | Self::LookForShare { .. }
            | Self::CheckShare(_) => false,
            Self::CreateServiceRole
            | Self::UpdateSettings(_)
            | Self::SettleTrustedAccess { .. }
            | Self::EnableRamSharing
            | Self::Delegate { .. }
            | Self::Undelegate(_)
            | Self::Unlink { .. } => true,
        }
    }

    /// What may still be written, by the name of it, where a request is handed over with the step to do; `sent`, when
    /// EnableIntegration=true was sent, and `taken`, what License Manager took and does not show.
    pub fn outstanding(&self, sent: Option<SystemTime>, taken: Option<&Taken>) -> Option<String> {
        match self {
            Self::SettleTrustedAccess { since } => {
                let sent = since.or(sent).and_then(|at| at.duration_since(UNIX_EPOCH).ok());
                let sent = sent.map(|at| format!(" {}", at.as_millis())).unwrap_or_default();
                Some(format!("{TRUSTED_ACCESS}{sent}"))
            }
            Self::ReadBack { .. } => taken.and_then(Taken::outstanding),
            Self::Delegate { .. } => Some(ADMINISTRATOR.to_owned()),
            Self::LookForShare { .. } => Some(EVERYTHING.to_owned()),
            _ => None,
        }
    }

    /// The step that is `outstanding` for trusted access, if it is.
    pub fn of_trusted_access(outstanding: &BTreeSet<String>) -> Option<Self> {
        let found = outstanding.iter().find_map(|name| name.strip_prefix(TRUSTED_ACCESS))?;
        let sent = found.trim_start().parse().ok().map(Duration::from_millis);
        Some(Self::SettleTrustedAccess { since: sent.and_then(|sent| UNIX_EPOCH.checked_add(sent)) })
    }

    /// What it does that cannot be taken back, in clauses; `linked`: License Manager is linked already.
    pub fn irreversible(&self, linked: bool) -> Vec<&'static str> {
        match self {
            Self::CreateServiceRole => vec![ROLE_MADE],
            Self::UpdateSettings(change) => {
                let done = [
                    (change.integration == Some(true) && !linked, LINKED),
                    (change.cross_account_discovery == Some(true), SEARCHES),
                    (change.sns_topic.is_some(), "License Manager has its SNS topic"),
                    (change.s3_bucket.is_some(), "License Manager has its S3 bucket"),
                    (change.discovery_source_regions.is_some(), "License Manager has its source regions"),
                ];
                done.into_iter().filter(|(done, _)| *done).map(|(_, what)| what).collect()
            }
            Self::SettleTrustedAccess { .. } => vec!["License Manager has trusted access"],
            Self::EnableRamSharing => vec![RAM_SHARES],
            _ => Vec::new(),
        }
    }

    /// Whether it sends EnableIntegration=true.
    pub fn links(&self) -> bool {
        matches!(self, Self::UpdateSettings(change) if change.integration == Some(true))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateServiceRole => f.write_str("create License Manager's service-linked role"),
            Self::Yield => f.write_str("let a resource go first that is switching the same link on"),
            Self::UpdateSettings(change) => write!(f, "update License Manager's settings: {}", told(change)),
            Self::SettleTrustedAccess { .. } => {
                f.write_str("wait for trusted access, and enable what is missing after 60 s")
            }
            Self::AwaitTrustedAccess => f.write_str("wait for trusted access"),
            Self::ReadBack { .. } => f.write_str("read the settings back"),
            Self::EnableRamSharing => f.write_str("enable sharing with the organization in RAM"),
            Self::Delegate { to, from: None } => write!(f, "register delegated administrator {to}"),
            Self::Delegate { to, from: Some(from) } => {
                write!(f, "register delegated administrator {to} in place of {from}")
            }
            Self::Undelegate(account) => write!(f, "deregister delegated administrator {account}"),
            Self::AwaitShare => f.write_str("wait for License Manager's resource share"),
            Self::LookForShare { .. } => f.write_str("look for License Manager's resource share"),
            Self::CheckShare(arn) => write!(f, "see that RAM has License Manager's resource share {arn}"),
            Self::Unlink { resumed: false, .. } => f.write_str("switch the link off"),
            Self::Unlink { resumed: true, .. } => f.write_str(
                "switch the link off, or on again for another resource: an earlier delivery had begun",
            ),
        }
    }
}

/// A change in words.
pub(super) fn told(change: &SettingsChange) -> String {
    let switch = |name: &str, on: Option<bool>| on.map(|on| format!("{name} {on}"));
    let text = |name: &str, text: &Option<String>| text.as_ref().map(|text| format!("{name} {text}"));
    let regions = change
        .discovery_source_regions
        .as_ref()
        .map(|r| format!("discovery source regions {}", r.join(", ")));
    [
        switch("integration", change.integration),
        switch("cross-account discovery", change.cross_account_discovery),
        text("topic", &change.sns_topic),
        text("bucket", &change.s3_bucket),
        regions,
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(", ")
}
