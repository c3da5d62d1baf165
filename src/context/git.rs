//! State of git repositories, read without running git: the index, refs and objects, and nothing that a repository
//! configures to be run.

use super::{Context, Seen, Stat};
use crate::read::action::Action;
use crate::rules::model::Fact;
use std::rc::Rc;

/// A repository, as far as it has been read.
#[derive(Debug)]
pub(super) struct Repository {}

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
pub(super) fn repository(_path: &str, _context: &Context<'_>) -> Option<Rc<Repository>> {
    None
}

impl Repository {
    /// What git knows of a file, by its absolute path and what the file system says of it.
    pub(super) fn state(&self, _path: &str, _stat: &Stat, _context: &Context<'_>) -> State {
        State::Untracked
    }

    /// Whether git ignores a path.
    pub(super) fn ignores(&self, _path: &str, _directory: bool, _context: &Context<'_>) -> bool {
        false
    }
}

/// What is seen of a fact.
pub(super) fn look(_fact: Fact, _action: &Action, _context: &Context<'_>) -> Seen {
    Seen::default()
}
