//! The fuzzer: libFuzzer with one of the targets, which `FUZZ_TARGET` names. `run.sh` builds and runs it.

#![no_main]

mod properties;

use properties::Took;
use std::cell::Cell;
use std::sync::LazyLock;
use std::time::Duration;

/// How much slower the fuzzer's counters make it: two to three times, measured on the corpora.
const SLOWER: u32 = 3;

static TARGET: LazyLock<String> = LazyLock::new(|| std::env::var("FUZZ_TARGET").expect("FUZZ_TARGET names a target"));

thread_local! {
    /// The most that an input took.
    static MOST: Cell<Took> = const { Cell::new(Took { time: Duration::ZERO, memory: 0 }) };
}

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let (took, most) = (properties::try_on(&TARGET, input, SLOWER), MOST.get());
    if took.time > most.time || took.memory > most.memory {
        let most = Took { time: took.time.max(most.time), memory: took.memory.max(most.memory) };
        MOST.set(most);
        eprintln!("most: {} us, {} KB", most.time.as_micros(), most.memory >> 10);
    }
});
