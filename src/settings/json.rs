//! JSON with the places of its values, so that one can be changed without touching the text around it.
//!
//! As strict as the client: it takes no comments and no comma before a bracket, and drops the whole file over one.

use serde_json::Value;
use std::collections::HashSet;
use std::ops::Range;

/// The deepest nesting that is read.
const DEPTH: usize = 100;

/// A value, and the bytes of the text that it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// From its first byte to the one after its last.
    pub span: Range<usize>,
    /// What it is.
    pub kind: Kind,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An object, its members in the order of the text.
    Object(Vec<Member>),
    /// A list.
    Array(Vec<Node>),
    /// A string.
    Text(String),
    /// A number, `true`, `false` or `null`.
    Other,
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The key, without its quotes.
    pub key: String,
    /// Where the key begins.
    pub start: usize,
    /// The value.
    pub value: Node,
}

/// Something that is wrong in a text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The byte in the text.
    pub at: usize,
    /// What is wrong, and what to do.
    pub what: String,
}

impl Wrong {
    /// At this byte.
    pub fn new(at: usize, what: impl Into<String>) -> Self {
        Self { at, what: what.into() }
    }
}

impl Node {
    /// The members of an object.
    #[must_use]
    pub fn members(&self) -> Option<&[Member]> {
        if let Kind::Object(members) = &self.kind { Some(members) } else { None }
    }

    /// The values of a list.
    #[must_use]
    pub fn items(&self) -> Option<&[Self]> {
        if let Kind::Array(items) = &self.kind { Some(items) } else { None }
    }

    /// The value of a key. Of a key that stands there twice the last counts, as for the client.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.members()?.iter().rev().find(|member| member.key == key).map(|member| &member.value)
    }

    /// The string that it is.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if let Kind::Text(text) = &self.kind { Some(text) } else { None }
    }

    /// The first key that stands in this object twice.
    #[must_use]
    pub fn twice(&self) -> Option<&Member> {
        let mut seen = HashSet::new();
        self.members()?.iter().find(|member| !seen.insert(member.key.as_str()))
    }

    /// The same value without its places.
    #[must_use]
    pub fn value(&self, text: &str) -> Value {
        text.get(self.span.clone()).and_then(|part| serde_json::from_str(part).ok()).unwrap_or_default()
    }
}

/// Reads a text as JSON.
///
/// # Errors
/// It isn't, and the client wouldn't take it either.
pub fn parse(text: &str) -> Result<Node, Wrong> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    reader.space();
    let node = reader.value()?;
    reader.space();
    if reader.at < text.len() {
        return Err(reader.unexpected("the end of the file"));
    }
    // What serde_json can't read, nothing here could look into later.
    serde_json::from_str::<Value>(text).map_err(|error| Wrong::new(offset(text, &error), error.to_string()))?;
    Ok(node)
}

