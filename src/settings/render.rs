//! Text for a settings file, in the style of the text that it goes into.

use super::json::Node;

/// A value that is to be written.
#[derive(Clone, Debug)]
pub(super) enum Piece<'a> {
    Object(Vec<(&'a str, Self)>),
    Array(Vec<Self>),
    /// A list that stays on one line.
    Words(Vec<&'a str>),
    Text(&'a str),
    Number(u32),
}

/// How a text is laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Style {
    newline: &'static str,
    /// One step of indentation.
    unit: String,
    /// Everything stands on one line.
    flat: bool,
    /// Between a key and its value, and behind a comma, where all is on one line.
    gap: &'static str,
}

impl Style {
    /// The style of a text.
    pub(super) fn of(text: &str, root: &Node) -> Self {
        let newline = match text.find('\n') {
            Some(at) if text[..at].ends_with('\r') => "\r\n",
            _ => "\n",
        };
        let first = root.members().and_then(<[_]>::first);
        let flat = first.is_some_and(|_| !text[root.span.clone()].contains('\n'));
        let unit = first.and_then(|first| indent_before(text, first.start)).filter(|unit| !unit.is_empty());
        let gap = first.is_some_and(|first| !text[first.start..first.value.span.start].ends_with(':'));
        let gap = if gap || first.is_none() { " " } else { "" };
        Self { newline, unit: unit.unwrap_or("  ").to_owned(), flat, gap }
    }

    /// The text that puts an item behind the last one of a list or object, with where that is.
    pub(super) fn appended(&self, text: &str, last: (usize, usize), item: &dyn Fn(&str, bool) -> String) -> String {
        match indent_before(text, last.0) {
            Some(indent) => format!(",{}{indent}{}", self.newline, item(indent, false)),
            None => format!(",{}{}", self.gap, item("", true)),
        }
    }

    /// The whole text of a list or object that had nothing in it.
    pub(super) fn filled(&self, text: &str, container: &Node, item: &dyn Fn(&str, bool) -> String) -> String {
        let start = container.span.start;
        let (open, close) = if container.items().is_some() { ("[", "]") } else { ("{", "}") };
        if self.flat {
            return format!("{open}{}{close}", item("", true));
        }
        let outer = line_indent(text, start);
        let inner = format!("{outer}{}", self.unit);
        format!("{open}{n}{inner}{}{n}{outer}{close}", item(&inner, false), n = self.newline)
    }

    /// A value, at this indentation. `flat`: on one line.
    pub(super) fn write(&self, piece: &Piece<'_>, indent: &str, flat: bool) -> String {
        let inner = format!("{indent}{}", self.unit);
        let around = |open: &str, items: Vec<String>, close: &str| {
            if flat {
                return format!("{open}{}{close}", items.join(&format!(",{}", self.gap)));
            }
            let n = self.newline;
            let items = items.join(&format!(",{n}{inner}"));
            format!("{open}{n}{inner}{items}{n}{indent}{close}")
        };
        match piece {
            Piece::Text(text) => quoted(text),
            Piece::Number(number) => number.to_string(),
            Piece::Words(words) => {
                let gap = if flat { self.gap } else { " " };
                format!("[{}]", words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(&format!(",{gap}")))
            }
            Piece::Array(items) => around("[", items.iter().map(|item| self.write(item, &inner, flat)).collect(), "]"),
            Piece::Object(members) => {
                let member = |(key, value): &(&str, Piece<'_>)| self.member(key, value, &inner, flat);
                around("{", members.iter().map(member).collect(), "}")
            }
        }
    }

    /// A key with its value, at this indentation.
    pub(super) fn member(&self, key: &str, value: &Piece<'_>, indent: &str, flat: bool) -> String {
        let gap = if flat { self.gap } else { " " };
        format!("{}:{gap}{}", quoted(key), self.write(value, indent, flat))
    }
}

/// What stands before this place on its line, if that is nothing but space.
fn indent_before(text: &str, at: usize) -> Option<&str> {
    let line = text[..at].rfind('\n')? + 1;
    let before = &text[line..at];
    before.bytes().all(|byte| matches!(byte, b' ' | b'\t')).then_some(before)
}

/// The space at the beginning of the line with this place.
pub(super) fn line_indent(text: &str, at: usize) -> &str {
    let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let before = &text[line..at];
    &before[..before.len() - before.trim_start_matches([' ', '\t']).len()]
}

fn quoted(text: &str) -> String {
    // A string always serializes.
    serde_json::to_string(text).unwrap_or_default()
}
