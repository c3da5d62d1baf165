//! Arguments of PowerShell's own commands: names of parameters by any unambiguous start, positions, what the pipe brings.

use super::state::Value;
use crate::read::argv::{Given, Invocation, Operand};
use crate::read::shared::Shared;
use crate::read::word::Word;
use crate::rules::index::Known;
use crate::rules::text::Text;

/// An argument, evaluated.
#[derive(Clone, Debug)]
pub(super) enum Argument {
    /// `-Name`, `-Name:value`; `sure`: it can't be an operand.
    Parameter { name: String, value: Option<Value>, sure: bool },
    /// Anything else; `glued`: a list without blanks, which programs get as one word.
    Value { value: Value, glued: bool },
}

/// A parameter of the tables.
#[derive(Clone, Copy)]
struct Parameter {
    name: &'static str,
    takes: bool,
}

/// The parameters that a name may mean, an exact name first. `true`: it is that one for sure.
fn resolve(known: &Known, name: &str) -> (Option<Parameter>, bool) {
    let all = known.tables.iter().flat_map(|table| {
        let values = table.values.iter().map(|name| Parameter { name, takes: true });
        values.chain(table.flags.iter().map(|name| Parameter { name, takes: false }))
    });
    let mut first: Option<Parameter> = None;
    let mut alone = true;
    for parameter in all {
        let full = parameter.name;
        if full.eq_ignore_ascii_case(name) {
            return (Some(parameter), true);
        }
        if full.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            match first {
                // One table may repeat what another one says.
                Some(before) if before.name.eq_ignore_ascii_case(full) => {}
                Some(before) => {
                    alone = false;
                    // A value that isn't there does less harm than a flag that isn't seen.
                    if before.takes && !parameter.takes {
                        first = Some(parameter);
                    }
                }
                None => first = Some(parameter),
            }
        }
    }
    (first, alone)
}

/// Reads arguments by the tables of a command; `input` is what comes through the pipe.
pub(super) fn bind(
    name: String,
    trusted: bool,
    known: Shared<Known>,
    arguments: &[Argument],
    input: Option<&Value>,
) -> Invocation {
    let mut inv =
        Invocation { name: name.into(), trusted, known: known.clone(), all_known: true, ..Invocation::default() };
    let mut loose: Vec<(&Value, bool)> = Vec::new();
    let mut at = 0;
    while at < arguments.len() {
        let argument = &arguments[at];
        at += 1;
        let (name, value, sure) = match argument {
            Argument::Value { value, .. } => {
                loose.push((value, false));
                continue;
            }
            Argument::Parameter { name, value, sure } => (name, value, *sure),
        };
        let (found, certain) = resolve(&known, name);
        let next = arguments.get(at).and_then(|next| match next {
            Argument::Value { value, .. } => Some(value),
            Argument::Parameter { .. } => None,
        });
        match (found, value) {
            (Some(parameter), Some(value)) => {
                give(&mut inv, parameter, Some(value), sure && certain);
            }
            (Some(parameter), None) if parameter.takes => {
                // Where its name is short of one meaning, the next word may be an operand as well.
                if !certain && let Some(next) = next {
                    loose.push((next, true));
                }
                give(&mut inv, parameter, next, sure && certain);
                at += usize::from(next.is_some());
            }
            (Some(parameter), None) => give(&mut inv, parameter, None, sure && certain),
            (None, value) => {
                let word = value.as_ref().map(|value| value.joined(","));
                inv.options.push(Given {
                    name: name.as_str().into(),
                    value: word,
                    certain: false,
                    listed: false,
                    whole: false,
                });
                if value.is_none()
                    && let Some(next) = next
                {
                    loose.push((next, true));
                    at += 1;
                }
            }
        }
    }
    place(&mut inv, &loose);
    piped(&mut inv, input);
    let words = inv
        .operands
        .iter()
        .map(|operand| &operand.word)
        .chain(inv.options.iter().filter_map(|given| given.value.as_ref()));
    inv.all_known = words.into_iter().all(|word| word.known().is_some());
    inv
}

/// A parameter is given, once for each of its values.
fn give(inv: &mut Invocation, parameter: Parameter, value: Option<&Value>, certain: bool) {
    let name = parameter.name.to_string();
    let given = |value: Option<Word>, certain: bool| Given {
        name: name.as_str().into(),
        value,
        certain,
        listed: true,
        whole: true,
    };
    if !parameter.takes {
        // `-WhatIf:$false`: off. What can't be known may be on, and may be off.
        let known = value.map(|value| value.known().map(str::to_lowercase));
        let off = matches!(&known, Some(Some(text)) if matches!(text.as_str(), "false" | "0" | "" | "$false"));
        let certain = certain && !matches!(known, Some(None));
        inv.options.push(given(off.then(|| Word::text("false")), certain));
        return;
    }
    let words = value.map(words).unwrap_or_default();
    if words.is_empty() {
        inv.options.push(given(Some(Word::default()), certain));
    }
    inv.options.extend(words.into_iter().map(|word| given(Some(word), certain)));
}

/// The words of a value: a block counts as its text.
fn words(value: &Value) -> Vec<Word> {
    match &value.block {
        Some(_) => vec![value.joined(" ")],
        None => value.items.clone(),
    }
}

/// Gives the operands to the parameters whose places they take.
fn place(inv: &mut Invocation, loose: &[(&Value, bool)]) {
    let positions: Vec<Text> = inv.known.tables.iter().flat_map(|table| table.positions.iter().copied()).collect();
    let named =
        |inv: &Invocation, name: Text| inv.options.iter().any(|given| given.certain && given.name == name.as_str());
    let mut free = positions.iter().filter(|name| !named(inv, **name)).copied().collect::<Vec<_>>().into_iter();
    for (value, doubt) in loose {
        for word in if value.block.is_none() { words(value) } else { Vec::new() } {
            inv.operands.push(Operand { word, maybe_value: *doubt });
        }
        // What may be the value of another parameter takes this place or none.
        let place = if *doubt { free.as_slice().first().copied() } else { free.next() };
        if let Some(name) = place {
            give(inv, Parameter { name: name.as_str(), takes: true }, Some(value), !*doubt);
        }
    }
}

/// What comes through the pipe is the value of the first parameter of `pipe`, if none of them is given.
fn piped(inv: &mut Invocation, input: Option<&Value>) {
    let Some(input) = input else { return };
    let tables = inv.known.tables.clone();
    for table in tables.iter().filter(|table| !table.pipe.is_empty()) {
        let given = |name: &Text| inv.options.iter().any(|given| given.certain && given.name == name.as_str());
        if !table.pipe.iter().any(given) {
            give(inv, Parameter { name: table.pipe[0].as_str(), takes: true }, Some(input), true);
        }
    }
}
