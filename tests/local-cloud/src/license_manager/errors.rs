//! The errors of License Manager: HTTP 400 but for ServerInternalException, capital-M `Message` (AWS License Manager API
//! reference; license manager facts 1.2 and 2.3).

use super::settings::BadValue;
use crate::Ctx;
use crate::error::ServiceError;
use crate::members::Fault;

/// Bad value, not found, in use: License Manager has one code for the three.
pub(super) fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::bad_request("InvalidParameterValueException", message)
}

/// A member of the input is missing, of another type or outside its enum.
pub(super) fn bad_member(_: Fault, message: String) -> ServiceError {
    invalid(message)
}

/// No license configuration with this ARN that the caller can see.
pub(super) fn no_configuration(arn: &str) -> ServiceError {
    invalid(format!("License configuration not found: {arn}"))
}

/// The caller may not do this.
pub(super) fn access_denied(message: &str) -> ServiceError {
    ServiceError::bad_request("AccessDeniedException", message)
}

/// A value that UpdateServiceSettings does not take, with the code that is set.
pub(super) fn bad_value(ctx: &Ctx, message: impl Into<String>) -> ServiceError {
    match ctx.settings.license_manager.bad_value {
        BadValue::InvalidParameterValue => invalid(message),
        BadValue::Validation => ServiceError::bad_request("ValidationException", message),
    }
}

/// Another request is changing the same thing.
pub(super) fn conflict() -> ServiceError {
    let message = "There was a conflict processing the request. Try your request again.";
    ServiceError::bad_request("ConflictException", message)
}

/// A quota stands against it.
pub(super) fn limit(message: impl Into<String>) -> ServiceError {
    ServiceError::bad_request("ResourceLimitExceededException", message)
}

/// Too many filters, or too many values of one.
pub(super) fn filter_limit() -> ServiceError {
    ServiceError::bad_request(
        "FilterLimitExceededException",
        "The request uses too many filters or too many filter values.",
    )
}
