//! What to do about RAM's refusals (ram facts 1.9). Pure.

use crate::aws::{AwsError, ErrorKind};

/// What a person can do; empty where nothing is known.
pub(super) fn advice(error: &AwsError) -> String {
    by_message(error.message.as_deref().unwrap_or_default()).unwrap_or_else(|| by_kind(error)).to_owned()
}

fn by_message(message: &str) -> Option<&'static str> {
    const KNOWN: [(&str, &str); 6] = [
        (
            "add external AWS accounts",
            "If the account is meant to be outside the organization, set AllowExternalPrincipals to true; otherwise \
             check that it is an active member",
        ),
        (
            "can only be shared within your AWS Organization",
            "Sharing with the organization must be switched on through AWS RAM (EnableSharingWithAwsOrganization, in \
             the management account), and can take up to six hours to take effect",
        ),
        (
            "could not be found",
            "Check the id. If it is right, sharing with the organization was switched on through AWS Organizations \
             instead of AWS RAM: call EnableSharingWithAwsOrganization of AWS RAM in the management account",
        ),
        (
            "is malformed",
            "Give a 12-digit account id, or the ARN of an organizational unit or of the organization",
        ),
        ("ASSOCIATING status", "RAM is still at work on this share: try again in a few minutes"),
        (
            "Service role not found",
            "Open License Manager once in this account, so that its service-linked role is made",
        ),
    ];
    KNOWN.iter().find(|(part, _)| message.contains(part)).map(|(_, advice)| *advice)
}

fn by_kind(error: &AwsError) -> &'static str {
    match error.kind {
        ErrorKind::AccessDenied => {
            "Allow the action in the role of the provider's function, and in no service control policy deny it"
        }
        ErrorKind::LimitExceeded => {
            "A quota of AWS RAM or of License Manager is reached, in this account or in one that is shared with: see \
             Service Quotas (RAM allows 20 pending invitations an account)"
        }
        ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::Unreachable | ErrorKind::DeadlineOver => {
            "Try again: nothing is lost"
        }
        _ => "",
    }
}
