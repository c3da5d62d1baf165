//! The working tree against the index: which files differ, and what is untracked.

use super::index::{Entry, Index};
use super::objects::{Kind as Object, digest};
use super::{Repository, at};
use crate::context::budget::ENTRIES;
use crate::context::{Context, Kind, Stat, join};

/// The largest file whose content is compared, in bytes.
const LARGEST: u64 = 8 << 20;
/// Working trees in working trees.
const NESTED: usize = 4;

/// How a tracked file compares with the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum File {
    Same,
    Missing,
    Different,
}

impl Repository {
    /// How a tracked file compares with the index.
    pub(super) fn compare(
        &self,
        index: &Index,
        entry: &Entry,
        path: &str,
        context: &Context<'_>,
        depth: usize,
    ) -> File {
        match context.files.stat(path) {
            None => File::Missing,
            Some(stat) if self.same(index, entry, path, &stat, context, depth) => File::Same,
            Some(_) => File::Different,
        }
    }

    /// Whether what lies there is what the index has.
    pub(super) fn same(
        &self,
        index: &Index,
        entry: &Entry,
        path: &str,
        stat: &Stat,
        context: &Context<'_>,
        depth: usize,
    ) -> bool {
        match (entry.mode, stat.kind) {
            (0o160_000, Kind::Directory) => self.same_repository(entry, path, context, depth),
            (0o120_000, Kind::Link) => {
                index.is_untouched(entry, stat)
                    || context.files.link(path).is_some_and(|link| digest(Object::Blob, link.as_bytes()) == entry.id)
            }
            (mode @ (0o100_644 | 0o100_755), Kind::File) => {
                let executable = mode == 0o100_755;
                if executable != stat.executable && !self.config.is_off("core.filemode") {
                    return false;
                }
                index.is_untouched(entry, stat) || same_content(entry, path, stat, context)
            }
            _ => false,
        }
    }

    /// A repository in the working tree: on the commit that is noted, and clean itself.
    fn same_repository(&self, entry: &Entry, path: &str, context: &Context<'_>, depth: usize) -> bool {
        if context.files.stat(&join(path, ".git")).is_none() {
            // It isn't checked out.
            return true;
        }
        if depth >= NESTED {
            return false;
        }
        let Some(inner) = at(path, context) else { return false };
        inner.folders.root.as_deref() == Some(path)
            && inner.reference("HEAD", context) == Some(entry.id)
            && inner.changes(None, depth + 1, context).is_some_and(|changes| changes.is_empty())
    }

    /// What is changed in the working tree, staged or not, by paths from its root; only below these paths, if any are
    /// given. `None`: not everything could be looked at.
    pub(super) fn changes(
        &self,
        only: Option<&dyn Fn(&str) -> bool>,
        depth: usize,
        context: &Context<'_>,
    ) -> Option<Vec<String>> {
        let staged = self.staged(context)?;
        let mut changes = self.unstaged(only, depth, context)?;
        for path in staged.changed.iter().chain(&staged.removed) {
            let path = String::from_utf8_lossy(path).into_owned();
            if only.is_none_or(|only| only(&path)) && !changes.contains(&path) {
                changes.push(path);
            }
        }
        changes.sort_unstable();
        Some(changes)
    }

    /// Files that differ from the index. `None`: not all could be looked at.
    pub(super) fn unstaged(
        &self,
        only: Option<&dyn Fn(&str) -> bool>,
        depth: usize,
        context: &Context<'_>,
    ) -> Option<Vec<String>> {
        let root = self.folders.root.as_deref()?;
        let index = self.index(context)?;
        // So many can't be looked at: why begin?
        if only.is_none() && index.entries.len() > ENTRIES as usize {
            return None;
        }
        let mut changes: Vec<String> = Vec::new();
        let mut whole = format!("{}/", root.trim_end_matches('/'));
        let start = whole.len();
        for entry in &index.entries {
            // Names that aren't UTF-8 can't be looked up.
            let path = std::str::from_utf8(index.path(entry)).ok()?;
            if only.is_some_and(|only| !only(path)) {
                continue;
            }
            if !context.budget.pay() {
                return None;
            }
            whole.truncate(start);
            whole.push_str(path);
            let differs = match self.compare(index, entry, &whole, context, depth) {
                File::Same => !entry.whole,
                // To bring a file back by its name loses nothing.
                File::Missing => !entry.skipped && only.is_none(),
                File::Different => true,
            };
            if differs && changes.last().is_none_or(|last| last != path) {
                changes.push(path.to_owned());
            }
        }
        Some(changes)
    }
}

fn same_content(entry: &Entry, path: &str, stat: &Stat, context: &Context<'_>) -> bool {
    if stat.size > LARGEST || context.budget.is_late() {
        return false;
    }
    #[expect(clippy::cast_possible_truncation, reason = "it is not large")]
    let size = stat.size as usize;
    context
        .files
        .part(path, 0, size + 1)
        .is_some_and(|content| content.len() == size && digest(Object::Blob, &content) == entry.id)
}
