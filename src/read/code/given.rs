//! What calls give back that has a name or is a path: modules, members by name, what is matched or lies below. And calls
//! that call what they are given: `send(:system, …)`, `array_map("unlink", …)`.

use super::apply::RECEIVER;
use super::names::module;
use super::tokens::Lexeme;
use super::value::{Argument, Value};
use super::{Code, last_name};
use crate::read::word::{Piece, Word};
use crate::rules::model::{CodeCall, Language, Yields};

/// How deep names that are made from names are followed.
const DEPTH: u8 = 6;

/// Something that may be the name of a member.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() < 60
        && text.chars().all(|c| c.is_alphanumeric() || "_$:-".contains(c))
        && !text.starts_with(|c: char| c.is_ascii_digit())
}

/// A command without the `|` at its beginning or its end.
pub(super) fn unpiped(mut word: Word) -> Word {
    if let Some(Piece::Text(text)) = word.pieces.first_mut() {
        *text = text.trim_start().trim_start_matches('|').into();
    }
    if let Some(Piece::Text(text)) = word.pieces.last_mut() {
        *text = text.trim_end().trim_end_matches('|').into();
    }
    word
}

impl<'t> Code<'_, '_, 't> {
    /// The table that says what a call of this name gives back.
    pub(super) fn gives(&self, chain: &str, method: bool) -> Option<&CodeCall> {
        self.calls
            .get(last_name(chain))?
            .iter()
            .filter(|call| call.gives.is_some() && (call.argument == RECEIVER) == method)
            .find(|call| call.name.iter().any(|name| self.fits(name, chain)))
            .copied()
    }

    /// The name of what a call or an index gives: `os.system` for `getattr(os, "system")`, `fs.rm` for `fs["rm"]`.
    pub(super) fn given(&self, chain: &str, open: usize, depth: u8) -> Option<String> {
        if chain.is_empty() || depth > DEPTH {
            return None;
        }
        if self.is(open, '[') {
            if matches!(self.language, Language::Perl | Language::Php) {
                return None;
            }
            let (value, next) = self.value(open + 1, 8);
            let word = value.word();
            let name = word.known().filter(|name| is_name(name) && self.closing(open) == Some(next));
            // `db[c].drop()`: some member.
            let some = matches!(self.language, Language::Javascript | Language::Mongo).then_some("?");
            return name.or(some).map(|name| format!("{chain}.{name}"));
        }
        let call = self.gives(chain, false)?;
        let arguments = self.arguments(open, 8);
        let named = |at: u8| {
            let word = self.positional(&arguments, at)?.value.clone().word();
            word.known().map(str::to_owned)
        };
        let chain_of = |at: u8| self.chain_from(self.positional(&arguments, at)?.at.0, depth + 1);
        match call.gives? {
            Yields::Module => named(0).filter(|name| name.len() < 100).map(module),
            Yields::Itself => chain_of(call.argument),
            Yields::Member => match (named(0).filter(|name| is_name(name)), named(1).filter(|name| is_name(name))) {
                (_, Some(member)) => Some(format!("{}.{member}", chain_of(0)?)),
                (Some(member), None) => Some(within(chain, &member)),
                _ => None,
            },
            Yields::Matches | Yields::Inside | Yields::Below => None,
        }
    }

