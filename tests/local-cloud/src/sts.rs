//! AWS STS: GetCallerIdentity and AssumeRole.
//!
//! Source: AWS STS API reference (2011-06-15). awsQuery: a form in, XML out. Session credentials of a role belong to the
//! role's account; the local cloud looks access keys up here to learn whose they are.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Ctx;
use crate::error::ServiceError;
use crate::iso_time::iso_time;
use crate::query::{document, element, nest, unique_id, value};
use crate::role::Applicant;
pub use crate::role::{Permission, Role};

/// The operations that are served, as they stand in the form's `Action`.
pub const OPERATIONS: &[&str] = &["AssumeRole", "GetCallerIdentity"];

/// The XML namespace of every document.
pub(crate) const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";
/// The session name of callers whose access key is their account id.
const SESSION: &str = "local-cloud";
/// The longest session of a role assumed with the credentials of another assumed role, in seconds.
const CHAINED_LIMIT: u64 = 3600;

/// What can be switched about STS.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StsSettings {
    /// Only registered roles can be assumed. Otherwise any role of any account can, as in ministack, except that a
    /// registered role's own rules are always kept.
    pub strict: bool,
    /// Name of the role whose session every access key of 12 digits is; where None, such a key is an IAM user's. It shows
    /// in GetCallerIdentity and in refusals.
    pub caller_role: Option<String>,
}

/// A session of an assumed role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Session {
    account: String,
    role_arn: String,
    arn: String,
    user_id: String,
    expires_at: Duration,
}

/// Roles and sessions.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Sts {
    roles: BTreeMap<String, Role>,
    sessions: BTreeMap<String, Session>,
}

impl Sts {
    /// Answers one operation with the XML document. Errors: `ValidationError` 400 for bad input, `AccessDenied` 403,
    /// `InvalidAction` 400, `ExpiredTokenException` 400.
    pub fn handle(
        &mut self,
        ctx: &Ctx,
        action: &str,
        form: &[(String, String)],
    ) -> Result<String, ServiceError> {
        match action {
            "GetCallerIdentity" => self.identity(ctx),
            "AssumeRole" => self.assume(ctx, form),
            other => Err(ServiceError::new(
                400,
                "InvalidAction",
                format!("The local cloud does not serve sts {other}"),
            )),
        }
    }

    /// The account of a session's access key; `None` for a key that STS did not issue.
    pub fn account_of(&self, access_key: &str) -> Option<String> {
        self.sessions.get(access_key).map(|session| session.account.clone())
    }

    /// Whether the key is of a session that has ended.
    pub fn is_expired(&self, access_key: &str, now: Duration) -> bool {
        self.sessions.get(access_key).is_some_and(|session| session.expires_at <= now)
    }

    /// Makes a role known, in place of one with the same ARN.
    pub fn register_role(&mut self, role: Role) {
        self.roles.insert(role.arn.clone(), role);
    }

    fn identity(&self, ctx: &Ctx) -> Result<String, ServiceError> {
        if self.is_expired(&ctx.caller.access_key, ctx.now) {
            let message = "The security token included in the request is expired";
            return Err(ServiceError::new(403, "ExpiredToken", message));
        }
        let (arn, user_id) = self.who(ctx);
        let members =
            [("Arn", arn.as_str()), ("UserId", user_id.as_str()), ("Account", ctx.caller.account.as_str())];
        Ok(document(
            NAMESPACE,
            "GetCallerIdentity",
            &members.map(|(name, text)| element(name, text)).concat(),
        ))
    }

    /// The ARN of the role's session that an access key of STS belongs to; `None` for a key that STS did not issue.
    pub fn session_arn(&self, access_key: &str) -> Option<&str> {
        self.sessions.get(access_key).map(|session| session.arn.as_str())
    }

    /// The caller's ARN and unique id: the session of an assumed role, else (as set) the session of the role that every
    /// account has, or its IAM user.
    pub(crate) fn who(&self, ctx: &Ctx) -> (String, String) {
        if let Some(session) = self.sessions.get(&ctx.caller.access_key) {
            return (session.arn.clone(), session.user_id.clone());
        }
        let account = &ctx.caller.account;
        if let Some(role) = &ctx.settings.sts.caller_role {
            let arn = format!("arn:{}:sts::{account}:assumed-role/{role}/{SESSION}", ctx.partition);
            return (arn, format!("{}:{SESSION}", unique_id("AROA", &format!("{account}/{role}"))));
        }
        (format!("arn:{}:iam::{account}:user/local-cloud", ctx.partition), unique_id("AIDA", account))
    }

