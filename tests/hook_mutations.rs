//! Any bytes at all end in a valid answer: recorded events, mutilated at random (the same at every run).

#[path = "client/mod.rs"]
#[allow(dead_code)]
mod client;

use std::panic::catch_unwind;

use client::{hook, recorded, verdict};

/// xorshift64*: enough to be varied, and small enough not to need a crate.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % end.max(1)
    }

    fn range(&mut self, len: usize) -> std::ops::Range<usize> {
        let from = self.below(len + 1);
        from..(from + self.below(40)).min(len)
    }
}

const PIECES: &[&str] = &[
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "true",
    "-1e999",
    "NaN",
    "\\ud800",
    "\\udc00",
    "\\u0000",
    "\\u",
    "\u{feff}",
    "\u{202e}",
    "😀",
    "\n",
    "\0",
    "\"tool_input\":",
    "\"tool_name\":\"mcp__a__b\",",
    "\"hook_event_name\":",
    "{\"$serde_json::private::RawValue\":\"1\"}",
    "{\"$serde_json::private::Number\":\"1\"}",
    "[[[[[[[[",
    "rm -rf /",
];

fn mutated(random: &mut Random, events: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = events[random.below(events.len())].1.clone();
    for _ in 0..=random.below(4) {
        let range = random.range(bytes.len());
        match random.below(7) {
            0 => drop(bytes.drain(range)),
            1 => bytes.truncate(range.start),
            2 => bytes.iter_mut().skip(range.start).take(1).for_each(|byte| *byte ^= 1 << random.below(8)),
            3 => {
                let again = bytes[range.clone()].repeat(1 + random.below(3));
                bytes.splice(range.start..range.start, again);
            }
            4 => {
                let other = &events[random.below(events.len())].1;
                let from = random.range(other.len());
                bytes.splice(range, other[from].iter().copied());
            }
            _ => {
                let piece = PIECES[random.below(PIECES.len())];
                bytes.splice(range.start..range.start, piece.bytes());
            }
        }
    }
    bytes
}

#[test]
fn mutilated_events_end_in_an_answer() {
    let events = recorded();
    let mut random = Random(0x00C0_FFEE);
    for round in 0..1_500 {
        let bytes = mutated(&mut random, &events);
        verdict(&hook(&bytes), &format!("round {round}: {}", String::from_utf8_lossy(&bytes)));
    }
}

#[test]
fn mutilated_events_never_panic_the_reader() {
    let events = recorded();
    let mut random = Random(0x0BAD_CAFE);
    for round in 0..60_000 {
        let bytes = mutated(&mut random, &events);
        let read = catch_unwind(|| countersign::hook::event::read(&bytes).is_ok());
        assert!(read.is_ok(), "round {round}: {}", String::from_utf8_lossy(&bytes));
    }
}
