//! Calls to actions: one file per language that is read.

pub mod action;
pub mod argv;
mod carry;
mod cmd;
mod code;
mod database;
mod graphql;
pub(crate) mod http;
mod line;
mod lines;
pub(crate) mod mcp;
pub(crate) mod mounts;
pub(crate) mod neighbours;
pub mod outline;
mod own;
mod parts;
mod perhaps;
mod powershell;
pub mod reader;
mod recipes;
pub mod run;
mod sent;
pub mod shared;
pub mod shell;
pub mod sql;
pub mod word;
mod written;
