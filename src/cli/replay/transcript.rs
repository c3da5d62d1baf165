//! One line of a transcript, as far as it matters here: which calls were made, and which of them ran.
//!
//! The format is the client's own business and changes between its releases. So nothing is taken for granted: unknown
//! fields, lines and kinds of content are passed over, and what is of another type than it was is as if it weren't there.

use crate::hook::field::Field;
use crate::hook::surrogates;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::marker::PhantomData;

/// What a line says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Line<'a> {
    pub(super) cwd: Option<Cow<'a, str>>,
    pub(super) session: Option<Cow<'a, str>>,
    /// Milliseconds since 1970-01-01 in UTC.
    pub(super) time: Option<u64>,
    /// The session's permission mode, where the line says it.
    pub(super) mode: Option<Cow<'a, str>>,
    pub(super) calls: Vec<Used>,
    pub(super) outcomes: Vec<(u64, Outcome)>,
}

/// A tool was used.
#[derive(Debug, PartialEq)]
pub(super) struct Used {
    /// What stands for its id; 0 where it has none.
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) input: Value,
    /// The line held half a surrogate pair.
    pub(super) damaged: bool,
}

/// What became of a call then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
pub(super) enum Outcome {
    /// The transcript doesn't say.
    #[default]
    Unknown,
    /// It didn't run: a person, a rule or a hook refused it, or the client found it wrong.
    Stopped,
    /// It ran, whether or not it failed.
    Ran,
}

/// A call or a result can only stand in a line that holds one of these; so can what the client says of its mode.
const WORDS: [&str; 3] = ["\"tool_use\"", "\"tool_result\"", "\"permissionMode\""];

/// The most objects in a line with calls: what they take in memory is a hundred times their text, and the hook wouldn't read
/// them either.
const OBJECTS: usize = 1 << 17;

/// Reads a line. `None`: it can't be read.
pub(super) fn read(bytes: &[u8]) -> Option<Line<'_>> {
    let text = std::str::from_utf8(bytes).ok()?.trim();
    if !text.starts_with('{') || !text.ends_with('}') {
        return None;
    }
    if !WORDS.iter().any(|word| text.contains(word)) {
        return Some(Line::default());
    }
    if text.len() > OBJECTS && text.contains(WORDS[0]) && text.bytes().filter(|byte| *byte == b'{').count() > OBJECTS {
        return None;
    }
    // What a tool gave is long, and only of interest where it is an error.
    if !text.contains("\"is_error\":true") && !text.contains("\"is_error\": true") {
        if let Some(line) = parsed::<Unsaid>(text) {
            return Some(line);
        }
    } else if let Some(line) = parsed::<Said<'_>>(text) {
        return Some(line);
    }
    // JavaScript strings may hold half a surrogate pair; Rust's can't.
    let mut line = parsed::<Said<'_>>(&surrogates::repaired(text)?)?.kept();
    line.calls.iter_mut().for_each(|used| used.damaged = true);
    Some(line)
}

impl Line<'_> {
    /// The same, without what it was read from.
    fn kept(self) -> Line<'static> {
        let kept = |text: Option<Cow<'_, str>>| text.map(|text| Cow::Owned(text.into_owned()));
        Line { cwd: kept(self.cwd), session: kept(self.session), mode: kept(self.mode), ..self }
    }
}

fn parsed<'a, C: Content<'a>>(text: &'a str) -> Option<Line<'a>> {
    serde_json::from_str::<Raw<'a, C>>(text).ok().map(|raw| raw.line())
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "C: Content<'de>"))]
struct Raw<'a, C> {
    #[serde(borrow, rename = "type")]
    kind: Field<'a>,
    #[serde(borrow)]
    cwd: Field<'a>,
    #[serde(borrow, rename = "sessionId")]
    session: Field<'a>,
    #[serde(borrow)]
    timestamp: Field<'a>,
    #[serde(borrow, rename = "permissionMode")]
    mode: Field<'a>,
    /// Newer clients say why a call didn't run, and what was decided about it.
    #[serde(borrow, rename = "toolDenialKind")]
    denial: Field<'a>,
    #[serde(borrow, rename = "permissionDecision")]
    permission: Lenient<Permission<'a>>,
    #[serde(borrow)]
    message: Lenient<Message<'a, C>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Permission<'a> {
    #[serde(borrow)]
    decision: Field<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "C: Content<'de>"))]
struct Message<'a, C> {
    #[serde(borrow)]
    content: Blocks<'a, C>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "C: Content<'de>"))]
struct Block<'a, C> {
    #[serde(borrow, rename = "type")]
    kind: Field<'a>,
    #[serde(borrow)]
    id: Field<'a>,
    #[serde(borrow)]
    name: Field<'a>,
    input: Value,
    #[serde(borrow)]
    tool_use_id: Field<'a>,
    #[serde(borrow)]
    is_error: Field<'a>,
    content: C,
}

