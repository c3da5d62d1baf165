//! Archives that are unpacked over a state: how the incident began that this project comes from.

use super::super::{Context, Seen, join};
use super::{is_state, say, tar, zip};
use crate::context::files;
use crate::read::action::{Action, Kind};
use crate::read::argv::Invocation;
use crate::rules::model::Does;

/// The most states that are remembered of one archive.
const KEPT: usize = 64;

/// What is known of what is in archives.
enum Inside {
    /// The paths of the states in them.
    States(Vec<String>),
    /// They can't be looked into.
    Unknown,
}

/// Whether what is unpacked takes the place of a state, or puts one where there are `.tf` files.
pub(super) fn look(inv: &Invocation, action: &Action, context: &Context<'_>) -> Option<Seen> {
    let cwd = action.origin.cwd.as_deref()?;
    let dirs = targets(action, cwd, context);
    let inside = inside(inv, action, cwd, context);
    for dir in &dirs {
        let said = match &inside {
            Inside::States(states) => states.iter().find_map(|state| lands(state, dir, context)),
            Inside::Unknown => state_in(dir, context).map(|name| {
                format!(
                    "{} lies there, and the archive can't be looked into: it may hold an older one",
                    say::cut(&name)
                )
            }),
        };
        if said.is_some() {
            return Some(Seen { holds: true, says: said });
        }
    }
    None
}

/// The directories that it unpacks into: those that its effects name, or the one that it runs in.
fn targets(action: &Action, cwd: &str, context: &Context<'_>) -> Vec<String> {
    let named = context.call.iter().filter_map(|other| match &other.kind {
        Kind::File(file)
            if file.does == Does::Write
                && file.recursive
                && other.origin.shown == action.origin.shown
                && other.origin.cwd == action.origin.cwd =>
        {
            Some(file.place.path.clone())
        }
        _ => None,
    });
    let named: Vec<String> = named.collect();
    if named.is_empty() { vec![cwd.to_owned()] } else { named }
}

/// What is in the archives that its words name.
fn inside(inv: &Invocation, action: &Action, cwd: &str, context: &Context<'_>) -> Inside {
    let values = inv.options.iter().filter_map(|given| given.value.as_ref());
    let words = values.chain(inv.operands.iter().map(|operand| &operand.word));
    let mut states = Vec::new();
    let mut looked: Option<bool> = None;
    for word in words.filter_map(|word| word.known()).filter(|word| !word.is_empty()) {
        let path = join(cwd, word);
        let kind = context.files.stat(&path).map(|stat| stat.kind);
        if !context.budget.pay() || kind == Some(files::Kind::Directory) {
            continue;
        }
        // What the call itself makes isn't what lies there now.
        if super::written_before(&path, action, context) {
            looked = Some(false);
            continue;
        }
        if kind != Some(files::Kind::File) {
            continue;
        }
        let mut keep = |name: &str| {
            if is_state(name.rsplit(['/', '\\']).next().unwrap_or(name)) && states.len() < KEPT {
                states.push(name.to_owned());
            }
        };
        let whole = match zip::members(&path, context) {
            Some(members) => {
                members.iter().for_each(|member| keep(&member.name));
                true
            }
            None => tar::names(&path, context, &mut keep).is_some(),
        };
        looked = Some(looked.unwrap_or(true) && whole);
    }
    // Even where the rest couldn't be read, what was found is in it.
    if looked == Some(true) || !states.is_empty() { Inside::States(states) } else { Inside::Unknown }
}

/// What happens where a state in an archive lands.
fn lands(state: &str, dir: &str, context: &Context<'_>) -> Option<String> {
    let name = state.rsplit('/').next().unwrap_or(state);
    // Leading folders may be taken off.
    let whole = join(dir, state);
    let bare = join(dir, name);
    for path in [&whole, &bare] {
        if context.files.stat(path).is_some() {
            return Some(format!(
                "the archive holds {}, and it would take the place of the one there",
                say::cut(state)
            ));
        }
    }
    let folder = whole.rsplit_once('/')?.0;
    let infrastructure = context.files.names(folder)?.iter().any(|name| name.ends_with(".tf"));
    infrastructure
        .then(|| format!("the archive holds {}, which would be what Terraform believes from then on", say::cut(state)))
}

/// A state in a directory.
fn state_in(dir: &str, context: &Context<'_>) -> Option<String> {
    context.files.names(dir)?.into_iter().find(|name| name.to_ascii_lowercase().ends_with(".tfstate"))
}
