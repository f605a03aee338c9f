//! The documents that people write: what they name is there, and what they quote is so.

pub mod markdown;
mod promises;
mod snippets;

use markdown::{Markdown, section};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Made by the build, not there in a fresh clone.
const BUILT: [&str; 2] = ["target/", ".venv/"];
/// Where a path may begin, beside the root.
const SOURCES: &str = "provider/src";
/// Names without a folder are files when they end so.
const ENDINGS: [&str; 7] = [".md", ".rs", ".toml", ".yaml", ".json", ".py", ".txt"];

fn root() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), ".."].iter().collect()
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All documents, by their path from the root.
fn documents() -> Vec<(String, String)> {
    let mut paths = Vec::new();
    for folder in ["", "docs/", "docs/decisions/", "schemas/"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let is_text = Path::new(&name).extension().is_some_and(|extension| extension == "md");
            paths.extend(is_text.then(|| format!("{folder}{name}")));
        }
    }
    assert!(paths.len() > 10, "{paths:?}");
    paths.into_iter().map(|path| (path.clone(), read(path))).collect()
}

/// What `check` finds wrong, with the document that it is wrong in.
fn problems_in_all(check: impl Fn(&str, &Markdown) -> Vec<String>) -> Vec<String> {
    let found = |(path, text): (String, String)| {
        let problems = check(&path, &Markdown::parse(&text));
        problems.into_iter().map(move |problem| format!("{path}: {problem}")).collect::<Vec<_>>()
    };
    documents().into_iter().flat_map(found).collect()
}

/// The files below a folder, by their path from the root.
fn files_below(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let below = |entry: fs::DirEntry| {
        let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() { files_below(&path) } else { vec![path.into()] }
    };
    entries.flat_map(|entry| below(entry.unwrap())).collect()
}

/// The provider's own code, without its tests, the lines of a long string joined.
fn source() -> String {
    let code = |path: PathBuf| read(path).split("#[cfg(test)]").next().unwrap_or_default().to_owned();
    let whole: String = files_below(SOURCES).into_iter().map(code).collect();
    let mut parts = whole.split("\\\n");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |joined, part| joined + part.trim_start())
}

// --- make targets -----------------------------------------------------------------------------------------------------

fn targets(makefile: &str) -> BTreeSet<&str> {
    let rules = makefile.lines().filter_map(|line| line.split_once(':')).map(|(target, _)| target);
    rules.filter(|target| is_target(target)).collect()
}

fn is_target(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
}

/// The targets that a document names: `make demo KEEP=1`, in a span or at the start of a command.
fn named_targets(document: &Markdown) -> BTreeSet<&str> {
    let commands = document.blocks_of("sh").flat_map(str::lines).map(str::trim);
    let made = commands
        .chain(document.spans.iter().map(String::as_str))
        .filter_map(|line| line.strip_prefix("make "));
    made.filter_map(|rest| rest.split_whitespace().next()).filter(|word| is_target(word)).collect()
}

fn missing_targets(document: &Markdown, makefile: &str) -> Vec<String> {
    let there = targets(makefile);
    named_targets(document)
        .difference(&there)
        .map(|target| format!("the Makefile has no target {target}"))
        .collect()
}

#[test]
fn every_make_target_that_a_document_names_exists() {
    let makefile = read("Makefile");
    assert_eq!(problems_in_all(|_, document| missing_targets(document, &makefile)), Vec::<String>::new());
    assert!(named_targets(&Markdown::parse(&read("README.md"))).len() > 3);
}

#[test]
fn a_make_target_that_does_not_exist_is_found() {
    let document =
        Markdown::parse("`make a`, `make b KEEP=1`, `make`\n```sh\nmake c    # makes d\nmake d\n```\n");
    let found = missing_targets(&document, ".PHONY: b\na: x ## make b\nc d: y\nd:\n");
    assert_eq!(found, ["b", "c"].map(|target| format!("the Makefile has no target {target}")));
}

// --- paths ------------------------------------------------------------------------------------------------------------

fn is_path(word: &str) -> bool {
    let plain = word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'/'));
    let file = ENDINGS.iter().any(|ending| word.len() > ending.len() && word.ends_with(ending));
    let built = BUILT.iter().any(|folder| word.starts_with(folder));
    plain && !built && (word.contains('/') || file)
}

/// Paths in spans and commands are from the root, or from the provider's sources; a file's name alone is one of any.
fn missing_paths(document: &Markdown, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let words = document.spans.iter().map(String::as_str).chain(document.words_of_commands());
    let missing = words.filter(|word| is_path(word) && !exists(word));
    missing.map(|path| format!("there is no {path}")).collect()
}

