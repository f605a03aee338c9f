//! Writes the generated documents: those below `schemas/`, and the tables in `README.md` where it has markers for them.
//! Runs in the root of the repository.
//!
//! With `--release` it freezes the schemas of the version in `Cargo.toml` too, and writes down their checksums. A version
//! that the changelog tells of by a heading is out, and stays as it is.

use provider::schema::{CHECKSUMS, VERSION, checksums, documents, released, rewrite_readme};
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
    if std::env::args().any(|argument| argument == "--release") { freeze() } else { Ok(()) }
}

fn freeze() -> io::Result<()> {
    let changelog = fs::read_to_string("CHANGELOG.md")?;
    if changelog.contains(&format!("\n## [{VERSION}]")) {
        return Err(io::Error::other(format!("{VERSION} is out: raise the version in Cargo.toml first")));
    }
    for (file, text) in released() {
        write(&Path::new("schemas").join(file), &text)?;
    }
    let list = Path::new("schemas").join(CHECKSUMS);
    write(&list, &checksums(&fs::read_to_string(&list).unwrap_or_default()))
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
