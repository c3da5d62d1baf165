//! `countersign replay` on transcripts in the client's own format, as a person runs it.

use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A home without policies, and a place to write to.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let base = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("replay-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&base);
        fs::create_dir_all(base.join("home/.claude")).expect("a folder");
        Self(base)
    }

    fn file(&self, path: &str, text: impl AsRef<[u8]>) -> String {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, text).expect("a file");
        path.to_string_lossy().into_owned()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command.arg("replay").args(arguments).current_dir(&self.0).env_clear().env("HOME", self.0.join("home"));
        command
    }

    /// The exit code, stdout and stderr.
    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = self.command(arguments).output().expect("it runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let (code, out, err) = self.run(&[&["--json"], arguments].concat());
        assert!(code == 0 && err.is_empty(), "{code} {err}");
        serde_json::from_str(&out).expect("JSON")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const ALL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/transcripts");
const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/transcripts/-home-dev-shop");

/// What a rule did: the decision, how many calls, and how many of them ran.
fn rule(report: &Value, id: &str) -> (String, u64, u64) {
    let rules = report["rules"].as_array().expect("rules");
    let found = rules.iter().find(|rule| rule["rule"] == id).unwrap_or_else(|| panic!("{id}: {rules:#?}"));
    let number = |key: &str| found[key].as_u64().expect("a number");
    (found["decision"].as_str().expect("a word").to_owned(), number("calls"), number("ran"))
}

#[test]
fn calls_are_judged_and_counted_once() {
    let place = Place::new("counted");
    let report = place.json(&[ALL]);
    let said = |decision: &str, calls: u64, ran: u64| (decision.to_owned(), calls, ran);
    // Once in the session, once more where it was resumed, and another form of it there.
    assert_eq!(rule(&report, "git.reset-hard"), said("ask", 3, 3));
    // A person refused it, a hook did, an older client tells it in its words only, and one never got an answer.
    assert_eq!(rule(&report, "git.push-force"), said("deny", 1, 0));
    assert_eq!(rule(&report, "terraform.destroy"), said("deny", 1, 0));
    assert_eq!(rule(&report, "orm-js.prisma-reset"), said("deny", 1, 0));
    assert_eq!(rule(&report, "sql.drop-database"), said("deny", 1, 0));
    // Through MCP, and in a subagent.
    assert_eq!(rule(&report, "sql.drop-table"), said("ask", 1, 1));
    assert_eq!(rule(&report, "filesystem.delete-data").1, 1);
    assert_eq!(report["calls"], 29);
    assert_eq!(report["passed_over"]["other_tools"], 3);
    assert_eq!(report["passed_over"]["again"], 9);
    assert_eq!(report["passed_over"]["malformed"], 1);
    assert_eq!(report["passed_over"]["undated"], 1);
    assert_eq!(report["unread"]["lines"], 2);
    assert_eq!((&report["sessions"], &report["files"]), (&4.into(), &5.into()));
    let all: u64 = ["allow", "none", "ask", "deny"]
        .iter()
        .map(|word| report["decisions"][word]["calls"].as_u64().expect("a number"))
        .sum();
    assert_eq!(all, 29);
    let days: Vec<&str> =
        report["days"].as_array().expect("days").iter().filter_map(|day| day["day"].as_str()).collect();
    assert_eq!(days, ["2026-11-02", "2026-11-04", "2026-11-05"]);
    assert_eq!(report["projects"][0]["project"], "/home/dev/shop", "also below it: {}", report["projects"]);
    assert_eq!(report["projects"][1]["project"], "/home/dev/blog");
    let text = report.to_string();
    assert!(!text.contains("hunter2") && text.contains("PGPASSWORD=REDACTED"), "{text}");
}

#[test]
fn the_text_says_the_same() {
    let place = Place::new("text");
    let (code, text, err) = place.run(&[ALL]);
    assert!(code == 0 && err.is_empty(), "{code} {err}");
    for part in [
        "29 calls in 4 sessions of 2 projects from 2026-11-02 to 2026-11-05, on 3 days.",
        "Judged as far as the words of each call tell",
        "  ask   git.reset-hard                          3 calls, all of them ran",
        "  deny  git.push-force                          1 call, it didn't run",
        "         2  git push origin main",
        "9 calls stand in more than one transcript",
        "2 lines of 1 file couldn't be read, the first is ",
    ] {
        assert!(text.contains(part), "{part:?} in {text}");
    }
    assert!(!text.contains("hunter2") && !text.contains('\u{1b}'), "{text}");
    let (_, short, _) = place.run(&["-n", "0", ALL]);
    assert!(!short.contains("HEAD~1") && text.contains("HEAD~1"), "{short}");
    let (_, disk, _) = place.run(&["--disk", ALL]);
    assert!(disk.contains("Today's disk was looked at"), "{disk}");
    // Nobody has been here: neither a journal nor a memory of sessions.
    let left: Vec<_> = fs::read_dir(place.0.join("home")).expect("a folder").flatten().map(|e| e.file_name()).collect();
    assert_eq!(left, [".claude"]);
}

/// What the README shows is what is said.
#[test]
fn the_readme_tells_the_truth() {
    let place = Place::new("readme");
    let (_, text, _) = place.run(&["-n", "1", ALL]);
    let readme = include_str!("../README.md");
    let block = readme.split("$ countersign replay -n 1 tests/transcripts\n").nth(1).expect("it shows it");
    let lines: Vec<&str> = block.split("```").next().unwrap_or_default().lines().collect();
    assert!(lines.len() > 10);
    for line in lines {
        assert!(text.lines().any(|said| said == line), "{line:?} isn't in {text}");
    }
}

#[test]
fn time_and_project_narrow_it_down() {
    let place = Place::new("narrow");
    for (arguments, calls) in [
        (&["--since", "2026-11-05"][..], 7),
        (&["--until", "2026-11-04"], 7),
        (&["--since", "2026-11-04", "--until", "2026-11-05"], 14),
        (&["--project", "blog"], 4),
        (&["--project", "b*"], 4),
        (&["--project", "/home/dev"], 29),
        (&["--project", "/home/dev/sh?p"], 25),
        (&["--project", "infra"], 0),
        (&["--since", "2030-01-01"], 0),
    ] {
        assert_eq!(place.json(&[arguments, &[ALL]].concat())["calls"], calls, "{arguments:?}");
    }
    let (code, text, _) = place.run(&["--project", "nowhere", ALL]);
    assert!(code == 0 && text.contains("Nothing was found to judge."), "{code} {text}");
}

#[test]
fn two_policies_are_compared() {
    let place = Place::new("compared");
    let rules = "[rules]\n\"git.push-force\" = \"ask\"\n\"git.reset-hard\" = \"deny\"\n\"sql.drop-table\" = \"none\"\n";
    let new = place.file("new.toml", rules);
    let (code, text, err) = place.run(&["--policy", &new, ALL]);
    assert!(code == 0 && err.is_empty(), "{code} {err}");
    for part in [
        "With new.toml as user policy\n",
        "This change saves 1 ask a day, stops 3 calls that ran and lets 1 call go without a question",
        "ask → deny    git.reset-hard                      3 calls, all of them ran",
        "deny → ask    git.push-force                      1 call, it didn't run",
        "ask → none    sql.drop-table                      1 call, it ran",
    ] {
        assert!(text.contains(part), "{part:?} in {text}");
    }
    let comparison = &place.json(&["--policy", &new, ALL])["comparison"];
    assert_eq!((&comparison["calls"], &comparison["asks"]), (&5.into(), &(-3).into()), "{comparison}");
    assert_eq!((&comparison["stops_that_ran"], &comparison["layer"]), (&3.into(), &"user".into()));
    // What counts already changes nothing, and what is in the way of it is what it replaces.
    place.file("home/.claude/countersign.toml", fs::read(&new).expect("the file"));
    let (_, text, _) = place.run(&["--policy", &new, ALL]);
    assert!(text.contains("This change decides none of these calls differently."), "{text}");
    // A project's policy stands below: it can't loosen what the person has settled, and can tighten.
    let project = place.file("team.toml", "[rules]\n\"git.reset-hard\" = \"ask\"\n\"sql.drop-table\" = \"deny\"\n");
    let comparison = &place.json(&["--policy", &project, "--layer", "project", ALL])["comparison"];
    assert_eq!((&comparison["calls"], &comparison["changes"][0]["rule"]), (&1.into(), &"sql.drop-table".into()));
    let (_, text, _) = place.run(&["--policy", &project, "--layer", "project", ALL]);
    assert!(text.contains("With team.toml as project policy, as if it were trusted\n"), "{text}");
    let rules: Vec<_> = comparison["changes"].as_array().expect("changes").iter().map(|change| &change["to"]).collect();
    assert_eq!(rules, ["deny"]);
}

#[test]
fn what_is_wrong_is_said() {
    let place = Place::new("wrong");
    let bad = place.file("bad.toml", "[rules]\n\"git.reset-hrad\" = \"deny\"\n");
    let torn = place.file("torn.toml", "[rules\n");
    let empty = place.0.join("empty");
    fs::create_dir(&empty).expect("a folder");
    let empty = empty.to_string_lossy().into_owned();
    for (arguments, code, part) in [
        (&["--policy", &bad, ALL][..], 1, "bad.toml:2:1: no rule is called `git.reset-hrad`"),
        (&["--policy", &torn, ALL], 1, "torn.toml:1"),
        (&["--policy", "missing.toml", ALL], 1, "there is no "),
        (&["missing.jsonl"], 1, "there is no missing.jsonl"),
        (&[&empty], 1, "there is no transcript (`*.jsonl`) in "),
        (&[], 1, "there are no transcripts: the client keeps them in "),
        (&["--html", &empty, ALL], 1, "can't be written: it is a folder"),
        (&["--html", "no/such/folder.html", ALL], 1, "can't be written: "),
        (&["--layer", "user", ALL], 2, "--policy"),
        (&["--since", "yesterday", ALL], 2, "write how long ago"),
    ] {
        let (got, out, err) = place.run(arguments);
        assert!(got == code && out.is_empty(), "{arguments:?}: {got} {out}");
        assert!(err.starts_with("countersign: ") && err.contains(part), "{arguments:?}: {err}");
    }
    // A policy that counts and is broken makes it stricter, which is said.
    place.file("home/.claude/countersign.toml", "{");
    let (code, text, _) = place.run(&[ALL]);
    assert!(code == 0 && text.contains("A policy is broken, which makes it stricter: "), "{code} {text}");
    assert!(text.contains("  ask   (no rule: a policy is broken) "), "{text}");
}

#[test]
fn the_clients_own_folder_and_stdin_are_read() {
    let place = Place::new("own");
    let path = format!("{ALL}/-home-dev-blog/44444444-4444-4444-8444-444444444444.jsonl");
    let text = fs::read(path).expect("a transcript");
    place.file("home/.claude/projects/-home-dev-blog/4.jsonl", &text);
    assert_eq!(place.json(&[])["calls"], 4);
    place.file("elsewhere/projects/-home-dev-blog/4.jsonl", "");
    let mut moved = place.command(&["--json"]);
    let output = moved.env("CLAUDE_CONFIG_DIR", place.0.join("elsewhere")).output().expect("it runs");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&report["calls"], &report["unread"]["lines"]), (&0.into(), &0.into()));
    let mut child =
        place.command(&["--json", "-", SHOP]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it runs");
    child.stdin.take().expect("a pipe").write_all(&text).expect("it is read");
    let output = child.wait_with_output().expect("it ends");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["calls"], 29);
}

