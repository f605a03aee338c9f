//! What can be set about RAM: how long changes take, quotas, and which answer is given where AWS's own is unconfirmed.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::settings::seconds;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Settings of RAM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RamSettings {
    /// How long changes take.
    pub times: Times,
    /// Quotas.
    pub quotas: Quotas,
    /// Which associations that are ASSOCIATING make DisassociateResourceShare answer InvalidStateTransitionException.
    pub disassociate_blocked_by: BlockedBy,
    /// Which associations that are ASSOCIATING make DeleteResourceShare answer InvalidStateTransitionException.
    pub delete_blocked_by: BlockedBy,
    /// What DisassociateResourceShare answers for a member that is not there.
    pub unknown_member: UnknownMember,
    /// What DisassociateResourceShare answers for a member that FAILED.
    pub failed_member: FailedMember,
    /// What becomes of the association of an invitation that was rejected or expired.
    pub refused_invitation: RefusedInvitation,
    /// What the receiver sees of an invitation that the owner took back: it removed the account, or deleted the share.
    pub withdrawn_invitation: WithdrawnInvitation,
    /// What becomes of accounts whose invitations would exceed the quota.
    pub invitation_limit: InvitationLimit,
    /// What becomes of the association of an account that left the organization, or was closed.
    pub lost_member: LostMember,
    /// What becomes of the association of a license configuration that was deleted.
    pub deleted_resource: DeletedResource,
    /// What UpdateResourceShare with allowExternalPrincipals=false does with external principals that are there.
    pub external_members: ExternalMembers,
    /// What DeleteResourceShare answers for a share that is DELETED and still listed.
    pub second_delete: SecondDelete,
    /// Whether the `name` of GetResourceShares finds names that begin with it, too.
    pub name_filter_is_prefix: bool,
}

impl Default for RamSettings {
    fn default() -> Self {
        Self {
            times: Times::default(),
            quotas: Quotas::default(),
            disassociate_blocked_by: BlockedBy::Settling,
            delete_blocked_by: BlockedBy::Nothing,
            unknown_member: UnknownMember::Refused,
            failed_member: FailedMember::Leaves,
            refused_invitation: RefusedInvitation::Disassociated,
            withdrawn_invitation: WithdrawnInvitation::Vanishes,
            invitation_limit: InvitationLimit::Refused,
            lost_member: LostMember::Vanishes,
            deleted_resource: DeletedResource::Vanishes,
            external_members: ExternalMembers::Refused,
            second_delete: SecondDelete::UnknownResource,
            name_filter_is_prefix: false,
        }
    }
}

/// How long changes take. Zero means: done when the next request comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Times {
    /// A new share is PENDING for so long; zero: ACTIVE in the first answer, as in AWS's examples.
    #[serde(with = "seconds")]
    pub share_pending: Duration,
    /// A deleted share is DELETING for so long.
    #[serde(with = "seconds")]
    pub share_deleting: Duration,
    /// A DELETED share is listed for so long (AWS RAM user guide: about two hours).
    #[serde(with = "seconds")]
    pub share_deleted: Duration,
    /// ASSOCIATING of a resource.
    #[serde(with = "seconds")]
    pub associate_resource: Duration,
    /// ASSOCIATING of an account, once nobody has to accept.
    #[serde(with = "seconds")]
    pub associate_account: Duration,
    /// ASSOCIATING of an organization or organizational unit.
    #[serde(with = "seconds")]
    pub associate_organization: Duration,
    /// DISASSOCIATING of a resource.
    #[serde(with = "seconds")]
    pub disassociate_resource: Duration,
    /// DISASSOCIATING of a principal.
    #[serde(with = "seconds")]
    pub disassociate_principal: Duration,
    /// A DISASSOCIATED association is listed for so long, then it vanishes.
    #[serde(with = "seconds")]
    pub disassociated: Duration,
    /// An invitation is shown to its receiver so much later than it was made.
    #[serde(with = "seconds")]
    pub invitation_shown: Duration,
    /// An invitation expires after so long (AWS RAM user guide: 7 days for license configurations).
    #[serde(with = "seconds")]
    pub invitation_life: Duration,
    /// An invitation that is not PENDING any more is listed for so long (ram facts 3: about 7 days).
    #[serde(with = "seconds")]
    pub invitation_listed: Duration,
    /// A consumer sees a share so much later than its principal was ASSOCIATED.
    #[serde(with = "seconds")]
    pub share_shown: Duration,
    /// A consumer sees the resources of a share so much later than the share (terraform-provider-aws issue 11902).
    #[serde(with = "seconds")]
    pub resources_shown: Duration,
    /// Sharing with the organization is onboarding for so long after EnableSharingWithAwsOrganization.
    #[serde(with = "seconds")]
    pub onboarding: Duration,
    /// A clientToken is remembered for so long. AWS does not say.
    #[serde(with = "seconds")]
    pub token_life: Duration,
}

