//! Calls to actions: one file per language that is read.

pub mod action;
pub mod argv;
mod code;
mod database;
mod http;
pub(crate) mod mcp;
mod own;
mod powershell;
pub mod reader;
pub mod run;
pub mod shared;
pub mod shell;
pub mod sql;
pub mod word;
