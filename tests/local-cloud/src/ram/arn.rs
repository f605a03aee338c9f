//! ARNs that RAM takes and gives.

use super::errors;
use crate::error::ServiceError;

/// The six parts of an ARN that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Arn<'a> {
    pub(super) partition: &'a str,
    pub(super) service: &'a str,
    pub(super) region: &'a str,
    pub(super) account: &'a str,
    pub(super) resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Takes an ARN apart; None where it is none.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let ("arn", partition, service) = (parts.next()?, parts.next()?, parts.next()?) else { return None };
        let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
        let whole = !(partition.is_empty() || service.is_empty() || resource.is_empty());
        whole.then_some(Self { partition, service, region, account, resource })
    }
}

/// Checks that a text is the ARN of a share, of whichever account.
pub(super) fn check_share(text: &str) -> Result<(), ServiceError> {
    check(text, "resource-share/").ok_or_else(errors::malformed_share_arn)
}

/// Checks that a text is the ARN of an invitation.
pub(super) fn check_invitation(text: &str) -> Result<(), ServiceError> {
    check(text, "resource-share-invitation/").ok_or_else(|| errors::malformed_arn(text))
}

fn check(text: &str, prefix: &str) -> Option<()> {
    let arn = Arn::parse(text)?;
    let id = arn.resource.strip_prefix(prefix)?;
    (arn.service == "ram" && !arn.region.is_empty() && !arn.account.is_empty() && !id.is_empty())
        .then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_arn_of_a_share_is_one() {
        assert!(check_share("arn:aws:ram:eu-west-1:111111111111:resource-share/1").is_ok());
        for wrong in [
            "resource-share/1",
            "arn:aws:ram:eu-west-1:111111111111:resource-share-invitation/1",
            "arn:aws:organizations::111111111111:ou/o-1/ou-1",
            "arn:aws:ram:eu-west-1:111111111111:resource-share/",
        ] {
            assert_eq!(check_share(wrong).unwrap_err().code, "MalformedArnException", "{wrong}");
        }
    }
}
