//! Whether what a call would overwrite or delete is kept in a commit.

use super::asked::{Asked, Paths};
use super::before::{Stays, stays};
use super::find::real;
use super::untracked::{NAMES, Which};
use super::{Id, Repository, State, at, repository, say};
use crate::context::budget::ENTRIES;
use crate::context::disk::is_made;
use crate::context::{Context, Kind as Lies, Seen, join};
use crate::read::action::{Action, FileAction, Kind};
use crate::rules::model::Does;

/// The deepest directories that are gone into.
const DEEP: usize = 128;

/// No tracked file differs from the last commit, and nothing untracked is in the way of the commit that is named.
pub(super) fn clean_tree(action: &Action, context: &Context<'_>) -> Option<Seen> {
    let asked = Asked::of(action, 1, context)?;
    let repository = &asked.repository;
    let Some(changes) = repository.all_changes(context) else { return Some(unseen(repository, context)) };
    let mut says = Vec::new();
    if !changes.is_empty() {
        says.push(format!("{}: {}", say::count(changes.len(), "changed file"), say::names(changes)));
    }
    let targets: Option<Vec<Id>> =
        asked.words().and_then(|words| words.iter().map(|word| repository.commit_of(word, context)).collect());
    let mut known = targets.is_some();
    for target in targets.unwrap_or_default() {
        match repository.in_the_way(&target, &Paths::all(), context) {
            Some(in_the_way) if in_the_way.is_empty() => {}
            Some(in_the_way) => {
                known = false;
                says.push(format!("untracked, and overwritten by that commit: {}", say::names(&in_the_way)));
            }
            None => known = false,
        }
    }
    let holds = known && changes.is_empty() && stays(Stays::Tree, action, repository, context);
    Some(seen(holds, &says))
}

/// What the operands name doesn't differ from the last commit.
pub(super) fn clean_paths(action: &Action, context: &Context<'_>) -> Option<Seen> {
    let asked = Asked::of(action, 1, context)?;
    let repository = &asked.repository;
    let (mut front, back) = asked.halves();
    let mut target = asked.values(&["-s", "--source"])?.last().copied();
    let mut paths = back.unwrap_or_default();
    if back.is_some() {
        match front {
            [] => {}
            [tree] if target.is_none() => target = Some(tree.word.known()?),
            _ => return None,
        }
    } else {
        // A word that is no path is the commit to take the files from.
        if let Some((first, rest)) = front.split_first()
            && target.is_none()
            && let Some(word) = first.word.known()
            && context.files.stat(&join(&asked.cwd, word)).is_none()
            && repository.commit_of(word, context).is_some()
        {
            target = Some(word);
            front = rest;
        }
        paths = front;
    }
    let paths = match asked.has(&["--pathspec-from-file"]) {
        true => Paths::all(),
        false => asked.paths(paths).filter(|_| !paths.is_empty())?,
    };
    let Some(changes) = repository.changes(Some(&|path| paths.has(path)), 0, context) else {
        return Some(unseen(repository, context));
    };
    let mut says = Vec::new();
    if !changes.is_empty() {
        says.push(format!("{}: {}", say::count(changes.len(), "changed file"), say::names(&changes)));
    }
    // What lies there and isn't tracked is in no commit, whatever git would make of it.
    let index = repository.index(context)?;
    let tracked = |path: &String| index.entry(path.as_bytes()).is_some() || !index.below(path.as_bytes()).is_empty();
    let root = repository.folders.root.as_deref()?;
    let mut known = paths.below.iter().all(|path| tracked(path) || context.files.stat(&join(root, path)).is_none());
    if let Some(target) = target {
        let target = repository.commit_of(target, context)?;
        let in_the_way = repository.in_the_way(&target, &paths, context)?;
        if !in_the_way.is_empty() {
            known = false;
            says.push(format!("untracked, and overwritten by that commit: {}", say::names(&in_the_way)));
        }
    }
    let holds = known && changes.is_empty() && stays(Stays::Tree, action, repository, context);
    Some(seen(holds, &says))
}

