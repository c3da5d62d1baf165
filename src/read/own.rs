//! Programs of the project itself: scripts that are run by their path, and what is in files, those included that the call
//! has written itself. And the words that `xargs` makes of its input.

use super::argv::Invocation;
use super::reader::{Reader, Scope, Stdin};
use super::sent::names_host;
use super::word::{Piece, Word};
use crate::context::{Loaded, Place};
use crate::rules::model::{Content, Effect, Language};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The most scripts of one pattern that are read.
const SCRIPTS: usize = 64;
/// The most files that are read for one call.
const FILES: usize = 128;
/// Bytes of files after which no further one is read.
const BYTES: usize = 1 << 20;
/// The most copies of copies that are followed.
const COPIES: u8 = 8;
/// The most contents of one file that are read.
const HELD: usize = 8;

/// What is in a file at this point of the call.
pub(crate) enum Held {
    /// This text, which was there before the call.
    Before(Rc<str>),
    /// This text, which a program of the call has put there.
    Now(Word, String),
    /// Something that can't be known, which a program of the call has put there.
    Unknown(String),
    /// There is no such file.
    Missing,
    /// It can't be read.
    Unreadable,
}

impl Reader<'_> {
    /// What is in a file, by its absolute path.
    pub(crate) fn held(&mut self, path: &str) -> Held {
        self.held_by(path, COPIES)
    }

    /// All that may be in it, one of them at least.
    pub(crate) fn all_held(&mut self, path: &str) -> Vec<Held> {
        let mut all = Vec::new();
        self.collect_held(path, COPIES, &mut all);
        // Of what isn't there nothing is to be said, if something else may be.
        if all.iter().any(|held| !matches!(held, Held::Missing)) {
            all.retain(|held| !matches!(held, Held::Missing));
        }
        all.truncate(HELD);
        all
    }

    fn collect_held(&mut self, path: &str, left: u8, all: &mut Vec<Held>) {
        let (versions, before) = self.written.versions(path).unwrap_or_else(|| (Vec::new(), true));
        for version in versions {
            let (gives, program) = &*version;
            match (gives, left.checked_sub(1)) {
                (Stdin::File(source), Some(left)) if source.known().is_some_and(|source| source != path) => {
                    self.collect_held(source.known().unwrap_or_default(), left, all);
                }
                _ => all.push(self.version(path, gives, program, left)),
            }
            if all.len() > HELD {
                return;
            }
        }
        if before {
            all.push(self.before(path));
        }
    }

    fn held_by(&mut self, path: &str, left: u8) -> Held {
        match self.written.get(path).cloned() {
            Some((gives, program)) => self.version(path, &gives, &program, left),
            None => self.before(path),
        }
    }

    /// What was in a file before the call.
    fn before(&mut self, path: &str) -> Held {
        match self.load(path) {
            Loaded::Text(text) => Held::Before(Rc::from(text)),
            Loaded::Missing => Held::Missing,
            Loaded::Unreadable => Held::Unreadable,
        }
    }

    /// What is in a file into which a program of the call has put this.
    fn version(&mut self, path: &str, gives: &Stdin, program: &str, left: u8) -> Held {
        let program = program.to_owned();
        match gives.clone() {
            Stdin::Text(text) => Held::Now(text, program),
            Stdin::Added(more) => match self.load(path) {
                Loaded::Text(text) if self.pay(text.len() / 8) => {
                    let mut whole = Word::text(text.trim_end_matches('\n'));
                    whole.push(Piece::Text("\n".into()));
                    more.pieces.into_iter().for_each(|piece| whole.push(piece));
                    Held::Now(whole, program)
                }
                _ => Held::Now(more, program),
            },
            Stdin::File(source) => match (source.known().filter(|source| *source != path), left.checked_sub(1)) {
                (Some(source), Some(left)) => self.held_by(source, left),
                _ => Held::Unknown(program),
            },
            _ => Held::Unknown(program),
        }
    }

    /// The text that a command puts into a file, as far as it stands in the call.
    pub(crate) fn given(&mut self, gives: &Stdin) -> Option<Rc<str>> {
        let mut gives = gives;
        for _ in 0..COPIES {
            match gives {
                Stdin::File(source) if source.known() == Some("/dev/null") => return Some(Rc::from("")),
                Stdin::File(source) => gives = &self.written.get(source.known()?)?.0,
                Stdin::Text(text) => {
                    let text = text.shown();
                    return self.pay(text.len() / 8).then(|| Rc::from(text));
                }
                _ => return None,
            }
        }
        None
    }

    /// Text is added to a file. What was in it before the call is only looked at where it is run.
    pub(crate) fn added(&mut self, path: &str, more: Word, program: &str) {
        let before = self.written.get(path).map(|(before, _)| before.clone());
        let gives = match before {
            None => Stdin::Added(more),
            Some(Stdin::Text(before)) => self.put_behind(before, more).map_or(Stdin::Unknown, Stdin::Text),
            Some(Stdin::Added(before)) => self.put_behind(before, more).map_or(Stdin::Unknown, Stdin::Added),
            Some(_) => Stdin::Unknown,
        };
        self.written.put(path, gives, program);
    }

    /// One text in a line behind another.
    fn put_behind(&mut self, mut before: Word, more: Word) -> Option<Word> {
        if !self.pay_for(std::slice::from_ref(&before)) {
            return None;
        }
        before.push(Piece::Text("\n".into()));
        more.pieces.into_iter().for_each(|piece| before.push(piece));
        Some(before)
    }

    /// Loads a file, within the bounds of a call.
    pub(crate) fn load(&mut self, path: &str) -> Loaded {
        if let Some(known) = self.loaded.0.get(path) {
            return known.clone();
        }
        if !self.may_load() {
            return Loaded::Unreadable;
        }
        let loaded = self.files.load(path);
        if let Loaded::Text(text) = &loaded {
            self.loaded.1 += text.len();
            self.earn(text.len());
        }
        self.loaded.0.insert(path.to_owned(), loaded.clone());
        loaded
    }

    /// Whether another file may be read for this call.
    pub(crate) fn may_load(&self) -> bool {
        !self.guessing && self.loaded.0.len() < FILES && self.loaded.1 < BYTES
    }

    /// The scripts that a pattern names (`bash tests/*.sh`); `None` if it is no pattern, or one that can't be followed.
    pub(super) fn scripts(&self, path: &Word, place: &Place) -> Option<Vec<Word>> {
        if self.guessing || !path.is_pattern() || place.zone == "elsewhere" || !place.path.starts_with('/') {
            return None;
        }
        let (dir, pattern) = place.path.rsplit_once('/')?;
        // A bare star has become its directory; `[a-z]` and `**` aren't followed.
        let special = |text: &str| text.contains(['*', '?', '[', '{']);
        if special(dir) || !special(pattern) || pattern.contains(['[', '{']) {
            return None;
        }
        let mut names = self.files.names(dir)?;
        let written = self.written.iter().filter_map(|(path, _)| path.strip_prefix(dir)?.strip_prefix('/'));
        names.extend(written.filter(|name| !name.contains('/')).map(str::to_owned));
        names.retain(|name| crate::rules::glob::matches(pattern, name));
        names.sort_unstable();
        names.dedup();
        (names.len() <= SCRIPTS).then(|| names.iter().map(|name| Word::text(format!("{dir}/{name}"))).collect())
    }

    /// What a program puts into a file, as far as that is known: `cp a b`, `… | tee b`.
    pub(super) fn copied(effect: &Effect, sources: &Sources, to: &Place, scope: &Scope) -> Stdin {
        match effect.content {
            Some(Content::Stdin) => match &*scope.stdin {
                Stdin::None => Stdin::Unknown,
                stdin => stdin.clone(),
            },
            Some(Content::Operands) => match sources.of(&to.path) {
                Some((path, true)) => Stdin::File(Word::text(path.as_str())),
                _ => Stdin::Unknown,
            },
            Some(Content::Nothing) => Stdin::Text(Word::default()),
            None => Stdin::Unknown,
        }
    }

    /// Where the operands lie, if the program puts what is in them into files.
    pub(super) fn sources(&self, effect: &Effect, inv: &Invocation, behind: usize, scope: &Scope) -> Sources {
        let mut sources = Sources::default();
        if effect.content != Some(Content::Operands) {
            return sources;
        }
        let remote = inv.known.tables.iter().any(|table| table.elsewhere);
        for operand in inv.operands.get(behind..).unwrap_or_default() {
            let cwd = scope.cwd.as_deref();
            let place = Place::resolve(&operand.word, cwd, scope.origin.elsewhere, self.world, self.rules);
            let there = remote && names_host(&operand.word);
            let known = place.certain && place.zone != "elsewhere" && !there;
            let place = if there { Place { path: operand.word.shown(), ..place } } else { place };
            let alike = sources.by_name.entry(last_name(&place.path).to_owned()).or_default();
            // One of two isn't the target itself; more are never asked for.
            if alike.len() < 2 && alike.iter().all(|(path, _)| *path != place.path) {
                alike.push((place.path.clone(), known));
            }
            sources.count += 1;
            sources.first.get_or_insert((place.path, known));
        }
        sources
    }

    /// The program that a package brings: its table says so, or it is called as the package.
    pub(super) fn program_of(&mut self, package: String) -> String {
        let known = self.known(&package);
        let mut carriers = known.tables.iter().flat_map(|table| &table.carries);
        let named = carriers.find(|carrier| carrier.language == Language::Command && !carrier.program.is_empty());
        named.map_or(package, |carrier| carrier.program.to_string())
    }

    /// Whether the name of a program is that of one with a table.
    fn is_known(&self, path: &str) -> bool {
        !self.rules.program(&super::parts::program_name(path).0).tables.is_empty()
    }

    /// Reads a script that is run by its path (`./deploy.sh`), by the interpreter that its first line names.
    /// `false`: nobody knows what it does.
    pub(super) fn own_script(&mut self, program: &Word, rest: &[Word], scope: &Scope) -> bool {
        let place = Place::resolve(program, scope.cwd.as_deref(), scope.origin.elsewhere, self.world, self.rules);
        // What a package manager has installed (`node_modules/.bin/prisma`) is the program of its name.
        // Into `build` and `dist` anybody puts scripts, though, and calls them what they like.
        let installed = || {
            let known = || program.known().is_some_and(|path| self.is_known(path));
            let filled = || place.is_filled(self.world, self.rules);
            place.zone == "regenerable" && !self.written.has(&place.path) && known() && filled()
        };
        let mut files = if scope.origin.elsewhere { self.sent_there(program, &place) } else { Vec::new() };
        if files.is_empty() && place.certain && place.zone != "elsewhere" && !installed() {
            files.push(place.path.clone());
        }
        let mut interpreters: Vec<String> = Vec::new();
        let mut told = false;
        let all: Vec<Held> = files.iter().flat_map(|file| self.all_held(file)).collect();
        for held in all {
            let text = match held {
                Held::Before(text) => text,
                Held::Now(text, _) => Rc::from(text.shown()),
                // The call itself has fetched or decoded it; rules say from where that matters.
                Held::Unknown(program) => {
                    let mut scope = scope.clone();
                    scope.origin.fed = Some(program);
                    self.opaque("remote", &scope.origin.shown.clone(), &scope);
                    told = true;
                    continue;
                }
                Held::Missing => continue,
                // What isn't text is a program; nobody has told how much of it would have to be read.
                Held::Unreadable if self.may_load() => continue,
                Held::Unreadable => {
                    self.opaque("limit", &scope.origin.shown.clone(), scope);
                    told = true;
                    continue;
                }
            };
            let first = text.lines().next().unwrap_or_default();
            let interpreter = first.strip_prefix("#!").unwrap_or("sh").trim().to_owned();
            if !interpreters.contains(&interpreter) {
                interpreters.push(interpreter);
            }
        }
        // Each reads all that may be in the file.
        for interpreter in &interpreters {
            let mut words: Vec<Word> = interpreter.split_whitespace().map(Word::text).collect();
            words.push(program.clone());
            words.extend(rest.iter().cloned());
            self.argv(words, scope);
        }
        told || !interpreters.is_empty()
    }
}

/// The arguments that `xargs` makes of text; `at`: it is told to split it there, and not at blanks.
pub(super) fn arguments(text: &str, at: Option<&str>) -> Vec<Word> {
    if let Some(at) = at {
        let parts = text.trim_end_matches('\n').split(['\0', '\n']).flat_map(|part| part.split("\\0"));
        let parts = parts.flat_map(|part| part.split(|c: char| at.contains(c)));
        return parts.filter(|part| !part.is_empty()).map(Word::text).collect();
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
    words.into_iter().map(Word::text).collect()
}

/// Where the operands of one command lie, each with whether that is known.
#[derive(Default)]
pub(super) struct Sources {
    count: usize,
    first: Option<(String, bool)>,
    /// By the last name of their path: the first two of each.
    by_name: BTreeMap<String, Vec<(String, bool)>>,
}

impl Sources {
    /// The one that goes to this path: into a directory, each goes under its own name.
    fn of(&self, to: &str) -> Option<&(String, bool)> {
        let same = self.by_name.get(last_name(to)).and_then(|alike| alike.iter().find(|(path, _)| path != to));
        same.or_else(|| self.first.as_ref().filter(|(path, _)| self.count == 2 && path != to))
    }
}

fn last_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}
