//! See main.
pub mod domain;
