//! Languages of one command a line: what editors are told to do, and options that stand in a file.

use super::reader::{Reader, Scope};
use super::word::Word;
use crate::rules::model::Language;

/// Words of ex behind which an expression or a script stands.
const SCRIPTS: [&str; 12] =
    ["call", "cal", "let", "echo", "exe", "execute", "lua", "py", "py3", "python", "python3", "pythonx"];

impl Reader<'_> {
    /// Commands of ed, ex and vim: `!cmd`, `1,$!cmd`, `r !cmd`, `w !cmd`, `call system("cmd")`.
    pub(crate) fn editor(&mut self, text: &str, scope: &Scope) {
        for line in text.lines() {
            self.editor_line(line, scope);
        }
    }

    fn editor_line(&mut self, line: &str, scope: &Scope) {
        let mut rest = line.trim_start_matches(|c: char| c.is_whitespace() || c == ':' || c == '+');
        // A range, and the patterns in it.
        rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || ",;$%.'<>*-+ ".contains(c));
        let length = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let (word, behind) = rest.split_at(length);
        let blank = behind.starts_with([' ', '\t']);
        let argument = behind.trim_start();
        match (word, argument.strip_prefix('!')) {
            ("", Some(command)) => self.read(Language::Shell, command, scope),
            // `w!` overwrites, `w !cmd` pipes.
            ("r" | "re" | "read", Some(command)) => self.read(Language::Shell, command, scope),
            ("w" | "wr" | "write", Some(command)) if blank => self.read(Language::Shell, command, scope),
            ("e" | "E" | "f" | "H" | "edit", Some(command)) if blank => self.read(Language::Shell, command, scope),
            ("sil" | "silent", Some(command)) if command.starts_with(|c: char| !c.is_whitespace()) && blank => {
                self.read(Language::Shell, command, scope);
            }
            ("sil" | "silent" | "g" | "global" | "v" | "norm" | "normal" | "windo" | "bufdo" | "argdo", _) => {
                let inner = argument.trim_start_matches('!');
                let inner = match (word, inner.strip_prefix('/')) {
                    ("g" | "global" | "v", Some(pattern)) => pattern.split_once('/').map_or("", |(_, command)| command),
                    _ => inner,
                };
                if inner.len() < line.len() {
                    self.editor_line(inner, scope);
                }
            }
            ("sh" | "shell" | "terminal" | "ter" | "term", _) if !argument.is_empty() => {
                self.read(Language::Shell, argument.trim_start_matches('!'), scope);
            }
            (word, _) if SCRIPTS.contains(&word) => {
                if matches!(word, "exe" | "execute") {
                    let quoted = argument.trim_matches(|c| c == '\'' || c == '"');
                    if quoted.len() < argument.len() {
                        self.editor_line(quoted, scope);
                    }
                }
                self.read(Language::Python, argument, scope);
            }
            _ => {
                // `w | !cmd`
                if let Some((_, next)) = rest.split_once('|') {
                    self.editor_line(next, scope);
                }
            }
        }
    }

    /// Options one a line: `request = "DELETE"`, `url: …`, `--header x`.
    pub(crate) fn option_lines(&mut self, text: &str, scope: &Scope) {
        let Some(program) = scope.origin.via.last().cloned() else { return };
        let mut words = vec![Word::text(program)];
        words.extend(option_words(text));
        self.argv(words, scope);
    }
}

/// The words that lines of options stand for: `--name value` of `name = "value"`.
pub(super) fn option_words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let end = line.find(|c: char| c.is_whitespace() || c == '=' || c == ':').unwrap_or(line.len());
        let (name, value) = line.split_at(end);
        let value = value.trim_start_matches(|c: char| c.is_whitespace() || c == '=' || c == ':').trim();
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
        words.push(Word::text(if name.starts_with('-') { name.to_owned() } else { format!("--{name}") }));
        if !value.is_empty() {
            words.push(Word::text(value));
        }
    }
    words
}
