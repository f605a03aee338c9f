//! CloudFormation's stringly scalars.

use super::property_error::quoted;
use serde_json::Value;

/// `true`, `false`, and their texts in any case.
pub(crate) fn boolean(value: &Value) -> Result<bool, String> {
    match value {
        Value::Bool(flag) => Ok(*flag),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        other => Err(format!("expected true or false, found {}", kind(other))),
    }
}

/// A text; numbers and booleans as CloudFormation itself would write them.
pub(crate) fn text(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        other => Err(format!("expected a text, found {}", kind(other))),
    }
}

/// A list; one element alone is none.
pub(crate) fn list(value: &Value) -> Result<&[Value], String> {
    match value {
        Value::Array(items) => Ok(items),
        Value::Object(_) | Value::Null => Err(format!("expected a list, found {}", kind(value))),
        other => Err(format!("expected a list, found {}: make it a list of one", kind(other))),
    }
}

/// What a value is, for a person.
pub(crate) fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("the text {}", quoted(text)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}
