//! What is said about a decision: to the person at the prompt, who must see in one glance what would be lost, and to the
//! agent, which must know what to do instead.

use crate::judge::Decision;
use crate::policy::Verdict;
use crate::read::action::{FileAction, Kind, Origin};
use crate::rules::model::{Class, Does};

/// The most findings that are told in one reason.
const TOLD: usize = 2;
/// The most characters of a command that are shown.
const SHOWN: usize = 140;

/// The reason of a decision; empty where there is nothing to say.
#[must_use]
pub fn reason(decision: Decision, verdicts: &[Verdict<'_>]) -> String {
    match decision {
        Decision::None => return String::new(),
        Decision::Allow => return "countersign: it only reads, every part of it.".to_owned(),
        Decision::Ask | Decision::Deny => {}
    }
    let mut stopped: Vec<&Verdict<'_>> = verdicts.iter().filter(|verdict| verdict.decision >= Decision::Ask).collect();
    stopped.sort_by_key(|verdict| std::cmp::Reverse((verdict.decision, verdict.class)));
    let mut lines = Vec::new();
    let mut told: Vec<&str> = Vec::new();
    for verdict in &stopped {
        let Some(finding) = verdict.findings.first() else { continue };
        let id = finding.rule.id.as_str();
        if told.contains(&id) {
            continue;
        }
        if told.len() == TOLD {
            lines.push(format!("And {} more.", stopped.len() - TOLD));
            break;
        }
        told.push(id);
        lines.push(headline(verdict, finding.forced, finding.guessed));
        lines.push(format!("Lost: {}.", finding.rule.loses.trim_end_matches('.')));
        lines.push(format!("Instead: {}.", finding.rule.instead.trim_end_matches('.')));
        lines.push(format!("Rule: {id}"));
    }
    if lines.is_empty() {
        lines.push("countersign can't read a part of this call, so it isn't let through unseen.".to_owned());
    }
    lines.join("\n")
}

fn headline(verdict: &Verdict<'_>, forced: bool, guessed: bool) -> String {
    let origin = &verdict.action.origin;
    let what = match &verdict.action.kind {
        // Write and Edit show the path itself.
        Kind::File(file) if origin.shown == file.place.path => format!("Writing {}", quoted(&origin.shown)),
        Kind::File(file) => format!("{} would {}", quoted(&origin.shown), effect(file)),
        Kind::Sql(sql) => match &sql.object {
            Some(object) => format!("SQL `{} {object}`", sql.verb),
            None => format!("SQL `{}`", sql.verb),
        },
        Kind::Opaque(_) => format!("{} can't be read", quoted(&origin.shown)),
        _ => quoted(&origin.shown),
    };
    let class = match verdict.class {
        Class::Observe | Class::Ordinary | Class::Disruptive => "disruptive",
        Class::Irreversible => "irreversible",
        Class::Catastrophic => "catastrophic",
    };
    let mut extra = Vec::new();
    if forced && verdict.class == Class::Irreversible {
        extra.push(if origin.confirmed { "confirmed by a pipe" } else { "forced" }.to_owned());
    }
    if guessed {
        extra.push("if the unknown word is that subcommand".to_owned());
    }
    if let Some(through) = through(origin) {
        extra.push(through);
    }
    let extra = if extra.is_empty() { String::new() } else { format!(", {}", extra.join(", ")) };
    format!("{what}: {class}{extra}")
}

/// What is done to which path: `delete /srv/x and all below it`.
fn effect(file: &FileAction) -> String {
    let verb = match file.does {
        Does::Delete => "delete",
        Does::Write => "overwrite",
        Does::Append => "add to",
        Does::Read => "read",
        Does::Move => "move away",
        Does::Change => "change who may use",
    };
    let path = file.place.path.as_str();
    let late = "only known when it runs";
    let what = if path.trim_matches('…').is_empty() {
        format!("a path that is {late}")
    } else {
        // The end of a path says more than its beginning.
        let long = path.chars().count().saturating_sub(SHOWN);
        let tail: String = path.chars().skip(long).collect();
        let cut = if long > 0 { "…" } else { "" };
        let hole = if path.contains('…') { format!(" (`…` is {late})") } else { String::new() };
        format!("{cut}{tail}{hole}")
    };
    let below = match (file.recursive, path.contains('…')) {
        (false, _) => "",
        (true, false) => " and all below it",
        (true, true) => ", and all below it",
    };
    format!("{verb} {what}{below}")
}

fn through(origin: &Origin) -> Option<String> {
    (!origin.via.is_empty()).then(|| format!("through {}", origin.via.join(" → ")))
}

fn quoted(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String =
        if line.chars().count() > SHOWN { line.chars().take(SHOWN).chain(['…']).collect() } else { line };
    format!("`{short}`")
}

/// What the agent is told about a call that isn't stopped.
#[must_use]
pub fn note(verdicts: &[Verdict<'_>]) -> Option<String> {
    let notes: Vec<&str> = verdicts
        .iter()
        .flat_map(|verdict| &verdict.findings)
        .map(|finding| finding.rule.note.as_str())
        .filter(|note| !note.is_empty())
        .collect();
    (!notes.is_empty()).then(|| notes.join("\n"))
}