/// Nothing untracked is there that would be cleaned away.
pub(super) fn nothing_untracked(action: &Action, context: &Context<'_>) -> Option<Seen> {
    let asked = Asked::of(action, 1, context)?;
    let repository = &asked.repository;
    let root = repository.folders.root.as_deref()?;
    let (front, back) = asked.halves();
    let operands = [front, back.unwrap_or_default()].concat();
    let paths = if operands.is_empty() {
        let here = if asked.cwd == root { "" } else { repository.inside(&asked.cwd)? };
        Paths { below: vec![here.to_owned()], starts: Vec::new() }
    } else {
        asked.paths(&operands)?
    };
    let force = |name: &str| name == "-f" || name == "--force";
    let which = Which {
        ignored: asked.has(&["-x"]),
        only_ignored: asked.has(&["-X"]),
        directories: asked.has(&["-d"]) || !operands.is_empty(),
        repositories: asked.inv.options.iter().filter(|given| force(&given.name)).count() > 1,
    };
    let found = repository.untracked(&paths, which, context)?;
    // With `-X`, what is excluded goes as well.
    let clear = !(which.only_ignored && asked.has(&["-e", "--exclude"]));
    // What `rm -rf dist` may take, `git clean -fdX dist` may.
    let made = || {
        let made = |name: &String| is_made(&join(root, name.trim_end_matches('/')), context);
        !operands.is_empty() && found.names.len() < NAMES && found.names.iter().all(made)
    };
    let holds = clear && found.whole && (found.files == 0 || made()) && stays(Stays::Tree, action, repository, context);
    let more = if found.whole { "" } else { "more than " };
    let what = match (which.only_ignored, which.ignored) {
        (true, _) => "ignored file",
        (_, true) => "untracked or ignored file",
        _ => "untracked file",
    };
    let says = format!("{more}{} would go: {}", say::count(found.files, what), say::names(&found.names));
    Some(seen(holds, &if found.files > 0 { vec![says] } else { Vec::new() }))
}

/// Nothing is changed or untracked in the working tree that is named.
pub(super) fn clean_worktree(action: &Action, context: &Context<'_>) -> Option<Seen> {
    let asked = Asked::of(action, 2, context)?;
    let path = real(&join(&asked.cwd, asked.words()?.first()?), context)?;
    let inner = at(&path, context).filter(|inner| inner.folders.root.as_ref() == Some(&path))?;
    let Some(changes) = inner.all_changes(context) else { return Some(unseen(&inner, context)) };
    let which = Which { directories: true, repositories: true, ..Which::default() };
    let found = inner.untracked(&Paths::all(), which, context)?;
    let mut says = Vec::new();
    if !changes.is_empty() {
        says.push(format!("{}: {}", say::count(changes.len(), "changed file"), say::names(changes)));
    }
    if found.files > 0 {
        says.push(format!("{}: {}", say::count(found.files, "untracked file"), say::names(&found.names)));
    }
    let holds = says.is_empty() && found.whole && stays(Stays::Tree, action, &inner, context);
    Some(seen(holds, &says))
}

/// The path, and everything below it, is in the last commit.
pub(super) fn committed(action: &Action, context: &Context<'_>) -> Option<Seen> {
    let (file, path) = file_of(action, context)?;
    let repository = repository(&path, context)?;
    let mut walk = Committed { repository: &repository, files: 0, open: Vec::new(), count: 0, whole: true };
    let stat = context.files.stat(&path)?;
    if stat.kind == Lies::Directory {
        if !file.recursive && !file.place.contents && file.does != Does::Move {
            return None;
        }
        repository.inside(&path)?;
        walk.directory(&path, context, 0);
    } else {
        walk.file(&path, context);
    }
    let holds = walk.files > 0 && walk.count == 0 && walk.whole && stays(Stays::Tree, action, &repository, context);
    let more = if walk.whole { "" } else { "more than " };
    let says = format!(
        "{more}{}, {} of them in no commit: {}",
        say::count(walk.files, "file"),
        walk.count,
        say::names(&walk.open)
    );
    Some(seen(holds, &if walk.count > 0 { vec![says] } else { Vec::new() }))
}

