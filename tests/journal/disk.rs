//! What is written when, and that nothing on the disk changes a decision.

use crate::client::{BINARY, feed, verdict};
use crate::kit::Home;
use crate::schema::conforms;
use countersign::policy::trust::Store as Trust;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output};

#[test]
fn everyday_calls_touch_nothing() {
    let home = Home::new("everyday");
    for command in ["ls -la", "npm install", "git push origin feature", "rm -rf node_modules"] {
        home.run(command);
    }
    assert!(!home.0.join(".local").exists());
}

#[test]
fn what_is_stopped_is_written_down() {
    let home = Home::new("stopped");
    home.run("terraform apply");
    home.run("rm -rf ~");
    home.hook(b"{");
    let lines = home.lines();
    lines.iter().for_each(conforms);
    let decisions: Vec<&str> = lines.iter().filter_map(|line| line["unmapped"]["decision"].as_str()).collect();
    assert_eq!(decisions, ["ask", "deny", "deny"]);
    assert_eq!(lines[0]["evidences"][0]["data"]["tool_input"]["command"], "terraform apply");
    assert_eq!(lines[0]["finding_info"]["analytic"]["uid"], "terraform.apply");
    assert_eq!((&lines[1]["severity"], &lines[1]["disposition"]), (&"Critical".into(), &"Blocked".into()));
    assert!(lines[2]["finding_info"]["desc"].as_str().expect("a reason").contains("can't read"));
    assert!(lines[0]["unmapped"]["duration_us"].as_u64() > Some(0));
    let data = fs::metadata(home.journal()).expect("a journal");
    assert_eq!(data.mode() & 0o777, 0o600);
}

#[test]
fn only_observed_is_written_down_too() {
    let home = Home::new("observed");
    home.file(".claude/countersign.toml", "observe-only = { until = 2999-12-31 }\n");
    home.run("rm -rf ~");
    home.run("ls");
    let lines = home.lines();
    assert_eq!(lines.len(), 1);
    conforms(&lines[0]);
    assert_eq!(
        (&lines[0]["unmapped"]["decision"], &lines[0]["unmapped"]["would"]),
        (&"observed".into(), &"deny".into())
    );
    assert_eq!(lines[0]["disposition"], "Logged");
}

#[test]
fn which_layer_decided_is_said() {
    let home = Home::new("layer");
    home.file(".claude/countersign.toml", "[rules]\n\"terraform.apply\" = \"deny\"\n");
    home.run("terraform apply");
    let because = home.lines()[0]["unmapped"]["because"].as_str().expect("a layer").to_owned();
    assert!(because.starts_with("user policy, rules.\"terraform.apply\" in "), "{because}");
    assert_eq!(home.lines()[0]["policy"]["name"], because);
    home.file(".claude/countersign.toml", "rules = 1\n");
    home.run("npm install");
    assert!(home.lines()[1]["unmapped"]["because"].as_str().expect("a layer").starts_with("broken policy, "));
}

#[test]
fn whoever_may_loosen_may_have_everything_written_down() {
    let home = Home::new("all");
    let count = |expected: usize, about: &str| {
        home.run("ls -la");
        home.run("npm install");
        assert_eq!(home.raw().len(), expected, "{about}");
    };
    home.file("shop/.claude/countersign.toml", "journal = \"all\"\n");
    count(0, "a clone doesn't fill a person's disk");
    let mut trust = Trust::of_home(&home.0);
    trust.trust(&home.0.join("shop/.claude/countersign.toml"), "journal = \"all\"\n").expect("a path");
    trust.save(&home.0).expect("a store");
    count(2, "trusted");
    home.file("shop/.claude/countersign.toml", "journal = \"stopped\"\n");
    count(2, "the standard");
    home.file(".claude/countersign.toml", "journal = \"all\"\n");
    count(4, "the person's, whatever the project says");
    home.file(".claude/countersign.toml", "journal = \"none\"\n");
    let told = String::from_utf8(home.run("npm install").stdout).expect("UTF-8");
    assert!(told.contains("countersign.toml:1"), "there is no way to have nothing written down: {told}");
}