impl<'a, C: Content<'a>> Raw<'a, C> {
    fn line(self) -> Line<'a> {
        let mut line = Line {
            cwd: text(self.cwd).filter(|cwd| !cwd.is_empty()),
            session: text(self.session),
            time: text(self.timestamp).and_then(|text| super::super::log::when::stamp(&text)),
            mode: text(self.mode),
            ..Line::default()
        };
        let refused = matches!(self.denial, Field::Text(_))
            || matches!(self.permission.0.decision, Field::Text(word) if word == "reject");
        let (calls, results) = match self.kind {
            Field::Text(kind) => (kind == "assistant", kind == "user"),
            _ => (false, false),
        };
        for block in self.message.0.content.0 {
            match block.kind {
                Field::Text(kind) if kind == "tool_use" && calls => {
                    let Field::Text(name) = block.name else { continue };
                    let (id, name) = (text(block.id).map_or(0, |id| hash(&id)), name.into_owned());
                    line.calls.push(Used { id, name, input: block.input, damaged: false });
                }
                Field::Text(kind) if kind == "tool_result" && results => {
                    let Field::Text(id) = &block.tool_use_id else { continue };
                    let failed = matches!(block.is_error, Field::Flag(true));
                    let stopped = refused || failed && is_refusal(block.content.said());
                    line.outcomes.push((hash(id), if stopped { Outcome::Stopped } else { Outcome::Ran }));
                }
                _ => {}
            }
        }
        line
    }
}

/// Whether what the agent was told means that its call didn't run. Only for clients that don't say so themselves.
fn is_refusal(said: &str) -> bool {
    const BEGINNINGS: [&str; 9] = [
        "The user doesn't want to proceed",
        "The user doesn't want to take this action",
        "[Request interrupted by user for tool use]",
        "<tool_use_error>",
        "InputValidationError",
        "PreToolUse:",
        "Hook PreToolUse:",
        "Permission to use",
        "Permission for this",
    ];
    let said = said.trim_start();
    BEGINNINGS.iter().any(|beginning| said.starts_with(beginning))
        || said.contains("haven't granted it yet")
        // As older clients hand on a reason of countersign's own.
        || said.contains("\nLost: ") && said.contains("\nInstead: ") && said.contains("\nRule: ")
}

fn text(field: Field<'_>) -> Option<Cow<'_, str>> {
    match field {
        Field::Text(text) => Some(text),
        _ => None,
    }
}

/// What stands for an id. It is the same in every run.
pub(super) fn hash(text: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish().max(1)
}

/// An object of which some fields matter. Whatever else stands in its place is one without any.
#[derive(Default)]
struct Lenient<T>(T);

/// A list of such objects.
#[derive(Default)]
struct Blocks<'a, C>(Vec<Block<'a, C>>);

/// A text, or the first text of a list of blocks.
#[derive(Default)]
struct Said<'a>(Cow<'a, str>);

/// What a tool gave, as far as it is kept.
trait Content<'de>: Deserialize<'de> + Default {
    /// What the agent was told.
    fn said(&self) -> &str;
}

impl<'de: 'a, 'a> Content<'de> for Said<'a> {
    fn said(&self) -> &str {
        &self.0
    }
}

/// What a tool gave, where nobody wants to know.
#[derive(Default)]
struct Unsaid;

impl<'de> Deserialize<'de> for Unsaid {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(from).map(|_| Self)
    }
}

impl Content<'_> for Unsaid {
    fn said(&self) -> &str {
        ""
    }
}

/// A visitor for what may be of any type: all that isn't said here stands for the default.
macro_rules! whatever {
    ($($method:ident: $type:ty),+) => {
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("anything")
        }
        $(fn $method<E: Error>(self, _: $type) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        })+
        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
    };
}

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Any<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de> + Default> Visitor<'de> for Any<T> {
            type Value = Lenient<T>;
            whatever!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Lenient)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Lenient::default())
            }
        }
        from.deserialize_any(Any(PhantomData))
    }
}

