//! With whom a license configuration can be shared.

use super::{AccountId, AccountIdError, Arn, Home};
use std::fmt;
use std::str::FromStr;

/// A principal of a resource share that RAM takes for license configurations: accounts, organizational units and the
/// organization. IAM roles and users are not possible for this resource type (AWS RAM user guide, shareable resources).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Principal {
    /// One account, in the organization or outside.
    Account(AccountId),
    /// `arn:<partition>:organizations::<management account>:ou/o-<id>/ou-<id>`.
    OrganizationalUnit(String),
    /// `arn:<partition>:organizations::<management account>:organization/o-<id>`.
    Organization(String),
}

impl Principal {
    /// The text that RAM takes and returns.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Account(id) => id.as_str(),
            Self::OrganizationalUnit(arn) | Self::Organization(arn) => arn,
        }
    }

    /// Checks that the provider's own account can share with it.
    ///
    /// # Errors
    /// The owner itself, and organizations of another partition.
    pub fn fits(&self, home: &Home) -> Result<(), PrincipalError> {
        match self {
            Self::Account(id) if *id == home.account => Err(PrincipalError::Owner),
            Self::Account(_) => Ok(()),
            Self::OrganizationalUnit(arn) | Self::Organization(arn) => match Arn::parse(arn) {
                Some(arn) if arn.partition != home.partition => Err(PrincipalError::Partition {
                    found: arn.partition.into(),
                    home: home.partition.clone(),
                }),
                _ => Ok(()),
            },
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Principal {
    type Err = PrincipalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(arn) = Arn::parse(text) {
            return from_arn(text, &arn);
        }
        if text.starts_with("ou-") {
            return Err(PrincipalError::BareOrganizationalUnit);
        }
        if text.starts_with("o-") {
            return Err(PrincipalError::BareOrganization);
        }
        if text.ends_with(".amazonaws.com") || text.ends_with(".amazonaws.com.cn") {
            return Err(PrincipalError::Service);
        }
        text.parse().map(Self::Account).map_err(|error| match error {
            AccountIdError::NotDigits => PrincipalError::Unknown,
            AccountIdError::TooShort { .. } | AccountIdError::TooLong { .. } => {
                PrincipalError::Account { source: error }
            }
        })
    }
}

fn from_arn(text: &str, arn: &Arn<'_>) -> Result<Principal, PrincipalError> {
    match arn.service {
        "iam" | "sts" => Err(PrincipalError::Iam),
        "organizations" if is_organization(arn) => Ok(Principal::Organization(text.into())),
        "organizations" if is_organizational_unit(arn) => Ok(Principal::OrganizationalUnit(text.into())),
        _ => Err(PrincipalError::Unknown),
    }
}

fn is_organization(arn: &Arn<'_>) -> bool {
    arn.resource.strip_prefix("organization/").is_some_and(|id| is_id(id, "o-")) && is_managed(arn)
}

fn is_organizational_unit(arn: &Arn<'_>) -> bool {
    let Some((organization, unit)) = arn.resource.strip_prefix("ou/").and_then(|path| path.split_once('/'))
    else {
        return false;
    };
    is_id(organization, "o-") && is_id(unit, "ou-") && is_managed(arn)
}

fn is_managed(arn: &Arn<'_>) -> bool {
    arn.region.is_empty() && arn.account.parse::<AccountId>().is_ok()
}

fn is_id(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|id| {
        !id.is_empty() && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    })
}

/// Why a text is no principal of a license configuration share.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrincipalError {
    /// An IAM role, user or session.
    #[error(
        "license configurations cannot be shared with IAM roles or users: give the 12-digit id of their account"
    )]
    Iam,
    /// A service principal.
    #[error(
        "license configurations cannot be shared with AWS services: give a 12-digit account id, or the ARN of an \
         organizational unit or of the organization"
    )]
    Service,
    /// `ou-...` alone.
    #[error(
        "RAM takes an organizational unit by its ARN, \
         arn:aws:organizations::<management account>:ou/<organization id>/<this id>"
    )]
    BareOrganizationalUnit,
    /// `o-...` alone.
    #[error(
        "RAM takes an organization by its ARN, arn:aws:organizations::<management account>:organization/<this id>"
    )]
    BareOrganization,
    /// The account that owns the share.
    #[error(
        "this is the account that owns the share, it has its license configurations already: leave it out"
    )]
    Owner,
    /// An organization of another partition.
    #[error("this ARN is of partition {found}, the provider runs in {home}")]
    Partition {
        /// The ARN's.
        found: String,
        /// The provider's.
        home: String,
    },
    /// Digits that are no account id.
    #[error("this is no account id")]
    Account {
        /// What is wrong with them.
        #[source]
        source: AccountIdError,
    },
    /// Anything else.
    #[error(
        "this is no principal: give a 12-digit account id, or the ARN of an organizational unit or of the organization"
    )]
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Principal, PrincipalError> {
        text.parse()
    }

    #[test]
    fn accounts_units_and_organizations_are_principals() {
        assert!(matches!(parse("111122223333"), Ok(Principal::Account(_))));
        assert!(matches!(
            parse("arn:aws:organizations::111122223333:organization/o-abc123defg"),
            Ok(Principal::Organization(_))
        ));
        assert!(matches!(
            parse("arn:aws:organizations::111122223333:ou/o-abc123defg/ou-ab12-34567890"),
            Ok(Principal::OrganizationalUnit(_))
        ));
    }

    #[test]
    fn each_frequent_mistake_has_its_own_answer() {
        let cases = [
            ("arn:aws:iam::111122223333:role/Admin", PrincipalError::Iam),
            ("arn:aws:sts::111122223333:assumed-role/Admin/me", PrincipalError::Iam),
            ("license-manager.amazonaws.com", PrincipalError::Service),
            ("ou-ab12-34567890", PrincipalError::BareOrganizationalUnit),
            ("o-abc123defg", PrincipalError::BareOrganization),
            ("12345", PrincipalError::Account { source: AccountIdError::TooShort { digits: 5 } }),
            ("everyone", PrincipalError::Unknown),
            ("arn:aws:organizations::111122223333:account/o-abc/111122223333", PrincipalError::Unknown),
            ("arn:aws:organizations::111122223333:ou/o-abc123defg", PrincipalError::Unknown),
        ];
        for (text, error) in cases {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn the_owner_and_other_partitions_do_not_fit() {
        let home = Home {
            partition: "aws".into(),
            region: "eu-west-1".into(),
            account: "111122223333".parse().unwrap(),
        };
        assert_eq!(parse("111122223333").unwrap().fits(&home), Err(PrincipalError::Owner));
        assert_eq!(parse("999988887777").unwrap().fits(&home), Ok(()));
        let china = parse("arn:aws-cn:organizations::111122223333:organization/o-abc123defg").unwrap();
        assert!(matches!(china.fits(&home), Err(PrincipalError::Partition { .. })));
    }
}
