//! What bash expands a second time: subscripts in arithmetic and in the names of variables, lists in quotes, prompts.

use super::ast::{self, Part};
use super::parse;
use crate::read::reader::{DEPTH, Reader, Scope};
use crate::read::word::{Piece, Word};

/// Builtins that take their arguments for names of variables, or for arithmetic.
const BUILTINS: [&str; 16] = [
    "test",
    "[",
    "printf",
    "unset",
    "let",
    "read",
    "mapfile",
    "readarray",
    "declare",
    "typeset",
    "local",
    "export",
    "readonly",
    "getopts",
    "wait",
    "return",
];

impl Reader<'_> {
    /// Reads what a builtin expands once more in its arguments.
    pub(super) fn arguments_again(&mut self, name: &str, arguments: &[Word], scope: &Scope) {
        if !BUILTINS.contains(&name) || name == "printf" && arguments.first().is_none_or(|word| word.start() != "-v") {
            return;
        }
        for word in arguments {
            self.again(word, scope);
        }
    }

    /// Reads the substitutions in a subscript, or a list, that stands in quotes: `'a[$(x)]'`, `a='($(x))'`.
    pub(super) fn again(&mut self, word: &Word, scope: &Scope) {
        let text = plain(word);
        if substitution(&text).is_some_and(|at| text[..at].contains(['[', '('])) {
            self.expand_again(&text, scope);
        }
    }

    /// Reads what is expanded whenever a variable is used: in a prompt, or as a subscript (`x='a[$(y)]'; ((x))`).
    pub(super) fn assigned_again(&mut self, name: &str, value: &Word, scope: &Scope) {
        let text = plain(value);
        let Some(at) = substitution(&text) else { return };
        let prompt = matches!(name, "PS0" | "PS1" | "PS2" | "PS4");
        let subscript = text[..at].split_once('[').is_some_and(|(array, _)| {
            !array.is_empty() && array.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        });
        if prompt || subscript {
            self.expand_again(&text, scope);
        }
    }

    /// Reads text as if it stood in double quotes.
    pub(super) fn expand_again(&mut self, text: &str, scope: &Scope) {
        let mut inner = scope.clone();
        inner.depth += 1;
        if inner.depth > DEPTH || !self.pay(text.len() + 16) {
            return self.opaque("limit", text, scope);
        }
        match parse::parse_word(text) {
            Ok(word) => {
                self.value(&word, &inner);
            }
            Err(_) => self.opaque("syntax", text, scope),
        }
    }

    /// `(( … ))`, `let`: variables that may be set in it hold a number afterwards.
    pub(super) fn arithmetic(&mut self, expression: &ast::Word, scope: &Scope) {
        self.value(expression, scope);
        let text: String = expression
            .parts
            .iter()
            .map(|part| if let Part::Literal(text) = part { text.as_str() } else { " " })
            .collect();
        if !text.contains('=') && !text.contains("++") && !text.contains("--") {
            return;
        }
        for name in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|name| !name.is_empty()) {
            if self.shell.variables.contains_key(name) {
                self.shell.set(name, Word::from(Piece::Name));
            }
        }
    }
}

/// The known text of a word.
fn plain(word: &Word) -> String {
    word.pieces.iter().map(|piece| if let Piece::Text(text) | Piece::Glob(text) = piece { text } else { "" }).collect()
}

/// Where the first substitution of a command stands.
fn substitution(text: &str) -> Option<usize> {
    [text.find("$("), text.find('`'), text.find("${")].into_iter().flatten().min()
}
