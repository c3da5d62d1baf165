//! countersign: judges the calls of a coding agent before they run.
//!
//! One direction, no way back: `hook` reads the client's JSON into a [`call::Call`]; `read` takes it apart into actions;
//! `rules` finds what is known about each; `policy` decides; `reason` says why; `hook` answers.

#[cfg(unix)]
pub mod approve;
pub mod call;
pub mod catalogue;
pub mod cli;
pub mod context;
pub mod deadline;
pub mod example;
pub mod explain;
pub mod hook;
pub mod journal;
pub mod judge;
pub mod memory;
pub mod patience;
pub mod policy;
pub mod read;
pub mod reason;
pub mod rules;
pub mod settings;
