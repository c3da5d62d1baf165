//! What a file loses that is replaced as a whole: what stood in it is on the disk, and not in the call.

use super::super::{Context, Kind as Lies, join};
use super::{is_here, is_pattern, targets};
use crate::read::action::{Action, FileAction, Kind, Source};
use crate::read::word::Word;
use crate::rules::comments::{counts, uncommented};
use crate::rules::model::Does;
use crate::rules::text::{List, Text};

/// The most that is read of a file, in bytes.
const READ: usize = 1 << 18;

/// Whether what an action puts into the place of a file has one of these less often than what is there now. `false` where
/// the one or the other can't be known.
pub(in super::super) fn takes_out(list: &List<Text>, action: &Action, context: &Context<'_>) -> bool {
    let Some(file) = action.file().filter(|file| file.does == Does::Write && is_here(file)) else { return false };
    // What an Edit takes out stands in the call.
    if file.removes.is_some() || !file.place.certain {
        return false;
    }
    context.budget.start();
    let Some(old) = text(&file.place.path, context) else { return false };
    let lost: Vec<&Text> = list.iter().filter(|wanted| wanted.as_str() != "?" && count(&old, wanted) > 0).collect();
    if lost.is_empty() {
        return false;
    }
    let from = match file.adds {
        Some(_) => None,
        None => match source(file, action, context) {
            Some(text) => Some(text),
            // `?`: where nobody knows what goes there, it counts as lost.
            None => return list.iter().any(|text| text.as_str() == "?") && is_new(&lost, file, action, context),
        },
    };
    let new = from.as_deref().or(file.adds.as_deref().map(str::as_bytes)).unwrap_or_default();
    // Where a comment begins within a line is told by its looks; a line of its own surely is one.
    let fewer = |old: &[u8], new: &[u8], wanted: &Text| count(new, wanted) < count(old, wanted);
    let (old_lines, new_lines) = (without_lines(&old), without_lines(new));
    let (old, new) = (uncommented(&old), uncommented(new));
    lost.into_iter().any(|wanted| fewer(&old_lines, &new_lines, wanted) || fewer(&old, &new, wanted))
}

/// Whether what goes into a file comes from somewhere else than the file itself (`git show HEAD~1:a > a`), or without what
/// it had (`sed /x/d a > b && mv b a`).
fn is_new(lost: &[&Text], file: &FileAction, action: &Action, context: &Context<'_>) -> bool {
    let (call, own) = (context.call, context.position(action));
    let puts = |path: &str, other: &Action| {
        other.file().is_some_and(|it| matches!(it.does, Does::Write | Does::Append) && it.place.path == path)
    };
    let at = match &file.source {
        Source::Unsaid => return false,
        Source::Unknown => Some(own),
        Source::File(path) => call[..own].iter().rposition(|other| puts(path, other)),
    };
    let Some(at) = at else { return true };
    // The commands that it comes from: the one that writes it, and those that this one is fed by.
    let is_run = |other: &Action| matches!(other.kind, Kind::Run(_));
    let Some(end) = call[at..].iter().position(is_run).map(|run| at + run) else { return true };
    let mut run = end;
    let mut start = at;
    loop {
        let before = call[..start].iter().rposition(is_run);
        start = before.map_or(0, |before| before + 1);
        let Some(before) = before.filter(|_| call[run].origin.fed.is_some()) else { break };
        (run, start) = (before, before);
    }
    let from = &call[start..=end];
    // What writes it names it, too: `… | tee a`.
    let reads =
        |other: &Action| !(is_run(other) && other.origin.same(&call[at].origin)) && reads(other, &file.place.path);
    !from.iter().any(reads) || from.iter().any(|other| speaks_of(lost, other))
}

/// Whether a command reads a file, or is given it as an operand.
fn reads(action: &Action, path: &str) -> bool {
    let cwd = action.origin.cwd.as_deref().unwrap_or_default();
    match &action.kind {
        Kind::File(file) => file.does == Does::Read && file.place.path == path,
        Kind::Run(inv) => inv.operands.iter().any(|it| it.word.known().is_some_and(|word| join(cwd, word) == path)),
        _ => false,
    }
}

/// Whether the words of a command name one of these settings: `prevent_destroy` of `prevent_destroy = true`.
fn speaks_of(settings: &[&Text], action: &Action) -> bool {
    let Kind::Run(inv) = &action.kind else { return false };
    let values = inv.options.iter().filter_map(|given| given.value.as_ref());
    let mut words = inv.operands.iter().map(|operand| &operand.word).chain(values).map(Word::shown);
    words.any(|word| {
        let has = |text: &&Text| {
            text.split([' ', '=', ':', '"']).find(|it| !it.is_empty()).is_some_and(|it| word.contains(it))
        };
        settings.iter().any(has)
    })
}

/// What is in the one file that is copied or moved there: `cp a b`.
fn source(file: &FileAction, action: &Action, context: &Context<'_>) -> Option<Vec<u8>> {
    let others = context.siblings(action).filter_map(Action::file);
    let mut sources = others.filter(|other| matches!(other.does, Does::Read | Does::Move));
    let (Some(one), more) = (sources.next(), sources.next()) else {
        let Source::File(path) = &file.source else { return None };
        return text(path, context).filter(|_| !is_put(path, action, context));
    };
    let path = &one.place.path;
    let known = more.is_none() && is_here(one) && !is_pattern(one) && path != &file.place.path;
    if !known || is_put(path, action, context) {
        return None;
    }
    text(&targets(one, context).pop()?, context)
}

/// Whether another command of the call puts something there, or takes it away, before that action.
fn is_put(path: &str, action: &Action, context: &Context<'_>) -> bool {
    let before = &context.call[..context.position(action)];
    let others = before.iter().rev().take(super::super::SIBLINGS).filter(|other| !other.origin.same(&action.origin));
    others.filter_map(Action::file).any(|file| {
        matches!(file.does, Does::Write | Does::Append | Does::Move | Does::Delete) && file.place.path == path
    })
}

/// The text of a regular file, as far as it is read.
fn text(path: &str, context: &Context<'_>) -> Option<Vec<u8>> {
    if !context.budget.pay() {
        return None;
    }
    let stat = context.files.stat(path)?;
    // Room is made for what is there: most files are small.
    let size = if stat.kind == Lies::File { usize::try_from(stat.size).unwrap_or(READ).min(READ) } else { READ };
    context.files.part(path, 0, size)
}

/// A text without its lines that are comments: what stands there protects nothing.
fn without_lines(text: &[u8]) -> Vec<u8> {
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    let is_comment = |line: &&[u8]| {
        let line = line.trim_ascii_start();
        line.starts_with(b"#") || line.starts_with(b"//")
    };
    lines.filter(|line| !is_comment(line)).flatten().copied().collect()
}

/// How often a text has another in it, white space, quotes and case aside.
fn count(text: &[u8], wanted: &str) -> usize {
    let mut wanted = wanted.bytes().filter(|byte| counts(*byte));
    let Some(first) = wanted.next() else { return 0 };
    let begins = |from: usize| {
        let mut rest = text[from + 1..].iter().filter(|byte| counts(**byte));
        wanted.clone().all(|byte| rest.next().is_some_and(|other| other.eq_ignore_ascii_case(&byte)))
    };
    (0..text.len()).filter(|at| text[*at].eq_ignore_ascii_case(&first) && begins(*at)).count()
}
