//! What git ignores: `.gitignore` at every level, and `.git/info/exclude`. What a person's own settings ignore besides
//! isn't looked up: less is ignored here than git might ignore, never more.

use super::Repository;
use crate::context::{Context, Kind, Loaded, join};
use std::rc::Rc;

/// The most patterns of one file.
const MOST: usize = 2_048;

/// The patterns of one file.
#[derive(Clone, Debug, Default)]
pub(super) struct Patterns(Vec<Pattern>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    glob: String,
    /// It takes what it fits out again (`!`).
    keeps: bool,
    /// It fits directories only (`/` at its end).
    directory: bool,
    /// It speaks of the path from its own directory on, not of names (`/` elsewhere).
    anchored: bool,
}

impl Patterns {
    fn parse(text: &str) -> Self {
        Self(text.trim_start_matches('\u{feff}').lines().take(MOST).filter_map(Pattern::parse).collect())
    }

    /// Whether the last pattern that fits a path, from the directory of the file, ignores it; `None`: none fits.
    fn says(&self, path: &str, directory: bool) -> Option<bool> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let fits = |pattern: &&Pattern| {
            (directory || !pattern.directory)
                && fits(pattern.glob.as_bytes(), if pattern.anchored { path } else { name }.as_bytes())
        };
        self.0.iter().rev().find(fits).map(|pattern| !pattern.keeps)
    }
}

impl Pattern {
    fn parse(line: &str) -> Option<Self> {
        let mut text = line.strip_suffix('\r').unwrap_or(line);
        while text.ends_with(' ') && !text.ends_with("\\ ") {
            text = &text[..text.len() - 1];
        }
        if text.is_empty() || text.starts_with('#') {
            return None;
        }
        let keeps = text.starts_with('!');
        text = text.strip_prefix('!').unwrap_or(text);
        let directory = text.ends_with('/');
        text = text.strip_suffix('/').unwrap_or(text);
        let anchored = text.contains('/');
        text = text.strip_prefix('/').unwrap_or(text);
        (!text.is_empty()).then(|| Self { glob: text.to_owned(), keeps, directory, anchored })
    }
}

impl Repository {
    /// Whether the rules for ignoring fit a path of the working tree, from its root: the path itself, or a directory
    /// above it.
    pub(super) fn ignored(&self, path: &str, directory: bool, context: &Context<'_>) -> bool {
        let mut at = 0;
        loop {
            let end = path[at..].find('/').map_or(path.len(), |found| at + found);
            let whole = end == path.len();
            if self.ignored_itself(&path[..end], directory || !whole, context) {
                return true;
            }
            if whole {
                return false;
            }
            at = end + 1;
        }
    }

    /// Whether a path is ignored, if no directory above it is.
    pub(super) fn ignored_itself(&self, path: &str, directory: bool, context: &Context<'_>) -> bool {
        // The nearest file counts first.
        let mut dir = path;
        loop {
            dir = dir.rfind('/').map_or("", |at| &dir[..at]);
            let below = if dir.is_empty() { path } else { &path[dir.len() + 1..] };
            if let Some(ignored) = self.patterns(dir, context).says(below, directory) {
                return ignored;
            }
            if dir.is_empty() {
                break;
            }
        }
        let exclude = self.exclude.get_or_init(|| load(&join(&self.folders.common, "info/exclude"), context));
        exclude.says(path, directory).unwrap_or_default()
    }

    fn patterns(&self, dir: &str, context: &Context<'_>) -> Rc<Patterns> {
        if let Some(known) = self.patterns.borrow().get(dir) {
            return known.clone();
        }
        let root = self.folders.root.as_deref().unwrap_or_default();
        let path = join(&format!("{root}/{dir}"), ".gitignore");
        // git doesn't follow a link there.
        let file = context.files.stat(&path).is_some_and(|stat| stat.kind == Kind::File);
        let patterns = Rc::new(if file { load(&path, context) } else { Patterns::default() });
        self.patterns.borrow_mut().insert(dir.to_owned(), patterns.clone());
        patterns
    }
}

fn load(path: &str, context: &Context<'_>) -> Patterns {
    match context.files.load(path) {
        Loaded::Text(text) => Patterns::parse(&text),
        Loaded::Missing | Loaded::Unreadable => Patterns::default(),
    }
}

/// Steps after which a pattern is taken not to fit: some are made to take for ever.
const STEPS: u32 = 20_000;

/// Whether a pattern fits a path: `*` and `?` stop at `/`, `**/` is any number of directories.
fn fits(glob: &[u8], path: &[u8]) -> bool {
    like(glob, path, true, &mut { STEPS })
}

