//! What expressions in code are known to give: literals, joined literals, variables that hold them, well-known places.

use super::Code;
use super::tokens::{Lexeme, Part};
use crate::read::word::{Piece, Word};
use crate::rules::model::Language;

/// The value of an expression.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// One string, perhaps with unknown parts.
    Word(Word),
    /// A list of them.
    List(Vec<Word>),
    /// One of these: what a loop goes through.
    Any(Vec<Word>),
    /// `{…}`: options, a filter.
    Object,
    /// It can't be known.
    Unknown,
}

/// One argument of a call.
pub(super) struct Argument<'t> {
    /// `recursive` in `recursive=True`.
    pub(super) key: Option<&'t str>,
    pub(super) value: Value,
    /// Where its tokens begin and end.
    pub(super) at: (usize, usize),
}

/// Nesting of expressions that is followed.
const DEPTH: u8 = 12;
/// The longest text that is put together from parts, in bytes: `a = a + a` doubles.
const LONG: usize = 16 << 10;
/// The most arguments that are looked at.
const MOST: usize = 64;

/// The text of a string without anything in it that must be evaluated.
pub(super) fn literal(parts: &[Part]) -> Option<String> {
    match parts {
        [] => Some(String::new()),
        [Part::Text(text)] => Some(text.clone()),
        _ => None,
    }
}

impl Value {
    pub(super) fn word(self) -> Word {
        match self {
            Self::Word(word) => word,
            _ => Word::unknown(),
        }
    }
}

