//! The operations of IAM that are served.

use serde_json::json;

use super::{Iam, LinkedRole, NAMESPACE, Role, Surroundings, Uses};
use crate::Ctx;
use crate::error::ServiceError;
use crate::iso_time::iso_time;
use crate::organizations::Organizations;
use crate::page::{List, page};
use crate::query::{document, element, nest, unique_id, value};

/// The largest page of ListRoles (AWS IAM API reference).
const LARGEST_PAGE: usize = 1000;

impl Iam {
    /// AWS's message for a role that is there is known from reports (license manager facts 1.5). That a service without
    /// such a role, and a suffix for one that takes none, are InvalidInput is assumed.
    pub(super) fn create(
        &mut self,
        ctx: &Ctx,
        form: &[(String, String)],
        organizations: &mut Organizations,
    ) -> Result<String, ServiceError> {
        let service = required(form, "AWSServiceName", 128)?;
        let role = LinkedRole::of_service(service)
            .ok_or_else(|| invalid(format!("Service-linked roles are not supported for {service}")))?;
        if value(form, "CustomSuffix").is_some() {
            return Err(invalid(format!("Custom suffix is not allowed for {service}")));
        }
        if self.has(ctx.account(), role, &Surroundings::of(ctx, organizations)) {
            return Err(invalid(format!(
                "Service role name {} has been taken in this account, please try a different suffix.",
                role.role_name()
            )));
        }
        let made = Role { created: ctx.now, description: value(form, "Description").map(str::to_owned) };
        if role == LinkedRole::Ram {
            organizations.ram_role_made(ctx.account(), ctx.settings.iam.ram_role_mends_sharing, ctx.now);
        }
        let shown = nest("Role", &to_xml(ctx, role, &made));
        self.known.insert((ctx.account().to_owned(), role), Some(made));
        Ok(document(NAMESPACE, "CreateServiceLinkedRole", &shown))
    }

    pub(super) fn get(
        &self,
        ctx: &Ctx,
        form: &[(String, String)],
        organizations: &Organizations,
    ) -> Result<String, ServiceError> {
        let named = self.named(ctx, form, organizations);
        let (kind, role) = named.map_err(|error| if_denied(ctx, form, error))?;
        Ok(document(NAMESPACE, "GetRole", &nest("Role", &to_xml(ctx, kind, &role))))
    }

    /// All service-linked roles of the account, by name.
    pub(super) fn list(
        &self,
        ctx: &Ctx,
        form: &[(String, String)],
        organizations: &Organizations,
    ) -> Result<String, ServiceError> {
        let prefix = value(form, "PathPrefix").unwrap_or("/");
        let around = Surroundings::of(ctx, organizations);
        let mut kinds = LinkedRole::ALL.to_vec();
        kinds.sort_by_key(|kind| kind.role_name());
        let roles = kinds.into_iter().filter(|kind| kind.path().starts_with(prefix));
        let shown = roles.filter_map(|kind| Some((kind, self.role(ctx.account(), kind, &around)?)));
        let shown: Vec<String> =
            shown.map(|(kind, role)| nest("member", &to_xml(ctx, kind, &role))).collect();
        let input = json!({ "PathPrefix": prefix });
        let list = List { operation: "ListRoles", input: &input };
        let cut = page(ctx, list, shown, value(form, "Marker"), page_size(form)?)
            .map_err(|_| ServiceError::bad_request("ValidationError", "Invalid Marker."))?;
        let mut result = nest("Roles", &cut.items.concat());
        result += &element("IsTruncated", if cut.next.is_some() { "true" } else { "false" });
        result += &cut.next.map(|marker| element("Marker", &marker)).unwrap_or_default();
        Ok(document(NAMESPACE, "ListRoles", &result))
    }

