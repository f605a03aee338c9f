//! The corpus of the fuzz targets, through the functions that `make fuzz` looks for new inputs with.

use fuzz_targets::{TARGETS, Target};
use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

/// Of each target; fewer are no start.
const LEAST: usize = 20;
/// Of each target, and the longest one in bytes: all are read by every `make test`.
const MOST: usize = 160;
const MOST_BYTES: usize = 8_192;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz")
}

/// The names in a folder, without their extension.
fn names(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(fuzz().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

fn corpus(target: &Target) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(fuzz().join("corpus").join(target.name)).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| (file.display().to_string(), fs::read(file).unwrap())).collect()
}

#[test]
fn every_input_of_the_corpus_keeps_the_law_of_its_target() {
    for target in TARGETS {
        let broken: Vec<String> = corpus(target)
            .into_iter()
            .filter(|(_, input)| catch_unwind(|| (target.run)(input)).is_err())
            .map(|(file, _)| file)
            .collect();
        assert!(broken.is_empty(), "broken by {broken:#?}: what is broken stands above");
    }
}

#[test]
fn every_target_has_a_corpus_and_a_binary_and_there_are_no_others() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(names("corpus"), targets);
    assert_eq!(names("targets"), targets);
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    for target in &targets {
        assert!(manifest.contains(&format!("[[bin]]\nname = \"{target}\"\n")), "{target} is no binary");
    }
    assert_eq!(manifest.matches("[[bin]]").count(), targets.len());
}

#[test]
fn the_corpus_is_small_and_not_empty() {
    for target in TARGETS {
        let inputs = corpus(target);
        assert!((LEAST..=MOST).contains(&inputs.len()), "{}: {} inputs", target.name, inputs.len());
        for (file, input) in inputs {
            assert!(input.len() <= MOST_BYTES, "{file}: {} bytes", input.len());
        }
    }
}
