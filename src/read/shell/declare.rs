//! `declare`, `local`, `export` and their like, `unset`, and what else sets variables by their names.

use super::ast::{Assign, Value};
use super::state::Variable;
use crate::read::parts::assignment;
use crate::read::reader::{Reader, Scope};
use crate::read::word::{Piece, Pieces, Word};

/// The options of a declaration that are known, by their letters.
const LETTERS: &str = "aAfFgiIlnrtuxp";

/// A command that declares variables.
struct Declaration<'w> {
    /// `local`, `declare` …
    name: &'w str,
    /// The letters of its options; those behind `+` are in `without`.
    letters: String,
    without: String,
    /// One of its options can't be known, or isn't one: it may do nothing.
    unsure: bool,
    /// What is declared.
    words: &'w [Word],
}

impl<'w> Declaration<'w> {
    fn read(name: &'w str, words: &'w [Word]) -> Self {
        let mut read = Self { name, letters: String::new(), without: String::new(), unsure: false, words };
        while let Some((word, rest)) = read.words.split_first() {
            let text = word.known();
            match text {
                Some("--") => read.words = rest,
                Some(text) if text.len() > 1 && text.starts_with(['-', '+']) => {
                    let kept = if text.starts_with('-') { &mut read.letters } else { &mut read.without };
                    kept.push_str(&text[1..]);
                    read.unsure |= !text[1..].chars().all(|letter| LETTERS.contains(letter));
                    read.words = rest;
                    continue;
                }
                // `declare "${o:--g}" x`: an option, or a name.
                None if word.start().is_empty() || word.start().starts_with(['-', '+']) => {
                    read.unsure = true;
                    read.words = rest;
                    continue;
                }
                _ => {}
            }
            break;
        }
        read
    }

    fn has(&self, letter: char) -> bool {
        self.letters.contains(letter)
    }

    /// It only shows something, or speaks of functions.
    fn shows(&self) -> bool {
        let exports = matches!(self.name, "export" | "readonly");
        self.has('f') || !exports && (self.has('F') || self.has('p'))
    }

    /// What is set later isn't what the variable holds.
    fn alters(&self) -> bool {
        self.name != "export" && self.letters.contains(['l', 'u', 'n'])
    }

    /// A value in the letters that the variable keeps it in.
    fn cased(&self, mut value: Word) -> Word {
        for piece in &mut value.pieces {
            match piece {
                Piece::Text(text) if self.has('l') => *text = text.to_lowercase(),
                Piece::Text(text) if self.has('u') => *text = text.to_uppercase(),
                _ => {}
            }
        }
        value
    }

    /// What it declares is the function's own.
    fn owns(&self) -> bool {
        self.name == "local" || matches!(self.name, "declare" | "typeset") && !self.has('g')
    }
}

/// `NAME=value` and `NAME+=value`; `true`: it is added to what is there.
fn assigned(word: &Word) -> Option<(String, Word, bool)> {
    if let Some((name, value)) = assignment(word) {
        return Some((name, value, false));
    }
    let (name, _) = word.start().split_once("+=")?;
    let (same, value) = assignment(&Word { pieces: without_plus(word, name.len()), splits: word.splits })?;
    (same == name).then_some((same, value, true))
}

/// The pieces of a word whose first one has a `+` at this place, without it.
fn without_plus(word: &Word, at: usize) -> Pieces {
    let mut pieces = word.pieces.clone();
    if let Some(Piece::Text(text)) = pieces.first_mut() {
        text.remove(at);
    }
    pieces
}

