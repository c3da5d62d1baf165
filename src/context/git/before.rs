//! What a call does before the part of it that a fact is about: what is seen now need not be so by then.

use super::Repository;
use super::find::real;
use crate::context::Context;
use crate::context::made::copies;
use crate::read::action::{Action, Kind};
use crate::rules::matching::findings_beside;
use crate::rules::model::{Class, Does};

/// What must still be so when an action begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stays {
    /// The files of the working tree.
    Tree,
    /// Which branch is checked out, and what the remote is known to have.
    Remote,
    /// What other branches hold.
    Branches,
    /// What is stashed.
    Stashes,
}

impl Stays {
    /// Subcommands after which it still is so. On a clean tree, what comes out of commits leaves it clean.
    fn kept_by(self) -> &'static [&'static str] {
        match self {
            Self::Tree => &["fetch", "ls-remote", "checkout", "switch", "pull", "push"],
            Self::Remote => {
                &["add", "commit", "rebase", "reset", "merge", "cherry-pick", "revert", "stash", "restore", "tag"]
            }
            // By their settings or hooks, others stash what is in their way, and may leave it there.
            Self::Stashes => &["fetch", "add", "tag", "ls-remote"],
            Self::Branches => {
                &["fetch", "pull", "checkout", "switch", "push", "add", "commit", "merge", "stash", "worktree"]
            }
        }
    }
}

/// Whether nothing that the call does before an action, or may do, changes that.
pub(super) fn stays(what: Stays, action: &Action, repository: &Repository, context: &Context<'_>) -> bool {
    others(action, context).all(|other| context.budget.pay() && keeps(what, other, repository, context))
}

/// Whether the call has done one of these subcommands before.
pub(super) fn after(commands: &[&str], action: &Action, context: &Context<'_>) -> bool {
    others(action, context).any(|other| is_one_of(commands, other, action))
}

/// What comes before an action; everything else, where it may come round again or runs at another time.
fn others<'a>(action: &'a Action, context: &Context<'a>) -> impl Iterator<Item = &'a Action> {
    let call = context.call;
    let ordered = !action.origin.again && action.origin.via.is_empty();
    let count = if ordered { context.position(action) } else { call.len() };
    // What the command itself does to files stands in front of it.
    let own = |other: &Action| matches!(other.kind, Kind::File(_)) && other.origin.shown == action.origin.shown;
    call[..count].iter().filter(move |other| !std::ptr::eq(*other, action) && !own(other))
}

fn keeps(what: Stays, other: &Action, repository: &Repository, context: &Context<'_>) -> bool {
    match &other.kind {
        Kind::Nothing => true,
        Kind::File(file) if file.does == Does::Read => true,
        Kind::File(file) => {
            let place = &file.place;
            if place.zone == "null" || what != Stays::Tree && place.certain && place.zone != "vcs" {
                return true;
            }
            let Some(path) = real(&place.path, context).filter(|_| place.certain) else { return false };
            let folders = &repository.folders;
            let mut kept = [Some(&folders.own), Some(&folders.common), folders.root.as_ref()].into_iter().flatten();
            let apart = |dir: &String| {
                let below = |path: &str, dir: &str| {
                    path.strip_prefix(dir).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                };
                !below(&path, dir) && !below(dir, &path)
            };
            kept.all(apart)
        }
        Kind::Run(_) if context.is_beside() => false,
        Kind::Run(inv) => {
            let found = findings_beside(other, context);
            let worst = found.iter().map(|finding| finding.rule.class).max();
            let command = inv.operands.first().and_then(|operand| operand.word.known());
            let kept = inv.known.tables.iter().any(|table| !table.directory.is_empty())
                && inv.trusted
                && worst.is_none_or(|worst| worst <= Class::Ordinary || what == Stays::Remote)
                && command.is_some_and(|command| what.kept_by().contains(&command));
            // Where a copy goes to is looked at by itself.
            let copies = worst.is_none() && what == Stays::Tree && copies(other, inv, context);
            worst == Some(Class::Observe) || kept || copies
        }
        _ => false,
    }
}

fn is_one_of(commands: &[&str], other: &Action, action: &Action) -> bool {
    let (Kind::Run(one), Kind::Run(this)) = (&other.kind, &action.kind) else { return false };
    one.name == this.name
        && one.operands.first().and_then(|operand| operand.word.known()).is_none_or(|word| commands.contains(&word))
}
