//! What the guard takes out of an event, on the real client's recordings.

use countersign::call::{Call, Mode, ToolCall};
use countersign::hook::event::{Event, read};
use countersign::hook::session::Session;
use serde_json::json;

fn call(event: &[u8]) -> Call {
    match read(event).expect("it is readable") {
        Event::PreToolUse(call) => *call,
        other => panic!("{other:?}"),
    }
}

fn recorded(name: &str) -> Call {
    call(&std::fs::read(format!("tests/recorded/{name}.json")).expect("a recording"))
}

#[test]
fn every_tool_is_taken_apart() {
    let text = str::to_owned;
    let bash = recorded("pretooluse-bash-default");
    let command = text("echo hi > /home/dev/proof");
    assert_eq!(bash.tool, ToolCall::Bash { command: command.clone(), description: Some(text("Write proof")) });
    assert_eq!((bash.cwd.as_str(), bash.mode, bash.damaged), ("/home/dev/shop", Mode::Default, false));
    assert!(bash.session.is_some() && bash.tool_use_id.as_deref() == Some("toolu_fake000001"));
    assert_eq!((bash.home, bash.project), (None, None));

    assert_eq!(recorded("pretooluse-monitor-native").tool, ToolCall::Monitor { command: Some(command) });
    let (path, content) = (text("/home/dev/shop/sub/a.txt"), text("x\n"));
    assert_eq!(recorded("pretooluse-write").tool, ToolCall::Write { path, content });
    let (path, old, new) = (text("/home/dev/shop/f.txt"), text("a"), text("b"));
    assert_eq!(recorded("pretooluse-edit").tool, ToolCall::Edit { path, old, new, all: true });
    let (path, source, edit) = (text("/home/dev/shop/n.ipynb"), text("print(1)"), Some(text("insert")));
    assert_eq!(recorded("pretooluse-notebookedit").tool, ToolCall::NotebookEdit { path, source, cell: None, edit });
    assert_eq!(recorded("pretooluse-read").tool, ToolCall::Other(text("Read")));
    assert_eq!(
        recorded("pretooluse-mcp-hyphen-space-name").tool,
        ToolCall::Mcp {
            name: text("mcp__my-probe_x__drop_table"),
            server: Some(text("my-probe x")),
            source: Some(text("dynamic")),
            input: json!({"name": "t"}),
        }
    );
    assert!(matches!(recorded("old-2.1.197-pretooluse-mcp").tool, ToolCall::Mcp { server: None, source: None, .. }));
}

#[test]
fn every_mode_is_known() {
    for (name, mode) in [
        ("acceptEdits", Mode::AcceptEdits),
        ("auto", Mode::Auto),
        ("bypassPermissions", Mode::BypassPermissions),
        ("dontAsk", Mode::DontAsk),
        ("plan", Mode::Plan),
    ] {
        assert_eq!(recorded(&format!("pretooluse-mode-{name}")).mode, mode);
    }
    assert_eq!(Mode::named("later"), Mode::Other("later".to_owned()));
}

#[test]
fn half_a_character_leaves_a_mark() {
    for name in ["pretooluse-bash-lone-surrogate", "pretooluse-mcp-surrogate-nul"] {
        assert!(recorded(name).damaged, "{name}");
    }
    let ToolCall::Mcp { input, .. } = recorded("pretooluse-mcp-surrogate-nul").tool else { panic!("an MCP call") };
    assert_eq!(input, json!({"name": "\u{fffd} x \0 y"}));
}

#[test]
fn the_order_of_fields_does_not_matter() {
    let event = br#"{"tool_input":{"command":"ls"},"cwd":"/p","tool_name":"Bash","hook_event_name":"PreToolUse"}"#;
    let expected = ToolCall::Bash { command: "ls".to_owned(), description: None };
    assert_eq!(call(event).tool, expected);
    assert_eq!(call(event).mode, Mode::Other(String::new()));
    // Escapes in names are names all the same.
    let escaped =
        String::from_utf8_lossy(event).replace("tool_name", "tool\\u005fname").replace("\"Bash", "\"\\u0042ash");
    assert_eq!(call(escaped.as_bytes()).tool, expected);
}

#[test]
fn serde_jsons_private_names_are_plain_arguments() {
    for marker in ["$serde_json::private::RawValue", "$serde_json::private::Number"] {
        let input = json!({marker: "\"a\"", "nested": {marker: "{\"query\":\"SELECT 1\"}"}});
        let event =
            json!({"hook_event_name": "PreToolUse", "tool_name": "mcp__a__b", "cwd": "/p", "tool_input": input});
        assert!(matches!(call(event.to_string().as_bytes()).tool, ToolCall::Mcp { input: read, .. } if read == input));
    }
}

#[test]
fn a_session_begins_somewhere() {
    let event = std::fs::read("tests/recorded/sessionstart.json").expect("a recording");
    assert_eq!(read(&event), Ok(Event::SessionStart(Session { cwd: "/home/dev/shop".to_owned() })));
}

#[test]
fn other_events_are_left_alone() {
    for (file, name) in [("stop", "Stop"), ("posttooluse-bash", "PostToolUse")] {
        let event = std::fs::read(format!("tests/recorded/{file}.json")).expect("a recording");
        assert_eq!(read(&event), Ok(Event::Other(name.to_owned())));
    }
}
