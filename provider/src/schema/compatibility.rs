//! What a change of a schema asks of the next release. Pure.
//!
//! CloudFormation sends old properties for as long as a stack lives, in rollbacks and Deletes too: what a released schema
//! takes must be taken for ever. Where it cannot be seen that a change takes no less than before it counts as one that
//! does.

use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt;

/// What kind of release a change needs (semantic versioning 2.0.0).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Release {
    /// Words alone.
    Patch,
    /// Templates that worked still do, and there are new ones.
    Minor,
    /// Templates that worked may fail.
    Major,
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        })
    }
}

/// One difference between two schemas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// A path in the schema, `/properties/Tags/maxItems`.
    pub at: String,
    /// What it needs.
    pub needs: Release,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} needs a {} release", self.at, self.needs)
    }
}

/// Words for people and names, which say nothing of an instance.
const WORDS: [&str; 6] = ["$comment", "$id", "$schema", "description", "examples", "title"];

/// What changed from `old` to `new`, two schemas of properties, in no order that matters.
pub fn properties_changes(old: &Value, new: &Value) -> Vec<Change> {
    let mut changes = Changes { known: names(old), found: Vec::new() };
    changes.compare(old, new, "");
    changes.found
}

/// What changed from `old` to `new`, two schemas of attributes: what templates read may grow and not shrink, and what is
/// always there stays so. The values of one may become fewer, since what reads them knows all that were.
pub fn attributes_changes(old: &Value, new: &Value) -> Vec<Change> {
    let mut changes = given_changes(&without_members(old), &without_members(new), "");
    let (before, after) = (members(old, "properties"), members(new, "properties"));
    for name in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
        let at = format!("/properties/{name}");
        match (before.get(name), after.get(name)) {
            (Some(before), Some(after)) => changes.extend(given_changes(before, after, &at)),
            (before, _) => changes.push(Change { at, needs: grown(before.is_none()) }),
        }
    }
    changes
}

/// What changed in what is given: there, what takes less is more, and so it is compared the other way round.
fn given_changes(old: &Value, new: &Value, at: &str) -> Vec<Change> {
    let mut changes = Changes { known: names(old), found: Vec::new() };
    changes.compare(new, old, at);
    changes.found
}

fn without_members(schema: &Value) -> Value {
    let mut rest = schema.clone();
    rest.as_object_mut().and_then(|keywords| keywords.remove("properties"));
    rest
}

/// The greatest of what changes need; `None` where nothing changed.
pub fn needed(changes: &[Change]) -> Option<Release> {
    changes.iter().map(|change| change.needs).max()
}

struct Changes {
    /// The properties that the old schema has.
    known: BTreeSet<String>,
    found: Vec<Change>,
}

impl Changes {
    fn note(&mut self, is: bool, at: &str, needs: Release) {
        if is {
            self.found.push(Change { at: at.to_owned(), needs });
        }
    }

    fn compare(&mut self, old: &Value, new: &Value, at: &str) {
        match (old, new) {
            (Value::Object(before), Value::Object(after)) => self.compare_keywords(before, after, at),
            // `false` lets nothing through, so that anything else is more.
            _ => self.note(old != new, at, grown(*old == Value::Bool(false))),
        }
    }

    fn compare_keywords(&mut self, old: &Map<String, Value>, new: &Map<String, Value>, at: &str) {
        let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for name in names.into_iter().filter(|name| old.get(*name) != new.get(*name)) {
            let below = format!("{at}/{name}");
            match (name.as_str(), old.get(name), new.get(name)) {
                (word, ..) if WORDS.contains(&word) => self.note(true, &below, Release::Patch),
                ("properties", before, after) => {
                    let is_closed =
                        |schema: &Map<_, _>| schema.get("additionalProperties") == Some(&Value::Bool(false));
                    self.compare_members(before, after, &below, is_closed(new));
                }
                ("allOf", before, after) => self.compare_conditions(before, after, &below),
                ("items" | "then" | "else", Some(before), Some(after)) => self.compare(before, after, &below),
                (keyword, before, after) => self.note(true, &below, keyword_change(keyword, before, after)),
            }
        }
    }

