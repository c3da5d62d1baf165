//! The tables of the rule language that say what programs are aimed at, and what names of that mean.

use super::commands::Commands;
use super::tables::debug_as_path;
use super::text::{List, Text};
use serde::Deserialize;

/// A place where a program says what it is aimed at. Of the entries of one kind (`is`), the first that says something
/// counts; what stands in one entry counts together.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// What it names.
    pub is: Is,
    /// Only behind these subcommands.
    #[serde(default)]
    pub command: Commands,
    /// Not behind these subcommands.
    #[serde(default)]
    pub except: Commands,
    /// Only with one of these options.
    #[serde(default)]
    pub with: List<Text>,
    /// The values of these options.
    #[serde(default)]
    pub option: List<Text>,
    /// This operand behind the subcommand, from 0.
    #[serde(default)]
    pub operand: Option<u8>,
    /// Operands that begin like this: the rest of them (`RAILS_ENV=`).
    #[serde(default)]
    pub begins: List<Text>,
    /// These variables. With `reads = "dotenv"`, each is looked for in the environment, then in the files.
    #[serde(default)]
    pub env: List<Text>,
    /// MCP: these arguments.
    #[serde(default)]
    pub argument: List<Text>,
    /// These files, in their order. `{x}` in a name stands for what was named before as `x`. Without `reads`: that one of
    /// them is there.
    #[serde(default)]
    pub file: List<Text>,
    /// Globs for names of directories, if it runs in one of these, or below it: `production`. Those above the project say
    /// nothing.
    #[serde(default)]
    pub directory: List<Text>,
    /// Of the files, only the first that is there is read.
    #[serde(default)]
    pub first: bool,
    /// What the options, operands, variables and files name are files of this format.
    #[serde(default)]
    pub reads: Option<Format>,
    /// What of the file counts: keys on the way to a value, with dots between; `a.name={x}.b` picks from a list.
    #[serde(default)]
    pub key: List<Text>,
    /// What it is aimed at if nothing above says so.
    #[serde(default)]
    pub value: Text,
    /// It holds for what runs later, too: `kubectl config use-context`.
    #[serde(default)]
    pub lasts: bool,
}

/// What a program names where it says what it is aimed at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Hash)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Is {
    /// A host name, an address, or the path of a socket.
    Host,
    /// An address with a host, perhaps with the name of a database.
    Url,
    /// The name of a database.
    Database,
    /// The path of a database that is a file.
    Path,
    /// A context: of kubectl, of docker.
    Context,
    /// A cluster.
    Cluster,
    /// A namespace.
    Namespace,
    /// A profile with credentials and settings.
    Profile,
    /// An account, a project or a subscription.
    Account,
    /// A workspace.
    Workspace,
    /// The name of an environment (`RAILS_ENV`).
    Environment,
    /// The name of a variable that holds the rest.
    Variable,
    /// A file whose name says something (`prod.tfvars`).
    File,
    /// A file with variables for what is run behind it, or by it (`dotenvx -f`).
    Settings,
    /// Where variables for what is run behind it come from, so that they can't be known here.
    Secrets,
    /// Something that says where else it may be aimed at, and can't be followed here: a service, a tunnel, a cache.
    Alias,
}

/// How a file is read.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Lines `NAME=value`, as the `dotenv` libraries read them.
    Dotenv,
    /// `[section]` and `key = value`; the section may hold dots.
    Ini,
    /// JSON.
    Json,
    /// YAML.
    Yaml,
    /// Its first line is the value.
    Line,
    /// A schema of Prisma: the addresses of its `datasource`.
    Prisma,
}

/// Words that say what an environment is.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// The environment: `production`, `local`, `scratch`.
    pub name: Text,
    /// Words in a name that say so: `shop-prod-eu` has `prod`. A number at the end of a word doesn't count.
    #[serde(default)]
    pub word: List<Text>,
    /// Not if one of these words stands in front of it: `pre-prod`.
    #[serde(default)]
    pub after: List<Text>,
    /// Not if one of these words stands behind it: `prod-like`.
    #[serde(default)]
    pub before: List<Text>,
    /// Globs for whole names of contexts.
    #[serde(default)]
    pub context: List<Text>,
    /// Globs for paths of sockets.
    #[serde(default)]
    pub socket: List<Text>,
}

/// Where that lies what a rule says is lost.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Within {
    /// In the database, the file, the context that is named.
    Target,
    /// On the server, beyond the database that is named.
    Server,
    /// It is what the statement itself names, wherever the client is connected on that server.
    Object,
}

debug_as_path! {
    Is {
        Host, Url, Database, Path, Context, Cluster, Namespace, Profile, Account, Workspace, Environment, Variable, File,
        Settings, Secrets, Alias
    }
    Format { Dotenv, Ini, Json, Yaml, Line, Prisma }
    Within { Target, Server, Object }
}
