//! What stashes hold.

use super::asked::Asked;
use super::before::{Stays, stays};
use super::{Id, Repository, say};
use crate::context::{Context, Seen};
use crate::read::action::Action;
use std::time::{SystemTime, UNIX_EPOCH};

/// Where the stashes are.
const STASHES: &str = "refs/stash";

/// What the stash is that is meant, or what all of them are.
pub(super) fn look(action: &Action, context: &Context<'_>) -> Option<Seen> {
    let asked = Asked::of(action, 1, context)?;
    let repository = &asked.repository;
    let words = asked.words()?;
    let stashes = repository.log(STASHES, context);
    let count = stashes.len();
    if count == 0 {
        return None;
    }
    let each = |number: usize| {
        let stash = &stashes[number];
        let files = repository
            .stashed(&stash.id, context)
            .map_or_else(String::new, |files| format!(", {}", say::count(files, "file")));
        format!("stash@{{{number}}} `{}`, {}{files}", say::text(&stash.message), age(stash.at))
    };
    let says = match words.as_slice() {
        ["clear", ..] => {
            let first: Vec<String> = (0..count.min(3)).map(each).collect();
            let more = if count > 3 { "; …" } else { "" };
            format!("{}: {}{more}", say::count(count, "stash"), first.join("; "))
        }
        _ => {
            let number = match words.get(1) {
                None => 0,
                Some(word) => {
                    let word = word.strip_prefix("stash@{").map_or(*word, |word| word.trim_end_matches('}'));
                    word.parse().ok().filter(|number| *number < count)?
                }
            };
            format!("{}, of {}", each(number), say::count(count, "stash"))
        }
    };
    Some(Seen { holds: true, says: Some(says) })
}

/// Whether there is nothing that could be taken off or dropped.
pub(super) fn none(action: &Action, context: &Context<'_>) -> Option<Seen> {
    let asked = Asked::of(action, 1, context)?;
    let repository = &asked.repository;
    let holds = repository.lacks(STASHES, context) && stays(Stays::Stashes, action, repository, context);
    Some(Seen { holds, says: None })
}

impl Repository {
    /// How many files are in a stash, untracked ones among them.
    fn stashed(&self, id: &Id, context: &Context<'_>) -> Option<usize> {
        let stash = self.commit(id, context)?;
        let base = self.commit(stash.parents.first()?, context)?;
        let changed = self.count_beyond(&stash.tree, Some(&base.tree), context)?;
        let untracked = match stash.parents.get(2) {
            Some(id) => self.count_beyond(&self.commit(id, context)?.tree, None, context)?,
            None => 0,
        };
        // What the stash has deleted is in it as well.
        let deleted =
            if changed + untracked == 0 { self.count_beyond(&base.tree, Some(&stash.tree), context)? } else { 0 };
        Some(changed + untracked + deleted)
    }
}

fn age(at: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let seconds = now.saturating_sub(u64::try_from(at).unwrap_or(0));
    match seconds {
        0..120 => "just made".to_owned(),
        120..7_200 => format!("{} minutes old", seconds / 60),
        7_200..172_800 => format!("{} hours old", seconds / 3_600),
        _ => format!("{} days old", seconds / 86_400),
    }
}
