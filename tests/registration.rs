//! What registers the hook: one mistake here and it silently never runs.

#[path = "client/mod.rs"]
#[allow(dead_code)]
mod client;
#[cfg(unix)]
#[path = "support/executable.rs"]
mod executable;

use client::Verdict::Deny;
use serde_json::{Value, json};

const MATCHER: &str = "Bash|PowerShell|Monitor|Write|Edit|NotebookEdit|mcp__.*";

fn load(path: &str) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{path}: {e}"));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn hooks(command: &str) -> Value {
    // Exactly this: an unknown value voids the whole file, and `if`, `async` or a shell form would weaken it.
    let handler = json!({"type": "command", "command": command, "args": ["hook"], "timeout": 10, "onFailure": "block"});
    let other = json!([{"hooks": [handler]}]);
    json!({"PreToolUse": [{"matcher": MATCHER, "hooks": [handler]}], "ConfigChange": other, "SessionStart": other})
}

#[test]
fn the_settings_register_the_hook() {
    let expected = hooks("/usr/local/bin/countersign");
    for (scope, keys) in [
        ("user", vec!["hooks"]),
        ("project", vec!["hooks"]),
        ("managed", vec!["allowManagedHooksOnly", "hooks", "permissions", "requiredMinimumVersion"]),
    ] {
        let settings = load(&format!("examples/settings/{scope}.json"));
        assert_eq!(settings["hooks"], expected, "{scope}");
        assert_eq!(settings.as_object().expect("an object").keys().collect::<Vec<_>>(), keys, "{scope}");
    }
    let managed = load("examples/settings/managed.json");
    assert_eq!(managed["requiredMinimumVersion"], "2.1.295", "the first that knows onFailure");
    assert_eq!(managed["allowManagedHooksOnly"], true);
    assert_eq!(managed["permissions"], json!({"disableBypassPermissionsMode": "disable"}));
}

#[test]
fn install_writes_the_same() {
    let installed = countersign::settings::edit::install("", "/usr/local/bin/countersign").expect("settings");
    let example = std::fs::read_to_string("examples/settings/user.json").expect("the example");
    assert_eq!(installed, example);
    // What is there already is left alone, whoever has written it.
    for scope in ["project", "managed"] {
        let example = std::fs::read_to_string(format!("examples/settings/{scope}.json")).expect("the example");
        assert_eq!(countersign::settings::edit::install(&example, "/usr/local/bin/countersign"), Ok(example));
    }
    assert_eq!(MATCHER, countersign::settings::entries::MATCHER);
}

#[test]
fn the_plugin_registers_the_hook() {
    assert_eq!(load("hooks/hooks.json")["hooks"], hooks("${CLAUDE_PLUGIN_ROOT}/hooks/run"));
    let plugin = load(".claude-plugin/plugin.json");
    assert_eq!(plugin["name"], "countersign");
    assert_eq!(plugin["version"], env!("CARGO_PKG_VERSION"));
    let market = load(".claude-plugin/marketplace.json");
    assert!(market["owner"]["name"].is_string());
    assert_eq!(market["plugins"][0]["name"], plugin["name"]);
    assert_eq!(market["plugins"][0]["source"], "./");
}

#[cfg(unix)]
mod launcher {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;
    use std::process::{Command, Output};

    use super::client::{BINARY, Verdict, feed, verdict};
    use super::executable;
    use super::*;

    /// A plugin folder of one's own, with no countersign installed anywhere.
    struct Plugin(PathBuf);

    impl Plugin {
        fn new(name: &str) -> Self {
            let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("plug in-{name}"));
            let _ = fs::remove_dir_all(&root);
            fs::create_dir_all(root.join("hooks")).expect("a folder");
            fs::create_dir_all(root.join("bin")).expect("a folder");
            let launcher = fs::read_to_string("hooks/run").expect("the launcher");
            // So that the test says the same on a machine where countersign is installed.
            let launcher = launcher.replace("/usr/local/bin/countersign;", "/nowhere/countersign;");
            assert!(launcher.contains("/nowhere/"));
            let plugin = Self(root);
            plugin.file("hooks/run", launcher.as_bytes(), 0o755);
            plugin
        }

        fn file(&self, name: &str, content: &[u8], mode: u32) {
            let path = self.0.join(name);
            executable::write(&path, content, mode);
        }

        fn run(&self, input: &[u8]) -> Output {
            // A name that a careless launcher would find along PATH, as a repository could have it.
            self.file("countersign", b"#!/bin/sh\nexit 0\n", 0o755);
            feed(Command::new(self.0.join("hooks/run")).arg("hook").env("PATH", &self.0), input)
        }
    }

    #[test]
    fn it_is_executable() {
        let mode = fs::metadata("hooks/run").expect("the launcher").permissions().mode();
        assert_eq!(mode & 0o111, 0o111);
    }

    #[test]
    fn it_passes_everything_on() {
        let plugin = Plugin::new("whole");
        executable::copy(BINARY, plugin.0.join("bin/countersign"));
        let other = br#"{"hook_event_name":"Stop"}"#;
        for input in [b"{".as_slice(), other, b""] {
            let (through, direct) = (plugin.run(input), super::client::hook(input));
            assert_eq!((through.status.code(), &through.stdout), (direct.status.code(), &direct.stdout));
            assert_eq!(through.stderr, direct.stderr);
        }
    }

    #[test]
    fn without_the_binary_it_denies_and_says_how_to_install_it() {
        let output = Plugin::new("none").run(b"{}");
        assert_eq!(verdict(&output, "no binary"), Deny);
        assert!(!output.stdout.is_empty(), "said three ways");
        assert!(String::from_utf8_lossy(&output.stderr).contains("cargo install"));
    }

    #[test]
    fn with_a_broken_binary_it_denies() {
        for (name, content, mode) in [
            ("empty", b"".as_slice(), 0o755),
            ("not-executable", b"#!/bin/sh\nexit 0\n", 0o644),
            ("no-interpreter", b"#!/nowhere/sh\n", 0o755),
            ("other-machine", b"\x7fELF\x02\x01\x01\0 \0", 0o755),
            ("panics", b"#!/bin/sh\nexit 101\n", 0o755),
            ("killed", b"#!/bin/sh\nkill -9 $$\n", 0o755),
        ] {
            let plugin = Plugin::new(name);
            plugin.file("bin/countersign", content, mode);
            assert_eq!(plugin.run(b"{}").status.code(), Some(2), "{name}");
        }
        let plugin = Plugin::new("folder");
        fs::create_dir(plugin.0.join("bin/countersign")).expect("a folder");
        assert_eq!(verdict(&plugin.run(b"{}"), "a folder"), Verdict::Deny);
    }
}
