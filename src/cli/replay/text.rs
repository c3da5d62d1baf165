//! The report for people, as plain text.

use super::judged::cut;
use super::report::{Comparison, DECISIONS, Report, Tally, unread_files};
use crate::cli::log::when::{DAY, shown_day};
use crate::context::thousands;
use crate::judge::Decision;
use std::fmt::Write;

/// The longest bar, in characters.
const BAR: usize = 30;
/// The most characters of a command in a line.
const COMMAND: usize = 110;
/// The most days that are listed.
const DAYS: usize = 31;
/// The most projects that are listed.
const PROJECTS: usize = 10;

/// The report, with so many commands behind each rule.
pub(super) fn report(report: &Report, most: usize) -> String {
    let mut out = head(report);
    if report.calls == 0 {
        out.push_str("Nothing was found to judge.\n");
    } else {
        if let Some(comparison) = &report.comparison {
            compared(&mut out, comparison, most);
        }
        decided(&mut out, report);
        by_rule(&mut out, report, most);
        by_day(&mut out, report);
        by_project(&mut out, report);
        commonest(&mut out, report, most);
    }
    notes(&mut out, report);
    out
}

/// `1,204 calls`.
pub(super) fn counted(count: usize, what: &str) -> String {
    format!("{} {what}{}", thousands(count), if count == 1 { "" } else { "s" })
}

/// A number by day: `3`, `0.4`.
pub(super) fn rate(count: f64) -> String {
    let text = format!("{:.1}", count.abs());
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// From when to when, and on how many days.
pub(super) fn span(report: &Report) -> Option<String> {
    let (first, last) = (shown_day(report.first? / DAY), shown_day(report.last? / DAY));
    Some(if first == last {
        format!("on {first}")
    } else {
        format!("from {first} to {last}, on {}", counted(report.days.len(), "day"))
    })
}

/// What was judged, in one sentence.
pub(super) fn summary(report: &Report) -> String {
    let span = span(report).map_or_else(String::new, |span| format!(" {span}"));
    format!(
        "{} in {} of {}{span}",
        counted(report.calls, "call"),
        counted(report.sessions, "session"),
        counted(report.projects.len(), "project"),
    )
}

/// How far the context of a call was looked at.
pub(super) fn context(report: &Report) -> &'static str {
    if report.disk {
        "Today's disk was looked at, which isn't that of then: a clean tree or a file that is gone changes what is decided."
    } else {
        "Judged as far as the words of each call tell: files, repositories and what a session did before aren't looked at, \
         so the guard at work asks less about what git brings back, and more about what scripts hide. `--disk` looks at \
         today's disk."
    }
}

fn head(report: &Report) -> String {
    format!("{}.\n{}\n", summary(report), wrapped(context(report), 100))
}

/// Broken at blanks, so that no line is longer.
fn wrapped(text: &str, width: usize) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}

fn title(out: &mut String, text: &str) {
    let _ = writeln!(out, "\n{text}");
}

