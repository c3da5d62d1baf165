//! awk programs: what they run (`system`, pipes) and write (`print > file`).

use crate::read::action::Kind;
use crate::read::reader::{Reader, Scope, Stdin};
use crate::read::word::{Piece, Word};
use crate::rules::model::{Does, Language};

/// A token of an awk program.
#[derive(Clone, Debug, PartialEq)]
enum Token<'t> {
    Name(&'t str),
    Text(String),
    /// A pattern between slashes.
    Pattern,
    Mark(u8),
    /// `>>`, `|&`, `||`, `>=` …
    Two(u8, u8),
    End,
}

impl Reader<'_> {
    /// Reads an awk program.
    pub(super) fn awk(&mut self, text: &str, scope: &Scope) {
        let tokens = tokens(text);
        let mut origin = scope.origin.clone();
        origin.shown = format!("awk '{}'", text.chars().take(120).collect::<String>());
        let mut plain = true;
        let mut printing = false;
        let mut printed = 0;
        let mut depth = 0_usize;
        for at in 0..tokens.len() {
            match &tokens[at] {
                Token::Name("print" | "printf") => {
                    printing = true;
                    printed = at + 1;
                    depth = 0;
                }
                Token::Name("system") if tokens.get(at + 1) == Some(&Token::Mark(b'(')) => {
                    plain = false;
                    let command = expression(&tokens, at + 2);
                    self.awk_command(&command, &origin.shown, scope);
                }
                Token::Mark(b'@') => plain = false,
                Token::Name("ENVIRON" | "close" | "fflush" | "eval") => plain = false,
                Token::Name("getline") => {
                    plain = false;
                    // "cmd" | getline
                    let piped = at >= 1 && matches!(tokens[at - 1], Token::Mark(b'|') | Token::Two(b'|', b'&'));
                    if piped {
                        let command = before(&tokens, at - 1);
                        self.awk_command(&command, &origin.shown, scope);
                    }
                }
                Token::Mark(b'(') => depth += 1,
                Token::Mark(b')') => depth = depth.saturating_sub(1),
                Token::End | Token::Mark(b'{' | b'}' | b';') => printing = false,
                Token::Mark(b'>') | Token::Two(b'>', b'>') if printing && depth == 0 => {
                    plain = false;
                    let target = expression(&tokens, at + 1);
                    if !matches!(target.known(), Some("/dev/stdout" | "/dev/stderr" | "/dev/null")) {
                        let does = if tokens[at] == Token::Mark(b'>') { Does::Write } else { Does::Append };
                        if !target.has_unknown() {
                            self.file(does, &target, false, &origin, scope.cwd.as_deref());
                        }
                    }
                }
                Token::Mark(b'|') | Token::Two(b'|', b'&') if printing => {
                    plain = false;
                    let command = expression(&tokens, at + 1);
                    let mut scope = scope.clone();
                    scope.stdin = Stdin::Text(expression(&tokens[..at], printed)).into();
                    self.awk_command(&command, &origin.shown, &scope);
                }
                Token::Mark(b'|') => plain = false,
                _ => {}
            }
        }
        if !plain {
            self.push(Kind::Code(String::new()), &origin);
        }
    }

    fn awk_command(&mut self, command: &Word, shown: &str, scope: &Scope) {
        match command.known() {
            Some(text) => self.read(Language::Shell, text, scope),
            None if command.start().trim().is_empty() => self.opaque("eval", shown, scope),
            None => {
                let text: String = command
                    .pieces
                    .iter()
                    .map(|piece| match piece {
                        Piece::Text(text) | Piece::Glob(text) => text.as_str(),
                        _ => "${UNKNOWN}",
                    })
                    .collect();
                self.read(Language::Shell, &text, scope);
            }
        }
    }
}

