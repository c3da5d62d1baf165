//! What the doctor finds.

use crate::executable;
use crate::kit::{Machine, told};
use serde_json::Value;
use std::fs;

/// What it says as JSON: level, check and text of each line, and its exit code.
fn found(machine: &Machine) -> (i32, Vec<(String, String, String)>) {
    let (code, said) = machine.run(&["doctor", "--json"]);
    let report: Value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"));
    let text = |check: &Value, key: &str| check[key].as_str().unwrap_or_default().to_owned();
    let checks = report["checks"].as_array().expect("checks");
    for check in checks {
        assert_eq!(check["level"] == "ok", check.get("fix").is_none(), "what isn't ok has a way out: {check}");
    }
    let lines = checks.iter().map(|check| (text(check, "level"), text(check, "check"), text(check, "what"))).collect();
    assert_eq!(report["ok"], code == 0);
    (code, lines)
}

/// Whether some line is of this level and check, and says this.
fn says(machine: &Machine, level: &str, check: &str, what: &str) {
    let (code, lines) = found(machine);
    let hit = lines.iter().any(|line| line.0 == level && line.1 == check && line.2.contains(what));
    assert!(hit, "{level} {check} {what}: {lines:#?}");
    assert_eq!(code, i32::from(lines.iter().any(|line| line.0 == "failure")), "{lines:#?}");
}

/// A machine on which all is well.
fn guarded(name: &str) -> Machine {
    let machine = Machine::new(name);
    assert_eq!(machine.run(&["install"]).0, 0);
    machine
}

#[test]
fn a_guarded_machine_is_ok() {
    let machine = guarded("well");
    let (code, said) = machine.run(&["doctor"]);
    assert!(code == 0 && said.contains("0 failures") && !said.contains('\u{1b}'), "{said}");
    let line = said.lines().find(|line| line.contains(" user ")).expect("a line");
    assert!(line.starts_with("ok ") && line.ends_with("tried, and `rm -rf /` is denied"), "{line}");
    let (code, said) = machine.person("", &["doctor"]);
    assert!(code == 0 && said.contains("\u{1b}[32mok"), "coloured: {said}");
}

