//! Commands that change the shell itself, functions and aliases; everything else is a program.

use super::ast::Assign;
use super::format::formatted;
use super::state::Function;
use crate::context::{Place, join};
use crate::read::action::{Action, Kind};
use crate::read::argv::find_paths;
use crate::read::parts::found_program;
use crate::read::reader::{DEPTH, Reader, Scope, Stdin};
use crate::read::run::NAMES;
use crate::read::word::{Piece, Word};
use crate::rules::index::Known;
use crate::rules::model::{Gives, Language};
use std::rc::Rc;

/// Builtins that change variables, arguments or the directory.
const CHANGES: [&str; 15] = [
    "cd",
    "pushd",
    "popd",
    "export",
    "declare",
    "typeset",
    "local",
    "readonly",
    "unset",
    "set",
    "shift",
    "read",
    "printf",
    "mapfile",
    "readarray",
];

/// The longest path of a directory, in bytes.
const PATH_MAX: usize = 4096;

impl Reader<'_> {
    /// Runs a command: a function, an alias, a builtin or a program.
    pub(super) fn dispatch(&mut self, words: Vec<Word>, assigns: &[Assign], scope: &Scope) {
        let Some(name) = words.first().and_then(Word::known).map(str::to_owned) else {
            return self.argv(words, scope);
        };
        if let Some(function) = self.shell.functions.get(&name).cloned() {
            self.call(&name, &function, &words[1..], scope);
            if !function.unsure {
                return;
            }
        }
        // Switched off, a builtin does nothing.
        let before = (self.shell.disabled && CHANGES.contains(&name.as_str())).then(|| self.shell.clone());
        self.builtin(name, words, assigns, scope);
        if let Some(before) = before {
            self.shell.merge(&before);
        }
    }

    /// Runs what is no function.
    fn builtin(&mut self, name: String, words: Vec<Word>, assigns: &[Assign], scope: &Scope) {
        if let Some(text) = self.shell.aliases.get(&name).cloned() {
            self.alias(&text, &words[1..], scope);
        }
        let arguments = &words[1..];
        self.arguments_again(&name, arguments, scope);
        match name.as_str() {
            "cd" | "pushd" | "popd" | "chdir" => self.change_directory(&name, arguments),
            "eval" => {
                let text = arguments.iter().fold(Word::default(), |mut all, word| {
                    if !all.pieces.is_empty() {
                        all.push(Piece::Text(" ".into()));
                    }
                    word.pieces.iter().for_each(|piece| all.push(piece.clone()));
                    all
                });
                return self.same_shell(&text, scope);
            }
            "trap" => {
                if let Some(script) = arguments.iter().find(|word| !matches!(word.known(), Some("--")))
                    && !matches!(script.known(), Some("-" | "" | "-l" | "-p"))
                {
                    // `trap "kill $PID" EXIT`: like in `sh -c`, what is unknown is a word among known ones.
                    let whole = script.has_unknown() && !script.start().trim().is_empty();
                    let script = if whole { Word::text(script.with_holes()) } else { script.clone() };
                    let branch = self.written.branch();
                    self.same_shell(&script, scope);
                    self.written.unsettle(branch);
                    // It runs later, when variables may hold something else.
                    let now = self.shell.variables.clone();
                    self.shell.traps.push((script, now));
                }
                return self.nothing("trap", scope);
            }
            // `command -v ls` only says what that is; in `builtin printf -v x /`, it is an option of another command.
            "command" | "builtin"
                if !arguments.is_empty()
                    && !arguments.iter().map_while(Word::known).take_while(|word| word.starts_with('-')).any(shows) =>
            {
                let skip = arguments.iter().take_while(|word| matches!(word.known(), Some("-p" | "--"))).count();
                let words = arguments[skip..].to_vec();
                // Functions of that name don't count here.
                return match words.first().and_then(Word::known).map(str::to_owned) {
                    Some(name) => self.builtin(name, words, assigns, scope),
                    None => self.argv(words, scope),
                };
            }
            "export" | "declare" | "typeset" | "local" | "readonly" => {
                self.declare(&name, arguments, assigns, scope);
            }
            "unset" => self.unset(arguments),
            "enable" => self.shell.disabled |= !arguments.is_empty(),
            "shopt" => {
                self.shell.inherits |=
                    arguments.iter().any(|word| word.known().is_none_or(|text| text.contains("localvar")));
            }
            "return" => self.returns(),
            "break" | "continue" => self.breaks(),
            "set" => {
                let strict = |word: &Word| {
                    word.known()
                        .is_some_and(|text| text.starts_with('-') && !text.starts_with("--") && text.contains('e'))
                };
                let all = |word: &Word, sign: char| {
                    let text = word.known().unwrap_or_default();
                    text.starts_with(sign) && !text.starts_with("--") && text.contains('a')
                };
                let named = |sign: &str| {
                    arguments
                        .windows(2)
                        .any(|pair| pair[0].known() == Some(sign) && pair[1].known() == Some("allexport"))
                };
                self.shell.exports |= arguments.iter().any(|word| all(word, '-')) || named("-o");
                self.shell.exports &= !(arguments.iter().any(|word| all(word, '+')) || named("+o"));
                let options = arguments.iter().take_while(|word| word.known() != Some("--"));
                self.shell.strict |= options.into_iter().any(|word| strict(word) || word.known() == Some("errexit"));
                match positionals(arguments) {
                    Positionals::Kept => {}
                    Positionals::Set(start) => self.shell.give(Some(arguments[start..].to_vec().into())),
                    Positionals::Unknown => self.shell.give(None),
                }
            }
            "shift" => {
                let count = match arguments.first() {
                    Some(word) => word.known().and_then(|text| text.parse::<usize>().ok()),
                    None => Some(1),
                };
                let list = self.shell.arguments.as_mut();
                let pattern = |list: &[Word]| matches!(list, [one] if one.has_glob() && !one.splits);
                if list.as_ref().is_some_and(|list| pattern(list)) {
                    // It is still one of the names like it.
                } else if let (Some(list), Some(count)) = (list, count)
                    && count <= list.len()
                    // It may be several words, or none: nobody knows which are left.
                    && !list.iter().take(count).any(|word| word.splits || word.has_glob())
                {
                    list.drain(..count);
                } else if self.shell.arguments.as_ref().is_some_and(|list| !list.is_empty()) {
                    // Bash leaves them as they are, others end there.
                    self.shell.give(None);
                }
            }
            "alias" => {
                for word in arguments {
                    if let Some((name, value)) = word.known().and_then(|text| text.split_once('=')) {
                        self.shell.aliases.insert(name.to_owned(), value.to_owned());
                        // It may be used by a shell that was started before, or where this text is sourced.
                        let outlined = self.outline_text(Language::Shell, value, scope);
                        self.inline(value, outlined.as_ref().unwrap_or(scope));
                    }
                }
            }
            "printf" => self.print_into(arguments),
            _ => {}
        }
        let known = self.known(&name);
        if known.tables.iter().any(|table| table.assigns) {
            for word in arguments {
                match word.known() {
                    Some(name) if !name.starts_with('-') => self.shell.set(name, Word::unknown()),
                    Some(_) => {}
                    None => self.set_unknown(),
                }
            }
        }
        let program = name.rsplit('/').next().unwrap_or(&name).to_owned();
        let known = if program == name { known } else { self.known(&program) };
        let confirms = known.tables.iter().any(|table| table.confirms);
        self.shell.output = None;
        self.sourced = matches!(name.as_str(), "source" | ".");
        self.argv(words, scope);
        self.sourced = false;
        let gives = self.prints(&known, scope);
        // A script that was run may have left what its own last command printed.
        self.printed(gives.unwrap_or(Stdin::Unknown), &program, confirms);
    }

    /// Text that this very shell runs.
    pub(super) fn same_shell(&mut self, text: &Word, scope: &Scope) {
        let mut inner = scope.clone();
        inner.depth += 1;
        if inner.depth > DEPTH || !self.pay(64 + 2 * text.start().len()) {
            return self.opaque("limit", &text.shown(), scope);
        }
        inner.origin.via.push("eval".into());
        match text.known() {
            Some(text) => {
                let outlined = self.outline_text(Language::Shell, text, &inner);
                self.inline(text, outlined.as_ref().unwrap_or(&inner));
            }
            None => self.opaque("eval", &text.shown(), scope),
        }
    }

    fn call(&mut self, name: &str, function: &Function, arguments: &[Word], scope: &Scope) {
        let mut inner = scope.clone();
        inner.depth += 1;
        self.shell.called.insert(name.to_owned());
        if inner.depth > DEPTH || !self.pay(64) || !self.pay_for(arguments) {
            return self.opaque("limit", name, scope);
        }
        let before = self.shell.arguments.replace(arguments.to_vec().into());
        let others = std::mem::take(&mut self.shell.or_arguments);
        let start = self.shell.clone();
        let mut after = None;
        // Only one of them is what the name stands for.
        for body in &function.bodies {
            self.shell = start.clone();
            self.shell.enter();
            let outlined = self.outline_function(name, body, &inner);
            self.until_return(|reader| reader.node(body, outlined.as_ref().unwrap_or(&inner)));
            self.shell.leave();
            let taken = std::mem::take(&mut self.shell);
            self.merge_into(&mut after, taken);
        }
        self.shell = after.unwrap_or(start);
        (self.shell.arguments, self.shell.or_arguments) = (before, others);
        self.shell.output = None;
    }

    fn alias(&mut self, text: &str, arguments: &[Word], scope: &Scope) {
        let mut inner = scope.clone();
        inner.depth += 1;
        if inner.depth > DEPTH || !self.pay(64 + text.len()) {
            return;
        }
        let words: Vec<Word> = text.split_whitespace().map(Word::text).chain(arguments.iter().cloned()).collect();
        // The alias may name itself: it is expanded once.
        self.argv(words, &inner);
    }

    fn change_directory(&mut self, name: &str, arguments: &[Word]) {
        let target =
            arguments.iter().find(|word| !matches!(word.known(), Some("-P" | "-L" | "-e" | "-@" | "--" | "-n")));
        let next = match target {
            None if name == "cd" => Some(self.world.home.clone()),
            None => None,
            Some(word) => match word.known() {
                Some("-") if name == "cd" => self.shell.previous.as_deref().map(str::to_owned),
                Some(path) if path.starts_with(['+', '-']) && name != "cd" => None,
                Some(path) if path.starts_with('/') => Some(join("/", path)),
                // It is looked for there first.
                Some(path) if !path.starts_with('.') && self.shell.variables.contains_key("CDPATH") => None,
                Some(path) => self.shell.cwd.as_deref().map(|cwd| join(cwd, path)),
                None => match word.pattern() {
                    // A glob leads somewhere below the directory it stands in.
                    Some(pattern) => self.shell.cwd.as_deref().map(|cwd| join(cwd, &pattern)),
                    None => None,
                },
            },
        };
        // The system refuses longer paths.
        let next: Option<Rc<str>> = next.filter(|path| path.len() < PATH_MAX).map(Rc::from);
        if next.is_none() || next != self.shell.cwd {
            self.shell.moved = true;
        }
        self.shell.unsure = !self.shell.strict && next != self.shell.cwd;
        self.shell.previous = std::mem::replace(&mut self.shell.cwd, next);
    }

    /// What the command prints that was just read, if its tables say that this can be known.
    pub(crate) fn prints(&self, known: &Known, scope: &Scope) -> Option<Stdin> {
        let prints = known.tables.iter().flat_map(|table| &table.prints);
        // Its own action is the last one: what it hands on comes first.
        let Some(Action { kind: Kind::Run(inv), .. }) = self.actions.last() else { return None };
        let prints = prints
            .filter(|prints| prints.with.is_empty() || inv.has(&prints.with, true))
            .filter(|prints| !inv.has(&prints.without, false))
            .find(|prints| inv.behind(&prints.command).is_some_and(|(_, guess)| !guess))?;
        let (behind, _) = inv.behind(&prints.command)?;
        let operands: Vec<&Word> = inv.operands.get(behind..)?.iter().map(|operand| &operand.word).collect();
        match prints.gives {
            Gives::Operands => Some(Stdin::Text(spoken(&operands))),
            Gives::Format => {
                let words = operands.iter().skip_while(|word| word.known() == Some("--"));
                let words: Vec<Word> = words.map(|word| Word::clone(word)).collect();
                words.split_first().map(|(format, rest)| Stdin::Text(formatted(format, rest)))
            }
            Gives::Cwd => self.shell.cwd.as_deref().map(|cwd| Stdin::Text(Word::text(cwd))),
            // Elsewhere, it is the root of another project.
            Gives::Project => {
                let project = self.world.project.as_str();
                let inside = |cwd: &str| cwd == project || cwd.starts_with(&format!("{project}/"));
                self.shell.cwd.as_deref().is_some_and(inside).then(|| Stdin::Text(Word::text(project)))
            }
            Gives::Temp => {
                // `-t` puts a bare name there too.
                let there = inv.options.iter().any(|given| given.name == "-t");
                let bare = |word: &&Word| there && word.known().is_some_and(|text| !text.contains('/'));
                let elsewhere = operands.iter().any(|word| !bare(word) && !word.start().starts_with("/tmp/"))
                    || inv
                        .options
                        .iter()
                        .any(|given| matches!(given.name.as_str(), "-p" | "--tmpdir") && given.value.is_some());
                (!elsewhere).then(|| Stdin::Text(Word::text("/tmp/tmp.XXXXXXXXXX")))
            }
            Gives::Parent => operands.last().and_then(|word| parent(word)).map(Stdin::Text),
            Gives::Path => {
                let cwd = self.shell.cwd.as_deref();
                let place = Place::resolve(operands.last()?, cwd, scope.origin.elsewhere, self.world, self.rules);
                (place.certain && place.path.starts_with('/')).then(|| Stdin::Text(Word::text(place.path)))
            }
            Gives::Program => match operands.as_slice() {
                [one] => Some(Stdin::Text(found_program(one))),
                _ => None,
            },
            Gives::Setup | Gives::Nothing => Some(Stdin::Text(Word::default())),
            Gives::Input | Gives::Joined => None,
            Gives::Name => Some(Stdin::Text(Word::from(Piece::Name))),
            Gives::Found => match find_paths(inv) {
                (paths, false) if paths.len() <= NAMES => Some(Stdin::Names(paths)),
                _ => None,
            },
            Gives::Stdin => match operands.as_slice() {
                [] => match &*scope.stdin {
                    Stdin::None => None,
                    stdin => Some(stdin.clone()),
                },
                [one] if one.known() == Some("-") => Some(Stdin::clone(&scope.stdin)),
                [one] => {
                    // Where it lies is settled here, where the working directory is known.
                    let place =
                        Place::resolve(one, self.shell.cwd.as_deref(), scope.origin.elsewhere, self.world, self.rules);
                    Some(if place.certain { Stdin::File(Word::text(place.path)) } else { Stdin::Unknown })
                }
                _ => None,
            },
        }
    }
}

