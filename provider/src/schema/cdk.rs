//! Constructs for the AWS CDK, in TypeScript: the types of the properties and attributes. What they do is written by hand
//! in `schemas/cdk/resource.ts`.

use super::properties::schema;
use crate::resource::ResourceType;
use serde_json::Value;

const HEAD: &str = "// Generated from the Rust types by `make schemas`: do not edit.

import { Construct } from 'constructs';
import { LicenseManagerResource } from './resource';
";

/// The module with one construct for each type.
pub(super) fn module(types: &[ResourceType]) -> String {
    types.iter().fold(HEAD.to_owned(), |module, kind| format!("{module}\n{}", construct(kind)))
}

fn construct(kind: &ResourceType) -> String {
    let (name, schema) = (kind.short_name(), schema(kind));
    let members: String = (kind.property_names)().iter().map(|property| member(&schema, property)).collect();
    let attributes: Vec<String> =
        kind.attributes.iter().map(|attribute| format!("  | '{}'", attribute.name)).collect();
    let attributes = attributes.join("\n");
    format!(
        "export interface {name}Props {{\n{members}}}\n\nexport type {name}Attribute =\n{attributes};\n\n\
         /** {description} */\n\
         export class {name} extends LicenseManagerResource<{name}Props, {name}Attribute> {{\n  \
           constructor(scope: Construct, id: string, properties: {name}Props) {{\n    \
             super(scope, id, '{of}', properties);\n  }}\n}}\n",
        description = text(&schema, "description"),
        of = kind.name,
    )
}

fn member(schema: &Value, name: &str) -> String {
    let property = schema.get("properties").and_then(|all| all.get(name)).unwrap_or(&Value::Null);
    let required =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().any(|one| one == name);
    let mark = if required { "" } else { "?" };
    format!("  /** {} */\n  readonly {name}{mark}: {};\n", text(property, "description"), type_of(property))
}

fn type_of(property: &Value) -> String {
    if let Some(items) = property.get("items") {
        return format!("{}[]", type_of(items));
    }
    if let Some(members) = property.get("properties").and_then(Value::as_object) {
        let members: Vec<String> = members.keys().map(|name| format!("readonly {name}: string")).collect();
        return format!("{{ {} }}", members.join("; "));
    }
    let choices = property.get("enum").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if choices.contains(&Value::Bool(true)) {
        return "boolean | string".to_owned();
    }
    if property.get("minimum").is_some() {
        return "number | string".to_owned();
    }
    let texts: Vec<String> =
        choices.iter().filter_map(Value::as_str).map(|text| format!("'{text}'")).collect();
    if texts.is_empty() { "string".to_owned() } else { texts.join(" | ") }
}

fn text<'a>(value: &'a Value, keyword: &str) -> &'a str {
    value.get(keyword).and_then(Value::as_str).unwrap_or_default()
}
