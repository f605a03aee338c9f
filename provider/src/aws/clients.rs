//! The SDK's clients, each built when it is first used.

use super::backoff;
use super::deadline::Deadline;
use super::iam::Iam;
use super::license_manager::LicenseManager;
use super::organizations::Organizations;
use super::ram::Ram;
use super::sqs::Sqs;
use super::sts::{AssumedRole, Sts};
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::tls;
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

/// The longest that one attempt may take: what hangs is sent again.
const ATTEMPT: Duration = Duration::from_secs(10);

/// The longest that a connection, TLS included, may take to come about.
const CONNECT: Duration = Duration::from_secs(3);

/// So many that the deadline of the call ends it, not their number.
const ATTEMPTS: u32 = 100;

/// Where a service is, if not at AWS. Read from the environment by the provider's configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// RAM's base URL.
    pub ram: Option<String>,
    /// License Manager's base URL.
    pub license_manager: Option<String>,
    /// DynamoDB's base URL.
    pub dynamodb: Option<String>,
    /// The base URL of Organizations.
    pub organizations: Option<String>,
    /// IAM's base URL.
    pub iam: Option<String>,
    /// STS's base URL.
    pub sts: Option<String>,
    /// SQS's base URL.
    pub sqs: Option<String>,
}

impl Endpoints {
    /// All services at one base URL, as a local cloud has them.
    pub fn all_at(url: &str) -> Self {
        let url = Some(url.to_owned());
        Self {
            ram: url.clone(),
            license_manager: url.clone(),
            dynamodb: url.clone(),
            organizations: url.clone(),
            iam: url.clone(),
            sts: url.clone(),
            sqs: url,
        }
    }
}

/// What clients are made from.
#[derive(Clone)]
pub struct ClientSettings {
    /// Such as `eu-west-1`.
    pub region: String,
    /// Who calls; the session token is part of it.
    pub credentials: SharedCredentialsProvider,
    /// Where the services are, if not at AWS.
    pub endpoints: Endpoints,
    /// Shared by all clients.
    pub http_client: SharedHttpClient,
}

impl ClientSettings {
    /// Those of a Lambda function: its role's credentials from the environment, and [`http_client`].
    pub fn new(region: impl Into<String>, endpoints: Endpoints) -> Self {
        Self {
            region: region.into(),
            credentials: environment_credentials(),
            endpoints,
            http_client: http_client(),
        }
    }
}

impl fmt::Debug for ClientSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSettings")
            .field("region", &self.region)
            .field("endpoints", &self.endpoints)
            .finish_non_exhaustive()
    }
}

/// The HTTP client, rustls on ring.
///
/// One for all services: connections, TLS configuration and root certificates are what a cold start pays for, and a
/// second set of them costs about as much as all else. Lazy: nothing is loaded here, but when the first SDK client is
/// built, which is while an event is handled and not while Lambda waits for the function to be ready.
pub fn http_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .build_https()
}

/// The credentials of the function's role, read from the environment by the SDK for each call, session token included.
pub fn environment_credentials() -> SharedCredentialsProvider {
    SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new())
}

/// The clients of one set of credentials. Cheap to make; shared by reference.
pub struct Clients {
    settings: ClientSettings,
    ram: OnceLock<aws_sdk_ram::Client>,
    license_manager: OnceLock<aws_sdk_licensemanager::Client>,
    dynamodb: OnceLock<aws_sdk_dynamodb::Client>,
    organizations: OnceLock<aws_sdk_organizations::Client>,
    iam: OnceLock<aws_sdk_iam::Client>,
    sts: OnceLock<aws_sdk_sts::Client>,
    sqs: OnceLock<aws_sdk_sqs::Client>,
}

/// The client of one service, built when it is first asked for.
macro_rules! client {
    ($clients:ident, $service:ident, $sdk:ident) => {
        $clients
            .$service
            .get_or_init(|| {
                let mut config =
                    $sdk::config::Builder::from(&$clients.sdk_config()).retry_partition(retry_partition());
                config.set_endpoint_url($clients.settings.endpoints.$service.clone());
                $sdk::Client::from_conf(config.build())
            })
            .clone()
    };
}

