//! Where words, strings, quoted names and comments begin and end: the whole difficulty of SQL of an unknown dialect.

use super::dialect::{
    BACKSLASH, BACKSLASH_DOUBLE, BACKTICK, BANG, BRACKET, DASH_BLANK, DOLLAR, E_STRING, Flags, HASH, NESTED,
    QUOTE_OF_CHOICE, RETURN, SLASHES, TRIPLE, WIDE_BLANK, is_word, is_word_start,
};

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// A keyword or a name.
    Word,
    /// A name in quotes, or a string in double quotes.
    Quoted,
    /// A string.
    Str,
    /// A number.
    Number,
    /// A value that is filled in as a value: `?`, `$1`, `@x`, `:'x'`.
    Value,
    /// Text that is filled in as text: `:x` of psql, `&x` of SQL*Plus, `$(x)` of sqlcmd, `{{x}}`, `${x}`, [`super::HOLE`].
    Hole,
    /// The end of a statement: `;`, a delimiter of one's own, `GO` on its own line.
    End,
    /// The end of a T-SQL batch.
    Batch,
    /// A command of the client, up to the end of its line.
    Meta,
    /// `(`
    Open,
    /// `)`
    Close,
    /// Anything else, one character.
    Sign(u8),
}

/// One token; the positions are bytes of the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: Kind,
    /// Where it begins.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
    /// Where what is inside the quotes begins.
    pub(super) from: usize,
    /// Where what is inside the quotes ends.
    pub(super) to: usize,
    /// It is the first on its line.
    pub(super) first: bool,
    /// The end of the text came before its closing quote.
    pub(super) open: bool,
}

struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    flags: Flags,
    /// Nothing but blanks on this line so far.
    line_start: bool,
    /// Nothing of a statement so far.
    fresh: bool,
    in_bang: bool,
    /// An unclosed comment swallowed the rest.
    cut: bool,
    delimiter: &'t str,
    /// The line that was looked up last.
    line: std::ops::Range<usize>,
    tokens: Vec<Token>,
}

/// The tokens of a text in one reading, and whether a comment swallowed the rest of it.
pub(super) fn scan(text: &str, flags: Flags) -> (Vec<Token>, bool) {
    let mut scanner = Scanner {
        text,
        bytes: text.as_bytes(),
        // A byte order mark is no part of the first word.
        at: if text.starts_with('\u{feff}') { 3 } else { 0 },
        flags,
        line_start: true,
        fresh: true,
        in_bang: false,
        cut: false,
        delimiter: "",
        line: 0..0,
        tokens: Vec::with_capacity(text.len() / 6 + 4),
    };
    while scanner.at < scanner.bytes.len() {
        scanner.step();
    }
    (scanner.tokens, scanner.cut)
}

