//! Trees: what a commit holds, against the index and against another commit.

use super::index::{Bytes, Cached, Index};
use super::objects::Kind;
use super::{Id, Repository};
use crate::context::Context;
use std::collections::BTreeSet;
use std::ops::Range;

/// The deepest directories that are compared.
const DEEP: usize = 128;
/// What the mode of a directory is.
const DIRECTORY: u32 = 0o040_000;

/// A name in a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) name: Vec<u8>,
    pub(super) mode: u32,
    pub(super) id: Id,
}

impl Named {
    pub(super) fn is_directory(&self) -> bool {
        self.mode == DIRECTORY
    }
}

/// What is called with a path, what is there, and what another tree has there.
pub(super) type Each<'a> = dyn FnMut(&[u8], &Named, Option<&Named>) -> bool + 'a;

/// Paths in which the index differs from a commit.
#[derive(Clone, Debug, Default)]
pub(super) struct Staged {
    /// What is in the index, otherwise than in the commit.
    pub(super) changed: BTreeSet<Vec<u8>>,
    /// What is only in the commit; a directory may stand for all that was in it.
    pub(super) removed: BTreeSet<Vec<u8>>,
}

impl Repository {
    /// What is in a tree, in the order of git.
    pub(super) fn tree(&self, id: &Id, context: &Context<'_>) -> Option<Vec<Named>> {
        let data = self.objects.load(id, Kind::Tree, &self.folders.common, context)?;
        let mut bytes = Bytes { bytes: &data, at: 0 };
        let mut names = Vec::new();
        while bytes.at < data.len() {
            let mode = u32::from_str_radix(std::str::from_utf8(bytes.text(b' ')?).ok()?, 8).ok()?;
            let name = bytes.text(0)?.to_vec();
            let id = bytes.take(20)?.try_into().ok()?;
            if name.is_empty() || name.contains(&b'/') || name == b"." || name == b".." {
                return None;
            }
            names.push(Named { name, mode, id });
        }
        Some(names)
    }

    /// In what the index differs from the commit that is checked out. `None`: that can't be told.
    pub(super) fn staged(&self, context: &Context<'_>) -> Option<&Staged> {
        let compare = || {
            let index = self.index(context)?;
            let mut staged = Staged::default();
            let Some(tree) = self.head_tree(context)? else {
                staged.changed = index.entries.iter().map(|entry| index.path(entry).to_vec()).collect();
                return Some(staged);
            };
            let all = 0..index.entries.len();
            let mut compare = Compare { repository: self, index, staged: &mut staged, context };
            compare.directory(&tree, Some(&index.cached), all, &mut Vec::new(), 0)?;
            // The versions of a conflict, and what is only announced, are in no commit.
            let open = index.entries.iter().filter(|entry| !entry.whole).map(|entry| index.path(entry).to_vec());
            staged.changed.extend(open);
            Some(staged)
        };
        self.staged.get_or_init(compare).as_ref()
    }

    /// Calls `each` with every path of a tree that another tree (`None`: nothing at all) has otherwise or not at all:
    /// the path, what is there, and whether the other has something of that kind. Directories are gone into where `each`
    /// says so. `None`: not everything could be read.
    pub(super) fn beyond(
        &self,
        tree: &Id,
        other: Option<&Id>,
        path: &mut Vec<u8>,
        context: &Context<'_>,
        each: &mut Each<'_>,
    ) -> Option<()> {
        if Some(tree) == other {
            return Some(());
        }
        if path.iter().filter(|byte| **byte == b'/').count() > DEEP {
            return None;
        }
        let mine = self.tree(tree, context)?;
        let theirs = match other {
            Some(other) => self.tree(other, context)?,
            None => Vec::new(),
        };
        for named in &mine {
            let same = theirs.iter().find(|other| other.name == named.name);
            if same.is_some_and(|same| same.id == named.id && same.mode == named.mode) {
                continue;
            }
            if !context.budget.pay() {
                return None;
            }
            let length = path.len();
            path.extend_from_slice(&named.name);
            if each(path, named, same) && named.is_directory() {
                path.push(b'/');
                let other = same.filter(|same| same.is_directory()).map(|same| &same.id);
                self.beyond(&named.id, other, path, context, each)?;
            }
            path.truncate(length);
        }
        Some(())
    }

    /// How many files one tree has otherwise than another, or not at all.
    pub(super) fn count_beyond(&self, tree: &Id, other: Option<&Id>, context: &Context<'_>) -> Option<usize> {
        let mut count = 0;
        self.beyond(tree, other, &mut Vec::new(), context, &mut |_, named, _| {
            count += usize::from(!named.is_directory());
            true
        })?;
        Some(count)
    }
}

struct Compare<'a> {
    repository: &'a Repository,
    index: &'a Index,
    staged: &'a mut Staged,
    context: &'a Context<'a>,
}

impl Compare<'_> {
    fn directory(
        &mut self,
        tree: &Id,
        cached: Option<&Cached>,
        range: Range<usize>,
        path: &mut Vec<u8>,
        depth: usize,
    ) -> Option<()> {
        if cached.and_then(|cached| cached.tree) == Some((range.len(), *tree)) {
            return Some(());
        }
        if depth > DEEP {
            return None;
        }
        let length = path.len();
        let mut at = range.start;
        for named in self.repository.tree(tree, self.context)? {
            if !self.context.budget.pay() {
                return None;
            }
            path.truncate(length);
            path.extend_from_slice(&named.name);
            if named.is_directory() {
                path.push(b'/');
            }
            while at < range.end && self.path(at) < path.as_slice() {
                self.changed(at);
                at += 1;
            }
            if named.is_directory() {
                let from = at;
                while at < range.end && self.path(at).starts_with(path) {
                    at += 1;
                }
                if from == at {
                    self.staged.removed.insert(path[..path.len() - 1].to_vec());
                } else {
                    let below = cached.and_then(|cached| cached.below(&named.name));
                    self.directory(&named.id, below, from..at, path, depth + 1)?;
                }
            } else if at < range.end && self.path(at) == path.as_slice() {
                let entry = &self.index.entries[at];
                if entry.id != named.id || entry.mode != normal(named.mode) || !entry.whole {
                    self.changed(at);
                }
                at += 1;
            } else {
                self.staged.removed.insert(path.clone());
            }
        }
        path.truncate(length);
        (at..range.end).for_each(|at| self.changed(at));
        Some(())
    }

    fn path(&self, at: usize) -> &[u8] {
        self.index.path(&self.index.entries[at])
    }

    fn changed(&mut self, at: usize) {
        let path = self.path(at).to_vec();
        self.staged.changed.insert(path);
    }
}

/// The mode of a file as the index has it: old repositories have others.
fn normal(mode: u32) -> u32 {
    match mode & 0o170_000 {
        0o100_000 if mode & 0o100 != 0 => 0o100_755,
        0o100_000 => 0o100_644,
        kind => kind,
    }
}
