//! The reader: takes a call apart into actions, within bounds. Every language has a file of its own that adds methods here.

use super::action::{Action, FileAction, Kind, Origin, Source};
use super::outline::Outline;
use super::shell::state::Variable;
use super::word::{Piece, Word};
use super::written::Written;
use crate::context::{Files, Loaded, Place, World};
use crate::deadline::Deadline;
use crate::read::shared::Shared;
use crate::rules::index::{Known, Rules};
use crate::rules::model::{Does, Language};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

/// Nesting of languages (a shell in SQL in Python …) beyond which nothing is read any more.
pub(crate) const DEPTH: u8 = 24;
/// Work units that any call may cost, a short one that goes round in circles (`f() { f; f; }; f`) too.
const FUEL: u64 = 300_000;
/// Work units that each byte pays for, of the call itself and of files that are read for it: what is long may take long.
const RATE: u64 = 64;
/// What reading a command costs, besides its words: its program is looked up, and its options are told apart.
pub(crate) const COMMAND: usize = 100;
/// What an effect on a file costs: where it lies is found out, and every rule about files is tried on it.
const FILE: usize = 100;
/// The most actions of a call: beyond them, what they take in memory would count.
const ACTIONS: usize = 50_000;
/// The most programs that are kept once looked up.
const PROGRAMS: usize = 256;
/// Work units after which the clock is looked at again.
const CHECK: u64 = 4_096;
/// Bytes of text that are kept for one unit.
const BYTES: usize = 8;
/// What is left of a call's time for judging what was read.
const MARGIN: Duration = Duration::from_secs(1);

/// Where a piece of text stands when it is read.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The working directory there; `None` if it can't be known.
    pub cwd: Option<Rc<str>>,
    /// What will be the [`Origin`] of the actions found.
    pub origin: Shared<Origin>,
    /// What standard input gives.
    pub stdin: Shared<Stdin>,
    /// How deeply nested it is.
    pub depth: u8,
    /// It is in a file of its own, which was there before the call: a program, not something put together for this call.
    pub file: bool,
}

/// What a command reads on standard input.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Stdin {
    /// Nothing, or the terminal.
    #[default]
    None,
    /// This text.
    Text(Word),
    /// The contents of this file.
    File(Word),
    /// The same, of an absolute path that was opened on this machine for a command that runs elsewhere.
    Opened(Word),
    /// The names of files, which are like these patterns: what `find -name` prints.
    Names(Vec<Word>),
    /// Only of files that the call writes: what was in it before, and this text behind it.
    Added(Word),
    /// Something that can't be known: the output of another program, or of a variable.
    Unknown,
}

/// Variables, and those of them that are exported.
type Exports = (Shared<BTreeMap<String, Variable>>, Shared<Vec<(String, Word)>>);

/// What some rules know of programs, by name.
type Programs = (Option<&'static Rules>, BTreeMap<String, Shared<Known>>);

/// Takes calls apart.
pub struct Reader<'a> {
    /// The rules, for the tables in them.
    pub rules: &'static Rules,
    /// What paths are resolved against.
    pub world: &'a World,
    /// Looks at files, within bounds.
    pub files: &'a dyn Files,
    /// What was found.
    pub actions: Vec<Action>,
    /// Work units left.
    pub fuel: u64,
    /// When the answer to the call must be out. The clock starts at the first look, which few calls live to see.
    pub deadline: Option<Deadline>,
    /// At how many units left the clock is looked at next.
    check: u64,
    /// The state of the shell that is being evaluated.
    pub shell: super::shell::state::State,
    /// The PowerShell session that is being read.
    pub(crate) power: Option<Box<super::powershell::Power>>,
    /// `$0` and the positional arguments of the next script.
    pub(crate) script_arguments: Vec<Word>,
    /// What may be left before its end, with how the shell was there.
    pub(crate) leaving: super::shell::loops::Leaving,
    /// The next script is run by this shell itself: what it sets stays set.
    pub(crate) sourced: bool,
    /// The exported variables, as of the variables beside them.
    pub(crate) exports: Option<Exports>,
    /// Files that the call itself has written.
    pub(crate) written: Written,
    /// Files that were loaded, and how many bytes of them.
    pub(crate) loaded: (std::collections::BTreeMap<String, Loaded>, usize),
    /// The recipes and scripts that are being read just now, from the outside in.
    pub(crate) open: Vec<String>,
    /// Files that aren't there where the reader is now: a test has just looked.
    pub(crate) absent: Vec<String>,
    /// What the present command substitutes are the lines of a settings file: assignments.
    pub(crate) settings: bool,
    /// What is being read nobody knows to be run: for that, no file is looked at.
    pub(crate) guessing: bool,
    /// What of this machine is mounted in the new container that is being read; none in one that was there before.
    pub(crate) mounts: Option<Rc<[super::mounts::Mount]>>,
    /// What is read, nested as it is; only where somebody wants to know.
    pub outline: Option<Box<Outline>>,
}

