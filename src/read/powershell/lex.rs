//! The characters of a script: blanks, names, strings and variables.

use super::ast::Expr;

/// The text can't be read from here on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault;

/// What parsing gives.
pub(super) type Parsed<T> = Result<T, Fault>;

/// Nesting beyond which a script isn't read.
const DEPTH: u16 = 40;

/// How many words, values and statements are kept: what is longer would take more memory than a hook may.
const NODES: u32 = 150_000;

/// A parser at a place of its text.
pub(super) struct Parser<'t> {
    pub(super) text: &'t str,
    pub(super) pos: usize,
    /// How many brackets are open.
    depth: u16,
    /// How many nodes may still be made.
    left: u32,
    /// Line ends mean nothing here: in parentheses.
    pub(super) inside: bool,
}

/// Whether a byte may be part of a name. Letters beyond ASCII count.
pub(super) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The signs that typing programs put in place of plain ones, which PowerShell takes for these.
pub(super) fn plain(text: &str) -> String {
    let sign = |c: char| match c {
        '\u{2018}'..='\u{201b}' => '\'',
        '\u{201c}'..='\u{201e}' => '"',
        '\u{2013}'..='\u{2015}' => '-',
        '\u{a0}' | '\u{85}' => ' ',
        c => c,
    };
    text.chars().map(sign).collect()
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, pos: 0, depth: 0, left: NODES, inside: false }
    }

    pub(super) fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    /// The byte that is next; 0 at the end.
    pub(super) fn cur(&self) -> u8 {
        self.byte(self.pos)
    }

    pub(super) fn slice(&self, from: usize, to: usize) -> &'t str {
        self.text.get(from..to).unwrap_or_default()
    }

    pub(super) fn ended(&self) -> bool {
        self.pos >= self.text.len()
    }

    pub(super) fn starts(&self, with: &str) -> bool {
        self.text.as_bytes().get(self.pos..).unwrap_or_default().starts_with(with.as_bytes())
    }

    /// Steps over this text, if it is next.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        let there = self.starts(text);
        self.pos += if there { text.len() } else { 0 };
        there
    }

    /// The character that is next, stepped over.
    pub(super) fn take(&mut self) -> Option<char> {
        let c = self.text.get(self.pos..)?.chars().next()?;
        self.pos += c.len_utf8();
        Some(c)
    }

    /// Pays for nodes of the tree.
    pub(super) fn spend(&mut self, nodes: u32) -> Parsed<()> {
        self.left = self.left.checked_sub(nodes).ok_or(Fault)?;
        Ok(())
    }

    /// Reads something that stands in brackets.
    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= DEPTH {
            return Err(Fault);
        }
        self.spend(1)?;
        self.depth += 1;
        let before = self.inside;
        let found = read(self);
        self.inside = before;
        self.depth -= 1;
        found
    }

    /// Steps over blanks, comments and escaped line ends; over line ends too where these mean nothing.
    pub(super) fn blanks(&mut self) -> u8 {
        loop {
            match self.cur() {
                b' ' | b'\t' | 0x0b | 0x0c => self.pos += 1,
                b'\r' | b'\n' if self.inside => self.pos += 1,
                b'\r' if self.byte(self.pos + 1) != b'\n' => self.pos += 1,
                b'`' if matches!(self.byte(self.pos + 1), b'\n' | b'\r') => {
                    self.pos += if self.starts("`\r\n") { 3 } else { 2 };
                }
                b'<' if self.byte(self.pos + 1) == b'#' => self.skip_past("#>"),
                b'#' => self.pos += self.text.as_bytes()[self.pos..].iter().take_while(|b| **b != b'\n').count(),
                byte => return byte,
            }
        }
    }

    fn skip_past(&mut self, end: &str) {
        let rest = self.slice(self.pos, self.text.len());
        self.pos += rest.find(end).map_or(rest.len(), |at| at + end.len());
    }

    /// Steps over blanks and line ends.
    pub(super) fn lines(&mut self) -> u8 {
        let before = std::mem::replace(&mut self.inside, true);
        let byte = self.blanks();
        self.inside = before;
        byte
    }

    /// The name that is next, stepped over, in lower case; empty if there is none.
    pub(super) fn name(&mut self) -> String {
        let start = self.pos;
        self.pos += self.text.as_bytes()[start.min(self.text.len())..].iter().take_while(|b| is_name(**b)).count();
        self.slice(start, self.pos).to_lowercase()
    }

    /// Whether this word is next, whatever its case.
    pub(super) fn word_ahead(&self, word: &str) -> bool {
        let end = self.pos + word.len();
        self.text.get(self.pos..end).is_some_and(|there| there.eq_ignore_ascii_case(word)) && !is_name(self.byte(end))
    }

    /// `'…'`, whose opening quote is next.
    pub(super) fn single_quoted(&mut self) -> Parsed<String> {
        self.pos += 1;
        let mut out = String::new();
        loop {
            let rest = self.slice(self.pos, self.text.len());
            let end = rest.find('\'').ok_or(Fault)?;
            out.push_str(&rest[..end]);
            self.pos += end + 1;
            if self.cur() != b'\'' {
                return Ok(out);
            }
            out.push('\'');
            self.pos += 1;
        }
    }

    /// The character that stands behind a back tick, stepped over.
    pub(super) fn escaped(&mut self) -> Option<char> {
        self.pos += 1;
        Some(match self.take()? {
            '0' => '\0',
            'a' => '\u{7}',
            'b' => '\u{8}',
            'e' => '\u{1b}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            'u' if self.cur() == b'{' => {
                let rest = self.slice(self.pos, self.text.len());
                let end = rest.find('}')?;
                let code = u32::from_str_radix(&rest[1..end], 16).ok().and_then(char::from_u32);
                self.pos += end + 1;
                code?
            }
            c => c,
        })
    }

    /// `"…"`, whose opening quote is next.
    pub(super) fn double_quoted(&mut self) -> Parsed<Expr> {
        self.pos += 1;
        self.deeper(|parser| parser.expandable(|parser| parser.cur() == b'"' && parser.byte(parser.pos + 1) != b'"'))
    }

    /// Text with values in it, up to what ends it. `"` stands there twice.
    fn expandable(&mut self, end: impl Fn(&Self) -> bool) -> Parsed<Expr> {
        let mut parts = Vec::new();
        let mut text = String::new();
        while !end(self) {
            match self.cur() {
                0 if self.ended() => return Err(Fault),
                b'`' => text.push(self.escaped().ok_or(Fault)?),
                b'"' if self.byte(self.pos + 1) == b'"' => {
                    text.push('"');
                    self.pos += 2;
                }
                b'$' if self.value_ahead() => {
                    if !text.is_empty() {
                        parts.push(Expr::Text(std::mem::take(&mut text)));
                    }
                    parts.push(self.dollar()?);
                }
                _ => text.push(self.take().ok_or(Fault)?),
            }
        }
        self.pos += 1;
        if parts.is_empty() {
            return Ok(Expr::Text(text));
        }
        if !text.is_empty() {
            parts.push(Expr::Text(text));
        }
        Ok(Expr::Parts(parts, true))
    }

    /// A here-string, whose `@` is next. `None`: it is something else.
    pub(super) fn here_string(&mut self) -> Parsed<Option<Expr>> {
        let quote = self.byte(self.pos + 1);
        let rest = self.slice(self.pos, self.text.len());
        let line = rest.get(2..).and_then(|rest| rest.find('\n'));
        let Some(head) = line.filter(|at| matches!(quote, b'"' | b'\'') && rest[2..2 + at].trim().is_empty()) else {
            return Ok(None);
        };
        let start = self.pos + 2 + head + 1;
        let close = if quote == b'"' { "\n\"@" } else { "\n'@" };
        let end = self.text.get(start - 1..).and_then(|rest| rest.find(close)).ok_or(Fault)? + start - 1;
        let body = self.slice(start, end.max(start));
        self.pos = end + close.len();
        if quote == b'\'' {
            return Ok(Some(Expr::Text(body.trim_end_matches('\r').to_owned())));
        }
        // Quotes mean nothing in it.
        let mut inner = Parser { text: body, pos: 0, depth: self.depth, left: self.left, inside: false };
        let mut parts = Vec::new();
        let mut text = String::new();
        while !inner.ended() {
            match inner.cur() {
                b'`' => text.extend(inner.escaped()),
                b'$' if inner.value_ahead() => {
                    parts.push(Expr::Text(std::mem::take(&mut text)));
                    parts.push(inner.dollar()?);
                }
                _ => text.extend(inner.take()),
            }
        }
        self.left = inner.left;
        parts.push(Expr::Text(text));
        Ok(Some(Expr::Parts(parts, true)))
    }

    /// Whether the `$` that is next begins a variable or an expression.
    pub(super) fn value_ahead(&self) -> bool {
        let next = self.byte(self.pos + 1);
        is_name(next) || matches!(next, b'(' | b'{' | b'$' | b'?' | b'^' | b':')
    }

    /// `$name`, `${name}` or `$( … )`, whose `$` is next.
    pub(super) fn dollar(&mut self) -> Parsed<Expr> {
        self.spend(1)?;
        self.pos += 1;
        match self.cur() {
            b'(' => {
                self.pos += 1;
                let script = self.deeper(|parser| {
                    parser.inside = false;
                    parser.script(b')')
                })?;
                Ok(Expr::Sub(script))
            }
            b'{' => {
                let rest = self.slice(self.pos, self.text.len());
                let end = rest.find('}').ok_or(Fault)?;
                self.pos += end + 1;
                Ok(Expr::Variable(rest[1..end].replace('`', "").to_lowercase()))
            }
            b'$' | b'?' | b'^' => {
                self.pos += 1;
                Ok(Expr::Variable(self.slice(self.pos - 1, self.pos).to_owned()))
            }
            _ => {
                let mut name = self.name();
                // `$env:PATH`, but `$type::Member`.
                if self.cur() == b':' && is_name(self.byte(self.pos + 1)) {
                    self.pos += 1;
                    name = format!("{name}:{}", self.name());
                }
                let scope = ["global:", "script:", "local:", "private:", "variable:", "using:"];
                let bare = scope.iter().find_map(|scope| name.strip_prefix(scope)).map(str::to_owned);
                Ok(Expr::Variable(bare.unwrap_or(name)))
            }
        }
    }
}
