//! Fifty calls at once.

use crate::client::{Verdict, start, verdict};
use crate::kit::Home;
use crate::world::{CALLS, PUSH, reason};
use countersign::context::Disk;
use countersign::memory::{What, recall};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::Output;

const PROCESSES: usize = 50;

/// Runs hooks that are all at work at the same time, each on its call.
fn together(home: &Home, calls: &[Vec<u8>]) -> Vec<Output> {
    let mut children: Vec<_> = calls.iter().map(|_| start(&mut home.command())).collect();
    // None has got its call yet; now all do.
    for (child, call) in children.iter_mut().zip(calls) {
        child.stdin.take().expect("a pipe").write_all(call).expect("it reads");
    }
    children.into_iter().map(|child| child.wait_with_output().expect("it ends")).collect()
}

/// Each of the four calls, again and again, told apart by a comment.
fn mixed(home: &Home) -> (Vec<Vec<u8>>, Vec<Verdict>) {
    let all = CALLS.iter().cycle().take(PROCESSES).enumerate();
    all.map(|(at, (call, expected))| (home.bash(&format!("{call} # {at}")), *expected)).unzip()
}

#[test]
fn each_is_answered_as_alone_and_no_line_is_missing() {
    let home = Home::new("mixed");
    home.file(".claude/countersign.toml", "journal = \"all\"\n");
    let (calls, expected) = mixed(&home);
    for (output, expected) in together(&home, &calls).iter().zip(expected) {
        assert_eq!(verdict(output, "one of fifty"), expected);
    }
    let ids: BTreeSet<String> = home.lines().iter().map(|line| line["metadata"]["uid"].to_string()).collect();
    assert_eq!((home.lines().len(), ids.len()), (PROCESSES, PROCESSES));
    let mut decisions = BTreeMap::new();
    for line in home.lines() {
        *decisions.entry(line["unmapped"]["decision"].to_string()).or_insert(0) += 1;
    }
    let expected = [("\"allow\"", 13), ("\"ask\"", 12), ("\"deny\"", 12), ("\"none\"", 13)];
    assert_eq!(decisions, expected.map(|(word, count)| (word.to_owned(), count)).into());
}

#[test]
fn the_journal_may_be_moved_aside_meanwhile() {
    let home = Home::new("moved");
    home.file(".claude/countersign.toml", "journal = \"all\"\n");
    home.run("rm -rf /");
    let one = std::fs::read_to_string(home.journal()).expect("a journal");
    let before = home.store().cap as usize / one.len();
    std::fs::write(home.journal(), one.repeat(before)).expect("a journal");
    let (calls, expected) = mixed(&home);
    for (output, expected) in together(&home, &calls).iter().zip(expected) {
        assert_eq!(verdict(output, "one of fifty"), expected);
    }
    assert!(home.0.join(".local/state/countersign/journal.jsonl.1").exists());
    assert_eq!(home.lines().len(), before + PROCESSES);
}

#[test]
fn an_approval_counts_once() {
    for round in 0..5 {
        let home = Home::new(&format!("once-{round}"));
        home.approve(PUSH);
        let outputs = together(&home, &vec![home.bash(PUSH); PROCESSES]);
        let verdicts: Vec<Verdict> = outputs.iter().map(|output| verdict(output, "one of fifty")).collect();
        let passed = verdicts.iter().filter(|verdict| **verdict == Verdict::Allow).count();
        let denied = verdicts.iter().filter(|verdict| **verdict == Verdict::Deny).count();
        assert_eq!((passed, denied), (1, PROCESSES - 1));
        let approved = home.lines().iter().filter(|line| line["unmapped"]["decision"] == "approved").count();
        assert_eq!((approved, home.lines().len()), (1, 1 + PROCESSES));
        // The denied ones leave one request, whole, which can be approved again.
        home.approve(PUSH);
        assert_eq!(home.decides(PUSH), Verdict::Allow);
        assert_eq!(home.decides(PUSH), Verdict::Deny);
    }
}

/// The texts of what a session remembers.
fn remembered(home: &Home) -> BTreeSet<String> {
    let text = |what| match what {
        What::Stopped(stopped) => stopped.shown,
        What::Copied(copied) => copied.shown,
    };
    recall(home.0.to_str().expect("text"), "s-1", &Disk).into_iter().map(|entry| text(entry.what)).collect()
}

#[test]
fn a_session_remembers_every_one() {
    let home = Home::new("remembers");
    let calls: Vec<Vec<u8>> = (0..PROCESSES).map(|at| home.bash(&format!("rm -rf ~/d{at}"))).collect();
    together(&home, &calls);
    let known = remembered(&home);
    for at in 0..PROCESSES {
        assert!(known.iter().any(|text| text.ends_with(&format!("/d{at}"))), "{at}: {known:?}");
    }
    let again = home.run("find ~/d7 -delete");
    assert!(reason(&again).contains("Before:"), "{}", reason(&again));
}

/// Where it is full, the older half goes; of what is added at that moment, nothing does.
#[test]
fn a_session_remembers_every_one_while_room_is_made() {
    for round in 0..5 {
        let home = Home::new(&format!("room-{round}"));
        let path = home.0.join(countersign::memory::file_of("s-1"));
        home.run("rm -rf ~/first");
        let one = std::fs::read(&path).expect("a memory");
        let old = one.repeat(countersign::memory::CAP as usize / one.len());
        std::fs::write(&path, &old).expect("a memory");
        let calls: Vec<Vec<u8>> = (0..PROCESSES).map(|at| home.bash(&format!("rm -rf ~/d{at}"))).collect();
        together(&home, &calls);
        let known = remembered(&home);
        for at in 0..PROCESSES {
            assert!(known.iter().any(|text| text.ends_with(&format!("/d{at}"))), "{at} of {}", known.len());
        }
        assert!(std::fs::metadata(&path).expect("a memory").len() < old.len() as u64 * 2);
    }
}