    /// The paths that a call gives.
    pub(super) fn yielded(&self, call: &CodeCall, receiver: Option<Word>, arguments: &[Argument<'t>]) -> Value {
        let value = |at: u8| self.positional(arguments, at).map(|argument| argument.value.clone());
        if call.gives == Some(Yields::Itself) {
            return value(call.argument).unwrap_or(Value::Unknown);
        }
        let method = call.argument == RECEIVER;
        let Some(path) = (if method { receiver } else { value(call.argument).map(Value::word) }) else {
            return Value::Unknown;
        };
        let pattern = value(0).filter(|_| method).map(Value::word);
        let pattern = pattern.as_ref().and_then(Word::known).unwrap_or("*");
        let with = |glob: String| {
            let mut path = path.clone();
            if !path.shown().ends_with('/') {
                path.push(Piece::Text("/".into()));
            }
            path.push(Piece::Glob(glob.into()));
            Value::Word(path)
        };
        match call.gives {
            Some(Yields::Matches) if method => with(pattern.to_owned()),
            Some(Yields::Matches) if self.language == Language::Perl => {
                Value::Word(self.globbed(self.expand(path.clone())))
            }
            Some(Yields::Matches) => Value::Word(self.globbed(path.clone())),
            Some(Yields::Inside) => with("*".to_owned()),
            Some(Yields::Below) if method && !matches!(pattern, "*" | "**" | "**/*") => with(format!("**/{pattern}")),
            Some(Yields::Below) => with("**".to_owned()),
            _ => Value::Unknown,
        }
    }

    /// Calls what an argument names, with the arguments behind it.
    pub(super) fn indirect(&mut self, call: &CodeCall, which: u8, chain: &str, start: usize, open: Option<usize>) {
        let Some(open) = open.filter(|_| self.depth < DEPTH) else { return };
        // A bracket that nothing closes is no call.
        if matches!(self.kind(open), Some(Lexeme::Mark(_))) && self.closing(open).is_none() {
            return;
        }
        let arguments = self.arguments(open, 0);
        let name = if which == RECEIVER {
            chain.rsplit_once('.').map(|(before, _)| before.to_owned())
        } else {
            self.positional(&arguments, which).and_then(|argument| match &argument.value {
                Value::Word(word) => word.known().filter(|name| is_name(name)).map(|name| within(chain, name)),
                _ => self.chain_from(argument.at.0, 0),
            })
        };
        // `Thread(target=os.system, args=("…",))`
        let keyed = |keys: &[&str]| {
            let found = arguments.iter().find(|argument| argument.key.is_some_and(|key| keys.contains(&key)));
            found.map(|argument| argument.at.0 + 2)
        };
        if let (Some(target), Some(list)) = (keyed(&["target", "func", "function"]), keyed(&["args"])) {
            if let Some(name) = self.chain_from(target, 0) {
                self.depth += 1;
                self.called(&name, start, Some(list), None);
                self.depth -= 1;
            }
            return;
        }
        let Some(name) = name else { return };
        let Some(next) = self.positional(&arguments, call.argument) else {
            self.depth += 1;
            self.called(&name, start, None, None);
            self.depth -= 1;
            return;
        };
        let from = next.at.0;
        let end = self.closing(open).unwrap_or_else(|| self.line_end(open + 1));
        self.depth += 1;
        // The token in front of the first argument is the bracket of the call that is meant.
        let bracket = from.saturating_sub(1);
        if self.closing(bracket).is_none()
            && end > bracket
            && let Some(close) = self.closers.get_mut(bracket)
        {
            *close = end;
        }
        self.called(&name, start, Some(bracket), None);
        if matches!(self.kind(from), Some(Lexeme::Mark('['))) {
            // `apply(null, [a, b])`
            self.called(&name, start, Some(from), None);
        }
        self.depth -= 1;
    }

    /// `args: ["-rf", "/"]` among the arguments from one on.
    pub(super) fn listed(&self, keys: &[&str], first: (usize, usize), arguments: &[Argument<'t>]) -> Option<Vec<Word>> {
        let end = arguments.last().map_or(first.1, |last| last.at.1).min(first.0 + 200);
        (first.0..end).find_map(|at| {
            let named = self.name(at).is_some_and(|name| keys.contains(&name)) && self.is(at + 1, ':');
            match self.value(at + 2, 0).0 {
                Value::List(list) if named => Some(list),
                _ => None,
            }
        })
    }

    /// The words of the program that a call stands for: `call_command("flush", interactive=False)`.
    pub(super) fn words_of(&self, call: &CodeCall, arguments: &[Argument<'t>]) -> Vec<Word> {
        let mut words = vec![Word::text(call.program.to_string())];
        for argument in arguments {
            match (argument.key, argument.value.clone()) {
                (Some(key), _) => {
                    let name = key.replace('_', "-");
                    let value = self.name(argument.at.1.saturating_sub(1)).unwrap_or("");
                    words.push(Word::text(match value {
                        "True" | "true" => format!("--{name}"),
                        value => format!("--{name}={value}"),
                    }));
                }
                // PHP: `['--force' => true]`
                (None, Value::List(list)) => words.extend(list.into_iter().filter(|word| !word.has_unknown())),
                (None, value) => words.push(value.word()),
            }
        }
        let mut more = Vec::new();
        if let Some(last) = arguments.iter().rev().find(|argument| self.is(argument.at.0, '[')) {
            for at in last.at.0..last.at.1 {
                if let Some(Lexeme::Text(parts)) = self.kind(at)
                    && let Some(text) = super::value::literal(parts).filter(|text| text.starts_with("--"))
                {
                    more.push(Word::text(text));
                }
            }
        }
        words.extend(more);
        words
    }
}

/// The name of a member beside the last part of a chain: `Kernel.system` for `Kernel.send` and `system`.
fn within(chain: &str, name: &str) -> String {
    match chain.rsplit_once('.') {
        Some((before, _)) if !name.contains('.') => format!("{before}.{name}"),
        _ => name.to_owned(),
    }
}
