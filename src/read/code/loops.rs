//! Loops: what their variables go through, and whether a condition picks some of it.

use super::Code;
use super::tokens::Lexeme;
use super::value::Value;
use crate::read::word::{Piece, Word};
use crate::rules::model::{Language, Yields};

/// How far a loop is looked for in front of a call.
const FAR: usize = 80;
/// Tests that pick nothing: whatever exists is a file or a directory.
const KINDS: [&str; 16] = [
    "is_file",
    "isfile",
    "is_dir",
    "isdir",
    "exists",
    "lexists",
    "islink",
    "is_symlink",
    "is_link",
    "isFile",
    "isDirectory",
    "existsSync",
    "file?",
    "directory?",
    "exist?",
    "file_exists",
];

impl<'t> Code<'_, '_, 't> {
    /// `for x in …`, `for (const x of …)`, `foreach (… as $x)`: remembers what x goes through. Whether it is a loop.
    pub(super) fn loops(&mut self, at: usize) -> bool {
        if self.language == Language::Perl
            && at
                .checked_sub(1)
                .is_none_or(|before| matches!(self.kind(before), Some(Lexeme::Line | Lexeme::Mark(';' | '{' | '}'))))
        {
            // unlink $_ for …;
            let end = self.line_end(at).min(at + 60);
            if let Some(postfix) = (at + 1..end).find(|at| matches!(self.name(*at), Some("for" | "foreach"))) {
                let value = self.primary(postfix + 1, 4).0;
                self.bind("$_", value);
            }
        }
        match self.name(at) {
            // with os.scandir(…) as entries
            Some("with") if self.language == Language::Python => {
                let (value, next) = self.primary(at + 1, 4);
                if let (Some("as"), Some(name)) = (self.name(next), self.name(next + 1)) {
                    match value {
                        Value::Word(_) => self.bind(name, value),
                        // with requests.Session() as s
                        _ => _ = self.chain_from(at + 1, 0).map(|chain| self.names.insert(name, chain)),
                    }
                }
                false
            }
            Some("for") if !matches!(self.language, Language::Perl | Language::Php) => self.for_in(at),
            Some("for" | "foreach") if self.language == Language::Perl => {
                let mut open = at + 1;
                let mut name = "$_";
                if matches!(self.name(open), Some("my" | "our")) {
                    open += 1;
                }
                if let Some(named) = self.name(open) {
                    name = named;
                    open += 1;
                }
                if self.is(open, '(') {
                    let value = self.primary(open, 4).0;
                    self.bind(name, value);
                }
                true
            }
            Some("foreach") if self.language == Language::Php && self.is(at + 1, '(') => {
                let Some(close) = self.closing(at + 1) else { return true };
                let Some(named) = (at + 2..close.min(at + 80)).find(|at| self.name(*at) == Some("as")) else {
                    return true;
                };
                let last = (named + 1..close).rev().find_map(|at| self.name(at));
                let value = self.primary(at + 2, 4).0;
                if let Some(name) = last {
                    self.bind(name, value);
                }
                true
            }
            _ => false,
        }
    }

