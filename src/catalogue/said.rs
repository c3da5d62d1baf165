//! Rules in words: what they speak of, and what their conditions ask for.

use super::Kind;
use crate::rules::glob;
use crate::rules::index::does_name;
use crate::rules::model::{Condition, Part, Rule};
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
    let words = |list: &List<Text>| list.iter().map(|text| text.to_string()).collect::<Vec<_>>();
    let part = |part: &Part| match part {
        Part::Option(list) => ("option", words(list)),
        Part::Every(list) => ("every", words(list)),
        Part::Without(list) => ("without", words(list)),
        Part::Operand(list) => ("operand", words(list)),
        Part::First(list) => ("first", words(list)),
        Part::Operands(range) => ("operands", vec![range.to_string()]),
        Part::Zone(list) => ("zone", words(list)),
        Part::Name(list) => ("name", words(list)),
        Part::Recursive(wanted) => ("recursive", vec![wanted.to_string()]),
        Part::Empties(wanted) => ("empties", vec![wanted.to_string()]),
        Part::Adds(list) => ("adds", words(list)),
        Part::Removes(list) => ("removes", words(list)),
        Part::Mark(list) => ("mark", words(list)),
        Part::Object(list) => ("object", words(list)),
        Part::Host(list) => ("host", words(list)),
        Part::Port(list) => ("port", words(list)),
        Part::Path(list) => ("path", words(list)),
        Part::Body(list) => ("body", words(list)),
        Part::Argument(list) => ("argument", words(list)),
        Part::Server(list) => ("server", words(list)),
        Part::Env(list) => ("env", words(list)),
        Part::Via(list) => ("via", words(list)),
        Part::Fed(list) => ("fed", words(list)),
        Part::Beside(list) => ("beside", words(list)),
        Part::Confirmed(wanted) => ("confirmed", vec![wanted.to_string()]),
        Part::LookedInto(wanted) => ("looked_into", vec![wanted.to_string()]),
        Part::Environment(list) => ("environment", words(list)),
        Part::Fact(list) => ("fact", list.iter().map(|fact| fact_name(&format!("{fact:?}"))).collect()),
    };
    let mut said: Vec<Asked> = condition.0.iter().map(part).collect();
    // What a command is used on is said in front of the options that it is used with.
    said.sort_by_key(|(key, _)| !["operand", "first", "operands"].contains(key));
    said
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
    let mut shown: Vec<String> = Vec::new();
    for value in values {
        let value = plain(value.as_ref());
        if !shown.contains(&value) {
            shown.push(value);
        }
    }
    if shown.len() > SOME {
        shown.truncate(SOME);
        shown.push("…".to_owned());
    }
    shown.join(between)
}

/// A glob without what only says the same again: `{DELETE,delete}` is DELETE, `{,/}repos` is repos.
fn plain(glob: &str) -> String {
    let mut out = String::new();
    let mut rest = glob;
    while let Some((before, behind)) = rest.split_once('{') {
        let Some((inside, after)) = behind.split_once('}') else { break };
        let mut words: Vec<&str> = Vec::new();
        for word in inside.split(',') {
            if !words.iter().any(|had| had.eq_ignore_ascii_case(word)) {
                words.push(word);
            }
        }
        if words.len() > SOME {
            words.truncate(SOME);
            words.push("…");
        }
        out.push_str(before);
        match words.as_slice() {
            [one] | ["", one] => out.push_str(if *one == "/" { "" } else { one }),
            _ => out.push_str(&format!("{{{}}}", words.join(","))),
        }
        rest = after;
    }
    out + rest
}

/// Whom or what a question is about: of hosts and servers only those that are like it are said.
pub type Focus<'a> = Option<&'a str>;

/// The parts of a condition that are said; `None`: it is about other hosts.
fn focused(condition: &Condition, focus: Focus<'_>) -> Option<Vec<Asked>> {
    let mut said = parts(condition);
    for (key, values) in &mut said {
        if let Some(focus) = focus.filter(|_| ["host", "server"].contains(key)) {
            values.retain(|value| glob::matches_any_case(value, focus));
            if values.is_empty() {
                return None;
            }
        }
    }
    Some(said)
}

/// A condition as part of a sentence: `with -f|--force aimed at production`.
fn phrase(parts: Vec<Asked>) -> String {
    let said = parts.into_iter().map(|(key, values)| {
        let any = some(&values, "|");
        match key {
            "option" | "argument" | "env" => format!("with {any}"),
            "every" => format!("with {}", some(&values, " and ")),
            "without" => format!("without {any}"),
            "operand" | "first" | "object" => format!("on {any}"),
            "operands" => operands(&any),
            "zone" => format!("in {any}"),
            "name" => format!("named {any}"),
            "recursive" => (if any == "true" { "and all below" } else { "by itself" }).to_owned(),
            "adds" => format!("adding {any}"),
            "removes" => format!("taking out {any}"),
            "mark" => format!("({any})"),
            "host" => format!("to {any}"),
            "port" => format!("on port {any}"),
            "path" => format!("at {any}"),
            "body" => format!("saying {any}"),
            "server" => format!("of {any}"),
            "via" => format!("behind {any}"),
            "fed" => format!("fed by {any}"),
            "beside" => format!("beside {any}"),
            "confirmed" => (if any == "true" { "with a yes piped in" } else { "without a yes piped in" }).to_owned(),
            "looked_into" => {
                (if any == "true" { "where what it runs is read" } else { "where what it runs isn't found" }).to_owned()
            }
            "environment" => format!("aimed at {any}"),
            "fact" => format!("where {any}"),
            _ => format!("{key} {any}"),
        }
    });
    said.collect::<Vec<_>>().join(" ")
}

/// `2..` in words.
fn operands(range: &str) -> String {
    match range.split_once("..") {
        None if range == "0" => "without operands".to_owned(),
        None => format!("with {range} operand{}", if range == "1" { "" } else { "s" }),
        Some(("1", "")) => "with operands".to_owned(),
        Some((low, "")) => format!("with {low} operands or more"),
        Some(("" | "0", high)) => format!("with at most {high} operands"),
        Some((low, high)) => format!("with {low} to {high} operands"),
    }
}

/// Conditions of which one is enough.
#[must_use]
pub fn conditions(list: &List<Condition>, focus: Focus<'_>) -> String {
    let said: Vec<String> = list
        .iter()
        .filter_map(|condition| focused(condition, focus))
        .map(phrase)
        .filter(|said| !said.is_empty())
        .collect();
    let some = said.iter().take(ALTERNATIVES).map(String::as_str).collect::<Vec<_>>().join(", or ");
    some + if said.len() > ALTERNATIVES { ", or …" } else { "" }
}

/// What a rule speaks of, without its conditions and, for programs, without their names.
#[must_use]
pub fn subject(rule: &Rule) -> String {
    let words = |list: &List<Text>| some(list, ", ");
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
pub fn whole(rule: &Rule, focus: Focus<'_>) -> String {
    let parts = [subject(rule), conditions(&rule.when, focus)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{operands, plain};

    #[test]
    fn globs_say_nothing_twice() {
        for (glob, said) in [
            ("-X={DELETE,delete,Delete}", "-X=DELETE"),
            ("{,/}repos/*", "repos/*"),
            ("{,/}{repos,orgs}/*", "{repos,orgs}/*"),
            ("a{b", "a{b"),
            ("*", "*"),
        ] {
            assert_eq!(plain(glob), said);
        }
        assert_eq!(
            (operands("1.."), operands("2..3"), operands("1")),
            ("with operands".into(), "with 2 to 3 operands".into(), "with 1 operand".into())
        );
    }
}
