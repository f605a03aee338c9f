//! AWS STS: acting in another account through a role, and who one is (STS API reference).

use super::deadline::Deadline;
use super::error::{AwsError, Cause, ErrorKind, Operation};
use super::watch::Watch;
use crate::domain::{AccountId, Arn, RoleArn};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sts::types::Credentials as Given;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::error::Error;
use std::fmt;
use std::time::SystemTime;

const ASSUME: Operation = operation("AssumeRole");
const WHO: Operation = operation("GetCallerIdentity");

/// Seconds for which a role is assumed: the least that STS gives, and as long as an invocation can last.
const SESSION: i32 = 900;

const fn operation(name: &'static str) -> Operation {
    Operation { service: "STS", name }
}

/// STS with one deadline for every call.
///
/// Errors of all methods: what STS says, by [`ErrorKind`], after throttling, 5xx, resets and hangs were retried until
/// the deadline.
#[derive(Clone)]
pub struct Sts {
    client: aws_sdk_sts::Client,
    until: Deadline,
}

/// A role that was assumed, with credentials for 15 minutes, which nothing but
/// [`Clients::acting_as`](super::Clients::acting_as) can read.
#[derive(Clone)]
pub struct AssumedRole {
    account: AccountId,
    credentials: Credentials,
}

/// Whose credentials are in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerIdentity {
    /// The account that calls act for.
    pub account: AccountId,
    /// The ARN of the role's session or the user.
    pub arn: String,
}

impl Sts {
    pub(super) fn new(client: aws_sdk_sts::Client, until: Deadline) -> Self {
        Self { client, until }
    }

    /// Assumes the role. `session_name` is what the other account's trail shows: 2 to 64 of letters, digits and
    /// `_=,.@-`.
    ///
    /// # Errors
    /// As at [`Sts`]; AccessDenied where either the caller's policy or the role's trust policy does not allow it, or
    /// where there is no such role: STS does not tell these apart. Credentials of another account than the role's are
    /// no answer.
    pub async fn assume_role(
        &self,
        role: &RoleArn,
        session_name: &str,
        external_id: Option<&str>,
    ) -> Result<AssumedRole, AwsError> {
        let request = self
            .client
            .assume_role()
            .role_arn(role.as_str())
            .role_session_name(session_name)
            .duration_seconds(SESSION)
            .set_external_id(external_id.map(str::to_owned));
        let watch = Watch::new(ASSUME, self.until);
        let answer = watch.end(request.customize().config_override(watched(&watch)).send()).await?;
        let given = answer.credentials.filter(is_whole).ok_or_else(|| incomplete(ASSUME, "Credentials"))?;
        let user = answer.assumed_role_user.map(|user| user.arn).unwrap_or_default();
        if !is_in(&user, role.account()) {
            return Err(incomplete(ASSUME, "AssumedRoleUser"));
        }
        Ok(AssumedRole { account: role.account().clone(), credentials: credentials(given) })
    }

    /// Whose credentials are in use. Needs no permission.
    ///
    /// # Errors
    /// As at [`Sts`].
    pub async fn caller_identity(&self) -> Result<CallerIdentity, AwsError> {
        let watch = Watch::new(WHO, self.until);
        let request = self.client.get_caller_identity().customize().config_override(watched(&watch));
        let answer = watch.end(request.send()).await?;
        let account = answer.account.and_then(|id| id.parse().ok());
        Ok(CallerIdentity {
            account: account.ok_or_else(|| incomplete(WHO, "Account"))?,
            arn: answer.arn.ok_or_else(|| incomplete(WHO, "Arn"))?,
        })
    }
}

impl AssumedRole {
    /// The account that the role is in and acts for.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    pub(super) fn credentials(&self) -> SharedCredentialsProvider {
        SharedCredentialsProvider::new(self.credentials.clone())
    }
}

