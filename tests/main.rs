//! Integration tests, one binary.

mod bad_input;
mod record;
mod refused_events;
mod schemas;
mod share_lifecycle;
mod support {
    pub mod cloud_client;
    pub mod ministack;
    pub mod record_contract;
    pub mod refusals;
    pub mod s3;
    pub mod world;
}
