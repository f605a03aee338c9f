//! What changes RAM. Each write that has a client token takes the caller's: RAM's model does not fill one in, and a call
//! that is sent again after a lost answer would otherwise act twice (ram facts 1.1).

use super::convert::{self, present};
use super::{Ram, operation, watched};
use crate::aws::error::{AwsError, Cause, ErrorKind, Operation};
use crate::domain::{Association, Member, MemberKind, Share, ShareArn};
use aws_sdk_ram::types::{ResourceShareConfiguration, Tag};
use std::collections::BTreeMap;

const CREATE: Operation = operation("CreateResourceShare");
const ASSOCIATE: Operation = operation("AssociateResourceShare");
const DISASSOCIATE: Operation = operation("DisassociateResourceShare");
const UPDATE: Operation = operation("UpdateResourceShare");
const DELETE: Operation = operation("DeleteResourceShare");
const TAG: Operation = operation("TagResource");
const UNTAG: Operation = operation("UntagResource");

/// A share to make, with its first members: at most 100 resources and 100 principals, the rest by
/// [`Ram::associate`] (AWS RAM API reference, CreateResourceShare; the limit of principals is UNCONFIRMED).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewShare {
    /// Not unique to RAM.
    pub name: String,
    /// Always sent: RAM's default is true.
    pub allow_external_principals: bool,
    /// Sent only when true: the member is missing in some partitions.
    pub retain_sharing: bool,
    /// ARNs.
    pub resources: Vec<String>,
    /// Account ids, and ARNs of organizational units and organizations.
    pub principals: Vec<String>,
    /// At most 50.
    pub tags: BTreeMap<String, String>,
    /// A UUID; the same for the same share, whoever sends it again.
    pub client_token: String,
}

impl Ram {
    /// Makes a share. Its associations come about later.
    ///
    /// # Errors
    /// As at [`Ram`].
    pub async fn create_share(&self, new: &NewShare) -> Result<Share, AwsError> {
        let retain = new.retain_sharing.then(|| {
            ResourceShareConfiguration::builder().retain_sharing_on_account_leave_organization(true).build()
        });
        let request = self
            .client
            .create_resource_share()
            .name(&new.name)
            .allow_external_principals(new.allow_external_principals)
            .set_resource_share_configuration(retain)
            .set_resource_arns(unless_empty(new.resources.clone()))
            .set_principals(unless_empty(new.principals.clone()))
            .set_tags(unless_empty(tags(&new.tags)))
            .client_token(&new.client_token);
        let watch = self.watch(CREATE);
        let answer = watch.end(request.customize().config_override(watched(&watch)).send()).await?;
        convert::share(CREATE, present(CREATE, "resourceShare", answer.resource_share)?)
    }

    /// Adds members, at most 100 of each kind. The answer may already say FAILED.
    ///
    /// # Errors
    /// As at [`Ram`].
    pub async fn associate(
        &self,
        share: &ShareArn,
        members: &[Member],
        client_token: &str,
    ) -> Result<Vec<Association>, AwsError> {
        let request = self
            .client
            .associate_resource_share()
            .resource_share_arn(share.as_str())
            .set_resource_arns(unless_empty(ids(members, MemberKind::Resource)))
            .set_principals(unless_empty(ids(members, MemberKind::Principal)))
            .client_token(client_token);
        let watch = self.watch(ASSOCIATE);
        let answer = watch.end(request.customize().config_override(watched(&watch)).send()).await?;
        convert::associations(ASSOCIATE, answer.resource_share_associations.unwrap_or_default())
    }

    /// Takes members out, at most 100 of each kind.
    ///
    /// # Errors
    /// As at [`Ram`]. NotFound was seen for a member that is out already (ram facts 1.5).
    pub async fn disassociate(
        &self,
        share: &ShareArn,
        members: &[Member],
        client_token: &str,
    ) -> Result<Vec<Association>, AwsError> {
        let request = self
            .client
            .disassociate_resource_share()
            .resource_share_arn(share.as_str())
            .set_resource_arns(unless_empty(ids(members, MemberKind::Resource)))
            .set_principals(unless_empty(ids(members, MemberKind::Principal)))
            .client_token(client_token);
        let watch = self.watch(DISASSOCIATE);
        let answer = watch.end(request.customize().config_override(watched(&watch)).send()).await?;
        convert::associations(DISASSOCIATE, answer.resource_share_associations.unwrap_or_default())
    }

    /// Changes the name, the flag or both. What is `None` is not sent, and stays (inferred from RAM's reference).
    ///
    /// # Errors
    /// As at [`Ram`].
    pub async fn update_share(
        &self,
        share: &ShareArn,
        name: Option<&str>,
        allow_external: Option<bool>,
        client_token: &str,
    ) -> Result<(), AwsError> {
        let request = self
            .client
            .update_resource_share()
            .resource_share_arn(share.as_str())
            .set_name(name.map(str::to_owned))
            .set_allow_external_principals(allow_external)
            .client_token(client_token);
        let watch = self.watch(UPDATE);
        watch.end(request.customize().config_override(watched(&watch)).send()).await?;
        Ok(())
    }

    /// Deletes a share with all its associations; it is DELETING then.
    ///
    /// # Errors
    /// As at [`Ram`], and an answer of false.
    pub async fn delete_share(&self, share: &ShareArn, client_token: &str) -> Result<(), AwsError> {
        let request =
            self.client.delete_resource_share().resource_share_arn(share.as_str()).client_token(client_token);
        let watch = self.watch(DELETE);
        let answer = watch.end(request.customize().config_override(watched(&watch)).send()).await?;
        match answer.return_value {
            Some(false) => Err(AwsError::new(DELETE, ErrorKind::Other, Some(Cause::NotDone))),
            Some(true) | None => Ok(()),
        }
    }

    /// Sets tags; others stay. No call where there are none.
    ///
    /// # Errors
    /// As at [`Ram`].
    pub async fn tag(&self, share: &ShareArn, wanted: &BTreeMap<String, String>) -> Result<(), AwsError> {
        if wanted.is_empty() {
            return Ok(());
        }
        let request =
            self.client.tag_resource().resource_share_arn(share.as_str()).set_tags(Some(tags(wanted)));
        let watch = self.watch(TAG);
        watch.end(request.customize().config_override(watched(&watch)).send()).await?;
        Ok(())
    }

    /// Takes tags away, whether they are there or not. No call where there are none.
    ///
    /// # Errors
    /// As at [`Ram`].
    pub async fn untag(&self, share: &ShareArn, keys: &[String]) -> Result<(), AwsError> {
        if keys.is_empty() {
            return Ok(());
        }
        let request =
            self.client.untag_resource().resource_share_arn(share.as_str()).set_tag_keys(Some(keys.to_vec()));
        let watch = self.watch(UNTAG);
        watch.end(request.customize().config_override(watched(&watch)).send()).await?;
        Ok(())
    }
}

fn tags(map: &BTreeMap<String, String>) -> Vec<Tag> {
    map.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

fn ids(members: &[Member], kind: MemberKind) -> Vec<String> {
    members.iter().filter(|member| member.kind == kind).map(|member| member.id.clone()).collect()
}

fn unless_empty<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}
