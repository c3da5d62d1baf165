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
        return Seen::default();
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
    // An Edit that puts nothing in the place of a text leaves the rest.
    let whole = file.does == Does::Write && file.removes.is_none();
    let empties = whole && file.place.certain && file.adds.as_deref() == Some("");
    // `: > report.md; for … done >> report.md` writes it anew.
    let filled = || {
        let behind = context.call.get(context.position(action) + 1..).unwrap_or_default().iter();
        let mut others = behind.take(super::super::SIBLINGS).filter_map(Action::file);
        others.any(|other| matches!(other.does, Does::Write | Does::Append) && other.place.path == *path)
    };
    if !empties || filled() || state(path, context) != Some(State::Changed) {
        return Seen::default();
    }
    Seen::so(format!("{} differs from the last commit", name(path)))
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
