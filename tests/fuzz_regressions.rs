//! What the fuzzer found, and inputs like it: `tests/fuzz/<target>/`, a file for each, tried as `fuzz/run.sh` tries them.

#![cfg(unix)]

#[path = "client/mod.rs"]
#[allow(dead_code)]
mod client;
#[path = "../fuzz/src/properties.rs"]
#[allow(unreachable_pub)]
mod properties;

use std::path::Path;

/// How much slower it may be than it is shipped.
const SLOWER: u32 = if cfg!(debug_assertions) { 12 } else { 2 };
/// The stack of a process.
const STACK: usize = 8 << 20;

fn tried(target: &'static str, input: Vec<u8>, about: &str) {
    if target == "hook" {
        // In its own process: a home of somebody else's must not fill with the journal of these.
        client::verdict(&client::hook(&input), about);
        return;
    }
    let one = std::thread::Builder::new().stack_size(STACK);
    match one.spawn(move || properties::try_on(target, &input, SLOWER)).expect("a thread").join() {
        Ok(took) => eprintln!("{:>9.2?} {:>8} bytes  {about}", took.time, took.memory),
        Err(_) => panic!("{about}"),
    }
}

#[test]
fn what_was_found_stays_fixed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz");
    for (target, _) in properties::TARGETS {
        let files = std::fs::read_dir(folder.join(target)).unwrap_or_else(|error| panic!("{target}: {error}"));
        let mut files: Vec<_> = files.map(|file| file.expect("an entry").path()).collect();
        files.sort();
        assert!(!files.is_empty(), "no inputs for {target}");
        for file in files {
            tried(target, std::fs::read(&file).expect("an input"), &file.display().to_string());
        }
    }
}
