//! AssociateResourceShare.

use serde_json::json;

use super::create::named;
use super::model::ShareStatus;
use super::{Around, Ram, errors, render};
use crate::ctx::Ctx;
use crate::error::Outcome;
use crate::members::Members;

impl Ram {
    /// A member that is there already is answered with its present status, silently (terraform-provider-aws issues
    /// 33483 and 42367). A share that is PENDING or DELETING refuses with InvalidStateTransitionException (assumed).
    pub(super) fn associate(&mut self, ctx: &Ctx, members: &Members<'_>, around: &Around<'_>) -> Outcome {
        let arn = members.required_text("resourceShareArn")?;
        let named = named(members)?;
        let share = self.owned(ctx, arn, around)?;
        if named.all().is_empty() {
            return Err(errors::invalid_parameter("You must name at least one resource or principal."));
        }
        if share.status != ShareStatus::Active {
            let status = share.status.as_str();
            return Err(errors::state(format!("The resource share {arn} is in {status} status.")));
        }
        let additions = self.judge(ctx, share, &named, around)?;
        self.join(ctx, arn, additions);
        let share = self.owned(ctx, arn, around)?;
        let associations = render::named(ctx, share, &named.all());
        Ok(json!({"resourceShareAssociations": associations, "clientToken": self.client_token(members)?}))
    }
}
