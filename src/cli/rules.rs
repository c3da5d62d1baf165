//! `countersign rules`: what is known of a tool, and what becomes of it here.

use super::{Here, fail, paint};
use crate::catalogue::find::{Section, also, find, near};
use crate::catalogue::{self, Entry, Kind, Outcome, said};
use crate::judge::Decision;
use crate::policy::Policy;
use crate::rules::glob;
use paint::{Paint, Style};
use serde_json::{Value, json};
use std::process::ExitCode;

/// The columns of a terminal that are used: what fits here fits everywhere.
const WIDTH: usize = 80;
/// Where the words behind a decision begin.
const INDENT: usize = 12;
/// The columns for the names of tools in the overview.
const NAMES: usize = 44;

pub(super) fn run(tool: Option<&str>, as_json: bool) -> ExitCode {
    let here = match Here::now() {
        Ok(here) => here,
        Err(why) => return fail(&why),
    };
    let policy = here.places().policy();
    for fault in &policy.faults {
        eprintln!("countersign: {}", crate::hook::clean::visible(&fault.to_string()));
    }
    let Some(tool) = tool else {
        match as_json {
            true => print_json(&overview_json(&policy)),
            false => overview(&policy).print(),
        }
        return ExitCode::SUCCESS;
    };
    let sections = find(tool, &policy);
    if sections.is_empty() {
        return fail(&unknown(tool, &policy));
    }
    match as_json {
        true => print_json(&topic_json(tool, &sections)),
        false => topic(tool, &sections, &policy).print(),
    }
    ExitCode::SUCCESS
}

/// What is said of a word that isn't known.
fn unknown(tool: &str, policy: &Policy) -> String {
    let near = near(tool, policy);
    let near = match near.as_slice() {
        [] => String::new(),
        names => format!(" Near it: {}.", names.join(", ")),
    };
    format!(
        "nothing is known of `{tool}`.{near} A tool, a pack, a rule, an MCP server or tool, an HTTP host or an SQL \
         statement can be asked about; `countersign rules` lists all tools."
    )
}

fn print_json(value: &Value) {
    use std::io::Write;
    // JSON escapes what steers a terminal by itself; nobody reading any more is no failure.
    let _ = writeln!(std::io::stdout(), "{value:#}");
}

/// Every pack with its tools, a line each.
fn overview(policy: &Policy) -> Paint {
    let mut out = Paint::for_stdout();
    let packs = catalogue::packs(policy);
    let entries = catalogue::entries(policy);
    let count = |outcome| entries.iter().filter(|entry| entry.outcome() == outcome).count();
    out.line(&[(
        Style::Plain,
        &format!(
            "{} rules in {} packs: {} stop calls, {} allow them. `countersign rules TOOL` says more.",
            entries.len(),
            packs.len(),
            count(Outcome::Stopped),
            count(Outcome::Allowed)
        ),
    )]);
    for pack in &packs {
        out.line(&[]);
        out.wrapped(&[(Style::Strong, pack.name), (Style::Plain, &format!("  {}", pack.about.join("; ")))], 2, WIDTH);
        out.line(&[(Style::Dim, &format!("  {:<NAMES$}  {:>5}  {:>6}  {}", "", "stops", "allows", "checked"))]);
        for tool in &pack.tools {
            let [stops, allows] = [Outcome::Stopped, Outcome::Allowed].map(|outcome| tool.with(outcome).count());
            let checked = catalogue::checked(tool.entries.iter());
            out.line(&[(
                Style::Plain,
                &format!("  {:<NAMES$}  {stops:>5}  {allows:>6}  {checked}", cut(&tool.names, &tool.title())),
            )]);
        }
    }
    out
}

/// Names, as many as there is room for.
fn cut(names: &[&str], title: &str) -> String {
    if title.chars().count() <= NAMES {
        return title.to_owned();
    }
    let more = |count: usize| format!(" … {} more", names.len() - count);
    let fitting =
        (1..names.len()).rev().find(|&count| (names[..count].join(", ") + &more(count)).chars().count() <= NAMES);
    fitting.map_or_else(|| title.chars().take(NAMES).collect(), |count| names[..count].join(", ") + &more(count))
}

/// What is known under a word.
fn topic(asked: &str, sections: &[Section], policy: &Policy) -> Paint {
    let mut out = Paint::for_stdout();
    for (at, section) in sections.iter().enumerate() {
        if at > 0 {
            out.line(&[]);
        }
        out.wrapped(&[(Style::Strong, &section.title)], 2, WIDTH);
        for note in &section.notes {
            out.wrapped(&[(Style::Plain, note)], 0, WIDTH);
        }
        for (outcome, title) in [
            (Outcome::Stopped, "Stopped"),
            (Outcome::Allowed, "Allowed, where every part of the call is"),
            (Outcome::Left, "Left to Claude Code's own permissions"),
        ] {
            let entries: Vec<_> = section.entries.iter().filter(|entry| entry.outcome() == outcome).collect();
            if !entries.is_empty() {
                out.line(&[]);
                out.line(&[(Style::Strong, &format!("{title} ({})", entries.len()))]);
                entries.iter().for_each(|entry| one(entry, section, &mut out));
            }
        }
    }
    let also = also(asked, sections, policy);
    if !also.is_empty() {
        out.line(&[]);
        out.wrapped(&[(Style::Plain, &format!("See also: {}", also.join(", ")))], 0, WIDTH);
    }
    if sections.iter().flat_map(|section| &section.entries).any(|entry| entry.outcome() == Outcome::Stopped) {
        out.line(&[]);
        let note = "ask/deny: denied where it is forced. A yes that is piped in forces whatever is irreversible, and so \
                    does production as the target.";
        out.wrapped(&[(Style::Dim, note)], 0, WIDTH);
    }
    out
}

