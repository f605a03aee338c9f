//! The name of a role that many accounts have.

use crate::domain::{AccountId, Home, RoleArn, RoleArnError};
use crate::resource::Wire;
use crate::resource::property_error::PropertyError;
use crate::resource::wire::parsed;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::Value;
use std::fmt;
use std::str::FromStr;

/// The most characters of a role's name (IAM API reference, CreateRole).
const LONGEST: usize = 64;
/// What a name may have beside letters and digits.
const SIGNS: &str = "_+=,.@-";

/// A role's name, with its path in front where it has one, and without a slash before that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleName(String);

impl RoleName {
    /// The ARN of the role of this name in `account`, in the partition of `home`.
    ///
    /// # Errors
    /// None for a name that was read; the type of the ARN wants to see for itself.
    pub fn in_account(&self, account: &AccountId, home: &Home) -> Result<RoleArn, RoleArnError> {
        format!("arn:{}:iam::{account}:role/{}", home.partition, self.0).parse()
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is no role's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RoleNameError {
    /// An ARN.
    #[error("this is an ARN: give the role's name alone, the same in each account that is invited")]
    Arn,
    /// Anything else.
    #[error(
        "a role's name has 1 to 64 letters, digits and _+=,.@- after its path, which has no slash in front"
    )]
    Other,
}

impl FromStr for RoleName {
    type Err = RoleNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with("arn:") {
            return Err(RoleNameError::Arn);
        }
        let (path, name) = text.rsplit_once('/').map_or((None, text), |(path, name)| (Some(path), name));
        let is_good = |part: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || SIGNS.contains(c))
        };
        let is_path = path.is_none_or(|path| path.split('/').all(is_good));
        if is_path && is_good(name) && name.len() <= LONGEST {
            return Ok(Self(text.to_owned()));
        }
        Err(RoleNameError::Other)
    }
}

impl Wire for RoleName {
    fn schema(_: &mut SchemaGenerator) -> Schema {
        let pattern = "^([A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,64}$";
        json_schema!({ "title": "name of a role", "type": "string", "pattern": pattern })
    }

    fn read(value: &Value, path: &str, errors: &mut Vec<PropertyError>) -> Option<Self> {
        parsed(value, path, errors, str::parse)
    }
}

#[cfg(test)]
impl From<&str> for RoleName {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_an_account_are_an_arn() {
        let home = Home { partition: "aws-cn".into(), region: "cn-north-1".into(), account: account() };
        for (name, expected) in [
            ("accept", "arn:aws-cn:iam::111122223333:role/accept"),
            ("a/b/accept", "arn:aws-cn:iam::111122223333:role/a/b/accept"),
        ] {
            let role: RoleName = name.parse().unwrap();
            assert_eq!(role.in_account(&account(), &home).unwrap().as_str(), expected);
        }
    }

    fn account() -> AccountId {
        "111122223333".parse().unwrap()
    }

    #[test]
    fn arns_and_what_iam_does_not_take_are_refused() {
        let long = "a".repeat(65);
        let arn = "arn:aws:iam::111122223333:role/accept";
        assert_eq!(arn.parse::<RoleName>(), Err(RoleNameError::Arn));
        for text in ["", "/accept", "accept/", "a//b", "a b", "ä", &long] {
            assert_eq!(text.parse::<RoleName>(), Err(RoleNameError::Other), "{text}");
        }
        assert!("a".repeat(64).parse::<RoleName>().is_ok());
    }
}
