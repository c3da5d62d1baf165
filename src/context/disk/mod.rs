//! What lies at a path: links, mounts, copies, data, and how much of it.

mod absent;
mod data;
mod held;
mod links;
mod loose;
mod mounts;
mod moved;
mod over;
mod replaced;
mod same;
mod settle;
mod size;
mod spread;
mod walk;

pub(super) use data::is_made;
pub(super) use replaced::takes_out;
pub(super) use settle::settle;
pub(super) use spread::Known;

use super::{Context, Kind, Place, Seen, place, thousands};
use crate::read::action::{Action, FileAction};
use crate::rules::model::{Does, Fact};

/// What is seen of a fact.
pub(super) fn look(fact: Fact, action: &Action, context: &Context<'_>) -> Seen {
    let Some(file) = action.file().filter(|file| is_here(file)) else { return Seen::default() };
    match fact {
        Fact::Absent => absent::look(file, action, context),
        Fact::Linked => linked(file, context),
        Fact::Mounted => mounts::look(file, context),
        Fact::SameFile => same::look(file, action, context),
        Fact::MovedInto => moved::look(file, action, context),
        Fact::DataInside => data::look(file, context),
        Fact::Overwrites => over::look(file, action, context),
        Fact::Uncommitted => loose::uncommitted(file, context),
        Fact::Emptied => loose::emptied(file, action, context),
        Fact::Size => size::look(file, context),
        Fact::Committed => held::committed(file, context),
        Fact::Ignored => held::ignored(file, context),
        Fact::MadeAgain => held::made_again(file, context),
        _ => Seen::default(),
    }
}

impl Seen {
    /// It was seen.
    fn so(says: String) -> Self {
        Self { holds: true, says: Some(says) }
    }
}

/// Where a path leads, through a link at its end, too. `None`: that can't be told.
pub(super) fn leads(place: &Place, context: &Context<'_>) -> Option<String> {
    match links::leads(place, true, context) {
        links::Leads::Straight => Some(place.path.clone()),
        links::Leads::To(path) => Some(path),
        links::Leads::Nowhere => None,
    }
}

/// Whether a path lies on this machine, and is known but for its patterns.
fn is_here(file: &FileAction) -> bool {
    let place = &file.place;
    let absolute = place.path.starts_with('/') || place.path.get(1..3) == Some(":/");
    absolute && !place.path.contains('…') && !matches!(place.zone.as_str(), "elsewhere" | "unknown" | "null" | "root")
}

/// Whether it is a pattern of names.
fn is_pattern(file: &FileAction) -> bool {
    !file.place.certain && !file.place.contents && file.place.path.contains(['*', '?', '['])
}

/// Whether what a link leads to is meant, and not the link.
fn follows(file: &FileAction) -> bool {
    match file.does {
        Does::Delete | Does::Move => file.place.slash || file.place.contents,
        Does::Write | Does::Append | Does::Read | Does::Change | Does::Touch => !file.place.itself,
    }
}

/// What an action names on this disk: a path as it is, or what is like its pattern.
fn targets(file: &FileAction, context: &Context<'_>) -> Vec<String> {
    if !is_pattern(file) {
        return vec![file.place.path.clone()];
    }
    spread::spread(&file.place.path, context).names.clone()
}

/// Whether it is itself a link to another kind of place, which isn't scratch.
fn linked(file: &FileAction, context: &Context<'_>) -> Seen {
    if follows(file) {
        return Seen::default();
    }
    for path in targets(file, context) {
        if !context.budget.pay() || context.files.stat(&path).is_none_or(|stat| stat.kind != Kind::Link) {
            continue;
        }
        let Some(real) = links::named(&path, true, context) else { continue };
        let zone = place::zone(&real, false, context.world, context.rules);
        if zone != file.place.zone && !matches!(zone, "temporary" | "regenerable" | "null") {
            return Seen::so(format!("{} is a link to {real}", name(&path)));
        }
    }
    Seen::default()
}

/// The last name of a path.
fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A path as it is shown beside the directory that holds it all.
fn shown<'p>(path: &'p str, top: &str) -> &'p str {
    path.strip_prefix(top).map_or(path, |rest| rest.trim_start_matches('/'))
}

/// `one file`, `1,204 files`.
fn counted(count: u64, one: &str, more: &str) -> String {
    if count == 1 { format!("one {one}") } else { format!("{} {more}", thousands(count)) }
}
