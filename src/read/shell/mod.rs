//! Shell scripts: text to syntax tree ([`parse`]), tree to actions.

pub mod ast;
mod builtins;
mod eval;
mod expand;
pub mod parse;
pub mod state;
