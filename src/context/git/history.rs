//! Commits, and what can be reached from where.

use super::objects::Kind;
use super::{Id, Repository, id_of};
use crate::context::{Context, join};
use std::collections::{BinaryHeap, HashMap};

/// Tags of tags, in a row.
const TAGS: usize = 5;

/// A commit.
#[derive(Clone, Debug)]
pub(super) struct Commit {
    pub(super) tree: Id,
    pub(super) parents: Vec<Id>,
    /// When it was made, in seconds since 1970-01-01.
    pub(super) at: i64,
    /// The first line of its message.
    pub(super) subject: String,
}

/// Commits that can be reached from one side only.
#[derive(Clone, Debug, Default)]
pub(super) struct Apart {
    /// Their names and first lines, the newest first.
    pub(super) commits: Vec<(Id, String)>,
    /// The two sides have a commit in common.
    pub(super) related: bool,
}

const MINE: u8 = 1;
const OTHER: u8 = 2;

impl Repository {
    /// A commit.
    pub(super) fn commit(&self, id: &Id, context: &Context<'_>) -> Option<Commit> {
        parse(&self.objects.load(id, Kind::Commit, &self.folders.common, context)?)
    }

    /// The commit that an object is, or that a tag names.
    pub(super) fn peeled(&self, mut id: Id, context: &Context<'_>) -> Option<Id> {
        for _ in 0..TAGS {
            match self.objects.any(&id, &self.folders.common, context)? {
                (Kind::Commit, _) => return Some(id),
                (Kind::Tag, data) => {
                    let text = std::str::from_utf8(data.strip_prefix(b"object ")?.get(..40)?).ok()?;
                    id = id_of(text)?;
                }
                _ => return None,
            }
        }
        None
    }

    /// The tree of the commit that is checked out. `Some(None)`: there is no commit yet.
    pub(super) fn head_tree(&self, context: &Context<'_>) -> Option<Option<Id>> {
        match self.reference("HEAD", context) {
            Some(id) => Some(Some(self.commit(&id, context)?.tree)),
            // A branch without a commit, or one that can't be read.
            None => {
                let branch = self.head_branch(context)?;
                let nothing = context.files.stat(&join(&self.folders.common, &branch)).is_none();
                nothing.then_some(None)
            }
        }
    }

    /// Whether the history was cut off when it was fetched.
    pub(super) fn is_shallow(&self, context: &Context<'_>) -> bool {
        context.files.stat(&join(&self.folders.common, "shallow")).is_some()
    }

    /// What can be reached from `mine` and not from `others`. `None`: not all of it can be read, or not in time.
    pub(super) fn apart(&self, mine: &[Id], others: &[Id], context: &Context<'_>) -> Option<Apart> {
        let mut marks: HashMap<Id, u8> = HashMap::new();
        let mut queue: BinaryHeap<(i64, Id)> = BinaryHeap::new();
        let mut known: HashMap<Id, Commit> = HashMap::new();
        let cut = self.is_shallow(context);
        let mut open = 0_usize;
        for (ids, mark) in [(mine, MINE), (others, OTHER)] {
            for id in ids {
                let marked = marks.entry(*id).or_default();
                *marked |= mark;
                if !known.contains_key(id) {
                    let commit = self.commit(id, context)?;
                    queue.push((commit.at, *id));
                    known.insert(*id, commit);
                }
            }
        }
        let mut related = false;
        let mut order: Vec<Id> = Vec::new();
        loop {
            // Done, once nothing is left that only `mine` reaches.
            open = open.saturating_sub(1);
            if open == 0 {
                open = queue.iter().filter(|(_, id)| marks.get(id) == Some(&MINE)).count();
                if open == 0 && (related || cut || mine.is_empty() || others.is_empty()) {
                    break;
                }
            }
            let Some((_, id)) = queue.pop() else { break };
            if !context.budget.pay() {
                return None;
            }
            let mark = marks.get(&id).copied().unwrap_or_default();
            related |= mark == MINE | OTHER;
            if mark == MINE {
                order.push(id);
            }
            let parents = known.get(&id).map(|commit| commit.parents.clone()).unwrap_or_default();
            for parent in parents {
                let marked = marks.entry(parent).or_default();
                if *marked | mark == *marked {
                    continue;
                }
                *marked |= mark;
                let at = match known.get(&parent) {
                    Some(commit) => commit.at,
                    None => match self.commit(&parent, context) {
                        Some(commit) => {
                            let at = commit.at;
                            known.insert(parent, commit);
                            at
                        }
                        // Where the history was cut off, it ends.
                        None if cut => continue,
                        None => return None,
                    },
                };
                queue.push((at, parent));
            }
        }
        let subject = |id: &Id| known.get(id).map(|commit| commit.subject.clone()).unwrap_or_default();
        let only = order.iter().filter(|id| marks.get(*id) == Some(&MINE));
        let commits = only.map(|id| (*id, subject(id))).collect();
        Some(Apart { commits, related: related || cut })
    }
}

fn parse(data: &[u8]) -> Option<Commit> {
    let end = data.windows(2).position(|pair| pair == b"\n\n").unwrap_or(data.len());
    let head = String::from_utf8_lossy(&data[..end]);
    let message = String::from_utf8_lossy(data.get(end + 2..).unwrap_or_default());
    let subject = message.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_owned();
    let mut commit = Commit { tree: [0; 20], parents: Vec::new(), at: 0, subject };
    let mut lines = head.lines();
    commit.tree = id_of(lines.next()?.strip_prefix("tree ")?)?;
    for line in lines {
        if let Some(parent) = line.strip_prefix("parent ") {
            commit.parents.push(id_of(parent)?);
        } else if let Some(committer) = line.strip_prefix("committer ") {
            commit.at = committer.rsplit(' ').nth(1).and_then(|at| at.parse().ok()).unwrap_or_default();
            break;
        }
    }
    Some(commit)
}
