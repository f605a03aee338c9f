//! Integration tests, one binary.

mod adoption;
mod attachment;
mod own_share;
mod record;
mod replacement;
mod rollback;
mod schemas;
mod share_lifecycle;
mod update_order;
mod invited;
mod gone;
mod support {
    pub mod cloud_client;
    pub mod console;
    pub mod faults;
    pub mod ministack;
    pub mod record_contract;
    pub mod s3;
    pub mod watch;
    pub mod world;
}
