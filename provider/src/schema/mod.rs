//! The documents that are generated from the Rust types: JSON schemas, and the tables in the README.

mod documents;
mod generate;
mod readme;

pub use documents::documents;
pub use readme::{readme_tables, rewrite_readme};