fn offset(text: &str, error: &serde_json::Error) -> usize {
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    (before + error.column().saturating_sub(1)).min(text.len())
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn space(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
    }

    fn next(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn takes(&mut self, byte: u8) -> bool {
        let takes = self.next() == Some(byte);
        self.at += usize::from(takes);
        takes
    }

    fn unexpected(&self, wanted: &str) -> Wrong {
        let rest = &self.text[self.at..];
        if rest.starts_with("//") || rest.starts_with("/*") || rest.starts_with('#') {
            return Wrong::new(self.at, "a comment: the client takes none in its settings; take it out");
        }
        match rest.chars().next() {
            None => Wrong::new(self.at, format!("the file ends here, and should go on with {wanted}")),
            Some('\'') => Wrong::new(self.at, format!("a `'`, and should be {wanted}: strings stand in `\"`")),
            Some(c) => Wrong::new(self.at, format!("`{c}`, and should be {wanted}")),
        }
    }

    fn value(&mut self) -> Result<Node, Wrong> {
        let start = self.at;
        let kind = match self.next() {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::array)?,
            Some(b'"') => Kind::Text(self.string()?),
            _ => self.word()?,
        };
        Ok(Node { span: start..self.at, kind })
    }

    fn nested(&mut self, inside: fn(&mut Self) -> Result<Kind, Wrong>) -> Result<Kind, Wrong> {
        if self.depth == DEPTH {
            return Err(Wrong::new(self.at, format!("it is nested more than {DEPTH} deep")));
        }
        self.depth += 1;
        self.at += 1;
        let kind = inside(self)?;
        self.depth -= 1;
        Ok(kind)
    }

    fn object(&mut self) -> Result<Kind, Wrong> {
        let mut members = Vec::new();
        self.space();
        if self.takes(b'}') {
            return Ok(Kind::Object(members));
        }
        loop {
            self.space();
            let start = self.at;
            if self.next() != Some(b'"') {
                return Err(self.unexpected("a key in `\"`"));
            }
            let key = self.string()?;
            self.space();
            if !self.takes(b':') {
                return Err(self.unexpected("a `:`"));
            }
            self.space();
            let value = self.value()?;
            members.push(Member { key, start, value });
            if self.ends(b'}')? {
                return Ok(Kind::Object(members));
            }
        }
    }

    fn array(&mut self) -> Result<Kind, Wrong> {
        let mut items = Vec::new();
        self.space();
        if self.takes(b']') {
            return Ok(Kind::Array(items));
        }
        loop {
            self.space();
            items.push(self.value()?);
            if self.ends(b']')? {
                return Ok(Kind::Array(items));
            }
        }
    }

    /// Whether the bracket comes that ends this; otherwise there is a comma, and something behind it.
    fn ends(&mut self, bracket: u8) -> Result<bool, Wrong> {
        self.space();
        if self.takes(bracket) {
            return Ok(true);
        }
        let comma = self.at;
        if !self.takes(b',') {
            return Err(self.unexpected(&format!("a `,` or a `{}`", bracket as char)));
        }
        self.space();
        if self.next() == Some(bracket) {
            let what = format!("a comma before a `{}`: the client takes none there; take it out", bracket as char);
            return Err(Wrong::new(comma, what));
        }
        Ok(false)
    }

    fn string(&mut self) -> Result<String, Wrong> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        self.at += 1;
        loop {
            match bytes.get(self.at) {
                None => return Err(Wrong::new(start, "a string without its end")),
                Some(b'\n' | b'\r') => return Err(Wrong::new(start, "a string without its end on the same line")),
                Some(b'\\') => self.at = (self.at + 2).min(bytes.len()),
                Some(b'"') => break,
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        let token = self.text.get(start..self.at).unwrap_or_default();
        serde_json::from_str(token)
            .map_err(|_| Wrong::new(start, "a string with an escape or a character that JSON doesn't take"))
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Result<Kind, Wrong> {
        let rest = &self.text[self.at..];
        let size = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.')).count();
        match serde_json::from_str::<Value>(&rest[..size]) {
            Ok(_) if size > 0 => {
                self.at += size;
                Ok(Kind::Other)
            }
            _ => Err(self.unexpected("a value")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_their_places() {
        let text = "{ \"a\" : [1, {\"b\\u0062\":\"x\\\"y\"} ,null],\n\t\"ü\":true}";
        let root = parse(text).expect("JSON");
        let shown = |node: &Node| text[node.span.clone()].to_owned();
        assert_eq!(shown(&root), text);
        let list = root.get("a").expect("a list");
        assert_eq!(
            list.items().expect("items").iter().map(shown).collect::<Vec<_>>(),
            ["1", r#"{"b\u0062":"x\"y"}"#, "null"]
        );
        let inner = &list.items().expect("items")[1].members().expect("members")[0];
        assert_eq!((inner.key.as_str(), inner.value.text()), ("bb", Some("x\"y")));
        assert_eq!(root.get("ü").map(|node| node.value(text)), Some(Value::Bool(true)));
    }

    #[test]
    fn what_the_client_does_not_take_is_told_with_its_place() {
        for (text, at, what) in [
            ("", 0, "ends here"),
            ("{\"a\":1,}", 6, "comma before a `}`"),
            ("[1,2 ,\n]", 5, "comma before a `]`"),
            ("{ // x\n}", 2, "comment"),
            ("{\"a\":1 /* x */}", 7, "comment"),
            ("# x\n{}", 0, "comment"),
            ("{'a':1}", 1, "strings stand in"),
            ("{a:1}", 1, "a key"),
            ("{\"a\" 1}", 5, "a `:`"),
            ("{\"a\":1 \"b\":2}", 7, "a `,` or a `}`"),
            ("{\"a\":01}", 5, "a value"),
            ("{\"a\":NaN}", 5, "a value"),
            ("{\"a\":\"x\n\"}", 5, "without its end"),
            ("{\"a\":\"\\x\"}", 5, "doesn't take"),
            ("{\"a\":\"", 5, "without its end"),
            ("{\"a\":\"\\", 5, "without its end"),
            ("{} {}", 3, "the end of the file"),
            ("{\"a\":\u{a0}1}", 5, "a value"),
        ] {
            let wrong = parse(text).expect_err(text);
            assert!(wrong.at == at && wrong.what.contains(what), "{text}: {wrong:?}");
        }
        assert!(parse(&"[".repeat(100_000)).expect_err("deep").what.contains("deep"));
    }

    #[test]
    fn of_two_keys_the_last_counts() {
        let root = parse(r#"{"a":1,"b":2,"a":3}"#).expect("JSON");
        assert_eq!(root.get("a").map(|node| node.span.clone()), Some(17..18));
        assert_eq!(root.twice().map(|member| member.start), Some(13));
    }
}