/// Strings side by side, up to the end of the expression; anything else is unknown.
fn expression(tokens: &[Token<'_>], mut at: usize) -> Word {
    let mut word = Word::default();
    let mut depth = 0_usize;
    while let Some(token) = tokens.get(at) {
        match token {
            Token::Text(text) => word.push(Piece::Text(text.as_str().into())),
            Token::Mark(b'(') => depth += 1,
            Token::Mark(b')') if depth > 0 => depth -= 1,
            Token::Mark(b')' | b'}' | b';' | b',') | Token::End => break,
            _ if matches!(word.pieces.last(), Some(Piece::Unknown { .. })) => {}
            _ => word.push(Piece::Unknown { empty: true }),
        }
        at += 1;
    }
    word
}

/// The strings in front of `| getline`.
fn before(tokens: &[Token<'_>], at: usize) -> Word {
    let mut start = at;
    while start > 0
        && !matches!(tokens[start - 1], Token::Mark(b'{' | b'}' | b';') | Token::End | Token::Name("while" | "if"))
        && at - start < 40
    {
        start -= 1;
    }
    // `while (("cmd") | getline …)`: its own brackets don't matter.
    let part: Vec<Token<'_>> =
        tokens[start..at].iter().filter(|token| !matches!(token, Token::Mark(b'(' | b')'))).cloned().collect();
    expression(&part, 0)
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let bytes = text.as_bytes();
    let mut out: Vec<Token<'_>> = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let next = bytes.get(at + 1).copied().unwrap_or(0);
        match byte {
            b'\\' if next == b'\n' => at += 1,
            b'\n' => out.push(Token::End),
            b' ' | b'\t' | b'\r' => {}
            b'#' => {
                while bytes.get(at + 1).is_some_and(|byte| *byte != b'\n') {
                    at += 1;
                }
            }
            b'"' => {
                let (string, end) = string(text, at + 1);
                out.push(Token::Text(string));
                at = end;
            }
            b'/' if !matches!(out.last(), Some(Token::Name(_) | Token::Text(_) | Token::Mark(b')' | b']'))) => {
                let mut class = false;
                while let Some(&inner) = bytes.get(at + 1) {
                    at += 1;
                    match inner {
                        b'\\' => at += 1,
                        b'[' => class = true,
                        b']' => class = false,
                        b'/' if !class => break,
                        b'\n' => break,
                        _ => {}
                    }
                }
                out.push(Token::Pattern);
            }
            _ if byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' => {
                let start = at;
                while bytes.get(at + 1).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
                    at += 1;
                }
                out.push(Token::Name(text.get(start..=at).unwrap_or("")));
            }
            b'>' | b'|' | b'&' | b'<' | b'=' | b'!'
                if matches!((byte, next), (b'>', b'>' | b'=') | (b'|', b'|' | b'&') | (b'&', b'&') | (_, b'=')) =>
            {
                out.push(Token::Two(byte, next));
                at += 1;
            }
            _ => out.push(Token::Mark(byte)),
        }
        at += 1;
    }
    out
}

/// A string from behind its quote: its text, and where the closing quote is.
fn string(text: &str, from: usize) -> (String, usize) {
    let mut out = String::new();
    let mut chars = text.get(from..).unwrap_or("").char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (out, from + at),
            '\\' => match chars.next() {
                Some((_, 'n')) => out.push('\n'),
                Some((_, 't')) => out.push('\t'),
                Some((at, digit @ '0'..='7')) => {
                    let run: String = text
                        .get(from + at..)
                        .unwrap_or("")
                        .chars()
                        .take(3)
                        .take_while(|c| ('0'..='7').contains(c))
                        .collect();
                    for _ in 1..run.len() {
                        chars.next();
                    }
                    out.push(u32::from_str_radix(&run, 8).ok().and_then(char::from_u32).unwrap_or(digit));
                }
                Some((_, other)) => out.push(other),
                None => {}
            },
            c => out.push(c),
        }
    }
    (out, text.len())
}
