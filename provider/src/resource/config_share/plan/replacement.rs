//! Another share in the place of an old one.

use super::Case;
use crate::domain::{AssociationStatus, Member, Principal};
use crate::resource::Refusal;

/// Refuses a replacement with invited accounts: CloudFormation would delete the old share before anyone has accepted
/// the new one, unless the request waits until they have. `retain_sharing` is that of the new share, whose accounts are all invited then.
///
/// # Errors
/// The accounts that would have to accept anew.
pub(super) fn refuse_without_acceptance(case: &Case<'_>, retain_sharing: bool) -> Result<(), Refusal> {
    let accepts = case.desired.wait_for_acceptance || case.desired.acceptance_role.is_some();
    let Some(replaced) = &case.look.replaces else { return Ok(()) };
    let is_gone = case.gone_shares().contains(replaced);
    if accepts || is_gone || case.is_return || case.outstanding.is_some() {
        return Ok(());
    }
    let principals = case.desired.principals.iter();
    let accounts: Vec<&str> =
        principals.filter_map(|principal| must_accept(case, retain_sharing, principal)).collect();
    if accounts.is_empty() {
        return Ok(());
    }
    Err(Refusal::new(format!(
        "this change needs another share, and these accounts would have to accept it anew: {}. The old share would be \
         gone before they could, so nothing was changed. Set WaitForAcceptance to true, or AcceptanceRoleName; or add a \
         second resource with the new settings, let the accounts accept, then remove this one",
        accounts.join(", ")
    )))
}

/// An account that the old share has, that is invited to the new one, and has not accepted there already.
fn must_accept<'a>(case: &Case<'_>, retain_sharing: bool, principal: &'a Principal) -> Option<&'a str> {
    let Principal::Account(id) = principal else { return None };
    let id = id.as_str();
    let had = case.seen.replaced.iter().any(|old| old.member.id == id && (old.external || retain_sharing));
    let new = case.seen.members.get(&Member::principal(id));
    let has = new.is_some_and(|association| association.status == AssociationStatus::Associated);
    (had && !has).then_some(id)
}
