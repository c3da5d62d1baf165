//! What is wrong with a policy file, and where.

use std::fmt;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Something that is wrong with a policy file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file.
    pub file: PathBuf,
    /// Line and column, counted from 1; none where the file as a whole is meant.
    pub at: Option<(usize, usize)>,
    /// What is wrong, and what to do.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some((line, column)) = self.at {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.what)
    }
}

/// A step to a value in a TOML document.
#[derive(Clone, Copy, Debug)]
pub enum Step<'a> {
    /// A key of a table.
    Key(&'a str),
    /// An entry of a list.
    Item(usize),
}

impl Fault {
    /// About a file as a whole.
    pub fn whole(file: &Path, what: impl Into<String>) -> Self {
        Self { file: file.to_owned(), at: None, what: what.into() }
    }

    /// About the value that these steps lead to, or the last that they reach.
    pub fn within(file: &Path, text: &str, steps: &[Step<'_>], what: impl Into<String>) -> Self {
        let at = find(text, steps).map(|offset| place(text, offset));
        Self { file: file.to_owned(), at, what: what.into() }
    }

    /// About a byte of a text.
    pub fn at(file: &Path, text: &str, offset: usize, what: impl Into<String>) -> Self {
        Self { file: file.to_owned(), at: Some(place(text, offset)), what: what.into() }
    }

    /// What the TOML reader says. Of the text itself it shows nothing: the file may be a link to somebody's secrets.
    pub fn toml(file: &Path, text: &str, error: &toml::de::Error) -> Self {
        let at = error.span().map(|span| place(text, span.start));
        let what = error.message().trim().replace('\n', ", ");
        let way = if what.contains("TOML datetime") {
            "; write a day, without quotes: `until = 2026-12-31`"
        } else if DeTable::parse(text).is_ok() {
            "; docs/policy.md has every key"
        } else {
            // It is no TOML: which keys there are doesn't help.
            ""
        };
        Self { file: file.to_owned(), at, what: format!("{what}{way}") }
    }
}

/// Line and column of a byte offset, counted from 1; columns in characters.
fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line..].chars().count() + 1)
}

/// Where the value begins that these steps lead to.
fn find(text: &str, steps: &[Step<'_>]) -> Option<usize> {
    let document = DeTable::parse(text).ok()?;
    let mut at = None;
    let mut value: Option<&Spanned<DeValue<'_>>> = None;
    for (number, step) in steps.iter().enumerate() {
        match step {
            Step::Key(name) => {
                let table = match (number, value) {
                    (0, _) => document.get_ref(),
                    (_, Some(value)) => match value.get_ref() {
                        DeValue::Table(table) => table,
                        _ => break,
                    },
                    _ => break,
                };
                let Some((key, next)) = table.iter().find(|(key, _)| key.get_ref() == *name) else { break };
                at = Some(key.span().start);
                value = Some(next);
            }
            Step::Item(index) => {
                let Some(DeValue::Array(items)) = value.map(Spanned::get_ref) else { continue };
                let Some(item) = items.get(*index) else { break };
                at = Some(item.span().start);
                value = Some(item);
            }
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found() {
        let text =
            "lock = true\n\n[rules]\n\"a.b\" = \"ask\"\n[[except]]\nreason = \"é\"\n[[except]]\nuntil = 2026-01-01\n";
        let at = |steps: &[Step<'_>]| find(text, steps).map(|offset| place(text, offset));
        assert_eq!(at(&[Step::Key("rules"), Step::Key("a.b")]), Some((4, 1)));
        assert_eq!(at(&[Step::Key("except"), Step::Item(1), Step::Key("until")]), Some((8, 1)));
        assert_eq!(at(&[Step::Key("except"), Step::Item(1), Step::Key("rule")]), Some((7, 1)));
        assert_eq!(at(&[Step::Key("lock")]), Some((1, 1)));
        assert_eq!(at(&[Step::Key("none")]), None);
    }
}
