//! What leaves a function or a loop before its end: what follows it may find the shell as it was there.

use super::ast::{Part, Script, Word};
use super::eval::COMBINATIONS;
use super::state::State;
use crate::read::reader::{Reader, Scope};
use crate::read::word;

/// The most rounds of a loop that are followed: what is handed from one variable to the next takes one for each.
const ROUNDS: usize = 4;

/// How the shell was where something was left; `None`: it wasn't yet.
type Left = Option<State>;

/// The functions, sourced scripts and loops that are being run, from the outside in.
#[derive(Debug, Default)]
pub(crate) struct Leaving {
    functions: Vec<Left>,
    loops: Vec<Left>,
}

impl Reader<'_> {
    /// Runs a function or a script, of which `return` is the end.
    pub(super) fn until_return(&mut self, run: impl FnOnce(&mut Self)) {
        let loops = std::mem::take(&mut self.leaving.loops);
        self.leaving.functions.push(None);
        run(self);
        let left = self.leaving.functions.pop().flatten();
        self.leaving.loops = loops;
        self.or_as(left);
    }

    /// Runs one round of a loop, of which `break` and `continue` are the end.
    fn until_break(&mut self, run: impl FnOnce(&mut Self)) {
        self.leaving.loops.push(None);
        run(self);
        let left = self.leaving.loops.pop().flatten();
        self.or_as(left);
    }

    fn or_as(&mut self, left: Left) {
        if let Some(left) = left
            && self.pay(1 + self.shell.weight() + left.weight())
        {
            self.shell.merge(&left);
        }
    }

    /// `return`: whatever stands behind it may not be run.
    pub(super) fn returns(&mut self) {
        if let Some(left) = self.leaving.functions.pop() {
            let left = self.left(left);
            self.leaving.functions.push(left);
        }
    }

    /// `break`, `continue`: the same, of all loops, since it may say how many.
    pub(super) fn breaks(&mut self) {
        let loops = std::mem::take(&mut self.leaving.loops);
        self.leaving.loops = loops.into_iter().map(|left| self.left(left)).collect();
    }

    fn left(&mut self, mut left: Left) -> Left {
        let now = State { output: None, ..self.shell.clone() };
        self.merge_into(&mut left, now);
        left
    }

    /// A loop. What one round sets, the next one may use further up.
    pub(super) fn repeat(&mut self, mut round: impl FnMut(&mut Self)) {
        let mut before = self.shell.clone();
        let (start, branch) = (self.actions.len(), self.written.branch());
        for _ in 0..ROUNDS {
            self.until_break(&mut round);
            self.shell.merge(&before);
            let same = self.shell.variables == before.variables
                && self.shell.cwd == before.cwd
                && self.shell.or_cwd == before.or_cwd
                && self.shell.arguments == before.arguments
                && self.shell.or_arguments == before.or_arguments;
            if same || !self.pay(256 + self.shell.weight()) {
                break;
            }
            before = self.shell.clone();
        }
        self.written.unsettle(branch);
        self.come_again(start);
        self.shell.output = None;
    }

    pub(super) fn for_each(&mut self, name: &str, words: Option<&[Word]>, body: &Script, scope: &Scope) {
        let items = match words {
            Some(words) => self.all_fields(words, scope),
            None if self.shell.or_arguments.is_empty() => {
                self.shell.arguments.as_ref().map_or_else(|| vec![word::Word::unknown()], |list| list.to_vec())
            }
            None => vec![word::Word::unknown()],
        };
        if items.is_empty() {
            self.shell.set_any(name, vec![word::Word::unknown()]);
        } else {
            self.shell.set_any(name, items);
        }
        self.repeat(|reader| reader.items(body, scope));
    }

    /// What words become, with every value that their variables may hold.
    fn all_fields(&mut self, words: &[Word], scope: &Scope) -> Vec<word::Word> {
        let several = self.several(words.iter());
        let total = several.iter().map(|(_, count)| count).product::<usize>();
        if several.is_empty() || total > COMBINATIONS {
            return words.iter().flat_map(|word| self.fields(word, scope)).collect();
        }
        let mut all = Vec::new();
        for round in 0..total {
            self.shell.pick(&several, round);
            for word in words {
                for field in self.fields(word, scope) {
                    if !all.contains(&field) && self.pay(1 + all.len()) {
                        all.push(field);
                    }
                }
            }
            self.shell.unpick_all(&several);
        }
        all
    }
}

/// The names of the variables that a word speaks of, also in what it substitutes.
pub(super) fn named<'w>(word: &'w Word, names: &mut Vec<&'w str>) {
    if let Some(Part::Literal(text)) = word.parts.first() {
        // `declare x+=y`
        names.extend(text.split_once('+').filter(|(_, rest)| rest.starts_with('=')).map(|(name, _)| name));
        names.extend(text.contains('~').then_some("HOME"));
    }
    for part in &word.parts {
        match part {
            Part::Parameter(parameter) => {
                names.push(&parameter.name);
                parameter.words.iter().for_each(|word| named(word, names));
            }
            Part::Command { script, .. } => named_in(script, names),
            _ => {}
        }
    }
}

fn named_in<'w>(script: &'w Script, names: &mut Vec<&'w str>) {
    use super::ast::Node;
    fn in_node<'w>(node: &'w Node, names: &mut Vec<&'w str>) {
        match node {
            Node::Simple(simple) => simple.words.iter().for_each(|word| named(word, names)),
            Node::Pipeline(stages) => stages.iter().for_each(|stage| in_node(stage, names)),
            _ => {}
        }
    }
    script.items.iter().for_each(|item| in_node(&item.node, names));
}
