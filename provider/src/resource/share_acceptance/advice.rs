//! What to do about what RAM refuses the invited account (ram facts 3). Pure.

use super::look::Actor;
use crate::aws::{AwsError, ErrorKind};

/// What a person can do; empty where nothing is known. An error that came with the deadline is judged by what the last
/// attempt met.
pub(super) fn advice(error: &AwsError, by: &Actor) -> String {
    match error.last().kind {
        ErrorKind::AccessDenied => {
            let whose = match &by.role {
                Some(role) => format!("the role {role}"),
                None => "the role of the provider's function".to_owned(),
            };
            format!(
                "Allow it in {whose}, and see that no service control policy of account {} denies it",
                by.account
            )
        }
        ErrorKind::NotPermitted => format!(
            "The owner may have taken the invitation back: have it share again. Otherwise see that nothing denies account \
             {} ram:AcceptResourceShareInvitation",
            by.account
        ),
        ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::Unreachable | ErrorKind::DeadlineOver => {
            "Try again in a few minutes: what is done already stays done".to_owned()
        }
        _ => String::new(),
    }
}
