//! AWS Organizations, as far as the link to it needs it (AWS Organizations API reference; license-manager facts 3).

use super::deadline::Deadline;
use super::error::{AwsError, Cause, ErrorKind, Operation};
use super::pages::Pages;
use super::watch::Watch;
use crate::domain::{AccountId, Organization, TrustedService};
use aws_sdk_organizations::types::{
    Account, AccountState, AccountStatus, EnabledServicePrincipal, Organization as Described,
    OrganizationFeatureSet,
};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::error::Error;
use std::fmt;
use std::time::SystemTime;

const DESCRIBE: Operation = operation("DescribeOrganization");
const ACCOUNT: Operation = operation("DescribeAccount");
const TRUSTED: Operation = operation("ListAWSServiceAccessForOrganization");
const ENABLE: Operation = operation("EnableAWSServiceAccess");
const DELEGATED: Operation = operation("ListDelegatedAdministrators");
const REGISTER: Operation = operation("RegisterDelegatedAdministrator");
const DEREGISTER: Operation = operation("DeregisterDelegatedAdministrator");

/// The most that Organizations puts on a page.
const PAGE: i32 = 20;

const fn operation(name: &'static str) -> Operation {
    Operation { service: "Organizations", name }
}

/// What a registration came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    /// This call did it, or may have.
    Now,
    /// It was so before: somebody else did it (Organizations says AccountAlreadyRegisteredException).
    Already,
}

/// Organizations with one deadline for every call.
///
/// Errors of all methods: what Organizations says, by [`ErrorKind`], after throttling, concurrent modification, 5xx,
/// resets and hangs were retried until the deadline. NotInOrganization where the account is in none; NotPermitted with
/// the broken rule in [`AwsError::rule`].
#[derive(Clone)]
pub struct Organizations {
    client: aws_sdk_organizations::Client,
    until: Deadline,
}

impl Organizations {
    pub(super) fn new(client: aws_sdk_organizations::Client, until: Deadline) -> Self {
        Self { client, until }
    }

