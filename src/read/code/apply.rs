//! What a call in code does: the entry of its `[[call]]` table put into action.

use super::Code;
use super::tokens::Lexeme;
use super::value::{Argument, Value};
use crate::read::action::Kind;
use crate::read::reader::Stdin;
use crate::read::word::Word;
use crate::rules::model::{CodeCall, Does, Language};
use std::rc::Rc;

/// `argument` of a table that means what the method is called on: `Path("x").unlink()`.
pub(super) const RECEIVER: u8 = 99;
/// The most tokens behind a call in which a filter is looked for.
const FAR: usize = 400;
/// Words that an SQL statement begins with.
const SQL: [&str; 24] = [
    "alter", "begin", "call", "copy", "create", "delete", "drop", "exec", "execute", "explain", "grant", "insert",
    "merge", "pragma", "rename", "replace", "revoke", "select", "set", "truncate", "update", "use", "vacuum", "with",
];

impl<'t> Code<'_, '_, 't> {
    /// Does what the table says of a call. `open`: its bracket, or its last name where it has none.
    pub(super) fn apply(
        &mut self,
        call: &CodeCall,
        chain: &str,
        start: usize,
        open: Option<usize>,
        receiver: Option<usize>,
    ) {
        if let Some(which) = call.calls {
            return self.indirect(call, which, chain, start, open);
        }
        // `unlink for …`
        let modifier = |open: &usize| matches!(self.name(open + 1), Some("for" | "foreach" | "if" | "unless"));
        let bare = open.filter(|open| !matches!(self.kind(*open), Some(Lexeme::Name(_))) || !modifier(open));
        let arguments = bare.map_or_else(Vec::new, |open| self.arguments(open, 0));
        let end = open.map_or(start, |open| match self.kind(open) {
            Some(Lexeme::Mark(_)) => self.closing(open).unwrap_or(open),
            _ => arguments.last().map_or(open, |last| last.at.1.saturating_sub(1)),
        });
        if let Some(does) = call.does {
            self.touch(call, does, &arguments, start, end, receiver);
        }
        match call.carries {
            Some(Language::Http) => self.request(chain, &arguments, open, start, end),
            Some(language) => self.hand_on(call, chain, language, &arguments, (start, end)),
            None => {}
        }
        if !call.code.is_empty() {
            let origin = self.origin(start, end);
            self.reader.push(Kind::Code(call.code.to_string()), &origin);
        }
        if call.gives.is_some() && self.language == Language::Perl && call.argument == 1 {
            // find(sub { unlink $_ }, "dir")
            let below = self.yielded(call, None, &arguments);
            self.values.insert("$_", below);
        }
        if call.does.is_none()
            && call.carries.is_none()
            && call.code.as_str() == ""
            && matches!(super::last_name(chain), "chdir")
        {
            self.change_directory(&arguments);
        }
    }