/// `rm -rf /` in the journal would wake somebody up: what the probe sends isn't something that happened.
#[test]
fn trying_the_guard_leaves_nothing_behind() {
    let machine = guarded("trace");
    machine.file("home/.claude/countersign.toml", "[approve]\ncatastrophic = \"person\"\n");
    let (code, said) = machine.run(&["doctor"]);
    assert!(code == 0 && said.contains("`rm -rf /` is denied"), "{said}");
    let state = machine.path("home/.local/state/countersign");
    let left: Vec<_> = fs::read_dir(&state).into_iter().flatten().flatten().map(|entry| entry.file_name()).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn nothing_registered_is_a_failure() {
    let machine = Machine::new("nothing");
    says(&machine, "failure", "registered", "in no settings file");
    let (_, said) = machine.run(&["doctor"]);
    assert!(said.contains("→ run `countersign install`"), "{said}");
}

#[test]
fn what_switches_it_off_is_found() {
    let machine = guarded("off");
    for (file, text, check, what) in [
        ("settings.json", "{\"disableAllHooks\": true}", "hooks", "disableAllHooks"),
        ("settings.local.json", "{\"disableAllHooks\": true}", "hooks", "settings.local.json sets"),
        ("settings.json", "{\"model\": \"opus\",}", "settings", "settings.json:1:17: a comma"),
        ("settings.json", "{\"permissions\": {\"deny\": \"x\"}}", "settings", "permissions.deny"),
        ("settings.json", "{\"env\": {\"CLAUDE_CODE_SIMPLE\": \"1\"}}", "env", "CLAUDE_CODE_SIMPLE"),
        ("settings.json", "{\"env\": {\"HOME\": \"/tmp\"}}", "env", "`HOME`"),
    ] {
        let path = format!("home/shop/.claude/{file}");
        machine.file(&path, text);
        says(&machine, "failure", check, what);
        fs::remove_file(machine.path(&path)).expect("its end");
    }
    machine.file("home/shop/.claude/countersign.toml", "nonsense");
    says(&machine, "failure", "policy", "countersign.toml:1:9");
    machine.file("home/shop/.claude/countersign.toml", "protect = 'infra'\n[[expect]]\n'rm -rf infra' = 'none'\n");
    says(&machine, "failure", "policy", "`rm -rf infra` is deny, and should be none");
    fs::remove_file(machine.path("home/shop/.claude/countersign.toml")).expect("its end");
    machine.file("home/.claude/countersign.toml", "[observe-only]\nuntil = 2999-01-01\n");
    says(&machine, "warning", "policy", "nothing is stopped");
    says(&machine, "warning", "user", "by the policy here");
}

#[test]
fn a_registration_that_does_not_hold_is_found() {
    let machine = guarded("weak");
    let sound = machine.text();
    for (from, to, level, check, what) in [
        ("Bash|PowerShell|", "PowerShell|", "failure", "registered", "reaches Bash"),
        ("|mcp__.*", "|mcp__", "failure", "registered", "reaches MCP tools"),
        ("\"Bash|Power", "\"[|Bash|Power", "failure", "registered", "reaches Bash, PowerShell"),
        ("\"onFailure\": \"block\"", "\"onFailure\": \"continue\"", "warning", "registered", "onFailure"),
        ("\"timeout\": 10", "\"timeout\": 10, \"async\": true", "failure", "registered", "async"),
        ("/bin/countersign", "/gone/countersign", "failure", "program", "isn't there"),
        ("\"ConfigChange\"", "\"Stop\"", "warning", "registered", "doesn't register ConfigChange"),
        ("\"PreToolUse\"", "\"PostToolUse\"", "failure", "registered", "in no settings file"),
    ] {
        assert!(sound.contains(from), "{from}");
        machine.file("home/.claude/settings.json", sound.replace(from, to));
        says(&machine, level, check, what);
    }
    // What one entry doesn't reach, another may.
    let split = sound.replace("|mcp__.*", "");
    machine.file("home/.claude/settings.json", &split);
    machine
        .file("home/shop/.claude/settings.json", sound.replace("Bash|PowerShell|Monitor|Write|Edit|NotebookEdit|", ""));
    let (code, lines) = found(&machine);
    assert!(code == 0 && !lines.iter().any(|line| line.2.contains("reaches")), "{lines:#?}");
    fs::remove_file(machine.path("home/shop/.claude/settings.json")).expect("its end");
    // Installing once more is the way out.
    machine.file("home/.claude/settings.json", sound.replace("Bash|PowerShell|", ""));
    assert_eq!(machine.run(&["install"]).0, 0);
    assert_eq!(machine.text(), sound);
}

#[test]
fn what_a_repository_registers_is_not_started() {
    let machine = guarded("theirs");
    fs::create_dir_all(machine.path("home/shop/bin")).expect("a folder");
    machine.program("home/shop/bin/countersign", "#!/bin/sh\ntouch \"$HOME/started\"\nexit 2\n");
    machine.program("home/shop/bin/claude", "#!/bin/sh\ntouch \"$HOME/started\"\necho 2.1.400\n");
    let theirs = machine.path("home/shop/bin/countersign").display().to_string();
    let own = machine.binary().display().to_string();
    let settings = machine.text();
    let shell = format!(
        "{{\"hooks\":{{\"PreToolUse\":[{{\"hooks\":[{{\"type\":\"command\",\"command\":\"{own};touch started; countersign hook\"}}]}}]}}}}"
    );
    for theirs in [settings.replace(&own, &theirs), settings.replace(&own, "bin/countersign"), shell] {
        machine.file("home/shop/.claude/settings.json", &theirs);
        let path = format!("{}:/usr/bin:/bin", machine.path("home/shop/bin").display());
        let output = machine.command(machine.binary()).arg("doctor").env("PATH", path).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("tried") && said.contains("no `claude` on PATH"), "{said}");
        for place in ["home/started", "home/shop/started"] {
            assert!(!machine.path(place).exists(), "it was started: {theirs}");
        }
    }
}