    /// The organization that the account is in; `None` where it is in none. Any of its accounts may ask.
    ///
    /// # Errors
    /// As at [`Organizations`].
    pub async fn describe(&self) -> Result<Option<Organization>, AwsError> {
        let watch = self.watch(DESCRIBE);
        let request = self.client.describe_organization().customize().config_override(watched(&watch));
        match watch.end(request.send()).await {
            Ok(answer) => organization(present("Organization", answer.organization)?).map(Some),
            Err(error) if error.kind == ErrorKind::NotInOrganization => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether an account of the organization is active; `None` where it is not in it. Only the management account and
    /// delegated administrators may ask.
    ///
    /// # Errors
    /// As at [`Organizations`].
    pub async fn is_active(&self, account: &AccountId) -> Result<Option<bool>, AwsError> {
        let watch = self.watch(ACCOUNT);
        let request = self.client.describe_account().account_id(account.as_str());
        match watch.end(request.customize().config_override(watched(&watch)).send()).await {
            Ok(answer) => Ok(answer.account.as_ref().map(is_active)),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The services with trusted access. Only the management account and delegated administrators may ask.
    ///
    /// # Errors
    /// As at [`Organizations`].
    pub async fn trusted_services(&self) -> Result<Vec<TrustedService>, AwsError> {
        let request = self.client.list_aws_service_access_for_organization().max_results(PAGE);
        let mut pages = Pages::of(TRUSTED);
        while pages.has_more() {
            let request = request.clone().set_next_token(pages.token());
            let watch = self.watch(TRUSTED);
            let answer = watch.end(request.customize().config_override(watched(&watch)).send()).await?;
            pages.add(answer.enabled_service_principals, answer.next_token)?;
        }
        Ok(pages.into_items().into_iter().filter_map(trusted).collect())
    }

    /// Gives a service trusted access; nothing changes where it has it.
    ///
    /// # Errors
    /// As at [`Organizations`].
    pub async fn enable_trusted_access(&self, principal: &str) -> Result<(), AwsError> {
        let request = self.client.enable_aws_service_access().service_principal(principal);
        let watch = self.watch(ENABLE);
        watch.end(request.customize().config_override(watched(&watch)).send()).await?;
        Ok(())
    }

    /// The delegated administrators of a service.
    ///
    /// # Errors
    /// As at [`Organizations`].
    pub async fn delegated_administrators(&self, principal: &str) -> Result<Vec<AccountId>, AwsError> {
        let request = self.client.list_delegated_administrators().service_principal(principal);
        let request = request.max_results(PAGE);
        let mut pages = Pages::of(DELEGATED);
        while pages.has_more() {
            let request = request.clone().set_next_token(pages.token());
            let watch = self.watch(DELEGATED);
            let answer = watch.end(request.customize().config_override(watched(&watch)).send()).await?;
            pages.add(answer.delegated_administrators, answer.next_token)?;
        }
        let ids = pages.into_items().into_iter().map(|one| one.id.and_then(|id| id.parse().ok()));
        ids.map(|id| id.ok_or_else(|| incomplete(DELEGATED, "Id"))).collect()
    }

    /// Makes the account a delegated administrator of the service, and answers whether it was one already.
    ///
    /// # Errors
    /// As at [`Organizations`]; NotFound where the account is not in the organization.
    pub async fn register_delegated_administrator(
        &self,
        account: &AccountId,
        principal: &str,
    ) -> Result<Registered, AwsError> {
        let request = self
            .client
            .register_delegated_administrator()
            .account_id(account.as_str())
            .service_principal(principal);
        let watch = self.watch(REGISTER);
        let answer = watch.end(request.customize().config_override(watched(&watch)).send()).await;
        match answer {
            Ok(_) => Ok(Registered::Now),
            Err(error) if error.code.as_deref() == Some("AccountAlreadyRegisteredException") => {
                // A try before it, whose answer was lost, may have done it.
                Ok(if watch.has_lost_an_answer() { Registered::Now } else { Registered::Already })
            }
            Err(error) => Err(error),
        }
    }

    /// Takes that back; an account that is no delegated administrator is success.
    ///
    /// # Errors
    /// As at [`Organizations`]; NotFound where the account is not in the organization.
    pub async fn deregister_delegated_administrator(
        &self,
        account: &AccountId,
        principal: &str,
    ) -> Result<(), AwsError> {
        let request = self
            .client
            .deregister_delegated_administrator()
            .account_id(account.as_str())
            .service_principal(principal);
        let watch = self.watch(DEREGISTER);
        let answer = watch.end(request.customize().config_override(watched(&watch)).send()).await;
        match answer {
            Err(error) if error.code.as_deref() != Some("AccountNotRegisteredException") => Err(error),
            _ => Ok(()),
        }
    }

    fn watch<E>(&self, operation: Operation) -> Watch<E>
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        Watch::new(operation, self.until)
    }
}

fn organization(answer: Described) -> Result<Organization, AwsError> {
    let management = answer.master_account_id.and_then(|id| id.parse().ok());
    Ok(Organization {
        id: present("Id", answer.id)?,
        arn: present("Arn", answer.arn)?,
        all_features: present("FeatureSet", answer.feature_set)? == OrganizationFeatureSet::All,
        management_account: present("MasterAccountId", management)?,
    })
}

/// `State` has taken the place of `Status`, which partitions that trail may still send alone.
fn is_active(account: &Account) -> bool {
    let status = account.status.as_ref() == Some(&AccountStatus::Active);
    account.state.as_ref().map_or(status, |state| *state == AccountState::Active)
}

fn trusted(answer: EnabledServicePrincipal) -> Option<TrustedService> {
    Some(TrustedService {
        principal: answer.service_principal?,
        enabled_at: answer.date_enabled.and_then(|date| SystemTime::try_from(date).ok()),
    })
}

fn present<T>(member: &'static str, value: Option<T>) -> Result<T, AwsError> {
    value.ok_or_else(|| incomplete(DESCRIBE, member))
}

fn incomplete(operation: Operation, member: &'static str) -> AwsError {
    AwsError::new(operation, ErrorKind::Other, Some(Cause::Incomplete { member }))
}

/// The configuration of one call that is watched.
fn watched<E>(watch: &Watch<E>) -> aws_sdk_organizations::config::Builder
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    aws_sdk_organizations::config::Builder::new().interceptor(watch.clone()).retry_classifier(watch.clone())
}

impl fmt::Debug for Organizations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Organizations").field("until", &self.until).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::ErrorKind::{
        AccessDenied, Invalid, NotFound, NotInOrganization, NotPermitted, Other, Throttled, Unavailable,
    };
    use super::*;
    use crate::aws::Clients;
    use crate::aws::testing::{Codes, FakeAws, Reply, assert_kinds, words};
    use serde_json::{Value, json};
    use std::time::Duration;

