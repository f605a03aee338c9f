//! The documents that are generated from the list of resource types: schemas for validators, editors, cfn-lint and the
//! registry, IAM statements, and the tables in the README.

mod attributes;
mod cdk;
mod cfn_lint;
mod compatibility;
mod documents;
mod editor;
mod generate;
mod guard;
mod iam;
mod properties;
mod readme;
mod registry;
mod released;

pub use compatibility::{Change, Release, attributes_changes, needed, properties_changes};
pub use documents::documents;
pub use readme::{readme_tables, rewrite_readme};
pub use released::{CHECKSUMS, VERSION, checksum, checksums, released};
