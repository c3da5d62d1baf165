//! Killed half-way, again and again: what lies there afterwards is whole, and the next call right.

use crate::client::{BINARY, Verdict, feed, start, verdict};
use crate::kit::Home;
use crate::world::PUSH;
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: u32 = 200;

/// Times at which to kill, from at once to a little later than it takes: in no order, the same each time.
fn moments(whole: Duration) -> impl Iterator<Item = Duration> {
    (0..ROUNDS).map(move |round| whole * (round * 37 % 120) / 100)
}

/// How long it takes, about: the longest of a few.
fn takes(mut run: impl FnMut()) -> Duration {
    let once = |()| {
        let begun = Instant::now();
        run();
        begun.elapsed()
    };
    [(), (), ()].map(once).into_iter().max().unwrap_or_default()
}

/// Starts it, and kills it after that time. Whether it was still at work.
fn killed(command: &mut Command, input: &[u8], after: Duration) -> bool {
    let mut child = start(command);
    let begun = Instant::now();
    let _ = child.stdin.take().map(|mut stdin| stdin.write_all(input));
    while begun.elapsed() < after {
        std::hint::spin_loop();
    }
    let _ = child.kill();
    child.wait_with_output().expect("it ends").status.code().is_none()
}

#[test]
fn a_hook_that_is_killed_leaves_nothing_broken() {
    let home = Home::new("killed");
    let call = home.bash(PUSH);
    let whole = takes(|| drop(home.hook(&call)));
    let mut at_work = 0;
    for (round, after) in moments(whole).enumerate() {
        // Each leaves a line, an entry of the session and a request.
        at_work += u32::from(killed(&mut home.command(), &home.bash(&format!("{PUSH} && rm -rf ~/x{round}")), after));
    }
    assert!(at_work > ROUNDS / 10, "{at_work} of {ROUNDS} were killed at work");
    for line in home.raw() {
        assert!(serde_json::from_str::<Value>(&line).is_ok(), "{line}");
    }
    let memory = fs::read_to_string(home.0.join(countersign::memory::file_of("s-1"))).unwrap_or_default();
    assert!(memory.lines().all(|line| line.is_empty() || serde_json::from_str::<Value>(line).is_ok()), "{memory}");
    let before = home.raw().len();
    home.decides_as_ever("after the killing");
    assert!(home.raw().len() > before, "the journal goes on");
    home.approve(PUSH);
    assert_eq!((home.decides(PUSH), home.decides(PUSH)), (Verdict::Allow, Verdict::Deny));
}

/// An approval is used up before the call passes: never twice, whenever the hook is killed.
#[test]
fn an_approval_never_counts_twice() {
    let home = Home::new("killed-once");
    let whole = takes(|| drop(home.run(PUSH)));
    let mut passed = 0;
    for after in moments(whole).take(60) {
        home.approve(PUSH);
        let mut child = start(&mut home.command());
        let _ = child.stdin.take().map(|mut stdin| stdin.write_all(&home.bash(PUSH)));
        std::thread::sleep(after);
        let _ = child.kill();
        let output = child.wait_with_output().expect("it ends");
        let allowed = String::from_utf8_lossy(&output.stdout).contains("\"allow\"");
        let again = home.decides(PUSH);
        assert!(!(allowed && again == Verdict::Allow), "the same approval let it pass twice");
        passed += u32::from(allowed || again == Verdict::Allow);
        // One that was neither used nor lost would count for the next round.
        assert_eq!(home.decides(PUSH), Verdict::Deny);
    }
    assert!(passed > 0);
}

