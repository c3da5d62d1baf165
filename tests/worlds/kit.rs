//! Builds little worlds on the real disk: a home, a project in it, and what a test needs there. Nothing of the machine's
//! own settings reaches in.

use countersign::call::{Call, ToolCall};
use countersign::context::{Disk, Files, Kind, Loaded, Stat};
use countersign::judge::{Decision, Judgement, judge_by};
use countersign::policy::Policy;
use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// A home with a project in it. Gone when it is dropped.
pub struct World {
    /// The home directory.
    pub home: PathBuf,
    /// The project, `shop` in the home.
    pub project: PathBuf,
}

impl World {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("world{}.{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let home = fs::canonicalize(home.parent().expect("a folder"))
            .expect("a folder")
            .join(home.file_name().expect("a name"));
        let project = home.join("shop");
        fs::create_dir_all(&project).expect("a project");
        // The repository that these tests lie in ends here: a project without one has none.
        fs::write(home.join(".git"), "gitdir: nowhere\n").expect("a file");
        Self { home, project }
    }

    /// With a repository in the project, whose one commit holds `README.md`; the branch is `main`.
    pub fn with_git() -> Self {
        let world = Self::new();
        world.git("init -q -b main");
        world.file("README.md", "shop\n");
        world.commit();
        world
    }

    /// Writes a file, by its path in the project.
    pub fn file(&self, path: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.project.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, text).expect("a file");
        self
    }

    /// A symbolic link in the project.
    pub fn link(&self, target: impl AsRef<Path>, path: &str) -> &Self {
        let path = self.project.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::os::unix::fs::symlink(target, path).expect("a link");
        self
    }

    /// Runs git in the project: words separated by blanks.
    pub fn git(&self, words: &str) -> &Self {
        self.git_in(".", words)
    }

    /// Runs git in a directory of the project.
    pub fn git_in(&self, dir: &str, words: &str) -> &Self {
        let out = Command::new("git")
            .args(words.split_whitespace())
            .current_dir(self.project.join(dir))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").expect("a PATH"))
            .env("HOME", &self.home)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .envs(["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"].map(|name| (name, "dev")))
            .envs(["GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"].map(|name| (name, "dev@example.com")))
            .output()
            .expect("git");
        assert!(out.status.success(), "git {words}: {}", String::from_utf8_lossy(&out.stderr));
        self
    }

    /// Commits everything.
    pub fn commit(&self) -> &Self {
        self.git("add -A").git("commit -q -m change --allow-empty")
    }

    /// A shell command in the project.
    pub fn call(&self, command: &str) -> Call {
        self.call_in(".", command)
    }

    /// A shell command in a directory of the project.
    pub fn call_in(&self, dir: &str, command: &str) -> Call {
        self.tool(ToolCall::Bash { command: command.to_owned(), description: None }, dir)
    }

    /// Any call, in a directory of the project.
    pub fn tool(&self, tool: ToolCall, dir: &str) -> Call {
        let cwd = self.project.join(dir);
        let mut call = Call::new(tool, cwd.to_str().expect("UTF-8"));
        call.home = self.home.to_str().map(str::to_owned);
        call.project = self.project.to_str().map(str::to_owned);
        call
    }

    /// What becomes of a command in the project.
    pub fn judge(&self, command: &str) -> Judgement {
        judged(&self.call(command))
    }

    pub fn judge_in(&self, dir: &str, command: &str) -> Judgement {
        judged(&self.call_in(dir, command))
    }

    /// Panics unless each of these commands gets this decision.
    #[track_caller]
    pub fn all(&self, decision: Decision, commands: &[&str]) {
        for command in commands {
            let judgement = self.judge(command);
            assert_eq!(judgement.decision, decision, "`{command}`: {:?}\n{}", judgement.rules, judgement.reason);
        }
    }

    /// Panics unless the command gets this decision, and its reason has all of these texts.
    #[track_caller]
    pub fn says(&self, command: &str, decision: Decision, texts: &[&str]) {
        let judgement = self.judge(command);
        assert_eq!(judgement.decision, decision, "`{command}`: {:?}\n{}", judgement.rules, judgement.reason);
        let said = format!("{}\n{}", judgement.reason, judgement.note.unwrap_or_default());
        for text in texts {
            assert!(said.contains(text), "`{command}`: `{text}` isn't said:\n{said}");
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.home);
    }
}

/// What becomes of a call, by the built-in rules and the real disk.
pub fn judged(call: &Call) -> Judgement {
    judge_by(call, &Policy::of(countersign::rules::builtin()), &Disk)
}

/// The disk, counting how often it is looked at.
#[derive(Debug, Default)]
pub struct Counting(pub Cell<usize>);

impl Counting {
    fn one(&self) {
        self.0.set(self.0.get() + 1);
    }
}

impl Files for Counting {
    fn load(&self, path: &str) -> Loaded {
        self.one();
        Disk.load(path)
    }
    fn names(&self, dir: &str) -> Option<Vec<String>> {
        self.one();
        Disk.names(dir)
    }
    fn stat(&self, path: &str) -> Option<Stat> {
        self.one();
        Disk.stat(path)
    }
    fn link(&self, path: &str) -> Option<String> {
        self.one();
        Disk.link(path)
    }
    fn list(&self, dir: &str, each: &mut dyn FnMut(&str, Kind) -> bool) -> bool {
        self.one();
        Disk.list(dir, each)
    }
    fn part(&self, path: &str, from: u64, size: usize) -> Option<Vec<u8>> {
        self.one();
        Disk.part(path, from, size)
    }
}
