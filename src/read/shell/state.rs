//! What a shell knows while it runs: variables, functions, the working directory.

use super::ast::Node;
use crate::read::reader::Stdin;
use crate::read::shared::Shared;
use crate::read::word::Word;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The most directories that a shell is followed through at once.
const DIRECTORIES: usize = 4;
/// The most values that a variable is followed through (a loop's items, both sides of an `if`).
pub(crate) const VALUES: usize = 12;

/// A variable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variable {
    /// What it may hold: one value if it is known, several if that depends.
    pub values: Vec<Word>,
    /// Its elements, if it is an array.
    pub array: Option<Vec<Word>>,
    /// Programs that are started see it.
    pub exported: bool,
}

/// The variables of a function's own, with what they were before; `None`: they weren't set.
pub type Locals = Shared<BTreeMap<String, Option<Variable>>>;

/// What the last command printed, as far as that is known.
#[derive(Clone, Debug)]
pub struct Output {
    /// What a reader of it gets.
    pub gives: Shared<Stdin>,
    /// The program.
    pub program: String,
    /// It prints yes without end.
    pub confirms: bool,
}

/// The state of a shell.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Variables that the line has set.
    pub variables: Shared<BTreeMap<String, Variable>>,
    /// In a function: its own variables, and what they were before.
    pub locals: Option<Locals>,
    /// Which of several values counts just now.
    pub picks: Shared<BTreeMap<String, usize>>,
    /// Functions: every definition of a name that was met.
    pub functions: Shared<BTreeMap<String, Vec<Rc<Node>>>>,
    /// Functions that were called.
    pub called: Shared<BTreeSet<String>>,
    /// Aliases.
    pub aliases: Shared<BTreeMap<String, String>>,
    /// `$1` …; `None`: they can't be known.
    pub arguments: Option<Shared<Vec<Word>>>,
    /// `$0`, if the line has set it (`sh -c … name`).
    pub zero: Option<Word>,
    /// The working directory; `None`: it can't be known.
    pub cwd: Option<Rc<str>>,
    /// Where else it may be, depending on which branch was taken.
    pub or_cwd: Vec<Option<Rc<str>>>,
    /// Where it was before the last `cd`.
    pub previous: Option<Rc<str>>,
    /// Nobody has looked whether that `cd` succeeded: this may still be the directory before it.
    pub unsure: bool,
    /// The shell ends at the first failure (`set -e`).
    pub strict: bool,
    /// What is set is exported (`set -a`).
    pub exports: bool,
    /// The line has changed it.
    pub moved: bool,
    /// `IFS` was set: how unquoted expansions split can't be known.
    pub separators: bool,
    /// What the last command printed.
    pub output: Option<Output>,
}

impl State {
    /// The state of a shell that is started from this one: it sees what is exported.
    #[must_use]
    pub fn child(&self, cwd: Option<Rc<str>>, arguments: Vec<Word>) -> Self {
        let variables = self.variables.iter().filter(|(_, variable)| variable.exported);
        Self {
            variables: variables
                .map(|(name, variable)| (name.clone(), variable.clone()))
                .collect::<BTreeMap<_, _>>()
                .into(),
            arguments: Some(arguments.into()),
            cwd,
            moved: self.moved,
            ..Self::default()
        }
    }

    /// What copying the state costs at worst, in work units.
    pub(crate) fn weight(&self) -> usize {
        self.variables.len() + self.functions.len() + self.called.len() + self.aliases.len()
    }

    /// Sets a variable to one value.
    pub fn set(&mut self, name: &str, value: Word) {
        if name == "IFS" {
            self.separators = true;
        }
        let variable = self.variables.entry(name.to_owned()).or_default();
        variable.values = vec![value];
        variable.array = None;
        variable.exported |= self.exports;
        self.unpick(name);
    }

    fn unpick(&mut self, name: &str) {
        if self.picks.contains_key(name) {
            self.picks.remove(name);
        }
    }

