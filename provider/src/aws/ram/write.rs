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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Deadline;
    use crate::aws::testing::{Call, FakeAws, Reply};
    use crate::domain::AssociationStatus;
    use serde_json::{Value, json};
    use std::time::Duration;

    const ARN: &str = "arn:aws:ram:eu-west-1:111122223333:resource-share/uuid-1";

    fn arn() -> ShareArn {
        ARN.parse().unwrap()
    }

    fn ram(aws: &FakeAws) -> Ram {
        aws.clients().ram(Deadline::after(Duration::from_secs(5)))
    }

    fn only(aws: &FakeAws) -> Call {
        let [call] = aws.calls().try_into().unwrap();
        call
    }

    fn new_share() -> NewShare {
        NewShare {
            name: "licenses".into(),
            allow_external_principals: false,
            retain_sharing: false,
            resources: vec![],
            principals: vec![],
            tags: BTreeMap::new(),
            client_token: "token-1".into(),
        }
    }

    async fn created(new: &NewShare) -> Value {
        let aws = FakeAws::in_turn([Reply::Json(json!({"resourceShare": {
            "resourceShareArn": ARN, "name": "licenses", "owningAccountId": "111122223333", "status": "PENDING",
        }}))]);
        let share = ram(&aws).create_share(new).await.unwrap();
        assert_eq!(share.arn, arn());
        assert_eq!(only(&aws).operation, "createresourceshare");
        only(&aws).body
    }

    #[tokio::test(start_paused = true)]
    async fn an_empty_share_is_asked_for_with_its_flag_and_without_empty_lists() {
        assert_eq!(
            created(&new_share()).await,
            json!({"name": "licenses", "allowExternalPrincipals": false, "clientToken": "token-1"})
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_share_is_made_with_everything_in_one_call() {
        let new = NewShare {
            allow_external_principals: true,
            retain_sharing: true,
            resources: vec!["lic-1".into()],
            principals: vec!["999988887777".into()],
            tags: [("a".into(), "1".into()), ("b".into(), String::new())].into(),
            ..new_share()
        };
        assert_eq!(
            created(&new).await,
            json!({
                "name": "licenses", "allowExternalPrincipals": true, "clientToken": "token-1",
                "resourceShareConfiguration": {"retainSharingOnAccountLeaveOrganization": true},
                "resourceArns": ["lic-1"], "principals": ["999988887777"],
                "tags": [{"key": "a", "value": "1"}, {"key": "b", "value": ""}],
            })
        );
    }

    #[tokio::test(start_paused = true)]
    async fn members_go_in_and_out_by_their_kind_and_the_answers_are_read() {
        let members = [Member::resource("lic-1"), Member::principal("111122223333")];
        let answer = Reply::Json(json!({"resourceShareAssociations": [
            {"associatedEntity": "lic-1", "associationType": "RESOURCE", "status": "ASSOCIATING"},
            {"associatedEntity": "111122223333", "associationType": "PRINCIPAL", "status": "FAILED",
             "statusMessage": "own account"},
        ]}));
        let sent = json!({
            "resourceShareArn": ARN, "resourceArns": ["lic-1"], "principals": ["111122223333"],
            "clientToken": "token-2",
        });
        let aws = FakeAws::in_turn([answer.clone(), answer]);
        let added = ram(&aws).associate(&arn(), &members, "token-2").await.unwrap();
        let removed = ram(&aws).disassociate(&arn(), &members, "token-2").await.unwrap();
        assert_eq!(added, removed);
        assert_eq!(added[0].status, AssociationStatus::Associating);
        assert_eq!(added[1].member, members[1]);
        assert_eq!(added[1].message.as_deref(), Some("own account"));
        let calls = aws.calls();
        assert_eq!([&calls[0].body, &calls[1].body], [&sent, &sent]);
        let operations = [calls[0].operation.as_str(), calls[1].operation.as_str()];
        assert_eq!(operations, ["associateresourceshare", "disassociateresourceshare"]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_update_sends_only_what_changes() {
        let answer = Reply::Json(json!({"resourceShare": {}}));
        let aws = FakeAws::in_turn([answer.clone(), answer]);
        ram(&aws).update_share(&arn(), Some("new"), None, "t").await.unwrap();
        ram(&aws).update_share(&arn(), None, Some(false), "t").await.unwrap();
        let calls = aws.calls();
        let base =
            |member: &str, value: Value| json!({"resourceShareArn": ARN, "clientToken": "t", member: value});
        assert_eq!(calls[0].body, base("name", "new".into()));
        assert_eq!(calls[1].body, base("allowExternalPrincipals", false.into()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_share_is_deleted_by_its_arn_and_an_answer_of_false_is_an_error() {
        let done = |value| Reply::Json(json!({"returnValue": value, "clientToken": "t"}));
        let aws = FakeAws::in_turn([done(true)]);
        ram(&aws).delete_share(&arn(), "t").await.unwrap();
        let query = only(&aws).query;
        assert!(query.contains("clientToken=t") && query.contains("resource-share%2Fuuid-1"), "{query}");
        let error = ram(&FakeAws::in_turn([done(false)])).delete_share(&arn(), "t").await.unwrap_err();
        assert!(matches!(error.cause, Some(Cause::NotDone)));
    }

    #[tokio::test(start_paused = true)]
    async fn tags_are_set_and_taken_away_and_nothing_is_sent_for_none() {
        let aws = FakeAws::in_turn([Reply::Json(json!({})), Reply::Json(json!({}))]);
        ram(&aws).tag(&arn(), &BTreeMap::new()).await.unwrap();
        ram(&aws).untag(&arn(), &[]).await.unwrap();
        assert_eq!(aws.count(), 0);
        ram(&aws).tag(&arn(), &[("a".into(), "1".into())].into()).await.unwrap();
        ram(&aws).untag(&arn(), &["a".into()]).await.unwrap();
        let calls = aws.calls();
        assert_eq!(calls[0].body, json!({"resourceShareArn": ARN, "tags": [{"key": "a", "value": "1"}]}));
        assert_eq!(calls[1].body, json!({"resourceShareArn": ARN, "tagKeys": ["a"]}));
    }
}
