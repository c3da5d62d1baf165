//! What a call points at: little worlds on the real disk, each behaviour both ways, stopped where it should be and silent
//! where it should be.
#![cfg(unix)]
#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used)]

#[path = "worlds/disk.rs"]
mod disk;
#[path = "worlds/dropped.rs"]
mod dropped;
#[path = "worlds/environment.rs"]
mod environment;
#[path = "worlds/git.rs"]
mod git;
#[path = "worlds/inside.rs"]
mod inside;
#[path = "worlds/kit.rs"]
mod kit;
#[path = "worlds/quiet.rs"]
mod quiet;
#[path = "worlds/session.rs"]
mod session;
#[path = "worlds/terraform.rs"]
mod terraform;