impl Reader<'_> {
    /// A builtin that declares variables. `assigns`: the lists among its words, and what stands in front of it.
    pub(super) fn declare(&mut self, name: &str, words: &[Word], assigns: &[Assign], scope: &Scope) {
        let declaration = Declaration::read(name, words);
        let nowhere = name == "local" && self.shell.frames.is_empty();
        let unsure = declaration.unsure || nowhere || declaration.has('p') || name != "local" && declaration.has('F');
        let before = unsure.then(|| self.shell.clone());
        if !declaration.shows() {
            for assign in assigns {
                self.declare_list(&declaration, assign, scope);
            }
            for word in declaration.words {
                self.declare_word(&declaration, word, scope);
            }
            // What couldn't be told may have been a name.
            if declaration.unsure && words.iter().any(Word::has_unknown) {
                self.set_any(&declaration);
            }
        }
        if let Some(before) = before {
            self.shell.merge(&before);
        }
    }

    /// `declare a=(…)`, and `A=1 declare …`.
    fn declare_list(&mut self, declaration: &Declaration<'_>, assign: &Assign, scope: &Scope) {
        let Value::Array(_) = &assign.value else { return };
        let name = &assign.name;
        let global = declaration.has('g') && matches!(declaration.name, "declare" | "typeset");
        let before = global.then(|| self.shell.variables.get(name).cloned());
        if declaration.owns() {
            self.shell.localize(name, true);
        }
        self.assign(assign, scope);
        self.mark(declaration, name);
        if let Some(before) = before {
            let value = self.shell.variables.get(name).cloned().unwrap_or_default();
            match before {
                Some(before) => _ = self.shell.variables.insert(name.clone(), before),
                None => _ = self.shell.variables.remove(name),
            }
            self.shell.set_global(name, &value);
        }
    }

    fn declare_word(&mut self, declaration: &Declaration<'_>, word: &Word, scope: &Scope) {
        let Some((name, value, adds)) = assigned(word) else {
            return match word.known().map(|text| (text, text.split_once('['))) {
                // `declare 'a[0]=x'`: where in the list isn't followed.
                Some((_, Some((name, _)))) => {
                    if declaration.owns() {
                        self.shell.localize(name, true);
                    }
                    self.shell.set(name, Word::unknown());
                }
                Some((name, None)) => {
                    if declaration.owns() {
                        self.shell.localize(name, declaration.has('I') || self.shell.inherits);
                    }
                    self.mark(declaration, name);
                }
                // `export $(grep -v '^#' .env | xargs)` sets what such files hold.
                None if self.settings => {}
                None => self.set_any(declaration),
            };
        };
        self.assigned_again(&name, &value, scope);
        self.variable(&name, &value, scope);
        let global = declaration.has('g') && matches!(declaration.name, "declare" | "typeset");
        if declaration.owns() {
            self.shell.localize(&name, declaration.has('I') || self.shell.inherits);
        }
        // Under another name, that variable may be set from now on.
        if let Some(other) = value.known().filter(|_| declaration.has('n')).map(str::to_owned) {
            self.shell.set(&other, Word::unknown());
            if let Some(other) = self.shell.variables.get_mut(&other) {
                other.altered = true;
            }
        }
        let before = if global { self.shell.global(&name) } else { self.shell.variables.get(&name).cloned() };
        let value = if adds { self.added_to(&name, before.as_ref(), value) } else { value };
        // `declare -a 'a=(x y)'`: a list in quotes.
        let value = if value.start().starts_with('(') { Word::unknown() } else { value };
        let number = Word::from(Piece::Name);
        let value = if declaration.has('i') { number } else { declaration.cased(value) };
        if global {
            let exported = before.is_some_and(|before| before.exported);
            let variable =
                Variable { values: vec![value], exported, altered: declaration.alters(), ..Variable::default() };
            return self.shell.set_global(&name, &variable);
        }
        self.shell.set(&name, value);
        self.mark(declaration, &name);
    }

    /// What a variable holds when this is added to it.
    pub(super) fn added_to(&mut self, name: &str, before: Option<&Variable>, more: Word) -> Word {
        let before = before.and_then(|variable| {
            let pick = self.shell.picks.get(name).copied();
            let pick = pick.or((variable.values.len() == 1).then_some(0));
            pick.and_then(|at| variable.values.get(at).cloned())
        });
        let mut whole = before.unwrap_or_else(Word::unknown);
        more.pieces.into_iter().for_each(|piece| whole.push(piece));
        if self.pay_for(std::slice::from_ref(&whole)) { whole } else { Word::unknown() }
    }

    /// What the options make of a variable.
    fn mark(&mut self, declaration: &Declaration<'_>, name: &str) {
        let exported = declaration.name == "export" && !declaration.has('n') || declaration.has('x');
        let fixed = declaration.name == "readonly" || declaration.has('r');
        let altered = declaration.alters();
        if let Some(variable) = self.shell.variables.get_mut(name).filter(|_| exported || fixed || altered) {
            variable.exported |= exported;
            variable.fixed |= fixed;
            variable.altered |= altered;
        }
    }

    /// A variable was set whose name can't be known.
    pub(super) fn set_unknown(&mut self) {
        let count = self.shell.variables.len();
        if self.pay(count) {
            self.shell.spoil();
        }
    }

    /// Something was declared whose name can't be known.
    fn set_any(&mut self, declaration: &Declaration<'_>) {
        let count = self.shell.variables.len();
        if declaration.owns() && self.pay(count) {
            self.shell.localize_any();
        }
        self.set_unknown();
    }

    /// `unset`.
    pub(super) fn unset(&mut self, words: &[Word]) {
        let options = words.iter().map_while(Word::known).take_while(|text| text.starts_with('-'));
        let variables = !options.clone().any(|option| option.contains('f'));
        let functions = !options.clone().any(|option| option.contains(['v', 'n']));
        let skip = options.count();
        for word in &words[skip..] {
            let Some(name) = word.known() else {
                self.set_unknown();
                self.shell.functions.values_mut().for_each(|function| function.unsure = true);
                continue;
            };
            match name.split_once('[') {
                Some((name, _)) => self.shell.set(name, Word::unknown()),
                None if variables => self.shell.unset(name),
                None => {}
            }
            // Only where there is no variable of that name, it is a function's.
            if functions && let Some(function) = self.shell.functions.get_mut(name) {
                function.unsure = true;
            }
        }
    }
}