    /// An effect on the files that an argument names.
    fn touch(
        &mut self,
        call: &CodeCall,
        does: Does,
        arguments: &[Argument<'t>],
        start: usize,
        end: usize,
        receiver: Option<usize>,
    ) {
        let value = if call.argument == RECEIVER {
            self.receiver(start, receiver)
        } else {
            self.positional(arguments, call.argument).map(|argument| argument.value.clone())
        };
        let recursive = call.recursive || flag(self, arguments, "recursive");
        let words = match value {
            Some(Value::List(list) | Value::Any(list)) => list,
            Some(Value::Word(word)) => vec![word],
            _ if call.argument == RECEIVER => return,
            // Perl: nothing given means `$_`.
            None if self.language == Language::Perl => match self.values.get("$_").cloned() {
                Some(Value::Any(list)) => list,
                value => vec![value.unwrap_or(Value::Unknown).word()],
            },
            _ => vec![Word::unknown()],
        };
        let origin = self.origin(start, end);
        for word in words {
            let (word, recursive) = self.through(word, recursive, start, end);
            // A program that removes one file of which nothing is known is a program like any other. Removing a whole tree is not,
            // unless the program is a file of its own, which knows what it does.
            let nothing_known = word.pieces.iter().all(|piece| !matches!(piece, crate::read::word::Piece::Text(_)));
            if word.has_unknown() && (self.scope.file || !recursive && nothing_known) {
                continue;
            }
            // The same thing once more is nothing new.
            if !self.touched.insert((does, word.shown(), recursive)) {
                continue;
            }
            self.reader.file(does, &word, recursive, &origin, self.scope.cwd.clone().as_deref());
        }
    }

    /// The arguments without keys, from 0.
    pub(super) fn positional<'a>(&self, arguments: &'a [Argument<'t>], at: u8) -> Option<&'a Argument<'t>> {
        arguments.iter().filter(|argument| argument.key.is_none()).nth(at as usize)
    }

    /// What a method is called on.
    fn receiver(&self, start: usize, receiver: Option<usize>) -> Option<Value> {
        let root = self.name(start).and_then(|name| self.values.get(name)).cloned();
        match (root, receiver) {
            (Some(value), _) => Some(value),
            // `Path("a", "b").unlink()`, `(Path("a") / "b").unlink()`: from its beginning.
            (None, Some(open)) => {
                let from = if matches!(self.kind(open.saturating_sub(1)), Some(Lexeme::Name(_))) {
                    self.chain_start(open)
                } else {
                    open
                };
                match self.value_before_method(from, open) {
                    Value::Unknown => None,
                    value => Some(value),
                }
            }
            (None, None) => None,
        }
    }

    fn chain_start(&self, open: usize) -> usize {
        let mut at = open.saturating_sub(1);
        while at >= 2
            && matches!(self.kind(at - 1), Some(Lexeme::Dot))
            && matches!(self.kind(at - 2), Some(Lexeme::Name(_)))
        {
            at -= 2;
        }
        at
    }

    /// `Path("a").unlink()`: the value of `Path("a")`.
    fn value_before_method(&self, from: usize, open: usize) -> Value {
        let arguments = self.arguments(open, 0);
        if from == open {
            return arguments.into_iter().next().map_or(Value::Unknown, |argument| argument.value);
        }
        let words: Vec<Word> = arguments
            .into_iter()
            .filter(|argument| argument.key.is_none())
            .map(|argument| argument.value.word())
            .collect();
        match words.len() {
            0 => Value::Unknown,
            _ => Value::Word(super::value::join(&words, "/")),
        }
    }

    /// `os.chdir(x)`: later paths are relative to it.
    fn change_directory(&mut self, arguments: &[Argument<'t>]) {
        let to = self.positional(arguments, 0).map(|argument| argument.value.clone().word());
        self.scope.cwd = match (to.as_ref().and_then(Word::known), &self.scope.cwd) {
            (Some(path), _) if path.starts_with('/') => Some(Rc::from(path)),
            (Some(path), Some(cwd)) => Some(Rc::from(crate::context::join(cwd, path).as_str())),
            _ => None,
        };
    }

    /// An argument that is written in a language.
    fn hand_on(
        &mut self,
        call: &CodeCall,
        chain: &str,
        language: Language,
        arguments: &[Argument<'t>],
        (start, end): (usize, usize),
    ) {
        let keyed = || arguments.iter().find(|argument| matches!(argument.key, Some("args" | "cmd" | "command")));
        let Some(first) = self.positional(arguments, call.argument).or_else(keyed) else { return };
        let mut rest =
            arguments.iter().filter(|argument| argument.key.is_none()).skip(call.argument as usize + 1).peekable();
        let value = first.value.clone();
        let origin = self.origin(start, end);
        let mut scope = self.scope.clone();
        scope.stdin = Stdin::None.into();
        if let Some(cwd) =
            arguments.iter().find(|argument| argument.key == Some("cwd")).and_then(|argument| match &argument.value {
                Value::Word(word) => word.known().map(str::to_owned),
                _ => None,
            })
        {
            scope.cwd = scope.cwd.as_deref().map(|from| Rc::from(crate::context::join(from, &cwd).as_str()));
        }
        match (language, value) {
            (Language::Shell | Language::Command, _) if !call.program.is_empty() => {
                self.run(self.words_of(call, arguments), &scope);
            }
            (Language::Shell | Language::Command, Value::List(words)) => self.run(words, &scope),
            (Language::Shell | Language::Command, Value::Any(words)) => {
                words.iter().for_each(|word| self.shell_word(word, &scope, &origin.shown));
            }
            (Language::Pipe, value) => {
                let word = value.word();
                let ends = (word.start().trim_start().starts_with('|'), word.shown().trim_end().ends_with('|'));
                if ends.0 || ends.1 {
                    self.shell_word(&super::given::unpiped(word), &scope, &origin.shown);
                }
            }
            (Language::Command, Value::Word(word)) if self.listed(&["args"], first.at, arguments).is_some() => {
                let mut words = vec![word];
                words.extend(self.listed(&["args"], first.at, arguments).unwrap_or_default());
                self.run(words, &scope);
            }
            (Language::Shell | Language::Command, Value::Object)
                if self.listed(&["cmd", "argv", "args"], first.at, arguments).is_some() =>
            {
                let words = self.listed(&["cmd", "argv", "args"], first.at, arguments).unwrap_or_default();
                self.run(words, &scope);
            }
            (Language::Shell | Language::Command, Value::Word(word)) => {
                let lists = language == Language::Command
                    || !matches!(self.language, Language::Php | Language::Javascript | Language::Mongo);
                let listed = lists
                    && rest.peek().is_some_and(|next| {
                        matches!(next.value, Value::List(_) | Value::Word(_))
                            || language == Language::Command && matches!(next.value, Value::Unknown)
                    });
                if listed {
                    let mut words = vec![word];
                    for argument in rest {
                        match &argument.value {
                            Value::List(more) => words.extend(more.iter().cloned()),
                            Value::Word(more) => words.push(more.clone()),
                            Value::Unknown | Value::Any(_) => words.push(Word::unknown()),
                            Value::Object => {}
                        }
                    }
                    return self.run(words, &scope);
                }
                self.shell_word(&word, &scope, &origin.shown);
            }
            (Language::Shell | Language::Command, _) => match self.helper(first) {
                // `def run(cmd): subprocess.run(cmd)`: calls of `run` are read instead.
                Some(helper) => _ = self.names.insert(helper, chain.to_owned()),
                None => self.unknown(&origin.shown),
            },
            (Language::Sql, Value::Word(word)) => {
                let text = word.shown();
                let first = text
                    .trim_start()
                    .split(|c: char| !c.is_ascii_alphabetic())
                    .next()
                    .unwrap_or("")
                    .to_ascii_lowercase();
                if SQL.contains(&first.as_str())
                    || text.trim_start().starts_with("--")
                    || text.trim_start().starts_with("/*")
                {
                    self.reader.read(Language::Sql, &text.replace('…', " "), &scope);
                }
            }
            (Language::Sql | Language::Graphql | Language::Redis, _) => {}
            (language, Value::Word(word)) => match word.known() {
                Some(text) => self.reader.read(language, text, &scope),
                None => self.unknown(&origin.shown),
            },
            (_, Value::Unknown | Value::Any(_)) => self.unknown(&origin.shown),
            _ => {}
        }
    }

    /// The function around here whose first parameter is this argument.
    fn helper(&self, argument: &Argument<'t>) -> Option<&'t str> {
        let at = argument.at.0;
        let parameter = self.name(at)?;
        (at.saturating_sub(80)..at).rev().filter(|at| self.name(*at) == Some(parameter)).find_map(|at| {
            let before = |back: usize| at.checked_sub(back).and_then(|at| self.name(at));
            let mark = |back: usize, mark: char| at.checked_sub(back).is_some_and(|at| self.is(at, mark));
            if mark(1, '(') && matches!(before(3), Some("def" | "function" | "fn")) {
                return before(2);
            }
            // run = (cmd) => …, run = cmd => …
            let arrow = (at + 1..at + 12).any(|at| self.is(at, '=') && self.is(at + 1, '>'));
            match arrow {
                true if mark(1, '(') && mark(2, '=') => before(3),
                true if mark(1, '(') && before(2) == Some("async") && mark(3, '=') => before(4),
                true if mark(1, '=') => before(2),
                _ => None,
            }
        })
    }

    /// Runs words as a command; a first word that is not known is not worth a question inside a program of its own.
    pub(super) fn run(&mut self, words: Vec<Word>, scope: &crate::read::reader::Scope) {
        if self.scope.file && words.first().is_none_or(Word::has_unknown) {
            return;
        }
        self.reader.argv(words, scope);
    }

    /// A command for a shell, perhaps with holes.
    pub(super) fn shell(&mut self, word: &Word, start: usize, end: usize) {
        let origin = self.origin(start, end);
        let scope = self.scope.clone();
        self.shell_word(word, &scope, &origin.shown);
    }

    fn shell_word(&mut self, word: &Word, scope: &crate::read::reader::Scope, shown: &str) {
        match word.known() {
            Some(text) => self.reader.read(Language::Shell, text, scope),
            None if !word.start().trim().is_empty() => {
                let mut text = String::new();
                for piece in &word.pieces {
                    match piece {
                        crate::read::word::Piece::Text(known) | crate::read::word::Piece::Glob(known) => {
                            text.push_str(known)
                        }
                        _ => text.push_str("${UNKNOWN}"),
                    }
                }
                self.reader.read(Language::Shell, &text, scope);
            }
            None => self.unknown(shown),
        }
    }

    /// Code that is put together while it runs. A program of its own is left to itself.
    fn unknown(&mut self, shown: &str) {
        if !self.scope.file {
            let scope = self.scope.clone();
            self.reader.opaque("eval", shown, &scope);
        }
    }

    /// Whether something in the chain of a call picks some of what it would reach: `where` in `t.where(…).del()`, `eq` in
    /// `t.delete().eq(…)`.
    pub(super) fn is_narrowed(&self, call: &CodeCall, chain: &str, open: Option<usize>) -> bool {
        if call.without.is_empty() {
            return false;
        }
        let picks = |name: &str| call.without.iter().any(|glob| crate::rules::glob::matches(glob, name));
        let before = chain.split('.').rev().skip(1).any(picks);
        let mut at = match open {
            Some(open) => self.closing(open).unwrap_or(open) + 1,
            None => return before,
        };
        let far = at + FAR;
        loop {
            match self.kind(at) {
                _ if before => return true,
                // That long a chain isn't written by anyone: nothing is taken out.
                _ if at > far => return false,
                Some(Lexeme::Line | Lexeme::Dot) => at += 1,
                Some(Lexeme::Mark('(')) => match self.closing(at) {
                    Some(close) => at = close + 1,
                    None => return false,
                },
                Some(Lexeme::Name(name)) if matches!(self.kind(at - 1), Some(Lexeme::Dot)) => {
                    if picks(name) {
                        return true;
                    }
                    at += 1;
                }
                _ => return false,
            }
        }
    }

    /// Whether a call meets what a name in a table demands of its arguments: `()`: none, or an empty filter;
    /// `('w*')`: a string like this behind the first argument; `(force: true)`: this key with this value.
    pub(super) fn meets(&self, demand: &str, open: Option<usize>) -> bool {
        let Some(open) = open else { return demand.is_empty() };
        let bracket = matches!(self.kind(open), Some(Lexeme::Mark(_)));
        if !bracket && demand.is_empty() {
            return !matches!(self.kind(open + 1), Some(Lexeme::Text(_) | Lexeme::Name(_) | Lexeme::Words(_)));
        }
        let close = self.closing(open).unwrap_or(open + 60).min(self.tokens.len());
        if demand == "{}" && !(open + 1..close).any(|at| self.is(at, '{')) {
            return false;
        }
        if demand.is_empty() || demand == "{}" {
            return (open + 1..close).all(|at| matches!(self.kind(at), Some(Lexeme::Line | Lexeme::Mark('{' | '}'))));
        }
        if let Some(glob) = demand.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
            return self.arguments(open, 0).iter().skip(1).any(|argument| {
                matches!(&argument.value, Value::Word(word) if word.known().is_some_and(|text| crate::rules::glob::matches(glob, text)))
            });
        }
        let Some((key, value)) = demand.split_once(": ") else { return false };
        (open..close).any(|at| {
            if value == "*" {
                return (open..close)
                    .any(|at| self.name(at) == Some(key) && (self.is(at + 1, ':') || self.is(at + 1, '=')));
            }
            let found = |at: usize| match value {
                "{}" => self.is(at, '{') && self.is(at + 1, '}'),
                _ => self.name(at).is_some_and(|name| name.eq_ignore_ascii_case(value)),
            };
            self.name(at) == Some(key)
                && (self.is(at + 1, ':') || self.is(at + 1, '='))
                && (found(at + 2) || found(at + 3))
        })
    }
}

/// `recursive: true` among the arguments.
fn flag(code: &Code<'_, '_, '_>, arguments: &[Argument<'_>], key: &str) -> bool {
    arguments.iter().any(|argument| {
        (argument.at.0..argument.at.1).any(|at| {
            code.name(at) == Some(key)
                && (at + 2..at + 4).any(|at| code.name(at).is_some_and(|name| matches!(name, "true" | "True" | "TRUE")))
        })
    })
}