    /// Whether what stands here is in a loop over what a server has listed: `for a in get(url).json():`.
    pub(super) fn goes_through_a_list(&self, start: usize) -> bool {
        const LOOPS: [&str; 5] = ["for", "foreach", "forEach", "each", "map"];
        const NEAR: usize = 120;
        let listed = |text: &str| {
            let text = text.to_ascii_lowercase();
            ["get(", "\"get\"", "'get'", "fetch(", ".json("].iter().any(|sign| text.contains(sign))
        };
        let line = |at: usize| -> &str {
            let begin = self.text[..at].rfind('\n').map_or(0, |at| at + 1);
            self.text[begin..].lines().next().unwrap_or_default()
        };
        let mut loops = (start.saturating_sub(NEAR)..start).rev();
        let Some(found) = loops.find(|at| self.name(*at).is_some_and(|name| LOOPS.contains(&name))) else {
            return false;
        };
        let head = line(self.tokens[found].at);
        // `agents = get(url).json()`, and then `for a in agents:`
        let names = (found.saturating_sub(4)..(found + 12).min(start)).filter_map(|at| self.name(at));
        let set = |name: &str| {
            let mut sets = self.text.lines().filter(|line| {
                let rest = line.trim_start().trim_start_matches("const ").trim_start_matches("let ");
                rest.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('='))
            });
            sets.any(listed)
        };
        listed(head) || names.into_iter().any(set)
    }

    fn for_in(&mut self, at: usize) -> bool {
        let Some(word) = (at + 1..at + 24).find(|at| matches!(self.name(*at), Some("in" | "of"))) else {
            return false;
        };
        let targets: Vec<&'t str> = (at + 1..word)
            .filter_map(|at| self.name(at))
            .filter(|name| !matches!(*name, "const" | "let" | "var" | "await"))
            .collect();
        let value = self.primary(word + 1, 4).0;
        let walks = self
            .chain_from(word + 1, 0)
            .is_some_and(|chain| self.gives(&chain, false).is_some_and(|call| call.gives == Some(Yields::Below)));
        match targets.as_slice() {
            [name] => self.bind(name, value),
            // for directory, directories, files in os.walk(…)
            [first, rest @ ..] => {
                self.bind(first, if walks { value } else { Value::Unknown });
                rest.iter().for_each(|name| self.bind(name, Value::Unknown));
            }
            [] => {}
        }
        false
    }

    /// `[f(x) for x in …]`: the loop stands behind what it does.
    pub(super) fn comprehension(&mut self, open: usize) {
        if self.language != Language::Python {
            return;
        }
        let Some(close) = self.closing(open) else { return };
        let mut at = open + 1;
        while at < close.min(open + 200) {
            match self.kind(at) {
                Some(Lexeme::Mark('(' | '[' | '{')) => at = self.closing(at).unwrap_or(at),
                Some(Lexeme::Name("for")) => _ = self.for_in(at),
                _ => {}
            }
            at += 1;
        }
    }

    /// `….each { |x| …`, `….forEach(x => …)`: `head` is where the expression begins, `at` the `|` or the method.
    pub(super) fn block(&mut self, head: usize, at: usize) {
        let parameter = if self.language == Language::Ruby {
            let opens = at.checked_sub(1).is_some_and(|before| self.is(before, '{') || self.name(before) == Some("do"));
            if !opens || !self.is(at, '|') { None } else { self.name(at + 1) }
        } else if self.language == Language::Javascript
            && matches!(self.name(at), Some("forEach" | "map"))
            && self.is(at + 1, '(')
        {
            (at + 2..at + 6).find_map(|at| self.name(at).filter(|name| !matches!(*name, "async" | "function")))
        } else {
            None
        };
        if let Some(name) = parameter {
            let value = self.primary(head, 4).0;
            self.bind(name, value);
        }
    }

    /// `import("fs").then(fs => …)`: names what the promise gives.
    pub(super) fn settled(&mut self, at: usize) {
        if self.language != Language::Javascript || self.name(at) != Some("then") || !self.is(at + 1, '(') {
            return;
        }
        let Some(open) =
            (at.saturating_sub(8)..at).rev().find(|open| self.closing(*open) == Some(at.saturating_sub(2)))
        else {
            return;
        };
        let from = open.saturating_sub(1);
        if self.name(from) != Some("import") {
            return;
        }
        let Some(path) = self.given("import", open, 0) else { return };
        let mut at = at + 2;
        while self.is(at, '(') || self.name(at) == Some("async") {
            at += 1;
        }
        match (self.name(at), self.closing(at)) {
            (Some(name), _) => _ = self.names.insert(name, path),
            (None, Some(close)) if self.is(at, '{') => self.import_pattern(&path, at, close + 1),
            _ => {}
        }
    }

    fn bind(&mut self, name: &'t str, value: Value) {
        self.names.remove(name);
        if self.language == Language::Python && matches!(value, Value::Word(_)) {
            self.names.insert(name, "Path".to_owned());
        }
        let value = match value {
            Value::List(mut list) if list.len() == 1 => Value::Word(list.remove(0)),
            Value::List(list) => Value::Any(list),
            // A loop through the characters of a string is of no interest.
            Value::Word(word) if !word.pieces.iter().any(|piece| matches!(piece, Piece::Glob(_))) => Value::Unknown,
            value => value,
        };
        self.values.insert(name, value);
    }

    /// What a call in a loop reaches: everything below a directory where it goes through all of it, one unknown thing where
    /// a condition picks it.
    pub(super) fn through(&self, word: Word, recursive: bool, start: usize, end: usize) -> (Word, bool) {
        if !word.pieces.iter().any(|piece| matches!(piece, Piece::Glob(_))) {
            return (word, recursive);
        }
        if self.picks(start, end) {
            let pieces = word.pieces.into_iter();
            let pieces = pieces.map(|piece| match piece {
                Piece::Glob(glob) => match glob.rsplit_once('/') {
                    Some((directory, _)) if !directory.contains('*') => {
                        vec![Piece::Text(format!("{directory}/").into()), Piece::Name]
                    }
                    _ => vec![Piece::Name],
                },
                piece => vec![piece],
            });
            let mut word = Word::default();
            pieces.flatten().for_each(|piece| word.push(piece));
            return (word, recursive);
        }
        // Everything below: `dir/**/…`
        let mut text = String::new();
        for piece in &word.pieces {
            match piece {
                Piece::Text(known) | Piece::Glob(known) => text.push_str(known),
                Piece::Unknown { .. } | Piece::Name => text.push('\0'),
            }
        }
        match text.split_once("**") {
            Some((before, behind)) if !before.contains('\0') && behind.chars().all(|c| "*/\0.".contains(c)) => {
                (Word::text(if before.is_empty() { "." } else { before }), true)
            }
            _ => (word, recursive),
        }
    }

    /// Whether a condition stands between a loop and the call in it.
    fn picks(&self, start: usize, end: usize) -> bool {
        let from = start.saturating_sub(FAR);
        let head = (from..start).rev().find(|at| {
            matches!(self.name(*at), Some("for" | "foreach" | "forEach" | "each" | "map" | "find" | "do" | "while"))
        });
        let behind = self.line_end(end).min(end + 40);
        (head.unwrap_or(start)..start).chain(end + 1..behind).any(|at| match self.name(at) {
            Some("if" | "unless" | "elif" | "elsif") => {
                let test = at + 1..self.condition_end(at + 1);
                let kind = test.clone().any(|at| {
                    self.name(at).is_some_and(|name| KINDS.contains(&name))
                        || self.is(at, '-')
                            && self.name(at + 1).is_some_and(|name| matches!(name, "f" | "d" | "e" | "l"))
                });
                !kind || test.into_iter().any(|at| matches!(self.kind(at), Some(Lexeme::Text(_))))
            }
            Some(
                "continue" | "next" | "filter" | "select" | "reject" | "grep" | "fnmatch" | "endswith" | "startswith"
                | "endsWith" | "startsWith" | "suffix" | "extname",
            ) => true,
            _ => self.is(at, '&') && self.is(at + 1, '&'),
        })
    }

    fn condition_end(&self, from: usize) -> usize {
        let mut at = from;
        while at < from + 30 {
            match self.kind(at) {
                None | Some(Lexeme::Line | Lexeme::Mark(';' | '{' | ']' | '}')) => break,
                Some(Lexeme::Mark(':')) if self.language == Language::Python => break,
                Some(Lexeme::Mark('(')) if self.language != Language::Python => {
                    return self.closing(at).unwrap_or(at);
                }
                _ => at += 1,
            }
        }
        at
    }
}
