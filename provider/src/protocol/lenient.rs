//! Reads the scalars of properties as CloudFormation sends them: as strings ("true", "14"), real ones taken too.
//!
//! Each function takes the value and its path in the properties (`Principals[2]`) and says what was expected and what
//! was found. Source: cfn-protocol facts 1.1, "Scalars become strings".

use std::ops::RangeInclusive;

use serde_json::Value;

use super::budget::cut_end;

/// How much of a wrong text is quoted, in bytes.
const QUOTED_BYTES: usize = 60;

/// A value that is not what was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: expected {expected}, found {found}{advice}")]
pub struct Mistake {
    /// Where, from the top of the properties: `Tags[0].Key`.
    pub path: String,
    /// What was expected, with its article: "a list", "an integer from 1 to 14".
    pub expected: String,
    /// What was found: `the string "abc"`, "null", "an object".
    pub found: String,
    /// What to do, as an end of the sentence; may be empty.
    pub advice: &'static str,
}

impl Mistake {
    /// A mistake without advice.
    pub fn new(path: &str, expected: &str, found: &Value) -> Self {
        Self { path: path.to_owned(), expected: expected.to_owned(), found: describe(found), advice: "" }
    }

    fn advise(mut self, advice: &'static str) -> Self {
        self.advice = advice;
        self
    }
}

/// The path of an element: `Principals[2]`.
pub fn element(path: &str, index: usize) -> String {
    format!("{path}[{index}]")
}

/// The path of a member: `Tags[0].Key`; at the top the member's name alone.
pub fn member(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// `true`, `false`, or these words in any case.
pub fn boolean(value: &Value, path: &str) -> Result<bool, Mistake> {
    let word = match value {
        Value::Bool(is) => return Ok(*is),
        Value::String(text) => text.trim(),
        _ => "",
    };
    if word.eq_ignore_ascii_case("true") {
        Ok(true)
    } else if word.eq_ignore_ascii_case("false") {
        Ok(false)
    } else {
        Err(Mistake::new(path, "true or false", value))
    }
}

/// An integer in a range, as number or text.
pub fn integer(value: &Value, path: &str, range: RangeInclusive<i64>) -> Result<i64, Mistake> {
    let number = match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|n| range.contains(n)).ok_or_else(|| {
        let expected = format!("an integer from {} to {}", range.start(), range.end());
        Mistake::new(path, &expected, value)
    })
}

/// A text. Integers and booleans become the text that CloudFormation itself makes of them; other numbers have more than
/// one spelling and are refused.
pub fn string(value: &Value, path: &str) -> Result<String, Mistake> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(is) => Ok(is.to_string()),
        Value::Number(number) if !number.is_f64() => Ok(number.to_string()),
        Value::Number(_) => Err(Mistake::new(path, "a string", value).advise("; put it in quotation marks")),
        _ => Err(Mistake::new(path, "a string", value)),
    }
}

/// A list's elements.
pub fn list<'a>(value: &'a Value, path: &str) -> Result<&'a [Value], Mistake> {
    match value {
        Value::Array(elements) => Ok(elements),
        Value::String(_) | Value::Number(_) | Value::Bool(_) => {
            Err(Mistake::new(path, "a list", value).advise("; wrap it in a list"))
        }
        _ => Err(Mistake::new(path, "a list", value)),
    }
}

/// A list of texts, or every mistake in it.
pub fn strings(value: &Value, path: &str) -> Result<Vec<String>, Vec<Mistake>> {
    let elements = list(value, path).map_err(|mistake| vec![mistake])?;
    let read = elements.iter().enumerate().map(|(i, e)| string(e, &element(path, i)));
    let (texts, mistakes): (Vec<_>, Vec<_>) = read.partition(Result::is_ok);
    if mistakes.is_empty() {
        Ok(texts.into_iter().flatten().collect())
    } else {
        Err(mistakes.into_iter().filter_map(Result::err).collect())
    }
}

/// What a value is, in the words of a sentence.
pub fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(is) => is.to_string(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("the string \"{}\"", cut_end(text, QUOTED_BYTES)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}