#[test]
fn the_clients_version_is_asked_for() {
    let machine = guarded("version");
    let look = |script: &str| {
        machine.program("old/claude", script);
        let path = format!("{}:/usr/bin:/bin", machine.path("old").display());
        let output = machine.command(machine.binary()).arg("doctor").env("PATH", path).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        said.lines().find(|line| line.contains(" client ")).expect("a line").to_owned()
    };
    let line = look("#!/bin/sh\necho '2.1.330 (Claude Code)'\n");
    assert!(line.starts_with("ok ") && line.contains("version 2.1.330"), "{line}");
    let line = look("#!/bin/sh\necho '2.1.197 (Claude Code)'\n");
    assert!(line.starts_with("warning ") && line.contains("lets calls run") && line.contains("2.1.295"), "{line}");
    // Whoever installs it there hears of it, too.
    let installed = |version: &str| {
        machine.program("old/claude", &format!("#!/bin/sh\necho '{version} (Claude Code)'\n"));
        let path = format!("{}:/usr/bin:/bin", machine.path("old").display());
        told(&machine.command(machine.binary()).arg("install").env("PATH", path).output().expect("it runs")).1
    };
    assert!(installed("2.1.197").contains("version 2.1.197, which lets calls run when the hook fails"));
    assert!(!installed("2.1.330").contains("when the hook fails"));
    let line = look("#!/bin/sh\necho no\n");
    assert!(line.starts_with("warning ") && line.contains("doesn't say its version"), "{line}");
    // An agent may run the doctor without being asked, so it can't have this started.
    machine.program("old/claude", "#!/bin/sh\ntouch \"$HOME/started\"\necho 2.1.400\n");
    let path = format!("{}:/usr/bin:/bin", machine.path("old").display());
    for (variable, started) in [("CLAUDECODE", false), ("X", true)] {
        let mut command = machine.command(machine.binary());
        let said = command.arg("doctor").env("PATH", &path).env(variable, "1").output().expect("it runs").stdout;
        assert_eq!(machine.path("home/started").exists(), started);
        assert_eq!(String::from_utf8_lossy(&said).contains("an agent runs this"), !started);
    }
}

#[test]
fn a_plugin_is_looked_at() {
    let machine = Machine::new("plugin");
    let plugin = machine.path("home/.claude/plugins/cache/market/countersign/0.1.0");
    fs::create_dir_all(plugin.join("hooks")).expect("a folder");
    fs::create_dir_all(plugin.join("bin")).expect("a folder");
    machine.file("home/.claude/settings.json", "{\"enabledPlugins\": {\"countersign@market\": true}}");
    says(&machine, "failure", "plugin", "isn't installed");
    let record = format!(
        "{{\"version\":2,\"plugins\":{{\"countersign@market\":[{{\"scope\":\"user\",\"installPath\":\"{}\"}}]}}}}",
        plugin.display()
    );
    machine.file("home/.claude/plugins/installed_plugins.json", record);
    says(&machine, "failure", "plugin", "has no launcher");
    for file in ["hooks/run", "hooks/hooks.json"] {
        executable::copy(file, plugin.join(file));
    }
    executable::copy(machine.binary(), plugin.join("bin/countersign"));
    says(&machine, "ok", "plugin", "registered in countersign@market; tried, and `rm -rf /` is denied");
    executable::write(&plugin.join("hooks/run"), b"#!/bin/sh\nexit 0\n", 0o755);
    says(&machine, "failure", "plugin", "another launcher");
}
