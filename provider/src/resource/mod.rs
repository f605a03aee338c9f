//! What a template can ask for: one folder a custom resource type, and what they share.

pub mod config_share;
mod object;
mod property_error;
mod types;
mod unknown_property;
mod wire;

pub use property_error::{PropertyError, summary};
pub use types::{Attribute, ResourceType, TYPES};
pub use wire::{At, Field, Wire};
