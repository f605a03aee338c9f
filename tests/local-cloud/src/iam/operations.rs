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
        let (kind, role) = self.named(ctx, form, organizations)?;
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