/// One rule.
fn one(entry: &Entry, section: &Section, out: &mut Paint) {
    let (rule, focus) = (entry.rule, section.focus.as_deref());
    let alone = section.entries.len() == 1;
    let decision = entry.forced.map_or_else(
        || entry.decision.word().to_owned(),
        |forced| format!("{}/{}", entry.decision.word(), forced.word()),
    );
    let style = match entry.decision {
        Decision::Deny => Style::Deny,
        Decision::Ask => Style::Ask,
        Decision::Allow => Style::Allow,
        Decision::None => Style::Plain,
    };
    let whole = said::whole(rule, focus);
    let what = match (Kind::of(rule), focus) {
        (Kind::Program, Some(name)) if rule.program.iter().any(|like| glob::matches(like, name)) => {
            format!("{name} {whole}")
        }
        (Kind::Program, _) => format!("{} {whole}", said::some(&rule.program, "|")),
        _ => whole,
    };
    let first = format!("  {decision:<width$}", width = INDENT - 2);
    out.wrapped(&[(style, &first), (Style::Plain, what.trim())], INDENT, WIDTH);
    let indent = " ".repeat(INDENT);
    let mut below = |style, text: &str| out.wrapped(&[(Style::Plain, &indent), (style, text)], INDENT, WIDTH);
    if !rule.forced.is_empty() {
        below(Style::Plain, &format!("forced {}", said::conditions(&rule.forced, focus)));
    }
    if alone && !rule.unless.is_empty() {
        below(Style::Plain, &format!("not {}", said::conditions(&rule.unless, None)));
    }
    for (key, text) in [("loses", rule.loses), ("instead", rule.instead), ("note", rule.note)] {
        if !text.is_empty() && (alone || key == "loses") {
            below(Style::Plain, &format!("{key} {text}"));
        }
    }
    let checked = if rule.checked.is_empty() { "unchecked".to_owned() } else { format!("checked: {}", rule.checked) };
    let from = entry.from.as_ref().map_or_else(String::new, |from| format!(", decided by {from}"));
    below(Style::Dim, &format!("{}, {}, {checked}{from}", rule.id, rule.class.word()));
}

fn overview_json(policy: &Policy) -> Value {
    let packs: Vec<Value> = catalogue::packs(policy)
        .iter()
        .map(|pack| {
            let tools: Vec<Value> = pack
                .tools
                .iter()
                .map(|tool| {
                    let [stops, allows] = [Outcome::Stopped, Outcome::Allowed].map(|it| tool.with(it).count());
                    let checked = catalogue::checked(tool.entries.iter());
                    let rules: Vec<&str> = tool.entries.iter().map(|entry| entry.rule.id.as_str()).collect();
                    json!({ "kind": tool.kind.name(), "names": tool.names, "stops": stops, "allows": allows,
                            "checked": checked, "rules": rules })
                })
                .collect();
            json!({ "pack": pack.name, "about": pack.about, "tools": tools })
        })
        .collect();
    json!({ "packs": packs })
}

fn topic_json(tool: &str, sections: &[Section]) -> Value {
    let sections: Vec<Value> = sections
        .iter()
        .map(|section| {
            let rules: Vec<Value> = section.entries.iter().map(rule_json).collect();
            json!({ "title": section.title, "notes": section.notes, "rules": rules })
        })
        .collect();
    json!({ "asked": tool, "sections": sections })
}

fn rule_json(entry: &Entry) -> Value {
    let rule = entry.rule;
    let words = |list: &crate::rules::text::List<crate::rules::text::Text>| {
        list.iter().map(|text| text.as_str()).collect::<Vec<_>>()
    };
    let conditions = |list: &crate::rules::text::List<crate::rules::model::Condition>| -> Vec<Value> {
        list.iter()
            .map(|condition| {
                said::parts(condition)
                    .into_iter()
                    .map(|(key, all)| (key.to_owned(), json!(all)))
                    .collect::<serde_json::Map<_, _>>()
                    .into()
            })
            .collect()
    };
    json!({
        "id": rule.id.as_str(),
        "class": rule.class.word(),
        "decision": entry.decision.word(),
        "forced_decision": entry.forced.map(Decision::word),
        "decided_by": entry.from,
        "kind": Kind::of(rule).name(),
        "programs": words(&rule.program),
        "speaks_of": said::subject(rule),
        "when": conditions(&rule.when),
        "unless": conditions(&rule.unless),
        "forced": conditions(&rule.forced),
        "loses": rule.loses.as_str(),
        "instead": rule.instead.as_str(),
        "checked": rule.checked.as_str(),
    })
}
