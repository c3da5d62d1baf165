//! What a shell knows while it runs: variables, functions, the working directory.

use super::ast::Node;
use super::locals::Frame;
use crate::read::reader::Stdin;
use crate::read::shared::Shared;
use crate::read::word::Word;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The most directories that a shell is followed through at once.
const DIRECTORIES: usize = 4;
/// The most lists of arguments that are followed at once.
const LISTS: usize = 4;
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
    /// It is read-only: what it holds may stay, whatever it is set to.
    pub fixed: bool,
    /// What it is set to isn't what it holds (`declare -l`), or it is another name of something (`declare -n`).
    pub altered: bool,
}

impl Variable {
    /// It is set to one of these.
    fn put(&mut self, values: Vec<Word>, array: Option<Vec<Word>>) {
        if self.fixed {
            values.into_iter().for_each(|value| self.also(value));
        } else {
            (self.values, self.array) = (values, array.clone());
        }
        if self.altered || self.fixed && array.is_some() {
            self.spoil();
        }
    }

    /// It may hold this as well.
    pub(super) fn also(&mut self, value: Word) {
        if !self.values.contains(&value) {
            self.values.push(value);
        }
        if self.values.len() > VALUES {
            self.values = vec![Word::unknown()];
        }
    }

    /// It may hold anything as well.
    pub(super) fn spoil(&mut self) {
        self.array = None;
        self.also(Word::unknown());
    }

    /// What holds where it is as here or as there.
    pub(super) fn merge(&mut self, there: &Self) {
        there.values.iter().for_each(|value| self.also(value.clone()));
        if self.array != there.array {
            self.spoil();
        }
        self.exported |= there.exported;
        self.fixed |= there.fixed;
        self.altered |= there.altered;
    }
}

/// What a name of a function stands for.
#[derive(Clone, Debug, Default)]
pub struct Function {
    /// Every definition that was met.
    pub bodies: Vec<Rc<Node>>,
    /// It may not be defined, or not any more: then the name is that of a program.
    pub unsure: bool,
}

/// What a trap runs, and the variables when it was set.
pub type Trap = (Word, Shared<BTreeMap<String, Variable>>);

/// The arguments of a script or function; `None`: they can't be known.
pub type Arguments = Option<Shared<Vec<Word>>>;

