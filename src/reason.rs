//! What is said about a decision: to the person at the prompt, who must see in one glance what would be lost, and to the
//! agent, which must know what to do instead.

use crate::context::Context;
use crate::judge::Decision;
use crate::policy::{Judged, Verdict};
use crate::read::action::{FileAction, Kind, Origin};
use crate::rules::model::{Class, Does, Fact, Rule};
use ecow::EcoString;

/// The most findings that are told in one reason.
const TOLD: usize = 2;
/// The most findings that are told to whoever is to approve a call.
const LOSSES: usize = 8;
/// The most bytes of a reason that tells more than one finding.
const LENGTH: usize = 960;
/// The most lines of a reason that tells more than one finding; one more says how many are left.
const LINES: usize = 9;
/// The most characters of a command, or of a path, that are shown.
const SHOWN: usize = 140;
/// The most characters that are said of what was seen on the disk.
const HERE: usize = 280;
/// The most programs in front of a command that are named.
const NAMED: usize = 4;

/// The reason of a decision; empty where there is nothing to say.
#[must_use]
pub fn reason(decision: Decision, verdicts: &[Verdict<'_>], context: &Context<'_>) -> String {
    match decision {
        Decision::None => return String::new(),
        Decision::Allow => return "countersign: it only reads, every part of it.".to_owned(),
        Decision::Ask | Decision::Deny => {}
    }
    let told = told(verdicts);
    let mut lines: Vec<String> = Vec::new();
    let mut left = told.len();
    for verdict in told.iter().take(TOLD) {
        let Some(finding) = verdict.findings.first() else { continue };
        let mut block = block(verdict, finding, context);
        let instead = format!("Instead: {}.", finding.rule.instead.trim_end_matches('.'));
        block.insert(block.len() - 1, instead);
        let length = |lines: &[String]| lines.iter().map(|line| line.len() + 1).sum::<usize>();
        let fits = length(&lines) + length(&block) <= LENGTH && lines.len() + block.len() <= LINES;
        if !lines.is_empty() && !fits {
            break;
        }
        lines.extend(block);
        left -= 1;
    }
    if left > 0 && !lines.is_empty() {
        lines.push(format!("And {left} more."));
    }
    if lines.is_empty() {
        lines.push("countersign can't read a part of this call, so it isn't let through unseen.".to_owned());
    }
    lines.join("\n")
}

/// What would be lost, by every part of it that is stopped: for whoever is to approve it.
#[must_use]
pub fn losses(verdicts: &[Verdict<'_>], context: &Context<'_>) -> String {
    let told = told(verdicts);
    let finding = |verdict: &&Verdict<'_>| verdict.findings.first().map(|finding| block(verdict, finding, context));
    let mut lines: Vec<String> = told.iter().take(LOSSES).filter_map(finding).flatten().collect();
    let left = told.len().saturating_sub(LOSSES);
    if left > 0 {
        lines.push(format!("And {left} more."));
    }
    lines.join("\n")
}

/// What is told of a call that is stopped, the worst first: of one command, one reason is enough; of one rule, one example.
fn told<'v, 'a>(verdicts: &'v [Verdict<'a>]) -> Vec<&'v Verdict<'a>> {
    let mut stopped: Vec<&Verdict<'_>> = verdicts.iter().filter(|verdict| verdict.decision >= Decision::Ask).collect();
    stopped.sort_by_key(|verdict| std::cmp::Reverse((verdict.decision, verdict.class)));
    let mut told: Vec<&Verdict<'_>> = Vec::new();
    for verdict in stopped {
        let same = |other: &&Verdict<'_>| {
            rule(other) == rule(verdict)
                || other.action.origin.shown == verdict.action.origin.shown && !both_files(other, verdict)
        };
        if !verdict.findings.is_empty() && !told.iter().any(same) && !told.iter().any(|other| runs(verdict, other)) {
            told.push(verdict);
        }
    }
    told
}

/// Whether one is a statement that runs a program, which was read, and the other what that does: `\! rm -rf ~`.
fn runs(statement: &Verdict<'_>, other: &Verdict<'_>) -> bool {
    let (one, what) = (&statement.action.origin, &other.action.origin);
    let is_sql = |verdict: &Verdict<'_>| matches!(verdict.action.kind, Kind::Sql(_));
    is_sql(statement) && one.looked_into && !is_sql(other) && what.via.starts_with(&one.via)
}

/// What is said about one part of it, its rule in the last line.
fn block(verdict: &Verdict<'_>, finding: &Judged, context: &Context<'_>) -> Vec<String> {
    let mut block = vec![
        headline(verdict, finding.forced, finding.guessed),
        format!("Lost: {}.", finding.rule.loses.trim_end_matches('.')),
    ];
    block.extend(here(finding.rule, verdict, context));
    block.extend(verdict.earlier.as_ref().map(|earlier| format!("Before: {earlier}.")));
    block.push(match &finding.because {
        Some(because) => format!("Rule: {}; {because}", finding.rule.id),
        None => format!("Rule: {}", finding.rule.id),
    });
    block
}

/// What is seen of what it points at.
pub(crate) fn here(rule: &Rule, verdict: &Verdict<'_>, context: &Context<'_>) -> Option<String> {
    // Where it is aimed is told without being asked for: nobody sees it who reads the command.
    let aimed = if rule.tells.contains(&Fact::Environment) { None } else { context.aimed(verdict.action).says() };
    let seen: Vec<String> = aimed.into_iter().chain(context.told(rule, verdict.action)).collect();
    (!seen.is_empty()).then(|| format!("Here: {}.", cut(&seen.join("; "), HERE)))
}

fn rule<'a>(verdict: &'a Verdict<'_>) -> Option<&'a str> {
    verdict.findings.first().map(|finding| finding.rule.id.as_str())
}