/// Whether an option of `command` makes it show what a name stands for.
fn shows(option: &str) -> bool {
    option != "--" && option.contains(['v', 'V'])
}

/// What `set` makes of the positional arguments.
enum Positionals {
    /// It has options only.
    Kept,
    /// They are its arguments from this one on.
    Set(usize),
    /// Nobody knows.
    Unknown,
}

/// Reads the arguments of `set` as bash does: each `o` among the options takes the next word (`-euo pipefail`).
fn positionals(arguments: &[Word]) -> Positionals {
    let mut at = 0;
    while let Some(word) = arguments.get(at) {
        match word.known() {
            Some("--") => return Positionals::Set(at + 1),
            // A lone dash ends the options, too, and leaves the arguments as they are if none follow.
            Some("-") if at + 1 == arguments.len() => return Positionals::Kept,
            Some("-") => return Positionals::Set(at + 1),
            Some(text) if text.len() > 1 && text.starts_with(['-', '+']) => {
                at += 1 + text.bytes().filter(|byte| *byte == b'o').count();
            }
            Some(_) => return Positionals::Set(at),
            None if word.splits || word.start().is_empty() || word.start().starts_with(['-', '+']) => {
                return Positionals::Unknown;
            }
            None => return Positionals::Set(at),
        }
    }
    Positionals::Kept
}

