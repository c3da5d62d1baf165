//! Countersignatures: a person's approval of one exact call, once.
//!
//! A denied call that policy lets a person approve leaves a request in the person's state folder, by a short code that the
//! reason names. `countersign approve` shows it to the person, at a terminal that the agent has no hand in, and writes the
//! approval; or a signature over the call takes its place, made anywhere. The next time that the same call is denied, the
//! hook finds the approval and uses it up.
//!
//! What binds is the digest: tool, input, directory and session. The code only names it. Calls that aren't denied touch
//! nothing of this.

pub mod folder;
pub mod letter;
pub mod pass;
pub mod request;
pub mod ssh;

use crate::call::{Call, ToolCall};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// How long an approval holds, in seconds.
pub const LASTS: u64 = 600;
/// How long a request can be approved, in seconds.
pub const KEPT: u64 = 4 * 3600;
/// How long a letter can be signed and applied, in seconds.
pub const SIGNABLE: u64 = 3600;
/// The longest input of a call that can be approved, as JSON, in bytes: nobody reads more, and a letter with it fits into a
/// pipe.
pub const LONG: usize = 24 << 10;

/// The letters of a code: without those that look like others.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// How many letters a code has.
const CODE: usize = 6;

/// What is approved: a call, and where it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The tool's name.
    pub tool: String,
    /// What the tool is given, as JSON with its keys in order.
    pub input: String,
    /// The working directory.
    pub cwd: String,
    /// The session's id.
    pub session: String,
}

impl Subject {
    /// Of a call, from the event that it came in. `None`: it can't be known exactly, or is too long to be looked through.
    #[must_use]
    pub fn of(call: &Call, event: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Event {
            tool_input: Value,
        }
        if call.damaged || event.len() > 4 * LONG {
            return None;
        }
        let Event { tool_input: mut input } = serde_json::from_slice(event).ok()?;
        // What the agent says about a command does nothing, and is said anew each time.
        if matches!(call.tool, ToolCall::Bash { .. })
            && let Value::Object(input) = &mut input
        {
            input.remove("description");
        }
        let input = canonical(&input);
        let session = call.session.clone().filter(|session| !session.is_empty())?;
        (input.len() <= LONG).then(|| Self { tool: call.tool.name().to_owned(), input, cwd: call.cwd.clone(), session })
    }

    /// What it is known by.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut sum = Sha256::new();
        for part in ["countersign approval 1", &self.tool, &self.input, &self.cwd, &self.session] {
            sum.update((part.len() as u64).to_le_bytes());
            sum.update(part.as_bytes());
        }
        sum.finalize().iter().fold(String::new(), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
    }

    /// The call for a person: what would run, or the input's fields each by itself.
    #[must_use]
    pub fn shown(&self) -> String {
        let Ok(Value::Object(input)) = serde_json::from_str(&self.input) else { return self.input.clone() };
        let mut out = String::new();
        // The command first, and bare: it is what somebody reads.
        for (key, value) in &input {
            let plain =
                (self.tool == "Bash" || self.tool == "PowerShell" || self.tool == "Monitor") && key == "command";
            match value {
                Value::String(text) if plain => out.insert_str(0, &format!("{text}\n")),
                Value::String(text) => {
                    let _ = writeln!(out, "{key}: {text}");
                }
                other => {
                    let _ = writeln!(out, "{key}: {other}");
                }
            }
        }
        out.trim_end_matches('\n').to_owned()
    }
}

/// The JSON of a value with the keys of every object in order, and nothing invisible in it.
fn canonical(value: &Value) -> String {
    fn write(value: &Value, out: &mut String) {
        match value {
            Value::Object(map) => {
                let mut keys: Vec<&String> = map.keys().collect();
                keys.sort_unstable();
                out.push('{');
                for (at, key) in keys.into_iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    out.push_str(&text(key));
                    out.push(':');
                    write(&map[key], out);
                }
                out.push('}');
            }
            Value::Array(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    write(item, out);
                }
                out.push(']');
            }
            Value::String(words) => out.push_str(&text(words)),
            other => {
                let _ = std::fmt::Write::write_fmt(out, format_args!("{other}"));
            }
        }
    }
    let mut out = String::new();
    write(value, &mut out);
    out
}

