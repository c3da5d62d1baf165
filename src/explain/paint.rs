//! Colours, and how wide text is on a terminal.

use crate::judge::Decision;

/// When there are colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum When {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Paints, or doesn't.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Paint {
    on: bool,
}

impl Paint {
    /// For an output that is a terminal, or isn't.
    #[must_use]
    pub fn of(when: When, terminal: bool) -> Self {
        // See no-color.org.
        let wanted = || std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let on = match when {
            When::Always => true,
            When::Never => false,
            When::Auto => terminal && wanted(),
        };
        Self { on }
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.on && !text.is_empty() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// A heading.
    #[must_use]
    pub fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    /// What is beside the matter.
    #[must_use]
    pub fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    /// In the colour of a decision.
    #[must_use]
    pub fn decision(self, decision: Decision, text: &str) -> String {
        match decision {
            Decision::Allow => self.with("32", text),
            Decision::None => self.with("36", text),
            Decision::Ask => self.with("1;33", text),
            Decision::Deny => self.with("1;31", text),
        }
    }
}

/// How many columns a character takes.
#[must_use]
pub fn columns(char: char) -> usize {
    match char {
        '\u{0300}'..='\u{036f}'
        | '\u{0483}'..='\u{0489}'
        | '\u{0591}'..='\u{05bd}'
        | '\u{0610}'..='\u{061a}'
        | '\u{064b}'..='\u{065f}'
        | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{fe20}'..='\u{fe2f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{231a}'..='\u{231b}'
        | '\u{23e9}'..='\u{23ec}'
        | '\u{2614}'..='\u{2615}'
        | '\u{2648}'..='\u{2653}'
        | '\u{26a1}'
        | '\u{26bd}'..='\u{26be}'
        | '\u{26d4}'
        | '\u{2705}'
        | '\u{270a}'..='\u{270b}'
        | '\u{2728}'
        | '\u{274c}'
        | '\u{2753}'..='\u{2757}'
        | '\u{2b50}'
        | '\u{2e80}'..='\u{303e}'
        | '\u{3041}'..='\u{33ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{a000}'..='\u{a4cf}'
        | '\u{a960}'..='\u{a97f}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1f64f}'
        | '\u{1f680}'..='\u{1f6ff}'
        | '\u{1f900}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

/// How many columns a text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

/// The text in one line of at most so many columns, with nothing in it that steers a terminal; `…` stands for the rest.
#[must_use]
pub fn cut(text: &str, most: usize) -> String {
    let line = crate::hook::clean::visible(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    if width(&line) <= most {
        return line;
    }
    let mut out = String::new();
    let mut used = 1;
    for char in line.chars() {
        used += columns(char);
        if used > most {
            break;
        }
        out.push(char);
    }
    out + "…"
}

/// The lines of a text that is broken at blanks, so that each takes at most so many columns, as far as its words do.
#[must_use]
pub fn wrap(text: &str, most: usize) -> Vec<String> {
    let text = crate::hook::clean::visible(text);
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(word) <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_count_twice_and_marks_not_at_all() {
        assert_eq!(width("a世😀e\u{301}"), 1 + 2 + 2 + 1);
        assert_eq!(cut("größe  世界 x", 8), "größe …");
        assert_eq!(cut("a\u{1b}b", 20), "a\\u{1b}b");
        assert_eq!(wrap("one two  three", 7), ["one two", "three"]);
    }

    #[test]
    fn colours_are_where_they_are_wanted() {
        let red = |paint: Paint| paint.decision(Decision::Deny, "x") != "x";
        assert!(red(Paint::of(When::Always, false)) && !red(Paint::of(When::Never, true)));
        assert!(!red(Paint::of(When::Auto, false)));
    }
}
