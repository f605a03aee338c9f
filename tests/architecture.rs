//! Who may know whom: every file of the provider is in a room, and a room knows what its line in the table says.

use crate::support::rust_source::Source;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A part of the provider with one task.
struct Room {
    name: &'static str,
    /// Files and folders (with a slash at the end) under `src`. The longest that fits a file counts.
    files: &'static [&'static str],
    /// Rooms that it may name beside itself.
    knows: &'static [&'static str],
    /// Crates that it may name beside `std`.
    crates: &'static [&'static str],
    /// Pure: neither `async` nor `await`.
    pure: bool,
}

const DATA: &[&str] = &["schemars", "serde", "serde_json", "strsim", "thiserror", "time", "url", "uuid"];
const IO: &[&str] = &["futures_util", "serde", "serde_json", "thiserror", "tokio", "tracing"];
const SDK: &[&str] = &[
    "aws_config",
    "aws_credential_types",
    "aws_sdk_dynamodb",
    "aws_sdk_iam",
    "aws_sdk_licensemanager",
    "aws_sdk_organizations",
    "aws_sdk_ram",
    "aws_sdk_sqs",
    "aws_sdk_sts",
    "aws_smithy_async",
    "aws_smithy_http_client",
    "aws_smithy_runtime",
    "aws_smithy_runtime_api",
    "aws_smithy_types",
    "fastrand",
    "futures_util",
    "serde_json",
    "thiserror",
    "tokio",
];

const fn pure(
    name: &'static str,
    files: &'static [&'static str],
    knows: &'static [&'static str],
    crates: &'static [&'static str],
) -> Room {
    Room { name, files, knows, crates, pure: true }
}

const fn acts(
    name: &'static str,
    files: &'static [&'static str],
    knows: &'static [&'static str],
    crates: &'static [&'static str],
) -> Room {
    Room { name, files, knows, crates, pure: false }
}

