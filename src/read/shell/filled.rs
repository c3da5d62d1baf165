//! What `read`, `mapfile` and `printf -v` put into variables, where that stands in the call.

use super::ast::{Assign, Part, Redirect, RedirectKind, Value};
use super::format::formatted;
use crate::read::reader::{Reader, Scope, Stdin};
use crate::read::word::{Piece, Word};

impl Reader<'_> {
    /// The words of a builtin that fills variables from what it is given to read by itself: `read -ra c <<< "$x"`. From
    /// what a loop or a group is given, nobody knows which line it gets.
    pub(super) fn fills(&self, words: &[Word], inner: &Scope, scope: &Scope) -> Option<Vec<Word>> {
        let name = words.first()?.known()?;
        let own = !inner.stdin.same(&scope.stdin) && !self.shell.functions.contains_key(name);
        (own && !self.shell.separators && matches!(name, "read" | "mapfile" | "readarray")).then(|| words.to_vec())
    }

    /// Whether a builtin that would fill variables may leave them as they are: it is switched off or another name of
    /// something, zsh prints what it read (`-e`), or a redirection fails.
    pub(super) fn may_not_fill(&self, words: &[Word], redirects: &[Redirect]) -> bool {
        let behind = words.iter().map(Word::known).skip_while(|word| matches!(word, Some("command" | "builtin")));
        let words: Vec<Option<&str>> = behind.collect();
        let Some(Some(name)) = words.first() else { return false };
        let option = |has: &dyn Fn(&str) -> bool| {
            words[1..].iter().map_while(|word| *word).take_while(|word| word.starts_with('-')).any(has)
        };
        match *name {
            "printf" if !option(&|word| word.starts_with("-v")) => return false,
            "read" if option(&|word| word.contains('e')) => return true,
            "printf" | "read" | "mapfile" | "readarray" => {}
            _ => return false,
        }
        self.shell.disabled || self.shell.aliases.contains_key(*name) || redirects.iter().any(may_fail)
    }

    /// `printf -v name format …`
    pub(super) fn print_into(&mut self, arguments: &[Word]) {
        let Some(first) = arguments.first() else { return };
        // The name may stand in the same word: `-vname`.
        let (name, operands) = match first.known() {
            Some("-v") => (arguments.get(1).cloned(), arguments.get(2..).unwrap_or_default()),
            _ if first.start().starts_with("-v") => {
                let mut name = first.clone();
                if let Some(Piece::Text(text)) = name.pieces.first_mut() {
                    *text = text[2..].into();
                }
                (Some(name), &arguments[1..])
            }
            _ => return,
        };
        let operands = operands.strip_prefix([Word::text("--")].as_slice()).unwrap_or(operands);
        let text = operands.split_first().map(|(format, rest)| formatted(format, rest));
        // Bash ends what it keeps at a zero byte: `\0`, `\x00`, `\u0000`.
        let text = text.filter(|_| !operands.iter().any(has_zero)).unwrap_or_else(Word::unknown);
        match name.as_ref().map(Word::known) {
            Some(Some(name)) => match name.split_once('[') {
                Some((array, _)) => self.shell.set(array, Word::unknown()),
                None => self.shell.set(name, text),
            },
            Some(None) => self.set_unknown(),
            None => {}
        }
    }

    /// Sets what such a builtin fills. Nothing is known of it where this doesn't say so.
    pub(super) fn fill_variables(&mut self, words: &[Word], assigns: &[Assign], scope: &Scope) {
        let Stdin::Text(text) = &*scope.stdin else { return };
        let (Some(text), Some(filled)) = (text.known(), Filled::of(words)) else { return };
        let separator = match assigns {
            [] => Some(Separator::Blank(&[' ', '\t'])),
            [assign] if assign.name == "IFS" => separator(assign),
            _ => None,
        };
        let Some(separator) = separator else { return };
        if !self.pay(text.len() / 8 + 8) {
            return;
        }
        if filled.lines {
            let lines = text.strip_suffix('\n').unwrap_or(text).split('\n').map(Word::text);
            return self.shell.set_array(filled.names[0], lines.collect());
        }
        let line = text.split('\n').next().unwrap_or_default();
        // Without `-r`, a backslash protects what stands behind it.
        if !filled.raw && line.contains('\\') {
            return;
        }
        if filled.array {
            return self.shell.set_array(filled.names[0], separator.fields(line, usize::MAX));
        }
        let mut fields = separator.fields(line, filled.names.len()).into_iter();
        for name in filled.names {
            self.shell.set(name, fields.next().unwrap_or_default());
        }
    }
}

