//! The one reader of the environment.

use crate::aws::Endpoints;
use crate::domain::{AccountId, AccountIdError};
use crate::protocol::{Entrances, ExtraHosts};
use std::collections::BTreeSet;

/// What the function's environment says.
#[derive(Clone, Debug)]
pub struct Config {
    /// `AWS_REGION`, which Lambda sets.
    pub region: String,
    /// `RECORD_TABLE`: the DynamoDB table of records.
    pub record_table: String,
    /// `WAIT_QUEUE_URL`: the provider's own SQS queue; without it no request outlasts an invocation.
    pub wait_queue_url: Option<String>,
    /// `TRUSTED_ACCOUNTS`: whose stacks are served beside the function's own account's.
    pub trusted: Trusted,
    /// `RESPONSE_URL_EXTRA_HOSTS`: hosts that are answered beside CloudFormation's buckets.
    pub extra_hosts: ExtraHosts,
    /// `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>`, as the AWS SDKs read them.
    pub endpoints: Endpoints,
    /// `PROVIDER_ROLE=rescue`: the process is the rescue function.
    pub rescue: Option<RescueConfig>,
    /// What is wrong with the environment. It is answered with the first request instead of failing the start, which
    /// CloudFormation would never hear of.
    pub problems: Vec<String>,
}

/// What only the rescue function's environment says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RescueConfig {
    /// `FAILED_INVOCATIONS_ARN` and `WAIT_DEAD_LETTERS_ARN`: the queues whose messages it takes.
    pub entrances: Entrances,
    /// `LOG_GROUP_NAME`: where the log of the provider's function is; may be empty.
    pub log_group: String,
}

/// Whose stacks may ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trusted {
    /// Whomever the function's resource policy lets in, for types that serve anyone; for others the own account alone.
    Anyone,
    /// The function's own account and these.
    Accounts(BTreeSet<AccountId>),
}

impl Trusted {
    /// Whether a stack of `account` may ask a provider that runs in `home` for a type that serves anyone, or not.
    pub fn includes(&self, account: &str, home: &AccountId, serves_anyone: bool) -> bool {
        let named = match self {
            Self::Anyone => serves_anyone,
            Self::Accounts(accounts) => accounts.iter().any(|trusted| trusted.as_str() == account),
        };
        named || account == home.as_str()
    }

    fn parse(list: &str) -> Result<Self, AccountIdError> {
        let words: Vec<&str> = list.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
        if words == ["*"] {
            return Ok(Self::Anyone);
        }
        words.into_iter().map(str::parse).collect::<Result<_, _>>().map(Self::Accounts)
    }
}

impl Config {
    /// Reads the environment of this process.
    #[expect(clippy::disallowed_methods, reason = "the one reader of the environment")]
    pub fn from_env() -> Self {
        Self::from(|name| std::env::var(name).ok())
    }

    /// `AWS_LAMBDA_LOG_LEVEL`, read apart because logging starts first.
    #[expect(clippy::disallowed_methods, reason = "the one reader of the environment")]
    pub fn log_level() -> Option<String> {
        std::env::var("AWS_LAMBDA_LOG_LEVEL").ok()
    }

