//! ARNs of IAM roles.

use super::{AccountId, Arn};
use std::fmt;
use std::str::FromStr;

/// In characters (IAM API reference, CreateRole).
const LONGEST_NAME: usize = 64;

/// `arn:<partition>:iam::<account>:role/<path><name>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleArn {
    text: String,
    account: AccountId,
}

/// Why a text is no role's ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not the ARN of a role, which looks like arn:aws:iam::111122223333:role/<name>")]
pub struct RoleArnError;

impl RoleArn {
    /// The whole ARN.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The account that the role is in, which is the account that it acts for.
    pub fn account(&self) -> &AccountId {
        &self.account
    }
}

impl fmt::Display for RoleArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for RoleArn {
    type Err = RoleArnError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let arn = Arn::parse(text).ok_or(RoleArnError)?;
        let account = arn.account.parse().map_err(|_| RoleArnError)?;
        let named = arn.resource.strip_prefix("role/").is_some_and(is_path_and_name);
        if arn.service != "iam" || !arn.region.is_empty() || !named {
            return Err(RoleArnError);
        }
        Ok(Self { text: text.to_owned(), account })
    }
}

/// What IAM allows (IAM API reference, CreateRole).
fn is_path_and_name(text: &str) -> bool {
    let (path, name) = text.rsplit_once('/').map_or((None, text), |(path, name)| (Some(path), name));
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    let is_path =
        path.is_none_or(|path| !path.is_empty() && path.bytes().all(|byte| byte.is_ascii_graphic()));
    is_path && (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(in_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_of_a_role_is_in_its_arn() {
        for text in ["arn:aws:iam::012345678901:role/accept", "arn:aws-cn:iam::012345678901:role/a/b/accept"]
        {
            let role: RoleArn = text.parse().unwrap();
            assert_eq!((role.as_str(), role.account().as_str()), (text, "012345678901"));
        }
    }

    #[test]
    fn other_arns_are_refused() {
        for text in [
            "accept",
            "arn:aws:iam::012345678901:user/accept",
            "arn:aws:iam::012345678901:role/",
            "arn:aws:iam::012345678901:role/path/",
            "arn:aws:iam::012345678901:role//accept",
            "arn:aws:iam::012345678901:role/acc\u{e9}pt",
            "arn:aws:iam::012345678901:role/p\u{e9}th/accept",
            &format!("arn:aws:iam::012345678901:role/{}", "a".repeat(65)),
            "arn:aws:iam::0123:role/accept",
            "arn:aws:iam:eu-west-1:012345678901:role/accept",
            "arn:aws:sts::012345678901:assumed-role/accept/session",
        ] {
            assert_eq!(text.parse::<RoleArn>(), Err(RoleArnError), "{text}");
        }
    }
}