/// Whether a redirection may fail: then the builtin doesn't run. What it is given to read is no matter here.
fn may_fail(redirect: &Redirect) -> bool {
    let target = match redirect.target.parts.as_slice() {
        [Part::Literal(text) | Part::Quoted(text)] => text.as_str(),
        _ => "",
    };
    match redirect.kind {
        RedirectKind::HereDocument | RedirectKind::HereString => false,
        RedirectKind::Duplicate => !matches!(target, "1" | "2" | "-"),
        RedirectKind::Read if redirect.descriptor.is_none_or(|descriptor| descriptor == 0) => false,
        _ => target != "/dev/null",
    }
}

/// What is filled, and how.
struct Filled<'w> {
    names: Vec<&'w str>,
    /// `read -a`: one list.
    array: bool,
    /// `mapfile -t`: one list of lines.
    lines: bool,
    /// `read -r`.
    raw: bool,
}

impl<'w> Filled<'w> {
    /// `None`: it isn't known what is filled, or with what part of the text.
    fn of(words: &'w [Word]) -> Option<Self> {
        let lines = words.first()?.known()? != "read";
        let mut filled = Self { names: Vec::new(), array: false, lines, raw: lines };
        let mut trimmed = false;
        for word in &words[1..] {
            match word.known()? {
                "--" => {}
                "-t" if lines => trimmed = true,
                options if options.starts_with('-') && !lines && filled.names.is_empty() && !filled.array => {
                    for option in options[1..].chars() {
                        match option {
                            'r' => filled.raw = true,
                            's' | 'e' => {}
                            // The name of the list is the next word, and nothing stands behind it in this one.
                            'a' if options.ends_with('a') => filled.array = true,
                            _ => return None,
                        }
                    }
                }
                name if is_name(name) => filled.names.push(name),
                _ => return None,
            }
        }
        let one = filled.names.len() == 1 && (!lines || trimmed);
        (one || !filled.array && !lines && !filled.names.is_empty()).then_some(filled)
    }
}

/// What separates the fields of a line.
enum Separator {
    /// Any number of these.
    Blank(&'static [char]),
    Nothing,
    Char(char),
}

/// What `IFS=…` in front of it says, if that is one of these.
fn separator(assign: &Assign) -> Option<Separator> {
    let Value::Word(word) = &assign.value else { return None };
    let mut text = String::new();
    for part in &word.parts {
        match part {
            Part::Literal(more) | Part::Quoted(more) => text.push_str(more),
            _ => return None,
        }
    }
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (None, _) => Some(Separator::Nothing),
        (Some(' '), None) => Some(Separator::Blank(&[' '])),
        (Some(char), None) if !char.is_whitespace() => Some(Separator::Char(char)),
        _ => None,
    }
}

impl Separator {
    /// The fields of a line, so many at most: the last one has the rest.
    fn fields(&self, line: &str, most: usize) -> Vec<Word> {
        let mut rest = match self {
            Self::Blank(blank) => line.trim_matches(*blank),
            Self::Nothing | Self::Char(_) => line,
        };
        let mut fields = Vec::new();
        while !rest.is_empty() && fields.len() + 1 < most {
            let split = match self {
                Self::Blank(blank) => {
                    rest.split_once(*blank).map(|(field, rest)| (field, rest.trim_start_matches(*blank)))
                }
                Self::Char(char) => rest.split_once(*char),
                Self::Nothing => None,
            };
            let (field, behind) = split.unwrap_or((rest, ""));
            fields.push(Word::text(field));
            rest = behind;
        }
        if !rest.is_empty() {
            // One separator at the end of the last field doesn't count.
            let last = match self {
                Self::Char(char) => rest.strip_suffix(*char).filter(|last| !last.contains(*char)).unwrap_or(rest),
                Self::Blank(_) | Self::Nothing => rest,
            };
            fields.push(Word::text(last));
        }
        fields
    }
}

/// Whether there may be a zero byte in what `printf` makes of a word.
fn has_zero(word: &Word) -> bool {
    let zero = |text: &str| ["\\0", "\\x0", "\\u0", "\\U0"].iter().any(|zero| text.contains(zero));
    word.pieces.iter().any(|piece| matches!(piece, Piece::Text(text) if zero(text)))
}

fn is_name(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    plain && !text.is_empty() && !text.as_bytes()[0].is_ascii_digit()
}
