//! `Custom::LicenseConfigShare`: license configurations shared through AWS RAM, in a share of its own or in one that
//! exists.

mod attributes;
mod desired;
mod properties;
mod tags;

pub use attributes::ATTRIBUTES;
pub use desired::{Decoded, Desired, OwnShare, Target, decode};
pub use properties::Properties;

use super::ResourceType;
use super::object::names;
use schemars::SchemaGenerator;

/// For the list of types.
pub const TYPE: ResourceType = ResourceType {
    name: "Custom::LicenseConfigShare",
    file: "LicenseConfigShare.json",
    schema: SchemaGenerator::into_root_schema_for::<Properties>,
    property_names: names::<Properties>,
    attributes: ATTRIBUTES,
};
