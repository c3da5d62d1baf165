//! The tables of the rule language that say how calls are read.

use super::commands::Commands;
pub use super::effects::*;
pub use super::facts::Fact;
pub use super::recipes::Recipes;
pub use super::sends::Sends;
use super::target::Target;
use super::text::{List, Names, Text};
use serde::Deserialize;

/// Gives enums a `Debug` form that is a Rust expression, for `build.rs`, and has them packed.
macro_rules! debug_as_path {
    ($($type:ident { $($name:ident),* })*) => { $(
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(match self { $(Self::$name => concat!(stringify!($type), "::", stringify!($name))),* })
            }
        }
        impl crate::rules::packed::Kind for $type {
            const ALL: &'static [Self] = &[$(Self::$name),*];
        }
    )* };
}
pub(super) use debug_as_path;

/// How words are told from options.
#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// `-abc` is three flags, `--long=value`, long options may be abbreviated, options may follow operands.
    #[default]
    Gnu,
    /// `-long` and `--long` are the same, no clusters (Go's `flag`: terraform, packer; also Java tools).
    Single,
    /// No options: every word is an operand (`echo`, `test`).
    Plain,
    /// `find`: starting points, then an expression with `-exec … ;`.
    Find,
    /// `key=value` operands (`dd`): each is read as the option `key`.
    Keys,
    /// `/s /q` as well as `-s` (cmd.exe programs), case ignored.
    Windows,
    /// PowerShell: `-Recurse`, `-rec`, `-Recurse:$false`: any start of a name, case ignored; operands have names too.
    Powershell,
}

/// What an option that the table doesn't name might be.
#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Unknown {
    /// It may take the next word as its value, or not: both readings count, the worse one decides.
    #[default]
    Either,
    /// It takes none.
    Flag,
    /// Long ones take one, unless the table names them in `flags` or they begin with `--no-`.
    Value,
}

/// How the command line of a program is read.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// Its names; a `*` at the end is allowed.
    pub name: List<Text>,
    /// How words are told from options.
    #[serde(default)]
    pub style: Style,
    /// Options that take a value.
    #[serde(default)]
    pub values: Names,
    /// Options that take none.
    #[serde(default)]
    pub flags: Names,
    /// What any other option might be.
    #[serde(default)]
    pub unknown: Unknown,
    /// Options end at the first operand (wrappers: `sudo`, `env`, `timeout`, `ssh`).
    #[serde(default)]
    pub options_first: bool,
    /// The first word may be a cluster of options without its dash (`tar xzf`); their values follow in order.
    #[serde(default)]
    pub bundled: bool,
    /// PowerShell: the parameters that operands are, in their order.
    #[serde(default)]
    pub positions: List<Text>,
    /// PowerShell: what comes through the pipe is the value of the first of these parameters, if none of them is given.
    #[serde(default)]
    pub pipe: List<Text>,
    /// What holds behind a subcommand only.
    #[serde(default)]
    pub sub: List<Sub>,
    /// Words that are carried to another reader.
    #[serde(default)]
    pub carries: List<Carrier>,
    /// What it does to files that its words name.
    #[serde(default)]
    pub effects: List<Effect>,
    /// What `$(…)` of it is known to give.
    #[serde(default)]
    pub prints: List<Prints>,
    /// Feeds a yes to whatever reads it (`yes |`).
    #[serde(default)]
    pub confirms: bool,
    /// It does nothing but make what its operands name, new and empty (`mkdir`): it moves nothing there.
    #[serde(default)]
    pub makes: bool,
    /// Programs whose work it takes back: with the same operand, it takes away what they have made (`dropdb`, `createdb`).
    #[serde(default)]
    pub unmakes: List<Text>,
    /// Operands are names of variables that it sets to something that can't be known (`read`).
    #[serde(default)]
    pub assigns: bool,
    /// Options that name the directory in which it works (`git -C`, `terraform -chdir`).
    #[serde(default)]
    pub directory: List<Text>,
    /// The words behind it run on another machine or in a container: paths there are not paths here.
    #[serde(default)]
    pub elsewhere: bool,
    /// What is behind it may see another root directory.
    #[serde(default)]
    pub reroots: bool,
    /// Where it says what it is aimed at, in the order in which it believes that.
    #[serde(default)]
    pub target: List<Target>,
    /// What is behind it sees the same variables and the same machine, and reads no further files for that.
    #[serde(default)]
    pub keeps: bool,
    /// Options with which that isn't so (`env -u`).
    #[serde(default)]
    pub drops: List<Text>,
    /// Subcommands and options with which it makes a port of this machine lead to another one (`ssh -L`); `*`: always.
    #[serde(default)]
    pub tunnels: List<Text>,
    /// How it sends an HTTP request.
    #[serde(default)]
    pub request: List<Sends>,
    /// What it copies, moves or backs up, for a session to remember.
    #[serde(default)]
    pub copies: List<Copies>,
    /// How sure the table is: `help` (all of it stands in the tool's own help), `part` (some of it does), `docs`, or
    /// nothing (working knowledge).
    #[serde(default)]
    pub checked: Text,
}

