//! Against git itself: repositories in many states, made by real git, read here.

use super::*;
use crate::context::{Disk, Files, World};
use crate::rules::builtin;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

pub(super) struct Dir(pub(super) PathBuf);

impl Dir {
    pub(super) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("countersign-git-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let dir = std::fs::canonicalize(std::env::temp_dir()).expect("a folder").join(name);
        std::fs::create_dir_all(&dir).expect("a folder");
        let dir = Self(dir);
        dir.git("init -q -b main");
        dir
    }

    fn path(&self, path: &str) -> String {
        self.0.join(path).to_str().expect("UTF-8").to_owned()
    }

    fn file(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    fn git(&self, words: &str) -> String {
        let out = Command::new("git")
            .args(words.split_whitespace())
            .current_dir(&self.0)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").expect("a PATH"))
            .env("HOME", &self.0)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .envs(["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"].map(|name| (name, "dev")))
            .envs(["GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"].map(|name| (name, "dev@example.com")))
            .output()
            .expect("git");
        assert!(out.status.success(), "git {words}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).expect("UTF-8").trim().to_owned()
    }

    /// Reads it with a context of its own.
    fn with<T>(&self, look: impl Fn(&Context<'_>) -> T) -> T {
        let world = World::default();
        look(&Context::new(&Disk, &world, builtin(), &[]))
    }

    fn open(&self, context: &Context<'_>) -> Rc<Repository> {
        at(&self.path(""), context).or_else(|| at(self.0.to_str()?, context)).expect("a repository")
    }

    fn state(&self, path: &str) -> State {
        let path = self.path(path);
        self.with(|context| self.open(context).state(&path, &Disk.stat(&path).expect("a file"), context))
    }

    fn changes(&self) -> Option<Vec<String>> {
        self.with(|context| self.open(context).changes(None, 0, context))
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn files_are_committed_changed_or_untracked() {
    for version in [2, 3, 4] {
        let dir = Dir::new();
        dir.git(&format!("config index.version {version}"));
        for name in ["a", "b-c", "b/d", "b/e/f", "b.x", "staged", "mode"] {
            dir.file(name, name);
        }
        dir.git("add -A");
        dir.git("commit -q -m one");
        dir.file("new", "x");
        dir.file("b/d", "X");
        dir.file("staged", "STAGED");
        dir.git("add staged");
        dir.file("announced", "x");
        dir.git("add -N announced");
        dir.git("update-index --chmod=+x mode");
        for (path, state) in [
            ("a", State::Committed),
            ("b-c", State::Committed),
            ("b/e/f", State::Committed),
            ("b.x", State::Committed),
            ("b/d", State::Changed),
            ("staged", State::Changed),
            ("mode", State::Changed),
            ("announced", State::Changed),
            ("new", State::Untracked),
            ("b", State::Untracked),
        ] {
            assert_eq!(dir.state(path), state, "{path}, version {version}");
        }
        let changed = ["announced", "b/d", "mode", "staged"].map(str::to_owned);
        assert_eq!(dir.changes().expect("changes"), changed);
    }
}

#[test]
fn objects_are_read_from_packs_too() {
    let dir = Dir::new();
    let long: String = (0..400).map(|line| format!("line {line}\n")).collect();
    for round in 0..30 {
        for file in 0..8 {
            dir.file(&format!("src/{file}/text"), format!("{long}{}", round * file));
            dir.file(&format!("src/{file}/more"), "more");
        }
        dir.git("add -A");
        dir.git(&format!("commit -q -m round{round}"));
    }
    dir.git("tag -a -m tagged v1");
    dir.git("gc -q --aggressive --prune=now");
    for packed in [true, false] {
        // Without the trees in the index, all of them are read.
        dir.git("read-tree --empty");
        dir.git("read-tree HEAD");
        dir.git("update-index --refresh -q");
        dir.git("update-index --force-remove src/1/text");
        assert_eq!(dir.changes().expect("changes"), ["src/1/text"]);
        dir.with(|context| {
            let repository = dir.open(context);
            let head = repository.reference("HEAD", context).expect("a commit");
            assert_eq!(hex(&head), dir.git("rev-parse HEAD"));
            for word in
                ["HEAD~3", "main", "@~2^1", "v1", "v1^{commit}", &dir.git("rev-parse --short=8 HEAD~5"), "HEAD@{1}"]
            {
                let ours = repository.commit_of(word, context).map(|id| hex(&id));
                assert_eq!(ours, Some(dir.git(&format!("rev-parse {word}^0"))), "{word}");
            }
            let old = repository.commit_of("HEAD~20", context).expect("a commit");
            let apart = repository.apart(&[head], &[old], context).expect("all of it");
            assert_eq!((apart.commits.len(), apart.related), (20, true));
            assert_eq!(apart.commits[0].1, "round29");
        });
        if packed {
            let pack = dir.git("count-objects -v");
            assert!(pack.contains("packs: 1"), "{pack}");
            dir.git("config transfer.unpackLimit 100000");
            let files = std::fs::read_dir(dir.0.join(".git/objects/pack")).expect("packs");
            let pack =
                files.flatten().map(|file| file.path()).find(|path| path.extension().is_some_and(|ext| ext == "pack"));
            let moved = dir.0.join("moved.pack");
            std::fs::rename(pack.expect("a pack"), &moved).expect("moved");
            let unpack = format!("git unpack-objects -q < {}", moved.display());
            assert!(Command::new("sh").args(["-c", &unpack]).current_dir(&dir.0).status().expect("sh").success());
            std::fs::remove_file(moved).expect("removed");
        }
    }
}

#[test]
fn ignoring_is_what_git_says() {
    let dir = Dir::new();
    dir.file(".gitignore", "*.log\n/dist/\n!keep.log\nnode_modules\ndocs/**/*.pdf\n\\!odd\n");
    dir.file("sub/.gitignore", "!*.log\n/only\nspace\\ \n");
    std::fs::write(dir.0.join(".git/info/exclude"), "private*\n").expect("a file");
    let paths = [
        "a.log",
        "keep.log",
        "x/a.log",
        "x/keep.log",
        "dist/a",
        "x/dist/a",
        "node_modules/a/b",
        "x/node_modules/a",
        "docs/a.pdf",
        "docs/b/c/a.pdf",
        "x.pdf",
        "!odd",
        "sub/a.log",
        "sub/x/a.log",
        "sub/only",
        "sub/x/only",
        "private.txt",
        "x/private/y",
        "sub/space ",
        "plain",
    ];
    for path in paths {
        dir.file(path, "x");
    }
    for path in paths {
        let git = Command::new("git").args(["check-ignore", "-q", path]).current_dir(&dir.0).status().expect("git");
        let whole = dir.path(path);
        let ours = dir.with(|context| dir.open(context).ignores(&whole, false, context));
        assert_eq!(ours, git.success(), "{path}");
    }
    dir.git("add -f a.log");
    let whole = dir.path("a.log");
    assert!(!dir.with(|context| dir.open(context).ignores(&whole, false, context)), "a tracked file isn't ignored");
}
