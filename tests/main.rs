//! Integration tests, one binary.

mod answers;
mod bad_input;
mod pages;
mod record;
mod refused_events;
mod scale;
mod schemas;
mod settling;
mod share_lifecycle;
mod throttling;
mod support {
    pub mod cloud_client;
    pub mod counting;
    pub mod flows;
    pub mod ministack;
    pub mod record_contract;
    pub mod refusals;
    pub mod s3;
    pub mod world;
}
