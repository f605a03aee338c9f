//! DisassociateResourceShare: by the owner, and by a consumer that leaves.

use std::time::Duration;

use serde_json::json;

use super::create::named;
use super::join::{Named, check_call_size};
use super::model::{AssociationStatus, InvitationStatus, Kind, Next, Share, ShareStatus};
use super::settings::{BlockedBy, FailedMember, Times, UnknownMember};
use super::{Around, Ram, arn, errors, render, visible};
use crate::ctx::Ctx;
use crate::error::{Outcome, ServiceError};
use crate::members::Members;

impl Ram {
    pub(super) fn disassociate(&mut self, ctx: &Ctx, members: &Members<'_>, around: &Around<'_>) -> Outcome {
        let text = members.required_text("resourceShareArn")?;
        let named = named(members)?;
        arn::check_share(text)?;
        let found = self.share(text).filter(|share| share.region == ctx.region);
        let share = found.ok_or_else(|| errors::unknown_share(text))?;
        let leaving = if share.owner == ctx.account() {
            check_owner(ctx, share, &named)?
        } else {
            vec![check_consumer(ctx, share, &named, around)?]
        };
        let leaving: Vec<(Kind, &str)> = leaving;
        self.leave(ctx, text, &leaving);
        let share = self.share(text).ok_or_else(|| errors::unknown_share(text))?;
        let associations = render::named(ctx, share, &leaving);
        Ok(json!({"resourceShareAssociations": associations, "clientToken": self.client_token(members)?}))
    }

    fn leave(&mut self, ctx: &Ctx, share_arn: &str, leaving: &[(Kind, &str)]) {
        let times = &ctx.settings.ram.times;
        // An invitation that the owner takes back is gone for its receiver.
        self.invitations.retain(|found| {
            found.share_arn != share_arn
                || found.status != InvitationStatus::Pending
                || !leaving.contains(&(Kind::Principal, found.receiver.as_str()))
        });
        let Some(share) = self.share_mut(share_arn) else { return };
        for (kind, entity) in leaving {
            let Some(found) = share.association_mut(*kind, entity) else { continue };
            if found.status != AssociationStatus::Disassociating {
                found.status = AssociationStatus::Disassociating;
                found.message = None;
                found.updated = ctx.now;
                found.next = Some((ctx.now + time_of(*kind, times), Next::Disassociated));
            }
        }
    }
}

fn time_of(kind: Kind, times: &Times) -> Duration {
    match kind {
        Kind::Resource => times.disassociate_resource,
        Kind::Principal => times.disassociate_principal,
    }
}

/// What the owner's call removes.
fn check_owner<'a>(
    ctx: &Ctx,
    share: &Share,
    named: &Named<'a>,
) -> Result<Vec<(Kind, &'a str)>, ServiceError> {
    check_call_size(ctx, named)?;
    if share.status == ShareStatus::Deleted {
        return Err(errors::unknown_share(&share.arn));
    }
    if named.all().is_empty() {
        return Err(errors::invalid_parameter("You must name at least one resource or principal."));
    }
    if share.status != ShareStatus::Active {
        let status = share.status.as_str();
        return Err(errors::state(format!("The resource share {} is in {status} status.", share.arn)));
    }
    let there = |kind, entity: &str| {
        share.association(kind, entity).is_some_and(|found| match found.status {
            AssociationStatus::Disassociated => false,
            AssociationStatus::Failed => ctx.settings.ram.failed_member == FailedMember::Leaves,
            _ => true,
        })
    };
    let (leaving, unknown): (Vec<_>, Vec<_>) =
        named.all().into_iter().partition(|(kind, entity)| there(*kind, entity));
    if let (Some((_, entity)), UnknownMember::Refused) = (unknown.first(), ctx.settings.ram.unknown_member) {
        return Err(errors::unknown(format!(
            "{entity} is not associated with the resource share {}.",
            share.arn
        )));
    }
    check_blocked(share, ctx.settings.ram.disassociate_blocked_by, &leaving)?;
    Ok(leaving)
}

/// Associations that are ASSOCIATING make a call wait, as the switch says.
pub(super) fn check_blocked(
    share: &Share,
    by: BlockedBy,
    leaving: &[(Kind, &str)],
) -> Result<(), ServiceError> {
    let blocks = |found: &super::Association| match by {
        BlockedBy::Nothing => false,
        BlockedBy::Settling => found.is_settling(),
        BlockedBy::SettlingAndInvited => {
            let withdrawn = leaving.contains(&(found.kind, found.entity.as_str()));
            found.is_settling() || (found.is_invited() && !withdrawn)
        }
    };
    if share.associations.iter().any(blocks) { Err(errors::associating()) } else { Ok(()) }
}

/// A consumer may name itself and nothing else, and leaves only what it was let into as an account (AWS RAM user guide,
/// Leaving a resource share).
fn check_consumer<'a>(
    ctx: &Ctx,
    share: &Share,
    named: &Named<'a>,
    around: &Around<'_>,
) -> Result<(Kind, &'a str), ServiceError> {
    if !visible::is_shared_with(share, ctx, around) || !share.status.is_live() {
        return Err(errors::unknown_share(&share.arn));
    }
    let [(Kind::Principal, entity)] = named.all()[..] else {
        return Err(errors::not_permitted(
            "You can disassociate only your own account from this resource share.",
        ));
    };
    let own = entity == ctx.account();
    if own && share.associated(Kind::Principal).any(|found| found.entity == entity) {
        return Ok((Kind::Principal, entity));
    }
    Err(errors::not_permitted("You can't leave a resource share that was shared with your organization."))
}
