//! A simple command: its words, its assignments, its redirections, and what it leaves in files.

use super::ast::{self, Assign, Part, Redirect, RedirectKind, Simple, Value};
use super::state::{Output, State, Variable};
use crate::context::Place;
use crate::read::action::{FileAction, Kind, Source};
use crate::read::reader::{COMMAND, Reader, Scope, Stdin};
use crate::read::shared::Shared;
use crate::read::word::{Piece, Word};
use crate::rules::model::Does;
use std::rc::Rc;

/// The most variables in front of a command that a shell behind it is given.
const GIVEN: usize = 64;

impl Reader<'_> {
    pub(super) fn once(&mut self, simple: &Simple, scope: &Scope) {
        if !self.pay(COMMAND) {
            return;
        }
        let mut words = Vec::with_capacity(simple.words.len());
        let declares = declares(&simple.words);
        for word in &simple.words {
            if declares && assigns(word) {
                words.push(self.value(word, scope));
            } else {
                words.extend(self.fields(word, scope));
            }
        }
        let mut inner = scope.clone();
        inner.cwd = self.shell.cwd.clone();
        if inner.origin.moved != self.shell.moved {
            inner.origin.moved = self.shell.moved;
        }
        self.redirects(&simple.redirects, &mut inner);
        if words.is_empty() {
            for assign in &simple.assigns {
                self.assign(assign, &inner);
            }
            if simple.words.is_empty() && !simple.assigns.is_empty() {
                self.nothing("assignment", &inner);
            }
            // `> f` empties it.
            if !simple.redirects.is_empty() {
                self.printed(Stdin::Text(Word::default()), "", false);
                self.remember(&simple.redirects, scope);
            }
            return;
        }
        let mut given = Vec::new();
        for assign in &simple.assigns {
            if let Value::Word(word) = &assign.value {
                let value = self.value(word, scope);
                self.assigned_again(&assign.name, &value, &inner);
                self.variable(&assign.name, &value, &inner);
                given.push((assign.name.clone(), value));
            } else if !declares {
                self.assign(assign, &inner);
            }
        }
        let exported = self.exported();
        if !exported.is_empty() || !given.is_empty() {
            if given.is_empty() && inner.origin.env.is_empty() {
                inner.origin.env = exported;
            } else {
                inner.origin.env.extend(given.into_iter().chain(exported.iter().cloned()));
            }
        }
        self.settings = super::absent::settings_only(simple);
        let fills = self.fills(&words, &inner, scope);
        let before = self.may_not_fill(&words, &simple.redirects).then(|| Box::new(self.shell.clone()));
        self.dispatch(words, &simple.assigns, &inner);
        if let Some(words) = fills {
            self.fill_variables(&words, &simple.assigns, &inner);
        }
        if let Some(before) = before {
            self.shell.merge(&before);
        }
        self.remember(&simple.redirects, scope);
    }

    /// The variables that every program sees.
    pub(crate) fn exported(&mut self) -> Shared<Vec<(String, Word)>> {
        match &self.exports {
            Some((of, exports)) if of.same(&self.shell.variables) => return exports.clone(),
            _ => {}
        }
        let exported = self.shell.variables.iter().filter(|(_, variable)| variable.exported);
        let exported = exported.flat_map(|(name, variable)| {
            let first = variable.values.first().cloned().unwrap_or_default();
            // Which of several it is depends on a branch.
            let more = (variable.values.len() > 1).then(|| (name.clone(), Word::unknown()));
            std::iter::once((name.clone(), first)).chain(more)
        });
        let exported: Vec<(String, Word)> = exported.collect();
        let size: usize = exported.iter().flat_map(|(_, word)| &word.pieces).map(Piece::len).sum();
        // They are kept with every command that sees them.
        let exported = if self.pay(exported.len() * 8 + size / 8) { Shared::from(exported) } else { Shared::default() };
        self.exports = Some((self.shell.variables.clone(), exported.clone()));
        exported
    }

    /// A shell that is started here. What stands in front of the command that starts it (`X=/ make x`) may have reached it,
    /// or not: `sudo` and others take it out.
    pub(super) fn started(&mut self, scope: &Scope, arguments: Vec<Word>) -> State {
        let mut child = self.shell.child(scope.cwd.clone(), arguments);
        let env = &scope.origin.env;
        for (at, (name, value)) in env.iter().take(GIVEN).enumerate() {
            // Exported ones that have several values: the child has them already.
            let several = |variable: &Variable| variable.values.len() > 1;
            if value.known().is_none()
                && at.checked_sub(1).is_some_and(|before| env[before].0 == *name)
                && child.variables.get(name).is_some_and(several)
            {
                continue;
            }
            let known = child.variables.get(name).map(|variable| variable.values.contains(value));
            // A shell doesn't believe what it is told of these.
            if known == Some(true) || matches!(name.as_str(), "IFS" | "PWD") || !self.pay(16) {
                continue;
            }
            if known.is_none() {
                child.set(name, self.inherited(name));
            }
            let variable = child.variables.entry(name.clone()).or_default();
            variable.exported = true;
            variable.also(value.clone());
        }
        child
    }

    /// What a command has written into a file: a script may be run from there later on the line.
    pub(super) fn remember(&mut self, redirects: &[Redirect], scope: &Scope) {
        for redirect in redirects {
            let appends = redirect.kind == RedirectKind::Append;
            if !(appends || redirect.kind == RedirectKind::Write) || redirect.descriptor.is_some_and(|it| it != 1) {
                continue;
            }
            if !self.pay(8) {
                return;
            }
            let target = self.value(&redirect.target, scope);
            let cwd = self.shell.cwd.clone();
            let place = Place::resolve(&target, cwd.as_deref(), scope.origin.elsewhere, self.world, self.rules);
            if matches!(place.zone.as_str(), "null" | "device") {
                continue;
            }
            let output = self.shell.output.clone();
            let (gives, program) =
                output.map_or((Stdin::Unknown, String::new()), |output| (Stdin::clone(&output.gives), output.program));
            // Rules may speak of what the new text has, as they do of a Write.
            let text = self.given(&gives).filter(|text| place.certain || text.is_empty());
            let source = self.source(&gives);
            let file = self.actions.iter_mut().rev().find_map(|action| match &mut action.kind {
                Kind::File(file) if file.place.path == place.path && file.does != Does::Read => Some(file),
                _ => None,
            });
            if let Some(file) = file.filter(|file| matches!(file.does, Does::Write | Does::Append)) {
                match text {
                    Some(text) => file.adds = Some(text),
                    None => file.source = source,
                }
            }
            if !place.certain {
                continue;
            }
            if appends {
                match gives {
                    Stdin::Text(more) => self.added(&place.path, more, &program),
                    // `npm test >> log` says nothing about a script.
                    _ if !self.written.has(&place.path) => {}
                    _ => self.written.put(&place.path, Stdin::Unknown, &program),
                }
                continue;
            }
            self.written.put(&place.path, gives, &program);
        }
    }

    /// Sets a variable of this shell.
    pub(super) fn assign(&mut self, assign: &Assign, scope: &Scope) {
        if let Some(index) = &assign.index {
            self.value(index, scope);
            self.shell.set(&assign.name, Word::unknown());
        }
        match &assign.value {
            Value::Word(word) => {
                let mut value = self.value(word, scope);
                self.assigned_again(&assign.name, &value, scope);
                self.variable(&assign.name, &value, scope);
                if assign.append {
                    let before = self.shell.variables.get(&assign.name).cloned();
                    value = self.added_to(&assign.name, before.as_ref(), value);
                }
                if assign.index.is_none() {
                    self.shell.set(&assign.name, value);
                }
            }
            Value::Array(words) => {
                let mut items: Vec<Word> = Vec::new();
                if assign.append {
                    let before = self.shell.variables.get(&assign.name).and_then(|variable| variable.array.clone());
                    items.extend(before.unwrap_or_else(|| vec![Word { splits: true, ..Word::unknown() }]));
                }
                for word in words {
                    items.extend(self.fields(word, scope));
                }
                // `a=([3]=x)`: where it stands isn't followed.
                let placed =
                    |word: &ast::Word| matches!(word.parts.first(), Some(Part::Literal(text)) if text.starts_with('['));
                if words.iter().any(placed) {
                    items = vec![Word { splits: true, ..Word::unknown() }];
                }
                self.shell.set_array(&assign.name, items);
            }
        }
    }

    /// What redirections do, and what they give the command to read.
    pub(super) fn redirects(&mut self, redirects: &[Redirect], scope: &mut Scope) {
        for redirect in redirects {
            if !self.pay(32) {
                return;
            }
            let target = self.value(&redirect.target, scope);
            let input = redirect.descriptor.is_none_or(|descriptor| descriptor == 0);
            let does: &[Does] = match redirect.kind {
                RedirectKind::Read => &[Does::Read],
                RedirectKind::Write => &[Does::Write],
                RedirectKind::Append => &[Does::Append],
                RedirectKind::ReadWrite => &[Does::Read, Does::Append],
                RedirectKind::HereDocument | RedirectKind::HereString => {
                    if input {
                        // It may hold what nobody should see: `cat <<< "$TOKEN"`.
                        if target.has_unknown() {
                            self.push(Kind::Code(String::new()), &Rc::new(scope.origin.clone()));
                        }
                        scope.origin.confirmed |= target.known().is_some_and(is_yes);
                        scope.stdin = Stdin::Text(target).into();
                        scope.origin.fed = Some("<<".to_owned());
                    }
                    continue;
                }
                RedirectKind::Duplicate => {
                    // What stands on another descriptor isn't followed.
                    if redirect.descriptor == Some(0) && target.known() != Some("-") {
                        scope.stdin = Stdin::Unknown.into();
                        scope.origin.fed = Some(String::new());
                    }
                    continue;
                }
            };
            if redirect.kind == RedirectKind::Read && input {
                // `< <(yes)`, and a file that the line itself has made.
                let path = Place::resolve(&target, self.shell.cwd.as_deref(), false, self.world, self.rules).path;
                scope.origin.confirmed |= self.written.get(&path).is_some_and(|(gives, program)| {
                    self.rules.program(program).tables.iter().any(|table| table.confirms)
                        || matches!(gives, Stdin::Text(text) if text.known().is_some_and(is_yes))
                });
                scope.stdin = Stdin::File(target.clone()).into();
                scope.origin.fed = None;
            }
            let sign = match redirect.kind {
                RedirectKind::Read => "<",
                RedirectKind::Append => ">>",
                _ => ">",
            };
            let mut origin = scope.origin.showing(format!("{sign} {}", target.shown()));
            origin.cwd = self.shell.cwd.clone().filter(|_| !origin.elsewhere);
            let place =
                Place::resolve(&target, self.shell.cwd.as_deref(), scope.origin.elsewhere, self.world, self.rules);
            for does in does {
                let file = FileAction {
                    does: *does,
                    place: place.clone(),
                    recursive: false,
                    adds: None,
                    removes: None,
                    source: Source::Unsaid,
                };
                self.push(Kind::File(file), &origin);
            }
        }
    }

    /// Remembers what a command printed.
    pub(crate) fn printed(&mut self, gives: Stdin, program: &str, confirms: bool) {
        self.shell.output = Some(Output { gives: gives.into(), program: program.to_owned(), confirms });
    }
}

/// Whether a command is one whose words may be assignments: those aren't split (`local x=$1`).
fn declares(words: &[ast::Word]) -> bool {
    let literal = |word: &ast::Word| match word.parts.as_slice() {
        [Part::Literal(text)] => Some(text.clone()),
        _ => None,
    };
    let mut names = words.iter().map_while(literal).skip_while(|name| matches!(name.as_str(), "command" | "builtin"));
    names.next().is_some_and(|name| matches!(name.as_str(), "export" | "declare" | "typeset" | "local" | "readonly"))
}

/// Whether a word is an assignment by the way it is written.
fn assigns(word: &ast::Word) -> bool {
    let Some(Part::Literal(text)) = word.parts.first() else { return false };
    let Some((name, _)) = text.split_once('=') else { return false };
    let name = name.strip_suffix('+').unwrap_or(name);
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !name.as_bytes()[0].is_ascii_digit()
}

/// What a person would type to confirm.
pub(crate) fn is_yes(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.split_whitespace().all(|word| matches!(word.to_ascii_lowercase().as_str(), "y" | "yes"))
}
