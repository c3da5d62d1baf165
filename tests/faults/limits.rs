//! Low limits: an answer, and never a signal, after which older clients run the call.

use crate::client::{BINARY, Verdict, feed, verdict};
use crate::kit::Home;
use crate::skip::skipped;
use crate::world::{CALLS, in_time};
use std::process::Command;

/// The hook under limits of the shell.
fn limited(home: &Home, limits: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{limits}; exec \"$0\" hook"), BINARY]).env_clear().env("HOME", &home.0);
    command
}

/// Panics unless each call is decided as ever, or more strictly where something can't be opened.
fn is_answered(limits: &str, as_ever: bool) {
    let home = Home::new("limits");
    for (call, expected) in CALLS {
        let got = in_time(limits, || verdict(&feed(&mut limited(&home, limits), &home.bash(call)), limits));
        assert!(got == expected || !as_ever && got > expected, "{limits}: {call}: {got:?}");
    }
}

#[test]
fn little_memory() {
    // In kB; what this build needs for itself alone, most of which a release doesn't.
    for size in [65_536, 131_072, 262_144] {
        is_answered(&format!("ulimit -v {size}"), true);
        is_answered(&format!("ulimit -d {size}"), true);
    }
    // Large calls, for some of which that is too little.
    let home = Home::new("memory");
    let (few, many) = (1 << 20, 3 << 20);
    let large = [
        format!("echo {}; rm -rf /", "x".repeat(2 * many)),
        format!("rm -rf {}", "a ".repeat(many)),
        "a;".repeat(many),
        format!("{}rm -rf /", "X=1 ".repeat(few)),
        format!("cat <<E\n{}E\nrm -rf /", "l\n".repeat(many)),
        format!("psql -c '{}DROP DATABASE x'", "SELECT 1;".repeat(few / 2)),
    ];
    for call in &large {
        for size in [65_536, 131_072, 262_144] {
            let (limits, about) = (format!("ulimit -v {size}"), &call[..20]);
            let output = in_time(about, || feed(&mut limited(&home, &limits), &home.bash(call)));
            assert!(verdict(&output, about) >= Verdict::Ask, "{size} kB: {about}");
        }
    }
}

#[test]
fn few_files() {
    // To be loaded takes one file more than the three streams.
    for count in 4..9 {
        is_answered(&format!("ulimit -n {count}"), true);
    }
}

/// None may be opened at all: what isn't proven to only read is asked about, since no policy can be read.
#[test]
fn no_file_at_all() {
    let home = Home::new("no-file");
    // All that are left are taken.
    let taken = "exec 3</dev/null 4</dev/null 5</dev/null 6</dev/null; ulimit -n 7";
    let mut command = limited(&home, taken);
    if !feed(Command::new("sh").args(["-c", &format!("{taken}; exec \"$0\" --version"), BINARY]), b"").status.success()
    {
        // A build that isn't static needs files to be loaded: of that, no machine can be cured.
        return;
    }
    for (call, expected) in CALLS {
        let got = verdict(&feed(&mut command, &home.bash(call)), call);
        assert!(got >= expected, "{call}: {got:?}");
    }
}

#[test]
fn no_other_process_or_thread() {
    let home = Home::new("threads");
    let Some(mut command) = home.as_another() else { return };
    let program: Vec<std::ffi::OsString> =
        std::iter::once(command.get_program()).chain(command.get_args()).map(Into::into).collect();
    let mut wrapped = Command::new("prlimit");
    wrapped.arg("--nproc=1").args(program).env_clear().env("HOME", &home.0).env("PATH", "/usr/bin:/bin");
    if command.output().is_err() || !wrapped.output().is_ok_and(|output| output.status.code().is_some()) {
        return skipped("processes can't be limited here").unwrap_or_default();
    }
    for (call, expected) in CALLS {
        assert_eq!(verdict(&feed(&mut wrapped, &home.bash(call)), call), expected, "{call}");
    }
    // So long that a second thread would keep the time.
    let long = format!("rm -rf / # {}", "x".repeat(40_000));
    assert_eq!(verdict(&feed(&mut wrapped, &home.bash(&long)), "long"), Verdict::Deny);
}

#[test]
fn little_stack() {
    for size in [256, 512, 1_024] {
        is_answered(&format!("ulimit -s {size}"), true);
    }
    // What is nested as deeply as it can be.
    let home = Home::new("stack");
    let nested = [
        format!("{}rm -rf /{}", "$(".repeat(2_000), ")".repeat(2_000)),
        format!("{}rm -rf /{}", "( ".repeat(2_000), " )".repeat(2_000)),
        format!("{}rm -rf /{}", "{ ".repeat(2_000), "; }".repeat(2_000)),
        format!("{}rm -rf /; {}", "if true; then ".repeat(2_000), "fi; ".repeat(2_000)),
        format!("{}rm -rf /", "sudo env nice ".repeat(3_000)),
        (0..12).fold("rm -rf /".to_owned(), |inner, _| format!("bash -c {}", quoted(&inner))),
        format!("python3 -c '{}1{}'", "(".repeat(3_000), ")".repeat(3_000)),
        format!("psql -c 'SELECT {}1{}; DROP DATABASE x'", "(".repeat(3_000), ")".repeat(3_000)),
        format!("pwsh -c '{}1{}'", "$(".repeat(3_000), ")".repeat(3_000)),
    ];
    for call in &nested {
        let about = &call[..40];
        let got =
            |limits: &str| in_time(about, || verdict(&feed(&mut limited(&home, limits), &home.bash(call)), about));
        let expected = got("true");
        assert!(expected >= Verdict::Ask || call.starts_with("python3"), "{about}: {expected:?}");
        for size in [256, 1_024, 8_192] {
            assert_eq!(got(&format!("ulimit -s {size}")), expected, "{size} kB: {about}");
        }
    }
    let deep = format!("{}1{}", "[".repeat(20_000), "]".repeat(20_000));
    let event = String::from_utf8(home.bash("ls")).expect("text").replace("\"ls\"", &deep);
    assert_eq!(verdict(&feed(&mut limited(&home, "ulimit -s 256"), event.as_bytes()), "JSON"), Verdict::Deny);
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[test]
fn little_time_and_small_files() {
    is_answered("ulimit -t 1", true);
    for size in [0, 1, 8, 1_000] {
        is_answered(&format!("ulimit -f {size}"), true);
    }
    is_answered("ulimit -c 0; ulimit -l 0", true);
}