const ROOMS: &[Room] = &[
    pure("domain", &["domain/"], &[], DATA),
    pure("protocol", &["protocol/"], &[], DATA),
    // The port of the PUT gives a boxed future.
    pure("upload port", &["protocol/upload.rs"], &["protocol"], &["futures_util", "thiserror"]),
    // The port of the wait queue does, too.
    pure("queue port", &["protocol/queue.rs"], &["protocol"], &["futures_util", "thiserror"]),
    acts("responder", &["protocol/responder.rs"], &["protocol", "upload port"], IO),
    acts("aws", &["aws/"], &["domain"], SDK),
    pure(
        "record",
        &["record/"],
        &["protocol", "dynamo", "memory"],
        &["futures_util", "serde_json", "thiserror"],
    ),
    acts("memory", &["record/memory.rs"], &["record", "protocol"], IO),
    acts(
        "dynamo",
        &["record/dynamo/"],
        &["record", "protocol", "aws"],
        &["aws_sdk_dynamodb", "aws_smithy_runtime_api", "futures_util", "serde_json"],
    ),
    pure(
        "resource",
        &[
            "resource/goal.rs",
            "resource/object.rs",
            "resource/permission.rs",
            "resource/plan.rs",
            "resource/property_error.rs",
            "resource/types.rs",
            "resource/unknown_property.rs",
            "resource/wire.rs",
            "resource/config_share/attributes.rs",
            "resource/config_share/desired.rs",
            "resource/config_share/going.rs",
            "resource/config_share/inheritance.rs",
            "resource/config_share/ledger.rs",
            "resource/config_share/look.rs",
            "resource/config_share/observed.rs",
            "resource/config_share/operations.rs",
            "resource/config_share/outcome.rs",
            "resource/config_share/ownership.rs",
            "resource/config_share/physical_id.rs",
            "resource/config_share/plan/",
            "resource/config_share/properties.rs",
            "resource/config_share/role_name.rs",
            "resource/config_share/step.rs",
            "resource/config_share/tags.rs",
            "resource/config_share/token.rs",
            "resource/org_link/attributes.rs",
            "resource/org_link/desired.rs",
            "resource/org_link/ledger.rs",
            "resource/org_link/look.rs",
            "resource/org_link/observed.rs",
            "resource/org_link/operations.rs",
            "resource/org_link/outcome.rs",
            "resource/org_link/physical_id.rs",
            "resource/org_link/plan/",
            "resource/org_link/properties.rs",
            "resource/org_link/step.rs",
            "resource/org_link/taken.rs",
            "resource/share_acceptance/attributes.rs",
            "resource/share_acceptance/desired.rs",
            "resource/share_acceptance/ledger.rs",
            "resource/share_acceptance/look.rs",
            "resource/share_acceptance/observed.rs",
            "resource/share_acceptance/operations.rs",
            "resource/share_acceptance/outcome.rs",
            "resource/share_acceptance/physical_id.rs",
            "resource/share_acceptance/plan.rs",
            "resource/share_acceptance/properties.rs",
            "resource/share_acceptance/step.rs",
            "resource/share_acceptance/testing.rs",
            "resource/share_acceptance/token.rs",
        ],
        &["domain", "protocol", "assembly"],
        DATA,
    ),
    acts(
        "rim",
        &[
            "resource/acting.rs",
            "resource/applied.rs",
            "resource/reach.rs",
            "resource/config_share/advice.rs",
            "resource/config_share/apply/",
            "resource/config_share/elsewhere.rs",
            "resource/config_share/observe.rs",
            "resource/org_link/advice.rs",
            "resource/org_link/apply/",
            "resource/org_link/claim.rs",
            "resource/org_link/observe.rs",
            "resource/org_link/unlinking.rs",
            "resource/share_acceptance/advice.rs",
            "resource/share_acceptance/apply.rs",
            "resource/share_acceptance/observe.rs",
        ],
        &["aws", "clock", "domain", "protocol", "record", "resource", "assembly"],
        IO,
    ),
    // Names the parts of a type and lends them on: what it lends is looked at in RIM_ITEMS.
    acts(
        "assembly",
        &[
            "resource/mod.rs",
            "resource/config_share/mod.rs",
            "resource/org_link/mod.rs",
            "resource/share_acceptance/mod.rs",
        ],
        &["domain", "protocol", "resource", "rim"],
        &["schemars", "serde", "serde_json"],
    ),
    acts(
        "drive",
        &["drive/"],
        &["aws", "clock", "domain", "protocol", "record", "resource", "rim", "assembly"],
        IO,
    ),
    acts("invocation", &["invocation.rs"], &["clock", "config", "domain", "drive", "protocol", "record"], IO),
    acts(
        "handler",
        &["handler.rs"],
        &[
            "aws",
            "clock",
            "config",
            "domain",
            "drive",
            "invocation",
            "protocol",
            "record",
            "resource",
            "assembly",
        ],
        IO,
    ),
    acts(
        "rescue",
        &["rescue.rs"],
        &["clock", "config", "domain", "drive", "invocation", "protocol", "record", "resource", "assembly"],
        IO,
    ),
    acts("clock", &["clock.rs"], &[], &["tokio"]),
    acts("config", &["config.rs"], &["aws", "domain", "protocol"], &[]),
    acts("logging", &["logging.rs"], &[], &["tracing", "tracing_subscriber"]),
    acts("upload", &["upload.rs"], &["protocol"], &["futures_util", "reqwest", "rustls", "tracing"]),
    acts("queue", &["queue.rs"], &["aws", "protocol"], &["futures_util"]),
    acts(
        "schema",
        &["schema/", "bin/"],
        &["resource", "assembly"],
        &["provider", "schemars", "serde_json", "sha2"],
    ),
    acts(
        "lambda",
        &["lambda.rs"],
        &["clock", "invocation", "protocol"],
        &["futures_util", "lambda_runtime", "serde_json"],
    ),
    acts("root", &["main.rs", "lib.rs"], &[], &["lambda_runtime", "provider", "tokio"]),
];

/// What the assembly lends on of the rim: a pure room may name none of it.
const RIM_ITEMS: &[&str] =
    &["Acting", "ActingError", "Applied", "ApplyError", "ObserveError", "Reach", "Roles"];

/// Words and paths that one file alone, or two, may have. A path counts with all that is under it.
const RESERVED: &[(&str, &[&str])] = &[
    ("std::env", &["config.rs", "bin/schemagen.rs"]),
    ("std::time::SystemTime::now", &["clock.rs"]),
    ("std::time::Instant", &[]),
    ("std::thread", &[]),
    ("std::process", &["bin/schemagen.rs"]),
    ("std::fs", &["bin/schemagen.rs"]),
    ("std::net", &[]),
    ("expose", &["upload.rs", "protocol/response_url.rs"]),
    ("lambda_runtime", &["lambda.rs", "main.rs"]),
];

fn room_of(path: &str) -> Option<&'static Room> {
    let fits = |entry: &str| path == entry || (entry.ends_with('/') && path.starts_with(entry));
    let longest = |room: &&Room| room.files.iter().filter(|entry| fits(entry)).map(|entry| entry.len()).max();
    ROOMS.iter().filter(|room| longest(room).is_some()).max_by_key(longest)
}

