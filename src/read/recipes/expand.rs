//! Variables of a Makefile. What isn't set there becomes a variable of the shell: both come from the environment.

use crate::read::word::HOLE;
use std::collections::BTreeMap;

/// The deepest that variables name each other.
const DEPTH: u8 = 12;
/// The longest text that comes of an expansion, in bytes.
const SIZE: usize = 32 << 10;
/// The most words that a `foreach` is followed through.
const WORDS: usize = 64;

/// The variables of a Makefile.
#[derive(Clone, Debug, Default)]
pub(super) struct Variables {
    /// What each may hold; several, where that depends on a condition.
    values: BTreeMap<String, Vec<String>>,
    /// Those of the command line, which no assignment changes.
    fixed: Vec<String>,
    /// Those of the environment, as far as the call sets it: `?=` leaves them as they are.
    given: BTreeMap<String, String>,
}

impl Variables {
    /// Sets a variable as the command line does.
    pub(super) fn fix(&mut self, name: &str, value: &str) {
        self.values.insert(name.to_owned(), vec![value.to_owned()]);
        self.fixed.push(name.to_owned());
    }

    /// Sets a variable in the environment. Of several values, what isn't known counts, else the first: it stands next to
    /// the command.
    pub(super) fn give(&mut self, name: &str, value: &str) {
        if value.contains(HOLE) || !self.given.contains_key(name) {
            self.given.insert(name.to_owned(), value.to_owned());
        }
    }

    /// Sets a variable for a recipe: `$@`, `$*`.
    pub(super) fn put(&mut self, name: &str, value: String) {
        self.values.insert(name.to_owned(), vec![value]);
    }

    /// An assignment. `conditional`: what was there before may still be.
    pub(super) fn set(&mut self, name: &str, value: &str, sign: &str, conditional: bool) {
        if self.fixed.iter().any(|fixed| fixed == name) {
            return;
        }
        // What refers to itself is settled now.
        let own = [format!("$({name})"), format!("${{{name}}}")];
        let mut value = value.to_owned();
        if own.iter().any(|own| value.contains(own)) {
            let before = self.values.get(name).and_then(|values| values.first()).cloned().unwrap_or_default();
            own.iter().for_each(|own| value = value.replace(own, &before));
            value.truncate(value.char_indices().map(|(at, _)| at).find(|at| *at >= SIZE).unwrap_or(value.len()));
        }
        let values = self.values.entry(name.to_owned()).or_default();
        match sign {
            "+=" if !values.is_empty() => {
                for before in values.iter_mut().filter(|before| before.len() < SIZE) {
                    before.push(' ');
                    before.push_str(&value);
                }
            }
            "?=" if !values.is_empty() && !conditional => {}
            // Nobody knows whether what stands in front of the command has reached it.
            "?=" if values.is_empty() && self.given.contains_key(name) => {
                values.extend(self.given.get(name).cloned());
                values.push(value);
            }
            _ if conditional => {
                values.push(value);
                // The first and the last are followed.
                if values.len() > 2 {
                    values.remove(1);
                }
            }
            _ => *values = vec![value],
        }
    }

    /// Text with its variables and functions filled in. `first`: of several values, the first counts, else the last.
    pub(super) fn expand(&self, text: &str, first: bool) -> String {
        let mut out = String::new();
        self.expand_into(text, first, DEPTH, &mut out);
        out
    }

    fn expand_into(&self, text: &str, first: bool, depth: u8, out: &mut String) {
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('$') {
            if out.len() + before.len() > SIZE {
                return out.push_str("${UNKNOWN}");
            }
            out.push_str(before);
            match behind.chars().next() {
                Some('$') => {
                    out.push('$');
                    rest = &behind[1..];
                }
                Some(open @ ('(' | '{')) => {
                    let close = if open == '(' { ')' } else { '}' };
                    let end = closing(behind, open, close);
                    self.reference(&behind[1..end], first, depth, out);
                    rest = behind.get(end + 1..).unwrap_or_default();
                }
                Some(name) => {
                    self.reference(&behind[..name.len_utf8()], first, depth, out);
                    rest = &behind[name.len_utf8()..];
                }
                None => rest = "",
            }
        }
        out.push_str(if out.len() + rest.len() <= SIZE { rest } else { "${UNKNOWN}" });
    }

