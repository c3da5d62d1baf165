//! Where programs find what they are told to run by name.

use super::text::{List, Text};
use serde::Deserialize;

/// Where a program finds what it is told to run by name.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Recipes {
    /// The files that it looks for in the directory that it works in; the first that is there counts.
    pub file: List<Text>,
    /// Options that name another file.
    #[serde(default)]
    pub option: List<Text>,
    /// It looks in the directories above, too.
    #[serde(default)]
    pub upward: bool,
    /// The tables in which the names stand: `scripts`, `tool.pdm.scripts`; `*` is any one key.
    #[serde(default)]
    pub under: List<Text>,
    /// The names that count, whatever the operands are: `npm test` runs `pretest`, `test` and `posttest`.
    #[serde(default)]
    pub names: List<Text>,
    /// Names with these in front run before and after.
    #[serde(default)]
    pub around: List<Text>,
    /// What stands in front of a name; operands without it are none (`concurrently npm:lint`).
    #[serde(default)]
    pub strip: Text,
    /// A name between slashes is a regular expression: all scripts that are like it run (`pnpm run "/^build:/"`).
    #[serde(default)]
    pub patterns: bool,
    /// Options that name packages of the workspace, whose file counts instead.
    #[serde(default)]
    pub member: List<Text>,
    /// The operand that names such a package, counted behind the subcommand.
    #[serde(default)]
    pub member_operand: Option<u8>,
    /// Options with which every package of the workspace counts (`*`: always).
    #[serde(default)]
    pub members: List<Text>,
}