impl<'t> Code<'_, '_, 't> {
    /// The word that a string gives: known variables in it are filled in.
    pub(super) fn word_of(&self, parts: &[Part<'t>]) -> Word {
        let mut word = Word::default();
        for part in parts {
            match part {
                Part::Text(text) => word.push(Piece::Text(text.as_str().into())),
                Part::Code(code) => match self.simple(code.trim()) {
                    Some(known) => known.pieces.into_iter().for_each(|piece| word.push(piece)),
                    None => word.push(Piece::Unknown { empty: true }),
                },
            }
            if parts.len() > 1 && size(&word) > LONG {
                return Word::unknown();
            }
        }
        word
    }

    /// The value of a variable, or of one of the well-known names.
    fn simple(&self, name: &str) -> Option<Word> {
        match self.values.get(name) {
            Some(Value::Word(word)) => Some(word.clone()),
            _ => self.well_known(name, None),
        }
    }

    /// Names and calls whose value is known everywhere: the home directory, the working directory, temporary folders.
    fn well_known(&self, name: &str, key: Option<&str>) -> Option<Word> {
        let variable = |key: &str| (key == "HOME").then(|| Word::text(self.reader.world.home.as_str()));
        match name {
            "os.environ" | "os.environ.get" | "os.getenv" | "getenv" | "ENV" | "ENV.fetch" | "$ENV" | "$_ENV"
            | "$_SERVER" | "process.env" => key.and_then(variable),
            "process.env.HOME" | "os.homedir" | "Path.home" | "pathlib.Path.home" | "Dir.home" | "homedir" => {
                variable("HOME")
            }
            "os.getcwd"
            | "process.cwd"
            | "Dir.pwd"
            | "getcwd"
            | "os.curdir"
            | "Path.cwd"
            | "pathlib.Path.cwd"
            | "__dirname"
            | "__DIR__"
            | "import.meta.dirname" => Some(Word::text(".")),
            "tempfile.mkdtemp"
            | "tempfile.gettempdir"
            | "fs.mkdtempSync"
            | "fs.promises.mkdtemp"
            | "os.tmpdir"
            | "Dir.mktmpdir"
            | "Dir.tmpdir"
            | "sys_get_temp_dir"
            | "File.Temp.tempdir"
            | "tempdir" => {
                let mut word = Word::text("/tmp/");
                word.push(Piece::Name);
                Some(word)
            }
            "__file__" | "__FILE__" | "__filename" => Some(Word::text("./this")),
            "sys.executable" => Some(Word::text("python3")),
            "process.execPath" | "process.argv0" => Some(Word::text("node")),
            _ => None,
        }
    }

    /// The value of the expression that starts here, and where it ends.
    pub(super) fn value(&self, at: usize, depth: u8) -> (Value, usize) {
        let (mut value, mut next) = self.primary(at, depth);
        loop {
            let joins = match self.kind(next) {
                Some(Lexeme::Mark('+')) if !self.is(next + 1, '+') => Some(""),
                Some(Lexeme::Mark('.')) if matches!(self.language, Language::Perl | Language::Php) => Some(""),
                // pathlib: Path("a") / "b"
                Some(Lexeme::Mark('/')) if self.language == Language::Python => Some("/"),
                _ => None,
            };
            let Some(between) = joins else { break };
            let (more, after) = self.primary(next + 1, depth);
            value = match (value, more) {
                (Value::List(mut list), Value::List(more)) => {
                    list.extend(more);
                    if list.len() > 20 * MOST {
                        return (Value::Unknown, after);
                    }
                    Value::List(list)
                }
                (left, right) => Value::Word(join(&[left.word(), right.word()], between)),
            };
            next = after;
        }
        // Whatever else stands there makes it unknown.
        match self.kind(next) {
            None | Some(Lexeme::Line | Lexeme::Mark(',' | ')' | ']' | '}' | ';' | ':')) => (value, next),
            Some(Lexeme::Name(word)) if matches!(*word, "if" | "unless" | "or" | "and" | "for" | "do" | "rescue") => {
                (value, next)
            }
            Some(Lexeme::Mark('|')) if matches!(value, Value::Word(_)) => (value, next),
            _ => (Value::Unknown, next),
        }
    }

    pub(super) fn primary(&self, at: usize, depth: u8) -> (Value, usize) {
        if depth > DEPTH {
            return (Value::Unknown, at + 1);
        }
        match self.kind(at) {
            Some(Lexeme::Text(parts)) => {
                let mut word = self.word_of(parts);
                let mut next = at + 1;
                while let (Language::Python | Language::Ruby, Some(Lexeme::Text(more))) =
                    (self.language, self.kind(next))
                {
                    self.word_of(more).pieces.into_iter().for_each(|piece| word.push(piece));
                    next += 1;
                }
                if matches!(self.kind(next), Some(Lexeme::Dot)) {
                    return self.method(word, next, depth);
                }
                (Value::Word(word), next)
            }
            Some(Lexeme::Words(words)) => {
                let list = listed(words.split_whitespace());
                match (self.kind(at + 1), self.name(at + 2)) {
                    (Some(Lexeme::Dot), Some(_)) => (Value::Unknown, at + 3),
                    _ => (list, at + 1),
                }
            }
            // A symbol of Ruby
            Some(Lexeme::Mark(':')) if self.language == Language::Ruby && self.name(at + 1).is_some() => {
                (self.name(at + 1).map_or(Value::Unknown, |name| Value::Word(Word::text(name))), at + 2)
            }
            Some(Lexeme::Mark('\\' | '*' | '&' | '@')) => self.primary(at + 1, depth + 1),
            Some(Lexeme::Mark('[')) => self.list(at, depth),
            Some(Lexeme::Mark('(')) => {
                let (value, end) = self.list(at, depth);
                match value {
                    Value::List(mut list) if list.len() == 1 && !self.is(end.saturating_sub(2), ',') => {
                        (Value::Word(list.remove(0)), end)
                    }
                    other => (other, end),
                }
            }
            Some(Lexeme::Mark('{')) => (Value::Object, self.closing(at).map_or(at + 1, |end| end + 1)),
            Some(Lexeme::Name("await" | "new" | "r")) if matches!(self.kind(at + 1), Some(Lexeme::Name(_))) => {
                self.primary(at + 1, depth + 1)
            }
            Some(Lexeme::Name(name)) => self.named(name, at, depth),
            _ => (Value::Unknown, at + 1),
        }
    }

    /// A variable, a well-known name, or a call of one of the functions that build paths.
    fn named(&self, name: &'t str, at: usize, depth: u8) -> (Value, usize) {
        let Some((path, next)) = self.path(at) else { return (Value::Unknown, at + 1) };
        if next == at + 1
            && let Some(value) = self.values.get(name)
            && !self.is(next, '(')
            && !self.is(next, '[')
        {
            return (value.clone(), next);
        }
        // `entry.path`, `path.parent`
        if next > at + 1
            && !self.is(at + 1, '(')
            && let Some(Value::Word(word)) = self.values.get(name)
            && self.names.get(name).is_none_or(|known| !known.contains("import"))
        {
            return self.method(word.clone(), at + 1, depth);
        }
        if name.bytes().all(|byte| byte.is_ascii_digit()) {
            return (Value::Word(Word::text(name)), at + 1);
        }
        let (open, close) = match self.kind(next) {
            Some(Lexeme::Mark('(' | '[' | '{')) if self.tokens[next].at == self.tokens[next - 1].end => {
                match self.closing(next) {
                    Some(close) => (next, close),
                    None => return (Value::Unknown, next + 1),
                }
            }
            // Perl, Ruby: `glob "*"`
            Some(Lexeme::Text(_))
                if matches!(self.language, Language::Perl | Language::Ruby) && self.gives(&path, false).is_some() =>
            {
                let value =
                    self.gives(&path, false).map(|call| self.yielded(call, None, &self.arguments(next - 1, depth + 1)));
                return (value.unwrap_or(Value::Unknown), self.line_end(next));
            }
            _ => return (self.well_known(&path, None).map_or(Value::Unknown, Value::Word), next),
        };
        let arguments = self.arguments(open, depth + 1);
        if let Some(call) = self.gives(&path, false) {
            return match (self.yielded(call, None, &arguments), self.kind(close + 1)) {
                (Value::Word(word), Some(Lexeme::Dot)) => self.method(word, close + 1, depth),
                (_, Some(Lexeme::Dot)) => (Value::Unknown, self.skip_chain(close + 1)),
                (value, _) => (value, close + 1),
            };
        }
        let words: Vec<Word> = arguments
            .into_iter()
            .filter(|argument| argument.key.is_none())
            .map(|argument| argument.value.word())
            .collect();
        let first = words.first().cloned();
        let value = match path.as_str() {
            "os.path.join" | "path.join" | "path.resolve" | "File.join" | "join" | "path.posix.join"
            | "posixpath.join" | "catfile" | "catdir" => Some(join(&words, "/")),
            "Path" | "pathlib.Path" | "PurePath" | "pathlib.PurePath" | "Pathname.new" | "Pathname" => {
                Some(if words.is_empty() { Word::text(".") } else { join(&words, "/") })
            }
            "str" | "String" | "os.fspath" | "os.path.abspath" | "os.path.realpath" | "os.path.normpath"
            | "path.normalize" | "shlex.quote" | "Array" | "String.new" | "escapeshellarg" | "Shellwords.escape" => {
                first
            }
            "os.path.expanduser" | "File.expand_path" | "expanduser" => first.map(|word| self.expand(word)),
            "shlex.split" => {
                let list =
                    first.and_then(|word| word.known().map(|text| text.split_whitespace().map(Word::text).collect()));
                return (list.map_or(Value::Unknown, Value::List), close + 1);
            }
            "os.path.dirname" | "dirname" | "path.dirname" | "File.dirname" => first.map(|word| parent(&word)),
            name => self.well_known(name, first.as_ref().and_then(Word::known)),
        };
        match (value, self.kind(close + 1)) {
            (Some(word), Some(Lexeme::Dot)) => self.method(word, close + 1, depth),
            (Some(word), _) => (Value::Word(word), close + 1),
            (None, Some(Lexeme::Dot)) => (Value::Unknown, self.skip_chain(close + 1)),
            (None, _) => (Value::Unknown, close + 1),
        }
    }

    /// `Path("~/x").expanduser()`, `"a b".split()`: methods of a known string.
    fn method(&self, word: Word, dot: usize, depth: u8) -> (Value, usize) {
        let Some(name) = self.name(dot + 1) else { return (Value::Unknown, dot + 1) };
        let open = dot + 2;
        let (arguments, next) = match self.is(open, '(').then(|| self.closing(open)).flatten() {
            Some(close) => (self.arguments(open, depth + 1), close + 1),
            None => (Vec::new(), open),
        };
        let value = match name {
            "expanduser" => Value::Word(self.expand(word)),
            "parent" => Value::Word(parent(&word)),
            // Whatever goes through them: the same paths.
            "each" | "forEach" | "map" | "each_entry" | "flat_map" | "path" | "getPathname" | "getRealPath"
            | "fullpath" | "to_a" | "sort" | "sorted" | "reverse" | "resolve" | "absolute" | "strip" | "trim"
            | "to_s" | "toString" | "rstrip" | "chomp" | "freeze" | "encode" | "as_posix" => Value::Word(word),
            "split" if arguments.is_empty() => {
                word.known().map_or(Value::Unknown, |text| listed(text.split_whitespace()))
            }
            "split" => match (word.known(), arguments.first().map(|argument| argument.value.clone().word())) {
                (Some(text), Some(by)) if by.known() == Some(" ") => listed(text.split(' ')),
                _ => Value::Unknown,
            },
            "joinpath" | "join"
                if matches!(self.language, Language::Python | Language::Ruby)
                    && !arguments.iter().any(|a| matches!(a.value, Value::List(_))) =>
            {
                let mut words = vec![word];
                words.extend(arguments.into_iter().map(|argument| argument.value.word()));
                Value::Word(join(&words, "/"))
            }
            "join" => match arguments.into_iter().next().map(|argument| argument.value) {
                Some(Value::List(list)) => Value::Word(join(&list, word.known().unwrap_or(" "))),
                _ => Value::Unknown,
            },
            name => match self.gives(&format!("?.{name}"), true) {
                Some(call) => self.yielded(call, Some(word), &arguments),
                None => Value::Unknown,
            },
        };
        match (value, self.kind(next)) {
            (Value::Word(word), Some(Lexeme::Dot)) if depth < DEPTH => self.method(word, next, depth + 1),
            (_, Some(Lexeme::Dot)) => (Value::Unknown, self.skip_chain(next)),
            (value, _) => (value, next),
        }
    }

    pub(super) fn skip_chain(&self, mut at: usize) -> usize {
        loop {
            match self.kind(at) {
                Some(Lexeme::Dot | Lexeme::Name(_)) => at += 1,
                Some(Lexeme::Mark('(' | '[')) => match self.closing(at) {
                    Some(close) => at = close + 1,
                    None => return at,
                },
                _ => return at,
            }
        }
    }

    /// `[…]` or `(…)`.
    fn list(&self, open: usize, depth: u8) -> (Value, usize) {
        let Some(close) = self.closing(open) else { return (Value::Unknown, open + 1) };
        let mut words = Vec::new();
        for argument in self.arguments(open, depth + 1) {
            match argument.value {
                Value::List(list) | Value::Any(list) => words.extend(list),
                value => words.push(value.word()),
            }
        }
        (Value::List(words), close + 1)
    }

    /// The arguments of a call whose bracket is at `open`, or that begin behind it up to the end of the line.
    pub(super) fn arguments(&self, open: usize, depth: u8) -> Vec<Argument<'t>> {
        let mut found = Vec::new();
        let bracket = self.closing(open).is_some() || matches!(self.kind(open), Some(Lexeme::Mark('(' | '[' | '{')));
        let end = if bracket {
            self.closing(open).unwrap_or((open + 600).min(self.tokens.len()))
        } else {
            self.line_end(open + 1)
        };
        let mut at = open + 1;
        while at < end && found.len() < MOST && depth <= DEPTH {
            if matches!(self.kind(at), Some(Lexeme::Line | Lexeme::Mark(','))) {
                at += 1;
                continue;
            }
            let key = self.name(at).filter(|_| self.is(at + 1, '=') && !self.is(at + 2, '=') || self.is(at + 1, ':'));
            let from = match key {
                Some(_) if self.is(at + 2, '>') => at + 3,
                Some(_) => at + 2,
                None => at,
            };
            let (mut value, mut next) = self.value(from, depth);
            // On to the comma.
            while next < end && !self.is(next, ',') {
                if !matches!(self.kind(next), Some(Lexeme::Line))
                    && !matches!(self.name(next), Some("for" | "if" | "unless" | "or" | "and" | "do"))
                    && !self.is(next, ':')
                {
                    value = if matches!(value, Value::Object) { Value::Object } else { Value::Unknown };
                }
                next = match self.kind(next) {
                    Some(Lexeme::Mark('(' | '[' | '{')) => self.closing(next).map_or(next + 1, |close| close + 1),
                    _ => next + 1,
                };
            }
            found.push(Argument { key, value, at: (at, next.min(end)) });
            if found.len() == MOST && next + 1 < end {
                // There are more of them.
                found.push(Argument { key: None, value: Value::Unknown, at: (next, end) });
            }
            at = next;
        }
        found
    }

