//! RAM as an account uses it with which others share: invitations, what is shared, leaving (ram facts 3).

use super::find::{PAGE, none_if_unknown};
use super::{Ram, convert, operation, watched};
use crate::aws::error::{AwsError, ErrorKind, Operation};
use crate::aws::pages::Pages;
use crate::domain::{Acceptance, AccountId, Invitation, Member, Share, ShareArn, SharedResource};
use aws_sdk_ram::types::{Resource, ResourceOwner, ResourceShareInvitation};

const INVITATIONS: Operation = operation("GetResourceShareInvitations");
const ACCEPT: Operation = operation("AcceptResourceShareInvitation");
const RESOURCES: Operation = operation("ListResources");

/// RAM's word for license configurations.
const LICENSE_CONFIGURATION: &str = "license-manager:LicenseConfiguration";

const ACCEPTED_BEFORE: &str = "ResourceShareInvitationAlreadyAcceptedException";

impl Ram {
    /// The invitations to a share that the account has received, in RAM's order. None where RAM does not know the share
    /// (yet), where none was needed, and where they were answered more than about seven days ago.
    ///
    /// # Errors
    /// As at [`Ram`].
    pub async fn invitations(&self, share: &ShareArn) -> Result<Vec<Invitation>, AwsError> {
        let found = none_if_unknown(self.invitation_pages(share).await)?;
        let of_share =
            |one: &ResourceShareInvitation| one.resource_share_arn().is_none_or(|arn| arn == share.as_str());
        found.into_iter().filter(of_share).map(|one| convert::invitation(INVITATIONS, one)).collect()
    }

    /// Accepts an invitation. Where an attempt of this very call lost its answer, "already accepted" is its effect.
    ///
    /// # Errors
    /// As at [`Ram`]; InvalidState where it was rejected or has expired, NotFound where there is none.
    pub async fn accept_invitation(&self, arn: &str, client_token: &str) -> Result<Acceptance, AwsError> {
        let request = self
            .client
            .accept_resource_share_invitation()
            .resource_share_invitation_arn(arn)
            .client_token(client_token);
        let watch = self.watch(ACCEPT);
        match watch.end(request.customize().config_override(watched(&watch)).send()).await {
            Ok(_) => Ok(Acceptance::Now),
            Err(error) if error.code.as_deref() == Some(ACCEPTED_BEFORE) => {
                Ok(if watch.has_lost_an_answer() { Acceptance::Now } else { Acceptance::Before })
            }
            Err(error) => Err(error),
        }
    }

    /// Another account's share, as this account sees it; `None` before it accepts, after it left, and for some minutes
    /// after it accepted.
    ///
    /// # Errors
    /// As at [`Ram`].
    pub async fn find_foreign_share(&self, arn: &ShareArn) -> Result<Option<Share>, AwsError> {
        self.find_share_of(ResourceOwner::OtherAccounts, arn).await
    }

    /// The license configurations that another account shares with this one through the share. None where RAM does not
    /// know the share (yet).
    ///
    /// # Errors
    /// As at [`Ram`].
    pub async fn foreign_resources(&self, share: &ShareArn) -> Result<Vec<SharedResource>, AwsError> {
        let found = none_if_unknown(self.resource_pages(share).await)?;
        let of_share = |one: &Resource| one.resource_share_arn().is_none_or(|arn| arn == share.as_str());
        Ok(found.into_iter().filter(of_share).filter_map(convert::shared_resource).collect())
    }

    /// Takes this account out of another account's share; one that is out, or a share that is gone, is success.
    ///
    /// # Errors
    /// As at [`Ram`]; NotPermitted where the share came through the organization, which cannot be left so.
    pub async fn leave(
        &self,
        share: &ShareArn,
        own_account: &AccountId,
        client_token: &str,
    ) -> Result<(), AwsError> {
        let myself = [Member::principal(own_account.as_str())];
        match self.disassociate(share, &myself, client_token).await {
            Err(error) if error.kind == ErrorKind::NotFound => Ok(()),
            other => other.map(drop),
        }
    }

