//! AWS as the provider uses it: one client a service, retried and bounded by a deadline, domain types in and out.
//!
//! Types of the SDK do not leave this module, except for the DynamoDB client, which the record alone takes. It knows no CloudFormation.

mod backoff;
mod classify;
mod clients;
mod deadline;
mod error;
mod iam;
mod license_manager;
mod organizations;
mod pages;
mod ram;
mod sqs;
mod sts;
#[cfg(test)]
pub(crate) mod testing;
mod watch;

pub use backoff::{looks, scatter};
pub use classify::from_sdk;
pub(crate) use classify::presentable;
pub use clients::{ClientSettings, Clients, Endpoints, environment_credentials, http_client};
pub use deadline::Deadline;
pub use error::{AwsError, Cause, ErrorKind, Operation};
pub use iam::Iam;
pub use license_manager::LicenseManager;
pub use organizations::{Organizations, Registered};
pub use ram::{NewShare, Only, Ram};
pub use sqs::Sqs;
pub use sts::{AssumedRole, CallerIdentity, Sts};
