//! Walks the syntax tree of a script as a shell would, as far as that can be known without running it, and reads every
//! command that it may run. Where a branch may or may not be taken, both outcomes go on.

use super::ast::{self, Item, Join, Node, Script, Simple, Value};
use super::command::is_yes;
use super::lex::{TOO_DEEP, TOO_LONG};
use super::looks::{is_plain, leaves, moves};
use super::loops::named;
use super::parse;
use super::state::{Function, State, VALUES};
use crate::read::action::Kind;
use crate::read::reader::{Reader, Scope, Stdin};
use crate::read::shared::Shared;
use crate::read::word::Word;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The variable that holds the path of the script that is being run.
const SOURCE: &str = "BASH_SOURCE";
/// The most combinations of values that one command is read with.
pub(super) const COMBINATIONS: usize = 24;

impl Reader<'_> {
    /// Reads a script that a new shell runs.
    pub(crate) fn script(&mut self, text: &str, scope: &Scope) {
        let mut arguments = std::mem::take(&mut self.script_arguments);
        let zero = (!arguments.is_empty()).then(|| arguments.remove(0));
        if zero.as_ref().is_some_and(|zero| zero.splits) {
            // It may be several words, of which all but one are arguments, or none.
            arguments.insert(0, Word { splits: true, ..Word::unknown() });
        }
        let sourced = std::mem::take(&mut self.sourced);
        // Without any of its own, a script that is sourced sees those of the shell.
        let shared = sourced && arguments.is_empty();
        let mut child = self.started(scope, arguments);
        if shared {
            child.arguments = self.shell.arguments.clone();
            child.or_arguments = self.shell.or_arguments.clone();
        }
        if sourced {
            child.variables = self.shell.variables.clone();
            child.exports = self.shell.exports;
            child.frames = self.shell.frames.clone();
            child.inherits = self.shell.inherits;
            child.traps = std::mem::take(&mut self.shell.traps);
            child.disabled = self.shell.disabled;
        }
        let source = child.variables.get(SOURCE).cloned();
        if let Some(zero) = &zero {
            child.set(SOURCE, zero.clone());
        }
        child.zero = zero;
        let mut before = std::mem::replace(&mut self.shell, child);
        self.until_return(|reader| reader.inline(text, scope));
        // A shell that goes on has its traps still before it.
        let traps = if sourced { std::mem::take(&mut self.shell.traps) } else { Shared::default() };
        self.idle(&BTreeMap::new(), scope);
        let output = self.shell.output.take();
        if sourced {
            before.variables = std::mem::take(&mut self.shell.variables);
            match source {
                Some(source) => _ = before.variables.insert(SOURCE.to_owned(), source),
                None => _ = before.variables.remove(SOURCE),
            }
            before.exports = self.shell.exports;
            before.frames = std::mem::take(&mut self.shell.frames);
            before.inherits |= self.shell.inherits;
            before.traps = traps;
            before.disabled |= self.shell.disabled;
            if shared {
                before.arguments = self.shell.arguments.take();
                before.or_arguments = std::mem::take(&mut self.shell.or_arguments);
            }
            before.cwd = self.shell.cwd.take();
            before.moved |= self.shell.moved;
        }
        self.shell = before;
        self.shell.output = output;
    }

    /// `$0` and the positional arguments of the next script.
    pub(crate) fn shell_arguments(&mut self, arguments: Vec<Word>) {
        self.script_arguments = arguments;
    }

    /// Reads a script that this shell runs itself (`eval`, `trap`).
    pub(crate) fn inline(&mut self, text: &str, scope: &Scope) {
        match parse::parse(text) {
            Ok(script) if script.items.is_empty() => self.nothing("nothing", scope),
            Ok(script) => self.items(&script, scope),
            Err(fault) => {
                self.items(&fault.before, scope);
                // Bash would read it all the same.
                let is_too_much = matches!(fault.why, TOO_LONG | TOO_DEEP);
                self.opaque(if is_too_much { "limit" } else { "syntax" }, text, scope);
            }
        }
    }

    /// The words of a command that is handed over as one text.
    pub(crate) fn words_of(&mut self, text: &str, scope: &Scope) {
        self.script(text, scope);
    }

    pub(super) fn items(&mut self, script: &Script, scope: &Scope) {
        let mut trap: Option<&Item> = None;
        for (at, item) in script.items.iter().enumerate() {
            if !self.pay(4) {
                return;
            }
            let Item { node, background } = match (trap.take(), script.items.get(at + 1)) {
                (Some(trap), _) => trap,
                (None, Some(next)) if self.sets_before(item, next) => {
                    trap = Some(item);
                    next
                }
                _ => item,
            };
            if *background {
                let (start, branch) = (self.actions.len(), self.written.branch());
                self.beside(|reader| reader.node(node, scope), scope);
                self.written.unsettle(branch);
                self.come_again(start);
            } else {
                self.node(node, scope);
            }
        }
    }

    /// Reads a script in a subshell: what it changes is gone afterwards.
    pub(super) fn aside(&mut self, script: &Script, scope: &Scope) {
        self.beside(|reader| reader.items(script, scope), scope);
    }

    /// Reads something that another process runs, which sees this shell as it is now.
    fn beside(&mut self, run: impl FnOnce(&mut Self), scope: &Scope) {
        let before = self.shell.clone();
        self.shell.traps = Shared::default();
        run(self);
        self.idle(&before.functions, scope);
        self.back_to(before);
    }

    /// The shell as it was, but for the functions that are known by now.
    pub(super) fn back_to(&mut self, before: State) {
        let called = std::mem::take(&mut self.shell.called);
        self.shell = before;
        if !self.shell.called.same(&called) {
            self.shell.called = called;
        }
    }

    /// A function that was never called may still be, by a trap, a hook or a shell that inherits it. `before`: functions
    /// that are somebody else's to look at.
    pub(super) fn idle(&mut self, before: &BTreeMap<String, Function>, scope: &Scope) {
        self.trapped(scope);
        let mut done: Vec<String> = Vec::new();
        // Looking at one may define another.
        loop {
            let idle =
                |name: &String| !self.shell.called.contains(name) && !before.contains_key(name) && !done.contains(name);
            let next = self.shell.functions.iter().find(|(name, _)| idle(name));
            let Some((name, function)) = next.map(|(name, function)| (name.clone(), function.clone())) else { return };
            done.push(name);
            for body in function.bodies {
                self.shell.give(None);
                let outlined = self.outline_function(&done[done.len() - 1], &body, scope);
                self.shell.enter();
                self.until_return(|reader| reader.node(&body, outlined.as_ref().unwrap_or(scope)));
                self.shell.leave();
            }
            if self.fuel == 0 {
                return;
            }
        }
    }

    /// `<(…)`: a file that holds what the script prints.
    pub(super) fn process(&mut self, script: &Script, scope: &Scope) -> String {
        let before = self.shell.clone();
        self.shell.traps = Shared::default();
        self.shell.output = None;
        self.items(script, scope);
        let output = self.shell.output.take();
        self.idle(&before.functions, scope);
        self.back_to(before);
        let path = format!("/dev/fd/{}", 63 + self.written.len());
        let (gives, program) =
            output.map_or((Stdin::Unknown, String::new()), |output| (Stdin::clone(&output.gives), output.program));
        self.written.put(&path, gives, &program);
        path
    }

    pub(super) fn node(&mut self, node: &Node, scope: &Scope) {
        if !self.pay(1 + self.shell.weight()) {
            return;
        }
        let outlined = self.outline_node(node, scope);
        let scope = outlined.as_ref().unwrap_or(scope);
        match node {
            Node::Simple(simple) => self.simple(simple, scope),
            Node::Pipeline(stages) => self.pipeline(stages, scope),
            Node::AndOr(first, rest) => {
                let mut proven = self.proving(first, scope, None);
                let mut test = self.test(first, scope);
                let mut branch = self.written.branch();
                for (join, node) in rest {
                    if self.fuel == 0 {
                        return;
                    }
                    test = test.filter(|test| test.behind == *join);
                    let missing = test.as_ref().map(|test| test.path.as_str());
                    let before = self.shell.clone();
                    // What stands behind `&&` runs only where what is in front of it has run.
                    if *join == Join::Or {
                        branch = self.written.next_branch(branch);
                    }
                    // What stands behind `cd x &&` runs only there.
                    self.shell.unsure &= *join == Join::Or;
                    let chain = proven.take().filter(|_| *join == Join::And);
                    self.without(missing, |reader| proven = reader.proving(node, scope, chain));
                    // Of `a || b && c`, nobody knows which has run.
                    proven = proven.filter(|_| *join == Join::And);
                    let unsure = self.shell.unsure && !(before.unsure && leaves(node));
                    self.join(before, *join);
                    self.shell.unsure = unsure;
                }
                self.written.unsettle(branch);
                // `$(cd "$(dirname "$0")" && pwd)` gives what its last command prints.
                let (last, others) =
                    rest.split_last().map_or((Join::Or, &[][..]), |((join, _), others)| (*join, others));
                let quiet = others.iter().all(|(join, node)| *join == Join::And && moves(node));
                if !(last == Join::And && quiet && moves(first)) {
                    self.shell.output = None;
                }
            }
            Node::Subshell(script) => {
                self.aside(script, scope);
                self.shell.output = None;
            }
            Node::Group(script) => {
                self.items(script, scope);
                self.shell.output = None;
            }
            Node::If(arms, otherwise) => {
                let mut after: Option<State> = None;
                let mut branch = self.written.branch();
                for (condition, body) in arms {
                    if self.fuel == 0 {
                        return;
                    }
                    self.items(condition, scope);
                    let missing = self.missing_in(condition, scope);
                    let before = self.shell.clone();
                    self.without(missing.as_deref(), |reader| reader.items(body, scope));
                    branch = self.written.next_branch(branch);
                    let taken = std::mem::replace(&mut self.shell, before);
                    self.merge_into(&mut after, taken);
                }
                if let Some(body) = otherwise {
                    self.items(body, scope);
                }
                self.written.unsettle(branch);
                if let Some(after) = after {
                    self.shell.merge(&after);
                }
                self.shell.output = None;
            }
            Node::While(condition, body) => self.repeat(|reader| {
                reader.items(condition, scope);
                reader.items(body, scope);
            }),
            Node::For(name, words, body) => self.for_each(name, words.as_deref(), body, scope),
            Node::ArithmeticFor(expression, body) => {
                self.arithmetic(expression, scope);
                self.repeat(|reader| reader.items(body, scope));
            }
            Node::Case(word, arms) => {
                self.value(word, scope);
                let before = self.shell.clone();
                let mut after = Some(before.clone());
                let mut branch = self.written.branch();
                for (patterns, body) in arms {
                    if self.fuel == 0 {
                        return;
                    }
                    self.shell = before.clone();
                    for pattern in patterns {
                        self.value(pattern, scope);
                    }
                    self.items(body, scope);
                    branch = self.written.next_branch(branch);
                    let taken = std::mem::take(&mut self.shell);
                    self.merge_into(&mut after, taken);
                }
                self.written.unsettle(branch);
                self.shell = after.unwrap_or(before);
                self.shell.output = None;
            }
            Node::Function(name, body) => {
                let function = self.shell.functions.entry(name.clone()).or_default();
                if !function.bodies.iter().any(|known| Rc::ptr_eq(known, body)) {
                    function.bodies.push(Rc::clone(body));
                }
                function.unsure = false;
                let count = function.bodies.len();
                self.pay(count);
            }
            Node::Condition(words) => {
                for word in words {
                    let value = self.value(word, scope);
                    self.again(&value, scope);
                }
                self.nothing("[[ … ]]", scope);
            }
            Node::Arithmetic(expression) => {
                self.arithmetic(expression, scope);
                self.nothing("(( … ))", scope);
            }
            Node::Coprocess(node) => {
                self.beside(|reader| reader.node(node, scope), scope);
            }
            Node::Redirected(node, redirects) => {
                let mut inner = scope.clone();
                self.redirects(redirects, &mut inner);
                self.node(node, &inner);
                self.shell.output = None;
                self.remember(redirects, &inner);
            }
        }
    }

    /// What holds behind `a && b`, `a || b`: with `&&`, the directory is where `b` left it, since what follows is nearly
    /// always meant for that case; everything else may be as either left it.
    fn join(&mut self, before: State, join: Join) {
        let (cwd, or_cwd) = (self.shell.cwd.clone(), self.shell.or_cwd.clone());
        let output = self.shell.output.take();
        self.shell.merge(&State { output: None, ..before });
        self.shell.output = output;
        if join == Join::And {
            (self.shell.cwd, self.shell.or_cwd) = (cwd, or_cwd);
        }
    }

    /// Adds one outcome to the others.
    pub(super) fn merge_into(&mut self, all: &mut Option<State>, state: State) {
        match all {
            Some(all) if self.pay(1 + all.weight() + state.weight()) => all.merge(&state),
            Some(_) => {}
            None => *all = Some(state),
        }
    }

    /// What was found from here on may run again, or later than its place says.
    pub(crate) fn come_again(&mut self, start: usize) {
        self.actions.iter_mut().skip(start).for_each(|action| action.origin.again = true);
    }

    fn pipeline(&mut self, stages: &[Node], scope: &Scope) {
        let mut inner = scope.clone();
        for (at, stage) in stages.iter().enumerate() {
            if self.fuel == 0 {
                return;
            }
            self.shell.output = None;
            let before = self.shell.clone();
            self.shell.traps = Shared::default();
            self.node(stage, &inner);
            self.trapped(scope);
            let output = self.shell.output.take();
            let last = at + 1 == stages.len();
            self.back_to(before);
            if last {
                self.shell.output = output;
                break;
            }
            inner = scope.clone();
            match output {
                Some(output) => {
                    let said = match &*output.gives {
                        Stdin::Text(word) => word.known().is_some_and(is_yes),
                        _ => false,
                    };
                    inner.origin.confirmed = scope.origin.confirmed || output.confirms || said;
                    inner.origin.fed = Some(output.program);
                    inner.stdin = output.gives;
                }
                None => {
                    inner.origin.fed = Some(String::new());
                    inner.stdin = Stdin::Unknown.into();
                }
            }
        }
    }

    /// Something that provably does nothing by itself.
    pub(crate) fn nothing(&mut self, shown: &str, scope: &Scope) {
        self.push(Kind::Nothing, &scope.origin.showing(shown));
    }

    /// Reads a command in every directory that it may run in, with all arguments that there may be.
    fn simple(&mut self, simple: &Simple, scope: &Scope) {
        let lists = !self.shell.or_arguments.is_empty() && !is_plain(simple);
        if self.shell.or_cwd.is_empty() && !lists {
            return self.with_values(simple, scope);
        }
        let mut before = self.shell.clone();
        let elsewhere = std::mem::take(&mut before.or_cwd);
        let others = if lists { std::mem::take(&mut before.or_arguments) } else { Vec::new() };
        let mut after: Option<State> = None;
        for cwd in std::iter::once(before.cwd.clone()).chain(elsewhere) {
            for list in std::iter::once(&before.arguments).chain(&others) {
                if !self.pay(64) {
                    break;
                }
                self.shell = before.clone();
                self.shell.settle(cwd.clone());
                self.shell.arguments = list.clone();
                self.with_values(simple, scope);
                let taken = std::mem::take(&mut self.shell);
                self.merge_into(&mut after, taken);
            }
        }
        self.shell = after.unwrap_or(before);
    }

    /// Reads a command with every value that its variables may hold.
    fn with_values(&mut self, simple: &Simple, scope: &Scope) {
        self.shell.output = None;
        let several = self.several_of(simple);
        let total = several
            .iter()
            .try_fold(1usize, |total, (_, count)| total.checked_mul(*count).filter(|total| *total <= COMBINATIONS));
        // With too many to try, the values count as unknown.
        let Some(total) = total.filter(|_| !several.is_empty()) else {
            return self.once(simple, scope);
        };
        let before = self.shell.clone();
        let mut after: Option<State> = None;
        for round in 0..total {
            self.shell = before.clone();
            self.shell.pick(&several, round);
            if !self.pay(64 + 4 * before.weight()) {
                break;
            }
            self.once(simple, scope);
            self.shell.unpick_all(&several);
            let taken = std::mem::take(&mut self.shell);
            self.merge_into(&mut after, taken);
        }
        self.shell = after.unwrap_or(before);
    }

    fn several_of(&self, simple: &Simple) -> Vec<(String, usize)> {
        let words = simple.words.iter().chain(simple.redirects.iter().map(|redirect| &redirect.target));
        let assigned = simple.assigns.iter().flat_map(|assign| match &assign.value {
            Value::Word(word) => std::slice::from_ref(word),
            Value::Array(words) => words.as_slice(),
        });
        let mut found = self.several(words.chain(assigned));
        let appended = simple.assigns.iter().filter(|assign| assign.append).map(|assign| assign.name.as_str());
        self.add_several(appended, &mut found);
        found
    }

    /// The variables of words that may hold one of several values, and how many.
    pub(super) fn several<'w>(&self, words: impl Iterator<Item = &'w ast::Word>) -> Vec<(String, usize)> {
        let mut found = Vec::new();
        let mut names = Vec::new();
        words.for_each(|word| named(word, &mut names));
        self.add_several(names.into_iter(), &mut found);
        found
    }

    fn add_several<'n>(&self, names: impl Iterator<Item = &'n str>, found: &mut Vec<(String, usize)>) {
        for name in names {
            if let Some(variable) = self.shell.variables.get(name)
                && (2..=VALUES).contains(&variable.values.len())
                && !self.shell.picks.contains_key(name)
                && found.iter().all(|(known, _)| known != name)
            {
                found.push((name.to_owned(), variable.values.len()));
            }
        }
    }
}