impl<'de: 'a, 'a, C: Content<'de>> Deserialize<'de> for Blocks<'a, C> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Any<'a, C>(PhantomData<(&'a (), C)>);
        impl<'de: 'a, 'a, C: Content<'de>> Visitor<'de> for Any<'a, C> {
            type Value = Blocks<'a, C>;
            whatever!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Blocks::default())
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut blocks = Vec::new();
                while let Some(Lenient(block)) = list.next_element::<Lenient<Block<'a, C>>>()? {
                    blocks.push(block);
                }
                Ok(Blocks(blocks))
            }
        }
        from.deserialize_any(Any::<'a, C>(PhantomData))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Said<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Piece<'a> {
            #[serde(borrow)]
            text: Field<'a>,
        }
        struct Any<'a>(PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for Any<'a> {
            type Value = Said<'a>;
            whatever!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64);
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Said(Cow::Borrowed(text)))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Said(Cow::Owned(text.to_owned())))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Said::default())
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut said = Said::default();
                while let Some(Lenient(piece)) = list.next_element::<Lenient<Piece<'a>>>()? {
                    if let (Field::Text(text), true) = (piece.text, said.0.is_empty()) {
                        said.0 = text;
                    }
                }
                Ok(said)
            }
        }
        from.deserialize_any(Any(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line<'_> {
        read(text.as_bytes()).expect(text)
    }

    #[test]
    fn calls_and_what_became_of_them_are_read() {
        let used = line(
            r#"{"isSidechain":false,"message":{"role":"assistant","content":[{"type":"text","text":"\"tool_use\""},{"type":"tool_use","id":"t1","name":"Bash","input":{"command":"ls"}}]},"type":"assistant","timestamp":"2026-11-22T00:00:01.5Z","cwd":"/home/dev/shop","sessionId":"s"}"#,
        );
        assert_eq!(used.calls.len(), 1);
        assert_eq!((used.calls[0].name.as_str(), used.calls[0].id), ("Bash", hash("t1")));
        assert_eq!((used.cwd.as_deref(), used.time), (Some("/home/dev/shop"), Some(20_779 * 86_400_000 + 1_500)));
        for (rest, wanted) in [
            (r#""content":"ok""#, Outcome::Ran),
            (r#""content":[{"type":"text","text":"ok"}]"#, Outcome::Ran),
            (r#""is_error":true,"content":"Exit code 1\nThe user doesn't want to proceed""#, Outcome::Ran),
            (r#""is_error":true,"content":"The user doesn't want to proceed with this tool use.""#, Outcome::Stopped),
            (
                r#""is_error":true,"content":[{"type":"text","text":"PreToolUse:Bash hook error: no"}]"#,
                Outcome::Stopped,
            ),
            (r#""is_error":true,"content":"<tool_use_error>no such file</tool_use_error>""#, Outcome::Stopped),
            (r#""is_error":true,"content":"`x`: disruptive\nLost: y.\nInstead: z.\nRule: a.b""#, Outcome::Stopped),
        ] {
            let text = format!(
                r#"{{"type":"user","message":{{"content":[{{"type":"tool_result","tool_use_id":"t1",{rest}}}]}}}}"#
            );
            assert_eq!(line(&text).outcomes, [(hash("t1"), wanted)], "{text}");
        }
        // The client says it itself, whatever the agent was told.
        for said in [r#""toolDenialKind":"user-rejected""#, r#""permissionDecision":{"decision":"reject"}"#] {
            let text = format!(
                r#"{{"type":"user",{said},"message":{{"content":[{{"type":"tool_result","tool_use_id":"t1","content":"no"}}]}}}}"#
            );
            assert_eq!(line(&text).outcomes, [(hash("t1"), Outcome::Stopped)], "{text}");
        }
    }

    #[test]
    fn what_is_odd_is_passed_over() {
        for text in [
            r#"{"type":"summary","summary":"x"}"#,
            r#"{"type":"assistant","message":"\"tool_use\"","cwd":5}"#,
            r#"{"type":"assistant","message":{"content":"tool_use"},"cwd":null,"timestamp":7}"#,
            r#"{"type":"assistant","message":{"content":[1,null,"x",[],{"type":"tool_use"},{"type":"tool_use","name":["x"]}]}}"#,
            r#"{"type":"progress","message":{"content":[{"type":"tool_use","id":"t","name":"Bash","input":{}}]}}"#,
            r#"{"type":"user","permissionDecision":"accept","message":{"content":[{"type":"tool_result","content":"x"}]}}"#,
        ] {
            let read = line(text);
            assert!(read.calls.is_empty() && read.outcomes.is_empty(), "{text}: {read:?}");
        }
        for text in [
            "",
            "x",
            "{\"type\":\"assistant\",\"message\":{\"content\":[{\"type\":\"tool_use\"",
            "[\"tool_use\"]",
            "{\"tool_use\":}",
        ] {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
        let many = format!(r#"{{"type":"assistant","x":["tool_use",{}{{}}]}}"#, "{},".repeat(OBJECTS));
        assert_eq!(read(many.as_bytes()), None);
        assert_eq!(read(b"{\"tool_use\":\"\xff\"}"), None);
        let half = line(
            r#"{"type":"assistant","message":{"content":[{"type":"tool_use","id":"t","name":"Bash","input":{"command":"ls \ud800"}}]}}"#,
        );
        assert!(half.calls[0].damaged);
    }
}
