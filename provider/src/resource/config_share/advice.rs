//! What to do about what AWS refuses (ram facts 1.9). Pure.

use crate::aws::{AwsError, ErrorKind};

/// What a person can do. An error that came with the deadline is judged by what the last
/// attempt met.
pub(super) fn advice(error: &AwsError) -> String {
    let last = error.last();
    by_message(last.message.as_deref().unwrap_or_default()).unwrap_or_else(|| by_kind(last.kind)).to_owned()
}

fn by_message(message: &str) -> Option<&'static str> {
    const KNOWN: [(&str, &str); 7] = [
        (
            "add external AWS accounts",
            "If the account is meant to be outside the organization, set AllowExternalPrincipals to true; otherwise \
             check that it is an active member",
        ),
        (
            "can only be shared within your AWS Organization",
            "Sharing with the organization must be on in AWS RAM: set EnableRamSharing of a \
             Custom::LicenseManagerOrgLink to true, or call EnableSharingWithAwsOrganization in the management account. \
             It can take up to six hours to take effect",
        ),
        (
            "Organization",
            "Check the id. If it is right, sharing with the organization was switched on through AWS Organizations \
             instead of AWS RAM: set EnableRamSharing of a Custom::LicenseManagerOrgLink to true, or call \
             EnableSharingWithAwsOrganization of AWS RAM in the management account. It can take up to six hours to take \
             effect",
        ),
        ("Resource arn:", "Check that the license configuration still exists"),
        (
            "is malformed",
            "Give a 12-digit account id, or the ARN of an organizational unit or of the organization",
        ),
        ("tag policy", "Change Tags to what the organization's tag policy allows"),
        ("ASSOCIATING status", "RAM is still at work on this share: try again in a few minutes"),
    ];
    let is_about = |part: &str| match part {
        "Organization" | "Resource arn:" => {
            message.starts_with(part) && message.contains("could not be found")
        }
        part => message.contains(part),
    };
    KNOWN.iter().find(|(part, _)| is_about(part)).map(|(_, advice)| *advice)
}

fn by_kind(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::AccessDenied => {
            "Allow it in the role of the provider's function, and see that no service control policy denies it"
        }
        ErrorKind::ServiceRoleMissing => {
            "Open License Manager once in the console of this account, so that its service-linked role is made"
        }
        ErrorKind::LimitExceeded => {
            "A quota of AWS RAM or of License Manager is reached, in this account or in one that is shared with: see \
             Service Quotas (RAM allows 20 pending invitations an account)"
        }
        ErrorKind::Throttled => {
            "Too many calls were made at the same time: try again, with fewer stacks at once"
        }
        ErrorKind::InvalidState => "The share is changing: try again in a few minutes",
        ErrorKind::Unavailable | ErrorKind::Unreachable | ErrorKind::DeadlineOver => {
            "Try again in a few minutes: this passes"
        }
        ErrorKind::NotFound => "Check that what it names still exists",
        ErrorKind::Invalid => "Correct what it names in the template",
        ErrorKind::NotPermitted => "See in the AWS RAM user guide who may share what with whom",
        ErrorKind::NotInOrganization => {
            "This account is in no organization: join one, or share with account ids and AllowExternalPrincipals"
        }
        ErrorKind::IdempotentParameterMismatch | ErrorKind::Other => {
            "Try again; if it stays so, ask AWS Support about the request named here"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::{Cause, Operation};

    const CREATE: Operation = Operation { service: "RAM", name: "CreateResourceShare" };

    fn said(kind: ErrorKind, message: &str) -> AwsError {
        AwsError { message: Some(message.into()), ..AwsError::new(CREATE, kind, None) }
    }

    #[test]
    fn a_license_configuration_that_is_not_found_is_no_matter_of_the_organization() {
        let license = "Resource arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-1 could not be found.";
        assert!(advice(&said(ErrorKind::NotFound, license)).contains("license configuration"));
        for unit in [
            "OrganizationalUnit ou-ab12-34567890 could not be found.",
            "Organization o-abc could not be found.",
        ] {
            assert!(
                advice(&said(ErrorKind::NotFound, unit)).contains("EnableSharingWithAwsOrganization"),
                "{unit}"
            );
        }
        let share = advice(&said(ErrorKind::NotFound, "ResourceShare arn:aws:ram:x could not be found."));
        assert_eq!(share, "Check that what it names still exists");
    }

    #[test]
    fn at_the_deadline_the_last_attempt_counts() {
        let last = Cause::Last(Box::new(said(ErrorKind::Throttled, "Rate exceeded")));
        let over = AwsError::new(CREATE, ErrorKind::DeadlineOver, Some(last));
        assert!(advice(&over).contains("fewer stacks"));
        assert!(advice(&AwsError::new(CREATE, ErrorKind::DeadlineOver, None)).contains("Try again"));
    }
}