#[test]
fn secrets_stay_out_of_the_file() {
    let home = Home::new("secrets");
    for command in [
        "PGPASSWORD=Zq9hunter2 psql -c 'DROP TABLE x'",
        "psql postgres://u:Zq9hunter2@prod/x -c 'DROP TABLE x'",
        "mysql -pZq9hunter2 -e 'DROP DATABASE x'",
        "curl -H 'Authorization: Bearer Zq9hunter2Zq9hunter2' -X DELETE https://x/y && rm -rf ~",
        "terraform destroy -var 'db_password=Zq9hunter2'",
    ] {
        assert!(!home.run(command).stdout.is_empty(), "{command}");
    }
    let mcp = r#"{"hook_event_name":"PreToolUse","tool_name":"mcp__db__drop","cwd":"/p","tool_input":{"sql":"DROP TABLE x",
        "password":"Zq9hunter2","args":["--token","Zq9hunter2"],"headers":[{"name":"Authorization","value":"Zq9hunter2"}]}}"#;
    home.hook(mcp.as_bytes());
    assert_eq!(home.raw().len(), 6);
    let text = home.raw().join("\n");
    assert!(!text.contains("Zq9hunter2"), "{text}");
}

#[test]
fn what_a_full_disk_has_torn_spoils_no_more_than_itself() {
    let home = Home::new("torn");
    home.run("rm -rf ~");
    let whole = fs::read(home.journal()).expect("a journal");
    fs::write(home.journal(), [&whole[..], &whole[..whole.len() / 2]].concat()).expect("torn");
    home.run("terraform apply");
    let lines = home.raw();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].ends_with('}') && !lines[1].ends_with('}') && lines[2].ends_with('}'));
    let (code, out, err) = home.log(&["--json"]);
    assert_eq!((code, out.lines().count()), (0, 2));
    assert!(err.contains("1 line of the journal is torn"), "{err}");
}

/// What a call is answered must not depend on where it is written down.
fn same(answers: [&Output; 2], about: &str) {
    let [one, other] = answers.map(|output| {
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    });
    assert_eq!(one, other, "{about}");
    verdict(answers[1], about);
}

