//! License configurations ("self-managed licenses") as License Manager lists them.

use super::{AccountId, LicenseConfigurationArn};

/// License Manager's `Status` of a license configuration; deletion is soft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LicenseConfigurationStatus {
    /// In use, or ready to be.
    Available,
    /// Switched off by its owner; can still be shared.
    Disabled,
    /// Deleted, but still listed.
    Deleted,
    /// A status that this version does not know.
    Unknown(String),
}

impl From<&str> for LicenseConfigurationStatus {
    fn from(word: &str) -> Self {
        match word {
            "AVAILABLE" => Self::Available,
            "DISABLED" => Self::Disabled,
            "DELETED" => Self::Deleted,
            other => Self::Unknown(other.to_owned()),
        }
    }
}

/// A license configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenseConfiguration {
    /// Its ARN.
    pub arn: LicenseConfigurationArn,
    /// Its name; not unique.
    pub name: String,
    /// The account that owns it; absent in some answers.
    pub owner: Option<AccountId>,
    /// License Manager's status.
    pub status: LicenseConfigurationStatus,
}
