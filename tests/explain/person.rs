//! The command as a person uses it.

use crate::client::{BINARY, feed};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A home with a project in it.
struct Home(PathBuf);

impl Home {
    fn new(name: &str) -> Self {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("explain-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&home);
        fs::create_dir_all(home.join("shop/.git")).expect("a project");
        fs::create_dir_all(home.join(".claude")).expect("a folder");
        Self(home)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command.args(arguments).current_dir(self.0.join("shop")).env_clear().env("HOME", &self.0);
        command
    }

    fn explain(&self, arguments: &[&str], stdin: &[u8]) -> (i32, String, String) {
        told(&feed(&mut self.command(&[&["explain"], arguments].concat()), stdin))
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let (code, text, said) = self.explain(&[&["--json"], arguments].concat(), b"");
        assert_eq!((code, said.as_str()), (0, ""), "{arguments:?}");
        serde_json::from_str(&text).expect("JSON")
    }

    fn policy(&self, text: &str) {
        fs::write(self.0.join(".claude/countersign.toml"), text).expect("a policy");
    }

    /// What the hook answers to a command.
    fn hook(&self, command: &str) -> Value {
        let event = serde_json::json!({
            "hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {"command": command},
            "cwd": self.0.join("shop"), "session_id": "s-1", "permission_mode": "default",
        });
        let output = feed(&mut self.command(&["hook"]), event.to_string().as_bytes());
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        answer["hookSpecificOutput"].clone()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn told(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

/// A text without its colours.
fn plain(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    first + &parts.map(|part| part.split_once('m').map_or(part, |(_, text)| text)).collect::<String>()
}

#[test]
fn a_command_is_explained() {
    let home = Home::new("command");
    let (code, text, said) = home.explain(&["ls; git reset --hard"], b"");
    assert_eq!((code, said.as_str()), (0, ""));
    let wanted = "Asked. It runs only if a person agrees.\n\n 1 │ ls; git reset --hard\n   │     ^^^^^^^^^^^^^^^^ [1] \
                  git.reset-hard\n";
    assert!(text.starts_with(wanted), "{text}");
    // In a pipe there are no colours, unless they are asked for.
    assert!(!text.contains('\u{1b}'), "{text}");
    let (_, colours, _) = home.explain(&["--color=always", "ls; git reset --hard"], b"");
    assert!(colours.contains("\u{1b}[1;33m"), "{colours}");
    assert_eq!(plain(&colours), text);
    // Nothing of it is remembered or written down.
    assert!(!home.0.join(".local").exists());
}

#[test]
fn it_decides_as_the_hook_does() {
    let home = Home::new("hook");
    home.policy("[rules]\n\"git.reset-hard\" = \"deny\"\n");
    for command in ["git reset --hard", "ls", "npm test", "git push -f", "rm -rf /srv/x"] {
        let hook = home.hook(command);
        let json = home.json(&[command]);
        assert_eq!(json["decision"], hook["permissionDecision"].as_str().unwrap_or("none"), "{command}");
        // Only the hook leaves a request, and names its code in a last line.
        let reason = hook["permissionDecisionReason"].as_str();
        let reason =
            reason.map(|reason| reason.split("\nA person can approve this very call").next().unwrap_or(reason));
        assert_eq!(json["reason"].as_str(), reason, "{command}");
        assert_eq!(json["context"], hook["additionalContext"], "{command}");
    }
}

#[test]
fn what_is_said_to_make_it_milder_does() {
    let home = Home::new("milder");
    for command in ["git reset --hard", "terraform destroy -auto-approve", "rm -rf /srv/shop/old"] {
        home.policy("");
        let before = home.json(&[command]);
        let ways = before["milder"]["ways"].as_array().expect("ways").clone();
        assert!(!ways.is_empty(), "{command}: {before:#}");
        for way in ways {
            let lines: Vec<&str> = way["lines"].as_array().expect("lines").iter().filter_map(Value::as_str).collect();
            home.policy(&lines.join("\n"));
            let after = home.json(&[command]);
            assert_eq!(after["decision"], way["decision"], "{command}: {lines:?}");
            assert_eq!(after["policy"]["faults"], Value::Array(Vec::new()), "{command}: {lines:?}");
            assert_eq!(after["standard"], before["decision"], "{command}");
        }
    }
}

#[test]
fn recorded_calls_are_explained() {
    let home = Home::new("recorded");
    for (name, wanted) in [
        ("pretooluse-bash-default", "Read as"),
        ("pretooluse-mcp-dynamic", "drop_table"),
        ("pretooluse-write", "write "),
        ("pretooluse-edit", "\n 2 │ - "),
        ("pretooluse-bash-lone-surrogate", "Asked."),
        ("pretooluse-webfetch", "none of countersign's business"),
    ] {
        let event = fs::read(format!("tests/recorded/{name}.json")).expect("a recording");
        let (code, text, said) = home.explain(&["-"], &event);
        assert!(code == 0 && said.is_empty() && text.contains(wanted), "{name}: {code} {text}{said}");
        // Without anything, what comes on stdin is meant.
        assert_eq!(home.explain(&[], &event).1, text, "{name}");
    }
}

#[test]
fn a_line_of_the_journal_is_judged_again() {
    let home = Home::new("journal");
    home.hook("PGPASSWORD=hunter2 psql -c 'DROP TABLE users'");
    let (_, lines, _) = told(&feed(&mut home.command(&["log", "--json"]), b""));
    let line: Value = serde_json::from_str(lines.lines().next().expect("a line")).expect("JSON");
    let id = line["metadata"]["uid"].as_str().expect("an id");
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (code, text, said) = home.explain(&[id], b"");
    assert!(code == 0 && said.is_empty(), "{code} {said}");
    assert!(words(&text).contains("The policy of today decides the same."), "{text}");
    assert!(text.contains("PGPASSWORD=REDACTED psql") && !text.contains("hunter2"), "{text}");
    home.policy("[rules]\n\"sql.drop-table\" = \"deny\"\n");
    let (_, text, _) = home.explain(&[id], b"");
    assert!(words(&text).contains("decides something else: deny"), "{text}");
    let recorded = home.json(&[id])["recorded"].clone();
    assert_eq!((recorded["same"].as_bool(), recorded["decision"].as_str()), (Some(false), Some("ask")));
}

#[test]
fn what_cannot_be_explained_is_said() {
    let home = Home::new("errors");
    for (arguments, stdin, wanted) in [
        (&["-"][..], "", "the call on stdin can't be read: it is empty"),
        (&["-"], "{\"hook_event_name\":\"Stop\"}", "the event `Stop`, which is no call"),
        (&["--mcp", "drop"], "", "is no tool of an MCP server"),
        (&["--mcp", "mcp__a__b", "[1"], "", "the tool's arguments aren't JSON"),
        (&["--mcp", "mcp__a__b", "[1]"], "", "aren't a JSON object"),
        (&["git", "status"], "", "put it in quotes"),
    ] {
        let (code, text, said) = home.explain(arguments, stdin.as_bytes());
        assert!(code == 1 && text.is_empty(), "{arguments:?}: {code} {text}");
        assert!(said.starts_with("countersign: ") && said.contains(wanted), "{arguments:?}: {said}");
    }
}

/// Runs a command in a terminal of its own, and shows what it prints there.
#[cfg(target_os = "linux")]
const IN_A_TERMINAL: &str = "\
import os, pty, sys
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[1], sys.argv[1:])
said = b''
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:
        piece = b''
    if not piece:
        break
    said += piece
sys.stdout.buffer.write(said)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
";

#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_it_is_coloured_and_teaches() {
    let home = Home::new("terminal");
    let run = |arguments: &[&str], variable: Option<&str>| {
        let mut python = Command::new("python3");
        python.args(["-c", IN_A_TERMINAL, BINARY, "explain"]).args(arguments).current_dir(&home.0).env_clear();
        python.env("HOME", &home.0).env("PATH", "/usr/local/bin:/usr/bin:/bin").envs(variable.map(|name| (name, "1")));
        told(&python.output().expect("python3 runs"))
    };
    let (code, text, _) = run(&[], None);
    assert!(code == 0 && text.contains("countersign explain 'git reset --hard && npm test'"), "{code} {text}");
    assert!(run(&["ls"], None).1.contains("\u{1b}[32mAllowed.\u{1b}[0m"));
    assert!(!run(&["ls"], Some("NO_COLOR")).1.contains('\u{1b}'));
    assert!(!run(&["--color=never", "ls"], None).1.contains('\u{1b}'));
}
