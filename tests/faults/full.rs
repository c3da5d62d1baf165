//! A full disk: a small file system of its own.

use crate::client::{BINARY, Verdict, verdict};
use crate::kit::Home;
use crate::skip::skipped;
use crate::terminal::{SETSID, answered};
use crate::world::{CALLS, PUSH, SKIPPED, is_root};
use serde_json::Value;
use std::fs;
use std::process::Command;

/// Makes `$1/full` a file system of 128 KB with what lies in `$1/seed`; it is the home from then on. `fill` fills it.
const DISK: &str = "F=\"$1/full\"; mkdir -p \"$F\" && mount -t tmpfs -o size=128k,mode=700 none \"$F\" || exit 77\n\
    cp -a \"$1/seed/.\" \"$F/\" && chmod -R go= \"$F\" && export HOME=\"$F\" && cd \"$F/shop\" || exit 77\n\
    fill() { cat /dev/zero > \"$F/fill\" 2> \"$1/null\"; }\n";

/// A home whose `seed` has a project in it.
fn home(name: &str) -> Home {
    let home = Home::new(name);
    for folder in ["seed/shop/.git", "seed/shop/.claude", "seed/.claude", "seed/.local/state/countersign"] {
        fs::create_dir_all(home.0.join(folder)).expect("a folder");
    }
    home
}

impl Home {
    /// A call in the project on the small disk.
    fn there(&self, command: &str) -> Vec<u8> {
        self.call_in(self.0.join("full/shop").to_str().expect("text"), command)
    }

