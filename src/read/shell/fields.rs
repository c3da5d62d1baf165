//! Words of the syntax tree to words that a program gets: braces, tildes, variables, substitutions, splitting.

use super::ast::{self, Operation, Parameter, Part};
use super::braces::braces;
use super::slice::{self, element};
use super::trim::trimmed;
use crate::read::parts::joined;
use crate::read::reader::{Reader, Scope, Stdin};
use crate::read::shared::Shared;
use crate::read::word::{HOLE, Piece, Word};
use smallvec::{SmallVec, smallvec};

/// The longest word in which braces are expanded, in bytes.
const LONG: usize = 8 << 10;
/// The most braces and commas in it: unbalanced ones are tried against each other.
const MARKS: usize = 512;
/// Variables of the shell itself that hold a number or a name, never a path and never nothing.
const NAMES: [&str; 16] = [
    "#",
    "?",
    "$",
    "!",
    "-",
    "RANDOM",
    "SRANDOM",
    "SECONDS",
    "UID",
    "EUID",
    "PPID",
    "LINENO",
    "SHLVL",
    "BASHPID",
    "EPOCHSECONDS",
    "HOSTNAME",
];

/// The value of a parameter or a substitution.
pub(super) enum Value {
    /// A word, which may be split.
    One(Word),
    /// `$@`, `${a[@]}`: a word each.
    Many(Vec<Word>),
}

