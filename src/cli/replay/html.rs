//! The report as one page that stands by itself: nothing is loaded from anywhere, and it is all there without JavaScript.
//!
//! What it shows was written by agents, perhaps by attackers. Every text is escaped, and should one not be, the page's own
//! policy lets no script run but the one whose digest it names.

mod chart;

use super::report::{Comparison, DECISIONS, Report, Tally};
use super::text::{change, context, counted, rate, remarks, summary};
use crate::cli::log::when::{DAY, shown_day};
use crate::context::thousands;
use crate::hook::clean::visible;
use crate::judge::Decision;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The most lines of the table of commands.
const LINES: usize = 2_000;
/// The most rules and projects in a chart.
const BARS: usize = 15;

/// The page, with so many commands in a short list.
pub(super) fn page(report: &Report, most: usize) -> String {
    let mut out = String::with_capacity(64 << 10);
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
         script-src 'sha256-{}'; base-uri 'none'; form-action 'none'\">\n\
         <title>countersign replay: {}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <header>\n<h1>What countersign would have decided</h1>\n<p class=\"lead\">{}. {}</p>\n</header>\n",
        base64(&Sha256::digest(SCRIPT.as_bytes())),
        escaped(&summary(report)),
        escaped(&summary(report)),
        escaped(context(report)).replace("`--disk`", "<code>--disk</code>"),
    );
    if let Some(comparison) = &report.comparison {
        compared(&mut out, comparison, most);
    }
    cards(&mut out, report);
    if report.calls > 0 {
        days(&mut out, report);
        out.push_str("<div class=\"two\">\n");
        rules(&mut out, report);
        projects(&mut out, report);
        out.push_str("</div>\n");
        calls(&mut out, report);
        others(&mut out, report, most);
    }
    footer(&mut out, report);
    let _ = write!(out, "</main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n");
    out
}

/// Text as it stands in HTML, in an attribute as well, with what can't be seen made visible.
pub(super) fn escaped(text: &str) -> String {
    let text = visible(text);
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// What a decision is called on the page.
pub(super) fn named(decision: Decision) -> &'static str {
    match decision {
        Decision::Allow => "allowed",
        Decision::None => "left to the client",
        Decision::Ask => "asked about",
        Decision::Deny => "denied",
    }
}

fn tag(decision: Decision) -> String {
    format!("<span class=\"tag {0}\">{0}</span>", decision.word())
}

fn cards(out: &mut String, report: &Report) {
    out.push_str("<section class=\"cards\" aria-label=\"Decisions\">\n");
    let days = report.days.len().max(1) as f64;
    for decision in DECISIONS.iter().rev() {
        let tally = &report.decisions[*decision as usize];
        let share = tally.calls as f64 * 100.0 / report.calls.max(1) as f64;
        let note = match decision {
            Decision::Ask | Decision::Deny if tally.calls > 0 => {
                format!("{} a day; {} of them ran", rate(tally.calls as f64 / days), thousands(tally.ran))
            }
            _ => format!("{share:.1} % of all calls"),
        };
        let _ = writeln!(
            out,
            "<div class=\"card {}\"><b>{}</b>{}<br><span class=\"soft\">{note}</span></div>",
            decision.word(),
            thousands(tally.calls),
            named(*decision)
        );
    }
    out.push_str("</section>\n");
}

fn compared(out: &mut String, comparison: &Comparison, most: usize) {
    let _ = write!(
        out,
        "<section class=\"change\">\n<h2>{}</h2>\n<p><strong>{}</strong></p>\n",
        escaped(&comparison.title()),
        escaped(&change(comparison))
    );
    if !comparison.changes.is_empty() {
        out.push_str(
            "<div class=\"scroll\"><table>\n<thead><tr><th>Change</th><th>Rule</th><th class=\"number\">Calls</th>\
             <th class=\"number\">Ran</th><th>Commonest</th></tr></thead>\n<tbody>\n",
        );
        for ((from, to, rule), tally) in &comparison.changes {
            let _ = writeln!(
                out,
                "<tr><td class=\"rule\">{} → {}</td><td class=\"rule\">{}</td>{}{}<td>{}</td></tr>",
                tag(*from),
                tag(*to),
                escaped(rule),
                number(tally.calls),
                number(tally.ran),
                list(tally, most)
            );
        }
        out.push_str("</tbody>\n</table></div>\n");
    }
    out.push_str("</section>\n");
}

