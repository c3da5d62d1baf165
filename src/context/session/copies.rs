//! What a call copies, moves and backs up, as far as it is worth remembering: nothing that is temporary, that a build
//! makes again, or that lies on another machine without an address.

use crate::context::{Context, Place};
use crate::memory::Copied;
use crate::policy::again;
use crate::read::action::{Action, FileAction, Kind};
use crate::read::argv::Invocation;
use crate::read::word::Word;
use crate::rules::model::{Copies, Does};

/// The most copies of one call that are remembered.
const MOST: usize = 8;
/// The most paths of one copy.
const PATHS: usize = 8;
/// The most characters of a path.
const LENGTH: usize = 400;
/// The most characters that are shown of it.
const SHOWN: usize = 90;

/// Something that this call copies, moves or backs up.
#[derive(Clone, Debug)]
pub(crate) struct Here {
    /// The place of its action in the call.
    pub(crate) at: usize,
    /// What is copied to where.
    pub(crate) copied: Copied,
}

/// What a call copies, moves and backs up, in order.
#[must_use]
pub(crate) fn here(context: &Context<'_>) -> Vec<Here> {
    let call = context.call;
    let mut found: Vec<Here> = Vec::new();
    for (at, action) in call.iter().enumerate() {
        if found.len() == MOST {
            break;
        }
        let copied = match &action.kind {
            Kind::Run(inv) if !action.origin.elsewhere => by_words(call, action, inv, context),
            Kind::File(FileAction { does: Does::Move, .. }) => by_effects(call, at),
            _ => None,
        };
        found.extend(copied.map(|copied| Here { at, copied }));
    }
    found
}

/// By the words of a program that copies.
fn by_words(call: &[Action], action: &Action, inv: &Invocation, context: &Context<'_>) -> Option<Copied> {
    for copies in inv.known.tables.iter().flat_map(|table| &table.copies) {
        let Some((behind, false)) = inv.behind(&copies.command) else { continue };
        if inv.has(&copies.without, false) {
            continue;
        }
        let operands: Vec<&Word> = inv.operands.get(behind..)?.iter().map(|operand| &operand.word).collect();
        let mut to: Vec<&Word> = inv.values_of(&copies.to).collect();
        let mut from: Vec<&Word> = inv.values_of(&copies.from).collect();
        if copies.backup {
            return backup(call, action, &to, context);
        }
        match (to.is_empty(), from.is_empty()) {
            (true, true) => {
                let (last, init) = operands.split_last()?;
                to = vec![last];
                from = init.to_vec();
            }
            (true, false) => to = operands,
            (false, true) => from = operands,
            (false, false) => {}
        }
        let whole = copies.moves || copies.with.is_empty() || inv.has(&copies.with, false);
        return copied(copies, &from, &to, whole, action, context);
    }
    None
}

fn copied(
    copies: &Copies,
    from: &[&Word],
    to: &[&Word],
    whole: bool,
    action: &Action,
    context: &Context<'_>,
) -> Option<Copied> {
    let mut copied = Copied { moved: copies.moves, ..Copied::default() };
    let mut kept = whole;
    for word in from.iter().take(PATHS) {
        let (path, place) = path(word, action, context)?;
        if let Some(place) = place {
            if is_passing(&place.zone) {
                continue;
            }
            kept |= matches!(place.zone.as_str(), "data" | "secret");
            copied.contents |= place.contents || place.path.contains(['*', '?', '[']);
        }
        copied.from.push(path);
    }
    if copied.from.is_empty() || !kept {
        return None;
    }
    for word in to.iter().take(2) {
        let (path, place) = path(word, action, context)?;
        if place.is_some_and(|place| matches!(place.zone.as_str(), "null" | "unknown" | "elsewhere")) {
            continue;
        }
        copied.to.push(path.clone());
        // It may be a directory, into which they go under their own names.
        let names = copied.from.iter().filter_map(|from| from.rsplit('/').next());
        let within = names.filter(|name| !name.is_empty() && !name.contains(['*', '?', '['])).take(PATHS);
        let within: Vec<String> = within.map(|name| format!("{}/{name}", path.trim_end_matches('/'))).collect();
        copied.to.extend(within);
    }
    copied.shown = shown(action);
    (!copied.to.is_empty()).then_some(copied)
}