/// Options that belong to a subcommand.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Sub {
    /// The subcommands.
    pub command: Commands,
    /// Options that take a value there.
    #[serde(default)]
    pub values: Names,
    /// Options that take none there.
    #[serde(default)]
    pub flags: Names,
}

/// A language that another reader reads.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Hash)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// A shell script, as bash reads it.
    Shell,
    /// The words of one command: program and arguments, no shell in between.
    Command,
    /// SQL of any dialect.
    Sql,
    /// Python.
    Python,
    /// JavaScript or TypeScript.
    Javascript,
    /// Ruby.
    Ruby,
    /// Perl.
    Perl,
    /// PHP.
    Php,
    /// awk.
    Awk,
    /// sed.
    Sed,
    /// PowerShell.
    Powershell,
    /// cmd.exe.
    Cmd,
    /// PowerShell, as UTF-16 in base64 (`-EncodedCommand`).
    Encoded,
    /// A MongoDB shell script.
    Mongo,
    /// A Redis command.
    Redis,
    /// An HTTP request: the method in `method`, the address in `url` or `path`.
    Http,
    /// GraphQL.
    Graphql,
    /// Commands of ed, ex and vim.
    Ex,
    /// Options of the program itself, one a line, as curl reads them.
    Options,
    /// A file name, or a shell command where `|` stands at its beginning or its end (Perl's and Ruby's `open`).
    Pipe,
    /// The name of an MCP tool that is called; what it is called with stands beside it (`arguments`, `params` …).
    Tool,
    /// Something that is run and that no reader here reads (Lua, R, AppleScript …).
    Opaque,
    /// The name of commands that stand in a table of a JSON, TOML or YAML file (`scripts` of package.json).
    Script,
    /// A target of a Makefile.
    Goal,
    /// A recipe of a justfile.
    Recipe,
    /// A process of a Procfile.
    Process,
    /// A service of a compose file: its command, in its container.
    Service,
}

/// Something in a command line or an MCP call that is read by another reader.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Carrier {
    /// What it is written in.
    #[serde(rename = "as")]
    pub language: Language,
    /// Only behind these subcommands.
    #[serde(default)]
    pub command: Commands,
    /// Not behind these subcommands.
    #[serde(default)]
    pub except: Commands,
    /// The value of one of these options. With `as = "command"`, the operands behind it are its arguments.
    #[serde(default)]
    pub option: List<Text>,
    /// The operands from this one on, counted behind the subcommand from 0.
    #[serde(default)]
    pub operand: Option<u8>,
    /// Whatever follows this word (`--`).
    #[serde(default)]
    pub after: Text,
    /// What it reads from standard input.
    #[serde(default)]
    pub stdin: bool,
    /// The named things are files that hold it.
    #[serde(default)]
    pub file: bool,
    /// Only where none of these options is given.
    #[serde(default)]
    pub without: List<Text>,
    /// Only where one of these options is given.
    #[serde(default)]
    pub with: List<Text>,
    /// Only where there are no operands behind the subcommand.
    #[serde(default)]
    pub alone: bool,
    /// Only that one operand holds it; those behind it are its positional arguments (`sh -c 'script' name args`).
    #[serde(default)]
    pub one: bool,
    /// More arguments, which can't be known, are added at the end (`xargs`).
    #[serde(default)]
    pub appends: bool,
    /// Leading `NAME=value` words are assignments (`env`, `sudo`).
    #[serde(default)]
    pub assigns: bool,
    /// The values of these options are assignments.
    #[serde(default)]
    pub sets: List<Text>,
    /// It runs in a container that is made for it; these options mount something there.
    #[serde(default)]
    pub mounts: List<Text>,
    /// Options with which that container shares more with this machine than its mounts.
    #[serde(default)]
    pub shares: List<Text>,
    /// The option that names the working directory there.
    #[serde(default)]
    pub workdir: List<Text>,
    /// The first word names a package, perhaps with a version (`npx prisma@6`).
    #[serde(default)]
    pub package: bool,
    /// MCP: the arguments that hold it (names, compared without case, `_` and `-`; `*` at either end).
    #[serde(default)]
    pub argument: List<Text>,
    /// Of a package: the program that it brings (`@railway/cli`: `railway`). MCP, `shell` and `command`: the arguments are
    /// those of this program; it is put in front unless it is there.
    #[serde(default)]
    pub program: Text,
    /// Where what is named is written down (`as = "script"`, `"goal"`, `"recipe"`, `"process"`, `"service"`).
    #[serde(default)]
    pub recipes: Option<Recipes>,
    /// Options behind the name are the program's own, unless `--` stands before them (`npm run x -- --force`).
    #[serde(default)]
    pub dashes: bool,
    /// Only where nothing that the program names was found in the files of `recipes`: what isn't a script is a program.
    #[serde(default)]
    pub otherwise: bool,
}

