//! The packages of a workspace: `npm -w web run x`, `pnpm --filter web x`, `turbo run x`.

use super::{Order, UPWARD, document};
use crate::context::{Kind, join};
use crate::read::reader::{Reader, Scope};
use crate::rules::glob;
use serde_json::Value;

/// The most packages that are looked at.
const MEMBERS: usize = 64;
/// The most directories that are looked through for them.
const LOOKED: usize = 256;
/// Files that say where the packages of a workspace lie.
const ROOTS: [&str; 3] = ["pnpm-workspace.yaml", "package.json", "lerna.json"];
/// The tables and keys in them that say so.
const KEYS: [(&str, &str); 3] = [("", "packages"), ("", "workspaces"), ("workspaces", "packages")];

impl Reader<'_> {
    /// Reads what is named in the packages that a command line means.
    pub(super) fn of_members(&mut self, order: &Order<'_>, behind: usize, cwd: &str, scope: &Scope) -> bool {
        let Some(file) = order.recipes.file.first() else { return false };
        let mut wanted: Vec<String> = order.inv.values_of(&order.recipes.member).map(|word| word.shown()).collect();
        if let Some(at) = order.recipes.member_operand {
            let operand = order.inv.operands.get(behind + usize::from(at));
            wanted.extend(operand.map(|operand| operand.word.shown()));
        }
        let mut books = Vec::new();
        for dir in self.member_dirs(cwd) {
            if books.len() == MEMBERS || !self.may_load() {
                // Too many to know them all: nothing is said about any of them.
                return false;
            }
            books.extend(self.book_at(&join(&dir, file), &dir));
        }
        // `-w packages/core` may be told from where it is.
        for dir in wanted.iter().map(|name| join(cwd, name)) {
            if !books.iter().any(|book| *book.dir == *dir) {
                books.extend(self.book_at(&join(&dir, file), &dir));
            }
        }
        let meant = |book: &super::Book| {
            let name = document::read(&book.path, &book.text);
            let name = name.as_ref().and_then(|value| value.get("name")?.as_str()).unwrap_or_default();
            wanted.iter().any(|like| is_member(like, name, &book.dir))
        };
        let chosen: Vec<bool> = books.iter().map(meant).collect();
        // A selection that isn't understood may be any of them.
        let all = wanted.is_empty() || !chosen.contains(&true);
        let mut found = false;
        for (book, chosen) in books.iter().zip(chosen) {
            if all || chosen {
                found |= self.open_book(order, book, scope);
            }
        }
        found
    }

    /// The directories of a workspace's packages, its own among them.
    fn member_dirs(&mut self, cwd: &str) -> Vec<String> {
        let mut dir = cwd;
        for _ in 0..UPWARD {
            let mut patterns = Vec::new();
            for name in ROOTS {
                let Some(book) = self.book_at(&join(dir, name), dir) else { continue };
                let Some(value) = document::read(&book.path, &book.text) else { continue };
                for (table, key) in KEYS {
                    let lists =
                        document::tables(&value, table).into_iter().filter_map(|table| table.get(key)?.as_array());
                    patterns.extend(lists.flatten().filter_map(Value::as_str).map(str::to_owned));
                }
            }
            if !patterns.is_empty() {
                let mut dirs = vec![dir.to_owned()];
                let mut left = LOOKED;
                for pattern in patterns.iter().filter(|pattern| !pattern.starts_with('!')).take(MEMBERS) {
                    let parts: Vec<&str> = pattern.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
                    self.expand(dir.to_owned(), &parts, &mut left, &mut dirs);
                }
                dirs.dedup();
                return dirs;
            }
            if dir == self.world.project || dir == self.world.home {
                break;
            }
            match dir.rsplit_once('/') {
                Some((above, _)) if !above.is_empty() => dir = above,
                _ => break,
            }
        }
        vec![cwd.to_owned()]
    }

    /// The directories that a pattern names.
    fn expand(&self, dir: String, parts: &[&str], left: &mut usize, found: &mut Vec<String>) {
        let Some((part, rest)) = parts.split_first() else {
            if !found.contains(&dir) && found.len() <= MEMBERS {
                found.push(dir);
            }
            return;
        };
        if *part == ".." || !part.contains(['*', '?', '{', '[']) {
            return self.expand(join(&dir, part), rest, left, found);
        }
        if *part == "**" {
            self.expand(dir.clone(), rest, left, found);
        }
        let mut names = Vec::new();
        self.files.list(&dir, &mut |name, kind| {
            let hidden = name.starts_with('.') || name == "node_modules";
            if kind == Kind::Directory && !hidden && (*part == "**" || glob::matches(part, name)) {
                names.push(name.to_owned());
            }
            *left = left.saturating_sub(1);
            *left > 0
        });
        names.sort_unstable();
        for name in names {
            let below = join(&dir, &name);
            // Behind `**`, one level is as good as the next; two are enough for any workspace.
            if *part == "**" && rest.is_empty() {
                self.expand(below.clone(), &[], left, found);
                self.expand(below, &["*"], left, found);
            } else {
                self.expand(below, rest, left, found);
            }
        }
    }
}

/// Whether a selection means a package: by its name, without its scope, or by its directory.
fn is_member(like: &str, name: &str, dir: &str) -> bool {
    let like = like.trim_start_matches("./").trim_matches(['{', '}', '.', '^', '/']);
    let bare = name.rsplit('/').next().unwrap_or(name);
    let last = dir.rsplit('/').next().unwrap_or(dir);
    let ends = || dir.strip_suffix(like).is_some_and(|rest| rest.ends_with('/'));
    !like.is_empty()
        && ([name, bare, last].iter().any(|name| glob::matches(like, name)) || like.contains('/') && ends())
}