fn like(mut glob: &[u8], mut path: &[u8], start: bool, steps: &mut u32) -> bool {
    let mut start = start;
    loop {
        *steps = steps.saturating_sub(1);
        if *steps == 0 {
            return false;
        }
        let Some(&first) = glob.first() else { return path.is_empty() };
        match first {
            b'*' => {
                let stars = glob.iter().take_while(|byte| **byte == b'*').count();
                let rest = &glob[stars..];
                let across = stars == 2 && start && (rest.is_empty() || rest[0] == b'/');
                if across && !rest.is_empty() {
                    // `**/` is nothing, or some directories.
                    let rest = &rest[1..];
                    let mut at = Some(0);
                    while let Some(from) = at {
                        if like(rest, &path[from..], true, steps) {
                            return true;
                        }
                        at = path[from..].iter().position(|byte| *byte == b'/').map(|found| from + found + 1);
                    }
                    return false;
                }
                if across {
                    return !path.is_empty();
                }
                let reach = path.iter().position(|byte| *byte == b'/').unwrap_or(path.len());
                return (0..=reach).any(|skip| like(rest, &path[skip..], false, steps));
            }
            b'?' => match path.first() {
                Some(byte) if *byte != b'/' => (glob, path) = (&glob[1..], &path[1..]),
                _ => return false,
            },
            b'[' => {
                let Some(&byte) = path.first().filter(|byte| **byte != b'/') else { return false };
                match class(&glob[1..], byte) {
                    Some((true, used)) => (glob, path) = (&glob[1 + used..], &path[1..]),
                    Some((false, _)) | None => return false,
                }
            }
            _ => {
                let (literal, used) = match glob {
                    [b'\\', next, ..] => (*next, 2),
                    [b'\\'] => return false,
                    _ => (first, 1),
                };
                if path.first() != Some(&literal) {
                    return false;
                }
                start = literal == b'/';
                (glob, path) = (&glob[used..], &path[1..]);
                continue;
            }
        }
        start = false;
    }
}

/// Whether a byte is in the class that begins behind `[`, and how long that is. `None`: it has no end, or names a class
/// of characters.
fn class(glob: &[u8], byte: u8) -> Option<(bool, usize)> {
    let negated = matches!(glob.first(), Some(b'!' | b'^'));
    let mut at = usize::from(negated);
    let first = at;
    let mut found = false;
    loop {
        let mut low = *glob.get(at)?;
        match low {
            b']' if at > first => return Some((found != negated, at + 1)),
            b'[' if glob.get(at + 1) == Some(&b':') => return None,
            b'\\' => {
                at += 1;
                low = *glob.get(at)?;
            }
            _ => {}
        }
        at += 1;
        let mut high = low;
        if glob.get(at) == Some(&b'-') && glob.get(at + 1).is_some_and(|next| *next != b']') {
            at += 1;
            high = *glob.get(at)?;
            if high == b'\\' {
                at += 1;
                high = *glob.get(at)?;
            }
            at += 1;
        }
        found |= (low..=high).contains(&byte);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_as_git_says() {
        for (pattern, path, directory, expected) in [
            ("*.log", "a/b.log", false, true),
            ("*.log", "a.log/b", false, false),
            ("/a", "a", false, true),
            ("/a", "b/a", false, false),
            ("a/b", "a/b", false, true),
            ("a/b", "c/a/b", false, false),
            ("build/", "x/build", true, true),
            ("build/", "x/build", false, false),
            ("**/x", "a/b/x", false, true),
            ("**/x", "x", false, true),
            ("a/**", "a/b/c", false, true),
            ("a/**", "a", true, false),
            ("a/**/b", "a/b", false, true),
            ("a/**/b", "a/x/y/b", false, true),
            ("a/*/b", "a/x/y/b", false, false),
            ("a**b", "axxb", false, true),
            ("[a-c]x", "bx", false, true),
            ("[!a-c]x", "bx", false, false),
            ("[]]x", "]x", false, true),
            ("\\#x", "#x", false, true),
            ("x\\ ", "x ", false, true),
            ("x  ", "x", false, true),
            ("foo?", "foo", false, false),
            ("[a", "[a", false, false),
        ] {
            let says = Patterns::parse(pattern).says(path, directory) == Some(true);
            assert_eq!(says, expected, "`{pattern}` and `{path}`");
        }
        assert_eq!(Patterns::parse("*\n!keep").says("keep", false), Some(false));
        assert_eq!(Patterns::parse("# x\n\n").says("x", false), None);
    }

    #[test]
    fn a_pattern_that_takes_for_ever_ends() {
        let glob = format!("{}b", "*a".repeat(40));
        assert!(!fits(glob.as_bytes(), "a".repeat(300).as_bytes()));
    }
}