impl<'a> Reader<'a> {
    /// A reader for one call.
    #[must_use]
    pub fn new(rules: &'static Rules, world: &'a World, files: &'a dyn Files) -> Self {
        Self {
            rules,
            world,
            files,
            actions: Vec::new(),
            fuel: FUEL,
            deadline: None,
            check: FUEL - CHECK,
            shell: super::shell::state::State::fresh(),
            power: None,
            script_arguments: Vec::new(),
            leaving: super::shell::loops::Leaving::default(),
            sourced: false,
            exports: None,
            written: Written::default(),
            loaded: Default::default(),
            open: Vec::new(),
            absent: Vec::new(),
            settings: false,
            guessing: false,
            mounts: None,
            outline: None,
        }
    }

    /// The scope of a whole call.
    #[must_use]
    pub fn top(&self) -> Scope {
        thread_local!(static FRESH: &'static (Shared<Origin>, Shared<Stdin>) = Box::leak(Box::default()));
        let (origin, stdin) = FRESH.with(|fresh| (*fresh).clone());
        Scope { cwd: Some(Rc::from(self.world.cwd.as_str())), origin, stdin, depth: 0, file: false }
    }

    /// Text of so many bytes is read for the first time: it pays for the work on it. Reading it again has to make do with that.
    pub fn earn(&mut self, bytes: usize) {
        // Once it is used up, it stays so.
        if self.fuel > 0 {
            let units = bytes as u64 * RATE;
            self.fuel += units;
            self.check += units;
        }
    }

    /// Pays for work. `false`: the budget is used up, and an opaque action says so.
    pub fn pay(&mut self, units: usize) -> bool {
        let units = units as u64;
        if self.fuel < units || self.fuel <= self.check && self.is_late() {
            self.exhaust();
            return false;
        }
        self.fuel -= units;
        true
    }

    /// Whether there is only just time left to judge what was read.
    fn is_late(&mut self) -> bool {
        self.check = self.fuel.saturating_sub(CHECK);
        self.deadline.get_or_insert_default().remaining() < MARGIN
    }

    /// Pays for words that are kept or copied.
    pub(crate) fn pay_for(&mut self, words: &[Word]) -> bool {
        let text = |word: &Word| -> usize { word.pieces.iter().map(Piece::len).sum() };
        let pieces: usize = words.iter().map(|word| word.pieces.len().max(1)).sum();
        self.pay(pieces * 8 + words.iter().map(text).sum::<usize>() / BYTES)
    }

    /// What is known of the program of this name, looked up once.
    pub(crate) fn known(&mut self, name: &str) -> Shared<Known> {
        // For a call after it, too, should this process judge several.
        thread_local!(static KNOWN: &'static RefCell<Programs> = Box::leak(Box::default()));
        KNOWN.with(|known| {
            let (of, programs) = &mut *known.borrow_mut();
            if !of.is_some_and(|of| std::ptr::eq(of, self.rules)) {
                programs.clear();
                *of = Some(self.rules);
            }
            if let Some(known) = programs.get(name) {
                return known.clone();
            }
            let known = Shared::from(self.rules.program(name));
            if programs.len() >= PROGRAMS {
                programs.clear();
            }
            programs.insert(name.to_owned(), known.clone());
            known
        })
    }

    /// Adds an action.
    pub fn push(&mut self, mut kind: Kind, origin: &Shared<Origin>) {
        if let Kind::File(file) = &mut kind {
            if file.does == Does::Write && self.is_absent(&file.place) {
                // What isn't there is only added to.
                file.does = Does::Append;
            }
            if let Some(mounts) = self.mounts.clone().filter(|_| origin.elsewhere) {
                return self.in_container(file, &mounts, origin);
            }
            self.pay(FILE);
        }
        self.add(Action { kind, origin: origin.clone() });
    }

    /// Keeps an action; of too many, only that there are too many.
    pub(crate) fn add(&mut self, action: Action) {
        if self.actions.len() >= ACTIONS {
            self.exhaust();
        } else {
            self.actions.push(action);
        }
    }

    /// The budget is used up, which is said once.
    fn exhaust(&mut self) {
        if self.fuel > 0 {
            self.fuel = 0;
            let kind = Kind::Opaque("limit");
            self.actions.push(Action { kind, origin: Shared::default() });
        }
    }

    fn is_absent(&self, place: &Place) -> bool {
        let special = matches!(place.zone.as_str(), "device" | "elsewhere");
        !self.absent.is_empty() && place.certain && !special && self.absent.contains(&place.path)
    }

    /// Adds an opaque action of this kind (`docs/rules.md` lists the kinds).
    pub fn opaque(&mut self, kind: &'static str, shown: &str, scope: &Scope) {
        let origin = scope.origin.showing(shown);
        // A script that lies there as a file is full of `"$@"` and `$CC`: that is how programs are written.
        let usual = scope.file
            && matches!(kind, "program" | "file" | "unnamed" | "eval" | "language" | "syntax" | "powershell");
        let kind = if usual { Kind::Code(String::new()) } else { Kind::Opaque(kind) };
        self.push(kind, &origin);
    }

    /// Adds an effect on a file that a word names.
    pub fn file(&mut self, does: Does, path: &Word, recursive: bool, origin: &Shared<Origin>, cwd: Option<&str>) {
        let place = Place::resolve(path, cwd, origin.elsewhere, self.world, self.rules);
        let file = FileAction { does, place, recursive, adds: None, removes: None, source: Source::Unsaid };
        self.push(Kind::File(file), origin);
    }

    /// Reads what is in a file that was there before the call.
    pub(crate) fn read_file(&mut self, language: Language, path: &str, text: &str, scope: &Scope) {
        self.outline_file(path);
        self.read(language, text, &Scope { file: true, ..scope.clone() });
    }

    /// Reads text in a language. `scope` says where it stands; the caller has put the program that runs it in
    /// `scope.origin.via`.
    pub fn read(&mut self, language: Language, text: &str, scope: &Scope) {
        let mut scope = self.outline_text(language, text, scope).unwrap_or_else(|| scope.clone());
        scope.depth += 1;
        if scope.depth > DEPTH || !self.pay(text.len() + 16) {
            return self.opaque("limit", text, &scope);
        }
        match language {
            Language::Shell => self.script(text, &scope),
            Language::Sql => self.sql(text, &scope),
            Language::Python
            | Language::Javascript
            | Language::Ruby
            | Language::Perl
            | Language::Php
            | Language::Awk
            | Language::Sed
            | Language::Mongo => self.code(language, text, &scope),
            Language::Powershell => self.powershell(text, &scope),
            Language::Cmd => self.cmd(text, &scope),
            Language::Encoded => self.encoded(text, &scope),
            Language::Graphql => self.graphql(text, &scope),
            Language::Redis => self.redis(text, &scope),
            Language::Command => self.words_of(text, &scope),
            Language::Ex => self.editor(text, &scope),
            Language::Options => self.option_lines(text, &scope),
            Language::Http
            | Language::Pipe
            | Language::Tool
            | Language::Opaque
            | Language::Script
            | Language::Goal
            | Language::Recipe
            | Language::Process
            | Language::Service => self.opaque("language", text, &scope),
        }
    }
}
