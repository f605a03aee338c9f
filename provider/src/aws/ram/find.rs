//! What RAM has: shares and their associations, to the last page.

use super::{Ram, convert, operation, watched};
use crate::aws::error::{AwsError, ErrorKind, Operation};
use crate::aws::pages::Pages;
use crate::domain::{Association, AssociationStatus, MemberKind, Share, ShareArn};
use aws_sdk_ram::operation::get_resource_share_associations::builders::GetResourceShareAssociationsFluentBuilder;
use aws_sdk_ram::operation::get_resource_shares::builders::GetResourceSharesFluentBuilder;
use aws_sdk_ram::types::{
    ResourceOwner, ResourceShare, ResourceShareAssociation, ResourceShareAssociationStatus,
    ResourceShareAssociationType, TagFilter,
};

const SHARES: Operation = operation("GetResourceShares");
const ASSOCIATIONS: Operation = operation("GetResourceShareAssociations");

/// The most that RAM puts on a page.
const PAGE: i32 = 500;

/// Which associations of a share to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Only<'a> {
    /// All of the kind.
    All,
    /// Those with this member: an ARN or an account id.
    Member(&'a str),
    /// Those in this status.
    Status(AssociationStatus),
}

impl Ram {
    /// The share with this ARN, of the caller's own. Deleted ones are answered as DELETED for about two hours, and are
    /// `None` then (AWS RAM user guide, deleting a resource share).
    ///
    /// # Errors
    /// As at [`Ram`].
    pub async fn find_share(&self, arn: &ShareArn) -> Result<Option<Share>, AwsError> {
        let found = self.share_pages(self.own_shares().resource_share_arns(arn.as_str())).await;
        let found = none_if_unknown(found)?;
        let share = found.into_iter().find(|share| share.resource_share_arn() == Some(arn.as_str()));
        share.map(|share| convert::share(SHARES, share)).transpose()
    }

    /// The live shares of exactly this name, of the caller's own. Names are not unique, and deleted twins stay listed.
    /// Whether RAM's filter is exact is not documented (UNCONFIRMED), so the name is checked here too.
    ///
    /// # Errors
    /// As at [`Ram`].
    pub async fn find_shares_named(&self, name: &str) -> Result<Vec<Share>, AwsError> {
        let found = self.share_pages(self.own_shares().name(name)).await?;
        live(found.into_iter().filter(|share| share.name() == Some(name)))
    }

    /// The live shares that carry this tag, of the caller's own. RAM's filters are checked here too.
    ///
    /// # Errors
    /// As at [`Ram`].
    pub async fn find_shares_tagged(&self, key: &str, value: &str) -> Result<Vec<Share>, AwsError> {
        let filter = TagFilter::builder().tag_key(key).tag_values(value).build();
        let found = self.share_pages(self.own_shares().tag_filters(filter)).await?;
        live(found.into_iter().filter(|share| {
            share.tags().iter().any(|tag| tag.key() == Some(key) && tag.value() == Some(value))
        }))
    }

    /// The associations of a share of the caller's own, of one kind. None where RAM does not know the share.
    ///
    /// # Errors
    /// As at [`Ram`].
    pub async fn associations(
        &self,
        share: &ShareArn,
        kind: MemberKind,
        only: Only<'_>,
    ) -> Result<Vec<Association>, AwsError> {
        let found = self.association_pages(self.associations_request(share, kind, &only)).await;
        convert::associations(ASSOCIATIONS, none_if_unknown(found)?)
    }

    async fn association_pages(
        &self,
        request: GetResourceShareAssociationsFluentBuilder,
    ) -> Result<Vec<ResourceShareAssociation>, AwsError> {
        let mut pages = Pages::of(ASSOCIATIONS);
        while pages.has_more() {
            let request = request.clone().set_next_token(pages.token());
            let watch = self.watch(ASSOCIATIONS);
            let answer = watch.end(request.customize().config_override(watched(&watch)).send()).await?;
            pages.add(answer.resource_share_associations, answer.next_token)?;
        }
        Ok(pages.into_items())
    }

    fn associations_request(
        &self,
        share: &ShareArn,
        kind: MemberKind,
        only: &Only<'_>,
    ) -> GetResourceShareAssociationsFluentBuilder {
        let request = self
            .client
            .get_resource_share_associations()
            .resource_share_arns(share.as_str())
            .max_results(PAGE);
        let request = match kind {
            MemberKind::Resource => request.association_type(ResourceShareAssociationType::Resource),
            MemberKind::Principal => request.association_type(ResourceShareAssociationType::Principal),
        };
        match (only, kind) {
            (Only::All, _) => request,
            (Only::Member(id), MemberKind::Resource) => request.resource_arn(*id),
            (Only::Member(id), MemberKind::Principal) => request.principal(*id),
            (Only::Status(status), _) => {
                request.association_status(ResourceShareAssociationStatus::from(status.as_str()))
            }
        }
    }

    fn own_shares(&self) -> GetResourceSharesFluentBuilder {
        self.client.get_resource_shares().resource_owner(ResourceOwner::SelfValue).max_results(PAGE)
    }

    async fn share_pages(
        &self,
        request: GetResourceSharesFluentBuilder,
    ) -> Result<Vec<ResourceShare>, AwsError> {
        let mut pages = Pages::of(SHARES);
        while pages.has_more() {
            let request = request.clone().set_next_token(pages.token());
            let watch = self.watch(SHARES);
            let answer = watch.end(request.customize().config_override(watched(&watch)).send()).await?;
            pages.add(answer.resource_shares, answer.next_token)?;
        }
        Ok(pages.into_items())
    }
}

fn none_if_unknown<T>(found: Result<Vec<T>, AwsError>) -> Result<Vec<T>, AwsError> {
    match found {
        Err(error) if error.kind == ErrorKind::NotFound => Ok(Vec::new()),
        other => other,
    }
}

fn live(found: impl Iterator<Item = ResourceShare>) -> Result<Vec<Share>, AwsError> {
    let shares: Result<Vec<_>, _> = found.map(|share| convert::share(SHARES, share)).collect();
    Ok(shares?.into_iter().filter(|share| share.status.is_live()).collect())
}
