//! How a property is read: its JSON schema and its reader are one trait, so that they cannot drift apart.
//!
//! CloudFormation turns every scalar into a string on its way (`true` arrives as `"true"`), other callers do not; both
//! are taken. `null` counts as absent.

use super::property_error::PropertyError;
use crate::protocol::lenient::{Mistake, boolean, element, list, string};
use crate::protocol::reason::chain;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::borrow::Cow;
use std::marker::PhantomData;

/// A type that a property, or an element of a list, can have.
pub trait Wire: Sized {
    /// What a template may write there.
    fn schema(generator: &mut SchemaGenerator) -> Schema;

    /// Reads `value`, which stands at `path`. What is wrong goes to `errors`; `None` where nothing can be made of it.
    fn read(value: &Value, path: &str, errors: &mut Vec<PropertyError>) -> Option<Self>;
}

/// A value and where it stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At<T> {
    /// `Principals[2]`.
    pub path: String,
    /// What was read there.
    pub value: T,
}

/// A property as it came, not read yet, with its own name: a wrong value must not keep the others from being read,
/// and names are written once, in the struct that holds the fields.
#[derive(Clone, Debug)]
pub struct Field<T> {
    path: String,
    raw: Option<Value>,
    kind: PhantomData<T>,
}

impl<T: Wire> Field<T> {
    /// Whether the template says anything here.
    pub fn is_given(&self) -> bool {
        self.raw.is_some()
    }

    /// Whether it is absent, or a list without elements.
    pub fn is_empty_list(&self) -> bool {
        self.raw.as_ref().is_none_or(|raw| raw.as_array().is_some_and(Vec::is_empty))
    }

    /// Where it stands: its name, below what holds it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What it holds; `None` where it is absent, or wrong, which goes to `errors`.
    pub fn read(&self, errors: &mut Vec<PropertyError>) -> Option<T> {
        self.raw.as_ref().and_then(|raw| T::read(raw, &self.path, errors))
    }

    /// What it holds; absence is a mistake too.
    pub fn require(&self, errors: &mut Vec<PropertyError>) -> Option<T> {
        if self.raw.is_none() {
            errors.push(PropertyError::new(&self.path, "this is required"));
        }
        self.read(errors)
    }
}

impl<T> Default for Field<T> {
    fn default() -> Self {
        Self { path: String::new(), raw: None, kind: PhantomData }
    }
}

/// From `[path, value]`, as [`super::object::read`] hands it out.
impl<'de, T> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (path, raw) = Deserialize::deserialize(deserializer)?;
        Ok(Self { path, raw, kind: PhantomData })
    }
}

impl<T: Wire> JsonSchema for Field<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Field".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::schema(generator)
    }
}

impl Wire for bool {
    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "enum": [true, false, "true", "false"], "default": bool::default() })
    }

    fn read(value: &Value, path: &str, errors: &mut Vec<PropertyError>) -> Option<Self> {
        told(boolean(value, path), errors)
    }
}

impl Wire for String {
    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }

    fn read(value: &Value, path: &str, errors: &mut Vec<PropertyError>) -> Option<Self> {
        told(string(value, path), errors)
    }
}

impl<T: Wire> Wire for Vec<At<T>> {
    fn schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "items": T::schema(generator), "default": [] })
    }

    fn read(value: &Value, path: &str, errors: &mut Vec<PropertyError>) -> Option<Self> {
        let items = told(list(value, path), errors)?;
        let mut read = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let path = element(path, index);
            if let Some(value) = T::read(item, &path, errors) {
                read.push(At { path, value });
            }
        }
        Some(read)
    }
}

fn told<T>(read: Result<T, Mistake>, errors: &mut Vec<PropertyError>) -> Option<T> {
    read.map_err(|mistake| errors.push(PropertyError::of(mistake))).ok()
}

/// Reads a text that `parse` makes a `T` of; what `parse` refuses is told with the text itself.
pub(crate) fn parsed<T, E: std::error::Error>(
    value: &Value,
    path: &str,
    errors: &mut Vec<PropertyError>,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Option<T> {
    let text = String::read(value, path, errors)?;
    parse(&text).map_err(|error| errors.push(PropertyError::found(path, chain(&error), &text))).ok()
}
