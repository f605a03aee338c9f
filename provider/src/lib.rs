//! CloudFormation custom resource provider for AWS License Manager and AWS RAM.

pub mod domain;
pub mod logging;
pub mod protocol;
pub mod resource;
pub mod schema;
pub mod upload;
