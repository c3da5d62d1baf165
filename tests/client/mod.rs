//! The hook as its client sees it: run as a process, and its answer read as strictly as the client reads it.

use std::io::Write;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// The binary under test.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_countersign");

/// What the client would make of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    Allow,
    Silent,
    Ask,
    Deny,
}

/// Runs the hook on these bytes.
pub(crate) fn hook(input: &[u8]) -> Output {
    feed(Command::new(BINARY).arg("hook").env("HOME", home()), input)
}

/// A home of the tests' own: what a session remembers stays out of the person's.
pub(crate) fn home() -> std::path::PathBuf {
    let home = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("home-{}", std::process::id()));
    std::fs::create_dir_all(&home).expect("a home");
    home
}

/// Runs the hook with its streams redirected by the shell, such as `>&-`.
pub(crate) fn hook_with(redirections: &str, input: &[u8]) -> Output {
    let script = format!("exec \"$0\" hook {redirections}");
    feed(Command::new("sh").args(["-c", &script, BINARY]).env("HOME", home()), input)
}

/// Runs a command on these bytes. That it stops reading early is its right.
pub(crate) fn feed(command: &mut Command, input: &[u8]) -> Output {
    let mut child = start(command);
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_owned();
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("it was fed");
    output
}

/// Starts a command with pipes on all three streams.
pub(crate) fn start(command: &mut Command) -> Child {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
}

/// What the client would make of this, or a panic where it would make anything else of it than was meant.
pub(crate) fn verdict(output: &Output, about: &str) -> Verdict {
    let stderr = String::from_utf8(output.stderr.clone()).expect("stderr is UTF-8");
    let verdict = match output.status.code() {
        Some(0) => said(output, about),
        Some(2) => {
            if !output.stdout.is_empty() {
                assert_eq!(said(output, about), Verdict::Deny, "{about}: exit code 2 denies");
            }
            Verdict::Deny
        }
        other => panic!("{about}: exit code {other:?}, {} ({stderr})", output.status),
    };
    assert_eq!(verdict == Verdict::Deny, !stderr.trim().is_empty(), "{about}: stderr is for denials: {stderr}");
    if let (Verdict::Deny, Some(answer)) = (verdict, parsed(output, about)) {
        let reason = answer["hookSpecificOutput"]["permissionDecisionReason"].as_str().expect("a reason");
        assert_eq!(stderr, format!("{reason}\n"), "{about}: both reasons are one");
    }
    shown(stderr.trim_end_matches('\n'), about);
    verdict
}

fn parsed(output: &Output, about: &str) -> Option<Value> {
    let stdout = std::str::from_utf8(&output.stdout).expect("stdout is UTF-8");
    if stdout.is_empty() {
        return None;
    }
    assert!(stdout.starts_with('{') && stdout.ends_with("}\n"), "{about}: only JSON on stdout: {stdout}");
    assert_eq!(stdout.lines().count(), 1, "{about}: one line: {stdout}");
    Some(serde_json::from_str(stdout).unwrap_or_else(|e| panic!("{about}: {e}: {stdout}")))
}

fn said(output: &Output, about: &str) -> Verdict {
    let Some(answer) = parsed(output, about) else {
        return Verdict::Silent;
    };
    assert!(!holds_null(&answer), "{about}: a null voids the whole answer: {answer}");
    let answer = answer.as_object().expect("an object");
    if answer["hookSpecificOutput"]["hookEventName"] == "SessionStart" {
        let mut all = answer["hookSpecificOutput"].as_object().expect("an object").iter().chain(answer);
        let known = ["hookEventName", "additionalContext", "systemMessage", "hookSpecificOutput"];
        assert!(all.all(|(key, value)| known.contains(&key.as_str()) && !value.is_null()), "{about}: {answer:?}");
        return Verdict::Silent;
    }
    assert_eq!(answer.keys().collect::<Vec<_>>(), ["hookSpecificOutput"], "{about}");
    let said = answer["hookSpecificOutput"].as_object().expect("an object");
    assert_eq!(said["hookEventName"], "PreToolUse", "{about}");
    for (key, value) in said {
        let known = ["hookEventName", "permissionDecision", "permissionDecisionReason", "additionalContext"];
        assert!(known.contains(&key.as_str()), "{about}: {key}");
        assert!(value.is_string(), "{about}: {key}");
    }
    let text = |key: &str| said.get(key).and_then(Value::as_str);
    if let Some(reason) = text("permissionDecisionReason") {
        assert!(!reason.trim().is_empty(), "{about}: an empty reason");
        shown(reason, about);
    }
    match text("permissionDecision") {
        None => {
            assert!(text("additionalContext").is_some(), "{about}: an answer that says nothing");
            Verdict::Silent
        }
        decision => {
            assert!(text("permissionDecisionReason").is_some(), "{about}: no reason");
            match decision {
                Some("allow") => Verdict::Allow,
                Some("ask") => {
                    assert!(text("additionalContext").is_some_and(|c| c.contains("person")), "{about}: the agent");
                    Verdict::Ask
                }
                Some("deny") => Verdict::Deny,
                other => panic!("{about}: {other:?}"),
            }
        }
    }
}

fn shown(reason: &str, about: &str) {
    assert!(reason.len() <= 1024, "{about}: {} bytes", reason.len());
    assert!(reason.lines().count() <= 10, "{about}: {} lines", reason.lines().count());
    let hidden =
        |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}');
    assert!(!reason.contains(hidden), "{about}: {reason:?}");
}

fn holds_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().any(holds_null),
        Value::Object(fields) => fields.values().any(holds_null),
        _ => false,
    }
}

/// The recorded events: real bytes from the real client.
pub(crate) fn recorded() -> Vec<(String, Vec<u8>)> {
    let folder = std::fs::read_dir("tests/recorded").expect("the recordings");
    let mut files: Vec<_> = folder.map(|file| file.expect("a file").path()).collect();
    files.sort();
    assert!(files.len() > 30, "{} recordings", files.len());
    files.iter().map(|path| (path.display().to_string(), std::fs::read(path).expect("a recording"))).collect()
}