fn both_files(one: &Verdict<'_>, other: &Verdict<'_>) -> bool {
    [one, other].iter().all(|verdict| matches!(verdict.action.kind, Kind::File(_)))
}

fn headline(verdict: &Verdict<'_>, forced: bool, guessed: bool) -> String {
    let origin = &verdict.action.origin;
    let what = match &verdict.action.kind {
        // Write and Edit show the path itself.
        Kind::File(file) if origin.shown == file.place.path => format!("Writing {}", quoted(&origin.shown)),
        Kind::File(file) => format!("{} would {}", quoted(&origin.shown), effect(file, &origin.shown)),
        Kind::Sql(sql) => match &sql.object {
            Some(object) => format!("SQL `{} {object}`", sql.verb),
            None => format!("SQL `{}`", sql.verb),
        },
        Kind::Opaque(kind) => format!("{} can't be read", unread(kind, origin)),
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
        extra.push(doubt(origin));
    }
    if let Some(through) = through(origin) {
        extra.push(through);
    }
    let extra = if extra.is_empty() { String::new() } else { format!(", {}", extra.join(", ")) };
    format!("{what}: {class}{extra}")
}

/// What is done to which path: `delete /srv/x and all below it`.
fn effect(file: &FileAction, shown: &str) -> String {
    let verb = match file.does {
        Does::Delete => "delete",
        Does::Write => "overwrite",
        Does::Append => "add to",
        Does::Read => "read",
        Does::Move => "move away",
        Does::Change => "change who may use",
        Does::Touch => "change",
    };
    let path = file.place.path.as_str();
    let late = "only known when it runs";
    let below = if file.recursive { " and all below it" } else { "" };
    if path.trim_matches('…').is_empty() {
        let below = if file.recursive { ", and all below it" } else { "" };
        return format!("{verb} a path that is {late}{below}");
    }
    // The end of a path says more than its beginning.
    let long = path.chars().count().saturating_sub(SHOWN);
    let tail: String = path.chars().skip(long).collect();
    let cut = if long > 0 { "…" } else { "" };
    let doubt = match (path.contains('…'), file.place.certain) {
        (true, _) => format!(" (`…` is {late})"),
        (false, false) if shown.contains('…') => ", should `…` be empty".to_owned(),
        _ => String::new(),
    };
    let from = match &file.place.from {
        Some(from) if from.contains(['*', '?', '[']) => String::new(),
        Some(from) => format!(", where {} leads", last(from)),
        None => String::new(),
    };
    format!("{verb} {cut}{tail}{below}{from}{doubt}")
}

/// The last name of a path, however long it is.
fn last(path: &str) -> String {
    cut(path.rsplit('/').next().unwrap_or(path), 40)
}

/// What can't be read, named by what is known of it.
fn unread(kind: &str, origin: &Origin) -> String {
    let shown = origin.shown.trim();
    let holes = |text: &str| text.chars().all(|char| char == '…' || char.is_whitespace());
    match &origin.fed {
        Some(fed) if kind == "stdin" && !fed.is_empty() => format!("What `{fed}` pipes into {}", quoted(shown)),
        _ if kind == "stdin" => format!("What is piped into {}", quoted(shown)),
        _ if shown.starts_with("/dev/fd/") => "What `<(…)` gives".to_owned(),
        _ if shown.is_empty() => "Part of the call".to_owned(),
        _ if holes(shown) => "A command that is only known when it runs".to_owned(),
        _ => quoted(shown),
    }
}

/// The programs that it stands behind, without the one that is shown anyway.
/// Under which condition something holds that is only guessed.
pub(crate) fn doubt(origin: &Origin) -> String {
    match &origin.perhaps {
        Some(program) => format!("if {} runs it, of which nothing is known", quoted(program)),
        None => "if the unknown word is that subcommand".to_owned(),
    }
}

fn through(origin: &Origin) -> Option<String> {
    let mut via: Vec<&str> = origin.via.iter().map(EcoString::as_str).collect();
    via.dedup();
    // `npm`, which runs `npm run db:reset`, is one of them.
    let names = |label: &str, program: &str| label.strip_prefix(program).is_some_and(|rest| rest.starts_with(' '));
    via = via
        .iter()
        .enumerate()
        .filter(|(at, name)| !via.get(at + 1).is_some_and(|next| names(next, name)))
        .map(|(_, name)| *name)
        .collect();
    if via.last().is_some_and(|last| origin.shown.split_whitespace().next() == Some(*last)) {
        via.pop();
    }
    if via.len() > NAMED {
        via.splice(NAMED / 2..via.len() - NAMED / 2, ["…"]);
    }
    (!via.is_empty()).then(|| format!("through {}", via.join(" → ")))
}

fn quoted(text: &str) -> String {
    format!("`{}`", cut(text, SHOWN))
}

/// In one line, and not more than so many characters of it: names of files may hold line breaks.
fn cut(text: &str, most: usize) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() > most { text.chars().take(most).chain(['…']).collect() } else { text }
}

/// What the agent is told about a call that isn't stopped.
#[must_use]
pub fn note(verdicts: &[Verdict<'_>], context: &Context<'_>) -> Option<String> {
    let findings = verdicts.iter().flat_map(|verdict| verdict.findings.iter().map(move |found| (verdict, found)));
    let notes: Vec<String> = findings
        .filter(|(_, finding)| !finding.rule.note.is_empty())
        .map(|(verdict, finding)| match context.told(finding.rule, verdict.action) {
            Some(seen) => format!("{}\nHere: {}.", finding.rule.note, cut(&seen, HERE)),
            None => finding.rule.note.to_string(),
        })
        .collect();
    (!notes.is_empty()).then(|| notes.join("\n"))
}
