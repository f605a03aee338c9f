//! Acting in another account through a role, for one request (AWS STS API reference, AssumeRole).
//!
//! A provider that serves many accounts must not be led to use one account's role for another's stack. So the external
//! id names the account of the stack that asks, and a role's trust policy names the external id.

use super::{ApplyError, ObserveError, Reach, Subject};
use crate::aws::{AssumedRole, AwsError, Clients, Deadline, ErrorKind, Ram, looks};
use crate::domain::{AccountId, Home, RoleArn};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;
use tokio::time::sleep;

/// Begins the session's name, which the other account's trail shows, and the external id.
const PROVIDER: &str = "license-manager-provider";
/// How often more STS is asked for a role that is new: after 0.3, 1, 2, 4 and 8 seconds.
const TRIES: usize = 5;
/// STS takes no longer session name.
const LONGEST_NAME: usize = 64;

/// The roles that a request has assumed. Their credentials live as long as this, which is no longer than the request.
#[derive(Debug, Default)]
pub struct Roles {
    assumed: Mutex<BTreeMap<RoleArn, Arc<Clients>>>,
    /// Whom a trust policy must let in, once that was asked for.
    principal: OnceCell<String>,
}

impl Roles {
    fn get(&self, role: &RoleArn) -> Option<Arc<Clients>> {
        self.assumed.lock().unwrap_or_else(PoisonError::into_inner).get(role).cloned()
    }

    fn keep(&self, role: &RoleArn, clients: &Arc<Clients>) {
        self.assumed.lock().unwrap_or_else(PoisonError::into_inner).insert(role.clone(), Arc::clone(clients));
    }
}

/// AWS as one account sees it that a request acts for through a role.
#[derive(Clone, Debug)]
pub struct Acting {
    account: AccountId,
    clients: Arc<Clients>,
    until: Deadline,
}

impl Acting {
    /// The account that is acted for: the role's.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// RAM of that account.
    pub fn ram(&self) -> Ram {
        self.clients.ram(self.until)
    }
}

/// A role could not be assumed; nothing was changed.
#[derive(Debug, thiserror::Error)]
#[error("acting through the role {role}")]
pub struct ActingError {
    /// Which.
    pub role: RoleArn,
    /// What STS said.
    #[source]
    pub source: AwsError,
    /// What to do about it, the statement to add to the trust policy included.
    pub advice: String,
}

impl ActingError {
    /// Whether STS refuses it: the role is not there, or the provider is not let in.
    pub fn is_refused(&self) -> bool {
        self.source.last().kind == ErrorKind::AccessDenied
    }

    /// The failure of a look.
    pub fn looking(self) -> ObserveError {
        ObserveError::Aws { source: self.source, advice: self.advice }
    }

    /// The failure of a step, "accepting the invitation".
    pub fn doing(self, doing: impl Into<String>) -> ApplyError {
        ApplyError::Call { doing: doing.into(), source: self.source, advice: self.advice }
    }
}

impl Reach<'_> {
    /// Acts through `role`, which is assumed once a request, with a session name and an external id that tell which
    /// stack asks.
    ///
    /// # Errors
    /// STS does not give the role; where it denies access, the advice prints the statement to add.
    pub async fn acting_as(&self, subject: &Subject, role: &RoleArn) -> Result<Acting, ActingError> {
        let clients = match self.roles.get(role) {
            Some(clients) => clients,
            None => self.assume(subject, role).await?,
        };
        Ok(Acting { account: role.account().clone(), clients, until: self.until })
    }

    /// As [`Reach::acting_as`], for a role that the same stack may have made a moment ago, which is not known everywhere yet
    /// (AWS IAM user guide, "Changes that I make are not always immediately visible"): where STS refuses it is asked again
    /// for a quarter of a minute.
    ///
    /// # Errors
    /// As there.
    pub async fn acting_as_new(&self, subject: &Subject, role: &RoleArn) -> Result<Acting, ActingError> {
        let mut delays = looks().take(TRIES);
        loop {
            match (self.acting_as(subject, role).await, delays.next()) {
                (Err(error), Some(delay)) if error.is_refused() && delay < self.patience.remaining() => {
                    sleep(delay).await;
                }
                (result, _) => return result,
            }
        }
    }

    async fn assume(&self, subject: &Subject, role: &RoleArn) -> Result<Arc<Clients>, ActingError> {
        let sts = self.clients.sts(self.until);
        let external_id = external_id(subject);
        match sts.assume_role(role, &session_name(subject), Some(&external_id)).await {
            Ok(assumed) => Ok(self.remember(role, &assumed)),
            Err(source) => {
                let advice = self.advice(subject, role, &external_id, &source).await;
                Err(ActingError { role: role.clone(), source, advice })
            }
        }
    }

    fn remember(&self, role: &RoleArn, assumed: &AssumedRole) -> Arc<Clients> {
        let clients = Arc::new(self.clients.acting_as(assumed));
        self.roles.keep(role, &clients);
        clients
    }

    async fn advice(&self, subject: &Subject, role: &RoleArn, external_id: &str, error: &AwsError) -> String {
        match error.last().kind {
            ErrorKind::AccessDenied => {
                // Asked only now, and once a request: it is a call, and only refusals need to know.
                let principal = self.roles.principal.get_or_init(|| self.principal(subject)).await;
                refused(role, &statement(principal, external_id))
            }
            ErrorKind::Invalid => format!("Check the role's ARN, {role}"),
            _ => "Try again in a few minutes: nothing was changed through the role".to_owned(),
        }
    }

    /// The provider as a trust policy names it: its role, or its account where STS does not say.
    async fn principal(&self, subject: &Subject) -> String {
        let caller = self.clients.sts(self.until).caller_identity().await;
        caller.map_or_else(|_| root(&subject.home), |caller| principal(&caller.arn))
    }
}

