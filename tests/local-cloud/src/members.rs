//! Reads the members of an awsJson input the way the services do: a member that is missing, has another type or a value
//! outside its enum is answered with the service's own error for bad input.

use crate::error::ServiceError;
use serde_json::{Map, Value};

/// What is wrong with a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A required member is absent.
    Missing,
    /// The JSON type is another one.
    Type,
    /// The value is none of the enum's.
    Enum,
}

/// Makes the service's error for a bad member: its path, what is wrong, and a sentence about it.
pub(crate) type Refusal = fn(Fault, String) -> ServiceError;

/// The members of one JSON object of an input.
#[derive(Debug, Clone)]
pub(crate) struct Members<'a> {
    map: Option<&'a Map<String, Value>>,
    path: String,
    refuse: Refusal,
}

impl<'a> Members<'a> {
    /// The top of an input. JSON `null` reads as an empty object.
    pub(crate) fn top(input: &'a Value, refuse: Refusal) -> Result<Self, ServiceError> {
        Self::at(input, String::new(), refuse)
    }

    fn at(value: &'a Value, path: String, refuse: Refusal) -> Result<Self, ServiceError> {
        match value {
            Value::Null => Ok(Self { map: None, path, refuse }),
            Value::Object(map) => Ok(Self { map: Some(map), path, refuse }),
            _ => Err(refuse(Fault::Type, format!("{} must be a structure", name_of(&path)))),
        }
    }

    /// The member, `null` counting as absent.
    fn get(&self, name: &str) -> Option<&'a Value> {
        self.map.and_then(|map| map.get(name)).filter(|value| !value.is_null())
    }

    fn path_to(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    fn wrong_type(&self, name: &str, wanted: &str) -> ServiceError {
        (self.refuse)(Fault::Type, format!("{} must be {wanted}", self.path_to(name)))
    }

    fn missing(&self, name: &str) -> ServiceError {
        (self.refuse)(Fault::Missing, format!("{} is required", self.path_to(name)))
    }

    /// A string.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&'a str>, ServiceError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        value.as_str().map(Some).ok_or_else(|| self.wrong_type(name, "a string"))
    }

    /// A string that must be there and not be empty.
    pub(crate) fn required_text(&self, name: &str) -> Result<&'a str, ServiceError> {
        self.text(name)?.filter(|text| !text.is_empty()).ok_or_else(|| self.missing(name))
    }

    /// A string out of an enum.
    pub(crate) fn one_of(&self, name: &str, allowed: &[&str]) -> Result<Option<&'a str>, ServiceError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        if allowed.contains(&text) {
            return Ok(Some(text));
        }
        let message = format!("{} must be one of {}", self.path_to(name), allowed.join(", "));
        Err((self.refuse)(Fault::Enum, message))
    }

    /// A string out of an enum that must be there.
    pub(crate) fn required_one_of(&self, name: &str, allowed: &[&str]) -> Result<&'a str, ServiceError> {
        self.one_of(name, allowed)?.ok_or_else(|| self.missing(name))
    }

    /// A boolean. The strings "true" and "false" are none.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, ServiceError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        value.as_bool().map(Some).ok_or_else(|| self.wrong_type(name, "a boolean"))
    }

    /// A boolean that must be there.
    pub(crate) fn required_flag(&self, name: &str) -> Result<bool, ServiceError> {
        self.flag(name)?.ok_or_else(|| self.missing(name))
    }

    /// A whole number.
    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, ServiceError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        value.as_i64().map(Some).ok_or_else(|| self.wrong_type(name, "a whole number"))
    }

    /// A list of strings; `None` where the member is absent.
    pub(crate) fn texts(&self, name: &str) -> Result<Option<Vec<&'a str>>, ServiceError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        value
            .as_array()
            .and_then(|list| list.iter().map(Value::as_str).collect::<Option<Vec<_>>>())
            .map(Some)
            .ok_or_else(|| self.wrong_type(name, "a list of strings"))
    }

    /// A structure; `None` where the member is absent.
    pub(crate) fn structure(&self, name: &str) -> Result<Option<Self>, ServiceError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        Self::at(value, self.path_to(name), self.refuse).map(Some)
    }

    /// A list of structures; `None` where the member is absent.
    pub(crate) fn structures(&self, name: &str) -> Result<Option<Vec<Self>>, ServiceError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let list = value.as_array().ok_or_else(|| self.wrong_type(name, "a list of structures"))?;
        let read = list
            .iter()
            .enumerate()
            .map(|(index, item)| Self::at(item, format!("{}[{index}]", self.path_to(name)), self.refuse));
        read.collect::<Result<Vec<_>, _>>().map(Some)
    }
}

fn name_of(path: &str) -> &str {
    if path.is_empty() { "the input" } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refuse(fault: Fault, message: String) -> ServiceError {
        let code = match fault {
            Fault::Missing => "Missing",
            Fault::Type => "Type",
            Fault::Enum => "Enum",
        };
        ServiceError::bad_request(code, message)
    }

    fn error_of<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> (&'static str, String) {
        let error = result.unwrap_err();
        (error.code, error.message)
    }

    #[test]
    fn a_null_member_is_an_absent_member() {
        let input = json!({"Name": null});
        let members = Members::top(&input, refuse).unwrap();
        assert_eq!(members.text("Name").unwrap(), None);
        assert_eq!(error_of(members.required_text("Name")), ("Missing", "Name is required".to_owned()));
    }

    #[test]
    fn a_boolean_as_a_string_is_refused() {
        let input = json!({"Flag": "true"});
        let members = Members::top(&input, refuse).unwrap();
        assert_eq!(error_of(members.flag("Flag")), ("Type", "Flag must be a boolean".to_owned()));
    }

    #[test]
    fn a_value_outside_the_enum_is_refused_with_the_allowed_values() {
        let input = json!({"Kind": "vcpu"});
        let members = Members::top(&input, refuse).unwrap();
        let expected = ("Enum", "Kind must be one of vCPU, Core".to_owned());
        assert_eq!(error_of(members.one_of("Kind", &["vCPU", "Core"])), expected);
    }

    #[test]
    fn the_path_of_a_nested_member_names_its_place_in_the_list() {
        let input = json!({"Tags": [{"Key": "a"}, {"Key": 5}]});
        let members = Members::top(&input, refuse).unwrap();
        let tags = members.structures("Tags").unwrap().unwrap();
        assert_eq!(tags[0].text("Key").unwrap(), Some("a"));
        assert_eq!(error_of(tags[1].text("Key")), ("Type", "Tags[1].Key must be a string".to_owned()));
    }

    #[test]
    fn a_list_with_one_number_is_no_list_of_strings() {
        let input = json!({"Arns": ["a", 1]});
        let members = Members::top(&input, refuse).unwrap();
        assert_eq!(error_of(members.texts("Arns")).0, "Type");
    }

    #[test]
    fn an_input_that_is_a_list_is_refused() {
        assert_eq!(error_of(Members::top(&json!([]), refuse)).1, "the input must be a structure");
    }
}
