//! Rules in words: what they speak of, and what their conditions ask for.

use super::Kind;
use crate::rules::index::does_name;
use crate::rules::model::{Condition, Rule};
use crate::rules::text::{List, Text};

/// The most entries of a list that are said.
const SOME: usize = 4;
/// The most alternatives of `when` that are said.
const ALTERNATIVES: usize = 3;

/// A part of a condition: its key, and what may stand there.
pub type Asked = (&'static str, Vec<String>);

/// The parts of a condition, in the order in which they are said.
#[must_use]
pub fn parts(condition: &Condition) -> Vec<Asked> {
    let c = condition;
    let words = |list: &List<Text>| list.iter().map(|text| text.to_string()).collect::<Vec<_>>();
    let flag = |given: Option<bool>| given.map(|given| given.to_string()).into_iter().collect::<Vec<_>>();
    let one = |text: &Text| if text.is_empty() { Vec::new() } else { vec![text.to_string()] };
    let mut parts = vec![
        ("operand", words(&c.operand)),
        ("first", words(&c.first)),
        ("operands", one(&c.operands)),
        ("option", words(&c.option)),
        ("every", words(&c.every)),
        ("without", words(&c.without)),
        ("zone", words(&c.zone)),
        ("name", words(&c.name)),
        ("recursive", flag(c.recursive)),
        ("adds", words(&c.adds)),
        ("removes", words(&c.removes)),
        ("mark", words(&c.mark)),
        ("object", words(&c.object)),
        ("host", words(&c.host)),
        ("port", words(&c.port)),
        ("path", words(&c.path)),
        ("body", words(&c.body)),
        ("argument", words(&c.argument)),
        ("server", words(&c.server)),
        ("env", words(&c.env)),
        ("via", words(&c.via)),
        ("fed", words(&c.fed)),
        ("beside", words(&c.beside)),
        ("confirmed", flag(c.confirmed)),
        ("looked_into", flag(c.looked_into)),
        ("environment", words(&c.environment)),
        ("fact", c.fact.iter().map(|fact| fact_name(&format!("{fact:?}"))).collect()),
    ];
    parts.retain(|(_, values)| !values.is_empty());
    parts
}

/// `Fact::NoState` as packs write it: `no-state`.
fn fact_name(debug: &str) -> String {
    let mut out = String::new();
    for c in debug.rsplit("::").next().unwrap_or_default().chars() {
        if c.is_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// Entries of a list, not too many of them.
#[must_use]
pub fn some<T: AsRef<str>>(values: &[T], between: &str) -> String {
    let shown: Vec<&str> = values.iter().take(SOME).map(AsRef::as_ref).collect();
    let more = if values.len() > SOME { format!("{between}…") } else { String::new() };
    shown.join(between) + &more
}

/// A condition as part of a sentence: `with -f|--force, aimed at production`.
fn phrase(condition: &Condition) -> String {
    let said = parts(condition).into_iter().map(|(key, values)| {
        let any = some(&values, "|");
        match (key, any.as_str()) {
            ("option" | "argument" | "env", _) => format!("with {any}"),
            ("every", _) => format!("with {}", some(&values, " and ")),
            ("without", _) => format!("without {any}"),
            ("operand" | "first" | "object", _) => format!("on {any}"),
            ("operands", "0") => "without operands".to_owned(),
            ("operands", _) => format!("with {any} operands"),
            ("zone", _) => format!("in {any}"),
            ("name", _) => format!("named {any}"),
            ("recursive", "true") => "and all below".to_owned(),
            ("recursive", _) => "by itself".to_owned(),
            ("adds", _) => format!("adding {any}"),
            ("removes", _) => format!("taking out {any}"),
            ("host", _) => format!("to {any}"),
            ("port", _) => format!("on port {any}"),
            ("path", _) => format!("at {any}"),
            ("body", _) => format!("saying {any}"),
            ("server", _) => format!("of {any}"),
            ("via", _) => format!("behind {any}"),
            ("fed", _) => format!("fed by {any}"),
            ("beside", _) => format!("beside {any}"),
            ("confirmed", "true") => "with a yes piped in".to_owned(),
            ("looked_into", "false") => "where what it runs isn't found".to_owned(),
            ("environment", _) => format!("aimed at {any}"),
            ("fact", _) => format!("where {any}"),
            _ => format!("{key} {any}"),
        }
    });
    said.collect::<Vec<_>>().join(" ")
}

/// Conditions of which one is enough.
#[must_use]
pub fn conditions(list: &List<Condition>) -> String {
    let said: Vec<String> = list.iter().take(ALTERNATIVES).map(phrase).collect();
    said.join(", or ") + if list.len() > ALTERNATIVES { ", or …" } else { "" }
}

/// What a rule speaks of, without its conditions and, for programs, without their names.
#[must_use]
pub fn subject(rule: &Rule) -> String {
    let words = |list: &List<Text>| some(&list.iter().map(Text::as_str).collect::<Vec<_>>(), ", ");
    match Kind::of(rule) {
        Kind::Program => rule.command.iter().map(Text::as_str).collect::<Vec<_>>().join(", "),
        Kind::Files => rule.file.iter().map(|does| does_name(*does)).collect::<Vec<_>>().join(", "),
        Kind::Sql => words(&rule.statement).to_uppercase(),
        Kind::Http => words(&rule.request),
        Kind::Mcp if rule.tool.is_empty() => format!("tools whose names say {}", words(&rule.verb)),
        Kind::Mcp => rule.tool.iter().map(Text::as_str).collect::<Vec<_>>().join(", "),
        Kind::Code => words(&rule.code),
        Kind::Opaque => words(&rule.opaque),
    }
}

/// The same with the conditions under which it holds.
#[must_use]
pub fn whole(rule: &Rule) -> String {
    [subject(rule), conditions(&rule.when)].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}