    pub(super) fn line_end(&self, from: usize) -> usize {
        let mut at = from;
        while at < self.tokens.len() && at < from + 200 {
            match self.kind(at) {
                Some(Lexeme::Mark('(' | '[' | '{')) => match self.closing(at) {
                    Some(close) => at = close,
                    None => return at,
                },
                Some(Lexeme::Mark(';' | ')' | ']' | '}')) => return at,
                Some(Lexeme::Line) if !self.is(at.saturating_sub(1), ',') => return at,
                _ => {}
            }
            at += 1;
        }
        at
    }

    /// `~` at the start of a path.
    pub(super) fn expand(&self, word: Word) -> Word {
        let start = word.start();
        if start == "~" || start.starts_with("~/") {
            let mut out = Word::text(self.reader.world.home.as_str());
            crate::read::argv::after(&word, 1).pieces.into_iter().for_each(|piece| out.push(piece));
            return out;
        }
        word
    }

    /// A pattern that stands for the files it matches.
    pub(super) fn globbed(&self, word: Word) -> Word {
        let mut out = Word::default();
        for piece in word.pieces {
            out.push(match piece {
                Piece::Text(text) if text.contains(['*', '?', '[']) => Piece::Glob(text),
                piece => piece,
            });
        }
        out
    }
}

