//! Parts of command lines: names of programs, assignments, the operands that a table speaks of.

use super::argv::Invocation;
use super::word::{Piece, Word};
use crate::rules::model::{Effect, On};
use ecow::EcoString;
use std::borrow::Cow;

/// Folders whose programs are the system's own.
const TRUSTED: [&str; 7] =
    ["/bin", "/usr/bin", "/usr/local/bin", "/sbin", "/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"];

/// The most paths that the operands of one command are followed to in other directories.
pub(crate) const INSIDE: usize = 8 << 10;

/// The operands that an effect speaks of.
pub(crate) fn pick(effect: &Effect, inv: &Invocation, behind: usize) -> Vec<Word> {
    let operands = inv.operands.get(behind..).unwrap_or_default();
    let last = operands.len().saturating_sub(1);
    let slice = match effect.on {
        On::All => operands,
        On::First => &operands[..operands.len().min(1)],
        // What may be no word at all leaves the last place to the one before it.
        On::Last => {
            let certain = operands.iter().rposition(|operand| !operand.word.splits).unwrap_or(last);
            &operands[certain.min(last)..]
        }
        On::Init => &operands[..last],
        On::Rest => operands.get(1..).unwrap_or_default(),
        On::Dashed => inv.dashes.and_then(|at| inv.operands.get(at.max(behind)..)).unwrap_or_default(),
        On::None => &[],
    };
    slice.iter().map(|operand| operand.word.clone()).collect()
}

/// What operands become in the directory that they are put into. That it is one shows lexically: `.`, `x/`, the value of
/// an option, or several operands. More than [`INSIDE`]: too many.
pub(crate) fn inside(effect: &Effect, inv: &Invocation, behind: usize) -> Vec<Word> {
    let operands = inv.operands.get(behind..).unwrap_or_default();
    let mut found = Vec::new();
    let mut put = |dir: &Word, sources: &[super::argv::Operand], always: bool| {
        let Some(dir) = dir.known() else { return };
        if !(always || dir.ends_with('/') || matches!(dir.rsplit('/').next(), Some("." | ".."))) {
            return;
        }
        // `scp web1:x.sh .`
        let remote = inv.known.tables.iter().any(|table| table.elsewhere);
        let signs: &[char] = if remote { &['/', ':'] } else { &['/'] };
        let names = sources.iter().filter_map(|source| source.word.known()?.rsplit(signs).next().map(str::to_owned));
        let names = names.filter(|name| !matches!(name.as_str(), "" | "." | ".."));
        let paths = names.map(|name| Word::text(format!("{}/{name}", dir.trim_end_matches('/'))));
        found.extend(paths.take((INSIDE + 1).saturating_sub(found.len())));
    };
    // What may be no word at all leaves the last place to the one before it, here too.
    if effect.on == On::Last
        && let Some(last) = operands.iter().rposition(|operand| !operand.word.splits)
    {
        put(&operands[last].word, &operands[..last], last > 1);
    }
    for dir in inv.values_of(&effect.option) {
        put(dir, operands, true);
    }
    found
}

/// The operands behind a word such as `--`.
pub(crate) fn behind_word(inv: &Invocation, word: &str) -> Vec<Word> {
    let start = match inv.dashes {
        Some(at) if word == "--" => at,
        _ => match inv.operands.iter().position(|operand| operand.word.known() == Some(word)) {
            Some(at) => at + 1,
            None => return Vec::new(),
        },
    };
    inv.operands.get(start..).unwrap_or_default().iter().map(|operand| operand.word.clone()).collect()
}

/// Words joined by blanks, as `ssh` and `eval` do; nothing from nothing.
pub(crate) fn joined<'w>(words: impl Iterator<Item = &'w Word>) -> Option<Word> {
    let mut all = Word::default();
    for word in words {
        if !all.pieces.is_empty() {
            all.push(Piece::Text(" ".into()));
        }
        for piece in &word.pieces {
            all.push(piece.clone());
        }
    }
    (!all.pieces.is_empty()).then_some(all)
}

