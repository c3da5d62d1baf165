//! The report for programs. Keys that are there stay there, with what they mean.

use super::report::{Counts, DECISIONS, Report, Tally};
use crate::cli::log::when::shown_day;
use crate::judge::Decision;
use serde_json::{Map, Value, json};

/// Raised when a key changes what it means.
const VERSION: u32 = 1;

/// The report, with so many commands behind each rule.
pub(super) fn report(report: &Report, most: usize) -> String {
    let day = |(day, today): (&u64, &super::report::Today)| {
        let mut value = counts(&today.counts);
        value["day"] = shown_day(*day).into();
        value["sessions"] = today.sessions.into();
        value
    };
    let project = |(path, all): &(std::sync::Arc<str>, Counts)| {
        let mut value = counts(all);
        value["project"] = (&**path).into();
        value
    };
    let rule = |((decision, rule), tally): &((Decision, &str), Tally)| {
        let mut value = behind(tally, most);
        value["decision"] = decision.word().into();
        value["rule"] = (*rule).into();
        value
    };
    let decisions: Map<String, Value> = DECISIONS
        .iter()
        .map(|decision| (decision.word().to_owned(), behind(&report.decisions[*decision as usize], most)))
        .collect();
    let unread: Vec<Value> =
        report.unread_at.iter().map(|(path, line)| json!({ "file": path.to_string_lossy(), "line": line })).collect();
    let failed: Vec<Value> =
        report.unread.files.iter().map(|(path, why)| json!({ "file": path.to_string_lossy(), "error": why })).collect();
    let value = json!({
        "version": VERSION,
        "context": if report.disk { "disk" } else { "words" },
        "files": report.files,
        "sessions": report.sessions,
        "calls": report.calls,
        "first": report.first,
        "last": report.last,
        "decisions": decisions,
        "rules": report.rules.iter().map(rule).collect::<Vec<_>>(),
        "days": report.days.iter().map(day).collect::<Vec<_>>(),
        "projects": report.projects.iter().map(project).collect::<Vec<_>>(),
        "comparison": report.comparison.as_ref().map(|all| compared(all, most)),
        "passed_over": {
            "other_tools": report.others,
            "again": report.again,
            "malformed": report.malformed,
            "undated": report.undated,
        },
        "unread": { "lines": report.unread.lines, "places": unread, "files": failed },
        "faults": report.met.faults,
    });
    format!("{value:#}\n")
}

fn compared(all: &super::report::Comparison, most: usize) -> Value {
    let change = |((from, to, rule), tally): &((Decision, Decision, &'static str), Tally)| {
        let mut value = behind(tally, most);
        value["from"] = from.word().into();
        value["to"] = to.word().into();
        value["rule"] = (*rule).into();
        value
    };
    json!({
        "policy": all.file.to_string_lossy(),
        "layer": all.layer,
        "calls": all.calls,
        "asks": all.asks,
        "asks_a_day": all.asks_a_day,
        "stops_that_ran": all.stops,
        "no_longer_stopped": all.frees,
        "changes": all.changes.iter().map(change).collect::<Vec<_>>(),
    })
}

fn counts(all: &Counts) -> Value {
    DECISIONS.iter().map(|decision| (decision.word().to_owned(), Value::from(all[*decision as usize]))).collect()
}

fn behind(tally: &Tally, most: usize) -> Value {
    let commands: Vec<Value> = tally
        .commonest(most)
        .iter()
        .map(|often| json!({ "command": often.command, "calls": often.calls, "ran": often.ran }))
        .collect();
    json!({
        "calls": tally.calls,
        "ran": tally.ran,
        "didnt_run": tally.stopped,
        "last": tally.last,
        "different": tally.different(),
        "commands": commands,
    })
}
