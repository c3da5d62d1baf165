//! A JSON field whose type isn't taken for granted.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::event::Unreadable;

/// What stands in a field. Serde's own errors don't name the field; here whoever asks for a type knows its name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Field<'a> {
    /// The field isn't there.
    #[default]
    Missing,
    /// `null`.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// A number; which one doesn't matter to the guard.
    Number,
    /// A string.
    Text(Cow<'a, str>),
    /// An array, skipped.
    Array,
    /// An object, skipped.
    Object,
}

impl<'a> Field<'a> {
    /// The string in this field.
    pub fn text(self, field: &'static str) -> Result<Cow<'a, str>, Unreadable> {
        match self {
            Self::Text(text) => Ok(text),
            other => Err(other.instead_of("a string", field)),
        }
    }

    /// The string in this field, if there is any.
    pub fn optional_text(self, field: &'static str) -> Result<Option<Cow<'a, str>>, Unreadable> {
        match self {
            Self::Missing | Self::Null => Ok(None),
            other => other.text(field).map(Some),
        }
    }

    /// The flag in this field; not set where there is none.
    pub fn flag(&self, field: &'static str) -> Result<bool, Unreadable> {
        match self {
            Self::Missing | Self::Null => Ok(false),
            Self::Flag(flag) => Ok(*flag),
            other => Err(other.instead_of("true or false", field)),
        }
    }

    /// Makes sure that an object stands here.
    pub fn object(&self, field: &'static str) -> Result<(), Unreadable> {
        match self {
            Self::Object => Ok(()),
            other => Err(other.instead_of("an object", field)),
        }
    }

    /// Makes sure that an object stands here, or nothing.
    pub fn optional_object(&self, field: &'static str) -> Result<(), Unreadable> {
        match self {
            Self::Missing | Self::Null => Ok(()),
            other => other.object(field),
        }
    }

    fn instead_of(&self, wanted: &'static str, field: &'static str) -> Unreadable {
        let found = match self {
            Self::Missing => "missing",
            Self::Null => "null",
            Self::Flag(_) => "a flag",
            Self::Number => "a number",
            Self::Text(_) => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        };
        Unreadable::Field { field, found, wanted }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Field<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyField)
    }
}

struct AnyField;

impl<'de> Visitor<'de> for AnyField {
    type Value = Field<'de>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Field::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Field::Flag(flag))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Field::Number)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Field::Number)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Field::Number)
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Field::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Field::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Field::Array)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Field::Object)
    }
}
