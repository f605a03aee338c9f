//! The schemas that a release freezes, and the list of checksums that keeps them as they are.

use super::generate::Draft;
use super::{attributes, properties};
use crate::resource::TYPES;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// The version that is being made, of all crates, schemas and templates.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The list of checksums, below `schemas/`: a line for each frozen file, as `sha256sum` writes and checks it in the folder
/// that the list is in.
pub const CHECKSUMS: &str = "released/SHA256SUMS";

/// What is frozen when this version is released: for each type the properties that it takes and the attributes that it
/// gives, each by its path below `schemas/` and its whole text.
pub fn released() -> Vec<(String, String)> {
    let frozen = TYPES.iter().flat_map(|kind| {
        let path = |part: &str| format!("released/{VERSION}/{}.{part}.json", kind.short_name());
        [
            (path("attributes"), attributes::schema_in(kind, Draft::Seven)),
            (path("properties"), properties::schema_in(kind, Draft::Seven)),
        ]
    });
    frozen.map(|(path, document)| (path, super::documents::text(document))).collect()
}

/// The text of the list `old` with this version's lines made new, and those of all others as they are.
pub fn checksums(old: &str) -> String {
    let this_version = format!("  {VERSION}/");
    let others = old.lines().filter(|line| !line.contains(&this_version)).map(str::to_owned);
    let frozen = released();
    let lines = others.chain(frozen.iter().map(|(path, text)| checksum(path, text)));
    let by_path: BTreeSet<(String, String)> =
        lines.map(|line| (line.split_whitespace().last().unwrap_or_default().to_owned(), line)).collect();
    by_path.into_iter().flat_map(|(_, line)| [line, "\n".to_owned()]).collect()
}

/// The line for a file of that text, by its path below `schemas/`.
pub fn checksum(path: &str, text: &str) -> String {
    let digits = |byte: u8| [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16));
    let sum: String = Sha256::digest(text).into_iter().flat_map(digits).flatten().collect();
    format!("{sum}  {}", path.strip_prefix("released/").unwrap_or(path))
}
