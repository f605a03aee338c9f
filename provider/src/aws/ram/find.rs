//! What RAM has: shares and their associations, to the last page.

use super::{Ram, convert, operation, watched};
use crate::aws::error::{AwsError, ErrorKind, Operation};
use crate::aws::pages::Pages;
use crate::domain::{Association, AssociationStatus, MemberKind, Share, ShareArn};
use aws_sdk_ram::operation::get_resource_share_associations::builders::GetResourceShareAssociationsFluentBuilder;
use aws_sdk_ram::operation::get_resource_shares::builders::GetResourceSharesFluentBuilder;
use aws_sdk_ram::types::{
    ResourceOwner, ResourceShare, ResourceShareAssociationStatus, ResourceShareAssociationType, TagFilter,
};

const SHARES: Operation = operation("GetResourceShares");
const ASSOCIATIONS: Operation = operation("GetResourceShareAssociations");

/// The most that RAM puts on a page.
pub(super) const PAGE: i32 = 500;

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
        self.find_share_of(ResourceOwner::SelfValue, arn).await
    }

    pub(super) async fn find_share_of(
        &self,
        owner: ResourceOwner,
        arn: &ShareArn,
    ) -> Result<Option<Share>, AwsError> {
        let found = self.share_pages(self.shares_of(owner).resource_share_arns(arn.as_str())).await;
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

    /// The shares that carry this tag, of the caller's own; deleted ones are among them for about two hours. RAM's filters
    /// are checked here too.
    ///
    /// # Errors
    /// As at [`Ram`].
    pub async fn find_shares_tagged(&self, key: &str, value: &str) -> Result<Vec<Share>, AwsError> {
        let filter = TagFilter::builder().tag_key(key).tag_values(value).build();
        let found = self.share_pages(self.own_shares().tag_filters(filter)).await?;
        let found = found.into_iter().filter(|share| {
            share.tags().iter().any(|tag| tag.key() == Some(key) && tag.value() == Some(value))
        });
        found.map(|share| convert::share(SHARES, share)).collect()
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
        self.associations_until(share, kind, only, |_| false).await
    }

    /// The same up to the first page with an association that `is_enough`: whether there is any, in one call as a rule.
    ///
    /// # Errors
    /// As at [`Ram`].
    pub async fn associations_until(
        &self,
        share: &ShareArn,
        kind: MemberKind,
        only: Only<'_>,
        is_enough: impl Fn(&Association) -> bool + Send,
    ) -> Result<Vec<Association>, AwsError> {
        let request = self.associations_request(share, kind, &only);
        none_if_unknown(self.association_pages(request, is_enough).await)
    }

    async fn association_pages(
        &self,
        request: GetResourceShareAssociationsFluentBuilder,
        is_enough: impl Fn(&Association) -> bool + Send,
    ) -> Result<Vec<Association>, AwsError> {
        let mut pages = Pages::of(ASSOCIATIONS);
        while pages.has_more() {
            let request = request.clone().set_next_token(pages.token());
            let watch = self.watch(ASSOCIATIONS);
            let answer = watch.end(request.customize().config_override(watched(&watch)).send()).await?;
            let found = answer.resource_share_associations.unwrap_or_default();
            let found = convert::associations(ASSOCIATIONS, found)?;
            let enough = found.iter().any(&is_enough);
            pages.add(Some(found), answer.next_token)?;
            if enough {
                break;
            }
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
        self.shares_of(ResourceOwner::SelfValue)
    }

    fn shares_of(&self, owner: ResourceOwner) -> GetResourceSharesFluentBuilder {
        self.client.get_resource_shares().resource_owner(owner).max_results(PAGE)
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

pub(super) fn none_if_unknown<T>(found: Result<Vec<T>, AwsError>) -> Result<Vec<T>, AwsError> {
    match found {
        Err(error) if error.kind == ErrorKind::NotFound => Ok(Vec::new()),
        other => other,
    }
}

fn live(found: impl Iterator<Item = ResourceShare>) -> Result<Vec<Share>, AwsError> {
    let shares: Result<Vec<_>, _> = found.map(|share| convert::share(SHARES, share)).collect();
    Ok(shares?.into_iter().filter(|share| share.status.is_live()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{FakeAws, Reply};
    use crate::aws::{Cause, Deadline};
    use crate::domain::{Member, ShareStatus};
    use serde_json::{Value, json};
    use std::time::Duration;

    const ARN: &str = "arn:aws:ram:eu-west-1:111122223333:resource-share/uuid-1";

    fn arn(id: &str) -> String {
        format!("arn:aws:ram:eu-west-1:111122223333:resource-share/{id}")
    }

    fn share(id: &str, name: &str, status: &str) -> Value {
        json!({
            "resourceShareArn": arn(id), "name": name, "owningAccountId": "111122223333", "status": status,
            "allowExternalPrincipals": false, "tags": [{"key": "owner", "value": "us"}],
            "creationTime": 1_764_000_000.5, "featureSet": "STANDARD",
        })
    }

    fn shares(list: &[Value], next: Option<&str>) -> Reply {
        Reply::Json(json!({"resourceShares": list, "nextToken": next}))
    }

    fn ram(aws: &FakeAws) -> Ram {
        aws.clients().ram(Deadline::after(Duration::from_secs(5)))
    }

    fn ids(found: &[Share]) -> Vec<&str> {
        found.iter().map(|share| share.arn.id()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_share_is_read_whole() {
        let mut answer = share("uuid-1", "licenses", "ACTIVE");
        answer["statusMessage"] = "fine".into();
        answer["allowExternalPrincipals"] = true.into();
        answer["lastUpdatedTime"] = 1_767_225_600.5.into();
        answer["resourceShareConfiguration"] = json!({"retainSharingOnAccountLeaveOrganization": true});
        let aws = FakeAws::in_turn([shares(&[answer], None)]);
        let found = ram(&aws).find_share(&ARN.parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(
            found,
            Share {
                arn: ARN.parse().unwrap(),
                name: "licenses".into(),
                owner: "111122223333".parse().unwrap(),
                status: ShareStatus::Active,
                status_message: Some("fine".into()),
                allow_external_principals: true,
                retain_sharing: true,
                tags: [("owner".into(), "us".into())].into(),
                updated: Some(1_767_225_600_500),
            }
        );
        let sent = json!({"resourceOwner": "SELF", "resourceShareArns": [ARN], "maxResults": 500});
        assert_eq!(aws.calls()[0].body, sent);
    }

    #[tokio::test(start_paused = true)]
    async fn a_share_is_found_behind_an_empty_page_and_never_mistaken_for_another() {
        let aws = FakeAws::in_turn([
            shares(&[], Some("two")),
            shares(&[share("uuid-2", "licenses", "ACTIVE"), share("uuid-1", "licenses", "DELETED")], None),
        ]);
        let found = ram(&aws).find_share(&ARN.parse().unwrap()).await.unwrap().unwrap();
        assert_eq!((found.arn.id(), found.status), ("uuid-1", ShareStatus::Deleted));
        assert_eq!(aws.calls()[0].body["nextToken"], Value::Null);
        assert_eq!(aws.calls()[1].body["nextToken"], "two");
    }

    #[tokio::test(start_paused = true)]
    async fn a_share_that_ram_does_not_know_is_none() {
        for reply in [shares(&[], None), Reply::Refuse(400, "UnknownResourceException", "not found")] {
            let aws = FakeAws::in_turn([reply]);
            assert_eq!(ram(&aws).find_share(&ARN.parse().unwrap()).await.unwrap(), None);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn by_name_only_live_shares_of_exactly_that_name_are_found() {
        let aws = FakeAws::in_turn([
            shares(&[], Some("two")),
            shares(&[share("a", "licenses", "DELETED"), share("b", "licenses-2", "ACTIVE")], Some("three")),
            shares(&[share("c", "licenses", "ACTIVE"), share("d", "licenses", "PENDING")], Some("")),
        ]);
        let found = ram(&aws).find_shares_named("licenses").await.unwrap();
        assert_eq!(ids(&found), ["c", "d"]);
        assert_eq!(aws.calls()[0].body["name"], "licenses");
        assert_eq!(aws.count(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn by_tag_the_tag_is_checked_again() {
        let mut other = share("b", "two", "ACTIVE");
        other["tags"] = json!([{"key": "owner", "value": "them"}]);
        let aws = FakeAws::in_turn([shares(
            &[other, share("a", "one", "ACTIVE"), share("c", "three", "DELETING"), share("d", "new", "ODD")],
            None,
        )]);
        let found = ram(&aws).find_shares_tagged("owner", "us").await.unwrap();
        assert_eq!(ids(&found), ["a", "c", "d"]);
        assert_eq!(found[2].status, ShareStatus::Unknown("ODD".into()));
        let filters = json!([{"tagKey": "owner", "tagValues": ["us"]}]);
        assert_eq!(aws.calls()[0].body["tagFilters"], filters);
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_that_repeats_itself_ends_in_an_error() {
        let aws = FakeAws::new(|_, _| shares(&[], Some("again")));
        let error = ram(&aws).find_shares_named("licenses").await.unwrap_err();
        assert!(matches!(error.cause, Some(Cause::RepeatedToken)), "{error:?}");
        assert_eq!(aws.count(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_without_what_matters_is_an_error_that_names_it() {
        for member in ["resourceShareArn", "name", "owningAccountId", "status"] {
            let mut answer = share("uuid-1", "licenses", "ACTIVE");
            answer[member] = Value::Null;
            let aws = FakeAws::in_turn([shares(&[answer], None)]);
            let error = match member {
                "resourceShareArn" | "name" => ram(&aws).find_shares_tagged("owner", "us").await.map(drop),
                _ => ram(&aws).find_share(&ARN.parse().unwrap()).await.map(drop),
            };
            match error.unwrap_err().cause {
                Some(Cause::Incomplete { member: missing }) => assert_eq!(missing, member),
                other => panic!("{member}: {other:?}"),
            }
        }
    }

    fn associations(list: &[(&str, &str, &str)], next: Option<&str>) -> Reply {
        let list: Vec<_> = list
            .iter()
            .map(|(id, kind, status)| {
                json!({"associatedEntity": id, "associationType": kind, "status": status, "external": true})
            })
            .collect();
        Reply::Json(json!({"resourceShareAssociations": list, "nextToken": next}))
    }

    #[tokio::test(start_paused = true)]
    async fn associations_are_read_to_the_last_page_with_every_status() {
        let aws = FakeAws::in_turn([
            associations(&[], Some("two")),
            associations(&[("999988887777", "PRINCIPAL", "ASSOCIATING")], Some("three")),
            associations(&[("666655554444", "PRINCIPAL", "ODD"), ("s", "SOURCE", "ASSOCIATED")], None),
        ]);
        let share = ARN.parse().unwrap();
        let found = ram(&aws).associations(&share, MemberKind::Principal, Only::All).await.unwrap();
        let members: Vec<_> = found.iter().map(|one| (one.member.clone(), one.status.clone())).collect();
        assert_eq!(
            members,
            [
                (Member::principal("999988887777"), AssociationStatus::Associating),
                (Member::principal("666655554444"), AssociationStatus::Unknown("ODD".into())),
            ]
        );
        assert!(found[0].external);
        assert_eq!(
            aws.calls()[0].body,
            json!({"associationType": "PRINCIPAL", "resourceShareArns": [ARN], "maxResults": 500})
        );
    }

    #[tokio::test(start_paused = true)]
    async fn associations_are_narrowed_by_member_or_status() {
        let cases = [
            (MemberKind::Resource, Only::Member("lic"), "resourceArn", "lic"),
            (MemberKind::Principal, Only::Member("999988887777"), "principal", "999988887777"),
            (
                MemberKind::Principal,
                Only::Status(AssociationStatus::Associating),
                "associationStatus",
                "ASSOCIATING",
            ),
        ];
        for (kind, only, member, value) in cases {
            let aws = FakeAws::in_turn([associations(&[], None)]);
            ram(&aws).associations(&ARN.parse().unwrap(), kind, only).await.unwrap();
            let body = &aws.calls()[0].body;
            assert_eq!(body[member], value);
            assert_eq!(body.as_object().unwrap().len(), 4, "{body}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn reading_ends_with_the_page_that_is_enough() {
        let aws = FakeAws::in_turn([
            associations(&[], Some("two")),
            associations(&[("666655554444", "PRINCIPAL", "ASSOCIATING")], Some("three")),
        ]);
        let only = Only::Status(AssociationStatus::Associating);
        let share = ARN.parse().unwrap();
        let found =
            ram(&aws).associations_until(&share, MemberKind::Principal, only, |_| true).await.unwrap();
        assert_eq!((found.len(), aws.count()), (1, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_share_that_is_gone_has_no_associations() {
        let aws = FakeAws::in_turn([Reply::Refuse(400, "UnknownResourceException", "not found")]);
        let found = ram(&aws).associations(&ARN.parse().unwrap(), MemberKind::Resource, Only::All).await;
        assert_eq!(found.unwrap(), []);
    }
}