    async fn invitation_pages(&self, share: &ShareArn) -> Result<Vec<ResourceShareInvitation>, AwsError> {
        let request = self.client.get_resource_share_invitations();
        let request = request.resource_share_arns(share.as_str()).max_results(PAGE);
        let mut pages = Pages::of(INVITATIONS);
        while pages.has_more() {
            let request = request.clone().set_next_token(pages.token());
            let watch = self.watch(INVITATIONS);
            let answer = watch.end(request.customize().config_override(watched(&watch)).send()).await?;
            pages.add(answer.resource_share_invitations, answer.next_token)?;
        }
        Ok(pages.into_items())
    }

    async fn resource_pages(&self, share: &ShareArn) -> Result<Vec<Resource>, AwsError> {
        let request = self
            .client
            .list_resources()
            .resource_owner(ResourceOwner::OtherAccounts)
            .resource_type(LICENSE_CONFIGURATION)
            .resource_share_arns(share.as_str())
            .max_results(PAGE);
        let mut pages = Pages::of(RESOURCES);
        while pages.has_more() {
            let request = request.clone().set_next_token(pages.token());
            let watch = self.watch(RESOURCES);
            let answer = watch.end(request.customize().config_override(watched(&watch)).send()).await?;
            pages.add(answer.resources, answer.next_token)?;
        }
        Ok(pages.into_items())
    }
}

#[cfg(test)]
mod tests {
    use super::ErrorKind::{
        AccessDenied, IdempotentParameterMismatch, Invalid, InvalidState, NotFound, NotPermitted, Throttled,
        Unavailable,
    };
    use super::*;
    use crate::aws::testing::{Codes, FakeAws, Reply, assert_kinds};
    use crate::aws::{Cause, Clients, Deadline};
    use crate::domain::{InvitationStatus, ResourceStatus, ShareStatus};
    use serde_json::{Value, json};
    use std::time::{Duration, SystemTime};

    const SHARE: &str = "arn:aws:ram:eu-west-1:999988887777:resource-share/uuid-1";
    const INVITATION: &str = "arn:aws:ram:eu-west-1:999988887777:resource-share-invitation/uuid-2";

    fn share() -> ShareArn {
        SHARE.parse().unwrap()
    }

    fn own_account() -> AccountId {
        "111122223333".parse().unwrap()
    }

    fn ram(clients: &Clients) -> Ram {
        clients.ram(Deadline::after(Duration::from_secs(20)))
    }

    fn unknown() -> Reply {
        Reply::Refuse(400, "UnknownResourceException", "could not be found")
    }

    fn invitation(id: &str, status: &str) -> Value {
        json!({
            "resourceShareInvitationArn": id, "resourceShareArn": SHARE, "resourceShareName": "licenses",
            "senderAccountId": "999988887777", "receiverAccountId": "111122223333", "status": status,
            "invitationTimestamp": 1_764_000_000.5,
        })
    }

    fn invitations(list: &[Value], next: Option<&str>) -> Reply {
        Reply::Json(json!({"resourceShareInvitations": list, "nextToken": next}))
    }

    #[tokio::test(start_paused = true)]
    async fn invitations_of_the_share_are_read_to_the_last_page_with_every_status() {
        let mut of_another = invitation("other", "PENDING");
        of_another["resourceShareArn"] = SHARE.replace("uuid-1", "uuid-9").into();
        let aws = FakeAws::in_turn([
            invitations(&[], Some("two")),
            invitations(&[invitation("old", "EXPIRED"), of_another], Some("three")),
            invitations(&[invitation(INVITATION, "PENDING"), invitation("new", "ODD")], None),
        ]);
        let found = ram(&aws.clients()).invitations(&share()).await.unwrap();
        let seen: Vec<_> = found.iter().map(|one| (one.arn.as_str(), one.status.as_str())).collect();
        assert_eq!(seen, [("old", "EXPIRED"), (INVITATION, "PENDING"), ("new", "ODD")]);
        let expected = Invitation {
            arn: INVITATION.into(),
            status: InvitationStatus::Pending,
            sender: "999988887777".parse().unwrap(),
            sent_at: Some(SystemTime::UNIX_EPOCH + Duration::from_millis(1_764_000_000_500)),
        };
        assert_eq!(found[1], expected);
        assert_eq!(aws.calls()[0].body, json!({"resourceShareArns": [SHARE], "maxResults": 500}));
        assert_eq!(aws.calls()[2].body["nextToken"], "three");
    }

