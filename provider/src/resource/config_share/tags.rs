//! Tags of an own share: the wire form and what AWS and the provider allow (AWS tagging rules; AWS::RAM::ResourceShare
//! for the lengths; ram facts 1.7 and 2.3).

use crate::resource::object;
use crate::resource::property_error::{PropertyError, quoted};
use crate::resource::{At, Field, Wire};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// RAM allows 50 tags a share, the provider keeps 4 for its own.
const MOST_TAGS: usize = 46;
const KEY_LENGTH: usize = 128;
const VALUE_LENGTH: usize = 256;
/// The keys of the provider's own tags begin so.
const OWN_PREFIX: &str = "license-manager-provider:";
/// ASCII that no tag holds, as a character class: what AWS allows beyond ASCII are all letters, digits and spaces,
/// which cannot be written so that every regular expression engine reads it.
const NOT_IN_TAGS: &str = r##"\x00-\x1f!"#$%&'()*,;<>?\[\\\]^`{|}~\x7f"##;

/// A tag of the resource share.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Tag {
    /// 1 to 128 characters.
    #[schemars(extend("examples" = ["CostCenter"]))]
    pub key: Field<TagKey>,
    /// 0 to 256 characters.
    #[schemars(extend("examples" = ["4711", ""]))]
    pub value: Field<TagValue>,
}

/// A tag's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TagKey(String);

/// A tag's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TagValue(String);

/// All tags of a share by their keys, those alone that can be had.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags(pub BTreeMap<String, String>);

impl Wire for TagKey {
    fn schema(_: &mut SchemaGenerator) -> Schema {
        let pattern = format!("^(?!(?:[aA][wW][sS]|license-manager-provider):)[^{NOT_IN_TAGS}]*$");
        json_schema!({
            "title": "tag key: letters, digits, spaces and _ . : / = + - @, not beginning with aws: or license-manager-provider:",
            "type": "string",
            "minLength": 1,
            "maxLength": KEY_LENGTH,
            "pattern": pattern,
        })
    }

    fn read(value: &Value, path: &str, errors: &mut Vec<PropertyError>) -> Option<Self> {
        let key = String::read(value, path, errors)?;
        match wrong_key(&key) {
            None => Some(Self(key)),
            Some(problem) => {
                errors.push(PropertyError::found(path, problem, &key));
                None
            }
        }
    }
}

fn wrong_key(key: &str) -> Option<String> {
    let length = key.chars().count();
    if length == 0 || length > KEY_LENGTH {
        return Some(format!("a tag key has 1 to {KEY_LENGTH} characters, this has {length}"));
    }
    if key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:")) {
        return Some("tag keys that begin with aws: are reserved by AWS: use another key".to_owned());
    }
    if key.starts_with(OWN_PREFIX) {
        return Some(format!(
            "tag keys that begin with {OWN_PREFIX} are the provider's own: use another key"
        ));
    }
    wrong_characters(key)
}

impl Wire for TagValue {
    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "title": "tag value: letters, digits, spaces and _ . : / = + - @",
            "type": "string",
            "maxLength": VALUE_LENGTH,
            "pattern": format!("^[^{NOT_IN_TAGS}]*$"),
        })
    }

    fn read(value: &Value, path: &str, errors: &mut Vec<PropertyError>) -> Option<Self> {
        let text = String::read(value, path, errors)?;
        let length = text.chars().count();
        let wrong = (length > VALUE_LENGTH)
            .then(|| format!("a tag value has at most {VALUE_LENGTH} characters, this has {length}"))
            .or_else(|| wrong_characters(&text));
        match wrong {
            None => Some(Self(text)),
            Some(problem) => {
                errors.push(PropertyError::new(path, problem));
                None
            }
        }
    }
}

fn wrong_characters(text: &str) -> Option<String> {
    let allowed = |c: char| {
        c.is_alphanumeric()
            || (c.is_whitespace() && !c.is_control())
            || matches!(c, '_' | '.' | ':' | '/')
            || matches!(c, '=' | '+' | '-' | '@')
    };
    let wrong = text.chars().find(|c| !allowed(*c))?;
    let wrong = if wrong.is_control() {
        format!("the control character U+{:04X}", u32::from(wrong))
    } else {
        quoted(&wrong.to_string())
    };
    Some(format!("tags take letters, digits, spaces and _ . : / = + - @ only, this has {wrong}"))
}

