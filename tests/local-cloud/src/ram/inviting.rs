//! Invitations as they are made and taken back on the owner's side, and the quota of those that are PENDING.

use super::model::{Invitation, InvitationStatus, Kind, Share};
use super::settings::{InvitationLimit, WithdrawnInvitation};
use super::{Ram, errors};
use crate::ctx::Ctx;
use crate::error::ServiceError;

/// Why an account was not invited (the text is ours).
pub(super) const TOO_MANY: &str = "The pending invitations of the account would exceed the quota.";

impl Ram {
    /// Invites an account to a share. False where the owner has as many PENDING invitations as it may have.
    pub(super) fn invite(&mut self, ctx: &Ctx, share_arn: &str, receiver: &str) -> bool {
        let id = self.ids.uuid();
        let Some(share) = self.share(share_arn) else { return false };
        if self.pending_of(share) >= ctx.settings.ram.quotas.pending_invitations {
            return false;
        }
        let invitation = Invitation {
            arn: format!(
                "arn:{}:ram:{}:{}:resource-share-invitation/{id}",
                ctx.partition, share.region, share.owner
            ),
            share_arn: share.arn.clone(),
            share_name: share.name.clone(),
            sender: share.owner.clone(),
            receiver: receiver.to_owned(),
            region: share.region.clone(),
            sent: ctx.now,
            shown_from: ctx.now + ctx.settings.ram.times.invitation_shown,
            status: InvitationStatus::Pending,
            changed: ctx.now,
        };
        self.invitations.push(invitation);
        true
    }

    /// Refuses so many new invitations where they would exceed the quota, unless the switch lets associations fail.
    pub(super) fn check_invitations(&self, ctx: &Ctx, share: &Share, new: usize) -> Result<(), ServiceError> {
        let settings = &ctx.settings.ram;
        let refuses = settings.invitation_limit == InvitationLimit::Refused;
        let exceeds = || self.pending_of(share) + new > settings.quotas.pending_invitations;
        if new > 0 && refuses && exceeds() { Err(errors::limit(TOO_MANY)) } else { Ok(()) }
    }

    /// The owner takes PENDING invitations to a share back: those whose receiver is `wanted`.
    pub(super) fn withdraw(&mut self, ctx: &Ctx, share_arn: &str, wanted: impl Fn(&str) -> bool) {
        let of = |found: &Invitation| {
            found.share_arn == share_arn
                && found.status == InvitationStatus::Pending
                && wanted(&found.receiver)
        };
        match ctx.settings.ram.withdrawn_invitation {
            WithdrawnInvitation::Vanishes => self.invitations.retain(|found| !of(found)),
            WithdrawnInvitation::Expires => {
                for found in self.invitations.iter_mut().filter(|found| of(found)) {
                    (found.status, found.changed) = (InvitationStatus::Expired, ctx.now);
                }
            }
            WithdrawnInvitation::Stays => {}
        }
    }

    /// Whether the receiver of an invitation is still waited for in the share.
    pub(super) fn is_waited_for(&self, invitation: &Invitation) -> bool {
        let share = self.share(&invitation.share_arn);
        let found = share.and_then(|share| share.association(Kind::Principal, &invitation.receiver));
        found.is_some_and(super::Association::is_invited)
    }

