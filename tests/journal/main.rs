//! The journal, as it is written by the hook and read by people: what stands in it, in which files, and that it never
//! changes a decision.
#![cfg(unix)]

#[path = "../client/mod.rs"]
#[allow(dead_code)]
mod client;
mod disk;
mod kit;
mod log;
mod parallel;
mod schema;
