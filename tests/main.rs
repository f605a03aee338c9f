//! Integration tests, one binary.

mod readme;
mod record;
mod schemas;
mod share_lifecycle;
mod support {
    pub mod cloud_client;
    pub mod ministack;
    pub mod record_contract;
    pub mod s3;
    pub mod world;
}