    const LINK: &str = "license-manager.amazonaws.com";

    fn organizations(clients: &Clients) -> Organizations {
        clients.organizations(Deadline::after(Duration::from_secs(5)))
    }

    fn account() -> AccountId {
        "999988887777".parse().unwrap()
    }

    fn described() -> Value {
        json!({
            "Id": "o-abcdefghij", "Arn": "arn:aws:organizations::111122223333:organization/o-abcdefghij",
            "FeatureSet": "ALL", "MasterAccountId": "111122223333", "MasterAccountEmail": "a@example.com",
        })
    }

    async fn describe(reply: Reply) -> Result<Option<Organization>, AwsError> {
        let aws = FakeAws::in_turn([reply]);
        let answer = organizations(&aws.clients()).describe().await;
        assert_eq!((aws.calls()[0].operation.as_str(), aws.count()), ("DescribeOrganization", 1));
        answer
    }

    #[tokio::test(start_paused = true)]
    async fn an_organization_is_read_whole() {
        let found = describe(Reply::Json(json!({"Organization": described()}))).await.unwrap().unwrap();
        assert_eq!(
            found,
            Organization {
                id: "o-abcdefghij".into(),
                arn: "arn:aws:organizations::111122223333:organization/o-abcdefghij".into(),
                all_features: true,
                management_account: "111122223333".parse().unwrap(),
            }
        );
    }