#[test]
fn odd_files_stop_nothing() {
    let place = Place::new("odd");
    let call = |id: &str, rest: &str| {
        format!(
            r#"{{"type":"assistant","cwd":"/home/dev/shop","sessionId":"s","timestamp":"2026-11-05T10:00:00Z","message":{{"content":[{{"type":"tool_use","id":"{id}","name":"Bash","input":{{"command":"git reset --hard"}}}}]}}{rest}}}"#
        )
    };
    let long = format!(",\"toolUseResult\":\"{}\"", "x".repeat(20 << 20));
    let lines = [call("1", ""), "\u{feff}".to_owned(), "[".repeat(100_000), call("2", &long), call("3", "")];
    let mut bytes = lines.join("\r\n").into_bytes();
    bytes.extend(b"\n{\"tool_use\":\"\xff\xfe\"}\n\0\0\0\n");
    bytes.extend(call("4", "").as_bytes());
    place.file("odd/a.jsonl", &bytes);
    place.file("odd/empty.jsonl", "");
    place.file("odd/deep/er/b.jsonl", call("5", ""));
    fs::create_dir_all(place.0.join("odd/folder.jsonl")).expect("a folder");
    let report = place.json(&["odd"]);
    assert_eq!(report["calls"], 5);
    assert_eq!(report["unread"]["lines"], 4, "{}", report["unread"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{PermissionsExt, symlink};
        // A circle, and a file that nobody may read (but root).
        symlink(place.0.join("odd"), place.0.join("odd/again")).expect("a link");
        let closed = place.file("odd/closed.jsonl", call("6", ""));
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).expect("a mode");
        let closed = fs::read(&closed).is_err();
        let report = place.json(&["odd"]);
        assert_eq!(report["calls"], if closed { 5 } else { 6 });
        assert_eq!(report["unread"]["files"].as_array().map(Vec::len), Some(usize::from(closed)));
    }
}

