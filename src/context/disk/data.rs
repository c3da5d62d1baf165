//! What in a directory that a build makes again no build makes: databases, dumps, backups, keys. The `[[place]]` tables
//! say which directories are looked through, how deep, and for what.

use super::super::{Context, Kind, Seen, place};
use super::walk::{Step, walk};
use super::{follows, shown, targets};
use crate::read::action::FileAction;
use crate::rules::glob;
use crate::rules::text::{List, Text};
use std::collections::BTreeSet;

/// The most entries of one directory tree that are looked at: everyday deletes wait for it.
const ENTRIES: usize = 4_000;

/// What is seen of it.
pub(super) fn look(file: &FileAction, context: &Context<'_>) -> Seen {
    for top in targets(file, context) {
        let Some(table) = place::table(&top, context.world, context.rules) else { continue };
        if table.depth == 0 || !follows(file) && context.files.stat(&top).is_some_and(|stat| stat.kind == Kind::Link) {
            continue;
        }
        if let Some(path) = find(&top, table.depth, &table.not_with, context) {
            return Seen::so(format!("{} is in {}", shown(&path, &top), shown(&top, &context.world.project)));
        }
    }
    Seen::default()
}

/// Whether a build makes a path again, and nothing in it is data.
pub(in super::super) fn is_made(path: &str, context: &Context<'_>) -> bool {
    let table = place::table(path, context.world, context.rules);
    table.is_some_and(|table| {
        let made = place::zone(path, false, context.world, context.rules) == "regenerable";
        made && (table.depth == 0 || find(path, table.depth, &table.not_with, context).is_none())
    })
}

/// The first thing below a directory that is like one of these and is data, or a secret.
fn find(top: &str, depth: u8, wanted: &List<Text>, context: &Context<'_>) -> Option<String> {
    let signs = Signs::new(wanted);
    let full = Full::new(context);
    let mut seen = 0;
    let mut found = None;
    let mut lower = String::new();
    walk(top, depth, context, &mut |dir, name, kind| {
        seen += 1;
        if seen > ENTRIES {
            return Step::Stop;
        }
        lower.clear();
        lower.extend(name.chars().map(|c| c.to_ascii_lowercase()));
        if signs.may_be(&lower) {
            let path = format!("{dir}/{name}");
            let below = path.get(top.len()..).unwrap_or_default();
            let like = wanted.iter().any(|glob| match glob.contains('/') {
                true => glob::matches_any_case(&format!("*/{}", glob.as_str()), below),
                false => glob::matches_any_case(glob, name),
            });
            let zone = || place::zone(&path, false, context.world, context.rules);
            if like && matches!(zone(), "data" | "secret") {
                found = Some(path);
                return Step::Stop;
            }
        }
        if kind == Kind::Directory && full.has(&lower) { Step::Over } else { Step::Into }
    });
    found
}

/// Directories that package managers and tools fill with names that mean nothing.
pub(super) struct Full(BTreeSet<String>);

impl Full {
    pub(super) fn new(context: &Context<'_>) -> Self {
        let filled = context.rules.places().filter(|place| place.zone.as_str() == "regenerable" && place.depth == 0);
        Self(filled.flat_map(|place| place.component.iter()).map(|name| name.to_ascii_lowercase()).collect())
    }

    /// Whether a directory of this name, in lower case, is one.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

/// What tells at a glance that a name is like none of many globs.
struct Signs {
    /// A piece of text that a name must have to be like a glob, by its first byte.
    pieces: Vec<Vec<Vec<u8>>>,
    /// There is a glob without such a piece.
    any: bool,
}

impl Signs {
    fn new(globs: &List<Text>) -> Self {
        let mut signs = Self { pieces: vec![Vec::new(); 256], any: false };
        for glob in globs.iter() {
            let last = glob.rsplit('/').next().unwrap_or(glob);
            // What stands in `{…}` is one of several.
            let outside = last.split('{').enumerate().map(|(at, part)| match at {
                0 => part,
                _ => part.split_once('}').map_or("", |(_, behind)| behind),
            });
            let piece = outside.flat_map(|part| part.split(['*', '?', '\\'])).max_by_key(|piece| piece.len());
            match piece.map(|piece| piece.to_ascii_lowercase().into_bytes()).filter(|piece| !piece.is_empty()) {
                Some(piece) => signs.pieces[usize::from(piece[0])].push(piece),
                None => signs.any = true,
            }
        }
        signs
    }

    fn may_be(&self, name: &str) -> bool {
        let bytes = name.as_bytes();
        let has = |at: usize| self.pieces[usize::from(bytes[at])].iter().any(|piece| bytes[at..].starts_with(piece));
        self.any || (0..bytes.len()).any(has)
    }
}
