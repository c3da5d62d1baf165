//! The charts of the page: SVG that stands in it.

use super::super::report::{Counts, Today};
use super::super::text::rate;
use super::named;
use crate::cli::log::when::shown_day;
use crate::context::thousands;
use crate::judge::Decision;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The most columns.
const COLUMNS: u64 = 92;
/// The width of a chart that takes the whole page, and of one that takes half of it: as many units as there are pixels.
pub(super) const WHOLE: f64 = 1040.0;
pub(super) const HALF: f64 = 500.0;
/// The height of all.
const HEIGHT: f64 = 220.0;
/// Room for the numbers at the left, and the days below.
const LEFT: f64 = 44.0;
const BELOW: f64 = 22.0;
const ABOVE: f64 = 8.0;

/// Some days in a row.
pub(super) struct Stretch {
    first: u64,
    pub(super) days: u64,
    counts: Counts,
    /// Sessions with calls, each counted once a day.
    sessions: usize,
}

impl Stretch {
    fn label(&self) -> String {
        let first = shown_day(self.first);
        if self.days == 1 { first } else { format!("{first} to {}", shown_day(self.first + self.days - 1)) }
    }
}

/// All days from the first to the last, those without calls too; several at a time where they are many.
pub(super) fn stretches(days: &BTreeMap<u64, Today>) -> Vec<Stretch> {
    let (Some((&first, _)), Some((&last, _))) = (days.first_key_value(), days.last_key_value()) else {
        return Vec::new();
    };
    let count = last - first + 1;
    let each = match count {
        0..=COLUMNS => 1,
        count if count <= COLUMNS * 7 => 7,
        count => count.div_ceil(COLUMNS),
    };
    let mut all: Vec<Stretch> = (0..count.div_ceil(each))
        .map(|at| Stretch { first: first + at * each, days: each, counts: [0; 4], sessions: 0 })
        .collect();
    for (day, today) in days {
        let at = usize::try_from((day - first) / each).unwrap_or_default();
        let Some(stretch) = all.get_mut(at) else { continue };
        for (sum, count) in stretch.counts.iter_mut().zip(today.counts) {
            *sum += count;
        }
        stretch.sessions += today.sessions;
    }
    all
}

/// A section with columns of what was decided, the strictest at the bottom.
pub(super) fn figure(out: &mut String, title: &str, stretches: &[Stretch], decisions: &[Decision], width: f64) {
    let columns: Vec<Column> = stretches
        .iter()
        .map(|stretch| {
            let parts: Vec<(Decision, f64)> =
                decisions.iter().rev().map(|decision| (*decision, stretch.counts[*decision as usize] as f64)).collect();
            let says: Vec<String> = decisions
                .iter()
                .rev()
                .map(|decision| format!("{} {}", thousands(stretch.counts[*decision as usize]), named(*decision)))
                .collect();
            Column { day: shown_day(stretch.first), says: format!("{}: {}", stretch.label(), says.join(", ")), parts }
        })
        .collect();
    let _ = write!(out, "<section>\n<h2>{title}</h2>\n<ul class=\"legend\">");
    for decision in decisions.iter().rev() {
        let _ = write!(out, "<li class=\"{}\">{}</li>", decision.word(), named(*decision));
    }
    out.push_str("</ul>\n");
    chart(out, title, &columns, width);
    numbers(out, stretches, decisions);
    out.push_str("</section>\n");
}

/// A section with how many questions there were in a session.
pub(super) fn asks(out: &mut String, title: &str, stretches: &[Stretch]) {
    let each = |stretch: &Stretch| stretch.counts[Decision::Ask as usize] as f64 / stretch.sessions.max(1) as f64;
    let columns: Vec<Column> = stretches
        .iter()
        .map(|stretch| Column {
            day: shown_day(stretch.first),
            says: format!("{}: {} in each of {} sessions", stretch.label(), rate(each(stretch)), stretch.sessions),
            parts: vec![(Decision::Ask, each(stretch))],
        })
        .collect();
    let _ = write!(
        out,
        "<section>\n<h2>{title}</h2>\n<ul class=\"legend\"><li class=\"ask\">asked about, for each session with calls</li></ul>\n"
    );
    chart(out, title, &columns, HALF);
    out.push_str("<details><summary>As a table</summary>\n<div class=\"scroll\"><table><thead><tr><th>Days</th><th class=\"number\">Questions in a session</th><th class=\"number\">Sessions</th></tr></thead><tbody>\n");
    for stretch in stretches.iter().filter(|stretch| stretch.sessions > 0) {
        let _ = writeln!(
            out,
            "<tr><td>{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td></tr>",
            stretch.label(),
            rate(each(stretch)),
            thousands(stretch.sessions)
        );
    }
    out.push_str("</tbody></table></div></details>\n</section>\n");
}

struct Column {
    day: String,
    says: String,
    parts: Vec<(Decision, f64)>,
}

