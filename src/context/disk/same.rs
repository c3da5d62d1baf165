//! One directory under two names: case, bind mounts, links. What is copied to the one is what is deleted as the other.

use super::super::{Context, Seen, join, place};
use super::{links, moved, name, targets};
use crate::read::action::{Action, FileAction, Kind};
use crate::rules::model::Does;

/// The most actions of a call that are compared.
const ACTIONS: usize = 256;
/// The most targets of one action that are compared.
const TARGETS: usize = 8;
/// The most directories above a path that are compared.
const ABOVE: usize = 40;

/// What is seen of it.
pub(super) fn look(file: &FileAction, action: &Action, context: &Context<'_>) -> Seen {
    let earlier = earlier(action, context);
    if earlier.is_empty() || file.does != Does::Delete {
        return Seen::default();
    }
    for target in targets(file, context).into_iter().take(TARGETS) {
        let Some(identity) = links::identity(&target, context) else { continue };
        for other in earlier {
            let found = match &other.kind {
                Kind::File(file) if is_copy(other, file, context) => {
                    above(&file.place.path, &target, identity, context)
                }
                Kind::Run(inv) => {
                    let cwd = other.origin.cwd.as_deref().unwrap_or_default();
                    let words = inv.operands.iter().filter_map(|operand| operand.word.known());
                    let mut paths = words.map(|word| join(cwd, word));
                    paths.find(|path| in_case_only(path, &target) && links::identity(path, context) == Some(identity))
                }
                _ => None,
            };
            if let Some(found) = found {
                return Seen::so(format!("{} and {} are one and the same directory", shown(&target), shown(&found)));
            }
        }
    }
    Seen::default()
}

/// What the call does before an action.
pub(super) fn earlier<'c>(action: &Action, context: &Context<'c>) -> &'c [Action] {
    let at = context.position(action);
    &context.call[..if at < context.call.len() { at.min(ACTIONS) } else { 0 }]
}

/// Whether something is copied or moved from here, or to here.
fn is_copy(action: &Action, file: &FileAction, context: &Context<'_>) -> bool {
    let comes = || [Does::Read, Does::Move].into_iter().any(|does| moved::source(action, does, context).is_some());
    let goes = || moved::source(action, Does::Write, context).is_some();
    file.place.certain && super::is_here(file) && comes() && goes()
}

/// The path, or a directory above it, that is the target under another name.
fn above(path: &str, target: &str, identity: (u64, u64), context: &Context<'_>) -> Option<String> {
    // Below the target by its words: `cp -r a dist/; rm -rf dist` is meant as it is written.
    if place::below(path, target) {
        return None;
    }
    let mut path = path.to_owned();
    for _ in 0..ABOVE {
        if links::identity(&path, context) == Some(identity) {
            return Some(path);
        }
        path.truncate(path.rfind('/').filter(|at| *at > 0)?);
    }
    None
}

fn in_case_only(path: &str, other: &str) -> bool {
    path != other && path.eq_ignore_ascii_case(other)
}

fn shown(path: &str) -> &str {
    if path.len() > 60 { name(path) } else { path }
}
