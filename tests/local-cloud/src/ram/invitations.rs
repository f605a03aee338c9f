//! Invitations, as their receiver sees and answers them. The sender cannot list them.

use serde_json::json;

use super::listing::List;
use super::model::{Invitation, InvitationStatus, Kind};
use super::{Ram, arn, errors, render};
use crate::ctx::Ctx;
use crate::error::{Outcome, ServiceError};
use crate::members::Members;

impl Ram {
    /// Invitations that the caller received. A share without one for the caller gives an empty list (assumed); an
    /// invitation that the caller does not have is ResourceShareInvitationArnNotFoundException.
    pub(super) fn get_invitations(&self, list: &List<'_>) -> Outcome {
        let arns = list.members.texts("resourceShareInvitationArns")?.unwrap_or_default();
        for text in &arns {
            self.received(list.ctx, text)?;
        }
        let shares = list.members.texts("resourceShareArns")?.unwrap_or_default();
        for text in &shares {
            arn::check_share(text)?;
        }
        let found = self.invitations.iter().filter(|found| {
            is_received(found, list.ctx)
                && (arns.is_empty() || arns.contains(&found.arn.as_str()))
                && (shares.is_empty() || shares.contains(&found.share_arn.as_str()))
        });
        list.page(
            "resourceShareInvitations",
            found.map(|found| render::invitation(list.ctx, found)).collect(),
        )
    }

    pub(super) fn accept(&mut self, ctx: &Ctx, members: &Members<'_>) -> Outcome {
        let text = members.required_text("resourceShareInvitationArn")?;
        let pending = self.received(ctx, text)?;
        if pending.status == InvitationStatus::Pending && !self.is_waited_for(pending) {
            let share = &pending.share_arn;
            return Err(errors::not_permitted(format!("The resource share {share} is not shared with you.")));
        }
        let invitation = self.answer(ctx, members, InvitationStatus::Accepted)?;
        self.let_in(&invitation, ctx.now, &ctx.settings.ram);
        self.answered(ctx, members, &invitation)
    }

    pub(super) fn reject(&mut self, ctx: &Ctx, members: &Members<'_>) -> Outcome {
        let invitation = self.answer(ctx, members, InvitationStatus::Rejected)?;
        self.refuse(&invitation.share_arn, &invitation.receiver, ctx.now, &ctx.settings.ram);
        self.answered(ctx, members, &invitation)
    }

    /// What an invitation is about, while it is PENDING.
    pub(super) fn list_pending_resources(&self, list: &List<'_>) -> Outcome {
        let text = list.members.required_text("resourceShareInvitationArn")?;
        let invitation = self.received(list.ctx, text)?;
        match invitation.status {
            InvitationStatus::Pending => {}
            // Not modelled here as an error of its own.
            InvitationStatus::Accepted => {
                return Err(errors::invalid_parameter(format!("The invitation {text} is not pending.")));
            }
            InvitationStatus::Rejected | InvitationStatus::Expired => return Err(closed(invitation)),
        }
        let global = list.is_global_only()?;
        let share = self.share(&invitation.share_arn).filter(|_| !global);
        let resources = share.into_iter().flat_map(|share| {
            share.associated(Kind::Resource).map(move |found| render::resource(list.ctx, share, found))
        });
        list.page("resources", resources.collect())
    }

    fn answer(
        &mut self,
        ctx: &Ctx,
        members: &Members<'_>,
        answer: InvitationStatus,
    ) -> Result<Invitation, ServiceError> {
        let text = members.required_text("resourceShareInvitationArn")?;
        let invitation = self.received(ctx, text)?;
        if invitation.status != InvitationStatus::Pending {
            return Err(closed(invitation));
        }
        let found = self.invitations.iter_mut().find(|found| found.arn == text);
        let invitation = found.ok_or_else(|| not_found(text))?;
        invitation.status = answer;
        invitation.changed = ctx.now;
        Ok(invitation.clone())
    }

    fn answered(&mut self, ctx: &Ctx, members: &Members<'_>, invitation: &Invitation) -> Outcome {
        let shown = render::invitation(ctx, invitation);
        Ok(json!({"resourceShareInvitation": shown, "clientToken": self.client_token(members)?}))
    }

    fn received(&self, ctx: &Ctx, text: &str) -> Result<&Invitation, ServiceError> {
        arn::check_invitation(text)?;
        let mut received = self.invitations.iter().filter(|found| is_received(found, ctx));
        received.find(|found| found.arn == text).ok_or_else(|| not_found(text))
    }
}

