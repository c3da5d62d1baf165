//! Rules: the language ([`model`]), the packs, the index that finds the few rules that can match, and the matcher.

pub mod clues;
pub mod commands;
pub(crate) mod comments;
mod condition;
mod effects;
mod facts;
pub mod glob;
pub mod index;
pub mod matching;
pub mod model;
pub mod packed;
mod recipes;
mod sends;
mod tables;
mod target;
pub mod text;

use index::Rules;

mod builtin {
    #[allow(clippy::all, clippy::pedantic, unused_imports)]
    mod generated {
        use crate::rules::clues::Clues;
        use crate::rules::commands::Commands;
        use crate::rules::index::{Entry, Numbers, OfTool, Rules};
        use crate::rules::model::*;
        use crate::rules::packed::{Shelf, Table};
        use crate::rules::text::{List, Names, Text};
        use std::sync::Mutex;
        include!(concat!(env!("OUT_DIR"), "/builtin.rs"));
    }
    pub(super) use generated::BUILTIN;
}

/// The built-in packs, as `build.rs` compiled them.
#[must_use]
pub fn builtin() -> &'static Rules {
    &builtin::BUILTIN
}
