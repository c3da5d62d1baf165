//! The rule language: what a pack file says, one struct for each table of it. `docs/rules.md` is its manual.
//!
//! `build.rs` compiles this file too, so it depends on nothing but `serde` and [`super::text`].

use super::commands::Commands;
pub use super::condition::{Condition, Part};
use super::tables::debug_as_path;
pub use super::tables::*;
pub use super::target::*;
use super::text::{List, Names, Text, examples};
use serde::{Deserialize, Serialize};

/// How destructive an action is. The order is the order of severity.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, Hash)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Provably reads only; reveals no secret, sends nothing.
    Observe,
    /// A normal development change; undone by git, a rebuild or a package manager.
    #[default]
    Ordinary,
    /// Loses or disturbs something that takes real effort to get back.
    Disruptive,
    /// Loses data or infrastructure for good, or removes what would bring it back.
    Irreversible,
    /// A whole disk, home, account, cluster or database server, or the backups of one.
    Catastrophic,
}

impl Class {
    /// As rules and policies write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Ordinary => "ordinary",
            Self::Disruptive => "disruptive",
            Self::Irreversible => "irreversible",
            Self::Catastrophic => "catastrophic",
        }
    }
}

/// A pack file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// What the pack is about.
    pub pack: Head,
    /// How command lines of programs are read.
    #[serde(default)]
    pub program: List<Program>,
    /// How the arguments of MCP tools are read.
    #[serde(default)]
    pub tool: List<Tool>,
    /// Calls in source code that do something.
    #[serde(default)]
    pub call: List<CodeCall>,
    /// Words that say what an MCP tool does.
    #[serde(default)]
    pub verb: List<Verb>,
    /// Environment variables that carry code.
    #[serde(default)]
    pub variable: List<Variable>,
    /// What kind of place a path is.
    #[serde(default)]
    pub place: List<Place>,
    /// Which resources of infrastructure hold data.
    #[serde(default)]
    pub stateful: List<Stateful>,
    /// Words that say what an environment is.
    #[serde(default)]
    pub environment: List<Environment>,
    /// What the client asks about by itself.
    #[serde(default)]
    pub client: List<Client>,
    /// The rules.
    #[serde(default)]
    pub rule: List<Rule>,
}

/// Types of resources that hold data: when one is gone, building it anew doesn't bring that back.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stateful {
    /// Globs for the types: `aws_db_*`.
    #[serde(rename = "type")]
    pub kind: List<Text>,
    /// Globs for types that are like those and hold none: `aws_db_subnet_group`.
    #[serde(default)]
    pub except: List<Text>,
    /// Attributes that keep it from being deleted where they are true.
    #[serde(default)]
    pub guard: List<Text>,
    /// Attributes that let it go without a last copy where they are true.
    #[serde(default)]
    pub drops: List<Text>,
}

/// What the client asks about by itself, so that it drops the question of a hook.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Names that it protects wherever they stand in a path that is written: `.git`, `.config/git`. With a `/` in front, that
    /// path and everything below it.
    #[serde(default)]
    pub protects: List<Text>,
    /// What isn't protected of those: `.claude/worktrees`.
    #[serde(default)]
    pub except: List<Text>,
    /// Programs whose words it takes for paths that are written.
    #[serde(default)]
    pub writes: List<Text>,
}

/// What kind of place a path is.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The zone.
    pub zone: Text,
    /// These paths and everything below them; `~` is the home directory.
    #[serde(default)]
    pub under: List<Text>,
    /// These paths themselves.
    #[serde(default)]
    pub exact: List<Text>,
    /// One of the names in the path is like one of these globs.
    #[serde(default)]
    pub component: List<Text>,
    /// The last name of the path is like one of these globs.
    #[serde(default)]
    pub last: List<Text>,
    /// The last name of the path is like none of these globs.
    #[serde(default)]
    pub except: List<Text>,
    /// Only inside the project.
    #[serde(default)]
    pub inside: bool,
    /// How many directories deep it is looked through for what is `not_with` it. 0: it isn't.
    #[serde(default)]
    pub depth: u8,
    /// What in it, by its name or the end of its path, is no build output but data.
    #[serde(default)]
    pub not_with: List<Text>,
    /// A tool makes it again where nothing else lies in it.
    #[serde(default)]
    pub only: List<Text>,
    /// A tool makes it again where one of these lies in it.
    #[serde(default)]
    pub has: List<Text>,
    /// A tool makes it again where one of these lies beside it.
    #[serde(default)]
    pub beside: List<Text>,
}

