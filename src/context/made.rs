//! What the line itself has made, and what it has copied aside: to take that away again loses nothing.

use super::{Context, Place, below};
use crate::read::action::{Action, FileAction, Kind};
use crate::read::argv::Invocation;
use crate::read::word::Word;
use crate::rules::model::{Does, Fact};

/// The most actions of a call that are looked at.
const ACTIONS: usize = 256;

/// Whether a fact holds.
pub(super) fn look(fact: Fact, action: &Action, context: &Context<'_>) -> bool {
    let here = |action: &Action| {
        let origin = &action.origin;
        origin.via.is_empty() && !origin.again && !origin.elsewhere && origin.perhaps.is_none()
    };
    if context.call.len() > ACTIONS || !here(action) {
        return false;
    }
    match (&action.kind, fact) {
        (Kind::Run(inv), Fact::MadeBefore | Fact::MadeHere) => {
            let before = match fact {
                Fact::MadeHere => context.proven(action),
                _ => &context.call[..context.position(action)],
            };
            before.iter().any(|other| here(other) && makes(other, action, inv))
        }
        (Kind::File(file), Fact::CopiedAside) => {
            let before = context.proven(action);
            let last = before.iter().rfind(|other| matches!(other.kind, Kind::Run(_)));
            last.is_some_and(|run| here(run) && has_copied(run, file, action, context))
        }
        _ => false,
    }
}

/// Whether a program makes what another takes away: the one that its table names, with the same operand, at the same
/// place, with nothing else said.
fn makes(other: &Action, action: &Action, inv: &Invocation) -> bool {
    let Kind::Run(maker) = &other.kind else { return false };
    let is_maker = inv.known.tables.iter().any(|table| table.unmakes.iter().any(|name| name.as_str() == maker.name));
    let ([made], [taken]) = (maker.operands.as_slice(), inv.operands.as_slice()) else { return false };
    let known = |inv: &Invocation| {
        let certain = inv.options.iter().all(|given| given.certain && given.listed && given.whole);
        inv.trusted && inv.all_known && certain && inv.operands.iter().all(|operand| !operand.maybe_value)
    };
    // An option without a value says nothing about where.
    let says = |inv: &Invocation| -> Vec<(String, Word)> {
        let with =
            inv.options.iter().filter_map(|given| given.value.clone().map(|value| (given.name.to_string(), value)));
        let mut all: Vec<_> = with.collect();
        all.sort_by(|one, other| one.0.cmp(&other.0));
        all
    };
    is_maker
        && known(maker)
        && known(inv)
        && maker.options.iter().all(|given| given.value.is_some())
        && made.word == taken.word
        && says(maker) == says(inv)
        && other.origin.env == action.origin.env
        && other.origin.cwd == action.origin.cwd
}

/// Whether a program has copied this file, and nothing else in the call touches the copy.
fn has_copied(run: &Action, file: &FileAction, action: &Action, context: &Context<'_>) -> bool {
    let Kind::Run(inv) = &run.kind else { return false };
    let sure = |inv: &Invocation| {
        let all = inv.known.tables.iter().flat_map(|table| &table.copies);
        all.clone().any(|copies| {
            !copies.moves
                && !copies.surely.is_empty()
                && inv.options.iter().all(|given| {
                    given.certain
                        && given.value.is_none()
                        && copies.surely.iter().any(|name| name.as_str() == given.name)
                })
        })
    };
    if !inv.trusted || !inv.all_known || !sure(inv) || !only(Does::Read, run, context) {
        return false;
    }
    let one = |place: &Place| place.certain && !place.contents;
    let own = || own(run, context).filter_map(Action::file);
    let reads = own().any(|other| other.does == Does::Read && one(&other.place) && other.place.path == file.place.path);
    let Some(to) = own().find(|other| other.does == Does::Write).map(|other| &other.place) else { return false };
    let lasts = one(to) && !matches!(to.zone.as_str(), "null" | "device" | "elsewhere" | "unknown");
    let apart = |place: &Place| one(place) && !below(&to.path, &place.path) && !below(&place.path, &to.path);
    let stays = context.call.iter().enumerate().all(|(at, other)| match &other.kind {
        Kind::File(other) if other.does == Does::Read => true,
        Kind::File(touched) => {
            let copying = other.origin.shown == run.origin.shown && at < context.position(run);
            copying && touched.place.path == to.path || apart(&touched.place)
        }
        _ => true,
    });
    one(&file.place) && !file.recursive && reads && lasts && stays && context.position(run) < context.position(action)
}

/// What a command does to files: that stands in front of it.
fn own<'a>(run: &Action, context: &Context<'a>) -> impl Iterator<Item = &'a Action> {
    let shown = run.origin.shown.clone();
    context.call[..context.position(run)].iter().rev().take_while(move |other| other.origin.shown == shown)
}

/// Whether a program does nothing but this to files; `Read`: nothing but copy them.
pub(super) fn only(does: Does, run: &Action, context: &Context<'_>) -> bool {
    let mut own = own(run, context).peekable();
    let fits = |file: &FileAction| file.does == does || does == Does::Read && file.does == Does::Write;
    own.peek().is_some() && own.all(|other| other.file().is_some_and(fits))
}

/// Whether a program does nothing but write files, perhaps out of others.
pub(super) fn edits(run: &Action, context: &Context<'_>) -> bool {
    let writes = |other: &Action| other.file().is_some_and(|file| file.does == Does::Write);
    only(Does::Read, run, context) && own(run, context).any(writes)
}

/// Whether a program does nothing but copy. Where its operands go to is seen in front of it.
pub(super) fn copies(run: &Action, inv: &Invocation, context: &Context<'_>) -> bool {
    let copies = inv.known.tables.iter().flat_map(|table| &table.copies);
    inv.trusted
        && copies.clone().next().is_some()
        && copies.clone().all(|copy| !copy.moves && !copy.backup)
        && only(Does::Read, run, context)
}