    /// The deletion is decided at once; AWS takes a while. A role in use stays, and the task tells why.
    pub(super) fn delete(
        &mut self,
        ctx: &Ctx,
        form: &[(String, String)],
        organizations: &mut Organizations,
        uses: &Uses,
    ) -> Result<String, ServiceError> {
        let (kind, _) = self.named(ctx, form, organizations)?;
        self.serial += 1;
        let id = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, format!("iam/{}", self.serial).as_bytes());
        let task = format!("task{}{}/{id}", kind.path(), kind.role_name());
        let in_use = uses.roles.contains(&kind);
        let reason = in_use.then(|| format!("The role {} is still used.", kind.role_name()));
        if reason.is_none() {
            self.take(ctx.account(), kind);
        }
        if reason.is_none() && kind == LinkedRole::Ram {
            organizations.ram_role_gone(ctx.account());
        }
        self.deletions.insert(task.clone(), reason);
        Ok(document(NAMESPACE, "DeleteServiceLinkedRole", &element("DeletionTaskId", &task)))
    }

    pub(super) fn deletion(&self, form: &[(String, String)]) -> Result<String, ServiceError> {
        let task = required(form, "DeletionTaskId", 1000)?;
        let reason = self.deletions.get(task).ok_or_else(|| {
            ServiceError::new(404, "NoSuchEntity", format!("Deletion task {task} cannot be found."))
        })?;
        let result = match reason {
            None => element("Status", "SUCCEEDED"),
            Some(reason) => element("Status", "FAILED") + &nest("Reason", &element("Reason", reason)),
        };
        Ok(document(NAMESPACE, "GetServiceLinkedRoleDeletionStatus", &result))
    }

    /// The caller's role that `RoleName` names.
    fn named(
        &self,
        ctx: &Ctx,
        form: &[(String, String)],
        organizations: &Organizations,
    ) -> Result<(LinkedRole, Role), ServiceError> {
        let name = required(form, "RoleName", 64)?;
        let kind = LinkedRole::named(name);
        let around = Surroundings::of(ctx, organizations);
        kind.and_then(|kind| Some((kind, self.role(ctx.account(), kind, &around)?))).ok_or_else(|| {
            let message = format!("The role with name {name} cannot be found.");
            ServiceError::new(404, "NoSuchEntity", message)
        })
    }
}

/// A role that is not there, to a caller whose policy names it with its path.
fn if_denied(ctx: &Ctx, form: &[(String, String)], error: ServiceError) -> ServiceError {
    if !ctx.settings.iam.denies_missing_role || error.code != "NoSuchEntity" {
        return error;
    }
    let name = value(form, "RoleName").unwrap_or_default();
    let (partition, account) = (&ctx.partition, ctx.account());
    let message = format!(
        "User: arn:{partition}:iam::{account}:user/local-cloud is not authorized to perform: iam:GetRole on resource: \
         role {name} because no identity-based policy allows the iam:GetRole action"
    );
    ServiceError::new(403, "AccessDenied", message)
}

fn to_xml(ctx: &Ctx, kind: LinkedRole, role: &Role) -> String {
    let arn = kind.arn(&ctx.partition, ctx.account());
    let members = [
        element("Path", &kind.path()),
        element("RoleName", kind.role_name()),
        element("RoleId", &unique_id("AROA", &arn)),
        element("Arn", &arn),
        element("CreateDate", &iso_time(ctx.epoch + role.created)),
        element("AssumeRolePolicyDocument", &trust_of(kind)),
        role.description.as_ref().map(|text| element("Description", text)).unwrap_or_default(),
        element("MaxSessionDuration", "3600"),
    ];
    members.concat()
}

/// IAM answers policies percent-encoded (AWS IAM API reference, Role).
fn trust_of(kind: LinkedRole) -> String {
    let statement = json!({
        "Effect": "Allow",
        "Principal": { "Service": kind.service() },
        "Action": "sts:AssumeRole",
    });
    let policy = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
    url::form_urlencoded::byte_serialize(policy.as_bytes()).collect::<String>().replace('+', "%20")
}

