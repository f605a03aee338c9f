//! CloudFormation custom resource provider for AWS License Manager and AWS RAM.

pub mod aws;
pub mod clock;
pub mod config;
pub mod domain;
pub mod drive;
pub mod handler;
pub mod invocation;
pub mod lambda;
#[cfg(test)]
mod laws;
pub mod logging;
pub mod protocol;
pub mod queue;
pub mod record;
pub mod rescue;
pub mod resource;
pub mod schema;
pub mod upload;
