//! What of a path git would give back, and what it was told to leave out.

use super::super::git::{self, State};
use super::super::{Context, Kind, Seen, join, place};
use super::data::Full;
use super::walk::{Step, walk};
use super::{name, targets};
use crate::read::action::FileAction;
use crate::rules::glob;
use crate::rules::text::{List, Text};

/// How many directories deep it is looked.
const DEPTH: u8 = 64;
/// The most files that are compared with the last commit: more are too many to say that nothing would be lost.
const FILES: u32 = 5_000;

/// Whether all that lies there is in a commit, as it is now; but for what a build makes again.
pub(super) fn committed(file: &FileAction, context: &Context<'_>) -> Seen {
    let targets = targets(file, context);
    let holds = !targets.is_empty() && targets.iter().all(|path| is_committed(path, context));
    Seen { holds, says: None }
}

fn is_committed(path: &str, context: &Context<'_>) -> bool {
    let (Some(stat), Some(repository)) = (context.files.stat(path), git::repository(path, context)) else {
        return false;
    };
    if stat.kind != Kind::Directory {
        return repository.state(path, &stat, context) == State::Committed;
    }
    let full = Full::new(context);
    let mut files = 0;
    walk(path, DEPTH, context, &mut |dir, name, kind| {
        if kind == Kind::Directory {
            return if full.has(&name.to_ascii_lowercase()) { Step::Over } else { Step::Into };
        }
        files += 1;
        if files > FILES {
            return Step::Stop;
        }
        let path = format!("{dir}/{name}");
        let stat = context.files.stat(&path);
        let kept = stat.is_some_and(|stat| repository.state(&path, &stat, context) == State::Committed);
        if kept || place::zone(&path, false, context.world, context.rules) == "regenerable" {
            Step::Over
        } else {
            Step::Stop
        }
    })
}

/// Whether git was told to leave it out, so that it isn't anybody's source.
pub(super) fn ignored(file: &FileAction, context: &Context<'_>) -> Seen {
    let targets = targets(file, context);
    let holds = !targets.is_empty() && targets.iter().all(|path| is_ignored(path, context));
    Seen { holds, says: None }
}

fn is_ignored(path: &str, context: &Context<'_>) -> bool {
    let stat = context.files.stat(path);
    let repository = git::repository(path, context);
    stat.zip(repository)
        .is_some_and(|(stat, repository)| repository.ignores(path, stat.kind == Kind::Directory, context))
}

/// Whether a tool makes the directory again: git ignores it, and what lies in it, or beside it, is what its `[[place]]` table
/// says.
pub(super) fn made_again(file: &FileAction, context: &Context<'_>) -> Seen {
    let is_made = |path: &String| {
        let Some(table) = place::table(path, context.world, context.rules) else { return false };
        let itself = table.component.iter().any(|glob| glob::matches_any_case(glob, name(path)));
        let is_directory = || context.files.stat(path).is_some_and(|stat| stat.kind == Kind::Directory);
        let lies = |dir: &str, name: &Text| context.budget.pay() && context.files.stat(&join(dir, name)).is_some();
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        let has = table.has.iter().any(|name| lies(path, name)) || table.beside.iter().any(|name| lies(parent, name));
        itself && (has || is_only(path, &table.only, context)) && is_directory() && is_ignored(path, context)
    };
    let targets = targets(file, context);
    Seen { holds: !file.place.contents && !targets.is_empty() && targets.iter().all(is_made), says: None }
}

/// Whether nothing but these lies in a directory.
fn is_only(dir: &str, names: &List<Text>, context: &Context<'_>) -> bool {
    let mut only = !names.is_empty();
    let read = only
        && context.budget.pay()
        && context.files.list(dir, &mut |name, kind| {
            only = kind == Kind::Directory && names.iter().any(|known| known.as_str() == name);
            only
        });
    read && only
}
