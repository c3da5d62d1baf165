//! What lies in the folder of approvals: only a sound, fresh, own file lets a call pass, and whatever else lies there is as if
//! it didn't.

use crate::PUSH;
use crate::client::Verdict;
use crate::kit::Home;
use serde_json::{Value, json};
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

/// A home in which a person has approved the call, and the file that says so.
fn approved(name: &str) -> (Home, PathBuf) {
    let home = Home::new(name);
    let code = home.denied(&home.bash(PUSH));
    let (exit, text) = home.approve(&[&code], "main");
    assert_eq!(exit, 0, "{text}");
    let file = home.approvals().join(format!("{}.approved", code.replace('-', "")));
    assert!(file.is_file());
    (home, file)
}

fn write(path: &Path, text: impl AsRef<[u8]>) {
    let _ = fs::remove_file(path);
    fs::write(path, text).expect("a file");
    fs::set_permissions(path, Permissions::from_mode(0o600)).expect("its mode");
}

#[test]
fn only_a_sound_approval_counts() {
    let (home, file) = approved("sound");
    let text = fs::read_to_string(&file).expect("text");
    let sound: Value = serde_json::from_str(&text).expect("JSON");
    let time = sound["when"]["time"].as_u64().expect("a time");
    let up = sound["when"]["up"].as_u64().expect("a time");
    let with = |change: &dyn Fn(&mut Value)| {
        let mut other = sound.clone();
        change(&mut other);
        other.to_string()
    };
    for (what, other) in [
        ("over", with(&|it| it["when"] = json!({"time": time - 700, "up": up.saturating_sub(700)}))),
        ("over, and the clock set back", with(&|it| it["when"]["up"] = json!(up.saturating_sub(700)))),
        ("the clock set back behind it", with(&|it| it["when"]["time"] = json!(time + 3_600))),
        ("another start of the machine", with(&|it| it["when"]["up"] = json!(up + 100_000))),
        ("another call", with(&|it| it["digest"] = json!("0".repeat(64)))),
        ("another form", with(&|it| it["form"] = json!(2))),
        ("another stake", with(&|it| it["stake"] = json!("master"))),
        ("another deed", with(&|it| it["acts"] = json!("0"))),
        ("another rule", with(&|it| it["rules"] = json!(["git.status"]))),
        ("a key too many", with(&|it| it["more"] = json!(1))),
        ("a letter without a signature", with(&|it| it["letter"] = json!("x"))),
        ("torn", text[..text.len() / 2].to_owned()),
        ("empty", String::new()),
        ("too large", format!("{}{text}", " ".repeat(300 << 10))),
    ] {
        write(&file, &other);
        assert_eq!(home.decided(PUSH), Verdict::Deny, "{what}");
    }
    write(&file, [text.as_bytes(), b"\xff"].concat());
    assert_eq!(home.decided(PUSH), Verdict::Deny, "no text");
    write(&file, &text);
    for mode in [0o644, 0o620, 0o666] {
        fs::set_permissions(&file, Permissions::from_mode(mode)).expect("its mode");
        assert_eq!(home.decided(PUSH), Verdict::Deny, "{mode:o}");
    }
    write(&file, &text);
    assert_eq!(home.decided(PUSH), Verdict::Allow, "as it was");
    assert!(!file.exists());
}