/// A member that must be there, of at most `most` letters, digits and `_+=,.@-` (a task's id has slashes, too).
fn required<'a>(form: &'a [(String, String)], name: &str, most: usize) -> Result<&'a str, ServiceError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-/".contains(c);
    let found =
        value(form, name).filter(|text| (1..=most).contains(&text.len()) && text.chars().all(allowed));
    found.ok_or_else(|| {
        let message = format!("1 validation error detected: Value at '{name}' failed to satisfy constraint");
        ServiceError::bad_request("ValidationError", message)
    })
}

fn page_size(form: &[(String, String)]) -> Result<Option<usize>, ServiceError> {
    let Some(text) = value(form, "MaxItems") else { return Ok(None) };
    let size = text.parse().ok().filter(|size| (1..=LARGEST_PAGE).contains(size));
    size.map(Some).ok_or_else(|| {
        let message = "1 validation error detected: Value at 'maxItems' failed to satisfy constraint";
        ServiceError::bad_request("ValidationError", message)
    })
}

fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::bad_request("InvalidInput", message)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::organizations::{FeatureSet, Joined, RamSharing};
    use crate::testing::{MANAGER, MEMBER, OUTSIDER, ctx_of, ctx_with};

    const CREATE: &str = "CreateServiceLinkedRole";
    const MASTER: &str = "license-manager.master-account.amazonaws.com";

    /// IAM with an organization around it.
    struct Office {
        iam: Iam,
        orgs: Organizations,
        id: String,
        uses: Uses,
    }

    fn office() -> Office {
        let mut orgs = Organizations::default();
        let id = orgs.create_organization(MANAGER, "aws", FeatureSet::All, Duration::ZERO);
        assert!(orgs.add_account(&id, MEMBER, None, Joined::Created, Duration::from_secs(50)));
        Office { iam: Iam::default(), orgs, id, uses: Uses::default() }
    }

    impl Office {
        fn ask(&mut self, ctx: &Ctx, action: &str, members: &[(&str, &str)]) -> Result<String, ServiceError> {
            let form: Vec<(String, String)> =
                members.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            self.iam.handle(ctx, action, &form, &mut self.orgs, &self.uses)
        }

        fn manage(&mut self, action: &str, members: &[(&str, &str)]) -> Result<String, ServiceError> {
            self.ask(&ctx_of(MANAGER), action, members)
        }

        fn get(&mut self, ctx: &Ctx, role: LinkedRole) -> Result<String, ServiceError> {
            self.ask(ctx, "GetRole", &[("RoleName", role.role_name())])
        }
    }

    fn text(xml: &str, name: &str) -> String {
        let (_, rest) = xml.split_once(&format!("<{name}>")).unwrap();
        rest.split_once(&format!("</{name}>")).unwrap().0.to_owned()
    }

    fn error(answer: Result<String, ServiceError>) -> (u16, &'static str, String) {
        let error = answer.unwrap_err();
        (error.status, error.code, error.message)
    }

    #[test]
    fn a_role_is_made_once_and_found_afterwards() {
        let mut office = office();
        let role = LinkedRole::Master;
        let (status, code, message) = error(office.get(&ctx_of(MANAGER), role));
        assert_eq!((status, code), (404, "NoSuchEntity"));
        assert!(message.contains(role.role_name()), "{message}");
        let made =
            office.manage(CREATE, &[("AWSServiceName", MASTER), ("Description", "made & kept")]).unwrap();
        let arn = format!("arn:aws:iam::{MANAGER}:role/aws-service-role/{MASTER}/{}", role.role_name());
        assert_eq!(text(&made, "Arn"), arn);
        assert_eq!(text(&made, "Description"), "made &amp; kept");
        let found = office.get(&ctx_of(MANAGER), role).unwrap();
        assert_eq!(text(&found, "Role"), text(&made, "Role"));
        let taken = "Service role name AWSServiceRoleForAWSLicenseManagerMasterAccountRole has been taken in this \
                     account, please try a different suffix.";
        let again = error(office.manage(CREATE, &[("AWSServiceName", MASTER)]));
        assert_eq!(again, (400, "InvalidInput", taken.to_owned()));
        assert!(office.get(&ctx_of(MEMBER), role).is_err());
    }

    #[test]
    fn a_roles_trust_is_percent_encoded_json_that_names_the_service() {
        let xml = office().get(&ctx_of(OUTSIDER), LinkedRole::Core).unwrap();
        let encoded = text(&xml, "AssumeRolePolicyDocument");
        assert!(!encoded.contains(['{', '"', '+']), "{encoded}");
        let pair = format!("policy={encoded}");
        let (_, policy) = url::form_urlencoded::parse(pair.as_bytes()).next().unwrap();
        let policy: serde_json::Value = serde_json::from_str(&policy).unwrap();
        assert_eq!(policy["Statement"][0]["Principal"]["Service"], "license-manager.amazonaws.com");
    }

    #[test]
    fn input_that_cannot_be_is_refused() {
        let mut office = office();
        for (members, code) in [
            (vec![], "ValidationError"),
            (vec![("AWSServiceName", "")], "ValidationError"),
            (vec![("AWSServiceName", "with space")], "ValidationError"),
            (vec![("AWSServiceName", "ec2.amazonaws.com")], "InvalidInput"),
            (vec![("AWSServiceName", MASTER), ("CustomSuffix", "x")], "InvalidInput"),
        ] {
            let (status, found, _) = error(office.manage(CREATE, &members));
            assert_eq!((status, found), (400, code), "{members:?}");
        }
        assert_eq!(error(office.manage("GetRole", &[])).1, "ValidationError");
        assert_eq!(error(office.manage("GetUser", &[])).1, "InvalidAction");
        assert_eq!(error(office.manage("ListRoles", &[("MaxItems", "0")])).1, "ValidationError");
        assert_eq!(error(office.manage("ListRoles", &[("Marker", "x")])).1, "ValidationError");
    }

    #[test]
    fn a_role_that_is_not_there_may_be_denied_instead() {
        let mut office = office();
        let denies = ctx_with(MANAGER, |settings| settings.iam.denies_missing_role = true);
        assert_eq!(error(office.get(&denies, LinkedRole::LinuxSubscriptions)).1, "AccessDenied");
        assert!(office.get(&denies, LinkedRole::Core).is_ok());
        assert_eq!(error(office.get(&ctx_of(MANAGER), LinkedRole::LinuxSubscriptions)).1, "NoSuchEntity");
    }

    #[test]
    fn the_core_role_is_everywhere_unless_it_is_switched_off_or_taken() {
        let mut office = office();
        let none = ctx_with(OUTSIDER, |settings| settings.iam.core_role_everywhere = false);
        assert!(office.get(&ctx_of(OUTSIDER), LinkedRole::Core).is_ok());
        assert!(office.get(&none, LinkedRole::Core).is_err());
        office.iam.take(OUTSIDER, LinkedRole::Core);
        assert!(office.get(&ctx_of(OUTSIDER), LinkedRole::Core).is_err());
        let core = [("AWSServiceName", "license-manager.amazonaws.com")];
        office.ask(&ctx_of(OUTSIDER), CREATE, &core).unwrap();
        assert!(office.get(&ctx_of(OUTSIDER), LinkedRole::Core).is_ok());
    }

    #[test]
    fn members_of_a_linked_organization_have_the_member_role_from_then_on_or_once_they_join() {
        let mut office = office();
        let id = office.id.clone();
        let principal = LinkedRole::Member.service();
        office.orgs.get_mut(&id).unwrap().trust(principal, Duration::ZERO);
        let at = |seconds, office: &mut Office| {
            let mut ctx = ctx_of(MEMBER);
            ctx.now = Duration::from_secs(seconds);
            office.get(&ctx, LinkedRole::Member).is_ok()
        };
        assert!(!at(100, &mut office));
        office.iam.linked(&id, Duration::from_secs(20));
        assert_eq!([at(49, &mut office), at(50, &mut office)], [false, true]);
        office.orgs.get_mut(&id).unwrap().distrust(principal);
        assert!(!at(50, &mut office));
    }

    #[test]
    fn rams_role_comes_with_sharing_through_ram_and_goes_without() {
        let mut office = office();
        let (ctx, id) = (ctx_of(MANAGER), office.id.clone());
        let has = |office: &mut Office| office.get(&ctx, LinkedRole::Ram).is_ok();
        assert!(!has(&mut office));
        office.orgs.set_ram_sharing(&id, RamSharing::WithoutRole, Duration::ZERO);
        assert!(!has(&mut office));
        office.orgs.set_ram_sharing(&id, RamSharing::On, Duration::ZERO);
        assert!(has(&mut office));
        assert!(office.get(&ctx_of(MEMBER), LinkedRole::Ram).is_err());
    }

    #[test]
    fn rams_role_made_by_hand_mends_sharing_as_the_switch_says() {
        for (mends, expected) in [(false, RamSharing::WithoutRole), (true, RamSharing::On)] {
            let mut office = office();
            let id = office.id.clone();
            office.orgs.set_ram_sharing(&id, RamSharing::WithoutRole, Duration::ZERO);
            let ctx = ctx_with(MANAGER, |settings| settings.iam.ram_role_mends_sharing = mends);
            office.ask(&ctx, CREATE, &[("AWSServiceName", "ram.amazonaws.com")]).unwrap();
            assert_eq!(office.orgs.organization(&id).unwrap().ram_sharing, expected);
            assert!(office.orgs.organization(&id).unwrap().ram_role_since().is_some());
        }
    }

    #[test]
    fn a_deleted_role_is_gone_and_one_in_use_stays() {
        let mut office = office();
        let name = [("RoleName", LinkedRole::Core.role_name())];
        office.uses.roles.insert(LinkedRole::Core);
        let task = text(&office.manage("DeleteServiceLinkedRole", &name).unwrap(), "DeletionTaskId");
        let status = "GetServiceLinkedRoleDeletionStatus";
        let failed = office.manage(status, &[("DeletionTaskId", &task)]).unwrap();
        assert_eq!(text(&failed, "Status"), "FAILED");
        assert!(text(&failed, "Reason").contains("still used"), "{failed}");
        office.uses.roles.clear();
        let task = text(&office.manage("DeleteServiceLinkedRole", &name).unwrap(), "DeletionTaskId");
        let done = office.manage(status, &[("DeletionTaskId", &task)]).unwrap();
        assert_eq!(text(&done, "Status"), "SUCCEEDED");
        assert_eq!(error(office.manage("DeleteServiceLinkedRole", &name)).1, "NoSuchEntity");
        assert_eq!(error(office.manage(status, &[("DeletionTaskId", "task/x")])).1, "NoSuchEntity");
    }

    #[test]
    fn roles_are_listed_in_pages_and_by_path() {
        let mut office = office();
        office.manage(CREATE, &[("AWSServiceName", MASTER)]).unwrap();
        let first = office.manage("ListRoles", &[("MaxItems", "1")]).unwrap();
        assert_eq!(text(&first, "IsTruncated"), "true");
        assert_eq!(text(&first, "RoleName"), LinkedRole::Master.role_name());
        let marker = text(&first, "Marker");
        let second = office.manage("ListRoles", &[("MaxItems", "1"), ("Marker", &marker)]).unwrap();
        assert_eq!(text(&second, "IsTruncated"), "false");
        assert_eq!(text(&second, "RoleName"), LinkedRole::Core.role_name());
        let path = [("PathPrefix", "/aws-service-role/license-manager.m")];
        let some = office.manage("ListRoles", &path).unwrap();
        assert_eq!(some.matches("<member>").count(), 1);
    }
}
