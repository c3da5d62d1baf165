//! What happened earlier in the session, and earlier in the same call: what was copied and moved before something is
//! deleted, and what was refused before it is tried again.

mod copies;

use super::{Context, Kind as Lies, Seen};
use crate::memory::{Copied, Entry, What};
use crate::read::action::{Action, FileAction, Kind};
use crate::rules::glob;
use crate::rules::model::{Does, Fact};
pub(crate) use copies::Here;
pub(super) use copies::here;

/// The most directories within each other in which files are counted.
const DEEP: usize = 32;

/// What is seen of a fact.
pub(super) fn look(fact: Fact, action: &Action, context: &Context<'_>) -> Seen {
    match fact {
        Fact::CopiedFrom => copied_from(action, context).unwrap_or_default(),
        _ => Seen { holds: crate::policy::again::was_denied(action, context), says: None },
    }
}

/// When it happened.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    /// In this very call, before.
    Here,
    /// So many seconds ago.
    Ago(u64),
}

impl std::fmt::Display for When {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Here => f.write_str("in this very call"),
            Self::Ago(seconds) => f.write_str(&ago(*seconds)),
        }
    }
}

/// How long ago, in words.
pub(crate) fn ago(seconds: u64) -> String {
    let of = |count: u64, what: &str| format!("{count} {what}{} ago", if count == 1 { "" } else { "s" });
    match seconds {
        0..60 => "less than a minute ago".to_owned(),
        60..5_400 => of(seconds / 60, "minute"),
        _ => of((seconds + 1_800) / 3_600, "hour"),
    }
}

/// What is known of the things that are deleted: where else they are, and whether that is the only place.
fn copied_from(action: &Action, context: &Context<'_>) -> Option<Seen> {
    let deleted = deleted(action);
    if deleted.is_empty() {
        return None;
    }
    let here = context.copies();
    if here.is_empty() && context.memory().is_empty() {
        return None;
    }
    // Its place in the call: what stands behind it hasn't happened yet.
    let at = context.position(action);
    let before = here.iter().filter(|here| here.at < at).map(|here| (When::Here, &here.copied));
    // A hook that is registered twice judges the same call twice.
    let same = |copied: &Copied| here.iter().any(|here| here.copied == *copied);
    let earlier = context.memory().iter().rev().filter_map(|entry: &Entry| match &entry.what {
        What::Copied(copied) if !same(copied) => Some((When::Ago(entry.age()), copied)),
        _ => None,
    });
    let mut told: Option<Seen> = None;
    for (when, copied) in before.chain(earlier) {
        for path in &deleted {
            match weigh(path, when, copied, action, context) {
                Some(seen) if seen.holds => return Some(seen),
                seen => told = told.or(seen),
            }
        }
    }
    told
}

/// The paths and addresses that an action deletes, with all below them.
fn deleted(action: &Action) -> Vec<&str> {
    match &action.kind {
        Kind::File(FileAction { does: Does::Delete, place, .. }) if !place.path.contains('…') => {
            vec![place.path.as_str()]
        }
        Kind::Run(inv) => {
            let addresses = inv.operands.iter().filter_map(|operand| operand.word.known());
            addresses.filter(|text| text.contains("://")).map(copies::bare).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether deleting this takes that with it.
fn covers(deleted: &str, path: &str) -> bool {
    let below = |path: &str| path.strip_prefix(deleted).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if deleted.contains(['*', '?', '[']) { glob::matches(deleted, path) } else { below(path) }
}

/// What one copy or move says of a path that is deleted.
fn weigh(path: &str, when: When, copied: &Copied, action: &Action, context: &Context<'_>) -> Option<Seen> {
    let files = context.files;
    let shown = &copied.shown;
    let taken = copied.to.iter().find(|to| covers(path, to));
    let left = copied.from.iter().find(|from| covers(path, from));
    let there = |path: &str| files.stat(path).is_some();
    let seen = |holds: bool, says: String| Some(Seen { holds, says: Some(says) });
    if let Some(to) = taken {
        let known = to.starts_with('/') && when != When::Here;
        // What isn't there any more can't be lost here; what is back at its source neither.
        if known && !copied.to.iter().any(|to| covers(path, to) && there(to)) {
            return None;
        }
        let back = known && !copied.contents && !copied.from.is_empty() && copied.from.iter().all(|from| there(from));
        return match (copied.backup, copied.moved) {
            (true, _) => {
                let temporary = matches!(&action.kind, Kind::File(file) if file.place.zone.starts_with("temporary"));
                seen(when != When::Here && !temporary, format!("it holds the backup that was made {when}: `{shown}`"))
            }
            (_, true) if back => None,
            (_, true) => seen(true, format!("files were moved there {when}: `{shown}`")),
            // A copy is needed only where there is nothing else.
            _ if when == When::Here || !to.starts_with('/') || copied.from.iter().any(|from| there(from)) => None,
            _ => seen(true, format!("it holds the only copy, made {when}, of what is gone from its place: `{shown}`")),
        };
    }
    let from = left?;
    let to = copied.to.first()?;
    if !from.starts_with('/') || !to.starts_with('/') || when == When::Here {
        let word = if copied.moved { "moved" } else { "copied" };
        // What can't be deleted if the copy failed is as safe as a copy can be.
        return seen(true, format!("{word} {when}, and nobody has looked whether it arrived: `{shown}`"));
    }
    if copied.moved {
        let still = !copied.contents && there(from);
        let says = format!("it was moved away {when}, and is still there, so that didn't work: `{shown}`");
        return if still { seen(true, says) } else { None };
    }
    let held = copied.to.iter().rev().find(|to| there(to));
    let Some(held) = held else {
        return seen(true, format!("it was copied {when}, but the copy isn't there: `{shown}`"));
    };
    match arrived(from, held, context) {
        Some((own, copy)) if copy >= own => {
            seen(false, format!("it was copied {when}, and all {own} files are there: `{shown}`"))
        }
        Some((own, copy)) => seen(true, format!("it was copied {when}, but {copy} of {own} files arrived: `{shown}`")),
        None => {
            seen(true, format!("it was copied {when}, and there is too much to look whether it arrived: `{shown}`"))
        }
    }
}

/// How many files there are at a path, and how many of them lie at its copy under the same name with the same size. `None`:
/// more than may be looked at.
fn arrived(path: &str, copy: &str, context: &Context<'_>) -> Option<(usize, usize)> {
    let files = context.files;
    let alike = |one: &str, other: &str| {
        let of = |path: &str| files.stat(path).map(|data| (data.kind, data.size));
        of(one).is_some_and(|one| Some(one) == of(other))
    };
    if files.stat(path)?.kind != Lies::Directory {
        return Some((1, usize::from(alike(path, copy))));
    }
    let (mut own, mut there) = (0, 0);
    let mut folders = vec![(String::new(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let mut enough = depth <= DEEP;
        let read = enough
            && files.list(&format!("{path}{folder}"), &mut |name, kind| {
                enough = context.budget.pay();
                let below = format!("{folder}/{name}");
                if kind == Lies::Directory {
                    folders.push((below, depth + 1));
                } else {
                    own += 1;
                    there += usize::from(alike(&format!("{path}{below}"), &format!("{copy}{below}")));
                }
                enough
            });
        if !read || !enough {
            return None;
        }
    }
    Some((own, there))
}
