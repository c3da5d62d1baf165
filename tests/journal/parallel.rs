//! Many processes at once: no line is lost, none is torn, and the files stay bounded.

use crate::client::{feed, start};
use crate::kit::Home;
use crate::schema::conforms;
use countersign::journal::{Event, Moment, Store, line};
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

const PROCESSES: usize = 50;

/// Runs hooks that are all at work at the same time.
fn together(home: &Home) {
    let mut children: Vec<_> = (0..PROCESSES).map(|_| start(&mut home.command())).collect();
    // None has got its call yet; now all do.
    for (at, child) in children.iter_mut().enumerate() {
        let call = home.bash(&format!("rm -rf ~ # {at} {}", "x".repeat(at * 100)));
        child.stdin.take().expect("a pipe").write_all(&call).expect("it reads");
    }
    for child in children {
        assert_eq!(child.wait_with_output().expect("it ends").status.code(), Some(2));
    }
}

fn ids(home: &Home) -> BTreeSet<String> {
    home.lines().iter().map(|line| line["metadata"]["uid"].as_str().expect("an id").to_owned()).collect()
}

#[test]
fn fifty_processes_write_fifty_lines() {
    let home = Home::new("fifty");
    together(&home);
    let lines = home.lines();
    assert_eq!((lines.len(), ids(&home).len()), (PROCESSES, PROCESSES));
    lines.iter().for_each(conforms);
    assert!(fs::read_to_string(home.journal()).expect("a journal").ends_with('\n'));
}

#[test]
fn nothing_is_lost_while_files_are_moved_aside() {
    let home = Home::new("rotation");
    feed(&mut home.command(), &home.bash("rm -rf ~"));
    let one = fs::read_to_string(home.journal()).expect("a journal");
    // One line under the cap, so that the first of them all but fills it.
    let cap = home.store().cap as usize;
    let before = cap / one.len();
    fs::write(home.journal(), one.repeat(before)).expect("a journal");
    together(&home);
    assert!(home.0.join(".local/state/countersign/journal.jsonl.1").exists());
    assert!(!home.0.join(".local/state/countersign/journal.jsonl.2").exists(), "it was moved aside once");
    assert_eq!(home.raw().len(), before + PROCESSES);
    assert_eq!(ids(&home).len(), 1 + PROCESSES);
}

/// A line with this text in it.
fn numbered(text: &str) -> Vec<u8> {
    line(&Event::refused("unreadable", text), &Moment::now())
}

fn written(store: &Store) -> Vec<String> {
    let text: String = store.files().iter().filter_map(|path| fs::read_to_string(path).ok()).collect();
    let reason = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).expect("a whole line");
        line["finding_info"]["desc"].as_str().expect("a reason").to_owned()
    };
    text.lines().filter(|line| !line.is_empty()).map(reason).collect()
}

#[test]
fn files_are_moved_aside_again_and_again() {
    let home = Home::new("again");
    // So many files that none is dropped.
    let store = Store { path: home.0.join("j/journal.jsonl"), cap: 4 << 10, slack: 1 << 30, keep: 400 };
    fs::create_dir(home.0.join("j")).expect("a folder");
    let (threads, each) = (8, 100);
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let store = &store;
            scope.spawn(move || {
                for at in 0..each {
                    store.append(&numbered(&format!("{thread} {at}"))).expect("it is written");
                }
            });
        }
    });
    let lines = written(&store);
    assert_eq!(lines.len(), threads * each);
    assert_eq!(lines.iter().collect::<BTreeSet<_>>().len(), threads * each);
    // How often depends on who comes when; once would say nothing.
    assert!(home.0.join("j/journal.jsonl.2").exists());
}

#[test]
fn files_are_bounded_in_size_and_number() {
    let home = Home::new("bounded");
    let store = Store { path: home.0.join("j/journal.jsonl"), cap: 10_000, slack: 0, keep: 3 };
    fs::create_dir(home.0.join("j")).expect("a folder");
    for at in 0..300 {
        store.append(&numbered(&at.to_string())).expect("it is written");
    }
    let files: Vec<_> = fs::read_dir(home.0.join("j")).expect("a folder").map(|entry| entry.expect("a file")).collect();
    assert_eq!(files.len(), 4);
    for file in files {
        let data = file.metadata().expect("a file");
        assert!(data.len() < 12_000 && data.permissions().mode() & 0o777 == 0o600, "{file:?}");
    }
    let lines: Vec<usize> = written(&store).iter().map(|line| line.parse().expect("a number")).collect();
    assert_eq!(lines, (300 - lines.len()..300).collect::<Vec<_>>(), "the oldest go, and the order stays");
}

/// Whoever holds the lock for ever stops neither the hook nor the bound.
#[test]
fn a_lock_that_is_never_given_back_stops_nothing() {
    let home = Home::new("lock");
    let store = Store { path: home.0.join("journal.jsonl"), cap: 2_000, slack: 2_000, keep: 2 };
    store.append(&numbered("first")).expect("it is written");
    let held = fs::File::open(&store.path).expect("a journal");
    rustix::fs::flock(&held, rustix::fs::FlockOperation::LockExclusive).expect("a lock");
    for at in 0..20 {
        store.append(&numbered(&at.to_string())).expect("it is written");
    }
    for path in store.files() {
        assert!(fs::metadata(path).expect("a file").len() < 6_000);
    }
}
