//! The promises of the README, and the tests that hold them.

use super::markdown::Markdown;
use super::{read, root, section};
use std::fs;

/// Names of tests, `file::name`, that are not in `tests/`.
fn missing_tests(text: &str, source: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let spans = Markdown::parse(text).spans;
    let named = spans.iter().filter_map(|span| Some((span, span.split_once("::")?)));
    named
        .filter(|(_, (file, test))| {
            let text = source(&format!("tests/{file}.rs"));
            !text.is_some_and(|text| text.contains(&format!("fn {test}(")))
        })
        .map(|(span, _)| span.clone())
        .collect()
}

fn source(path: &str) -> Option<String> {
    fs::read_to_string(root().join(path)).ok()
}

/// The numbered promises.
fn promises(text: &str) -> Vec<&str> {
    let starts =
        |line: &str| line.split_once(". **").is_some_and(|(number, _)| number.parse::<u32>().is_ok());
    let mut promises: Vec<&str> = Vec::new();
    let mut from = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if starts(line) {
            promises.extend(from.map(|from: usize| &text[from..at]));
            from = Some(at);
        }
        at += line.len();
    }
    promises.extend(from.map(|from| &text[from..]));
    promises
}

#[test]
fn every_promise_of_the_readme_names_tests_that_exist() {
    let readme = read("README.md");
    let section = section(&readme, "## What it promises");
    assert_eq!(missing_tests(section, source), Vec::<String>::new());
    let promises = promises(section);
    assert!(promises.len() >= 10, "{promises:?}");
    let unheld = promises.iter().filter(|promise| !promise.contains("::"));
    assert_eq!(unheld.collect::<Vec<_>>(), Vec::<&&str>::new());
}

#[test]
fn every_test_that_the_threat_model_names_exists() {
    let page = read("docs/threat-model.md");
    assert!(Markdown::parse(&page).spans.iter().filter(|span| span.contains("::")).count() > 10);
    assert_eq!(missing_tests(&page, source), Vec::<String>::new());
}

#[test]
fn a_test_that_does_not_exist_and_a_promise_that_none_holds_are_found() {
    let text = "1. **One** `there::is`\n2. **Two** `there::is_not` `gone::is`\n3. **Three** `word`\n";
    let source = |path: &str| (path == "tests/there.rs").then(|| "async fn is() {".to_owned());
    assert_eq!(missing_tests(text, source), ["there::is_not", "gone::is"]);
    assert_eq!(promises(text).len(), 3);
    assert_eq!(promises(text)[2], "3. **Three** `word`\n");
}