impl Reader<'_> {
    /// The words that a word of a command line becomes.
    pub(super) fn fields(&mut self, word: &ast::Word, scope: &Scope) -> SmallVec<[Word; 1]> {
        match word.parts.as_slice() {
            [Part::Literal(text)] if !text.contains(['{', '~', '*', '?', '[', '(']) => {
                return smallvec![Word::text(text.clone())];
            }
            [Part::Quoted(text)] if !text.contains(HOLE) => return smallvec![Word::text(text.clone())],
            _ => {}
        }
        if word.parts.iter().any(|part| matches!(part, Part::Literal(text) if text.contains('{'))) {
            let mut all = SmallVec::new();
            // A word of that size is no list of names.
            let marks = |part: &Part| match part {
                Part::Literal(text) => text.bytes().filter(|byte| matches!(byte, b'{' | b'}' | b',')).count(),
                _ => 0,
            };
            let tame = word.span.len() <= LONG && word.parts.iter().map(marks).sum::<usize>() <= MARKS;
            match tame.then(|| braces(&word.parts)).flatten() {
                Some(words) => {
                    for parts in words {
                        all.extend(self.split(&parts, scope, true));
                    }
                }
                None => all.push(Word { splits: true, ..Word::unknown() }),
            }
            return all;
        }
        self.split(&word.parts, scope, true).into()
    }

    /// The one value of a word where nothing is split: assignments, here-documents, redirections.
    pub(super) fn value(&mut self, word: &ast::Word, scope: &Scope) -> Word {
        self.split(&word.parts, scope, false).into_iter().next().unwrap_or_default()
    }

    fn split(&mut self, parts: &[Part], scope: &Scope, splitting: bool) -> Vec<Word> {
        let mut fields = Fields { done: Vec::new(), word: Word::default(), begun: false, splitting };
        for (at, part) in parts.iter().enumerate() {
            match part {
                Part::Literal(text) => {
                    let rest = if at == 0 { self.tilde(text, &mut fields) } else { text };
                    fields.active(rest);
                }
                Part::Quoted(text) => fields.quoted(text),
                Part::Parameter(parameter) => {
                    let value = self.parameter(parameter, scope);
                    fields.add(value, parameter.quoted, self.shell.separators);
                }
                Part::Command { script, quoted, file } => {
                    let value = self.substitution(script, *file, scope);
                    fields.add(Value::One(value), *quoted, self.shell.separators);
                }
                Part::Process(script) => {
                    let path = self.process(script, scope);
                    fields.text(&path);
                }
                Part::Arithmetic(word) => {
                    self.value(word, scope);
                    fields.piece(Piece::Name);
                }
            }
        }
        let words = fields.finish();
        // What doubles itself (`a=$a$a`) must not grow beyond the budget.
        let grows = |word: &Word| word.pieces.len() > 4 || word.pieces.iter().any(|piece| piece.len() > 64);
        if (words.len() > 1 || words.iter().any(grows)) && !self.pay_for(&words) {
            return vec![Word { splits: splitting, ..Word::unknown() }];
        }
        words
    }

    /// A tilde at the start of a word; gives the rest.
    fn tilde<'t>(&self, text: &'t str, fields: &mut Fields) -> &'t str {
        // `of=~/x`, `declare X=~`
        let start = text
            .find("=~")
            .filter(|at| text[..*at].bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && *at > 0);
        let text = match start {
            Some(at) => {
                fields.text(&text[..=at]);
                &text[at + 1..]
            }
            None => text,
        };
        let Some(rest) = text.strip_prefix('~') else { return text };
        let end = rest.find(['/', ':']).unwrap_or(rest.len());
        let (user, rest) = rest.split_at(end);
        match user {
            "" => match self.lookup("HOME") {
                Value::One(home) => home.pieces.into_iter().for_each(|piece| fields.piece(piece)),
                Value::Many(_) => fields.piece(Piece::Unknown { empty: true }),
            },
            "+" => match self.shell.cwd.clone() {
                Some(cwd) => fields.text(&cwd),
                None => fields.piece(Piece::Unknown { empty: false }),
            },
            "-" => match self.shell.previous.clone() {
                Some(cwd) => fields.text(&cwd),
                None => fields.piece(Piece::Unknown { empty: false }),
            },
            "root" => fields.text("/root"),
            user if user.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')) => {
                fields.text("/home/");
                fields.text(user);
            }
            _ => {
                fields.text("~");
                return &text[1..];
            }
        }
        rest
    }

    fn parameter(&mut self, parameter: &Parameter, scope: &Scope) -> Value {
        let words: Vec<Word> = parameter.words.iter().map(|word| self.value(word, scope)).collect();
        let base = self.lookup(&parameter.name);
        let one = |value: Value| match value {
            Value::One(word) => word,
            Value::Many(words) => words.into_iter().next().unwrap_or_default(),
        };
        let never_empty = Word::from(Piece::Unknown { empty: false });
        match parameter.operation {
            Operation::Plain if parameter.quoted && parameter.name == "*" => self.in_one(base),
            Operation::Plain => base,
            Operation::Length => Value::One(Word::from(Piece::Name)),
            Operation::Required => {
                let mut word = one(base);
                for piece in &mut word.pieces {
                    if let Piece::Unknown { empty } = piece {
                        *empty = false;
                    }
                }
                Value::One(word)
            }
            Operation::Default | Operation::AssignDefault => {
                let default = words.last().cloned().unwrap_or_default();
                let value = match one(base) {
                    word if word.known() == Some("") => default,
                    word if word.has_unknown() && default.known() != Some("") => never_empty,
                    word => word,
                };
                if parameter.operation == Operation::AssignDefault {
                    self.shell.set(&parameter.name, value.clone());
                }
                Value::One(value)
            }
            Operation::Alternative => match one(base) {
                word if word.known() == Some("") => Value::One(Word::default()),
                _ => Value::One(Word::unknown()),
            },
            Operation::Element => {
                let index = words.first().and_then(Word::known);
                let array = self.shell.variables.get(&parameter.name).and_then(|variable| variable.array.clone());
                match (array, index) {
                    (Some(array), Some("*")) if parameter.quoted => self.in_one(Value::Many(array)),
                    (Some(array), Some("@" | "*")) => Value::Many(array),
                    (Some(array), Some(index)) => {
                        Value::One(index.parse().map_or_else(|_| Word::unknown(), |at| element(&array, at)))
                    }
                    // An array of which nothing is known: any number of words.
                    (None, Some("@")) if matches!(&base, Value::One(word) if word.has_unknown()) => {
                        Value::Many(vec![Word { splits: true, ..Word::unknown() }])
                    }
                    (None, Some("0" | "@" | "*")) => base,
                    _ => Value::One(Word::unknown()),
                }
            }
            Operation::Other => {
                // `${x@P}`: the value is read as a prompt.
                if words.last().and_then(Word::known) != Some("@P") {
                    let trims = match (parameter.words.as_slice(), &base) {
                        ([operation], Value::One(word)) => trimmed(word, operation),
                        _ => None,
                    };
                    return trims.map_or_else(|| self.slice(parameter, base, &words), Value::One);
                }
                match one(base).known() {
                    Some(text) => self.expand_again(text, scope),
                    None => self.opaque("eval", &format!("${{{}@P}}", parameter.name), scope),
                }
                Value::One(Word::unknown())
            }
        }
    }

    /// `${@:2}`, `${a[@]:1:2}`, `${x:3}`, as far as that is known.
    fn slice(&self, parameter: &Parameter, base: Value, words: &[Word]) -> Value {
        let name = parameter.name.as_str();
        let index = words.len().checked_sub(2).and_then(|at| words[at].known());
        let found = match (words.last(), base) {
            (Some(slice), Value::Many(list)) if index.is_none() => {
                let zero = self.shell.zero.clone().unwrap_or(Word::from(Piece::Name));
                slice::of_list(&list, Some(&zero), slice)
            }
            (Some(slice), Value::One(word)) if words.len() == 1 => slice::of_text(&word, slice),
            (Some(slice), _) if matches!(index, Some("@" | "*")) => {
                let variable = self.shell.variables.get(name);
                let array = variable.and_then(|variable| variable.array.as_ref());
                array.and_then(|array| slice::of_list(array, None, slice))
            }
            _ => None,
        };
        let list = matches!(name, "@" | "*") || matches!(index, Some("@" | "*"));
        let one = parameter.quoted && (name == "*" || index == Some("*"));
        match found {
            Some(value) if one => self.in_one(value),
            Some(value) => value,
            // Any number of words.
            None if list && !one => Value::Many(vec![Word { splits: true, ..Word::unknown() }]),
            None => Value::One(Word::unknown()),
        }
    }

    /// `"$*"`: one word, even where there is nothing.
    fn in_one(&self, value: Value) -> Value {
        let Value::Many(words) = value else { return value };
        if self.shell.separators && words.len() > 1 {
            return Value::One(Word::unknown());
        }
        Value::One(joined(words.iter()).unwrap_or_default())
    }

    /// The arguments, if they are known and there is only one choice.
    fn positional(&self) -> Option<&Vec<Word>> {
        self.shell.arguments.as_deref().filter(|_| self.shell.or_arguments.is_empty())
    }

    /// What a variable holds in a shell that is started here, where nobody has exported it.
    pub(super) fn inherited(&self, name: &str) -> Word {
        match self.lookup(name) {
            Value::One(word) if !self.shell.variables.contains_key(name) => word,
            _ => Word::unknown(),
        }
    }

    fn lookup(&self, name: &str) -> Value {
        let text = |text: &str| Value::One(Word::text(text));
        if matches!(name, "@" | "*") {
            return self.positional().map_or_else(
                || Value::One(Word { splits: true, ..Word::unknown() }),
                |list| Value::Many(list.to_vec()),
            );
        }
        if let Ok(at) = name.parse::<usize>() {
            return Value::One(match self.positional() {
                _ if at == 0 => self.shell.zero.clone().unwrap_or(Word::from(Piece::Name)),
                Some(arguments) => element(arguments, at - 1),
                None => Word::unknown(),
            });
        }
        if let Some(variable) = self.shell.variables.get(name) {
            if let Some(array) = &variable.array {
                return Value::One(array.first().cloned().unwrap_or_default());
            }
            let only = (variable.values.len() == 1).then_some(0);
            let pick = self.shell.picks.get(name).copied().or(only);
            return Value::One(pick.and_then(|at| variable.values.get(at).cloned()).unwrap_or_else(Word::unknown));
        }
        match name {
            "HOME" => text(&self.world.home),
            "CLAUDE_PROJECT_DIR" => text(&self.world.project),
            "TMPDIR" => text("/tmp/tmpdir"),
            "PWD" => self.shell.cwd.as_deref().map_or_else(|| Value::One(Word::unknown()), text),
            "IFS" => text(" "),
            name if NAMES.contains(&name) => Value::One(Word::from(Piece::Name)),
            _ => Value::One(Word::unknown()),
        }
    }

    /// Runs a substitution and gives what it prints, as far as that is known.
    fn substitution(&mut self, script: &ast::Script, file: bool, scope: &Scope) -> Word {
        self.shell.output = None;
        let before = self.shell.clone();
        self.shell.traps = Shared::default();
        self.items(script, scope);
        let output = self.shell.output.take();
        self.idle(&before.functions, scope);
        self.back_to(before);
        let plain = script.items.len() == 1
            && matches!(script.items[0].node, ast::Node::Simple(_) | ast::Node::Pipeline(_) | ast::Node::AndOr(..));
        match output.filter(|_| plain && !file).map(|output| Stdin::clone(&output.gives)) {
            // What has no place in a word is left out: which it is depends on who prints it.
            Some(Stdin::Text(word)) if word.pieces.iter().any(holds_zero) => Word::unknown(),
            Some(Stdin::Text(mut word)) => {
                if let Some(Piece::Text(text)) = word.pieces.last_mut() {
                    text.truncate(text.trim_end_matches('\n').len());
                    if text.is_empty() {
                        word.pieces.pop();
                    }
                }
                word
            }
            _ if script.items.is_empty() => Word::default(),
            _ => Word::unknown(),
        }
    }
}

