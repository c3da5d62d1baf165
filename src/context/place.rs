//! Where a path lies: resolved lexically against the working directory, then placed in a zone.

use super::World;
use crate::read::word::{Piece, Word};
use crate::rules::clues::{self, Clue, Kind};
use crate::rules::glob;
use crate::rules::index::Rules;
use crate::rules::model;
use ecow::EcoString;
use smallvec::SmallVec;

/// A path, resolved as far as it can be without the disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The absolute path; what is unknown of it is `…`. As it was written, if it can't be resolved.
    pub path: String,
    /// Its zone (`docs/rules.md` lists them).
    pub zone: EcoString,
    /// Every character of the path is known.
    pub certain: bool,
    /// A bare star at its end stood for what lies in it; nothing of it is unknown.
    pub contents: bool,
    /// It ends in a slash: should it be a link, what that leads to is meant.
    pub slash: bool,
    /// Where a `..` was taken out of it: the absolute path with it. Behind a link, `..` leads elsewhere.
    pub dots: Option<String>,
    /// What is done is done to a link itself, whatever it leads to.
    pub itself: bool,
    /// The path that was written, where a link, a pattern or another name of the same directory led here.
    pub from: Option<String>,
}

/// Joins a path to a directory and takes `.`, `..` and doubled slashes out of it.
#[must_use]
pub fn join(dir: &str, path: &str) -> String {
    let full = if is_absolute(path) { path.to_owned() } else { format!("{dir}/{path}") };
    // Most paths need nothing done.
    if full.starts_with('/')
        && !full.contains('\\')
        && !full[1..].split('/').any(|name| matches!(name, "" | "." | ".."))
    {
        return full;
    }
    let full = full.replace('\\', "/");
    let (drive, rest) = match full.as_bytes() {
        [letter, b':', ..] if letter.is_ascii_alphabetic() => full.split_at(2),
        _ => ("", full.as_str()),
    };
    let mut names: Vec<&str> = Vec::new();
    for name in rest.split('/') {
        match name {
            "" | "." => {}
            ".." => {
                names.pop();
            }
            name => names.push(name),
        }
    }
    format!("{drive}/{}", names.join("/"))
}

