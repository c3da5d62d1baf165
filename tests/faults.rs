//! Faults of what is around the hook: `cargo test --test faults` provokes each for real, and says which it couldn't.
//!
//! What must hold of every one: the right answer or a closed door (an ask or a denial that says why), nothing lost, nothing
//! half written, and no everyday call in the way of which it stands for ever.
//!
//! | fault | what must come of it | file |
//! | --- | --- | --- |
//! | 50 calls at once on one session and journal | each is answered as alone, every line is whole, an approval counts once | `parallel.rs` |
//! | a full disk | decisions as before; commands say that they can't write; files stay as they were or are new, whole | `full.rs` |
//! | a home that is read-only, somebody else's, or odd; no `HOME`; odd variables | decisions as before; no policy from elsewhere | `homes.rs` |
//! | a working directory that is gone, unreadable or no directory | decisions as before, or an ask | `places.rs` |
//! | a policy that is unreadable, no file, endless or huge | what isn't proven to only read is asked about, and the file named | `policies.rs` |
//! | FIFOs in place of files, mounts that never answer, a directory of 100,000 names | an answer within the time of a call | `slow.rs` |
//! | killed half-way | what lies there is whole, and the next call right | `killed.rs` |
//! | clocks set, state of other versions, torn or foreign | never milder; it is replaced | `state.rs` |
//! | low limits of memory, files, processes, stack | an answer, never a signal | `limits.rs` |
//!
//! Broken streams are in `hook_streams.rs`, broken events in `hook_mutations.rs`. What needs mounts runs in a namespace of its
//! own (`unshare`), what needs another user by `setpriv`; where there is no such thing, the test is
//! skipped (`tests/skip/`).
#![cfg(target_os = "linux")]
#![allow(missing_docs)]

#[allow(dead_code)]
#[path = "client/mod.rs"]
mod client;
#[path = "faults/full.rs"]
mod full;
#[path = "faults/homes.rs"]
mod homes;
#[path = "faults/killed.rs"]
mod killed;
#[allow(dead_code)]
#[path = "journal/kit.rs"]
mod kit;
#[path = "faults/limits.rs"]
mod limits;
#[path = "faults/parallel.rs"]
mod parallel;
#[path = "faults/places.rs"]
mod places;
#[path = "faults/policies.rs"]
mod policies;
#[path = "skip/mod.rs"]
mod skip;
#[path = "faults/slow.rs"]
mod slow;
#[path = "faults/state.rs"]
mod state;
#[allow(dead_code)]
mod terminal;
#[path = "faults/world.rs"]
mod world;
