//! Integration tests, one binary.

mod adoption;
mod attachment;
mod record;
mod schemas;
mod share_lifecycle;
mod support {
    pub mod cloud_client;
    pub mod console;
    pub mod ministack;
    pub mod record_contract;
    pub mod s3;
    pub mod world;
}
