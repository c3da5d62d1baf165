//! Namespaces and other users, in which faults are provoked; and calls whose decisions are known.

use crate::client::{BINARY, Verdict, feed, verdict};
use crate::kit::Home;
use crate::skip::skipped;
use countersign::approve::folder::Folder;
use countersign::approve::request::{Approval, Request};
use serde_json::{Value, json};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// Calls in the project, and what comes of each where nothing is wrong.
pub(crate) const CALLS: [(&str, Verdict); 4] = [
    ("ls -la", Verdict::Allow),
    ("npm install", Verdict::Silent),
    ("terraform apply", Verdict::Ask),
    ("rm -rf /", Verdict::Deny),
];

/// A call that is denied, and may be approved.
pub(crate) const PUSH: &str = "git push --force origin main";

/// A user of whom the system knows nothing.
const USER: &str = "54321";

/// The exit code by which a script says that this can't be tried here.
pub(crate) const SKIPPED: i32 = 77;

/// The most that an answer may take: the time of a call, for reading and for judging it, on a busy machine.
pub(crate) const ANSWER: Duration = Duration::from_secs(9);

impl Home {
    /// A Bash call in some directory.
    pub(crate) fn call_in(&self, cwd: &str, command: &str) -> Vec<u8> {
        json!({"session_id": "s-1", "transcript_path": "/t", "cwd": cwd, "permission_mode": "default",
               "hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {"command": command},
               "tool_use_id": "toolu_1"})
        .to_string()
        .into_bytes()
    }

    /// What the hook makes of a call in the project.
    #[track_caller]
    pub(crate) fn decides(&self, command: &str) -> Verdict {
        verdict(&self.run(command), command)
    }

    /// Panics unless all calls are decided as ever.
    #[track_caller]
    pub(crate) fn decides_as_ever(&self, about: &str) {
        for (call, expected) in CALLS {
            assert_eq!(self.decides(call), expected, "{about}: {call}");
        }
    }

    /// A person's approval of a call that was denied.
    pub(crate) fn approve(&self, command: &str) {
        let output = self.run(command);
        let reason = reason(&output);
        let code = reason.rsplit('`').nth(1).and_then(|text| text.rsplit(' ').next()).unwrap_or_default();
        let folder = Folder::open(&self.0).expect("a folder");
        let request = Request::load(&folder, &code.replace('-', "")).unwrap_or_else(|| panic!("no request: {reason}"));
        Approval::of(&request).save(&folder).expect("it is written");
    }

    /// The hook as a user whom modes stop, to whom the home belongs. `None`: that can't be had here.
    pub(crate) fn as_another(&self) -> Option<Command> {
        if !is_root() {
            return Some(self.command());
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid", USER, "--regid", USER, "--clear-groups", "--", BINARY, "hook"]);
        command.env_clear().env("HOME", &self.0).env("PATH", "/usr/bin:/bin").current_dir("/");
        if !works(Command::new("chown").args(["-R", &format!("{USER}:{USER}")]).arg(&self.0)) {
            return skipped("the home can't be given to another user");
        }
        let mut trial = Command::new("setpriv");
        trial.args([
            "--reuid",
            USER,
            "--regid",
            USER,
            "--clear-groups",
            "--",
            "sh",
            "-c",
            "test -x \"$0\" && cd \"$1\"",
        ]);
        if !works(trial.arg(BINARY).arg(&self.0)) {
            return skipped("no other user can run the binary here");
        }
        Some(command)
    }

    /// A script in a mount namespace of its own, with `$1` as the home and `$0` as the binary. `None`: that can't be had here,
    /// or the script has said so.
    pub(crate) fn in_a_namespace(&self, script: &str, input: &[u8]) -> Option<Output> {
        let mut command = Command::new("unshare");
        let flags = if is_root() { "-m" } else { "-rm" };
        command.args([flags, "--", "sh", "-c", script, BINARY]).arg(&self.0);
        command.env("HOME", &self.0).current_dir("/");
        if !works(Command::new("unshare").args([flags, "--", "true"])) {
            return skipped("there are no namespaces for it here");
        }
        let output = feed(&mut command, input);
        if output.status.code() == Some(SKIPPED) {
            return skipped(&String::from_utf8_lossy(&output.stderr));
        }
        Some(output)
    }
}

/// The reason of a denial or a question.
pub(crate) fn reason(output: &Output) -> String {
    let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    said["hookSpecificOutput"]["permissionDecisionReason"].as_str().unwrap_or_default().to_owned()
}

/// Whether a command ends well.
pub(crate) fn works(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Runs it, and panics if that takes longer than a call may.
#[track_caller]
pub(crate) fn in_time<T>(about: &str, run: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let done = run();
    assert!(begun.elapsed() < ANSWER, "{about}: {:?}", begun.elapsed());
    done
}

/// A FIFO that nobody writes to.
pub(crate) fn fifo(path: &std::path::Path) {
    assert!(Command::new("mkfifo").arg("-m").arg("600").arg(path).status().expect("mkfifo").success());
}