/// Whether a session acts for the account that was meant.
fn is_in(session: &str, account: &AccountId) -> bool {
    Arn::parse(session).is_some_and(|arn| arn.account == account.as_str())
}

/// The SDK fills in members that are not in the answer.
fn is_whole(given: &Given) -> bool {
    ![given.access_key_id(), given.secret_access_key(), given.session_token()].contains(&"")
}

fn credentials(given: Given) -> Credentials {
    let until = SystemTime::try_from(given.expiration).ok();
    Credentials::new(
        given.access_key_id,
        given.secret_access_key,
        Some(given.session_token),
        until,
        "AssumeRole",
    )
}

fn incomplete(operation: Operation, member: &'static str) -> AwsError {
    AwsError::new(operation, ErrorKind::Other, Some(Cause::Incomplete { member }))
}

/// The configuration of one call that is watched.
fn watched<E>(watch: &Watch<E>) -> aws_sdk_sts::config::Builder
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    aws_sdk_sts::config::Builder::new().interceptor(watch.clone()).retry_classifier(watch.clone())
}

impl fmt::Debug for Sts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sts").field("until", &self.until).finish_non_exhaustive()
    }
}

impl fmt::Debug for AssumedRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AssumedRole").field("account", &self.account).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::ErrorKind::{AccessDenied, Invalid, Other, Throttled, Unavailable};
    use super::*;
    use crate::aws::Clients;
    use crate::aws::testing::{FakeAws, Reply, SECRETS, assert_kinds, words};
    use serde_json::json;
    use std::time::Duration;

    const ROLE: &str = "arn:aws:iam::999988887777:role/accept";
    const ASSUMED: &str = "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>\
        <AssumedRoleUser><AssumedRoleId>A:stack</AssumedRoleId>\
        <Arn>arn:aws:sts::999988887777:assumed-role/accept/stack</Arn></AssumedRoleUser>\
        <Credentials><AccessKeyId>OTHERID</AccessKeyId><SecretAccessKey>OTHERKEY</SecretAccessKey>\
        <SessionToken>OTHERTOKEN</SessionToken><Expiration>2099-11-24T10:15:00Z</Expiration></Credentials>\
        </AssumeRoleResult></AssumeRoleResponse>";

    fn sts(clients: &Clients) -> Sts {
        clients.sts(Deadline::after(Duration::from_secs(5)))
    }

    async fn assume(clients: &Clients, external_id: Option<&str>) -> Result<AssumedRole, AwsError> {
        sts(clients).assume_role(&ROLE.parse().unwrap(), "stack", external_id).await
    }

    #[tokio::test(start_paused = true)]
    async fn clients_that_act_as_a_role_sign_with_its_credentials_and_its_token() {
        let listed = Reply::Json(json!({"resourceShares": []}));
        let aws = FakeAws::in_turn([Reply::Raw(200, ASSUMED), listed.clone(), listed]);
        let clients = aws.clients();
        let role = assume(&clients, None).await.unwrap();
        assert_eq!(role.account().as_str(), "999988887777");
        let until = Deadline::after(Duration::from_secs(5));
        clients.acting_as(&role).ram(until).find_shares_named("a").await.unwrap();
        clients.ram(until).find_shares_named("a").await.unwrap();
        let signed: Vec<_> =
            aws.calls().iter().map(|call| (call.access_key.clone(), call.session_token.clone())).collect();
        let own = (SECRETS[0].to_owned(), SECRETS[2].to_owned());
        assert_eq!(signed, [own.clone(), ("OTHERID".to_owned(), "OTHERTOKEN".to_owned()), own]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_role_is_assumed_for_as_short_as_can_be_with_its_external_id() {
        let aws = FakeAws::in_turn([Reply::Raw(200, ASSUMED), Reply::Raw(200, ASSUMED)]);
        let clients = aws.clients();
        assume(&clients, Some("outside")).await.unwrap();
        assume(&clients, None).await.unwrap();
        let mut sent = json!({
            "Action": "AssumeRole", "Version": "2011-06-15", "RoleArn": ROLE, "RoleSessionName": "stack",
            "DurationSeconds": "900", "ExternalId": "outside",
        });
        assert_eq!(aws.calls()[0].body, sent);
        sent.as_object_mut().unwrap().remove("ExternalId");
        assert_eq!(aws.calls()[1].body, sent);
    }

    #[tokio::test(start_paused = true)]
    async fn an_assumed_role_shows_no_credentials() {
        let aws = FakeAws::in_turn([Reply::Raw(200, ASSUMED)]);
        let clients = aws.clients();
        let role = assume(&clients, None).await.unwrap();
        let text = format!("{role:?} {:?} {:?}", clients.acting_as(&role), sts(&clients));
        assert!(text.contains("999988887777") && !text.contains("OTHER"), "{text}");
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_without_credentials_is_an_error() {
        let parts = [
            "<AssumeRoleResponse><AssumeRoleResult/></AssumeRoleResponse>",
            "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>OTHERID</AccessKeyId>\
             <SecretAccessKey>OTHERKEY</SecretAccessKey></Credentials></AssumeRoleResult></AssumeRoleResponse>",
        ];
        for body in parts {
            let aws = FakeAws::new(move |_, _| Reply::Raw(200, body));
            let error = assume(&aws.clients(), None).await.unwrap_err();
            assert!(matches!(error.cause, Some(Cause::Incomplete { member: "Credentials" })), "{error:?}");
            let text = format!("{} {error:?}", words(&error));
            assert!(!text.contains("OTHER"), "{text}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn credentials_of_another_account_are_not_taken() {
        let other = "<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser>\
            <Arn>arn:aws:sts::999900001111:assumed-role/accept/stack</Arn></AssumedRoleUser>\
            <Credentials><AccessKeyId>OTHERID</AccessKeyId><SecretAccessKey>OTHERKEY</SecretAccessKey>\
            <SessionToken>OTHERTOKEN</SessionToken></Credentials></AssumeRoleResult></AssumeRoleResponse>";
        let aws = FakeAws::new(move |_, _| Reply::Raw(200, other));
        let error = assume(&aws.clients(), None).await.unwrap_err();
        assert!(matches!(error.cause, Some(Cause::Incomplete { member: "AssumedRoleUser" })), "{error:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_caller_is_told() {
        let body = "<GetCallerIdentityResponse><GetCallerIdentityResult>\
            <Arn>arn:aws:sts::111122223333:assumed-role/provider/fn</Arn><UserId>A:fn</UserId>\
            <Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
        let aws = FakeAws::in_turn([Reply::Raw(200, body)]);
        let caller = sts(&aws.clients()).caller_identity().await.unwrap();
        let arn = "arn:aws:sts::111122223333:assumed-role/provider/fn".to_owned();
        assert_eq!(caller, CallerIdentity { account: "111122223333".parse().unwrap(), arn });
    }

    #[tokio::test(start_paused = true)]
    async fn every_code_has_its_kind() {
        let every = [
            ("AccessDenied", 403, AccessDenied),
            ("ExpiredTokenException", 400, Other),
            ("InvalidClientTokenId", 403, Other),
            ("Throttling", 400, Throttled),
            ("InternalFailure", 500, Unavailable),
        ];
        let assume_role = [
            ("MalformedPolicyDocument", 400, Other),
            ("PackedPolicyTooLarge", 400, Other),
            ("RegionDisabledException", 403, Other),
            ("ValidationError", 400, Invalid),
        ];
        assert_kinds("STS", ASSUME.name, &[&every[..], &assume_role].concat(), async |clients| {
            assume(clients, Some("outside")).await.map(drop)
        })
        .await;
        assert_kinds("STS", WHO.name, &every, async |clients| sts(clients).caller_identity().await.map(drop))
            .await;
    }
}
