//! The reader: takes a call apart into actions, within bounds. Every language has a file of its own that adds methods here.

use super::action::{Action, FileAction, Kind, Origin};
use super::word::Word;
use crate::context::{Files, Place, World};
use crate::rules::index::Rules;
use crate::rules::model::{Does, Language};
use std::rc::Rc;

/// Nesting of languages (a shell in SQL in Python …) beyond which nothing is read any more.
pub(crate) const DEPTH: u8 = 24;
/// Work units a call may cost, beyond those that its length pays for.
const FUEL: u64 = 2_000_000;

/// Where a piece of text stands when it is read.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The working directory there; `None` if it can't be known.
    pub cwd: Option<Rc<str>>,
    /// What will be the [`Origin`] of the actions found.
    pub origin: Origin,
    /// What standard input gives.
    pub stdin: Stdin,
    /// How deeply nested it is.
    pub depth: u8,
    /// It is in a file of its own, which was there before the call: a program, not something put together for this call.
    pub file: bool,
}

/// What a command reads on standard input.
#[derive(Clone, Debug, Default)]
pub enum Stdin {
    /// Nothing, or the terminal.
    #[default]
    None,
    /// This text.
    Text(Word),
    /// The contents of this file.
    File(Word),
    /// Something that can't be known: the output of another program, or of a variable.
    Unknown,
}

/// Takes calls apart.
pub struct Reader<'a> {
    /// The rules, for the tables in them.
    pub rules: &'a Rules,
    /// What paths are resolved against.
    pub world: &'a World,
    /// Looks at files, within bounds.
    pub files: &'a dyn Files,
    /// What was found.
    pub actions: Vec<Action>,
    /// Work units left.
    pub fuel: u64,
    /// The state of the shell that is being evaluated.
    pub shell: super::shell::state::State,
    /// `$0` and the positional arguments of the next script.
    pub(crate) script_arguments: Vec<Word>,
    /// The next script is run by this shell itself: what it sets stays set.
    pub(crate) sourced: bool,
    /// Files that the call itself has written: what is in them, and the program that wrote it.
    pub(crate) written: std::collections::HashMap<String, (Stdin, String)>,
}

impl<'a> Reader<'a> {
    /// A reader for one call.
    #[must_use]
    pub fn new(rules: &'a Rules, world: &'a World, files: &'a dyn Files) -> Self {
        Self {
            rules,
            world,
            files,
            actions: Vec::new(),
            fuel: FUEL,
            shell: super::shell::state::State::default(),
            script_arguments: Vec::new(),
            sourced: false,
            written: std::collections::HashMap::new(),
        }
    }

    /// The scope of a whole call.
    #[must_use]
    pub fn top(&self) -> Scope {
        Scope {
            cwd: Some(Rc::from(self.world.cwd.as_str())),
            origin: Origin::default(),
            stdin: Stdin::None,
            depth: 0,
            file: false,
        }
    }

    /// Pays for work. `false`: the budget is used up, and an opaque action says so.
    pub fn pay(&mut self, units: usize) -> bool {
        let units = units as u64;
        if self.fuel < units {
            if self.fuel > 0 {
                self.fuel = 0;
                self.push(Kind::Opaque("limit"), &Rc::new(Origin::default()));
            }
            return false;
        }
        self.fuel -= units;
        true
    }

    /// Adds an action.
    pub fn push(&mut self, kind: Kind, origin: &Rc<Origin>) {
        self.actions.push(Action { kind, origin: Rc::clone(origin) });
    }

    /// Adds an opaque action of this kind (`docs/rules.md` lists the kinds).
    pub fn opaque(&mut self, kind: &'static str, shown: &str, scope: &Scope) {
        let mut origin = scope.origin.clone();
        origin.shown = shown.to_owned();
        // A script that lies there as a file is full of `"$@"` and `$CC`: that is how programs are written.
        let usual = scope.file && matches!(kind, "program" | "file" | "eval" | "language" | "syntax");
        let kind = if usual { Kind::Code(String::new()) } else { Kind::Opaque(kind) };
        self.push(kind, &Rc::new(origin));
    }

    /// Adds an effect on a file that a word names.
    pub fn file(&mut self, does: Does, path: &Word, recursive: bool, origin: &Rc<Origin>, cwd: Option<&str>) {
        let place = Place::resolve(path, cwd, origin.elsewhere, self.world, self.rules);
        let file = FileAction { does, place, recursive, adds: None, removes: None };
        self.push(Kind::File(file), origin);
    }

    /// Reads text in a language. `scope` says where it stands; the caller has put the program that runs it in
    /// `scope.origin.via`.
    pub fn read(&mut self, language: Language, text: &str, scope: &Scope) {
        let mut scope = scope.clone();
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
            Language::Powershell | Language::Cmd => self.powershell(text, &scope),
            Language::Graphql => self.graphql(text, &scope),
            Language::Redis => self.redis(text, &scope),
            Language::Command => self.words_of(text, &scope),
            Language::Http | Language::Tool | Language::Opaque => self.opaque("language", text, &scope),
        }
    }
}
