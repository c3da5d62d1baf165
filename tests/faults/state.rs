//! State that another clock, another version or another program has written: it never makes anything milder.

use crate::client::Verdict;
use crate::kit::Home;
use crate::world::{PUSH, reason};
use countersign::memory::file_of;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

/// What may lie in place of a file: of another form, torn, or of no form at all.
fn odd(sound: &str) -> Vec<(&'static str, Vec<u8>)> {
    let doubled = [sound, sound].concat();
    let wide = |swap: bool| {
        sound.encode_utf16().flat_map(move |unit| if swap { unit.to_be_bytes() } else { unit.to_le_bytes() })
    };
    vec![
        ("empty", Vec::new()),
        ("one byte", vec![b'{']),
        ("torn", sound.as_bytes()[..sound.len() / 2].to_vec()),
        ("torn at the end", sound.as_bytes()[..sound.len().saturating_sub(2)].to_vec()),
        ("twice", doubled.into_bytes()),
        ("UTF-16, little-endian", wide(false).collect()),
        ("UTF-16, big-endian", wide(true).collect()),
        ("zeroes", vec![0; 4_096]),
        ("bytes", (0..=255).cycle().take(9_000).collect()),
        ("a list", b"[]".to_vec()),
        ("a number", b"1e999".to_vec()),
        ("nested", "[".repeat(50_000).into_bytes()),
        ("large", [sound.as_bytes(), &vec![b' '; 3 << 20]].concat()),
    ]
}

fn write(path: &Path, bytes: &[u8]) {
    use std::os::unix::fs::PermissionsExt;
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    let _ = fs::remove_file(path);
    fs::write(path, bytes).expect("a file");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("a mode");
}

#[test]
fn an_odd_journal_is_added_to() {
    let first = Home::new("odd-journal");
    first.run("rm -rf ~");
    let sound = fs::read_to_string(first.journal()).expect("a journal");
    for (what, bytes) in odd(&sound).into_iter().chain([("of another version", sound.replace("1.", "9.").into_bytes())])
    {
        let home = Home::new("odd-journal-2");
        write(&home.journal(), &bytes);
        home.decides_as_ever(what);
        let now = fs::read(home.journal()).expect("a journal");
        assert!(now.starts_with(&bytes), "{what}: what was there stays");
        let added = String::from_utf8_lossy(&now[bytes.len()..]).into_owned();
        let added: Vec<&str> = added.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(added.len(), 2, "{what}: {added:?}");
        assert!(added.iter().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{what}");
        let (code, lines, _) = home.log(&["--json"]);
        assert!(code == 0 && lines.lines().count() >= 2, "{what}: {code} {lines}");
    }
}

#[test]
fn an_odd_memory_is_as_none_and_is_added_to() {
    let first = Home::new("odd-memory");
    first.run("rm -rf ~/x");
    let path = |home: &Home| home.0.join(file_of("s-1"));
    let sound = fs::read_to_string(path(&first)).expect("a memory");
    let entry = sound.trim();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut entry: Value = serde_json::from_str(entry).expect("JSON");
        change(&mut entry);
        format!("{entry}\n").into_bytes()
    };
    let versions = [
        ("version 0", with(&|entry| entry["v"] = json!(0))),
        ("version 2", with(&|entry| entry["v"] = json!(2))),
        ("version 300", with(&|entry| entry["v"] = json!(300))),
        ("no version", with(&|entry| drop(entry.as_object_mut().map(|entry| entry.remove("v"))))),
        ("another kind", with(&|entry| entry["what"] = json!("approved"))),
        ("1970", with(&|entry| entry["time"] = json!(0))),
        ("2038", with(&|entry| entry["time"] = json!(u64::from(u32::MAX)))),
        ("the end of time", with(&|entry| entry["time"] = json!(u64::MAX))),
        ("before all time", with(&|entry| entry["time"] = json!(-1))),
        ("more fields", with(&|entry| entry["more"] = json!({"a": [1]}))),
    ];
    for (what, bytes) in odd(&sound).into_iter().chain(versions) {
        let home = Home::new("odd-memory-2");
        write(&path(&home), &bytes);
        home.decides_as_ever(what);
        // What is stopped now is remembered, whatever lay there.
        assert_eq!(home.decides("rm -rf ~/y"), Verdict::Ask, "{what}");
        let again = reason(&home.run("find ~/y -delete"));
        assert!(again.contains("Before:"), "{what}: {again}");
    }
}

