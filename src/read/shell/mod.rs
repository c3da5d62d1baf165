//! Shell scripts: text to syntax tree ([`parse`]), tree to actions.

pub mod ast;
pub mod parse;