#[test]
fn no_state_of_the_disk_changes_a_decision() {
    let home = Home::new("states");
    let asked =
        r#"{"hook_event_name":"PreToolUse","tool_name":"Bash","cwd":"/p","tool_input":{"command":"terraform apply"}}"#;
    let denied = asked.replace("terraform apply", "rm -rf /");
    let state = home.0.join(".local/state/countersign");
    let calls = [asked.as_bytes(), denied.as_bytes(), b"{"];
    let sound: Vec<Output> = calls.iter().map(|call| home.hook(call)).collect();
    let good = fs::read(home.journal()).expect("a journal");
    let outside = home.0.join("outside");
    fs::write(&outside, "mine\n").expect("a file");
    let make = |what: &str| {
        fs::set_permissions(&state, fs::Permissions::from_mode(0o700)).expect("a mode");
        fs::remove_dir_all(home.0.join(".local")).expect("to begin anew");
        fs::create_dir_all(&state).expect("a folder");
        let journal = home.journal();
        match what {
            "directory" => fs::create_dir(&journal).expect("a folder"),
            "link" => symlink(&outside, &journal).expect("a link"),
            "link to nothing" => symlink(home.0.join("nowhere"), &journal).expect("a link"),
            "link to /dev/full" => symlink("/dev/full", &journal).expect("a link"),
            "fifo" => assert!(Command::new("mkfifo").arg(&journal).status().expect("mkfifo").success()),
            "others write it" => {
                fs::write(&journal, "").expect("a file");
                fs::set_permissions(&journal, fs::Permissions::from_mode(0o666)).expect("a mode");
            }
            "no file may be made" => {
                fs::set_permissions(&state, fs::Permissions::from_mode(0o500)).expect("a mode");
            }
            "no folder" => {
                fs::remove_dir_all(home.0.join(".local")).expect("gone");
                fs::write(home.0.join(".local"), "").expect("a file");
            }
            other => panic!("{other}"),
        }
    };
    for what in
        ["directory", "link", "link to nothing", "link to /dev/full", "fifo", "others write it", "no file may be made"]
    {
        make(what);
        for (call, sound) in calls.iter().zip(&sound) {
            same([sound, &home.hook(call)], what);
        }
        assert_eq!(fs::read(&outside).expect("a file"), b"mine\n", "{what}");
        assert!(!home.0.join("nowhere").exists(), "{what}");
    }
    make("no folder");
    for (call, sound) in calls.iter().zip(&sound) {
        same([sound, &home.hook(call)], "no folder");
    }
    fs::remove_file(home.0.join(".local")).expect("gone");
    // Without a usable one it is the system's word for the home that counts: tests/faults/homes.rs.
    let mut command = Command::new(BINARY);
    command.arg("hook").env_clear().env("HOME", "/nowhere/at/all").current_dir(&home.0);
    same([&sound[1], &feed(&mut command, denied.as_bytes())], "HOME=/nowhere/at/all");
    assert!(!Path::new("/nowhere").exists());
    // Beyond the limit of a process, writing ends it by a signal, and the client would run the call.
    for limit in ["0", "1", "8"] {
        for full in [false, true] {
            let _ = fs::remove_dir_all(home.0.join(".local"));
            if full {
                home.file(countersign::journal::JOURNAL, good.repeat(4));
                fs::set_permissions(home.journal(), fs::Permissions::from_mode(0o600)).expect("a mode");
            }
            for (call, sound) in calls.iter().zip(&sound) {
                let mut command = Command::new("sh");
                command
                    .args(["-c", &format!("ulimit -f {limit}; exec \"$0\" hook"), BINARY])
                    .env_clear()
                    .env("HOME", &home.0);
                same([sound, &feed(&mut command, call)], &format!("ulimit -f {limit}"));
                let with_session = home.bash("rm -rf ~/x && cp -r a b");
                assert_eq!(
                    verdict(&feed(&mut command, &with_session), "session"),
                    verdict(&home.hook(&with_session), "session")
                );
            }
        }
    }
}

/// A disk without room: a small file system of its own, where that can be mounted.
#[test]
fn a_full_disk_changes_nothing() {
    let home = Home::new("full");
    let sound = home.run("rm -rf /");
    let script = "mount -t tmpfs -o size=64k none \"$1/.local\" || exit 77\n\
        mkdir -p \"$1/.local/state/countersign\"; cat /dev/zero > \"$1/.local/fill\" 2>/dev/null\n\
        \"$0\" hook > \"$1/out\" 2> \"$1/err\"; echo $? > \"$1/code\"";
    let mut command = Command::new("unshare");
    command.args(["-rm", "--", "sh", "-c", script, BINARY]).arg(&home.0).env("HOME", &home.0);
    if Command::new("unshare").arg("--version").output().is_err() {
        eprintln!("no unshare here: not tried");
        return;
    }
    let done = feed(&mut command, &home.bash("rm -rf /"));
    if !home.0.join("code").exists() {
        eprintln!("nothing can be mounted here ({}): not tried", done.status);
        return;
    }
    let read = |name: &str| fs::read_to_string(home.0.join(name)).expect("a file");
    assert_eq!(read("code").trim(), "2");
    assert_eq!(read("out"), String::from_utf8_lossy(&sound.stdout));
    assert_eq!(read("err"), String::from_utf8_lossy(&sound.stderr));
}
