//! Integration tests, one binary.

mod adoption;
mod architecture;
mod attachment;
mod bootstrap;
mod gone;
mod half_way;
mod invited;
mod leaks;
mod own_share;
mod panics;
mod readme;
mod record;
mod replacement;
mod rollback;
mod schemas;
mod share_lifecycle;
mod update_order;
mod support {
    pub mod bucket;
    pub mod cloud_client;
    pub mod console;
    pub mod faults;
    pub mod function;
    pub mod http_server;
    pub mod ministack;
    pub mod process;
    pub mod record_contract;
    pub mod runtime_api;
    pub mod rust_source;
    pub mod s3;
    pub mod table;
    pub mod watch;
    pub mod world;
}
