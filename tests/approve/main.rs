//! Countersignatures, from the denial to the one time that the call passes: the hook and `countersign approve` as processes,
//! a person at a pseudo-terminal, signatures by the real `ssh-keygen`.
#![cfg(target_os = "linux")]
#![allow(missing_docs)]

#[allow(dead_code)]
#[path = "../client/mod.rs"]
mod client;
#[allow(dead_code)]
#[path = "../support/executable.rs"]
mod executable;
#[allow(dead_code)]
#[path = "../journal/kit.rs"]
mod kit;
mod person;
mod signature;
#[path = "../skip/mod.rs"]
mod skip;
mod state;
#[path = "../terminal/mod.rs"]
mod terminal;
mod typists;

use client::{BINARY, Verdict, verdict};
use kit::Home;
use serde_json::{Value, json};
use std::path::PathBuf;

/// A call that is denied, and may be approved. What is at stake is the branch.
const PUSH: &str = "git push --force origin main";

impl Home {
    /// What the hook makes of an event, and the reason that it gives.
    fn judged(&self, event: &[u8]) -> (Verdict, String) {
        let output = self.hook(event);
        let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let reason = said["hookSpecificOutput"]["permissionDecisionReason"].as_str().unwrap_or_default().to_owned();
        (verdict(&output, &reason), reason)
    }

    fn decided(&self, command: &str) -> Verdict {
        self.judged(&self.bash(command)).0
    }

    /// Has a call denied; gives the code in its reason.
    fn denied(&self, event: &[u8]) -> String {
        let (verdict, reason) = self.judged(event);
        assert_eq!(verdict, Verdict::Deny, "{reason}");
        code(&reason).unwrap_or_else(|| panic!("no code: {reason}"))
    }

    /// `countersign approve` at a person's terminal, who answers its question.
    fn approve(&self, arguments: &[&str], answer: &str) -> (i32, String) {
        let command: Vec<&str> = [BINARY, "approve"].iter().chain(arguments).copied().collect();
        let mut command = terminal::in_a_terminal(&command);
        command.current_dir(self.0.join("shop")).env_clear().env("HOME", &self.0).env("PATH", "/usr/bin:/bin");
        terminal::answered(&mut command, "Type the name", answer)
    }

    fn approvals(&self) -> PathBuf {
        self.0.join(".local/state/countersign/approvals")
    }
}

/// The code in a reason.
fn code(reason: &str) -> Option<String> {
    let last = reason.lines().last()?;
    let last = last.strip_prefix("A ").filter(|line| line.contains("can approve this very call"))?;
    let code = last.split('`').nth(1)?.rsplit(' ').next()?;
    assert!(code.len() == 7 && code.as_bytes()[4] == b'-', "{code}");
    Some(code.to_owned())
}

/// An event with something else than usual in it.
fn event(home: &Home, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut event = json!({"session_id": "s-1", "transcript_path": "/t", "cwd": home.0.join("shop"),
        "permission_mode": "default", "hook_event_name": "PreToolUse", "tool_name": "Bash",
        "tool_input": {"command": PUSH}, "tool_use_id": "toolu_1"});
    change(&mut event);
    event.to_string().into_bytes()
}
