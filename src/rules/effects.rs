//! The tables of the rule language that say what programs do to files.

use super::commands::Commands;
use super::tables::debug_as_path;
use super::text::{List, Text};
use serde::Deserialize;

/// What a program does to a file.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Hash)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Does {
    /// Removes it.
    Delete,
    /// Replaces or overwrites what is in it.
    Write,
    /// Adds to its end.
    Append,
    /// Reads what is in it.
    Read,
    /// Moves it away.
    Move,
    /// Changes its owner, mode or attributes.
    Change,
    /// Changes it in a way that loses nothing: what a policy protects isn't even touched.
    Touch,
}

/// What a program does to files that its words name.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Effect {
    /// What it does.
    pub does: Does,
    /// Only behind these subcommands.
    #[serde(default)]
    pub command: Commands,
    /// Which operands: `all`, `first`, `last`, `init` (all but the last), `rest` (all but the first), `none`.
    #[serde(default)]
    pub on: On,
    /// The values of these options too.
    #[serde(default)]
    pub option: List<Text>,
    /// Only with one of these options.
    #[serde(default)]
    pub with: List<Text>,
    /// Only with all of these options.
    #[serde(default)]
    pub every: List<Text>,
    /// Only without all of these options.
    #[serde(default)]
    pub without: List<Text>,
    /// It reaches everything below with one of these options (`*`: always).
    #[serde(default)]
    pub recursive: List<Text>,
    /// The path may be a directory, into which the other operands go under their own names (`cp x/a.db .`).
    #[serde(default)]
    pub into: bool,
    /// What is in the file afterwards is what the first operand holds (`cp`), or what it reads on standard input (`tee`).
    #[serde(default)]
    pub content: Option<Content>,
    /// With one of these options it acts on a symbolic link itself, and not on what that leads to (`*`: always).
    #[serde(default)]
    pub itself: List<Text>,
    /// MCP: the arguments that hold the paths. `with`, `without` and `recursive` speak of arguments then (`force=true`).
    #[serde(default)]
    pub argument: List<Text>,
    /// MCP: the arguments that hold the new text.
    #[serde(default)]
    pub adds: List<Text>,
    /// MCP: the arguments that hold the old text.
    #[serde(default)]
    pub removes: List<Text>,
}

/// Where a program has from what it writes into a file.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Content {
    /// From the files that its other operands name.
    Operands,
    /// From standard input.
    Stdin,
    /// From nowhere: it is empty.
    Nothing,
}

/// Which operands.
#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum On {
    /// Every one.
    #[default]
    All,
    /// The first.
    First,
    /// The last.
    Last,
    /// All but the last.
    Init,
    /// All but the first.
    Rest,
    /// Those behind `--`.
    Dashed,
    /// No operand, only the options that `option` names.
    None,
}

/// How a program copies, moves or backs up. The last operand is where to, the others are what.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Copies {
    /// Only behind these subcommands.
    #[serde(default)]
    pub command: Commands,
    /// Only with one of these options: those with which it takes whole directories. Without them, only copies of data
    /// and secrets are remembered.
    #[serde(default)]
    pub with: List<Text>,
    /// Not with these options.
    #[serde(default)]
    pub without: List<Text>,
    /// Options whose value is where to; all operands are what, then.
    #[serde(default)]
    pub to: List<Text>,
    /// Options whose value is what is copied; all operands are where to, then.
    #[serde(default)]
    pub from: List<Text>,
    /// What is copied is gone from where it was.
    #[serde(default)]
    pub moves: bool,
    /// With no option but these (or none), it has copied all of it once it has succeeded.
    #[serde(default)]
    pub surely: List<Text>,
    /// It makes a backup of something that is no file here: in the files that `to` names, or on its standard output.
    #[serde(default)]
    pub backup: bool,
}

debug_as_path! {
    Content { Operands, Stdin, Nothing }
    On { All, First, Last, Init, Rest, Dashed, None }
    Does { Delete, Write, Append, Read, Move, Change, Touch }
}
