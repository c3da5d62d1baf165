//! Takes secrets out of text before it is written down or shown: passwords in URLs, options, variables, headers and calls,
//! tokens by how they begin, private keys, and what looks as if chance had made it where a value stands.
//!
//! One pass from left to right, whatever the text is: shell, SQL, code, JSON. What is hidden reads `REDACTED`, a plain word,
//! so that the rest can be judged again. Where in doubt it hides, but it never hides what merely refers to a secret:
//! `$PASSWORD`, `$(pass db)`, the path of a key file.

mod names;
mod tools;
mod value;

use names::{Names, is_random, names};
use std::borrow::Cow;
use std::cell::Cell;
use tools::{Form, Known, Token, Tool, known};
use value::{Value, is_path};

/// What a block ends with.
const DASHES: &[u8] = b"-----";
/// What stands where a secret was.
pub const MARK: &str = "REDACTED";

/// The most blanks between a name and its value.
const BLANKS: usize = 16;
/// The longest value that is looked at for what it is, in bytes.
const LONG: usize = 1024;
/// The longest label of a block such as `RSA PRIVATE KEY`.
const LABEL: usize = 64;

/// The text without its secrets.
#[must_use]
pub fn redact(text: &str) -> Cow<'_, str> {
    let mut scan = Scan {
        text,
        bytes: text.as_bytes(),
        at: 0,
        done: 0,
        out: String::new(),
        known: known(),
        tools: Vec::new(),
        quote: None,
        identified: false,
        unclosed: Cell::new(0),
    };
    scan.all();
    if scan.done == 0 {
        return Cow::Borrowed(text);
    }
    scan.out.push_str(&text[scan.done..]);
    Cow::Owned(scan.out)
}

/// Whether the value of this name is a secret, for names and values that are apart from each other.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    names(name, false) != Names::Nothing
}

struct Scan<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    /// Up to where the text is in `out`.
    done: usize,
    out: String,
    known: &'static Known,
    /// The programs of this command that are told secrets, with how many words of their subcommand were met.
    tools: Vec<(&'static Tool, usize)>,
    /// The quote that is open.
    quote: Option<u8>,
    /// `IDENTIFIED` was met, so `BY` names a password.
    identified: bool,
    /// Closing quotes that don't come any more, a bit for each, so that nobody searches for them again.
    unclosed: Cell<u8>,
}

/// What names, options and tokens are made of. All else separates them.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') || byte >= 0x80
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

