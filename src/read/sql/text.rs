//! A text with its tokens, and the small questions that are asked about them.

use super::dialect::Flags;
use super::token::{self, Kind, Token};
use super::verb::is_secret;
use std::cell::OnceCell;

/// A text in one reading. Positions are numbers of tokens; one that is out of range reads as the end of a statement.
pub(super) struct Text<'t> {
    /// The text as it came.
    pub(super) raw: &'t str,
    /// The same in lower case (ASCII only, so that the positions agree).
    lower: String,
    tokens: Vec<Token>,
    /// For each `(` its `)`.
    mates: Vec<u32>,
    /// How many tokens before each one name credentials; counted once.
    secrets: OnceCell<Vec<u32>>,
    /// A comment that is never closed swallowed the rest.
    pub(super) cut: bool,
}

impl<'t> Text<'t> {
    /// Scans a text.
    pub(super) fn new(raw: &'t str, flags: Flags) -> Self {
        let (tokens, cut) = token::scan(raw, flags);
        let mut mates = vec![u32::MAX; tokens.len()];
        let mut open: Vec<usize> = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            match token.kind {
                Kind::Open => open.push(at),
                Kind::Close => {
                    if let (Some(begin), Ok(end)) = (open.pop(), u32::try_from(at)) {
                        mates[begin] = end;
                    }
                }
                Kind::End | Kind::Batch | Kind::Meta => open.clear(),
                _ => {}
            }
        }
        Self { raw, lower: raw.to_ascii_lowercase(), tokens, mates, secrets: OnceCell::new(), cut }
    }

    /// How many tokens there are.
    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The token at a position.
    pub(super) fn token(&self, at: usize) -> Option<&Token> {
        self.tokens.get(at)
    }

    /// What a token is.
    pub(super) fn kind(&self, at: usize) -> Kind {
        self.tokens.get(at).map_or(Kind::End, |token| token.kind)
    }

    /// A keyword or name without quotes, in lower case; empty for anything else.
    pub(super) fn word(&self, at: usize) -> &str {
        match self.tokens.get(at) {
            Some(token) if token.kind == Kind::Word => self.lower.get(token.start..token.end).unwrap_or(""),
            _ => "",
        }
    }

    /// Whether a token is this word.
    pub(super) fn is(&self, at: usize, word: &str) -> bool {
        self.word(at) == word
    }

    /// Whether a token is one of these words.
    pub(super) fn any(&self, at: usize, words: &[&str]) -> bool {
        let word = self.word(at);
        !word.is_empty() && words.contains(&word)
    }

    /// Whether one of the names in `from..to` speaks of credentials.
    pub(super) fn has_secret(&self, from: usize, to: usize) -> bool {
        let secret = |at: usize| match self.kind(at) {
            Kind::Quoted => is_secret(self.inner(at)),
            Kind::Word => {
                let users = matches!(self.word(at), "user" | "global_priv")
                    && self.kind(at.wrapping_sub(1)) == Kind::Sign(b'.')
                    && self.is(at.wrapping_sub(2), "mysql");
                users || is_secret(self.word(at))
            }
            _ => false,
        };
        let count = |sum: &mut u32, at: usize| {
            let before = *sum;
            *sum += u32::from(secret(at));
            Some(before)
        };
        let all = self.secrets.get_or_init(|| (0..=self.len()).scan(0, count).collect());
        let upto = |at: usize| all.get(at.min(self.len())).copied().unwrap_or(0);
        upto(to) > upto(from)
    }

    /// What is inside the quotes, or the token itself, in lower case.
    pub(super) fn inner(&self, at: usize) -> &str {
        self.tokens.get(at).and_then(|token| self.lower.get(token.from..token.to)).unwrap_or("")
    }

    /// The same as it was written.
    pub(super) fn inner_raw(&self, at: usize) -> &str {
        self.tokens.get(at).and_then(|token| self.raw.get(token.from..token.to)).unwrap_or("")
    }

    /// Whether two tokens name the same thing.
    pub(super) fn same(&self, a: usize, b: usize) -> bool {
        let kinds = (self.kind(a), self.kind(b));
        !matches!(kinds, (Kind::Word | Kind::Number, Kind::Str) | (Kind::Str, Kind::Word | Kind::Number))
            && self.inner(a) == self.inner(b)
    }

    /// The `)` that closes the `(` at `at`, or `limit`.
    pub(super) fn mate(&self, at: usize, limit: usize) -> usize {
        self.mates.get(at).map_or(limit, |mate| (*mate as usize).min(limit))
    }

    /// Whether a query begins here.
    pub(super) fn is_query(&self, at: usize) -> bool {
        self.any(at, &["select", "with", "values", "delete", "update", "insert", "merge"])
    }

    /// The next position outside of any parentheses that open at `at`.
    pub(super) fn step(&self, at: usize, limit: usize) -> usize {
        if self.kind(at) == Kind::Open { self.mate(at, limit).max(at) + 1 } else { at + 1 }
    }

    /// Where one of these words stands in `from..to`, outside of parentheses.
    pub(super) fn find(&self, from: usize, to: usize, words: &[&str]) -> Option<usize> {
        let mut at = from;
        while at < to {
            if self.any(at, words) {
                return Some(at);
            }
            at = self.step(at, to);
        }
        None
    }

    /// The positions in `from..to` outside of parentheses.
    pub(super) fn level(&self, from: usize, to: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(from), move |at| Some(self.step(*at, to))).take_while(move |at| *at < to)
    }

    /// Whether a word stands in `from..to`, outside of parentheses.
    pub(super) fn has_word(&self, from: usize, to: usize, word: &str) -> bool {
        self.find(from, to, &[word]).is_some()
    }

    /// A name with its qualifiers (`a.b."C"`), in lower case, and the position behind it.
    pub(super) fn name(&self, from: usize, to: usize) -> Option<(String, usize)> {
        let part = |at: usize| at < to && matches!(self.kind(at), Kind::Word | Kind::Quoted | Kind::Value);
        let first = match self.kind(from) {
            Kind::Str if from < to => return Some((self.unquote(from).to_lowercase(), from + 1)),
            Kind::Number if from < to => return Some((self.inner(from).to_owned(), from + 1)),
            _ if part(from) => self.unquote(from),
            _ => return None,
        };
        let mut name = first.to_lowercase();
        let mut at = from + 1;
        while at < to && self.kind(at) == Kind::Sign(b'.') {
            name.push('.');
            at += 1;
            if part(at) {
                name.push_str(&self.unquote(at).to_lowercase());
                at += 1;
            } else if self.kind(at) == Kind::Sign(b'*') {
                name.push('*');
                at += 1;
            }
        }
        Some((name, at))
    }

    /// What is inside the quotes with doubled quotes and escapes undone.
    pub(super) fn unquote(&self, at: usize) -> String {
        let inner = self.inner_raw(at);
        let Some(token) = self.tokens.get(at) else { return String::new() };
        if token.from == token.start || !matches!(token.kind, Kind::Str | Kind::Quoted) {
            return inner.to_owned();
        }
        let quote = self.raw[..token.from].chars().next_back().unwrap_or('\'');
        match quote {
            '\'' | '"' | '`' => {}
            '[' => return inner.replace("]]", "]"),
            _ => return inner.to_owned(),
        }
        let mut text = String::with_capacity(inner.len());
        let mut chars = inner.chars().peekable();
        while let Some(c) = chars.next() {
            if c == quote && chars.peek() == Some(&quote) {
                chars.next();
                text.push(c);
            } else if c == '\\' && matches!(chars.peek(), Some('\'' | '"' | '\\' | 'n' | 't' | 'r')) {
                // Where a backslash is no escape, it stands in for a blank: no word can be hidden by it.
                text.push(chars.next().filter(|c| matches!(c, '\'' | '"')).unwrap_or(' '));
            } else {
                text.push(c);
            }
        }
        text
    }
}
