//! What to do about refusals of License Manager, Organizations, RAM and IAM (license-manager facts 1.5 and 3). Pure.

use crate::aws::{AwsError, ErrorKind};

/// What a person can do; empty where nothing is known.
pub(super) fn advice(error: &AwsError) -> &'static str {
    let text = error.message.as_deref().unwrap_or_default();
    let known = KNOWN.iter().find(|(part, _)| text.contains(part)).map(|(_, advice)| *advice);
    known.unwrap_or_else(|| by_kind(error))
}

const KNOWN: [(&str, &str); 5] = [
    ("CANNOT_REGISTER_MASTER", "Name a member account in DelegatedAdministratorAccountId"),
    ("CANNOT_REGISTER_SUSPENDED", "The account is suspended or closed: name an active member account"),
    ("suspended", "The account is suspended or closed: name an active member account"),
    (
        "Service role not found",
        "License Manager does not see its service-linked role yet: try again in a minute",
    ),
    ("not in all features mode", "Enable all features in AWS Organizations"),
];

fn by_kind(error: &AwsError) -> &'static str {
    match error.kind {
        ErrorKind::AccessDenied => {
            "Allow the action in the role of the provider's function, and in no service control policy deny it"
        }
        ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::Unreachable | ErrorKind::DeadlineOver => {
            "Try again: nothing is lost"
        }
        _ => "",
    }
}
