//! See main.
pub mod aws;
pub mod domain;
