//! What becomes of the settings file.

use crate::kit::{Machine, fixtures, told};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

/// What the client finds.
fn registered(text: &str) -> Value {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str::<Value>(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn odd_files_are_added_to_and_come_back_as_they_were() {
    let fixtures = fixtures(false);
    assert!(fixtures.len() > 10, "{}", fixtures.len());
    for (name, before) in fixtures {
        let machine = Machine::new(&name);
        machine.file("home/.claude/settings.json", &before);
        let (code, said) = machine.run(&["install"]);
        assert!(code == 0 && said.contains("`rm -rf /` is stopped"), "{name}: {said}");
        let settings = registered(&machine.text());
        let command = machine.binary().display().to_string();
        let handler =
            json!({"type": "command", "command": command, "args": ["hook"], "timeout": 10, "onFailure": "block"});
        let last =
            |event: &str| settings["hooks"][event].as_array().and_then(|list| list.last().cloned()).expect(event);
        let matcher = "Bash|PowerShell|Monitor|Write|Edit|NotebookEdit|mcp__.*";
        assert_eq!(last("PreToolUse"), json!({"matcher": matcher, "hooks": [handler]}), "{name}");
        assert_eq!(last("ConfigChange"), json!({"hooks": [handler]}), "{name}");
        assert_eq!(last("SessionStart"), json!({"hooks": [handler]}), "{name}");

        let after = machine.bytes();
        let (code, said) = machine.run(&["install", "--user"]);
        assert!(code == 0 && said.contains("already installed"), "{name}: {said}");
        assert_eq!(machine.bytes(), after, "{name}: nothing is written twice");
        assert_eq!(machine.beside().len(), 1, "{name}: {:?}", machine.beside());
        assert_eq!(
            fs::read(machine.path("home/.claude").join(&machine.beside()[0])).expect("the backup"),
            before,
            "{name}"
        );

        let (code, said) = machine.person("uninstall", &["uninstall"]);
        assert!(code == 0 && said.contains("byte for byte"), "{name}: {said}");
        assert_eq!(machine.bytes().as_deref(), Some(before.as_slice()), "{name}");
        assert!(machine.beside().is_empty(), "{name}: {:?}", machine.beside());
    }
}

#[test]
fn what_the_client_would_drop_is_told_with_its_place_and_left_alone() {
    let places = [
        ("bad-trailing-comma", ":5:17: a comma before a `]`"),
        ("bad-comment", ":2:3: a comment"),
        ("bad-block-comment", ":2:19: a comment"),
        ("bad-hooks-list", ":2:12: `hooks` must be an object"),
        ("bad-event-object", ":3:19: `hooks.PreToolUse`: must be a list"),
        ("bad-flat-handler", ":4:7: `hooks.PreToolUse`: each entry must have its handlers"),
        ("bad-timeout", ":5:20: `hooks.PreToolUse`: `timeout` must be a number"),
        ("bad-twice", ":4:3: `hooks` stands here for the second time"),
        ("bad-list", ":1:1: settings are a JSON object"),
        ("bad-truncated", ":2:12: a string without its end"),
        ("bad-two-documents", ":2:1: `{`, and should be the end of the file"),
        ("bad-latin-1", ": is not UTF-8 (byte 14)"),
    ];
    let fixtures = fixtures(true);
    assert_eq!(fixtures.len(), places.len());
    for (name, before) in fixtures {
        let machine = Machine::new(&name);
        machine.file("home/.claude/settings.json", &before);
        let place = places.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("{name}")).1;
        for command in [vec!["install"], vec!["install", "--dry-run"], vec!["uninstall", "--dry-run"]] {
            let (code, said) = machine.run(&command);
            assert!(code == 1 && said.contains(&format!("settings.json{place}")), "{name}: {said}");
            assert!(said.starts_with("countersign: "), "{said}");
        }
        assert_eq!(machine.bytes().as_deref(), Some(before.as_slice()), "{name}");
        assert!(machine.beside().is_empty(), "{name}: {:?}", machine.beside());
    }
}

#[test]
fn where_there_is_no_file_there_is_none_afterwards() {
    let machine = Machine::new("none");
    fs::remove_dir(machine.path("home/.claude")).expect("its end");
    let (code, said) = machine.run(&["install", "--dry-run"]);
    assert!(code == 0 && said.contains("Nothing was written") && !machine.path("home/.claude").exists(), "{said}");
    let (code, said) = machine.run(&["install"]);
    assert!(code == 0, "{said}");
    let example = include_str!("../../examples/settings/user.json");
    assert_eq!(machine.text(), example.replace("/usr/local/bin/countersign", &machine.binary().display().to_string()));
    let (code, said) = machine.person("uninstall", &["uninstall"]);
    assert!(code == 0 && said.contains("is gone, as it wasn't there before"), "{said}");
    assert_eq!(machine.bytes(), None);
    assert!(machine.beside().is_empty());
}

#[test]
fn what_was_edited_since_stays() {
    let machine = Machine::new("edited");
    machine.file("home/.claude/settings.json", "{\n  \"model\": \"opus\"\n}\n");
    assert_eq!(machine.run(&["install"]).0, 0);
    let edited = machine.text().replace("\"opus\"", "\"haiku\",\n  \"env\": {}");
    machine.file("home/.claude/settings.json", edited);
    let (code, said) = machine.person("uninstall", &["uninstall"]);
    assert!(
        code == 0 && said.contains("what else has changed there since stays") && said.contains("is still kept in"),
        "{said}"
    );
    assert_eq!(machine.text(), "{\n  \"model\": \"haiku\",\n  \"env\": {}\n}\n");
}

#[test]
fn a_backup_gives_nothing_but_the_layout() {
    // Whoever can write beside the settings must not be able to smuggle something in, or to have something deleted.
    let machine = Machine::new("forged");
    let before = "{\n  \"permissions\": {\"deny\": [\"Read(./.env)\"]}\n}\n";
    for forged in [Some("{\"disableAllHooks\": true}"), None] {
        machine.file("home/.claude/settings.json", before);
        assert_eq!(machine.run(&["install"]).0, 0);
        let name = machine.beside().remove(0);
        match forged {
            Some(text) => machine.file(&format!("home/.claude/{name}"), text),
            None => {
                fs::remove_file(machine.path("home/.claude").join(&name)).expect("its end");
                machine.file(&format!("home/.claude/{name}-none"), "")
            }
        };
        let (code, said) = machine.person("uninstall", &["uninstall"]);
        assert_eq!((code, machine.text().as_str()), (0, before), "{said}");
        machine
            .beside()
            .iter()
            .for_each(|name| fs::remove_file(machine.path("home/.claude").join(name)).expect("its end"));
    }
}

#[test]
fn an_old_entry_is_replaced_and_the_first_state_comes_back() {
    let machine = Machine::new("old");
    let before = "{\n\t\"model\": \"opus\"\n}";
    machine.file("home/.claude/settings.json", before);
    assert_eq!(machine.run(&["install"]).0, 0);
    // The program has moved.
    fs::rename(machine.path("bin"), machine.path("moved")).expect("another place");
    fs::create_dir(machine.path("bin")).expect("a folder");
    let moved = machine.path("moved/countersign");
    let (code, said) = told(&machine.command(&moved).arg("install").output().expect("it runs"));
    assert!(code == 0 && said.contains("\n-"), "{said}");
    let text = machine.text();
    assert_eq!(text.matches(&moved.display().to_string()).count(), 3, "{text}");
    assert!(!text.contains(&machine.binary().display().to_string()), "{text}");
    assert_eq!(machine.beside().len(), 1, "{:?}", machine.beside());
    fs::rename(&moved, machine.binary()).expect("back");
    let (code, said) = machine.person("uninstall", &["uninstall"]);
    assert!(code == 0 && machine.text() == before && machine.beside().is_empty(), "{said}");
}

#[test]
fn links_are_followed_where_they_are_the_persons_own() {
    let machine = Machine::new("links");
    fs::create_dir(machine.path("home/dotfiles")).expect("a folder");
    machine.file("home/dotfiles/claude.json", "{}\n");
    symlink("../dotfiles/claude.json", machine.settings()).expect("a link");
    let (code, said) = machine.run(&["install"]);
    assert!(code == 0 && said.contains("a link to") && said.contains("dotfiles/claude.json"), "{said}");
    assert!(fs::symlink_metadata(machine.settings()).expect("it").is_symlink(), "the link stays");
    assert!(fs::read_to_string(machine.path("home/dotfiles/claude.json")).expect("it").contains("PreToolUse"));
    let (code, said) = machine.person("uninstall", &["uninstall"]);
    assert_eq!((code, machine.text().as_str()), (0, "{}\n"), "{said}");

    // A repository may not have other files changed.
    symlink("../../.claude/settings.json", machine.path("home/shop/.claude/settings.json")).expect("a link");
    symlink("/nowhere/settings.json", machine.path("home/shop/.claude/settings.local.json")).expect("a link");
    for (scope, what) in [("--project", "leads out of the project"), ("--local", "leads nowhere")] {
        let (code, said) = machine.run(&["install", scope]);
        assert!(code == 1 && said.contains(what), "{scope}: {said}");
    }
    assert_eq!(machine.text(), "{}\n");
}

#[test]
fn what_is_no_file_is_refused() {
    let machine = Machine::new("no-file");
    fs::create_dir(machine.settings()).expect("a folder");
    let (code, said) = machine.run(&["install"]);
    assert!(code == 1 && said.contains("settings.json: is no regular file"), "{said}");
    fs::remove_dir(machine.settings()).expect("its end");
    assert!(machine.command("/usr/bin/mkfifo").arg(machine.settings()).status().expect("mkfifo").success());
    let (code, said) = machine.run(&["install"]);
    assert!(code == 1 && said.contains("is no regular file"), "{said}");
    fs::remove_file(machine.settings()).expect("its end");
    fs::remove_dir(machine.path("home/.claude")).expect("its end");
    machine.file("home/.claude", "");
    let (code, said) = machine.run(&["install"]);
    assert!(code == 1 && said.contains("settings.json"), "{said}");
}

#[test]
fn mode_and_owner_stay() {
    let machine = Machine::new("mode");
    machine.file("home/.claude/settings.json", "{}");
    let private = fs::Permissions::from_mode(0o640);
    fs::set_permissions(machine.settings(), private).expect("its mode");
    // Root writes other people's files without taking them.
    let owner = std::os::unix::fs::chown(machine.settings(), Some(4242), Some(4243)).is_ok();
    let before = fs::metadata(machine.settings()).expect("it");
    for command in ["install", "uninstall"] {
        let (code, said) = machine.person("uninstall", &[command]);
        let after = fs::metadata(machine.settings()).expect("it");
        assert_eq!((code, after.mode() & 0o7777), (0, 0o640), "{said}");
        assert_eq!((after.uid(), after.gid()), (before.uid(), before.gid()), "{command}, {owner}");
    }
    assert_eq!(machine.text(), "{}");
}

#[test]
fn what_does_not_answer_is_taken_back() {
    let machine = Machine::new("back");
    for before in [Some("{\n  \"model\": \"opus\"\n}\n"), None] {
        match before {
            Some(text) => drop(machine.file("home/.claude/settings.json", text)),
            None => fs::remove_file(machine.settings()).expect("its end"),
        }
        // So few files may be open that nothing can be started.
        let mut shell = machine.command("/bin/sh");
        shell.args(["-c", "ulimit -n 7; exec \"$0\" install"]).arg(machine.binary());
        let (code, said) = told(&shell.output().expect("it runs"));
        assert!(
            code == 1 && said.contains("can't be started") && said.contains("everything is as it was before"),
            "{said}"
        );
        assert_eq!(machine.bytes().as_deref(), before.map(str::as_bytes));
        assert!(machine.beside().is_empty(), "{:?}", machine.beside());
    }
}

#[test]
fn each_scope_has_its_file() {
    let machine = Machine::new("scopes");
    for (flag, path) in
        [("--project", "home/shop/.claude/settings.json"), ("--local", "home/shop/.claude/settings.local.json")]
    {
        // From below, too: the client is started at the top.
        let output = machine
            .command(machine.binary())
            .args(["install", flag])
            .current_dir(machine.path("home/shop/src"))
            .output();
        let (code, said) = told(&output.expect("it runs"));
        assert!(code == 0 && said.contains(&machine.path(path).display().to_string()), "{flag}: {said}");
        assert!(fs::read_to_string(machine.path(path)).expect(flag).contains("\"onFailure\": \"block\""));
    }
    assert_eq!(machine.bytes(), None);
    // A person's settings are where the client looks for them.
    let mut command = machine.command(machine.binary());
    let output = command.arg("install").env("CLAUDE_CONFIG_DIR", machine.path("home/other")).output();
    let (code, said) = told(&output.expect("it runs"));
    assert!(code == 0 && machine.path("home/other/settings.json").exists() && machine.bytes().is_none(), "{said}");
    let output =
        machine.command(machine.binary()).args(["install", "--project"]).current_dir(machine.path("home")).output();
    let (code, said) = told(&output.expect("it runs"));
    assert!(code == 1 && said.contains("`--user` is for your own settings"), "{said}");
    let (code, said) = machine.run(&["install", "--user", "--local"]);
    assert!(code == 2 && said.contains("cannot be used with"), "{said}");
}
