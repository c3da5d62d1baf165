//! Calls to actions: one file per language that is read.

pub mod action;
pub mod argv;
pub(crate) mod mcp;
pub mod reader;
pub mod run;
pub mod shell;
mod stub;
pub mod word;