#[test]
fn no_link_and_no_odd_file_is_followed() {
    let (home, file) = approved("links");
    let text = fs::read_to_string(&file).expect("text");
    let elsewhere = home.0.join("elsewhere");
    write(&elsewhere, &text);
    fs::remove_file(&file).expect("it is there");
    symlink(&elsewhere, &file).expect("a link");
    assert_eq!(home.decided(PUSH), Verdict::Deny, "a link");
    fs::remove_file(&file).expect("it is there");
    fs::create_dir(&file).expect("a folder");
    assert_eq!(home.decided(PUSH), Verdict::Deny, "a folder");
    fs::remove_dir(&file).expect("it is there");
    assert!(Command::new("mkfifo").args(["-m", "600"]).arg(&file).status().expect("it runs").success());
    assert_eq!(home.decided(PUSH), Verdict::Deny, "a FIFO is not waited for");
    write(&file, &text);

    let folder = home.approvals();
    fs::rename(&folder, home.0.join("moved")).expect("it is moved");
    symlink(home.0.join("moved"), &folder).expect("a link");
    let (verdict, reason) = home.judged(&home.bash(PUSH));
    assert!(verdict == Verdict::Deny && crate::code(&reason).is_none(), "no folder, no code: {reason}");
    fs::remove_file(&folder).expect("it is there");
    fs::rename(home.0.join("moved"), &folder).expect("it is moved back");
    fs::set_permissions(&folder, Permissions::from_mode(0o750)).expect("its mode");
    assert_eq!(home.decided(PUSH), Verdict::Deny, "open to others");
    fs::set_permissions(&folder, Permissions::from_mode(0o700)).expect("its mode");
    assert_eq!(home.decided(PUSH), Verdict::Allow, "as it was");
}

#[test]
fn a_request_is_not_written_through_a_link() {
    let home = Home::new("request-link");
    let code = home.denied(&home.bash(PUSH)).replace('-', "");
    let request = home.approvals().join(format!("{code}.request"));
    let precious = home.0.join("precious");
    fs::write(&precious, "mine").expect("a file");
    fs::remove_file(&request).expect("it is there");
    symlink(&precious, &request).expect("a link");
    home.denied(&home.bash(PUSH));
    assert_eq!(fs::read_to_string(&precious).expect("text"), "mine");
    assert!(fs::symlink_metadata(&request).expect("it is there").is_file());
}

#[test]
fn a_request_that_was_changed_is_none() {
    let home = Home::new("request");
    let code = home.denied(&home.bash(PUSH));
    let file = home.approvals().join(format!("{}.request", code.replace('-', "")));
    let text = fs::read_to_string(&file).expect("text");
    for (what, other) in [
        ("another command", text.replace("main", "dev")),
        ("another directory", text.replace("/shop\"", "/shops\"")),
        ("torn", text[..text.len() - 9].to_owned()),
    ] {
        assert_ne!(other, text, "{what}");
        write(&file, &other);
        let (exit, said) = home.approve(&[&code], "main");
        assert!(exit == 1 && said.contains("no call waits under"), "{what}: {said}");
    }
    write(&file, &text);
    let (exit, said) = home.approve(&[&code], "main");
    assert_eq!(exit, 0, "{said}");
}

#[test]
fn requests_are_few_and_do_not_stay() {
    let home = Home::new("few");
    let code = |number: usize| home.denied(&home.bash(&format!("{PUSH} # {number}")));
    let first = code(0);
    let old = home.approvals().join(format!("{}.request", first.replace('-', "")));
    let stray = home.approvals().join("x.approved.1-2.new");
    write(&stray, "half");
    for path in [&old, &stray] {
        let file = File::options().write(true).open(path).expect("it is there");
        file.set_modified(SystemTime::now() - Duration::from_secs(5 * 3600)).expect("its time");
    }
    let second = code(1);
    assert!(!old.exists() && !stray.exists());
    for number in 2..70 {
        code(number);
    }
    let files = fs::read_dir(home.approvals()).expect("a folder").count();
    assert_eq!(files, 64);
    // The last ones are still there, and what was dropped can be asked for anew.
    let (exit, text) = home.approve(&[&code(69)], "main");
    assert_eq!(exit, 0, "{text}");
    assert_eq!(code(1), second);
}

#[test]
fn a_disk_that_takes_nothing_leaves_the_denial() {
    let home = Home::new("full");
    home.file(".local", "a file where the folder should be");
    let (verdict, reason) = home.judged(&home.bash(PUSH));
    assert!(
        verdict == Verdict::Deny && reason.contains("git.push-force") && crate::code(&reason).is_none(),
        "{reason}"
    );
}
