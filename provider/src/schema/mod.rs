//! The documents that are generated from the list of resource types: schemas for validators, editors, cfn-lint and the
//! registry, IAM statements, and the tables in the README.

mod attributes;
mod cdk;
mod cfn_lint;
mod documents;
mod editor;
mod generate;
mod iam;
mod properties;
mod readme;
mod registry;

pub use documents::documents;
pub use readme::{readme_tables, rewrite_readme};
