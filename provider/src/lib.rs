//! CloudFormation custom resource provider for AWS License Manager and AWS RAM.

pub mod logging;
pub mod protocol;
pub mod upload;
