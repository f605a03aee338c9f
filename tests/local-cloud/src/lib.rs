//! License Manager, RAM, Organizations, IAM (service-linked roles) and STS on this machine, for tests and the demo.
//!
//! The library is a stateful core without I/O: [`LocalCloud::handle`] takes one HTTP request as a client of AWS sends
//! it and the time since the cloud's start, and answers. The binary `local-cloud` serves it on 127.0.0.1. Accounts are
//! told apart by the access key in the request's signature: a key of 12 digits is the account's id.

pub mod admin;
mod ask;
mod cloud;
mod ctx;
mod dispatch;
mod door;
mod error;
pub mod fault;
mod follow;
pub mod iam;
mod ids;
mod iso_time;
pub mod license_manager;
mod log;
mod members;
pub mod organizations;
pub mod page;
pub mod policy;
mod query;
pub mod ram;
mod role;
mod scene;
mod scene_link;
pub mod server;
pub mod settings;
pub mod sts;
#[cfg(test)]
mod testing;
pub mod throttle;
pub mod wire;

pub use cloud::{LocalCloud, Reply};
pub use ctx::{Ctx, Event};
pub use error::{Outcome, ServiceError};
pub use log::Call;
pub use settings::Settings;
pub use wire::{Caller, Service};
