//! Writes the generated documents: `schemas/*.json`, and the tables in `README.md` where it has markers for them.
//! Takes the root of the repository as its one argument, the current directory otherwise.

use provider::schema::{documents, rewrite_readme};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

fn main() -> io::Result<()> {
    let root = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("."), PathBuf::from);
    let schemas = root.join("schemas");
    fs::create_dir_all(&schemas)?;
    for (file, text) in documents() {
        write(&schemas.join(file), &text)?;
    }
    let readme = root.join("README.md");
    if readme.is_file() {
        write(&readme, &rewrite_readme(&fs::read_to_string(&readme)?))?;
    }
    Ok(())
}

/// Writes only what differs, so that nothing is rebuilt for it.
fn write(path: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    fs::write(path, text)?;
    println!("{}", path.display());
    Ok(())
}