impl<'t> Scanner<'t> {
    fn has(&self, flag: Flags) -> bool {
        self.flags & flag != 0
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn before(&self) -> u8 {
        self.at.checked_sub(1).and_then(|at| self.bytes.get(at)).copied().unwrap_or(b' ')
    }

    /// The end of the line that `from` stands on.
    fn line_end(&mut self, from: usize) -> usize {
        if !(self.line.start <= from && from < self.line.end) {
            let rest = self.bytes.get(from..).unwrap_or_default();
            let end = from + rest.iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(rest.len());
            self.line = from..end;
        }
        self.line.end
    }

    /// Nothing but blanks follow on this line.
    fn alone(&mut self, from: usize) -> bool {
        let end = self.line_end(self.at);
        self.text.get(from..end).is_some_and(|rest| rest.trim().is_empty())
    }

    fn push(&mut self, kind: Kind, end: usize) {
        self.push_quoted(kind, end, self.at, end, false);
    }

    fn push_quoted(&mut self, kind: Kind, end: usize, from: usize, to: usize, open: bool) {
        let first = self.line_start;
        self.tokens.push(Token { kind, start: self.at, end, from, to, first, open });
        self.at = end;
        self.line_start = false;
        self.fresh = matches!(kind, Kind::End | Kind::Batch | Kind::Meta);
    }

    fn step(&mut self) {
        let byte = self.peek(0);
        let next = self.peek(1);
        match byte {
            b'\n' | b'\r' => {
                self.line_start = true;
                self.at += 1;
            }
            0..=b' ' | 0x7f => self.at += 1,
            _ if !self.delimiter.is_empty() && self.bytes[self.at..].starts_with(self.delimiter.as_bytes()) => {
                self.push(Kind::End, self.at + self.delimiter.len());
            }
            b'-' if next == b'-' && (!self.has(DASH_BLANK) || self.peek(2) <= b' ') => self.skip_line(),
            b'#' if self.has(HASH) => self.skip_line(),
            b'/' if next == b'/' && self.has(SLASHES) => self.skip_line(),
            b'/' if next == b'*' => self.comment(),
            b'*' if next == b'/' && self.in_bang => {
                self.in_bang = false;
                self.at += 2;
            }
            b'/' if self.line_start && self.alone(self.at + 1) => self.push(Kind::End, self.at + 1),
            b'\'' => self.quoted(self.at, b'\'', Kind::Str, self.has(BACKSLASH)),
            b'"' => self.quoted(self.at, b'"', Kind::Quoted, self.has(BACKSLASH_DOUBLE)),
            b'`' if self.has(BACKTICK) => self.quoted(self.at, b'`', Kind::Quoted, false),
            b'[' if self.has(BRACKET) => self.quoted(self.at, b']', Kind::Quoted, false),
            b';' => self.push(Kind::End, self.at + 1),
            b'(' => self.push(Kind::Open, self.at + 1),
            b')' => self.push(Kind::Close, self.at + 1),
            b'\\' => self.backslash(),
            b'$' => self.dollar(),
            b'{' if next == b'{' => self.hole_until("}}"),
            b'.' if self.fresh && self.line_start && next.is_ascii_alphabetic() => self.meta_line(),
            b'!' if self.fresh && self.line_start => self.meta_line(),
            b'@' if self.fresh && (next == b'@' || is_word_start(next) || matches!(next, b'/' | b'.')) => {
                self.meta_line()
            }
            b':' if self.fresh && (next.is_ascii_alphabetic() || next == b'!') => self.meta_line(),
            b':' => self.colon(),
            b'&' if is_word_start(next) && self.before() <= b' ' => {
                let end = self.word_end(self.at + 1);
                self.push(Kind::Hole, end);
            }
            b'?' => self.push(Kind::Value, self.at + 1),
            b'@' if next == b'@' || is_word_start(next) => {
                let end = self.word_end(self.at + if next == b'@' { 2 } else { 1 });
                self.push(Kind::Value, end);
            }
            b'#' if next == b'#' || is_word_start(next) => {
                let end = self.word_end(self.at + if next == b'#' { 2 } else { 1 });
                self.push(Kind::Word, end);
            }
            b'0'..=b'9' => self.number(),
            b'.' if next.is_ascii_digit() && !is_word(self.before()) => self.number(),
            _ if is_word_start(byte) => self.word(),
            _ => self.push(Kind::Sign(byte), self.at + 1),
        }
    }

    fn skip_line(&mut self) {
        let rest = &self.bytes[self.at..];
        let ends = |b: &u8| *b == b'\n' || (*b == b'\r' && self.has(RETURN));
        self.at += rest.iter().position(ends).unwrap_or(rest.len());
    }

    fn comment(&mut self) {
        let mark = if self.peek(2) == b'M' { 3 } else { 2 };
        if self.has(BANG) && self.peek(mark) == b'!' {
            self.at += mark + 1;
            while self.peek(0).is_ascii_digit() {
                self.at += 1;
            }
            self.in_bang = true;
            return;
        }
        let mut depth = 0usize;
        while self.at < self.bytes.len() {
            match (self.peek(0), self.peek(1)) {
                (b'/', b'*') if depth == 0 || self.has(NESTED) => {
                    depth += 1;
                    self.at += 2;
                }
                (b'*', b'/') => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        return;
                    }
                }
                _ => self.at += 1,
            }
        }
        self.cut = true;
    }

    /// A quoted token whose opening quote stands at `open`; a doubled quote is part of it.
    fn quoted(&mut self, open: usize, close: u8, kind: Kind, escapes: bool) {
        let bytes = self.bytes;
        let triple = self.has(TRIPLE)
            && bytes.get(open + 1) == Some(&close)
            && bytes.get(open + 2) == Some(&close)
            && close != b'`';
        let width = if triple { 3 } else { 1 };
        let mut at = open + width;
        while let Some(byte) = bytes.get(at) {
            if *byte == b'\\' && escapes {
                at += 2;
            } else if *byte != close {
                at += 1;
            } else if triple {
                if bytes.get(at + 1) == Some(&close) && bytes.get(at + 2) == Some(&close) {
                    return self.push_quoted(kind, at + 3, open + 3, at, false);
                }
                at += 1;
            } else if bytes.get(at + 1) == Some(&close) {
                at += 2;
            } else {
                return self.push_quoted(kind, at + 1, open + 1, at, false);
            }
        }
        let end = bytes.len();
        self.push_quoted(kind, end, (open + width).min(end), end, true);
    }

    fn until(&mut self, kind: Kind, from: usize, close: &str) {
        match self.text.get(from..).and_then(|rest| rest.find(close)) {
            Some(at) => self.push_quoted(kind, from + at + close.len(), from, from + at, false),
            None => self.push_quoted(kind, self.bytes.len(), from.min(self.bytes.len()), self.bytes.len(), true),
        }
    }

    fn hole_until(&mut self, close: &str) {
        let rest = &self.bytes[self.at..self.bytes.len().min(self.at + 256)];
        match rest.windows(close.len()).position(|w| w == close.as_bytes()) {
            Some(at) => self.push(Kind::Hole, self.at + at + close.len()),
            None => self.push(Kind::Sign(self.peek(0)), self.at + 1),
        }
    }

    fn dollar(&mut self) {
        match self.peek(1) {
            b'{' => return self.hole_until("}"),
            b'(' => return self.hole_until(")"),
            b'0'..=b'9' => {
                let end = self.word_end(self.at + 1);
                return self.push(Kind::Value, end);
            }
            _ => {}
        }
        let rest = &self.bytes[self.at + 1..];
        let tag = rest.iter().position(|b| !is_word(*b) || *b == b'$').unwrap_or(rest.len());
        let end = self.at + 1 + tag;
        if self.has(DOLLAR) && self.bytes.get(end) == Some(&b'$') && self.text.is_char_boundary(end + 1) {
            let close = &self.text[self.at..=end];
            self.until(Kind::Str, end + 1, close);
        } else if tag > 0 {
            self.push(Kind::Value, end);
        } else {
            self.push(Kind::Sign(b'$'), self.at + 1);
        }
    }

    fn colon(&mut self) {
        let (next, before) = (self.peek(1), self.before());
        let behind_value = is_word(before) || matches!(before, b')' | b']' | b'"' | b'\'' | b':' | b'`');
        if matches!(next, b':' | b'=') {
            self.push(Kind::Sign(b':'), self.at + 1);
            self.push(Kind::Sign(next), self.at + 1);
        } else if behind_value || !(is_word_start(next) || matches!(next, b'\'' | b'"' | b'{')) {
            self.push(Kind::Sign(b':'), self.at + 1);
        } else if is_word_start(next) {
            let end = self.word_end(self.at + 1);
            self.push(Kind::Hole, end);
        } else if next == b'{' {
            self.push(Kind::Value, self.at + 2);
        } else {
            self.quoted(self.at + 1, next, Kind::Value, false);
        }
    }

    fn number(&mut self) {
        let mut at = self.at;
        let digits = |mut at: usize| {
            while self.bytes.get(at).is_some_and(|b| b.is_ascii_digit() || *b == b'.' || *b == b'_') {
                at += 1;
            }
            at
        };
        at = digits(at);
        if matches!(self.bytes.get(at), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.bytes.get(at + 1), Some(b'+' | b'-')));
            if self.bytes.get(at + 1 + sign).is_some_and(u8::is_ascii_digit) {
                at = digits(at + 1 + sign);
            }
        }
        self.push(Kind::Number, at);
    }

    fn word_end(&self, from: usize) -> usize {
        let mut at = from;
        while let Some(byte) = self.bytes.get(at) {
            if !self.delimiter.is_empty() && at > from && self.bytes[at..].starts_with(self.delimiter.as_bytes()) {
                return at;
            }
            if *byte >= 0x80 {
                let Some(c) = self.text.get(at..).and_then(|rest| rest.chars().next()) else { return at };
                if c == super::HOLE || (self.has(WIDE_BLANK) && c.is_whitespace()) {
                    return at;
                }
                at += c.len_utf8();
            } else if is_word(*byte) {
                at += 1;
            } else {
                return at;
            }
        }
        at
    }

    fn word(&mut self) {
        let end = self.word_end(self.at);
        if end == self.at {
            let c = self.text[self.at..].chars().next().unwrap_or(' ');
            let end = self.at + c.len_utf8();
            if c == super::HOLE {
                return self.push(Kind::Hole, end);
            }
            self.at = end;
            return;
        }
        let word = &self.text[self.at..end];
        if self.bytes.get(end) == Some(&b'\'') {
            let prefix = |list: &[&str]| list.iter().any(|p| word.eq_ignore_ascii_case(p));
            let choice =
                self.text[end + 1..].chars().next().filter(|_| self.has(QUOTE_OF_CHOICE) && prefix(&["q", "nq"]));
            if let Some(c) = choice {
                let close: char = match c {
                    '[' => ']',
                    '(' => ')',
                    '{' => '}',
                    '<' => '>',
                    c => c,
                };
                let from = end + 1 + c.len_utf8();
                return self.until(Kind::Str, from, &format!("{close}'"));
            }
            if prefix(&["e"]) && (self.has(E_STRING) || self.has(BACKSLASH)) {
                return self.quoted(end, b'\'', Kind::Str, true);
            }
            if prefix(&["n", "b", "x", "r", "rb", "br"]) {
                return self.quoted(end, b'\'', Kind::Str, self.has(BACKSLASH));
            }
        }
        if self.fresh && word.eq_ignore_ascii_case("delimiter") {
            let line = self.line_end(self.at);
            self.delimiter = self.text[end..line].split_whitespace().next().unwrap_or("");
            if self.delimiter == ";" || self.delimiter.len() > 16 {
                self.delimiter = "";
            }
            return self.push(Kind::Meta, line);
        }
        if self.line_start && word.eq_ignore_ascii_case("go") {
            let line = self.line_end(self.at);
            if self.text[end..line].bytes().all(|b| b.is_ascii_digit() || b == b' ' || b == b'\t') {
                return self.push(Kind::Batch, line);
            }
        }
        if self.fresh {
            let line = self.line_end(self.at);
            if super::meta::is_line_command(word, &self.text[end..line]) {
                return self.meta_line();
            }
        }
        self.push(Kind::Word, end);
    }

    fn meta_line(&mut self) {
        let end = self.line_end(self.at);
        self.push(Kind::Meta, end);
    }

    /// A command of psql or mysql. psql reads its arguments up to the next backslash outside quotes.
    fn backslash(&mut self) {
        let line = self.line_end(self.at);
        let text = self.text;
        let rest = &text[self.at + 1..line];
        let name_end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '+').unwrap_or(rest.len());
        let name = &rest[..name_end];
        let whole = matches!(name, "" | "copy" | "ef" | "ev" | "P" | "T" | "e" | "i" | "ir" | "include" | "o" | "out");
        if rest.starts_with(';') || rest.starts_with('\\') {
            return self.push(Kind::End, self.at + 2);
        }
        let pipes = || rest.bytes().take_while(|b| *b != b'\\').any(|b| b == b'|');
        if matches!(name, "g" | "gx" | "G") && !pipes() {
            return self.push(Kind::End, self.at + 1 + name_end);
        }
        // mysql: `\d //` sets the delimiter; psql's `\d` is never given a name of punctuation alone.
        let set = Some(&rest[name_end..]).filter(|_| name == "d").and_then(super::meta::punctuation);
        self.delimiter = set.unwrap_or(self.delimiter);
        let mut end = line;
        if !whole {
            let mut quote = 0u8;
            for (at, byte) in rest.bytes().enumerate().skip(name_end) {
                match byte {
                    b'\'' | b'"' | b'`' if quote == 0 => quote = byte,
                    _ if byte == quote => quote = 0,
                    b'\\' if quote == 0 => {
                        end = self.at + 1 + at;
                        break;
                    }
                    _ => {}
                }
            }
        }
        self.push(Kind::Meta, end);
    }
}
