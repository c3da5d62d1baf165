//! `countersign log`, as a person uses it.

use crate::client::recorded;
use crate::kit::Home;
use countersign::call::{Call, ToolCall};
use countersign::journal::{Event, Moment, Outcome, line};
use countersign::judge::Decision;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

/// A journal of calls that happened over a few days: (day, decision, rule, command, cwd, session).
fn filled(name: &str) -> Home {
    let home = Home::new(name);
    let entries: [(u64, Outcome, &'static str, &str, &str, &str); 5] = [
        (1, Outcome::Given(Decision::Ask), "git.reset-hard", "git reset --hard", "/home/dev/shop", "aaaa-1"),
        (
            2,
            Outcome::Given(Decision::Deny),
            "terraform.destroy",
            "terraform destroy -auto-approve",
            "/home/dev/shop/infra",
            "aaaa-1",
        ),
        (
            3,
            Outcome::Observed(Decision::Deny),
            "sql.drop-table",
            "psql -c 'DROP TABLE users'",
            "/home/dev/api",
            "bbbb-2",
        ),
        (4, Outcome::Approved, "", "git push -f", "/home/dev/shop", "bbbb-2"),
        (
            5,
            Outcome::Given(Decision::Deny),
            "terraform.apply",
            "PGPASSWORD=hunter2 terraform apply",
            "/home/dev/shopping",
            "cccc-3",
        ),
    ];
    let mut text = String::new();
    for (day, outcome, rule, command, cwd, session) in entries {
        let mut call = Call::new(ToolCall::Bash { command: command.to_owned(), description: None }, cwd);
        call.session = Some(session.to_owned());
        let rules = [rule];
        let event = Event {
            outcome,
            call: Some(&call),
            rules: if rule.is_empty() { &[] } else { &rules },
            ..Event::refused("PreToolUse", "Lost: everything.")
        };
        // 2026-11-01 is the day 20758.
        let time = (20_757 + day) * 86_400_000 + 3_600_000;
        let moment = Moment { time, took: 1, id: format!("id00000{day}") };
        text.push_str(&String::from_utf8(line(&event, &moment)).expect("UTF-8"));
        text.push('\n');
    }
    home.file(countersign::journal::JOURNAL, text);
    fs::set_permissions(home.journal(), fs::Permissions::from_mode(0o600)).expect("a mode");
    home
}

/// The days of the entries that these arguments show.
fn days(home: &Home, arguments: &[&str]) -> Vec<u64> {
    let (code, out, err) = home.log(&[arguments, &["--json"]].concat());
    assert!(code == 0 && err.is_empty(), "{arguments:?}: {code} {err}");
    let day = |line: &str| {
        let line: Value = serde_json::from_str(line).expect("JSON");
        line["time"].as_u64().expect("a time") / 86_400_000 - 20_757
    };
    out.lines().map(day).collect()
}

#[test]
fn filters_choose() {
    let home = filled("filters");
    for (arguments, wanted) in [
        (&[][..], &[1, 2, 3, 4, 5][..]),
        (&["-n", "2"], &[4, 5]),
        (&["-n", "0"], &[1, 2, 3, 4, 5]),
        (&["--since", "2026-11-03"], &[3, 4, 5]),
        (&["--since", "2026-11-03T01:00"], &[3, 4, 5]),
        (&["--since", "2026-11-03T01:00:01"], &[4, 5]),
        (&["--until", "2026-11-03"], &[1, 2]),
        (&["--since", "2026-11-02", "--until", "2026-11-04"], &[2, 3]),
        (&["--since", "9999w"], &[1, 2, 3, 4, 5]),
        (&["--decision", "ask,deny"], &[1, 2, 5]),
        (&["--decision", "observed", "--decision", "approved"], &[3, 4]),
        (&["--rule", "terraform"], &[2, 5]),
        (&["--rule", "terraform.destroy"], &[2]),
        (&["--rule", "*.{drop-table,reset-hard}"], &[1, 3]),
        (&["--session", "aaaa"], &[1, 2]),
        (&["--session", "bbbb-2"], &[3, 4]),
        (&["--project", "/home/dev/shop"], &[1, 2, 4]),
        (&["--project", "/home/dev/shop/"], &[1, 2, 4]),
        (&["--grep", "drop table"], &[3]),
        (&["--grep", "TERRAFORM", "--decision", "deny", "-n", "1"], &[5]),
        (&["--rule", "nothing"], &[]),
    ] {
        assert_eq!(days(&home, arguments), wanted, "{arguments:?}");
    }
    assert_eq!(
        home.log(&["--json"]).1,
        fs::read_to_string(home.journal()).expect("a journal"),
        "the lines as they are"
    );
}

#[test]
fn what_is_wrong_is_said() {
    let home = filled("wrong");
    for (arguments, says) in [
        (&["--since", "yesterday"][..], "write how long ago"),
        (&["--decision", "denied"], "possible values"),
        (&["--rule", "{"], "the pattern has a `{`"),
        (&["-n", "x"], "invalid"),
        (&["--bogus"], "unexpected argument"),
    ] {
        let (code, out, err) = home.log(arguments);
        assert!(code == 2 && out.is_empty() && err.contains(says), "{arguments:?}: {code} {err}");
        assert!(err.starts_with("countersign: "), "{err}");
    }
    let (code, help, _) = home.log(&["--help"]);
    assert!(code == 0 && help.contains("countersign log --since 2h --decision deny"), "{help}");
}

#[test]
fn people_get_two_or_three_lines_each() {
    let home = filled("people");
    let (code, out, err) = home.log(&[]);
    assert!(code == 0 && err.is_empty(), "{err}");
    assert!(!out.contains('\u{1b}') && !out.contains("hunter2"), "{out}");
    let wanted = "2026-11-02 01:00:00  deny      id000002  terraform.destroy\n    Bash  terraform destroy -auto-approve\n    \
                  in /home/dev/shop/infra\n";
    assert!(out.contains(wanted), "{out}");
    assert!(out.contains("observed  id000003  sql.drop-table\n") && out.contains("would be deny"), "{out}");
    assert!(out.contains("PGPASSWORD=REDACTED terraform apply"), "{out}");
    let heads: Vec<&str> = out.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(heads.len(), 5);
    assert!(heads.iter().all(|head| head.find("  id0").is_some_and(|at| at == heads[0].find("  id0").expect("an id"))));
}

/// As somebody would who tries it out: the client's own calls, and then the log.
#[test]
fn recorded_calls_are_found_again() {
    let home = Home::new("calls");
    let (code, out, err) = home.log(&[]);
    assert!(code == 0 && out.is_empty() && err.contains("There is no journal yet"), "{code} {err}");
    for name in ["terraform-destroy", "prisma-reset", "mcp-drop"] {
        let path = format!("{}/examples/calls/{name}.json", env!("CARGO_MANIFEST_DIR"));
        home.hook(&fs::read(path).expect("an example"));
    }
    for (_, event) in recorded() {
        home.hook(&event);
    }
    let (_, out, _) = home.log(&["--since", "1h", "--rule", "terraform"]);
    assert_eq!(out.lines().count(), 3, "{out}");
    assert!(
        out.contains("cd infra && terraform destroy -auto-approve") && out.contains("irreversible, forced"),
        "{out}"
    );
    let (_, out, _) = home.log(&["--grep", "drop_table"]);
    assert!(out.contains("mcp__probe__drop_table  {\"name\":\"users\""), "{out}");
    assert!(home.log(&["--until", "1h"]).1.is_empty());
}

#[test]
fn foreign_lines_are_counted_and_left_out() {
    let home = filled("foreign");
    let good = fs::read_to_string(home.journal()).expect("a journal");
    let bad = "{\"class_uid\":2004}\n\n[]\nnull\n{\"time\":1,\"observed\":\"deny\",\"tool\":\"Bash\"}\n\u{1b}[2J\n";
    let torn = &good[..good.len() - 40];
    fs::write(home.journal(), [good.as_bytes(), bad.as_bytes(), &[0xff, 0, b'\n'], torn.as_bytes()].concat())
        .expect("a file");
    let (code, out, err) = home.log(&["--json"]);
    assert_eq!((code, out.lines().count()), (0, 9));
    assert!(err.contains("7 lines of the journal are torn or not countersign's"), "{err}");
}

#[test]
fn what_is_no_journal_is_said() {
    let home = Home::new("none");
    fs::create_dir_all(home.journal()).expect("a folder");
    let (code, out, err) = home.log(&[]);
    assert!(code == 1 && out.is_empty() && err.contains("can't be read: no regular file of your own"), "{code} {err}");
    fs::remove_dir(home.journal()).expect("gone");
    std::os::unix::fs::symlink("/etc/passwd", home.journal()).expect("a link");
    let (code, out, err) = home.log(&[]);
    assert!(code == 1 && out.is_empty() && err.contains("can't be read"), "{code} {err}");
}

#[test]
fn what_an_agent_wrote_steers_no_terminal() {
    let home = Home::new("steers");
    home.run("rm -rf ~ # \u{1b}]0;x\u{7}\u{1b}[2J\u{202e}");
    let (_, out, _) = home.log(&[]);
    assert!(out.contains("\\u{1b}[2J\\u{202e}") && !out.contains('\u{1b}'), "{out:?}");
}

#[test]
fn following_goes_on_behind_a_file_that_is_moved_aside() {
    let home = filled("follow");
    let mut child =
        home.log_command(&["--follow", "--json", "-n", "1"]).stdout(Stdio::piped()).spawn().expect("it runs");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut next = || lines.next().expect("a line").expect("text");
    assert!(next().contains("id000005"));
    home.run("terraform apply");
    assert!(next().contains("terraform.apply"));
    // It is moved aside with a line that wasn't read yet, twice, and a new one is begun.
    for number in [2, 1] {
        home.run(&format!("rm -rf ~ # before {number}"));
        let aside = home.0.join(".local/state/countersign");
        let _ = fs::rename(aside.join("journal.jsonl.1"), aside.join("journal.jsonl.2"));
        fs::rename(home.journal(), aside.join("journal.jsonl.1")).expect("moved");
    }
    home.run("rm -rf ~ # after");
    for wanted in ["before 2", "before 1", "after"] {
        let line = next();
        assert!(line.contains(wanted), "{wanted}: {line}");
    }
    child.kill().expect("it runs still");
    let _ = child.wait();
}

/// The collector's configuration is YAML, and reads what is written here.
#[test]
fn the_collector_reads_the_journal() {
    let text = include_str!("../../examples/collectors/vector.yaml");
    let broken = saphyr_parser::Parser::new_from_str(text).find_map(Result::err);
    assert!(broken.is_none(), "{broken:?}");
    for part in [format!("- /home/*/{}\n", countersign::journal::JOURNAL), ".class_uid != 2004".to_owned()] {
        assert!(text.contains(&part), "{part}");
    }
}
