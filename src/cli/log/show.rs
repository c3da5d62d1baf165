//! One entry for people: two or three lines.

use super::when;
use crate::hook::clean::visible;
use crate::journal::read::Entry;

/// The most characters of a call that are shown.
const CALL: usize = 160;
/// The most characters of anything else.
const WORD: usize = 120;

/// How it looks: with colours on a terminal, without them everywhere else.
pub(super) struct Look {
    colours: bool,
}

impl Look {
    pub(super) fn of(terminal: bool) -> Self {
        // See no-color.org.
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self { colours: terminal && wanted }
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colours { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// The lines of an entry.
    pub(super) fn entry(&self, entry: &Entry) -> String {
        let colour = match entry.decision.as_str() {
            "deny" => "1;31",
            "ask" => "1;33",
            "observed" => "1;36",
            "allow" | "approved" => "1;32",
            _ => "1",
        };
        let decision = self.paint(colour, &format!("{:<8}", one_line(&entry.decision, 8)));
        let rules = match entry.rules.as_slice() {
            [] => one_line(entry.reason.lines().next().unwrap_or_default(), CALL),
            [first] => one_line(first, WORD),
            [first, rest @ ..] => format!("{} and {} more", one_line(first, WORD), rest.len()),
        };
        let head = format!("{}  {decision}  {}  {rules}", when::shown(entry.time), one_line(&entry.id, 12));
        let mut lines = vec![head.trim_end().to_owned()];
        let call = entry.shown();
        if !entry.tool().is_empty() {
            lines.push(format!("    {}  {}", self.paint("1", &one_line(entry.tool(), WORD)), one_line(&call, CALL)));
        }
        let mut about: Vec<String> = Vec::new();
        if !entry.cwd().is_empty() {
            about.push(format!("in {}", one_line(entry.cwd(), WORD)));
        }
        if let Some(would) = &entry.would {
            about.push(format!("would be {}", one_line(would, WORD)));
        }
        if let Some(class) = &entry.class {
            about.push(format!("{}{}", one_line(class, WORD), if entry.forced { ", forced" } else { "" }));
        }
        if entry.about != entry.id {
            about.push(format!("about {}", one_line(&entry.about, 12)));
        }
        about.extend(entry.because.as_deref().map(|because| one_line(because, WORD)));
        if !about.is_empty() {
            lines.push(format!("    {}", self.paint("2", &about.join("; "))));
        }
        lines.join("\n") + "\n"
    }
}

/// In one line that steers no terminal, and not more than so many characters of it.
fn one_line(text: &str, most: usize) -> String {
    let text = visible(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    if text.chars().count() > most { text.chars().take(most).chain(['…']).collect() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_down_steers_no_terminal() {
        assert_eq!(one_line("a\u{1b}[2J\n\n b\u{202e}\tc", 40), "a\\u{1b}[2J b\\u{202e} c");
        assert_eq!(one_line("größe", 3), "grö…");
    }
}
