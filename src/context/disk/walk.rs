//! Going through a directory, within the bound.

use super::super::{Context, Kind};
use std::collections::VecDeque;

/// What is to be done about an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Go into it, should it be a directory.
    Into,
    /// Leave what is in it.
    Over,
    /// It is enough.
    Stop,
}

/// Goes through what lies below a directory, level by level; links aren't followed. `each` is given the directory and a
/// name in it. `false`: not everything was seen.
pub(super) fn walk(
    start: &str,
    depth: u8,
    context: &Context<'_>,
    each: &mut dyn FnMut(&str, &str, Kind) -> Step,
) -> bool {
    let mut waiting = VecDeque::from([(start.to_owned(), 1)]);
    let mut all = true;
    while let Some((dir, level)) = waiting.pop_front() {
        let mut stopped = false;
        let listed = context.files.list(&dir, &mut |name, kind| {
            if !context.budget.pay() {
                stopped = true;
                return false;
            }
            match each(&dir, name, kind) {
                Step::Into if kind == Kind::Directory => {
                    if level < depth {
                        waiting.push_back((format!("{dir}/{name}"), level + 1));
                    } else {
                        all = false;
                    }
                }
                Step::Into | Step::Over => {}
                Step::Stop => {
                    stopped = true;
                    return false;
                }
            }
            true
        });
        if stopped {
            return false;
        }
        all &= listed;
    }
    all
}
