//! Strings and lists of rules. Both are `&'static`: the built-in packs live in the binary and cost nothing at start-up;
//! what is read from a policy file at run time is leaked, once per process, which is what lets the two be one type.
//! Their `Debug` form is a Rust expression: `build.rs` prints the packs with it and the compiler reads them back.

use serde::{Deserialize, Deserializer};
use std::borrow::Borrow;
use std::cell::Cell;
use std::cmp::Ordering;
use std::fmt;
use std::ops::Deref;

/// A string of a rule.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Text(pub &'static str);

impl Text {
    /// The string.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        self.0
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(String::leak(text))
    }
}

impl Deref for Text {
    type Target = str;
    fn deref(&self) -> &str {
        self.0
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self.0
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({:?})", self.as_str())
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct AText;
        impl<'de> serde::de::Visitor<'de> for AText {
            type Value = Text;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E: serde::de::Error>(self, text: &'de str) -> Result<Text, E> {
                Ok(kept(text).map_or_else(|| Text::from(text.to_owned()), Text))
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text::from(text.to_owned()))
            }
            fn visit_string<E: serde::de::Error>(self, text: String) -> Result<Text, E> {
                Ok(Text::from(text))
            }
        }
        from.deserialize_string(AText)
    }
}

thread_local! {
    /// The text that is being read, if it stays.
    static SOURCE: Cell<&'static str> = const { Cell::new("") };
    /// Whether examples are wanted.
    static EXAMPLES: Cell<bool> = const { Cell::new(true) };
}

/// Reads something from this text, which stays: what is borrowed from it then needn't be copied. Nor are examples kept
/// that nobody wants.
pub fn borrowing<T>(text: &'static str, examples: bool, read: impl FnOnce() -> T) -> T {
    let before = (SOURCE.replace(text), EXAMPLES.replace(examples));
    let done = read();
    SOURCE.set(before.0);
    EXAMPLES.set(before.1);
    done
}

/// Calls as examples; where none are wanted, one that is empty stands for however many there are.
pub(super) fn examples<'de, D: Deserializer<'de>>(from: D) -> Result<List<Text>, D::Error> {
    struct Any(bool);
    impl<'de> serde::de::Visitor<'de> for Any {
        type Value = Self;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("one value or a list of them")
        }
        fn visit_seq<A: serde::de::SeqAccess<'de>>(mut self, mut seq: A) -> Result<Self, A::Error> {
            while seq.next_element::<Text>()?.is_some() {
                self.0 = true;
            }
            Ok(self)
        }
        fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<Self, E> {
            Ok(Self(true))
        }
    }
    if EXAMPLES.get() {
        return List::deserialize(from);
    }
    Ok(List(if from.deserialize_any(Any(false))?.0 { &[Text("")] } else { &[] }))
}

/// The same piece of the text that stays, if it is one of it.
fn kept(piece: &str) -> Option<&'static str> {
    let source = SOURCE.get();
    let start = (piece.as_ptr() as usize).checked_sub(source.as_ptr() as usize)?;
    source.get(start..start + piece.len())
}

/// A list of a rule.
#[derive(PartialEq, Eq)]
pub struct List<T: 'static>(pub &'static [T]);

impl<T> Clone for List<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for List<T> {}

impl<T: 'static> Default for List<T> {
    fn default() -> Self {
        Self(&[])
    }
}

impl<T: 'static> From<Vec<T>> for List<T> {
    fn from(items: Vec<T>) -> Self {
        Self(Vec::leak(items))
    }
}

impl<T: 'static> Deref for List<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        self.0
    }
}

impl<T: 'static> IntoIterator for &List<T> {
    type Item = &'static T;
    type IntoIter = std::slice::Iter<'static, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<T: fmt::Debug + 'static> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "List(&{:?})", self.0)
    }
}

/// Names in a row, sorted, with a blank between them. Options are many and short: as strings of their own, the place of each
/// would take more room than itself.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Names(pub &'static str);

