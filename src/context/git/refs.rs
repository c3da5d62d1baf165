//! References: what branches, tags and HEAD name.

use super::find::small;
use super::{Id, Repository, hex, id_of};
use crate::context::{Context, Kind, join};
use std::collections::BTreeMap;

/// References that name references, in a row.
const LINKS: usize = 5;
/// The largest list of packed references that is read, in bytes.
const PACKED: usize = 4 << 20;
/// The largest log of a reference that is read, in bytes.
const LOG: usize = 1 << 20;
/// The deepest folders of references.
const DEEP: usize = 16;

/// What a reference says.
enum Says {
    Id(Id),
    Name(String),
}

/// A line in the log of a reference: what it named from then on.
#[derive(Clone, Debug)]
pub(super) struct Logged {
    /// What it named.
    pub(super) id: Id,
    /// When, in seconds since 1970-01-01.
    pub(super) at: i64,
    /// Why.
    pub(super) message: String,
}

impl Repository {
    /// What a reference names in the end, by its full name.
    pub(super) fn reference(&self, name: &str, context: &Context<'_>) -> Option<Id> {
        let mut name = name.to_owned();
        for _ in 0..LINKS {
            match self.says(&name, context)? {
                Says::Id(id) => return Some(id),
                Says::Name(next) => name = next,
            }
        }
        None
    }

    /// The branch that is checked out, by its full name; `None`: none is.
    pub(super) fn head_branch(&self, context: &Context<'_>) -> Option<String> {
        self.names("HEAD", context)
    }

    /// The reference that a symbolic reference names.
    pub(super) fn names(&self, name: &str, context: &Context<'_>) -> Option<String> {
        match self.says(name, context)? {
            Says::Name(name) => Some(name),
            Says::Id(_) => None,
        }
    }

    fn says(&self, name: &str, context: &Context<'_>) -> Option<Says> {
        if !is_sound(name) || !context.budget.pay() {
            return None;
        }
        let dir = if name.starts_with("refs/") { &self.folders.common } else { &self.folders.own };
        let Some(text) = small(&join(dir, name), context) else {
            return self.packed(context)?.get(name).map(|id| Says::Id(*id));
        };
        let text = text.trim_end();
        match text.strip_prefix("ref:") {
            Some(next) => {
                Some(next.trim_start()).filter(|next| next.starts_with("refs/")).map(|next| Says::Name(next.to_owned()))
            }
            None => id_of(text).map(Says::Id),
        }
    }

    /// Whether it is certain that there is no reference of this full name, and no log of one.
    pub(super) fn lacks(&self, name: &str, context: &Context<'_>) -> bool {
        let common = &self.folders.common;
        let gone = |path: &str| context.budget.pay() && context.files.is_absent(&join(common, path));
        let folder = context.files.stat(&join(common, "refs")).is_some_and(|stat| stat.kind == Kind::Directory);
        folder
            && gone(name)
            && gone(&format!("logs/{name}"))
            && self.packed(context).is_some_and(|packed| !packed.contains_key(name))
    }

    fn packed(&self, context: &Context<'_>) -> Option<&BTreeMap<String, Id>> {
        let read = || {
            let path = join(&self.folders.common, "packed-refs");
            if context.files.stat(&path).is_none() {
                return Some(BTreeMap::new());
            }
            let bytes = context.files.part(&path, 0, PACKED + 1).filter(|bytes| bytes.len() <= PACKED)?;
            let mut packed = BTreeMap::new();
            for line in String::from_utf8_lossy(&bytes).lines().filter(|line| !line.starts_with(['#', '^'])) {
                let (id, name) = line.split_once(' ')?;
                packed.insert(name.to_owned(), id_of(id)?);
            }
            Some(packed)
        };
        self.packed.get_or_init(read).as_ref()
    }

    /// All references whose names begin so (`refs/heads/`). `None`: there are too many, or they can't be read.
    pub(super) fn references(&self, prefix: &str, context: &Context<'_>) -> Option<BTreeMap<String, Id>> {
        let mut all = BTreeMap::new();
        for (name, id) in
            self.packed(context)?.range(prefix.to_owned()..).take_while(|(name, _)| name.starts_with(prefix))
        {
            if !context.budget.pay() {
                return None;
            }
            all.insert(name.clone(), *id);
        }
        let mut folders = vec![(prefix.trim_end_matches('/').to_owned(), 0)];
        while let Some((folder, depth)) = folders.pop() {
            let mut found = Vec::new();
            let mut late = false;
            context.files.list(&join(&self.folders.common, &folder), &mut |name, kind| {
                found.push((format!("{folder}/{name}"), kind));
                late = !context.budget.pay();
                !late
            });
            if late {
                return None;
            }
            for (name, kind) in found {
                match kind {
                    Kind::Directory if depth < DEEP => folders.push((name, depth + 1)),
                    Kind::File if !name.ends_with(".lock") => {
                        // A symbolic one names another of them.
                        if let Some(Says::Id(id)) = self.says(&name, context) {
                            all.insert(name, id);
                        }
                    }
                    _ => {}
                }
            }
        }
        Some(all)
    }