/// The directory that a path lies in, as `dirname` gives it.
fn parent(word: &Word) -> Option<Word> {
    let mut dir = word.clone();
    let Some(Piece::Text(last)) = dir.pieces.last_mut() else { return None };
    match last.trim_end_matches('/').rfind('/') {
        Some(at) => last.truncate(at.max(usize::from(word.pieces.len() == 1))),
        None if word.pieces.len() == 1 => *last = ".".into(),
        None => return None,
    }
    Some(dir)
}

/// What `echo` says: its operands, with escapes filled in.
fn spoken(operands: &[&Word]) -> Word {
    let operands: Vec<Word> = operands
        .iter()
        .skip_while(|word| {
            word.known().is_some_and(|text| {
                text.len() > 1 && text.starts_with('-') && text[1..].chars().all(|c| "neE".contains(c))
            })
        })
        .map(|word| Word::clone(word))
        .collect();
    let mut out = Word::default();
    for (at, word) in operands.iter().enumerate() {
        if at > 0 {
            out.push(Piece::Text(" ".into()));
        }
        for piece in &word.pieces {
            out.push(match piece {
                Piece::Text(text) => Piece::Text(unescaped(text).into()),
                piece => piece.clone(),
            });
        }
    }
    out
}

/// `\n`, `\x72`, `\0162` and their like, decoded.
pub(super) fn unescaped(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let code = &rest[at + 1..];
        let digits = |from: usize, most: usize, radix: u32| {
            let end = code[from..].char_indices().take(most).take_while(|(_, c)| c.is_digit(radix)).count() + from;
            (u8::from_str_radix(&code[from..end], radix).ok(), end)
        };
        // `\u002f`: a character by its number.
        if let Some(most) = code
            .bytes()
            .next()
            .and_then(|kind| [(b'u', 4), (b'U', 8)].into_iter().find(|(of, _)| *of == kind))
            .map(|(_, most)| most)
        {
            let length = code[1..].bytes().take(most).take_while(u8::is_ascii_hexdigit).count();
            if let Some(char) = u32::from_str_radix(&code[1..=length], 16).ok().and_then(char::from_u32) {
                out.push(char);
                rest = &code[1 + length..];
                continue;
            }
        }
        let (byte, used) = match code.as_bytes().first() {
            Some(b'n') => (Some(b'\n'), 1),
            Some(b't') => (Some(b'\t'), 1),
            Some(b'r') => (Some(b'\r'), 1),
            Some(b'\\') => (Some(b'\\'), 1),
            Some(b'x') => digits(1, 2, 16),
            Some(b'0') => digits(1, 3, 8),
            Some(b'1'..=b'7') => digits(0, 3, 8),
            _ => (None, 0),
        };
        match byte {
            Some(byte) if used > 0 => {
                out.push(char::from(byte));
                rest = &code[used..];
            }
            _ => {
                out.push('\\');
                rest = code;
            }
        }
    }
    out.push_str(rest);
    out
}
