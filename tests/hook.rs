//! The border with the client: whatever comes in, nothing fails open. For broken streams, see hook_streams.rs.
//!
//! What is decided about which call is tested elsewhere; here, only that it is decided and arrives.

#[path = "client/mod.rs"]
#[allow(dead_code)]
mod client;

use std::process::Command;

use client::Verdict::{Ask, Deny, Silent};
use client::{BINARY, feed, hook, recorded, verdict};
use serde_json::{Value, json};

/// A harmless call, as the client sends it.
fn bash() -> Value {
    json!({"session_id": "s", "transcript_path": "/t", "cwd": "/home/dev/shop", "permission_mode": "default",
           "effort": {"level": "high"}, "hook_event_name": "PreToolUse", "tool_name": "Bash",
           "tool_input": {"command": "echo hi > proof", "description": "d"}, "tool_use_id": "toolu_1"})
}

fn mcp(input: Value) -> Value {
    let mut event = bash();
    event["tool_name"] = "mcp__probe__list_things".into();
    event["tool_input"] = input;
    event["mcp_server"] = json!({"name": "probe", "source": "dynamic"});
    event
}

/// A harmless call with half a character in it: it is asked about whatever the judge thinks.
const DAMAGED: &[u8] =
    br#"{"hook_event_name":"PreToolUse","tool_name":"Bash","cwd":"/p","tool_input":{"command":"echo \ud800"}}"#;

/// Denied, with a reason that says this.
fn denied(input: &[u8], says: &str) {
    let about = String::from_utf8_lossy(&input[..input.len().min(200)]).into_owned();
    let output = hook(input);
    assert_eq!(verdict(&output, &about), Deny, "{about}");
    assert!(!output.stdout.is_empty(), "{about}: said three ways");
    let reason = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(reason.contains(says), "{about}: {reason}");
}