    /// The ARN of the role whose session the caller is; None for a user.
    fn role_of(&self, ctx: &Ctx) -> Option<String> {
        if let Some(session) = self.sessions.get(&ctx.caller.access_key) {
            return Some(session.role_arn.clone());
        }
        let name = ctx.settings.sts.caller_role.as_ref()?;
        Some(format!("arn:{}:iam::{}:role/{name}", ctx.partition, ctx.account()))
    }

    /// Whether the caller's role, where it is registered, may take an action on a resource.
    pub(crate) fn allows(&self, ctx: &Ctx, action: &str, resource: &str) -> bool {
        let role = self.role_of(ctx).and_then(|arn| self.roles.get(&arn));
        // AWS STS API reference, GetCallerIdentity: no permission is needed.
        action == "sts:GetCallerIdentity" || role.is_none_or(|role| role.allows(action, resource))
    }

    fn assume(&mut self, ctx: &Ctx, form: &[(String, String)]) -> Result<String, ServiceError> {
        let wanted = Wanted::read(ctx, form)?;
        self.check_duration(ctx, &wanted)?;
        self.check_trust(ctx, &wanted)?;
        let serial = self.sessions.len();
        let key = unique_id("ASIA", &format!("session/{serial}"));
        let role_id = unique_id("AROA", wanted.role_arn);
        let session = Session {
            account: wanted.account.to_owned(),
            role_arn: wanted.role_arn.to_owned(),
            arn: format!(
                "arn:{}:sts::{}:assumed-role/{}/{}",
                ctx.partition, wanted.account, wanted.role_name, wanted.session_name
            ),
            user_id: format!("{role_id}:{}", wanted.session_name),
            expires_at: ctx.now + wanted.duration,
        };
        let answer = assumed(ctx, &key, &session);
        self.sessions.insert(key, session);
        Ok(answer)
    }

    fn check_duration(&self, ctx: &Ctx, wanted: &Wanted<'_>) -> Result<(), ServiceError> {
        let chained = self.sessions.contains_key(&ctx.caller.access_key);
        if chained && wanted.duration > Duration::from_secs(CHAINED_LIMIT) {
            let message = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by \
                           role chaining";
            return Err(invalid(message));
        }
        Ok(())
    }

    fn check_trust(&self, ctx: &Ctx, wanted: &Wanted<'_>) -> Result<(), ServiceError> {
        let allowed = match self.roles.get(wanted.role_arn) {
            None => !ctx.settings.sts.strict,
            Some(role) => role.trusts(&Applicant {
                account: ctx.account(),
                role: self.role_of(ctx).as_deref(),
                external_id: wanted.external_id,
            }),
        };
        if allowed {
            return Ok(());
        }
        let (arn, _) = self.who(ctx);
        let message = format!(
            "User: {arn} is not authorized to perform: sts:AssumeRole on resource: {}",
            wanted.role_arn
        );
        Err(ServiceError::new(403, "AccessDenied", message))
    }
}

/// What an AssumeRole asks for.
#[derive(Debug)]
struct Wanted<'a> {
    role_arn: &'a str,
    account: &'a str,
    role_name: &'a str,
    session_name: &'a str,
    external_id: Option<&'a str>,
    duration: Duration,
}

impl<'a> Wanted<'a> {
    fn read(ctx: &Ctx, form: &'a [(String, String)]) -> Result<Self, ServiceError> {
        if form.iter().any(|(name, _)| name.starts_with("Policy")) {
            return Err(invalid("The local cloud does not serve session policies"));
        }
        let role_arn = required(form, "RoleArn")?;
        let prefix = format!("arn:{}:iam::", ctx.partition);
        let (account, name) = role_arn
            .strip_prefix(&prefix)
            .and_then(|rest| rest.split_once(":role/"))
            .filter(|(account, name)| is_account(account) && !name.is_empty())
            .ok_or_else(|| invalid(format!("{role_arn} is invalid")))?;
        let session_name = required(form, "RoleSessionName")?;
        let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
        if !(2..=64).contains(&session_name.len()) || !session_name.chars().all(allowed) {
            return Err(invalid("Value at 'roleSessionName' failed to satisfy constraint"));
        }
        let role_name = name.rsplit('/').next().unwrap_or(name);
        let external_id = value(form, "ExternalId");
        Ok(Self { role_arn, account, role_name, session_name, external_id, duration: duration(form)? })
    }
}

/// `DurationSeconds`, 900 to 43,200, one hour where it is absent.
fn duration(form: &[(String, String)]) -> Result<Duration, ServiceError> {
    let seconds = value(form, "DurationSeconds").map_or(Ok(3600), str::parse::<u64>);
    match seconds {
        Ok(seconds) if (900..=43_200).contains(&seconds) => Ok(Duration::from_secs(seconds)),
        _ => Err(invalid("Value at 'durationSeconds' failed to satisfy constraint: 900 to 43200")),
    }
}