impl Wire for Tag {
    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Self::json_schema(generator);
        let reserved = json_schema!({
            "properties": { "Key": { "const": "Service" }, "Value": { "const": "LicenseManager" } },
            "required": ["Key", "Value"],
        });
        schema.insert("not".to_owned(), reserved.to_value());
        schema
    }

    fn read(value: &Value, path: &str, errors: &mut Vec<PropertyError>) -> Option<Self> {
        object::read(value, path, errors)
    }
}

impl Wire for Tags {
    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Vec::<At<Tag>>::schema(generator);
        schema.insert("maxItems".to_owned(), MOST_TAGS.into());
        schema
    }

    fn read(value: &Value, path: &str, errors: &mut Vec<PropertyError>) -> Option<Self> {
        let mut tags = BTreeMap::new();
        for At { path, value: tag } in Vec::<At<Tag>>::read(value, path, errors)? {
            // Both are read before either is missed: all mistakes in one answer.
            if let (Some(TagKey(key)), Some(TagValue(value))) =
                (tag.key.require(errors), tag.value.require(errors))
            {
                insert(&mut tags, key, value, &path, errors);
            }
        }
        if tags.len() > MOST_TAGS {
            errors.push(PropertyError::new(path, too_many(tags.len())));
            tags = tags.into_iter().take(MOST_TAGS).collect();
        }
        Some(Self(tags))
    }
}

fn insert(
    tags: &mut BTreeMap<String, String>,
    key: String,
    value: String,
    path: &str,
    errors: &mut Vec<PropertyError>,
) {
    if key == "Service" && value == "LicenseManager" {
        let problem = "this tag marks License Manager's own share, which License Manager changes by itself: \
                       use another key or value";
        errors.push(PropertyError::new(path, problem));
    } else if tags.get(&key).is_some_and(|first| *first != value) {
        let problem = format!("the key {} is there already, with another value: keep one", quoted(&key));
        errors.push(PropertyError::new(path, problem));
    } else {
        tags.insert(key, value);
    }
}

fn too_many(count: usize) -> String {
    format!(
        "RAM allows 50 tags a share and the provider keeps 4: give at most {MOST_TAGS}, these are {count}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn tags(value: Value) -> (BTreeMap<String, String>, Vec<PropertyError>) {
        let mut errors = Vec::new();
        (Tags::read(&value, "Tags", &mut errors).unwrap().0, errors)
    }

    fn many(count: usize) -> Value {
        (0..count).map(|n| json!({ "Key": format!("k{n}"), "Value": "" })).collect()
    }

    #[test]
    fn letters_of_every_script_and_the_signs_of_aws_are_taken() {
        let key = "Kosten stelle_.:/=+-@ 費用 é";
        let (tags, errors) = tags(json!([{ "Key": key, "Value": key }, { "Key": "n", "Value": 5 }]));
        assert_eq!(errors, []);
        assert_eq!(tags.get(key).map(String::as_str), Some(key));
        assert_eq!(tags.get("n").map(String::as_str), Some("5"));
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        let good = json!([{ "Key": "é".repeat(128), "Value": "é".repeat(256) }]);
        assert_eq!(tags(good).1, []);
        let (none, errors) = tags(json!([{ "Key": "é".repeat(129), "Value": "é".repeat(257) }]));
        assert!(none.is_empty());
        assert!(errors[0].problem.ends_with("this has 129") || errors[0].problem.contains("this has 129 ("));
        assert!(errors[1].problem.ends_with("this has 257"));
    }

    #[test]
    fn forty_six_tags_fit_and_no_more() {
        assert_eq!(tags(many(46)).1, []);
        let (kept, errors) = tags(many(47));
        assert_eq!(kept.len(), 46);
        assert_eq!(errors, [PropertyError::new("Tags", too_many(47))]);
    }

    #[test]
    fn the_same_tag_twice_is_one_and_another_value_is_a_mistake() {
        let a = json!({ "Key": "a", "Value": "1" });
        let (kept, errors) = tags(json!([a, a, { "Key": "a", "Value": "2" }]));
        assert_eq!(kept.into_iter().collect::<Vec<_>>(), [("a".to_owned(), "1".to_owned())]);
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].path, "Tags[2]");
    }

    #[test]
    fn service_with_another_value_and_aws_without_a_colon_are_free() {
        let (kept, errors) = tags(
            json!([{ "Key": "Service", "Value": "Other" }, { "Key": "awsome", "Value": "LicenseManager" }]),
        );
        assert_eq!((kept.len(), errors), (2, vec![]));
    }
}
