//! Members of a resource share and the state in which RAM has them.

use std::fmt;

/// What kind of member an association is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MemberKind {
    /// A license configuration that is shared.
    Resource,
    /// An account, organizational unit or organization with whom it is shared.
    Principal,
}

/// A member of a share, by the text that RAM knows it by: a license configuration's ARN, or a principal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Member {
    /// What it is.
    pub kind: MemberKind,
    /// An ARN or a 12-digit account id.
    pub id: String,
}

impl Member {
    /// A license configuration.
    pub fn resource(id: impl Into<String>) -> Self {
        Self { kind: MemberKind::Resource, id: id.into() }
    }

    /// A principal.
    pub fn principal(id: impl Into<String>) -> Self {
        Self { kind: MemberKind::Principal, id: id.into() }
    }

    /// Whether it is a principal that is one account, which alone can be invited.
    pub fn is_account(&self) -> bool {
        self.kind == MemberKind::Principal && !self.id.starts_with("arn:")
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id)
    }
}

/// RAM's `ResourceShareAssociationStatus` (AWS RAM API reference, ResourceShareAssociation).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AssociationStatus {
    /// On its way; an invited account stays so until it accepts.
    Associating,
    /// In effect.
    Associated,
    /// RAM gave up; the status message says why.
    Failed,
    /// On its way out.
    Disassociating,
    /// Out; RAM still lists it for a while.
    Disassociated,
    /// There but without effect; RAM's documents do not say when (UNCONFIRMED). Counted as present.
    Suspended,
    /// Between states (UNCONFIRMED). Counted as present.
    Suspending,
    /// Between states (UNCONFIRMED). Counted as present.
    Restoring,
    /// A status that this version does not know.
    Unknown(String),
}

impl AssociationStatus {
    /// Whether the share has this member, now or in a moment.
    pub fn is_present(&self) -> bool {
        match self {
            Self::Associating
            | Self::Associated
            | Self::Suspended
            | Self::Suspending
            | Self::Restoring
            | Self::Unknown(_) => true,
            Self::Failed | Self::Disassociating | Self::Disassociated => false,
        }
    }

    /// RAM's own word.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Associating => "ASSOCIATING",
            Self::Associated => "ASSOCIATED",
            Self::Failed => "FAILED",
            Self::Disassociating => "DISASSOCIATING",
            Self::Disassociated => "DISASSOCIATED",
            Self::Suspended => "SUSPENDED",
            Self::Suspending => "SUSPENDING",
            Self::Restoring => "RESTORING",
            Self::Unknown(word) => word,
        }
    }
}

impl From<&str> for AssociationStatus {
    fn from(word: &str) -> Self {
        match word {
            "ASSOCIATING" => Self::Associating,
            "ASSOCIATED" => Self::Associated,
            "FAILED" => Self::Failed,
            "DISASSOCIATING" => Self::Disassociating,
            "DISASSOCIATED" => Self::Disassociated,
            "SUSPENDED" => Self::Suspended,
            "SUSPENDING" => Self::Suspending,
            "RESTORING" => Self::Restoring,
            other => Self::Unknown(other.to_owned()),
        }
    }
}

/// One association of a share, as RAM answers it to the owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Association {
    /// Who or what.
    pub member: Member,
    /// RAM's status.
    pub status: AssociationStatus,
    /// Outside the organization, or the organization does not share through RAM: true in every published sample,
    /// although the model's text says the opposite (ram facts 1.7).
    pub external: bool,
    /// RAM's own words, mostly on FAILED.
    pub message: Option<String>,
    /// RAM's `lastUpdatedTime`, in milliseconds since 1970-01-01.
    pub updated: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_of_the_model_is_known_and_keeps_its_word() {
        for word in [
            "ASSOCIATING",
            "ASSOCIATED",
            "FAILED",
            "DISASSOCIATING",
            "DISASSOCIATED",
            "SUSPENDED",
            "SUSPENDING",
            "RESTORING",
        ] {
            let status = AssociationStatus::from(word);
            assert!(!matches!(status, AssociationStatus::Unknown(_)), "{word}");
            assert_eq!(status.as_str(), word);
        }
        assert_eq!(AssociationStatus::from("NEW").as_str(), "NEW");
    }

    #[test]
    fn only_accounts_can_be_invited() {
        assert!(Member::principal("111122223333").is_account());
        assert!(!Member::principal("arn:aws:organizations::1:organization/o-a").is_account());
        assert!(!Member::resource("111122223333").is_account());
    }
}