/// Whether there is a zero byte in it, or what `printf` and `echo -e` make one of.
fn holds_zero(piece: &Piece) -> bool {
    matches!(piece, Piece::Text(text) if text.contains('\0') || text.contains("\\0"))
}

/// The fields of a word while they are put together.
struct Fields {
    done: Vec<Word>,
    word: Word,
    /// There is a word, though it may be empty (`""`).
    begun: bool,
    splitting: bool,
}

impl Fields {
    fn text(&mut self, text: &str) {
        self.begun = true;
        if !text.is_empty() {
            self.word.push(Piece::Text(text.into()));
        }
    }

    /// Text in quotes. A script that was put together may have holes there, too.
    fn quoted(&mut self, text: &str) {
        for (at, text) in text.split(HOLE).enumerate() {
            if at > 0 {
                self.piece(Piece::Unknown { empty: true });
            }
            self.text(text);
        }
    }

    fn piece(&mut self, piece: Piece) {
        self.begun = true;
        self.word.push(piece);
    }

    /// Text in which pattern characters are active.
    fn active(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if !self.splitting {
            return self.text(text);
        }
        let mut rest = text;
        while let Some(at) = rest.find(['*', '?', '[', '(']) {
            let (before, from) = rest.split_at(at);
            self.text(before);
            let end = match from.as_bytes()[0] {
                b'[' => from[1..].find(']').map(|close| close + 2),
                b'(' if before.ends_with(['!', '@', '+', '?', '*']) || at == 0 => Some(from.len()),
                b'(' => None,
                _ => Some(1),
            };
            match end {
                Some(end) => {
                    self.piece(Piece::Glob(from[..end].into()));
                    rest = &from[end..];
                }
                None => {
                    self.text(&from[..1]);
                    rest = &from[1..];
                }
            }
        }
        self.text(rest);
    }

