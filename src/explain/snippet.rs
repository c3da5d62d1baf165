//! A text with what was found in it underlined, as compilers show their errors.

use super::paint::{Paint, columns, width};
use crate::judge::Decision;
use std::ops::Range;

/// The most rows of a text that are shown; of longer ones, those where something is underlined, and those next to them.
const ROWS: usize = 12;
/// How many rows are shown of the beginning of a longer mark, besides its first.
const BEGINNING: usize = 2;
/// The columns that a tab takes.
const TAB: usize = 4;

/// What is underlined.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    /// Which bytes of the text.
    pub(super) bytes: Range<usize>,
    /// What is said about it, a line each.
    pub(super) labels: Vec<String>,
    /// In which colour.
    pub(super) decision: Decision,
}

/// A row of a text on the screen: a line, or as much of one as fits.
struct Row {
    /// The number of the line, where it begins in this row.
    line: Option<usize>,
    /// Its characters: the byte where each begins, how it is shown, and in how many columns.
    cells: Vec<(usize, String, usize)>,
    /// The bytes that it takes of the text, the line's end included.
    bytes: Range<usize>,
}

/// The lines of a snippet that takes at most so many columns.
pub(super) fn snippet(text: &str, marks: &[Mark], most: usize, paint: Paint) -> Vec<String> {
    let last = text.lines().count().max(1);
    let gutter = last.to_string().len();
    let room = most.saturating_sub(gutter + 4).max(16);
    let rows = rows(text, room);
    let shown = shown(&rows, marks);
    let mut lines = Vec::new();
    let mut gap = false;
    for (row, shown) in rows.iter().zip(shown) {
        if !shown {
            if !gap {
                lines.push(paint.dim(&format!(" {:>gutter$} ┆ …", "")));
            }
            gap = true;
            continue;
        }
        gap = false;
        let number = row.line.map(|line| line.to_string()).unwrap_or_default();
        let text: String = row.cells.iter().map(|(_, text, _)| text.as_str()).collect();
        let bar = if row.line.is_some() { "│" } else { "┆" };
        lines.push(format!("{} {text}", paint.dim(&format!(" {number:>gutter$} {bar}"))).trim_end().to_owned());
        let empty = paint.dim(&format!(" {:>gutter$} │", ""));
        for mark in marks.iter().filter(|mark| meets(&mark.bytes, &row.bytes)) {
            let ends = mark.bytes.end <= row.bytes.end;
            lines.extend(underline(row, mark, ends, room).into_iter().map(|(indent, text)| {
                format!("{empty} {}{}", " ".repeat(indent), paint.decision(mark.decision, &text))
            }));
        }
    }
    lines
}

/// Which rows are shown: of a text that isn't short, those where a mark begins and ends, and those next to them.
fn shown(rows: &[Row], marks: &[Mark]) -> Vec<bool> {
    let mut shown = vec![rows.len() <= ROWS; rows.len()];
    if marks.is_empty() {
        shown.iter_mut().take(ROWS).for_each(|shown| *shown = true);
    }
    for mark in marks {
        let first = rows.partition_point(|row| row.bytes.end <= mark.bytes.start);
        let last = rows.partition_point(|row| row.bytes.start < mark.bytes.end).saturating_sub(1);
        for (from, to) in [(first, first + BEGINNING), (last, last)] {
            let near = from.saturating_sub(1)..=(to.min(last) + 1).min(rows.len().saturating_sub(1));
            near.for_each(|at| shown[at] = true);
        }
    }
    shown
}

fn meets(mark: &Range<usize>, row: &Range<usize>) -> bool {
    mark.start < row.end && row.start < mark.end
}

/// The line below a row, and one more where the label finds no room in it; each with its indent.
fn underline(row: &Row, mark: &Mark, ends: bool, room: usize) -> Vec<(usize, String)> {
    let (mut from, mut to, mut at) = (None, 0, 0);
    // Blanks at the ends of a row that lies within needn't be underlined.
    for (byte, text, columns) in &row.cells {
        if mark.bytes.contains(byte) && (from.is_some() || !text.trim().is_empty()) {
            from.get_or_insert(at);
            if !text.trim().is_empty() {
                to = at + columns;
            }
        }
        at += columns;
    }
    let Some(from) = from else { return Vec::new() };
    let sign = if mark.decision >= Decision::Ask { "^" } else { "~" };
    let signs = sign.repeat(to.saturating_sub(from).max(1));
    if !ends {
        return vec![(from, signs)];
    }
    let mut lines = Vec::new();
    let mut labels = mark.labels.iter().peekable();
    match labels.next_if(|label| from + width(&signs) + 1 + width(label) <= room) {
        Some(label) => lines.push((from, format!("{signs} {label}"))),
        None => lines.push((from, signs)),
    }
    lines.extend(labels.map(|label| (from.min(room.saturating_sub(width(label))), label.clone())));
    lines
}

