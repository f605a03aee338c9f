//! Amazon Resource Names: the general form, and those of RAM and License Manager.

use super::AccountId;
use std::fmt;
use std::str::FromStr;

/// `arn:<partition>:<service>:<region>:<account>:<resource>`, split at its first five colons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`, ...
    pub partition: &'a str,
    /// `ram`, `license-manager`, `organizations`, ...
    pub service: &'a str,
    /// Empty for global services.
    pub region: &'a str,
    /// Empty where the service has none.
    pub account: &'a str,
    /// The rest, colons and slashes included.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Splits `text`; `None` where it has not the six parts of an ARN, no partition that could be AWS's, or spaces or
    /// control characters in it.
    pub fn parse(text: &'a str) -> Option<Self> {
        if text.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
            return None;
        }
        let mut parts = text.splitn(6, ':');
        let "arn" = parts.next()? else { return None };
        let arn = Self {
            partition: parts.next()?,
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        };
        (is_partition(arn.partition) && !arn.service.is_empty() && !arn.resource.is_empty()).then_some(arn)
    }
}

/// `aws`, or `aws-` and words of lower-case letters, as the schemas have it.
fn is_partition(text: &str) -> bool {
    let mut words = text.split('-');
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    words.next() == Some("aws") && words.all(is_word)
}

/// Where the provider acts: the partition, region and account of its own function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// `aws`, `aws-cn`, ...
    pub partition: String,
    /// `eu-west-1`, ...
    pub region: String,
    /// The account that owns what the provider makes.
    pub account: AccountId,
}

/// Why a text is not the ARN that is wanted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArnError {
    /// It has not the form of an ARN of this kind.
    #[error("this is not the ARN of a {what}, which looks like {example}")]
    Form {
        /// What is wanted, for a person.
        what: &'static str,
        /// What one looks like.
        example: &'static str,
    },
    /// It belongs to another partition.
    #[error("this ARN is of partition {found}, the provider runs in {home}")]
    Partition {
        /// The ARN's.
        found: String,
        /// The provider's.
        home: String,
    },
    /// It belongs to another region; shares and license configurations are regional.
    #[error(
        "this ARN is of region {found}, the provider runs in {home}: shares and license configurations are regional"
    )]
    Region {
        /// The ARN's.
        found: String,
        /// The provider's.
        home: String,
    },
    /// It belongs to another account.
    #[error(
        "this {what} belongs to account {found}, the provider acts for account {home}: only the owner can share it"
    )]
    Account {
        /// What it is, for a person.
        what: &'static str,
        /// The ARN's.
        found: String,
        /// The provider's.
        home: String,
    },
}

/// Checks that the ARN is of the provider's own partition, region and account.
fn at_home(arn: &Arn<'_>, home: &Home, what: &'static str) -> Result<(), ArnError> {
    if arn.partition != home.partition {
        return Err(ArnError::Partition { found: arn.partition.into(), home: home.partition.clone() });
    }
    if arn.region != home.region {
        return Err(ArnError::Region { found: arn.region.into(), home: home.region.clone() });
    }
    if arn.account != home.account.as_str() {
        return Err(ArnError::Account { what, found: arn.account.into(), home: home.account.to_string() });
    }
    Ok(())
}