fn chart(out: &mut String, title: &str, columns: &[Column], whole: f64) {
    let most = columns.iter().map(|column| column.parts.iter().map(|(_, value)| value).sum()).fold(0.0, f64::max);
    let (top, lines) = scale(most);
    let (room, floor) = (HEIGHT - BELOW - ABOVE, HEIGHT - BELOW);
    let step = (whole - LEFT) / columns.len().max(1) as f64;
    let width = (step * 0.78).min(46.0);
    let _ = writeln!(
        out,
        "<div class=\"scroll\"><svg class=\"{}\" viewBox=\"0 0 {whole} {HEIGHT}\" role=\"img\" aria-label=\"{title}; the same as a table follows\">",
        if whole > HALF { "whole" } else { "half" }
    );
    for at in 0..=lines {
        let share = f64::from(at) / f64::from(lines);
        let y = floor - share * room;
        let _ = writeln!(
            out,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{whole}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 6.0,
            y + 4.0,
            amount(share * top)
        );
    }
    // A day needs as much room as its text takes.
    let every = columns.len().div_ceil((whole / 60.0) as usize).max(1);
    for (at, column) in columns.iter().enumerate() {
        let middle = LEFT + step * (at as f64 + 0.5);
        let _ = write!(out, "<g><title>{}</title>", column.says);
        let mut y = floor;
        for (decision, value) in column.parts.iter().filter(|(_, value)| *value > 0.0) {
            // What is there is seen, however little it is.
            let height = (value / top * room).max(1.5);
            y = (y - height).max(0.0);
            let _ = write!(
                out,
                "<rect class=\"{}\" x=\"{:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>",
                decision.word(),
                middle - width / 2.0
            );
        }
        out.push_str("</g>\n");
        if at % every == 0 {
            // The last one must not stand out of the picture.
            let (x, anchor) = if middle + 20.0 > whole { (whole, "end") } else { (middle, "middle") };
            let _ = writeln!(
                out,
                "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
                HEIGHT - 6.0,
                column.day.get(5..).unwrap_or_default()
            );
        }
    }
    out.push_str("</svg></div>\n");
}

/// The round number at which a scale ends, and how many lines it has.
fn scale(most: f64) -> (f64, u32) {
    let most = if most > 0.0 { most } else { 1.0 };
    let unit = 10_f64.powf(most.log10().floor());
    for (factor, lines) in [(1.0, 2), (2.0, 2), (3.0, 3), (4.0, 4), (5.0, 5), (6.0, 3), (8.0, 4), (10.0, 5)] {
        if factor * unit >= most {
            return (factor * unit, lines);
        }
    }
    (most, 1)
}

fn amount(value: f64) -> String {
    if value.fract() == 0.0 { thousands(value as usize) } else { format!("{value:.1}") }
}

fn numbers(out: &mut String, stretches: &[Stretch], decisions: &[Decision]) {
    out.push_str("<details><summary>As a table</summary>\n<div class=\"scroll\"><table><thead><tr><th>Days</th>");
    for decision in decisions.iter().rev() {
        let _ = write!(out, "<th class=\"number\">{}</th>", named(*decision));
    }
    out.push_str("</tr></thead><tbody>\n");
    for stretch in stretches.iter().filter(|stretch| stretch.sessions > 0) {
        let _ = write!(out, "<tr><td>{}</td>", stretch.label());
        for decision in decisions.iter().rev() {
            let _ = write!(out, "<td class=\"number\">{}</td>", thousands(stretch.counts[*decision as usize]));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div></details>\n");
}

/// A bar from left to right. Its label is HTML.
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) parts: Vec<(Decision, usize)>,
    pub(super) total: usize,
}

/// A table with bars; the longest stands for `most`.
pub(super) fn bars(out: &mut String, heads: [&str; 2], bars: &[Bar], most: usize) {
    let _ = writeln!(
        out,
        "<table>\n<thead><tr><th>{}</th><th class=\"number\">{}</th><th></th></tr></thead>\n<tbody>",
        heads[0], heads[1]
    );
    for bar in bars {
        let _ = write!(
            out,
            "<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td><td class=\"bar\">\
             <svg viewBox=\"0 0 100 12\" preserveAspectRatio=\"none\" aria-hidden=\"true\">",
            bar.label,
            thousands(bar.total)
        );
        let mut x = 0.0;
        for (decision, count) in bar.parts.iter().filter(|(_, count)| *count > 0) {
            let width = (*count as f64 * 100.0 / most.max(1) as f64).max(1.0);
            let _ = write!(
                out,
                "<rect class=\"{}\" x=\"{x:.2}\" y=\"0\" width=\"{width:.2}\" height=\"12\"/>",
                decision.word()
            );
            x += width;
        }
        out.push_str("</svg></td></tr>\n");
    }
    out.push_str("</tbody>\n</table>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_end_at_round_numbers() {
        for (most, top) in
            [(0.0, 1.0), (1.0, 1.0), (7.0, 8.0), (11.0, 20.0), (95.0, 100.0), (0.3, 0.3), (1_001.0, 2_000.0)]
        {
            assert!((scale(most).0 - top).abs() < 1e-9, "{most}: {}", scale(most).0);
        }
    }

    #[test]
    fn days_without_calls_are_there_and_many_days_are_put_together() {
        let days = |all: &[u64]| -> BTreeMap<u64, Today> {
            all.iter().map(|day| (*day, Today { counts: [0, 0, 1, 0], sessions: 1 })).collect()
        };
        let of = |all: &[u64]| stretches(&days(all));
        assert!(of(&[]).is_empty());
        assert_eq!(of(&[5, 9]).len(), 5);
        let weeks = of(&[0, 100]);
        assert_eq!((weeks.len(), weeks[0].days, weeks[14].counts), (15, 7, [0, 0, 1, 0]));
        let years = of(&[0, 6_000]);
        assert!(years.len() <= 92 && years.iter().map(|stretch| stretch.sessions).sum::<usize>() == 2);
    }
}