    /// In an object that has no other members a new one is more; in any other one it is one more thing that is asked.
    fn compare_members(&mut self, old: Option<&Value>, new: Option<&Value>, at: &str, closed: bool) {
        let empty = Map::new();
        let of = |value: Option<&'_ Value>| value.and_then(Value::as_object).unwrap_or(&empty).clone();
        let (old, new) = (of(old), of(new));
        for name in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
            let below = format!("{at}/{name}");
            match (old.get(name), new.get(name)) {
                (Some(before), Some(after)) => self.compare(before, after, &below),
                (before, _) => {
                    let added = before.is_none();
                    // Old instances do not have what the old schema did not know.
                    let is_free = added && !self.known.contains(name);
                    self.note(true, &below, grown(is_free || added == closed));
                }
            }
        }
    }

    /// Conditions are the same where their `if` is.
    fn compare_conditions(&mut self, old: Option<&Value>, new: Option<&Value>, at: &str) {
        let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
        let (old, new) = (list(old), list(new));
        let same = |one: &Value, other: &&Value| one.get("if") == other.get("if");
        for (index, condition) in new.iter().enumerate() {
            let below = format!("{at}/{index}");
            match old.iter().find(|other| same(condition, other)) {
                Some(before) => self.compare(before, condition, &below),
                None => self.note(true, &below, grown(self.is_about_the_new(condition))),
            }
        }
        let gone = old.iter().filter(|condition| !new.iter().any(|other| same(condition, &other))).count();
        self.note(gone > 0, at, Release::Minor);
    }

    /// Whether a condition is about a property that the old schema did not know, and so about no old template.
    fn is_about_the_new(&self, condition: &Value) -> bool {
        let asked = condition.pointer("/if/required").and_then(Value::as_array).into_iter().flatten();
        let asks = asked.filter_map(Value::as_str).any(|name| !self.known.contains(name));
        asks && condition.get("else").is_none()
    }
}

fn grown(is: bool) -> Release {
    if is { Release::Minor } else { Release::Major }
}

fn keyword_change(keyword: &str, old: Option<&Value>, new: Option<&Value>) -> Release {
    let number = |value: Option<&Value>| value.and_then(Value::as_i64);
    match (keyword, old, new) {
        ("x-update", _, Some(new)) => grown(new == "in place"),
        // What an absent property means is part of what a template says.
        ("default" | "x-update", ..) => Release::Major,
        ("required", ..) => grown(holds_all(old, new)),
        (_, Some(_), None) => Release::Minor,
        ("type" | "enum", Some(_), Some(_)) => grown(holds_all(new, old)),
        ("maxLength" | "maxItems" | "maximum", Some(_), Some(_)) => grown(number(new) > number(old)),
        ("minLength" | "minItems" | "minimum", Some(_), Some(_)) => grown(number(new) < number(old)),
        // Which of two patterns lets more through cannot be told, unless one is an alternative of the other.
        ("pattern", Some(Value::String(old)), Some(Value::String(new))) => {
            grown(new.strip_prefix(old.as_str()).is_some_and(|rest| rest.starts_with('|')))
        }
        _ => Release::Major,
    }
}

/// Whether each of `part` is in `whole`; a value that is no list is a list of one.
fn holds_all(whole: Option<&Value>, part: Option<&Value>) -> bool {
    let list = |value: Option<&Value>| match value {
        None => Vec::new(),
        Some(Value::Array(items)) => items.clone(),
        Some(other) => vec![other.clone()],
    };
    let whole = list(whole);
    list(part).iter().all(|item| whole.contains(item))
}

fn members(schema: &Value, keyword: &str) -> Map<String, Value> {
    schema.get(keyword).and_then(Value::as_object).cloned().unwrap_or_default()
}

