//! What else a call does, for the rules that ask: whose stash a `git stash pop` takes, whether `bin` goes with `obj`.

use super::action::{Action, Kind};
use crate::rules::model::{Condition, Does, Rule};
use std::collections::BTreeMap;

/// The most neighbours that an action is told of.
const MOST: usize = 32;

/// Tells every action what rules may ask about its neighbours.
pub(crate) fn tell(actions: &mut [Action]) {
    if actions.len() < 2 {
        return;
    }
    let runs: Vec<Option<String>> = actions.iter().map(run).collect();
    let mut deleted: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for action in actions.iter() {
        if let Some((dir, name)) = target(action) {
            let names = deleted.entry(dir.to_owned()).or_default();
            if names.len() < MOST && !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
    }
    for (at, action) in actions.iter_mut().enumerate() {
        let mut beside: Vec<String> = Vec::new();
        if let Some((dir, name)) = target(action) {
            let others = deleted.get(dir).into_iter().flatten().filter(|other| *other != name);
            beside.extend(others.map(|other| format!("delete {other}")));
            beside.extend(runs[at + 1..].iter().flatten().take(MOST).map(|run| format!("then {run}")));
        } else if asks(action) {
            beside.extend(runs[..at].iter().rev().flatten().take(MOST).map(|run| format!("after {run}")));
            beside.extend(runs[at + 1..].iter().flatten().take(MOST).map(|run| format!("then {run}")));
        }
        if !beside.is_empty() {
            action.origin.beside = beside.into();
        }
    }
}

/// A program and its first operands.
fn run(action: &Action) -> Option<String> {
    let Kind::Run(inv) = &action.kind else { return None };
    let operands = inv.operands.iter().take(2).map_while(|operand| operand.word.known());
    Some(std::iter::once(inv.name.as_str()).chain(operands).collect::<Vec<_>>().join(" "))
}

/// The directory and the name of what is deleted.
fn target(action: &Action) -> Option<(&str, &str)> {
    let Kind::File(file) = &action.kind else { return None };
    (file.does == Does::Delete && file.recursive).then(|| file.place.path.rsplit_once('/'))?
}

fn asks(action: &Action) -> bool {
    let Kind::Run(inv) = &action.kind else { return false };
    let asks = |rule: &Rule| rule.when.iter().chain(rule.unless.iter()).any(Condition::asks_the_call);
    inv.known.rules.iter().any(|rule| asks(rule))
}
