//! Reads a JSON object into a struct of [`Field`](super::Field)s: the struct's own serde names are the only list of
//! the names that there are.

use super::property_error::PropertyError;
use super::unknown_property::unknown;
use crate::protocol::lenient::{Mistake, member};
use serde::de::value::Error as NamesOnly;
use serde::de::{DeserializeOwned, Deserializer, Error, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value, json};

/// Reads `value`, which stands at `path` (empty for the properties themselves), into `T`, whose fields are all
/// [`Field`](super::Field)s. Unknown members go to `errors`, in alphabetical order, and are left out. `None` where
/// `value` is no object.
pub(crate) fn read<T: DeserializeOwned>(
    value: &Value,
    path: &str,
    errors: &mut Vec<PropertyError>,
) -> Option<T> {
    let Some(object) = value.as_object() else {
        let whole = if path.is_empty() { "Properties" } else { path };
        errors.push(PropertyError::of(Mistake::new(whole, "an object", value)));
        return None;
    };
    let names = names::<T>();
    let mut strangers: Vec<&String> = object.keys().filter(|name| !names.contains(&name.as_str())).collect();
    strangers.sort();
    errors.extend(strangers.into_iter().map(|name| unknown(&member(path, name), name, names)));
    let labelled: Map<String, Value> = names
        .iter()
        .map(|name| ((*name).to_owned(), json!([member(path, name), object.get(*name)])))
        .collect();
    serde_json::from_value(Value::Object(labelled))
        .map_err(|error| errors.push(PropertyError::new(path, error.to_string())))
        .ok()
}

/// The names of the members of the struct `T`, as serde knows them, in the order of its fields.
pub(crate) fn names<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut names: &'static [&'static str] = &[];
    // The error is how `NameReader` stops serde once it has told the names.
    let _ = T::deserialize(NameReader(&mut names));
    names
}

struct NameReader<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for NameReader<'_> {
    type Error = NamesOnly;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, NamesOnly> {
        Err(NamesOnly::custom("not a struct"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, NamesOnly> {
        *self.0 = fields;
        Err(NamesOnly::custom("only the names are wanted"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::super::Field;
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Sample {
        first_name: Field<String>,
        grown_up: Field<bool>,
    }

    fn sample(value: Value, path: &str) -> (Option<Sample>, Vec<PropertyError>) {
        let mut errors = Vec::new();
        (read(&value, path, &mut errors), errors)
    }

    #[test]
    fn names_are_those_of_serde() {
        assert_eq!(names::<Sample>(), ["FirstName", "GrownUp"]);
        assert!(names::<String>().is_empty());
    }

    #[test]
    fn one_wrong_member_leaves_the_others_readable() {
        let (sample, mut errors) = sample(json!({ "FirstName": [], "GrownUp": "true" }), "People[1]");
        let sample = sample.unwrap();
        assert_eq!(sample.first_name.read(&mut errors), None);
        assert_eq!(sample.grown_up.read(&mut errors), Some(true));
        assert_eq!(errors, [PropertyError::new("People[1].FirstName", "expected a string, found a list")]);
    }

    #[test]
    fn null_is_absent_and_unknown_members_are_told() {
        let (sample, mut errors) = sample(json!({ "GrownUp": null, "first_name": "x", "Grown": 1 }), "");
        let sample = sample.unwrap();
        assert!(!sample.grown_up.is_given());
        assert_eq!(sample.first_name.require(&mut errors), None);
        let paths: Vec<&str> = errors.iter().map(|error| error.path.as_str()).collect();
        assert_eq!(paths, ["Grown", "first_name", "FirstName"]);
    }

    #[test]
    fn what_is_no_object_is_one_mistake() {
        let (none, errors) = sample(json!([1]), "");
        assert!(none.is_none());
        assert_eq!(errors, [PropertyError::new("Properties", "expected an object, found a list")]);
    }
}