    fn reference(&self, inside: &str, first: bool, depth: u8, out: &mut String) {
        let Some(depth) = depth.checked_sub(1) else { return out.push_str("${UNKNOWN}") };
        let full = |text: &str| {
            let mut out = String::new();
            self.expand_into(text, first, depth, &mut out);
            out
        };
        // `$(@D)`
        if let Some(of @ ("@" | "<" | "*")) = inside.strip_suffix(['D', 'F'])
            && let Some(value) = self.values.get(of).and_then(|values| values.first())
        {
            let (dir, file) = value.rsplit_once('/').unwrap_or((".", value));
            return out.push_str(if inside.ends_with('D') { dir } else { file });
        }
        if let Some((function, arguments)) = inside.split_once([' ', '\t']) {
            return self.function(function, arguments.trim_start(), &full, out);
        }
        // `$(SRC:.c=.o)`
        if let Some((name, change)) = inside.split_once(':')
            && let Some((from, to)) = change.split_once('=')
        {
            let words = full(&format!("$({name})"));
            return substituted(&with_percent(from), &with_percent(to), &words, out);
        }
        let name = full(inside);
        match self.values.get(&name) {
            Some(values) => {
                let value = if first { values.first() } else { values.last() };
                self.expand_into(value.map_or("", String::as_str), first, depth, out);
            }
            None if matches!(name.as_str(), "MAKE" | "MAKE_COMMAND") => out.push_str("make"),
            None if name == "RM" => out.push_str("rm -f"),
            None if name == "SHELL" => out.push_str("sh"),
            None if is_name(&name) => out.push_str(&format!("${{{name}}}")),
            None => out.push_str("${UNKNOWN}"),
        }
    }

    fn function(&self, name: &str, arguments: &str, full: &dyn Fn(&str) -> String, out: &mut String) {
        let parts: Vec<String> = split_arguments(arguments).into_iter().map(full).collect();
        let part = |at: usize| parts.get(at).map_or("", String::as_str);
        match name {
            "shell" => out.push_str(&format!("$({})", full(arguments))),
            "wildcard" | "strip" | "sort" | "realpath" | "abspath" | "info" | "value" | "firstword" | "lastword" => {
                out.push_str(&full(arguments));
            }
            "addprefix" => push_words(part(1), |word| format!("{}{word}", part(0)), out),
            "addsuffix" => push_words(part(1), |word| format!("{word}{}", part(0)), out),
            "dir" => push_words(
                part(0),
                |word| word.rsplit_once('/').map_or("./".to_owned(), |(dir, _)| format!("{dir}/")),
                out,
            ),
            "notdir" => push_words(part(0), |word| word.rsplit('/').next().unwrap_or(word).to_owned(), out),
            "basename" => {
                push_words(part(0), |word| word.rsplit_once('.').map_or(word, |(base, _)| base).to_owned(), out)
            }
            "subst" if !part(0).is_empty() => out.push_str(&part(2).replace(part(0), part(1))),
            "patsubst" => substituted(part(0), part(1), part(2), out),
            // Either may be meant.
            "if" | "or" | "and" => out.push_str(&parts.get(usize::from(name == "if")..).unwrap_or_default().join(" ")),
            "filter" | "filter-out" => out.push_str(part(1)),
            "call" => {
                let mut inner = self.clone();
                for (at, argument) in parts.iter().enumerate() {
                    inner.put(&at.to_string(), argument.clone());
                }
                // One level: what is called isn't called again from there.
                let body = self.values.get(part(0)).and_then(|values| values.first()).cloned().unwrap_or_default();
                inner.values.remove(part(0));
                inner.expand_into(&body, true, DEPTH / 3, out);
            }
            "foreach" => {
                let raw = split_arguments(arguments);
                for (at, word) in part(1).split_whitespace().enumerate() {
                    if at == WORDS {
                        return out.push_str(" ${UNKNOWN}");
                    }
                    let body = raw.get(2).copied().unwrap_or_default();
                    let body =
                        body.replace(&format!("$({})", part(0)), word).replace(&format!("${{{}}}", part(0)), word);
                    out.push(' ');
                    if out.len() > SIZE {
                        return out.push_str(" ${UNKNOWN}");
                    }
                    out.push_str(&full(&body));
                }
            }
            "warning" | "error" | "eval" | "origin" | "flavor" => {}
            _ => out.push_str("${UNKNOWN}"),
        }
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !name.as_bytes()[0].is_ascii_digit()
}

fn with_percent(pattern: &str) -> String {
    if pattern.contains('%') { pattern.to_owned() } else { format!("%{pattern}") }
}

fn substituted(from: &str, to: &str, words: &str, out: &mut String) {
    push_words(words, |word| stem(from, word).map_or_else(|| word.to_owned(), |stem| to.replacen('%', stem, 1)), out);
}

fn push_words(words: &str, each: impl Fn(&str) -> String, out: &mut String) {
    let mut words = words.split_whitespace();
    let done: Vec<String> = words.by_ref().take(1_024).map(each).collect();
    out.push_str(&done.join(" "));
    if words.next().is_some() {
        out.push_str(" ${UNKNOWN}");
    }
}

/// What `%` stands for in a name that is like a pattern.
pub(super) fn stem<'n>(pattern: &str, name: &'n str) -> Option<&'n str> {
    let (start, end) = pattern.split_once('%')?;
    (name.len() > start.len() + end.len()).then(|| name.strip_prefix(start)?.strip_suffix(end))?
}

/// Where the bracket that begins a text closes.
fn closing(text: &str, open: char, close: char) -> usize {
    let mut depth = 0usize;
    for (at, c) in text.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                return at;
            }
        }
    }
    text.len()
}

/// The arguments of a function, split at commas outside of brackets.
fn split_arguments(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut depth = 0usize;
    let mut start = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' | '{' => depth += 1,
            ')' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}