fn required<'a>(form: &'a [(String, String)], name: &str) -> Result<&'a str, ServiceError> {
    value(form, name).ok_or_else(|| invalid(format!("Value null at '{name}' failed to satisfy constraint")))
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn assumed(ctx: &Ctx, key: &str, session: &Session) -> String {
    let credentials = [
        element("AccessKeyId", key),
        element("SecretAccessKey", &format!("secret-of-{key}")),
        element("SessionToken", &format!("token-of-{key}")),
        element("Expiration", &iso_time(ctx.epoch + session.expires_at)),
    ];
    let user = [element("AssumedRoleId", &session.user_id), element("Arn", &session.arn)];
    let result = [nest("Credentials", &credentials.concat()), nest("AssumedRoleUser", &user.concat())];
    document(NAMESPACE, "AssumeRole", &result.concat())
}

fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::new(400, "ValidationError", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{MANAGER, MEMBER, OTHER, ctx_of, ctx_with};

    const ROLE: &str = "arn:aws:iam::222222222222:role/path/Acceptor";

    fn form(members: &[(&str, &str)]) -> Vec<(String, String)> {
        members.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn ask_for(role: &str, more: &[(&str, &str)]) -> Vec<(String, String)> {
        form(&[&[("RoleArn", role), ("RoleSessionName", "session")], more].concat())
    }

    /// The text of the first element of that name.
    fn text(xml: &str, name: &str) -> String {
        let (_, rest) = xml.split_once(&format!("<{name}>")).unwrap();
        rest.split_once(&format!("</{name}>")).unwrap().0.to_owned()
    }

    fn session_of(sts: &mut Sts, ctx: &Ctx, form: &[(String, String)]) -> Ctx {
        let xml = sts.handle(ctx, "AssumeRole", form).unwrap();
        let mut session = ctx.clone();
        session.caller.access_key = text(&xml, "AccessKeyId");
        session.caller.account = sts.account_of(&session.caller.access_key).unwrap();
        session
    }

    fn trusting(external_id: Option<&str>) -> Role {
        let external_id = external_id.map(str::to_owned);
        let trusted_accounts = vec![MANAGER.to_owned()];
        Role { arn: ROLE.to_owned(), trusted_accounts, external_id, ..Role::default() }
    }

    #[test]
    fn an_account_is_a_user_of_its_own() {
        let xml = Sts::default().handle(&ctx_of(MANAGER), "GetCallerIdentity", &[]).unwrap();
        assert_eq!(text(&xml, "Account"), MANAGER);
        assert_eq!(text(&xml, "Arn"), format!("arn:aws:iam::{MANAGER}:user/local-cloud"));
    }

    #[test]
    fn an_account_is_the_session_of_a_role_where_it_is_set_so() {
        let ctx = ctx_with(MANAGER, |settings| settings.sts.caller_role = Some("provider".to_owned()));
        let xml = Sts::default().handle(&ctx, "GetCallerIdentity", &[]).unwrap();
        assert_eq!(text(&xml, "Arn"), format!("arn:aws:sts::{MANAGER}:assumed-role/provider/local-cloud"));
        assert!(text(&xml, "UserId").starts_with("AROA") && text(&xml, "UserId").ends_with(":local-cloud"));
    }

    #[test]
    fn the_credentials_of_a_role_belong_to_its_account() {
        let mut sts = Sts::default();
        let session = session_of(&mut sts, &ctx_of(MANAGER), &ask_for(ROLE, &[]));
        assert_eq!(session.caller.account, MEMBER);
        let xml = sts.handle(&session, "GetCallerIdentity", &[]).unwrap();
        assert_eq!(text(&xml, "Arn"), format!("arn:aws:sts::{MEMBER}:assumed-role/Acceptor/session"));
        assert_eq!(sts.account_of("AKIAUNKNOWN"), None);
    }

    #[test]
    fn every_session_has_a_key_of_its_own_and_an_end() {
        let mut sts = Sts::default();
        let (ctx, form) = (ctx_of(MANAGER), ask_for(ROLE, &[("DurationSeconds", "900")]));
        let mut session = session_of(&mut sts, &ctx, &form);
        assert_ne!(session.caller.access_key, session_of(&mut sts, &ctx, &form).caller.access_key);
        session.now = Duration::from_secs(899);
        assert!(sts.handle(&session, "GetCallerIdentity", &[]).is_ok());
        session.now = Duration::from_secs(900);
        assert_eq!(sts.handle(&session, "GetCallerIdentity", &[]).unwrap_err().code, "ExpiredToken");
    }

    #[test]
    fn the_end_is_written_as_iso_8601() {
        let xml = Sts::default().handle(&ctx_of(MANAGER), "AssumeRole", &ask_for(ROLE, &[])).unwrap();
        assert_eq!(text(&xml, "Expiration"), "2026-01-01T01:00:00Z");
    }

    #[test]
    fn a_registered_role_takes_only_whom_it_trusts_with_its_external_id() {
        let mut sts = Sts::default();
        sts.register_role(trusting(Some("secret")));
        let mut assume = |account, more: &[(&str, &str)]| {
            let answer = sts.handle(&ctx_of(account), "AssumeRole", &ask_for(ROLE, more));
            answer.err().map(|error| (error.status, error.code))
        };
        assert_eq!(assume(MANAGER, &[("ExternalId", "secret")]), None);
        let denied = Some((403, "AccessDenied"));
        assert_eq!(assume(MANAGER, &[]), denied);
        assert_eq!(assume(MANAGER, &[("ExternalId", "other")]), denied);
        assert_eq!(assume(OTHER, &[("ExternalId", "secret")]), denied);
    }

    #[test]
    fn a_role_that_trusts_one_role_takes_its_sessions_and_no_others_of_the_account() {
        let mut sts = Sts::default();
        let next = "arn:aws:iam::333333333333:role/Next";
        sts.register_role(Role {
            arn: next.to_owned(),
            trusted_principals: vec![ROLE.to_owned()],
            ..Role::default()
        });
        let of = |sts: &mut Sts, role| session_of(sts, &ctx_of(MANAGER), &ask_for(role, &[]));
        let right = of(&mut sts, ROLE);
        let wrong = of(&mut sts, "arn:aws:iam::222222222222:role/Acceptor");
        let named = ctx_with(MEMBER, |settings| settings.sts.caller_role = Some("path/Acceptor".to_owned()));
        let assume = |sts: &mut Sts, ctx| sts.handle(ctx, "AssumeRole", &ask_for(next, &[])).is_ok();
        assert_eq!(
            [&right, &wrong, &named, &ctx_of(MEMBER)].map(|ctx| assume(&mut sts, ctx)),
            [true, false, true, false]
        );
    }

    #[test]
    fn a_session_policy_is_not_served() {
        let form = ask_for(ROLE, &[("Policy", "{}")]);
        let error = Sts::default().handle(&ctx_of(MANAGER), "AssumeRole", &form).unwrap_err();
        assert_eq!((error.status, error.code), (400, "ValidationError"));
    }

    #[test]
    fn strict_means_that_unknown_roles_cannot_be_assumed() {
        let mut sts = Sts::default();
        let ctx = ctx_with(MANAGER, |settings| settings.sts.strict = true);
        assert_eq!(sts.handle(&ctx, "AssumeRole", &ask_for(ROLE, &[])).unwrap_err().code, "AccessDenied");
        sts.register_role(trusting(None));
        assert!(sts.handle(&ctx, "AssumeRole", &ask_for(ROLE, &[])).is_ok());
    }

    #[test]
    fn a_session_assumes_a_further_role_for_an_hour_at_most() {
        let mut sts = Sts::default();
        let session = session_of(&mut sts, &ctx_of(MANAGER), &ask_for(ROLE, &[("DurationSeconds", "43200")]));
        let longer = ask_for("arn:aws:iam::333333333333:role/Next", &[("DurationSeconds", "3601")]);
        let error = sts.handle(&session, "AssumeRole", &longer).unwrap_err();
        assert!(error.message.contains("role chaining"), "{error:?}");
        let hour = ask_for("arn:aws:iam::333333333333:role/Next", &[]);
        assert_eq!(session_of(&mut sts, &session, &hour).caller.account, OTHER);
    }

    #[test]
    fn bad_input_is_a_validation_error() {
        let session = ("RoleSessionName", "session");
        for members in [
            vec![session],
            vec![("RoleArn", ROLE)],
            vec![("RoleArn", "arn:aws:iam::222222222222:user/x"), session],
            vec![("RoleArn", "arn:aws-cn:iam::222222222222:role/x"), session],
            vec![("RoleArn", "arn:aws:iam::22222222222:role/x"), session],
            vec![("RoleArn", ROLE), ("RoleSessionName", "with space")],
            vec![("RoleArn", ROLE), ("RoleSessionName", "x")],
            vec![("RoleArn", ROLE), session, ("DurationSeconds", "899")],
            vec![("RoleArn", ROLE), session, ("DurationSeconds", "an hour")],
        ] {
            let error = Sts::default().handle(&ctx_of(MANAGER), "AssumeRole", &form(&members)).unwrap_err();
            assert_eq!((error.status, error.code), (400, "ValidationError"), "{members:?}");
        }
    }

    #[test]
    fn an_action_that_is_not_served_is_named() {
        let error = Sts::default().handle(&ctx_of(MANAGER), "GetSessionToken", &[]).unwrap_err();
        assert!(error.message.contains("GetSessionToken"), "{error:?}");
    }
}
