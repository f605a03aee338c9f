//! Integration tests, one binary.

#![expect(unreachable_pub, reason = "modules of a test binary are reached by nobody else")]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "tests fail loudly; clippy spares the functions marked as tests, and not their helpers"
)]

mod acceptance;
mod acceptance_central;
mod acceptance_crash;
mod acceptance_waiting;
mod adoption;
mod agreement;
mod answers;
mod any_properties;
mod architecture;
mod attachment;
mod bad_input;
mod bootstrap;
mod cancelled;
mod cloudformation;
mod cloudformation_protocol;
mod concurrency;
mod concurrency_shares;
mod corpus;
mod crash_matrix;
mod delivery;
mod delivery_age;
mod delivery_answer;
mod delivery_crash;
mod examples;
mod fault_matrix;
mod gone;
mod half_way;
mod invitations;
mod invitations_by_role;
mod invitations_waited;
mod invited;
mod leaks;
mod locked_builds;
mod membership;
mod org_link;
mod org_link_at_once;
mod org_link_attributes;
mod org_link_checks;
mod org_link_crash;
mod org_link_denials;
mod org_link_failure;
mod org_link_read_back;
mod org_link_repair;
mod org_link_review;
mod org_link_share;
mod org_link_sharing;
mod org_link_switches;
mod org_link_unlink;
mod org_link_waiting;
mod overtaking;
mod own_share;
mod pages;
mod panics;
mod permissions;
mod readme;
mod record;
mod recursion;
mod refused_events;
mod replacement;
mod replacement_accepted;
mod rescue;
mod rescue_crash;
mod rescue_types;
mod response_url_regions;
mod response_url_table;
mod rollback;
mod rolled_back_release;
mod scale;
mod schema_documents;
mod schema_editor;
mod schemas;
mod schemas_acceptance;
mod schemas_link;
mod settling;
mod share_lifecycle;
mod stack_binary;
mod stack_deaths;
mod stack_lives;
mod stack_rollbacks;
mod stack_sets;
mod throttling;
mod update_order;
mod versions;
mod waiting;
mod waiting_queue;
mod support {
    pub mod abandoned;
    pub mod acceptance;
    pub mod bucket;
    pub mod cloud_client;
    pub mod cloudformation;
    pub mod console;
    pub mod counting;
    pub mod crash_flows;
    pub mod crash_runs;
    pub mod dice;
    pub mod faults;
    pub mod faulty_records;
    pub mod flows;
    pub mod function;
    pub mod gate;
    pub mod http_server;
    pub mod instance;
    pub mod laws;
    pub mod link;
    pub mod log;
    pub mod matrix;
    pub mod ministack;
    pub mod mistakes;
    pub mod operations;
    pub mod partners;
    pub mod place;
    pub mod points;
    pub mod process;
    pub mod queue;
    pub mod record_contract;
    pub mod refusals;
    pub mod rules;
    pub mod runtime_api;
    pub mod rust_source;
    pub mod s3;
    pub mod scenes;
    pub mod secrets;
    pub mod shape;
    pub mod snapshot;
    pub mod sqs;
    pub mod stage;
    pub mod table;
    pub mod torture;
    pub mod trailing;
    pub mod trouble;
    pub mod valid_properties;
    pub mod watch;
    pub mod workers;
    pub mod world;
    pub mod yaml;
}