impl Default for Times {
    fn default() -> Self {
        let at_once = Duration::ZERO;
        Self {
            share_pending: at_once,
            share_deleting: at_once,
            share_deleted: Duration::from_secs(2 * 60 * 60),
            associate_resource: at_once,
            associate_account: at_once,
            associate_organization: at_once,
            disassociate_resource: at_once,
            disassociate_principal: at_once,
            disassociated: Duration::from_secs(60),
            invitation_shown: at_once,
            invitation_life: 7 * DAY,
            invitation_listed: 7 * DAY,
            share_shown: at_once,
            resources_shown: at_once,
            onboarding: at_once,
            token_life: DAY,
        }
    }
}

/// Quotas, each for one account in one Region (AWS RAM user guide, Service quotas).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quotas {
    /// Resources, and principals, in one call. For principals it is assumed to be the same.
    pub members_per_call: usize,
    /// Resource associations, and principal associations, of one share.
    pub associations_per_share: usize,
    /// Resource associations, and principal associations, of all shares.
    pub associations_per_account: usize,
    /// Shares.
    pub shares: usize,
    /// Invitations that are PENDING.
    pub pending_invitations: usize,
    /// Tags of a share.
    pub tags: usize,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            members_per_call: 100,
            associations_per_share: 5_000,
            associations_per_account: 25_000,
            shares: 25_000,
            pending_invitations: 20,
            tags: 50,
        }
    }
}

/// Which associations that are ASSOCIATING block a call ("At least one of the associations in the resource share is in
/// ASSOCIATING status", terraform-provider-aws issue 13458).
///
/// The default for Disassociate is `Settling`: the issue saw the message in the moment after an association was made,
/// while Terraform withdraws accounts that have not accepted all the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BlockedBy {
    /// None do.
    Nothing,
    /// Those that settle by themselves, not accounts that have yet to accept.
    Settling,
    /// Those, and accounts that have yet to accept, unless the call withdraws them itself.
    SettlingAndInvited,
}

/// What DisassociateResourceShare answers for a member that is not there (unconfirmed; terraform-provider-aws issue
/// 18289 saw UnknownResourceException).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum UnknownMember {
    /// UnknownResourceException.
    Refused,
    /// Nothing: it is left out of the answer.
    Ignored,
}

/// What DisassociateResourceShare answers for a member that FAILED (unconfirmed).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailedMember {
    /// It leaves like any other.
    Leaves,
    /// It counts as a member that is not there, and stays listed.
    Unknown,
}

/// What becomes of the association of an invitation that was rejected or expired (unconfirmed; terraform-provider-aws
/// issue 35296 saw DISASSOCIATED).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefusedInvitation {
    /// DISASSOCIATED, then it vanishes.
    Disassociated,
    /// FAILED, until the owner removes it.
    Failed,
    /// ASSOCIATING for ever: the owner has to remove it before it can invite again.
    Stays,
    /// It is gone at once.
    Vanishes,
}

/// What the receiver sees of an invitation that the owner took back (unconfirmed).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum WithdrawnInvitation {
    /// Nothing any more; ResourceShareInvitationArnNotFoundException.
    Vanishes,
    /// It is EXPIRED; ResourceShareInvitationExpiredException.
    Expires,
    /// It is PENDING as before, and OperationNotPermittedException for who accepts it.
    Stays,
}

/// What becomes of accounts whose invitations would exceed the quota of pending ones (unconfirmed, ram facts 1.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum InvitationLimit {
    /// ResourceShareLimitExceededException for the whole call: nobody is invited, nothing is added.
    Refused,
    /// The call goes through; as many as fit are invited, and the associations of the others are FAILED.
    Fails,
}

/// What becomes of the association of an account that left the organization, or was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LostMember {
    /// It is gone at once (terraform-provider-aws issue 36070).
    Vanishes,
    /// FAILED, until the owner removes it.
    Fails,
}

/// What becomes of the association of a license configuration that was deleted (unconfirmed).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeletedResource {
    /// It is gone at once.
    Vanishes,
    /// It stays as it is.
    Stays,
}

/// What UpdateResourceShare with allowExternalPrincipals=false does with external principals (unconfirmed).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExternalMembers {
    /// The call is refused with InvalidParameterException.
    Refused,
    /// They stay.
    Stay,
}

/// What DeleteResourceShare answers for a share that is DELETED and still listed (unconfirmed).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SecondDelete {
    /// UnknownResourceException.
    UnknownResource,
    /// The same as the first time.
    Succeeds,
}
