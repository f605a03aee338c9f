//! DisassociateResourceShare: by the owner, and by a consumer that leaves.

use std::time::Duration;

use serde_json::json;

use super::create::named;
use super::join::{Named, check_call_size};
use super::model::{AssociationStatus, Kind, Next, Share, ShareStatus};
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
        self.withdraw(ctx, share_arn, |receiver| leaving.contains(&(Kind::Principal, receiver)));
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::ram::testing::{MEMBER, NESTED, OUTSIDER, OWNER, World, texts};
    use crate::ram::{AssociationStatus, BlockedBy, UnknownMember};

    const DISASSOCIATE: &str = "DisassociateResourceShare";

    fn of(share: &str, principal: &str) -> Value {
        json!({"resourceShareArn": share, "principals": [principal]})
    }

    #[test]
    fn a_member_is_disassociating_then_disassociated_then_gone() {
        let mut world = World::with(|ram| ram.times.disassociate_principal = Duration::from_secs(5));
        let arn = world.share_with(&[MEMBER]);
        world.wait(1);
        let answer = world.ok(OWNER, DISASSOCIATE, of(&arn, MEMBER));
        assert_eq!(texts(&answer["resourceShareAssociations"], "status"), ["DISASSOCIATING"]);
        assert_eq!(world.seen(MEMBER, "OTHER-ACCOUNTS").len(), 0);
        world.wait(4);
        assert_eq!(world.principal(&arn, MEMBER), Some(AssociationStatus::Disassociating));
        world.wait(1);
        assert_eq!(world.principal(&arn, MEMBER), Some(AssociationStatus::Disassociated));
        world.wait(60);
        assert_eq!(world.principal(&arn, MEMBER), None);
    }

    #[test]
    fn a_member_that_is_going_cannot_be_added_before_it_is_gone() {
        let mut world = World::with(|ram| ram.times.disassociate_principal = Duration::from_secs(5));
        let arn = world.share_with(&[MEMBER]);
        world.wait(1);
        world.ok(OWNER, DISASSOCIATE, of(&arn, MEMBER));
        let code = world.code(OWNER, "AssociateResourceShare", of(&arn, MEMBER));
        assert_eq!(code, "InvalidStateTransitionException");
        // A second call of the kind changes nothing.
        world.ok(OWNER, DISASSOCIATE, of(&arn, MEMBER));
        world.wait(5);
        world.ok(OWNER, "AssociateResourceShare", of(&arn, MEMBER));
        assert_eq!(world.principal(&arn, MEMBER), Some(AssociationStatus::Associated));
    }

    #[test]
    fn what_is_not_there_is_unknown_or_ignored_as_the_switch_says() {
        let mut world = World::new();
        let arn = world.share_with(&[MEMBER]);
        let both = json!({"resourceShareArn": arn, "principals": [MEMBER, NESTED]});
        assert_eq!(world.code(OWNER, DISASSOCIATE, both.clone()), "UnknownResourceException");
        assert_eq!(world.principal(&arn, MEMBER), Some(AssociationStatus::Associated));
        world.set(|ram| ram.unknown_member = UnknownMember::Ignored);
        let answer = world.ok(OWNER, DISASSOCIATE, both);
        assert_eq!(texts(&answer["resourceShareAssociations"], "associatedEntity"), [MEMBER]);
    }

    #[test]
    fn a_settling_association_blocks_removals_until_it_is_settled() {
        let mut world = World::with(|ram| ram.times.associate_account = Duration::from_secs(2));
        let arn = world.share_with(&[MEMBER]);
        let (code, message) = world.refused(OWNER, DISASSOCIATE, of(&arn, MEMBER));
        assert_eq!(code, "InvalidStateTransitionException");
        assert_eq!(
            message,
            "At least one of the associations in the resource share is in ASSOCIATING status."
        );
        world.wait(2);
        world.ok(OWNER, DISASSOCIATE, of(&arn, MEMBER));
    }

    #[test]
    fn an_invited_account_blocks_others_only_where_the_switch_says() {
        let mut world = World::new();
        let arn = world.share_with(&[MEMBER, NESTED, OUTSIDER]);
        world.ok(OWNER, DISASSOCIATE, of(&arn, MEMBER));
        world.set(|ram| ram.disassociate_blocked_by = BlockedBy::SettlingAndInvited);
        assert_eq!(world.code(OWNER, DISASSOCIATE, of(&arn, NESTED)), "InvalidStateTransitionException");
        world.ok(OWNER, DISASSOCIATE, of(&arn, OUTSIDER));
        world.ok(OWNER, DISASSOCIATE, of(&arn, NESTED));
    }

    #[test]
    fn a_withdrawn_invitation_is_gone_for_its_receiver_and_a_new_one_can_be_sent() {
        let mut world = World::new();
        let arn = world.share_with(&[OUTSIDER]);
        let first = world.invitation(OUTSIDER);
        world.ok(OWNER, DISASSOCIATE, of(&arn, OUTSIDER));
        assert_eq!(world.invitations(OUTSIDER).len(), 0);
        world.ok(OWNER, "AssociateResourceShare", of(&arn, OUTSIDER));
        assert_ne!(world.invitation(OUTSIDER), first);
    }

    #[test]
    fn a_consumer_leaves_a_share_that_it_was_let_into_as_an_account() {
        let mut world = World::new();
        let arn = world.share_with(&[OUTSIDER]);
        assert_eq!(world.code(OUTSIDER, DISASSOCIATE, of(&arn, OUTSIDER)), "UnknownResourceException");
        let invitation = world.invitation(OUTSIDER);
        world.ok(
            OUTSIDER,
            "AcceptResourceShareInvitation",
            json!({"resourceShareInvitationArn": invitation}),
        );
        assert_eq!(world.seen(OUTSIDER, "OTHER-ACCOUNTS"), [arn.as_str()]);
        assert_eq!(world.code(OUTSIDER, DISASSOCIATE, of(&arn, MEMBER)), "OperationNotPermittedException");
        world.ok(OUTSIDER, DISASSOCIATE, of(&arn, OUTSIDER));
        assert_eq!(world.seen(OUTSIDER, "OTHER-ACCOUNTS").len(), 0);
        assert_eq!(world.code(OUTSIDER, DISASSOCIATE, of(&arn, OUTSIDER)), "UnknownResourceException");
    }

    #[test]
    fn a_consumer_cannot_leave_what_its_organization_was_let_into() {
        let mut world = World::new();
        let whole = world.whole.clone();
        let arn = world.share_with(&[&whole]);
        assert_eq!(world.code(MEMBER, DISASSOCIATE, of(&arn, MEMBER)), "OperationNotPermittedException");
        assert_eq!(world.code(MEMBER, DISASSOCIATE, of(&arn, &whole)), "OperationNotPermittedException");
    }
}