/// git ignores the path.
pub(super) fn ignored(action: &Action, context: &Context<'_>) -> Option<Seen> {
    let (_, path) = file_of(action, context)?;
    let repository = repository(&path, context)?;
    let directory = context.files.stat(&path).is_some_and(|stat| stat.kind == Lies::Directory);
    let holds = repository.ignores(&path, directory, context) && stays(Stays::Tree, action, &repository, context);
    Some(seen(holds, &[]))
}

/// The path that something is done to, without links on the way to it.
fn file_of<'a>(action: &'a Action, context: &Context<'_>) -> Option<(&'a FileAction, String)> {
    let Kind::File(file) = &action.kind else { return None };
    let place = &file.place;
    if !place.certain || action.origin.elsewhere || place.path.contains(['*', '?', '[', '{', '…']) {
        return None;
    }
    let (dir, name) = place.path.rsplit_once('/').filter(|(_, name)| !name.is_empty())?;
    Some((file, join(&real(dir, context)?, name)))
}

struct Committed<'a> {
    repository: &'a Repository,
    files: usize,
    open: Vec<String>,
    count: usize,
    whole: bool,
}

impl Committed<'_> {
    fn file(&mut self, path: &str, context: &Context<'_>) {
        const NAMES: usize = 8;
        self.files += 1;
        let state = context.files.stat(path).map(|stat| self.repository.state(path, &stat, context));
        if state != Some(State::Committed) {
            self.count += 1;
            if self.open.len() < NAMES {
                self.open.push(self.repository.inside(path).unwrap_or(path).to_owned());
            }
        }
    }

    fn directory(&mut self, dir: &str, context: &Context<'_>, depth: usize) {
        let mut names = Vec::new();
        let mut paid = depth <= DEEP;
        let read = context.files.list(dir, &mut |name, kind| {
            names.push((format!("{dir}/{name}"), kind));
            paid &= context.budget.pay();
            paid
        });
        self.whole &= read && paid;
        for (path, kind) in names {
            match kind {
                _ if !self.whole => return,
                // A repository of its own is kept nowhere else.
                _ if path.ends_with("/.git") => self.whole = false,
                Lies::Directory => self.directory(&path, context, depth + 1),
                _ => self.file(&path, context),
            }
        }
    }
}

impl Repository {
    /// Untracked files that a commit would be written over.
    fn in_the_way(&self, target: &Id, paths: &Paths, context: &Context<'_>) -> Option<Vec<String>> {
        let root = self.folders.root.as_deref()?;
        let tree = self.commit(target, context)?.tree;
        let head = self.head_tree(context)?;
        let mut found: Vec<String> = Vec::new();
        let mut readable = true;
        self.beyond(&tree, head.as_ref(), &mut Vec::new(), context, &mut |path, named, other| {
            let Ok(path) = std::str::from_utf8(path) else {
                readable = false;
                return false;
            };
            if !paths.reaches(path) || other.is_some_and(|other| !other.is_directory()) {
                // What is tracked there has been looked at.
                return false;
            }
            if other.is_some() && named.is_directory() {
                return true;
            }
            match context.files.stat(&join(root, path)).map(|stat| stat.kind) {
                None => false,
                Some(Lies::Directory) if named.is_directory() => true,
                Some(_) => {
                    found.push(path.to_owned());
                    false
                }
            }
        })?;
        readable.then_some(found)
    }
}

fn seen(holds: bool, says: &[String]) -> Seen {
    Seen { holds, says: (!says.is_empty()).then(|| says.join("; ")) }
}

/// What is said where not everything could be looked at.
fn unseen(repository: &Repository, context: &Context<'_>) -> Seen {
    let many = repository.index(context).is_some_and(|index| index.entries.len() > ENTRIES as usize);
    let says = many.then(|| "more than 20,000 files: which of them are changed wasn't looked at".to_owned());
    Seen { holds: false, says }
}
