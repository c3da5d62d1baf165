//! Text for a terminal: wrapped, and coloured where a person reads it.

use crate::hook::clean::visible;
use std::io::{IsTerminal, Write};

/// How a piece of text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Strong,
    Dim,
    Deny,
    Ask,
    Allow,
}

impl Style {
    /// The numbers that switch it on.
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "1",
            Self::Dim => "2",
            Self::Deny => "31",
            Self::Ask => "33",
            Self::Allow => "32",
        }
    }
}

/// Lines that are being written.
pub(super) struct Paint {
    text: String,
    colour: bool,
}

impl Paint {
    /// Coloured only on a terminal that can do it, and where nobody has asked for none.
    pub(super) fn for_stdout() -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        Self { text: String::new(), colour: std::io::stdout().is_terminal() && !dumb && !set("NO_COLOR") }
    }

    /// Prints; what is said is said, whether or not somebody still reads.
    pub(super) fn print(&self) {
        let _ = std::io::stdout().write_all(self.text.as_bytes());
    }

    /// A line of pieces.
    pub(super) fn line(&mut self, pieces: &[(Style, &str)]) {
        pieces.iter().for_each(|(style, text)| self.piece(*style, text));
        self.end();
    }

    /// Pieces, broken at blanks, and behind `|`, where the line gets longer than `width`; what follows is indented.
    pub(super) fn wrapped(&mut self, pieces: &[(Style, &str)], indent: usize, width: usize) {
        let mut column = 0;
        for (style, text) in pieces {
            for word in text.split_inclusive([' ', '|']) {
                let length = word.trim_end().chars().count();
                if column > indent && length > 0 && column + length > width {
                    self.end();
                    self.text.push_str(&" ".repeat(indent));
                    column = indent;
                }
                self.piece(*style, word);
                column += word.chars().count();
            }
        }
        self.end();
    }

    fn piece(&mut self, style: Style, text: &str) {
        // Paths and texts of a repository stand in it.
        let text = visible(text);
        if self.colour && style != Style::Plain && !text.trim().is_empty() {
            self.text.push_str(&format!("\x1b[{}m{text}\x1b[0m", style.code()));
        } else {
            self.text.push_str(&text);
        }
    }

    fn end(&mut self) {
        self.text.truncate(self.text.trim_end_matches(' ').len());
        self.text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::{Paint, Style};

    #[test]
    fn long_lines_are_broken_at_blanks() {
        let mut paint = Paint { text: String::new(), colour: false };
        paint.wrapped(&[(Style::Deny, "  deny  "), (Style::Plain, "one two three four")], 8, 16);
        assert_eq!(paint.text, "  deny  one two\n        three\n        four\n");
    }

    #[test]
    fn colour_goes_around_what_is_made_visible() {
        let mut paint = Paint { text: String::new(), colour: true };
        paint.line(&[(Style::Ask, "ask \u{1b}[2J"), (Style::Plain, "x")]);
        assert_eq!(paint.text, "\u{1b}[33mask \\u{1b}[2J\u{1b}[0mx\n");
    }
}
