//! The list of the custom resource types.

use super::permission::Operation;
use schemars::{Schema, SchemaGenerator};

/// An attribute of a resource that a template can read with `Fn::GetAtt`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// `ResourceShareArn`.
    pub name: &'static str,
    /// What it says, for the README.
    pub description: &'static str,
}

/// What `Ref` of a resource gives, its physical id, is worth where an ARN is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    /// It is an ARN, but for a resource whose template gives this property.
    ArnWithout(&'static str),
    /// It never is one.
    NoArn,
}

/// What the documents about a resource type are made of.
#[derive(Clone, Copy, Debug)]
pub struct ResourceType {
    /// The type as templates name it.
    pub name: &'static str,
    /// Makes the schema of its properties with the settings of a generator.
    pub schema: fn(SchemaGenerator) -> Schema,
    /// The names of its properties, in the order of the Rust type.
    pub property_names: fn() -> &'static [&'static str],
    /// Its attributes, in the order in which they are answered.
    pub attributes: &'static [Attribute],
    /// What its `Ref` is.
    pub reference: Reference,
    /// What it calls.
    pub operations: &'static [Operation],
}

impl ResourceType {
    /// The type without `Custom::`.
    pub fn short_name(&self) -> &'static str {
        self.name.strip_prefix("Custom::").unwrap_or(self.name)
    }
}

/// Hands all resource types to the macro `$visit`; a new one is one more line.
macro_rules! resource_types {
    ($visit:ident) => {
        $visit! {
            $crate::resource::config_share::LicenseConfigShare,
            $crate::resource::org_link::LicenseManagerOrgLink,
            $crate::resource::share_acceptance::LicenseConfigShareAcceptance,
        }
    };
}
pub(crate) use resource_types;

macro_rules! list {
    ($($resource:ty,)*) => {
        /// All resource types by name.
        pub const NAMES: &[&str] = &[$(<$resource as super::Resource>::NAME),*];

        /// Whether `*` among the trusted accounts counts for the type of this name ([`super::Resource::SERVES_ANYONE`]).
        pub fn serves_anyone(name: &str) -> bool {
            let types = [$((<$resource as super::Resource>::NAME, <$resource as super::Resource>::SERVES_ANYONE)),*];
            types.iter().any(|(known, anyone)| *known == name && *anyone)
        }

        /// All resource types. For documents: a binary that does not name it holds no schemas.
        pub const TYPES: &[ResourceType] = &[$(<$resource as super::Resource>::DOCUMENTS),*];
    };
}
resource_types!(list);
