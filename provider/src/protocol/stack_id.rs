//! The StackId of a request: the ARN of the stack, the only word a request has about who sent it.
//!
//! Form: `arn:<partition>:cloudformation:<region>:<account>:stack/<name>/<guid>`. Source: CloudFormation user guide,
//! crpg-ref-requests. It is data in the payload and proves nothing by itself.

use std::fmt;
use std::str::FromStr;

/// A stack's ARN, taken apart. The text is kept as it came, for the echo in the answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StackId {
    text: String,
    partition: String,
    region: String,
    account: String,
    stack_name: String,
    guid: String,
}

/// Why a text is no stack ARN: the part that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a stack ARN: its {part} is not as expected")]
pub struct StackIdError {
    /// Which part is missing or malformed.
    pub part: &'static str,
}

impl StackId {
    /// The whole ARN, byte for byte as received.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// For example `aws`, `aws-cn`, `aws-us-gov`.
    pub fn partition(&self) -> &str {
        &self.partition
    }

    /// For example `eu-central-1`.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The twelve digits of the stack's account.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The stack's name, at most 128 characters.
    pub fn stack_name(&self) -> &str {
        &self.stack_name
    }

    /// The last part, which CloudFormation makes up for each stack; a forger does not know it.
    pub fn guid(&self) -> &str {
        &self.guid
    }
}

impl fmt::Display for StackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// At most `most` characters, at least one, all lower-case letters, digits or dashes.
fn is_name(text: &str, most: usize) -> bool {
    is_mixed_name(text, most) && !text.bytes().any(|b| b.is_ascii_uppercase())
}

/// At most `most` characters, at least one, all letters, digits or dashes.
fn is_mixed_name(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// The text after the next separator, which must be there; the text before it must pass `holds`.
fn part<'a>(
    rest: &mut &'a str,
    separator: char,
    name: &'static str,
    holds: impl Fn(&str) -> bool,
) -> Result<&'a str, StackIdError> {
    match rest.split_once(separator) {
        Some((part, tail)) if holds(part) => {
            *rest = tail;
            Ok(part)
        }
        _ => Err(StackIdError { part: name }),
    }
}

impl FromStr for StackId {
    type Err = StackIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut rest = text;
        part(&mut rest, ':', "prefix arn", |p| p == "arn")?;
        let partition = part(&mut rest, ':', "partition", |p| is_name(p, 32))?;
        part(&mut rest, ':', "service", |p| p == "cloudformation")?;
        let region = part(&mut rest, ':', "region", |p| is_name(p, 32))?;
        let account = part(&mut rest, ':', "account", is_account)?;
        part(&mut rest, '/', "resource type", |p| p == "stack")?;
        let stack_name = part(&mut rest, '/', "stack name", |p| is_mixed_name(p, 128))?;
        if !is_mixed_name(rest, 64) {
            return Err(StackIdError { part: "guid" });
        }
        Ok(StackId {
            text: text.to_owned(),
            partition: partition.to_owned(),
            region: region.to_owned(),
            account: account.to_owned(),
            stack_name: stack_name.to_owned(),
            guid: rest.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STACK: &str = "arn:aws-us-gov:cloudformation:us-gov-west-1:012345678901:stack/My-Stack/5b5f9c60-c2f6-11ee-9d3c-0a1b2c3d4e5f";

    #[test]
    fn a_stack_arn_comes_apart_and_is_kept_as_it_came() {
        let id: StackId = STACK.parse().unwrap();
        assert_eq!(id.as_str(), STACK);
        assert_eq!(id.to_string(), STACK);
        assert_eq!(id.partition(), "aws-us-gov");
        assert_eq!(id.region(), "us-gov-west-1");
        assert_eq!(id.account(), "012345678901");
        assert_eq!(id.stack_name(), "My-Stack");
        assert_eq!(id.guid(), "5b5f9c60-c2f6-11ee-9d3c-0a1b2c3d4e5f");
    }

    #[test]
    fn what_is_no_stack_arn_is_refused_with_the_part_that_is_wrong() {
        let long = "a".repeat(129);
        let long_name = format!("arn:aws:cloudformation:us-east-1:012345678901:stack/{long}/g");
        for (text, part) in [
            ("", "prefix arn"),
            ("ARN:aws:cloudformation:us-east-1:012345678901:stack/n/g", "prefix arn"),
            ("arn::cloudformation:us-east-1:012345678901:stack/n/g", "partition"),
            ("arn:aws:s3:us-east-1:012345678901:stack/n/g", "service"),
            ("arn:aws:cloudformation:US-east-1:012345678901:stack/n/g", "region"),
            ("arn:aws:cloudformation:us_east_1:012345678901:stack/n/g", "region"),
            ("arn:aws:cloudformation:us-east-1:12345678901:stack/n/g", "account"),
            ("arn:aws:cloudformation:us-east-1:01234567890a:stack/n/g", "account"),
            ("arn:aws:cloudformation:us-east-1:٠١٢٣٤٥:stack/n/g", "account"),
            ("arn:aws:cloudformation:us-east-1:012345678901:stackset/n:g", "resource type"),
            ("arn:aws:cloudformation:us-east-1:012345678901:stack//g", "stack name"),
            ("arn:aws:cloudformation:us-east-1:012345678901:stack/n", "stack name"),
            (long_name.as_str(), "stack name"),
            ("arn:aws:cloudformation:us-east-1:012345678901:stack/n/", "guid"),
            ("arn:aws:cloudformation:us-east-1:012345678901:stack/n/g/h", "guid"),
            ("arn:aws:cloudformation:us-east-1:012345678901:stack/n/g|x", "guid"),
            ("arn:aws:cloudformation:us-east-1:012345678901:stack/n/g\n", "guid"),
        ] {
            assert_eq!(text.parse::<StackId>(), Err(StackIdError { part }), "{text:?}");
        }
    }
}
