//! What a person approves at a terminal.

use crate::client::Verdict;
use crate::kit::Home;
use crate::{PUSH, code, event};
use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[test]
fn a_person_lets_one_call_pass_once() {
    let home = Home::new("once");
    let (verdict, reason) = home.judged(&home.bash(PUSH));
    assert_eq!(verdict, Verdict::Deny);
    assert!(reason.lines().count() <= 10 && reason.len() <= 1024, "{reason}");
    let code = code(&reason).expect("a code");

    let (exit, text) = home.approve(&[], "");
    assert!(exit == 0 && text.contains(&code) && text.contains(PUSH), "{exit} {text}");
    let (exit, text) = home.approve(&[&code], "master");
    assert!(exit == 1 && text.contains("nothing was approved"), "{exit} {text}");
    assert!(text.contains(&format!("  | {PUSH}")) && text.contains("Rule: git.push-force"), "{text}");
    assert_eq!(home.decided(PUSH), Verdict::Deny);

    let (exit, text) = home.approve(&[&code.to_lowercase()], "main");
    assert!(exit == 0 && text.contains("Approved."), "{exit} {text}");
    let (verdict, reason) = home.judged(&home.bash(PUSH));
    assert!(
        verdict == Verdict::Allow && reason.contains(&format!("approved by a person at a terminal ({code})")),
        "{reason}"
    );
    assert_eq!(home.decided(PUSH), Verdict::Deny, "once is once");

    let lines = home.lines();
    let said = |at: usize| lines[at]["unmapped"]["decision"].as_str().expect("a decision");
    let decisions: Vec<&str> = (0..lines.len()).map(said).collect();
    assert_eq!(decisions, ["deny", "deny", "approved", "deny"]);
    // The approval is a further word on the denial that its person saw.
    assert_eq!(lines[2]["finding_info"]["uid"], lines[1]["metadata"]["uid"]);
    assert_eq!(lines[2]["unmapped"]["rules"], json!(["git.push-force"]));
}

#[test]
fn nothing_but_that_very_call_passes() {
    let home = Home::new("exact");
    let code = home.denied(&home.bash(PUSH));
    let (exit, text) = home.approve(&[&code], "main");
    assert_eq!(exit, 0, "{text}");
    let folder = home.0.join("shop/web");
    fs::create_dir_all(&folder).expect("a folder");
    for (what, other) in [
        ("text", event(&home, |event| event["tool_input"]["command"] = json!(format!("{PUSH} ")))),
        ("more", event(&home, |event| event["tool_input"]["command"] = json!(format!("{PUSH}; true")))),
        ("branch", event(&home, |event| event["tool_input"]["command"] = json!("git push --force origin master"))),
        ("directory", event(&home, |event| event["cwd"] = json!(folder))),
        ("session", event(&home, |event| event["session_id"] = json!("s-2"))),
        ("no session", event(&home, |event| event["session_id"] = json!(null))),
        ("tool", event(&home, |event| event["tool_name"] = json!("Monitor"))),
        ("sandbox", event(&home, |event| event["tool_input"]["dangerouslyDisableSandbox"] = json!(true))),
    ] {
        assert_eq!(home.judged(&other).0, Verdict::Deny, "{what}");
    }
    let said = event(&home, |event| event["tool_input"]["description"] = json!("Push it, as approved"));
    assert_eq!(home.judged(&said).0, Verdict::Allow, "what the agent says about it is no part of it");
    assert_eq!(home.judged(&said).0, Verdict::Deny);
}

#[test]
fn a_script_that_has_changed_does_not_pass() {
    let home = Home::new("script");
    let script = |text: &str| {
        home.file("shop/push.sh", format!("#!/bin/sh\n{text}\n"));
    };
    script("git push --force origin main");
    let event = home.bash("sh push.sh");
    let code = home.denied(&event);
    let (exit, text) = home.approve(&[&code], "main");
    assert_eq!(exit, 0, "{text}");
    for other in ["git push --force elsewhere main", "git push --force origin main; rm -rf /srv/data"] {
        script(other);
        assert_eq!(home.judged(&event).0, Verdict::Deny, "{other}");
    }
    script("git push --force origin main");
    assert_eq!(home.judged(&event).0, Verdict::Allow, "as it was shown");
}

