//! A RAM resource share as its owner sees it.

use super::{AccountId, ShareArn};
use std::collections::BTreeMap;

/// RAM's `ResourceShareStatus` (AWS RAM API reference, ResourceShare).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShareStatus {
    /// Being made.
    Pending,
    /// In effect.
    Active,
    /// RAM gave up.
    Failed,
    /// Being deleted.
    Deleting,
    /// Deleted; listed for about two hours and never usable again.
    Deleted,
    /// A status that this version does not know.
    Unknown(String),
}

impl ShareStatus {
    /// RAM's own word.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Pending => "PENDING",
            Self::Active => "ACTIVE",
            Self::Failed => "FAILED",
            Self::Deleting => "DELETING",
            Self::Deleted => "DELETED",
            Self::Unknown(word) => word,
        }
    }

    /// Whether the share is there or about to be.
    pub fn is_live(&self) -> bool {
        match self {
            Self::Pending | Self::Active | Self::Failed | Self::Unknown(_) => true,
            Self::Deleting | Self::Deleted => false,
        }
    }
}

impl From<&str> for ShareStatus {
    fn from(word: &str) -> Self {
        match word {
            "PENDING" => Self::Pending,
            "ACTIVE" => Self::Active,
            "FAILED" => Self::Failed,
            "DELETING" => Self::Deleting,
            "DELETED" => Self::Deleted,
            other => Self::Unknown(other.to_owned()),
        }
    }
}

/// A resource share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Its ARN.
    pub arn: ShareArn,
    /// Its name; not unique.
    pub name: String,
    /// The account that owns it.
    pub owner: AccountId,
    /// RAM's status.
    pub status: ShareStatus,
    /// RAM's own words, mostly on FAILED.
    pub status_message: Option<String>,
    /// Whether accounts outside the organization may be principals.
    pub allow_external_principals: bool,
    /// `RetainSharingOnAccountLeaveOrganization`; fixed when the share is made.
    pub retain_sharing: bool,
    /// All tags.
    pub tags: BTreeMap<String, String>,
    /// RAM's `lastUpdatedTime`, in milliseconds since 1970-01-01.
    pub updated: Option<i64>,
}
