//! Words: quoting, and the parts side by side.

use super::ansi;
use super::ast::{Part, Word};
use super::lex::{Parsed, Parser, WORD};

/// The quoting that text stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Context {
    /// None.
    Bare,
    /// Double quotes, or what bash expands as if it were in double quotes.
    Double,
    /// `${…}` in double quotes, and double quotes in that.
    Nested,
    /// The body of a here-document: double quotes in which `"` means nothing.
    Here,
}

impl Context {
    pub(super) fn quoted(self) -> bool {
        self != Context::Bare
    }

    /// The context of `${…}` in this one.
    pub(super) fn inside(self) -> Context {
        if self == Context::Bare { self } else { Context::Nested }
    }
}

/// Bytes that end a run of plain text in an unquoted word.
const SPECIAL: [bool; 256] = table(b" \t\n;&|()<>\\'\"$`");
/// The same in a bracketed part of a word, which goes on over blanks and operators.
const BRACKET: [bool; 256] = table(b"()[]<>\\'\"$`");
/// The same in double quotes and here-document bodies.
const SOFT: [bool; 256] = table(b"\\\"$`");

/// A table of the given bytes.
pub(super) const fn table(bytes: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut at = 0;
    while at < bytes.len() {
        table[bytes[at] as usize] = true;
        at += 1;
    }
    table
}

/// Adds unquoted text.
pub(super) fn push_literal(parts: &mut Vec<Part>, text: &str) {
    if let Some(Part::Literal(last)) = parts.last_mut() {
        last.push_str(text);
    } else if parts.is_empty() {
        // Most words have one part.
        parts.reserve_exact(1);
        parts.push(Part::Literal(text.into()));
    } else {
        parts.push(Part::Literal(text.into()));
    }
}

/// Adds quoted text.
pub(super) fn push_quoted(parts: &mut Vec<Part>, text: &str) {
    if let Some(Part::Quoted(last)) = parts.last_mut() {
        last.push_str(text);
    } else {
        parts.push(Part::Quoted(text.into()));
    }
}

/// Adds text as the context has it.
pub(super) fn push_text(parts: &mut Vec<Part>, text: &str, context: Context) {
    if context.quoted() { push_quoted(parts, text) } else { push_literal(parts, text) }
}

