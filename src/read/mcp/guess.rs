//! Which of several languages a piece of text is written in, where a tool doesn't say.

use crate::rules::model::Language;

/// Words that SQL statements begin with.
const SQL: [&str; 22] = [
    "select", "insert", "update", "delete", "drop", "truncate", "alter", "create", "with", "grant", "revoke", "merge",
    "replace", "begin", "commit", "explain", "show", "describe", "vacuum", "call", "set", "use",
];
/// What JavaScript has and the others hardly.
const JAVASCRIPT: [&str; 12] = [
    "=>",
    "function",
    "const ",
    "let ",
    "var ",
    "await ",
    "document.",
    "window.",
    "console.",
    "require(",
    "===",
    "process.",
];
/// What Python has and the others hardly.
const PYTHON: [&str; 9] = ["import ", "def ", "print(", "lambda ", "with open(", "elif ", "None", "True", "__"];

/// The language of the text, one of these; the first where nothing speaks for another.
pub(super) fn guess(text: &str, languages: &[Language]) -> Option<Language> {
    let may = |language: Language| languages.contains(&language).then_some(language);
    let text = text.trim_start();
    if let Some(line) = text.strip_prefix("#!").and_then(|text| text.lines().next()) {
        let named = [
            ("python", Language::Python),
            ("node", Language::Javascript),
            ("deno", Language::Javascript),
            ("sh", Language::Shell),
        ];
        if let Some(language) =
            named.into_iter().find(|(name, _)| line.contains(name)).and_then(|(_, language)| may(language))
        {
            return Some(language);
        }
    }
    let first: String = text.chars().take_while(|c| !c.is_whitespace() && *c != ';').collect();
    if text.contains(' ') && SQL.contains(&first.to_ascii_lowercase().as_str()) {
        if let Some(sql) = may(Language::Sql) {
            return Some(sql);
        }
    }
    let plain = !first.is_empty() && first.chars().all(|c| c.is_ascii_alphanumeric() || "_./~-+".contains(c));
    let code = [(Language::Javascript, &JAVASCRIPT[..]), (Language::Python, &PYTHON[..])];
    let score = |marks: &[&str]| marks.iter().filter(|mark| text.contains(**mark)).count();
    let best =
        code.into_iter().filter(|(language, _)| languages.contains(language)).max_by_key(|(_, marks)| score(marks));
    if let Some((language, marks)) = best {
        // `import x` and `const x` begin like a program's name, but no program is called that.
        let keyword = marks.iter().any(|mark| mark.strip_suffix(' ') == Some(first.as_str()));
        if score(marks) > 0 && (keyword || !plain || first.contains("document.") || first.contains("console.")) {
            return Some(language);
        }
        if !plain {
            return Some(language);
        }
    }
    if plain { may(Language::Shell).or(languages.first().copied()) } else { languages.first().copied() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses() {
        use Language::{Javascript, Python, Shell, Sql};
        let all = [Shell, Sql, Python, Javascript];
        for (text, language) in [
            ("rm -rf /", Shell),
            ("./deploy.sh --prod", Shell),
            ("drop table users", Sql),
            ("DELETE FROM users;", Sql),
            ("#!/usr/bin/env python3\nx", Python),
            ("#!/bin/bash\nrm -rf /", Shell),
            ("import os\nos.remove('x')", Python),
            ("print('x')", Python),
            ("() => document.title", Javascript),
            ("const fs = require('fs')", Javascript),
            ("df.head()", Javascript),
        ] {
            if text == "df.head()" {
                assert_eq!(guess(text, &[Shell, Python]), Some(Python));
            } else {
                assert_eq!(guess(text, &all), Some(language), "{text}");
            }
        }
        assert_eq!(guess("drop table x", &[Python, Javascript]), Some(Python));
        assert_eq!(guess("x", &[]), None);
    }
}
