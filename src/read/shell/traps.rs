//! Traps: what the shell runs at its end.

use super::ast::{Assign, Item, Node, Part, Value, Word};
use crate::read::reader::{Reader, Scope};

/// Conditions that come at the end, but for a signal in the instant between two commands. `DEBUG` and `ERR` come before.
const ENDS: [&str; 11] = ["EXIT", "0", "INT", "SIGINT", "TERM", "SIGTERM", "HUP", "SIGHUP", "QUIT", "SIGQUIT", "PIPE"];

impl Reader<'_> {
    /// What traps run when the shell is at its end, where that may be something else than when they were set.
    pub(super) fn trapped(&mut self, scope: &Scope) {
        for (script, then) in std::mem::take(&mut self.shell.traps).iter() {
            if !then.same(&self.shell.variables) && **then != *self.shell.variables {
                self.same_shell(script, scope);
            }
        }
    }

    /// Whether an item sets a trap for the end, and the one behind it variables that the line hasn't set before:
    /// `trap 'rm -rf "$tmp"' EXIT; tmp=$(mktemp -d)`. Between them the shell can't end, so the trap never runs without them,
    /// and the two can be read the other way round.
    pub(super) fn sets_before(&self, trap: &Item, next: &Item) -> bool {
        if trap.background || next.background {
            return false;
        }
        let (Node::Simple(trap), Node::Simple(sets)) = (&trap.node, &next.node) else { return false };
        let [name, _, ends @ ..] = trap.words.as_slice() else { return false };
        let is_trap = is_literal(name, &["trap"]) && trap.assigns.is_empty() && trap.redirects.is_empty();
        is_trap
            && !ends.is_empty()
            && ends.iter().all(|end| is_literal(end, &ENDS))
            // What its text holds is expanded now.
            && trap.words.iter().flat_map(|word| &word.parts).all(is_text)
            && trap.words.get(1).is_some_and(|script| script.parts.iter().all(is_harmless_if_empty))
            && sets.words.is_empty()
            && sets.redirects.is_empty()
            && !sets.assigns.is_empty()
            && sets.assigns.iter().all(|assign| self.begins(assign))
    }

    /// Whether an assignment can't fail, and is the first one to its variable.
    fn begins(&self, assign: &Assign) -> bool {
        let Value::Word(value) = &assign.value else { return false };
        let plain = |part: &Part| is_text(part) || matches!(part, Part::Command { .. });
        let new = !self.shell.variables.contains_key(&assign.name) && !matches!(assign.name.as_str(), "HOME" | "PWD");
        new && !assign.append && assign.index.is_none() && value.parts.iter().all(plain)
    }
}

fn is_text(part: &Part) -> bool {
    matches!(part, Part::Literal(_) | Part::Quoted(_))
}

/// Whether a text means nothing worse where its variables are empty: by `set -e`, the shell may end before they are set.
fn is_harmless_if_empty(part: &Part) -> bool {
    let (Part::Literal(text) | Part::Quoted(text)) = part else { return false };
    let moves = text.split(|c: char| !c.is_alphanumeric()).any(|word| matches!(word, "cd" | "pushd"));
    let ends = |rest: &str| {
        let name = rest.trim_start_matches('{');
        let behind = name.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
        behind.trim_start_matches(['}', '"']).chars().next().is_none_or(|c| c.is_whitespace() || c == ';')
    };
    !moves && !text.contains(['*', '?']) && text.split('$').skip(1).all(ends)
}

fn is_literal(word: &Word, texts: &[&str]) -> bool {
    matches!(word.parts.as_slice(), [Part::Literal(text)] if texts.contains(&text.as_str()))
}