/// `{}` of a `find` command filled in.
pub(crate) fn fill(word: &Word, mark: &str, path: &Word) -> Word {
    let mut out = Word { splits: word.splits, ..Word::default() };
    for piece in &word.pieces {
        match piece {
            Piece::Text(text) if text.contains(mark) => {
                for (at, part) in text.split(mark).enumerate() {
                    if at > 0 {
                        path.pieces.iter().for_each(|piece| out.push(piece.clone()));
                    }
                    if !part.is_empty() {
                        out.push(Piece::Text(part.into()));
                    }
                }
            }
            piece => out.push(piece.clone()),
        }
    }
    out
}

/// `NAME=value`, where the name is one.
#[must_use]
pub(super) fn assignment(word: &Word) -> Option<(String, Word)> {
    let (name, _) = word.start().split_once('=')?;
    let good = !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !name.as_bytes()[0].is_ascii_digit();
    good.then(|| (name.to_owned(), super::argv::after(word, name.len() + 1)))
}

/// The name of a program and whether it is the system's own of that name.
pub(crate) fn program_name(written: &str) -> (EcoString, bool) {
    let cut = written.rfind(['/', '\\']);
    let (folder, base) = match cut {
        Some(at) => (Some(&written[..at]), &written[at + 1..]),
        None => (None, written),
    };
    let split = base.len().checked_sub(4).and_then(|at| base.split_at_checked(at));
    let is = |end: &str| [".exe", ".cmd", ".bat", ".com", ".jar"].iter().any(|kind| end.eq_ignore_ascii_case(kind));
    let base = split.filter(|(_, end)| is(end)).map_or(base, |(name, _)| name);
    (base.into(), folder.is_none_or(|folder| TRUSTED.contains(&folder)))
}

/// Where a program of this name is found: in one of the folders for programs, nobody knows which.
pub(crate) fn found_program(name: &Word) -> Word {
    let mut path = Word::from(Piece::Unknown { empty: false });
    if !name.start().contains('/') {
        path.push(Piece::Text("/bin/".into()));
    }
    name.pieces.iter().for_each(|piece| path.push(piece.clone()));
    path
}

/// The package that a path into `node_modules` leads into: `prisma` of `node_modules/.bin/../prisma/build/index.js`.
pub(crate) fn package_of(path: &str) -> Option<String> {
    let (_, inside) = path.contains('/').then(|| path.rsplit_once("node_modules/"))??;
    let mut names: Vec<&str> = Vec::new();
    for name in inside.split('/') {
        match name {
            "" | "." => {}
            ".." => _ = names.pop(),
            name => names.push(name),
        }
    }
    match names.as_slice() {
        [".bin", ..] | [] | [_] => None,
        [scope, name, _, ..] if scope.starts_with('@') => Some(format!("{scope}/{name}")),
        [name, ..] => Some((*name).to_owned()),
    }
}

/// A package name without its version: `prisma@6`, `@scope/name@latest`, `django==5`, `nixpkgs#jq`, `org/image:tag`.
pub(crate) fn unversioned(package: &str) -> String {
    let package = ["npm:", "jsr:"].iter().find_map(|scheme| package.strip_prefix(scheme)).unwrap_or(package);
    let start = usize::from(package.starts_with('@'));
    let end = package[start..].find('@').map_or(package.len(), |at| at + start);
    let name = &package[..end];
    let name = name.split("==").next().unwrap_or(name);
    let name = name.rsplit_once('#').map_or(name, |(_, name)| name);
    name.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).map_or(name, |(name, _)| name).to_owned()
}

/// How long most command lines are, in bytes.
const SHOWN: usize = 64;

/// A command line as a person would read it.
#[must_use]
pub(super) fn shown(words: &[Word]) -> String {
    let mut out = String::with_capacity(SHOWN);
    for word in words {
        if !out.is_empty() {
            out.push(' ');
        }
        let text = word.known().map_or_else(|| word.shown().into(), Cow::Borrowed);
        let plain = !text.is_empty()
            && !text.contains(|c: char| c.is_whitespace() || matches!(c, '\'' | '"' | ';' | '|' | '&' | '<' | '>'));
        if plain {
            out.push_str(&text);
        } else if text.contains('\'') {
            out.push('"');
            out.push_str(&text);
            out.push('"');
        } else {
            out.push('\'');
            out.push_str(&text);
            out.push('\'');
        }
        if out.len() > 600 {
            out.push_str(" …");
            break;
        }
    }
    out
}