    /// In a function: what this variable is set to from now on ends with the call.
    pub fn localize(&mut self, name: &str) {
        if let Some(locals) = self.locals.as_mut().filter(|locals| !locals.contains_key(name)) {
            locals.insert(name.to_owned(), self.variables.get(name).cloned());
        }
    }

    /// A function returns: its own variables are gone, and `outer` are those of its caller.
    pub fn leave(&mut self, outer: Option<Locals>) {
        let locals = std::mem::replace(&mut self.locals, outer).unwrap_or_default();
        for (name, before) in locals.iter() {
            match before {
                Some(variable) => self.variables.insert(name.clone(), variable.clone()),
                None => self.variables.remove(name),
            };
            self.unpick(name);
        }
    }

    /// Says where the shell is, for certain.
    pub fn settle(&mut self, cwd: Option<Rc<str>>) {
        self.cwd = cwd;
        self.or_cwd.clear();
    }

    /// Sets a variable to one of several values.
    pub fn set_any(&mut self, name: &str, values: Vec<Word>) {
        let mut values = values;
        values.dedup();
        if values.len() > VALUES || values.is_empty() {
            values = vec![Word::unknown()];
        }
        let variable = self.variables.entry(name.to_owned()).or_default();
        variable.values = values;
        variable.array = None;
        self.unpick(name);
    }

    /// What holds where this state or the other may.
    pub fn merge(&mut self, other: &Self) {
        if !self.variables.same(&other.variables) {
            self.merge_variables(other);
        }
        if !self.functions.same(&other.functions) {
            for (name, bodies) in other.functions.iter() {
                self.functions.entry(name.clone()).or_insert_with(|| bodies.clone());
            }
        }
        if !self.called.same(&other.called) {
            self.called.extend(other.called.iter().cloned());
        }
        if !self.aliases.same(&other.aliases) {
            for (name, text) in other.aliases.iter() {
                self.aliases.entry(name.clone()).or_insert_with(|| text.clone());
            }
        }
        if let (Some(here), Some(there)) = (&mut self.locals, &other.locals)
            && !here.same(there)
        {
            for (name, before) in there.iter() {
                here.entry(name.clone()).or_insert_with(|| before.clone());
            }
        }
        for cwd in std::iter::once(&other.cwd).chain(&other.or_cwd) {
            if self.cwd != *cwd && !self.or_cwd.contains(cwd) {
                self.or_cwd.push(cwd.clone());
            }
        }
        if self.or_cwd.len() > DIRECTORIES {
            self.settle(None);
        }
        self.unsure |= other.unsure;
        self.strict &= other.strict;
        self.exports |= other.exports;
        self.moved |= other.moved;
        self.separators |= other.separators;
        if self.arguments != other.arguments {
            self.arguments = None;
        }
    }

    fn merge_variables(&mut self, other: &Self) {
        let variables: &mut BTreeMap<String, Variable> = &mut self.variables;
        for (name, there) in other.variables.iter() {
            match variables.get_mut(name) {
                None => {
                    // Unset on this side: it may also come from the environment.
                    let mut variable = there.clone();
                    variable.values.push(Word::unknown());
                    variables.insert(name.clone(), variable);
                }
                Some(here) if here != there => {
                    for value in &there.values {
                        if !here.values.contains(value) {
                            here.values.push(value.clone());
                        }
                    }
                    if here.values.len() > VALUES {
                        here.values = vec![Word::unknown()];
                    }
                    if here.array != there.array {
                        here.array = None;
                        here.values.push(Word::unknown());
                    }
                    here.exported |= there.exported;
                }
                Some(_) => {}
            }
        }
        for (name, here) in variables.iter_mut() {
            if !other.variables.contains_key(name) && !here.values.contains(&Word::unknown()) {
                here.values.push(Word::unknown());
            }
        }
    }
}