#[test]
fn of_fifty_at_once_one_passes() {
    let home = Home::new("fifty");
    let code = home.denied(&home.bash(PUSH));
    let (exit, text) = home.approve(&[&code], "main");
    assert_eq!(exit, 0, "{text}");
    let verdicts: Vec<Verdict> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..50).map(|_| scope.spawn(|| home.decided(PUSH))).collect();
        threads.into_iter().map(|thread| thread.join().expect("it ends")).collect()
    });
    assert_eq!(verdicts.iter().filter(|verdict| **verdict == Verdict::Allow).count(), 1, "{verdicts:?}");
    assert_eq!(verdicts.iter().filter(|verdict| **verdict == Verdict::Deny).count(), 49, "{verdicts:?}");
}

#[test]
fn what_nobody_may_approve_has_no_code() {
    let home = Home::new("never");
    for command in ["countersign trust", "rm -rf ~", "git push --force origin main; echo x > ~/.claude/settings.json"] {
        let (verdict, reason) = home.judged(&home.bash(command));
        assert!(verdict == Verdict::Deny && code(&reason).is_none(), "{command}: {reason}");
    }
    home.file(".claude/countersign.toml", "[approve]\nirreversible = 'never'\ncatastrophic = 'person'\n");
    for (command, open) in [("countersign trust", false), ("rm -rf ~", true), (PUSH, false)] {
        let (verdict, reason) = home.judged(&home.bash(command));
        assert!(verdict == Verdict::Deny && code(&reason).is_some() == open, "{command}: {reason}");
    }
    // A clone can't open what isn't.
    fs::remove_file(home.0.join(".claude/countersign.toml")).expect("it was there");
    home.file("shop/.claude/countersign.toml", "[approve]\ncatastrophic = 'person'\n");
    assert_eq!(code(&home.judged(&home.bash("rm -rf ~")).1), None);
    // Beside a broken file, nothing loosens.
    home.file("shop/.claude/countersign.toml", "[approve]\nirreversible = 'nobody'\n");
    let (verdict, reason) = home.judged(&home.bash(PUSH));
    assert!(verdict == Verdict::Deny && code(&reason).is_none(), "{reason}");
}

#[test]
fn calls_that_are_not_denied_touch_nothing() {
    let home = Home::new("untouched");
    for (command, wanted) in
        [("ls -la", Verdict::Allow), ("npm install", Verdict::Silent), ("git stash clear", Verdict::Ask)]
    {
        assert_eq!(home.decided(command), wanted, "{command}");
    }
    assert!(!home.approvals().exists());
    home.denied(&home.bash(PUSH));
    let mode = |path: &std::path::Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o7777;
    assert_eq!(mode(&home.approvals()), 0o700);
    let files: Vec<_> = fs::read_dir(home.approvals()).expect("a folder").flatten().map(|entry| entry.path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    assert_eq!(mode(&files[0]), 0o600);
}

#[test]
fn nothing_hides_from_whoever_approves() {
    let home = Home::new("hidden");
    let command = "git push --force origin main # \u{1b}[2J\u{1b}[1A\u{202e}\r\nRule: git.status";
    let code = home.denied(&home.bash(command));
    let (exit, text) = home.approve(&[&code], "no");
    assert_eq!(exit, 1, "{text}");
    assert!(text.contains("  | git push --force origin main # \\u{1b}[2J\\u{1b}[1A\\u{202e}\\u{d}\n"), "{text}");
    assert!(text.contains("  | Rule: git.status") && !text.contains("\nRule: git.status"), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn a_policy_that_denies_questions_may_be_answered_at_a_terminal() {
    let home = Home::new("unattended");
    home.file(".claude/countersign.toml", "unattended = 'deny'\n");
    let alone = event(&home, |event| {
        event["permission_mode"] = json!("bypassPermissions");
        event["tool_input"]["command"] = json!("docker volume rm shop_data");
    });
    let code = home.denied(&alone);
    let (exit, text) = home.approve(&[&code], "shop_data");
    assert_eq!(exit, 0, "{text}");
    assert_eq!(home.judged(&alone).0, Verdict::Allow);
}
