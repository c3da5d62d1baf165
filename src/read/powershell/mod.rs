//! PowerShell: its syntax, read as a session would run it, as far as that can be known without running it.

mod ast;
mod bind;
mod command;
mod encoded;
mod eval;
mod expr;
mod lex;
mod member;
mod operators;
mod parse;
mod paths;
mod pipeline;
mod session;
mod state;
#[cfg(test)]
mod tests;
mod value;

use super::argv::Invocation;
use super::reader::{Reader, Scope};
use super::word::{Piece, Word};
use crate::rules::model::{Carrier, Language};
pub(crate) use state::{HOLE, Power, word};

impl Reader<'_> {
    /// Reads what `-EncodedCommand` is given.
    pub(crate) fn encoded(&mut self, text: &str, scope: &Scope) {
        match encoded::command(text) {
            Some(script) => self.read(Language::Powershell, &script, scope),
            None => self.opaque("language", text, scope),
        }
    }

    /// A path as one of PowerShell's own commands takes it.
    pub(crate) fn power_path(&self, path: &Word, inv: &Invocation) -> Word {
        let literal =
            inv.options.iter().any(|given| given.name == "-LiteralPath" && given.value.as_ref() == Some(path));
        paths::path(path, literal, self.world)
    }

    /// What `Start-Process` runs: the value of the first option, then those of the others as a command line.
    pub(crate) fn carry_bound(&mut self, inv: &Invocation, carrier: &Carrier, scope: &Scope) {
        let mut words: Vec<Word> = Vec::new();
        for (at, option) in carrier.option.iter().enumerate() {
            for given in inv.options.iter().filter(|given| given.name == option.as_str()) {
                let Some(value) = &given.value else { continue };
                match value.known() {
                    Some(text) if at > 0 => words.extend(cmd_words(text).iter().map(|text| word(text))),
                    _ => words.push(value.clone()),
                }
            }
        }
        self.argv(words, scope);
    }
}

/// Whether a path stands for everything below a directory.
pub(crate) fn reaches_below(path: &Word) -> bool {
    path.pieces.iter().any(|piece| matches!(piece, Piece::Glob(glob) if glob.starts_with("**")))
}

/// The words of a command line as Windows programs tell them apart: blanks outside of double quotes.
pub(crate) fn cmd_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut quoted, mut begun) = (false, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.peek() == Some(&'"') => word.extend(chars.next()),
            '"' => {
                quoted = !quoted;
                begun = true;
            }
            c if c.is_whitespace() && !quoted => {
                if begun || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            c => word.push(c),
        }
    }
    if begun || !word.is_empty() {
        words.push(word);
    }
    words
}
