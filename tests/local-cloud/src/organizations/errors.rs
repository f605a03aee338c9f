//! The errors of AWS Organizations: every one is HTTP 400 except ServiceException; the messages are AWS's own where they
//! are known (AWS Organizations API reference, "Common errors" of each action; license manager facts 3).

use crate::error::ServiceError;
use crate::members::Fault;

fn error(code: &'static str, message: impl Into<String>) -> ServiceError {
    ServiceError { status: 400, code, message: message.into(), extra: None }
}

/// The caller's account is in no organization.
pub(super) fn not_in_use() -> ServiceError {
    error("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
}

/// The caller may not do this: not the management account, nor (for reads) a delegated administrator.
pub(super) fn access_denied() -> ServiceError {
    error("AccessDeniedException", "You don't have permissions to access this resource.")
}

/// A rule of the organization stands against it; `reason` is one of the model's ConstraintViolationExceptionReason.
pub(super) fn constraint(reason: &'static str, message: &str) -> ServiceError {
    ServiceError { extra: Some(("Reason", reason)), ..error("ConstraintViolationException", message) }
}

/// The input is wrong; `reason` is one of the model's InvalidInputExceptionReason.
pub(super) fn invalid_input(reason: &'static str, message: impl Into<String>) -> ServiceError {
    ServiceError { extra: Some(("Reason", reason)), ..error("InvalidInputException", message) }
}

/// A member of the input is missing, of another type or outside its enum.
pub(super) fn bad_member(fault: Fault, message: String) -> ServiceError {
    let reason = match fault {
        Fault::Missing => "INPUT_REQUIRED",
        Fault::Type => "INVALID_PATTERN",
        Fault::Enum => "INVALID_ENUM",
    };
    invalid_input(reason, message)
}

/// The thing named is not there.
pub(super) fn not_found(code: &'static str, what: &str) -> ServiceError {
    error(code, format!("You specified {what} that doesn't exist."))
}

/// The caller's or the named account has been asked for something that is already so, or not so.
pub(super) fn state(code: &'static str, message: &str) -> ServiceError {
    error(code, message)
}

/// Another write to the organization is under way.
pub(super) fn concurrent() -> ServiceError {
    let message =
        "The target of the operation is currently being modified by a different request. Try again later.";
    error("ConcurrentModificationException", message)
}