/// The bytes of text in a word.
/// A list of these, unless they are too many.
fn listed<'t>(texts: impl Iterator<Item = &'t str>) -> Value {
    let list: Vec<Word> = texts.take(20 * MOST + 1).map(Word::text).collect();
    if list.len() > 20 * MOST { Value::Unknown } else { Value::List(list) }
}

fn size(word: &Word) -> usize {
    word.pieces.iter().map(Piece::len).sum()
}

/// The directory that a path lies in.
fn parent(path: &Word) -> Word {
    match path.known().and_then(|path| path.trim_end_matches('/').rsplit_once('/')) {
        Some(("", _)) => Word::text("/"),
        Some((parent, _)) => Word::text(parent),
        None => Word::unknown(),
    }
}

/// Words side by side; an absolute one behind a slash starts anew.
pub(super) fn join(words: &[Word], between: &str) -> Word {
    let mut out = Word::default();
    for (at, word) in words.iter().enumerate() {
        if between == "/" && word.start().starts_with('/') {
            out = Word::default();
        } else if at > 0 && !out.pieces.is_empty() && !between.is_empty() {
            out.push(Piece::Text(between.into()));
        }
        for piece in &word.pieces {
            out.push(piece.clone());
        }
        if out.pieces.len() > 200 || size(&out) > LONG {
            return Word::unknown();
        }
    }
    out
}