/// Says whose stack asks; an account that trusts the provider names its own, so that no other account's stack can use
/// its role.
pub fn external_id(subject: &Subject) -> String {
    let account = subject.stack().map(|stack| stack.account().to_owned()).unwrap_or_default();
    format!("{PROVIDER}:{account}")
}

/// Carries the stack's name, cut to what STS takes.
fn session_name(subject: &Subject) -> String {
    let stack = subject.stack().map(|stack| stack.stack_name().to_owned()).unwrap_or_default();
    let taken = |c: char| if c.is_ascii_alphanumeric() || "_+=,.@-".contains(c) { c } else { '-' };
    format!("{PROVIDER}-{stack}").chars().map(taken).take(LONGEST_NAME).collect()
}

fn refused(role: &RoleArn, statement: &str) -> String {
    format!(
        "Either there is no role {role}, or its trust policy does not let the provider in, or the provider's own role may \
         not do sts:AssumeRole on it. The trust policy needs this statement: {statement}"
    )
}

fn statement(principal: &str, external_id: &str) -> String {
    format!(
        r#"{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"sts:AssumeRole","Condition":{{"StringEquals":{{"sts:ExternalId":"{external_id}"}}}}}}"#
    )
}

/// The role behind a session's ARN, which is what a trust policy can name; any other caller's ARN as it is. A session's
/// ARN does not tell the role's path: the role that `provider.yaml` makes has none.
fn principal(caller: &str) -> String {
    let role = || {
        let (head, session) = caller.split_once(":assumed-role/")?;
        let (name, _) = session.split_once('/')?;
        Some(format!("{}:role/{name}", head.replacen(":sts:", ":iam:", 1)))
    };
    role().unwrap_or_else(|| caller.to_owned())
}

fn root(home: &Home) -> String {
    format!("arn:{}:iam::{}:root", home.partition, home.account)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::RequestType;
    use std::time::UNIX_EPOCH;

    fn subject(stack_name: &str) -> Subject {
        Subject {
            stack_id: format!("arn:aws:cloudformation:eu-west-1:999988887777:stack/{stack_name}/0a"),
            logical_id: "Accept".to_owned(),
            request_id: "r1".to_owned(),
            request_type: RequestType::Create,
            physical_id: None,
            home: Home {
                partition: "aws".into(),
                region: "eu-west-1".into(),
                account: "111122223333".parse().unwrap(),
            },
            now: UNIX_EPOCH,
        }
    }

    #[test]
    fn a_session_is_named_after_the_stack_and_cut_to_what_sts_takes() {
        assert_eq!(session_name(&subject("licenses")), "license-manager-provider-licenses");
        let long = session_name(&subject(&"x".repeat(128)));
        assert!(long.len() == 64 && long.starts_with("license-manager-provider-xx"), "{long}");
    }

    #[test]
    fn the_external_id_names_the_account_of_the_stack() {
        assert_eq!(external_id(&subject("licenses")), "license-manager-provider:999988887777");
    }

    #[test]
    fn a_trust_policy_names_the_role_behind_a_session() {
        for (caller, expected) in [
            ("arn:aws:sts::111122223333:assumed-role/provider/fn", "arn:aws:iam::111122223333:role/provider"),
            ("arn:aws-cn:sts::1:assumed-role/p/fn", "arn:aws-cn:iam::1:role/p"),
            ("arn:aws:iam::111122223333:user/me", "arn:aws:iam::111122223333:user/me"),
        ] {
            assert_eq!(principal(caller), expected);
        }
        assert_eq!(root(&subject("a").home), "arn:aws:iam::111122223333:root");
    }

    #[test]
    fn a_statement_is_one_line_of_json() {
        let line = statement("arn:aws:iam::111122223333:role/p", "license-manager-provider:999988887777");
        let expected = concat!(
            r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/p"},"Action":"sts:AssumeRole","#,
            r#""Condition":{"StringEquals":{"sts:ExternalId":"license-manager-provider:999988887777"}}}"#
        );
        assert_eq!(line, expected);
    }
}
