//! The delegated administrator.

use super::Case;
use crate::domain::AccountId;
use crate::resource::Refusal;
use crate::resource::org_link::observed::Candidate;
use crate::resource::org_link::step::Step;

impl Case<'_> {
    /// Those that there are, as far as is known.
    pub(super) fn administrators(&self) -> &[AccountId] {
        self.seen.administrators.as_deref().unwrap_or_default()
    }
}

/// The step to the wanted one; `None` where it is registered, or none is wanted.
///
/// # Errors
/// The management account, and another one that this resource did not register.
pub(super) fn step(case: &Case<'_>) -> Result<Option<Step>, Refusal> {
    let Some(wanted) = &case.desired.delegated_administrator else { return Ok(None) };
    let management = case.seen.organization.as_ref().map(|organization| &organization.management_account);
    if management == Some(wanted) {
        return Err(Refusal::new(format!(
            "DelegatedAdministratorAccountId {wanted} is the management account, which cannot be its own delegated \
             administrator. Name a member account, or leave the property out"
        )));
    }
    if case.administrators().contains(wanted) {
        return Ok(None);
    }
    let from = former(case, wanted)?;
    able(case, wanted)?;
    Ok(Some(Step::Delegate { to: wanted.clone(), from }))
}

/// Steps back from those that an Update registered which was never answered SUCCESS, where none is wanted now: a
/// rollback leaves nobody with what nobody asked for. Another resource that declares the link may want the same one.
pub(super) fn given_up(case: &Case<'_>) -> Vec<Step> {
    if case.desired.delegated_administrator.is_some() || case.seen.named_elsewhere {
        return Vec::new();
    }
    case.link.unanswered.iter().filter_map(|id| id.parse().ok()).map(Step::Undelegate).collect()
}

fn former(case: &Case<'_>, wanted: &AccountId) -> Result<Option<AccountId>, Refusal> {
    let Some(there) = case.administrators().first() else { return Ok(interrupted(case, wanted)) };
    if case.link.registered.contains(there.as_str()) {
        return Ok(Some(there.clone()));
    }
    Err(Refusal::new(format!(
        "License Manager's delegated administrator is account {there}, and not through this resource; an organization \
         has one. Name {there} in DelegatedAdministratorAccountId, or deregister it in AWS \
         Organizations before {wanted} takes its place"
    )))
}

/// The one that an earlier delivery deregistered, and that has no successor yet.
fn interrupted(case: &Case<'_>, wanted: &AccountId) -> Option<AccountId> {
    let former = case.link.former.as_ref()?.parse().ok()?;
    (former != *wanted).then_some(former)
}

/// Organizations would say so only once the link is on.
fn able(case: &Case<'_>, wanted: &AccountId) -> Result<(), Refusal> {
    let why = match case.seen.candidate {
        Some(Candidate::Active) | None => return Ok(()),
        Some(Candidate::Inactive) => "is suspended, closed or not active yet",
        Some(Candidate::Stranger) => "is not in the organization",
    };
    Err(Refusal::new(format!(
        "DelegatedAdministratorAccountId {wanted} {why}. Name an active member account, or leave the \
         property out"
    )))
}
