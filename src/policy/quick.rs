//! Reads policy files as they are usually written, at a tenth of what the TOML reader takes, which builds the whole
//! document first. Whatever isn't written so, or is wrong, is left to that reader.

use super::model::File;
use serde::de::value::{BorrowedStrDeserializer, MapDeserializer};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};
use std::borrow::Cow;

/// The most keys of a table that are read here: each is compared with all before it.
const KEYS: usize = 64;

/// The size of a short `[[rule]]`, in bytes.
const BLOCK: usize = 200;

/// The most brackets within each other.
const DEPTH: usize = 16;

/// The characters of keys without quotes.
static BARE: [bool; 256] = {
    let mut bare = [false; 256];
    let mut byte = 0;
    while byte < bare.len() {
        bare[byte] = matches!(byte as u8, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-');
        byte += 1;
    }
    bare
};

/// What a policy file says. `None`: ask the TOML reader.
#[must_use]
pub fn file(text: &str) -> Option<File> {
    let mut reader = Reader { text, at: 0, depth: 0, keys: Vec::new() };
    File::deserialize(Whole { reader: &mut reader, value: Value::Plain }).ok()
}

/// It isn't written as usual.
#[derive(Debug, thiserror::Error)]
#[error("not read here")]
struct Unusual;

impl serde::de::Error for Unusual {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self
    }
}

struct Reader<'de> {
    text: &'de str,
    at: usize,
    depth: usize,
    /// Those of the tables that are being read, the innermost last.
    keys: Vec<&'de str>,
}

impl<'de> Reader<'de> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Goes past this, if it stands here.
    #[inline(always)]
    fn is(&mut self, wanted: &str) -> bool {
        // Nearly all fail at their first character.
        let is = self.peek() == wanted.bytes().next()
            && (wanted.len() == 1 || self.text.as_bytes()[self.at..].starts_with(wanted.as_bytes()));
        self.at += if is { wanted.len() } else { 0 };
        is
    }

    fn expect(&mut self, wanted: &str) -> Result<(), Unusual> {
        if self.is(wanted) { Ok(()) } else { Err(Unusual) }
    }

    #[inline]
    fn take(&mut self, fits: impl Fn(u8) -> bool) -> &'de str {
        let start = self.at;
        let bytes = &self.text.as_bytes()[start..];
        self.at += bytes.iter().position(|byte| !fits(*byte)).unwrap_or(bytes.len());
        // What it fits is ASCII, or goes on to the next ASCII character.
        self.text.get(start..self.at).unwrap_or_default()
    }

    #[inline(always)]
    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    /// Goes past blanks, a comment, and the end of the line.
    fn end_of_line(&mut self) -> Result<(), Unusual> {
        self.blanks();
        if self.peek() == Some(b'#') {
            self.take(is_text);
        }
        if self.is("\n") || self.is("\r\n") || self.at == self.text.len() { Ok(()) } else { Err(Unusual) }
    }

    /// Goes past blanks, comments and ends of lines.
    #[inline(always)]
    fn lines(&mut self) -> Result<(), Unusual> {
        loop {
            match self.peek() {
                Some(b' ' | b'\t') => self.at += 1,
                Some(b'#' | b'\n' | b'\r') => self.end_of_line()?,
                _ => return Ok(()),
            }
        }
    }

    /// The key of a table whose keys begin there in the list. One twice is an error, and not every type would say so: a
    /// `struct` does, and needs no list.
    fn key(&mut self, start: Option<usize>) -> Result<&'de str, Unusual> {
        let key = if self.peek() == Some(b'"') {
            let Cow::Borrowed(key) = self.string()? else { return Err(Unusual) };
            key
        } else {
            self.bare()?
        };
        self.blanks();
        self.expect("=")?;
        self.blanks();
        if let Some(start) = start {
            let known = &self.keys[start..];
            if known.len() == KEYS || known.contains(&key) {
                return Err(Unusual);
            }
            self.keys.push(key);
        }
        Ok(key)
    }

    #[inline(always)]
    fn bare(&mut self) -> Result<&'de str, Unusual> {
        let key = self.take(|byte| BARE[usize::from(byte)]);
        if key.is_empty() { Err(Unusual) } else { Ok(key) }
    }

    /// Whether a line begins here.
    fn begins(&self) -> bool {
        self.at == 0 || self.text.as_bytes()[self.at - 1] == b'\n'
    }

    fn string(&mut self) -> Result<Cow<'de, str>, Unusual> {
        let Some(quote @ (b'"' | b'\'')) = self.peek() else { return Err(Unusual) };
        self.at += 1;
        let start = self.at;
        // Nearly all of them stand for themselves, which is found out eight bytes at a time.
        let mut found = 0;
        while found == 0
            && let Some(chunk) = self.text.as_bytes()[self.at..].first_chunk()
        {
            found = odd(u64::from_le_bytes(*chunk), quote);
            self.at += found.trailing_zeros() as usize / 8;
        }
        if self.peek() != Some(quote) {
            self.at = start;
            return self.odd_string(quote);
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        self.at += 1;
        Ok(text.into())
    }

    /// A string, behind its first quote.
    #[cold]
    #[inline(never)]
    fn odd_string(&mut self, quote: u8) -> Result<Cow<'de, str>, Unusual> {
        let plain = |byte: u8| is_text(byte) && byte != quote && (byte != b'\\' || quote == b'\'');
        let mut text = Cow::Borrowed(self.take(plain));
        while self.is("\\") {
            let escaped = match self.peek() {
                Some(b'\\') => '\\',
                Some(b'"') => '"',
                Some(b'n') => '\n',
                Some(b't') => '\t',
                _ => return Err(Unusual),
            };
            self.at += 1;
            text.to_mut().push(escaped);
            text.to_mut().push_str(self.take(plain));
        }
        if self.peek() != Some(quote) {
            return Err(Unusual);
        }
        self.at += 1;
        Ok(text)
    }

    /// The next key in the lines of a table; none: there begins another.
    fn key_in_lines(&mut self, start: Option<usize>) -> Result<Option<&'de str>, Unusual> {
        self.lines()?;
        match self.peek() {
            next if next.is_none() || next == Some(b'[') && self.begins() => {
                self.keys.clear();
                Ok(None)
            }
            _ => self.key(start).map(Some),
        }
    }

    /// The next key of a table in braces.
    fn key_in_braces(&mut self, start: usize) -> Result<Option<&'de str>, Unusual> {
        self.blanks();
        if self.is("}") {
            self.keys.truncate(start);
            return Ok(None);
        }
        if self.keys.len() > start {
            self.expect(",")?;
            self.blanks();
        }
        self.key(Some(start)).map(Some)
    }

    /// Goes to the next item of a list, if there is one; `behind` another.
    fn item(&mut self, behind: bool) -> Result<bool, Unusual> {
        self.lines()?;
        if behind && self.peek() != Some(b']') {
            self.expect(",")?;
            self.lines()?;
        }
        Ok(!self.is("]"))
    }
}