macro_rules! arn_type {
    ($(#[$doc:meta])* $name:ident, $what:literal, $example:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The whole ARN.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Checks that it is of the provider's own partition, region and account.
            ///
            /// # Errors
            /// The first part that differs, as [`ArnError`].
            pub fn is_at(&self, home: &Home) -> Result<(), ArnError> {
                match Arn::parse(&self.0) {
                    Some(arn) => at_home(&arn, home, $what),
                    None => Err(ArnError::Form { what: $what, example: $example }),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = ArnError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let valid: fn(&Arn<'_>) -> bool = $valid;
                match Arn::parse(text) {
                    Some(arn) if valid(&arn) => Ok(Self(text.to_owned())),
                    _ => Err(ArnError::Form { what: $what, example: $example }),
                }
            }
        }
    };
}

arn_type!(
    /// `arn:<partition>:ram:<region>:<account>:resource-share/<uuid>`.
    ShareArn,
    "resource share",
    "arn:aws:ram:eu-west-1:111122223333:resource-share/<uuid>",
    |arn| {
        let id = arn.resource.strip_prefix("resource-share/").unwrap_or_default();
        arn.service == "ram" && has_home(arn) && is_word(id)
    }
);

impl ShareArn {
    /// The id after `resource-share/`.
    pub fn id(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(_, id)| id)
    }
}

arn_type!(
    /// `arn:<partition>:license-manager:<region>:<account>:license-configuration:lic-<hex>`, with a colon before the
    /// id (License Manager user guide; a slash is a frequent mistake).
    LicenseConfigurationArn,
    "license configuration",
    "arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-<id>",
    |arn| {
        let id = arn.resource.strip_prefix("license-configuration:").unwrap_or_default();
        arn.service == "license-manager" && has_home(arn) && is_word(id)
    }
);

fn has_home(arn: &Arn<'_>) -> bool {
    !arn.region.is_empty() && arn.account.parse::<AccountId>().is_ok()
}

fn is_word(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> Home {
        Home { partition: "aws".into(), region: "eu-west-1".into(), account: "111122223333".parse().unwrap() }
    }

    fn share(text: &str) -> Result<(), ArnError> {
        text.parse::<ShareArn>()?.is_at(&home())
    }

    #[test]
    fn a_share_arn_at_home_is_taken() {
        assert_eq!(share("arn:aws:ram:eu-west-1:111122223333:resource-share/0a-1b"), Ok(()));
    }

    #[test]
    fn each_part_that_differs_is_named() {
        let form = |error| matches!(error, Err(ArnError::Form { .. }));
        assert!(matches!(
            share("arn:aws-cn:ram:eu-west-1:111122223333:resource-share/0a"),
            Err(ArnError::Partition { .. })
        ));
        assert!(matches!(
            share("arn:aws:ram:eu-west-2:111122223333:resource-share/0a"),
            Err(ArnError::Region { .. })
        ));
        assert!(matches!(
            share("arn:aws:ram:eu-west-1:999988887777:resource-share/0a"),
            Err(ArnError::Account { .. })
        ));
        assert!(form(share("arn:aws:ram:eu-west-1:111122223333:resource-share/")));
        assert!(form(share("arn:aws:ram:eu-west-1:1111:resource-share/0a")));
        assert!(form(share("arn:aws:ram:eu-west-1:111122223333:resource-share/0a/b")));
        assert!(form(share("0a-1b")));
    }

    #[test]
    fn a_license_configuration_arn_has_a_colon_before_its_id() {
        let good = "arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-0123";
        assert_eq!(good.parse::<LicenseConfigurationArn>().unwrap().as_str(), good);
        assert!(good.replace(":lic", "/lic").parse::<LicenseConfigurationArn>().is_err());
        assert!(
            "arn:aws:license-manager::111122223333:license:l-0123"
                .parse::<LicenseConfigurationArn>()
                .is_err()
        );
    }

    /// Found by fuzzing.
    #[test]
    fn a_partition_has_the_letters_of_one() {
        for partition in ["aws", "aws-cn", "aws-us-gov", "aws-iso-b"] {
            assert!(
                Arn::parse(&format!("arn:{partition}:iam::111122223333:role/a")).is_some(),
                "{partition}"
            );
        }
        for partition in ["", "aw", "awsx", "aws-", "aws--cn", "aws-cn\u{e9}", "aws-CN", "aws-1", "-aws"] {
            assert_eq!(Arn::parse(&format!("arn:{partition}:iam::111122223333:role/a")), None, "{partition}");
        }
    }

    #[test]
    fn spaces_and_control_characters_are_no_part_of_an_arn() {
        assert_eq!(Arn::parse("arn:aws:ram:eu-west-1:111122223333:resource-share/0a "), None);
        assert_eq!(Arn::parse("arn:aws:ram:eu-west-1:111122223333:resource-share/0a\n"), None);
    }
}