impl Clients {
    /// Builds none of them yet.
    pub fn new(settings: ClientSettings) -> Self {
        Self {
            settings,
            ram: OnceLock::new(),
            license_manager: OnceLock::new(),
            dynamodb: OnceLock::new(),
            organizations: OnceLock::new(),
            iam: OnceLock::new(),
            sts: OnceLock::new(),
            sqs: OnceLock::new(),
        }
    }

    /// Clients that act as this role, in its account: the same region, endpoints and HTTP client.
    pub fn acting_as(&self, role: &AssumedRole) -> Self {
        Self::new(ClientSettings { credentials: role.credentials(), ..self.settings.clone() })
    }

    /// RAM, each call bounded by the deadline.
    pub fn ram(&self, until: Deadline) -> Ram {
        Ram::new(client!(self, ram, aws_sdk_ram), until)
    }

    /// License Manager, each call bounded by the deadline.
    pub fn license_manager(&self, until: Deadline) -> LicenseManager {
        LicenseManager::new(client!(self, license_manager, aws_sdk_licensemanager), until)
    }

    /// Organizations, each call bounded by the deadline. It is global: the SDK finds the endpoint of the partition and
    /// the region to sign for.
    pub fn organizations(&self, until: Deadline) -> Organizations {
        Organizations::new(client!(self, organizations, aws_sdk_organizations), until)
    }

    /// IAM, each call bounded by the deadline. It is global, as Organizations is.
    pub fn iam(&self, until: Deadline) -> Iam {
        Iam::new(client!(self, iam, aws_sdk_iam), until)
    }

    /// STS in the region, each call bounded by the deadline.
    pub fn sts(&self, until: Deadline) -> Sts {
        Sts::new(client!(self, sts, aws_sdk_sts), until)
    }

    /// SQS; a message is sent within 20 s or not at all.
    pub fn sqs(&self) -> Sqs {
        Sqs::new(client!(self, sqs, aws_sdk_sqs))
    }

    /// DynamoDB's own client, for the record alone. It has no deadline, so its retries are few and a call ends within
    /// 20 s.
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        let client = self.dynamodb.get_or_init(|| {
            let retries = RetryConfig::standard()
                .with_max_attempts(6)
                .with_initial_backoff(Duration::from_millis(100))
                .with_max_backoff(Duration::from_secs(2));
            let timeouts = TimeoutConfig::builder()
                .connect_timeout(CONNECT)
                .operation_attempt_timeout(Duration::from_secs(5))
                .operation_timeout(Duration::from_secs(20));
            let mut config = aws_sdk_dynamodb::config::Builder::from(&self.sdk_config())
                .retry_partition(retry_partition())
                .retry_config(retries)
                .timeout_config(timeouts.build());
            config.set_endpoint_url(self.settings.endpoints.dynamodb.clone());
            aws_sdk_dynamodb::Client::from_conf(config.build())
        });
        client.clone()
    }

    /// Made by hand: the SDK's loader looks for profiles, SSO and instance metadata, which costs a cold start 10 ms.
    fn sdk_config(&self) -> SdkConfig {
        let retries = RetryConfig::standard().with_max_attempts(ATTEMPTS).with_max_backoff(backoff::LONGEST);
        let timeouts =
            TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(ATTEMPT).build();
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(self.settings.region.clone()))
            .credentials_provider(self.settings.credentials.clone())
            // The environment is as quick as a cache, and the credentials are never older than it.
            .identity_cache(IdentityCache::no_cache())
            .http_client(self.settings.http_client.clone())
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .retry_config(retries)
            .timeout_config(timeouts)
            // The time-out of an attempt covers its body.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build()
    }
}

/// By default all calls of a process share 500 retry tokens, five a retry, and when they are gone nothing is retried.
/// Here the deadline bounds retries.
fn retry_partition() -> RetryPartition {
    RetryPartition::custom("unlimited").token_bucket(TokenBucket::unlimited()).build()
}