    fn pending_of(&self, share: &Share) -> usize {
        let mut count = 0;
        for found in &self.invitations {
            let own = found.sender == share.owner && found.region == share.region;
            count += usize::from(own && found.status == InvitationStatus::Pending);
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::ram::testing::{OUTSIDER, OWNER, World, texts};
    use crate::ram::{AssociationStatus, RamSettings};

    fn outsiders(first: u64, count: u64) -> Vec<String> {
        (first..first + count).map(|number| format!("9{number:011}")).collect()
    }

    fn associate(arn: &str, principals: &[String]) -> Value {
        json!({"resourceShareArn": arn, "principals": principals})
    }

    fn withdrawing(switch: WithdrawnInvitation) -> impl FnOnce(&mut RamSettings) {
        move |ram| ram.withdrawn_invitation = switch
    }

    #[test]
    fn the_twenty_first_invitation_over_all_shares_is_refused_with_the_whole_call() {
        let mut world = World::new();
        let (one, two) = (world.share_with(&[]), world.share_with(&[]));
        world.ok(OWNER, "AssociateResourceShare", associate(&one, &outsiders(0, 19)));
        let code = world.code(OWNER, "AssociateResourceShare", associate(&two, &outsiders(30, 2)));
        assert_eq!(code, "ResourceShareLimitExceededException");
        assert_eq!((world.cloud.associations(&two).len(), world.cloud.invitations().len()), (1, 19));
        world.ok(OWNER, "AssociateResourceShare", associate(&two, &outsiders(30, 1)));
        // Who answers makes room for the next.
        let answered = outsiders(30, 1).remove(0);
        let invitation = world.invitation(&answered);
        world.ok(
            &answered,
            "AcceptResourceShareInvitation",
            json!({"resourceShareInvitationArn": invitation}),
        );
        world.ok(OWNER, "AssociateResourceShare", associate(&two, &outsiders(31, 1)));
    }

    #[test]
    fn the_twenty_first_invitation_can_fail_its_association_alone() {
        let mut world = World::with(|ram| ram.invitation_limit = InvitationLimit::Fails);
        let arn = world.share_with(&[]);
        let (all, late) = (outsiders(0, 21), outsiders(20, 1));
        let answer = world.ok(OWNER, "AssociateResourceShare", associate(&arn, &all));
        let failed = &answer["resourceShareAssociations"][20];
        assert_eq!((&failed["status"], &failed["statusMessage"]), (&json!("FAILED"), &json!(TOO_MANY)));
        assert_eq!(world.cloud.invitations().len(), 20);
        assert_eq!(world.principal(&arn, &all[19]), Some(AssociationStatus::Associating));
        world.ok(OWNER, "DisassociateResourceShare", associate(&arn, &outsiders(0, 1)));
        world.ok(OWNER, "AssociateResourceShare", associate(&arn, &late));
        assert_eq!(world.principal(&arn, &late[0]), Some(AssociationStatus::Associating));
        world.invitation(&late[0]);
    }

    #[test]
    fn an_invitation_that_was_taken_back_shows_and_answers_as_the_switch_says() {
        for (switch, shown, code) in [
            (WithdrawnInvitation::Vanishes, None, "ResourceShareInvitationArnNotFoundException"),
            (WithdrawnInvitation::Expires, Some("EXPIRED"), "ResourceShareInvitationExpiredException"),
            (WithdrawnInvitation::Stays, Some("PENDING"), "OperationNotPermittedException"),
        ] {
            for deleted in [false, true] {
                let mut world = World::with(withdrawing(switch));
                let arn = world.share_with(&[OUTSIDER]);
                let invitation = world.invitation(OUTSIDER);
                if deleted {
                    world.ok(OWNER, "DeleteResourceShare", json!({"resourceShareArn": arn}));
                } else {
                    let removal = associate(&arn, &[OUTSIDER.to_owned()]);
                    world.ok(OWNER, "DisassociateResourceShare", removal);
                }
                let statuses = texts(&Value::Array(world.invitations(OUTSIDER)), "status");
                assert_eq!(statuses, Vec::from_iter(shown), "{switch:?}");
                let input = json!({"resourceShareInvitationArn": invitation});
                assert_eq!(world.code(OUTSIDER, "AcceptResourceShareInvitation", input), code);
                assert_eq!(world.seen(OUTSIDER, "OTHER-ACCOUNTS").len(), 0);
            }
        }
    }

    #[test]
    fn an_invitation_that_was_taken_back_and_stays_expires_without_touching_a_member_that_came_in_since() {
        let mut world = World::with(withdrawing(WithdrawnInvitation::Stays));
        let arn = world.share_with(&[OUTSIDER]);
        let one = associate(&arn, &[OUTSIDER.to_owned()]);
        world.ok(OWNER, "DisassociateResourceShare", one.clone());
        world.ok(OWNER, "AssociateResourceShare", one);
        let newest = world.cloud.invitations()[1].arn.clone();
        let input = json!({"resourceShareInvitationArn": newest});
        world.ok(OUTSIDER, "AcceptResourceShareInvitation", input);
        world.wait_days(7);
        assert_eq!(world.cloud.invitations()[0].status, InvitationStatus::Expired);
        assert_eq!(world.principal(&arn, OUTSIDER), Some(AssociationStatus::Associated));
    }
}
