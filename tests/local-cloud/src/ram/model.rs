//! RAM's things: shares, their associations, invitations.

use std::time::Duration;

use serde::Serialize;

/// Status of a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ShareStatus {
    /// Being made.
    Pending,
    /// In use.
    Active,
    /// Being deleted.
    Deleting,
    /// Deleted, still listed.
    Deleted,
}

impl ShareStatus {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Active => "ACTIVE",
            Self::Deleting => "DELETING",
            Self::Deleted => "DELETED",
        }
    }

    /// Whether the share is neither deleted nor being deleted.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Pending | Self::Active)
    }
}

/// What is associated with a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Kind {
    /// An account, organizational unit, organization, or IAM principal.
    Principal,
    /// A resource.
    Resource,
}

impl Kind {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Principal => "PRINCIPAL",
            Self::Resource => "RESOURCE",
        }
    }
}

/// Status of an association.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum AssociationStatus {
    /// Being made, or waiting for the invited account.
    Associating,
    /// In effect.
    Associated,
    /// Could not be made.
    Failed,
    /// Being removed.
    Disassociating,
    /// Removed, still listed.
    Disassociated,
}

impl AssociationStatus {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Associating => "ASSOCIATING",
            Self::Associated => "ASSOCIATED",
            Self::Failed => "FAILED",
            Self::Disassociating => "DISASSOCIATING",
            Self::Disassociated => "DISASSOCIATED",
        }
    }

    /// Whether the member is there or on its way in.
    pub fn is_present(self) -> bool {
        matches!(self, Self::Associating | Self::Associated)
    }
}

/// What an association becomes by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Next {
    /// ASSOCIATED.
    Associated,
    /// FAILED, with this statusMessage.
    Failed(String),
    /// DISASSOCIATED.
    Disassociated,
    /// Not listed any more.
    Gone,
}

/// A member of a share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Association {
    /// Principal or resource.
    pub kind: Kind,
    /// Account id or ARN.
    pub entity: String,
    /// Status.
    pub status: AssociationStatus,
    /// Why it failed.
    pub message: Option<String>,
    /// When it was made.
    pub created: Duration,
    /// When its status last changed.
    pub updated: Duration,
    /// Whether the principal is outside the organization, or RAM treats it so.
    pub external: bool,
    /// What it becomes by itself, and when.
    pub next: Option<(Duration, Next)>,
}

impl Association {
    /// Whether it waits for an invited account to accept.
    pub fn is_invited(&self) -> bool {
        self.status == AssociationStatus::Associating && self.next.is_none()
    }

    /// Whether it is being made and gets there by itself.
    pub fn is_settling(&self) -> bool {
        self.status == AssociationStatus::Associating && self.next.is_some()
    }

    /// Whether it is this member.
    pub fn is(&self, kind: Kind, entity: &str) -> bool {
        self.kind == kind && self.entity == entity
    }
}

/// A tag of a share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tag {
    /// Key.
    pub key: String,
    /// Value.
    pub value: String,
}

/// A resource share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Share {
    /// `arn:P:ram:REGION:ACCOUNT:resource-share/UUID`.
    pub arn: String,
    /// Name; not unique.
    pub name: String,
    /// Owner account.
    pub owner: String,
    /// Region.
    pub region: String,
    /// Whether principals outside the organization may be added.
    pub allow_external: bool,
    /// retainSharingOnAccountLeaveOrganization: organization accounts must accept too, and stay when they leave.
    pub retain: bool,
    /// Tags.
    pub tags: Vec<Tag>,
    /// Permissions named at creation; others are attached by resource type.
    pub permissions: Vec<String>,
    /// Status.
    pub status: ShareStatus,
    /// When it was made.
    pub created: Duration,
    /// When it last changed.
    pub updated: Duration,
    /// When PENDING, DELETING or DELETED ends.
    pub next: Option<Duration>,
    /// Members.
    pub associations: Vec<Association>,
    /// Principals that were ASSOCIATED when the share was deleted: they see it as DELETED.
    pub former_principals: Vec<String>,
}

impl Share {
    /// The partition of its ARN.
    pub fn partition(&self) -> &str {
        self.arn.split(':').nth(1).unwrap_or_default()
    }

    /// One member.
    pub fn association(&self, kind: Kind, entity: &str) -> Option<&Association> {
        self.associations.iter().find(|found| found.is(kind, entity))
    }

    /// One member, to change it.
    pub fn association_mut(&mut self, kind: Kind, entity: &str) -> Option<&mut Association> {
        self.associations.iter_mut().find(|found| found.is(kind, entity))
    }

    /// Members of a kind that are there or on their way in.
    pub fn present(&self, kind: Kind) -> impl Iterator<Item = &Association> {
        self.associations.iter().filter(move |found| found.kind == kind && found.status.is_present())
    }

    /// Members of a kind that are in effect.
    pub fn associated(&self, kind: Kind) -> impl Iterator<Item = &Association> {
        self.present(kind).filter(|found| found.status == AssociationStatus::Associated)
    }
}

/// Status of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum InvitationStatus {
    /// Waits for the receiver.
    Pending,
    /// Accepted.
    Accepted,
    /// Rejected.
    Rejected,
    /// Nobody answered in time.
    Expired,
}

impl InvitationStatus {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Accepted => "ACCEPTED",
            Self::Rejected => "REJECTED",
            Self::Expired => "EXPIRED",
        }
    }
}

/// An invitation to a share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Invitation {
    /// `arn:P:ram:REGION:SENDER:resource-share-invitation/UUID`.
    pub arn: String,
    /// The share.
    pub share_arn: String,
    /// The share's name when it was sent.
    pub share_name: String,
    /// Owner of the share.
    pub sender: String,
    /// The invited account.
    pub receiver: String,
    /// The share's Region.
    pub region: String,
    /// When it was sent.
    pub sent: Duration,
    /// From when on the receiver sees it.
    pub shown_from: Duration,
    /// Status.
    pub status: InvitationStatus,
    /// When the status last changed.
    pub changed: Duration,
}