/// A JSON string in one line, in which nothing is invisible.
#[must_use]
pub fn text(text: &str) -> String {
    let json = Value::from(text).to_string();
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if crate::hook::clean::is_hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// The name of a request, without its dash.
#[must_use]
pub fn code_of(digest: &str) -> String {
    let mut bits = u64::from_str_radix(digest.get(..16).unwrap_or_default(), 16).unwrap_or_default();
    let mut letter = || {
        let letter = LETTERS[(bits & 31) as usize];
        bits >>= 5;
        char::from(letter)
    };
    (0..CODE).map(|_| letter()).collect()
}

/// A code as people read it: `K7QM-2F`.
#[must_use]
pub fn spelled(code: &str) -> String {
    match code.split_at_checked(4) {
        Some((head, tail)) if !tail.is_empty() => format!("{head}-{tail}"),
        _ => code.to_owned(),
    }
}

/// A code as people type it.
#[must_use]
pub fn typed(code: &str) -> Option<String> {
    let code: String = code
        .trim()
        .chars()
        .filter(|c| !matches!(c, '-' | ' '))
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect();
    let known = |c: char| u8::try_from(c).is_ok_and(|byte| LETTERS.contains(&byte));
    (code.len() == CODE && code.chars().all(known)).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(event: &str) -> Option<Subject> {
        let event =
            format!(r#"{{"hook_event_name": "PreToolUse", "cwd": "/home/dev/shop", "session_id": "s-1", {event}}}"#);
        match crate::hook::event::read(event.as_bytes()) {
            Ok(crate::hook::event::Event::PreToolUse(call)) => Subject::of(&call, event.as_bytes()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_digest_tells_calls_apart() {
        let bash = |input: &str| subject(&format!(r#""tool_name": "Bash", "tool_input": {input}"#)).expect("a subject");
        let one = bash(r#"{"command": "rm -rf x", "description": "tidy up"}"#);
        assert_eq!(one.digest(), bash(r#"{"description": "again", "command": "rm -rf x"}"#).digest());
        for other in [
            r#"{"command": "rm -rf x "}"#,
            r#"{"command": "rm -rf y"}"#,
            r#"{"command": "rm -rf x", "dangerouslyDisableSandbox": true}"#,
            r#"{"command": "rm -rf x", "run_in_background": true}"#,
        ] {
            assert_ne!(one.digest(), bash(other).digest(), "{other}");
        }
        for other in [
            Subject { cwd: "/home/dev".to_owned(), ..one.clone() },
            Subject { session: "s-2".to_owned(), ..one.clone() },
            Subject { tool: "Monitor".to_owned(), ..one.clone() },
            Subject { cwd: "/home/dev/shops".to_owned(), session: "-1".to_owned(), ..one.clone() },
        ] {
            assert_ne!(one.digest(), other.digest());
        }
        let mcp =
            subject(r#""tool_name": "mcp__db__run", "tool_input": {"description": "a", "b": {"z": 1, "y": [2]}}"#);
        assert_eq!(mcp.expect("a subject").input, r#"{"b":{"y":[2],"z":1},"description":"a"}"#);
    }

    #[test]
    fn what_cannot_be_known_exactly_is_no_subject() {
        assert_eq!(subject(r#""tool_name": "Bash", "tool_input": {"command": "rm \ud800"}"#), None);
        let long = "x".repeat(LONG);
        assert_eq!(subject(&format!(r#""tool_name": "Bash", "tool_input": {{"command": "{long}"}}"#)), None);
    }

    #[test]
    fn nothing_is_invisible() {
        let one =
            subject(r#""tool_name": "Bash", "tool_input": {"command": "a\u202eb\u001b[2J\ud83d\ude00\udb40\udc41"}"#);
        let one = one.expect("a subject");
        assert_eq!(one.input, "{\"command\":\"a\\u202eb\\u001b[2J😀\\udb40\\udc41\"}");
        assert_eq!(one.shown(), "a\u{202e}b\u{1b}[2J😀\u{e0041}");
    }

    #[test]
    fn codes_are_typed_in_any_way() {
        let code = code_of("0123456789abcdef0");
        assert_eq!(code.len(), CODE);
        assert_eq!(typed(&spelled(&code).to_lowercase()), Some(code));
        assert_eq!(typed("okil-2f"), Some("0K112F".to_owned()));
        for wrong in ["", "K7QM", "K7QM-2F7", "K7QM-2U", "../../x", "é7QM2F"] {
            assert_eq!(typed(wrong), None, "{wrong}");
        }
    }
}