fn is_absolute(path: &str) -> bool {
    path.starts_with(['/', '\\']) || matches!(path.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}

impl Place {
    /// Resolves a word as a path and places it. `cwd`: `None` if it can't be known. `elsewhere`: on another machine.
    #[must_use]
    pub fn resolve(word: &Word, cwd: Option<&str>, elsewhere: bool, world: &World, rules: &Rules) -> Self {
        let certain = word.known().is_some();
        if certain && word.pieces.is_empty() {
            return Self { zone: "null".into(), certain, ..Self::default() };
        }
        let shown = worst(word);
        let at = |path: String, zone: &str| Self { path, zone: zone.into(), certain, ..Self::default() };
        // What begins with something unknown can lie anywhere: only what it is called is left to judge by.
        let Some(text) = shown else {
            let written = word.shown();
            let zone = listed(&written, false, world, rules).filter(|zone| matches!(*zone, "secret" | "data" | "vcs"));
            return at(written.clone(), zone.unwrap_or(if elsewhere { "elsewhere" } else { "unknown" }));
        };
        let (path, full) = match cwd {
            _ if is_absolute(&text) => (join("/", &text), text),
            Some(cwd) => (join(cwd, &text), format!("{cwd}/{text}")),
            None if elsewhere => return at(text, "elsewhere"),
            None => {
                let zone = listed(&text, false, world, rules).filter(|zone| matches!(*zone, "secret" | "data" | "vcs"));
                return at(text.clone(), zone.unwrap_or("unknown"));
            }
        };
        // A bare star stands for everything in its directory.
        let whole = path.trim_end_matches(['*', '?', '/']);
        let star = path.ends_with('*') && (whole.is_empty() || path[whole.len()..].starts_with('/'));
        let contents = star && !word.has_unknown() && &path[whole.len()..] == "/*";
        let path = if star { if whole.is_empty() { "/".to_owned() } else { whole.to_owned() } } else { path };
        let zone = zone(&path, elsewhere, world, rules);
        let full = full.replace('\\', "/");
        let slash = full.ends_with('/') || full.ends_with("/.");
        let dots = certain && full.split('/').any(|name| name == "..");
        Self { contents, slash, dots: dots.then_some(full), ..at(path, zone) }
    }

    /// Whether package managers and tools alone put something there: `node_modules`, `.venv`. Into what a build makes,
    /// people do, too.
    pub(crate) fn is_filled(&self, world: &World, rules: &Rules) -> bool {
        table(&self.path, world, rules).is_some_and(|table| table.depth == 0)
    }
}

/// The path that a word is at worst; `None`: anything.
fn worst(word: &Word) -> Option<String> {
    let mut out = String::new();
    for (at, piece) in word.pieces.iter().enumerate() {
        match piece {
            Piece::Text(text) | Piece::Glob(text) => out.push_str(text),
            Piece::Name if at == 0 => out.push('…'),
            Piece::Name => out.push('…'),
            Piece::Unknown { empty } => {
                let rest_is_root = match word.pieces.get(at + 1) {
                    Some(Piece::Text(next)) => next.starts_with('/') && next.trim_matches('/').is_empty(),
                    _ => false,
                };
                let stars = |rest: &[Piece]| matches!(rest, [Piece::Glob(glob)] if glob.chars().all(|c| c == '*'));
                let rest_is_all = rest_is_root && (at + 2 == word.pieces.len() || stars(&word.pieces[at + 2..]));
                if at == 0 {
                    // `"$X"/*` and `"$X/"` are the root if X is empty; anything else is anywhere.
                    if *empty && rest_is_all {
                        return Some("/".to_owned());
                    }
                    return None;
                }
                // Behind a known start it may be empty: then the start itself is meant. `/tmp/$X` is `/tmp`.
                if *empty && out.ends_with('/') {
                    let only_slashes_follow = word.pieces[at + 1..].iter().all(|piece| match piece {
                        Piece::Text(text) | Piece::Glob(text) => text.chars().all(|c| matches!(c, '/' | '*')),
                        Piece::Unknown { .. } => true,
                        Piece::Name => false,
                    });
                    if only_slashes_follow {
                        return Some(out);
                    }
                }
                out.push('…');
            }
        }
    }
    Some(out)
}

/// The zone of an absolute path without `.` and `..`.
pub(super) fn zone<'a>(path: &str, elsewhere: bool, world: &World, rules: &'a Rules) -> &'a str {
    let bare = path.trim_end_matches('/');
    if bare.is_empty()
        || matches!(bare.as_bytes(), [letter, b':'] if letter.is_ascii_alphabetic())
        || is_mounted_drive(bare)
    {
        return "root";
    }
    if elsewhere {
        let zone = listed(path, false, world, rules)
            .filter(|zone| matches!(*zone, "system" | "device" | "null" | "temporary"));
        return zone.unwrap_or("elsewhere");
    }
    if is_home(bare, world) {
        return "home";
    }
    let inside = below(bare, &world.project);
    let root = !world.project.is_empty() && (bare == world.project || below(&world.project, bare));
    // A project or a home below a temporary folder isn't temporary, and no more is what holds it.
    let holds = |zone: &str| match zone {
        "synced" => root,
        "temporary" => root || below(&world.home, bare),
        _ => false,
    };
    if let Some(zone) = listed(path, inside, world, rules).filter(|zone| !holds(zone)) {
        return zone;
    }
    if !root && below(&world.home, bare) && bare != world.home {
        return "home";
    }
    if root {
        return "project-root";
    }
    if inside { "project" } else { "outside" }
}

/// The first zone that a `[[place]]` table gives a path.
fn listed<'a>(path: &str, inside: bool, world: &World, rules: &'a Rules) -> Option<&'a str> {
    place(path, inside, world, rules).map(|place| place.zone.as_str())
}

/// The first `[[place]]` table that speaks of a path.
fn place<'a>(path: &str, inside: bool, world: &World, rules: &'a Rules) -> Option<&'a model::Place> {
    // Names of the project's own path say nothing about what is in it: a project called `backups` is still a project.
    let own = if inside { names(&world.project).count() } else { 0 };
    let names: SmallVec<[Name<'_>; 16]> = names(path).map(Name::new).collect();
    let (count, last) = (names.len(), names.last().map_or("", |name| name.text));
    let home = below(path, &world.home).then(|| &path[world.home.len()..]);
    rules.sets().find_map(|set| {
        let mut best: Option<&model::Place> = None;
        let mut first = usize::MAX;
        let mut take = |clue: Clue, is_like: &dyn Fn(&model::Place) -> bool| {
            if clue.place < first
                && let Some(place) = set.places.0.get(clue.place)
                && applies(place, inside)
                && is_like(place)
                && !place.except.iter().any(|glob| glob::matches_any_case(glob, last))
            {
                (best, first) = (Some(place), clue.place);
            }
        };
        for (at, name) in names.iter().enumerate() {
            for clue in clues::keys_of_name(name.text, name.is_pattern).flat_map(|key| set.clues.of(key)) {
                take(clue, &|place| {
                    let counts = match clue.kind {
                        // But a project in a folder that is kept the same everywhere is in that folder.
                        Kind::Component => at >= own || place.zone.as_str() == "synced",
                        _ => at + 1 == count,
                    };
                    counts && name.is_like(&clue.text)
                });
            }
        }
        for clue in clues::keys_of_path(path, home).flat_map(|key| set.clues.of(key)) {
            take(clue, &|_| match (clue.kind, clue.text.strip_prefix('~')) {
                (Kind::Under, Some(rest)) => home.is_some_and(|path| below(path, rest)),
                (Kind::Under, None) => below(path, &clue.text),
                (_, Some(rest)) => home.is_some_and(|path| glob::matches(rest, path)),
                (_, None) => glob::matches(&clue.text, path),
            });
        }
        best
    })
}

