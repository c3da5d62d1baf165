//! Makes repositories that somebody might clone, and asks the hook in them.

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use crate::client::{self, BINARY, Verdict};
use crate::executable;
use serde_json::{Value, json};

/// The most that one answer may take, on a busy machine and in a debug build.
const PATIENCE: Duration = Duration::from_secs(20);

/// A repository with the home of the person who has cloned it.
pub(crate) struct Repo {
    base: PathBuf,
    /// The root of the repository.
    pub(crate) root: PathBuf,
    /// The person's home directory.
    pub(crate) home: PathBuf,
    /// Where the hook is started.
    pub(crate) cwd: PathBuf,
    /// What the repository's settings add to the hook's environment.
    pub(crate) env: Vec<(String, String)>,
}

impl Repo {
    /// An empty repository.
    pub(crate) fn new(name: &str) -> Self {
        let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let base = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("hostile-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&base);
        let (root, home) = (base.join("home/work/shop"), base.join("home"));
        fs::create_dir_all(root.join(".git")).expect("a folder");
        let repo = Self { base, cwd: root.clone(), root, home, env: Vec::new() };
        repo.file(".git/HEAD", "ref: refs/heads/main\n");
        repo.file(".git/config", "[core]\n\trepositoryformatversion = 0\n");
        repo
    }

    /// Writes a file, with its folders.
    pub(crate) fn file(&self, path: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.folder_of(path);
        fs::write(path, text).expect("a file");
        self
    }

    /// Writes a program that would leave its mark.
    pub(crate) fn program(&self, path: &str) -> &Self {
        let text = format!("#!/bin/sh\necho ran > {}\n", self.mark().display());
        executable::write(&self.folder_of(path), text.as_bytes(), 0o755);
        self
    }

    /// Makes a symbolic link; a relative target is taken as it is.
    pub(crate) fn link(&self, path: &str, target: impl AsRef<Path>) -> &Self {
        symlink(target, self.folder_of(path)).expect("a link");
        self
    }

    /// Makes a FIFO that nobody writes to.
    pub(crate) fn fifo(&self, path: &str) -> &Self {
        let made = Command::new("mkfifo").arg(self.folder_of(path)).status().expect("mkfifo");
        assert!(made.success());
        self
    }

    /// Sets a variable as `env` in the repository's settings would.
    pub(crate) fn env(&mut self, name: &str, value: impl Into<String>) -> &mut Self {
        self.env.push((name.to_owned(), value.into()));
        self
    }

    /// Where in the repository the hook is started.
    pub(crate) fn place(&self) -> &Path {
        self.cwd.strip_prefix(&self.root).expect("inside")
    }

    /// Starts the hook in this folder of the repository.
    pub(crate) fn start_at(&mut self, place: &Path) {
        self.cwd = self.root.join(place);
        fs::create_dir_all(&self.cwd).expect("a folder");
    }

    /// The folder around the home directory: outside of the repository, and of what the person owns.
    pub(crate) fn outside(&self) -> &Path {
        &self.base
    }

    /// What a program of the repository leaves behind when somebody runs it.
    pub(crate) fn mark(&self) -> PathBuf {
        self.base.join("ran")
    }

    fn folder_of(&self, path: &str) -> PathBuf {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        path
    }

    /// What the hook answers here.
    pub(crate) fn ask(&self, tool: &str, input: &Value, mode: &str, about: &str) -> Verdict {
        // Every call is judged by itself, not by what a session remembers.
        let event = json!({"session_id": input.to_string(), "transcript_path": "/t", "cwd": self.cwd, "permission_mode": mode,
            "hook_event_name": "PreToolUse", "tool_name": tool, "tool_input": input, "tool_use_id": "toolu_1"});
        let mut command = Command::new(BINARY);
        command.arg("hook").current_dir(&self.cwd).env_clear().envs(self.env.iter().map(|(k, v)| (k, v)));
        // These the client sets; a repository's settings can't.
        command.env("HOME", &self.home).env("CLAUDE_PROJECT_DIR", &self.root);
        if self.env.iter().all(|(name, _)| name != "PATH") {
            command.env("PATH", "/usr/bin:/bin");
        }
        client::verdict(&in_time(&mut command, event.to_string().as_bytes(), about), about)
    }
}

impl Drop for Repo {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.base);
    }
}

/// Runs the hook; one that hangs is a failure, not a test that never ends.
fn in_time(command: &mut Command, input: &[u8], about: &str) -> Output {
    let mut child = client::start(command);
    child.stdin.take().expect("a pipe").write_all(input).expect("it reads");
    let begin = Instant::now();
    while child.try_wait().expect("it can be waited for").is_none() {
        if begin.elapsed() > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            panic!("{about}: no answer after {PATIENCE:?}");
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    child.wait_with_output().expect("it has ended")
}

/// The policies of `policies.txt`, by name.
pub(crate) fn policies() -> Vec<(&'static str, &'static str)> {
    let all = include_str!("policies.txt").split("== ").skip(1);
    all.map(|part| part.split_once('\n').expect("a name and a policy")).collect()
}
