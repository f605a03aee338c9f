//! What to do about refusals of License Manager, Organizations, RAM and IAM (license-manager facts 1.5 and 3). Pure.

use crate::aws::{AwsError, ErrorKind};

/// What a person can do; empty where nothing is known. An error that came with the deadline is judged by what the last
/// attempt met.
pub(super) fn advice(error: &AwsError) -> &'static str {
    let last = error.last();
    let (message, rule) = (last.message.as_deref().unwrap_or_default(), last.rule().unwrap_or_default());
    let known = KNOWN.iter().find(|(part, _)| message.contains(part) || rule == *part);
    known.map_or_else(|| by_kind(last), |(_, advice)| *advice)
}

/// By a part of AWS's message, or by the rule that Organizations names.
const KNOWN: [(&str, &str); 6] = [
    (
        "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
        "Name a member account in DelegatedAdministratorAccountId",
    ),
    (
        "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR",
        "Name an active member account in DelegatedAdministratorAccountId",
    ),
    (
        "MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED",
        "License Manager takes one delegated administrator an organization, and another one was registered meanwhile: \
         see AWS Organizations",
    ),
    (
        "UNRECOGNIZED_SERVICE_PRINCIPAL",
        "Enable trusted access for AWS License Manager under Services in the AWS Organizations console of the management \
         account, then try again",
    ),
    (
        "Service role not found",
        "License Manager does not see its service-linked role yet: try again in a minute",
    ),
    ("RAM sharing", "Set EnableRamSharing to true"),
];

fn by_kind(error: &AwsError) -> &'static str {
    match error.kind {
        ErrorKind::AccessDenied => {
            "Allow the action in the role of the provider's function, and see that no service control policy denies it"
        }
        ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::Unreachable | ErrorKind::DeadlineOver => {
            "Try again in a few minutes: what is done already stays done"
        }
        ErrorKind::NotFound => "Check that the account is in the organization",
        ErrorKind::Invalid => "Correct in the template what it names",
        _ => "",
    }
}
