//! What a policy file says: one struct for each table of it. `docs/policy.md` is its manual.

use crate::judge::Decision;
use crate::rules::model::{Client, CodeCall, Head, Place, Program, Rule, Stateful, Tool, Variable, Verb};
use crate::rules::text::{List, Text};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::value::Datetime;

/// A policy file.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct File {
    /// What becomes of each class.
    #[serde(default)]
    pub decide: Decide,
    /// What becomes of single rules: `"terraform.destroy" = "deny"`. A name alone is a pack; `*` as in a glob.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, super::schema::Given>"))]
    pub rules: BTreeMap<String, Decision>,
    /// What isn't stopped although a rule says so.
    #[serde(default)]
    pub except: List<Exception>,
    /// Paths that no call may change.
    #[serde(default)]
    pub protect: List<Protected>,
    /// Names of what commands are aimed at: `production = ["prod-*"]`, `local = ["localhost"]`, and names of your own.
    #[serde(default)]
    pub environments: BTreeMap<String, List<Text>>,
    /// What a question becomes where nobody may be there to answer it (the modes `auto`, `dontAsk` and
    /// `bypassPermissions`): `ask` or `deny`.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Option<super::schema::Stop>"))]
    pub unattended: Option<Decision>,
    /// Who may let a denied call pass all the same, once.
    #[serde(default)]
    pub approve: Approve,
    /// Decisions are recorded but not given: for trying a policy out.
    #[serde(default, rename = "observe-only")]
    pub observe_only: Option<ObserveOnly>,
    /// Which calls are written into the journal.
    #[serde(default)]
    pub journal: Option<Recorded>,
    /// What no lower layer may loosen: `true` for everything, or ids and globs of rules.
    #[serde(default)]
    pub lock: Lock,
    /// Calls and what is to be decided about them, for `countersign check`.
    #[serde(default)]
    pub expect: List<Expect>,

    /// The first part of the ids of its rules.
    #[serde(default)]
    pub pack: Option<Head>,
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
    /// What the client asks about by itself.
    #[serde(default)]
    pub client: List<Client>,
    /// Rules of its own.
    #[serde(default)]
    pub rule: List<Rule>,
}

impl File {
    /// How many tables say how calls are read.
    #[must_use]
    pub fn tables(&self) -> usize {
        self.program.len()
            + self.tool.len()
            + self.call.len()
            + self.verb.len()
            + self.variable.len()
            + self.place.len()
            + self.stateful.len()
            + self.client.len()
    }
}

/// What becomes of each class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Decide {
    /// Of what provably only reads: `allow`, or `none` to leave it to the client.
    pub observe: Option<Decision>,
    /// Of everyday changes, and of what no rule speaks of.
    #[cfg_attr(test, schemars(with = "Option<super::schema::Given>"))]
    pub ordinary: Option<Decision>,
    /// Of what takes real effort to get back.
    #[cfg_attr(test, schemars(with = "Option<super::schema::Given>"))]
    pub disruptive: Option<Decision>,
    /// Of what is lost for good.
    #[cfg_attr(test, schemars(with = "Option<super::schema::Given>"))]
    pub irreversible: Option<Decision>,
    /// Of the same, forced past the tool's own confirmation or aimed at production.
    #[cfg_attr(test, schemars(with = "Option<super::schema::Given>"))]
    pub forced: Option<Decision>,
    /// Of whole disks, accounts and clusters.
    #[cfg_attr(test, schemars(with = "Option<super::schema::Given>"))]
    pub catastrophic: Option<Decision>,
}

/// What isn't stopped although a rule says so: a `command`, or a `rule` with a `path` or an `environment`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// The whole command, letter by letter.
    #[serde(default)]
    pub command: Option<String>,
    /// The id of a rule, or a glob of ids.
    #[serde(default)]
    pub rule: Option<String>,
    /// The file that the rule is about is like this glob; `~` is the home directory, a relative one begins at the
    /// project. `*` reaches across `/`.
    #[serde(default)]
    pub path: Option<String>,
    /// The command is aimed at this environment, and at no other.
    #[serde(default)]
    pub environment: Option<String>,
    /// Why; `countersign policy` shows it.
    pub reason: String,
    /// The last day on which it counts, in UTC: `2026-12-31`.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Option<super::schema::Date>"))]
    pub until: Option<Datetime>,
}

/// A path that no call may change.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "a path, or a table with `path`, and `decision` or `reason`")]
pub enum Protected {
    /// The path alone.
    Path(String),
    /// With more.
    Table(ProtectedTable),
}

/// A protected path with what is to be said about it.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProtectedTable {
    /// A path or a glob, as in an exception. Everything below it is protected as well.
    pub path: String,
    /// `ask` or `deny`, which is usual.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Option<super::schema::Stop>"))]
    pub decision: Option<Decision>,
    /// Why.
    #[serde(default)]
    pub reason: Option<String>,
}

/// Decisions are recorded but not given.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ObserveOnly {
    /// The last day of it, in UTC.
    #[cfg_attr(test, schemars(with = "super::schema::Date"))]
    pub until: Datetime,
}

/// Who may let a denied call pass all the same: that very call, once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Approve {
    /// What is irreversible, and what is milder and denied all the same.
    pub irreversible: Option<Way>,
    /// What is catastrophic.
    pub catastrophic: Option<Way>,
    /// Whose signatures count: a file as `ssh-keygen` knows it (ALLOWED SIGNERS in its manual). A relative path begins at
    /// the policy file's folder.
    pub signers: Option<String>,
}

/// How a denied call may be let pass; the greater, the stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// A person does it at a terminal of theirs.
    Person,
    /// A person signs it with a key that the policy names.
    Signature,
    /// Not at all.
    Never,
}

/// Which calls are written into the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Recorded {
    /// Those that are asked about or denied, or would be, were the policy not only observing: the standard.
    Stopped,
    /// Every call that is judged.
    All,
}

/// What no lower layer may loosen.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "`true`, or ids of rules")]
pub enum Lock {
    /// Everything, or nothing.
    All(bool),
    /// These rules.
    Rules(List<Text>),
}

impl Default for Lock {
    fn default() -> Self {
        Self::All(false)
    }
}

impl Lock {
    /// Whether it holds anything at all.
    #[must_use]
    pub fn any(&self) -> bool {
        match self {
            Self::All(all) => *all,
            Self::Rules(rules) => !rules.is_empty(),
        }
    }
}

/// Calls and what is to be decided about them.
pub type Expect = BTreeMap<String, Decision>;

impl Protected {
    /// The path.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Path(path) => path,
            Self::Table(table) => &table.path,
        }
    }

    /// What is decided.
    #[must_use]
    pub fn decision(&self) -> Decision {
        match self {
            Self::Table(ProtectedTable { decision: Some(decision), .. }) => *decision,
            _ => Decision::Deny,
        }
    }

    /// Why.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Path(_) => None,
            Self::Table(table) => table.reason.as_deref(),
        }
    }
}