fn number(count: usize) -> String {
    format!("<td class=\"number\" data-value=\"{count}\">{}</td>", thousands(count))
}

/// The commonest commands, a line each.
fn list(tally: &Tally, most: usize) -> String {
    let commonest = tally.commonest(most);
    let lines: Vec<String> = commonest
        .iter()
        .map(|often| {
            let times = if often.calls > 1 { format!(" × {}", thousands(often.calls)) } else { String::new() };
            format!("<code>{}</code>{times}", escaped(often.command))
        })
        .collect();
    let left = tally.different().saturating_sub(commonest.len());
    let left =
        if left > 0 { format!("<br><span class=\"soft\">and {} more</span>", thousands(left)) } else { String::new() };
    lines.join("<br>") + &left
}

fn days(out: &mut String, report: &Report) {
    let stretches = chart::stretches(&report.days);
    let Some(days) = stretches.first().map(|stretch| stretch.days) else { return };
    let each = match days {
        1 => "day".to_owned(),
        7 => "week".to_owned(),
        days => format!("{days} days"),
    };
    chart::figure(out, &format!("Calls by {each}"), &stretches, &DECISIONS, chart::WHOLE);
    out.push_str("<div class=\"two\">\n");
    chart::figure(
        out,
        &format!("Asked about and denied, by {each}"),
        &stretches,
        &[Decision::Ask, Decision::Deny],
        chart::HALF,
    );
    chart::asks(out, &format!("Questions in a session, by {each}"), &stretches);
    out.push_str("</div>\n");
}

fn rules(out: &mut String, report: &Report) {
    out.push_str("<section>\n<h2>By rule</h2>\n");
    if report.rules.is_empty() {
        out.push_str("<p class=\"soft\">No rule would have stopped anything.</p>\n</section>\n");
        return;
    }
    let mut top: Vec<_> = report.rules.iter().collect();
    top.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.calls));
    let most = top.first().map_or(1, |(_, tally)| tally.calls);
    let rows: Vec<chart::Bar> = top
        .iter()
        .take(BARS)
        .map(|((decision, rule), tally)| chart::Bar {
            label: format!("{} {}", tag(*decision), escaped(rule)),
            parts: vec![(*decision, tally.calls)],
            total: tally.calls,
        })
        .collect();
    chart::bars(out, ["Rule", "Calls"], &rows, most);
    more(out, report.rules.len(), "rules are in the table below");
    out.push_str("</section>\n");
}

fn more(out: &mut String, count: usize, what: &str) {
    if count > BARS {
        let _ = writeln!(out, "<p class=\"soft\">{} more {what}.</p>", thousands(count - BARS));
    }
}

fn projects(out: &mut String, report: &Report) {
    out.push_str("<section>\n<h2>By project</h2>\n");
    let stops = |counts: &[usize; 4]| counts[Decision::Ask as usize] + counts[Decision::Deny as usize];
    let most = report.projects.iter().map(|(_, counts)| stops(counts)).max().unwrap_or(0).max(1);
    let rows: Vec<chart::Bar> = report
        .projects
        .iter()
        .take(BARS)
        .map(|(path, counts)| chart::Bar {
            label: format!(
                "<code>{}</code> <span class=\"soft\">{}</span>",
                escaped(path),
                counted(counts.iter().sum(), "call")
            ),
            parts: [Decision::Deny, Decision::Ask].map(|decision| (decision, counts[decision as usize])).to_vec(),
            total: stops(counts),
        })
        .collect();
    chart::bars(out, ["Project", "Stopped"], &rows, most);
    more(out, report.projects.len(), "projects aren't shown");
    out.push_str("</section>\n");
}