#[test]
fn odd_trust_is_none() {
    let text = "[rules]\n\"terraform.apply\" = \"none\"\n";
    let first = Home::new("odd-trust");
    first.file("shop/.claude/countersign.toml", text);
    let mut store = countersign::policy::trust::Store::of_home(&first.0);
    store.trust(&first.0.join("shop/.claude/countersign.toml"), text).expect("a path");
    let path = store.save(&first.0).expect("it is written");
    let sound = fs::read_to_string(&path).expect("trust");
    assert_eq!(first.decides("terraform apply"), Verdict::Silent, "it is trusted");
    for (what, bytes) in odd(&sound) {
        write(&path, &bytes);
        assert_eq!(first.decides("terraform apply"), Verdict::Ask, "{what}");
        assert_eq!(first.decides("rm -rf /"), Verdict::Deny, "{what}");
    }
    write(&path, sound.as_bytes());
    assert_eq!(first.decides("terraform apply"), Verdict::Silent, "as it was");
}

#[test]
fn odd_requests_and_approvals_are_none_and_are_replaced() {
    let home = Home::new("odd-approvals");
    home.approve(PUSH);
    let file = |end: &str| -> PathBuf {
        let names = fs::read_dir(home.0.join(".local/state/countersign/approvals")).expect("a folder");
        let paths = names.map(|entry| entry.expect("an entry").path());
        paths.into_iter().find(|path| path.to_string_lossy().ends_with(end)).unwrap_or_else(|| panic!("no {end}"))
    };
    for end in [".approved", ".request"] {
        let path = file(end);
        let sound = fs::read_to_string(&path).expect("text");
        let form = |number: &str| sound.replace("\"form\":1", &format!("\"form\":{number}")).into_bytes();
        let forms = [("form 0", form("0")), ("form 2", form("2")), ("form 300", form("300"))];
        for (what, bytes) in odd(&sound).into_iter().chain(forms) {
            // Followed by spaces it is the same, only too large: both aren't taken.
            write(&path, &bytes);
            if end == ".request" {
                let _ = fs::remove_file(path.with_extension("approved"));
            }
            assert_eq!(home.decides(PUSH), Verdict::Deny, "{end}: {what}");
        }
        home.approve(PUSH);
        assert_eq!((home.decides(PUSH), home.decides(PUSH)), (Verdict::Allow, Verdict::Deny), "{end}: as ever");
        home.approve(PUSH);
    }
}

/// An approval holds for ten minutes by two clocks, one of which nobody can set.
#[test]
fn a_clock_that_was_set_gives_no_time() {
    let home = Home::new("clock");
    home.approve(PUSH);
    let names = fs::read_dir(home.0.join(".local/state/countersign/approvals")).expect("a folder");
    let paths = names.map(|entry| entry.expect("an entry").path());
    let path = paths.into_iter().find(|path| path.to_string_lossy().ends_with(".approved")).expect("an approval");
    let sound: Value = serde_json::from_str(&fs::read_to_string(&path).expect("text")).expect("JSON");
    let now = sound["when"]["time"].as_u64().expect("a time");
    let up = sound["when"]["up"].as_u64().expect("a time");
    for (what, time, since) in [
        ("it was approved in 1970", 0, up),
        ("it was approved in 2038", u64::from(u32::MAX / 2), up),
        ("it was approved at the end of time", u64::MAX, up),
        ("it was approved an hour from now", now + 3_600, up),
        ("the clock was set back to when it was approved, a day later", now, up.saturating_sub(86_400)),
        ("the machine has been started anew since", now, up + 1),
        ("by a clock that counts backwards", now, u64::MAX),
    ] {
        if since == up.saturating_sub(86_400) && up < 600 {
            continue;
        }
        let mut other = sound.clone();
        other["when"] = json!({"time": time, "up": if since == up + 1 { up + 100_000 } else { since }});
        write(&path, other.to_string().as_bytes());
        assert_eq!(home.decides(PUSH), Verdict::Deny, "{what}");
    }
    write(&path, sound.to_string().as_bytes());
    assert_eq!(home.decides(PUSH), Verdict::Allow, "as it was");
}

/// Files whose times lie anywhere are used, and dropped, as if they were new or old: nothing fails by it.
#[test]
fn files_of_any_time_are_used() {
    for since in [0, 1, 86_400 * 365 * 68, 86_400 * 365 * 400] {
        let home = Home::new("times");
        home.run("rm -rf ~/x");
        home.run(PUSH);
        let all = Command::new("find").arg(home.0.join(".local")).args(["-type", "f"]).output().expect("find");
        let then = SystemTime::UNIX_EPOCH + Duration::from_secs(since);
        for path in String::from_utf8_lossy(&all.stdout).lines() {
            File::options().write(true).open(path).and_then(|file| file.set_modified(then)).expect("its time");
        }
        home.decides_as_ever("files of any time");
        assert_eq!(home.decides(PUSH), Verdict::Deny);
        home.approve(PUSH);
        assert_eq!(home.decides(PUSH), Verdict::Allow);
        assert!(home.lines().len() >= 5);
        let (code, ..) = home.log(&[]);
        assert_eq!(code, 0);
    }
}
