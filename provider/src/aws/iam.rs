//! AWS IAM, as far as service-linked roles need it (IAM API reference; license-manager facts 1.5 and 1.6).

use super::deadline::Deadline;
use super::error::{AwsError, ErrorKind, Operation};
use super::watch::Watch;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::error::Error;
use std::fmt;

const GET: Operation = operation("GetRole");
const CREATE: Operation = operation("CreateServiceLinkedRole");

/// What IAM says where the role is there, in the words that go with the code InvalidInput.
const TAKEN: &str = "has been taken in this account";

const fn operation(name: &'static str) -> Operation {
    Operation { service: "IAM", name }
}

/// IAM with one deadline for every call.
///
/// Errors of all methods: what IAM says, by [`ErrorKind`], after throttling, 5xx, resets and hangs were retried until
/// the deadline.
#[derive(Clone)]
pub struct Iam {
    client: aws_sdk_iam::Client,
    until: Deadline,
}

impl Iam {
    pub(super) fn new(client: aws_sdk_iam::Client, until: Deadline) -> Self {
        Self { client, until }
    }

    /// Whether the account has a role of this name, which is its name without its path.
    ///
    /// # Errors
    /// As at [`Iam`].
    pub async fn has_role(&self, name: &str) -> Result<bool, AwsError> {
        let watch = Watch::new(GET, self.until);
        let request = self.client.get_role().role_name(name).customize().config_override(watched(&watch));
        match watch.end(request.send()).await {
            Ok(_) => Ok(true),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Makes the service-linked role of a service, such as `license-manager.amazonaws.com`; one that is there is
    /// success. It takes IAM some seconds until the service can use it.
    ///
    /// # Errors
    /// As at [`Iam`].
    pub async fn create_service_linked_role(&self, service: &str) -> Result<(), AwsError> {
        let watch = Watch::new(CREATE, self.until);
        let request = self.client.create_service_linked_role().aws_service_name(service);
        match watch.end(request.customize().config_override(watched(&watch)).send()).await {
            Err(error) if is_taken(&error) => Ok(()),
            other => other.map(drop),
        }
    }
}

fn is_taken(error: &AwsError) -> bool {
    error.kind == ErrorKind::Invalid && error.message.as_deref().is_some_and(|text| text.contains(TAKEN))
}

/// The configuration of one call that is watched.
fn watched<E>(watch: &Watch<E>) -> aws_sdk_iam::config::Builder
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    aws_sdk_iam::config::Builder::new().interceptor(watch.clone()).retry_classifier(watch.clone())
}

impl fmt::Debug for Iam {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Iam").field("until", &self.until).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::ErrorKind::{AccessDenied, Invalid, LimitExceeded, NotFound, Other, Throttled, Unavailable};
    use super::*;
    use crate::aws::Clients;
    use crate::aws::testing::{Codes, FakeAws, Reply, assert_kinds};
    use serde_json::json;
    use std::time::Duration;

    const LICENSE_MANAGER: &str = "license-manager.amazonaws.com";
    const ROLE: &str = "AWSServiceRoleForAWSLicenseManagerRole";
    const GOT: &str = "<GetRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><GetRoleResult><Role>\
        <Path>/aws-service-role/license-manager.amazonaws.com/</Path>\
        <RoleName>AWSServiceRoleForAWSLicenseManagerRole</RoleName><RoleId>AROA1</RoleId>\
        <Arn>arn:aws:iam::111122223333:role/aws-service-role/x</Arn>\
        <CreateDate>2026-11-24T10:00:00Z</CreateDate></Role></GetRoleResult></GetRoleResponse>";

    fn iam(clients: &Clients) -> Iam {
        clients.iam(Deadline::after(Duration::from_secs(5)))
    }

    #[tokio::test(start_paused = true)]
    async fn a_role_is_asked_for_by_its_name() {
        let aws = FakeAws::in_turn([Reply::Raw(200, GOT), Reply::Refuse(404, "NoSuchEntity", "not found")]);
        let iam = iam(&aws.clients());
        assert!(iam.has_role(ROLE).await.unwrap());
        assert!(!iam.has_role(ROLE).await.unwrap());
        assert_eq!(
            aws.calls()[0].body,
            json!({"Action": "GetRole", "Version": "2010-05-08", "RoleName": ROLE})
        );
    }

    async fn create(reply: Reply) -> Result<(), AwsError> {
        let aws = FakeAws::in_turn([reply]);
        let answer = iam(&aws.clients()).create_service_linked_role(LICENSE_MANAGER).await;
        let action = "CreateServiceLinkedRole";
        let sent = json!({"Action": action, "Version": "2010-05-08", "AWSServiceName": LICENSE_MANAGER});
        assert_eq!((&aws.calls()[0].body, aws.count()), (&sent, 1));
        answer
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_linked_role_is_made_and_one_that_is_there_is_success() {
        let made = "<CreateServiceLinkedRoleResponse><CreateServiceLinkedRoleResult/></CreateServiceLinkedRoleResponse>";
        create(Reply::Raw(200, made)).await.unwrap();
        let taken = "Service role name AWSServiceRoleForAWSLicenseManagerRole has been taken in this account, \
            please try a different suffix.";
        create(Reply::Refuse(400, "InvalidInput", taken)).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn other_bad_input_is_not_taken_for_a_role_that_is_there() {
        let error = create(Reply::Refuse(400, "InvalidInput", "no such service")).await.unwrap_err();
        assert_eq!(error.kind, Invalid);
        assert_eq!(error.to_string(), "IAM refused CreateServiceLinkedRole: no such service (InvalidInput)");
    }

    const EVERY: Codes<4> = [
        ("ServiceFailure", 500, Unavailable),
        ("Throttling", 400, Throttled),
        ("AccessDenied", 403, AccessDenied),
        ("InvalidClientTokenId", 403, Other),
    ];

    #[tokio::test(start_paused = true)]
    async fn every_code_has_its_kind() {
        let read = [&EVERY[..], &[("ValidationError", 400, Invalid)]].concat();
        assert_kinds("IAM", GET.name, &read, async |clients| iam(clients).has_role(ROLE).await.map(drop))
            .await;
        let own = [
            ("NoSuchEntity", 404, NotFound),
            ("LimitExceeded", 409, LimitExceeded),
            ("InvalidInput", 400, Invalid),
        ];
        assert_kinds("IAM", CREATE.name, &[&EVERY[..], &own].concat(), async |clients| {
            iam(clients).create_service_linked_role(LICENSE_MANAGER).await
        })
        .await;
    }
}
