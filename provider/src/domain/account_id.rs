//! AWS account ids.

use std::fmt;
use std::str::FromStr;

/// The id of an AWS account: exactly 12 digits, leading zeros kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(String);

impl AccountId {
    /// The 12 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for AccountId {
    type Err = AccountIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(AccountIdError::NotDigits);
        }
        match text.len() {
            12 => Ok(Self(text.to_owned())),
            digits if digits < 12 => Err(AccountIdError::TooShort { digits }),
            digits => Err(AccountIdError::TooLong { digits }),
        }
    }
}

/// Why a text is no account id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountIdError {
    /// It holds something else than digits.
    #[error("an account id has 12 digits and nothing else")]
    NotDigits,
    /// YAML reads an unquoted `001234567890` as a number and drops the zeros.
    #[error(
        "an account id has 12 digits, this has {digits}: if it began with 0, quote it in the template (\"0...\")"
    )]
    TooShort {
        /// How many digits there are.
        digits: usize,
    },
    /// More than 12 digits.
    #[error("an account id has 12 digits, this has {digits}")]
    TooLong {
        /// How many digits there are.
        digits: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_digits_are_an_account_id_and_leading_zeros_stay() {
        assert_eq!("000123456789".parse::<AccountId>().unwrap().as_str(), "000123456789");
    }

    #[test]
    fn lost_leading_zeros_are_explained() {
        let error = "123456789".parse::<AccountId>().unwrap_err();
        assert_eq!(error, AccountIdError::TooShort { digits: 9 });
        assert!(error.to_string().contains("quote it"));
    }

    #[test]
    fn other_text_is_refused() {
        assert_eq!("o-abc".parse::<AccountId>(), Err(AccountIdError::NotDigits));
        assert_eq!("".parse::<AccountId>(), Err(AccountIdError::NotDigits));
        assert_eq!("1234567890123".parse::<AccountId>(), Err(AccountIdError::TooLong { digits: 13 }));
    }
}
