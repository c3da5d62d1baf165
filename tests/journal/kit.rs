//! A home of its own, and what is done in it.

use crate::client::{BINARY, feed};
use countersign::journal::{JOURNAL, Store};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A person's home with a project in it.
pub(crate) struct Home(pub(crate) PathBuf);

impl Home {
    pub(crate) fn new(name: &str) -> Self {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("journal-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&home);
        fs::create_dir_all(home.join("shop/.git")).expect("a project");
        fs::create_dir_all(home.join(".claude")).expect("a folder");
        Self(home)
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.0.join(JOURNAL)
    }

    pub(crate) fn store(&self) -> Store {
        Store::of_home(&self.0)
    }

    pub(crate) fn file(&self, path: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
        self
    }

    /// The hook, ready to be run.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(BINARY);
        command.arg("hook").env_clear().env("HOME", &self.0);
        command
    }

    pub(crate) fn hook(&self, event: &[u8]) -> Output {
        feed(&mut self.command(), event)
    }

    /// A Bash call in the project.
    pub(crate) fn bash(&self, command: &str) -> Vec<u8> {
        let cwd = self.0.join("shop");
        json!({"session_id": "s-1", "transcript_path": "/t", "cwd": cwd, "permission_mode": "default",
               "hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {"command": command},
               "tool_use_id": "toolu_1"})
        .to_string()
        .into_bytes()
    }

    pub(crate) fn run(&self, command: &str) -> Output {
        self.hook(&self.bash(command))
    }

    /// The lines of all files, the oldest first, each as it is.
    pub(crate) fn raw(&self) -> Vec<String> {
        let files = self.store().files();
        let text: String = files.iter().filter_map(|path| fs::read_to_string(path).ok()).collect();
        // A line that was just being written may look torn to the next process, which then begins with an empty one.
        text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    /// The lines, read.
    pub(crate) fn lines(&self) -> Vec<Value> {
        let read = |line: &String| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        self.raw().iter().map(read).collect()
    }

    /// `countersign log` in the project: exit code, output, and what is said on stderr.
    pub(crate) fn log(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = self.log_command(arguments).output().expect("it runs");
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
    }

    pub(crate) fn log_command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command.arg("log").args(arguments).current_dir(self.0.join("shop")).env_clear().env("HOME", &self.0);
        command
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
