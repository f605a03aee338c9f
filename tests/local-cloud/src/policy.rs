//! Policies that deny: actions that callers of an account may not take, with AWS's wording of the refusal.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Ctx;
use crate::error::ServiceError;
use crate::iam::LinkedRole;
use crate::wire::{Input, Service};

/// Which policy denies. It shows in the refusal's last words (AWS IAM user guide, "Troubleshoot access denied error
/// messages").
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeniedBy {
    /// No policy allows it.
    #[default]
    NoPolicy,
    /// A policy of the caller's denies it.
    IdentityPolicy,
    /// A service control policy of the organization denies it.
    ServiceControlPolicy,
    /// It is not said: the wording of services that have not taken up the longer one.
    Unsaid,
}

/// A denial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DenyRule {
    /// The caller's account, 12 digits; that of the role where the caller assumed one.
    pub account: String,
    /// The action as IAM names it, such as `license-manager:UpdateServiceSettings`; a `*` at the end stands for the rest.
    pub action: String,
    /// Which policy denies it.
    #[serde(default)]
    pub by: DeniedBy,
}

impl DenyRule {
    fn meets(&self, account: &str, action: &str) -> bool {
        let is = |wanted: &str| match wanted.strip_suffix('*') {
            Some(prefix) => action.starts_with(prefix),
            None => action == wanted,
        };
        self.account == account && is(&self.action)
    }
}

/// The denials, in the order they were made.
#[derive(Debug, Clone, Default)]
pub(crate) struct Policies {
    rules: Vec<DenyRule>,
}

impl Policies {
    pub(crate) fn deny(&mut self, rule: DenyRule) {
        self.rules.push(rule);
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    pub(crate) fn rules(&self) -> &[DenyRule] {
        &self.rules
    }

    /// Refuses what a rule denies, as `service` refuses: it is the one asked, and may need another service's action.
    pub(crate) fn check(&self, who: &str, account: &str, asked: &Asked<'_>) -> Result<(), ServiceError> {
        let Some(rule) = self.rules.iter().find(|rule| rule.meets(account, &asked.action)) else {
            return Ok(());
        };
        let Asked { service, action, resource } = asked;
        let reason = match rule.by {
            DeniedBy::NoPolicy => format!(" because no identity-based policy allows the {action} action"),
            DeniedBy::IdentityPolicy => " with an explicit deny in an identity-based policy".to_owned(),
            DeniedBy::ServiceControlPolicy => " with an explicit deny in a service control policy".to_owned(),
            DeniedBy::Unsaid => String::new(),
        };
        let message =
            format!("User: {who} is not authorized to perform: {action} on resource: {resource}{reason}");
        let (status, code) = refusal(*service);
        Err(ServiceError::new(status, code, message))
    }
}

/// An action that somebody wants to take.
#[derive(Debug, Clone)]
pub(crate) struct Asked<'a> {
    /// The service that answers.
    pub(crate) service: Service,
    /// As IAM names it.
    pub(crate) action: String,
    /// An ARN, or `*`.
    pub(crate) resource: std::borrow::Cow<'a, str>,
}

impl<'a> Asked<'a> {
    /// A request for an operation.
    pub(crate) fn of(ctx: &Ctx, service: Service, operation: &str, input: &'a Input) -> Self {
        let action = format!("{}:{operation}", service.name());
        Self { service, action, resource: resource_of(ctx, service, input) }
    }
}

/// What each action is on (AWS service authorization reference): most of those served here know `*` alone.
fn resource_of<'a>(ctx: &Ctx, service: Service, input: &'a Input) -> std::borrow::Cow<'a, str> {
    let named: &[&str] = match service {
        Service::Ram => &["resourceShareArn", "resourceShareInvitationArn"],
        Service::LicenseManager => &["LicenseConfigurationArn", "ResourceArn"],
        Service::Sts => &["RoleArn"],
        Service::Iam | Service::Organizations => &[],
    };
    let found = named.iter().find_map(|name| text_of(input, name));
    if let Some(arn) = found {
        return arn.into();
    }
    let role = text_of(input, "AWSServiceName").and_then(LinkedRole::of_service);
    let role = role.or_else(|| text_of(input, "RoleName").and_then(LinkedRole::named));
    role.map_or("*".into(), |role| role.arn(&ctx.partition, ctx.account()).into())
}

fn text_of<'a>(input: &'a Input, name: &str) -> Option<&'a str> {
    match input {
        Input::Members(members) => members.get(name).and_then(Value::as_str),
        Input::Form(form) => crate::query::value(form, name),
    }
}

/// Each service's own code for a denied action.
fn refusal(service: Service) -> (u16, &'static str) {
    match service {
        Service::Ram => (403, "AccessDeniedException"),
        Service::LicenseManager | Service::Organizations => (400, "AccessDeniedException"),
        Service::Sts | Service::Iam => (403, "AccessDenied"),
    }
}
