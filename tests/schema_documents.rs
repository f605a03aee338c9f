//! The generated documents beside the schemas of properties in draft 07: each is whole, and says the same as they.

use crate::schemas::{document, schema};
use crate::support::flows::succeeded;
use crate::support::link::link;
use crate::support::world::{MEMBER, World, own};
use provider::resource::{Handler, ResourceType, TYPES};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn of(kind: &ResourceType, part: &str) -> Value {
    document(&format!("{}/{part}.json", kind.short_name()))
}

fn without_its_name(mut schema: Value) -> Value {
    for keyword in ["$schema", "$id"] {
        schema.as_object_mut().unwrap().remove(keyword).unwrap();
    }
    schema
}

#[test]
fn both_drafts_say_the_same_and_are_whole() {
    let mut ids = BTreeSet::new();
    for kind in TYPES {
        for part in ["properties", "attributes"] {
            let (old, new) = (of(kind, &format!("{part}.draft-07")), of(kind, &format!("{part}.2020-12")));
            jsonschema::draft7::meta::validate(&old).unwrap();
            jsonschema::draft202012::meta::validate(&new).unwrap();
            assert_eq!(new["$schema"], "https://json-schema.org/draft/2020-12/schema");
            for schema in [&old, &new] {
                assert!(ids.insert(schema["$id"].as_str().unwrap().to_owned()), "{}", schema["$id"]);
            }
            assert_eq!(without_its_name(old), without_its_name(new), "{}: {part}", kind.name);
        }
        let newest = jsonschema::draft202012::new(&of(kind, "properties.2020-12")).unwrap();
        for example in schema(kind.short_name())["examples"].as_array().unwrap() {
            assert!(newest.is_valid(example), "{example}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_attributes_of_an_answer_are_those_of_the_schema() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let answers = [
        ("LicenseConfigShare", succeeded(world.create("Share", own("one", &licenses, &[MEMBER])).await)),
        ("LicenseManagerOrgLink", succeeded(world.create_link(link(json!({}))).await)),
    ];
    for (name, answer) in answers {
        let validator =
            jsonschema::draft7::new(&document(&format!("{name}/attributes.draft-07.json"))).unwrap();
        let mut data = answer.json["Data"].clone();
        assert!(validator.is_valid(&data), "{data}");
        data["Another"] = "".into();
        assert!(!validator.is_valid(&data));
        assert!(!validator.is_valid(&json!({})));
    }
}

fn names(document: &Value, list: &str) -> BTreeSet<String> {
    let pointers = document[list].as_array().unwrap().iter().map(|pointer| pointer.as_str().unwrap());
    pointers.map(|pointer| pointer.strip_prefix("/properties/").unwrap().to_owned()).collect()
}

#[test]
fn the_registry_form_names_properties_that_there_are() {
    for kind in TYPES {
        let (registry, schema) = (of(kind, "registry"), schema(kind.short_name()));
        assert_eq!(registry["typeName"], kind.name);
        assert!(!registry.to_string().contains("x-update"));
        let there: BTreeSet<&String> = registry["properties"].as_object().unwrap().keys().collect();
        let lists = ["primaryIdentifier", "readOnlyProperties", "createOnlyProperties"];
        for name in lists.iter().flat_map(|list| names(&registry, list)) {
            assert!(there.contains(&name), "{}: {name}", kind.name);
        }
        for (name, property) in schema["properties"].as_object().unwrap() {
            let replaces = property["x-update"] == "replacement";
            assert_eq!(names(&registry, "createOnlyProperties").contains(name), replaces, "{name}");
            assert!(!names(&registry, "readOnlyProperties").contains(name), "{name}");
        }
        for attribute in kind.attributes {
            assert!(there.contains(&attribute.name.to_owned()), "{}", attribute.name);
        }
    }
}

#[test]
fn the_handlers_of_the_registry_form_have_the_permissions_of_the_list() {
    for kind in TYPES {
        let registry = of(kind, "registry");
        for handler in Handler::ALL {
            let permissions = registry["handlers"][handler.name()]["permissions"].as_array().unwrap();
            let listed = kind.operations.iter().filter(|operation| operation.handlers.contains(handler));
            let listed: BTreeSet<&str> = listed.map(|operation| operation.action).collect();
            let told: BTreeSet<&str> = permissions.iter().map(|action| action.as_str().unwrap()).collect();
            assert_eq!(told, listed, "{} {handler:?}", kind.name);
            assert_eq!(permissions.len(), told.len());
        }
    }
}

/// Python's `fullmatch`, with which the rules for cfn-lint use them, is then the same as a search.
#[test]
fn every_pattern_is_of_the_whole_text() {
    fn walk(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("pattern").and_then(Value::as_str).map(str::to_owned));
                members.values().for_each(|member| walk(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, found)),
            _ => {}
        }
    }
    let mut patterns = Vec::new();
    for kind in TYPES {
        walk(&schema(kind.short_name()), &mut patterns);
    }
    assert!(patterns.len() > 5);
    for pattern in patterns {
        assert!(pattern.starts_with('^') && pattern.ends_with('$'), "{pattern}");
    }
}