    fn from(read: impl Fn(&str) -> Option<String>) -> Self {
        let get =
            |name: &str| read(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let mut problems = Vec::new();
        let mut required = |name: &str| {
            get(name).unwrap_or_else(|| {
                problems.push(format!("{name} is not set"));
                String::new()
            })
        };
        let (region, record_table) = (required("AWS_REGION"), required("RECORD_TABLE"));
        let trusted = Trusted::parse(&get("TRUSTED_ACCOUNTS").unwrap_or_default()).unwrap_or_else(|error| {
            problems.push(format!("TRUSTED_ACCOUNTS is no comma-separated list of account ids: {error}"));
            Trusted::Accounts(BTreeSet::new())
        });
        let hosts = get("RESPONSE_URL_EXTRA_HOSTS").unwrap_or_default();
        let extra_hosts = hosts.parse().unwrap_or_else(|error| {
            problems.push(format!("RESPONSE_URL_EXTRA_HOSTS cannot be read: {error}"));
            ExtraHosts::default()
        });
        let endpoint =
            |service: &str| get(&format!("AWS_ENDPOINT_URL_{service}")).or_else(|| get("AWS_ENDPOINT_URL"));
        let endpoints = Endpoints {
            ram: endpoint("RAM"),
            license_manager: endpoint("LICENSE_MANAGER"),
            dynamodb: endpoint("DYNAMODB"),
            organizations: endpoint("ORGANIZATIONS"),
            iam: endpoint("IAM"),
            sts: endpoint("STS"),
            sqs: endpoint("SQS"),
        };
        let rescue = match get("PROVIDER_ROLE").as_deref() {
            Some("rescue") => Some(RescueConfig::from(get)),
            None => None,
            Some(_) => {
                problems.push("PROVIDER_ROLE is not rescue".to_owned());
                None
            }
        };
        let wait_queue_url = get("WAIT_QUEUE_URL");
        Self { region, record_table, wait_queue_url, trusted, extra_hosts, endpoints, rescue, problems }
    }
}

impl RescueConfig {
    fn from(get: impl Fn(&str) -> Option<String>) -> Self {
        let failed_invocations = get("FAILED_INVOCATIONS_ARN");
        let wait_dead_letters = get("WAIT_DEAD_LETTERS_ARN");
        let entrances = Entrances { failed_invocations, wait_dead_letters };
        Self { entrances, log_group: get("LOG_GROUP_NAME").unwrap_or_default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(variables: &[(&str, &str)]) -> Config {
        let all = [&[("AWS_REGION", "eu-west-1"), ("RECORD_TABLE", "records")], variables].concat();
        Config::from(|name| {
            all.iter().rev().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_service_endpoint_beats_the_general_one() {
        let config = config(&[("AWS_ENDPOINT_URL", "http://a"), ("AWS_ENDPOINT_URL_RAM", "http://b")]);
        assert_eq!(config.endpoints.ram.as_deref(), Some("http://b"));
        assert_eq!(config.endpoints.license_manager.as_deref(), Some("http://a"));
        let names = ["RAM", "LICENSE_MANAGER", "DYNAMODB", "ORGANIZATIONS", "IAM", "STS", "SQS"];
        for name in names {
            let one = self::config(&[(&format!("AWS_ENDPOINT_URL_{name}"), name)]).endpoints;
            let all =
                [one.ram, one.license_manager, one.dynamodb, one.organizations, one.iam, one.sts, one.sqs];
            let expected = names.map(|other| (other == name).then(|| name.to_owned()));
            assert_eq!(all, expected, "{name}");
        }
        assert_eq!(config.problems, Vec::<String>::new());
    }

    #[test]
    fn only_the_own_account_is_trusted_unless_others_are_named() {
        let home: AccountId = "111122223333".parse().unwrap();
        let own = config(&[]).trusted;
        assert!(own.includes("111122223333", &home, false) && !own.includes("444455556666", &home, true));
        let named = config(&[("TRUSTED_ACCOUNTS", "444455556666, 777788889999")]).trusted;
        assert!(named.includes("444455556666", &home, false) && named.includes("111122223333", &home, false));
        assert!(!named.includes("000000000000", &home, true));
    }

    #[test]
    fn a_star_lets_anyone_in_for_types_that_serve_anyone_alone() {
        let home: AccountId = "111122223333".parse().unwrap();
        let anyone = config(&[("TRUSTED_ACCOUNTS", "*")]).trusted;
        assert!(
            anyone.includes("444455556666", &home, true) && !anyone.includes("444455556666", &home, false)
        );
        assert!(anyone.includes("111122223333", &home, false));
    }

    #[test]
    fn every_problem_is_named_and_none_stops_the_start() {
        let config =
            config(&[("RECORD_TABLE", ""), ("TRUSTED_ACCOUNTS", "me"), ("RESPONSE_URL_EXTRA_HOSTS", "a b")]);
        assert_eq!(config.problems.len(), 3, "{:?}", config.problems);
        assert_eq!(config.trusted, Trusted::Accounts(BTreeSet::new()));
    }

    #[test]
    fn a_process_is_the_rescue_function_only_where_its_role_says_so() {
        assert_eq!(config(&[("FAILED_INVOCATIONS_ARN", "a")]).rescue, None);
        let variables = [
            ("PROVIDER_ROLE", "rescue"),
            ("FAILED_INVOCATIONS_ARN", "a"),
            ("WAIT_DEAD_LETTERS_ARN", "b"),
            ("LOG_GROUP_NAME", "/logs"),
        ];
        let entrances =
            Entrances { failed_invocations: Some("a".to_owned()), wait_dead_letters: Some("b".to_owned()) };
        let expected = RescueConfig { entrances, log_group: "/logs".to_owned() };
        assert_eq!(config(&variables).rescue, Some(expected));
        let other = config(&[("PROVIDER_ROLE", "rescuer")]);
        assert_eq!((other.rescue, other.problems.len()), (None, 1));
    }
}
