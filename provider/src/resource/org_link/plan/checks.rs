//! What must be true before anything is changed, and how to mend it.

use super::Case;
use crate::domain::Organization;
use crate::resource::Refusal;
use crate::resource::org_link::observed::RamSharing;

/// # Errors
/// The first thing that is wrong, with its remedy.
pub(super) fn check(case: &Case<'_>) -> Result<(), Refusal> {
    let Some(organization) = &case.seen.organization else {
        return Err(Refusal::new(format!(
            "account {} is in no organization, so there is nothing to link. Create an organization with all features in \
             AWS Organizations, or deploy this stack in the management account of the one you have",
            case.subject.home.account
        )));
    };
    if !organization.all_features {
        return Err(Refusal::new(format!(
            "organization {} has consolidated billing features only. Either enable all features in AWS Organizations, or \
             leave the link out and share license configurations with single accounts: Custom::LicenseConfigShare with \
             their account ids and AllowExternalPrincipals",
            organization.id
        )));
    }
    account(case, organization)
}

/// Linking, RAM sharing and delegation are the management account's; a delegated administrator may change what is
/// left where the link is whole already.
fn account(case: &Case<'_>, organization: &Organization) -> Result<(), Refusal> {
    let (home, management) = (&case.subject.home.account, &organization.management_account);
    if home == management || is_enough(case) {
        return Ok(());
    }
    Err(Refusal::new(format!(
        "the provider runs in account {home}, and only the management account of organization {}, {management}, can do \
         this. Deploy the provider and this stack there",
        organization.id
    )))
}

fn is_enough(case: &Case<'_>) -> bool {
    let linked = case.seen.is_linked();
    let sharing = match case.seen.ram_sharing(case.subject.now, case.link.ram_enabled_at()) {
        RamSharing::Enabled | RamSharing::JustEnabled => true,
        RamSharing::WithoutRole | RamSharing::Disabled => !case.desired.ram_sharing,
    };
    let delegate = case.desired.delegated_administrator.as_ref();
    let delegated = delegate.is_none_or(|wanted| case.administrators().contains(wanted));
    linked && sharing && delegated
}
