//! What says which zone a path lies in, indexed: hundreds of names, of which a path is compared with the few that begin or
//! end as one of its own does.

use super::model::Place;
use super::text::{List, Text};

/// What of a path is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One of its names ([`Place::component`]).
    Component,
    /// Its last name ([`Place::last`]).
    Last,
    /// All of it ([`Place::exact`]).
    Exact,
    /// How it begins ([`Place::under`]).
    Under,
}

const KINDS: [Kind; 4] = [Kind::Component, Kind::Last, Kind::Exact, Kind::Under];

/// A directory name, file name, path or glob that says that a path lies in a zone.
#[derive(Clone, Copy, Debug)]
pub struct Clue {
    /// Which of [`super::index::Rules::places`] it belongs to.
    pub place: usize,
    /// What it is compared with.
    pub kind: Kind,
    /// The text itself.
    pub text: Text,
}

/// All clues, by their keys.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clues {
    /// Where those of each key begin, and behind the last one where they end; empty if there are none.
    pub starts: List<u16>,
    /// Their texts.
    pub texts: List<Text>,
    /// Four times the place, and the kind.
    pub of: List<u16>,
}

/// Letters that tell clues apart: those of ASCII.
const LETTERS: usize = 128;
/// The first key of names that end in a letter, of names that begin and end in a wildcard, of paths, and of paths at home.
const ENDS: usize = LETTERS;
const NAMES: usize = ENDS + LETTERS;
const PATHS: usize = NAMES + 1;
const HOMES: usize = PATHS + LETTERS;
const OTHERS: usize = HOMES + LETTERS;

/// The keys under which a clue about a name can stand that is like it. `pattern`: the name is itself a glob.
pub fn keys_of_name(name: &str, pattern: bool) -> impl Iterator<Item = usize> {
    // What begins in alternatives can begin in anything.
    let any = pattern && name.starts_with(['{', '\\']);
    let one = [letter(name.bytes().next(), 0), letter(name.bytes().last(), ENDS), Some(NAMES)];
    let all = if any { 0..NAMES } else { 0..0 };
    one.into_iter().flatten().filter(move |key| !any || *key == NAMES).chain(all)
}

/// The keys under which a clue about a path can stand. `home`: what of the path stands behind the home directory.
pub fn keys_of_path(path: &str, home: Option<&str>) -> impl Iterator<Item = usize> {
    let second = |path: &str, base| path.strip_prefix('/').and_then(|rest| literal(rest.bytes().next(), base));
    [second(path, PATHS), home.and_then(|home| second(home, HOMES)), Some(OTHERS)].into_iter().flatten()
}

/// The key of a letter, whatever its case.
fn letter(byte: Option<u8>, base: usize) -> Option<usize> {
    literal(byte.map(|byte| byte.to_ascii_lowercase()), base)
}

fn literal(byte: Option<u8>, base: usize) -> Option<usize> {
    byte.filter(u8::is_ascii).map(|byte| base + usize::from(byte))
}

fn is_wild(byte: u8) -> bool {
    matches!(byte, b'*' | b'?' | b'{' | b'}' | b'\\')
}

/// The key of a clue.
fn key(kind: Kind, text: &str) -> usize {
    let plain = |byte: Option<u8>| byte.filter(|byte| !is_wild(*byte));
    match kind {
        Kind::Component | Kind::Last => letter(plain(text.bytes().next()), 0)
            .or_else(|| text.bytes().next().and_then(|_| letter(plain(text.bytes().last()), ENDS)))
            .unwrap_or(NAMES),
        Kind::Exact | Kind::Under => {
            let (text, base) = text.strip_prefix('~').map_or((text, PATHS), |rest| (rest, HOMES));
            let second = text.strip_prefix('/').and_then(|rest| literal(plain(rest.bytes().next()), base));
            second.unwrap_or(OTHERS)
        }
    }
}

/// The most braces and commas of a glob whose alternatives are told apart: at worst, some hundreds.
const CHOICES: usize = 16;

/// The globs that a glob with alternatives stands for. As one, it would be tried on every name: how it ends can't be told.
fn choices(glob: Text) -> Vec<Text> {
    let text = glob.as_str();
    let Some((before, (inner, after))) =
        text.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    else {
        return vec![glob];
    };
    // Whoever writes `\{` means something else; and what would be far too many stays one.
    if text.contains('\\') || text.bytes().filter(|byte| matches!(byte, b'{' | b',')).count() > CHOICES {
        return vec![glob];
    }
    inner.split(',').flat_map(|choice| choices(Text::from(format!("{before}{choice}{after}")))).collect()
}

#[cfg(test)]
#[test]
fn alternatives_are_told_apart() {
    let of = |glob: &'static str| choices(Text(glob)).iter().map(Text::as_str).collect::<Vec<_>>();
    assert_eq!(of("*.{db,sql}.{gz,}"), ["*.db.gz", "*.db.", "*.sql.gz", "*.sql."]);
    assert_eq!(of("a"), ["a"]);
    assert_eq!(of(r"\{a,b}"), [r"\{a,b}"]);
    let many = "{a,b}".repeat(9).leak();
    assert_eq!(of(many), [&*many]);
}

impl Clues {
    /// Indexes the clues of places.
    #[must_use]
    pub fn new(places: &[Place]) -> Self {
        let all = places.iter().enumerate().flat_map(|(at, place)| {
            let lists = [place.component, place.last, place.exact, place.under];
            KINDS.into_iter().zip(lists).flat_map(move |(kind, list)| list.0.iter().map(move |text| (at, kind, *text)))
        });
        let choices = all.flat_map(|(at, kind, text)| choices(text).into_iter().map(move |text| (at, kind, text)));
        let mut all: Vec<(usize, usize, Kind, Text)> =
            choices.map(|(at, kind, text)| (key(kind, &text), at, kind, text)).collect();
        if all.is_empty() {
            return Self::default();
        }
        all.sort_by_key(|(key, at, ..)| (*key, *at));
        let place = |clue: &usize| u16::try_from(*clue).unwrap_or(u16::MAX);
        let starts: Vec<u16> =
            (0..=OTHERS + 1).map(|wanted| place(&all.partition_point(|(key, ..)| *key < wanted))).collect();
        let of: Vec<u16> = all.iter().map(|(_, at, kind, _)| place(&(at * KINDS.len() + *kind as usize))).collect();
        let texts: Vec<Text> = all.iter().map(|(.., text)| *text).collect();
        Self { starts: starts.into(), texts: texts.into(), of: of.into() }
    }

    /// The clues of a key, in the order of their places.
    pub fn of(&self, key: usize) -> impl Iterator<Item = Clue> {
        let at = |key: usize| self.starts.get(key).map_or(0, |at| usize::from(*at));
        let (from, to) = (at(key), at(key + 1));
        let (of, texts) = (self.of.0.get(from..to).unwrap_or_default(), self.texts.0.get(from..to).unwrap_or_default());
        of.iter().zip(texts).map(|(of, text)| {
            let of = usize::from(*of);
            Clue { place: of / KINDS.len(), kind: KINDS[of % KINDS.len()], text: *text }
        })
    }
}
