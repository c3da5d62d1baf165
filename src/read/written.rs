//! What the call itself has put into files so far. Where that isn't sure to have happened, the file may hold what was in it
//! before as well.

use super::reader::Stdin;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The most contents of one file that are told apart.
const VERSIONS: usize = 4;

/// What may be in a file, and the program that put it there.
pub(crate) type Version = Rc<(Stdin, String)>;

/// A file that the call has written.
#[derive(Clone, Debug)]
struct File {
    /// What was put into it last.
    now: Version,
    /// What else may be in it.
    others: Vec<Version>,
    /// It may be as it was before the call.
    before: bool,
}

impl File {
    /// It may also be as it was then.
    fn or(&mut self, then: Option<&Self>) {
        let Some(then) = then else {
            self.before = true;
            return;
        };
        self.before |= then.before;
        for version in std::iter::once(&then.now).chain(&then.others) {
            if Rc::ptr_eq(version, &self.now) || self.others.iter().any(|known| Rc::ptr_eq(known, version)) {
                continue;
            }
            if self.others.len() < VERSIONS {
                self.others.push(version.clone());
            } else {
                self.others[VERSIONS - 1] = Rc::new((Stdin::Unknown, version.1.clone()));
            }
        }
    }
}

/// Files that the call itself has written, by their paths.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    files: BTreeMap<String, File>,
    /// How the files were that were written in branches that are being read, the first first; `None`: not written yet.
    log: Vec<(String, Option<File>)>,
    /// How many such branches there are, one in another.
    branches: usize,
}

impl Written {
    /// Something is put into a file, in place of what was in it.
    pub(crate) fn put(&mut self, path: &str, gives: Stdin, program: &str) {
        let now = Rc::new((gives, program.to_owned()));
        let then = self.files.insert(path.to_owned(), File { now, others: Vec::new(), before: false });
        if self.branches > 0 {
            self.log.push((path.to_owned(), then));
        }
    }

    /// Something is put into a file, should that succeed.
    pub(crate) fn may_put(&mut self, path: &str, gives: Stdin, program: &str) {
        let then = self.files.get(path).cloned();
        self.put(path, gives, program);
        if let Some(file) = self.files.get_mut(path) {
            file.or(then.as_ref());
        }
    }

    /// What was put into a file last.
    pub(crate) fn get(&self, path: &str) -> Option<&(Stdin, String)> {
        self.files.get(path).map(|file| &*file.now)
    }

    /// All that may be in a file, what was put there last in front; with `true`, also what was there before the call.
    pub(crate) fn versions(&self, path: &str) -> Option<(Vec<Version>, bool)> {
        let file = self.files.get(path)?;
        Some((std::iter::once(&file.now).chain(&file.others).cloned().collect(), file.before))
    }

    /// Whether a file was written.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// The paths of all files, and what was put into each last.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &(Stdin, String))> {
        self.files.iter().map(|(path, file)| (path.as_str(), &*file.now))
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.files.len()
    }

    /// From here on, nobody knows that it happens at all. Gives what [`Written::unsettle`] wants to know.
    pub(crate) fn branch(&mut self) -> usize {
        self.branches += 1;
        self.log.len()
    }

    /// Another branch begins where one ends, beside it or behind it.
    pub(crate) fn next_branch(&mut self, since: usize) -> usize {
        self.unsettle(since);
        self.branch()
    }

    /// The end of that: what was written since may not have been.
    pub(crate) fn unsettle(&mut self, since: usize) {
        self.branches = self.branches.saturating_sub(1);
        let mut seen = BTreeSet::new();
        for (path, then) in self.log.iter().skip(since) {
            if seen.insert(path)
                && let Some(file) = self.files.get_mut(path)
            {
                file.or(then.as_ref());
            }
        }
        if self.branches == 0 {
            self.log.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::word::Word;

    fn texts(written: &Written, path: &str) -> (Vec<String>, bool) {
        let (versions, before) = written.versions(path).expect(path);
        let text = |version: &Version| match &version.0 {
            Stdin::Text(text) => text.shown(),
            _ => "?".to_owned(),
        };
        (versions.iter().map(text).collect(), before)
    }

    #[test]
    fn what_may_not_have_happened_leaves_what_was_there() {
        let mut written = Written::default();
        let put =
            |written: &mut Written, path: &str, text: &str| written.put(path, Stdin::Text(Word::text(text)), "cat");
        put(&mut written, "a", "1");
        let outer = written.branch();
        put(&mut written, "a", "2");
        let inner = written.branch();
        put(&mut written, "a", "3");
        put(&mut written, "a", "4");
        put(&mut written, "b", "x");
        written.unsettle(inner);
        assert_eq!(texts(&written, "a"), (vec!["4".to_owned(), "2".to_owned()], false));
        written.unsettle(outer);
        assert_eq!(texts(&written, "a"), (vec!["4".to_owned(), "2".to_owned(), "1".to_owned()], false));
        assert_eq!(texts(&written, "b"), (vec!["x".to_owned()], true));
        put(&mut written, "a", "5");
        assert_eq!(texts(&written, "a"), (vec!["5".to_owned()], false));
        written.may_put("c", Stdin::Unknown, "cp");
        assert_eq!(texts(&written, "c"), (vec!["?".to_owned()], true));
        for text in ["6", "7", "8", "9", "10"] {
            let branch = written.branch();
            put(&mut written, "a", text);
            written.unsettle(branch);
        }
        assert_eq!(texts(&written, "a").0.len(), 1 + VERSIONS);
        assert_eq!(texts(&written, "a").0[0], "10");
    }
}
