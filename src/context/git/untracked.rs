//! What is untracked in a working tree.

use super::Repository;
use super::asked::Paths;
use crate::context::{Context, Kind, join};

/// The deepest directories that are gone into.
const DEEP: usize = 128;
/// The most names that are kept.
pub(super) const NAMES: usize = 8;

/// Which of what is untracked.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Which {
    /// What git ignores as well (`-x`).
    pub(super) ignored: bool,
    /// Only what git ignores (`-X`).
    pub(super) only_ignored: bool,
    /// What is in directories without tracked files as well (`-d`).
    pub(super) directories: bool,
    /// Repositories of their own as well (`-ff`).
    pub(super) repositories: bool,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// How many files.
    pub(super) files: usize,
    /// The first of them, or the directories that they are in, from the root of the working tree.
    pub(super) names: Vec<String>,
    /// Everything was looked at.
    pub(super) whole: bool,
}

impl Repository {
    /// What is untracked among these paths.
    pub(super) fn untracked(&self, paths: &Paths, which: Which, context: &Context<'_>) -> Option<Found> {
        let root = self.folders.root.as_deref()?;
        self.index(context)?;
        let mut found = Found { whole: true, ..Found::default() };
        let mut walk = Walk { repository: self, root, paths, which, found: &mut found, context };
        walk.directory("", 0);
        found.names.sort_unstable();
        Some(found)
    }
}

struct Walk<'a> {
    repository: &'a Repository,
    root: &'a str,
    paths: &'a Paths,
    which: Which,
    found: &'a mut Found,
    context: &'a Context<'a>,
}

impl Walk<'_> {
    fn list(&mut self, dir: &str) -> Vec<(String, Kind)> {
        let mut names = Vec::new();
        let mut paid = true;
        let read = self.context.files.list(&join(self.root, dir), &mut |name, kind| {
            names.push((if dir.is_empty() { name.to_owned() } else { format!("{dir}/{name}") }, kind));
            paid = self.context.budget.pay();
            paid
        });
        self.found.whole &= read && paid;
        names
    }

    /// A directory with tracked files in it.
    fn directory(&mut self, dir: &str, depth: usize) {
        if depth > DEEP {
            self.found.whole = false;
            return;
        }
        let Some(index) = self.repository.index(self.context) else { return };
        for (path, kind) in self.list(dir) {
            // Enough has been looked at.
            if !self.found.whole {
                return;
            }
            if path == ".git" || !self.paths.reaches(&path) || index.entry(path.as_bytes()).is_some() {
                continue;
            }
            if kind == Kind::Directory && !index.below(path.as_bytes()).is_empty() {
                self.directory(&path, depth + 1);
                continue;
            }
            let before = self.found.files;
            let ignored = self.repository.ignored_itself(&path, kind == Kind::Directory, self.context);
            let name = if kind == Kind::Directory { format!("{path}/") } else { path.clone() };
            self.anything(&path, kind, ignored, depth + 1);
            if self.found.files > before && self.found.names.len() < NAMES {
                self.found.names.push(name);
            }
        }
    }

    /// Something without tracked files in it.
    fn anything(&mut self, path: &str, kind: Kind, ignored: bool, depth: usize) {
        let wanted = if ignored { self.which.ignored || self.which.only_ignored } else { !self.which.only_ignored };
        if kind != Kind::Directory {
            self.found.files += usize::from(wanted && self.paths.has(path));
            return;
        }
        if depth > DEEP {
            self.found.whole = false;
            return;
        }
        let goes_in = self.which.directories || !self.paths.has(path);
        if ignored && !wanted || !goes_in {
            return;
        }
        let below = self.list(path);
        let nested = below.iter().any(|(below, _)| below.rsplit('/').next() == Some(".git"));
        if nested && !self.which.repositories {
            return;
        }
        for (below, kind) in below {
            if !self.found.whole {
                return;
            }
            if self.paths.reaches(&below) {
                let ignored = ignored || self.repository.ignored_itself(&below, kind == Kind::Directory, self.context);
                self.anything(&below, kind, ignored, depth + 1);
            }
        }
    }
}
