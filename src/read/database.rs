//! SQL text to actions.

use super::action::{Kind, SqlAction};
use super::reader::{Reader, Scope};
use super::sql;
use crate::context::{Loaded, Place};
use crate::read::word::Word;
use crate::rules::model::Language;

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
            let mut origin = scope.origin.clone();
            origin.shown = text.get(statement.span.clone()).unwrap_or(text).trim().replace(sql::HOLE, "…");
            let action = SqlAction { verb: statement.verb, object: statement.object, marks: statement.marks };
            self.push(Kind::Sql(action), &origin);
        }
    }

    /// A file of SQL that another one includes. `false`: it can't be read.
    fn include(&mut self, file: Option<&str>, scope: &Scope) -> bool {
        let word = file.map_or_else(Word::unknown, Word::text);
        let place = Place::resolve(&word, scope.cwd.as_deref(), scope.origin.elsewhere, self.world, self.rules);
        match if place.certain { self.load(&place.path) } else { Loaded::Missing } {
            Loaded::Text(text) => self.read(Language::Sql, &text, scope),
            Loaded::Missing | Loaded::Unreadable => return false,
        }
        true
    }
}