impl Parser<'_> {
    /// A word. In a regular expression (behind `=~`), parentheses and `|` are part of it.
    pub(super) fn word(&mut self, regex: bool) -> Parsed<Word> {
        self.cur();
        let start = self.pos;
        if self.byte(start) == b'=' && self.peek_from(start + 1).0 == b'(' {
            return self.stop("`=(…)` runs a command in zsh");
        }
        let mut parts = Vec::new();
        self.word_rest(&mut parts, regex)?;
        if parts.is_empty() {
            return self.stop("a word is missing");
        }
        parts.shrink_to_fit();
        Ok(Word { parts, span: self.span(start) })
    }

    /// Whatever of a word is still to come.
    pub(super) fn word_rest(&mut self, parts: &mut Vec<Part>, regex: bool) -> Parsed<()> {
        self.spend(WORD)?;
        loop {
            self.plain(&SPECIAL, parts, Context::Bare);
            match self.cur() {
                b'(' => {
                    let pattern = extended_pattern(parts);
                    if !regex && !pattern {
                        return Ok(());
                    }
                    self.eat(1);
                    let inside = self.pos;
                    push_literal(parts, "(");
                    self.bracket(b'(', b')', false, true, parts)?;
                    push_literal(parts, ")");
                    self.patterns += usize::from(pattern);
                    if pattern && runs_code_in_zsh(self.slice(inside, self.pos - 1)) {
                        return self.stop("a glob qualifier runs a command in zsh");
                    }
                }
                b'|' if regex => {
                    self.eat(1);
                    push_literal(parts, "|");
                }
                b'<' | b'>' if self.second() == b'(' => self.process(parts)?,
                b'\\' | b'\'' | b'"' | b'$' | b'`' => self.quoting(parts)?,
                0 | b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b')' | b'<' | b'>' => return Ok(()),
                // A line continuation was stepped over.
                _ => {}
            }
        }
    }

    /// Adds the plain text that is next.
    pub(super) fn plain(&mut self, special: &[bool; 256], parts: &mut Vec<Part>, context: Context) {
        let rest = self.bytes.get(self.pos..self.end).unwrap_or_default();
        let length = rest.iter().position(|&byte| special[usize::from(byte)]).unwrap_or(rest.len());
        if length > 0 {
            push_text(parts, self.slice(self.pos, self.pos + length), context);
            self.pos += length;
        }
    }

    /// A quote, an escape or a substitution in unquoted text.
    pub(super) fn quoting(&mut self, parts: &mut Vec<Part>) -> Parsed<()> {
        match self.cur() {
            b'\\' => {
                let escaped = self.escaped();
                // At the end of the text it stands for itself.
                push_quoted(parts, escaped.unwrap_or("\\"));
                Ok(())
            }
            b'\'' => self.single_quoted(parts),
            b'"' => self.double_quoted(Context::Double, parts),
            b'`' => self.backticks(parts, Context::Bare),
            _ => self.dollar(parts, Context::Bare),
        }
    }

    /// Steps over a backslash and the character behind it, which it gives back.
    pub(super) fn escaped(&mut self) -> Option<&str> {
        let from = self.pos + 1;
        let length = self.slice(from, self.end).chars().next().map_or(0, char::len_utf8);
        self.pos = from + length;
        (length > 0).then(|| self.slice(from, from + length))
    }

    /// A single-quoted string, whose opening quote is next.
    pub(super) fn single_quoted(&mut self, parts: &mut Vec<Part>) -> Parsed<()> {
        let start = self.pos + 1;
        let end = self.closing_quote(start)?;
        push_quoted(parts, self.slice(start, end));
        self.pos = end + 1;
        Ok(())
    }

    /// Where the `'` that closes a quote stands.
    pub(super) fn closing_quote(&self, from: usize) -> Parsed<usize> {
        let rest = self.bytes.get(from..self.end).unwrap_or_default();
        match rest.iter().position(|&byte| byte == b'\'') {
            Some(length) => Ok(from + length),
            None => self.stop("a quote is never closed"),
        }
    }

    /// `$'…'`, whose opening quote is next.
    pub(super) fn ansi_quoted(&mut self) -> Parsed<String> {
        let start = self.pos + 1;
        let mut at = start;
        loop {
            match self.byte(at) {
                0 => return self.stop("a quote is never closed"),
                b'\'' => break,
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        self.pos = at + 1;
        Ok(ansi::decode(self.slice(start, at)))
    }

    /// A double-quoted string, whose opening quote is next.
    pub(super) fn double_quoted(&mut self, context: Context, parts: &mut Vec<Part>) -> Parsed<()> {
        self.eat(1);
        let start = self.pos;
        self.soft(true, context, parts)?;
        if self.pos == start {
            push_quoted(parts, "");
        }
        self.eat(1);
        Ok(())
    }

    /// Text in which only `$`, backticks and backslashes mean something: up to a `"`, or up to the end.
    pub(super) fn soft(&mut self, to_quote: bool, context: Context, parts: &mut Vec<Part>) -> Parsed<()> {
        loop {
            self.plain(&SOFT, parts, Context::Double);
            match self.cur() {
                0 if to_quote => return self.stop("a quote is never closed"),
                0 => return Ok(()),
                b'"' if to_quote => return Ok(()),
                b'"' => {
                    self.eat(1);
                    push_quoted(parts, "\"");
                }
                b'\\' => self.soft_escape(context != Context::Here, false, parts),
                b'$' => self.dollar(parts, context)?,
                b'`' => self.backticks(parts, context)?,
                _ => {}
            }
        }
    }

    /// A backslash in double quotes: it counts only in front of some characters.
    pub(super) fn soft_escape(&mut self, quote: bool, brace: bool, parts: &mut Vec<Part>) {
        match self.byte(self.pos + 1) {
            b'$' | b'`' | b'\\' => {}
            b'"' if quote => {}
            b'}' if brace => {}
            _ => {
                self.pos += 1;
                push_quoted(parts, "\\");
                return;
            }
        }
        push_quoted(parts, self.slice(self.pos + 1, self.pos + 2));
        self.pos += 2;
    }

    /// `'…'` where bash pairs the quotes to find the end, but expands what is between them all the same.
    pub(super) fn transparent_quotes(&mut self, parts: &mut Vec<Part>) -> Parsed<()> {
        let start = self.pos + 1;
        let close = self.closing_quote(start)?;
        let end = std::mem::replace(&mut self.end, close);
        self.pos = start;
        push_quoted(parts, "'");
        self.soft(false, Context::Double, parts)?;
        push_quoted(parts, "'");
        self.end = end;
        self.pos = close + 1;
        Ok(())
    }

    /// What is between two brackets, and the closing one; the opening one has been read. `transparent`: an
    /// expression or subscript, where single quotes protect nothing. `processes`: `<(…)` counts.
    pub(super) fn bracket(
        &mut self,
        open: u8,
        close: u8,
        transparent: bool,
        processes: bool,
        parts: &mut Vec<Part>,
    ) -> Parsed<()> {
        let mut inside = 0_usize;
        loop {
            self.plain(&BRACKET, parts, Context::Bare);
            let byte = self.cur();
            match byte {
                0 => return self.stop("a bracket is never closed"),
                b'<' | b'>' if processes && self.second() == b'(' => {
                    self.process(parts)?;
                    continue;
                }
                b'\'' if transparent => {
                    self.transparent_quotes(parts)?;
                    continue;
                }
                b'$' if transparent => {
                    self.dollar_in_expression(parts)?;
                    continue;
                }
                b'\\' | b'\'' | b'"' | b'$' | b'`' => {
                    self.quoting(parts)?;
                    continue;
                }
                _ if byte == open => inside += 1,
                _ if byte == close => {
                    if inside == 0 {
                        self.eat(1);
                        return Ok(());
                    }
                    inside -= 1;
                }
                _ => {}
            }
            if BRACKET[usize::from(byte)] {
                push_literal(parts, self.slice(self.pos, self.pos + 1));
                self.pos += 1;
            }
        }
    }

    /// `<(…)` or `>(…)`.
    pub(super) fn process(&mut self, parts: &mut Vec<Part>) -> Parsed<()> {
        self.eat(2);
        let script = self.substitution()?;
        parts.push(Part::Process(script));
        Ok(())
    }
}

/// The text ends in a character that makes a following `(` a pattern. Bash does so after `shopt -s extglob`;
/// without it, such a text is a syntax error.
fn extended_pattern(parts: &[Part]) -> bool {
    matches!(parts.last(), Some(Part::Literal(text)) if text.ends_with(['?', '*', '+', '@', '!']))
}

/// `*(e:'code':)` and `*(+function)`: zsh's glob qualifiers that run code, behind others that don't.
fn runs_code_in_zsh(pattern: &str) -> bool {
    let bytes = pattern.as_bytes();
    for (at, &byte) in bytes.iter().enumerate() {
        let next = bytes.get(at + 1).copied().unwrap_or(b')');
        match byte {
            b'e' if next.is_ascii_punctuation() && !matches!(next, b'|' | b')' | b'-' | b'_' | b'*' | b'?') => {
                return true;
            }
            b'+' if is_start(next) => return true,
            _ if byte.is_ascii_alphanumeric() => {}
            b'-' | b'^' | b'/' | b'.' | b'@' | b'=' | b'%' | b'*' | b',' | b':' | b'#' | b'[' | b']' => {}
            _ => return false,
        }
    }
    false
}

/// A function's name may begin with it.
fn is_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}
