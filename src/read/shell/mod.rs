//! Shell scripts: text to syntax tree ([`parse`]), tree to actions.

pub mod ast;
pub mod parse;

mod ansi;
mod compound;
mod expand;
mod heredoc;
mod lex;
mod redirect;
mod simple;
mod word;
