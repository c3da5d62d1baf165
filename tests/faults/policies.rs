//! Policy files that can't be read: what isn't proven to only read is asked about until a person has corrected them.

use crate::client::{BINARY, Verdict, feed, verdict};
use crate::kit::Home;
use crate::world::{CALLS, fifo, in_time, is_root, reason, works};
use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

/// What may lie where a policy should.
const ODD: [&str; 10] = [
    "directory",
    "FIFO",
    "socket",
    "link to itself",
    "link to nothing",
    "link to /dev/zero",
    "100 MB",
    "binary",
    "NUL",
    "torn",
];

/// Puts it there.
fn make(what: &str, path: &Path) {
    match what {
        "directory" => fs::create_dir(path).expect("a folder"),
        "FIFO" => fifo(path),
        "socket" => {
            // The path of a socket is short: it is made from beside.
            let beside = std::env::temp_dir().join(format!("countersign-{}", std::process::id()));
            let _ = fs::remove_file(&beside);
            drop(UnixListener::bind(&beside).expect("a socket"));
            assert!(works(Command::new("mv").arg(&beside).arg(path)));
        }
        "link to itself" => symlink(path, path).expect("a link"),
        "link to nothing" => symlink("/nowhere/at/all", path).expect("a link"),
        "link to /dev/zero" => symlink("/dev/zero", path).expect("a link"),
        "100 MB" => fs::File::create(path).and_then(|file| file.set_len(100 << 20)).expect("a file"),
        "binary" => {
            fs::write(path, fs::read(BINARY).expect("a binary").get(..900 << 10).expect("its size")).expect("a file")
        }
        "NUL" => fs::write(path, [0; 512]).expect("a file"),
        "torn" => fs::write(path, "[rules]\n\"terraform.apply\" = \"de").expect("a file"),
        other => panic!("{other}"),
    }
}

fn is_stopped_by_the_fault(home: &Home, about: &str, name: &str) {
    for (call, before) in CALLS {
        let output = in_time(about, || home.run(call));
        let expected = if before == Verdict::Silent { Verdict::Ask } else { before };
        assert_eq!(verdict(&output, about), expected, "{about}: {call}");
        if before == Verdict::Silent {
            assert!(reason(&output).contains(name), "{about}: {}", reason(&output));
        }
    }
}

#[test]
fn an_odd_policy_of_the_person_is_named_and_stops_what_is_not_only_read() {
    for what in ODD {
        let home = Home::new("odd-user");
        make(what, &home.0.join(".claude/countersign.toml"));
        is_stopped_by_the_fault(&home, what, ".claude/countersign.toml");
    }
}

#[test]
fn an_odd_policy_of_a_project_does_the_same() {
    for what in ODD {
        for name in ["countersign.toml", "countersign.local.toml"] {
            let home = Home::new("odd-project");
            fs::create_dir(home.0.join("shop/.claude")).expect("a folder");
            make(what, &home.0.join("shop/.claude").join(name));
            is_stopped_by_the_fault(&home, what, name);
        }
    }
    // A folder of policies that is none holds none: so a checkout of another branch may be.
    let home = Home::new("odd-folder");
    home.file("shop/.claude", "");
    home.decides_as_ever("a file in place of the folder");
}

/// A folder with managed policy in it; it takes the place of `/etc` in a namespace.
fn etc(home: &Home) -> std::path::PathBuf {
    let etc = home.0.join("etc");
    fs::create_dir_all(etc.join("claude-code/countersign.d")).expect("a folder");
    etc
}

#[test]
fn an_odd_managed_policy_does_the_same() {
    let home = Home::new("odd-managed");
    let folder = etc(&home).join("claude-code");
    for name in ["countersign.toml", "countersign.d/10-team.toml"] {
        for what in ODD {
            make(what, &folder.join(name));
            let script = "mount --bind \"$1/etc\" /etc || exit 77; exec \"$0\" hook";
            for (call, before) in CALLS {
                let Some(output) = in_time(what, || home.in_a_namespace(script, &home.bash(call))) else { return };
                let expected = if before == Verdict::Silent { Verdict::Ask } else { before };
                assert_eq!(verdict(&output, what), expected, "{what}: {call}: {}", reason(&output));
                if before == Verdict::Silent {
                    assert!(reason(&output).contains(name), "{what}: {}", reason(&output));
                }
            }
            assert!(works(Command::new("rm").arg("-r").arg(folder.join(name))));
        }
    }
    // Nor can the folder of drop-ins be anything else.
    for what in ["FIFO", "link to itself", "NUL"] {
        fs::remove_dir(folder.join("countersign.d"))
            .or_else(|_| fs::remove_file(folder.join("countersign.d")))
            .expect("gone");
        make(what, &folder.join("countersign.d"));
        let script = "mount --bind \"$1/etc\" /etc || exit 77; exec \"$0\" hook";
        let Some(output) = home.in_a_namespace(script, &home.bash("npm install")) else { return };
        assert_eq!(verdict(&output, what), Verdict::Ask, "{what}");
        assert!(reason(&output).contains("countersign.d"), "{what}: {}", reason(&output));
    }
}

#[test]
fn a_policy_that_may_not_be_read_does_the_same() {
    use std::os::unix::fs::PermissionsExt;
    let closed = |path: &Path, mode: u32| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
    let text = "[rules]\n\"terraform.apply\" = \"deny\"\n";
    for place in [".claude/countersign.toml", "shop/.claude/countersign.toml", "shop/.claude", "shop"] {
        let home = Home::new("closed");
        home.file(".claude/countersign.toml", "").file("shop/.claude/countersign.toml", text);
        let Some(mut command) = home.as_another() else { return };
        assert_eq!(verdict(&feed(&mut command, &home.bash("terraform apply")), place), Verdict::Deny);
        closed(&home.0.join(place), 0);
        for (call, before) in CALLS {
            let output = feed(&mut home.as_another().expect("as before"), &home.bash(call));
            let expected = if before == Verdict::Silent { Verdict::Ask } else { before };
            assert!(verdict(&output, place) >= expected, "{place}: {call}");
        }
        closed(&home.0.join(place), 0o755);
        assert!(is_root() || home.0.exists());
    }
}
