//! The proof that the guard is on: two calls, sent through the command line that is registered, as the client would.

use super::Here;
use crate::call::{Call, ToolCall};
use crate::context::{Disk, Variables};
use crate::judge::{Decision, judge_by};
use crate::settings::entries::{CommandLine, TIMEOUT};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A call that nobody would let through. It is only told about, never run.
pub(super) const DESTRUCTIVE: &str = "rm -rf /";
/// A call that nothing speaks against.
pub(super) const HARMLESS: &str = "ls";
/// How often it is looked whether a program has ended.
const PAUSE: Duration = Duration::from_millis(5);

/// Sends both calls. Each must come back as it is judged here; gives what becomes of the destructive one.
pub(super) fn prove(line: &CommandLine, here: &Here) -> Result<Decision, String> {
    for call in [HARMLESS, DESTRUCTIVE] {
        let (got, expected) = (ask(line, here, call)?, expected(here, call));
        if got != expected {
            let (got, expected) = (got.word(), expected.word());
            return Err(format!("`{call}` comes back as {got}, and should be {expected}"));
        }
    }
    Ok(expected(here, DESTRUCTIVE))
}

/// What a call should come to by the policy here.
fn expected(here: &Here, call: &str) -> Decision {
    let tool = ToolCall::Bash { command: call.to_owned(), description: None };
    let mut call = Call::new(tool, here.cwd.clone());
    call.home.clone_from(&here.home);
    call.variables = Variables(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()));
    judge_by(&call, &here.places().policy(), &Disk).decision
}

fn ask(line: &CommandLine, here: &Here, call: &str) -> Result<Decision, String> {
    let event = json!({"hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {"command": call},
                       "cwd": here.cwd, "permission_mode": "default", "session_id": crate::hook::PROBE});
    let mut command = match &line.shell {
        Some(text) => {
            let mut shell = Command::new(if cfg!(windows) { "sh" } else { "/bin/sh" });
            shell.arg("-c").arg(text);
            shell
        }
        None => {
            let mut command = Command::new(&line.program);
            command.args(&line.arguments);
            command
        }
    };
    // The client would name the session's project, which is here.
    command.current_dir(&here.cwd).env_remove("CLAUDE_PROJECT_DIR");
    let ended = run(&mut command, format!("{event}\n").into_bytes(), Duration::from_secs(TIMEOUT.into()))?;
    answered(ended.code, &ended.stdout).map_err(|why| {
        let said = String::from_utf8_lossy(&ended.stderr);
        let said = said.trim().lines().next().unwrap_or_default();
        let said = if said.is_empty() { String::new() } else { format!(" ({said})") };
        format!("`{call}` got no answer that the client understands: {why}{said}")
    })
}

/// What the client makes of an answer.
fn answered(code: Option<i32>, stdout: &[u8]) -> Result<Decision, String> {
    let decision = match code {
        Some(2) => return Ok(Decision::Deny),
        Some(0) if stdout.trim_ascii().is_empty() => return Ok(Decision::None),
        Some(0) => {
            let value: Value = serde_json::from_slice(stdout).map_err(|_| "what it printed is no JSON".to_owned())?;
            value.pointer("/hookSpecificOutput/permissionDecision").and_then(Value::as_str).map(str::to_owned)
        }
        Some(code) => return Err(format!("it ended with exit code {code}")),
        None => return Err("it was killed".to_owned()),
    };
    match decision.as_deref() {
        None => Ok(Decision::None),
        Some("allow") => Ok(Decision::Allow),
        Some("ask") => Ok(Decision::Ask),
        Some("deny") => Ok(Decision::Deny),
        Some(other) => Err(format!("it decided `{other}`")),
    }
}

/// What a program left behind.
pub(super) struct Ended {
    /// Its exit code; none where it was killed.
    pub(super) code: Option<i32>,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
}

/// Runs a program to its end, or ends it after some time.
pub(super) fn run(command: &mut Command, input: Vec<u8>, within: Duration) -> Result<Ended, String> {
    let shown = Path::new(command.get_program()).display().to_string();
    let start = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = start.map_err(|error| format!("{shown} can't be started: {error}"))?;
    // That it stops reading early is its right.
    let stdin = child.stdin.take();
    let writer = std::thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(&input)));
    let (out, err) = (drain(child.stdout.take()), drain(child.stderr.take()));
    let code = wait(&mut child, within);
    let ended = code.is_some();
    if !ended {
        let _ = child.kill();
        let _ = child.wait();
        // Whatever it has started may hold the pipes open: nobody waits for that.
        return Err(format!("{shown} didn't end within {} seconds", within.as_secs()));
    }
    let _ = writer.join();
    let said = |thread: std::thread::JoinHandle<Vec<u8>>| thread.join().unwrap_or_default();
    Ok(Ended { code: code.flatten(), stdout: said(out), stderr: said(err) })
}

fn wait(child: &mut Child, within: Duration) -> Option<Option<i32>> {
    let start = Instant::now();
    while start.elapsed() < within {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status.code()),
            Ok(None) => std::thread::sleep(PAUSE),
            Err(_) => return None,
        }
    }
    None
}

fn drain(pipe: Option<impl Read + Send + 'static>) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.map(|pipe| pipe.take(1 << 20).read_to_end(&mut bytes));
        bytes
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_as_the_client_reads_them() {
        let json = |decision: &str| format!(r#"{{"hookSpecificOutput":{{"permissionDecision":"{decision}"}}}}"#);
        assert_eq!(answered(Some(2), b""), Ok(Decision::Deny));
        assert_eq!(answered(Some(0), b"\n"), Ok(Decision::None));
        assert_eq!(answered(Some(0), json("ask").as_bytes()), Ok(Decision::Ask));
        assert!(answered(Some(0), json("block").as_bytes()).is_err());
        assert!(answered(Some(0), b"denied!").is_err());
        assert!(answered(Some(101), b"").is_err() && answered(None, b"").is_err());
    }
}
