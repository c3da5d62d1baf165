//! What isn't there: to delete it, or to write it, loses nothing.

use super::super::made::{copies, edits, only};
use super::super::{Context, Kind as Lies, Place, Seen, below, join};
use super::{is_pattern, spread};
use crate::read::action::{Action, FileAction, Kind};
use crate::rules::matching::findings_beside;
use crate::rules::model::{Class, Does};

/// The most actions of a call that are looked at.
const ACTIONS: usize = 64;

/// Whether nothing lies there, and nothing can when the action begins. The directory that it runs in has to have something
/// in it: an empty one may be where the disk that the call would find isn't.
pub(super) fn look(file: &FileAction, action: &Action, context: &Context<'_>) -> Seen {
    let (place, origin) = (&file.place, &action.origin);
    // By itself, here and once: who stands in front of it may see another disk, or come to it later.
    let direct = origin.via.is_empty() && !origin.again && !origin.elsewhere && origin.perhaps.is_none();
    // What a shell may make something else of, or leave out, isn't looked for.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+@,: ".contains(&byte);
    // Of files, a pattern may be meant: nothing is like it.
    let many = !file.recursive && file.does == Does::Delete && is_pattern(file) && !origin.moved;
    let may_be = |byte: u8| plain(byte) || many && byte == b'*';
    let named = (place.certain || many) && !place.contents && place.path.bytes().all(may_be);
    let holds = direct
        && named
        && origin.cwd.as_deref().is_some_and(|cwd| is_filled(cwd, context))
        && stays(action, context)
        && context.budget.pay()
        && if many { nothing_like(&place.path, context) } else { context.files.is_absent(&place.path) }
        && (!origin.moved || wherever(file, action, context));
    Seen { holds, says: None }
}

/// Whether it isn't there either should a `cd` before it have failed: it goes down from where the call begins, through
/// directories that are there, and nothing of that name lies in any of them.
fn wherever(file: &FileAction, action: &Action, context: &Context<'_>) -> bool {
    let (Some(cwd), start) = (action.origin.cwd.as_deref(), context.world.cwd.as_str()) else { return false };
    let Some(way) = cwd.strip_prefix(start).filter(|way| way.is_empty() || way.starts_with('/')) else { return false };
    // With this, `cd x` may lead to any other x.
    if file.place.dots.is_some() || (context.world.variables.0)("CDPATH").is_some() {
        return false;
    }
    let name = file.place.path.strip_prefix(cwd).and_then(|name| name.strip_prefix('/'));
    let ends = way.match_indices('/').map(|(at, _)| at).chain([way.len()]);
    ends.map(|end| &cwd[..start.len() + end]).all(|dir| {
        let is_there = dir == start || context.files.stat(dir).is_some_and(|stat| stat.kind == Lies::Directory);
        context.budget.pay() && is_there && name.is_none_or(|name| context.files.is_absent(&join(dir, name)))
    })
}

fn nothing_like(pattern: &str, context: &Context<'_>) -> bool {
    let spread = spread::spread(pattern, context);
    spread.all && spread.names.is_empty()
}

fn is_filled(dir: &str, context: &Context<'_>) -> bool {
    let mut filled = false;
    context.budget.pay()
        && context.files.list(dir, &mut |_, _| {
            filled = true;
            false
        })
        && filled
}

/// Whether nothing that the call does before may bring it there, or have it run in another directory than it is read to.
fn stays(action: &Action, context: &Context<'_>) -> bool {
    let (call, at) = (context.call, context.position(action));
    let moved = action.origin.moved || action.origin.cwd.as_deref() != Some(context.world.cwd.as_str());
    // What an MCP tool or a file of the project has run may run anywhere.
    let by_tool = call.iter().take(ACTIONS).any(|other| matches!(other.kind, Kind::Mcp(_)));
    // Both ends of a pipe run at once. A here-document has no other end.
    let is_pipe = |fed: &String| fed != "<<";
    let piped = call.iter().take(ACTIONS).any(|other| other.origin.fed.as_ref().is_some_and(is_pipe));
    let ordered = at < call.len().min(ACTIONS) && !by_tool && !piped;
    let one = |file: &&FileAction| file.does == Does::Write || is_pattern(file);
    let writes = action.file().filter(one).map(|file| file.place.path.as_str());
    let own = |other: &Action| other.origin.shown == action.origin.shown;
    // `mv a b`: what is moved to the path itself isn't there before.
    let moves = |other: &Action| {
        let is_moved =
            |file: &FileAction| file.does == Does::Move && writes.is_some_and(|path| is_apart(&file.place, path));
        own(other) && other.file().is_some_and(is_moved)
    };
    ordered && call[..at].iter().all(|other| moves(other) || keeps(other, moved && !own(other), writes, context))
}

/// `writes`: the path that is looked at, where it is to be written, or is a pattern of what is deleted: what programs make of
/// files elsewhere (`sed -i.bak`) is theirs.
fn keeps(other: &Action, moved: bool, writes: Option<&str>, context: &Context<'_>) -> bool {
    match &other.kind {
        Kind::Nothing => true,
        Kind::File(file) => match file.does {
            Does::Read => true,
            // What `cd` went to may be gone by then.
            Does::Delete => !moved,
            Does::Write | Does::Append if let Some(path) = writes => {
                is_apart(&file.place, path)
                    || is_pattern(file) && file.place.zone == "project"
                    || file.place.zone == "null"
            }
            // What that puts there is new. Whether its program does more than that is seen there.
            Does::Touch | Does::Write | Does::Append if file.place.certain && file.place.zone == "project" => true,
            _ => file.place.zone == "null",
        },
        Kind::Run(_) if context.is_beside() => false,
        Kind::Run(run) => {
            // Behind a link, `..` leads elsewhere.
            let up = |word: &crate::read::word::Word| word.known().is_none_or(|text| text.contains(".."));
            let found = findings_beside(other, context);
            let worst = found.iter().map(|finding| finding.rule.class).max();
            let makes = run.trusted && run.known.tables.iter().any(|table| table.makes);
            let deletes = !moved && worst.is_none() && only(Does::Delete, other, context);
            // A file that is copied stays. With options, a link may be copied as one.
            let copies = writes.is_some() && run.options.is_empty() && copies(other, run, context);
            let edits = writes.is_some_and(|path| path.contains('*')) && run.trusted && edits(other, context);
            (worst == Some(Class::Observe) || worst.is_none() && (makes || copies || edits) || deletes)
                && !(moved && run.operands.iter().any(|one| up(&one.word)))
        }
        _ => false,
    }
}

/// Whether a file is written that lies neither at this path nor above it.
fn is_apart(place: &Place, path: &str) -> bool {
    place.certain && !place.contents && !below(path, &place.path)
}
