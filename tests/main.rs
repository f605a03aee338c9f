//! Integration tests, one binary.

mod architecture;
mod bootstrap;
mod leaks;
mod panics;
mod readme;
mod record;
mod schemas;
mod share_lifecycle;
mod support {
    pub mod bucket;
    pub mod cloud_client;
    pub mod function;
    pub mod http_server;
    pub mod ministack;
    pub mod process;
    pub mod record_contract;
    pub mod runtime_api;
    pub mod rust_source;
    pub mod s3;
    pub mod table;
    pub mod world;
}
