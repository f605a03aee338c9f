//! Integration tests, one binary.

mod cancelled;
mod delivery;
mod delivery_age;
mod delivery_answer;
mod delivery_crash;
mod overtaking;
mod record;
mod schemas;
mod share_lifecycle;
mod support {
    pub mod cloud_client;
    pub mod faulty_records;
    pub mod ministack;
    pub mod points;
    pub mod record_contract;
    pub mod s3;
    pub mod scenes;
    pub mod shape;
    pub mod world;
}
