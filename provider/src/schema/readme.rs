//! The README's tables: properties and attributes, from the same schema as the files, and permissions.

use super::iam::grants;
use super::properties::{CLOUDFORMATION, schema};
use crate::resource::{Grant, Handler, Operation, ResourceType, TYPES};
use serde_json::Value;

const END: &str = "<!-- end -->";

/// The tables of all types, each between its markers, as they stand in the README.
pub fn readme_tables() -> String {
    let sections = TYPES.iter().flat_map(|kind| [section(kind), permissions(kind)]);
    sections.collect::<Vec<_>>().join("\n")
}

/// `readme` with the text between the markers of each type made new; a type without markers is left out.
pub fn rewrite_readme(readme: &str) -> String {
    TYPES.iter().fold(readme.to_owned(), |readme, kind| {
        let readme = replaced(&readme, &start(kind), &section(kind)).unwrap_or(readme);
        replaced(&readme, &start_of_permissions(kind), &permissions(kind)).unwrap_or(readme)
    })
}

fn start(kind: &ResourceType) -> String {
    format!("<!-- generated: {} -->", kind.short_name())
}

fn start_of_permissions(kind: &ResourceType) -> String {
    format!("<!-- generated: permissions of {} -->", kind.short_name())
}

/// `readme` with what stands from `start` to the next end marker, both included, replaced by `section`.
fn replaced(readme: &str, start: &str, section: &str) -> Option<String> {
    let (before, rest) = readme.split_once(start)?;
    let (_, after) = rest.split_once(END)?;
    let after = after.strip_prefix('\n').unwrap_or(after);
    Some(format!("{before}{section}{after}"))
}

fn section(kind: &ResourceType) -> String {
    format!("{}\n\n{}\n{}\n{END}\n", start(kind), properties(kind), attributes(kind))
}

fn properties(kind: &ResourceType) -> String {
    let schema = schema(kind);
    let mut table =
        "| Property | Type | Default | Update | Description |\n|---|---|---|---|---|\n".to_owned();
    for name in (kind.property_names)().iter().filter(|name| !CLOUDFORMATION.contains(name)) {
        let property = schema.get("properties").and_then(|all| all.get(*name)).unwrap_or(&Value::Null);
        let cells = [
            format!("`{name}`"),
            type_of(property),
            default_of(property),
            text(property, "x-update").to_owned(),
            text(property, "description").to_owned(),
        ];
        table.push_str(&row(&cells));
    }
    table
}

fn attributes(kind: &ResourceType) -> String {
    let mut table = "| Attribute | Description |\n|---|---|\n".to_owned();
    for attribute in kind.attributes {
        table.push_str(&row(&[format!("`{}`", attribute.name), attribute.description.to_owned()]));
    }
    table
}

fn permissions(kind: &ResourceType) -> String {
    let mut table = "| Actions | In | On | For |\n|---|---|---|---|\n".to_owned();
    for grant in grants(kind.operations) {
        let granted: Vec<&Operation> =
            kind.operations.iter().filter(|operation| operation.grant == grant).collect();
        let mut rest = granted.as_slice();
        while let Some(first) = rest.first() {
            let alike = rest.iter().take_while(|operation| operation.handlers == first.handlers).count();
            let (row, later) = rest.split_at(alike);
            table.push_str(&permission(grant, first.handlers, row));
            rest = later;
        }
    }
    format!("{}\n\n{table}\n{END}\n", start_of_permissions(kind))
}

/// The operations of one statement that the same requests call.
fn permission(grant: &Grant, handlers: &[Handler], operations: &[&Operation]) -> String {
    let actions: Vec<String> = operations.iter().map(|operation| format!("`{}`", operation.action)).collect();
    // Read is no request that a custom resource gets.
    let requests = handlers.iter().filter(|handler| **handler != Handler::Read);
    let requests: Vec<String> = requests.map(|handler| format!("{handler:?}")).collect();
    row(&[actions.join(", "), requests.join(", "), grant.on.to_owned(), grant.purpose.to_owned()])
}

fn row(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// What a property holds, in words.
fn type_of(property: &Value) -> String {
    let range = |what: &str, low: &str, high: &str| match (property.get(low), property.get(high)) {
        (None, None) => String::new(),
        (Some(low), Some(high)) => format!(", {low} to {high} {what}"),
        (None, Some(high)) => format!(", at most {high} {what}"),
        (Some(low), None) => format!(", at least {low} {what}"),
    };
    match (property.get("title").and_then(Value::as_str), text(property, "type")) {
        (Some(title), _) => title.to_owned(),
        (None, "array") => {
            let items = property.get("items").map(type_of).unwrap_or_default();
            format!("list: {items}{}", range("items", "minItems", "maxItems"))
        }
        (None, "object") => members(property),
        (None, "string") => format!("string{}", range("characters", "minLength", "maxLength")),
        (None, _) if property.get("enum").is_some() => choices(property),
        (None, _) => "string".to_owned(),
    }
}

fn members(property: &Value) -> String {
    let members = property.get("properties").and_then(Value::as_object);
    let names = members.map(|members| members.keys().cloned().collect::<Vec<_>>().join(", "));
    format!("{{{}}}", names.unwrap_or_default())
}

fn choices(property: &Value) -> String {
    let choices = property.get("enum").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if choices.contains(&Value::Bool(true)) {
        return "boolean".to_owned();
    }
    choices.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
}

fn default_of(property: &Value) -> String {
    property.get("default").map(|default| format!("`{default}`")).unwrap_or_default()
}

fn text<'a>(property: &'a Value, keyword: &str) -> &'a str {
    property.get(keyword).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_markers_is_made_new() {
        let kind = TYPES.first().unwrap();
        let old = format!("# Title\n\n{}\nold\n{END}\n\nafter\n", start(kind));
        let new = rewrite_readme(&old);
        assert_eq!(new, format!("# Title\n\n{}\nafter\n", section(kind) + ""), "{new}");
        assert_eq!(rewrite_readme(&new), new);
    }

    #[test]
    fn a_readme_without_markers_stays_as_it_is() {
        for readme in ["# Title\n", "<!-- generated: LicenseConfigShare -->\nno end"] {
            assert_eq!(rewrite_readme(readme), readme);
        }
    }

    #[test]
    fn every_property_but_cloudformations_has_a_row_with_all_cells() {
        for kind in TYPES {
            let table = properties(kind);
            for name in (kind.property_names)() {
                let line = table.lines().find(|line| line.starts_with(&format!("| `{name}` ")));
                assert_eq!(line.is_none(), CLOUDFORMATION.contains(name), "{name}");
                let cells: Vec<&str> = line.unwrap_or("||t||u|d|").split('|').map(str::trim).collect();
                assert!(!cells[2].is_empty() && !cells[4].is_empty() && !cells[5].is_empty(), "{name}");
            }
        }
    }
}
