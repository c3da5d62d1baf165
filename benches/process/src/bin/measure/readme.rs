//! Tables for the README.

use std::error::Error;
use std::fmt::Write;

use crate::peers::CALLS;
use crate::subject::Subject;

const BEGIN: &str = "<!-- Made by `benches/process.sh --readme`. -->";
const END: &str = "<!-- Up to here. -->";

/// What each guard answers, and how much longer it takes than an empty program.
pub(crate) fn peers(peers: &[Subject]) -> String {
    let [empty, guards @ ..] = peers else { return String::new() };
    let base = empty.took().wall;
    let mut table = String::from("| call |");
    guards.chunks(CALLS.len()).for_each(|guard| _ = write!(table, " {} |", guard[0].name));
    table += "\n| --- |";
    guards.chunks(CALLS.len()).for_each(|_| table += " --- |");
    for (at, call) in CALLS.iter().enumerate() {
        _ = write!(table, "\n| `{call}` |");
        for guard in guards.chunks(CALLS.len()) {
            _ = write!(table, " {}, {} |", said(&guard[at]), times(guard[at].took().wall / base));
        }
    }
    table + "\n"
}

/// Puts the tables where the README has them.
pub(crate) fn write(path: &str, subjects: &[Subject], guards: &[Subject]) -> Result<(), Box<dyn Error>> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let (before, rest) = text.split_once(BEGIN).ok_or(format!("{path}: there is no line `{BEGIN}`"))?;
    let (_, after) = rest.split_once(END).ok_or(format!("{path}: there is no line `{END}`"))?;
    let base = subjects[0].took();
    let mut table = String::from("| call | answer | wall time | peak memory |\n| --- | --- | --- | --- |\n");
    for subject in subjects {
        let took = subject.took();
        let answer = said(subject);
        let wall = format!("{} ({:.1} ms)", times(took.wall / base.wall), took.wall / 1e3);
        _ = writeln!(table, "| {} | {answer} | {wall} | {:.1} MiB |", subject.name, took.memory);
    }
    // Without another guard beside it, the second table would say what the first one does.
    let others = if guards.len() > 1 + CALLS.len() { format!("\n{}", peers(guards)) } else { String::new() };
    let text = format!("{before}{BEGIN}\n\n{table}{others}\n{END}{after}");
    let temporary = format!("{path}.new");
    std::fs::write(&temporary, text)?;
    Ok(std::fs::rename(temporary, path)?)
}

fn said(subject: &Subject) -> &str {
    if subject.answer == "-" { "none" } else { &subject.answer }
}

fn times(ratio: f64) -> String {
    if ratio < 10.0 { format!("{ratio:.1}×") } else { format!("{ratio:.0}×") }
}