    fn add(&mut self, value: Value, quoted: bool, separators: bool) {
        match value {
            Value::One(word) if quoted || !self.splitting => {
                self.begun = true;
                word.pieces.into_iter().for_each(|piece| self.word.push(piece));
            }
            Value::One(word) if separators && !word.pieces.is_empty() => {
                self.piece(Piece::Unknown { empty: true });
                self.word.splits = true;
            }
            Value::One(word) => self.unquoted(word),
            Value::Many(words) => {
                for (at, word) in words.into_iter().enumerate() {
                    if at > 0 {
                        if self.splitting && quoted {
                            // It is a word even where it is empty.
                            self.done.push(std::mem::take(&mut self.word));
                        } else if self.splitting {
                            self.end();
                        } else {
                            self.text(" ");
                        }
                    }
                    if quoted || !self.splitting {
                        self.begun = true;
                        self.word.splits |= word.splits && self.splitting;
                        word.pieces.into_iter().for_each(|piece| self.word.push(piece));
                    } else {
                        self.unquoted(word);
                    }
                }
            }
        }
    }

    /// The pieces of an unquoted value: blanks in it separate words, patterns in it are active.
    fn unquoted(&mut self, word: Word) {
        for piece in word.pieces {
            match piece {
                Piece::Text(text) => {
                    let mut first = true;
                    if text.starts_with([' ', '\t', '\n']) {
                        self.end();
                    }
                    for part in text.split([' ', '\t', '\n']).filter(|part| !part.is_empty()) {
                        if !first {
                            self.end();
                        }
                        first = false;
                        self.active(part);
                    }
                    if text.ends_with([' ', '\t', '\n']) {
                        self.end();
                    }
                }
                Piece::Unknown { .. } => {
                    self.piece(piece);
                    self.word.splits = true;
                }
                piece => self.piece(piece),
            }
        }
    }

    fn end(&mut self) {
        if self.begun && (!self.word.pieces.is_empty() || self.word.splits) {
            self.done.push(std::mem::take(&mut self.word));
        }
        self.word = Word::default();
        self.begun = false;
    }

    fn finish(mut self) -> Vec<Word> {
        if self.begun {
            self.done.push(self.word);
        }
        self.done
    }
}
