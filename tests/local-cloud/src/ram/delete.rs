//! DeleteResourceShare.

use serde_json::json;

use super::disassociate::check_blocked;
use super::model::{AssociationStatus, InvitationStatus, Kind, Next, Share, ShareStatus};
use super::settings::SecondDelete;
use super::{Around, Ram};
use crate::ctx::Ctx;
use crate::error::Outcome;
use crate::members::Members;

impl Ram {
    /// A share that is DELETING already is answered as if it were the first time (assumed).
    pub(super) fn delete(&mut self, ctx: &Ctx, members: &Members<'_>, around: &Around<'_>) -> Outcome {
        let arn = members.required_text("resourceShareArn")?;
        let again = ctx.settings.ram.second_delete == SecondDelete::Succeeds
            && self.share(arn).is_some_and(|share| {
                share.status == ShareStatus::Deleted
                    && share.owner == ctx.account()
                    && share.region == ctx.region
            });
        if !again {
            let share = self.owned(ctx, arn, around)?;
            check_blocked(share, ctx.settings.ram.delete_blocked_by, &[])?;
            self.begin_deletion(ctx, arn);
        }
        Ok(json!({"returnValue": true, "clientToken": self.client_token(members)?}))
    }

    fn begin_deletion(&mut self, ctx: &Ctx, arn: &str) {
        self.withdraw_invitations(arn);
        let end = ctx.now + ctx.settings.ram.times.share_deleting;
        let Some(share) = self.share_mut(arn).filter(|share| share.status.is_live()) else { return };
        share.former_principals = principals_of(share);
        share.status = ShareStatus::Deleting;
        share.updated = ctx.now;
        share.next = Some(end);
        for association in share.associations.iter_mut().filter(|found| found.status.is_present()) {
            association.status = AssociationStatus::Disassociating;
            association.updated = ctx.now;
            association.next = Some((end, Next::Disassociated));
        }
    }

    /// A share goes as if its owner had deleted it in the console and it were through; `listed` tells whether it is still
    /// listed as DELETED. False for a share that is not there.
    pub fn remove_by_hand(&mut self, ctx: &Ctx, arn: &str, listed: bool) -> bool {
        self.withdraw_invitations(arn);
        let listed_for = ctx.settings.ram.times.share_deleted;
        let Some(share) = self.share_mut(arn) else { return false };
        if !listed {
            self.shares.retain(|share| share.arn != arn);
            return true;
        }
        share.former_principals = principals_of(share);
        share.associations.clear();
        share.status = ShareStatus::Deleted;
        share.updated = ctx.now;
        share.next = Some(ctx.now + listed_for);
        true
    }

    fn withdraw_invitations(&mut self, share_arn: &str) {
        self.invitations
            .retain(|found| found.share_arn != share_arn || found.status != InvitationStatus::Pending);
    }
}

fn principals_of(share: &Share) -> Vec<String> {
    share.associated(Kind::Principal).map(|found| found.entity.clone()).collect()
}
