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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::ram::testing::{MEMBER, OWNER, World};

    fn tags_of(world: &mut World, arn: &str) -> Value {
        let input = json!({"resourceOwner": "SELF", "resourceShareArns": [arn]});
        world.ok(OWNER, "GetResourceShares", input)["resourceShares"][0]["tags"].clone()
    }

    #[test]
    fn tags_are_added_replaced_and_removed_by_key() {
        let mut world = World::new();
        let arn = world.create(json!({"tags": [{"key": "a", "value": "1"}, {"key": "b", "value": "1"}]}));
        let add =
            json!({"resourceShareArn": arn, "tags": [{"key": "a", "value": "2"}, {"key": "c", "value": ""}]});
        assert_eq!(world.ok(OWNER, "TagResource", add), json!({}));
        world.ok(OWNER, "UntagResource", json!({"resourceShareArn": arn, "tagKeys": ["b", "unknown"]}));
        let expected = json!([{"key": "a", "value": "2"}, {"key": "c", "value": ""}]);
        assert_eq!(tags_of(&mut world, &arn), expected);
    }

    #[test]
    fn reserved_long_double_and_too_many_tags_are_refused() {
        let mut world = World::new();
        let many: Vec<Value> = (0..51).map(|index| json!({"key": index.to_string()})).collect();
        let cases = [
            (json!([{"key": "aws:a", "value": ""}]), "TagPolicyViolationException"),
            (json!([{"key": "k".repeat(129)}]), "InvalidParameterException"),
            (json!([{"key": "k", "value": "v".repeat(257)}]), "InvalidParameterException"),
            (json!([{"key": "k"}, {"key": "k"}]), "InvalidParameterException"),
            (json!([{"value": "v"}]), "InvalidParameterException"),
            (json!(many), "TagLimitExceededException"),
        ];
        for (tags, expected) in cases {
            let code = world.code(OWNER, "CreateResourceShare", json!({"name": "a", "tags": tags}));
            assert_eq!(code, expected, "{tags}");
        }
        let arn = world.create(json!({"tags": many[..50]}));
        let one = json!({"resourceShareArn": arn, "tags": [{"key": "50"}]});
        assert_eq!(world.code(OWNER, "TagResource", one), "TagLimitExceededException");
    }

    #[test]
    fn only_the_owner_tags_and_only_shares() {
        let mut world = World::new();
        let arn = world.share_with(&[MEMBER]);
        let tag = json!({"resourceShareArn": arn, "tags": [{"key": "a"}]});
        assert_eq!(world.code(MEMBER, "TagResource", tag), "ResourceArnNotFoundException");
        let untag = json!({"resourceShareArn": arn, "tagKeys": ["a"]});
        assert_eq!(world.code(MEMBER, "UntagResource", untag), "UnknownResourceException");
        let both = json!({"resourceShareArn": arn, "resourceArn": arn, "tags": []});
        assert_eq!(world.code(OWNER, "TagResource", both), "InvalidParameterException");
    }
}