/// The room of what `crate::a::b::C` names: that of the deepest module in it.
fn room_of_path(path: &str, files: &BTreeSet<String>) -> Option<&'static Room> {
    let parts: Vec<&str> = path.strip_prefix("crate::")?.split("::").collect();
    let modules = (1..=parts.len()).rev().map(|length| parts[..length].join("/"));
    let mut found = modules.flat_map(|module| [format!("{module}.rs"), format!("{module}/mod.rs")]);
    found.find(|file| files.contains(file)).and_then(|file| room_of(&file))
}

/// What is wrong with a file. `crates` are the package's dependencies.
fn complaints(path: &str, text: &str, files: &BTreeSet<String>, crates: &BTreeSet<String>) -> Vec<String> {
    let Some(room) = room_of(path) else { return vec![format!("{path} is in no room")] };
    let source = Source::read(path, text);
    let mut complaints = Vec::new();
    for named in &source.paths {
        let first = named.split("::").next().unwrap_or_default();
        if crates.contains(first) && !room.crates.contains(&first) {
            complaints.push(format!("{path} ({}) names the crate {first}: {named}", room.name));
        }
        let other = room_of_path(named, files).map_or(room.name, |room| room.name);
        if other != room.name && !room.knows.contains(&other) {
            complaints.push(format!("{path} ({}) names the room {other}: {named}", room.name));
        }
        let last = named.split("::").last().unwrap_or_default();
        if room.pure && named.starts_with("crate::resource") && RIM_ITEMS.contains(&last) {
            complaints.push(format!("{path} ({}) is pure and names {last}", room.name));
        }
    }
    if room.pure && source.words.iter().any(|word| matches!(word.as_str(), "async" | "await")) {
        complaints.push(format!("{path} ({}) is pure and waits", room.name));
    }
    complaints.extend(reserved(path, &source));
    complaints
}

