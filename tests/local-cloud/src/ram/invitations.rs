//! Invitations, as their receiver sees and answers them. The sender cannot list them.

use serde_json::json;

use super::listing::List;
use super::model::{Invitation, InvitationStatus, Kind, Next};
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
        let invitation = self.answer(ctx, members, InvitationStatus::Accepted)?;
        let settled = ctx.now + ctx.settings.ram.times.associate_account;
        if let Some(share) = self.share_mut(&invitation.share_arn)
            && let Some(found) = share.association_mut(Kind::Principal, &invitation.receiver)
        {
            found.next = Some((settled, Next::Associated));
        }
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