/// Targets of links are from the document.
fn broken_links(document: &Markdown, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let inside = document.links.iter().filter(|link| !link.starts_with("https://"));
    let broken = inside.filter(|link| !exists(link.split('#').next().unwrap_or_default()));
    broken.map(|link| format!("the link {link} leads nowhere")).collect()
}

#[test]
fn every_path_that_a_document_names_exists() {
    let files: Vec<PathBuf> =
        ["provider", "tests", "schemas", "cfn-templates"].into_iter().flat_map(files_below).collect();
    let is_name = |word: &str| !word.contains('/') && files.iter().any(|file| file.ends_with(word));
    let exists = |word: &str| {
        [root(), root().join(SOURCES)].iter().any(|folder| folder.join(word).exists()) || is_name(word)
    };
    assert_eq!(problems_in_all(|_, document| missing_paths(document, exists)), Vec::<String>::new());
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    let from = |path: &str| root().join(path).parent().unwrap().to_owned();
    let check =
        |path: &str, document: &Markdown| broken_links(document, |link| from(path).join(link).exists());
    assert_eq!(problems_in_all(check), Vec::<String>::new());
}

#[test]
fn a_path_that_does_not_exist_is_found() {
    let text = "`a/b.rs` `c.md` `target/x` `arn:a/b` `x/<y>` `Fn::If` `-` [e](f.md#g) [h](https://i)\n\
                ```sh\ncp j/k s3://x/y K=v/w\n```\n";
    let found = missing_paths(&Markdown::parse(text), |_| false);
    assert_eq!(found, ["a/b.rs", "c.md", "j/k"].map(|path| format!("there is no {path}")));
    assert_eq!(missing_paths(&Markdown::parse(text), |_| true), Vec::<String>::new());
    assert_eq!(broken_links(&Markdown::parse(text), |_| false), ["the link f.md#g leads nowhere"]);
    assert_eq!(broken_links(&Markdown::parse(text), |link| link == "f.md"), Vec::<String>::new());
}

// --- snippets ---------------------------------------------------------------------------------------------------------

#[test]
fn every_custom_resource_in_a_snippet_is_one_that_the_provider_takes() {
    let check =
        |_: &str, document: &Markdown| document.blocks_of("yaml").flat_map(snippets::problems).collect();
    assert_eq!(problems_in_all(check), Vec::<String>::new());
    let readme = Markdown::parse(&read("README.md"));
    let shown: usize =
        readme.blocks_of("yaml").map(|yaml| snippets::custom_resources(yaml).unwrap().len()).sum();
    assert!(shown >= 3, "{shown}");
}

// --- environment variables --------------------------------------------------------------------------------------------

fn is_variable(word: &str) -> bool {
    let capitals = word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    capitals && word.contains('_') && word.starts_with(|c: char| c.is_ascii_uppercase())
}

/// The variables that `config.rs` reads: `get("NAME")` and the like, and `endpoint("SERVICE")`.
fn variables(config: &str) -> BTreeSet<String> {
    let code = config.split("#[cfg(test)]").next().unwrap_or_default();
    let read = |(before, name): (&str, &str)| match before.rsplit(|c: char| !c.is_alphanumeric()).next() {
        Some("endpoint") => Some(format!("AWS_ENDPOINT_URL_{name}")),
        Some("get" | "required" | "var") => Some(name.to_owned()),
        _ => None,
    };
    let calls = code.split("(\"").zip(code.split("(\"").skip(1).filter_map(|rest| rest.split('"').next()));
    calls.filter_map(read).filter(|name| is_variable(name)).collect()
}

fn differing_variables(document: &Markdown, config: &str) -> Vec<String> {
    let named: BTreeSet<String> = document.spans.iter().filter(|span| is_variable(span)).cloned().collect();
    let read = variables(config);
    let unread = named.difference(&read).map(|name| format!("config.rs does not read {name}"));
    unread.chain(read.difference(&named).map(|name| format!("{name} is not explained"))).collect()
}

#[test]
fn the_readme_explains_every_environment_variable_that_is_read_and_no_other() {
    let readme = Markdown::parse(&read("README.md"));
    let config = read("provider/src/config.rs");
    assert!(
        variables(&config).contains("RECORD_TABLE") && variables(&config).contains("AWS_ENDPOINT_URL_RAM")
    );
    assert_eq!(differing_variables(&readme, &config), Vec::<String>::new());
}

