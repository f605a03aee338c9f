//! A new share in the place of an old one.

use super::Case;
use crate::domain::Principal;
use crate::resource::Refusal;
use crate::resource::config_share::desired::OwnShare;

/// Refuses a replacement with invited accounts: CloudFormation would delete the old share before anyone has accepted
/// the new one.
///
/// # Errors
/// The accounts that would have to accept anew.
pub(super) fn refuse_without_acceptance(case: &Case<'_>, own: &OwnShare) -> Result<(), Refusal> {
    if case.look.replaces.is_none() || case.is_return {
        return Ok(());
    }
    let accounts: Vec<&str> =
        case.desired.principals.iter().filter_map(|p| must_accept(case, own, p)).collect();
    if accounts.is_empty() {
        return Ok(());
    }
    Err(Refusal::new(format!(
        "this change needs a new share, and these accounts would have to accept it anew: {}. The old share would be gone \
         before they could, so nothing was changed. Add a second resource with the new settings, let the accounts accept, \
         then remove this one",
        accounts.join(", ")
    )))
}

fn must_accept<'a>(case: &Case<'_>, own: &OwnShare, principal: &'a Principal) -> Option<&'a str> {
    let Principal::Account(id) = principal else { return None };
    let was_external = case.seen.members.values().any(|a| a.member.id == id.as_str() && a.external);
    (own.retain_sharing || was_external).then(|| id.as_str())
}
