//! Real bash with stand-ins for programs: what it runs of scripts, with which words.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

/// Between two words, and behind a command, in what a stand-in writes down.
const WORD: char = '\u{1f}';
const END: &str = "\u{1e}\u{1f}";

/// The directory and the home of the scripts.
pub(crate) const SCRATCH: &str = "/scratch";

/// How the scripts are kept from everything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// In namespaces of their own, below a root without a single program that does something.
    Isolated,
    /// By the `PATH` alone: only for scripts that name no program by its path.
    Open,
}

/// What bash ran of a script.
#[derive(Debug, Default)]
pub(crate) struct Ran {
    /// The name and the words of each command.
    pub(crate) commands: Vec<Vec<String>>,
    /// What bash said.
    pub(crate) errors: String,
}

pub(crate) fn find_bash() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join("bash")).find(|file| file.is_file())
}

/// Whether this system lets a test have namespaces of its own.
pub(crate) fn isolates() -> bool {
    let script = "mount -t tmpfs none /tmp && mkdir /tmp/p && mount -t proc -o subset=pid proc /tmp/p";
    let mut unshare = unshare();
    let command = unshare.args(["bash", "-c", script]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn unshare() -> Command {
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--net", "--mount", "--pid", "--ipc", "--fork", "--kill-child"]);
    command
}

/// Runs scripts, in `folder`, which must not be there yet. `names`: of the programs that there is a stand-in for; bash knows
/// any other name as well, but what `env` and its like start must be there as a file.
pub(crate) fn run(folder: &Path, kept: Kept, names: &[String], scripts: &[String]) -> Vec<Ran> {
    for part in ["scripts", "ran", "errors"] {
        fs::create_dir_all(folder.join(part)).expect("a folder");
    }
    for (number, script) in scripts.iter().enumerate() {
        fs::write(folder.join(format!("scripts/{number:06}")), script).expect("a script");
    }
    let sound = |name: &&String| !name.is_empty() && !name.contains(['/', '\0', '\n']) && !name.starts_with('.');
    let names: String = names.iter().filter(sound).map(|name| format!("{name}\n")).collect();
    fs::write(folder.join("names"), names).expect("the names");
    let driver = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/shell/standins.sh");
    let (mut command, how) = match kept {
        Kept::Isolated => (unshare(), "isolated"),
        Kept::Open => (Command::new("env"), "open"),
    };
    let log = fs::File::create(folder.join("driver.log")).expect("a log");
    let status = command.args(["bash", driver]).arg(folder).arg(how).stdin(Stdio::null()).stderr(log).status();
    let said = fs::read_to_string(folder.join("driver.log")).unwrap_or_default();
    assert!(status.is_ok_and(|status| status.success()), "the scripts can't be run: {said}");
    let text = |part: &str, number: usize| {
        let bytes = fs::read(folder.join(format!("{part}/{number:06}"))).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    (0..scripts.len())
        .map(|number| {
            let log = text("ran", number);
            let words = |line: &str| line.split_terminator(WORD).map(str::to_owned).collect();
            Ran { commands: log.split_terminator(END).map(words).collect(), errors: text("errors", number) }
        })
        .collect()
}