fn is_received(invitation: &Invitation, ctx: &Ctx) -> bool {
    invitation.receiver == ctx.account()
        && invitation.region == ctx.region
        && ctx.now >= invitation.shown_from
}

fn not_found(text: &str) -> ServiceError {
    errors::invitation("ResourceShareInvitationArnNotFoundException", text, "could not be found")
}

fn closed(invitation: &Invitation) -> ServiceError {
    let (code, what) = match invitation.status {
        InvitationStatus::Rejected => {
            ("ResourceShareInvitationAlreadyRejectedException", "was already rejected")
        }
        InvitationStatus::Expired => ("ResourceShareInvitationExpiredException", "is expired"),
        InvitationStatus::Accepted | InvitationStatus::Pending => {
            ("ResourceShareInvitationAlreadyAcceptedException", "was already accepted")
        }
    };
    errors::invitation(code, &invitation.arn, what)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::ram::testing::{MEMBER, OUTSIDER, OWNER, World, texts};
    use crate::ram::{AssociationStatus, RefusedInvitation};

    const ACCEPT: &str = "AcceptResourceShareInvitation";
    const REJECT: &str = "RejectResourceShareInvitation";

    fn of(invitation: &str) -> Value {
        json!({"resourceShareInvitationArn": invitation})
    }

    #[test]
    fn an_accepted_invitation_lets_the_account_in() {
        let mut world = World::with(|ram| ram.times.associate_account = Duration::from_secs(2));
        let arn = world.share_with(&[OUTSIDER]);
        world.wait_days(3);
        assert_eq!(world.principal(&arn, OUTSIDER), Some(AssociationStatus::Associating));
        assert_eq!(world.seen(OUTSIDER, "OTHER-ACCOUNTS").len(), 0);
        let shown = world.invitations(OUTSIDER);
        assert_eq!(shown[0]["status"], "PENDING");
        assert_eq!(shown[0]["senderAccountId"], OWNER);
        assert_eq!(shown[0]["resourceShareArn"], arn.as_str());
        let invitation = world.invitation(OUTSIDER);
        assert!(invitation.starts_with("arn:aws:ram:eu-west-1:111111111111:resource-share-invitation/"));
        let answer = world.ok(OUTSIDER, ACCEPT, of(&invitation));
        assert_eq!(answer["resourceShareInvitation"]["status"], "ACCEPTED");
        assert_eq!(world.principal(&arn, OUTSIDER), Some(AssociationStatus::Associating));
        world.wait(2);
        assert_eq!(world.principal(&arn, OUTSIDER), Some(AssociationStatus::Associated));
        assert_eq!(world.seen(OUTSIDER, "OTHER-ACCOUNTS"), [arn]);
        assert_eq!(
            world.code(OUTSIDER, ACCEPT, of(&invitation)),
            "ResourceShareInvitationAlreadyAcceptedException"
        );
    }

    #[test]
    fn the_association_of_a_rejected_invitation_goes_as_the_switch_says() {
        for (switch, expected) in [
            (RefusedInvitation::Disassociated, AssociationStatus::Disassociated),
            (RefusedInvitation::Failed, AssociationStatus::Failed),
        ] {
            let mut world = World::with(|ram| ram.refused_invitation = switch);
            let arn = world.share_with(&[OUTSIDER]);
            let invitation = world.invitation(OUTSIDER);
            let answer = world.ok(OUTSIDER, REJECT, of(&invitation));
            assert_eq!(answer["resourceShareInvitation"]["status"], "REJECTED");
            assert_eq!(world.principal(&arn, OUTSIDER), Some(expected));
            let code = "ResourceShareInvitationAlreadyRejectedException";
            assert_eq!(world.code(OUTSIDER, ACCEPT, of(&invitation)), code);
            assert_eq!(world.code(OUTSIDER, "ListPendingInvitationResources", of(&invitation)), code);
            // It can be invited again.
            world.ok(
                OWNER,
                "AssociateResourceShare",
                json!({"resourceShareArn": arn, "principals": [OUTSIDER]}),
            );
            assert_eq!(world.principal(&arn, OUTSIDER), Some(AssociationStatus::Associating));
            assert_eq!(world.invitations(OUTSIDER).len(), 2);
        }
    }

    #[test]
    fn the_association_of_an_invitation_that_ended_can_stay_associating_or_vanish() {
        let mut world = World::with(|ram| ram.refused_invitation = RefusedInvitation::Stays);
        let arn = world.share_with(&[OUTSIDER]);
        let invitation = world.invitation(OUTSIDER);
        world.ok(OUTSIDER, REJECT, of(&invitation));
        world.wait_days(8);
        assert_eq!(world.principal(&arn, OUTSIDER), Some(AssociationStatus::Associating));
        let again = json!({"resourceShareArn": arn, "principals": [OUTSIDER]});
        // It is there already, so nobody is invited before it is removed.
        world.ok(OWNER, "AssociateResourceShare", again.clone());
        assert_eq!(world.invitations(OUTSIDER).len(), 0);
        world.ok(OWNER, "DisassociateResourceShare", again.clone());
        world.ok(OWNER, "AssociateResourceShare", again);
        world.set(|ram| ram.refused_invitation = RefusedInvitation::Vanishes);
        world.wait_days(7);
        assert_eq!(world.invitations(OUTSIDER)[0]["status"], "EXPIRED");
        assert_eq!(world.principal(&arn, OUTSIDER), None);
    }

    #[test]
    fn an_invitation_expires_after_seven_days_and_is_listed_for_seven_more() {
        let mut world = World::new();
        let arn = world.share_with(&[OUTSIDER]);
        let invitation = world.invitation(OUTSIDER);
        world.wait_days(7);
        assert_eq!(world.invitations(OUTSIDER)[0]["status"], "EXPIRED");
        assert_eq!(world.principal(&arn, OUTSIDER), Some(AssociationStatus::Disassociated));
        assert_eq!(world.code(OUTSIDER, ACCEPT, of(&invitation)), "ResourceShareInvitationExpiredException");
        world.wait(60);
        assert_eq!(world.principal(&arn, OUTSIDER), None);
        world.wait_days(7);
        assert_eq!(world.invitations(OUTSIDER).len(), 0);
        assert_eq!(
            world.code(OUTSIDER, ACCEPT, of(&invitation)),
            "ResourceShareInvitationArnNotFoundException"
        );
    }

    #[test]
    fn an_invitation_may_show_late() {
        let mut world = World::with(|ram| ram.times.invitation_shown = Duration::from_secs(30));
        world.share_with(&[OUTSIDER]);
        assert_eq!(world.invitations(OUTSIDER).len(), 0);
        world.wait(30);
        assert_eq!(world.invitations(OUTSIDER).len(), 1);
    }

    #[test]
    fn nobody_else_sees_or_answers_an_invitation() {
        let mut world = World::new();
        world.share_with(&[OUTSIDER]);
        let invitation = world.invitation(OUTSIDER);
        for account in [OWNER, MEMBER] {
            assert_eq!(world.invitations(account).len(), 0);
            assert_eq!(
                world.code(account, ACCEPT, of(&invitation)),
                "ResourceShareInvitationArnNotFoundException"
            );
        }
        let (_, code, _) = world.send(OUTSIDER, "us-east-1", ACCEPT, &of(&invitation));
        assert_eq!(code.unwrap(), "ResourceShareInvitationArnNotFoundException");
        assert_eq!(world.code(OUTSIDER, ACCEPT, of("x")), "MalformedArnException");
        assert_eq!(world.code(OUTSIDER, ACCEPT, json!({})), "MalformedArnException");
    }

    #[test]
    fn invitations_are_found_by_share() {
        let mut world = World::new();
        let (one, two) = (world.share_with(&[OUTSIDER]), world.share_with(&[OUTSIDER]));
        let input = json!({"resourceShareArns": [two]});
        let answer = world.ok(OUTSIDER, "GetResourceShareInvitations", input);
        assert_eq!(texts(&answer["resourceShareInvitations"], "resourceShareArn"), [two]);
        let none = json!({"resourceShareArns": [format!("{one}0")]});
        let answer = world.ok(OUTSIDER, "GetResourceShareInvitations", none);
        assert_eq!(answer, json!({"resourceShareInvitations": []}));
        let size = world.code(OUTSIDER, "GetResourceShareInvitations", json!({"maxResults": 0}));
        assert_eq!(size, "InvalidMaxResultsException");
    }

    #[test]
    fn what_an_invitation_is_about_shows_while_it_is_pending() {
        let mut world = World::new();
        world.share_with(&[OUTSIDER]);
        let invitation = world.invitation(OUTSIDER);
        let answer = world.ok(OUTSIDER, "ListPendingInvitationResources", of(&invitation));
        assert_eq!(texts(&answer["resources"], "arn"), [world.license.clone()]);
        world.ok(OUTSIDER, ACCEPT, of(&invitation));
        let code = world.code(OUTSIDER, "ListPendingInvitationResources", of(&invitation));
        assert_eq!(code, "InvalidParameterException");
        let code = world.code(OUTSIDER, "ListPendingInvitationResources", json!({}));
        assert_eq!(code, "MissingRequiredParameterException");
    }
}
