//! AWS Resource Access Manager: shares, associations, invitations, as owner and as consumer.
//!
//! Source: AWS RAM API reference (2018-01-04) and ram facts. Shares are regional. Changes take the times that are set;
//! where AWS's behaviour is unconfirmed there is a switch in [`RamSettings`], or the assumption stands beside the code.

mod arn;
mod associate;
mod associations;
mod create;
mod delete;
mod disassociate;
mod errors;
mod failures;
mod invitations;
mod inviting;
mod join;
mod listing;
mod model;
mod organization;
mod own_share;
mod permissions;
mod principal;
mod receivers;
mod render;
mod resource;
mod settings;
mod settle;
mod shares;
mod tags;
#[cfg(test)]
pub(crate) mod testing;
mod tokens;
mod update;
mod visible;

use serde_json::Value;

use crate::ctx::Ctx;
use crate::error::{Outcome, ServiceError};
use crate::ids::Ids;
use crate::license_manager::LicenseManager;
use crate::members::{Members, Refusal};
use crate::organizations::Organizations;

pub use failures::FailAssociation;
pub use model::{
    Association, AssociationStatus, Invitation, InvitationStatus, Kind, Next, Share, ShareStatus, Tag,
};
pub use receivers::Ending;
pub use settings::{
    BlockedBy, DeletedResource, ExternalMembers, FailedMember, InvitationLimit, LostMember, Quotas,
    RamSettings, RefusedInvitation, SecondDelete, Times, UnknownMember, WithdrawnInvitation,
};

/// The operations that are served. The path of each is its name in lower case.
pub const OPERATIONS: &[&str] = &[
    "AcceptResourceShareInvitation",
    "AssociateResourceShare",
    "CreateResourceShare",
    "DeleteResourceShare",
    "DisassociateResourceShare",
    "EnableSharingWithAwsOrganization",
    "GetPermission",
    "GetResourceShareAssociations",
    "GetResourceShareInvitations",
    "GetResourceShares",
    "ListPendingInvitationResources",
    "ListPermissions",
    "ListPrincipals",
    "ListResourceSharePermissions",
    "ListResourceTypes",
    "ListResources",
    "RejectResourceShareInvitation",
    "TagResource",
    "UntagResource",
    "UpdateResourceShare",
];

/// The other services, as RAM needs them.
#[derive(Debug)]
pub struct Around<'a> {
    /// Organizations; RAM turns on its sharing there.
    pub organizations: &'a mut Organizations,
    /// License Manager; RAM looks up license configurations there.
    pub license_manager: &'a LicenseManager,
}

/// All shares and invitations of all accounts and Regions.
#[derive(Debug)]
pub struct Ram {
    shares: Vec<Share>,
    invitations: Vec<Invitation>,
    tokens: tokens::Tokens,
    failures: failures::Failures,
    ids: Ids,
    replayed: bool,
}

impl Default for Ram {
    fn default() -> Self {
        Self {
            shares: Vec::new(),
            invitations: Vec::new(),
            tokens: tokens::Tokens::default(),
            failures: failures::Failures::default(),
            ids: Ids::new("ram"),
            replayed: false,
        }
    }
}

impl Ram {
    /// Answers one operation.
    ///
    /// # Errors
    /// The modelled ones; an operation outside [`OPERATIONS`] is `UnknownOperationException`.
    pub fn handle(&mut self, ctx: &Ctx, operation: &str, input: &Value, around: &mut Around<'_>) -> Outcome {
        self.replayed = false;
        let token = tokens::token_of(operation, input)?;
        if let Some(token) = token
            && let Some(answer) = self.tokens.recall(ctx, token, operation, input)?
        {
            self.replayed = true;
            return Ok(answer);
        }
        let members = Members::top(input, refusal(operation))?;
        let answer = self.run(ctx, operation, input, &members, around)?;
        if let Some(token) = token {
            self.tokens.remember(ctx, token, operation, input, &answer);
        }
        Ok(answer)
    }

    /// Whether the last operation was answered from its clientToken, without doing anything.
    pub fn replayed(&self) -> bool {
        self.replayed
    }

    /// All shares, oldest first.
    pub fn shares(&self) -> &[Share] {
        &self.shares
    }

    /// All invitations, oldest first.
    pub fn invitations(&self) -> &[Invitation] {
        &self.invitations
    }

    /// One share.
    pub fn share(&self, arn: &str) -> Option<&Share> {
        self.shares.iter().find(|share| share.arn == arn)
    }

    /// Makes associations fail.
    pub fn fail_association(&mut self, rule: FailAssociation) {
        self.failures.add(rule);
    }

    /// Forgets all rules that make associations fail.
    pub fn clear_failures(&mut self) {
        self.failures.clear();
    }

    fn share_mut(&mut self, arn: &str) -> Option<&mut Share> {
        self.shares.iter_mut().find(|share| share.arn == arn)
    }

    fn run(
        &mut self,
        ctx: &Ctx,
        operation: &str,
        input: &Value,
        members: &Members<'_>,
        around: &mut Around<'_>,
    ) -> Outcome {
        match operation {
            "AcceptResourceShareInvitation" => self.accept(ctx, members),
            "AssociateResourceShare" => self.associate(ctx, members, around),
            "CreateResourceShare" => self.create(ctx, members, around),
            "DeleteResourceShare" => self.delete(ctx, members, around),
            "DisassociateResourceShare" => self.disassociate(ctx, members, around),
            "EnableSharingWithAwsOrganization" => organization::enable(ctx, around.organizations),
            "RejectResourceShareInvitation" => self.reject(ctx, members),
            "TagResource" => self.tag(ctx, members),
            "UntagResource" => self.untag(ctx, members),
            "UpdateResourceShare" => self.update(ctx, members, around),
            _ => self.look(ctx, operation, input, members, around),
        }
    }

    fn look(
        &self,
        ctx: &Ctx,
        operation: &str,
        input: &Value,
        members: &Members<'_>,
        around: &Around<'_>,
    ) -> Outcome {
        let list = listing::List { ctx, operation, input, members };
        match operation {
            "GetPermission" => permissions::get(ctx, members),
            "GetResourceShareAssociations" => self.get_associations(&list),
            "GetResourceShareInvitations" => self.get_invitations(&list),
            "GetResourceShares" => self.get_shares(&list, around),
            "ListPendingInvitationResources" => self.list_pending_resources(&list),
            "ListPermissions" => permissions::list(&list),
            "ListPrincipals" => self.list_principals(&list, around),
            "ListResourceSharePermissions" => self.list_share_permissions(&list),
            "ListResourceTypes" => permissions::list_types(&list),
            "ListResources" => self.list_resources(&list, around),
            _ => Err(ServiceError::bad_request("UnknownOperationException", operation)),
        }
    }
}

fn refusal(operation: &str) -> Refusal {
    match operation {
        "UpdateResourceShare" | "ListPendingInvitationResources" => errors::bad_or_missing_member,
        "AcceptResourceShareInvitation" | "RejectResourceShareInvitation" => errors::bad_arn_member,
        _ => errors::bad_member,
    }
}