impl fmt::Debug for Clients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clients").field("settings", &self.settings).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{FakeAws, words};
    use crate::aws::{Cause, ErrorKind};
    use aws_credential_types::Credentials;
    use std::io;

    /// With the real HTTP client; nothing listens at its endpoints.
    async fn unreachable() -> (Clients, String) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let endpoints = Endpoints::all_at(&format!("http://{host}"));
        let settings = ClientSettings {
            credentials: SharedCredentialsProvider::new(Credentials::new("a", "b", None, None, "test")),
            ..ClientSettings::new("eu-west-1", endpoints)
        };
        (Clients::new(settings), host)
    }

    #[tokio::test]
    async fn a_refused_connection_is_retried_to_the_deadline_and_named_without_its_address() {
        let (clients, host) = unreachable().await;
        let ram = clients.ram(Deadline::after(Duration::from_millis(200)));
        let error = ram.find_shares_named("licenses").await.unwrap_err();
        assert_eq!((error.kind, error.last().kind), (ErrorKind::DeadlineOver, ErrorKind::Unreachable));
        let refused = io::ErrorKind::ConnectionRefused;
        assert!(
            matches!(error.last().cause, Some(Cause::Connection { kind }) if kind == refused),
            "{error:?}"
        );
        assert!(!format!("{error:?} {}", words(&error)).contains(&host), "{error:?}");
    }

    /// Where a call of each service goes and what it is signed for: IAM, Organizations, STS, SQS.
    async fn calls_of(aws: &FakeAws, clients: &Clients) -> Vec<(String, String)> {
        let until = Deadline::after(Duration::from_secs(5));
        clients.iam(until).has_role("a").await.unwrap_err();
        clients.organizations(until).describe().await.unwrap_err();
        clients.sts(until).caller_identity().await.unwrap_err();
        let queue = "https://sqs.eu-west-1.amazonaws.com/111122223333/waiting";
        clients.sqs().send(queue, "a", Duration::ZERO).await.unwrap_err();
        aws.calls().into_iter().map(|call| (call.host, call.scope)).collect()
    }

    fn owned<const N: usize>(calls: [(&str, &str); N]) -> Vec<(String, String)> {
        calls.map(|(host, scope)| (host.to_owned(), scope.to_owned())).into()
    }

    #[tokio::test(start_paused = true)]
    async fn global_services_are_found_and_signed_for_in_each_partition() {
        let aws = FakeAws::in_turn([]);
        assert_eq!(
            calls_of(&aws, &aws.clients_in("eu-west-1")).await,
            owned([
                ("iam.amazonaws.com", "us-east-1/iam"),
                ("organizations.us-east-1.amazonaws.com", "us-east-1/organizations"),
                ("sts.eu-west-1.amazonaws.com", "eu-west-1/sts"),
                ("sqs.eu-west-1.amazonaws.com", "eu-west-1/sqs"),
            ])
        );
        let aws = FakeAws::in_turn([]);
        assert_eq!(
            calls_of(&aws, &aws.clients_in("cn-north-1")).await,
            owned([
                ("iam.cn-north-1.amazonaws.com.cn", "cn-north-1/iam"),
                ("organizations.cn-northwest-1.amazonaws.com.cn", "cn-northwest-1/organizations"),
                ("sts.cn-north-1.amazonaws.com.cn", "cn-north-1/sts"),
                ("sqs.cn-north-1.amazonaws.com.cn", "cn-north-1/sqs"),
            ])
        );
    }

    #[tokio::test(start_paused = true)]
    async fn another_endpoint_is_signed_for_in_the_functions_own_region() {
        let aws = FakeAws::in_turn([]);
        let calls = calls_of(&aws, &aws.clients()).await;
        let services = ["iam", "organizations", "sts", "sqs"];
        let expected =
            services.map(|service| ("secret-host.test".to_owned(), format!("eu-west-1/{service}")));
        assert_eq!(calls, expected);
    }

    #[tokio::test]
    async fn a_client_is_built_once_and_only_when_it_is_used() {
        let (clients, _) = unreachable().await;
        assert!(clients.ram.get().is_none() && clients.dynamodb.get().is_none());
        clients.dynamodb();
        clients.license_manager(Deadline::after(Duration::ZERO));
        assert!(clients.ram.get().is_none());
        assert!(clients.dynamodb.get().is_some() && clients.license_manager.get().is_some());
    }
}