/// What may stand in strings and comments as it is.
fn is_text(byte: u8) -> bool {
    byte == b'\t' || byte >= b' ' && byte != 0x7f
}

/// The high bit of every byte that is a control character, this quote or a backslash: of the lowest for sure, of those
/// above it perhaps of more.
fn odd(word: u64, quote: u8) -> u64 {
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    let below = |word: u64, limit: u8| word.wrapping_sub(EACH * u64::from(limit));
    let is = |byte: u8| below(word ^ (EACH * u64::from(byte)), 1);
    (below(word, b' ') | is(quote) | is(b'\\') | is(0x7f)) & !word & (EACH << 7)
}

/// A whole file.
struct Whole<'r, 'de> {
    reader: &'r mut Reader<'de>,
    value: Value<'de>,
}

/// What stands behind a key of the file.
enum Value<'de> {
    Plain,
    /// `[key]`
    Table,
    /// `[[key]]`
    Tables(&'de str),
}

/// The lines of a table, up to the next header.
struct Block<'r, 'de>(&'r mut Reader<'de>, Option<usize>);
/// Tables of one name in a row.
struct Blocks<'r, 'de>(&'r mut Reader<'de>, &'de str, bool);
/// A table in braces, behind its first.
struct Inline<'r, 'de>(&'r mut Reader<'de>, usize);
/// A list, behind its first bracket.
struct Items<'r, 'de>(&'r mut Reader<'de>, bool);

impl<'de> Deserializer<'de> for Whole<'_, 'de> {
    type Error = Unusual;
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unusual> {
        visitor.visit_map(self)
    }
    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for Whole<'_, 'de> {
    type Error = Unusual;
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unusual> {
        self.reader.lines()?;
        if self.reader.peek().is_none() {
            return Ok(None);
        }
        let begins = self.reader.begins();
        let key = if self.reader.is("[[") {
            let key = self.reader.bare()?;
            self.reader.expect("]]")?;
            self.value = Value::Tables(key);
            key
        } else if self.reader.is("[") {
            let key = self.reader.bare()?;
            self.reader.expect("]")?;
            self.value = Value::Table;
            key
        } else {
            self.value = Value::Plain;
            return seed.deserialize(BorrowedStrDeserializer::new(self.reader.key(None)?)).map(Some);
        };
        self.reader.end_of_line()?;
        if begins { seed.deserialize(BorrowedStrDeserializer::new(key)).map(Some) } else { Err(Unusual) }
    }
    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Unusual> {
        match self.value {
            Value::Plain => {
                let value = seed.deserialize(&mut *self.reader)?;
                self.reader.end_of_line()?;
                Ok(value)
            }
            Value::Table => seed.deserialize(Block(self.reader, Some(0))),
            Value::Tables(name) => seed.deserialize(Blocks(self.reader, name, false)),
        }
    }
}

impl<'de> Deserializer<'de> for Block<'_, 'de> {
    type Error = Unusual;
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unusual> {
        visitor.visit_map(self)
    }
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unusual> {
        visitor.visit_some(self)
    }
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unusual> {
        visitor.visit_map(Block(self.0, None))
    }
    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for Block<'_, 'de> {
    type Error = Unusual;
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unusual> {
        let key = self.0.key_in_lines(self.1)?;
        key.map(|key| seed.deserialize(BorrowedStrDeserializer::new(key))).transpose()
    }
    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Unusual> {
        let value = seed.deserialize(&mut *self.0)?;
        self.0.end_of_line()?;
        Ok(value)
    }
}

impl<'de> Deserializer<'de> for Blocks<'_, 'de> {
    type Error = Unusual;
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unusual> {
        visitor.visit_seq(self)
    }
    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> SeqAccess<'de> for Blocks<'_, 'de> {
    type Error = Unusual;
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Unusual> {
        if std::mem::replace(&mut self.2, true) {
            let rest = &self.0.text[self.0.at..];
            let next = rest.strip_prefix("[[").and_then(|rest| rest.strip_prefix(self.1));
            if next.is_none_or(|rest| !rest.starts_with("]]")) {
                return Ok(None);
            }
            self.0.at += self.1.len() + 4;
            self.0.end_of_line()?;
        }
        seed.deserialize(Block(&mut *self.0, Some(0))).map(Some)
    }
    /// A guess: room that isn't used costs nothing, growing does.
    fn size_hint(&self) -> Option<usize> {
        Some((self.0.text.len() - self.0.at) / BLOCK)
    }
}

impl<'de> MapAccess<'de> for Inline<'_, 'de> {
    type Error = Unusual;
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unusual> {
        let key = self.0.key_in_braces(self.1)?;
        key.map(|key| seed.deserialize(BorrowedStrDeserializer::new(key))).transpose()
    }
    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Unusual> {
        seed.deserialize(&mut *self.0)
    }
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = Unusual;
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Unusual> {
        let behind = std::mem::replace(&mut self.1, true);
        if self.0.item(behind)? { seed.deserialize(&mut *self.0).map(Some) } else { Ok(None) }
    }
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Unusual;
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unusual> {
        match self.peek() {
            Some(b'"' | b'\'') => match self.string()? {
                Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
                Cow::Owned(text) => visitor.visit_string(text),
            },
            Some(open @ (b'[' | b'{')) => {
                self.at += 1;
                self.depth += 1;
                if self.depth > DEPTH {
                    return Err(Unusual);
                }
                let start = self.keys.len();
                let value = match open {
                    b'[' => visitor.visit_seq(Items(&mut *self, false)),
                    _ => visitor.visit_map(Inline(&mut *self, start)),
                }?;
                self.depth -= 1;
                Ok(value)
            }
            _ if self.is("true") => visitor.visit_bool(true),
            _ if self.is("false") => visitor.visit_bool(false),
            Some(b'0'..=b'9') => {
                let digits = self.take(|byte| byte.is_ascii_digit());
                let plain = digits.len() < 9 && (digits == "0" || !digits.starts_with('0'));
                let ends = !matches!(self.peek(), Some(b'.' | b'_' | b'-' | b':' | b'e' | b'E' | b'x' | b'o' | b'b'));
                if !plain || !ends {
                    return Err(Unusual);
                }
                visitor.visit_i64(digits.parse().map_err(|_| Unusual)?)
            }
            _ => Err(Unusual),
        }
    }
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unusual> {
        visitor.visit_some(self)
    }
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unusual> {
        match fields {
            // This is how the TOML reader's type asks for a date.
            [field] if field.starts_with("$__toml") && self.peek().is_some_and(|byte| byte.is_ascii_digit()) => {
                let date = self.take(|byte| byte.is_ascii_digit() || byte == b'-');
                visitor.visit_map(MapDeserializer::new(std::iter::once((*field, date))))
            }
            _ => self.deserialize_any(visitor),
        }
    }
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unusual> {
        visitor.visit_enum(BorrowedStrDeserializer::new(<&str>::deserialize(self)?))
    }
    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map identifier ignored_any
    }
}

#[cfg(test)]
mod tests;
