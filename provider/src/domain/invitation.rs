//! Invitations to a resource share, as the invited account sees them.

use super::AccountId;
use std::time::SystemTime;

/// RAM's `ResourceShareInvitationStatus` (AWS RAM API reference, ResourceShareInvitation).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvitationStatus {
    /// Can be accepted; license configurations have seven days (AWS RAM user guide).
    Pending,
    /// Was accepted, by whomever.
    Accepted,
    /// Was rejected; only sharing again brings another one.
    Rejected,
    /// Was not answered in time; only sharing again brings another one.
    Expired,
    /// A status that this version does not know.
    Unknown(String),
}

impl InvitationStatus {
    /// RAM's own word.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Pending => "PENDING",
            Self::Accepted => "ACCEPTED",
            Self::Rejected => "REJECTED",
            Self::Expired => "EXPIRED",
            Self::Unknown(word) => word,
        }
    }
}

impl From<&str> for InvitationStatus {
    fn from(word: &str) -> Self {
        match word {
            "PENDING" => Self::Pending,
            "ACCEPTED" => Self::Accepted,
            "REJECTED" => Self::Rejected,
            "EXPIRED" => Self::Expired,
            other => Self::Unknown(other.to_owned()),
        }
    }
}

/// An invitation. A share may have several to the same account, old ones beside a new one; RAM forgets an answered one
/// after about seven days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// `arn:<partition>:ram:<region>:<sender>:resource-share-invitation/<uuid>`.
    pub arn: String,
    /// What became of it.
    pub status: InvitationStatus,
    /// The account that owns the share.
    pub sender: AccountId,
    /// When it was sent.
    pub sent_at: Option<SystemTime>,
}

/// What accepting an invitation found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acceptance {
    /// This call accepted it.
    Now,
    /// It had been accepted before: by an earlier call, by a person or by License Manager's own role.
    Before,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_ram_comes_back_as_it_was() {
        for word in ["PENDING", "ACCEPTED", "REJECTED", "EXPIRED", "NEW"] {
            assert_eq!(InvitationStatus::from(word).as_str(), word);
        }
        assert_eq!(InvitationStatus::from("NEW"), InvitationStatus::Unknown("NEW".into()));
    }
}
