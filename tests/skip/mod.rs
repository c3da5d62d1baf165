//! What a machine has no means to try is skipped. With `COUNTERSIGN_NO_SKIP=1` that is a failure: the tests' own output, in
//! which it would be said, is shown by nobody where they pass.

use std::io::Write;

/// Says that something wasn't tried, and why.
#[track_caller]
pub(crate) fn skipped<T>(why: &str) -> Option<T> {
    let why = why.trim();
    // What tests print is kept from whoever runs them all: `.ci/run` says at its end what was skipped.
    if let Some(path) = std::env::var_os("COUNTERSIGN_SKIPS") {
        let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
        file.and_then(|mut file| writeln!(file, "{why}")).expect("a list of what is skipped");
    }
    assert!(std::env::var_os("COUNTERSIGN_NO_SKIP").is_none_or(|set| set != "1"), "skipped: {why}");
    eprintln!("\n*** SKIPPED: {why} ***\n");
    None
}
