//! The hook when the process around it is broken: streams that are closed, full or endless, a panic, a hang.

#[path = "client/mod.rs"]
#[allow(dead_code)]
mod client;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use client::Verdict::{Ask, Deny, Silent};
use client::{BINARY, feed, hook_with, start, verdict};

/// A harmless call.
const CALL: &str =
    r#"{"hook_event_name":"PreToolUse","tool_name":"Bash","cwd":"/p","tool_input":{"command":"echo hi > proof"}}"#;

/// A harmless call with half a character in it: it is asked about whatever the judge thinks.
const DAMAGED: &[u8] =
    br#"{"hook_event_name":"PreToolUse","tool_name":"Bash","cwd":"/p","tool_input":{"command":"echo \ud800"}}"#;

#[test]
fn a_stdin_that_never_ends_is_denied_in_time() {
    for input in ["", CALL] {
        let begin = Instant::now();
        let mut child = start(Command::new(BINARY).arg("hook").env("HOME", client::home()));
        let mut stdin = child.stdin.take().expect("a pipe");
        std::io::Write::write_all(&mut stdin, input.as_bytes()).expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        drop(stdin);
        assert_eq!(verdict(&output, "an open stdin"), Deny);
        assert!(begin.elapsed() < Duration::from_secs(6), "{:?}", begin.elapsed());
    }
}

/// Denied, in time, though something keeps coming.
#[cfg(unix)]
fn denied_in_time(writer: &str) {
    let begin = Instant::now();
    let script = format!("{writer} | \"$0\" hook");
    let output = feed(Command::new("sh").args(["-c", &script, BINARY]).env("HOME", client::home()), b"");
    assert_eq!(verdict(&output, writer), Deny);
    assert!(begin.elapsed() < Duration::from_secs(6), "{:?}", begin.elapsed());
}

#[test]
#[cfg(unix)]
fn a_stdin_that_trickles_is_denied_in_time() {
    denied_in_time("while printf ' ' 2>&-; do sleep 0.2; done");
}

#[test]
#[cfg(unix)]
fn a_stdin_that_flows_on_is_denied_in_time() {
    denied_in_time("while printf ' ' 2>&-; do :; done");
}

#[test]
#[cfg(unix)]
fn a_broken_stdin_is_denied() {
    for redirection in ["<&-", "</dev/null", "</", "0>/dev/null"] {
        assert_eq!(verdict(&hook_with(redirection, b""), redirection), Deny, "{redirection}");
    }
}

#[test]
#[cfg(unix)]
fn an_answer_that_cannot_arrive_blocks() {
    for redirection in [">&-", ">/dev/null", "</dev/stdin >/dev/full", "1</dev/null"] {
        if redirection.contains("full") && !std::path::Path::new("/dev/full").exists() {
            continue;
        }
        let about = format!("an ask with {redirection}");
        assert_eq!(verdict(&hook_with(redirection, DAMAGED), &about), Deny, "{about}");
        assert_eq!(verdict(&hook_with(redirection, b"{"), redirection), Deny, "a denial with {redirection}");
        // Silence needs no stdout.
        assert_eq!(
            verdict(&hook_with(redirection, CALL.as_bytes()), redirection),
            Silent,
            "silence with {redirection}"
        );
    }
    for redirection in ["2>&-", "2>/dev/null", "2>/dev/full"] {
        let output = hook_with(redirection, b"{");
        assert_eq!(output.status.code(), Some(2), "{redirection}");
        assert!(!output.stdout.is_empty(), "{redirection}");
        assert_eq!(verdict(&hook_with(redirection, DAMAGED), redirection), Ask);
    }
    assert_eq!(hook_with("<&- >&- 2>&-", b"").status.code(), Some(2), "all closed");
}

#[test]
fn a_pipe_that_nobody_reads_blocks() {
    for (input, about) in [(DAMAGED, "an ask"), (b"{".as_slice(), "a denial")] {
        let mut child = start(Command::new(BINARY).arg("hook").env("HOME", client::home()));
        drop(child.stdout.take());
        std::io::Write::write_all(&mut child.stdin.take().expect("a pipe"), input).expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(verdict(&output, about), Deny, "{about}");
    }
}

/// Run by [`a_panic_blocks`] in a process of its own.
#[test]
#[ignore = "it ends the process"]
fn a_panic() {
    // It denies, for there is nothing on stdin; what is tried here is what it has installed.
    countersign::hook::run();
    panic!("on purpose,\u{1b} with {}", "arguments");
}

/// Run by [`a_judge_that_hangs_blocks`] in a process of its own.
#[test]
#[ignore = "it ends the process"]
fn a_hang() {
    countersign::hook::watch(countersign::deadline::Deadline::after(Duration::from_millis(50)));
    std::thread::sleep(Duration::from_secs(20));
}

/// One of the two above.
fn ended_by(test: &str) -> std::process::Output {
    let mut command = Command::new(std::env::current_exe().expect("this test"));
    command.args(["--exact", test, "--ignored", "--nocapture"]).stdin(Stdio::null());
    command.output().expect("it starts")
}

#[test]
fn a_panic_blocks() {
    let output = ended_by("a_panic");
    assert_eq!(output.status.code(), Some(2));
    let reason = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        reason.contains("on purpose,\\u{1b} with arguments") && reason.contains("tests/hook_streams.rs:"),
        "{reason}"
    );
}

#[test]
fn a_judge_that_hangs_blocks() {
    let begin = Instant::now();
    let output = ended_by("a_hang");
    assert!(begin.elapsed() < Duration::from_secs(10));
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("took longer than"));
    assert!(String::from_utf8_lossy(&output.stdout).contains(r#""permissionDecision":"deny""#));
}
