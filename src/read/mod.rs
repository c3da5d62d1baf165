//! Calls to actions: one file per language that is read.

pub mod shell;
pub mod sql;