/// What `$(…)` of a program is known to give.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Prints {
    /// Only with these subcommands.
    #[serde(default)]
    pub command: Commands,
    /// Only with one of these options.
    #[serde(default)]
    pub with: List<Text>,
    /// Only without all of these options.
    #[serde(default)]
    pub without: List<Text>,
    /// What it gives.
    pub gives: Gives,
}

/// What `$(…)` of a program gives.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Gives {
    /// Its operands, as `echo` does.
    Operands,
    /// Its first operand with the others filled in, as `printf` does.
    Format,
    /// The working directory.
    Cwd,
    /// The root of the project.
    Project,
    /// A new path below the temporary folder.
    Temp,
    /// Shell code that only sets up the environment (`mise activate`): harmless to `eval`.
    Setup,
    /// What it reads on standard input, or its operands' files (`cat`).
    Stdin,
    /// Nothing (`true`).
    Nothing,
    /// One word without `/`, that can't lead out of a directory and is never empty (`date`, `nproc`).
    Name,
    /// The paths of what it finds by name (`find -name`).
    Found,
    /// The directory that its operand lies in (`dirname`).
    Parent,
    /// Its operand as an absolute path (`realpath`, `readlink -f`).
    Path,
    /// The path of the program that its operand names (`which`): its name below a `bin` folder that isn't known.
    Program,
    /// PowerShell: what comes through the pipe (`Where-Object`).
    Input,
    /// PowerShell: its operands as one path (`Join-Path`).
    Joined,
}

/// How the arguments of an MCP tool are read.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Names of tools, in lower snake case, `*` at either end; none: every tool that no other table names.
    #[serde(default)]
    pub name: List<Text>,
    /// What the arguments carry.
    #[serde(default)]
    pub carries: List<Carrier>,
    /// What it does to files that its arguments name.
    #[serde(default)]
    pub effects: List<Effect>,
    /// It acts on another machine or in a container: paths there are not paths here.
    #[serde(default)]
    pub elsewhere: bool,
    /// Where it says what it is aimed at.
    #[serde(default)]
    pub target: List<Target>,
}

/// A call in source code that does something.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CodeCall {
    /// The languages.
    pub language: List<Language>,
    /// The names that are called: `shutil.rmtree`, or `*.delete_many` for a method of anything.
    pub name: List<Text>,
    /// Not where one of these is called in the same chain, before it or behind it: what picks some (`where`, `eq`).
    #[serde(default)]
    pub without: List<Text>,
    /// What it does to the file that its first argument names.
    #[serde(default)]
    pub does: Option<Does>,
    /// It reaches everything below.
    #[serde(default)]
    pub recursive: bool,
    /// What its first argument is written in.
    #[serde(default, rename = "as")]
    pub carries: Option<Language>,
    /// Which argument counts, from 0.
    #[serde(default)]
    pub argument: u8,
    /// Matches rules with `code = ["…"]`.
    #[serde(default)]
    pub code: Text,
    /// What it gives back, where that has a name or is a path.
    #[serde(default)]
    pub gives: Option<Yields>,
    /// It calls what this argument names (99: what the method is called on), with the arguments from `argument` on.
    #[serde(default)]
    pub calls: Option<u8>,
    /// `as = "command"`: its arguments are words of this program.
    #[serde(default)]
    pub program: Text,
}

/// What a call in code gives back.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Yields {
    /// The module that its first argument names (`require`).
    Module,
    /// The member of its first argument that the second one names (`getattr`).
    Member,
    /// Its argument itself (`promisify`, `list`).
    Itself,
    /// The files that match a pattern.
    Matches,
    /// The entries of a directory.
    Inside,
    /// Everything below a directory.
    Below,
}

/// Words that say what an MCP tool does.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Verb {
    /// The kind, matched by rules with `verb = ["…"]`.
    pub kind: Text,
    /// The words.
    pub words: List<Text>,
}

/// Environment variables that carry code.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// Their names, `*` at either end.
    pub name: List<Text>,
    /// What they hold; nothing: a plain value that changes no program's behaviour for the worse.
    #[serde(rename = "as")]
    pub language: Option<Language>,
}

debug_as_path! {
    Style { Gnu, Single, Plain, Find, Keys, Windows, Powershell }
    Unknown { Either, Flag, Value }
    Gives { Operands, Format, Cwd, Project, Temp, Setup, Stdin, Nothing, Name, Found, Parent, Path, Program, Input, Joined }
    Yields { Module, Member, Itself, Matches, Inside, Below }
    Language { Shell, Command, Sql, Python, Javascript, Ruby, Perl, Php, Awk, Sed, Powershell, Cmd, Encoded, Mongo, Redis, Http, Graphql, Ex, Options, Pipe, Tool, Opaque, Script, Goal, Recipe, Process, Service }
}
