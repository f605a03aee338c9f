//! The rules that a schema of properties holds, each by the path that a validator tells it by.

use serde_json::{Map, Value};

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// `/properties/Tags/maxItems`; of required properties with the name behind it.
    pub id: String,
    /// `maxItems`; `false` for what must not be there.
    pub keyword: String,
    /// Where it counts: names of members, and `*` for any item.
    pub at: Vec<String>,
    /// What the keyword says.
    pub says: Value,
}

/// What says nothing of an instance, or leads to what does.
const SILENT: [&str; 13] = [
    "$comment",
    "$id",
    "$schema",
    "allOf",
    "default",
    "description",
    "else",
    "examples",
    "if",
    "items",
    "properties",
    "then",
    "title",
];

/// The rules of a schema but for those of the properties in `but`, and that the whole is an object.
pub fn rules(schema: &Value, but: &[&str]) -> Vec<Rule> {
    let mut found = Vec::new();
    of(schema, "", &[], &mut found);
    let is_for_us = |rule: &Rule| {
        let name =
            if rule.keyword == "required" { rule.says.as_str() } else { rule.at.first().map(String::as_str) };
        rule.id != "/type" && !name.is_some_and(|name| but.contains(&name))
    };
    found.retain(is_for_us);
    found
}

fn of(schema: &Value, path: &str, at: &[String], found: &mut Vec<Rule>) {
    let rule = |id: String, keyword: &str, says: &Value| Rule {
        id,
        keyword: keyword.to_owned(),
        at: at.to_vec(),
        says: says.clone(),
    };
    let Value::Object(keywords) = schema else {
        found.push(rule(path.to_owned(), "false", schema));
        return;
    };
    for (keyword, says) in keywords {
        match keyword.as_str() {
            "required" => {
                let names = says.as_array().unwrap().iter();
                found.extend(
                    names.map(|name| {
                        rule(format!("{path}/required/{}", name.as_str().unwrap()), keyword, name)
                    }),
                );
            }
            silent if SILENT.contains(&silent) || silent.starts_with("x-") => {}
            _ => found.push(rule(format!("{path}/{keyword}"), keyword, says)),
        }
    }
    below(keywords, path, at, found);
}

fn below(keywords: &Map<String, Value>, path: &str, at: &[String], found: &mut Vec<Rule>) {
    let deeper = |step: &str| [at, &[step.to_owned()]].concat();
    for (name, member) in keywords.get("properties").and_then(Value::as_object).into_iter().flatten() {
        of(member, &format!("{path}/properties/{name}"), &deeper(name), found);
    }
    if let Some(items) = keywords.get("items") {
        of(items, &format!("{path}/items"), &deeper("*"), found);
    }
    for (index, condition) in
        keywords.get("allOf").and_then(Value::as_array).into_iter().flatten().enumerate()
    {
        for part in ["then", "else"] {
            if let Some(asked) = condition.get(part) {
                of(asked, &format!("{path}/allOf/{index}/{part}"), at, found);
            }
        }
    }
}