    /// What a script has left in a file.
    fn left(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// A script on the small disk, at a terminal at which somebody types this when asked.
    fn at_a_terminal(&self, script: &str, answer: &str) -> Option<String> {
        let mut command = Command::new(SETSID);
        command.args(["--ctty", "unshare", if is_root() { "-m" } else { "-rm" }, "--", "sh", "-c"]);
        command.arg(format!("{DISK}{script}")).arg(BINARY).arg(&self.0);
        command.env_clear().env("HOME", &self.0).env("PATH", "/usr/local/bin:/usr/bin:/bin").current_dir("/");
        let (code, text) = answered(&mut command, "Type ", answer);
        if code == SKIPPED || text.starts_with("unshare:") {
            return skipped(&format!("no small disk can be had here: {text}"));
        }
        Some(text)
    }
}

#[test]
fn decisions_are_as_ever() {
    let home = home("full-decides");
    for (call, expected) in CALLS.into_iter().chain([(PUSH, Verdict::Deny), ("cp -r a b", Verdict::Silent)]) {
        let Some(output) = home.in_a_namespace(&format!("{DISK}fill \"$@\"; exec \"$0\" hook"), &home.there(call))
        else {
            return;
        };
        assert_eq!(verdict(&output, call), expected, "{call}");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(!text.contains("can approve this"), "nobody can approve what can't be written down: {text}");
    }
}

/// Lines that the disk has cut off are told from whole ones, and once there is room, what follows is whole.
#[test]
fn what_is_torn_spoils_nothing_else() {
    let home = home("full-torn");
    fs::write(home.0.join("call"), home.there("rm -rf ~/x")).expect("a call");
    let script = "mkdir -p .local; \"$0\" hook < \"$1/call\" > \"$1/null\" 2>&1\n\
        fill \"$@\"\n\
        for n in 1 2 3 4 5 6 7 8 9; do\n\
          \"$0\" hook < \"$1/call\" > \"$1/null\" 2>&1; echo $? >> \"$1/codes\"\n\
        done\n\
        rm \"$F/fill\"; \"$0\" hook < \"$1/call\" > \"$1/null\" 2>&1\n\
        \"$0\" log --json > \"$1/lines\" 2> \"$1/said\"\n\
        cp -a \"$F/.local\" \"$1/kept\"";
    let Some(output) = home.in_a_namespace(&format!("{DISK}{script}"), b"") else { return };
    assert!(output.status.success(), "{output:?}");
    let asked = home.left("codes");
    assert!(asked.lines().all(|code| code == asked.lines().next().expect("a code")), "{asked}");
    let journal = home.left("kept/state/countersign/journal.jsonl");
    let (whole, torn): (Vec<&str>, Vec<&str>) =
        journal.lines().filter(|line| !line.is_empty()).partition(|line| serde_json::from_str::<Value>(line).is_ok());
    assert!(torn.len() <= 1 && whole.len() >= 2, "{journal}");
    assert_eq!(journal.lines().last(), whole.last().copied(), "the last is whole");
    assert_eq!(home.left("lines").lines().count(), whole.len());
    assert_eq!(home.left("said").contains("1 line of the journal is torn"), !torn.is_empty(), "{}", home.left("said"));
}

#[test]
fn an_approval_still_counts_once() {
    let home = home("full-once");
    for name in ["call", "other"] {
        fs::write(home.0.join(name), home.there(PUSH)).expect("a call");
    }
    // The person approves while there is room; then the disk is full.
    let script = "code() { grep -o 'approve [0-9A-Z]*-[0-9A-Z]*' \"$1/denied\" | head -n 1 | cut -d ' ' -f 2; }\n\
        \"$0\" hook < \"$1/call\" > \"$1/denied\" 2> \"$1/null\"\n\
        \"$0\" approve \"$(code \"$@\")\"; echo $? > \"$1/approved\"; fill \"$@\"\n\
        for n in 1 2 3; do \"$0\" hook < \"$1/call\" > \"$1/answer.$n\" 2>&1; echo $? >> \"$1/codes\"; done";
    let Some(text) = home.at_a_terminal(script, "main") else { return };
    assert_eq!(home.left("approved").trim(), "0", "{text}");
    assert!(home.left("answer.1").contains("approved by a person at a terminal"), "{}", home.left("answer.1"));
    assert_eq!(home.left("codes"), "0\n2\n2\n");
}

/// Each command that writes says that it can't, and nothing is there but what was.
#[test]
fn commands_leave_what_was_there() {
    let settings = format!("{{\n  \"model\": \"opus\",\n  \"note\": \"{}\"\n}}\n", "x".repeat(9_000));
    let policy = "[rules]\n\"terraform.apply\" = \"none\"\n";
    for (command, before, answer, says) in [
        ("install", "", "", "settings.json"),
        ("uninstall", "\"$0\" install;", "uninstall", "settings.json"),
        ("trust", "", "trust", "the trust store can't be written"),
        (
            "approve \"$(code \"$@\")\"",
            "\"$0\" hook < \"$1/call\" > \"$1/denied\" 2>&1;",
            "main",
            "the approval can't be written",
        ),
    ] {
        let home = home("full-commands");
        fs::write(home.0.join("call"), home.there(PUSH)).expect("a call");
        fs::write(home.0.join("seed/.claude/settings.json"), &settings).expect("settings");
        fs::write(home.0.join("seed/shop/.claude/countersign.toml"), policy).expect("a policy");
        let script = format!(
            "code() {{ grep -o 'approve [0-9A-Z]*-[0-9A-Z]*' \"$1/denied\" | head -n 1 | cut -d ' ' -f 2; }}\n\
             {before} fill \"$@\"; cp -a \"$F\" \"$1/before\"\n\
             \"$0\" {command} > \"$1/out\"; echo \"code $?\"; cp -a \"$F\" \"$1/after\""
        );
        let Some(text) = home.at_a_terminal(&script, answer) else { return };
        let out = home.left("out");
        assert!(text.contains("code 1") && text.contains(says), "{command}: {text} {out}");
        assert!(text.contains("No space left"), "{command}: {text}");
        let same = Command::new("diff").arg("-r").arg(home.0.join("before")).arg(home.0.join("after")).output();
        let same = same.expect("it runs");
        assert!(same.status.success(), "{command}: {}", String::from_utf8_lossy(&same.stdout));
        let text = home.left("after/.claude/settings.json");
        assert!(command == "uninstall" || text == settings);
        assert!(serde_json::from_str::<Value>(&text).is_ok());
    }
}

/// Once, where a person looks: no call is in the way of it.
#[test]
fn the_doctor_says_so() {
    let home = home("full-doctor");
    let script = format!("{DISK}\"$0\" doctor > \"$1/before\"; fill \"$@\"; \"$0\" doctor > \"$1/after\"; true");
    if home.in_a_namespace(&script, b"").is_none() {
        return;
    }
    assert!(!home.left("before").contains("is full"), "{}", home.left("before"));
    assert!(home.left("after").contains("is full, so sessions remember nothing"), "{}", home.left("after"));
}
