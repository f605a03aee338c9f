//! Templates as JSON.

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Value, json};

/// A template with the short forms of its functions spelt out: `!Ref A` as `{"Ref": "A"}`.
pub fn template(text: &str) -> Value {
    read(text, &|tag, argument| json!({ long_form(tag): argument }))
}

/// A template as an editor reads it: a short form is its argument.
pub fn as_in_an_editor(text: &str) -> Value {
    read(text, &|_, argument| argument)
}

fn long_form(tag: &str) -> String {
    if matches!(tag, "Ref" | "Condition") { tag.to_owned() } else { format!("Fn::{tag}") }
}

fn read(text: &str, function: &dyn Fn(&str, Value) -> Value) -> Value {
    json(&Yaml::load_from_str(text).unwrap()[0], function)
}

fn json(yaml: &Yaml, function: &dyn Fn(&str, Value) -> Value) -> Value {
    match yaml {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => (*value).into(),
        Yaml::Value(Scalar::Integer(value)) => (*value).into(),
        Yaml::Value(Scalar::FloatingPoint(value)) => value.into_inner().into(),
        Yaml::Value(Scalar::String(value)) => value.as_ref().into(),
        Yaml::Sequence(items) => items.iter().map(|item| json(item, function)).collect(),
        Yaml::Mapping(members) => {
            let member =
                |(key, value): (&Yaml, &Yaml)| (key.as_str().unwrap().to_owned(), json(value, function));
            Value::Object(members.iter().map(member).collect())
        }
        Yaml::Tagged(tag, argument) => function(&tag.suffix, json(argument, function)),
        other => panic!("no template needs {other:?}"),
    }
}
