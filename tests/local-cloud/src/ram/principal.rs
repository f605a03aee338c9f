//! Principals: which kind a text names, and what becomes of one that is added to a share (ram facts 2.1 and 1.9).

use std::time::Duration;

use super::arn::Arn;
use super::errors;
use super::model::Share;
use crate::error::ServiceError;
use crate::organizations::{Organization, Organizations, RamSharing};
use crate::wire::is_account;

/// Which kind of principal a text names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Principal<'a> {
    Account(&'a str),
    Organization { id: &'a str },
    Unit { id: &'a str },
    Iam,
    Service,
}

/// How a principal comes into a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// By itself; `organization` tells an organization or unit from an account.
    Settles { organization: bool },
    /// Once the account accepts.
    Invited,
    /// Not at all: it is the owner.
    Owner,
}

impl<'a> Principal<'a> {
    /// Reads a principal. Bare organization and unit ids are malformed: RAM wants their ARNs.
    pub(super) fn parse(text: &'a str, partition: &str) -> Result<Self, ServiceError> {
        if is_account(text) {
            return Ok(Self::Account(text));
        }
        let malformed = || errors::malformed_principal(text);
        let Some(arn) = Arn::parse(text) else {
            return if text.ends_with(".amazonaws.com") { Ok(Self::Service) } else { Err(malformed()) };
        };
        if arn.partition != partition {
            return Err(malformed());
        }
        match (arn.service, arn.resource.split('/').collect::<Vec<_>>().as_slice()) {
            ("organizations", ["organization", id]) if id.starts_with("o-") => Ok(Self::Organization { id }),
            ("organizations", ["ou", _, id]) if id.starts_with("ou-") => Ok(Self::Unit { id }),
            ("iam", ["role" | "user", ..]) => Ok(Self::Iam),
            _ => Err(malformed()),
        }
    }

    /// Whether license configurations cannot be shared with it (AWS RAM user guide, shareable resources).
    pub(super) fn is_iam_or_service(self) -> bool {
        matches!(self, Self::Iam | Self::Service)
    }
}

/// Whether RAM shares with the organization without invitations now.
pub(super) fn sharing_is_on(organization: &Organization, now: Duration) -> bool {
    match organization.ram_sharing {
        RamSharing::On => true,
        RamSharing::Onboarding { until } => now >= until,
        RamSharing::Off | RamSharing::WithoutRole => false,
    }
}

/// Decides how a principal comes into a share, or why it may not.
pub(super) fn judge(
    text: &str,
    principal: Principal<'_>,
    share: &Share,
    organizations: &Organizations,
    now: Duration,
) -> Result<Entry, ServiceError> {
    match principal {
        Principal::Account(id) => judge_account(id, share, organizations, now),
        Principal::Organization { id } => {
            let organization = sharing_organization(share, organizations, now, "Organization", id)?;
            if organization.arn == text { Ok(WHOLE) } else { Err(not_found("Organization", id)) }
        }
        Principal::Unit { id } => {
            let organization = sharing_organization(share, organizations, now, "OrganizationalUnit", id)?;
            let found = organization.arn_of_ou(id).is_some_and(|arn| arn == text);
            if found { Ok(WHOLE) } else { Err(not_found("OrganizationalUnit", id)) }
        }
        Principal::Iam | Principal::Service => Ok(Entry::Settles { organization: false }),
    }
}

const WHOLE: Entry = Entry::Settles { organization: true };

fn not_found(kind: &str, id: &str) -> ServiceError {
    errors::unknown(format!("{kind} {id} could not be found."))
}

fn sharing_organization<'a>(
    share: &Share,
    organizations: &'a Organizations,
    now: Duration,
    kind: &str,
    id: &str,
) -> Result<&'a Organization, ServiceError> {
    let organization =
        organizations.organization_of(&share.owner).ok_or_else(errors::only_within_organization)?;
    if organization.ram_sharing == RamSharing::WithoutRole {
        return Err(not_found(kind, id));
    }
    if sharing_is_on(organization, now) { Ok(organization) } else { Err(errors::only_within_organization()) }
}

fn judge_account(
    id: &str,
    share: &Share,
    organizations: &Organizations,
    now: Duration,
) -> Result<Entry, ServiceError> {
    if id == share.owner {
        return Ok(Entry::Owner);
    }
    let organization = organizations.organization_of(&share.owner);
    let together = organization.is_some_and(|found| organizations.is_active_member(&found.id, id));
    if together && organization.is_some_and(|found| sharing_is_on(found, now)) && !share.retain {
        return Ok(Entry::Settles { organization: false });
    }
    match (share.allow_external, together) {
        (true, _) => Ok(Entry::Invited),
        (false, true) => Err(errors::only_within_organization()),
        (false, false) => Err(errors::outside_organization(id)),
    }
}

/// Whether a principal of a share covers an account now: it is the account, or an organization or unit that it is in.
pub(super) fn covers(
    text: &str,
    account: &str,
    share: &Share,
    organizations: &Organizations,
    now: Duration,
) -> bool {
    if text == account {
        return true;
    }
    let Some(organization) = organizations.organization_of(&share.owner) else { return false };
    if !sharing_is_on(organization, now) || !organizations.is_active_member(&organization.id, account) {
        return false;
    }
    if organization.arn == text {
        return true;
    }
    let unit = text.rsplit('/').next().unwrap_or_default();
    organization.arn_of_ou(unit).is_some_and(|arn| arn == text) && organization.is_under(account, unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_principal_is_told_from_the_others() {
        let parse = |text| Principal::parse(text, "aws").unwrap();
        assert_eq!(parse("222222222222"), Principal::Account("222222222222"));
        assert_eq!(
            parse("arn:aws:organizations::111111111111:organization/o-1"),
            Principal::Organization { id: "o-1" }
        );
        assert_eq!(
            parse("arn:aws:organizations::111111111111:ou/o-1/ou-1-2"),
            Principal::Unit { id: "ou-1-2" }
        );
        assert_eq!(parse("arn:aws:iam::222222222222:role/a"), Principal::Iam);
        assert_eq!(parse("ec2.amazonaws.com"), Principal::Service);
    }

    #[test]
    fn bare_ids_short_accounts_and_other_partitions_are_malformed() {
        let wrong = [
            "o-1",
            "ou-1-2",
            "11111111111",
            "",
            "arn:aws-cn:organizations::111111111111:organization/o-1",
            "arn:aws:organizations::111111111111:account/o-1/222222222222",
        ];
        for text in wrong {
            let error = Principal::parse(text, "aws").unwrap_err();
            assert_eq!(error.code, "InvalidParameterException");
            assert!(error.message.contains("is malformed"), "{text}");
        }
    }
}
