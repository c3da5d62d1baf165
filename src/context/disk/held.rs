//! What of a path git would give back, and what it was told to leave out.

use super::super::git::{self, State};
use super::super::{Context, Kind, Seen, place};
use super::data::Full;
use super::targets;
use super::walk::{Step, walk};
use crate::read::action::FileAction;

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
    let is_ignored = |path: &String| {
        let stat = context.files.stat(path);
        let repository = git::repository(path, context);
        stat.zip(repository)
            .is_some_and(|(stat, repository)| repository.ignores(path, stat.kind == Kind::Directory, context))
    };
    Seen { holds: !targets.is_empty() && targets.iter().all(is_ignored), says: None }
}
