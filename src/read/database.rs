//! SQL text to actions.

use super::action::{Kind, SqlAction};
use super::reader::{Reader, Scope};
use super::sql;
use crate::context::{Loaded, Place};
use crate::read::word::Word;
use crate::rules::model::Language;

/// Bytes of a statement beyond which no command is looked for in it.
const LONG: usize = 64 << 10;

impl Reader<'_> {
    /// Reads SQL of any dialect, with the commands of the usual clients.
    pub(crate) fn sql(&mut self, text: &str, scope: &Scope) {
        let Ok(statements) = sql::read(text) else {
            return self.opaque("language", text, scope);
        };
        for statement in statements {
            if !self.pay(16) {
                return;
            }
            if statement.verb == "meta include" && self.include(statement.object.as_deref(), scope) {
                continue;
            }
            let written = text.get(statement.span.clone()).unwrap_or(text).trim();
            let mut origin = scope.origin.at(written.replace(sql::HOLE, "…"));
            // What the client or the server runs is read besides.
            let command = if written.len() > LONG { None } else { command(&statement.verb, written) };
            if let Some(command) = command.filter(|command| !command.contains(sql::HOLE)) {
                self.read(Language::Shell, &command, scope);
                origin.looked_into = true;
            }
            let action = SqlAction { verb: statement.verb, object: statement.object, marks: statement.marks };
            self.push(Kind::Sql(action), &origin);
        }
    }

    /// A file of SQL that another one includes. `false`: it can't be read.
    fn include(&mut self, file: Option<&str>, scope: &Scope) -> bool {
        let word = file.map_or_else(Word::unknown, Word::text);
        let place = Place::resolve(&word, scope.cwd.as_deref(), scope.origin.elsewhere, self.world, self.rules);
        match if place.certain { self.load(&place.path) } else { Loaded::Missing } {
            Loaded::Text(text) => {
                self.outline_file(&place.path);
                self.read(Language::Sql, &text, scope);
            }
            Loaded::Missing | Loaded::Unreadable => return false,
        }
        true
    }
}

/// The command in a statement that runs a program: `COPY … TO PROGRAM 'x'`, `\\! x`, `.shell x`.
fn command(verb: &str, text: &str) -> Option<String> {
    match verb {
        "copy to program" | "copy from program" => {
            let lower = text.to_ascii_lowercase();
            let words = lower.match_indices("program");
            let mut words = words.filter(|(at, _)| lower[..*at].ends_with(char::is_whitespace));
            words.find_map(|(at, word)| literal(text[at + word.len()..].trim_start()))
        }
        "meta shell" => {
            let line = text.lines().next()?;
            if let Some((_, rest)) = line.split_once('|').filter(|(before, _)| before.starts_with(['\\', '.'])) {
                return Some(rest.to_owned());
            }
            let rest = line.trim_start_matches(['\\', '!', '.']).trim_start();
            let named = ["shell", "system", "host", "sh"].iter().find_map(|name| {
                rest.get(..name.len()).filter(|word| word.eq_ignore_ascii_case(name)).map(|word| &rest[word.len()..])
            });
            let named = named.filter(|rest| rest.starts_with(char::is_whitespace));
            Some(named.unwrap_or(rest).trim_start().to_owned())
                .filter(|_| line.starts_with(['\\', '!', '.']) || named.is_some())
        }
        _ => None,
    }
}

/// The text of the string that stands at the beginning.
fn literal(text: &str) -> Option<String> {
    let text = text.strip_prefix(['E', 'e']).unwrap_or(text);
    if let Some(rest) = text.strip_prefix('$') {
        let (tag, rest) = rest.split_once('$')?;
        return rest.split_once(&format!("${tag}$")).map(|(inside, _)| inside.to_owned());
    }
    let mut inside = String::new();
    let mut chars = text.strip_prefix('\'')?.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\'' if chars.peek() == Some(&'\'') => inside.extend(chars.next()),
            '\'' => return Some(inside),
            c => inside.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::command;

    #[test]
    fn commands() {
        let of = |verb, text| command(verb, text).unwrap_or_default();
        assert_eq!(of("copy to program", "COPY (select 'program') TO PROGRAM 'echo ''x'''"), "echo 'x'");
        assert_eq!(of("copy to program", "COPY t TO PROGRAM 'rm program x'"), "rm program x");
        assert_eq!(of("copy from program", "copy t from program $a$rm x$a$"), "rm x");
        assert_eq!(of("meta shell", "\\! rm x"), "rm x");
        assert_eq!(of("meta shell", ".shell rm x"), "rm x");
        assert_eq!(of("meta shell", "\\o | rm x"), " rm x");
        assert_eq!(of("meta shell", "system rm x"), "rm x");
    }
}