#[test]
fn a_variable_that_only_one_side_knows_is_found() {
    let config = "get(\"AB_C\"); x.unwrap_or(\"D_E\"); self::endpoint(\"F\"); std::env::var(\"G_H\")\n#[cfg(test)] get(\"I_J\")";
    let found = differing_variables(&Markdown::parse("`AB_C` `K_L` `NO` `Ab_C`"), config);
    assert_eq!(
        found,
        ["config.rs does not read K_L", "AWS_ENDPOINT_URL_F is not explained", "G_H is not explained"]
    );
}

// --- failures ---------------------------------------------------------------------------------------------------------

/// The first cells of a table, in backticks.
fn quoted_cells(table: &str) -> impl Iterator<Item = &str> {
    table.lines().filter_map(|row| row.strip_prefix("| `")).filter_map(|row| row.split('`').next())
}

fn unknown_reasons(table: &str, source: &str) -> Vec<String> {
    let unknown = quoted_cells(table).filter(|reason| !source.contains(reason));
    unknown.map(|reason| format!("no Reason says: {reason}")).collect()
}

#[test]
fn every_reason_in_the_table_of_failures_is_one_that_the_code_gives() {
    let (readme, source) = (read("README.md"), source());
    let table = section(&readme, "## When it fails");
    assert!(quoted_cells(table).count() > 10);
    assert_eq!(unknown_reasons(table, &source), Vec::<String>::new());
}

#[test]
fn a_reason_that_no_code_gives_is_found() {
    let table = "| The Reason says | Cause |\n|---|---|\n| `there is one` | a |\n| `there was one` | b |\n";
    assert_eq!(unknown_reasons(table, "\"no: there is one, {x}\""), ["no Reason says: there was one"]);
}

// --- permissions ------------------------------------------------------------------------------------------------------

/// Condition keys and a type of RAM: they are written as actions are.
const NO_ACTIONS: [&str; 4] = [
    "iam:AWSServiceName",
    "license-manager:LicenseConfiguration",
    "organizations:ServicePrincipal",
    "ram:RequestedResourceType",
];

/// `service:Action` and the like, for the services that the role may use.
fn actions(text: &str) -> BTreeSet<String> {
    let services = ["ram:", "license-manager:", "organizations:", "iam:", "dynamodb:", "logs:", "sqs:"];
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '*')));
    let action = |word: &&str| {
        let named = services.iter().find_map(|service| word.strip_prefix(service)).unwrap_or_default();
        named == "*" || (named.starts_with(|c: char| c.is_ascii_uppercase()) && !named.contains(':'))
    };
    words.filter(action).filter(|word| !NO_ACTIONS.contains(word)).map(str::to_owned).collect()
}

/// The statements in a template that allow something, each from its effect on.
fn allowed(template: &str) -> String {
    let statements = template.split("Effect:").filter(|statement| statement.starts_with(" Allow"));
    let code = statements.flat_map(str::lines).filter(|line| !line.trim_start().starts_with('#'));
    code.flat_map(|line| [line, "\n"]).collect()
}

fn differing_actions(table: &str, template: &str) -> Vec<String> {
    let (told, allowed) = (actions(table), actions(&allowed(template)));
    let only_told = told.difference(&allowed).map(|action| format!("the role does not allow {action}"));
    only_told.chain(allowed.difference(&told).map(|action| format!("{action} is not in the table"))).collect()
}

#[test]
fn the_table_of_permissions_is_what_the_template_allows() {
    let readme = read("README.md");
    let (table, template) = (section(&readme, "## Permissions"), read("cfn-templates/provider.yaml"));
    assert!(actions(table).len() > 10);
    assert_eq!(differing_actions(table, &template), Vec::<String>::new());
}

#[test]
fn an_action_that_only_one_side_names_is_found() {
    let template = "- Sid: A\n  Effect: Allow\n  Action: [ram:TagResource, \"logs:*\"] # x\n  # sqs:No\n\
                    - Sid: B\n  Effect: Deny\n  Action: sqs:SendMessage\n\
                    - Sid: C\n  Effect: Allow\n  Action:\n    - dynamodb:GetItem\n  Resource: arn:aws:ram:x:y\n";
    let found = differing_actions("`ram:TagResource`, `ram:UntagResource`", template);
    let wanted = [
        "the role does not allow ram:UntagResource",
        "dynamodb:GetItem is not in the table",
        "logs:* is not in the table",
    ];
    assert_eq!(found, wanted);
}