/// Something that is no file is written to one: by an option, or by a redirection of the same line.
fn backup(call: &[Action], action: &Action, to: &[&Word], context: &Context<'_>) -> Option<Copied> {
    let mut copied = Copied { backup: true, shown: shown(action), ..Copied::default() };
    for word in to.iter().take(PATHS) {
        copied.to.extend(path(word, action, context).map(|(path, _)| path));
    }
    for other in call {
        if let Kind::File(FileAction { does: Does::Write, place, .. }) = &other.kind
            && other.origin.shown.starts_with('>')
            && place.certain
            && place.path.starts_with('/')
            && place.zone != "null"
            && copied.to.len() < PATHS
        {
            copied.to.push(place.path.clone());
        }
    }
    (!copied.to.is_empty()).then_some(copied)
}

/// What code or an MCP tool moves, by the effects that stand together.
fn by_effects(call: &[Action], at: usize) -> Option<Copied> {
    let action = &call[at];
    let shown_alike = |other: &&Action| other.origin.shown == action.origin.shown;
    let together = || call[at..].iter().take(PATHS).take_while(shown_alike);
    // Of a program, its words say more.
    let by_words = together().any(
        |other| matches!(&other.kind, Kind::Run(inv) if inv.known.tables.iter().any(|table| !table.copies.is_empty())),
    );
    let Kind::File(file) = &action.kind else { return None };
    if by_words || is_passing(&file.place.zone) || !file.place.certain || file.place.path.len() > LENGTH {
        return None;
    }
    let written = |other: &Action| match &other.kind {
        Kind::File(FileAction { does: Does::Write, place, .. }) if place.certain && place.path.len() <= LENGTH => {
            Some(place.path.clone())
        }
        _ => None,
    };
    let name = file.place.path.rsplit('/').next().unwrap_or_default();
    let to: Vec<String> = together().filter_map(written).flat_map(|to| [format!("{to}/{name}"), to]).collect();
    let from = vec![file.place.path.clone()];
    (!to.is_empty()).then(|| Copied { moved: true, from, to, shown: shown(action), ..Copied::default() })
}

/// A path on this machine with its place, or an address. `None`: it can't be known.
fn path(word: &Word, action: &Action, context: &Context<'_>) -> Option<(String, Option<Place>)> {
    let text = word.start();
    let host = text.split_once(':').is_some_and(|(host, _)| host.len() > 1 && !host.contains('/'));
    if host {
        let text = without_password(bare(word.known()?));
        return (text.len() <= LENGTH).then_some((text, None));
    }
    let place = Place::resolve(word, action.origin.cwd.as_deref(), false, context.world, context.rules);
    let known = place.path.starts_with('/') && !place.path.contains('…') && place.path.len() <= LENGTH;
    known.then(|| (place.path.clone(), Some(place)))
}

/// An address without the name and the password that may stand in front of its host.
fn without_password(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").map_or(("", address), |(scheme, rest)| (scheme, rest));
    let host = rest.find('/').unwrap_or(rest.len());
    let rest = rest[..host].rfind('@').map_or(rest, |at| &rest[at + 1..]);
    if scheme.is_empty() { rest.to_owned() } else { format!("{scheme}://{rest}") }
}

/// An address without what stands for everything below it.
pub(super) fn bare(address: &str) -> &str {
    address.trim_end_matches(['*', '/'])
}

/// What lies there doesn't last anyway.
fn is_passing(zone: &str) -> bool {
    zone.starts_with("temporary") || matches!(zone, "regenerable" | "null" | "unknown" | "elsewhere" | "device")
}

/// The program, its options and its paths; no values of options.
fn shown(action: &Action) -> String {
    let text = match &action.kind {
        Kind::Run(inv) => {
            let options = again::options(inv);
            let operands = inv.operands.iter().map(|operand| again::harmless(&operand.word.shown()));
            std::iter::once(inv.name.to_string()).chain(options).chain(operands).collect::<Vec<_>>().join(" ")
        }
        Kind::File(file) => format!("move {}", file.place.path),
        _ => String::new(),
    };
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > SHOWN { line.chars().take(SHOWN).chain(['…']).collect() } else { line }
}