/// What the last command printed, as far as that is known.
#[derive(Clone, Debug, PartialEq)]
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
    /// In functions: the variables of their own, from the outside in.
    pub(super) frames: Shared<Vec<Frame>>,
    /// A new variable of a function begins with what the name held before (`shopt -s localvar_inherit`).
    pub inherits: bool,
    /// Builtins were switched off: one that changes something may do nothing.
    pub disabled: bool,
    /// Which of several values counts just now.
    pub picks: Shared<BTreeMap<String, usize>>,
    /// Functions.
    pub functions: Shared<BTreeMap<String, Function>>,
    /// Functions that were called.
    pub called: Shared<BTreeSet<String>>,
    /// Traps that were set, and the variables as they were then.
    pub traps: Shared<Vec<Trap>>,
    /// Aliases.
    pub aliases: Shared<BTreeMap<String, String>>,
    /// `$1` …
    pub arguments: Arguments,
    /// What else they may be, depending on which branch was taken.
    pub or_arguments: Vec<Arguments>,
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
        let exported = self.variables.iter().filter(|(_, variable)| variable.exported);
        let mut child = Self { arguments: Some(arguments.into()), cwd, moved: self.moved, ..Self::fresh() };
        let mut variables = exported.map(|(name, variable)| (name.clone(), variable.clone())).peekable();
        if variables.peek().is_some() {
            child.variables = variables.collect::<BTreeMap<_, _>>().into();
        }
        child
    }

    /// The state of a shell in which nothing has happened. As the default, but it shares what is in it with others.
    #[must_use]
    pub fn fresh() -> Self {
        // For as long as the thread lives: what ends before would have to be registered, which costs more than it.
        thread_local!(static FRESH: &'static State = Box::leak(Box::default()));
        FRESH.with(|fresh| (*fresh).clone())
    }

    /// What copying the state costs at worst, in work units.
    pub(crate) fn weight(&self) -> usize {
        let locals: usize = self.frames.iter().map(Frame::len).sum();
        let names = self.variables.len() + self.functions.len() + self.called.len() + self.aliases.len();
        names + locals + self.traps.len()
    }

    /// Sets a variable to one value.
    pub fn set(&mut self, name: &str, value: Word) {
        self.put(name, vec![value], None);
    }

    /// Makes a variable a list.
    pub fn set_array(&mut self, name: &str, items: Vec<Word>) {
        self.put(name, vec![items.first().cloned().unwrap_or_default()], Some(items));
    }

    fn put(&mut self, name: &str, values: Vec<Word>, array: Option<Vec<Word>>) {
        if name == "IFS" {
            self.separators = true;
        }
        let variable = self.variables.entry(name.to_owned()).or_default();
        variable.put(values, array);
        variable.exported |= self.exports;
        self.unpick(name);
    }

    pub(super) fn unpick(&mut self, name: &str) {
        if self.picks.contains_key(name) {
            self.picks.remove(name);
        }
    }

    /// Says which of their values these variables have in this round of all combinations.
    pub(super) fn pick(&mut self, several: &[(String, usize)], round: usize) {
        let mut rest = round;
        for (name, count) in several {
            self.picks.insert(name.clone(), rest % count);
            rest /= count;
        }
    }

    pub(super) fn unpick_all(&mut self, several: &[(String, usize)]) {
        several.iter().for_each(|(name, _)| self.unpick(name));
    }

    /// A variable was set of which nobody knows the name: each may hold anything else.
    pub fn spoil(&mut self) {
        for variable in self.variables.values_mut() {
            variable.spoil();
        }
        self.picks = Shared::default();
    }

    /// Says which arguments there are, for certain.
    pub fn give(&mut self, arguments: Arguments) {
        self.arguments = arguments;
        self.or_arguments.clear();
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
        self.put(name, values, None);
    }

    /// What holds where this state or the other may.
    pub fn merge(&mut self, other: &Self) {
        if !self.variables.same(&other.variables) {
            self.merge_variables(other);
        }
        if !self.functions.same(&other.functions) {
            self.merge_functions(other);
        }
        if !self.called.same(&other.called) {
            self.called.extend(other.called.iter().cloned());
        }
        if !self.traps.same(&other.traps) {
            for (script, then) in other.traps.iter() {
                if !self.traps.iter().any(|(known, _)| known == script) {
                    self.traps.push((script.clone(), then.clone()));
                }
            }
        }
        if !self.aliases.same(&other.aliases) {
            for (name, text) in other.aliases.iter() {
                self.aliases.entry(name.clone()).or_insert_with(|| text.clone());
            }
        }
        self.merge_frames(other);
        if self.output != other.output {
            // Either may have been the last to print.
            let both = self.output.take().zip(other.output.as_ref());
            self.output = both.filter(|(here, there)| here.program == there.program).map(|(here, there)| Output {
                gives: Stdin::Unknown.into(),
                confirms: here.confirms || there.confirms,
                ..here
            });
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
        self.inherits |= other.inherits;
        self.disabled |= other.disabled;
        for list in std::iter::once(&other.arguments).chain(&other.or_arguments) {
            if self.arguments != *list && !self.or_arguments.contains(list) {
                self.or_arguments.push(list.clone());
            }
        }
        if self.or_arguments.len() >= LISTS {
            self.give(None);
        }
    }

    fn merge_functions(&mut self, other: &Self) {
        let functions: &mut BTreeMap<String, Function> = &mut self.functions;
        for (name, here) in functions.iter_mut() {
            here.unsure |= !other.functions.contains_key(name);
        }
        for (name, there) in other.functions.iter() {
            match functions.get_mut(name) {
                None => _ = functions.insert(name.clone(), Function { unsure: true, ..there.clone() }),
                Some(here) => {
                    here.unsure |= there.unsure;
                    for body in &there.bodies {
                        if !here.bodies.iter().any(|known| Rc::ptr_eq(known, body)) {
                            here.bodies.push(Rc::clone(body));
                        }
                    }
                }
            }
        }
    }

    fn merge_variables(&mut self, other: &Self) {
        let Self { variables, picks, .. } = self;
        let variables: &mut BTreeMap<String, Variable> = variables;
        let mut unpick = |name: &String| {
            if picks.contains_key(name) {
                picks.remove(name);
            }
        };
        for (name, there) in other.variables.iter() {
            match variables.get_mut(name) {
                None => {
                    // Unset on this side: it may also come from the environment.
                    let mut variable = there.clone();
                    variable.also(Word::unknown());
                    variables.insert(name.clone(), variable);
                    unpick(name);
                }
                Some(here) if here != there => {
                    here.merge(there);
                    unpick(name);
                }
                Some(_) => {}
            }
        }
        for (name, here) in variables.iter_mut() {
            if !other.variables.contains_key(name) {
                here.also(Word::unknown());
                unpick(name);
            }
        }
    }
}