#[test]
fn every_recording_is_answered() {
    for (name, event) in recorded() {
        let output = hook(&event);
        if name.ends_with("sessionstart.json") {
            // What it says is tested with the installation.
            let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
            assert_eq!(answer["hookSpecificOutput"]["hookEventName"], "SessionStart");
            assert!(output.status.code() == Some(0) && output.stderr.is_empty(), "{output:?}");
            continue;
        }
        let said = verdict(&output, &name);
        let text = String::from_utf8_lossy(&event);
        let judged = ["Bash", "Monitor", "PowerShell", "Write", "Edit", "NotebookEdit", "mcp__"];
        let ours = text.contains(r#""hook_event_name":"PreToolUse""#)
            && judged.iter().any(|tool| text.contains(&format!(r#""tool_name":"{tool}"#)));
        if name.ends_with("configchange.json") {
            // On the machine of this test nothing registers the guard, so that is what the change would leave behind.
            assert!(said == Deny && output.stdout.is_empty(), "{name}: {said:?}");
        } else if !ours {
            assert!(said == Silent && output.stdout.is_empty(), "{name}: no opinion, but {said:?}");
        }
        assert!(!String::from_utf8_lossy(&output.stderr).contains("can't read"), "{name}: it is readable");
    }
}

#[test]
fn other_events_and_tools_are_none_of_its_business() {
    let mut event = bash();
    event["tool_name"] = "Read".into();
    event["tool_input"] = json!({"file_path": 5});
    assert_eq!(verdict(&hook(event.to_string().as_bytes()), "Read"), Silent);
    assert_eq!(verdict(&hook(br#"{"hook_event_name":"ConfigChange","source":"x"}"#), "ConfigChange"), Silent);
    let damaged = br#"{"hook_event_name":"PreToolUse","tool_name":"Read","tool_input":{"\ud800":"\ud800"}}"#;
    assert_eq!(verdict(&hook(damaged), "a damaged Read"), Silent);
}

#[test]
fn what_is_no_event_is_denied() {
    denied(b"", "empty");
    denied(b" \n\t", "empty");
    denied(b"\xef\xbb\xbf", "empty");
    denied(b"garbage", "not a JSON object");
    denied(b"null", "not a JSON object");
    denied(br#"["PreToolUse","Bash",{"command":"ls"}]"#, "not a JSON object");
    denied(b"{}", "`hook_event_name` is missing");
    denied(br#"{"hook_event_name":"PreToolUse"}"#, "`tool_name` is missing");
    denied(b"{\"hook_event_name\":\"PreToolUse\",\"tool_name\":\"Bash\xff\"}", "UTF-8");
    let whole = bash().to_string();
    for end in 1..whole.len() {
        denied(&whole.as_bytes()[..end], "can't read");
    }
    denied(format!("{whole}{whole}").as_bytes(), "trailing");
    denied(format!("{whole} x").as_bytes(), "trailing");
    denied(format!("{whole}\0").as_bytes(), "trailing");
}

#[test]
fn white_space_and_a_byte_order_mark_are_tolerated() {
    let pretty = serde_json::to_string_pretty(&bash()).expect("JSON");
    for text in [format!("\u{feff}{pretty}"), format!("\r\n {pretty}\r\n\r\n")] {
        assert_ne!(verdict(&hook(text.as_bytes()), &text), Deny);
    }
}

#[test]
fn a_field_of_another_type_is_named() {
    let wrong = [json!(null), json!(true), json!(5), json!(1.5e300), json!([]), json!({"a": 1})];
    for path in ["/hook_event_name", "/tool_name", "/tool_input", "/cwd", "/tool_input/command"] {
        for value in wrong.iter().filter(|value| !(path == "/tool_input" && value.is_object())) {
            let mut event = bash();
            *event.pointer_mut(path).expect("a field") = value.clone();
            denied(event.to_string().as_bytes(), &format!("`{}`", path[1..].replace('/', ".")));
        }
    }
    for path in ["/permission_mode", "/session_id", "/tool_use_id", "/tool_input/description"] {
        let mut event = bash();
        *event.pointer_mut(path).expect("a field") = json!(5);
        denied(event.to_string().as_bytes(), &format!("`{}`", path[1..].replace('/', ".")));
        *event.pointer_mut(path).expect("a field") = json!(null);
        assert_ne!(verdict(&hook(event.to_string().as_bytes()), path), Deny, "optional: {path}");
    }
    for (tool, input, field) in [
        ("PowerShell", json!({"command": ["ls"]}), "tool_input.command"),
        ("Monitor", json!({"command": 1}), "tool_input.command"),
        ("Write", json!({"content": ""}), "tool_input.file_path"),
        ("Write", json!({"file_path": "/f"}), "tool_input.content"),
        ("Edit", json!({"file_path": "/f", "new_string": ""}), "tool_input.old_string"),
        ("Edit", json!({"file_path": "/f", "old_string": "", "new_string": 0}), "tool_input.new_string"),
        (
            "Edit",
            json!({"file_path": "/f", "old_string": "", "new_string": "", "replace_all": "no"}),
            "tool_input.replace_all",
        ),
        ("NotebookEdit", json!({"new_source": ""}), "tool_input.notebook_path"),
        ("NotebookEdit", json!({"notebook_path": "/n", "new_source": 3}), "tool_input.new_source"),
        ("mcp__a__b", json!("x"), "tool_input"),
        ("mcp__a__b", json!([{"query": "SELECT 1"}]), "tool_input"),
    ] {
        let mut event = bash();
        event["tool_name"] = tool.into();
        event["tool_input"] = input;
        denied(event.to_string().as_bytes(), &format!("`{field}`"));
    }
    let mut event = mcp(json!({}));
    event["mcp_server"] = "probe".into();
    denied(event.to_string().as_bytes(), "`mcp_server`");
    event["mcp_server"] = json!({"name": 1});
    denied(event.to_string().as_bytes(), "`mcp_server.name`");
}

#[test]
fn a_key_that_stands_twice_is_denied() {
    let twice =
        r#"{"hook_event_name":"PreToolUse","tool_name":"Bash","cwd":"/p","tool_input":{"command":"x","command":"ls"}}"#;
    denied(twice.as_bytes(), "duplicate field `command`");
    denied(twice.replace("\"cwd\":", "\"cwd\":\"/\",\"c\\u0077d\":").as_bytes(), "duplicate field `cwd`");
}

#[test]
fn half_a_character_is_asked_about() {
    assert_eq!(verdict(&hook(DAMAGED), "damaged"), Ask);
    let harmless = br#"{"hook_event_name":"PreToolUse","tool_name":"Bash","cwd":"/p","tool_input":{"command":"echo \ud83d\ude00"}}"#;
    assert!(verdict(&hook(harmless), "a whole pair") < Ask);
    // Repairing is for surrogates; what is wrong besides stays wrong.
    let text = String::from_utf8(DAMAGED.to_vec()).expect("UTF-8");
    denied(text.replace("}}", "}").as_bytes(), "EOF");
    denied(text.replace("\"echo", "5,\"x\":\"").as_bytes(), "`tool_input.command`");
}

#[test]
fn control_characters_in_arguments_are_read() {
    let output = hook(mcp(json!({"name": "a\u{0}b\u{1b}[2J\u{202e}"})).to_string().as_bytes());
    verdict(&output, "control characters");
    assert!(!String::from_utf8_lossy(&output.stderr).contains("can't read"));
}

#[test]
fn size_and_depth_have_an_end() {
    let command = |size: usize| {
        let mut event = bash();
        event["tool_input"]["command"] = format!("echo {}", "x".repeat(size)).into();
        event.to_string()
    };
    denied(command(9 << 20).as_bytes(), "larger than 8 MiB");
    // Whether 7 MiB of command can be judged is the judge's business; reading them is not in doubt.
    let output = hook(command(7 << 20).as_bytes());
    verdict(&output, "7 MiB");
    assert!(!String::from_utf8_lossy(&output.stderr).contains("can't read"));
    let objects = |count: usize| mcp(json!({"x": vec![json!({"": 0}); count]})).to_string();
    denied(objects(1 << 20).as_bytes(), "more than 131072 braces");
    assert_ne!(verdict(&hook(objects(100_000).as_bytes()), "many objects"), Deny);
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        for depth in [200, 100_000] {
            let deep = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            let event = mcp(json!({"x": 0})).to_string().replace("\"x\":0", &format!("\"x\":{deep}"));
            denied(event.as_bytes(), "recursion limit");
            // Where nothing is read, nothing has to be refused, but it must not crash either.
            verdict(&hook(bash().to_string().replace("\"d\"", &deep).as_bytes()), "a deep description");
        }
        denied(open.repeat(1_000_000).as_bytes(), "can't read");
    }
}

#[test]
fn misuse_blocks_and_says_so() {
    for args in [&[][..], &["hok"], &["hook", "x"], &["--hook"], &["hook", "--help"], &["\u{1b}[2J"]] {
        let output = feed(Command::new(BINARY).args(args), b"");
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty() && output.stderr.starts_with(b"countersign: "), "{args:?}");
        assert!(!output.stderr.contains(&0x1b), "{args:?}");
    }
    for (arg, says) in [("--help", "Usage"), ("-h", "hook"), ("--version", env!("CARGO_PKG_VERSION"))] {
        let output = feed(Command::new(BINARY).arg(arg), b"");
        assert_eq!(output.status.code(), Some(0), "{arg}");
        assert!(String::from_utf8_lossy(&output.stdout).contains(says), "{arg}");
    }
}

#[test]
fn no_environment_variable_switches_it_off() {
    let mut command = Command::new(BINARY);
    command.arg("hook").env_clear();
    assert_eq!(verdict(&feed(&mut command, b"{"), "an empty environment"), Deny);
    let everything =
        ["COUNTERSIGN_DISABLE", "COUNTERSIGN_SKIP", "CLAUDE_CODE_SIMPLE", "RUST_LOG", "RUST_BACKTRACE", "HOME"];
    command.envs(everything.map(|name| (name, "1")));
    assert_eq!(verdict(&feed(&mut command, DAMAGED), "a hostile environment"), Ask);
    assert_eq!(verdict(&feed(&mut command, b"{"), "a hostile environment"), Deny);
}
