//! Homes and variables as they shouldn't be.

use crate::client::{BINARY, Verdict, feed, verdict};
use crate::kit::Home;
use crate::skip::skipped;
use crate::world::{CALLS, PUSH, fifo, is_root};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

const STRICT: &str = "[rules]\n\"terraform.apply\" = \"deny\"\n";
const LOOSE: &str = "[rules]\n\"terraform.apply\" = \"allow\"\n";

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
}

#[test]
fn a_read_only_home_changes_nothing() {
    let home = Home::new("read-only");
    home.file(".claude/countersign.toml", STRICT);
    let script = "mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\" || exit 77; exec \"$0\" hook";
    for (call, expected) in CALLS.into_iter().chain([(PUSH, Verdict::Deny)]) {
        let Some(output) = home.in_a_namespace(script, &home.bash(call)) else { return };
        let expected = if call == "terraform apply" { Verdict::Deny } else { expected };
        assert_eq!(verdict(&output, call), expected, "{call}");
    }
    assert!(!home.0.join(".local").exists());
}

#[test]
fn a_home_of_somebody_else_changes_nothing() {
    if !is_root() {
        return skipped("only root can give files away").unwrap_or_default();
    }
    for mode in [0o755, 0o777, 0] {
        let home = Home::new("alien");
        if home.as_another().is_none() {
            return;
        }
        // It was given away: the hook of this user judges below it.
        set_mode(&home.0, mode);
        home.decides_as_ever("the home belongs to another");
    }
    // And the other way around: nothing of root's can be written.
    let home = Home::new("roots");
    let mut command = home.as_another().expect("as before");
    assert!(Command::new("chown").args(["-R", "0:0"]).arg(&home.0).status().expect("chown").success());
    for (call, expected) in CALLS {
        assert_eq!(verdict(&feed(&mut command, &home.bash(call)), call), expected, "{call}");
    }
    assert!(!home.0.join(".local").exists());
}

/// The places of the state folder, from the home down.
const STATE: [&str; 4] = [".local", ".local/state", ".local/state/countersign", ".local/state/countersign/sessions"];

#[test]
fn an_odd_state_folder_changes_nothing() {
    for place in STATE.iter().chain(&[".local/state/countersign/approvals"]) {
        for what in ["file", "FIFO", "link to nothing", "link to itself", "link elsewhere", "closed"] {
            let home = Home::new("odd-state");
            let path = home.0.join(place);
            let elsewhere = home.0.join("elsewhere");
            fs::create_dir(&elsewhere).expect("a folder");
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            match what {
                "file" => fs::write(&path, "").expect("a file"),
                "FIFO" => fifo(&path),
                "link to nothing" => symlink(home.0.join("nowhere"), &path).expect("a link"),
                "link to itself" => symlink(&path, &path).expect("a link"),
                "link elsewhere" => symlink(&elsewhere, &path).expect("a link"),
                _ => fs::create_dir(&path).map(|()| set_mode(&path, 0)).expect("a folder"),
            }
            let about = format!("{place}: {what}");
            let again = || home.as_another().unwrap_or_else(|| home.command());
            for (call, expected) in CALLS.into_iter().chain([(PUSH, Verdict::Deny)]) {
                assert_eq!(verdict(&feed(&mut again(), &home.bash(call)), &about), expected, "{about}: {call}");
            }
            assert!(!home.0.join("nowhere").exists(), "{about}");
            if what == "closed" {
                set_mode(&path, 0o700);
            }
        }
    }
}

#[test]
fn odd_variables_change_nothing() {
    let home = Home::new("variables");
    let odd: [&[u8]; 8] =
        [b"", b"relative", b".", b"/dev/zero", b"/dev/full", b"/nowhere/at/all", b"/\xff\xfe", b"/proc/self/mem"];
    for name in [
        "XDG_STATE_HOME",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "XDG_RUNTIME_DIR",
        "TMPDIR",
        "CLAUDE_PROJECT_DIR",
        "PWD",
        "OLDPWD",
    ] {
        for value in odd {
            for (call, expected) in CALLS {
                let mut command = home.command();
                command.env(name, OsStr::from_bytes(value));
                let about = format!("{name}={}", String::from_utf8_lossy(value));
                assert_eq!(verdict(&feed(&mut command, &home.bash(call)), &about), expected, "{about}: {call}");
            }
        }
    }
    assert!(home.journal().exists() && !home.0.join("shop/relative").exists());
}

/// Where `HOME` doesn't say it, the system knows the home of its user. What it must not be is the working directory.
#[test]
fn without_a_home_the_systems_own_word_counts() {
    let home = Home::new("no-home");
    home.file(".claude/countersign.toml", STRICT);
    home.file("shop/relative/.claude/countersign.toml", LOOSE).file("etc/.claude/countersign.toml", LOOSE);
    home.file("shop/elsewhere/.claude/countersign.toml", LOOSE);
    let user = rustix::process::geteuid().as_raw();
    let user = if is_root() { user } else { 0 };
    home.file("etc/passwd", format!("dev:x:{user}:0::{}:/bin/sh\n", home.0.display()));
    for value in ["unset HOME", "HOME=", "HOME=relative", "HOME=.", "HOME=shop/elsewhere"] {
        let script = format!("mount --bind \"$1/etc\" /etc || exit 77; cd \"$1/shop\"; {value}; exec \"$0\" hook");
        for (call, expected) in CALLS {
            let Some(output) = home.in_a_namespace(&script, &home.bash(call)) else { return };
            let expected = if call == "terraform apply" { Verdict::Deny } else { expected };
            assert_eq!(verdict(&output, value), expected, "{value}: {call}");
        }
    }
    assert!(home.journal().exists(), "it is written down there, too");
    // The system doesn't know, either: nothing is the person's.
    home.file("etc/passwd", "");
    for value in ["unset HOME", "HOME=relative", "HOME=."] {
        let script = format!("mount --bind \"$1/etc\" /etc || exit 77; cd \"$1/shop\"; {value}; exec \"$0\" hook");
        for (call, expected) in CALLS {
            let Some(output) = home.in_a_namespace(&script, &home.bash(call)) else { return };
            assert_eq!(verdict(&output, value), expected, "{value}: {call}");
        }
    }
    assert!(!home.0.join("shop/relative/.local").exists() && !home.0.join("shop/.local").exists());
}

#[test]
fn a_home_that_is_none_is_as_an_empty_one() {
    let home = Home::new("home-odd");
    home.file("file", "");
    symlink(home.0.join("loop"), home.0.join("loop")).expect("a link");
    fifo(&home.0.join("fifo"));
    for name in ["file", "loop", "fifo", "nowhere"] {
        for (call, expected) in CALLS {
            let mut command = Command::new(BINARY);
            command.arg("hook").env_clear().env("HOME", home.0.join(name));
            let got = verdict(&feed(&mut command, &home.bash(call)), name);
            // Of a link in a circle nobody knows what was to be there.
            let stricter = name == "loop" && expected == Verdict::Silent;
            assert_eq!(got, if stricter { Verdict::Ask } else { expected }, "{name}: {call}");
        }
    }
    let mut command = Command::new(BINARY);
    command.arg("hook").env_clear().env("HOME", OsStr::from_bytes(b"/home/\xff"));
    let output = feed(&mut command, &home.bash("npm install"));
    assert_eq!(verdict(&output, "bytes"), Verdict::Deny);
    assert!(String::from_utf8_lossy(&output.stderr).contains("HOME holds bytes"), "{output:?}");
}