impl Names {
    /// One after the other.
    pub fn iter(self) -> impl Iterator<Item = &'static str> {
        // Names are short: to look for the blank letter by letter is faster than what is made for long texts.
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let end = rest.bytes().position(|byte| byte == b' ').unwrap_or(rest.len());
            let (name, behind) = rest.split_at(end);
            rest = behind.get(1..).unwrap_or_default();
            (!name.is_empty()).then_some(name)
        })
    }

    /// Whether this is one of them.
    #[must_use]
    pub fn hold(self, name: &str) -> bool {
        self.find(|listed| listed.cmp(name.as_bytes()))
    }

    /// Whether this with a `*` behind it is one of them.
    #[must_use]
    pub fn hold_open(self, name: &str) -> bool {
        self.find(|listed| {
            let (start, rest) = listed.split_at(name.len().min(listed.len()));
            start.cmp(name.as_bytes()).then_with(|| rest.cmp(b"*"))
        })
    }

    /// Whether one of them begins with this.
    #[must_use]
    pub fn begin(self, start: &str) -> bool {
        self.find(|listed| listed[..start.len().min(listed.len())].cmp(start.as_bytes()))
    }

    /// Looks for one of them. There are hundreds in some lists, and to compare each would be most of what a call costs.
    fn find(self, order: impl Fn(&[u8]) -> Ordering) -> bool {
        let mut rest = self.0.as_bytes();
        while !rest.is_empty() {
            let (before, behind) = rest.split_at(rest.len() / 2);
            let start = before.iter().rposition(|byte| *byte == b' ').map_or(0, |at| at + 1);
            let end = behind.iter().position(|byte| *byte == b' ').map_or(rest.len(), |at| before.len() + at);
            rest = match order(&rest[start..end]) {
                Ordering::Equal => return true,
                Ordering::Less => rest.get(end + 1..).unwrap_or_default(),
                Ordering::Greater => &rest[..start.saturating_sub(1)],
            };
        }
        false
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Names({:?})", self.0)
    }
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let list = List::<Text>::deserialize(from)?;
        if let Some(name) = list.iter().find(|name| name.is_empty() || name.contains(' ')) {
            return Err(serde::de::Error::custom(format_args!(
                "`{name}` is not a single name: write each as one of a list"
            )));
        }
        Ok(match list.0 {
            [one] => Self(one.as_str()),
            many => {
                let mut sorted = many.to_vec();
                sorted.sort_unstable();
                Self(sorted.join(" ").leak())
            }
        })
    }
}

/// Up to this length, a list is collected before it gets its room.
const SHORT: usize = 4;
/// The most items that room is made for because somebody says that they will come.
const MANY: usize = 4_096;

/// One item or a list of items: `class = "x"` and `class = ["x"]` are the same.
impl<'de, T: Deserialize<'de> + 'static> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct OneOrMany<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de> + 'static> serde::de::Visitor<'de> for OneOrMany<T> {
            type Value = List<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one value or a list of them")
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                // Most lists are short and stay for good: they get no more room than they need.
                let mut first: [Option<T>; SHORT] = [const { None }; SHORT];
                for place in &mut first {
                    *place = seq.next_element()?;
                    if place.is_none() {
                        break;
                    }
                }
                let full = first.iter().all(Option::is_some);
                let more = if full { seq.size_hint().unwrap_or(0).min(MANY) } else { 0 };
                let mut items = Vec::with_capacity(first.iter().flatten().count() + more);
                items.extend(first.into_iter().flatten());
                while full && let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(List::from(items))
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(serde::de::value::MapAccessDeserializer::new(map)).map(|item| List::from(vec![item]))
            }
            fn visit_borrowed_str<E: serde::de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                T::deserialize(serde::de::value::BorrowedStrDeserializer::new(text)).map(|item| List::from(vec![item]))
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                T::deserialize(serde::de::value::StrDeserializer::new(text)).map(|item| List::from(vec![item]))
            }
        }
        from.deserialize_any(OneOrMany(std::marker::PhantomData))
    }
}

/// Schemas for editors; the tests write and check them (`policy/schema.rs`).
#[cfg(test)]
mod schema {
    use super::{List, Names, Text};
    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
    use std::borrow::Cow;

    impl JsonSchema for Text {
        fn inline_schema() -> bool {
            true
        }
        fn schema_name() -> Cow<'static, str> {
            "Text".into()
        }
        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({ "type": "string" })
        }
    }

    impl JsonSchema for Names {
        fn schema_name() -> Cow<'static, str> {
            List::<Text>::schema_name()
        }
        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            List::<Text>::json_schema(generator)
        }
    }

    impl<T: JsonSchema> JsonSchema for List<T> {
        fn schema_name() -> Cow<'static, str> {
            format!("{}OrList", T::schema_name()).into()
        }
        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            let one = generator.subschema_for::<T>();
            json_schema!({ "anyOf": [one, { "type": "array", "items": one }] })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn names_are_found() {
        for sorted in ["", "-a", "-# --all --force -C -i* -n /q", "--a --ab --abc --b"] {
            let names = Names(sorted);
            for name in names.iter() {
                assert!(names.hold(name) && names.begin(&name[..1]), "{name} in {sorted}");
                assert_eq!(names.hold_open(name.trim_end_matches('*')), name.ends_with('*'), "{name} in {sorted}");
            }
            for name in ["--al", "--allx", "-", "", "-i", "--force --all", "z", "é"] {
                assert!(!names.hold(name), "{name} in {sorted}");
            }
            for name in ["--al", "--forc", "--ab", "--x"] {
                assert_eq!(
                    names.begin(name),
                    names.iter().any(|listed| listed.starts_with(name)),
                    "{name} in {sorted}"
                );
            }
        }
    }
}
