//! Gives an operation to its service, with what the service needs to know of the others.

use serde_json::Value;

use crate::cloud::LocalCloud;
use crate::ctx::Ctx;
use crate::error::ServiceError;
use crate::iam::LinkedRole;
use crate::policy::{Asked, DeniedBy};
use crate::ram::Around;
use crate::wire::{Input, Service};

impl LocalCloud {
    /// The body of the answer, or the service's error.
    pub(crate) fn dispatch(
        &mut self,
        service: Service,
        operation: &str,
        input: &Input,
        ctx: Ctx,
    ) -> Result<String, ServiceError> {
        let (who, _) = self.sts.who(&ctx);
        let asked = Asked::of(&ctx, service, operation, input);
        self.policies.check(&who, ctx.account(), &asked)?;
        if !self.sts.allows(&ctx, &asked.action, &asked.resource) {
            return Err(asked.denied(&who, DeniedBy::NoPolicy));
        }
        let empty = Value::Null;
        let (members, form): (&Value, &[(String, String)]) = match input {
            Input::Members(members) => (members, &[]),
            Input::Form(form) => (&empty, form),
        };
        match service {
            Service::Ram => self.ask_ram(&ctx, operation, members),
            Service::LicenseManager => self.ask_license_manager(ctx, operation, members, &who),
            Service::Organizations => {
                let answer = self.organizations.handle(&ctx, operation, members)?;
                self.changed |= is_write(operation);
                Ok(answer.to_string())
            }
            Service::Sts => self.sts.handle(&ctx, operation, form),
            Service::Iam => {
                let uses = self.uses_of_roles(&ctx);
                self.iam.handle(&ctx, operation, form, &mut self.organizations, &uses)
            }
        }
    }

    fn ask_ram(&mut self, ctx: &Ctx, operation: &str, members: &Value) -> Result<String, ServiceError> {
        let mut around =
            Around { organizations: &mut self.organizations, license_manager: &self.license_manager };
        let answer = self.ram.handle(ctx, operation, members, &mut around)?;
        if operation == "EnableSharingWithAwsOrganization" {
            // RAM has made its role, if there was none.
            self.iam.forget(ctx.account(), LinkedRole::Ram);
        }
        Ok(answer.to_string())
    }

    fn ask_license_manager(
        &mut self,
        mut ctx: Ctx,
        operation: &str,
        members: &Value,
        who: &str,
    ) -> Result<String, ServiceError> {
        if ctx.settings.license_manager.forwards_access && links(operation, members) {
            self.check_forwarded(&ctx, who)?;
        }
        let around =
            Around { organizations: &mut self.organizations, license_manager: &self.license_manager };
        ctx.shared_with_caller = self.ram.license_configurations_shared_with(&ctx, &around);
        ctx.core_role = self.finds_core_role(&ctx);
        let answer = self.license_manager.handle(&ctx, operation, members, &self.organizations)?;
        self.changed |= is_write(operation);
        self.follow_events(&ctx);
        Ok(answer.to_string())
    }

    /// Linking acts with the caller's permissions in other services, and License Manager answers what they deny.
    fn check_forwarded(&self, ctx: &Ctx, who: &str) -> Result<(), ServiceError> {
        for action in ["organizations:EnableAWSServiceAccess", "iam:CreateServiceLinkedRole"] {
            let asked =
                Asked { service: Service::LicenseManager, action: action.to_owned(), resource: "*".into() };
            self.policies.check(who, ctx.account(), &asked)?;
        }
        Ok(())
    }
}

fn links(operation: &str, members: &Value) -> bool {
    let wanted = |pointer: &str| members.pointer(pointer) == Some(&Value::Bool(true));
    operation == "UpdateServiceSettings"
        && (wanted("/OrganizationConfiguration/EnableIntegration") || wanted("/EnableCrossAccountsDiscovery"))
}

fn is_write(operation: &str) -> bool {
    !["List", "Get", "Describe"].iter().any(|prefix| operation.starts_with(prefix))
}
