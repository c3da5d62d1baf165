//! Work that is in no commit, and that no word of a call speaks of: files that a pattern happens to name, and files that are
//! emptied. To delete one file by its name is another thing: whoever writes that means that file.

use super::super::git::{self, State};
use super::super::{Context, Kind, Seen, place};
use super::{counted, is_pattern, name, spread};
use crate::read::action::{Action, FileAction};
use crate::rules::model::Does;

/// Files in no commit that a pattern may name without anybody being asked: what an agent has made itself, it deletes so.
const OWN: u64 = 20;
/// The most files that are named.
const NAMED: usize = 3;
/// What is said where the bound of looking was reached.
pub(super) const UNSEEN: &str = "there is too much to look at all of it";

/// Whether the pattern of a delete names files that are changed, or many that are in no commit. Of `*`, one will do: that
/// is to delete the directory, whatever is in it.
pub(super) fn uncommitted(file: &FileAction, context: &Context<'_>) -> Seen {
    let whole = file.place.contents;
    if file.does != Does::Delete || !whole && !is_pattern(file) {
        return Seen::default();
    }
    let path = &file.place.path;
    let pattern = if whole { format!("{path}/*") } else { path.clone() };
    let (mut changed, mut untracked) = (Vec::new(), Vec::new());
    let ignored = is_ignored(&pattern, context);
    let spread = spread::spread(&pattern, context);
    for path in &spread.names {
        match state(path, context) {
            Some(State::Changed) => changed.push(path.as_str()),
            Some(State::Untracked) => untracked.push(path.as_str()),
            _ => {}
        }
    }
    let many = untracked.len() as u64 >= if whole { 1 } else { OWN };
    if changed.is_empty() && !many {
        // What nobody has looked at may be anything.
        let unseen = !spread.all || context.budget.is_spent();
        return if unseen && !ignored { Seen::so(UNSEEN.to_owned()) } else { Seen::default() };
    }
    let count = (changed.len() + untracked.len()) as u64;
    let mut names: Vec<&str> = changed.into_iter().chain(untracked).map(name).collect();
    let more = if names.len() > NAMED { " …" } else { "" };
    names.truncate(NAMED);
    Seen::so(format!("{} changed or in no commit: {}{more}", counted(count, "file", "files"), names.join(", ")))
}

/// Whether a file is emptied that is tracked and changed, and stays so.
pub(super) fn emptied(file: &FileAction, action: &Action, context: &Context<'_>) -> Seen {
    let path = &file.place.path;
    let empties = file.empties() && file.place.certain;
    // `: > report.md; for … done >> report.md` writes it anew.
    let filled = || {
        let behind = context.call.get(context.position(action) + 1..).unwrap_or_default().iter();
        let mut others = behind.take(super::super::SIBLINGS).filter_map(Action::file);
        others.any(|other| matches!(other.does, Does::Write | Does::Append) && other.place.path == *path)
    };
    if !empties || filled() {
        return Seen::default();
    }
    match state(path, context) {
        Some(State::Changed) => Seen::so(format!("{} differs from the last commit", name(path))),
        None if context.budget.is_spent() && context.files.stat(path).is_some() => Seen::so(UNSEEN.to_owned()),
        _ => Seen::default(),
    }
}

/// Whether nothing in the directory that a pattern begins with can be in a commit: it is left out on purpose, or lies in
/// no repository.
fn is_ignored(pattern: &str, context: &Context<'_>) -> bool {
    let begins = &pattern[..pattern.find(['*', '?', '[']).unwrap_or(pattern.len())];
    let dir = begins.rsplit_once('/').map_or("/", |(dir, _)| dir);
    match git::repository(dir, context) {
        Some(repository) => repository.ignores(dir, true, context),
        None => !context.budget.is_spent(),
    }
}

/// What git knows of a file that isn't made again by a build, and isn't left out of it on purpose.
fn state(path: &str, context: &Context<'_>) -> Option<State> {
    if !context.budget.pay() {
        return None;
    }
    let stat = context.files.stat(path).filter(|stat| stat.kind == Kind::File)?;
    let repository = git::repository(path, context)?;
    let state = repository.state(path, &stat, context);
    let loose = match state {
        State::Committed => false,
        State::Changed => true,
        State::Untracked => !repository.ignores(path, false, context),
    };
    let made = || place::zone(path, false, context.world, context.rules) != "project";
    (loose && !made()).then_some(state)
}
