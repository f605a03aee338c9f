//! Whoever builds gets the dependencies of Cargo.lock and no newer ones: every call of cargo is a locked one.

use std::fs;
use std::path::{Path, PathBuf};

/// Subcommands that look at dependencies. The others that are used (`fmt`, `clean`) do not.
const RESOLVING: [&str; 15] = [
    "bench", "build", "check", "clippy", "deny", "doc", "fetch", "install", "lambda", "metadata", "run",
    "rustc", "rustdoc", "test", "tree",
];
/// Programs that call cargo, in the Makefile's recipes.
const CALLERS: [&str; 1] = ["$(DENY)"];
/// Where commands are written, beside the root.
const FOLDERS: [&str; 7] = [".ci", ".cargo", "cfn-templates", "docs", "provider", "schemas", "tests"];
const ENDINGS: [&str; 7] = ["md", "py", "rs", "sh", "toml", "txt", "yaml"];

fn root() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), ".."].iter().collect()
}

/// The files in which a command may stand.
fn files() -> Vec<PathBuf> {
    let here = |entry: fs::DirEntry| entry.path().is_file().then(|| entry.path());
    let mut files: Vec<PathBuf> =
        fs::read_dir(root()).unwrap().filter_map(|entry| here(entry.unwrap())).collect();
    let mut folders: Vec<PathBuf> = FOLDERS.iter().map(|folder| root().join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    let is_text =
        |path: &Path| path.extension().is_none_or(|ending| ENDINGS.iter().any(|text| ending == *text));
    files.retain(|path| is_text(path) && !path.ends_with("tests/locked_builds.rs"));
    files
}

/// The calls of cargo in a text that may resolve other versions than the lock file's.
fn unlocked(text: &str) -> Vec<String> {
    let lines = text.replace("\\\n", " ");
    let calls = lines.lines().filter(|line| is_call(line) && !line.contains("--locked"));
    calls.map(|line| line.trim().to_owned()).collect()
}

/// A command begins its line, or has an option; in Python it is a list of words. Prose may name it without either.
fn is_call(line: &str) -> bool {
    let plain = line.replace(['"', '\'', ',', '`', '(', '[', '@', '\\'], " ");
    let words: Vec<&str> = plain.split_whitespace().collect();
    let has = |at: usize, found: fn(&str) -> bool| words.get(at).is_some_and(|word| found(word));
    let named = |at: &usize| words[*at] == "cargo" && has(at + 1, |word| RESOLVING.contains(&word));
    let called = |at: usize| {
        let first = words[..at].iter().all(|word| word.contains('='));
        first || has(at + 2, |word| word.starts_with('-')) || line.contains("\"cargo\"")
    };
    (0..words.len()).filter(named).any(called)
        || CALLERS.iter().any(|caller| line.starts_with(&format!("\t{caller}")))
}

#[test]
fn every_call_of_cargo_is_locked() {
    let files = files();
    assert!(files.len() > 300 && files.iter().any(|file| file.ends_with("Makefile")), "{}", files.len());
    let found = |path: &PathBuf| unlocked(&fs::read_to_string(path).unwrap_or_default()).into_iter();
    let all: Vec<String> =
        files.iter().flat_map(|path| found(path).map(|line| format!("{}: {line}", path.display()))).collect();
    assert!(all.is_empty(), "\n{}", all.join("\n"));
}

#[test]
fn a_call_that_is_not_locked_is_found_however_it_is_written() {
    for text in [
        "\tcargo build --release",
        "run `cargo test --workspace` first",
        "[\"cargo\", \"tree\", \"--package\", PACKAGE]",
        "cargo clippy \\\n  --workspace",
        "\t$(DENY) check bans",
        "cargo install cfn-guard --version 3.2.1",
        "\tRUSTDOCFLAGS=x cargo doc",
        "\t@cargo build",
        "run([\"cargo\", \"build\"])",
    ] {
        assert_eq!(unlocked(text).len(), 1, "{text}");
    }
    for text in [
        "cargo fmt --all",
        "cargo clippy \\\n  --locked",
        "(\"cargo\", \"tree\", \"--locked\")",
        "what cargo tree says",
        "a cargo of builds",
    ] {
        assert_eq!(unlocked(text), Vec::<String>::new(), "{text}");
    }
}
