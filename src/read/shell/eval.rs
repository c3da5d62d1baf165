//! Walks the syntax tree of a script as a shell would, as far as that can be known without running it, and reads every
//! command that it may run. Where a branch may or may not be taken, both outcomes go on.

use super::ast::{Item, Join, Node, Part, Script, Simple, Value};
use super::command::is_yes;
use super::lex::{TOO_DEEP, TOO_LONG};
use super::parse;
use super::state::{State, VALUES};
use crate::read::action::Kind;
use crate::read::reader::{Reader, Scope, Stdin};
use crate::read::word::Word;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The variable that holds the path of the script that is being run.
const SOURCE: &str = "BASH_SOURCE";
/// The most combinations of values that one command is read with.
const COMBINATIONS: usize = 24;

impl Reader<'_> {
    /// Reads a script that a new shell runs.
    pub(crate) fn script(&mut self, text: &str, scope: &Scope) {
        let mut arguments = std::mem::take(&mut self.script_arguments);
        let zero = (!arguments.is_empty()).then(|| arguments.remove(0));
        if zero.as_ref().is_some_and(|zero| zero.splits) {
            // It may be several words, of which all but one are arguments, or none.
            arguments.insert(0, Word { splits: true, ..Word::unknown() });
        }
        let mut child = self.shell.child(scope.cwd.clone(), arguments);
        let sourced = std::mem::take(&mut self.sourced);
        if sourced {
            child.variables = self.shell.variables.clone();
            child.exports = self.shell.exports;
        }
        let source = child.variables.get(SOURCE).cloned();
        if let Some(zero) = &zero {
            child.set(SOURCE, zero.clone());
        }
        child.zero = zero;
        let mut before = std::mem::replace(&mut self.shell, child);
        self.inline(text, scope);
        self.idle(&BTreeMap::new(), scope);
        let output = self.shell.output.take();
        if sourced {
            before.variables = std::mem::take(&mut self.shell.variables);
            match source {
                Some(source) => _ = before.variables.insert(SOURCE.to_owned(), source),
                None => _ = before.variables.remove(SOURCE),
            }
            before.exports = self.shell.exports;
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
        for Item { node, background } in &script.items {
            if !self.pay(4) {
                return;
            }
            let start = self.actions.len();
            self.node(node, scope);
            if *background {
                self.come_again(start);
            }
        }
    }

    /// Reads a script in a subshell: what it changes is gone afterwards.
    pub(super) fn aside(&mut self, script: &Script, scope: &Scope) {
        let before = self.shell.clone();
        self.items(script, scope);
        self.idle(&before.functions, scope);
        self.shell = before;
    }

    /// A function that was never called may still be, by a trap, a hook or a shell that inherits it. `before`: functions
    /// that are somebody else's to look at.
    pub(super) fn idle(&mut self, before: &BTreeMap<String, Vec<Rc<Node>>>, scope: &Scope) {
        let mut done: Vec<String> = Vec::new();
        // Looking at one may define another.
        loop {
            let idle =
                |name: &String| !self.shell.called.contains(name) && !before.contains_key(name) && !done.contains(name);
            let next = self.shell.functions.iter().find(|(name, _)| idle(name));
            let Some((name, bodies)) = next.map(|(name, bodies)| (name.clone(), bodies.clone())) else { return };
            done.push(name);
            for body in bodies {
                self.shell.arguments = None;
                let outlined = self.outline_function(&done[done.len() - 1], &body, scope);
                self.node(&body, outlined.as_ref().unwrap_or(scope));
            }
            if self.fuel == 0 {
                return;
            }
        }
    }

    /// `<(…)`: a file that holds what the script prints.
    pub(super) fn process(&mut self, script: &Script, scope: &Scope) -> String {
        let before = self.shell.clone();
        self.shell.output = None;
        self.items(script, scope);
        let output = self.shell.output.take();
        self.idle(&before.functions, scope);
        self.shell = before;
        let path = format!("/dev/fd/{}", 63 + self.written.len());
        let (gives, program) =
            output.map_or((Stdin::Unknown, String::new()), |output| (Stdin::clone(&output.gives), output.program));
        self.written.insert(path.clone(), (gives, program));
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
                self.node(first, scope);
                let mut test = self.test(first, scope);
                for (join, node) in rest {
                    if self.fuel == 0 {
                        return;
                    }
                    test = test.filter(|test| test.behind == *join);
                    let missing = test.as_ref().map(|test| test.path.as_str());
                    let before = self.shell.clone();
                    // What stands behind `cd x &&` runs only there.
                    self.shell.unsure &= *join == Join::Or;
                    self.without(missing, |reader| reader.node(node, scope));
                    let unsure = self.shell.unsure && !(before.unsure && leaves(node));
                    self.join(before, *join);
                    self.shell.unsure = unsure;
                }
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
                for (condition, body) in arms {
                    if self.fuel == 0 {
                        return;
                    }
                    self.items(condition, scope);
                    let missing = self.missing_in(condition, scope);
                    let before = self.shell.clone();
                    self.without(missing.as_deref(), |reader| reader.items(body, scope));
                    let taken = std::mem::replace(&mut self.shell, before);
                    self.merge_into(&mut after, taken);
                }
                if let Some(body) = otherwise {
                    self.items(body, scope);
                }
                if let Some(after) = after {
                    self.shell.merge(&after);
                }
                self.shell.output = None;
            }
            Node::While(condition, body) => self.repeat(scope, |reader| {
                reader.items(condition, scope);
                reader.items(body, scope);
            }),
            Node::For(name, words, body) => self.for_each(name, words.as_deref(), body, scope),
            Node::ArithmeticFor(expression, body) => {
                self.arithmetic(expression, scope);
                self.repeat(scope, |reader| reader.items(body, scope));
            }
            Node::Case(word, arms) => {
                self.value(word, scope);
                let before = self.shell.clone();
                let mut after = Some(before.clone());
                for (patterns, body) in arms {
                    if self.fuel == 0 {
                        return;
                    }
                    self.shell = before.clone();
                    for pattern in patterns {
                        self.value(pattern, scope);
                    }
                    self.items(body, scope);
                    let taken = std::mem::take(&mut self.shell);
                    self.merge_into(&mut after, taken);
                }
                self.shell = after.unwrap_or(before);
                self.shell.output = None;
            }
            Node::Function(name, body) => {
                let bodies = self.shell.functions.entry(name.clone()).or_default();
                if !bodies.iter().any(|known| Rc::ptr_eq(known, body)) {
                    bodies.push(Rc::clone(body));
                }
                let count = bodies.len();
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
                let before = self.shell.clone();
                self.node(node, scope);
                self.shell = before;
            }
            Node::Redirected(node, redirects) => {
                let mut inner = scope.clone();
                self.redirects(redirects, &mut inner);
                self.node(node, &inner);
                self.shell.output = None;
            }
        }
    }

    /// What holds behind `a && b`, `a || b`: with `&&`, the directory is where `b` left it, since what follows is nearly
    /// always meant for that case; everything else may be as either left it.
    fn join(&mut self, before: State, join: Join) {
        let (cwd, or_cwd) = (self.shell.cwd.clone(), self.shell.or_cwd.clone());
        self.shell.merge(&before);
        if join == Join::And {
            (self.shell.cwd, self.shell.or_cwd) = (cwd, or_cwd);
        }
    }

    /// Adds one outcome to the others.
    fn merge_into(&mut self, all: &mut Option<State>, state: State) {
        match all {
            Some(all) if self.pay(1 + all.weight() + state.weight()) => all.merge(&state),
            Some(_) => {}
            None => *all = Some(state),
        }
    }

    fn repeat(&mut self, _scope: &Scope, mut round: impl FnMut(&mut Self)) {
        let before = self.shell.clone();
        let start = self.actions.len();
        round(self);
        let changed = self.shell.variables != before.variables || self.shell.cwd != before.cwd;
        self.shell.merge(&before);
        // What one round sets, the next one may use further up.
        if changed && self.pay(256) {
            round(self);
            self.shell.merge(&before);
        }
        self.come_again(start);
        self.shell.output = None;
    }

    /// What was found from here on may run again, or later than its place says.
    pub(crate) fn come_again(&mut self, start: usize) {
        self.actions.iter_mut().skip(start).for_each(|action| action.origin.again = true);
    }

    fn for_each(&mut self, name: &str, words: Option<&[super::ast::Word]>, body: &Script, scope: &Scope) {
        let items = match words {
            Some(words) => words.iter().flat_map(|word| self.fields(word, scope)).collect(),
            None => self.shell.arguments.as_ref().map_or_else(|| vec![Word::unknown()], |list| list.to_vec()),
        };
        if items.is_empty() {
            self.shell.set_any(name, vec![Word::unknown()]);
        } else {
            self.shell.set_any(name, items);
        }
        self.repeat(scope, |reader| reader.items(body, scope));
    }

    fn pipeline(&mut self, stages: &[Node], scope: &Scope) {
        let mut inner = scope.clone();
        for (at, stage) in stages.iter().enumerate() {
            if self.fuel == 0 {
                return;
            }
            self.shell.output = None;
            let before = self.shell.clone();
            self.node(stage, &inner);
            let output = self.shell.output.take();
            let last = at + 1 == stages.len();
            self.shell = before;
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

    /// Reads a command in every directory that it may run in.
    fn simple(&mut self, simple: &Simple, scope: &Scope) {
        if self.shell.or_cwd.is_empty() {
            return self.with_values(simple, scope);
        }
        let mut before = self.shell.clone();
        let elsewhere = std::mem::take(&mut before.or_cwd);
        let mut after: Option<State> = None;
        for cwd in std::iter::once(before.cwd.clone()).chain(elsewhere) {
            if !self.pay(64) {
                break;
            }
            self.shell = before.clone();
            self.shell.settle(cwd);
            self.with_values(simple, scope);
            let taken = std::mem::take(&mut self.shell);
            self.merge_into(&mut after, taken);
        }
        self.shell = after.unwrap_or(before);
    }

    /// Reads a command with every value that its variables may hold.
    fn with_values(&mut self, simple: &Simple, scope: &Scope) {
        self.shell.output = None;
        let several = self.several(simple);
        if several.is_empty() {
            return self.once(simple, scope);
        }
        let total = several
            .iter()
            .try_fold(1usize, |total, (_, count)| total.checked_mul(*count).filter(|total| *total <= COMBINATIONS));
        let Some(total) = total else {
            // Too many to try: the values count as unknown.
            let kept = self.shell.variables.clone();
            for (name, _) in &several {
                self.shell.set(name, Word::unknown());
            }
            self.once(simple, scope);
            let set: Vec<_> = several.iter().map(|(name, _)| name.clone()).collect();
            for name in set {
                if let Some(variable) = kept.get(&name) {
                    self.shell.variables.insert(name, variable.clone());
                }
            }
            return;
        };
        let before = self.shell.clone();
        let mut after: Option<State> = None;
        for round in 0..total {
            self.shell = before.clone();
            let mut rest = round;
            for (name, count) in &several {
                self.shell.picks.insert(name.clone(), rest % count);
                rest /= count;
            }
            if !self.pay(64 + 4 * before.weight()) {
                break;
            }
            self.once(simple, scope);
            self.shell.picks.clear();
            let taken = std::mem::take(&mut self.shell);
            self.merge_into(&mut after, taken);
        }
        self.shell = after.unwrap_or(before);
    }

    /// The variables of a command that may hold one of several values, and how many.
    fn several(&self, simple: &Simple) -> Vec<(String, usize)> {
        let mut found: Vec<(String, usize)> = Vec::new();
        let words = simple.words.iter().chain(simple.redirects.iter().map(|redirect| &redirect.target));
        let assigned = simple.assigns.iter().flat_map(|assign| match &assign.value {
            Value::Word(word) => std::slice::from_ref(word),
            Value::Array(words) => words.as_slice(),
        });
        let named = words.chain(assigned).flat_map(|word| &word.parts).filter_map(|part| match part {
            Part::Parameter(parameter) => Some(&parameter.name),
            _ => None,
        });
        let appended = simple.assigns.iter().filter(|assign| assign.append).map(|assign| &assign.name);
        for name in named.chain(appended) {
            if let Some(variable) = self.shell.variables.get(name)
                && (2..=VALUES).contains(&variable.values.len())
                && found.iter().all(|(known, _)| known != name)
            {
                found.push((name.clone(), variable.values.len()));
            }
        }
        found
    }
}

/// Whether a command changes the directory, and prints nothing.
fn moves(node: &Node) -> bool {
    let Node::Simple(simple) = node else { return false };
    simple.words.first().is_some_and(|word| matches!(word.parts.as_slice(), [Part::Literal(text)] if text == "cd"))
}

/// Whether a command ends the script or the loop: `cd x || exit`.
fn leaves(node: &Node) -> bool {
    let Node::Simple(simple) = node else { return matches!(node, Node::Group(_)) };
    let name = simple.words.first().and_then(|word| match word.parts.as_slice() {
        [Part::Literal(text)] => Some(text.as_str()),
        _ => None,
    });
    matches!(name, Some("exit" | "return" | "break" | "continue"))
}
