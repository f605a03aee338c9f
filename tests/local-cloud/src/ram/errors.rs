//! RAM's modelled errors, with AWS's own messages where they are known (ram facts 1.9).

use crate::error::ServiceError;
use crate::members::Fault;

/// A member of the input is missing, of another type or outside its enum.
pub(super) fn bad_member(_: Fault, message: String) -> ServiceError {
    invalid_parameter(message)
}

/// The same for operations that model a missing member by itself (UpdateResourceShare, ListPendingInvitationResources).
pub(super) fn bad_or_missing_member(fault: Fault, message: String) -> ServiceError {
    match fault {
        Fault::Missing => ServiceError::bad_request("MissingRequiredParameterException", message),
        Fault::Type | Fault::Enum => invalid_parameter(message),
    }
}

/// The same for operations that model neither (accepting and rejecting an invitation).
pub(super) fn bad_arn_member(_: Fault, message: String) -> ServiceError {
    ServiceError::bad_request("MalformedArnException", message)
}

pub(super) fn invalid_parameter(message: impl Into<String>) -> ServiceError {
    ServiceError::bad_request("InvalidParameterException", message)
}

pub(super) fn malformed_share_arn() -> ServiceError {
    ServiceError::bad_request("MalformedArnException", "The specified resource share ARN is not valid")
}

pub(super) fn malformed_arn(arn: &str) -> ServiceError {
    ServiceError::bad_request("MalformedArnException", format!("The specified ARN {arn} is not valid"))
}

pub(super) fn unknown_share(arn: &str) -> ServiceError {
    unknown(format!("ResourceShare {arn} could not be found."))
}

pub(super) fn unknown(message: impl Into<String>) -> ServiceError {
    ServiceError::bad_request("UnknownResourceException", message)
}

pub(super) fn not_permitted(message: impl Into<String>) -> ServiceError {
    ServiceError::bad_request("OperationNotPermittedException", message)
}

/// Sharing with the organization is off or onboarding.
pub(super) fn only_within_organization() -> ServiceError {
    not_permitted(
        "The resource you are attempting to share can only be shared within your AWS Organization. This error may \
         also occur if you have not enabled sharing with your AWS organization, or that onboarding process is still \
         in progress.",
    )
}

pub(super) fn outside_organization(principal: &str) -> ServiceError {
    invalid_parameter(format!(
        "Principal {principal} is not in your AWS organization. You do not have permission to add external AWS \
         accounts to a resource share."
    ))
}

pub(super) fn malformed_principal(principal: &str) -> ServiceError {
    invalid_parameter(format!("Principal ID {principal} is malformed. Verify the ID and try again."))
}

pub(super) fn associating() -> ServiceError {
    state("At least one of the associations in the resource share is in ASSOCIATING status.")
}

pub(super) fn state(message: impl Into<String>) -> ServiceError {
    ServiceError::bad_request("InvalidStateTransitionException", message)
}

pub(super) fn limit(message: impl Into<String>) -> ServiceError {
    ServiceError::bad_request("ResourceShareLimitExceededException", message)
}

pub(super) fn invalid_token() -> ServiceError {
    ServiceError::bad_request("InvalidNextTokenException", "The specified value for NextToken isn't valid.")
}

pub(super) fn invitation(code: &'static str, arn: &str, what: &str) -> ServiceError {
    ServiceError::bad_request(code, format!("The resource share invitation {arn} {what}."))
}
