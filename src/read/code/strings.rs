//! Strings of all kinds: quoted, raw, triple, templates, quote-like operators, here-documents.

use super::tokens::{Inside, Lexeme, Part, Scanner, is_name};
use crate::rules::model::Language;

impl<'t> Scanner<'t> {
    pub(super) fn string(&mut self, prefix: &str, quote: u8) {
        let start = self.at - prefix.len();
        let triple = self.language == Language::Python && self.peek(1) == Some(quote) && self.peek(2) == Some(quote);
        let has = |wanted: u8| prefix.bytes().any(|byte| byte.eq_ignore_ascii_case(&wanted));
        let inside = match self.language {
            Language::Python if has(b'f') || has(b't') => Inside::Brace,
            Language::Python if has(b'r') => Inside::Raw,
            Language::Python | Language::Javascript | Language::Mongo => Inside::Escapes,
            _ if quote == b'\'' => Inside::Nothing,
            Language::Ruby => Inside::Hash,
            _ => Inside::Sigil,
        };
        let parts = if triple {
            self.at += 3;
            self.triple(quote, inside)
        } else {
            self.at += 1;
            self.delimited(quote, quote, inside)
        };
        self.put(Lexeme::Text(parts), start);
    }

    pub(super) fn triple(&mut self, quote: u8, inside: Inside) -> Vec<Part<'t>> {
        let close: &str = if quote == b'"' { "\"\"\"" } else { "'''" };
        let end = self.rest().find(close).map_or(self.bytes.len(), |found| self.at + found);
        let parts = self.parts(end, inside);
        self.at = (end + 3).min(self.bytes.len());
        parts
    }

    pub(super) fn backtick(&mut self) {
        let start = self.at;
        self.at += 1;
        match self.language {
            Language::Javascript | Language::Mongo => {
                let parts = self.template();
                self.put(Lexeme::Text(parts), start);
            }
            Language::Python => self.put(Lexeme::Mark('`'), start),
            language => {
                let parts =
                    self.delimited(b'`', b'`', if language == Language::Ruby { Inside::Hash } else { Inside::Sigil });
                self.put(Lexeme::Shell(parts), start);
            }
        }
    }

    /// A template literal: strings in its `${…}` may hold backticks of their own.
    pub(super) fn template(&mut self) -> Vec<Part<'t>> {
        let (from, mut depth, mut at) = (self.at, 0_usize, self.at);
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'\\' => at += 1,
                b'`' if depth == 0 => break,
                b'$' if depth == 0 && self.bytes.get(at + 1) == Some(&b'{') => {
                    depth = 1;
                    at += 1;
                }
                b'{' if depth > 0 => depth += 1,
                b'}' if depth > 0 => depth -= 1,
                _ => {}
            }
            at += 1;
        }
        let end = self.boundary(at);
        self.at = from;
        let parts = self.parts(end, Inside::Dollar);
        self.at = (end + 1).min(self.bytes.len());
        parts
    }

    /// The next start of a character from here on.
    pub(super) fn boundary(&self, mut at: usize) -> usize {
        at = at.min(self.bytes.len());
        while !self.text.is_char_boundary(at) {
            at += 1;
        }
        at
    }

    /// What stands up to the closing delimiter, which is consumed. Brackets nest.
    pub(super) fn delimited(&mut self, open: u8, close: u8, inside: Inside) -> Vec<Part<'t>> {
        let (mut depth, mut at) = (0_usize, self.at);
        let one_line =
            open == close && matches!(self.language, Language::Python | Language::Javascript | Language::Mongo);
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'\\' => at += 1,
                b'\n' if one_line => break,
                _ if byte == close && depth == 0 => break,
                _ if byte == close => depth -= 1,
                _ if byte == open && open != close => depth += 1,
                _ => {}
            }
            at += 1;
        }
        let end = self.boundary(at);
        let parts = self.parts(end, inside);
        self.at = (end + 1).min(self.bytes.len());
        parts
    }

    /// The pieces of the string from here to `end`.
    pub(super) fn parts(&mut self, end: usize, inside: Inside) -> Vec<Part<'t>> {
        let mut parts = Vec::new();
        let mut known = String::new();
        while self.at < end {
            let Some(c) = self.rest().chars().next() else { break };
            let next = self.peek(1);
            if let Some((from, to, after)) = self.interpolated(c, next, inside, end) {
                if !known.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut known)));
                }
                let code = self.text.get(from..to).unwrap_or("");
                if !code.bytes().all(|byte| is_name(byte) || byte == b'$') {
                    self.out.nested.push(code);
                }
                parts.push(Part::Code(code));
                self.at = after.max(self.at + 1);
                continue;
            }
            match (c, inside) {
                ('\\', Inside::Raw) => {
                    known.push('\\');
                    self.at += 1;
                }
                ('\\', Inside::Nothing) => {
                    if !matches!(next, Some(b'\\' | b'\'')) {
                        known.push('\\');
                    }
                    self.at += 1;
                    if let Some(escaped) = self.rest().chars().next().filter(|_| self.at < end) {
                        known.push(escaped);
                        self.at += escaped.len_utf8();
                    }
                }
                ('\\', _) => self.escape(&mut known),
                ('{' | '}', Inside::Brace) if next == Some(c as u8) => {
                    known.push(c);
                    self.at += 2;
                }
                _ => {
                    known.push(c);
                    self.at += c.len_utf8();
                }
            }
        }
        if !known.is_empty() {
            parts.push(Part::Text(known));
        }
        parts
    }

    /// Code that starts here inside a string: where it begins and ends, and where the string goes on.
    pub(super) fn interpolated(
        &self,
        c: char,
        next: Option<u8>,
        inside: Inside,
        end: usize,
    ) -> Option<(usize, usize, usize)> {
        let braces = |from: usize| {
            let (mut depth, mut at) = (1_usize, from);
            while at < end {
                match self.bytes[at] {
                    b'{' => depth += 1,
                    b'}' => depth -= 1,
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
                at += 1;
            }
            let to = self.boundary(at.min(end));
            (from, to, (to + 1).min(end))
        };
        match (inside, c, next) {
            (Inside::Dollar, '$', Some(b'{')) | (Inside::Hash, '#', Some(b'{')) => Some(braces(self.at + 2)),
            (Inside::Sigil, '$' | '@', Some(b'{')) => Some(braces(self.at + 2)),
            (Inside::Sigil, '{', Some(b'$')) if self.language == Language::Php => Some(braces(self.at + 1)),
            (Inside::Brace, '{', next) if next != Some(b'{') => Some(braces(self.at + 1)),
            (Inside::Sigil, '$', Some(byte)) if is_name(byte) => {
                let mut to = self.at + 1;
                while to < end && is_name(self.bytes[to]) {
                    to += 1;
                }
                Some((self.at, to, to))
            }
            _ => None,
        }
    }

    pub(super) fn escape(&mut self, known: &mut String) {
        self.at += 1;
        let Some(c) = self.rest().chars().next() else { return };
        self.at += c.len_utf8();
        let digits = |from: usize, most: usize, radix: u32| {
            let run = self
                .bytes
                .get(from..)
                .unwrap_or(&[])
                .iter()
                .take(most)
                .take_while(|byte| (**byte as char).is_digit(radix))
                .count();
            (
                self.text
                    .get(from..from + run)
                    .and_then(|run| u32::from_str_radix(run, radix).ok())
                    .and_then(char::from_u32),
                run,
            )
        };
        let (decoded, used) = match c {
            'n' => (Some('\n'), 0),
            't' => (Some('\t'), 0),
            'r' => (Some('\r'), 0),
            '\n' => (None, 0),
            'x' => digits(self.at, 2, 16),
            'u' if self.peek(0) == Some(b'{') => {
                let (decoded, run) = digits(self.at + 1, 8, 16);
                (decoded, run + 2)
            }
            'u' => digits(self.at, 4, 16),
            'U' => digits(self.at, 8, 16),
            '0'..='7' => {
                let (decoded, run) = digits(self.at - 1, 3, 8);
                (decoded, run.saturating_sub(1))
            }
            other => (Some(other), 0),
        };
        known.extend(decoded);
        self.at = self.boundary(self.at + used);
    }

    /// `%x(…)`, `%q(…)`, `%w(…)` of Ruby.
    pub(super) fn percent(&mut self) {
        let start = self.at;
        let (kind, skip) = match (self.peek(1), self.peek(2)) {
            (Some(kind @ (b'x' | b'q' | b'Q' | b'w' | b'W' | b'i' | b'I' | b'r' | b's')), Some(open))
                if !is_name(open) && open != b' ' =>
            {
                (kind, 2)
            }
            (Some(b'(' | b'{' | b'['), _) => (b'Q', 1),
            _ => {
                self.at += 1;
                return self.put(Lexeme::Mark('%'), start);
            }
        };
        self.at += skip;
        let Some(open) = self.peek(0).filter(u8::is_ascii) else { return };
        self.at += 1;
        let from = self.at;
        let inside = if matches!(kind, b'q' | b'w' | b'i' | b's') { Inside::Nothing } else { Inside::Hash };
        let parts = self.delimited(open, closing(open), inside);
        let kind = match kind {
            b'x' => Lexeme::Shell(parts),
            b'w' | b'W' | b'i' | b'I' => Lexeme::Words(self.text.get(from..self.at.saturating_sub(1)).unwrap_or("")),
            _ => Lexeme::Text(parts),
        };
        self.put(kind, start);
    }

    /// `q()`, `qq()`, `qx()`, `qw()`, `m//`, `s///`, `tr///` of Perl. `false`: the name is just a name.
    pub(super) fn quote_like(&mut self, name: &str, start: usize) -> bool {
        if !matches!(name, "q" | "qq" | "qx" | "qw" | "qr" | "m" | "s" | "tr" | "y") {
            return false;
        }
        let (named, rest) = (self.at, self.rest());
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let Some(open) = self.peek(blanks).filter(u8::is_ascii) else { return false };
        if is_name(open)
            || matches!(open, b',' | b';' | b')' | b'\n' | b'\r')
            || (open == b'=' && (blanks > 0 || self.peek(blanks + 1) == Some(b'>')))
            || (blanks > 0 && open == b'#')
            || (open == b'}' && blanks == 0)
        {
            return false;
        }
        self.at += blanks + 1;
        let from = self.at;
        let inside = match name {
            "q" | "qw" => Inside::Nothing,
            "qq" | "qx" if open != b'\'' => Inside::Sigil,
            _ => Inside::Raw,
        };
        let parts = self.delimited(open, closing(open), inside);
        let kind = match name {
            "q" | "qq" => Lexeme::Text(parts),
            "qx" => Lexeme::Shell(parts),
            "qw" => Lexeme::Words(self.text.get(from..self.at.saturating_sub(1)).unwrap_or("")),
            "s" | "tr" | "y" => {
                if closing(open) != open {
                    let rest = self.rest();
                    self.at += rest.len() - rest.trim_start().len();
                    if self.peek(0) != Some(open) {
                        self.at = named;
                        return false;
                    }
                    self.at += 1;
                }
                let from = self.at;
                self.delimited(open, closing(open), Inside::Raw);
                let replacement = self.text.get(from..self.at.saturating_sub(1)).unwrap_or("");
                let flags = self.flags();
                if name == "s" && (flags.contains('e') || replacement.contains("@{") || replacement.contains("${")) {
                    self.out.nested.push(replacement);
                }
                Lexeme::Text(Vec::new())
            }
            _ => {
                self.flags();
                Lexeme::Text(Vec::new())
            }
        };
        self.put(kind, start);
        true
    }

    pub(super) fn flags(&mut self) -> &'t str {
        let start = self.at;
        while self.peek(0).is_some_and(|byte| byte.is_ascii_alphabetic()) {
            self.at += 1;
        }
        self.text.get(start..self.at).unwrap_or("")
    }

    /// `<<~EOS`, `<<"EOS"`, `<<<EOS`. The body becomes the string; it is skipped where it stands.
    pub(super) fn heredoc(&mut self) -> bool {
        let start = self.at;
        let lead = match self.language {
            Language::Ruby | Language::Perl if self.rest().starts_with("<<") => 2,
            Language::Php if self.rest().starts_with("<<<") => 3,
            _ => return false,
        };
        let rest = self.rest().get(lead..).unwrap_or("");
        let rest = rest.strip_prefix(['~', '-']).unwrap_or(rest);
        let rest = if self.language == Language::Php { rest.trim_start_matches(' ') } else { rest };
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        let rest = if quote.is_some() { &rest[1..] } else { rest };
        let length = rest.bytes().take_while(|byte| is_name(*byte)).count();
        let word = rest.get(..length).unwrap_or("");
        if word.is_empty()
            || word.starts_with(|c: char| c.is_ascii_digit())
            || (quote.is_none() && !word.starts_with(|c: char| c.is_ascii_uppercase() || c == '_'))
        {
            return false;
        }
        let after = self.bytes.len() - rest.len() + length + usize::from(quote.is_some());
        let Some(line) = self.text.get(after..).and_then(|rest| rest.find('\n')).map(|found| after + found) else {
            return false;
        };
        let from = self.skip.map_or(line + 1, |(_, end)| end);
        let (mut at, mut end) = (from, self.bytes.len());
        for body in self.text.get(from..).unwrap_or("").split_inclusive('\n') {
            if body.trim().trim_end_matches([';', ',', ')']) == word {
                end = at;
                at += body.len();
                break;
            }
            at += body.len();
        }
        self.at = from;
        let inside = match (quote, self.language) {
            (Some('\''), _) => Inside::Raw,
            (_, Language::Ruby) => Inside::Hash,
            _ => Inside::Sigil,
        };
        let parts = self.parts(end, inside);
        self.at = after;
        self.skip = Some((line, at));
        self.put(Lexeme::Text(parts), start);
        true
    }
}

fn closing(open: u8) -> u8 {
    match open {
        b'(' => b')',
        b'[' => b']',
        b'{' => b'}',
        b'<' => b'>',
        other => other,
    }
}