/// The head of a pack file.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The first part of the ids of its rules.
    pub name: Text,
    /// One line for people.
    pub about: Text,
}

/// A rule.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `pack.name`; never changes once it has been released.
    pub id: Text,
    /// How bad it is.
    pub class: Class,

    /// Programs that it speaks of.
    #[serde(default)]
    pub program: List<Text>,
    /// Subcommands: words separated by a space, `|` between alternatives of a word, `*` in a word as in a glob.
    #[serde(default)]
    pub command: Commands,
    /// Effects on files that it speaks of.
    #[serde(default)]
    pub file: List<Does>,
    /// SQL statements.
    #[serde(default)]
    pub statement: List<Text>,
    /// HTTP methods.
    #[serde(default)]
    pub request: List<Text>,
    /// MCP tools.
    #[serde(default)]
    pub tool: List<Text>,
    /// Kinds of verb in the name of an MCP tool.
    #[serde(default)]
    pub verb: List<Text>,
    /// Calls in code, by the `code` of their `[[call]]`.
    #[serde(default)]
    pub code: List<Text>,
    /// Kinds of things that can't be read.
    #[serde(default)]
    pub opaque: List<Text>,

    /// It holds where one of these holds; none: always.
    #[serde(default)]
    pub when: List<Condition>,
    /// It does not hold where one of these certainly holds.
    #[serde(default)]
    pub unless: List<Condition>,
    /// The call goes past the tool's own confirmation where one of these holds.
    #[serde(default)]
    pub forced: List<Condition>,
    /// It is forced always.
    #[serde(default)]
    pub always_forced: bool,
    /// `observe` only: the options with which it holds; `*` at the end is allowed, `*` alone means any.
    #[serde(default)]
    pub only: Names,
    /// `observe` only: not in a directory that the line itself has changed to.
    #[serde(default)]
    pub here: bool,
    /// It holds only where no other rule speaks of the same action.
    #[serde(default)]
    pub fallback: bool,

    /// What is lost, as a noun phrase: "every resource in this state". Needed from `disruptive` on.
    #[serde(default)]
    pub loses: Text,
    /// What to do instead, as an order: "run `terraform plan`". Needed from `disruptive` on.
    #[serde(default)]
    pub instead: Text,
    /// What it is after, in a word that rules share which reach the same by other ways (`push-force`); none: its `id`. What
    /// was stopped once is known again by it. `files`: its operands, or else the working directory, are what it deletes.
    #[serde(default)]
    pub intent: Text,
    /// What the reason says of what is lost here: facts that are looked up when the rule stops a call.
    #[serde(default)]
    pub tells: List<Fact>,
    /// Where that lies what is lost: what is provably local, or scratch, makes it milder. Without it, nothing does.
    #[serde(default)]
    pub within: Option<Within>,
    /// Said to the agent (not decided upon) when the rule matches.
    #[serde(default)]
    pub note: Text,
    /// Calls that it must match.
    #[serde(default, deserialize_with = "examples")]
    pub hits: List<Text>,
    /// Calls that it must not match.
    #[serde(default, deserialize_with = "examples")]
    pub passes: List<Text>,
    /// How sure its spelling is: `help` (all of it stands in the tool's own help), `part` (some of it does), `docs`, or nothing.
    #[serde(default)]
    pub checked: Text,
    /// It comes from a policy that may only tighten: a `fallback` of another holds beside it.
    #[serde(skip)]
    pub on_top: bool,
}

debug_as_path! {
    Class { Observe, Ordinary, Disruptive, Irreversible, Catastrophic }
}
