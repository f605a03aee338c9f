//! TagResource and UntagResource, and what tags may be.

use serde_json::json;

use super::create::read_tags;
use super::model::{Share, ShareStatus, Tag};
use super::{Ram, arn, errors};
use crate::ctx::Ctx;
use crate::error::{Outcome, ServiceError};
use crate::members::Members;

impl Ram {
    /// An unknown share is ResourceArnNotFoundException here (ram facts 1.7).
    pub(super) fn tag(&mut self, ctx: &Ctx, members: &Members<'_>) -> Outcome {
        let arn = share_arn(members)?;
        members.structures("tags")?.ok_or_else(|| errors::invalid_parameter("tags is required"))?;
        let tags = read_tags(members)?;
        let most = ctx.settings.ram.quotas.tags;
        check(&tags, most)?;
        let not_found = || {
            let message = format!("The resource share {arn} could not be found.");
            ServiceError::bad_request("ResourceArnNotFoundException", message)
        };
        let share = self.taggable(ctx, arn).ok_or_else(not_found)?;
        let mut all = share.tags.clone();
        all.retain(|tag| tags.iter().all(|new| new.key != tag.key));
        all.extend(tags);
        check(&all, most)?;
        share.tags = all;
        share.updated = ctx.now;
        Ok(json!({}))
    }

    pub(super) fn untag(&mut self, ctx: &Ctx, members: &Members<'_>) -> Outcome {
        let arn = share_arn(members)?;
        let keys =
            members.texts("tagKeys")?.ok_or_else(|| errors::invalid_parameter("tagKeys is required"))?;
        let share = self.taggable(ctx, arn).ok_or_else(|| errors::unknown_share(arn))?;
        share.tags.retain(|tag| !keys.contains(&tag.key.as_str()));
        share.updated = ctx.now;
        Ok(json!({}))
    }

    fn taggable(&mut self, ctx: &Ctx, arn: &str) -> Option<&mut Share> {
        let share = self.share_mut(arn)?;
        let mine = share.owner == ctx.account() && share.region == ctx.region;
        (mine && share.status != ShareStatus::Deleted).then_some(share)
    }
}

/// Either a share or a permission is tagged. All permissions here are AWS's, and those take no tags.
fn share_arn<'a>(members: &Members<'a>) -> Result<&'a str, ServiceError> {
    match (members.text("resourceShareArn")?, members.text("resourceArn")?) {
        (Some(share), None) => {
            arn::check_share(share)?;
            Ok(share)
        }
        (None, Some(permission)) => {
            Err(errors::invalid_parameter(format!("{permission} is not a customer managed permission.")))
        }
        (Some(_), Some(_)) | (None, None) => {
            Err(errors::invalid_parameter("Specify either resourceShareArn or resourceArn."))
        }
    }
}

/// Checks tags: keys of 1 to 128 characters without `aws:`, each once, values to 256 characters, at most `most`.
pub(super) fn check(tags: &[Tag], most: usize) -> Result<(), ServiceError> {
    for (index, tag) in tags.iter().enumerate() {
        if tag.key.to_ascii_lowercase().starts_with("aws:") {
            let message = format!("The tag key {} begins with a reserved word.", tag.key);
            return Err(ServiceError::bad_request("TagPolicyViolationException", message));
        }
        if tag.key.chars().count() > 128 || tag.value.chars().count() > 256 {
            return Err(errors::invalid_parameter(format!("The tag {} is too long.", tag.key)));
        }
        if tags.iter().take(index).any(|other| other.key == tag.key) {
            return Err(errors::invalid_parameter(format!("The tag key {} is there twice.", tag.key)));
        }
    }
    if tags.len() > most {
        let message = format!("A resource share can have up to {most} tags.");
        return Err(ServiceError::bad_request("TagLimitExceededException", message));
    }
    Ok(())
}
