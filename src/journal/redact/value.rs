//! Values: where they begin and end, and whether they are secrets themselves or only say where one is.

use super::names::is_random;
use super::{LABEL, MARK, Scan, find, is_quote, looked_at};

/// A value: where it begins and ends, and the quote around it.
#[derive(Clone, Copy)]
pub(super) struct Value {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) quote: Option<u8>,
    /// Where the text goes on.
    pub(super) past: usize,
}

impl Scan<'_> {
    /// The value that begins there: in quotes, or a word.
    pub(super) fn value(&self, at: usize) -> Option<Value> {
        let mut at = at;
        // `$'…'`, and `b"…"` of code.
        if matches!(self.peek(at), Some(b'$' | b'b' | b'r' | b'f' | b'u')) && self.peek(at + 1).is_some_and(is_quote) {
            at += 1;
        }
        let escaped = self.peek(at) == Some(b'\\') && self.peek(at + 1).is_some_and(is_quote);
        let open = at + usize::from(escaped);
        if let Some(quote) = self.peek(open).filter(|byte| is_quote(*byte)) {
            if quote == b'`' && !escaped {
                return None;
            }
            if let Some(end) = self.closing(open + 1, quote, escaped) {
                return Some(Value { start: open + 1, end, quote: Some(quote), past: end + 1 + usize::from(escaped) });
            }
            at = open + 1;
        }
        let ends = |byte: u8| {
            byte.is_ascii_whitespace()
                || is_quote(byte)
                || matches!(byte, b';' | b'&' | b'|' | b'<' | b'>' | b')' | b'}')
        };
        if self.bytes[at.min(self.bytes.len())..].starts_with(b"$(") {
            return None;
        }
        // A template: what it takes in is named there.
        if self.bytes[at.min(self.bytes.len())..].starts_with(b"{{") {
            let rest = &self.bytes[at..self.bytes.len().min(at + LABEL)];
            return find(rest, b"}}").map(|length| at + length + 2).map(|end| Value {
                start: at,
                end,
                quote: None,
                past: end,
            });
        }
        // `${…}` ends with its own brace.
        let brace = self.bytes[at.min(self.bytes.len())..].starts_with(b"${");
        let mut end = self.run(at.min(self.bytes.len()), |byte| !ends(byte) || brace && byte == b'}');
        if end > at && matches!(self.bytes[end - 1], b'(' | b'[') && self.peek(end).is_some_and(is_quote) {
            // `encrypt("x")`; `getenv("X")` and `os.environ["X"]` only name it.
            let names = self.text[at..end].to_ascii_lowercase();
            let asks = names.contains("env") || names.contains("get") || names.contains("read") || names.ends_with('[');
            return if asks { None } else { self.value(end) };
        }
        while end > at && matches!(self.bytes[end - 1], b',' | b'\\') {
            end -= 1;
        }
        // `= ConvertTo-SecureString "x"`: what it is told is known there.
        let program = self.text[at..end].trim_start_matches('(');
        if self.known.tools.iter().any(|tool| tool.programs.contains(&program)) {
            return None;
        }
        (end > at).then_some(Value { start: at, end, quote: None, past: end })
    }

    /// The quote that closes what begins there.
    fn closing(&self, start: usize, quote: u8, escaped: bool) -> Option<usize> {
        let bit = 1 << (usize::from(quote == b'"') + 2 * usize::from(quote == b'`') + 4 * usize::from(escaped));
        if self.unclosed.get() & bit != 0 {
            return None;
        }
        let mut at = start;
        while let Some(byte) = self.peek(at) {
            match byte {
                b'\\' if escaped && self.peek(at + 1) == Some(quote) => return Some(at),
                b'\\' if quote != b'\'' => at += 1,
                _ if byte == quote => return Some(at),
                _ => {}
            }
            at += 1;
        }
        looked_at(at - start);
        self.unclosed.set(self.unclosed.get() | bit);
        None
    }

    pub(super) fn hide_value(&mut self, value: Value) {
        if !self.refers(value.start, value.end, value.quote) {
            self.hide(value.start, value.end);
        }
        self.at = self.at.max(value.end).max(value.past);
    }

    /// Whether a value is no secret itself: it is empty, says whether something is on, or where a secret is to be found.
    pub(super) fn refers(&self, start: usize, end: usize, quote: Option<u8>) -> bool {
        let text = self.text[start..end].trim();
        let name = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let same = |c: char| text.chars().all(|other| other == c);
        match text.to_ascii_lowercase().as_str() {
            "" | "true" | "false" | "null" | "none" | "nil" | "undefined" | "yes" | "no" | "on" | "off" | "%s" => {
                return true;
            }
            _ => {}
        }
        let inside = |open: &str, close: &str| {
            text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)).is_some_and(|rest| !rest.contains(close))
        };
        // In single quotes, a `$` is a `$`.
        let variable = quote != Some(b'\'')
            && (text.strip_prefix('$').is_some_and(|rest| !rest.is_empty() && name(rest))
                || inside("${", "}")
                || inside("$(", ")"));
        variable || text == MARK || inside("<", ">") || inside("{{", "}}") || "*x.?…".chars().any(same)
    }
}

/// Whether a value looks like the path of a file.
pub(super) fn is_path(text: &str) -> bool {
    let inner = text.contains('/') && !text.contains(['=', '+']) && text.len() < LABEL;
    text.starts_with(['/', '~', '.']) || inner || text.contains('.') && !is_random(text)
}
