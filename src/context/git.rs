//! State of git repositories, read without running git: the index, refs and objects, and nothing that a repository
//! configures to be run.

mod asked;
mod before;
mod branches;
mod config;
mod find;
mod history;
mod ignore;
mod index;
mod kept;
mod objects;
mod pack;
mod push;
mod refs;
mod say;
mod stash;
mod tree;
mod untracked;
mod working;

use super::{Context, Seen, Stat};
use crate::read::action::Action;
use crate::rules::model::Fact;
use config::Config;
use find::Folders;
use ignore::Patterns;
use index::Index;
use objects::Objects;
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use tree::Staged;

/// The name of an object.
type Id = [u8; 20];

/// A repository, as far as it has been read.
#[derive(Debug)]
pub(super) struct Repository {
    folders: Folders,
    config: Config,
    objects: Objects,
    index: OnceCell<Option<Index>>,
    staged: OnceCell<Option<Staged>>,
    changes: OnceCell<Option<Vec<String>>>,
    packed: OnceCell<Option<BTreeMap<String, Id>>>,
    exclude: OnceCell<Patterns>,
    patterns: RefCell<HashMap<String, Rc<Patterns>>>,
}

/// Repositories that were read for this call, by the directories that they were looked up from.
#[derive(Debug, Default)]
pub(super) struct Known(RefCell<BTreeMap<String, Option<Rc<Repository>>>>);

/// What git knows of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It is tracked, and its content is that of the last commit.
    Committed,
    /// It is tracked, and differs from the last commit.
    Changed,
    /// It is in no commit.
    Untracked,
}

/// The repository whose working tree holds this absolute path.
pub(super) fn repository(path: &str, context: &Context<'_>) -> Option<Rc<Repository>> {
    let dir = path.rfind('/').map_or(path, |at| &path[..at.max(1)]);
    at(dir, context).filter(|repository| repository.folders.root.is_some())
}

/// The repository that git would find from this directory, whose path has no links in it.
fn at(dir: &str, context: &Context<'_>) -> Option<Rc<Repository>> {
    if let Some(known) = context.repositories.0.borrow().get(dir) {
        return known.clone();
    }
    let found = find::find(dir, context).and_then(|folders| {
        let same = |known: &&Rc<Repository>| known.folders == folders;
        let known = context.repositories.0.borrow().values().flatten().find(same).cloned();
        known.or_else(|| Repository::open(folders, context))
    });
    context.repositories.0.borrow_mut().insert(dir.to_owned(), found.clone());
    found
}

impl Repository {
    fn open(folders: Folders, context: &Context<'_>) -> Option<Rc<Self>> {
        let config = Config::load(&folders, context)?;
        Some(Rc::new(Self {
            folders,
            config,
            objects: Objects::default(),
            index: OnceCell::new(),
            staged: OnceCell::new(),
            changes: OnceCell::new(),
            packed: OnceCell::new(),
            exclude: OnceCell::new(),
            patterns: RefCell::default(),
        }))
    }

    fn index(&self, context: &Context<'_>) -> Option<&Index> {
        self.index.get_or_init(|| Index::load(&self.folders.own, context)).as_ref()
    }

    /// What is changed in the whole working tree, staged or not. `None`: not everything could be looked at.
    fn all_changes(&self, context: &Context<'_>) -> Option<&Vec<String>> {
        self.changes.get_or_init(|| self.changes(None, 0, context)).as_ref()
    }

    /// A path from the root of the working tree.
    fn inside<'a>(&self, path: &'a str) -> Option<&'a str> {
        let root = self.folders.root.as_deref()?.trim_end_matches('/');
        path.strip_prefix(root)?.strip_prefix('/').filter(|path| !path.is_empty())
    }

    /// What git knows of a file, by its absolute path and what the file system says of it.
    pub(super) fn state(&self, path: &str, stat: &Stat, context: &Context<'_>) -> State {
        let (Some(inside), Some(index)) = (self.inside(path), self.index(context)) else { return State::Untracked };
        let Some(entry) = index.entry(inside.as_bytes()) else { return State::Untracked };
        let in_commit = self.staged(context).is_some_and(|staged| !staged.changed.contains(inside.as_bytes()));
        if in_commit && entry.whole && self.same(index, entry, path, stat, context, 0) {
            State::Committed
        } else {
            State::Changed
        }
    }

    /// Whether git ignores a path: its rules for that fit, and it isn't tracked.
    pub(super) fn ignores(&self, path: &str, directory: bool, context: &Context<'_>) -> bool {
        let Some(inside) = self.inside(path) else { return false };
        let tracked = |index: &Index| index.entry(inside.as_bytes()).is_some();
        self.index(context).is_some_and(|index| !tracked(index)) && self.ignored(inside, directory, context)
    }
}

/// What is seen of a fact.
pub(super) fn look(fact: Fact, action: &Action, context: &Context<'_>) -> Seen {
    let seen = match fact {
        Fact::CleanTree => kept::clean_tree(action, context),
        Fact::CleanPaths => kept::clean_paths(action, context),
        Fact::NothingUntracked => kept::nothing_untracked(action, context),
        Fact::CleanWorktree => kept::clean_worktree(action, context),
        Fact::Committed => kept::committed(action, context),
        Fact::Ignored => kept::ignored(action, context),
        Fact::Merged => branches::merged(action, context),
        Fact::MergedThere => push::merged_there(action, context),
        Fact::LeavesCommits => branches::leaves(action, context),
        Fact::Stash => stash::look(action, context),
        Fact::NoStash => stash::none(action, context),
        _ => push::look(fact, action, context),
    };
    seen.unwrap_or_default()
}

/// The figures of a name.
fn hex(id: &Id) -> String {
    use std::fmt::Write;
    id.iter().fold(String::with_capacity(40), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The name that figures are.
fn id_of(text: &str) -> Option<Id> {
    if text.len() != 40 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut id = [0; 20];
    for (at, byte) in id.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).ok()?;
    }
    Some(id)
}

#[cfg(all(test, unix))]
mod tests;