/// The `[[place]]` table that says what an absolute path is.
pub(super) fn table<'a>(path: &str, world: &World, rules: &'a Rules) -> Option<&'a model::Place> {
    place(path, below(path, &world.project), world, rules)
}

/// The names in a path.
fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|name| !name.is_empty())
}

/// A name in a path.
#[derive(Clone, Copy)]
struct Name<'a> {
    text: &'a str,
    /// It is itself a pattern. One that begins with a wildcard (`*.json`) reaches too much to say anything by that.
    is_pattern: bool,
}

impl<'a> Name<'a> {
    fn new(text: &'a str) -> Self {
        let is_pattern = text.contains(['*', '?']) && !text.starts_with(['*', '?']);
        Self { text, is_pattern }
    }

    /// Whether it is like a glob; a pattern also if it reaches what the glob names (`.env*`).
    fn is_like(self, glob: &str) -> bool {
        glob::matches_any_case(glob, self.text) || self.is_pattern && glob::matches_any_case(self.text, glob)
    }
}

/// Whether a table can speak of a path, if one of its clues does.
fn applies(place: &model::Place, inside: bool) -> bool {
    // A project below /tmp or /var/www is a project all the same.
    let of_the_machine = || place.zone.starts_with("temporary") || matches!(place.zone.as_str(), "system" | "outside");
    !(place.inside && !inside || inside && of_the_machine())
}

/// Whether a path is the directory or below it.
pub(crate) fn below(path: &str, dir: &str) -> bool {
    let rest = match dir.as_bytes() {
        // Windows ignores case.
        [_, b':', ..] => {
            path.get(..dir.len()).filter(|start| start.eq_ignore_ascii_case(dir)).map(|_| &path[dir.len()..])
        }
        _ => path.strip_prefix(dir),
    };
    !dir.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A drive as MSYS and WSL mount it: `/c`, `/mnt/c`.
fn is_mounted_drive(path: &str) -> bool {
    let rest = path.strip_prefix("/mnt").unwrap_or(path);
    matches!(rest.as_bytes(), [b'/', letter] if letter.is_ascii_alphabetic())
}

/// A home directory itself, or the folder of all of them.
fn is_home(path: &str, world: &World) -> bool {
    if path == world.home {
        return true;
    }
    let names: SmallVec<[&str; 16]> = names(path).collect();
    let names = match names.as_slice() {
        ["mnt", drive, rest @ ..] if drive.len() == 1 => rest,
        [drive, rest @ ..] if drive.len() == 1 || drive.ends_with(':') => rest,
        all => all,
    };
    let on_windows = matches!(path.as_bytes(), [_, b':', ..]);
    let users = |name: &str| matches!(name, "home" | "Users") || on_windows && name.eq_ignore_ascii_case("users");
    matches!(names, ["root"]) || matches!(names, [first] | [first, _] if users(first))
}

#[cfg(test)]
mod tests {
    use super::zone;
    use crate::context::World;

    #[test]
    fn what_holds_the_project_or_the_home_is_not_temporary() {
        let world = |home: &str, project: &str| World {
            cwd: project.to_owned(),
            home: home.to_owned(),
            project: project.to_owned(),
            ..World::default()
        };
        let zone = |path: &str, world: &World| zone(path, false, world, crate::rules::builtin());
        let solo = world("/root", "/tmp/solo/repo");
        for (path, wanted) in [
            ("/tmp", "temporary-root"),
            ("/tmp/solo", "project-root"),
            ("/tmp/solo/repo", "project-root"),
            ("/tmp/solo/repo/src", "project"),
            ("/tmp/solo/other", "temporary"),
        ] {
            assert_eq!(zone(path, &solo), wanted, "{path}");
        }
        let guest = world("/tmp/u/home", "/srv/shop");
        for (path, wanted) in [("/tmp/u", "home"), ("/tmp/u/home", "home"), ("/tmp/u/x", "temporary")] {
            assert_eq!(zone(path, &guest), wanted, "{path}");
        }
    }
}
