//! CreateResourceShare.

use serde_json::json;

use super::join::Named;
use super::model::{Share, ShareStatus, Tag};
use super::{Around, Ram, errors, permissions, render, tags};
use crate::ctx::Ctx;
use crate::error::{Outcome, ServiceError};
use crate::members::Members;

impl Ram {
    /// Everything is checked before anything is made. Names are not unique.
    pub(super) fn create(&mut self, ctx: &Ctx, members: &Members<'_>, around: &Around<'_>) -> Outcome {
        let named = named(members)?;
        let mut share = new_share(ctx, members)?;
        tags::check(&share.tags, ctx.settings.ram.quotas.tags)?;
        permissions::check(ctx, &share.permissions)?;
        self.check_shares(ctx)?;
        // The ARN follows the checks, so that refused calls use up no id.
        share.arn = format!("arn:{}:ram:{}:{}:resource-share/", ctx.partition, ctx.region, ctx.account());
        let additions = self.judge(ctx, &share, &named, around)?;
        share.arn.push_str(&self.ids.uuid());
        let shown = render::share(ctx, &share);
        let arn = share.arn.clone();
        self.shares.push(share);
        self.join(ctx, &arn, additions);
        Ok(json!({"resourceShare": shown, "clientToken": self.client_token(members)?}))
    }

    /// The clientToken of the request, or one that the service makes up.
    pub(super) fn client_token(&mut self, members: &Members<'_>) -> Result<String, ServiceError> {
        Ok(members.text("clientToken")?.map_or_else(|| self.ids.uuid(), str::to_owned))
    }

    fn check_shares(&self, ctx: &Ctx) -> Result<(), ServiceError> {
        let owned = self.shares.iter().filter(|share| {
            share.owner == ctx.account() && share.region == ctx.region && share.status.is_live()
        });
        if owned.count() >= ctx.settings.ram.quotas.shares {
            return Err(errors::limit("The resource shares of the account would exceed the quota."));
        }
        Ok(())
    }
}

/// The members that a call names. Sources limit service principals, which license configurations do not go to.
pub(super) fn named<'a>(members: &Members<'a>) -> Result<Named<'a>, ServiceError> {
    if members.texts("sources")?.is_some_and(|sources| !sources.is_empty()) {
        return Err(errors::invalid_parameter("sources can be used with service principals only."));
    }
    Ok(Named {
        principals: members.texts("principals")?.unwrap_or_default(),
        resources: members.texts("resourceArns")?.unwrap_or_default(),
    })
}

fn new_share(ctx: &Ctx, members: &Members<'_>) -> Result<Share, ServiceError> {
    let pending = ctx.settings.ram.times.share_pending;
    let configuration = members.structure("resourceShareConfiguration")?;
    let retain = match configuration {
        Some(configuration) => {
            configuration.flag("retainSharingOnAccountLeaveOrganization")?.unwrap_or(false)
        }
        None => false,
    };
    let share = Share {
        arn: String::new(),
        name: members.required_text("name")?.to_owned(),
        owner: ctx.account().to_owned(),
        region: ctx.region.clone(),
        allow_external: members.flag("allowExternalPrincipals")?.unwrap_or(true),
        retain,
        tags: read_tags(members)?,
        permissions: members
            .texts("permissionArns")?
            .unwrap_or_default()
            .iter()
            .map(ToString::to_string)
            .collect(),
        status: if pending.is_zero() { ShareStatus::Active } else { ShareStatus::Pending },
        created: ctx.now,
        updated: ctx.now,
        next: (!pending.is_zero()).then_some(ctx.now + pending),
        associations: Vec::new(),
        former_principals: Vec::new(),
    };
    if share.retain && !share.allow_external {
        let message = "retainSharingOnAccountLeaveOrganization needs allowExternalPrincipals to be true.";
        return Err(errors::invalid_parameter(message));
    }
    Ok(share)
}

/// The `tags` of a call.
pub(super) fn read_tags(members: &Members<'_>) -> Result<Vec<Tag>, ServiceError> {
    let tags = members.structures("tags")?.unwrap_or_default();
    let read = tags.iter().map(|tag| {
        let value = tag.text("value")?.unwrap_or_default().to_owned();
        Ok(Tag { key: tag.required_text("key")?.to_owned(), value })
    });
    read.collect()
}