impl Scan<'_> {
    fn all(&mut self) {
        while let Some(byte) = self.peek(self.at) {
            if is_word(byte) {
                let end = self.run(self.at, is_word);
                self.word(self.at, end);
            } else {
                if self.operand_form(self.at) {
                    continue;
                }
                self.sign(byte);
                self.at += 1;
            }
        }
    }

    fn peek(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// Where the bytes that fit end.
    fn run(&self, at: usize, fits: impl Fn(u8) -> bool) -> usize {
        let end = self.bytes[at..].iter().position(|byte| !fits(*byte)).map_or(self.bytes.len(), |length| at + length);
        looked_at(end - at + 1);
        end
    }

    fn before(&self, at: usize) -> Option<u8> {
        at.checked_sub(1).and_then(|at| self.peek(at))
    }

    /// What isn't part of a word: quotes, and what ends a command.
    fn sign(&mut self, byte: u8) {
        let escaped = self.before(self.at) == Some(b'\\');
        match byte {
            b'"' | b'\'' if escaped => {}
            b'"' | b'\'' if self.quote == Some(byte) => self.quote = None,
            // An apostrophe within a word opens nothing.
            b'"' | b'\'' if self.quote.is_none() && !self.before(self.at).is_some_and(|b| b.is_ascii_alphabetic()) => {
                self.quote = Some(byte);
            }
            b';' | b'|' | b'&' | b'(' | b'\n' if self.quote.is_none() && !escaped => {
                self.tools.clear();
                self.identified = false;
            }
            _ => {}
        }
    }

    /// Leaves out what stands there, and goes on behind it.
    fn hide(&mut self, start: usize, end: usize) {
        self.at = self.at.max(end);
        if start < end && start >= self.done && &self.text[start..end] != MARK {
            self.out.push_str(&self.text[self.done..start]);
            self.out.push_str(MARK);
            self.done = end;
        }
    }

    fn word(&mut self, start: usize, end: usize) {
        self.at = end;
        let word = &self.text[start..end];
        if word.starts_with("-----BEGIN") && self.block(start) || self.token(start, end) {
            return;
        }
        if self.text[end..].starts_with("://") {
            return self.address(end + 3);
        }
        if self.operand_form(start) || self.option_form(start, end) {
            return;
        }
        self.program(word);
        let is = |wanted: &str| word.eq_ignore_ascii_case(wanted);
        if is("identified") {
            self.identified = true;
        } else if self.identified && (is("by") || is("as")) {
            return self.quoted_behind(end);
        } else if is("bearer") {
            return self.bearer(end);
        }
        let called = self.peek(end) == Some(b'(');
        match names(word, called) {
            Names::Nothing => self.maybe_random(end),
            Names::Header => self.header(start, end),
            what => self.named(start, end, what == Names::KeyOrPath),
        }
    }

    /// A private key, from `-----BEGIN` to `-----END`, or to where the text ends.
    fn block(&mut self, start: usize) -> bool {
        let rest = &self.bytes[start..];
        let label = &rest[..rest.len().min(LABEL)];
        let Some(at) = find(label, b"PRIVATE KEY") else { return false };
        let body = self.run(start + at + b"PRIVATE KEY".len(), |byte| byte.is_ascii_uppercase() || byte == b' ');
        let body = self.run(body, |byte| byte == b'-').min(body + DASHES.len());
        let end = find(&self.bytes[body..], DASHES).map_or(self.bytes.len(), |length| body + length);
        self.hide(body, end);
        true
    }

    /// A token that is known by how it begins.
    fn token(&mut self, start: usize, end: usize) -> bool {
        let word = &self.text[start..end];
        let jwt = word.starts_with("eyJ") && self.peek(end) == Some(b'.');
        let first = word.as_bytes().first();
        let begins = |token: &&Token| {
            token.whole.as_bytes().first() == first
                && word.starts_with(token.whole)
                && (token.whole.len() == token.begins.len() || self.text[start..].starts_with(token.begins))
        };
        let Some(least) = jwt.then_some(20).or_else(|| {
            let known = self.known.may_be_token(word).then_some(self.known)?;
            let known = known.tokens.iter().find(begins)?;
            Some(known.begins.len() + known.least)
        }) else {
            return false;
        };
        let mut end = end;
        while matches!(self.peek(end), Some(b'.' | b'/' | b'+' | b'=')) && self.peek(end + 1).is_some_and(is_word) {
            end = self.run(end + 1, is_word);
        }
        // `sk-` and others begin everyday words, too; chance brings digits.
        let random = jwt || least < 12 || end - start > LABEL || self.bytes[start..end].iter().any(u8::is_ascii_digit);
        if end - start < least || !random {
            return false;
        }
        self.hide(start, end);
        true
    }

    /// The password of an address, or a token that stands for one, behind `://`.
    fn address(&mut self, start: usize) {
        self.at = start;
        let outer = |byte: u8| !byte.is_ascii_whitespace() && !is_quote(byte) && !matches!(byte, b'<' | b'>');
        let inner = self.run(start, |byte| outer(byte) && !matches!(byte, b'/' | b'?' | b'#'));
        let mut host = self.bytes[start..inner].iter().rposition(|byte| *byte == b'@').map(|length| start + length);
        let colon = self.bytes[start..host.unwrap_or(inner)].iter().position(|byte| *byte == b':').map(|at| start + at);
        if let (None, Some(colon)) = (host, colon)
            && !self.text[colon + 1..inner].bytes().all(|byte| byte.is_ascii_digit())
        {
            // A password with a `/` in it that nobody has escaped.
            let end = inner + self.bytes[inner..].iter().take(LONG).take_while(|byte| outer(**byte)).count();
            host = self.bytes[inner..end].iter().rposition(|byte| *byte == b'@').map(|length| inner + length);
            // Nothing of it is looked at a second time.
            self.at = if host.is_none() { inner } else { self.at };
        }
        let Some(host) = host else { return };
        match colon {
            Some(colon) if !self.refers(colon + 1, host, None) => self.hide(colon + 1, host),
            Some(_) => self.at = host,
            None if is_random(&self.text[start..host]) => self.hide(start, host),
            // Tokens among them are known by how they begin.
            _ => {}
        }
    }

    /// Remembers the programs of this command that are told secrets.
    fn program(&mut self, word: &str) {
        for (tool, met) in &mut self.tools {
            if tool.subcommand.get(*met).is_some_and(|wanted| word.eq_ignore_ascii_case(wanted)) {
                *met += 1;
            }
        }
        for tool in self.known.tools(word) {
            if !self.tools.iter().any(|(known, _)| std::ptr::eq(*known, tool)) {
                self.tools.push((tool, 0));
            }
        }
    }

    fn forms(&self) -> Vec<Form> {
        let told = |(tool, met): &&(&'static Tool, usize)| *met == tool.subcommand.len();
        self.tools.iter().filter(told).flat_map(|(tool, _)| tool.forms.iter().copied()).collect()
    }

    fn begins_word(&self, at: usize) -> bool {
        self.before(at).is_none_or(|byte| byte.is_ascii_whitespace() || is_quote(byte) || byte == b'(')
    }

    /// A secret in an option of a program that is known to take one there.
    fn option_form(&mut self, start: usize, end: usize) -> bool {
        let start = if self.before(start) == Some(b'/') { start - 1 } else { start };
        if self.tools.is_empty() || !self.begins_word(start) || !matches!(self.peek(start), Some(b'-' | b'/')) {
            return false;
        }
        let word = &self.text[start..end];
        for form in self.forms() {
            let value = match form {
                Form::Attached(option) if self.text[start..].starts_with(option) => {
                    let blank = self.peek(start + option.len()).is_none_or(|byte| byte.is_ascii_whitespace());
                    if blank { None } else { self.value(start + option.len()) }
                }
                Form::Next(option) | Form::Behind(option, _) if word == option => self.option_value(end),
                // `-uadmin:x`
                Form::Behind(option, _) if option.len() == 2 && word.starts_with(option) => self.value(start + 2),
                _ => None,
            };
            let Some(mut value) = value else { continue };
            if let Form::Behind(_, sign) = form {
                let at = self.bytes[value.start..value.end].iter().position(|byte| *byte == sign);
                let Some(at) = at else { continue };
                value.start += at + 1;
            }
            self.hide_value(value);
            return true;
        }
        false
    }

    /// A secret among the operands of a program that takes it there.
    fn operand_form(&mut self, start: usize) -> bool {
        if self.tools.is_empty() || !self.begins_word(start) || start < self.done {
            return false;
        }
        let form = self.forms().into_iter().find(|form| matches!(form, Form::Operand | Form::OperandBehind(_)));
        let blank =
            |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'-' | b';' | b'|' | b'&' | b'<' | b'>' | b')');
        let (Some(form), false) = (form, self.peek(start).is_none_or(blank)) else { return false };
        let Some(mut value) = self.value(start) else { return false };
        if let Form::OperandBehind(sign) = form {
            // Neither `@/path/of/a/script` nor `file=/of/something` is one.
            let at = self.bytes[start..value.end].iter().position(|byte| *byte == sign);
            let names = |at: &usize| self.bytes[start..start + at].iter().all(|byte| !matches!(byte, b'@' | b'='));
            let Some(at) = at.filter(|at| *at > 0 && names(at)) else { return false };
            let inner = self.value(start + at + 1).unwrap_or(value);
            value.start = inner.start;
            value.end = value.end.max(inner.end);
            if sign == b'/'
                && let Some(at) = self.bytes[value.start..value.end].iter().rposition(|byte| *byte == b'@')
            {
                value.end = value.start + at;
            }
        }
        self.hide_value(value);
        true
    }

    /// The value of an option: behind its `=`, or the next word.
    fn option_value(&self, end: usize) -> Option<Value> {
        match self.peek(end)? {
            b'=' => self.value(end + 1),
            // Quotes around the option alone: `["--password", "x"]`.
            quote if is_quote(quote) => {
                let next = self.run(end + 1, |byte| byte.is_ascii_whitespace() || byte == b',');
                if next > end + 1 { self.value(next) } else { None }
            }
            blank if blank.is_ascii_whitespace() || blank == b'\\' => {
                let next = self.run(end, |byte| byte.is_ascii_whitespace() || byte == b'\\');
                let option = self.peek(next) == Some(b'-');
                if option || next - end > BLANKS { None } else { self.value(next) }
            }
            _ => None,
        }
    }

    /// What follows a name that says that its value is a secret.
    fn named(&mut self, start: usize, end: usize, path: bool) {
        let option = self.peek(start) == Some(b'-');
        let value =
            self.assigned(start, end).or_else(|| if option { self.option_value(end) } else { self.text_behind(end) });
        let Some(value) = value else { return };
        let text = &self.text[value.start..value.end];
        let path = path && text.len() < LONG && is_path(text);
        // `max_tokens=100` is an amount.
        let amount =
            self.text[start..end].to_ascii_lowercase().ends_with("tokens") && text.bytes().all(|b| b.is_ascii_digit());
        if !path && !amount {
            self.hide_value(value);
        }
    }

    /// What is assigned to a name that ends there: `=`, `:`, `=>`, `:=`, or `(` and `,` in front of a quote.
    fn assigned(&self, start: usize, end: usize) -> Option<Value> {
        let closers = |byte: u8| matches!(byte, b'\\' | b'"' | b'\'' | b']' | b')');
        let close = self.run(end, closers).min(end + 4);
        let sign = self.run(close, |byte| matches!(byte, b' ' | b'\t')).min(close + BLANKS);
        let rest = &self.bytes[sign..];
        let braces = self.before(start) == Some(b'{');
        let length = match rest {
            [b'=', b'>' | b'=', ..] | [b':' | b'+', b'=', ..] => 2,
            [b':', b':', ..] | [b':', b'/', b'/', ..] => return None,
            // `${PASSWORD:-x}`
            [b':', b'-' | b'+' | b'?', ..] if braces => 2,
            [b'=' | b':', ..] => 1,
            [b'(', quote, ..] if close == end && is_quote(*quote) => 1,
            // `("password", "x")`, and not `"~/.aws/credentials", "x"`.
            [b',', ..] if close > end && self.before(start).is_some_and(is_quote) => {
                let next = self.run(sign + 1, |byte| byte == b' ');
                return self.peek(next).filter(|byte| is_quote(*byte)).and_then(|_| self.value(next));
            }
            _ => return None,
        };
        let behind = sign + length;
        let next = self.run(behind, |byte| matches!(byte, b' ' | b'\t')).min(behind + BLANKS);
        // In a shell, `PASSWORD= command` is empty.
        if rest[0] == b'=' && next > behind && sign == end { None } else { self.value(next) }
    }

    /// `PASSWORD 'x'`, as SQL has it.
    fn text_behind(&self, end: usize) -> Option<Value> {
        let next = self.run(end, |byte| byte == b' ').min(end + BLANKS);
        if next > end && self.peek(next) == Some(b'\'') { self.value(next) } else { None }
    }

    fn quoted_behind(&mut self, end: usize) {
        let next = self.run(end, |byte| byte.is_ascii_whitespace()).min(end + BLANKS);
        if self.peek(next).is_some_and(is_quote)
            && let Some(value) = self.value(next)
        {
            self.hide_value(value);
        }
    }

    fn bearer(&mut self, end: usize) {
        let next = self.run(end, |byte| byte == b' ').min(end + 2);
        let token = self.run(next, |byte| is_word(byte) || matches!(byte, b'.' | b'/' | b'+' | b'=' | b'~'));
        if next > end && token - next >= 12 {
            self.hide(next, token);
        }
    }

    /// A header that carries a secret: up to the quote around it, or to the end of the line.
    fn header(&mut self, start: usize, end: usize) {
        let Some(mut value) = self.assigned(start, end) else { return };
        if value.quote.is_none() {
            let quote = self.before(start).filter(|byte| is_quote(*byte));
            let fits = |byte: u8| byte != b'\n' && quote.map_or(!is_quote(byte), |quote| byte != quote);
            value.end = self.run(value.start, fits).max(value.end);
            // How it is written is no secret: `Bearer`, `Basic`.
            let scheme = self.run(value.start, |byte| byte.is_ascii_alphabetic());
            if self.peek(scheme) == Some(b' ') && scheme + 1 < value.end && scheme > value.start {
                value.start = scheme + 1;
            }
            value.end = value.start + self.text[value.start..value.end].trim_end_matches([' ', '\r', '\\']).len();
        }
        self.hide_value(value);
    }

    /// What looks as if chance had made it, behind a name that says nothing; and `name:password@tcp(host)`.
    fn maybe_random(&mut self, end: usize) {
        if !matches!(self.peek(end), Some(b'=' | b':')) {
            return;
        }
        let start = end + 1 + usize::from(self.peek(end + 1).is_some_and(is_quote));
        let fits = |byte: &u8| is_word(*byte) || matches!(byte, b'/' | b'+' | b'=');
        let length = self.bytes[start.min(self.bytes.len())..].iter().take(LONG).take_while(|byte| fits(byte)).count();
        if length < LONG && is_random(&self.text[start.min(self.bytes.len())..][..length]) {
            return self.hide(start, start + length);
        }
        let rest = &self.bytes[end + 1..];
        let short = &rest[..rest.len().min(LABEL)];
        if let Some(host) = find(short, b"@tcp(").or_else(|| find(short, b"@unix("))
            && !short[..host].iter().any(u8::is_ascii_whitespace)
        {
            self.hide(end + 1, end + 1 + host);
        }
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// Counts how much of a text is looked at, so that a test can tell that it isn't more than a few times.
#[cfg(test)]
fn looked_at(bytes: usize) {
    tests::LOOKED_AT.with(|count| count.set(count.get() + bytes as u64));
}

#[cfg(not(test))]
fn looked_at(_bytes: usize) {}

#[cfg(test)]
mod tests;
