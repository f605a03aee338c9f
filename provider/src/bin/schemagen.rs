//! Writes the generated documents: those below `schemas/`, and the tables in `README.md` where it has markers for them.
//! Runs in the root of the repository.

use provider::schema::{documents, rewrite_readme};
use std::fs;
use std::io;
use std::path::Path;

fn main() -> io::Result<()> {
    for (file, text) in documents() {
        write(&Path::new("schemas").join(file), &text)?;
    }
    let readme = Path::new("README.md");
    if readme.is_file() {
        write(readme, &rewrite_readme(&fs::read_to_string(readme)?))?;
    }
    Ok(())
}

/// Writes only what differs, so that nothing is rebuilt for it.
#[expect(clippy::print_stdout, reason = "a tool for people: it names what it wrote")]
fn write(path: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)?;
    println!("{}", path.display());
    Ok(())
}
