//! From RAM's answers to domain types. A member that the provider cannot do without and that is absent is an error of
//! the call, never a guess.

use crate::aws::error::{AwsError, Cause, ErrorKind, Operation};
use crate::domain::{
    Association, AssociationStatus, Invitation, InvitationStatus, Member, ResourceStatus, Share, ShareStatus,
    SharedResource,
};
use aws_sdk_ram::primitives::DateTime;
use aws_sdk_ram::types::{
    Resource, ResourceShare, ResourceShareAssociation, ResourceShareAssociationType, ResourceShareInvitation,
};
use std::str::FromStr;
use std::time::SystemTime;

pub(super) fn share(operation: Operation, answer: ResourceShare) -> Result<Share, AwsError> {
    Ok(Share {
        arn: parsed(operation, "resourceShareArn", answer.resource_share_arn.as_deref())?,
        owner: parsed(operation, "owningAccountId", answer.owning_account_id.as_deref())?,
        name: present(operation, "name", answer.name)?,
        status: ShareStatus::from(present(operation, "status", answer.status)?.as_str()),
        status_message: answer.status_message,
        // RAM's default where it says nothing.
        allow_external_principals: answer.allow_external_principals.unwrap_or(true),
        retain_sharing: answer
            .resource_share_configuration
            .and_then(|settings| settings.retain_sharing_on_account_leave_organization)
            .unwrap_or(false),
        tags: answer
            .tags
            .unwrap_or_default()
            .into_iter()
            .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
            .collect(),
        updated: answer.last_updated_time.and_then(milliseconds),
    })
}

fn milliseconds(time: DateTime) -> Option<i64> {
    time.to_millis().ok()
}

/// `None` for associations of kinds that the provider does not manage (sources of service principals).
fn association(
    operation: Operation,
    answer: ResourceShareAssociation,
) -> Result<Option<Association>, AwsError> {
    let id = present(operation, "associatedEntity", answer.associated_entity)?;
    let member = match present(operation, "associationType", answer.association_type)? {
        ResourceShareAssociationType::Principal => Member::principal(id),
        ResourceShareAssociationType::Resource => Member::resource(id),
        _ => return Ok(None),
    };
    Ok(Some(Association {
        member,
        status: AssociationStatus::from(present(operation, "status", answer.status)?.as_str()),
        external: answer.external.unwrap_or(false),
        message: answer.status_message,
        updated: answer.last_updated_time.and_then(milliseconds),
    }))
}

pub(super) fn associations(
    operation: Operation,
    answers: Vec<ResourceShareAssociation>,
) -> Result<Vec<Association>, AwsError> {
    answers.into_iter().filter_map(|answer| association(operation, answer).transpose()).collect()
}

pub(super) fn invitation(
    operation: Operation,
    answer: ResourceShareInvitation,
) -> Result<Invitation, AwsError> {
    Ok(Invitation {
        arn: present(operation, "resourceShareInvitationArn", answer.resource_share_invitation_arn)?,
        status: InvitationStatus::from(present(operation, "status", answer.status)?.as_str()),
        sender: parsed(operation, "senderAccountId", answer.sender_account_id.as_deref())?,
        sent_at: answer.invitation_timestamp.and_then(|time| SystemTime::try_from(time).ok()),
    })
}

/// `None` for what is no license configuration.
pub(super) fn shared_resource(answer: Resource) -> Option<SharedResource> {
    Some(SharedResource {
        arn: answer.arn?.parse().ok()?,
        status: answer.status.map(|status| ResourceStatus::from(status.as_str())),
    })
}

pub(super) fn present<T>(
    operation: Operation,
    member: &'static str,
    value: Option<T>,
) -> Result<T, AwsError> {
    value.ok_or_else(|| AwsError::new(operation, ErrorKind::Other, Some(Cause::Incomplete { member })))
}

fn parsed<T: FromStr>(operation: Operation, member: &'static str, text: Option<&str>) -> Result<T, AwsError> {
    present(operation, member, text.and_then(|text| text.parse().ok()))
}
