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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn booleans_come_as_words_or_themselves() {
        for (value, expected) in [
            (json!(true), true),
            (json!(false), false),
            (json!("true"), true),
            (json!("True"), true),
            (json!(" FALSE "), false),
        ] {
            assert_eq!(boolean(&value, "P"), Ok(expected), "{value}");
        }
        for value in [json!("yes"), json!("1"), json!(1), json!(""), json!(null), json!([true]), json!({})] {
            let mistake = boolean(&value, "P").unwrap_err();
            let expected = format!("P: expected true or false, found {}", describe(&value));
            assert_eq!(mistake.to_string(), expected);
        }
    }

    #[test]
    fn integers_come_as_digits_or_numbers_and_keep_their_range() {
        for (value, expected) in [(json!(14), 14), (json!("14"), 14), (json!(" -1 "), -1), (json!("+5"), 5)] {
            assert_eq!(integer(&value, "P", -1..=14), Ok(expected), "{value}");
        }
        for value in [
            json!(15),
            json!("15"),
            json!(1.5),
            json!("1.5"),
            json!(""),
            json!("1e1"),
            json!(true),
            json!(u64::MAX),
        ] {
            let mistake = integer(&value, "P[1]", -1..=14).unwrap_err();
            let expected = format!("P[1]: expected an integer from -1 to 14, found {}", describe(&value));
            assert_eq!(mistake.to_string(), expected);
        }
    }

    #[test]
    fn texts_are_what_cloudformation_would_have_made_of_the_scalar() {
        for (value, expected) in [
            (json!("a b"), "a b"),
            (json!(""), ""),
            (json!(true), "true"),
            (json!(2026), "2026"),
            (json!(-1), "-1"),
            (json!(u64::MAX), "18446744073709551615"),
        ] {
            assert_eq!(string(&value, "P"), Ok(expected.to_owned()), "{value}");
        }
        let found = |value: Value| string(&value, "P").unwrap_err().to_string();
        assert_eq!(
            found(json!(1.5)),
            "P: expected a string, found the number 1.5; put it in quotation marks"
        );
        assert_eq!(found(json!(null)), "P: expected a string, found null");
        assert_eq!(found(json!(["a"])), "P: expected a string, found a list");
        assert_eq!(found(json!({"a": 1})), "P: expected a string, found an object");
    }

    #[test]
    fn a_scalar_where_a_list_is_wanted_is_to_be_wrapped() {
        assert_eq!(list(&json!([1, "a"]), "P"), Ok([json!(1), json!("a")].as_slice()));
        let found = |value: Value| list(&value, "Principals").unwrap_err().to_string();
        assert_eq!(
            found(json!("a")),
            "Principals: expected a list, found the string \"a\"; wrap it in a list"
        );
        assert_eq!(
            found(json!(111_122_223_333_u64)),
            "Principals: expected a list, found the number 111122223333; wrap it in a list"
        );
        assert_eq!(found(json!({})), "Principals: expected a list, found an object");
        assert_eq!(found(json!(null)), "Principals: expected a list, found null");
    }

    #[test]
    fn every_mistake_of_a_list_comes_with_its_path() {
        assert_eq!(strings(&json!(["a", 1]), "P"), Ok(vec!["a".to_owned(), "1".to_owned()]));
        let mistakes = strings(&json!(["a", null, {}, "b", []]), "Principals").unwrap_err();
        let paths: Vec<_> = mistakes.iter().map(|m| m.path.as_str()).collect();
        assert_eq!(paths, ["Principals[1]", "Principals[2]", "Principals[4]"]);
        assert_eq!(strings(&json!("a"), "P").unwrap_err().len(), 1);
    }

    #[test]
    fn paths_grow_to_the_right() {
        assert_eq!(member(&element("Tags", 0), "Key"), "Tags[0].Key");
        assert_eq!(member("", "Tags"), "Tags");
    }

    #[test]
    fn a_long_text_is_quoted_in_part() {
        let mistake = boolean(&json!("x".repeat(1_000)), "P").unwrap_err();
        assert!(mistake.to_string().len() < 120, "{mistake}");
        assert!(mistake.to_string().ends_with("x…\""), "{mistake}");
    }
}
