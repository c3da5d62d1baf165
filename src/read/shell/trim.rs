//! `${name%pattern}` and its like, where the value and the pattern are known.

use super::ast::{self, Part};
use crate::read::word::Word;
use crate::rules::glob;

/// The longest value that is gone through, in bytes.
const LONG: usize = 4096;

/// What is left of a value. `operation`: the operator with its pattern. `None`: that isn't one, or can't be known.
pub(super) fn trimmed(value: &Word, operation: &ast::Word) -> Option<Word> {
    let text = value.known().filter(|text| text.len() <= LONG)?;
    let mut pattern = String::new();
    for part in &operation.parts {
        match part {
            Part::Literal(text) => pattern.push_str(text),
            Part::Quoted(text) if !text.contains('*') => pattern.push_str(text),
            _ => return None,
        }
    }
    // What means something else there than in a glob of rules.
    if pattern.contains(['?', '[', ']', '{', '}', '\\', '(', ')', '|', '~']) {
        return None;
    }
    let ends = || text.char_indices().map(|(at, _)| at).chain([text.len()]);
    let left = if let Some(pattern) = pattern.strip_prefix("%%") {
        ends().find(|at| glob::matches(pattern, &text[*at..])).map(|at| &text[..at])
    } else if let Some(pattern) = pattern.strip_prefix('%') {
        ends().rev().find(|at| glob::matches(pattern, &text[*at..])).map(|at| &text[..at])
    } else if let Some(pattern) = pattern.strip_prefix("##") {
        ends().rev().find(|at| glob::matches(pattern, &text[..*at])).map(|at| &text[at..])
    } else {
        let pattern = pattern.strip_prefix('#')?;
        ends().find(|at| glob::matches(pattern, &text[..*at])).map(|at| &text[at..])
    };
    Some(Word { splits: value.splits, ..Word::text(left.unwrap_or(text)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_bash_does_it() {
        let literal = |text: &str| ast::Word { parts: vec![Part::Literal(text.into())], ..ast::Word::default() };
        let of = |operation: &ast::Word| {
            let left = trimmed(&Word::text("/home/dev/a.tar.gz"), operation)?;
            left.known().map(str::to_owned)
        };
        for (operation, wanted) in [
            ("%.gz", "/home/dev/a.tar"),
            ("%/", "/home/dev/a.tar.gz"),
            ("#/home", "/dev/a.tar.gz"),
            ("%/*", "/home/dev"),
            ("%%/*", ""),
            ("%.*", "/home/dev/a.tar"),
            ("%%.*", "/home/dev/a"),
            ("#*/", "home/dev/a.tar.gz"),
            ("##*/", "a.tar.gz"),
            ("%*", "/home/dev/a.tar.gz"),
        ] {
            assert_eq!(of(&literal(operation)).as_deref(), Some(wanted), "{operation}");
        }
        for odd in ["/a/b", "^^", ":1", "@Q", "%[ab]", "%?"] {
            assert_eq!(of(&literal(odd)), None, "{odd}");
        }
        let quoted =
            ast::Word { parts: vec![Part::Literal("%".into()), Part::Quoted("*".into())], ..ast::Word::default() };
        assert_eq!(of(&quoted), None);
    }
}
