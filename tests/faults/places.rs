//! Working directories as they shouldn't be.

use crate::client::{BINARY, Verdict, feed, verdict};
use crate::kit::Home;
use crate::world::{CALLS, fifo, in_time};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

/// Panics unless each call is decided at least as strictly as ever, and a denial is one.
fn at_least(about: &str, mut decide: impl FnMut(&str) -> Verdict) {
    for (call, expected) in CALLS {
        let got = in_time(about, || decide(call));
        assert!(got >= expected || expected < Verdict::Ask, "{about}: {call}: {got:?}");
        // What only reads, and what is ordinary, needs no more than a question, ever.
        assert!(expected >= Verdict::Ask || got < Verdict::Deny, "{about}: {call}: {got:?}");
    }
}

#[test]
fn a_directory_that_is_gone() {
    let home = Home::new("gone");
    let gone = home.0.join("gone");
    for (call, expected) in CALLS {
        fs::create_dir_all(&gone).expect("a folder");
        let mut command = Command::new("sh");
        command.args(["-c", "cd \"$1\" && rmdir \"$1\" && exec \"$0\" hook", BINARY]).arg(&gone).env("HOME", &home.0);
        let output = feed(&mut command, &home.call_in(gone.to_str().expect("text"), call));
        assert_eq!(verdict(&output, "gone"), expected, "{call}");
    }
}

#[test]
fn directories_that_are_none() {
    let home = Home::new("none");
    home.file("file", "");
    fifo(&home.0.join("fifo"));
    symlink(home.0.join("loop"), home.0.join("loop")).expect("a link");
    let inside = |name: &str| home.0.join(name).to_str().expect("text").to_owned();
    let deep = format!("/{}", "a/".repeat(3_000));
    let long = format!("/{}", "x".repeat(300));
    let longer = format!("/{}", "é".repeat(60_000));
    let places = ["nowhere", "file", "fifo", "file/below", "loop", "loop/below"].map(inside);
    let odd =
        ["relative", ".", "..", "~", "/dev/null", "/proc/self/fd/0", "/nowhere\n/x", "/caf\u{fffd}", "//", "/../.."];
    let all = places.iter().map(String::as_str).chain(odd).chain([deep.as_str(), &long, &longer]);
    for cwd in all {
        let about: String = cwd.chars().take(60).collect();
        at_least(&about, |call| verdict(&home.hook(&home.call_in(cwd, call)), &about));
    }
}

#[test]
fn directories_that_no_event_can_name() {
    let home = Home::new("nameless");
    let event = |cwd: &[u8], call: &str| {
        let text = String::from_utf8(home.call_in("CWD", call)).expect("text");
        let (before, after) = text.split_once("\"CWD\"").expect("a directory");
        [before.as_bytes(), cwd, after.as_bytes()].concat()
    };
    let odd: [&[u8]; 8] =
        [b"\"/caf\xe9\"", b"\"/\\ud800\"", b"\"/a\\u0000b\"", b"null", b"5", b"[\"/\"]", b"{}", b"\"\""];
    for cwd in odd {
        for (call, expected) in CALLS {
            let about = String::from_utf8_lossy(cwd).into_owned();
            let got = verdict(&home.hook(&event(cwd, call)), &about);
            assert!(got >= expected || expected < Verdict::Ask, "{about}: {call}: {got:?}");
        }
    }
}

#[test]
fn a_directory_that_may_not_be_read() {
    let home = Home::new("unreadable");
    for mode in [0, 0o100, 0o400] {
        let shop = home.0.join("shop");
        let Some(mut command) = home.as_another() else { return };
        fs::set_permissions(&shop, fs::Permissions::from_mode(mode)).expect("a mode");
        at_least("unreadable", |call| verdict(&feed(&mut command, &home.bash(call)), "unreadable"));
        fs::set_permissions(&shop, fs::Permissions::from_mode(0o755)).expect("a mode");
    }
}

/// What a project forbids holds, whatever the client says of where that is.
#[test]
fn odd_projects_take_nothing_from_a_policy() {
    let home = Home::new("projects");
    home.file("shop/.claude/countersign.toml", "[rules]\n\"terraform.apply\" = \"deny\"\n");
    let shop = home.0.join("shop");
    let around = [Path::new(""), Path::new("shop"), Path::new("/nowhere"), Path::new("/dev/zero"), &home.0, &shop];
    for project in around {
        let mut command = home.command();
        command.env("CLAUDE_PROJECT_DIR", project);
        let output = feed(&mut command, &home.bash("terraform apply"));
        assert_eq!(verdict(&output, "a project"), Verdict::Deny, "{}", project.display());
        // Elsewhere the one that it names counts.
        let elsewhere = feed(&mut command, &home.call_in("/nowhere", "terraform apply"));
        let expected = if project == shop { Verdict::Deny } else { Verdict::Ask };
        assert_eq!(verdict(&elsewhere, "elsewhere"), expected, "{}", project.display());
    }
}