/// What a change does, in sentences.
pub(super) fn change(comparison: &Comparison) -> String {
    if comparison.calls == 0 {
        return "This change decides none of these calls differently.".to_owned();
    }
    let mut parts = Vec::new();
    let asks = comparison.asks.unsigned_abs() as usize;
    let each = rate(comparison.asks_a_day);
    // Less than one in twenty days is said as a whole.
    let asks = if each == "0" {
        counted(asks, "ask")
    } else {
        format!("{each} {} a day", if each == "1" { "ask" } else { "asks" })
    };
    match comparison.asks {
        0 => {}
        1.. => parts.push(format!("adds {asks}")),
        _ => parts.push(format!("saves {asks}")),
    }
    if comparison.stops > 0 {
        parts.push(format!("stops {} that ran", counted(comparison.stops, "call")));
    }
    if comparison.frees > 0 {
        parts.push(format!(
            "lets {} go without a question that would be stopped now",
            counted(comparison.frees, "call")
        ));
    }
    let what = match parts.as_slice() {
        [] => "changes as many decisions one way as the other".to_owned(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    };
    format!("This change {what}.")
}

fn compared(out: &mut String, comparison: &Comparison, most: usize) {
    title(out, &comparison.title());
    let _ = writeln!(out, "  {}", change(comparison));
    for ((from, to, rule), tally) in &comparison.changes {
        let what = format!("{} → {}", from.word(), to.word());
        let _ = writeln!(out, "  {what:<14}{:<36}{}", rule, behind(tally));
        commands(out, tally, most);
    }
}

/// `12 calls, 9 of them ran`.
fn behind(tally: &Tally) -> String {
    let ran = match (tally.calls, tally.ran) {
        (_, 0) => "none of them ran".to_owned(),
        (all, ran) if all == ran && all > 1 => "all of them ran".to_owned(),
        (1, _) => "it ran".to_owned(),
        (_, ran) => format!("{} of them ran", thousands(ran)),
    };
    let ran = if tally.ran == 0 && tally.stopped < tally.calls { String::new() } else { format!(", {ran}") };
    let ran = if tally.calls == 1 { ran.replace("none of them ran", "it didn't run") } else { ran };
    format!("{}{ran}", counted(tally.calls, "call"))
}

fn commands(out: &mut String, tally: &Tally, most: usize) {
    for often in tally.commonest(most) {
        let _ = writeln!(out, "    {:>6}  {}", thousands(often.calls), cut(often.command, COMMAND));
    }
    let left = tally.different().saturating_sub(most);
    if left > 0 && most > 0 {
        let _ = writeln!(out, "    {:>6}  and {} more", "", thousands(left));
    }
}

fn decided(out: &mut String, report: &Report) {
    title(out, "What would have been decided");
    let most = report.decisions.iter().map(|tally| tally.calls).max().unwrap_or(1).max(1);
    let days = report.days.len().max(1) as f64;
    for decision in DECISIONS.iter().rev() {
        let tally = &report.decisions[*decision as usize];
        let share = tally.calls as f64 * 100.0 / report.calls as f64;
        let bar = "█".repeat((tally.calls * BAR).div_ceil(most));
        let note = if *decision >= Decision::Ask && tally.calls > 0 {
            let each = rate(tally.calls as f64 / days);
            let each = if each == "0" { String::new() } else { format!("  {each} a day;") };
            format!("{each}  {} of them ran", thousands(tally.ran))
        } else {
            String::new()
        };
        let line = format!("  {:<6}{:>9} {share:>6.1} %  {bar:<BAR$}{note}", decision.word(), thousands(tally.calls));
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

fn by_rule(out: &mut String, report: &Report, most: usize) {
    if report.rules.is_empty() {
        return;
    }
    title(out, "By rule");
    for ((decision, rule), tally) in &report.rules {
        let _ = writeln!(out, "  {:<6}{rule:<40}{}", decision.word(), behind(tally));
        commands(out, tally, most);
    }
}

fn by_day(out: &mut String, report: &Report) {
    if report.days.is_empty() {
        return;
    }
    title(out, "By day (UTC)");
    let _ = writeln!(
        out,
        "  {:<12}{:>8}{:>8}{:>8}{:>8}{:>10}{:>18}",
        "", "deny", "ask", "none", "allow", "sessions", "asks a session"
    );
    let hidden = report.days.len().saturating_sub(DAYS);
    if hidden > 0 {
        let _ = writeln!(out, "  {} before that", counted(hidden, "day"));
    }
    for (day, today) in report.days.iter().skip(hidden) {
        let [allow, none, ask, deny] = today.counts.map(thousands);
        let asks = rate(today.counts[Decision::Ask as usize] as f64 / today.sessions.max(1) as f64);
        let sessions = thousands(today.sessions);
        let _ = writeln!(out, "  {:<12}{deny:>8}{ask:>8}{none:>8}{allow:>8}{sessions:>10}{asks:>18}", shown_day(*day));
    }
}

fn by_project(out: &mut String, report: &Report) {
    if report.projects.len() < 2 {
        return;
    }
    title(out, "By project");
    let _ = writeln!(out, "  {:>8}{:>8}{:>8}{:>8}", "deny", "ask", "none", "allow");
    for (path, counts) in report.projects.iter().take(PROJECTS) {
        let [allow, none, ask, deny] = counts.map(thousands);
        let _ = writeln!(out, "  {deny:>8}{ask:>8}{none:>8}{allow:>8}  {}", cut(path, COMMAND));
    }
    let left = report.projects.len().saturating_sub(PROJECTS);
    if left > 0 {
        let _ = writeln!(out, "  and {} more", thousands(left));
    }
}

fn commonest(out: &mut String, report: &Report, most: usize) {
    for (decision, what) in
        [(Decision::None, "Commonest of what is left to the client"), (Decision::Allow, "Commonest of what is allowed")]
    {
        let tally = &report.decisions[decision as usize];
        if tally.calls > 0 && most > 0 {
            title(out, what);
            commands(out, tally, most);
        }
    }
}

/// What there is to say about the transcripts and the policies, sentence by sentence.
pub(super) fn remarks(report: &Report) -> Vec<String> {
    let mut all = Vec::new();
    let mut say = |count: usize, one: &str, many: &str| match count {
        0 => {}
        1 => all.push(one.to_owned()),
        count => all.push(format!("{} {many}", thousands(count))),
    };
    say(
        report.others,
        "1 call of another tool (Read, Grep, …) is none of the guard's business.",
        "calls of other tools (Read, Grep, …) are none of the guard's business.",
    );
    say(
        report.again,
        "1 call stands in more than one transcript, and counts once.",
        "calls stand in more than one transcript, and count once.",
    );
    say(
        report.malformed,
        "1 call was left out: its arguments aren't those of its tool, so the client itself refuses it.",
        "calls were left out: their arguments aren't those of their tools, so the client itself refuses them.",
    );
    say(report.undated, "1 call has no time, and is on no day.", "calls have no time, and are on no day.");
    if report.met.observes {
        all.push("A policy only observes: what it would decide is what is shown here.".to_owned());
    }
    if report.met.too_many {
        all.push(
            "There are more policies than are told apart here: the last projects were judged without their own."
                .to_owned(),
        );
    }
    all.extend(report.met.faults.iter().map(|fault| format!("A policy is broken, which makes it stricter: {fault}")));
    match (report.unread.lines, report.unread_at.first()) {
        (0, _) | (_, None) => {}
        (1, Some((path, line))) => all.push(format!("1 line couldn't be read: {}:{line}.", path.display())),
        (lines, Some((path, line))) => all.push(format!(
            "{} lines of {} couldn't be read, the first is {}:{line}.",
            thousands(lines),
            counted(unread_files(report).len(), "file"),
            path.display()
        )),
    }
    for (path, why) in &report.unread.files {
        all.push(format!("{} couldn't be read: {why}.", path.display()));
    }
    all
}

fn notes(out: &mut String, report: &Report) {
    let remarks = remarks(report);
    if !remarks.is_empty() {
        out.push('\n');
    }
    for remark in remarks {
        let _ = writeln!(out, "{remark}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_easy_to_read() {
        assert_eq!((thousands(0), thousands(1_234_567)), ("0".to_owned(), "1,234,567".to_owned()));
        assert_eq!((counted(1, "call"), counted(0, "call")), ("1 call".to_owned(), "0 calls".to_owned()));
        assert_eq!((rate(3.0), rate(-0.35), rate(0.01)), ("3".to_owned(), "0.3".to_owned(), "0".to_owned()));
    }
}