/// How far it is shows on a terminal, and is gone at the end; nowhere else.
#[cfg(target_os = "linux")]
#[test]
fn progress_shows_on_a_terminal() {
    let place = Place::new("terminal");
    let mut python = Command::new("python3");
    let spawn = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)";
    python.args(["-c", spawn, env!("CARGO_BIN_EXE_countersign"), "replay", ALL]).env_clear();
    python.env("HOME", place.0.join("home")).env("PATH", "/usr/local/bin:/usr/bin:/bin").stdin(Stdio::null());
    let output = python.output().expect("python3 runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let (before, after) = text.rsplit_once("\r\u{1b}[K").expect("it is cleared");
    assert!(output.status.success() && before.contains(" 100 %  37 calls, 5 of 5 files"), "{text}");
    assert!(after.starts_with("29 calls in 4 sessions"), "{text}");
}

/// A large history is shared between processes, and comes to the same as if it weren't.
#[test]
fn many_files_give_the_same_each_time() {
    let place = Place::new("many");
    let text = fs::read_to_string(format!("{SHOP}/11111111-1111-4111-8111-111111111111.jsonl")).expect("a transcript");
    let mut all = String::new();
    for number in 0..60 {
        let other =
            text.replace("toolu_a", &format!("toolu_{number}_")).replace("11111111-1111", &format!("{number:08}-1111"));
        let other = other.repeat(3) + "{torn\n";
        all.push_str(&other);
        place.file(&format!("p/-home-dev-shop/{number}.jsonl"), other);
    }
    assert!(all.len() > 2 << 20, "enough to be shared: {}", all.len());
    let new = place.file("new.toml", "[rules]\n\"git.reset-hard\" = \"deny\"\n");
    place.file("home/.claude/countersign.toml", "protect = \"x\"\nunknown = 1\n");
    for arguments in [&["p"][..], &["--policy", &new, "--disk", "--since", "2020-01-01", "--project", "shop", "p"]] {
        let first = place.json(arguments);
        assert_eq!((&first["calls"], &first["sessions"]), (&(60 * 7).into(), &60.into()));
        assert_eq!(first["passed_over"]["again"], 2 * 60 * 9);
        assert_eq!((&first["unread"]["lines"], &first["files"]), (&60.into(), &60.into()));
        assert_eq!(first["unread"]["files"].as_array().map(Vec::len), Some(0));
        assert_eq!(first["faults"].as_array().map(Vec::len), Some(1), "{}", first["faults"]);
        assert_eq!(place.json(arguments), first);
        // One file is nobody else's work.
        place.file("one.jsonl", &all);
        let last = [&arguments[..arguments.len() - 1], &["one.jsonl"]].concat();
        let one = place.json(&last);
        for key in
            ["rules", "days", "decisions", "projects", "comparison", "calls", "sessions", "faults", "passed_over"]
        {
            assert_eq!(one[key], first[key], "{key}");
        }
    }
}

/// What another process is asked is no way in for anybody else.
#[test]
fn a_share_is_only_read_as_one() {
    let place = Place::new("share");
    for (arguments, code) in [(&["--share"][..], 1), (&["--share", "--disk"], 2), (&["--share", "x.jsonl"], 2)] {
        let (got, out, err) = place.run(arguments);
        assert!(got == code && out.is_empty() && err.starts_with("countersign: "), "{arguments:?}: {got} {out} {err}");
    }
    let (_, help, _) = place.run(&["--help"]);
    assert!(!help.contains("--share"), "{help}");
}

/// What has been judged is known again; but only if all that it depends on is the same.
#[test]
fn the_same_line_elsewhere_is_judged_anew() {
    let place = Place::new("again");
    let line = |id: &str, cwd: &str, mode: &str, command: &str| {
        let mode = format!(r#"{{"type":"permission-mode","permissionMode":"{mode}","sessionId":"s"}}"#);
        let input = serde_json::json!({ "command": command, "description": id });
        let content = serde_json::json!([{ "type": "tool_use", "id": id, "name": "Bash", "input": input }]);
        let call =
            serde_json::json!({ "type": "assistant", "cwd": cwd, "sessionId": "s", "message": { "content": content } });
        format!("{mode}\n{call}\n")
    };
    let background = "npx prisma migrate reset &";
    let lines = [
        line("a", "/home/dev/shop", "default", "rm -rf src/*"),
        line("b", "/home/dev/shop", "default", "rm -rf src/*"),
        line("c", "/home/dev", "default", "rm -rf src/*"),
        line("d", "/home/dev/shop", "default", background),
        line("e", "/home/dev/shop", "bypassPermissions", background),
        line("f", "/home/dev/shop", "default", background),
    ];
    let decisions = |lines: &[String]| {
        let path = place.file("-home-dev-shop/s.jsonl", lines.concat());
        let report = place.json(&[&path]);
        ["allow", "none", "ask", "deny"].map(|name| report["decisions"][name]["calls"].as_u64().expect("a number"))
    };
    let mut apart = [0; 4];
    for line in &lines {
        let one = decisions(std::slice::from_ref(line));
        apart.iter_mut().zip(one).for_each(|(sum, one)| *sum += one);
    }
    assert_eq!(decisions(&lines), apart);
    assert!(apart.iter().filter(|count| **count > 0).count() > 1, "{apart:?}");
}
