//! Integration tests, one binary.

mod adoption;
mod answers;
mod architecture;
mod attachment;
mod bad_input;
mod bootstrap;
mod gone;
mod invited;
mod leaks;
mod own_share;
mod pages;
mod panics;
mod readme;
mod record;
mod refused_events;
mod replacement;
mod rollback;
mod scale;
mod schemas;
mod settling;
mod share_lifecycle;
mod throttling;
mod update_order;
mod support {
    pub mod bucket;
    pub mod cloud_client;
    pub mod console;
    pub mod counting;
    pub mod faults;
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
    pub mod watch;
    pub mod world;
}
