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
        Err(asked.denied(who, rule.by))
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
    /// The refusal, in AWS's words.
    pub(crate) fn denied(&self, who: &str, by: DeniedBy) -> ServiceError {
        let Asked { service, action, resource } = self;
        let reason = match by {
            DeniedBy::NoPolicy => format!(" because no identity-based policy allows the {action} action"),
            DeniedBy::IdentityPolicy => " with an explicit deny in an identity-based policy".to_owned(),
            DeniedBy::ServiceControlPolicy => " with an explicit deny in a service control policy".to_owned(),
            DeniedBy::Unsaid => String::new(),
        };
        let message =
            format!("User: {who} is not authorized to perform: {action} on resource: {resource}{reason}");
        let (status, code) = refusal(*service);
        ServiceError::new(status, code, message)
    }

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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use http::Request;
    use serde_json::json;

    use super::*;
    use crate::cloud::{LocalCloud, Reply};
    use crate::ram::testing::{MEMBER, OWNER, REGION, World, request};

    /// A request as a client signs it.
    fn signed(key: &str, service: &str) -> http::request::Builder {
        let scope = format!("AWS4-HMAC-SHA256 Credential={key}/20260101/{REGION}/{service}/aws4_request");
        Request::post("/").header("authorization", scope)
    }

    fn send(cloud: &mut LocalCloud, request: &Request<Bytes>) -> (u16, String) {
        let Reply::Answer { response, .. } = cloud.handle(Duration::ZERO, request) else {
            panic!("no answer")
        };
        (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
    }

    fn update(key: &str) -> Request<Bytes> {
        let target = "AWSLicenseManager.UpdateServiceSettings";
        let link = json!({ "OrganizationConfiguration": { "EnableIntegration": true } });
        signed(key, "license-manager").header("x-amz-target", target).body(link.to_string().into()).unwrap()
    }

    fn form(key: &str, service: &str, form: &str) -> Request<Bytes> {
        signed(key, service).body(Bytes::from(form.to_owned())).unwrap()
    }

    fn rule(account: &str, action: &str, by: DeniedBy) -> DenyRule {
        DenyRule { account: account.to_owned(), action: action.to_owned(), by }
    }

    #[test]
    fn a_denied_action_is_refused_in_awss_words_and_does_nothing() {
        let mut world = World::new();
        world.cloud.change_settings(|settings| settings.sts.caller_role = Some("provider".to_owned()));
        world.cloud.deny(rule(OWNER, "license-manager:UpdateServiceSettings", DeniedBy::NoPolicy));
        let (status, body) = send(&mut world.cloud, &update(OWNER));
        let message = "User: arn:aws:sts::111111111111:assumed-role/provider/local-cloud is not authorized to perform: \
                       license-manager:UpdateServiceSettings on resource: * because no identity-based policy allows \
                       the license-manager:UpdateServiceSettings action";
        assert_eq!(status, 400);
        assert_eq!(body, json!({ "__type": "AccessDeniedException", "Message": message }).to_string());
        assert!(!world.cloud.log().last().unwrap().applied);
        assert!(!world.cloud.license_manager().service_settings(OWNER, REGION).integration);
        world.cloud.clear_denials();
        assert_eq!(send(&mut world.cloud, &update(OWNER)).0, 200);
    }

    #[test]
    fn each_protocol_has_its_own_form_of_denial() {
        let mut world = World::new();
        let share = world.create(json!({}));
        for action in ["ram:*", "iam:*", "sts:AssumeRole", "organizations:DescribeOrganization"] {
            world.cloud.deny(rule(OWNER, action, DeniedBy::Unsaid));
        }
        let user = "User: arn:aws:iam::111111111111:user/local-cloud is not authorized to perform:";
        let input = json!({ "resourceShareArn": share, "name": "b" });
        let (status, body) = send(&mut world.cloud, &request(OWNER, REGION, "UpdateResourceShare", &input));
        assert_eq!(
            (status, body),
            (
                403,
                json!({ "message": format!("{user} ram:UpdateResourceShare on resource: {share}") })
                    .to_string()
            )
        );
        let role = form(OWNER, "iam", "Action=CreateServiceLinkedRole&AWSServiceName=ram.amazonaws.com");
        let (status, body) = send(&mut world.cloud, &role);
        let arn = LinkedRole::Ram.arn("aws", OWNER);
        assert_eq!(status, 403);
        assert!(body.contains("<Code>AccessDenied</Code>"), "{body}");
        assert!(body.contains(&format!("{user} iam:CreateServiceLinkedRole on resource: {arn}<")), "{body}");
        assert!(body.contains("https://iam.amazonaws.com/doc/2010-05-08/"), "{body}");
        let other = "arn:aws:iam::999999999999:role/r";
        let assume = format!("Action=AssumeRole&RoleArn={other}&RoleSessionName=name");
        let (status, body) = send(&mut world.cloud, &form(OWNER, "sts", &assume));
        assert_eq!(status, 403);
        assert!(body.contains(&format!("{user} sts:AssumeRole on resource: {other}<")), "{body}");
    }

    #[test]
    fn a_denial_keeps_to_its_account_and_action() {
        let mut world = World::new();
        world.cloud.deny(rule(OWNER, "ram:CreateResourceShare", DeniedBy::ServiceControlPolicy));
        let input = json!({ "name": "a" });
        world.ok(MEMBER, "CreateResourceShare", input.clone());
        world.ok(OWNER, "GetResourceShares", json!({ "resourceOwner": "SELF" }));
        let (status, code, body) = world.send(OWNER, REGION, "CreateResourceShare", &input);
        assert_eq!((status, code.as_deref()), (403, Some("AccessDeniedException")));
        let message = body["message"].as_str().unwrap();
        assert!(
            message.ends_with("on resource: * with an explicit deny in a service control policy"),
            "{message}"
        );
    }

    #[test]
    fn linking_needs_the_callers_permissions_in_other_services_where_it_is_switched_so() {
        let action = "organizations:EnableAWSServiceAccess";
        for (forwards, expected) in [(false, 200), (true, 400)] {
            let mut world = World::new();
            world.cloud.change_settings(|settings| settings.license_manager.forwards_access = forwards);
            world.cloud.deny(rule(OWNER, action, DeniedBy::IdentityPolicy));
            let (status, body) = send(&mut world.cloud, &update(OWNER));
            assert_eq!(status, expected, "{body}");
            assert_eq!(body.contains(action), forwards, "{body}");
        }
    }

    #[test]
    fn a_denial_is_read_from_json() {
        let json = r#"{"account": "1", "action": "ram:*"}"#;
        assert_eq!(serde_json::from_str::<DenyRule>(json).unwrap(), rule("1", "ram:*", DeniedBy::NoPolicy));
    }
}
