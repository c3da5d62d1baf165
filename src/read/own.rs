//! Programs of the project itself: scripts that are run by their path. And the words that `xargs` makes of its input.

use super::reader::{Reader, Scope, Stdin};
use super::word::Word;
use crate::context::{Loaded, Place};

/// The most scripts of one pattern that are read.
const SCRIPTS: usize = 64;

impl Reader<'_> {
    /// The scripts that a pattern names (`bash tests/*.sh`); `None` if it is no pattern, or one that can't be followed.
    pub(super) fn scripts(&self, path: &Word, place: &Place) -> Option<Vec<Word>> {
        if !path.is_pattern() || place.zone == "elsewhere" || !place.path.starts_with('/') {
            return None;
        }
        let (dir, pattern) = place.path.rsplit_once('/')?;
        // A bare star has become its directory; `[a-z]` and `**` aren't followed.
        let special = |text: &str| text.contains(['*', '?', '[', '{']);
        if special(dir) || !special(pattern) || pattern.contains(['[', '{']) {
            return None;
        }
        let mut names = self.files.names(dir)?;
        let written = self.written.keys().filter_map(|path| path.strip_prefix(dir)?.strip_prefix('/'));
        names.extend(written.filter(|name| !name.contains('/')).map(str::to_owned));
        names.retain(|name| crate::rules::glob::matches(pattern, name));
        names.sort();
        names.dedup();
        (names.len() <= SCRIPTS).then(|| names.iter().map(|name| Word::text(format!("{dir}/{name}"))).collect())
    }

    /// Reads a script that is run by its path (`./deploy.sh`), by the interpreter that its first line names.
    pub(super) fn own_script(&mut self, program: &Word, rest: &[Word], scope: &Scope) {
        let place = Place::resolve(program, scope.cwd.as_deref(), scope.origin.elsewhere, self.world, self.rules);
        if !place.certain || place.zone == "elsewhere" {
            return;
        }
        let text = match self.written.get(&place.path) {
            Some((Stdin::Text(text), _)) => text.shown(),
            // The call itself has fetched or decoded it; rules say from where that matters.
            Some((_, program)) => {
                let mut scope = scope.clone();
                scope.origin.fed = Some(program.clone());
                return self.opaque("remote", &scope.origin.shown.clone(), &scope);
            }
            None => match self.files.load(&place.path) {
                Loaded::Text(text) => text,
                Loaded::Missing | Loaded::Unreadable => return,
            },
        };
        let first = text.lines().next().unwrap_or_default();
        let mut words: Vec<Word> = match first.strip_prefix("#!") {
            Some(interpreter) => interpreter.split_whitespace().map(Word::text).collect(),
            None => vec![Word::text("sh")],
        };
        words.push(program.clone());
        words.extend(rest.iter().cloned());
        self.argv(words, scope);
    }
}

/// The arguments that `xargs` makes of text; `whole`: it is told to split it elsewhere than at blanks.
pub(super) fn arguments(text: &str, whole: bool) -> Vec<Word> {
    if whole {
        let parts = text.trim_end_matches('\n').split(['\0', '\n']).flat_map(|part| part.split("\\0"));
        return parts.filter(|part| !part.is_empty()).take(256).map(Word::text).collect();
    }
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match (quote, char) {
            (Some(open), _) if open == char => quote = None,
            (Some(_), _) => word.get_or_insert_default().push(char),
            (None, '\'' | '"') => {
                quote = Some(char);
                word.get_or_insert_default();
            }
            (None, '\\') => word.get_or_insert_default().extend(chars.next()),
            (None, _) if char.is_whitespace() => words.extend(word.take()),
            (None, _) => word.get_or_insert_default().push(char),
        }
    }
    words.extend(word);
    words.into_iter().take(256).map(Word::text).collect()
}
