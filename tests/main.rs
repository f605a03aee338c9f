//! Integration tests, one binary.

mod answers;
mod architecture;
mod bad_input;
mod bootstrap;
mod leaks;
mod pages;
mod panics;
mod readme;
mod record;
mod refused_events;
mod scale;
mod schemas;
mod settling;
mod share_lifecycle;
mod throttling;
mod support {
    pub mod bucket;
    pub mod cloud_client;
    pub mod counting;
    pub mod flows;
    pub mod function;
    pub mod http_server;
    pub mod ministack;
    pub mod process;
    pub mod record_contract;
    pub mod refusals;
    pub mod runtime_api;
    pub mod rust_source;
    pub mod s3;
    pub mod table;
    pub mod world;
}
