//! Integration tests, one binary.

mod adoption;
mod attachment;
mod record;
mod replacement;
mod rollback;
mod schemas;
mod share_lifecycle;
mod support {
    pub mod cloud_client;
    pub mod console;
    pub mod faults;
    pub mod ministack;
    pub mod record_contract;
    pub mod s3;
    pub mod world;
}
