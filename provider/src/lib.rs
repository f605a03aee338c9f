//! See main.
pub mod domain;
pub mod resource;
pub mod schema;
