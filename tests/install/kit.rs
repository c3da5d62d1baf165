//! A machine in a folder: a home, a project in it, and countersign installed beside.

use crate::executable;
use crate::terminal;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_countersign");

pub(crate) struct Machine(pub(crate) PathBuf);

impl Machine {
    pub(crate) fn new(name: &str) -> Self {
        let base = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("install-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&base);
        for folder in ["bin", "old", "home/.claude", "home/shop/.git", "home/shop/.claude", "home/shop/src"] {
            fs::create_dir_all(base.join(folder)).expect("a folder");
        }
        let machine = Self(fs::canonicalize(&base).expect("the folder"));
        // A link costs nothing; some file systems have none.
        fs::hard_link(BINARY, machine.binary()).unwrap_or_else(|_| executable::copy(BINARY, machine.binary()));
        machine
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }

    pub(crate) fn binary(&self) -> PathBuf {
        self.path("bin/countersign")
    }

    pub(crate) fn settings(&self) -> PathBuf {
        self.path("home/.claude/settings.json")
    }

    pub(crate) fn file(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        fs::write(self.path(path), content).expect("a file");
        self
    }

    pub(crate) fn program(&self, path: &str, content: &str) -> &Self {
        executable::write(&self.path(path), content.as_bytes(), 0o755);
        self
    }

    /// The settings as bytes; none where there is no file.
    pub(crate) fn bytes(&self) -> Option<Vec<u8>> {
        fs::read(self.settings()).ok()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.bytes().expect("settings")).expect("text")
    }

    /// What lies beside the settings.
    pub(crate) fn beside(&self) -> Vec<String> {
        let names = fs::read_dir(self.path("home/.claude")).expect("the folder");
        let mut names: Vec<String> =
            names.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.retain(|name| name != "settings.json");
        names.sort();
        names
    }

    /// A command in this machine's environment, in the project.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.current_dir(self.path("home/shop")).env_clear();
        command.env("HOME", self.path("home")).env("PATH", "/usr/local/bin:/usr/bin:/bin");
        command
    }

    /// Runs countersign; gives its exit code and all that it said.
    pub(crate) fn run(&self, arguments: &[&str]) -> (i32, String) {
        told(&self.command(self.binary()).args(arguments).output().expect("it runs"))
    }

    /// The same at a terminal of its own, where a person types this.
    pub(crate) fn person(&self, answer: &str, arguments: &[&str]) -> (i32, String) {
        self.person_with(answer, &[], arguments)
    }

    pub(crate) fn person_with(&self, answer: &str, variables: &[(&str, &str)], arguments: &[&str]) -> (i32, String) {
        let mut command = self.command(terminal::SETSID);
        command.arg("--ctty").arg(self.binary()).args(arguments);
        command.env("TERM", "xterm").envs(variables.iter().copied());
        terminal::answered(&mut command, "Type `", answer)
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn told(output: &Output) -> (i32, String) {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&text).into_owned())
}

/// The fixtures that begin like this, by name.
pub(crate) fn fixtures(bad: bool) -> Vec<(String, Vec<u8>)> {
    let folder = fs::read_dir("tests/fixtures/settings").expect("the fixtures");
    let mut files: Vec<PathBuf> = folder.map(|file| file.expect("a file").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let name = |path: &Path| path.file_stem().expect("a name").to_string_lossy().into_owned();
    let files = files.iter().filter(|path| name(path).starts_with("bad-") == bad);
    files.map(|path| (name(path), fs::read(path).expect("a fixture"))).collect()
}
