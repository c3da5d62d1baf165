//! What is said when a session begins.

use crate::kit::Machine;
use serde_json::{Value, json};
use std::io::Write;
use std::process::Stdio;

/// What the person and the agent are told.
fn greeting(machine: &Machine, cwd: &str) -> (Option<String>, String) {
    let event =
        json!({"hook_event_name": "SessionStart", "session_id": "s", "source": "startup", "cwd": machine.path(cwd)});
    let mut command = machine.command(machine.binary());
    command.arg("hook").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    child.stdin.take().expect("a pipe").write_all(event.to_string().as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.code() == Some(0) && output.stderr.is_empty(), "{output:?}");
    let text = String::from_utf8(output.stdout).expect("text");
    assert_eq!(text.lines().count(), 1, "{text}");
    let answer: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(answer["hookSpecificOutput"]["hookEventName"], "SessionStart");
    assert!(!text.contains("null"), "{text}");
    let context = answer["hookSpecificOutput"]["additionalContext"].as_str().expect("a context").to_owned();
    assert_eq!(context.lines().count(), 1, "{context}");
    (answer.get("systemMessage").map(|message| message.as_str().expect("a string").to_owned()), context)
}

#[test]
fn the_agent_is_told_and_the_person_left_alone() {
    let machine = Machine::new("session");
    assert_eq!(machine.run(&["install"]).0, 0);
    let (warning, context) = greeting(&machine, "home/shop");
    assert_eq!(warning, None);
    assert!(context.contains("guards this session") && context.contains("Instead:"), "{context}");
    // Registered where it can't be seen: that isn't wrong.
    let elsewhere = Machine::new("session-elsewhere");
    assert_eq!(greeting(&elsewhere, "home/shop").0, None);
}

#[test]
fn the_person_is_told_what_is_wrong() {
    let machine = Machine::new("session-wrong");
    assert_eq!(machine.run(&["install"]).0, 0);
    let sound = machine.text();
    for (path, text, what) in [
        ("home/shop/.claude/settings.local.json", "{\"disableAllHooks\": true}".to_owned(), "sets `disableAllHooks`"),
        ("home/shop/.claude/settings.local.json", "{,}".to_owned(), "settings.local.json:1:2: `,`"),
        ("home/.claude/settings.json", sound.replace("\"PreToolUse\"", "\"PostToolUse\""), "in no settings file"),
        ("home/.claude/settings.json", sound.replace("Bash|", ""), "reaches Bash"),
        ("home/.claude/countersign.toml", "\u{1b}[2J".to_owned(), "countersign.toml:1:2"),
    ] {
        machine.file(path, text);
        let (warning, _) = greeting(&machine, "home/shop");
        let warning = warning.unwrap_or_else(|| panic!("nothing is said of {what}"));
        assert!(
            warning.contains(what) && warning.contains("countersign doctor") && warning.lines().count() < 8,
            "{warning}"
        );
        assert!(!warning.contains('\u{1b}'), "{warning}");
        std::fs::remove_file(machine.path(path)).expect("its end");
        machine.file("home/.claude/settings.json", &sound);
    }
}

#[test]
fn what_the_policy_changes_is_said() {
    let machine = Machine::new("session-policy");
    machine.file("home/.claude/countersign.toml", "[observe-only]\nuntil = 2999-01-01\n");
    assert!(greeting(&machine, "home/shop").1.contains("stops nothing"));
    machine.file("home/.claude/countersign.toml", "nonsense");
    let (warning, context) = greeting(&machine, "home/shop");
    assert!(
        context.contains("policy files is broken") && warning.is_some_and(|text| text.contains("1:9")),
        "{context}"
    );
}