/// The table of all that would have been stopped.
fn calls(out: &mut String, report: &Report) {
    out.push_str("<section>\n<h2>What would have been stopped</h2>\n");
    if report.stopped() == 0 {
        out.push_str("<p class=\"soft\">Nothing.</p>\n</section>\n");
        return;
    }
    let mut rows = Vec::new();
    for ((decision, rule), tally) in &report.rules {
        rows.extend(tally.commonest(LINES).into_iter().map(|often| (*decision, *rule, often)));
    }
    let all = rows.len();
    rows.sort_by_key(|(decision, _, often)| std::cmp::Reverse((*decision, often.calls)));
    rows.truncate(LINES);
    let cut =
        if all > LINES { format!(" The first {} of {}.", thousands(LINES), thousands(all)) } else { String::new() };
    let _ = write!(
        out,
        "<div class=\"tools\" id=\"tools\" hidden><input id=\"words\" type=\"search\" placeholder=\"Search commands and rules\" \
         aria-label=\"Search commands and rules\"><select id=\"which\" aria-label=\"Decision\"><option value=\"\">all</option>\
         <option value=\"deny\">denied</option><option value=\"ask\">asked about</option></select>\
         <span class=\"soft\" id=\"count\" aria-live=\"polite\"></span></div>\n\
         <div class=\"scroll\"><table id=\"calls\">\n<caption>A line for each command and the rule that decides about it. \
         “Ran” is how often it ran then.{cut}</caption>\n\
         <thead><tr><th>Decision</th><th>Rule</th><th>Command</th><th class=\"number\">Calls</th>\
         <th class=\"number\">Ran</th><th>Last day</th></tr></thead>\n<tbody>\n"
    );
    for (decision, rule, often) in rows {
        let day = often.last.map_or_else(String::new, |last| shown_day(last / DAY));
        let _ = writeln!(
            out,
            "<tr data-decision=\"{}\"><td>{}</td><td class=\"rule\">{}</td><td><code>{}</code></td>{}{}<td class=\"soft day\">{day}</td></tr>",
            decision.word(),
            tag(decision),
            escaped(rule),
            escaped(often.command),
            number(often.calls),
            number(often.ran)
        );
    }
    out.push_str("</tbody>\n</table></div>\n</section>\n");
}

/// What isn't stopped, for whoever wants to know.
fn others(out: &mut String, report: &Report, most: usize) {
    out.push_str("<div class=\"two\">\n");
    for decision in [Decision::None, Decision::Allow] {
        let tally = &report.decisions[decision as usize];
        let _ = writeln!(out, "<section>\n<h2>Commonest of what is {}</h2>", named(decision));
        let _ =
            writeln!(out, "<table>\n<thead><tr><th>Command</th><th class=\"number\">Calls</th></tr></thead>\n<tbody>");
        for often in tally.commonest(most) {
            let _ = writeln!(out, "<tr><td><code>{}</code></td>{}</tr>", escaped(often.command), number(often.calls));
        }
        out.push_str("</tbody>\n</table>\n</section>\n");
    }
    out.push_str("</div>\n");
}

fn footer(out: &mut String, report: &Report) {
    out.push_str("<footer>\n<ul>\n");
    for remark in remarks(report) {
        let _ = writeln!(out, "<li>{}</li>", escaped(&remark));
    }
    let _ = write!(
        out,
        "</ul>\n<p>Made by countersign {}. Days are in UTC. Secrets were taken out.</p>\n</footer>\n",
        env!("CARGO_PKG_VERSION")
    );
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at) & 63) as usize];
            out.push(if at <= three.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

/// Writes the page: to a file beside it, which then takes its name.
pub(super) fn write(path: &Path, page: &str) -> io::Result<()> {
    let name = path.file_name().ok_or_else(|| io::Error::other("it names no file"))?;
    if path.is_dir() {
        return Err(io::Error::other("it is a folder"));
    }
    let beside = path.with_file_name(format!(".{}.{}", name.to_string_lossy(), std::process::id()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    let written = options.open(&beside).and_then(|mut file| {
        file.write_all(page.as_bytes())?;
        file.sync_all()
    });
    let done = written.and_then(|()| fs::rename(&beside, path));
    if done.is_err() {
        let _ = fs::remove_file(&beside);
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped() {
        assert_eq!(escaped("<a b='c' d=\"e\">&\u{202e}"), "&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;\\u{202e}");
    }

    #[test]
    fn digests_are_written_as_browsers_want_them() {
        for (bytes, wanted) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.as_bytes()), wanted);
        }
        // It would end the element that it stands in.
        assert!(!SCRIPT.contains("</") && !STYLE.contains("</"));
    }
}