    /// The log of a reference, the newest first. Lines that can't be read are left out.
    pub(super) fn log(&self, name: &str, context: &Context<'_>) -> Vec<Logged> {
        if !is_sound(name) {
            return Vec::new();
        }
        let dir = if name.starts_with("refs/") { &self.folders.common } else { &self.folders.own };
        let path = join(dir, &format!("logs/{name}"));
        let Some(stat) = context.files.stat(&path) else { return Vec::new() };
        let from = stat.size.saturating_sub(LOG as u64);
        let bytes = context.files.part(&path, from, LOG).unwrap_or_default();
        let line = |line: &str| {
            let (head, message) = line.split_once('\t').unwrap_or((line, ""));
            let id = head.get(41..81)?;
            let mut words = head.rsplit(' ');
            let at = words.nth(1)?.parse().ok()?;
            Some(Logged { id: id_of(id)?, at, message: message.to_owned() })
        };
        let text = String::from_utf8_lossy(&bytes);
        text.lines().rev().take_while(|_| context.budget.pay()).filter_map(line).collect()
    }

    /// The full name of the reference that a short one means, and what it names.
    pub(super) fn meant(&self, name: &str, context: &Context<'_>) -> Option<(String, Id)> {
        let name = if name == "@" { "HEAD" } else { name };
        let root = name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_') || name.starts_with("refs/");
        let forms = ["", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"];
        let mut names: Vec<String> =
            forms.iter().skip(usize::from(!root)).map(|form| format!("{form}{name}")).collect();
        names.push(format!("refs/remotes/{name}/HEAD"));
        names.into_iter().find_map(|full| self.reference(&full, context).map(|id| (full, id)))
    }

    /// The commit that a word names: `HEAD~2`, `origin/main`, `v1.0`, `1a2b3c4`, `feature@{u}`, `stash@{1}`.
    pub(super) fn commit_of(&self, word: &str, context: &Context<'_>) -> Option<Id> {
        let end = word.find(['~', '^']).or_else(|| word.find("@{")).unwrap_or(word.len());
        let end = word.find("@{").map_or(end, |at| end.min(at));
        let (name, mut steps) = word.split_at(end);
        let mut id = None;
        if let Some(rest) = steps.strip_prefix("@{") {
            let (what, rest) = rest.split_once('}')?;
            steps = rest;
            let full = if name.is_empty() { self.head_branch(context)? } else { self.meant(name, context)?.0 };
            id = Some(match what {
                "u" | "upstream" => self.reference(&self.upstream(&full)?, context)?,
                number => self.log(&full, context).get(number.parse::<usize>().ok()?)?.id,
            });
        }
        let mut id = match id {
            Some(id) => id,
            None => self.named(name, context)?,
        };
        id = self.peeled(id, context)?;
        while !steps.is_empty() {
            let tilde = steps.starts_with('~');
            if !tilde && !steps.starts_with('^') {
                return None;
            }
            let digits = steps[1..].bytes().take_while(u8::is_ascii_digit).count();
            let number: usize = if digits == 0 { 1 } else { steps[1..=digits].parse().ok()? };
            steps = &steps[1 + digits..];
            if let Some(rest) =
                steps.strip_prefix("{commit}").or_else(|| steps.strip_prefix("{}")).filter(|_| !tilde && digits == 0)
            {
                steps = rest;
            } else if tilde {
                for _ in 0..number {
                    id = *self.commit(&id, context)?.parents.first()?;
                }
            } else if number > 0 {
                id = *self.commit(&id, context)?.parents.get(number - 1)?;
            }
        }
        Some(id)
    }

    fn named(&self, name: &str, context: &Context<'_>) -> Option<Id> {
        if let Some(id) = id_of(name) {
            return Some(id);
        }
        if let Some((_, id)) = self.meant(name, context) {
            return Some(id);
        }
        let short = (4..40).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        short.then(|| self.objects.beginning(&name.to_ascii_lowercase(), &self.folders.common, context))?
    }

    /// The remote-tracking branch of a branch, both by their full names.
    pub(super) fn upstream(&self, branch: &str) -> Option<String> {
        let short = branch.strip_prefix("refs/heads/")?;
        let remote = self.config.get(&format!("branch.{short}.remote"))?;
        let merge = self.config.get(&format!("branch.{short}.merge"))?;
        if remote == "." {
            return Some(merge.to_owned());
        }
        self.tracks(remote, merge.strip_prefix("refs/heads/")?)
    }

    /// Where this repository notes what a branch of a remote names. `None`: that isn't known.
    pub(super) fn tracks(&self, remote: &str, branch: &str) -> Option<String> {
        let usual = format!("+refs/heads/*:refs/remotes/{remote}/*");
        self.config
            .all(&format!("remote.{remote}.fetch"))
            .any(|fetch| fetch == usual || fetch == &usual[1..])
            .then(|| format!("refs/remotes/{remote}/{branch}"))
    }
}

/// A name that leads out of no folder.
fn is_sound(name: &str) -> bool {
    name.split('/').all(|part| !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', '\0']))
}

/// The first figures of a name, as people write them.
pub(super) fn short(id: &Id) -> String {
    hex(id)[..7].to_owned()
}
