//! What the call itself has moved, and then deletes, or moves something else over.

use super::super::{Context, Kind as Lies, Seen, place};
use super::{name, same};
use crate::read::action::{Action, FileAction, Kind};
use crate::rules::model::Does;

/// What is seen of it.
pub(super) fn look(file: &FileAction, action: &Action, context: &Context<'_>) -> Seen {
    let moved = |other: &Action| source(other, Does::Move, context);
    let earlier = same::earlier(action, context);
    let goes = earlier.iter().filter_map(|other| {
        let to = other.file().filter(|to| to.does == Does::Write && to.place.certain)?;
        Some((other, to, moved(other)?))
    });
    match file.does {
        Does::Delete => {
            for (_, to, from) in goes {
                if place::below(&to.place.path, &file.place.path) && is_kept(from) {
                    return Seen::so(format!("this call has moved {} there just before", name(&from.place.path)));
                }
            }
        }
        Does::Write if moved(action).is_some() && !is_directory(file, earlier, context) => {
            let mine = moved(action).map(|from| &from.place.path);
            for (other, to, from) in goes {
                let away = |later: &&Action| {
                    later.file().is_some_and(|file| file.does == Does::Move && file.place.path == to.place.path)
                };
                let since = earlier.iter().skip_while(|one| !std::ptr::eq(*one, other));
                let again = mine == Some(&from.place.path);
                if to.place.path == file.place.path && !again && is_kept(from) && since.skip(1).find(away).is_none() {
                    return Seen::so(format!("this call has moved {} to the same name before", name(&from.place.path)));
                }
            }
        }
        _ => {}
    }
    Seen::default()
}

/// What goes to where this action writes, by the same program.
pub(super) fn source<'c>(action: &Action, does: Does, context: &Context<'c>) -> Option<&'c FileAction> {
    context.siblings(action).filter_map(Action::file).find(|file| file.does == does)
}

/// What a build makes again, and scratch, may go.
fn is_kept(from: &FileAction) -> bool {
    !matches!(from.place.zone.as_str(), "regenerable" | "temporary" | "null")
}

/// Whether a path is a directory, into which things go side by side; or the call may have made it one.
fn is_directory(file: &FileAction, earlier: &[Action], context: &Context<'_>) -> bool {
    let path = file.place.path.as_str();
    if context.files.stat(path).is_some_and(|stat| stat.kind != Lies::File) {
        return true;
    }
    earlier.iter().any(|other| match &other.kind {
        Kind::Run(inv) if source(other, Does::Move, context).is_none() => {
            let cwd = other.origin.cwd.as_deref().unwrap_or_default();
            inv.operands.iter().any(|operand| match operand.word.known() {
                Some(word) => place::below(&super::super::join(cwd, word), path),
                None => true,
            })
        }
        _ => false,
    })
}