fn reserved(path: &str, source: &Source) -> Vec<String> {
    let named = |item: &str| {
        let under = format!("{item}::");
        source.paths.iter().any(|named| named == item || named.starts_with(&under))
            || source.words.iter().any(|word| word == item)
    };
    let broken = RESERVED.iter().filter(|(item, owners)| !owners.contains(&path) && named(item));
    broken.map(|(item, _)| format!("{path} uses {item}")).collect()
}

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files under `src`, by their paths there.
fn files() -> BTreeSet<String> {
    let (src, mut found, mut folders) = (package().join("src"), BTreeSet::new(), vec![package().join("src")]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.insert(path.strip_prefix(&src).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found
}

/// The dependencies that the manifest names, and this crate's own name for its binaries.
fn crates() -> BTreeSet<String> {
    let manifest = fs::read_to_string(package().join("Cargo.toml")).unwrap();
    let (_, rest) = manifest.split_once("\n[dependencies]\n").unwrap();
    let lines = rest.lines().take_while(|line| !line.starts_with('['));
    let names = lines.filter_map(|line| line.split(['.', ' ', '=']).next()).filter(|name| !name.is_empty());
    names.map(|name| name.replace('-', "_")).chain(["provider".to_owned()]).collect()
}

#[test]
fn every_file_is_in_a_room_and_knows_what_its_room_may_know() {
    let (files, crates) = (files(), crates());
    assert!(files.len() > 80 && crates.len() > 20, "{files:?} {crates:?}");
    let src = package().join("src");
    // Those are only under cfg(test).
    let is_test = |path: &str| {
        let names = ["/testing.rs", "/tests.rs", "/laws.rs"];
        path == "laws.rs" || path.contains("/laws/") || names.iter().any(|name| path.ends_with(name))
    };
    let sources = files.iter().filter(|path| !is_test(path));
    let found: Vec<String> = sources
        .flat_map(|path| complaints(path, &fs::read_to_string(src.join(path)).unwrap(), &files, &crates))
        .collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn no_room_is_empty_and_none_names_what_is_not_there() {
    let (files, crates) = (files(), crates());
    let names: BTreeSet<&str> = ROOMS.iter().map(|room| room.name).collect();
    for room in ROOMS {
        for entry in room.files {
            let filled =
                files.iter().any(|file| file == entry || (entry.ends_with('/') && file.starts_with(entry)));
            assert!(filled, "{} of {} is not there", entry, room.name);
        }
        assert!(room.knows.iter().all(|other| names.contains(other)), "{}", room.name);
        assert!(room.crates.iter().all(|name| crates.contains(*name)), "{}", room.name);
    }
    for (item, owners) in RESERVED {
        assert!(owners.iter().all(|owner| files.contains(*owner)), "{item}");
    }
}

/// The complaints about a source as if it stood in this file.
fn judged(path: &str, text: &str) -> Vec<String> {
    complaints(path, text, &files(), &crates())
}

#[test]
fn a_breach_is_found_however_it_is_written() {
    for (path, text, expected) in [
        ("new.rs", "", "new.rs is in no room"),
        ("resource/new/plan.rs", "", "is in no room"),
        ("resource/config_share/plan/own.rs", "use crate::aws::AwsError;", "names the room aws"),
        ("resource/config_share/plan/own.rs", "fn f() -> crate::aws::AwsError {}", "names the room aws"),
        ("resource/config_share/plan/own.rs", "use super::super::observe::observe;", "names the room rim"),
        (
            "resource/config_share/plan/own.rs",
            "use crate::{domain::Share, record::{Record}};",
            "names the room record",
        ),
        (
            "resource/config_share/plan/own.rs",
            "use crate::resource::{Plan, Reach};",
            "is pure and names Reach",
        ),
        ("resource/config_share/desired.rs", "fn f() { tracing::info!(\"x\"); }", "names the crate tracing"),
        ("resource/config_share/look.rs", "async fn f() {}", "is pure and waits"),
        ("resource/config_share/ledger.rs", "use aws_sdk_ram::types as t;", "names the crate aws_sdk_ram"),
        ("domain/share.rs", "fn f(_: aws_smithy_types::DateTime) {}", "names the crate aws_smithy_types"),
        ("domain/share.rs", "use crate::protocol::Answer;", "names the room protocol"),
        ("protocol/answer.rs", "use tokio::time::sleep;", "names the crate tokio"),
        ("protocol/answer.rs", "use crate::resource::Goal;", "names the room assembly"),
        ("protocol/responder.rs", "use crate::aws::Clients;", "names the room aws"),
        ("aws/error.rs", "use crate::protocol::Reason;", "names the room protocol"),
        ("aws/error.rs", "use crate::record::Records;", "names the room record"),
        ("drive/mod.rs", "use crate::config::Config;", "names the room config"),
        ("drive/mod.rs", "fn f() { std::env::var(\"X\"); }", "uses std::env"),
        ("drive/mod.rs", "use std::env; fn f() { env::var(\"X\"); }", "uses std::env"),
        (
            "drive/mod.rs",
            "use std::time::SystemTime as T; fn f() { T::now(); }",
            "uses std::time::SystemTime::now",
        ),
        (
            "drive/mod.rs",
            "use std::{time::{self, Duration}}; fn f() { time::Instant::now(); }",
            "uses std::time::Instant",
        ),
        ("drive/mod.rs", "fn f(url: &ResponseUrl) { url.expose(); }", "uses expose"),
        ("handler.rs", "use lambda_runtime::Context;", "uses lambda_runtime"),
        (
            "handler.rs",
            "use crate::record::DynamoRecords as D; use crate::record::dynamo::X;",
            "names the room dynamo",
        ),
    ] {
        let found = judged(path, text);
        assert!(found.iter().any(|complaint| complaint.contains(expected)), "{path}: {text}: {found:?}");
    }
}

#[test]
fn what_is_not_said_in_code_is_no_breach() {
    for (path, text) in [
        (
            "domain/share.rs",
            "// use tokio::time;\n/* std::env */ /// crate::aws\nconst A: &str = \"aws_sdk_ram::x\";",
        ),
        (
            "domain/share.rs",
            "const A: char = '\"'; const B: &str = r#\"std::env \" \"#; const C: char = '\\'';",
        ),
        (
            "domain/share.rs",
            "fn f<'a>(time: &'a str) {}\n#[cfg(test)]\nmod tests { use tokio::time; async fn f() {} }",
        ),
        ("protocol/age.rs", "use std::time::SystemTime; fn f(now: SystemTime) {}"),
        ("drive/mod.rs", "use tokio::time::Instant; fn f() { Instant::now(); }"),
        ("resource/config_share/plan/own.rs", "use super::diff::Diff; use crate::resource::{Plan, Subject};"),
    ] {
        assert_eq!(judged(path, text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_panic_unwinds_in_the_released_binary() {
    let manifest = fs::read_to_string(package().join("../Cargo.toml")).unwrap();
    let (_, release) = manifest.split_once("\n[profile.release]\n").unwrap();
    let release: Vec<&str> = release.lines().take_while(|line| !line.starts_with('[')).collect();
    assert!(release.contains(&"panic = \"unwind\""), "{release:?}");
}