/// The rows of a text. Lines break at a blank, if there is one in the last third.
fn rows(text: &str, room: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut from = 0;
    for (number, line) in text.split('\n').enumerate() {
        let end = from + line.len() + 1;
        // A last line break begins no line.
        if line.is_empty() && number > 0 && end > text.len() {
            break;
        }
        let cells: Vec<(usize, String, usize)> = line.char_indices().map(|(at, char)| cell(from + at, char)).collect();
        let mut rest = cells.as_slice();
        let mut number = Some(number + 1);
        let mut start = from;
        loop {
            let fits = fitting(rest, room);
            let (row, more) = rest.split_at(fits);
            let until = more.first().map_or(end, |(at, ..)| *at);
            rows.push(Row { line: number.take(), cells: row.to_vec(), bytes: start..until });
            if more.is_empty() {
                break;
            }
            (rest, start) = (more, until);
        }
        from = end;
    }
    rows
}

/// How many of these characters go into one row.
fn fitting(cells: &[(usize, String, usize)], room: usize) -> usize {
    let mut used = 0;
    let count = cells.iter().take_while(|(_, _, columns)| {
        used += columns;
        used <= room
    });
    let count = count.count();
    if count == cells.len() {
        return count;
    }
    let blank = cells[..count].iter().rposition(|(_, text, _)| text.trim().is_empty());
    blank.map(|at| at + 1).filter(|at| *at > count * 2 / 3).unwrap_or(count.max(1))
}

/// How a character is shown: nothing that steers a terminal, and a tab as blanks.
fn cell(at: usize, char: char) -> (usize, String, usize) {
    if char == '\t' {
        return (at, " ".repeat(TAB), TAB);
    }
    let mut buffer = [0; 4];
    let raw: &str = char.encode_utf8(&mut buffer);
    let shown = crate::hook::clean::visible(raw);
    let wide = if shown == raw { columns(char) } else { shown.len() };
    (at, shown, wide)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, part: &str, most: usize) -> String {
        let from = text.find(part).expect("a part of the text");
        let mark = Mark { bytes: from..from + part.len(), labels: vec!["[1] x".to_owned()], decision: Decision::Deny };
        snippet(text, &[mark], most, Paint::default()).join("\n")
    }

    #[test]
    fn what_is_found_is_underlined() {
        assert_eq!(lines("ls; rm -rf ~", "rm -rf ~", 80), " 1 │ ls; rm -rf ~\n   │     ^^^^^^^^ [1] x");
    }

    #[test]
    fn tabs_wide_and_hidden_characters_take_their_columns() {
        assert_eq!(lines("\t世界 rm", "rm", 80), " 1 │     世界 rm\n   │          ^^ [1] x");
        assert_eq!(lines("e\u{301} rm", "rm", 80), " 1 │ e\u{301} rm\n   │   ^^ [1] x");
        assert_eq!(lines("\u{1b} rm", "rm", 80), " 1 │ \\u{1b} rm\n   │        ^^ [1] x");
    }

    #[test]
    fn a_mark_over_several_lines_is_labelled_at_its_end() {
        let wanted = " 1 │ a <<E\n 2 │ drop\n   │ ^^^^\n 3 │   x;\n   │   ^^ [1] x\n 4 │ E";
        assert_eq!(lines("a <<E\ndrop\n  x;\nE\n", "drop\n  x;", 80), wanted);
    }

    #[test]
    fn long_lines_are_broken_and_long_texts_shortened() {
        let long = format!("{} rm -rf x", "echo ".repeat(30));
        let broken = lines(&long, "rm -rf x", 40);
        assert!(broken.lines().all(|line| width(line) <= 40), "{broken}");
        assert!(broken.contains("^^^^^^^^"), "{broken}");
        let many = format!("{}rm x\n{}", "ls\n".repeat(40), "ls\n".repeat(40));
        let short = lines(&many, "rm x", 80);
        let wanted = "    ┆ …\n 40 │ ls\n 41 │ rm x\n    │ ^^^^ [1] x\n 42 │ ls\n    ┆ …";
        assert_eq!(short, wanted);
    }

    #[test]
    fn of_a_long_mark_the_beginning_and_the_end_are_shown() {
        let text = "ls\n".repeat(5_000);
        let long = lines(&text, &text, 80);
        assert!(long.lines().count() < 16 && long.ends_with("[1] x") && long.contains("5000 │ ls"), "{long}");
    }

    #[test]
    fn a_label_without_room_stands_below() {
        let text = "rm -rf /a/very/long/path/it/is/x";
        assert_eq!(lines(text, text, 42), format!(" 1 │ {text}\n   │ {}\n   │ [1] x", "^".repeat(text.len())));
    }
}