    #[tokio::test(start_paused = true)]
    async fn what_ram_does_not_know_yet_has_neither_invitations_nor_resources() {
        let aws = FakeAws::new(|_, _| unknown());
        let ram = ram(&aws.clients());
        assert_eq!(ram.invitations(&share()).await.unwrap(), []);
        assert_eq!(ram.find_foreign_share(&share()).await.unwrap(), None);
        assert_eq!(ram.foreign_resources(&share()).await.unwrap(), []);
    }

    #[tokio::test(start_paused = true)]
    async fn an_invitation_without_what_matters_is_an_error_that_names_it() {
        for member in ["resourceShareInvitationArn", "senderAccountId", "status"] {
            let mut answer = invitation(INVITATION, "PENDING");
            answer[member] = Value::Null;
            let aws = FakeAws::in_turn([invitations(&[answer], None)]);
            let error = ram(&aws.clients()).invitations(&share()).await.unwrap_err();
            match error.cause {
                Some(Cause::Incomplete { member: missing }) => assert_eq!(missing, member),
                other => panic!("{member}: {other:?}"),
            }
        }
    }

    fn accepted() -> Reply {
        Reply::Json(json!({"resourceShareInvitation": invitation(INVITATION, "ACCEPTED")}))
    }

    fn accepted_before() -> Reply {
        Reply::Refuse(400, ACCEPTED_BEFORE, "was accepted")
    }

    async fn accept(replies: &[Reply]) -> Result<Acceptance, AwsError> {
        let aws = FakeAws::in_turn(replies);
        let answer = ram(&aws.clients()).accept_invitation(INVITATION, "token-1").await;
        assert_eq!(aws.count(), replies.len());
        let sent = json!({"resourceShareInvitationArn": INVITATION, "clientToken": "token-1"});
        assert!(aws.calls().iter().all(|call| call.body == sent));
        assert_eq!(aws.calls()[0].operation, "acceptresourceshareinvitation");
        answer
    }

