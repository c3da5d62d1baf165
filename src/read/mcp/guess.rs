//! Which of several languages a piece of text is written in, where a tool doesn't say. In doubt it is a shell script:
//! what can't be read as one is opaque, and asked about.

use crate::rules::model::Language;

/// Words that SQL statements begin with.
const SQL: [&str; 22] = [
    "select", "insert", "update", "delete", "drop", "truncate", "alter", "create", "with", "grant", "revoke", "merge",
    "replace", "begin", "commit", "explain", "show", "describe", "vacuum", "call", "set", "use",
];
/// Words that JavaScript begins with and no shell script does.
const JAVASCRIPT: [&str; 6] = ["const", "var", "async", "await", "class", "new"];
/// Words that Python begins with and no shell script does.
const PYTHON: [&str; 7] = ["import", "from", "def", "class", "lambda", "raise", "assert"];
/// What JavaScript has and Python hasn't.
const MARKS: [&str; 10] =
    ["=>", "function", "const ", "let ", "var ", "await ", "document.", "window.", "console.", "==="];

/// The language of the text, one of these; the first where nothing speaks for another. `is_program`: whether rules know a
/// program of this name.
pub(super) fn guess(text: &str, languages: &[Language], is_program: impl Fn(&str) -> bool) -> Option<Language> {
    let may = |language: Language| languages.contains(&language).then_some(language);
    let text = text.trim_start();
    if let Some(line) = text.strip_prefix("#!").and_then(|text| text.lines().next()) {
        let named = [("python", Language::Python), ("node", Language::Javascript), ("deno", Language::Javascript)];
        let named = named.into_iter().find(|(name, _)| line.contains(name)).map_or(Language::Shell, |(_, named)| named);
        return may(named).or(languages.first().copied());
    }
    let comment = |line: &&str| line.trim().is_empty() || line.starts_with('#') || line.starts_with("//");
    let skipped: usize = text.split_inclusive('\n').take_while(comment).map(str::len).sum();
    let text = text[skipped..].trim_start();
    let first: String = text.chars().take_while(|c| !c.is_whitespace() && *c != ';').collect();
    if text.contains(' ')
        && SQL.contains(&first.to_ascii_lowercase().as_str())
        && let Some(sql) = may(Language::Sql)
    {
        return Some(sql);
    }
    let javascript = MARKS.iter().any(|mark| text.contains(mark));
    let code = match (may(Language::Javascript), may(Language::Python)) {
        (Some(one), Some(_)) if javascript => Some(one),
        (one, two) => two.or(one),
    };
    let Some(shell) = may(Language::Shell) else { return code.or(languages.first().copied()) };
    // A line with a program that has an option or a path behind it is a shell's, whatever stands around it.
    let command = |line: &str| {
        let mut words = line.split_whitespace();
        let program = words.next().and_then(|word| word.rsplit('/').next()).unwrap_or_default();
        words.next().is_some_and(|next| next.starts_with(['-', '/', '~', '$'])) && is_program(program)
    };
    if is_program(first.rsplit('/').next().unwrap_or(&first)) || text.lines().any(command) {
        return Some(shell);
    }
    if JAVASCRIPT.contains(&first.as_str()) || PYTHON.contains(&first.as_str()) || is_code(text, &first) {
        return code.or(Some(shell));
    }
    Some(shell)
}

/// Whether the text begins as an expression or a block of Python or JavaScript that a shell would refuse.
fn is_code(text: &str, first: &str) -> bool {
    let rest = text[first.len()..].trim_start();
    // `name = …`, `name += …`
    let name = !first.is_empty() && first.chars().all(|c| c.is_alphanumeric() || "_.[]'\"".contains(c));
    if name && ["=", "+=", "-=", "=="].iter().any(|sign| rest.split_whitespace().next() == Some(sign)) {
        return true;
    }
    // `name(…` and `name.of(…`, but not `name() {`, which defines a function of the shell.
    if let Some((called, inside)) = text.split_once('(') {
        let named = !called.is_empty() && called.chars().all(|c| c.is_alphanumeric() || "_.".contains(c));
        if named && !inside.trim_start().strip_prefix(')').is_some_and(|after| after.trim_start().starts_with('{')) {
            return true;
        }
    }
    // `(a, b) => …`
    let arrow = text.strip_prefix('(').and_then(|text| text.split_once(')'));
    if arrow.is_some_and(|(_, after)| after.trim_start().starts_with("=>")) {
        return true;
    }
    if ["(async ", "(function(", "(function (", "(() =>", "\"\"\""].iter().any(|start| text.starts_with(start)) {
        return true;
    }
    // `for x in y:`, `if (x) {`: a shell's blocks have `do` and `then` instead.
    let shell_block = ["do", "then"].iter().any(|word| text.split([' ', '\n', ';', '\t']).any(|part| part == *word));
    let line = text.lines().next().unwrap_or(text).trim_end();
    !shell_block
        && ["for", "if", "while", "try", "try:", "with", "let", "return"].contains(&first)
        && (line.ends_with(':') || line.contains('{') && !line.contains("((") || first == "let" && line.contains(" = "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses() {
        use Language::{Javascript, Python, Shell, Sql};
        let all = [Shell, Sql, Python, Javascript];
        let program = |name: &str| ["rm", "git"].contains(&name);
        for (text, language) in [
            ("rm -rf /", Shell),
            ("rm = -rf ~ # => const", Shell),
            ("// x\nrm -rf ~", Shell),
            ("(rm -rf ~)", Shell),
            ("(rm -rf ~) # =>", Shell),
            ("f() { rm -rf ~; }; f", Shell),
            ("x = 1\nrm -rf ~", Shell),
            ("for ((;;)) { rm -rf ~; }", Shell),
            ("X=rm; $X -rf ~", Shell),
            ("{ rm -rf ~; }", Shell),
            ("for i in a:\ndo rm -rf ~; done", Shell),
            ("if (rm -rf ~); then echo {; fi", Shell),
            ("let x=1; rm -rf ~", Shell),
            ("echo 'const x => await '", Shell),
            ("./deploy.sh --prod", Shell),
            ("#!/bin/bash\nrm -rf /", Shell),
            ("drop table users", Sql),
            ("DELETE FROM users;", Sql),
            ("#!/usr/bin/env python3\nx", Python),
            ("# a comment\nimport os\nos.remove('x')", Python),
            ("print('x')", Python),
            ("df.head()", Python),
            ("x = foo(1)", Python),
            ("for i in range(3):\n  print(i)", Python),
            ("() => document.title", Javascript),
            ("(el) => el.value", Javascript),
            ("async () => { await x() }", Javascript),
            ("const fs = require('fs')", Javascript),
            ("let a = 1; console.log(a)", Javascript),
        ] {
            assert_eq!(guess(text, &all, program), Some(language), "{text}");
        }
        assert_eq!(guess("drop table x", &[Python, Javascript], program), Some(Python));
        assert_eq!(guess("x", &[], program), None);
    }
}