fn names(schema: &Value) -> BTreeSet<String> {
    members(schema, "properties").keys().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn old() -> Value {
        json!({
            "$id": "a", "type": "object", "additionalProperties": false, "required": ["Name"],
            "properties": {
                "Name": { "type": "string", "minLength": 1, "maxLength": 9, "pattern": "^a$", "description": "b" },
                "Kind": { "enum": ["A", "B"], "default": "A", "x-update": "replacement" },
                "List": { "type": "array", "maxItems": 3, "items": { "type": "string" } },
            },
            "allOf": [{ "if": { "required": ["List"] }, "then": { "properties": { "Kind": false } } }],
        })
    }

    /// What is needed where the value at `pointer` becomes `to`; `None` takes it away.
    fn changed(pointer: &str, to: Option<Value>) -> Option<Release> {
        let mut new = old();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let members = new.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        match to {
            Some(value) => members.insert(name.to_owned(), value),
            None => members.remove(name),
        };
        needed(&properties_changes(&old(), &new))
    }

    #[test]
    fn the_same_needs_no_release_and_words_need_a_patch() {
        assert_eq!(properties_changes(&old(), &old()), []);
        for (pointer, to) in [
            ("/$id", json!("b")),
            ("/$comment", json!("0.2.0")),
            ("/properties/Name/description", json!("c")),
            ("/properties/Kind/examples", json!(["A"])),
        ] {
            assert_eq!(changed(pointer, Some(to)), Some(Release::Patch), "{pointer}");
        }
    }

    #[test]
    fn what_takes_more_needs_a_minor_release() {
        for (pointer, to) in [
            ("/properties/New", Some(json!({ "type": "string" }))),
            ("/required", Some(json!([]))),
            ("/properties/Name/minLength", Some(json!(0))),
            ("/properties/Name/maxLength", Some(json!(10))),
            ("/properties/Name/maxLength", None),
            ("/properties/Name/pattern", Some(json!("^a$|^b$"))),
            ("/properties/Name/type", Some(json!(["string", "integer"]))),
            ("/properties/Kind/enum", Some(json!(["A", "B", "C"]))),
            ("/properties/Kind/x-update", Some(json!("in place"))),
            ("/properties/List/items/type", None),
            ("/allOf", Some(json!([]))),
            ("/allOf/0/then/properties/Kind", Some(json!({ "enum": ["A"] }))),
        ] {
            assert_eq!(changed(pointer, to), Some(Release::Minor), "{pointer}");
        }
    }

    #[test]
    fn what_takes_less_or_means_something_else_needs_a_major_release() {
        for (pointer, to) in [
            ("/properties/Kind", None),
            ("/required", Some(json!(["Name", "Kind"]))),
            ("/properties/Name/minLength", Some(json!(2))),
            ("/properties/Name/maxLength", Some(json!(8))),
            ("/properties/Name/pattern", Some(json!("^[ab]$"))),
            ("/properties/Name/type", Some(json!("integer"))),
            ("/properties/Name/format", Some(json!("uri"))),
            ("/properties/Kind", Some(json!(false))),
            ("/properties/Kind/enum", Some(json!(["A"]))),
            ("/properties/Kind/default", Some(json!("B"))),
            ("/properties/Kind/default", None),
            ("/properties/Name/x-update", Some(json!("replacement"))),
            ("/properties/List/maxItems", Some(json!(2))),
            ("/properties/List/items", Some(json!({ "type": "integer" }))),
            ("/not", Some(json!({ "required": ["Kind"] }))),
        ] {
            assert_eq!(changed(pointer, to), Some(Release::Major), "{pointer}");
        }
    }

    #[test]
    fn a_new_condition_is_free_only_where_it_is_about_a_new_property() {
        let with = |name: &str| {
            let mut new = old();
            new["properties"]["New"] = json!({ "type": "string" });
            let condition = json!({ "if": { "required": [name] }, "then": { "required": ["List"] } });
            new["allOf"].as_array_mut().unwrap().push(condition);
            needed(&properties_changes(&old(), &new))
        };
        assert_eq!(with("New"), Some(Release::Minor));
        assert_eq!(with("Kind"), Some(Release::Major));
    }

    #[test]
    fn a_condition_may_forbid_what_is_new_and_nothing_that_was_known() {
        let forbidding = |name: &str| {
            let mut new = old();
            new["properties"]["New"] = json!({ "type": "string" });
            new["allOf"][0]["then"]["properties"][name] = json!(false);
            needed(&properties_changes(&old(), &new))
        };
        assert_eq!(forbidding("New"), Some(Release::Minor));
        assert_eq!(forbidding("Name"), Some(Release::Major));
    }

    fn attributes(names: &[&str], required: &[&str]) -> Value {
        let attribute = json!({ "type": "string", "maxLength": 9, "pattern": "^a$", "enum": ["a", "b"] });
        let members: Map<String, Value> =
            names.iter().map(|name| ((*name).to_owned(), attribute.clone())).collect();
        json!({ "type": "object", "additionalProperties": false, "properties": members, "required": required })
    }

    #[test]
    fn attributes_may_grow_and_not_shrink() {
        let old = attributes(&["A", "B"], &["A", "B"]);
        let needs = |names: &[&str], required: &[&str]| {
            needed(&attributes_changes(&old, &attributes(names, required)))
        };
        assert_eq!(needs(&["A", "B"], &["A", "B"]), None);
        assert_eq!(needs(&["A", "B", "C"], &["A", "B", "C"]), Some(Release::Minor));
        assert_eq!(needs(&["A", "B", "C"], &["A", "B"]), Some(Release::Minor));
        assert_eq!(needs(&["A"], &["A"]), Some(Release::Major));
    }

    #[test]
    fn an_attribute_that_is_always_there_stays_so() {
        let (always, sometimes) = (attributes(&["A", "B"], &["A", "B"]), attributes(&["A", "B"], &["A"]));
        let mut unsaid = sometimes.clone();
        unsaid.as_object_mut().unwrap().remove("required");
        assert_eq!(needed(&attributes_changes(&always, &sometimes)), Some(Release::Major));
        assert_eq!(needed(&attributes_changes(&always, &unsaid)), Some(Release::Major));
        assert_eq!(needed(&attributes_changes(&sometimes, &always)), Some(Release::Minor));
        assert_eq!(needed(&attributes_changes(&unsaid, &always)), Some(Release::Minor));
    }

    #[test]
    fn an_attribute_may_give_less_and_not_what_nobody_knew() {
        let old = attributes(&["A"], &["A"]);
        for (keyword, to, needs) in [
            ("description", Some(json!("a")), Release::Patch),
            ("type", Some(json!("integer")), Release::Major),
            ("type", Some(json!(["string", "integer"])), Release::Major),
            ("type", None, Release::Major),
            ("enum", Some(json!(["a", "b", "c"])), Release::Major),
            ("enum", None, Release::Major),
            ("enum", Some(json!(["a"])), Release::Minor),
            ("maxLength", Some(json!(10)), Release::Major),
            ("maxLength", Some(json!(8)), Release::Minor),
            ("minLength", Some(json!(1)), Release::Minor),
            ("pattern", None, Release::Major),
            ("pattern", Some(json!("^a$|^b$")), Release::Major),
            ("format", Some(json!("uri")), Release::Minor),
        ] {
            let mut new = old.clone();
            let attribute = new["properties"]["A"].as_object_mut().unwrap();
            match &to {
                Some(value) => attribute.insert(keyword.to_owned(), value.clone()),
                None => attribute.remove(keyword),
            };
            let changes = attributes_changes(&old, &new);
            let told = changes.iter().map(|change| (change.at.as_str(), change.needs)).collect::<Vec<_>>();
            let at = format!("/properties/A/{keyword}");
            assert_eq!(told, [(at.as_str(), needs)], "{to:?}");
        }
    }
}
