//! AWS IAM, as far as service-linked roles go.
//!
//! Source: AWS IAM API reference (2010-05-08); license manager facts 1.5 and 1.6. awsQuery: a form in, XML out. IAM is
//! global: whatever Region a request is signed for, the answer is the same. Roles for AssumeRole are known to STS alone.

mod kind;
mod operations;
mod settings;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::Ctx;
use crate::error::ServiceError;
use crate::organizations::{Organization, Organizations};

pub use kind::LinkedRole;
pub use settings::IamSettings;

/// The XML namespace of every document.
pub(crate) const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// The operations that are served, as they stand in the form's `Action`.
pub const OPERATIONS: &[&str] = &[
    "CreateServiceLinkedRole",
    "DeleteServiceLinkedRole",
    "GetRole",
    "GetServiceLinkedRoleDeletionStatus",
    "ListRoles",
];

/// A role that an account has.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Role {
    created: Duration,
    description: Option<String>,
}

/// The service-linked roles of all accounts.
#[derive(Debug, Clone, Default)]
pub struct Iam {
    /// What was made and (None) taken away, by account. Other roles are there as License Manager and RAM make them.
    known: BTreeMap<(String, LinkedRole), Option<Role>>,
    /// Organizations that License Manager was linked to, and since when its roles are in the members' accounts.
    linked: BTreeMap<String, Duration>,
    /// Deletions by task id: why it failed, None where it did not.
    deletions: BTreeMap<String, Option<String>>,
    /// Tells deletions of one role from each other.
    serial: u64,
}

/// What an account still needs its roles for, so that they cannot be deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Uses {
    /// Roles in use.
    pub roles: BTreeSet<LinkedRole>,
}

impl Iam {
    /// Answers one operation with the XML document. Errors: `InvalidInput` 400, `NoSuchEntity` 404, `ValidationError` 400,
    /// `InvalidAction` 400.
    pub fn handle(
        &mut self,
        ctx: &Ctx,
        action: &str,
        form: &[(String, String)],
        organizations: &mut Organizations,
        uses: &Uses,
    ) -> Result<String, ServiceError> {
        match action {
            "CreateServiceLinkedRole" => self.create(ctx, form, organizations),
            "DeleteServiceLinkedRole" => self.delete(ctx, form, organizations, uses),
            "GetRole" => self.get(ctx, form, organizations),
            "GetServiceLinkedRoleDeletionStatus" => self.deletion(form),
            "ListRoles" => self.list(ctx, form, organizations),
            other => Err(ServiceError::bad_request(
                "InvalidAction",
                format!("The local cloud does not serve iam {other}"),
            )),
        }
    }

    /// Whether an account has a role now.
    pub fn has(&self, account: &str, role: LinkedRole, around: &Surroundings<'_>) -> bool {
        self.role(account, role, around).is_some()
    }

    /// Whether License Manager can use an account's core role: it is there, and has been for long enough.
    pub fn has_propagated_core_role(&self, account: &str, around: &Surroundings<'_>) -> bool {
        match self.known.get(&(account.to_owned(), LinkedRole::Core)) {
            Some(role) => {
                let seen = |role: &Role| role.created + around.settings.propagation <= around.now;
                role.as_ref().is_some_and(seen)
            }
            None => around.settings.core_role_everywhere,
        }
    }

    /// Gives an account a role, as the service itself does when it needs one; one that is there stays.
    pub fn give(&mut self, account: &str, role: LinkedRole, now: Duration) {
        let made = Role { created: now, description: None };
        self.known.entry((account.to_owned(), role)).or_insert(None).get_or_insert(made);
    }

    /// Takes a role from an account.
    pub fn take(&mut self, account: &str, role: LinkedRole) {
        self.known.insert((account.to_owned(), role), None);
    }

    /// Lets the account have the role as its service does, whatever was made or taken away before.
    pub fn forget(&mut self, account: &str, role: LinkedRole) {
        self.known.remove(&(account.to_owned(), role));
    }

    /// License Manager was linked to an organization: its members have its role from `at` on.
    pub fn linked(&mut self, organization: &str, at: Duration) {
        self.linked.entry(organization.to_owned()).or_insert(at);
    }

    fn role(&self, account: &str, role: LinkedRole, around: &Surroundings<'_>) -> Option<Role> {
        if let Some(known) = self.known.get(&(account.to_owned(), role)) {
            return known.clone();
        }
        let since = match role {
            LinkedRole::Core => around.settings.core_role_everywhere.then_some(Duration::ZERO),
            LinkedRole::Member => self.member_role_since(account, around),
            LinkedRole::Ram => {
                let organization = around.organization_of(account)?;
                organization.ram_role_since().filter(|_| organization.management_account == account)
            }
            LinkedRole::Master | LinkedRole::LinuxSubscriptions => None,
        };
        since.map(|created| Role { created, description: None })
    }

    /// License Manager makes it in every account of a linked organization, also in those that join later (assumed: the
    /// guide says both "in your organization's accounts" and "in the management account").
    fn member_role_since(&self, account: &str, around: &Surroundings<'_>) -> Option<Duration> {
        let organization = around.organization_of(account)?;
        let joined = organization.account(account)?.joined_at;
        let linked = *self.linked.get(&organization.id)?;
        let trusted = organization.trusts(LinkedRole::Member.service());
        Some(linked.max(joined)).filter(|since| trusted && *since <= around.now)
    }
}

/// What roles that a service makes by itself depend on.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// Organizations.
    pub organizations: &'a Organizations,
    /// The switches.
    pub settings: &'a IamSettings,
    /// Time since the cloud's start.
    pub now: Duration,
}

impl<'a> Surroundings<'a> {
    fn of(ctx: &'a Ctx, organizations: &'a Organizations) -> Self {
        Self { organizations, settings: &ctx.settings.iam, now: ctx.now }
    }

    fn organization_of(&self, account: &str) -> Option<&'a Organization> {
        self.organizations.organization_of(account)
    }
}
