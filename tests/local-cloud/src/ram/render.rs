//! RAM's things as JSON, member for member as in the service model.

use serde_json::{Map, Value, json};

use super::model::{Association, Invitation, Kind, Share, Tag};
use super::resource;
use crate::ctx::Ctx;

/// ResourceShare. Tags are shown to the owner only.
pub(super) fn share(ctx: &Ctx, share: &Share) -> Value {
    let mut shown = json!({
        "resourceShareArn": share.arn,
        "name": share.name,
        "owningAccountId": share.owner,
        "allowExternalPrincipals": share.allow_external,
        "status": share.status.as_str(),
        "creationTime": ctx.timestamp(share.created),
        "lastUpdatedTime": ctx.timestamp(share.updated),
        "featureSet": "STANDARD",
        "resourceShareConfiguration": {"retainSharingOnAccountLeaveOrganization": share.retain},
    });
    if share.owner == ctx.account()
        && let Some(members) = shown.as_object_mut()
    {
        members.insert("tags".to_owned(), tags(&share.tags));
    }
    shown
}

fn tags(tags: &[Tag]) -> Value {
    tags.iter().map(|tag| json!({"key": tag.key, "value": tag.value})).collect()
}

/// ResourceShareAssociation.
pub(super) fn association(ctx: &Ctx, share: &Share, association: &Association) -> Value {
    let mut shown = json!({
        "resourceShareArn": share.arn,
        "resourceShareName": share.name,
        "associatedEntity": association.entity,
        "associationType": association.kind.as_str(),
        "status": association.status.as_str(),
        "creationTime": ctx.timestamp(association.created),
        "lastUpdatedTime": ctx.timestamp(association.updated),
        "external": association.external,
    });
    if let (Some(message), Some(members)) = (&association.message, shown.as_object_mut()) {
        members.insert("statusMessage".to_owned(), Value::from(message.as_str()));
    }
    shown
}

/// Resource.
pub(super) fn resource(ctx: &Ctx, share: &Share, association: &Association) -> Value {
    let kind = resource::type_of(&association.entity).map(|found| found.name);
    let status = if association.is_settling() { "PENDING" } else { "AVAILABLE" };
    json!({
        "arn": association.entity,
        "type": kind,
        "resourceShareArn": share.arn,
        "status": status,
        "creationTime": ctx.timestamp(association.created),
        "lastUpdatedTime": ctx.timestamp(association.updated),
        "resourceRegionScope": "REGIONAL",
    })
}

/// Principal.
pub(super) fn principal(ctx: &Ctx, share: &Share, id: &str, association: &Association) -> Value {
    json!({
        "id": id,
        "resourceShareArn": share.arn,
        "creationTime": ctx.timestamp(association.created),
        "lastUpdatedTime": ctx.timestamp(association.updated),
        "external": association.external,
    })
}

/// ResourceShareInvitation, without the associations, which AWS has deprecated there.
pub(super) fn invitation(ctx: &Ctx, invitation: &Invitation) -> Value {
    json!({
        "resourceShareInvitationArn": invitation.arn,
        "resourceShareName": invitation.share_name,
        "resourceShareArn": invitation.share_arn,
        "senderAccountId": invitation.sender,
        "receiverAccountId": invitation.receiver,
        "invitationTimestamp": ctx.timestamp(invitation.sent),
        "status": invitation.status.as_str(),
    })
}

/// An answer of one list and the token of the next page.
pub(super) fn page(name: &str, items: Vec<Value>, next: Option<String>) -> Value {
    let mut members = Map::new();
    members.insert(name.to_owned(), Value::Array(items));
    if let Some(next) = next {
        members.insert("nextToken".to_owned(), Value::from(next));
    }
    Value::Object(members)
}

/// The associations of a share that a call named, as they are now.
pub(super) fn named(ctx: &Ctx, share: &Share, named: &[(Kind, &str)]) -> Vec<Value> {
    let found = named.iter().filter_map(|(kind, entity)| share.association(*kind, entity));
    found.map(|found| association(ctx, share, found)).collect()
}
