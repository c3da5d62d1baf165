//! Shell scripts: text to syntax tree ([`parse`]), tree to actions.

pub mod ast;
pub mod parse;
mod proven;
pub mod state;

// The parser.
mod ansi;
mod compound;
mod expand;
mod heredoc;
mod lex;
mod redirect;
mod simple;
mod word;

// The evaluator.
mod absent;
mod again;
mod braces;
mod builtins;
pub(crate) mod command;
mod declare;
mod eval;
mod fields;
mod filled;
mod format;
mod locals;
mod looks;
pub(crate) mod loops;
mod slice;
mod traps;
mod trim;
