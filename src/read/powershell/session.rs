//! What PowerShell's own commands change in the session, and what they hand to the next one.

use super::eval::Output;
use super::member::joined_path;
use super::state::Value;
use crate::context::Place;
use crate::read::argv::Invocation;
use crate::read::parts::found_program;
use crate::read::reader::{Reader, Scope, Stdin};
use crate::read::word::{Piece, Word};
use crate::rules::model::Gives;
use std::rc::Rc;

/// Parameters that name a variable to be set, which every command has.
const SETS: [&str; 10] = [
    "-outvariable",
    "-ov",
    "-errorvariable",
    "-ev",
    "-warningvariable",
    "-wv",
    "-informationvariable",
    "-iv",
    "-pipelinevariable",
    "-pv",
];

impl Reader<'_> {
    /// Variables that parameters name can hold anything afterwards.
    pub(super) fn sets_variables(&mut self, inv: &Invocation, scope: &Scope) {
        let sets = inv.options.iter().filter(|given| SETS.contains(&given.name.to_ascii_lowercase().as_str()));
        let names: Vec<String> = sets
            .filter_map(|given| Some(given.value.as_ref()?.known()?.trim_start_matches('+').to_lowercase()))
            .collect();
        for name in names {
            self.set_variable(&name, Value::unknown(), scope);
        }
    }

    /// Follows what changes the directory. `false`: it is something else.
    pub(super) fn moves(&mut self, inv: &Invocation, scope: &Scope) -> bool {
        let back = inv.name == "pop-location";
        if !back && !matches!(inv.name.as_str(), "set-location" | "push-location") {
            return false;
        }
        let target = inv.options.iter().find(|given| matches!(given.name.as_str(), "-Path" | "-LiteralPath"));
        let next = match target.and_then(|given| given.value.as_ref()) {
            Some(word) if word.known() == Some("-") => self.shell.previous.clone(),
            Some(word) => {
                let path = super::paths::path(word, true, self.world);
                let place = Place::resolve(&path, scope.cwd.as_deref(), scope.origin.elsewhere, self.world, self.rules);
                place.certain.then(|| Rc::from(place.path))
            }
            // Where it came from.
            None if back => self.shell.previous.clone(),
            None => self.shell.cwd.clone(),
        };
        self.shell.moved |= next.is_none() || next != self.shell.cwd;
        self.shell.unsure = next != self.shell.cwd;
        self.shell.previous = std::mem::replace(&mut self.shell.cwd, next);
        true
    }

    /// Follows what sets variables and aliases by name.
    pub(super) fn changes_session(&mut self, inv: &Invocation, scope: &Scope) {
        let value = |wanted: &str| {
            let mut values =
                inv.options.iter().filter(|given| given.name == wanted).filter_map(|given| given.value.clone());
            values.next()
        };
        let name = value("-Name").and_then(|name| name.known().map(str::to_lowercase));
        match (inv.name.as_str(), name) {
            ("set-variable" | "new-variable", Some(name)) => {
                let word = value("-Value").unwrap_or_default();
                self.set_variable(&name, Value::one(word), scope);
            }
            ("remove-variable" | "clear-variable", Some(name)) => self.set_variable(&name, Value::unknown(), scope),
            ("set-alias" | "new-alias", Some(name)) => {
                let target = value("-Value").and_then(|value| value.known().map(str::to_lowercase));
                match target.filter(|target| *target != name) {
                    Some(target) => _ = self.power().aliases.insert(name, target),
                    None => self.opaque("powershell", "an alias of what can't be known", scope),
                }
            }
            ("set-alias" | "new-alias" | "set-variable", None) => {
                self.opaque("powershell", "a name that can't be known is set", scope);
            }
            ("set-item" | "new-item", name) => {
                let path = value("-Path").and_then(|path| path.known().map(str::to_lowercase)).unwrap_or_default();
                let name =
                    name.unwrap_or_else(|| path.trim_start_matches("alias:").trim_matches(['\\', '/']).to_owned());
                if let (true, Some(target)) = (path.starts_with("alias:"), value("-Value")) {
                    self.set_variable(&format!("alias:{name}"), Value::one(target), scope);
                }
            }
            _ => {}
        }
    }

    /// What a command gives, as far as its table says that this can be known.
    pub(super) fn own_output(&mut self, inv: &Invocation, input: Option<&Output>, scope: &Scope) -> Output {
        let prints = inv.known.tables.iter().flat_map(|table| &table.prints);
        let prints = prints.filter(|prints| prints.with.is_empty() || inv.has(&prints.with, true));
        let mut prints = prints.filter(|prints| !inv.has(&prints.without, false)).map(|prints| prints.gives);
        let Some(gives) = prints.next() else { return Output::unknown(&inv.name) };
        let positions = inv.known.tables.iter().flat_map(|table| table.positions.iter().chain(&table.pipe));
        let names: Vec<&str> = positions.map(|name| name.as_str()).collect();
        let given =
            inv.options.iter().filter(|given| names.contains(&given.name.as_str()) || given.name == "-LiteralPath");
        let given: Vec<Word> = given.filter_map(|given| given.value.clone()).collect();
        let value = match gives {
            Gives::Operands if given.is_empty() => {
                Value::list(inv.operands.iter().map(|operand| operand.word.clone()).collect())
            }
            Gives::Operands | Gives::Format => Value::list(given),
            Gives::Input => return input.cloned().unwrap_or_default(),
            Gives::Joined => Value::one(joined_path(&given.into_iter().map(Value::one).collect::<Vec<_>>())),
            Gives::Cwd => self.shell.cwd.as_deref().map_or_else(Value::unknown, Value::text),
            Gives::Temp => Value::text(&format!("{}/AppData/Local/Temp/tmp.tmp", self.world.home)),
            Gives::Name => Value::name(),
            Gives::Path => Value::list(given),
            Gives::Parent => given.first().and_then(parent).map_or_else(Value::unknown, Value::one),
            Gives::Found => Value::list(self.found(inv, given)),
            Gives::Program => given.first().map_or_else(Value::unknown, |name| {
                let mut own = |name: &str| self.own_command(&name.to_lowercase()).is_some();
                match name.known() {
                    Some(text) if own(text) => Value::one(name.clone()),
                    Some(text) if !text.contains(['*', '?', '[']) => Value::one(found_program(name)),
                    _ => Value::unknown(),
                }
            }),
            Gives::Setup | Gives::Nothing => Value::default(),
            Gives::Project => Value::unknown(),
            Gives::Stdin => {
                let file = match given.as_slice() {
                    [one] => super::paths::path(one, true, self.world),
                    _ => return Output::unknown(&inv.name),
                };
                let place = Place::resolve(&file, scope.cwd.as_deref(), scope.origin.elsewhere, self.world, self.rules);
                let stdin = if place.certain { Stdin::File(Word::text(place.path)) } else { Stdin::Unknown };
                return Output { stdin: stdin.into(), ..Output::unknown(&inv.name) };
            }
        };
        Output::of(value)
    }

    /// The paths that `Get-ChildItem` gives.
    fn found(&self, inv: &Invocation, starts: Vec<Word>) -> Vec<Word> {
        let has = |wanted: &str| {
            inv.options
                .iter()
                .any(|given| given.name == wanted && given.value.as_ref().and_then(Word::known) != Some("false"))
        };
        let filters = inv.options.iter().filter(|given| matches!(given.name.as_str(), "-Filter" | "-Include"));
        let filters: Vec<&str> = filters.filter_map(|given| given.value.as_ref()?.known()).collect();
        let starts = if starts.is_empty() { vec![Word::text(".")] } else { starts };
        let mut found = Vec::new();
        for start in starts {
            // A pattern gives what is like it.
            if start.known().is_some_and(|text| text.contains(['*', '?'])) && !has("-Recurse") {
                found.push(start);
                continue;
            }
            let mut add = |name: &str| {
                let mut path = start.clone();
                path.push(Piece::Text("/".into()));
                path.push(Piece::Glob(name.into()));
                found.push(path);
            };
            let all = |name: &str| name.trim_matches(['*', '.']).is_empty();
            match (has("-Recurse"), filters.as_slice()) {
                (true, []) => add("**"),
                (true, filters) if filters.iter().any(|name| all(name)) => add("**"),
                (false, []) => add("*"),
                (_, filters) => filters.iter().for_each(|name| add(name)),
            }
        }
        found
    }
}

/// The directory that a path lies in.
fn parent(word: &Word) -> Option<Word> {
    let text = word.known()?;
    let at = text.trim_end_matches(['/', '\\']).rfind(['/', '\\'])?;
    Some(Word::text(&text[..at.max(1)]))
}
