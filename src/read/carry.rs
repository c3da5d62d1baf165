//! Texts and files that a program hands to another reader.

use super::own::Held;
use super::reader::{Reader, Scope, Stdin};
use super::word::{Piece, Word};
use crate::context::Place;
use crate::rules::model::Language;

impl Reader<'_> {
    /// Text that a program is given to run.
    pub(crate) fn carry_text(&mut self, language: Language, text: &Word, scope: &Scope) {
        match text.known() {
            Some(text) => self.read(language, text, scope),
            // Some of it can be read all the same: what is unknown stands in it as a word of its own.
            None => {
                let kind = if language == Language::Shell { "eval" } else { "language" };
                let mut holes = text.with_holes();
                match language {
                    Language::Sql => holes = holes.replace("${UNKNOWN}", &super::sql::HOLE.to_string()),
                    Language::Powershell | Language::Cmd => {
                        holes = holes.replace("${UNKNOWN}", &super::powershell::HOLE.to_string());
                    }
                    _ => {}
                }
                let only_hole = matches!(text.pieces.as_slice(), [Piece::Unknown { .. } | Piece::Name]);
                match language {
                    Language::Shell if !only_hole && !text.start().trim().is_empty() => {
                        self.read(language, &holes, scope)
                    }
                    Language::Sql if !only_hole => self.read(language, &holes, scope),
                    Language::Opaque | Language::Command | Language::Http | Language::Encoded => {
                        self.opaque(kind, &text.shown(), scope)
                    }
                    // `awk "{print \$$N}"`, `sed "s/$A/$B/"`: a value among code.
                    _ if !only_hole && language != Language::Shell => {
                        self.read(language, &holes.replace("${UNKNOWN}", "UNKNOWN"), scope)
                    }
                    _ => self.opaque(kind, &text.shown(), scope),
                }
            }
        }
    }

    /// A file that a program is given to run.
    pub(crate) fn carry_file(&mut self, language: Language, path: &Word, scope: &Scope) {
        if matches!(path.known(), Some("-" | "/dev/stdin" | "/dev/fd/0" | "/proc/self/fd/0")) {
            return match Stdin::clone(&scope.stdin) {
                Stdin::Text(text) => self.carry_text(language, &text, scope),
                Stdin::File(path) if path.known() != Some("-") => self.carry_file(language, &path, scope),
                Stdin::Opened(path) => self.carry_file_of(language, &path, scope, false),
                Stdin::None => {}
                Stdin::File(_) | Stdin::Names(_) | Stdin::Added(_) | Stdin::Unknown => {
                    self.opaque("stdin", &path.shown(), scope)
                }
            };
        }
        self.carry_file_of(language, path, scope, scope.origin.elsewhere);
    }

    /// The same. `elsewhere`: the file lies on another machine.
    pub(super) fn carry_file_of(&mut self, language: Language, path: &Word, scope: &Scope, elsewhere: bool) {
        let place = Place::resolve(path, scope.cwd.as_deref(), elsewhere, self.world, self.rules);
        if let Some(paths) = self.scripts(path, &place) {
            if paths.is_empty() && language == Language::Sql {
                // There may be such files elsewhere: `find -exec psql -f {} \;`.
                return self.opaque("file", &path.shown(), scope);
            }
            return paths.iter().for_each(|path| self.carry_file(language, path, scope));
        }
        let there = place.certain && (place.zone != "elsewhere" || self.written.has(&place.path));
        let mut files = if elsewhere { self.sent_there(path, &place) } else { Vec::new() };
        if files.is_empty() {
            files.extend(there.then(|| place.path.clone()));
        }
        let mut held: Vec<Held> = files.iter().flat_map(|file| self.all_held(file)).collect();
        if held.is_empty() {
            held.push(Held::Missing);
        }
        for held in held {
            self.carry_held(language, held, path, &place, scope);
        }
    }

    /// Something that may be in a file that is run.
    fn carry_held(&mut self, language: Language, held: Held, path: &Word, place: &Place, scope: &Scope) {
        match held {
            Held::Before(text) => self.read_file(language, &place.path, &text, scope),
            Held::Now(text, program) => {
                let mut scope = scope.clone();
                scope.depth += 1;
                scope.origin.fed = Some(program);
                self.carry_text(language, &text, &scope);
            }
            Held::Unknown(program) => {
                let mut scope = scope.clone();
                scope.origin.fed = Some(program);
                self.opaque("file", &path.shown(), &scope);
            }
            // A script that isn't there does nothing. One that can't be named, or that a process hands over, may do anything.
            Held::Missing if language != Language::Sql && place.certain && !place.path.starts_with("/dev/") => {}
            Held::Unreadable if !self.may_load() => self.opaque("limit", &path.shown(), scope),
            Held::Missing | Held::Unreadable => {
                let unnamed = path.pieces.iter().all(|piece| matches!(piece, Piece::Unknown { .. }));
                self.opaque(if unnamed { "unnamed" } else { "file" }, &path.shown(), scope)
            }
        }
    }
}
