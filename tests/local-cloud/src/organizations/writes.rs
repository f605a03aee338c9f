//! Two writes to one organization at once: the second is refused with ConcurrentModificationException.

use super::{Organizations, errors};
use crate::ask::Ask;
use crate::error::ServiceError;

impl Organizations {
    /// Refuses a write that comes too soon after another one to the caller's organization.
    pub(super) fn check_window(&self, ask: &Ask<'_>) -> Result<(), ServiceError> {
        let window = ask.ctx.settings.organizations.write_window;
        let found = self.organization_of(ask.ctx.account()).filter(|_| is_write(ask.operation));
        let last = found.and_then(|organization| organization.last_write);
        if last.is_some_and(|last| ask.ctx.now < last + window) { Err(errors::concurrent()) } else { Ok(()) }
    }

    /// Notes a write that was taken.
    pub(super) fn written(&mut self, ask: &Ask<'_>) {
        if !is_write(ask.operation) {
            return;
        }
        let id = self.organization_of(ask.ctx.account()).map(|organization| organization.id.clone());
        if let Some(organization) = id.and_then(|id| self.get_mut(&id)) {
            organization.last_write = Some(ask.ctx.now);
        }
    }
}

fn is_write(operation: &str) -> bool {
    !operation.starts_with("List") && !operation.starts_with("Describe")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::super::testing::{Family, family};
    use crate::error::Outcome;
    use crate::testing::{MANAGER, code, ctx_with};

    fn ask(family: &mut Family, at: u64, operation: &str, input: &Value) -> Outcome {
        let mut ctx = ctx_with(MANAGER, |settings| {
            settings.organizations.write_window = Duration::from_secs(2);
        });
        ctx.now = Duration::from_secs(at);
        family.orgs.handle(&ctx, operation, input)
    }

    #[test]
    fn a_write_right_after_another_is_refused_and_changes_nothing() {
        let mut family = family();
        let (one, two) = (
            json!({ "ServicePrincipal": "ssm.amazonaws.com" }),
            json!({ "ServicePrincipal": "config.amazonaws.com" }),
        );
        ask(&mut family, 10, "EnableAWSServiceAccess", &one).unwrap();
        let second = ask(&mut family, 11, "EnableAWSServiceAccess", &two);
        assert_eq!(code(second), "ConcurrentModificationException");
        let listed = ask(&mut family, 11, "ListAWSServiceAccessForOrganization", &json!({})).unwrap();
        assert_eq!(listed["EnabledServicePrincipals"].as_array().unwrap().len(), 1);
        ask(&mut family, 12, "EnableAWSServiceAccess", &two).unwrap();
    }

    #[test]
    fn a_refused_write_does_not_hold_up_the_next() {
        let mut family = family();
        let wrong = json!({ "ServicePrincipal": "nonsense.amazonaws.com" });
        assert_eq!(code(ask(&mut family, 10, "EnableAWSServiceAccess", &wrong)), "InvalidInputException");
        let right = json!({ "ServicePrincipal": "ssm.amazonaws.com" });
        ask(&mut family, 10, "EnableAWSServiceAccess", &right).unwrap();
    }
}