/// While a session's file is full, so that room is made in it all the time, and the journal is moved aside.
#[test]
fn whoever_makes_room_may_be_killed() {
    let home = Home::new("killed-room");
    let path = home.0.join(countersign::memory::file_of("s-1"));
    let call = home.bash("rm -rf ~/first");
    let whole = takes(|| drop(home.hook(&call)));
    let one = fs::read(&path).expect("a memory");
    let full = one.repeat(countersign::memory::CAP as usize / one.len());
    let line = home.raw()[0].clone() + "\n";
    let journal = line.repeat(home.store().cap as usize / line.len() + 1);
    for (round, after) in moments(whole).enumerate() {
        fs::write(&path, &full).expect("a memory");
        if round % 10 == 0 {
            fs::write(home.journal(), &journal).expect("a journal");
        }
        killed(&mut home.command(), &call, after);
        let memory = fs::read_to_string(&path).expect("a memory");
        assert!(memory.lines().all(|line| line.is_empty() || serde_json::from_str::<Value>(line).is_ok()));
        assert!(memory.lines().count() > 10, "what is remembered isn't lost");
    }
    // What was left beside is no more than a few files, and bars nobody.
    assert_eq!(home.decides("rm -rf ~/last"), Verdict::Ask);
    let memory = fs::read_to_string(&path).expect("a memory");
    assert!(memory.contains("last") && memory.len() as u64 <= countersign::memory::CAP, "{}", memory.len());
    for path in home.store().files() {
        let text = fs::read_to_string(&path).unwrap_or_default();
        assert!(text.lines().all(|line| line.is_empty() || serde_json::from_str::<Value>(line).is_ok()));
    }
}

/// Settings are as they were or as they should be, whenever whoever writes them is killed.
#[test]
fn settings_are_never_half_written() {
    let home = Home::new("killed-install");
    let settings = home.0.join(".claude/settings.json");
    let before = format!("{{\n  \"model\": \"opus\",\n  \"note\": \"{}\"\n}}\n", "x".repeat(20_000));
    let install = || {
        let mut command = Command::new(BINARY);
        command.arg("install").current_dir(&home.0).env_clear().env("HOME", &home.0);
        command
    };
    let anew = || {
        let _ = fs::remove_dir_all(home.0.join(".claude"));
        home.file(".claude/settings.json", &before);
    };
    anew();
    let whole = takes(|| {
        anew();
        assert!(install().output().expect("it runs").status.success());
    });
    let after = fs::read_to_string(&settings).expect("settings");
    let (mut old, mut new) = (0, 0);
    for at in moments(whole) {
        anew();
        killed(&mut install(), b"", at);
        let text = fs::read_to_string(&settings).expect("settings");
        assert!(text == before || text == after, "{text}");
        old += u32::from(text == before);
        new += u32::from(text == after);
        // And nothing that was left bars the next one.
        if old + new > ROUNDS - 20 {
            let output = install().output().expect("it runs");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            assert_eq!(fs::read_to_string(&settings).expect("settings"), after);
        }
    }
    assert!(old > 0 && new > 0, "{old} {new}");
}

#[test]
fn nobody_may_be_left_to_read_the_answer() {
    let home = Home::new("readers");
    for (call, expected) in crate::world::CALLS {
        let mut child = start(&mut home.command());
        drop((child.stdout.take(), child.stderr.take()));
        let _ = child.stdin.take().map(|mut stdin| stdin.write_all(&home.bash(call)));
        let code = child.wait().expect("it ends").code();
        // Silence needs no reader; of all else, the exit code alone blocks. What was allowed is then put off, not lost.
        assert_eq!(code, Some(if expected == Verdict::Silent { 0 } else { 2 }), "{call}");
    }
}

#[test]
fn an_event_that_is_cut_off_is_denied() {
    let home = Home::new("cut");
    for (call, _) in crate::world::CALLS {
        let whole = home.bash(call);
        for length in (0..whole.len()).step_by(7) {
            let output = home.hook(&whole[..length]);
            assert_eq!(verdict(&output, call), Verdict::Deny, "{length}");
        }
    }
    let output = feed(home.command().stdin(Stdio::null()), b"");
    assert_eq!(verdict(&output, "nothing"), Verdict::Deny);
}
