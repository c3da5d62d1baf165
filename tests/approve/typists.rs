//! Who isn't a person at a terminal: programs that hold one, and the client above it.

use crate::PUSH;
use crate::client::{BINARY, Verdict};
use crate::executable;
use crate::kit::Home;
use crate::skip::skipped;
use crate::terminal::{answered, in_a_terminal};
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

fn there(program: &str) -> bool {
    let found = Path::new(program).exists();
    if !found {
        let _: Option<()> = skipped(&format!("there is no {program} here"));
    }
    found
}

fn bare(home: &Home, program: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(home.0.join("shop")).env_clear().env("HOME", &home.0).env("PATH", "/usr/bin:/bin");
    command.stdin(Stdio::null());
    command
}

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].iter().map(|text| String::from_utf8_lossy(text).into_owned()).collect()
}

/// The call must not pass, whatever was done.
fn still_denied(home: &Home, text: &str, why: &str) {
    assert!(text.contains("a person's to run") && text.contains(why), "{text}");
    assert_eq!(home.decided(PUSH), Verdict::Deny, "{text}");
}

#[test]
fn without_a_terminal_nobody_approves() {
    let home = Home::new("no-terminal");
    let code = home.denied(&home.bash(PUSH));
    let output = bare(&home, BINARY).args(["approve", &code]).output().expect("it runs");
    still_denied(&home, &said(&output), "it needs a terminal");
    // One that belongs to another session.
    let mut alien = Command::new(BINARY);
    alien.args(["approve", &code]).env_clear().env("HOME", &home.0);
    let (exit, text) = answered(&mut alien, "Type the name", "main");
    assert_eq!(exit, 1, "{text}");
    still_denied(&home, &text, "isn't the one that it was started from");
}

#[test]
fn a_program_that_types_is_no_person() {
    let home = Home::new("typists");
    let code = home.denied(&home.bash(PUSH));
    let approve = format!("{BINARY} approve {code}");
    if there("/usr/bin/script") {
        let output = bare(&home, "/usr/bin/script").args(["-qec", &approve, "/dev/null"]).output().expect("it runs");
        still_denied(&home, &said(&output), "its terminal belongs to `script`");
        // On its own, with nothing above it that tells where it comes from.
        let log = home.0.join("log");
        let detached =
            format!("setsid -f env -i HOME={} script -qec '{approve}' {} < /dev/null", home.0.display(), log.display());
        let output = bare(&home, "/bin/sh").args(["-c", &detached]).output().expect("it runs");
        let text = appears(&log, "a person's to run").unwrap_or_else(|| said(&output));
        still_denied(&home, &text, "its terminal belongs to `script`");
    }
    if there("/usr/bin/python3") {
        let spawn = format!("import pty; pty.spawn(['{BINARY}', 'approve', '{code}'])");
        let output = bare(&home, "/usr/bin/python3").args(["-c", &spawn]).output().expect("it runs");
        still_denied(&home, &said(&output), "its terminal belongs to `python");
    }
    if there("/usr/bin/expect") {
        let spawn = format!("spawn {approve}; expect Type; send main\\r; expect eof");
        let output = bare(&home, "/usr/bin/expect").args(["-c", &spawn]).output().expect("it runs");
        still_denied(&home, &said(&output), "its terminal belongs to `expect`");
    }
    if there("/usr/bin/tmux") {
        let socket = home.0.join("tmux");
        let socket = socket.to_str().expect("text");
        let inside = format!("{approve}; sleep 20");
        let shown =
            bare(&home, "/usr/bin/tmux").args(["-S", socket, "new-session", "-d", "-x", "300", &inside]).output();
        let shown = shown.expect("it runs");
        assert!(shown.status.success(), "{}", said(&shown));
        let until = Instant::now() + Duration::from_secs(20);
        let text = loop {
            let output =
                bare(&home, "/usr/bin/tmux").args(["-S", socket, "capture-pane", "-p"]).output().expect("it runs");
            let text = said(&output);
            if text.contains("`tmux`") || Instant::now() > until {
                break text;
            }
            std::thread::sleep(Duration::from_millis(50));
        };
        let _ = bare(&home, "/usr/bin/tmux").args(["-S", socket, "kill-server"]).output();
        still_denied(&home, &text, "its terminal belongs to `tmux`");
    }
}

/// The text of a file, once this stands in it.
fn appears(path: &Path, part: &str) -> Option<String> {
    let until = Instant::now() + Duration::from_secs(20);
    while Instant::now() < until {
        let text = fs::read_to_string(path).unwrap_or_default();
        if text.contains(part) {
            return Some(text);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    None
}

#[test]
fn the_client_is_no_person() {
    let home = Home::new("client");
    let code = home.denied(&home.bash(PUSH));
    let at = |command: &[&str], variable: Option<(&str, &str)>| {
        let mut command = in_a_terminal(command);
        command.env_clear().env("HOME", &home.0).env("PATH", "/usr/bin:/bin").envs(variable);
        answered(&mut command, "Type the name", "main").1
    };
    let text = at(&[BINARY, "approve", &code], Some(("CLAUDECODE", "1")));
    still_denied(&home, &text, "started by Claude Code");
    let text = at(&[BINARY, "approve", &code], Some(("SSH_CONNECTION", "10.0.0.7 50000 10.0.0.7 22")));
    still_denied(&home, &text, "by ssh from this same machine");
    // A shell called like the client stands in for it; what it starts has forgotten all that it set.
    let client = home.0.join("claude");
    executable::copy("/bin/sh", &client);
    let inside = format!("env -i HOME=$HOME {BINARY} approve {code}; exit $?");
    let text = at(&[client.to_str().expect("text"), "-c", &inside], None);
    still_denied(&home, &text, "started by Claude Code");
}