    #[tokio::test(start_paused = true)]
    async fn an_invitation_is_accepted_now_or_was_before() {
        assert_eq!(accept(&[accepted()]).await.unwrap(), Acceptance::Now);
        assert_eq!(accept(&[accepted_before()]).await.unwrap(), Acceptance::Before);
        let throttled = Reply::Refuse(429, "ThrottlingException", "slow");
        assert_eq!(accept(&[throttled, accepted_before()]).await.unwrap(), Acceptance::Before);
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_lost_answer_an_acceptance_is_our_own() {
        for lost in [Reply::Reset, Reply::Hang, Reply::Raw(200, "{\"resourceShareInvitation\": {")] {
            assert_eq!(accept(&[lost, accepted_before()]).await.unwrap(), Acceptance::Now);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_foreign_share_is_asked_for_among_other_accounts_and_read_whole() {
        let answer = json!({
            "resourceShareArn": SHARE, "name": "licenses", "owningAccountId": "999988887777",
            "allowExternalPrincipals": true, "status": "ACTIVE",
        });
        let aws = FakeAws::in_turn([
            Reply::Json(json!({"resourceShares": [], "nextToken": "two"})),
            Reply::Json(json!({"resourceShares": [answer]})),
        ]);
        let found = ram(&aws.clients()).find_foreign_share(&share()).await.unwrap().unwrap();
        assert_eq!((found.owner.as_str(), found.status), ("999988887777", ShareStatus::Active));
        let sent =
            json!({"resourceOwner": "OTHER-ACCOUNTS", "resourceShareArns": [SHARE], "maxResults": 500});
        assert_eq!(aws.calls()[0].body, sent);
    }

    #[tokio::test(start_paused = true)]
    async fn foreign_license_configurations_are_read_to_the_last_page() {
        let lic =
            |id| format!("arn:aws:license-manager:eu-west-1:999988887777:license-configuration:lic-{id}");
        let aws = FakeAws::in_turn([
            Reply::Json(json!({"resources": [], "nextToken": "two"})),
            Reply::Json(json!({"resources": [
                {"arn": lic(1), "resourceShareArn": SHARE, "status": "AVAILABLE"},
                {"arn": lic(2), "resourceShareArn": SHARE.replace("uuid-1", "uuid-9"), "status": "AVAILABLE"},
            ], "nextToken": "three"})),
            Reply::Json(json!({"resources": [
                {"arn": lic(3), "status": "PENDING"}, {"arn": lic(4)}, {"arn": "arn:aws:ec2:::subnet/a"},
            ]})),
        ]);
        let found = ram(&aws.clients()).foreign_resources(&share()).await.unwrap();
        let statuses = [(1, Some(ResourceStatus::Available)), (3, Some(ResourceStatus::Pending)), (4, None)];
        let expected = statuses.map(|(id, status)| SharedResource { arn: lic(id).parse().unwrap(), status });
        assert_eq!(found, expected);
        assert_eq!(
            aws.calls()[0].body,
            json!({
                "resourceOwner": "OTHER-ACCOUNTS", "resourceShareArns": [SHARE], "maxResults": 500,
                "resourceType": "license-manager:LicenseConfiguration",
            })
        );
    }

    async fn leave(reply: Reply) -> Result<(), AwsError> {
        let aws = FakeAws::in_turn([reply]);
        let answer = ram(&aws.clients()).leave(&share(), &own_account(), "token-1").await;
        let sent =
            json!({"resourceShareArn": SHARE, "principals": ["111122223333"], "clientToken": "token-1"});
        assert_eq!((&aws.calls()[0].body, aws.count()), (&sent, 1));
        answer
    }

    #[tokio::test(start_paused = true)]
    async fn one_leaves_as_oneself_and_whoever_is_out_has_left() {
        let left = json!({"resourceShareAssociations": [
            {"associatedEntity": "111122223333", "associationType": "PRINCIPAL", "status": "DISASSOCIATING"},
        ]});
        leave(Reply::Json(left)).await.unwrap();
        leave(unknown()).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn what_came_through_the_organization_cannot_be_left() {
        let refused = Reply::Refuse(400, "OperationNotPermittedException", "only the owner");
        assert_eq!(leave(refused).await.unwrap_err().kind, NotPermitted);
    }

    const EVERY: Codes<5> = [
        ("MalformedArnException", 400, Invalid),
        ("ServerInternalException", 500, Unavailable),
        ("ServiceUnavailableException", 503, Unavailable),
        ("ThrottlingException", 429, Throttled),
        ("AccessDeniedException", 403, AccessDenied),
    ];
    const LIST: Codes<2> =
        [("InvalidNextTokenException", 400, Invalid), ("InvalidParameterException", 400, Invalid)];

    #[tokio::test(start_paused = true)]
    async fn every_code_of_a_list_has_its_kind() {
        let lists = [&EVERY[..], &LIST].concat();
        let own = [&lists[..], &[("InvalidMaxResultsException", 400, Invalid)]].concat();
        assert_kinds("RAM", INVITATIONS.name, &own, async |clients| {
            ram(clients).invitations(&share()).await.map(drop)
        })
        .await;
        let own = [&lists[..], &[("InvalidResourceTypeException", 400, Invalid)]].concat();
        assert_kinds("RAM", RESOURCES.name, &own, async |clients| {
            ram(clients).foreign_resources(&share()).await.map(drop)
        })
        .await;
        assert_kinds("RAM", "GetResourceShares", &lists, async |clients| {
            ram(clients).find_foreign_share(&share()).await.map(drop)
        })
        .await;
    }

    #[tokio::test(start_paused = true)]
    async fn every_code_of_an_acceptance_and_of_leaving_has_its_kind() {
        let tokens = [
            ("IdempotentParameterMismatchException", 400, IdempotentParameterMismatch),
            ("InvalidClientTokenException", 400, Invalid),
            ("OperationNotPermittedException", 400, NotPermitted),
        ];
        let writes = [&EVERY[..], &tokens].concat();
        let own = [
            ("ResourceShareInvitationAlreadyRejectedException", 400, InvalidState),
            ("ResourceShareInvitationExpiredException", 400, InvalidState),
            ("ResourceShareInvitationArnNotFoundException", 400, NotFound),
        ];
        assert_kinds("RAM", ACCEPT.name, &[&writes[..], &own].concat(), async |clients| {
            ram(clients).accept_invitation(INVITATION, "token-1").await.map(drop)
        })
        .await;
        let own = [("InvalidStateTransitionException", 400, InvalidState)];
        assert_kinds("RAM", "DisassociateResourceShare", &[&writes[..], &own].concat(), async |clients| {
            ram(clients).leave(&share(), &own_account(), "token-1").await
        })
        .await;
    }
}