    #[tokio::test(start_paused = true)]
    async fn consolidated_billing_and_feature_sets_to_come_are_not_all_features() {
        for set in ["CONSOLIDATED_BILLING", "SOMETHING_NEW"] {
            let mut answer = described();
            answer["FeatureSet"] = set.into();
            let found = describe(Reply::Json(json!({"Organization": answer}))).await.unwrap().unwrap();
            assert!(!found.all_features, "{set}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_account_without_an_organization_has_none() {
        let refused = Reply::Refuse(400, "AWSOrganizationsNotInUseException", "not a member");
        assert_eq!(describe(refused).await.unwrap(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn an_account_is_active_by_its_state_and_by_its_status_where_there_is_no_state() {
        for (answer, expected) in [
            (json!({"State": "ACTIVE", "Status": "SUSPENDED"}), Some(true)),
            (json!({"State": "PENDING_CLOSURE", "Status": "ACTIVE"}), Some(false)),
            (json!({"Status": "ACTIVE"}), Some(true)),
            (json!({"Status": "SUSPENDED"}), Some(false)),
            (json!({}), Some(false)),
        ] {
            let aws = FakeAws::in_turn([Reply::Json(json!({"Account": answer}))]);
            assert_eq!(organizations(&aws.clients()).is_active(&account()).await.unwrap(), expected);
            let sent = &aws.calls()[0];
            assert_eq!(
                (sent.operation.as_str(), &sent.body),
                ("DescribeAccount", &json!({"AccountId": account().as_str()}))
            );
        }
        let aws = FakeAws::in_turn([Reply::Refuse(400, "AccountNotFoundException", "no such account")]);
        assert_eq!(organizations(&aws.clients()).is_active(&account()).await.unwrap(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn an_organization_without_what_matters_is_an_error_that_names_it() {
        for member in ["Id", "Arn", "FeatureSet", "MasterAccountId"] {
            let mut answer = described();
            answer[member] = Value::Null;
            let error = describe(Reply::Json(json!({"Organization": answer}))).await.unwrap_err();
            match error.cause {
                Some(Cause::Incomplete { member: missing }) => assert_eq!(missing, member),
                other => panic!("{member}: {other:?}"),
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn trusted_services_are_read_behind_empty_pages_with_their_dates() {
        let aws = FakeAws::in_turn([
            Reply::Json(json!({"EnabledServicePrincipals": [], "NextToken": "two"})),
            Reply::Json(json!({
                "EnabledServicePrincipals": [{"ServicePrincipal": LINK, "DateEnabled": 1_764_000_000.5}],
                "NextToken": "three",
            })),
            Reply::Json(json!({"EnabledServicePrincipals": [{"ServicePrincipal": "ram.amazonaws.com"}]})),
        ]);
        let found = organizations(&aws.clients()).trusted_services().await.unwrap();
        let date = SystemTime::UNIX_EPOCH + Duration::from_millis(1_764_000_000_500);
        let principals = [(LINK, Some(date)), ("ram.amazonaws.com", None)];
        assert_eq!(
            found,
            principals.map(|(name, enabled_at)| TrustedService { principal: name.into(), enabled_at })
        );
        assert_eq!(aws.calls()[0].operation, "ListAWSServiceAccessForOrganization");
        assert_eq!(aws.calls()[0].body, json!({"MaxResults": 20}));
        assert_eq!(aws.calls()[2].body, json!({"MaxResults": 20, "NextToken": "three"}));
    }

    #[tokio::test(start_paused = true)]
    async fn delegated_administrators_are_asked_for_by_service_and_read_to_the_last_page() {
        let aws = FakeAws::in_turn([
            Reply::Json(json!({"DelegatedAdministrators": [], "NextToken": "two"})),
            Reply::Json(json!({"DelegatedAdministrators": [
                {"Id": "999988887777", "State": "ACTIVE"}, {"Id": "000011112222", "State": "SUSPENDED"},
            ]})),
        ]);
        let found = organizations(&aws.clients()).delegated_administrators(LINK).await.unwrap();
        assert_eq!(found, [account(), "000011112222".parse().unwrap()]);
        assert_eq!(aws.calls()[0].body, json!({"ServicePrincipal": LINK, "MaxResults": 20}));
        assert_eq!(aws.calls()[1].body["NextToken"], "two");
    }

    #[tokio::test(start_paused = true)]
    async fn a_list_whose_token_repeats_itself_ends_in_an_error() {
        let aws = FakeAws::new(|_, _| Reply::Json(json!({"NextToken": "again"})));
        let organizations = organizations(&aws.clients());
        let trusted = organizations.trusted_services().await.unwrap_err();
        let delegated = organizations.delegated_administrators(LINK).await.unwrap_err();
        assert!(matches!(trusted.cause, Some(Cause::RepeatedToken)), "{trusted:?}");
        assert!(matches!(delegated.cause, Some(Cause::RepeatedToken)), "{delegated:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn writes_name_the_service_and_the_account() {
        let aws = FakeAws::new(|_, _| Reply::Raw(200, ""));
        let organizations = organizations(&aws.clients());
        organizations.enable_trusted_access(LINK).await.unwrap();
        organizations.register_delegated_administrator(&account(), LINK).await.unwrap();
        organizations.deregister_delegated_administrator(&account(), LINK).await.unwrap();
        let both = json!({"AccountId": "999988887777", "ServicePrincipal": LINK});
        let sent: Vec<_> = aws.calls().into_iter().map(|call| (call.operation, call.body)).collect();
        assert_eq!(
            sent,
            [
                ("EnableAWSServiceAccess".to_owned(), json!({"ServicePrincipal": LINK})),
                ("RegisterDelegatedAdministrator".to_owned(), both.clone()),
                ("DeregisterDelegatedAdministrator".to_owned(), both),
            ]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_so_already_is_success_and_only_in_its_direction() {
        let already = Reply::Refuse(400, "AccountAlreadyRegisteredException", "already");
        let not = Reply::Refuse(400, "AccountNotRegisteredException", "not");
        let aws = FakeAws::in_turn([already.clone(), not.clone(), not, already]);
        let organizations = organizations(&aws.clients());
        let registered = organizations.register_delegated_administrator(&account(), LINK).await.unwrap();
        assert_eq!(registered, Registered::Already);
        organizations.deregister_delegated_administrator(&account(), LINK).await.unwrap();
        assert!(organizations.register_delegated_administrator(&account(), LINK).await.is_err());
        assert!(organizations.deregister_delegated_administrator(&account(), LINK).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn the_broken_rule_is_kept_and_shown() {
        let body = r#"{"__type": "ConstraintViolationException", "Message": "You cannot register it",
            "Reason": "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR"}"#;
        let aws = FakeAws::in_turn([Reply::Raw(400, body)]);
        let organizations = organizations(&aws.clients());
        let error = organizations.register_delegated_administrator(&account(), LINK).await.unwrap_err();
        assert_eq!(error.kind, NotPermitted);
        assert_eq!(error.rule(), Some("CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR"));
        assert_eq!(
            words(&error),
            "Organizations refused RegisterDelegatedAdministrator: You cannot register it \
             (ConstraintViolationException): the rule is CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_no_word_of_a_rule_is_not_shown() {
        let body =
            r#"{"__type": "InvalidInputException", "Message": "m", "Reason": "x-amz-security-token: T"}"#;
        let aws = FakeAws::in_turn([Reply::Raw(400, body)]);
        let error = organizations(&aws.clients()).enable_trusted_access("x").await.unwrap_err();
        assert_eq!((error.kind, error.rule()), (Invalid, None));
    }

    #[tokio::test(start_paused = true)]
    async fn concurrent_modification_is_retried_until_it_passes() {
        for code in ["ConcurrentModificationException", "TooManyRequestsException", "ServiceException"] {
            let refused = Reply::Refuse(400, code, "later");
            let aws = FakeAws::in_turn([refused.clone(), refused, Reply::Raw(200, "{}")]);
            let organizations = aws.clients().organizations(Deadline::after(Duration::from_secs(100)));
            let registered = organizations.register_delegated_administrator(&account(), LINK).await.unwrap();
            assert_eq!(registered, Registered::Now, "{code}");
            assert_eq!(aws.count(), 3, "{code}");
        }
    }

    const EVERY: Codes<5> = [
        ("AccessDeniedException", 400, AccessDenied),
        ("AWSOrganizationsNotInUseException", 400, NotInOrganization),
        ("ServiceException", 400, Unavailable),
        ("TooManyRequestsException", 400, Throttled),
        ("UnrecognizedClientException", 400, Other),
    ];
    const BUT_DESCRIBE: Codes<3> = [
        ("ConstraintViolationException", 400, NotPermitted),
        ("InvalidInputException", 400, Invalid),
        ("UnsupportedAPIEndpointException", 400, Other),
    ];
    const WRITE: Codes<1> = [("ConcurrentModificationException", 400, Throttled)];
    const ACCOUNT: Codes<1> = [("AccountNotFoundException", 400, NotFound)];

    #[tokio::test(start_paused = true)]
    async fn every_code_of_a_list_has_its_kind() {
        let lists = [&EVERY[..], &BUT_DESCRIBE].concat();
        assert_kinds("Organizations", TRUSTED.name, &lists, async |clients| {
            organizations(clients).trusted_services().await.map(drop)
        })
        .await;
        assert_kinds("Organizations", DELEGATED.name, &lists, async |clients| {
            organizations(clients).delegated_administrators(LINK).await.map(drop)
        })
        .await;
        let [denied, _, failed, throttled, unknown] = EVERY;
        let describe = [denied, failed, throttled, unknown, WRITE[0]];
        assert_kinds("Organizations", DESCRIBE.name, &describe, async |clients| {
            organizations(clients).describe().await.map(drop)
        })
        .await;
    }

    #[tokio::test(start_paused = true)]
    async fn every_code_of_a_write_has_its_kind() {
        let writes = [&EVERY[..], &BUT_DESCRIBE, &WRITE].concat();
        assert_kinds("Organizations", ENABLE.name, &writes, async |clients| {
            organizations(clients).enable_trusted_access(LINK).await
        })
        .await;
        let writes = [&writes[..], &ACCOUNT].concat();
        assert_kinds("Organizations", REGISTER.name, &writes, async |clients| {
            organizations(clients).register_delegated_administrator(&account(), LINK).await.map(drop)
        })
        .await;
        assert_kinds("Organizations", DEREGISTER.name, &writes, async |clients| {
            organizations(clients).deregister_delegated_administrator(&account(), LINK).await
        })
        .await;
    }
}