#[test]
fn the_rules_for_cfn_lint_have_numbers_of_their_own() {
    let mut numbers = BTreeSet::new();
    for kind in TYPES {
        let rules = document(&format!("cfn-lint/{}.json", kind.short_name()))["rules"].clone();
        for (what, level) in [("properties", "E9"), ("attributes", "E9"), ("references", "W9")] {
            let number = rules[what].as_str().unwrap().to_owned();
            assert!(number.starts_with(level) && number.len() == 5, "{number}");
            assert!(numbers.insert(number.clone()), "{number} twice");
        }
    }
    // A number stays the same for ever: people name it to leave a rule out.
    assert_eq!(document("cfn-lint/LicenseConfigShare.json")["rules"]["properties"], "E9101");
    assert_eq!(document("cfn-lint/LicenseManagerOrgLink.json")["rules"]["properties"], "E9201");
}

/// What the rules for cfn-guard compare a property with, by its name.
fn compared(rules: &str) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for line in rules.lines().filter(|line| !line.trim_start().starts_with(['#', '<'])) {
        let Some((_, rest)) = line.split_once("Properties.") else { continue };
        let name = rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap();
        let of_list = |(_, list): (&str, &str)| list.split(']').next().unwrap().to_owned();
        let literals = rest.split_once(" in [").map(of_list);
        let literals = literals.or_else(|| rest.split_once(" == ").map(|(_, literal)| literal.to_owned()));
        for literal in literals.iter().flat_map(|list| list.split(", ")).filter(|one| !one.starts_with('/')) {
            found.push((name.to_owned(), serde_json::from_str(&literal.replace('\'', "\"")).unwrap()));
        }
    }
    found
}

fn guard() -> String {
    let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas/guard/license-manager.guard");
    std::fs::read_to_string(rules).unwrap()
}

/// A value in the rules that a property cannot have would refuse, or let pass, everything.
#[test]
fn the_rules_for_cfn_guard_compare_with_values_that_there_are() {
    let schemas: Vec<Value> = TYPES.iter().map(|kind| schema(kind.short_name())).collect();
    let property = |name: &str| {
        let mut all = schemas.iter().filter_map(|schema| schema["properties"].get(name));
        all.next().unwrap_or_else(|| panic!("no property {name}"))
    };
    let compared = compared(&guard());
    let names: BTreeSet<&str> = compared.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names.len(), 6, "{names:?}");
    for (name, literal) in &compared {
        let choices = property(name)["enum"].as_array().unwrap();
        assert!(choices.contains(literal), "{name} is never {literal}");
    }
    // What may be left out is by itself what the rule asks for.
    let may_be_left_out = |name: &&&str| {
        let name = format!("Properties.{name}");
        guard().contains(&format!("{name} !exists")) || guard().contains(&format!("[ {name} exists ]"))
    };
    let left_out: Vec<&&str> = names.iter().filter(may_be_left_out).collect();
    assert_eq!(left_out.len(), 4, "{left_out:?}");
    for name in left_out {
        let default = property(name)["default"].clone();
        assert!(compared.contains(&((*name).to_owned(), default.clone())), "{name} is {default} by itself");
        assert!([json!(false), json!("Retain")].contains(&default), "{name} is {default} by itself");
    }
    for name in ["DeletionPolicy", "UpdateReplacePolicy"] {
        assert_eq!(guard().matches(&format!("{name} == 'Retain'")).count(), 2, "{name}");
    }
}

/// A name in the rules for cfn-guard that there is not would let everything pass.
#[test]
fn the_rules_for_cfn_guard_name_types_and_properties_that_there_are() {
    let text = guard();
    let mut known: BTreeSet<String> = ["TopicName", "BucketName"].map(str::to_owned).into();
    for kind in TYPES {
        known.extend((kind.property_names)().iter().map(|name| (*name).to_owned()));
    }
    let named = |start: &str| -> BTreeSet<String> {
        let word = |rest: &str| rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap().to_owned();
        text.split(start).skip(1).map(word).collect()
    };
    let types: BTreeSet<String> = TYPES.iter().map(|kind| kind.short_name().to_owned()).collect();
    assert!(named("Custom::").len() >= 2 && named("Custom::").is_subset(&types), "{:?}", named("Custom::"));
    assert!(
        named("Properties.").len() > 5 && named("Properties.").is_subset(&known),
        "{:?}",
        named("Properties.")
    );
}
